"""Objects to fire at: made by their owner through the API itself, as the overlay says."""

from collections.abc import Mapping
from typing import Any

import httpx2

from .document import Operation
from .gun import Gun
from .overlay import Overlay
from .shots import Magazine
from .target import AttackError


class Objects:
    """Makes the objects that path parameters name. Nothing is made unless methods that write are allowed."""

    def __init__(
        self, gun: Gun, magazine: Magazine, operations: Mapping[str, Operation], overlay: Overlay, *, write: bool
    ) -> None:
        self._gun = gun
        self._magazine = magazine
        self._operations = operations
        self._makers = overlay.objects if write else {}

    def are_made_for(self, operation: Operation) -> bool:
        """Whether the operation is fired at an object of its own."""
        return any(f"{{{parameter}}}" in operation.path for parameter in self._makers)

    async def make_for(self, operation: Operation, owner: Mapping[str, Any], *, depth: int = 0) -> dict[str, Any]:
        """Fresh objects for the path of this operation, by parameter. Raises AttackError where the API does not make them."""
        if depth > len(self._makers):
            raise AttackError(f"the objects of {operation.name} need each other to be made")
        made: dict[str, Any] = {}
        for parameter, maker in self._makers.items():
            if f"{{{parameter}}}" not in operation.path:
                continue
            creator = self._operations[maker.create]
            needed = await self.make_for(creator, owner, depth=depth + 1)
            response = await self._gun.call(creator, self._magazine.admitted(creator, owner), needed)
            if not response.is_success:
                raise AttackError(
                    f"{creator.name} made no {parameter}: it answered {response.status_code}; give it parameters or a body in "
                    "the file of --config"
                )
            made[parameter] = _found(_json(response), maker.id, creator.name)
        return made


def _json(response: httpx2.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None


def _found(answer: Any, path: str, maker: str) -> Any:
    value = answer
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise AttackError(f"the answer of {maker} has no id at {path}; say where it is in the file of --config")
    return value
