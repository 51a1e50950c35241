"""One issuer whose keys tell what they were asked, and verifiers that trust it."""

from typing import Any

from axioms_fastapi.core.claims import ClaimRules
from axioms_fastapi.core.issuers import Issuers, TrustedIssuer
from axioms_fastapi.core.jwk import Algorithms, VerificationKey
from axioms_fastapi.core.keys import KeyStatus, StaticKeys
from axioms_fastapi.core.principal import ClaimMapping
from axioms_fastapi.core.signatures import SUPPORTED_ALGORITHMS
from axioms_fastapi.core.token_cache import TokenCache
from axioms_fastapi.core.verifier import Verifier
from axioms_fastapi.forge import Mint, SigningKey

ALGORITHMS = Algorithms(SUPPORTED_ALGORITHMS)
NOW = 1_700_000_000.0


class GivenKeys:
    """Static keys, in the place of which a test may put others."""

    def __init__(self, jwks: dict[str, Any]) -> None:
        self._keys = StaticKeys.parse(jwks, ALGORITHMS)

    def replace(self, jwks: dict[str, Any]) -> None:
        """The issuer has these keys from now on."""
        self._keys = StaticKeys.parse(jwks, ALGORITHMS)

    def at_hand(self, kid: str | None, algorithm: str) -> tuple[VerificationKey, ...]:
        return self._keys.at_hand(kid, algorithm)

    async def find(self, kid: str | None, algorithm: str) -> tuple[VerificationKey, ...]:
        return await self._keys.find(kid, algorithm)

    async def prefetch(self) -> bool:
        return await self._keys.prefetch()

    async def close(self) -> None:
        await self._keys.close()

    def status(self) -> KeyStatus:
        return self._keys.status()


class ToldKeys(GivenKeys):
    """Keys that tell what they were asked, and in which way."""

    def __init__(self, jwks: dict[str, Any]) -> None:
        super().__init__(jwks)
        self.asked: list[tuple[str, str | None, str]] = []
        self.are_at_hand = True

    def at_hand(self, kid: str | None, algorithm: str) -> tuple[VerificationKey, ...]:
        self.asked.append(("at hand", kid, algorithm))
        return super().at_hand(kid, algorithm) if self.are_at_hand else ()

    async def find(self, kid: str | None, algorithm: str) -> tuple[VerificationKey, ...]:
        self.asked.append(("find", kid, algorithm))
        return await super().find(kid, algorithm)


class OneIssuer:
    """One issuer, and a verifier that trusts it."""

    def __init__(self, key: SigningKey, **jwk: Any) -> None:
        self.mint = Mint([key], "https://i", "api", lambda: NOW)
        self.keys = ToldKeys({"keys": [key.public_jwk() | jwk]})
        self.issuer = TrustedIssuer(
            url="https://i",
            algorithms=ALGORITHMS,
            keys=self.keys,
            rules=ClaimRules("https://i", frozenset({"api"}), leeway=0),
            mapping=ClaimMapping(),
            key_issuers=frozenset({"https://i"}),
        )
        self.cache = TokenCache(100, 60.0)

    def verifier(self, *, max_token_size: int = 16384, cache: TokenCache | None = None) -> Verifier:
        return Verifier(Issuers([self.issuer]), max_token_size=max_token_size, clock=lambda: NOW, cache=cache)
