"""From what a request asks for to the token response: presets, modes, defaults, signature, serialization."""

import random
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .drafting import Draft, draft
from .errors import RequestError
from .issuers import Here
from .key_choice import chosen_key
from .minting import LIFETIME
from .modes import MODES
from .options import one_of
from .plan import Plan, Workshop
from .serialization import Signed, flattened, general, sign
from .signing import to_json
from .token_request import TokenRequest
from .vulnerabilities import VULNERABILITIES

if TYPE_CHECKING:
    from .forge import Forge

_CHANCE = random.SystemRandom()


def issue(forge: "Forge", here: Here, asked: TokenRequest) -> dict[str, Any]:
    """The token response that this request gets from this issuer. Raises RequestError for what cannot be done."""
    here = _of_profile(forge, here, asked)
    rng = _CHANCE if asked.seed is None else random.Random(asked.seed)  # noqa: S311 - repeatable, and no secret
    # One reading of the clock for all, or `expires_in` could differ from `exp` by a second.
    shop = Workshop(asked, here, forge.attacker, int(forge.clock()), rng)
    plan = Plan(dict(asked.header), dict(asked.claims), asked.signature, chosen_key(here, asked), asked.format)
    if asked.vulnerability is not None:
        VULNERABILITIES[asked.vulnerability](plan, shop)
    MODES[asked.mode](plan, shop)
    drafted = draft(plan, shop, has_marker=forge.has_marker)
    try:
        return _response(drafted, shop, _tokens(forge, drafted, shop))
    except (ValueError, RecursionError):
        # Python's own limits: nesting, an integer of thousands of digits, half a character.
        raise RequestError("The claims are too deep or too large to be written into a token.") from None


def _of_profile(forge: "Forge", here: Here, asked: TokenRequest) -> Here:
    own = here.issuer.profile
    if asked.profile is None or (own is not None and own.name == asked.profile):
        return here
    return Here(here.server, forge.issuers.profiles[one_of(forge.issuers.profiles)("profile", asked.profile)])


def _tokens(forge: "Forge", drafted: Draft, shop: Workshop) -> dict[str, Any]:
    # An ID token asked for alone carries the hash of the access token that would have come with it: without
    # `at_hash` nothing would tell the two kinds apart where they share `aud` and `typ`.
    asked = shop.asked
    payload = to_json(drafted.claims) if asked.raw_payload is None else asked.raw_payload
    signed = None if asked.opaque else _sign(drafted, asked, payload)
    access_token = forge.opaque.issue(drafted.claims) if signed is None else signed.compact
    tokens: dict[str, Any] = {}
    if "token" in asked.response_types:
        tokens["access_token"] = _serialized(drafted, asked, signed, payload) if signed else access_token
    if "id_token" in asked.response_types:
        payload = to_json(drafted.id_claims(shop, access_token))
        tokens["id_token"] = _serialized(drafted, asked, _sign(drafted, asked, payload), payload)
    return tokens


def _sign(drafted: Draft, asked: TokenRequest, payload: str) -> Signed:
    protected = to_json(drafted.header) if asked.raw_header is None else asked.raw_header
    return sign(drafted.plan.key, protected.encode("utf-8"), payload.encode("utf-8"), drafted.plan.signature)


def _serialized(drafted: Draft, asked: TokenRequest, signed: Signed, payload: str) -> str | dict[str, Any]:
    plan = drafted.plan
    if plan.format == "compact":
        return signed.compact
    if plan.format == "flattened":
        return flattened(signed, asked.confusion)
    entries = asked.signatures or ({"signature": plan.signature},)
    return general(plan.key, drafted.header, payload.encode("utf-8"), entries, asked.confusion)


def _response(drafted: Draft, shop: Workshop, tokens: Mapping[str, Any]) -> dict[str, Any]:
    scope = drafted.claims.get("scope")
    return {
        "token_type": "Bearer",
        "expires_in": _lifetime(drafted.claims.get("exp"), shop.now),
        "algorithm": drafted.plan.key.alg,
        "key_id": drafted.plan.key.kid,
        "format": "opaque" if shop.asked.opaque else drafted.plan.format,
        **tokens,
        **({"scope": scope} if isinstance(scope, str) else {}),
    }


def _lifetime(exp: Any, now: int) -> int:
    if isinstance(exp, int | float) and not isinstance(exp, bool) and abs(exp) < 10**15:
        return int(exp) - now
    return LIFETIME
