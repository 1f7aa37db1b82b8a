"""A loop whose time jumps to the next timer, so that minutes of waiting are not waited for."""

from __future__ import annotations

import asyncio
import selectors
from typing import Any

from gameball_async import SystemClock


class _Jump(selectors.SelectSelector):
    """Moves the loop's time instead of waiting; every turn of the loop takes a microsecond."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            raise RuntimeError("everybody waits, and no timer is set")
        self.now += max(timeout, 1e-6)
        return []


class JumpingLoop(asyncio.SelectorEventLoop):
    """A loop on which time passes only while nothing is ready to run."""

    def __init__(self) -> None:
        self._jump = _Jump()
        super().__init__(self._jump)

    def time(self) -> float:
        """Seconds since the loop began."""
        return self._jump.now


class LoopClock:
    """A limiter's clock that goes with its loop's time."""

    now = staticmethod(SystemClock.now)
    call_later = staticmethod(SystemClock.call_later)

    def __init__(self) -> None:
        self.monotonic = asyncio.get_running_loop().time
