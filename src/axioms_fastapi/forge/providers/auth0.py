"""Auth0: both token profiles, and a machine's token."""

from dataclasses import replace

from ..profiles import AZP, GONE, JANE, SCOPE, UUID, Place, Profile, Shape
from ..templates import OfIssuer

API = "https://api.example.com"

AUTH0 = Profile(
    name="auth0",
    settings={"AXIOMS_PROVIDER": "auth0", "AXIOMS_ROLES_CLAIMS": "https://example.com/roles"},
    iss="https://acme.auth0.com/",
    path="/",
    jwks="/.well-known/jwks.json",
    claims={
        "sub": "auth0|6553",
        "aud": [API, OfIssuer("{}userinfo")],
        "azp": "cid0",
        "permissions": [],
        "org_id": "org_1",
    },
    alike={
        "scope": SCOPE,
        "client_id": AZP,
        "roles": Place(("https://example.com/roles",), Shape.LIST),
        "permissions": Place(("permissions",), Shape.LIST),
    },
    has_at_hash=False,
    id_token={**JANE, "aud": "cid0", "nonce": UUID, "azp": GONE, "permissions": GONE, "scope": GONE},
)

AUTH0_9068 = replace(
    AUTH0,
    name="auth0-9068",
    typ="at+jwt",
    claims={"sub": "auth0|6553", "aud": API, "client_id": "cid0", "jti": UUID},
    alike={name: place for name, place in AUTH0.alike.items() if name != "client_id"},
    id_token={**JANE, "aud": "cid0", "nonce": UUID, "client_id": GONE, "jti": GONE, "scope": GONE},
)

AUTH0_M2M = replace(
    AUTH0,
    name="auth0-m2m",
    claims={"sub": "cid0@clients", "aud": API, "azp": "cid0", "gty": "client-credentials"},
    id_token=None,
)

PROFILES = (AUTH0, AUTH0_9068, AUTH0_M2M)
