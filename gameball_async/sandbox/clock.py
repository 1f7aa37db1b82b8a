"""The sandbox's own time: real, frozen, or moved by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class SandboxClock:
    """The time of day in the sandbox; holds, locks, expiry and rate limits go by it.

    Args:
        at: An aware instant at which the clock stands still; None for the real time.
    """

    __slots__ = ("_ahead", "_at")

    def __init__(self, at: datetime | None = None) -> None:
        if at is not None and at.tzinfo is None:
            raise ValueError("at must be an aware datetime")
        self._at = at
        self._ahead = timedelta()

    def now(self) -> datetime:
        """The time of day, aware, in UTC."""
        return (self._at or datetime.now(UTC)).astimezone(UTC) + self._ahead

    def advance(self, seconds: float) -> None:
        """Move the clock forward by *seconds*, on top of the time that passes by itself."""
        if seconds < 0:
            raise ValueError("the clock only goes forward")
        self._ahead += timedelta(seconds=seconds)
