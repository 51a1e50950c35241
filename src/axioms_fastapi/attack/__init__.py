"""Attacks on an API that one may attack: what its OpenAPI document demands, held against what it does."""

from .arms import Arms
from .document import Operation, operations_of, read_document
from .overlay import Overlay
from .remote_forge import ForgeError, RemoteForge
from .report import Report, Result
from .runner import Orders, attack
from .target import AttackError, checked_target
from .verdict import Outcome

__all__ = [
    "Arms",
    "AttackError",
    "ForgeError",
    "Operation",
    "Orders",
    "Outcome",
    "Overlay",
    "RemoteForge",
    "Report",
    "Result",
    "attack",
    "checked_target",
    "operations_of",
    "read_document",
]
