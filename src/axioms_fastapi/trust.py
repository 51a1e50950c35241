"""Makes what the core verifies with of what was written: issuers of their fields, resolvers of tenants."""

import inspect
import logging
import re
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from .core.claims import ClaimRules
from .core.discovery import DiscoveredLocation, FixedLocation, Location
from .core.errors import ConfigurationError
from .core.fetch import Certificates, Fetcher
from .core.issuers import Resolver, TrustedIssuer
from .core.jose import media_type
from .core.jwk import RSA_ALGORITHMS, Algorithms
from .core.keys import KeySource, StaticKeys
from .core.principal import ClaimMapping, ClaimPath
from .core.remote_keys import KeyTimes, RemoteKeys
from .core.signatures import SUPPORTED_ALGORITHMS
from .issuer import TENANT, Issuer, IssuerFields
from .presets import PRESETS, Preset, preset_for

logger = logging.getLogger("axioms_fastapi")

# What a tenant's name may be made of: it becomes part of a URL.
_TENANT_NAME: Final = r"([A-Za-z0-9][A-Za-z0-9_.-]{0,99})"

# The application's own answer to an issuer that the configuration does not know.
IssuerResolver = Callable[[str], Awaitable[Issuer | None]] | Callable[[str], Issuer | None]


@dataclass(frozen=True, slots=True)
class KeyFetching:
    """What the issuers of one application share: how long fetched keys live, whose certificates are believed, and the proxy."""

    times: KeyTimes
    proxy: str | None = None
    certificates: Certificates = field(default_factory=Certificates)


def trusted_issuer(fields: IssuerFields, url: str, fetching: KeyFetching) -> TrustedIssuer:
    """The trusted issuer of that URL. Raises ConfigurationError where its keys are given and unusable."""
    preset = preset_of(fields, url)
    algorithms = _algorithms(fields.algorithms)
    jwks_url = fields.jwks_url or preset.jwks_url_for(fields.audience)
    return TrustedIssuer(
        url=url,
        algorithms=algorithms,
        keys=_keys(fields, url, jwks_url, preset, algorithms, fetching),
        rules=ClaimRules(
            issuer=url,
            audiences=frozenset(fields.audience),
            audience_claim=preset.audience_claim,
            may_lack_audience=preset.may_lack_audience,
            required=fields.required_claims,
            exact=preset.exact,
            one_of=preset.one_of,
            token_types=frozenset("" if typ == "none" else media_type(typ) for typ in fields.token_typs),
            leeway=fields.leeway,
            are_id_tokens=preset.are_id_tokens,
        ),
        mapping=ClaimMapping(
            scopes=fields.scope_claims or tuple(map(ClaimPath.parse, preset.scope_claims)),
            roles=fields.roles_claims or tuple(map(ClaimPath.parse, preset.roles_claims_for(fields.audience))),
            permissions=fields.permissions_claims or tuple(map(ClaimPath.parse, preset.permissions_claims)),
            keys_are_names=preset.keys_are_names,
            comma_lists=preset.comma_lists,
        ),
        jwks_url=jwks_url,
        described_by=fields,
        key_issuers=_key_issuers(preset, url),
    )


def preset_of(fields: IssuerFields, url: str) -> Preset:
    """The preset that is named, or that the issuer's host selects."""
    return PRESETS[fields.provider] if fields.provider is not None else preset_for(url)


class Tenants:
    """A resolver that trusts the tenants of an issuer whose url has {tenantid} in it, each with that url of its own.

    Where the issuer has its own jwks_url or keys, all tenants share them, as `shared`; else each tenant's are discovered.
    `form` is what the `iss` of every tenant matches.
    """

    def __init__(self, issuer: Issuer, fetching: KeyFetching) -> None:
        self._issuer = issuer
        self._fetching = fetching
        self.url = issuer.url
        self.form = _form_of(issuer.url)
        self._preset = preset_of(issuer, issuer.url)
        has_own_keys = bool(issuer.jwks_url or issuer.keys)
        self.shared = trusted_issuer(issuer, issuer.url, fetching) if has_own_keys else None

    async def __call__(self, url: str, known: TrustedIssuer | None) -> TrustedIssuer | None:
        """See Resolver."""
        found = self.form.fullmatch(url)
        if found is None or not await _is_trusted(self._issuer, found[1]):
            return None
        if known is not None and known.described_by is self._issuer:
            return known
        own = self.shared or trusted_issuer(self._issuer, url, self._fetching)
        claim = self._preset.tenant_claim
        exact = MappingProxyType({**own.rules.exact, **({claim: found[1]} if claim else {})})
        rules = replace(own.rules, issuer=url, exact=exact)
        return replace(own, url=url, rules=rules, key_issuers=_key_issuers(self._preset, url))


def resolver_of(ask: IssuerResolver, fetching: KeyFetching) -> Resolver:
    """A resolver that asks the application. A tenant whose description has not changed keeps the keys that it has."""

    async def resolve(url: str, known: TrustedIssuer | None) -> TrustedIssuer | None:
        answer = ask(url)
        issuer: object = await answer if inspect.isawaitable(answer) else answer
        if issuer is None:
            return None
        if not isinstance(issuer, Issuer) or issuer.url != url or issuer.tenants is not None:
            raise ConfigurationError(
                "an issuer resolver gives the Issuer of exactly the url that it was asked for, or None"
            )
        return known if known is not None and known.described_by == issuer else trusted_issuer(issuer, url, fetching)

    return resolve


async def _is_trusted(issuer: Issuer, tenant: str) -> bool:
    if issuer.tenants is None or not callable(issuer.tenants):
        return tenant in (issuer.tenants or ())
    answer = issuer.tenants(tenant)
    is_trusted: object = await answer if inspect.isawaitable(answer) else answer
    if not isinstance(is_trusted, bool):
        logger.error("Issuer.tenants returned %s, which trusts nobody; return True or False", type(is_trusted).__name__)
    return is_trusted is True


def _form_of(template: str) -> re.Pattern[str]:
    return re.compile(re.escape(template).replace(re.escape(TENANT), _TENANT_NAME))


def _key_issuers(preset: Preset, url: str) -> frozenset[str]:
    """What keys may name as their issuer: this very one, or the template, for keys that sign for each of its tenants."""
    if preset.template is None or not _form_of(preset.template).fullmatch(url):
        return frozenset()
    return frozenset({url, preset.template})


def _keys(
    fields: IssuerFields,
    url: str,
    jwks_url: str | None,
    preset: Preset,
    algorithms: Algorithms,
    fetching: KeyFetching,
) -> KeySource:
    if isinstance(fields, Issuer) and fields.keys is not None:
        try:
            return StaticKeys.parse(fields.keys, algorithms)
        except (ValueError, OSError) as error:
            raise ConfigurationError(
                f"Issuer.keys of {url} cannot be used: {error}; write a JWK set, a PEM text, or Path('keys.json') for a file"
            ) from None
    location: Location = FixedLocation(jwks_url) if jwks_url else DiscoveredLocation(url, preset.jwks_hosts)
    fetcher = Fetcher(fetching.times.timeout, fetching.certificates, proxy=fetching.proxy)
    if isinstance(fields, Issuer):
        certificates = _certificates(fields) or fetching.certificates
        fetcher = replace(fetcher, certificates=certificates, headers=fields.headers, headers_for=jwks_url or url)
    return RemoteKeys(url, location, fetcher, algorithms, fetching.times)


def _certificates(issuer: Issuer) -> Certificates | None:
    if issuer.jwks_ca_file is None:
        return None
    try:
        return Certificates(ssl.create_default_context(cafile=issuer.jwks_ca_file))
    except OSError as error:  # ssl.SSLError is one: the file is there, and holds no certificate
        state = "is not there" if isinstance(error, FileNotFoundError) else "holds no certificate in PEM"
        raise ConfigurationError(
            f"Issuer.jwks_ca_file is {str(issuer.jwks_ca_file)!r}, which {state}; write the path of the authority's PEM file"
        ) from None


def _algorithms(names: tuple[str, ...] | None) -> Algorithms:
    if names is None:
        return Algorithms(allowed=SUPPORTED_ALGORITHMS - {"Ed448"})
    allowed = frozenset(names) | (frozenset({"Ed25519"}) if "EdDSA" in names else frozenset())
    return Algorithms(allowed=allowed, rsa_without_alg=allowed & frozenset(RSA_ALGORITHMS))
