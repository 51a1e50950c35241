"""Who is trusted: everything that is trusted together sits in one value, and keys belong to an issuer."""

from collections.abc import Iterable
from dataclasses import dataclass

from .claims import ClaimRules
from .errors import InvalidToken, Reason
from .jose import UnverifiedToken
from .jwk import Algorithms
from .keys import KeySource
from .principal import ClaimMapping


@dataclass(frozen=True, slots=True)
class Issuer:
    """An authorization server that is trusted: its exact `iss`, its keys, and what its access tokens must say."""

    url: str
    algorithms: Algorithms
    keys: KeySource
    rules: ClaimRules
    mapping: ClaimMapping
    jwks_url: str | None = None

    def check_header(self, token: UnverifiedToken) -> None:
        """The token's header asks for nothing that this issuer may not have. Raises InvalidToken."""
        if token.algorithm not in self.algorithms.allowed:
            raise InvalidToken(Reason.ALGORITHM, detail="not in AXIOMS_ALGORITHMS")
        # Never fetched; a token that points to other keys than the configured ones is refused all the same.
        if token.jku is not None and token.jku != self.jwks_url:
            raise InvalidToken(Reason.KEY_REFERENCE, detail="the header's jku is not AXIOMS_JWKS_URL")


class Issuers:
    """The trusted issuers, found by their exact `iss`."""

    __slots__ = ("_by_url",)

    def __init__(self, issuers: Iterable[Issuer]) -> None:
        self._by_url = {issuer.url: issuer for issuer in issuers}

    def select(self, unverified_iss: object) -> Issuer:
        """The issuer of that very URL, by code point (RFC 8725, section 3.8). Raises InvalidToken.

        A URL from a token is looked up, never fetched and never normalised.
        """
        if isinstance(unverified_iss, str):
            issuer = self._by_url.get(unverified_iss)
            if issuer is not None:
                return issuer
            if any(url.rstrip("/") == unverified_iss.rstrip("/") for url in self._by_url):
                raise InvalidToken(
                    Reason.ISSUER, detail="iss differs from the configured issuer by a slash at its end alone"
                )
        raise InvalidToken(Reason.ISSUER, detail="iss is not a configured issuer")
