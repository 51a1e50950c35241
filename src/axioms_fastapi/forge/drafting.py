"""From a plan to a draft: the defaults of the issuer or of its provider, and what the request leaves out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from .errors import RequestError
from .id_token import at_hash
from .minting import Mint
from .plan import Plan, Workshop
from .templates import Making

MARKER = "test_issuer"
"""The claim that says, where the forge is told to, that nobody should trust the token."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A plan with the whole header and all claims, ready to be signed."""

    plan: Plan
    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    making: Making

    def id_claims(self, shop: Workshop, access_token: str) -> dict[str, Any]:
        """The claims of the ID token that comes with this access token. Raises RequestError where there is none."""
        profile = shop.here.issuer.profile
        try:
            claims = profile.id_claims(self.claims, self.plan.claims, self.making) if profile else dict(self.claims)
        except LookupError as error:
            raise RequestError(f'"response_type" cannot be "{shop.asked.response_type}": {error.args[0]}.') from None
        if profile is None or profile.has_at_hash:
            claims["at_hash"] = at_hash(access_token, self.plan.key.alg)
        return without(claims, shop)


def draft(plan: Plan, shop: Workshop, *, has_marker: bool) -> Draft:
    """The plan with everything that was not given."""
    making = Making(shop.now, shop.here.iss, plan.key.kid, shop.rng)
    given = _given(plan, shop, has_marker)
    header = {**_own_header(plan, shop, making), **plan.header}
    return Draft(
        replace(plan, claims=given),
        {name: value for name, value in header.items() if f"header.{name}" not in shop.asked.omit},
        without(_claims(given, plan, shop, making), shop),
        making,
    )


def without(claims: dict[str, Any], shop: Workshop) -> dict[str, Any]:
    """The claims apart from those that the request leaves out."""
    omit = shop.asked.omit
    return {name: value for name, value in claims.items() if name not in omit} if omit else claims


def _given(plan: Plan, shop: Workshop, has_marker: bool) -> dict[str, Any]:
    # JWTForge's clients send "" for "yours, please"; every other falsy value is a claim like any other.
    given = {name: value for name, value in plan.claims.items() if value or name not in {"iss", "client_id"}}
    if shop.asked.expires_in is not None:
        given["exp"] = shop.now + shop.asked.expires_in
    return {**given, MARKER: True} if has_marker else given


def _own_header(plan: Plan, shop: Workshop, making: Making) -> dict[str, Any]:
    header, profile = plan.key.header, shop.here.issuer.profile
    if profile is None:
        return header
    del header["typ"]
    return {**header, **profile.protected_header(making)}


def _claims(given: dict[str, Any], plan: Plan, shop: Workshop, making: Making) -> dict[str, Any]:
    profile = shop.here.issuer.profile
    if profile is not None:
        return profile.complete(given, making)
    source = None if shop.asked.seed is None else shop.rng
    return Mint([plan.key], making.iss, clock=lambda: shop.now, random=source).claims(given)
