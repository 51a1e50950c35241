"""Servers that one runs oneself."""

from ..profiles import AZP, GONE, GROUPS, JANE, ROLES, SCOPE, UUID, Place, Profile, Shape
from ..templates import At

KEYCLOAK = Profile(
    name="keycloak",
    settings={"AXIOMS_PROVIDER": "keycloak"},
    iss="https://kc.example.com/realms/acme",
    path="/realms/acme",
    jwks="/realms/acme/protocol/openid-connect/certs",
    odd=("enc",),
    claims={
        "jti": UUID,
        "aud": "account",
        "sub": "f3b1",
        "typ": "Bearer",
        "azp": "frontend",
        "sid": UUID,
        "realm_access": {"roles": ["offline_access"]},
        "resource_access": {"my-api": {"roles": []}, "account": {"roles": ["view-profile"]}},
        "scope": "openid email",
        "preferred_username": "jane",
    },
    alike={"scope": SCOPE, "client_id": AZP, "roles": Place(("realm_access", "roles"), Shape.LIST)},
    id_token={
        **JANE,
        "typ": "ID",
        "aud": "frontend",
        "nonce": UUID,
        "acr": "1",
        "realm_access": GONE,
        "resource_access": GONE,
        "scope": GONE,
    },
)

HYDRA = Profile(
    name="hydra",
    settings={"AXIOMS_PROVIDER": "hydra"},
    iss="https://hydra.example.com/",
    path="/",
    jwks="/.well-known/jwks.json",
    times={"iat": At(0), "nbf": At(0), "exp": At(3600)},
    claims={"sub": "u", "client_id": "c", "aud": [], "scp": [], "ext": {}, "jti": UUID},
    alike={"scope": Place(("scp",), Shape.LIST), "roles": Place(("ext", "roles"), Shape.LIST)},
    id_token={"aud": ["c"], "auth_time": At(0), "nonce": UUID, "client_id": GONE, "scp": GONE, "ext": GONE},
)

AUTHENTIK = Profile(
    name="authentik",
    settings={"AXIOMS_PROVIDER": "authentik"},
    iss="https://auth.example.com/application/o/myapp/",
    path="/application/o/myapp/",
    jwks="/application/o/myapp/jwks/",
    claims={"sub": "hash", "aud": "clientid", "azp": "clientid", "scope": "openid profile", "groups": []},
    alike={"scope": SCOPE, "roles": GROUPS, "groups": GROUPS},
    id_token={**JANE, "nonce": UUID, "auth_time": At(0), "scope": GONE},
)

PINGFED = Profile(
    name="pingfed",
    settings={"AXIOMS_PROVIDER": "pingfederate"},
    iss="https://pf.example.com:9031",
    path="",
    jwks="/pf/JWKS",
    typ=None,
    header={"pi.atm": "1"},
    times={"exp": At(7200)},
    claims={"scope": [], "client_id": "c", "aud": "api", "sub": "joe"},
    alike={"scope": Place(("scope",), Shape.LIST), "roles": ROLES},
    id_token={"aud": "c", "iat": At(0), "jti": UUID, "nonce": UUID, "scope": GONE, "client_id": GONE},
)

PROFILES = (
    KEYCLOAK,
    HYDRA,
    AUTHENTIK,
    PINGFED,
)
