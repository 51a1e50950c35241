"""The issuers of one forge: where each lives, what it calls itself, and the keys that it signs with."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from .faults import Faults
from .keys import ForgeKeys
from .odd_keys import OddKeys
from .profiles import Profile
from .providers import PROFILES

JWKS_PATH = "/.well-known/jwks.json"
DISCOVERY_PATH = "/.well-known/openid-configuration"

SHARED_TENANTS = frozenset({"common", "organizations"})
"""Tenants that are nobody's own: their discovery document names the template, as Entra's does."""


def default_algorithms(profile: Profile | None) -> tuple[str, ...]:
    """The algorithms of an issuer's keys where nobody says otherwise; the first one signs."""
    return ("ES256", "RS256") if profile is not None and profile.alg == "ES256" else ("RS256", "ES256")


class ForgeIssuer:
    """One issuer: its path on the server, its exact `iss`, its keys, and what goes wrong with its documents.

    `path` is where its endpoints are, without a trailing slash; `slash` says whether its `iss` has one. `url` is the
    `iss` where it is another than the URL of the path. Keys are generated when they are first needed.
    """

    def __init__(
        self,
        path: str = "",
        *,
        slash: bool = False,
        url: str | None = None,
        jwks_path: str | None = None,
        profile: Profile | None = None,
        keys: ForgeKeys | None = None,
    ) -> None:
        self.path = path
        self.slash = slash
        self.url = url
        self.jwks_path = path + JWKS_PATH if jwks_path is None else jwks_path
        self.profile = profile
        self.faults = Faults()
        self.odd_keys = OddKeys(profile.odd if profile else ())
        self._keys = keys

    @property
    def keys(self) -> ForgeKeys:
        """Its keys, in order."""
        if self._keys is None:
            self._keys = ForgeKeys.generate(*default_algorithms(self.profile))
        return self._keys

    def iss(self, server: str) -> str:
        """What it calls itself where the forge is reached at this URL, to the very slash."""
        return self.url or f"{server}{self.path}{'/' if self.slash else ''}"

    def published_jwks(self) -> dict[str, object]:
        """The key set that it publishes, with the odd keys that it was told to have."""
        return {"keys": self.odd_keys.among(self.keys)}


@dataclass(frozen=True, slots=True)
class Here:
    """An issuer, seen from a request: `server` is the URL that the forge was reached at, without a slash at its end."""

    server: str
    issuer: ForgeIssuer
    tenant: str | None = None

    @property
    def url(self) -> str:
        """The URL that the paths of its endpoints are added to."""
        return self.server + self.issuer.path

    @property
    def iss(self) -> str:
        """What the issuer calls itself here."""
        return self.issuer.iss(self.server)

    @property
    def published_iss(self) -> str:
        """What its discovery document calls it: the template where the tenant is everybody's."""
        if self.tenant not in SHARED_TENANTS:
            return self.iss
        return self.iss.replace(f"/{self.tenant}", "/{tenantid}", 1)

    @property
    def jwks_uri(self) -> str:
        """Where its keys are."""
        return self.server + self.issuer.jwks_path


def profile_issuer(
    profile: Profile, host: str, *, url: str | None = None, keys: ForgeKeys | None = None
) -> ForgeIssuer:
    """The issuer that stands in for a provider, on a path that takes the place of the provider's host."""
    return ForgeIssuer(
        host + profile.path.rstrip("/"),
        slash=profile.path.endswith("/"),
        url=url,
        jwks_path=host + profile.jwks,
        profile=profile,
        keys=keys,
    )


def path_issuer(path: str) -> ForgeIssuer:
    """An issuer at a path such as `/a`; with a slash at the end of the path its `iss` ends with one too.

    Raises ValueError for what is no path of plain segments.
    """
    if not re.fullmatch(r"(/[A-Za-z0-9._~-]+)+/?", path):
        raise ValueError(f"An issuer's path is like /a or /a/b/, of letters, digits and . _ ~ -, not {path!r}")
    return ForgeIssuer(path.rstrip("/"), slash=path.endswith("/"))


class Tenants:
    """Issuers that are there for any tenant, below a template such as `/{tenant}/v2.0`; they share one set of keys."""

    def __init__(self, template: str) -> None:
        before, placeholder, after = template.partition("{tenant}")
        if not placeholder or not before.endswith("/") or not re.fullmatch(r"[A-Za-z0-9._~/-]*", before + after):
            raise ValueError(
                f"A tenant template is a path with one {{tenant}}, like /{{tenant}}/v2.0, not {template!r}"
            )
        self._slash = template.endswith("/")
        self._pattern = re.compile(
            f"{re.escape(before)}(?P<tenant>[A-Za-z0-9._~-]{{1,100}}){re.escape(after.rstrip('/'))}"
        )
        self._shared = ForgeIssuer(slash=self._slash)

    def find(self, path: str) -> tuple[ForgeIssuer, str, str] | None:
        """The issuer that a path belongs to, the rest of the path, and the tenant; None where it is no tenant's."""
        match = self._pattern.match(path)
        if match is None or path[match.end() : match.end() + 1] not in {"", "/"}:
            return None
        issuer = ForgeIssuer(match.group(), slash=self._slash, keys=self._shared.keys)
        issuer.faults, issuer.odd_keys = self._shared.faults, self._shared.odd_keys
        return issuer, path[match.end() :], match["tenant"]


class IssuerDirectory:
    """Which issuer a path belongs to. Whatever is no other issuer's belongs to the main one."""

    def __init__(self, main: ForgeIssuer, others: Iterable[ForgeIssuer] = (), tenants: Tenants | None = None) -> None:
        self.main = main
        self.profiles: Mapping[str, ForgeIssuer] = {
            name: profile_issuer(profile, f"/{name}") for name, profile in PROFILES.items()
        }
        self._issuers = tuple(dict.fromkeys((main, *others, *self.profiles.values())))
        # A key set may lie outside the issuer's own path.
        self._key_sets = {issuer.jwks_path: issuer for issuer in self._issuers}
        self._by_first_segment: dict[str, list[ForgeIssuer]] = {}
        for issuer in sorted(self._issuers, key=lambda issuer: -len(issuer.path)):
            self._by_first_segment.setdefault(_first_segment(issuer.path), []).append(issuer)
        self._tenants = tenants

    def __iter__(self) -> Iterator[ForgeIssuer]:
        return iter(self._issuers)

    def find(self, path: str) -> tuple[ForgeIssuer, str, str | None]:
        """The issuer that a path belongs to, the path below it in the terms of every issuer, and the tenant if any."""
        if path in self._key_sets:
            return self._key_sets[path], JWKS_PATH, None
        for issuer in self._by_first_segment.get(_first_segment(path), ()):
            if path.startswith(issuer.path) and path[len(issuer.path) : len(issuer.path) + 1] in {"", "/"}:
                return issuer, path[len(issuer.path) :], None
        tenant = self._tenants.find(path) if self._tenants else None
        return tenant or (self.main, path, None)


def _first_segment(path: str) -> str:
    return path.split("/", 2)[1] if "/" in path else ""
