"""The AXIOMS_* settings: keywords, then the environment, then `.env`; checked once, at start-up.

The only file that reads the environment.
"""

import difflib
import ipaddress
import json
import logging
import os
import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Final, TypedDict
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from .core.claims import ClaimRules, media_type
from .core.errors import ConfigurationError
from .core.issuers import Issuer, Issuers
from .core.jose import SUPPORTED_ALGORITHMS
from .core.jwk import RSA_ALGORITHMS, Algorithms
from .core.keys import KeyTimes, RemoteKeys
from .core.principal import ClaimMapping, ClaimPath
from .providers import PRESETS, Preset, preset_for

logger = logging.getLogger("axioms_fastapi")

_PREFIX: Final = "AXIOMS_"
_ENV_FILE: Final = ".env"


class AxiomsKeywords(TypedDict, total=False):
    """The settings as keywords of `init_axioms`. `None` means "not given": the environment and then `.env` decide."""

    AXIOMS_AUDIENCE: str | Sequence[str] | None
    AXIOMS_ISS_URL: str | None
    AXIOMS_JWKS_URL: str | None
    AXIOMS_DOMAIN: str | None
    AXIOMS_PROVIDER: str | None
    AXIOMS_SCOPE_CLAIMS: str | Sequence[str | Sequence[str]] | None
    AXIOMS_ROLES_CLAIMS: str | Sequence[str | Sequence[str]] | None
    AXIOMS_PERMISSIONS_CLAIMS: str | Sequence[str | Sequence[str]] | None
    AXIOMS_ALGORITHMS: str | Sequence[str] | None
    AXIOMS_TOKEN_TYPS: str | Sequence[str] | None
    AXIOMS_REQUIRED_CLAIMS: str | Sequence[str] | None
    AXIOMS_LEEWAY: float | str | None
    AXIOMS_REALM: str | None
    AXIOMS_MAX_TOKEN_SIZE: int | str | None
    AXIOMS_JWKS_MAX_AGE: float | str | None
    AXIOMS_JWKS_COOLDOWN: float | str | None
    AXIOMS_JWKS_MAX_STALE: float | str | None
    AXIOMS_JWKS_TIMEOUT: float | str | None


def _listed(written: object) -> object:
    """The items of a comma list (`scope,scp`), a JSON list (`["scope", "scp"]`) or a Python list."""
    if not isinstance(written, str):
        return written
    if written.lstrip().startswith("["):
        return json.loads(written)
    return [item.strip() for item in written.split(",") if item.strip()]


def _claim_paths(written: object) -> object:
    listed = _listed(written)
    if isinstance(listed, Mapping) or not isinstance(listed, Iterable):
        raise ValueError("not a list")
    return tuple(ClaimPath.parse(item) for item in listed)


_Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed), Field(min_length=1)]
_ClaimPaths = Annotated[tuple[ClaimPath, ...], NoDecode, BeforeValidator(_claim_paths), Field(min_length=1)]


class Settings(BaseSettings):
    """The settings of one application, checked. `description` and `examples` of a field are what an error tells to write."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX,
        env_file=_ENV_FILE,
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        arbitrary_types_allowed=True,
    )

    audience: _Names = Field(
        (),
        validate_default=False,
        description="your API's identifier, the aud of its tokens",
        examples=["https://api.example.com"],
    )
    iss_url: str = Field(
        "", description="the issuer's URL, exactly the iss of its tokens", examples=["https://auth.example.com"]
    )
    jwks_url: str | None = Field(
        None, description="the URL of the key set", examples=["https://auth.example.com/.well-known/jwks.json"]
    )
    domain: str | None = Field(None, description="the issuer's host", examples=["auth.example.com"])
    provider: str | None = Field(None, description=f"one of {', '.join(PRESETS)}", examples=["auth0"])
    scope_claims: _ClaimPaths | None = Field(None, description="names of claims", examples=["scope,scp"])
    roles_claims: _ClaimPaths | None = Field(None, description="names of claims", examples=["roles,cognito:groups"])
    permissions_claims: _ClaimPaths | None = Field(None, description="names of claims", examples=["permissions"])
    algorithms: _Names | None = Field(None, description="asymmetric signature algorithms", examples=["RS256,ES256"])
    token_typs: _Names = Field(
        ("at+jwt", "JWT", "none"),
        description="values of the header's typ, none for a token without",
        examples=["at+jwt"],
    )
    required_claims: _Names = Field(("sub",), description="names of claims", examples=["sub,jti"])
    leeway: float = Field(30.0, ge=0, le=300, description="seconds, from 0 to 300", examples=["30"])
    realm: str | None = Field(
        None,
        pattern=r"^[\x20-\x21\x23-\x5b\x5d-\x7e]+$",
        description='plain text without " and \\',
        examples=["articles"],
    )
    max_token_size: int = Field(
        16 * 1024, ge=256, le=1024 * 1024, description="characters, 256 to 1048576", examples=["16384"]
    )
    jwks_max_age: float = Field(600.0, ge=1, le=24 * 3600, description="seconds, 1 to 86400", examples=["600"])
    jwks_cooldown: float = Field(10.0, ge=1, le=3600, description="seconds, 1 to 3600", examples=["10"])
    jwks_max_stale: float = Field(
        24 * 3600.0, ge=0, le=7 * 24 * 3600, description="seconds, 0 to 604800", examples=["86400"]
    )
    jwks_timeout: float = Field(5.0, gt=0, le=60, description="seconds, above 0 to 60", examples=["5"])

    @property
    def issuer_url(self) -> str:
        """The exact `iss` that is trusted."""
        return self.iss_url or (_origin_of(self.domain) if self.domain else "")


def load_settings(keywords: Mapping[str, Any]) -> Settings:
    """The settings, checked whole. Raises ConfigurationError: one sentence with the setting, what was read, what to write."""
    given = {name: value for name, value in keywords.items() if value is not None}
    for name, value in given.items():
        _check_keyword(name, value)
    _warn_of_unknown_variables()
    try:
        settings = Settings(**{name.removeprefix(_PREFIX).lower(): value for name, value in given.items()})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise _wrong(str(first["loc"][0]), first["input"]) from None
    _check_settings(settings)
    return settings


def build_issuers(settings: Settings) -> Issuers:
    """The trusted issuers that the settings describe."""
    url = settings.issuer_url
    preset = _preset(settings, url)
    algorithms = _algorithms(settings.algorithms)
    return Issuers(
        [
            Issuer(
                url=url,
                algorithms=algorithms,
                jwks_url=settings.jwks_url,
                keys=RemoteKeys(
                    url,
                    settings.jwks_url,
                    algorithms,
                    KeyTimes(
                        settings.jwks_max_age, settings.jwks_cooldown, settings.jwks_max_stale, settings.jwks_timeout
                    ),
                ),
                rules=ClaimRules(
                    issuer=url,
                    audiences=frozenset(settings.audience),
                    audience_claim=preset.audience_claim,
                    required=settings.required_claims,
                    exact=preset.exact,
                    token_types=frozenset("" if typ == "none" else media_type(typ) for typ in settings.token_typs),
                    leeway=settings.leeway,
                ),
                mapping=ClaimMapping(
                    scopes=settings.scope_claims or tuple(map(ClaimPath.parse, preset.scope_claims)),
                    roles=settings.roles_claims or tuple(map(ClaimPath.parse, preset.roles_claims)),
                    permissions=settings.permissions_claims or tuple(map(ClaimPath.parse, preset.permissions_claims)),
                ),
            )
        ]
    )


def _check_keyword(name: str, value: object) -> None:
    if name not in AxiomsKeywords.__annotations__:
        raise ConfigurationError(f"{name} is not a setting{_nearest(name)}")
    if value in ("", [], ()):
        raise _wrong(name.removeprefix(_PREFIX).lower(), value)


def _warn_of_unknown_variables() -> None:
    """A misspelt variable is a setting that silently does nothing; it may also be another program's, so it only warns."""
    for name in sorted({*os.environ, *dotenv_values(_ENV_FILE)}):
        if name.startswith(_PREFIX) and name not in AxiomsKeywords.__annotations__:
            logger.warning("the environment holds %s, which is not a setting%s", name, _nearest(name))


def _check_settings(settings: Settings) -> None:
    if not settings.audience or not all(name.strip() for name in settings.audience):
        raise _wrong("audience", settings.audience)
    if settings.domain:
        notice = "AXIOMS_DOMAIN is deprecated; write AXIOMS_ISS_URL, exactly the iss of the tokens"
        warnings.warn(notice, DeprecationWarning, stacklevel=4)
        logger.warning(notice)
    if not settings.issuer_url:
        raise _wrong("iss_url", settings.iss_url)
    for name, url in (("iss_url", settings.issuer_url), ("jwks_url", settings.jwks_url)):
        if url is not None:
            _check_url(name, url)
    for algorithm in settings.algorithms or ():
        if algorithm not in SUPPORTED_ALGORITHMS:
            raise _wrong("algorithms", algorithm)
    if settings.provider is not None and settings.provider not in PRESETS:
        raise _wrong("provider", settings.provider)


def _check_url(name: str, url: str) -> None:
    """A URL that keys may be fetched from: https, or plain http on this machine alone (RFC 8414, section 6.1)."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        raise _wrong(name, url) from None
    if (
        not host
        or parts.scheme not in {"https", "http"}
        or parts.username
        or parts.query
        or parts.fragment
        or " " in url
    ):
        raise _wrong(name, url)
    if parts.scheme == "http" and not _is_loopback(host):
        setting = f"{_PREFIX}{name.upper()}"
        raise ConfigurationError(
            f"{setting} is {url!r}: over plain http anybody on the way could replace the keys; "
            f"write an https URL, such as {setting}=https://{parts.netloc}{parts.path} (http is for loopback addresses alone)"
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _origin_of(domain: str) -> str:
    host = urlsplit(f"//{domain}").hostname or ""
    if not host or "/" in domain or "@" in domain:
        raise _wrong("domain", domain)
    return f"{'http' if _is_loopback(host) else 'https'}://{domain}"


def _preset(settings: Settings, url: str) -> Preset:
    if settings.provider is not None:
        return PRESETS[settings.provider]
    preset = preset_for(url)
    if preset.host is not None:
        logger.info("the issuer %s selects the preset %s; AXIOMS_PROVIDER chooses another", url, preset.name)
    return preset


def _algorithms(names: tuple[str, ...] | None) -> Algorithms:
    if names is None:
        return Algorithms(allowed=SUPPORTED_ALGORITHMS - {"Ed448"})
    allowed = frozenset(names) | (frozenset({"Ed25519"}) if "EdDSA" in names else frozenset())
    return Algorithms(allowed=allowed, rsa_without_alg=allowed & frozenset(RSA_ALGORITHMS))


def _wrong(field: str, read: object) -> ConfigurationError:
    setting, info = f"{_PREFIX}{field.upper()}", Settings.model_fields[field]
    state = "is not set or empty" if read in ("", (), []) else f"is {read!r}"
    example = (info.examples or [""])[0]
    return ConfigurationError(f"{setting} {state}; write {info.description}, such as {setting}={example}")


def _nearest(name: str) -> str:
    found = difflib.get_close_matches(name, AxiomsKeywords.__annotations__, n=1)
    return f"; did you mean {found[0]}?" if found else f"; the settings are {', '.join(AxiomsKeywords.__annotations__)}"
