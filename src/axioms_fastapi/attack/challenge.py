"""WWW-Authenticate, read strictly: what an API got wrong in it (RFC 9110, section 11.6.1; RFC 6750, section 3).

Written anew rather than shared with the library: what is checked must not check itself.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

_WORD: Final = r"[A-Za-z0-9!#$%&'*+.^_`|~-]+"
_QUOTED: Final = r'"(?:[\t \x21\x23-\x5b\x5d-\x7e]|\\[\t \x21-\x7e])*"'
_PARAMETER: Final = re.compile(rf"(?P<name>{_WORD})[ \t]*=[ \t]*(?P<value>{_QUOTED}|{_WORD})")
# challenge = auth-scheme [ 1*SP ( token68 / #auth-param ) ]; what stands between two commas is one item of it.
_ITEM: Final = re.compile(rf'(?:{_QUOTED}|[^",])*')
_SCHEME: Final = re.compile(rf"(?P<scheme>{_WORD})(?: +(?P<rest>.+))?")
_TOKEN68: Final = re.compile(r"[A-Za-z0-9._~+/-]+=*")

# %x20-21 / %x23-5B / %x5D-7E, and the same without the space for each scope      (RFC 6750, section 3)
_TEXT: Final = re.compile(r"[\x20\x21\x23-\x5b\x5d-\x7e]*")
_SCOPES: Final = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*")


class MalformedChallenge(ValueError):
    """The header is not what RFC 9110 allows; the text says what is wrong and quotes nothing of it."""


@dataclass(slots=True)
class Challenge:
    """A scheme and its parameters, with names in small letters."""

    scheme: str
    parameters: dict[str, str] = field(default_factory=dict)


def parse_challenges(value: str) -> list[Challenge]:
    """The challenges of one header value. Raises MalformedChallenge."""
    challenges: list[Challenge] = []
    for number, item in enumerate(_items(value), 1):
        parameter = _PARAMETER.fullmatch(item)
        if parameter is None:
            scheme = _SCHEME.fullmatch(item)
            if scheme is None:
                raise MalformedChallenge(f"item {number} of it is neither a scheme nor a parameter")
            challenges.append(Challenge(scheme["scheme"]))
            if scheme["rest"] is None or _TOKEN68.fullmatch(scheme["rest"]):
                continue
            parameter = _PARAMETER.fullmatch(scheme["rest"])
        if parameter is None or not challenges:
            raise MalformedChallenge(f"item {number} of it is not a parameter of a scheme")
        _add(challenges[-1], parameter)
    return challenges


def _items(value: str) -> Iterator[str]:
    """What stands between the commas of the list, commas in quotes apart."""
    position = -1
    while position < len(value):
        item = _ITEM.match(value, position + 1)
        assert item is not None
        if item.end() < len(value) and value[item.end()] != ",":
            raise MalformedChallenge("a quote is not closed, or holds what it may not")
        yield item[0].strip(" \t")
        position = item.end()


def _add(challenge: Challenge, parameter: re.Match[str]) -> None:
    name, value = parameter["name"].lower(), parameter["value"]
    if name in challenge.parameters:
        raise MalformedChallenge(f"the parameter {name} stands there twice")
    challenge.parameters[name] = re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value


def problems_of(values: Sequence[str], errors: Collection[str | None]) -> Iterator[str]:
    """What is wrong with the WWW-Authenticate headers of an answer. `errors` are the codes that would be right, None for none."""
    if not values:
        yield "WWW-Authenticate is missing"
        return
    try:
        bearers = [
            challenge
            for value in values
            for challenge in parse_challenges(value)
            if challenge.scheme.lower() == "bearer"
        ]
    except MalformedChallenge as malformed:
        yield f"WWW-Authenticate is malformed: {malformed}"
        return
    if len(bearers) != 1:
        yield f"WWW-Authenticate has {len(bearers) or 'no'} challenge{'s' * (len(bearers) > 1)} of the scheme Bearer"
        return
    yield from _problems_of_bearer(bearers[0].parameters, errors)


def _problems_of_bearer(parameters: dict[str, str], errors: Collection[str | None]) -> Iterator[str]:
    if not parameters:
        yield "the Bearer challenge has no parameter, and needs one at least"
    for name in ("error", "error_description", "error_uri"):
        if not _TEXT.fullmatch(parameters.get(name, "")):
            yield f"{name} holds a character that RFC 6750 does not allow in it"
    if "scope" in parameters and not _SCOPES.fullmatch(parameters["scope"]):
        yield "scope is no list of scopes"
    if parameters.get("error") not in errors:
        right = " or ".join("no error" if error is None else f'error="{error}"' for error in sorted(errors, key=str))
        found = f'error="{_shown(parameters["error"])}"' if "error" in parameters else "no error"
        yield f"the Bearer challenge has {found}, and should have {right}"


def _shown(text: str) -> str:
    """The text as a report may show it: short, and printable."""
    return "".join(character if character.isprintable() else "?" for character in text[:40])
