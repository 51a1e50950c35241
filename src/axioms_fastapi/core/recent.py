"""A bounded memory of what was looked up lately."""

import math
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Recent(Generic[T]):
    """At most `bound` values by name, each fresh for `kept` seconds; the least recently used is dropped first."""

    __slots__ = ("_bound", "_entries", "_kept", "_now")

    def __init__(self, bound: int, kept: float, now: Callable[[], float]) -> None:
        self._bound = bound
        self._kept = kept
        self._now = now
        self._entries: OrderedDict[str, tuple[float, T]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[T]:
        return iter([value for _, value in self._entries.values()])

    def is_fresh(self, name: str) -> bool:
        """Whether a value of that name was put here lately."""
        return self.age(name) < self._kept

    def fresh(self, name: str) -> T | None:
        """The value of that name that was put here lately, now the most recently used."""
        return self.get(name) if self.is_fresh(name) else None

    def age(self, name: str) -> float:
        """Seconds since a value of that name was put here; infinite where there is none."""
        entry = self._entries.get(name)
        return math.inf if entry is None else self._now() - entry[0]

    def get(self, name: str) -> T | None:
        """The value of that name, fresh or not, now the most recently used."""
        entry = self._entries.get(name)
        if entry is None:
            return None
        self._entries.move_to_end(name)
        return entry[1]

    def put(self, name: str, value: T) -> None:
        """The value is fresh from now on; another may be dropped for it."""
        self._entries[name] = (self._now(), value)
        self._entries.move_to_end(name)
        while len(self._entries) > self._bound:
            self._entries.popitem(last=False)

    def drop(self, name: str) -> None:
        """The value is forgotten."""
        self._entries.pop(name, None)
