"""How much of the API's quota does a limiter use, and how often is it refused?

Everybody meets the same server: it counts arrivals in windows that slide exactly, refuses whatever
does not fit with 429, and does not count what it has refused. 64 tasks always want to send, and
the network takes 5 to 200 ms for a round trip, in which the request travels for a random part: a
server sees other distances between requests than the client that sent them.

Ours is the limiter as the client uses it: a permit for each request, ended by its answer. Theirs
are two limiters of aiolimiter, one inside the other, pyrate-limiter with both rates in one bucket,
and the bucket of `limiter_grant` that everybody writes.

It is fair: all have the published windows of orders, the same round trips in the same order, and a
loop whose time jumps, which pyrate-limiter's bucket is given as its clock. Used is what the server
has accepted within the time, out of what it accepts from a caller without any network; refused is a
part of what has arrived. Nothing here depends on the machine: each round is another seed.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache, partial
from importlib import import_module
from importlib.util import find_spec
from random import Random
from typing import Any, Final

from attrs import define, frozen

from benchmarks.bench import Bench
from benchmarks.jumping import JumpingLoop, LoopClock
from benchmarks.limiter_grant import NaiveBucket
from benchmarks.rounds import Burst, Contest, Goal, Row, in_turn
from gameball_async import Bucket, Limiter, Priority, RateLimits, Window

SEEDS: Final = 5
TASKS: Final = 64
"""More than are ever on their way at once: somebody always waits."""
BOTH: Final = RateLimits.published().windows[Bucket.ORDERS]
ONE: Final = (Window(30, 1.0),)
UNEVEN: Final = (0.005, 0.2)
"""The shortest and the longest round trip, in seconds."""

Windows = tuple[Window, ...]
End = Callable[[bool], object]
"""Tells a limiter whether the request that it had granted was accepted."""
Acquire = Callable[[], Awaitable[End]]
"""Waits for a grant; the request leaves at once."""
Make = Callable[[Windows], Acquire]
"""Makes a limiter with these windows, on the running loop."""
Figure = Callable[["Make", "Setting", int], float]
"""What a limiter has reached in a setting, with a seed."""


class StrictWindows:
    """A server's counter: windows slide with every arrival, and what is refused does not count."""

    def __init__(self, windows: Windows) -> None:
        """Start with nothing counted."""
        self._windows = windows
        self._accepted = deque[float](maxlen=max(window.limit for window in windows))

    def earliest(self) -> float:
        """When the next arrival is accepted."""
        accepted = self._accepted
        return max(
            (
                accepted[-window.limit] + window.seconds
                for window in self._windows
                if len(accepted) >= window.limit
            ),
            default=0.0,
        )

    def accept(self, now: float) -> bool:
        """Count an arrival, or refuse it."""
        if now < self.earliest():
            return False
        self._accepted.append(now)
        return True


def oracle(windows: Windows, seconds: float) -> int:
    """How many requests a server accepts from whoever knows its counter, without any network."""
    server = StrictWindows(windows)
    at, accepted = 0.0, 0
    while at < seconds:
        accepted += server.accept(at)
        at = max(at, server.earliest())
    return accepted


@frozen
class Setting:
    """What a limiter is put to."""

    name: str
    windows: Windows
    seconds: float
    trips: tuple[float, float]
    """The shortest and the longest round trip, in seconds."""
    least: float
    """Per cent of the quota: our goal."""

    def __str__(self) -> str:
        return f"{self.seconds:g} s, {self.name}"


@define
class Tally:
    """What the server has answered within the time."""

    accepted: int = 0
    refused: int = 0

    @property
    def refused_percent(self) -> float:
        """Per cent of what has arrived."""
        return 100 * self.refused / (self.accepted + self.refused)


def _ours(windows: Windows) -> Acquire:
    limiter = Limiter(RateLimits.published().override(orders=windows), clock=LoopClock())

    async def acquire() -> End:
        permit = await limiter.join(Bucket.ORDERS, Priority.INTERACTIVE).granted()
        permit.sent()
        return lambda accepted: permit.answered() if accepted else permit.refused(None)

    return acquire


def _naive(windows: Windows) -> Acquire:
    bucket = NaiveBucket([(window.limit, window.seconds) for window in windows])

    async def acquire() -> End:
        await bucket.acquire()
        return bool  # it does not want to know

    return acquire


def _aiolimiter(windows: Windows) -> Acquire:
    limiter: Any = import_module("aiolimiter").AsyncLimiter
    limiters = [limiter(window.limit, window.seconds) for window in windows]

    async def acquire() -> End:
        for limiter in reversed(limiters):
            await limiter.acquire()
        return bool  # it does not want to know

    return acquire


def _pyrate(windows: Windows) -> Acquire:
    pyrate: Any = import_module("pyrate_limiter")
    loop = asyncio.get_running_loop()
    rates = [pyrate.Rate(window.limit, int(window.seconds * 1000)) for window in windows]
    bucket = pyrate.InMemoryBucket(rates)
    bucket.now = lambda: int(loop.time() * 1000)
    # the thread that forgets old requests goes by the machine's clock, and changes no decision
    limiter = pyrate.Limiter(pyrate.SingleBucketFactory(bucket, schedule_leak=False))

    async def acquire() -> End:
        await limiter.try_acquire_async()
        return bool  # it does not want to know

    return acquire


async def _saturate(make: Make, setting: Setting, seed: int) -> Tally:
    """Always have requests that wait, until the time is over."""
    loop, luck, tally = asyncio.get_running_loop(), Random(seed), Tally()
    server, acquire = StrictWindows(setting.windows), make(setting.windows)

    async def send_for_good() -> None:
        while True:
            end = await acquire()
            trip = luck.uniform(*setting.trips)
            there = trip * luck.random()
            await asyncio.sleep(there)
            accepted = server.accept(loop.time())
            tally.accepted += accepted
            tally.refused += not accepted
            await asyncio.sleep(trip - there)
            end(accepted)

    with suppress(TimeoutError):
        async with asyncio.timeout(setting.seconds), asyncio.TaskGroup() as group:
            for _ in range(TASKS):
                group.create_task(send_for_good())
    return tally


@cache
def simulate(make: Make, setting: Setting, seed: int) -> Tally:
    """Let a limiter send for the time of a setting; the same seed is always the same."""
    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        return runner.run(_saturate(make, setting, seed))


def refused(make: Make, setting: Setting, _seed: int) -> float:
    """How many requests were answered with 429, with all seeds: none hides behind a median."""
    return sum(simulate(make, setting, seed).refused for seed in range(SEEDS))


def refused_percent(make: Make, setting: Setting, seed: int) -> float:
    """The same, in per cent of what has arrived."""
    return simulate(make, setting, seed).refused_percent


def used_percent(make: Make, setting: Setting, seed: int) -> float:
    """What was accepted, in per cent of the quota."""
    accepted = simulate(make, setting, seed).accepted
    return 100 * accepted / oracle(setting.windows, setting.seconds)


def _burst(figure: Figure, make: Make, setting: Setting) -> Burst:
    """A burst whose every call is the next seed."""
    return in_turn(partial(figure, make, setting), SEEDS)


@contextmanager
def contest(bench: Bench) -> Iterator[Contest]:
    """Every limiter on the uneven network, and ours on steady ones too."""
    rivals: dict[str, Make] = {"asyncio.Lock and sleep": _naive}
    if find_spec("aiolimiter") is not None:
        rivals["two aiolimiter.AsyncLimiter"] = _aiolimiter
    if find_spec("pyrate_limiter") is not None:
        rivals["pyrate-limiter, async"] = _pyrate
    sides: dict[str, Burst] = {}
    rows: list[Row] = []
    for setting in (
        Setting("5 to 200 ms", BOTH, 40, UNEVEN, 96),
        Setting("5 to 200 ms", BOTH, bench.size(600), UNEVEN, 99),
        Setting("30 a second alone", ONE, 60, UNEVEN, 91),
        Setting("steady 50 ms", BOTH, 40, (0.05, 0.05), 95),
        Setting("steady 200 ms", BOTH, 40, (0.2, 0.2), 95),
    ):
        shown = rivals if setting.trips == UNEVEN else {}
        for side, burst, row in (*_ours_in(setting), *_theirs_in(setting, shown)):
            sides[side] = burst
            rows.append(row)
    yield Contest(sides, rows, most_rounds=SEEDS)


def _ours_in(setting: Setting) -> Iterator[tuple[str, Burst, Row]]:
    """What has a goal: nothing is refused, and so much is used."""
    for question, figure, unit, goal in (
        (f"limiter, {setting}: refused", refused, "x 429", Goal(11, 0)),
        (f"limiter, {setting}: quota used", used_percent, "%", Goal(11, setting.least, least=True)),
    ):
        row = Row(question=question, ours=question, unit=unit, goal=goal)
        yield question, _burst(figure, _ours, setting), row


def _theirs_in(setting: Setting, rivals: Mapping[str, Make]) -> Iterator[tuple[str, Burst, Row]]:
    """The same of the rivals, who are refused too often to count it."""
    for rival, make in rivals.items():
        for question, figure in (("  refused", refused_percent), ("  quota used", used_percent)):
            side = f"{rival}, {setting}: {question}"
            row = Row(question=question, rival=rival, ours=side, unit="%")
            yield side, _burst(figure, make, setting), row
