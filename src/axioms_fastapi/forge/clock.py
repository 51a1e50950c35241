"""The forge's own time: that of its source, moved, or standing still."""

import time
from collections.abc import Callable


class ForgeClock:
    """Seconds since the epoch, which a test may freeze, set and move; all tokens and checks of the forge follow it."""

    __slots__ = ("_frozen", "_moved", "_source")

    def __init__(self, source: Callable[[], float] = time.time) -> None:
        self._source = source
        self._moved = 0.0
        self._frozen: float | None = None

    def __call__(self) -> float:
        """The seconds now."""
        return self._source() + self._moved if self._frozen is None else self._frozen

    @property
    def is_frozen(self) -> bool:
        """Whether time stands still."""
        return self._frozen is not None

    def freeze(self, at: float | None = None) -> None:
        """Time stands still at this second, or at the one that it is."""
        self._frozen = self() if at is None else at

    def advance(self, seconds: float) -> None:
        """It is later by so many seconds, whether time stands still or goes on; earlier, if they are negative."""
        if self._frozen is None:
            self._moved += seconds
        else:
            self._frozen += seconds

    def follow(self) -> None:
        """Time is that of the source again."""
        self._frozen, self._moved = None, 0.0
