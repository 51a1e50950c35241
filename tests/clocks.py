"""Time that a test moves: a clock for what asks one, and an event loop for what waits."""

import asyncio


class Clock:
    """Monotonic seconds that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class LaterLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock is later by the seconds that a test says, so that nobody waits for a timeout."""

    later = 0.0

    def time(self) -> float:
        """See asyncio."""
        return super().time() + self.later
