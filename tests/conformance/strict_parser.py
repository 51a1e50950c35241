"""A strict parser of WWW-Authenticate (RFC 9110, sections 5.6 and 11.6.1): it knows nothing of the library that it judges."""

import re
from dataclasses import dataclass

TOKEN = r"[A-Za-z0-9!#$%&'*+.^_`|~-]+"
# quoted-string = DQUOTE *( qdtext / quoted-pair ) DQUOTE      (RFC 9110, section 5.6.4)
QUOTED = r'"((?:[\t \x21\x23-\x5b\x5d-\x7e]|\\[\t \x21-\x7e])*)"'
PARAMETER = re.compile(rf"({TOKEN})[ \t]*=[ \t]*(?:{QUOTED}|({TOKEN}))")
SCHEME = re.compile(rf"({TOKEN})(?: +|$)")
COMMA = re.compile(r"[ \t]*,[ \t]*")


@dataclass(frozen=True)
class Challenge:
    """A scheme and its parameters, whose names are lower case and occur once."""

    scheme: str
    parameters: dict[str, str]


def parse_challenges(value: str) -> list[Challenge]:
    """The challenges of a header value. Raises ValueError for anything that the grammar does not allow."""
    challenges: list[Challenge] = []
    position = 0
    while position < len(value):
        parameter = PARAMETER.match(value, position)
        if parameter is None:
            scheme = SCHEME.match(value, position)
            if scheme is None:
                raise ValueError(f"neither a scheme nor a parameter at {position}")
            challenges.append(Challenge(scheme[1], {}))
            position = scheme.end()
            continue
        if not challenges:
            raise ValueError("a parameter before any scheme")
        name = parameter[1].lower()
        if name in challenges[-1].parameters:
            raise ValueError(f"the parameter {name} twice")
        quoted, plain = parameter[2], parameter[3]
        challenges[-1].parameters[name] = plain if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
        position = parameter.end()
        if position < len(value):
            comma = COMMA.match(value, position)
            if comma is None or comma.end() == len(value):
                raise ValueError(f"no comma and further item at {position}")
            position = comma.end()
    if not challenges:
        raise ValueError("no challenge at all")
    return challenges
