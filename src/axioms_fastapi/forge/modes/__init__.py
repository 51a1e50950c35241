"""The modes: what happens to the claims and header parameters that a request gives, before the defaults come."""

from collections.abc import Mapping

from ..plan import Change, Plan, Workshop
from .fuzz import fuzz
from .grammar import grammar
from .malicious import malicious
from .people import people


def plain(plan: Plan, shop: Workshop) -> None:
    """Mode plain: nothing happens, not even for the scope `profile`."""


MODES: Mapping[str, Change] = {
    "fake": people,
    "fuzz": fuzz,
    "malicious": malicious,
    "grammar": grammar,
    "plain": plain,
}
"""The modes by name."""
