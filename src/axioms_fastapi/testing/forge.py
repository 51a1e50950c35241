"""The issuer of a test session: keys and tokens in this process, without a server."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any, Final

from starlette.applications import Starlette

from ..core.errors import ConfigurationError
from ..forge import ForgeKeys, Mint, SigningKey, create_app
from ..forge.minting import DEFAULT_AUDIENCE
from ..unasked import check_guards
from .clock import Clock
from .trust import ALGORITHMS, Trust, applications_of


class Forge:
    """An issuer that exists in this process alone.

    It has an issuer of its own (`issuer`, `audience`, `jwks`), for an application that a test sets up; and it stands in for the
    issuers of an application that is there already: `trusted_by(app)`.
    """

    def __init__(self) -> None:
        self.issuer: Final = "https://forge.test"
        self.audience: Final = DEFAULT_AUDIENCE
        self.clock: Final = Clock()
        self._keys: dict[str, ForgeKeys] = {}

    def keys_of(self, url: str, allowed: Collection[str] = ALGORITHMS) -> ForgeKeys:
        """The keys that stand in for those of this issuer: its own, made when they are first asked for.

        There is at least one for an algorithm that is `allowed`.
        """
        keys = self._keys.get(url) or ForgeKeys.generate(*ALGORITHMS)
        if not any(key.alg in allowed for key in keys):
            alg = min(allowed)
            keys = ForgeKeys([*keys, SigningKey.generate(alg, kid=f"{alg.lower()}-key")])
        self._keys[url] = keys
        return keys

    @property
    def jwks(self) -> dict[str, Any]:
        """The public keys of the forge's own issuer, for `Issuer(forge.issuer, forge.audience, keys=forge.jwks)`."""
        return self.keys_of(self.issuer).public_jwks()

    @property
    def mint(self) -> Mint:
        """Mints tokens of the forge's own issuer, whatever a test wants different or broken."""
        return Mint(self.keys_of(self.issuer), self.issuer, self.audience, self.clock)

    @property
    def app(self) -> Starlette:
        """The forge's own issuer as an ASGI application, with a token endpoint, a key set and a discovery document."""
        return create_app(self.issuer, self.keys_of(self.issuer), clock=self.clock)

    def token(self, **claims: Any) -> str:
        """A token of the forge's own issuer with these claims, whatever they are."""
        return self.mint.mint(claims)

    @contextmanager
    def trusted_by(self, app: Starlette) -> Iterator[Trust]:
        """The application, and what is mounted in it, trusts the forge in the place of its issuers until the block ends.

        Its settings, its issuers' URLs, audiences and claim rules stay as they are; only keys and clock are the forge's. Raises
        ConfigurationError where it has no `init_axioms`, and where it declares a guard that would not be asked.
        """
        if not isinstance(app, Starlette):
            raise ConfigurationError(f"the plugin was given a {type(app).__name__}; give it the application itself")
        check_guards(app)
        protected = applications_of(app)
        if not protected:
            raise ConfigurationError(
                "this application has no init_axioms, so there is nothing to test; call init_axioms(app, ...) on it first"
            )
        kept = [(one, one.state.axioms) for one in protected]
        try:
            trusts = [Trust(axioms, self.keys_of, self.clock) for _, axioms in kept]
            for (one, _), trust in zip(kept, trusts, strict=True):
                one.state.axioms = trust.axioms
            yield trusts[0]
        finally:
            for one, axioms in kept:
                one.state.axioms = axioms
