"""What providers' ID tokens look like, after their own documentation and code, by the name of the profile.

`at_hash` and `nonce` are left out wherever a flow of the provider issues an ID token without them: what tells one from an
access token has to hold without.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

GUID = "11111111-2222-3333-4444-555555555555"


@dataclass(frozen=True)
class IdToken:
    """The claims of an ID token besides iss, iat and exp.

    `alike` where nothing but its audience tells it from an access token of the provider; its page says so.
    """

    claims: Mapping[str, Any]
    alike: bool = False


_AUTH0 = IdToken(
    {
        "sub": "auth0|6553",
        "aud": "cid0",
        "name": "Jane",
        "email": "jane@example.com",
        "email_verified": True,
        "updated_at": "2025-01-01T00:00:00.000Z",
        "https://example.com/roles": ["admin"],
        "org_id": "o",
        "sid": "s",
    }
)
_ENTRA_V2 = IdToken(
    {
        "sub": "AAAAAA",
        "aud": "75dbe77f",
        "oid": "690222be",
        "tid": GUID,
        "ver": "2.0",
        "name": "Jane",
        "preferred_username": "jane@example.com",
        "roles": ["Admin"],
        "rh": "I",
        "uti": "u1",
        "sid": "s",
    }
)
_ENTRA_V1 = IdToken(
    {
        "sub": "l3_r",
        "aud": "75dbe77f",
        "oid": "0222",
        "tid": GUID,
        "ver": "1.0",
        "amr": ["pwd"],
        "unique_name": "jane@example.com",
        "ipaddr": "192.0.2.1",
        "upn": "jane@example.com",
    }
)
_KEYCLOAK = IdToken(
    {
        "sub": "f3b1",
        "aud": "frontend",
        "azp": "frontend",
        "typ": "ID",
        "jti": "j",
        "sid": "s",
        "acr": "1",
        "auth_time": 1,
        "email_verified": True,
        "preferred_username": "jane",
    }
)
_ZITADEL = IdToken(
    {
        "sub": "7777",
        "aud": ["69234@acme", "69234237810729019", "69234"],
        "azp": "69234@acme",
        "client_id": "69234@acme",
        "amr": ["pwd"],
        "auth_time": 1,
        "sid": "V1_1",
        "urn:zitadel:iam:org:project:roles": {"admin": {"id1": "acme.zitadel.cloud"}},
    }
)

# A text where there is none to refuse: why.
ID_TOKENS: Mapping[str, IdToken | str] = {
    "auth0": _AUTH0,
    "auth0, RFC 9068 profile": _AUTH0,
    "cognito": IdToken(
        {
            "sub": "aaaaaaaa-bbbb",
            "aud": "57cbishk4j24",
            "token_use": "id",
            "cognito:username": "jane",
            "cognito:groups": ["admin"],
            "email": "jane@example.com",
            "email_verified": True,
            "origin_jti": "o1",
            "event_id": "e1",
            "auth_time": 1,
            "jti": "j1",
        }
    ),
    "okta": IdToken(
        {
            "sub": "00u1",
            "aud": "0oa1",
            "ver": 1,
            "jti": "ID.x",
            "amr": ["pwd"],
            "idp": "00o1",
            "auth_time": 1,
            "preferred_username": "jane@example.com",
            "groups": ["Everyone"],
        }
    ),
    "entra v2": _ENTRA_V2,
    "entra v1": _ENTRA_V1,
    "entra, several tenants": _ENTRA_V2,
    "entra, application only": _ENTRA_V2,
    "entra, groups left out for their size": _ENTRA_V2,
    "keycloak": _KEYCLOAK,
    "keycloak, roles of a client": _KEYCLOAK,
    "google": "the ID token is the credential",
    "firebase": "the ID token is the credential",
    "iap": "the ID token is the credential",
    # Of its OAuth server; session tokens come with none.
    "supabase": IdToken(
        {"sub": "123e4567", "aud": "9a8b7c6d", "auth_time": 1, "email": "jane@example.com", "email_verified": True},
        alike=True,
    ),
    # Of Clerk as an identity provider for others; session tokens come with none.
    "clerk": IdToken({"sub": "user_123", "aud": "client_1", "email": "jane@example.com", "jti": "j"}),
    "workos": IdToken({"sub": "user_01", "aud": "client_01", "org_id": "org_01", "email": "jane@example.com"}),
    "hydra": IdToken(
        {"sub": "u", "aud": ["c"], "jti": "j", "rat": 1, "auth_time": 1, "sid": "s", "acr": "0", "roles": ["admin"]}
    ),
    "zitadel": _ZITADEL,
    "zitadel, roles of the project": _ZITADEL,
    "authentik": IdToken(
        {"sub": "hash", "aud": "clientid", "acr": "a", "amr": ["pwd"], "auth_time": 1, "sid": "s", "groups": ["admins"]}
    ),
    "pingfederate": IdToken({"sub": "joe", "aud": "c", "jti": "j", "acr": "a", "auth_time": 1}, alike=True),
    "kubernetes": "there is none",
    "github actions": "there is none",
}
