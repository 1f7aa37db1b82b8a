"""What does it cost to run a coroutine on another thread's loop and wait for it?

Ours is the bridge under `gameball_sync`, which runs every coroutine in a copy of its caller's
context. Theirs are ``asyncio.run_coroutine_threadsafe(...).result()`` and the ``call`` of anyio's
blocking portal. The coroutine does nothing, so the hop is all there is.

It is fair: each has its loop thread ready before the clock starts, and the CPU of all threads is
counted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Thread
from typing import Final

from anyio.from_thread import start_blocking_portal

from benchmarks.bench import Bench
from benchmarks.rounds import Burst, Contest, Goal, Row, cpu
from gameball_sync._bridge import run

THREADS: Final = 16
_GOALS: Final = {
    ("threadsafe", 1): Goal(10, 0.80),
    ("threadsafe", THREADS): Goal(10, 0.60),
    ("portal", 1): Goal(10, 0.40),
    ("portal", THREADS): Goal(10, 0.40),
}
_RIVALS: Final = {"threadsafe": "run_coroutine_threadsafe", "portal": "anyio portal.call"}


async def _nothing() -> None:
    """Do nothing."""


@contextmanager
def _loop_thread() -> Iterator[asyncio.AbstractEventLoop]:
    """A loop that runs in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@contextmanager
def contest(bench: Bench) -> Iterator[Contest]:
    """One thread, and sixteen."""
    with (
        _loop_thread() as loop,
        start_blocking_portal() as portal,
        ThreadPoolExecutor(THREADS) as threads,
    ):
        hops: dict[str, Callable[[], None]] = {
            "threadsafe": lambda: asyncio.run_coroutine_threadsafe(_nothing(), loop).result(),
            "ours": lambda: run(_nothing),
            "portal": lambda: portal.call(_nothing),
        }

        def burst(hop: Callable[[], None], count: int) -> Burst:
            size = bench.size(4000, count)
            return lambda: cpu(lambda: _spread(threads, hop, count, size // count), size)

        sides = {
            f"{name} {count}": burst(hop, count)
            for count in (1, THREADS)
            for name, hop in hops.items()
        }
        yield Contest(sides, [_row(rival, count) for rival, count in _GOALS])


def _spread(threads: ThreadPoolExecutor, hop: Callable[[], None], count: int, hops: int) -> None:
    """Let so many threads make so many hops each."""

    def hop_in_turn(_number: int) -> None:
        for _ in range(hops):
            hop()

    for _ in threads.map(hop_in_turn, range(count)):
        pass


def _row(rival: str, count: int) -> Row:
    return Row(
        question=f"bridge hop, {count} {'thread' if count == 1 else 'threads'}",
        rival=_RIVALS[rival],
        ours=f"ours {count}",
        theirs=f"{rival} {count}",
        goal=_GOALS[rival, count],
    )
