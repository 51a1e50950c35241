"""What of a token holds: its signature by a key set, its issuer, its audience, its dates."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from axioms_fastapi.core.discovery import DiscoveredLocation
from axioms_fastapi.core.encoding import Malformed, parse_json_object
from axioms_fastapi.core.errors import ConfigurationError, InvalidToken
from axioms_fastapi.core.fetch import Certificates, Fetcher, FetchFailed
from axioms_fastapi.core.jose import verify_compact
from axioms_fastapi.issuer import Issuer

from .anatomy import LARGEST, Anatomy
from .moments import in_words

_SECONDS = 5.0


class KeysNotFound(Exception):
    """The keys to verify with cannot be had; the text says why, and what to write."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: whether it holds, and in which words."""

    what: str
    held: bool
    words: str


def keys_from(issuer: str | None, jwks: str | None) -> Mapping[str, Any]:
    """The JWK set of a URL, of a file, or of where the issuer's discovery document says. Raises KeysNotFound."""
    try:
        if jwks is not None and "://" not in jwks:
            return parse_json_object(Path(jwks).read_bytes())
        return asyncio.run(_fetched(issuer, jwks))
    except ConfigurationError as error:
        raise KeysNotFound(str(error).replace("Issuer.url", "--issuer").replace("Issuer.jwks_url", "--jwks")) from None
    except OSError as error:
        raise KeysNotFound(f"--jwks {jwks} cannot be read: {error.strerror}.") from None
    except (Malformed, FetchFailed, httpx2.HTTPError, TimeoutError) as error:
        words = str(error) or type(error).__name__
        raise KeysNotFound(f"The keys of {jwks or issuer} cannot be had: {words}.") from None


async def _fetched(issuer: str | None, jwks: str | None) -> Mapping[str, Any]:
    fetcher = Fetcher(_SECONDS, Certificates())
    if jwks is None:
        assert issuer is not None
        Issuer.check_url("url", issuer)
        jwks = await DiscoveredLocation(issuer).locate(fetcher)
    Issuer.check_jwks_url("jwks_url", jwks)
    return (await fetcher.fetch(jwks)).content or {}


def checks_of(
    anatomy: Anatomy, keys: Mapping[str, Any], issuer: str | None, audience: str | None, now: float
) -> Iterator[Check]:
    """What was asked for, one by one: the signature and the dates always."""
    try:
        claims = parse_json_object(verify_compact(anatomy.token, keys, max_size=LARGEST))
    except InvalidToken as refusal:
        words = f"{refusal.reason}, {refusal.detail}" if refusal.detail else str(refusal.reason)
        yield Check("signature", False, words)
        return
    except Malformed as error:
        yield Check("payload", False, f"is {error}")
        return
    yield Check("signature", True, f"{anatomy.header.get('alg')} by a key of the given set")
    if issuer is not None:
        yield _named("issuer", claims.get("iss") == issuer, issuer)
    if audience is not None:
        named = claims.get("aud")
        yield _named("audience", audience in named if isinstance(named, list) else audience == named, audience)
    yield from _dates(claims, now)


def _named(what: str, held: bool, name: str) -> Check:
    return Check(what, held, name if held else f"is not {name}")


def _dates(claims: Mapping[str, Any], now: float) -> Iterator[Check]:
    for name, what, must_come in (("exp", "expiry", True), ("nbf", "begin", False)):
        value = claims.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            if must_come or name in claims:
                yield Check(what, False, f"{name} is missing or no date")
            continue
        yield Check(what, (value > now) == must_come, in_words(value, now))
