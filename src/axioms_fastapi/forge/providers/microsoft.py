"""Entra ID: user tokens of both versions, an application's own token, and groups that did not fit."""

from dataclasses import replace

from ..profiles import AZP, GONE, GROUPS, JANE, ROLES, UUID, Place, Profile, Shape
from ..templates import At, KeyId

TENANT = "11111111-2222-3333-4444-555555555555"
CLIENT = "75dbe77f-10a3-4e59-85fd-8c127544f17c"

ENTRA_V2 = Profile(
    name="entra-v2",
    settings={"AXIOMS_PROVIDER": "entra"},
    iss=f"https://login.microsoftonline.com/{TENANT}/v2.0",
    path=f"/{TENANT}/v2.0",
    jwks=f"/{TENANT}/discovery/v2.0/keys",
    times={"iat": At(0), "nbf": At(0), "exp": At(3600)},
    claims={
        "aud": "6e74172b-be56-4843-9ff4-e66a39bb12e3",
        "azp": CLIENT,
        "azpacr": "1",
        "oid": "690222be-ff1a-4d56-abd1-7e4f7d38e474",
        "scp": "access_as_user",
        "sub": "HKZpfa",
        "tid": TENANT,
        "uti": UUID,
        "ver": "2.0",
    },
    alike={"scope": Place(("scp",), Shape.TEXT), "client_id": AZP, "roles": ROLES, "groups": GROUPS},
    has_at_hash=False,
    id_token={
        **JANE,
        "aud": CLIENT,
        "preferred_username": "jane@example.com",
        "nonce": UUID,
        "azp": GONE,
        "azpacr": GONE,
        "scp": GONE,
    },
)

ENTRA_V1 = replace(
    ENTRA_V2,
    name="entra-v1",
    settings={"AXIOMS_PROVIDER": "entra"},
    iss=f"https://sts.windows.net/{TENANT}/",
    path=f"/{TENANT}/",
    jwks=f"/{TENANT}/discovery/keys",
    header={"x5t": KeyId()},
    claims={
        "aud": "api://ef1da9d4",
        "appid": "75dbe77f",
        "appidacr": "0",
        "oid": "0222",
        "scp": "user_impersonation",
        "sub": "l3_r",
        "tid": TENANT,
        "ver": "1.0",
    },
    alike={**ENTRA_V2.alike, "client_id": Place(("appid",), Shape.FIRST)},
    id_token={**JANE, "aud": "75dbe77f", "nonce": UUID, "appid": GONE, "appidacr": GONE, "scp": GONE},
)

# An application that acts for itself has roles and no scp, and no user to name in an ID token.
ENTRA_APP = replace(
    ENTRA_V2,
    name="entra-app",
    claims={
        **{name: value for name, value in ENTRA_V2.claims.items() if name != "scp"},
        "idtyp": "app",
        "oid": "0a1b2c3d",
        "roles": ["Data.Read.All"],
        "sub": "0a1b2c3d",
    },
    id_token=None,
)

# More than 200 groups are not in the token, which says where to ask for them.
ENTRA_OVER = replace(
    ENTRA_V2,
    name="entra-over",
    claims={
        **ENTRA_V2.claims,
        "_claim_names": {"groups": "src1"},
        "_claim_sources": {"src1": {"endpoint": "https://graph.example/getMemberObjects"}},
    },
)

PROFILES = (ENTRA_V2, ENTRA_V1, ENTRA_APP, ENTRA_OVER)
