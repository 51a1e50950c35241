"""Google: ID tokens that are sent as bearer tokens."""

from ..profiles import Profile
from ..templates import At

GOOGLE_ID = Profile(
    name="google-id",
    settings={"AXIOMS_PROVIDER": "google"},
    iss="https://accounts.google.com",
    path="",
    jwks="/oauth2/v3/certs",
    claims={
        "azp": "1.apps.googleusercontent.com",
        "aud": "1.apps.googleusercontent.com",
        "sub": "1078",
        "hd": "example.com",
        "email": "jane@example.com",
        "email_verified": True,
    },
    id_token={},
)

FIREBASE = Profile(
    name="firebase",
    settings={"AXIOMS_PROVIDER": "firebase"},
    iss="https://securetoken.google.com/proj",
    path="/proj",
    jwks="/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com",
    times={"auth_time": At(0), "iat": At(0), "exp": At(3600)},
    claims={
        "aud": "proj",
        "user_id": "u1",
        "sub": "u1",
        "firebase": {"identities": {}, "sign_in_provider": "password"},
    },
    id_token={},
    has_at_hash=False,
)

IAP = Profile(
    name="iap",
    settings={"AXIOMS_PROVIDER": "iap"},
    iss="https://cloud.google.com/iap",
    path="/iap",
    jwks="/iap/verify/public_key-jwk",
    alg="ES256",
    has_discovery=False,
    times={"iat": At(0), "exp": At(600)},
    claims={
        "aud": "/projects/123/global/backendServices/456",
        "sub": "accounts.google.com:1078",
        "email": "jane@example.com",
    },
)

PROFILES = (
    GOOGLE_ID,
    FIREBASE,
    IAP,
)
