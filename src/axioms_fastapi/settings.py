"""The AXIOMS_* settings: keywords, then the environment, then `.env`; checked once, at start-up.

The only file that reads the environment.
"""

import difflib
import logging
import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Final, TypedDict
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from .core.errors import ConfigurationError
from .core.remote_keys import KeyTimes
from .issuer import IssuerFields, is_loopback
from .openapi_login import LoginFields
from .presets import PRESETS

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
    AXIOMS_TOKEN_HEADER: str | None
    AXIOMS_MAX_TOKEN_SIZE: int | str | None
    AXIOMS_TOKEN_CACHE_SIZE: int | str | None
    AXIOMS_TOKEN_CACHE_TTL: float | str | None
    AXIOMS_JWKS_MAX_AGE: float | str | None
    AXIOMS_JWKS_COOLDOWN: float | str | None
    AXIOMS_JWKS_MAX_STALE: float | str | None
    AXIOMS_JWKS_TIMEOUT: float | str | None
    AXIOMS_JWKS_PROXY: str | None
    AXIOMS_REQUIRE_KEYS_AT_STARTUP: bool | str | None
    AXIOMS_DOCS_LOGIN: str | None
    AXIOMS_DOCS_CLIENT_ID: str | None
    AXIOMS_DOCS_SCOPES: str | Sequence[str] | None
    AXIOMS_DOCS_AUTHORIZATION_URL: str | None
    AXIOMS_DOCS_TOKEN_URL: str | None


def _spelled(field: str) -> str:
    return f"{_PREFIX}{field.upper()}"


def _as_variable(field: str, example: str) -> str:
    return f"{_spelled(field)}={example}"


class Settings(LoginFields, BaseSettings):
    """The settings of one application, checked."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX,
        env_file=_ENV_FILE,
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        arbitrary_types_allowed=True,
    )
    spelling: ClassVar[Callable[[str], str]] = _spelled
    writing: ClassVar[Callable[[str, str], str]] = _as_variable

    iss_url: str = Field(
        "", description="the issuer's URL, exactly the iss of its tokens", examples=["https://auth.example.com"]
    )
    domain: str | None = Field(None, description="the issuer's host", examples=["auth.example.com"])
    realm: str | None = Field(
        None,
        pattern=r"^[\x20-\x21\x23-\x5b\x5d-\x7e]+$",
        description='plain text without " and \\',
        examples=["articles"],
    )
    token_header: str | None = Field(
        None,
        pattern=r"^[A-Za-z][A-Za-z0-9-]*$",
        description="the name of the header that holds the bare token",
        examples=["x-goog-iap-jwt-assertion"],
    )
    max_token_size: int = Field(
        16 * 1024, ge=256, le=1024 * 1024, description="characters, 256 to 1048576", examples=["16384"]
    )
    token_cache_size: int = Field(
        10_000, ge=0, le=1_000_000, description="verified tokens, 0 to 1000000; 0 remembers none", examples=["10000"]
    )
    token_cache_ttl: float = Field(60.0, gt=0, le=3600, description="seconds, above 0 to 3600", examples=["60"])
    jwks_max_age: float = Field(600.0, ge=1, le=24 * 3600, description="seconds, 1 to 86400", examples=["600"])
    jwks_cooldown: float = Field(10.0, ge=1, le=3600, description="seconds, 1 to 3600", examples=["10"])
    jwks_max_stale: float = Field(
        24 * 3600.0, ge=0, le=7 * 24 * 3600, description="seconds, 0 to 604800", examples=["86400"]
    )
    jwks_timeout: float = Field(5.0, gt=0, le=60, description="seconds, above 0 to 60", examples=["5"])
    jwks_proxy: str | None = Field(
        None,
        pattern=r"^https?://[^\s@/]+/?$",
        description="the URL of the proxy through which keys are fetched",
        examples=["http://proxy.example.com:3128"],
    )
    require_keys_at_startup: bool = Field(False, description="true or false", examples=["true"])

    @property
    def issuer_url(self) -> str:
        """The exact `iss` that is trusted: the one that is set, or that of a provider which has but one."""
        preset = PRESETS.get(self.provider or "")
        return self.iss_url or (_origin_of(self.domain) if self.domain else (preset and preset.issuer_url) or "")

    @property
    def key_times(self) -> KeyTimes:
        """The life of key sets."""
        return KeyTimes(self.jwks_max_age, self.jwks_cooldown, self.jwks_max_stale, self.jwks_timeout)


def load_settings(keywords: Mapping[str, Any], *, has_issuers: bool = False) -> Settings:
    """The settings, checked whole. Raises ConfigurationError: one sentence with the setting, what was read, what to write.

    With `has_issuers` the issuers are given as values; keywords of one issuer beside them are refused, variables unset.
    """
    for name in keywords:
        if name not in AxiomsKeywords.__annotations__:
            raise ConfigurationError(f"{name} is not a setting{_nearest(name)}")
    given = {name: value for name, value in keywords.items() if value is not None and not _is_blank(name, value)}
    for name, value in given.items():
        if value in ("", [], ()):
            raise Settings.wrong(name.removeprefix(_PREFIX).lower(), value)
    try:
        _check_variables()
        settings = Settings(**{name.removeprefix(_PREFIX).lower(): value for name, value in given.items()})
    except ValidationError as error:
        raise Settings.first_wrong(error) from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{_ENV_FILE} is not UTF-8; save it as UTF-8") from None
    if has_issuers:
        return _without_issuer_settings(given, settings)
    _check_settings(settings)
    return settings


def _is_blank(name: str, value: object) -> bool:
    """Whether a keyword is what os.getenv gives for an empty variable; the mandatory two are not blank but wrong then."""
    return value == "" and name not in {"AXIOMS_AUDIENCE", "AXIOMS_ISS_URL"}


def _without_issuer_settings(given: Mapping[str, Any], settings: Settings) -> Settings:
    unset: dict[str, Any] = {}
    for field in (*IssuerFields.model_fields, "iss_url", "domain"):
        name = _spelled(field)
        if name in given:
            raise ConfigurationError(
                f"{name} stands beside issuers=[...]; write it as a field of the Issuer that it is for"
            )
        # A variable may be meant for another application of this process, so it only warns.
        if field in settings.model_fields_set:
            logger.warning("%s is set and does nothing beside issuers=[...]; write it as a field of the Issuer", name)
            unset[field] = Settings.model_fields[field].get_default(call_default_factory=True)
    return settings.model_copy(update=unset)


def _check_variables() -> None:
    """A misspelt variable is a setting that silently does nothing; it may also be another program's, so it only warns.

    One in small letters would be read as a setting, and could silently win over the one in capitals: it is refused.
    """
    for place, names in (("the environment", os.environ), (_ENV_FILE, dotenv_values(_ENV_FILE))):
        for name in sorted(names):
            if name != name.upper() and name.upper() in AxiomsKeywords.__annotations__:
                raise ConfigurationError(f"{place} holds {name}; write {name.upper()}")
            # Three letters are enough to look like one of ours that was misspelt from the start.
            if name[:3].upper() == _PREFIX[:3] and name not in AxiomsKeywords.__annotations__:
                logger.warning("%s holds %s, which is not a setting%s", place, name, _nearest(name))


def _check_settings(settings: Settings) -> None:
    try:
        settings.check()
    except ConfigurationError as error:
        # Where nothing is set at all, the file was most likely looked for in another folder than it is in.
        if settings.audience or os.path.exists(_ENV_FILE):
            raise
        raise ConfigurationError(f"{error} (no {_ENV_FILE} was found in {os.getcwd()})") from None
    if settings.domain:
        notice = "AXIOMS_DOMAIN is deprecated; write AXIOMS_ISS_URL, exactly the iss of the tokens"
        warnings.warn(notice, DeprecationWarning, stacklevel=4)
        logger.warning(notice)
    if not settings.issuer_url:
        raise settings.wrong("iss_url", settings.iss_url)
    settings.check_issuer_url("iss_url", settings.issuer_url)
    settings.tell_of_preset(settings.issuer_url)


def _origin_of(domain: str) -> str:
    host = urlsplit(f"//{domain}").hostname or ""
    if not host or "/" in domain or "@" in domain:
        raise Settings.wrong("domain", domain)
    return f"{'http' if is_loopback(host) else 'https'}://{domain}"


def _nearest(name: str) -> str:
    if name.lower() in {"issuer", "axioms_issuer", "axioms_issuers"}:
        return "; did you mean issuers=[Issuer(...)] or AXIOMS_ISS_URL?"
    if "secret" in name.lower():
        return "; no secret is needed here: keys are public, and /docs logs in with PKCE"
    name = name if name.startswith(_PREFIX) else _spelled(name)
    found = difflib.get_close_matches(name, AxiomsKeywords.__annotations__, n=1)
    return f"; did you mean {found[0]}?" if found else f"; the settings are {', '.join(AxiomsKeywords.__annotations__)}"
