"""Bad tokens with names: what no API may accept, why, and how to make each one for a given issuer and API.

`HOSTILE` holds them all. A `World` says who the issuer is and what a good token looks like; `hostile.credentials(world)` gives
the Authorization header to send. The recipes know nothing of the library that they are held against.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from .algorithms import ALGORITHMS
from .attacker import Attacker
from .claims import AUDIENCES, IDENTITIES, ISSUERS, TIMES
from .encoding import ENCODING
from .headers import HEADERS
from .json_texts import JSON_TEXTS
from .key_confusion import KEY_CONFUSION
from .key_ids import KEY_IDS
from .key_references import KEY_REFERENCES
from .kinds import KINDS
from .recipe import Category, Credentials, Hostile
from .serializations import SERIALIZATIONS
from .signatures import SIGNATURES
from .world import KeysAtHand, NotPossible, Rule, Signer, World

__all__ = [
    "BY_NAME",
    "HOSTILE",
    "Attacker",
    "Category",
    "Credentials",
    "Hostile",
    "KeysAtHand",
    "NotPossible",
    "Rule",
    "Signer",
    "World",
]

HOSTILE: Final[tuple[Hostile, ...]] = (
    *ALGORITHMS,
    *KEY_CONFUSION,
    *KEY_REFERENCES,
    *KEY_IDS,
    *SIGNATURES,
    *ENCODING,
    *JSON_TEXTS,
    *SERIALIZATIONS,
    *ISSUERS,
    *AUDIENCES,
    *TIMES,
    *IDENTITIES,
    *KINDS,
    *HEADERS,
)

BY_NAME: Final[Mapping[str, Hostile]] = MappingProxyType({hostile.name: hostile for hostile in HOSTILE})
