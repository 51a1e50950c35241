"""Moments in words: when a token expires, as a person would say it."""

from datetime import UTC, datetime

_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


def in_words(seconds: float, now: float) -> str:
    """The moment as a date and as a distance from now: `2030-01-01 12:00:00 UTC, in 2 hours`."""
    try:
        date = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (ValueError, OverflowError, OSError):
        return "a moment that no calendar has"
    return f"{date}, {distance(seconds - now)}"


def distance(seconds: float) -> str:
    """A span in its largest unit: `in 59 minutes`, `3 days ago`, `now`."""
    whole = round(abs(seconds))
    for unit, size in _UNITS:
        if whole >= size:
            count = whole // size
            words = f"{count} {unit}{'s' * (count > 1)}"
            return f"in {words}" if seconds > 0 else f"{words} ago"
    return "now"
