"""The time that a test's tokens are made at and verified at."""

import time
from datetime import UTC, datetime, timedelta


class Clock:
    """Seconds since 1970: the real ones until it is frozen, then those that the test chooses."""

    def __init__(self) -> None:
        self._frozen_at: float | None = None

    def __call__(self) -> float:
        """Give the seconds since 1970."""
        return time.time() if self._frozen_at is None else self._frozen_at

    @property
    def now(self) -> datetime:
        """The moment, with its time zone."""
        return datetime.fromtimestamp(self(), UTC)

    def freeze(self, at: datetime | float | None = None) -> None:
        """It stands still: at this moment, which a time zone belongs to, or at the present one."""
        if isinstance(at, datetime):
            if at.tzinfo is None:
                raise ValueError("the moment has no time zone; write datetime(2030, 1, 1, tzinfo=UTC)")
            at = at.timestamp()
        self._frozen_at = self() if at is None else float(at)

    def advance(self, seconds: float = 0, **span: float) -> None:
        """It stands later by this span: `advance(60)`, or `advance(hours=1)` in the words of timedelta.

        Raises RuntimeError while it runs.
        """
        if self._frozen_at is None:
            raise RuntimeError("the clock runs by itself; freeze it first, or use the fixture axioms_clock")
        self._frozen_at += timedelta(seconds=seconds, **span).total_seconds()

    def thaw(self) -> None:
        """It shows the real time again."""
        self._frozen_at = None
