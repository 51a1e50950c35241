"""What a test may change about a forge while it runs, over HTTP: keys, clock, faults, the request log.

Each of these is an attribute of `Forge` as well, for whoever holds the forge in the same process.
"""

from ..features import Feature
from ..forge import Forge
from . import clock, faults, keys, requests


def feature(forge: Forge) -> Feature:
    """All of them."""
    parts = [part.feature(forge) for part in (keys, clock, faults, requests)]
    return Feature(routes=[route for part in parts for route in part.routes])
