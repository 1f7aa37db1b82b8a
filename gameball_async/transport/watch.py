"""Ends calls from outside: at their deadline, at their read limit, or when the client closes."""

from __future__ import annotations

import asyncio
from enum import Enum
from math import inf
from typing import Any, Final, Protocol

from gameball_async.transport.http import Clock, Timer

GRAIN: Final = 0.05
"""Seconds: calls whose limits lie closer together than this share one timer."""


class Reason(Enum):
    """Why a call was interrupted."""

    DEADLINE = "the deadline passed"
    READ = "the answer took too long"
    CLOSED = "the client was closed"


class Watched(Protocol):
    """A call, as far as its watch can see."""

    limit: float
    """Monotonic time at which it must be interrupted."""
    on_wire: bool
    """Whether a request of it is under way."""

    def expire(self) -> None:
        """End it, because its limit passed."""
        ...

    def close(self) -> None:
        """End it, because the client closes."""
        ...


class Watch:
    """One timer for all calls of a loop: a timer per call would cost a tenth of the call."""

    __slots__ = ("_calls", "_clock", "_due", "_idle", "_timer")

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._calls: set[Watched] = set()
        self._due = inf
        self._timer: Timer | None = None
        self._idle: asyncio.Future[None] | None = None

    def __len__(self) -> int:
        return len(self._calls)

    def add(self, call: Watched) -> None:
        """Watch *call* from now on."""
        self._calls.add(call)
        if call.limit < self._due:
            self._arm(call.limit)

    def changed(self, call: Watched) -> None:
        """Take notice that the limit of *call* moved."""
        if call.limit < self._due:
            self._arm(call.limit)

    def discard(self, call: Watched) -> None:
        """Watch *call* no longer."""
        self._calls.discard(call)
        if self._idle is not None and not self._calls and not self._idle.done():
            self._idle.set_result(None)

    def close(self, *, on_wire: bool) -> None:
        """End the calls that wait, or those on the wire as well."""
        for call in [*self._calls]:
            if on_wire or not call.on_wire:
                call.close()

    async def idle(self) -> None:
        """Wait until no call is left."""
        if self._calls:
            self._idle = asyncio.get_running_loop().create_future()
            await self._idle

    def _arm(self, due: float) -> None:
        """Set the timer, at most one `GRAIN` late."""
        if self._timer is not None:
            self._timer.cancel()
        self._due = due
        delay = max(due - self._clock.monotonic(), 0.0)
        self._timer = self._clock.call_later(delay, self._tick)

    def _tick(self) -> None:
        """Expire what is due and set the timer for what comes next.

        What expires is looked at again: only its attempt may be over, and its limit a later one.
        """
        self._due = inf
        now = self._clock.monotonic()
        due = inf
        for call in [*self._calls]:
            if call.limit <= now:
                call.expire()
            due = min(due, call.limit)
        if due < inf:
            self._arm(max(due, now + GRAIN))

    def stop(self) -> None:
        """Drop the timer."""
        if self._timer is not None:
            self._timer.cancel()
        self._due = inf


class Guard:
    """Tells a cancellation of ours from the caller's own, as `asyncio.timeout` does."""

    __slots__ = ("_cancelling", "_task", "reason")

    def __init__(self, task: asyncio.Task[Any] | None) -> None:
        if task is None:
            raise RuntimeError("a call must be awaited inside a task")
        self._task = task
        self._cancelling = task.cancelling()
        self.reason: Reason | None = None

    def interrupt(self, reason: Reason) -> None:
        """Cancel the task on our own account; the first reason counts."""
        if self.reason is None:
            self.reason = reason
            self._task.cancel()

    def resume(self) -> None:
        """Go on after an interruption that was ours: there may be another."""
        self.reason = None

    def ours(self) -> bool:
        """After a `CancelledError`: whether it was ours alone. Takes our cancellation back."""
        if self.reason is None:
            return False
        if self._task.uncancel() <= self._cancelling:
            return True
        self.reason = None  # what is left is the caller's own, however often we are asked
        return False
