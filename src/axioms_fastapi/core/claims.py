"""The claims of a token: the rules that prove them, and the immutable value that holds them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Annotated, Any, Final, NoReturn

from .errors import InvalidToken, Reason
from .server_side import ServerSide

# Numbers beyond this are not exact in JSON (RFC 8259, section 6), and no date needs them.
_LARGEST_DATE: Final = 2**53
_DEEPEST: Final = 32

# What ID tokens, logout tokens and security events have, and access tokens never (RFC 8725, section 3.12).
_OTHER_KINDS_CLAIMS: Final = frozenset({"at_hash", "c_hash", "s_hash", "events"})
# Keycloak says in the payload what a token is.
_OTHER_KINDS_TYP: Final = frozenset({"id", "refresh", "offline", "logout"})


def _refuse(self: object, *_: object, **__: object) -> NoReturn:
    """Stand in for what would change a value: verified claims are shared by everything that handles the request."""
    raise TypeError("verified claims cannot be changed; make a copy: dict(claims) or list(value)")


class FrozenList(list[Any]):
    """A list that equals its plain twin and cannot be changed, by a second call of its constructor neither."""

    __slots__ = ()
    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse
    append = extend = insert = remove = reverse = sort = pop = clear = _refuse

    def __init__(self, items: Iterable[Any] = ()) -> None:
        if self:
            _refuse(self)
        list.extend(self, items)

    def __reduce__(self) -> tuple[Any, ...]:
        return list, (list(self),)


class FrozenDict(dict[str, Any]):
    """A dict that equals its plain twin and cannot be changed, by a second call of its constructor neither."""

    __slots__ = ()
    __setitem__ = __delitem__ = __ior__ = _refuse
    pop = popitem = clear = update = setdefault = _refuse

    def __init__(self, members: Mapping[str, Any] | Iterable[tuple[str, Any]] = ()) -> None:
        if self:
            _refuse(self)
        dict.update(self, members)

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (dict(self),)


class Claims(FrozenDict):
    """The verified claims of an access token, exactly as it holds them, immutable at every depth.

    A dict in every way (`claims["sub"]`, `claims.get("email")`, `dict(claims)`, JSON), with attribute access besides:
    `claims.sub`, `getattr(claims, "name", None)`. Names are never rewritten. A claim that is called like a method of dict
    (`items`, `keys`, `get`) is read as `claims["items"]`.
    """

    __slots__ = ()

    def __init__(
        self,
        claims: Annotated[
            Mapping[str, Any] | Iterable[tuple[str, Any]],
            ServerSide("Claims are no dependency: they would be read from the body; write Depends(require_auth)"),
        ] = (),
    ) -> None:
        super().__init__({name: _frozen(value, 1) for name, value in dict(claims).items()})

    def __getattr__(self, name: str) -> Any:
        # Dunder names are how Python and other libraries ask an object what it can do: a claim must not answer them.
        if not name.startswith("__") and name in self:
            return self[name]
        raise AttributeError(f"the token has no claim of that name; getattr(claims, {name!r}, None) makes it optional")

    def __setattr__(self, name: str, value: object) -> NoReturn:
        _refuse(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return Claims, (dict(self),)

    def __repr__(self) -> str:
        """Name the claims without their values: people's data belongs into no log by accident.

        Names are shown escaped: one with a line end in it would forge a line of the log.
        """
        return f"<Claims {', '.join(map(ascii, sorted(self)))}>" if self else "<Claims: none>"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> dict[str, Any]:
        """Let FastAPI write claims as the JSON object that they are, and never read them from a request.

        A handler that forgets `Depends` and has a bare `payload: Claims` would otherwise take claims from the body.
        """
        return {"type": "is-instance", "cls": cls, "serialization": {"type": "function-plain", "function": dict}}

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> dict[str, Any]:
        """In the OpenAPI document claims are an object."""
        return {"type": "object"}


def _frozen(value: Any, depth: int) -> Any:
    if isinstance(value, list | dict) and depth > _DEEPEST:
        raise InvalidToken(Reason.MALFORMED, detail=f"claims nested deeper than {_DEEPEST}")
    if isinstance(value, list):
        return FrozenList([_frozen(item, depth + 1) for item in value])
    if isinstance(value, dict):
        return FrozenDict({name: _frozen(item, depth + 1) for name, item in value.items()})
    return value


def media_type(typ: str) -> str:
    """A `typ` in the form that is compared: lower case, without the prefix that may be left out (RFC 7515, section 4.1.9)."""
    name = typ.lower()
    return name.removeprefix("application/") or name


@dataclass(frozen=True, slots=True)
class ClaimRules:
    """What one issuer's access tokens must say (RFC 7519, section 4.1; RFC 9068, section 4).

    `token_types` are media types in lower case, with "" for a token that names no type. `leeway` is in seconds.
    `exact` holds claims that must have one value, such as Cognito's `token_use`; of `one_of` at least one is there, as a text:
    they are what ID tokens of the issuer lack. Where a preset says so by name, tokens `may_lack_audience` (one that is there
    must be right all the same), or `are_id_tokens`.
    """

    issuer: str
    audiences: frozenset[str]
    audience_claim: str = "aud"
    may_lack_audience: bool = False
    required: tuple[str, ...] = ("sub",)
    exact: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    one_of: tuple[str, ...] = ()
    token_types: frozenset[str] = frozenset({"at+jwt", "jwt", ""})
    leeway: float = 30.0
    are_id_tokens: bool = False

    def check(self, typ: str | None, unverified_claims: Mapping[str, Any], now: float) -> Claims:
        """The claims, proven. `now` is in seconds since 1970. Raises InvalidToken.

        Called when the signature is verified: together the two make claims of what was unverified.
        """
        self._check_kind(typ, unverified_claims)
        self._check_issuer_and_audience(unverified_claims)
        self._check_names(unverified_claims)
        self._check_times(unverified_claims, now)
        return Claims(unverified_claims)

    def _check_kind(self, typ: str | None, claims: Mapping[str, Any]) -> None:
        if media_type(typ or "") not in self.token_types:
            raise InvalidToken(Reason.TYPE, detail="the header's typ is not an accepted one")
        if not self.are_id_tokens and not _OTHER_KINDS_CLAIMS.isdisjoint(claims):
            raise InvalidToken(Reason.KIND, detail="it has claims of an ID token, a logout token or a security event")
        if self.one_of and not any(isinstance(claims.get(name), str) and claims[name] for name in self.one_of):
            raise InvalidToken(
                Reason.KIND, detail=f"it lacks what access tokens of its issuer have: {' or '.join(self.one_of)}"
            )
        if claims.get("token_use", "access") != "access":
            raise InvalidToken(Reason.KIND, detail="its token_use is not access")
        kind = claims.get("typ")
        if isinstance(kind, str) and kind.lower() in _OTHER_KINDS_TYP:
            raise InvalidToken(Reason.KIND, detail="its typ claim says that it is no access token")
        if (
            "cnf" in claims
        ):  # RFC 9449, section 7.2, and RFC 8705, section 3: no silent downgrade to a plain bearer token
            raise InvalidToken(
                Reason.SENDER_CONSTRAINED, detail="it is bound to a key and was sent as a plain bearer token"
            )

    def _check_issuer_and_audience(self, claims: Mapping[str, Any]) -> None:
        if claims.get("iss") != self.issuer:
            raise InvalidToken(Reason.ISSUER)
        if self.may_lack_audience and self.audience_claim not in claims:
            return
        audience = claims.get(self.audience_claim)
        named = audience if isinstance(audience, list) else [audience]
        if not all(isinstance(name, str) and name for name in named) or self.audiences.isdisjoint(named):
            wanted = ", ".join(sorted(self.audiences))
            raise InvalidToken(Reason.AUDIENCE, detail=f"its {self.audience_claim} names none of {wanted}")

    def _check_names(self, claims: Mapping[str, Any]) -> None:
        for name in self.required:
            if name not in claims or claims[name] is None:
                raise InvalidToken(Reason.MISSING_CLAIM, detail=f"{name} is required")
        for name in ("sub", "jti"):
            if name in claims and not (isinstance(claims[name], str) and claims[name]):
                raise InvalidToken(Reason.INVALID_CLAIM, detail=f"{name} is not a text")
        for name, value in self.exact.items():
            if claims.get(name) != value:
                raise InvalidToken(Reason.KIND, detail=f"{name} is not {value}")

    def _check_times(self, claims: Mapping[str, Any], now: float) -> None:
        expires = _date(claims, "exp")
        if expires is None:
            raise InvalidToken(Reason.MISSING_CLAIM, detail="exp is required")
        for name in ("nbf", "iat"):
            begins = _date(claims, name)
            if begins is not None and begins > now + self.leeway:
                raise InvalidToken(Reason.NOT_YET_VALID, detail=f"{name} lies in the future")
        # Last, so that only a token that is good in every other way is told that it has expired.
        if expires <= now - self.leeway:
            raise InvalidToken(Reason.EXPIRED)


def _date(claims: Mapping[str, Any], name: str) -> float | None:
    if name not in claims:
        return None
    value = claims[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < _LARGEST_DATE:
        raise InvalidToken(Reason.INVALID_CLAIM, detail=f"{name} is not a date")
    return value
