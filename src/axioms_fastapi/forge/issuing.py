"""From what a request asks for to the token response: presets, modes, defaults, signature, serialization."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from .errors import RequestError
from .id_token import at_hash
from .issuers import Here
from .minting import LIFETIME, Mint
from .modes import MODES
from .odd_keys import odd_signing_keys
from .options import one_of
from .plan import Plan, Workshop
from .serialization import Signed, flattened, general, sign
from .signing import SigningKey, to_json
from .templates import Making
from .token_request import TokenRequest
from .vulnerabilities import VULNERABILITIES

if TYPE_CHECKING:
    from .forge import Forge

MARKER = "test_issuer"
"""The claim that says, where the forge is told to, that nobody should trust the token."""

_CHANCE = random.SystemRandom()


@dataclass(frozen=True, slots=True)
class _Draft:
    """A plan with all its claims, ready to be signed."""

    plan: Plan
    claims: Mapping[str, Any]
    header: Mapping[str, Any]
    making: Making


def issue(forge: "Forge", here: Here, asked: TokenRequest) -> dict[str, Any]:
    """The token response that this request gets from this issuer. Raises RequestError for what cannot be done."""
    if asked.profile is not None:
        one_of(forge.issuers.profiles)("profile", asked.profile)
        if here.issuer.profile is None or here.issuer.profile.name != asked.profile:
            here = Here(here.server, forge.issuers.profiles[asked.profile])
    # One reading of the clock for all, or `expires_in` could differ from `exp` by a second.
    now = int(forge.clock())
    rng = _CHANCE if asked.seed is None else random.Random(asked.seed)  # noqa: S311 - repeatable, and no secret
    plan = Plan(dict(asked.header), dict(asked.claims), asked.signature, _key(here, asked), asked.format)
    shop = Workshop(asked, here, forge.attacker, now, rng)
    if asked.vulnerability is not None:
        VULNERABILITIES[asked.vulnerability](plan, shop)
    MODES[asked.mode](plan, shop)
    draft = _complete(plan, shop, forge.has_marker)
    try:
        return _response(draft, shop, _tokens(forge, draft, shop))
    except (ValueError, RecursionError):
        # Python's own limits: nesting, an integer of thousands of digits, half a character.
        raise RequestError("The claims are too deep or too large to be written into a token.") from None


def _key(here: Here, asked: TokenRequest) -> SigningKey:
    keys = here.issuer.keys
    try:
        if asked.key is not None:
            return odd_signing_keys().get(asked.key) or keys.named(asked.key)
        if asked.secret is not None:
            return SigningKey.from_secret(
                asked.secret.encode("utf-8", "surrogatepass"), asked.algorithm or "HS256", kid="given-secret"
            )
        if asked.algorithm is not None:
            return keys.for_algorithm(asked.algorithm)
        if asked.kty == "OKP":
            return keys.for_algorithm("EdDSA")
        return keys.select(asked.kty)
    except LookupError as error:
        name = "key" if asked.key is not None else "kty"
        raise RequestError(f'"{name}" is not available: {error.args[0]}.') from None


def _complete(plan: Plan, shop: Workshop, has_marker: bool) -> _Draft:
    asked, profile = shop.asked, shop.here.issuer.profile
    making = Making(shop.now, shop.here.iss, plan.key.kid, shop.rng)
    # JWTForge's clients send "" for "yours, please"; every other falsy value is a claim like any other.
    given = {name: value for name, value in plan.claims.items() if value or name not in {"iss", "client_id"}}
    if asked.expires_in is not None:
        given["exp"] = shop.now + asked.expires_in
    if has_marker:
        given[MARKER] = True
    own = profile.protected_header(making) if profile else {}
    key_header = plan.key.header
    if profile:
        key_header.pop("typ")
        claims = profile.complete(given, making)
    else:
        source = None if asked.seed is None else shop.rng
        claims = Mint([plan.key], shop.here.iss, clock=lambda: shop.now, random=source).claims(given)
    if asked.omit:
        claims = {name: value for name, value in claims.items() if name not in asked.omit}
    header = {**key_header, **own, **plan.header}
    header = {name: value for name, value in header.items() if f"header.{name}" not in asked.omit}
    return _Draft(replace(plan, claims=given), claims, header, making)


def _tokens(forge: "Forge", draft: _Draft, shop: Workshop) -> dict[str, Any]:
    # An ID token asked for alone carries the hash of the access token that would have come with it: without
    # `at_hash` nothing would tell the two kinds apart where they share `aud` and `typ`.
    asked, plan = shop.asked, draft.plan
    payload = to_json(draft.claims) if asked.raw_payload is None else asked.raw_payload
    tokens: dict[str, Any] = {}
    if asked.opaque:
        access, access_text = None, forge.opaque.issue(draft.claims)
    else:
        access = _sign(plan, draft.header, asked, payload)
        access_text = access.compact
    if "token" in asked.response_types:
        tokens["access_token"] = access_text if access is None else _serialized(draft, asked, access, payload)
    if "id_token" in asked.response_types:
        claims = {**_id_claims(draft, shop), **_at_hash(draft, shop, access_text)}
        payload = to_json({name: value for name, value in claims.items() if name not in asked.omit})
        tokens["id_token"] = _serialized(draft, asked, _sign(plan, draft.header, asked, payload), payload)
    return tokens


def _id_claims(draft: _Draft, shop: Workshop) -> dict[str, Any]:
    profile = shop.here.issuer.profile
    if profile is None:
        return dict(draft.claims)
    try:
        return profile.id_claims(draft.claims, draft.plan.claims, draft.making)
    except LookupError as error:
        raise RequestError(f'"response_type" cannot be "{shop.asked.response_type}": {error.args[0]}.') from None


def _at_hash(draft: _Draft, shop: Workshop, access_token: str) -> dict[str, str]:
    profile = shop.here.issuer.profile
    return {"at_hash": at_hash(access_token, draft.plan.key.alg)} if profile is None or profile.has_at_hash else {}


def _sign(plan: Plan, header: Mapping[str, Any], asked: TokenRequest, payload: str) -> Signed:
    protected = to_json(header) if asked.raw_header is None else asked.raw_header
    return sign(plan.key, protected.encode("utf-8"), payload.encode("utf-8"), plan.signature)


def _serialized(draft: _Draft, asked: TokenRequest, signed: Signed, payload: str) -> str | dict[str, Any]:
    if draft.plan.format == "compact":
        return signed.compact
    if draft.plan.format == "flattened":
        return flattened(signed, asked.confusion)
    entries = asked.signatures or ({"signature": draft.plan.signature},)
    return general(draft.plan.key, draft.header, payload.encode("utf-8"), entries, asked.confusion)


def _response(draft: _Draft, shop: Workshop, tokens: Mapping[str, Any]) -> dict[str, Any]:
    scope = draft.claims.get("scope")
    response = {
        "token_type": "Bearer",
        "expires_in": _lifetime(draft.claims.get("exp"), shop.now),
        "algorithm": draft.plan.key.alg,
        "key_id": draft.plan.key.kid,
        "format": "opaque" if shop.asked.opaque else draft.plan.format,
        **tokens,
    }
    return response if not isinstance(scope, str) else {**response, "scope": scope}


def _lifetime(exp: Any, now: int) -> int:
    if isinstance(exp, int | float) and not isinstance(exp, bool) and abs(exp) < 10**15:
        return int(exp) - now
    return LIFETIME
