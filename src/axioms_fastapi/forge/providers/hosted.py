"""Services that one signs up for."""

from ..profiles import GONE, GROUPS, JANE, ROLES, SCOPE, UUID, Place, Profile, Shape
from ..templates import At, Fresh

COGNITO = Profile(
    name="cognito",
    settings={"AXIOMS_PROVIDER": "cognito", "AXIOMS_AUDIENCE": "57cbishk4j24"},
    iss="https://cognito-idp.us-west-2.amazonaws.com/us-west-2_example",
    path="/us-west-2_example",
    jwks="/us-west-2_example/.well-known/jwks.json",
    typ=None,
    times={"auth_time": At(0), "iat": At(0), "exp": At(3600)},
    claims={
        "sub": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
        "client_id": "57cbishk4j24",
        "origin_jti": UUID,
        "event_id": UUID,
        "token_use": "access",
        "jti": UUID,
        "username": "jane",
    },
    alike={"scope": SCOPE, "roles": Place(("cognito:groups",), Shape.LIST)},
    id_token={
        "token_use": "id",
        "aud": "57cbishk4j24",
        "cognito:username": "jane",
        "email": "jane@example.com",
        "client_id": GONE,
        "scope": GONE,
        "username": GONE,
    },
)

OKTA = Profile(
    name="okta",
    settings={"AXIOMS_PROVIDER": "okta"},
    iss="https://acme.okta.com/oauth2/default",
    path="/oauth2/default",
    jwks="/oauth2/default/v1/keys",
    typ=None,
    times={"iat": At(0), "exp": At(3600), "auth_time": At(0)},
    claims={
        "ver": 1,
        "jti": Fresh("AT.{}"),
        "aud": "api://default",
        "cid": "0oa1",
        "uid": "00u1",
        "scp": ["openid"],
        "sub": "jane@example.com",
    },
    alike={
        "scope": Place(("scp",), Shape.LIST),
        "client_id": Place(("cid",), Shape.FIRST),
        "roles": GROUPS,
        "groups": GROUPS,
    },
    id_token={
        **JANE,
        "sub": "00u1",
        "aud": "0oa1",
        "jti": Fresh("ID.{}"),
        "nonce": UUID,
        "amr": ["pwd"],
        "idp": "00o1",
        "cid": GONE,
        "uid": GONE,
        "scp": GONE,
    },
)

SUPABASE = Profile(
    name="supabase",
    settings={"AXIOMS_PROVIDER": "supabase"},
    iss="https://abcd.supabase.co/auth/v1",
    path="/auth/v1",
    jwks="/auth/v1/.well-known/jwks.json",
    alg="ES256",
    claims={
        "sub": "123e4567-e89b-12d3-a456-426614174000",
        "aud": "authenticated",
        "role": "authenticated",
        "aal": "aal1",
        "session_id": UUID,
        "email": "jane@example.com",
        "phone": "",
        "is_anonymous": False,
        "app_metadata": {"provider": "email"},
        "user_metadata": {"name": "Jane"},
        "amr": [{"method": "password", "timestamp": At(0)}],
    },
    alike={"roles": Place(("app_metadata", "roles"), Shape.LIST)},
    id_token={"aud": "client-1", "nonce": UUID, "role": GONE, "app_metadata": GONE, "session_id": GONE},
)

CLERK_V2 = Profile(
    name="clerk-v2",
    settings={"AXIOMS_PROVIDER": "clerk", "AXIOMS_AUDIENCE": "https://app.example.com"},
    iss="https://clerk.example.com",
    path="",
    jwks="/.well-known/jwks.json",
    times={"iat": At(0), "nbf": At(-10), "exp": At(60)},
    claims={
        "sub": "user_123",
        "azp": "https://app.example.com",
        "sid": "sess_1",
        "jti": UUID,
        "v": 2,
        "fva": [7, -1],
        "pla": "u:free,o:pro",
        "fea": "o:dashboard",
        "o": {"id": "org_1", "slg": "acme", "rol": "member", "per": "read,manage", "fpm": "3"},
    },
    alike={"roles": Place(("o", "rol"), Shape.FIRST), "permissions": Place(("o", "per"), Shape.COMMAS)},
    id_token={**JANE, "aud": "client-1", "nonce": UUID, "azp": "client-1", "o": GONE, "fea": GONE, "pla": GONE},
)

WORKOS = Profile(
    name="workos",
    settings={"AXIOMS_PROVIDER": "workos"},
    iss="https://api.workos.com",
    path="",
    jwks="/sso/jwks/client_01",
    typ=None,
    claims={
        "sub": "user_01",
        "org_id": "org_01",
        "role": "member",
        "roles": ["member"],
        "permissions": [],
        "entitlements": ["audit-logs"],
        "sid": "session_01",
        "jti": UUID,
    },
    alike={"roles": ROLES, "permissions": Place(("permissions",), Shape.LIST)},
    id_token={**JANE, "aud": "client_01", "nonce": UUID, "role": GONE, "roles": GONE, "permissions": GONE},
)

ZITADEL = Profile(
    name="zitadel",
    settings={"AXIOMS_PROVIDER": "zitadel"},
    iss="https://acme.zitadel.cloud",
    path="",
    jwks="/oauth/v2/keys",
    typ=None,
    claims={"sub": "7777", "aud": ["69234@acme", "69234237810729019"], "azp": "69234@acme", "jti": UUID},
    alike={"roles": Place(("urn:zitadel:iam:org:project:roles",), Shape.OBJECT)},
    id_token={**JANE, "auth_time": At(0), "nonce": UUID, "amr": ["pwd"], "jti": GONE},
)

PROFILES = (
    COGNITO,
    OKTA,
    SUPABASE,
    CLERK_V2,
    WORKOS,
    ZITADEL,
)
