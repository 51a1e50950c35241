"""Who is trusted, as it is written: the fields of an issuer, checked, with one sentence for what is wrong."""

import difflib
import ipaddress
import json
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_settings import NoDecode

from .core.errors import ConfigurationError
from .core.principal import ClaimPath
from .core.signatures import SUPPORTED_ALGORITHMS
from .presets import PRESETS, preset_for

logger = logging.getLogger("axioms_fastapi")

TENANT: Final = "{tenantid}"


def listed(written: object) -> object:
    """The items of a comma list (`scope,scp`), a JSON list (`["scope", "scp"]`) or a Python list."""
    if not isinstance(written, str):
        return written
    if written.lstrip().startswith("["):
        return json.loads(written)
    return [item.strip() for item in written.split(",") if item.strip()]


def _names(written: object) -> object:
    items = listed(written)
    if isinstance(items, Iterable) and not all(isinstance(item, str) and item.strip() for item in items):
        raise ValueError("an item is empty or no text")
    return items


def _claim_paths(written: object) -> object:
    items = listed(written)
    if isinstance(items, Mapping) or not isinstance(items, Iterable):
        raise ValueError("not a list")
    return tuple(item if isinstance(item, ClaimPath) else ClaimPath.parse(item) for item in items)


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_names), Field(min_length=1)]
ClaimPaths = Annotated[tuple[ClaimPath, ...], NoDecode, BeforeValidator(_claim_paths), Field(min_length=1)]

# What shares a secret with whoever signs, or needs none (RFC 8725, section 3.1).
_NEVER_ALLOWED: Final = frozenset({"HS256", "HS384", "HS512", "none"})
# Where people log in whose tokens name the tenant that they belong to.
_EVERYBODYS_TENANTS: Final = tuple(
    f"https://login.microsoftonline.com/{name}/" for name in ("common", "organizations", "consumers")
)


class IssuerFields(BaseModel):
    """What settings and issuers have in common. `description` and `examples` of a field are what an error tells to write."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    # How an error spells a field's name and what to write for it, and the fields whose value it never shows.
    spelling: ClassVar[Callable[[str], str]] = str
    writing: ClassVar[Callable[[str, str], str]] = "{}={}".format
    secret: ClassVar[frozenset[str]] = frozenset()

    audience: Names = Field(
        (),
        validate_default=False,
        description="your API's identifier, the aud of its tokens",
        examples=["https://api.example.com"],
    )
    jwks_url: str | None = Field(
        None, description="the URL of the key set", examples=["https://auth.example.com/.well-known/jwks.json"]
    )
    provider: str | None = Field(None, description=f"one of {', '.join(PRESETS)}", examples=["auth0"])
    scope_claims: ClaimPaths | None = Field(None, description="names of claims", examples=["scope,scp"])
    roles_claims: ClaimPaths | None = Field(None, description="names of claims", examples=["roles,cognito:groups"])
    permissions_claims: ClaimPaths | None = Field(None, description="names of claims", examples=["permissions"])
    algorithms: Names | None = Field(
        None, description=f"some of {', '.join(sorted(SUPPORTED_ALGORITHMS))}", examples=["RS256,ES256"]
    )
    token_typs: Names = Field(
        ("at+jwt", "JWT", "none"),
        description="values of the header's typ, none for a token without",
        examples=["at+jwt"],
    )
    required_claims: Names = Field(("sub",), description="names of claims", examples=["sub,jti"])
    leeway: float = Field(30.0, ge=0, le=300, description="seconds, from 0 to 300", examples=["30"])

    @classmethod
    def wrong(cls, field: str, read: object) -> ConfigurationError:
        """The sentence for a field: which one, what was read, what to write."""
        name, info = cls.spelling(field), cls.model_fields[field]
        state = "is not set or empty" if read in ("", (), []) else f"is {read!r}"
        if field in cls.secret or (isinstance(read, str) and "@" in read):  # a key, or a URL with a password in it
            state = "is not usable"
        example = cls.writing(field, str((info.examples or [""])[0]))
        return ConfigurationError(f"{name} {state}; write {info.description}, such as {example}")

    @classmethod
    def first_wrong(cls, error: ValidationError) -> ConfigurationError:
        """The sentence for the first of pydantic's findings."""
        first = error.errors(include_url=False)[0]
        return cls.wrong(str(first["loc"][0]), first["input"])

    def check(self) -> None:
        """Every field means something. Raises ConfigurationError."""
        if not self.audience or not all(name.strip() for name in self.audience):
            raise self.wrong("audience", self.audience)
        for name in self.audience:
            if name[0] in "\"'" and name[0] == name[-1]:
                spelled = type(self).spelling("audience")
                raise ConfigurationError(f"{spelled} is {name!r}, quotes included; write it without them")
        for algorithm in self.algorithms or ():
            if algorithm in _NEVER_ALLOWED:
                spelled = type(self).spelling("algorithms")
                raise ConfigurationError(
                    f"{spelled} has {algorithm!r}, with which whoever verifies could sign as well, or anybody; write algorithms "
                    f"of public keys, such as {type(self).writing('algorithms', 'RS256')}"
                )
            if algorithm not in SUPPORTED_ALGORITHMS:
                raise self.wrong("algorithms", algorithm)
        if self.provider is not None and self.provider not in PRESETS:
            raise self.wrong("provider", self.provider)
        if self.jwks_url is not None:
            self.check_jwks_url("jwks_url", self.jwks_url)

    def tell_of_preset(self, url: str) -> None:
        """The log says so where the issuer's host alone selects a preset."""
        preset = preset_for(url)
        if self.provider is None and preset.host is not None:
            another = type(self).spelling("provider")
            logger.info("the issuer %s selects the preset %s; %s chooses another", url, preset.name, another)

    @classmethod
    def check_jwks_url(cls, field: str, url: str) -> None:
        """Keys may be fetched from there: Entra names an application in the query (`?appid=`), Firebase has an @ in the path."""
        cls.check_url(field, url, unwelcome=" #\\{}")

    @classmethod
    def check_url(cls, field: str, url: str, *, unwelcome: str = " @?#\\{}") -> None:
        """The URL is https, or plain http on this machine alone (RFC 8414, section 6.1), and carries no password."""
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname, parts.port  # a port that is no number is found out here
        except ValueError:
            raise cls.wrong(field, url) from None
        if any(char.isspace() for char in url) and "@" not in url:
            raise ConfigurationError(f"{cls.spelling(field)} is {url!r}, with white space in it; write it without")
        if not host or parts.scheme not in {"https", "http"} or "@" in parts.netloc or not url.isprintable():
            raise cls.wrong(field, url)
        if set(url) & set(unwelcome):
            raise cls.wrong(field, url)
        if parts.scheme == "http" and not is_loopback(host):
            name = cls.spelling(field)
            raise ConfigurationError(
                f"{name} is {url!r}: over plain http anybody on the way could replace the keys; write an https URL, "
                f"such as {name}=https://{parts.netloc}{parts.path} (http is for loopback addresses alone)"
            )

    @classmethod
    def check_issuer_url(cls, field: str, url: str) -> None:
        """The URL can be the iss of a token. Raises ConfigurationError."""
        if "{" in url or "}" in url:
            raise ConfigurationError(
                f"{cls.spelling(field)} is {url!r}, and no token has braces in its iss; write the very iss, or for several "
                "tenants issuers=[Issuer('.../{tenantid}/...', tenants=[...])]"
            )
        if ",http" in url:
            raise ConfigurationError(
                f"{cls.spelling(field)} is {url!r}, which is one issuer with a comma in it; for several write "
                "issuers=[Issuer('https://...', 'my-api'), ...]"
            )
        if url.startswith(_EVERYBODYS_TENANTS):
            raise ConfigurationError(
                f"{cls.spelling(field)} is {url!r}, which is in no token: each names its own tenant; write the tenant's id in "
                "its place, or for several tenants issuers=[providers.entra_tenants([...], 'my-api')]"
            )
        if "/.well-known/" in url:
            raise ConfigurationError(
                f"{cls.spelling(field)} is {url!r}; write the issuer itself, which is what stands before /.well-known/"
            )
        cls.check_url(field, url)


def _as_keyword(field: str, example: str) -> str:
    """How a field is written in Python: a text in quotes, and anything else as it is."""
    return f"{field}={example if example[:1] in tuple('[{') or '(' in example or example.isdigit() else repr(example)}"


class Issuer(IssuerFields):
    """An authorization server that is trusted, for `init_axioms(app, issuers=[...])`.

    `url` is exactly the `iss` of its tokens. Keys are found by discovery, or come from `jwks_url`, which may be an internal
    address beside a public issuer, fetched with `jwks_headers` and trusting the authorities of `jwks_ca_file`; or are given as
    `keys`: a JWK set, a PEM text, or the Path of a file with either. `jwks_headers` may be a function, for a credential that
    changes. A url with `{tenantid}` in its path trusts the tenants that `tenants` lists, or for which it returns True. Raises
    ConfigurationError where a field is missing or wrong.
    """

    spelling: ClassVar[Callable[[str], str]] = "Issuer.{}".format
    writing: ClassVar[Callable[[str, str], str]] = _as_keyword
    secret = frozenset({"keys", "jwks_headers"})

    url: str = Field(
        description="the issuer's URL, exactly the iss of its tokens", examples=["https://auth.example.com"]
    )
    keys: Mapping[str, Any] | str | Path | None = Field(
        None,
        repr=False,
        description="a JWK set, a PEM text or the Path of a file with either",
        examples=["Path('keys.json')"],
    )
    jwks_headers: Mapping[str, str] | Callable[[], Mapping[str, str]] = Field(
        default_factory=dict,
        repr=False,
        description="headers of the fetch, or a function that gives them",
        examples=["{'Authorization': '...'}"],
    )
    jwks_ca_file: Path | None = Field(None, description="the path of a PEM file", examples=["/etc/ssl/private-ca.pem"])
    tenants: Collection[str] | Callable[[str], bool | Awaitable[bool]] | None = Field(
        None, description="the trusted tenants, or a function that knows them", examples=["['acme', 'globex']"]
    )

    def __init__(self, url: str, audience: str | Sequence[str] = (), **fields: Any) -> None:
        unknown = next((name for name in fields if name not in type(self).model_fields), None)
        if unknown is not None:
            names = list(type(self).model_fields)
            near = difflib.get_close_matches(unknown, names, n=1)
            hint = f"did you mean {near[0]}?" if near else f"its fields are {', '.join(names)}"
            raise ConfigurationError(f"Issuer has no field {unknown}; {hint}")
        try:
            super().__init__(**{"url": url, "audience": audience, **fields})
        except ValidationError as error:
            raise self.first_wrong(error) from None
        self.check()

    def headers(self) -> Mapping[str, str]:
        """The headers of a fetch that begins now."""
        return self.jwks_headers() if callable(self.jwks_headers) else self.jwks_headers

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """The same issuer with other fields, checked like a new one: pydantic's own copy checks nothing."""
        given = {name: getattr(self, name) for name in self.model_fields_set}
        return type(self)(**{**given, **(update or {})})

    def check(self) -> None:
        """See IssuerFields."""
        super().check()
        self.check_issuer_url("url", self.url.replace(TENANT, "tenant"))
        # In a host a tenant's name would decide whom we ask for keys.
        has_place = urlsplit(self.url).path.count(TENANT) == self.url.count(TENANT) == 1
        if has_place != (self.tenants is not None) or (TENANT in self.url and not has_place):
            raise ConfigurationError(
                f"Issuer.url is {self.url!r} and Issuer.tenants is {self.tenants!r}; a url with one {TENANT} in its path needs "
                "the tenants that are trusted, and any other url has none"
            )
        listed_tenants = () if self.tenants is None or callable(self.tenants) else self.tenants
        if isinstance(listed_tenants, str | bytes) or not all(isinstance(tenant, str) for tenant in listed_tenants):
            raise self.wrong("tenants", self.tenants)


def is_loopback(host: str) -> bool:
    """Whether the host is this machine, and plain http therefore private."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
