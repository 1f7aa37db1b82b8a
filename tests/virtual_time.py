"""An event loop whose time jumps to the next timer, so that minutes pass in milliseconds."""

from __future__ import annotations

import asyncio
from asyncio import base_events
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from gameball_async.transport.http import Timer

P = ParamSpec("P")
T = TypeVar("T")

START = 100_000.0
"""What a new loop's time starts at: like a machine that has been up for a day."""
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
"""The time of day when a loop's time is `START`."""


class _Jump:
    """Stands where the loop expects its selector: moves time instead of waiting."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop

    def select(self, timeout: float | None) -> list[object]:
        if timeout is None:
            raise RuntimeError("everybody waits, and no timer is set: nothing will ever happen")
        if timeout > 0:
            self._loop.jump()
        return []


class VirtualLoop(base_events.BaseEventLoop):
    """Runs tasks and timers without sockets, threads, or any real waiting.

    A test that can never go on fails with a RuntimeError instead of hanging.
    """

    _scheduled: list[asyncio.TimerHandle]

    def __init__(self, start: float = START) -> None:
        super().__init__()
        self._virtual = start
        self._selector = _Jump(self)

    def time(self) -> float:
        """The virtual time, in seconds."""
        return self._virtual

    def jump(self) -> None:
        """Go on to the next timer."""
        self._virtual = max(self._virtual, self._scheduled[0].when())

    def stall(self, seconds: float) -> None:
        """Let time pass while no timer can ring, as code does that blocks a loop."""
        self._virtual += seconds

    def pending(self) -> int:
        """How many timers are set."""
        return sum(not timer.cancelled() for timer in self._scheduled)

    def _process_events(self, events: list[object]) -> None:
        """There are no sockets, so there are no events."""

    def _write_to_self(self) -> None:
        """The loop never sleeps, so nobody needs to wake it."""


class VirtualClock:
    """A `Clock` on a virtual loop: on *loop*, or on whichever is running."""

    def __init__(self, loop: VirtualLoop | None = None) -> None:
        self._loop = loop

    def monotonic(self) -> float:
        """The loop's time."""
        return (self._loop or asyncio.get_running_loop()).time()

    def now(self) -> datetime:
        """`EPOCH`, and the time that has passed since."""
        return EPOCH + timedelta(seconds=self.monotonic() - START)

    def call_later(self, delay: float, callback: Callable[[], None]) -> Timer:
        """As the running loop's own."""
        return asyncio.get_running_loop().call_later(delay, callback)


def run_virtual(main: Coroutine[Any, Any, T], *, start: float = START) -> T:
    """Run *main* on a new virtual loop, as `asyncio.run` does on a real one."""
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(start), debug=False) as runner:
        return runner.run(main)


def virtual(test: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, T]:
    """Turn an async test into one that runs on a virtual loop of its own."""

    @wraps(test)
    def runs(*args: P.args, **kwargs: P.kwargs) -> T:
        return run_virtual(test(*args, **kwargs))

    return runs
