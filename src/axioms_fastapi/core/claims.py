"""The claims of a token: the rules that prove them, and the immutable value that holds them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Annotated, Any, Final, NewType, NoReturn

from .errors import InvalidToken, Reason
from .server_side import ServerSide

# Numbers beyond this are not exact in JSON (RFC 8259, section 6), and no date needs them.
_LARGEST_DATE: Final = 2**53
_NUMBERS: Final = frozenset({int, float})
_DEEPEST: Final = 32

# What ID tokens, logout tokens and security events have, and access tokens never (RFC 8725, section 3.12).
_OTHER_KINDS_CLAIMS: Final = frozenset({"at_hash", "c_hash", "s_hash", "events"})
# Keycloak says in the payload what a token is.
_OTHER_KINDS_TYP: Final = frozenset({"id", "refresh", "offline", "logout"})
# Whatever says of which kind a token is: most tokens have none of these.
_TELLING_CLAIMS: Final = _OTHER_KINDS_CLAIMS | {"token_use", "typ", "cnf"}


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
        """Let FastAPI write claims as any dict, and never read them from a request.

        A handler that forgets `Depends` and has a bare `payload: Claims` would otherwise take claims from the body.
        """
        return {"type": "is-instance", "cls": cls}

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> dict[str, Any]:
        """In the OpenAPI document claims are an object."""
        return {"type": "object"}


def _frozen(value: Any, depth: int) -> Any:
    kind = type(value)
    if depth > _DEEPEST and (kind is list or kind is dict):
        raise InvalidToken(Reason.MALFORMED, detail=f"claims nested deeper than {_DEEPEST}")
    if kind is list:
        # Most lists of a token are names, with nothing in them that has to be frozen itself.
        for item in value:
            if type(item) is not str:
                value = [_frozen(item, depth + 1) for item in value]
                break
        items = _new_list(FrozenList)
        _extend(items, value)
        return items
    if kind is dict:
        members = _new_dict(FrozenDict)
        _update(members, {name: _frozen(item, depth + 1) for name, item in value.items()})
        return members
    if isinstance(value, list | dict) and not isinstance(value, FrozenList | FrozenDict):
        # A subclass, in claims that were not parsed but written.
        return _frozen(list(value) if isinstance(value, list) else dict(value), depth)
    return value


VerifiedClaims = NewType("VerifiedClaims", dict[str, Any])
"""Claims that `ClaimRules.check` let through. They can be changed still, and nobody but a principal ever holds them."""


def immutable(verified: VerifiedClaims) -> Claims:
    """The claims of a token as a value to hand out; the constructor does the same for any mapping, and takes longer."""
    claims = _new_dict(Claims)
    _update(claims, verified)
    for name, value in verified.items():
        if type(value) in _MUTABLE:
            _set(claims, name, _frozen(value, 1))
    return claims


_MUTABLE: Final = frozenset({list, dict})
# What the frozen types refuse, taken from their plain parents to fill a new value.
_new_list, _extend = list.__new__, list.extend
_new_dict, _update, _set = dict.__new__, dict.update, dict.__setitem__


@dataclass(frozen=True, slots=True)
class ClaimRules:
    """What one issuer's access tokens must say (RFC 7519, section 4.1; RFC 9068, section 4).

    `token_types` are media types in lower case, with "" for a token that names no type. `leeway` is in seconds.
    `exact` holds claims that must have one value, such as Cognito's `token_use`; of `one_of` at least one is there and not
    empty: they are what ID tokens of the issuer lack. Where a preset says so by name, tokens `may_lack_audience` (one that is
    there must be right all the same), or `are_id_tokens`.
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

    def check(self, media_type: str, unverified_claims: dict[str, Any], now: float) -> VerifiedClaims:
        """The claims, proven. `media_type` is the header's, or empty; `now` is in seconds since 1970. Raises InvalidToken.

        Called when the signature is verified: together the two prove what was unverified.
        """
        if media_type not in self.token_types:
            raise InvalidToken(Reason.TYPE, detail="the header's typ is not an accepted one")
        if self.one_of or not _TELLING_CLAIMS.isdisjoint(unverified_claims):
            self._check_kind(unverified_claims)
        if unverified_claims.get("iss") != self.issuer:
            raise InvalidToken(Reason.ISSUER)
        audience = unverified_claims.get(self.audience_claim)
        if not (audience in self.audiences if type(audience) is str else self._is_meant(unverified_claims)):
            raise InvalidToken(Reason.AUDIENCE, detail=self._why_not_meant(audience))
        for name in self.required:
            if unverified_claims.get(name) is None:
                raise InvalidToken(Reason.MISSING_CLAIM, detail=f"{name} is required")
        for name in ("sub", "jti"):
            text = unverified_claims.get(name, name)
            if type(text) is not str or not text:
                raise InvalidToken(Reason.INVALID_CLAIM, detail=f"{name} is not a text")
        for name, value in self.exact.items():
            if unverified_claims.get(name) != value:
                raise InvalidToken(Reason.KIND, detail=f"{name} is not {value}")
        if "exp" not in unverified_claims:
            raise InvalidToken(Reason.MISSING_CLAIM, detail="exp is required")
        for name in ("exp", "nbf", "iat"):
            date = unverified_claims.get(name, 0)
            # The very types: a boolean is an integer to Python, and no date.
            if type(date) not in _NUMBERS or not 0 <= date < _LARGEST_DATE:
                raise InvalidToken(Reason.INVALID_CLAIM, detail=f"{name} is not a date")
            if date > now + self.leeway and name != "exp":
                raise InvalidToken(Reason.NOT_YET_VALID, detail=f"{name} lies in the future")
        # Last, so that only a token that is good in every other way is told that it has expired.
        if unverified_claims["exp"] <= now - self.leeway:
            raise InvalidToken(Reason.EXPIRED)
        return unverified_claims  # type: ignore[return-value] # they are proven

    def validity(self, claims: VerifiedClaims) -> tuple[float, float]:
        """From when and until when proven claims are valid, in seconds since 1970, leeway included."""
        begins, issued = claims.get("nbf", 0), claims.get("iat", 0)
        return (begins if begins > issued else issued) - self.leeway, claims["exp"] + self.leeway

    def _check_kind(self, claims: Mapping[str, Any]) -> None:
        if not self.are_id_tokens and not _OTHER_KINDS_CLAIMS.isdisjoint(claims):
            raise InvalidToken(Reason.KIND, detail="it has claims of an ID token, a logout token or a security event")
        if self.one_of and not any(claims.get(name) for name in self.one_of):
            raise InvalidToken(
                Reason.KIND, detail=f"it lacks what access tokens of its issuer have: {' or '.join(self.one_of)}"
            )
        if claims.get("token_use", "access") != "access":
            raise InvalidToken(Reason.KIND, detail="its token_use is not access")
        kind = claims.get("typ")
        if isinstance(kind, str) and kind.lower() in _OTHER_KINDS_TYP:
            raise InvalidToken(Reason.KIND, detail="its typ claim says that it is no access token")
        # RFC 9449, section 7.2, and RFC 8705, section 3: no silent downgrade to a plain bearer token.
        if "cnf" in claims:
            raise InvalidToken(Reason.SENDER_CONSTRAINED, detail="it is bound to a key and was sent as a bearer token")

    def _why_not_meant(self, unverified_audience: object) -> str:
        """For the log, in words of the configuration alone."""
        named = unverified_audience if isinstance(unverified_audience, list) else [unverified_audience]
        for wanted in sorted(self.audiences):
            other = wanted[:-1] if wanted.endswith("/") else wanted + "/"
            if other in named:
                return f"its {self.audience_claim} differs from {wanted} by a slash at its end alone"
        return f"its {self.audience_claim} names none of {', '.join(sorted(self.audiences))}"

    def _is_meant(self, claims: Mapping[str, Any]) -> bool:
        audience = claims.get(self.audience_claim)
        if type(audience) is list and all(type(name) is str and name for name in audience):
            return not self.audiences.isdisjoint(audience)
        return self.may_lack_audience and self.audience_claim not in claims
