"""What does the limiter cost for each grant, next to the bucket that everybody writes?

Ours keeps the two windows of the bucket of orders, with priorities, and books each answer. Theirs
are two levels of a token bucket under an ``asyncio.Lock`` that sleeps until there is a token, as it
is found in most projects, and, where it is installed, two limiters of aiolimiter, one inside the
other: it is the limiter that asyncio projects install, and the one that goal 12 names.

It is fair, or kinder to them, but for one thing: uncontended, all have a million times the
published limits, and ours is spared the bookkeeping of its windows, which comes with every lump of
grants. With 10 000 waiters all have the published limits, and a loop whose time jumps to the next
timer, so that 14 minutes of waiting are not waited for; every answer comes at once, and the tasks
that wait are part of the cost of all alike. Only ours keeps within a server's limits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final

from benchmarks.bench import Bench
from benchmarks.jumping import JumpingLoop, LoopClock
from benchmarks.rounds import Burst, Contest, Goal, Row, cpu
from gameball_async import Bucket, Clock, Limiter, Priority, RateLimits, SystemClock

WAITERS: Final = 10_000
PLENTY: Final = 10**6

Acquire = Callable[[], Awaitable[object]]
"""Waits for a grant and, where the limiter asks for that, ends it."""
Make = Callable[[float], Acquire]
"""Makes a limiter of so many times the published limits, on the running loop."""


class NaiveBucket:
    """Two levels of tokens that fill up evenly, and a lock that is held while one sleeps."""

    def __init__(self, levels: Sequence[tuple[float, float]]) -> None:
        """Start full; *levels* are pairs of a limit and its seconds."""
        self._loop = asyncio.get_running_loop()
        self._lock = asyncio.Lock()
        self._levels = [(float(limit), limit / seconds) for limit, seconds in levels]
        self._tokens = [float(limit) for limit, _ in levels]
        self._filled = self._loop.time()

    async def acquire(self) -> None:
        """Take a token of every level, or wait for the slowest."""
        async with self._lock:
            while (wait := self._fill()) > 0:  # noqa: ASYNC110 - what is compared is this idiom
                await asyncio.sleep(wait)
            self._tokens = [tokens - 1 for tokens in self._tokens]

    def _fill(self) -> float:
        """Add what has dripped in, and return the seconds until a token is whole."""
        now = self._loop.time()
        passed, self._filled = now - self._filled, now
        wait = 0.0
        for number, (limit, rate) in enumerate(self._levels):
            tokens = min(limit, self._tokens[number] + passed * rate)
            self._tokens[number] = tokens
            if tokens < 1 - 1e-9:
                wait = max(wait, (1 - tokens) / rate)
        return wait


def _ours(factor: float) -> Acquire:
    clock: Clock = SystemClock() if factor == PLENTY else LoopClock()
    limiter = Limiter(RateLimits.published().scaled(factor), clock=clock)
    limiter.attach()
    bucket, priority = Bucket.ORDERS, Priority.INTERACTIVE

    async def acquire() -> None:
        permit = limiter.try_acquire(bucket, priority)
        if permit is None:
            permit = await limiter.join(bucket, priority).granted()
        permit.sent()
        permit.answered()

    return acquire


def _levels(factor: float) -> list[tuple[float, float]]:
    windows = RateLimits.published().windows[Bucket.ORDERS]
    return [(window.limit * factor, window.seconds) for window in windows]


def _naive(factor: float) -> Acquire:
    return NaiveBucket(_levels(factor)).acquire


def _aiolimiter(factor: float) -> Acquire:
    limiter: Any = import_module("aiolimiter").AsyncLimiter
    short, long = (limiter(limit, seconds) for limit, seconds in _levels(factor))

    async def acquire() -> None:
        await long.acquire()
        await short.acquire()

    return acquire


async def _in_turn(acquire: Acquire, times: int) -> None:
    for _ in range(times):
        await acquire()


async def _crowd(acquire: Acquire, waiters: int) -> None:
    """Let so many tasks wait at once, until the last one has had its grant."""
    await asyncio.gather(*(acquire() for _ in range(waiters)))


async def _made(make: Make, factor: float) -> Acquire:
    return make(factor)


def _alone(make: Make, times: int) -> Burst:
    """A burst in which nobody waits."""

    def burst() -> float:
        with asyncio.Runner() as runner:
            acquire = runner.run(_made(make, PLENTY))
            return cpu(lambda: runner.run(_in_turn(acquire, times)), times)

    return burst


def _crowded(make: Make, waiters: int) -> Burst:
    """A burst in which everybody waits."""

    def burst() -> float:
        with asyncio.Runner(loop_factory=JumpingLoop) as runner:
            acquire = runner.run(_made(make, 1))
            return cpu(lambda: runner.run(_crowd(acquire, waiters)), waiters)

    return burst


@contextmanager
def contest(bench: Bench) -> Iterator[Contest]:
    """Nobody waits; everybody waits."""
    limiters: dict[str, Make] = {"naive": _naive, "ours": _ours}
    if find_spec("aiolimiter") is not None:
        limiters["aiolimiter"] = _aiolimiter
    times, waiters = bench.size(20_000), bench.size(WAITERS)
    sides = {f"{name} alone": _alone(make, times) for name, make in limiters.items()}
    sides |= {f"{name} crowd": _crowded(make, waiters) for name, make in limiters.items()}
    rivals = [name for name in limiters if name != "ours"]
    yield Contest(
        sides,
        [
            *(_row("limiter grant, uncontended", rival, "alone") for rival in rivals),
            *(_row(f"limiter grant, {waiters:,} waiters", rival, "crowd") for rival in rivals),
        ],
    )


def _row(question: str, rival: str, way: str) -> Row:
    named = rival == "aiolimiter"
    left_at = 0.38 if way == "crowd" else None
    return Row(
        question=question,
        rival="two aiolimiter.AsyncLimiter" if named else "asyncio.Lock and sleep",
        ours=f"ours {way}",
        theirs=f"{rival} {way}",
        goal=Goal(12, 0.30, left_at=left_at) if named else None,
    )
