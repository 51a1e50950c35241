"""Protects FastAPI resource servers with JWT access tokens of any OAuth 2.0 / OIDC authorization server."""

from . import providers
from .answers import AxiomsHTTPException
from .app import Axioms, init_axioms, register_axioms_exception_handler
from .core.claims import Claims
from .core.composition import all_of, any_of, none_of
from .core.errors import (
    AccessDenied,
    AuthenticationRequired,
    AxiomsError,
    ConfigurationError,
    InsufficientPermission,
    InsufficientRole,
    InsufficientScope,
    InvalidRequest,
    InvalidToken,
    NotOwner,
    ProviderUnavailable,
    Reason,
    Refusal,
)
from .core.keys import KeyStatus
from .core.policy import Decision, Policy, decide, permissions, roles, scopes
from .core.principal import Principal
from .dependencies import (
    current_principal,
    optional_auth,
    require,
    require_auth,
    require_permissions,
    require_roles,
    require_scopes,
)
from .guard_middleware import GuardMiddleware
from .issuer import Issuer
from .lifespan import KeysMissingAtStartup
from .middleware import AccessTokenMiddleware
from .ownership import check_object_ownership

__all__ = [
    "AccessDenied",
    "AccessTokenMiddleware",
    "AuthenticationRequired",
    "Axioms",
    "AxiomsError",
    "AxiomsHTTPException",
    "Claims",
    "ConfigurationError",
    "Decision",
    "GuardMiddleware",
    "InsufficientPermission",
    "InsufficientRole",
    "InsufficientScope",
    "InvalidRequest",
    "InvalidToken",
    "Issuer",
    "KeyStatus",
    "KeysMissingAtStartup",
    "NotOwner",
    "Policy",
    "Principal",
    "ProviderUnavailable",
    "Reason",
    "Refusal",
    "all_of",
    "any_of",
    "check_object_ownership",
    "current_principal",
    "decide",
    "init_axioms",
    "none_of",
    "optional_auth",
    "permissions",
    "providers",
    "register_axioms_exception_handler",
    "require",
    "require_auth",
    "require_permissions",
    "require_roles",
    "require_scopes",
    "roles",
    "scopes",
]
