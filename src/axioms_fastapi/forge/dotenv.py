"""The `.env` of an application that is to trust an issuer of this forge."""

from .issuers import Here
from .minting import DEFAULT_AUDIENCE


def dotenv(here: Here) -> dict[str, str]:
    """The settings by which such an application accepts the issuer's tokens, and finds their roles."""
    profile = here.issuer.profile
    aud: object = DEFAULT_AUDIENCE if profile is None else profile.claims.get("aud")
    first = aud[0] if isinstance(aud, list) and aud else aud
    return {
        "AXIOMS_AUDIENCE": first if isinstance(first, str) else DEFAULT_AUDIENCE,
        "AXIOMS_ISS_URL": here.iss,
        "AXIOMS_JWKS_URL": here.jwks_uri,
        **({} if profile is None else profile.settings),
    }


def claims_to_ask_for(here: Here) -> dict[str, str]:
    """What a token of this issuer has to be asked for, so that such an application accepts it: an audience, where it has none."""
    profile = here.issuer.profile
    if profile is not None and (profile.claims.get("aud") or "AXIOMS_AUDIENCE" in profile.settings):
        return {}
    audience = dotenv(here)["AXIOMS_AUDIENCE"]
    return {"aud": audience} if profile is not None else {"iss": here.iss, "aud": audience, "sub": "user123"}
