"""The forge as an ASGI application: its features, one file each, around one `Forge`."""

import time
from collections.abc import Callable, Iterable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from . import control, documents, index, introspection, login, openapi, revocation, token_endpoint
from .cors import OpenCORS
from .errors import RequestError, answer_refusal, answer_unroutable
from .features import Feature, MakeFeature
from .forge import Forge
from .grants import client_credentials, token_exchange
from .keys import ForgeKeys
from .mutation import endpoint as mutation
from .request_log import RecordRequests
from .routing import ByIssuer

FEATURES: tuple[MakeFeature, ...] = (
    token_endpoint.feature,
    documents.feature,
    client_credentials.feature,
    token_exchange.feature,
    mutation.feature,
    introspection.feature,
    revocation.feature,
    control.feature,
    openapi.feature,
    login.feature,
    index.feature,
)
"""What every forge can do. A new feature is a new file, and a line here."""


def create_app(
    issuer: str | None = None,
    keys: ForgeKeys | None = None,
    *,
    clock: Callable[[], float] = time.time,
    profile: str | None = None,
    issuers: Iterable[str] = (),
    tenants: str | None = None,
    marker: bool = False,
    features: Iterable[MakeFeature] = (),
) -> Starlette:
    """An issuer of its own, ready to be served or called in process; two of them share nothing.

    `issuer` is the default `iss`, exactly as written; without it a token names the origin that its request was
    sent to. `keys` are generated where none are given. `clock` returns seconds since the epoch. `profile`, `issuers`,
    `tenants` and `marker` are those of `Forge`, which `app.state.forge` is. `features` come before the forge's own, and
    so may take their routes. Raises ValueError for a profile, a path or a template that is none.
    """
    forge = Forge(issuer, keys, clock=clock, profile=profile, issuers=issuers, tenants=tenants, marker=marker)
    return serve_forge(forge, features)


def serve_forge(forge: Forge, features: Iterable[MakeFeature] = ()) -> Starlette:
    """The ASGI application of a forge."""
    made: list[Feature] = [make(forge) for make in (*features, *FEATURES)]
    for feature in made:
        forge.add(feature)
    app = Starlette(
        routes=[route for feature in made for route in feature.routes],
        middleware=[
            Middleware(RecordRequests, log=forge.requests, clock=forge.clock),
            Middleware(OpenCORS),
            Middleware(ByIssuer, issuers=forge.issuers),
        ],
        exception_handlers={HTTPException: answer_unroutable, RequestError: answer_refusal},
    )
    app.router.redirect_slashes = False
    app.state.forge = forge
    return app
