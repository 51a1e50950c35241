"""The attack: operation after operation, refusals side by side, and last and one by one what must be let in."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from ..forge.hostile import Category, NotPossible
from .arms import Arms
from .canary import Canary
from .document import Operation
from .gun import Gun
from .objects import Objects
from .overlay import Overlay
from .report import OperationReport, Report, Result
from .shots import Magazine, Shot, Unfired, owner_of
from .target import AttackError
from .verdict import Outcome

Progress = Callable[[str, int, int], None]

_SIDE_BY_SIDE: Final = 8
# How long an API may take to find keys that it could not have at its start, in seconds.
_PATIENCE: Final = 15.0
# Tokens with URLs in them are fired one by one: who calls the canary meanwhile has called for that one.
_ONE_BY_ONE: Final = frozenset({Category.KEY_REFERENCE, Category.ISSUER})
# What destroys objects comes last.
_ORDER: Final = ("GET", "HEAD", "OPTIONS", "TRACE", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True, slots=True)
class Orders:
    """How to attack. `write` allows methods that change something; `timeout` is in seconds for each request.

    With `new_keys` the API has yet to ask for the issuer's keys, which it may not do at once. `progress` is told which operation
    is fired at, how many shots are done, and how many there are.
    """

    write: bool = False
    timeout: float = 10.0
    new_keys: bool = False
    progress: Progress = lambda operation, done, total: None


async def attack(
    target: str, operations: Sequence[Operation], overlay: Overlay, arms: Arms, orders: Orders | None = None
) -> Report:
    """The report of an attack on these operations of the API at `target`.

    Raises AttackError where it cannot go on, or would prove nothing: nobody listens, nothing demands a token, or the API does
    not trust the issuer that the attack's tokens come from.
    """
    orders = orders or Orders()
    gun = Gun(target, orders.timeout)
    async with Canary() as canary, gun.client:
        # Making tokens asks a forge over HTTP, or signs; neither is for the event loop.
        magazine = await asyncio.to_thread(Magazine, arms, canary.url, overlay.ignore)
        names = {name: operation for operation in operations for name in (operation.name, operation.operation_id)}
        objects = Objects(gun, magazine, names, overlay, write=orders.write)
        battle = _Battle(gun, magazine, objects, canary, orders)
        report = Report(target, arms.issuer, arms.audience)
        chosen = battle.chosen(operations, overlay, report)
        if chosen:
            await battle.check_trust(chosen)
            await battle.fight(chosen, report)
        return report


class _Battle:
    def __init__(self, gun: Gun, magazine: Magazine, objects: Objects, canary: Canary, orders: Orders) -> None:
        self._gun = gun
        self._magazine = magazine
        self._objects = objects
        self._canary = canary
        self._orders = orders
        self._seats = asyncio.Semaphore(_SIDE_BY_SIDE)

    def chosen(self, operations: Sequence[Operation], overlay: Overlay, report: Report) -> list[Operation]:
        """The operations to fire at. The report learns of the others, and of those that should not be public."""
        chosen: list[Operation] = []
        for operation in sorted(operations, key=lambda one: _ORDER.index(one.method)):
            if operation.skip is not None:
                report.skipped[operation.name] = operation.skip
            elif operation.demand is None:
                report.public.append(operation.name)
                if overlay.public is not None and not {operation.name, operation.operation_id} & set(overlay.public):
                    report.operations.append(OperationReport(operation, [_UNLISTED]))
            elif operation.writes and not self._orders.write:
                report.skipped[operation.name] = "it may change something; --write fires at it too"
            else:
                chosen.append(self._prepared(operation))
        if not chosen and not report.operations:
            raise AttackError(
                "there is nothing to attack: no operation demands a bearer token in its OpenAPI document or in --config"
                + (", and --write was not given" if report.skipped else "")
            )
        return chosen

    def _prepared(self, operation: Operation) -> Operation:
        demand = operation.demand
        if demand is None or demand.ownership is None or not self._objects.are_made_for(operation):
            return operation
        return replace(operation, demand=replace(demand, ownership=replace(demand.ownership, is_made=True)))

    async def check_trust(self, operations: Sequence[Operation]) -> None:
        """The API accepts a good token somewhere: else every refusal would prove nothing. Raises AttackError."""
        deadline, status = time.monotonic() + _PATIENCE, 0
        waiting = {401, 503} if self._orders.new_keys else {503}
        for operation in operations[:3]:
            try:
                headers = await asyncio.to_thread(self._magazine.admitted, operation)
            except NotPossible as reason:
                raise AttackError(f"no good token can be made: {reason}") from None
            status = (await self._gun.call(operation, headers, {})).status_code
            while status in waiting and time.monotonic() < deadline:
                await asyncio.sleep(
                    0.5
                )  # an API that could not have the keys, or asked for others just now, asks again
                status = (await self._gun.call(operation, headers, {})).status_code
            if status not in {401, 503}:
                return
        raise AttackError(
            f"{operations[0].name} refuses a good token ({status}), so its refusals prove nothing: the API does "
            f"not trust {self._magazine.issuer} for the audience {self._magazine.audience}; its log says why, and --audience, "
            "--issuer and --forge choose others"
        )

    async def fight(self, operations: Sequence[Operation], report: Report) -> None:
        """Every operation was fired at."""
        loaded: list[tuple[Operation, list[Shot | Unfired]]] = []
        for operation in operations:
            loaded.append((operation, await asyncio.to_thread(list, self._magazine.shots(operation))))
        total, done = sum(len(shots) for _, shots in loaded), 0
        for operation, shots in loaded:
            self._orders.progress(operation.name, done, total)
            report.operations.append(OperationReport(operation, await self._fire_at(operation, shots)))
            done += len(shots)
        self._orders.progress("", total, total)

    async def _fire_at(self, operation: Operation, shots: Sequence[Shot | Unfired]) -> list[Result]:
        """The results, in the order of the shots."""
        owner = owner_of(operation)
        objects = await self._objects.make_for(operation, owner)
        fired: dict[int, Result] = {}
        crowd = [(place, shot) for place, shot in enumerate(shots) if isinstance(shot, Shot) and not _is_alone(shot)]
        results = await asyncio.gather(*(self._fire(operation, shot, objects) for _, shot in crowd))
        fired.update(zip((place for place, _ in crowd), results, strict=True))
        for place, shot in enumerate(shots):
            if isinstance(shot, Unfired):
                fired[place] = Result(shot.name, shot.group, Outcome.NOT_FIRED, text=shot.reason)
            elif place not in fired:
                if shot.may_pass and operation.writes:
                    # What it was let in to change, or to destroy, is nothing for the next one.
                    objects = await self._objects.make_for(operation, owner)
                fired[place] = await self._fire(operation, shot, objects)
        return [fired[place] for place in range(len(shots))]

    async def _fire(self, operation: Operation, shot: Shot, objects: Mapping[str, Any]) -> Result:
        async with self._seats:
            return await self._gun.fire(operation, shot, objects, self._canary)


def _is_alone(shot: Shot) -> bool:
    return shot.may_pass or shot.group in _ONE_BY_ONE


_UNLISTED: Final = Result(
    "public",
    "access",
    Outcome.FAULT,
    expected="a demand for a token",
    text="it demands no token, and is not on the list of public operations",
    why="An operation that nobody meant to be public has lost its guard.",
)
