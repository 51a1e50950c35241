"""What an application accepts, read from its own settings, and tokens that are made accordingly."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from starlette.applications import Starlette

from ..app import Axioms
from ..core.claims import ClaimRules
from ..core.errors import ConfigurationError, Refusal
from ..core.issuers import TrustedIssuer
from ..core.principal import ClaimPath
from ..forge import ForgeKeys, Mint, SigningKey
from ..forge.hostile import KeysAtHand, Rule, World
from .clock import Clock

ALGORITHMS: Final = ("RS256", "ES256", "EdDSA")


def applications_of(app: Starlette) -> list[Starlette]:
    """The application and those that are mounted in it, as far as they have an `init_axioms`; the outermost first."""
    mounted = [inner for inner in (getattr(route, "app", None) for route in app.routes) if isinstance(inner, Starlette)]
    own = [app] if isinstance(getattr(app.state, "axioms", None), Axioms) else []
    return [*own, *(one for inner in mounted for one in applications_of(inner))]


class Trust:
    """An application's trust with the forge's keys, and tokens that fit it: its issuer, its audience, its claims' places."""

    def __init__(self, axioms: Axioms, keys_of: Callable[..., ForgeKeys], clock: Clock) -> None:
        self._keys_of = keys_of
        self._clock = clock
        for issuer in axioms.issuers:
            keys_of(issuer.url, issuer.algorithms.allowed)
        self.axioms = axioms.with_keys(lambda url: keys_of(url).public_jwks(), clock=clock)

    def issuer(self, url: str | None = None) -> TrustedIssuer:
        """The issuer of this URL, or the application's first. Raises ConfigurationError where there is none."""
        for issuer in self.axioms.issuers:
            if url in {None, issuer.url}:
                return issuer
        if url is None:
            raise ConfigurationError(
                "this application knows its issuers by tenants or a resolver alone; say whose token it is: iss=..."
            )
        try:
            # In a thread, because a test may itself run in an event loop.
            with ThreadPoolExecutor(1) as thread:
                return thread.submit(lambda: asyncio.run(self.axioms.issuers.select(url))).result()
        except Refusal:
            raise ConfigurationError(
                f"this application does not trust the issuer {url}; forge.token(iss=...) makes a token that it must refuse"
            ) from None

    def claims(
        self,
        sub: str,
        *,
        scopes: Iterable[str] = (),
        roles: Iterable[str] = (),
        permissions: Iterable[str] = (),
        **claims: Any,
    ) -> dict[str, Any]:
        """The claims of a token that the application accepts. Scopes, roles and permissions stand where it looks for them."""
        if not isinstance(sub, str):
            raise ConfigurationError(
                f"sub is a {type(sub).__name__}; write a text, such as as_('alice', roles=['editor'])"
            )
        if "expires_in" in claims:
            raise ConfigurationError("expires_in is no claim; write exp=time.time() - 60, or move axioms_clock")
        issuer = self.issuer(claims.pop("iss", None))
        rules, mapping = issuer.rules, issuer.mapping
        made = Mint(self._keys_of(issuer.url), issuer.url, clock=self._clock).claims({"sub": sub})
        if rules.audience_claim != "aud":
            del made["aud"]
        made[rules.audience_claim] = min(rules.audiences)
        made.update(rules.exact)
        if rules.one_of and not any(made.get(name) for name in rules.one_of):
            made[rules.one_of[0]] = made["client_id"]
        names = _listed("scopes", scopes)
        if names:
            _place(made, mapping.scopes[0], " ".join(names))
        for path, names in (
            (mapping.roles[0], _listed("roles", roles)),
            (mapping.permissions[0], _listed("permissions", permissions)),
        ):
            if names:
                _place(made, path, names)
        made.update(claims)
        missing = [name for name in rules.required if name not in made]
        if missing:
            raise ConfigurationError(
                f"this application requires the claim {missing[0]}, and nobody knows its value; write {missing[0]}=..."
            )
        return made

    def token(self, sub: str, **claims: Any) -> str:
        """A token that the application accepts: see `claims`."""
        made = self.claims(sub, **claims)
        url = made["iss"]
        key = self._key(self.issuer(url))
        return key.sign_claims(made, self._header(self.issuer(url), key))

    def world(self, canary: str, iss: str | None = None) -> World:
        """The world of a hostile token that is sent to this application: that of one of its issuers."""
        issuer = self.issuer(iss)
        key = self._key(issuer)
        public = [
            jwk for jwk in self._keys_of(issuer.url).public_jwks()["keys"] if jwk["alg"] in issuer.algorithms.allowed
        ]
        return World(
            issuer=issuer.url,
            audience=min(issuer.rules.audiences, default=""),
            signer=KeysAtHand(self._keys_of(issuer.url)),
            public_keys=public,
            header=self._header(issuer, key),
            claims=self.claims("user123", iss=issuer.url),
            canary=canary,
            audience_claim=issuer.rules.audience_claim,
            relaxed=relaxed_by(issuer.rules),
        )

    def _key(self, issuer: TrustedIssuer) -> SigningKey:
        return next(key for key in self._keys_of(issuer.url) if key.alg in issuer.algorithms.allowed)

    def _header(self, issuer: TrustedIssuer, key: SigningKey) -> dict[str, Any]:
        """The header of the issuer's tokens, with a type that this application accepts."""
        types = issuer.rules.token_types
        typ = "at+jwt" if "at+jwt" in types else min(types)
        header: Mapping[str, Any] = {**key.header, "typ": "JWT" if typ == "jwt" else typ}
        return {name: value for name, value in header.items() if value}


def relaxed_by(rules: ClaimRules) -> frozenset[Rule]:
    """What of a hostile token these rules do not ask for."""
    relaxed = {
        Rule.AUDIENCE: rules.may_lack_audience,
        Rule.SUBJECT: "sub" not in rules.required,
        Rule.KIND: rules.are_id_tokens,
    }
    return frozenset(rule for rule, is_relaxed in relaxed.items() if is_relaxed)


def _listed(kind: str, names: Iterable[str]) -> list[str]:
    """The names. Raises ConfigurationError for a bare text, whose letters nobody means."""
    if isinstance(names, str):
        raise ConfigurationError(f"{kind} is {names!r}; write a list, such as {kind}=[{names!r}]")
    return list(names)


def _place(claims: dict[str, Any], path: ClaimPath, value: Any) -> None:
    """The value stands where the application looks first. What stands beside it stays."""
    *outer, last = path.steps or (path.literal or "",)
    target = claims
    for step in outer:
        inner = target.get(step)
        target[step] = target = dict(inner) if isinstance(inner, dict) else {}
    target[last] = value
