"""The limiter's promises, for any traffic, against a server that counts every window exactly."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Literal

import pytest
from attrs import Factory, define, field, frozen
from hypothesis import example, given, settings, strategies as st

from gameball_async.config import Bucket, Priority, RateLimits, Window
from gameball_async.transport.buckets import LAG
from gameball_async.transport.http import Timer
from gameball_async.transport.limiter import Limiter, Permit
from tests.virtual_time import VirtualClock, run_virtual, virtual

BUCKET = Bucket.ORDERS
INTERACTIVE, BACKGROUND = Priority.INTERACTIVE, Priority.BACKGROUND
PUBLISHED = (Window(30, 1.0), Window(360, 30.0))
MAX_TRANSIT = 2.0

Fate = Literal["answered", "refused", "unanswered", "unused"]
OFTEN: Fate = "answered"
MOSTLY_ANSWERED: list[Fate] = [*[OFTEN] * 8, "unanswered", "unused"]


@frozen
class Call:
    """One request of a generated traffic; times in seconds."""

    start: float
    priority: Priority = INTERACTIVE
    fate: Fate = "answered"
    slot: float = 0.0
    """From the grant to the moment it leaves."""
    transit: float = 0.0
    """From the moment it leaves to the server's counter."""
    back: float = 0.0
    """From the counter to the caller; for an unanswered one from leaving to giving up."""
    patience: float | None = None
    """Cancelled so long after the start if it still waits."""
    promoted: float | None = None
    front: bool = False
    retry_after: float | None = None


@define
class Run:
    """What happened: arrivals at the server, and grants in order."""

    limiter: Limiter
    began: float = 0.0
    arrivals: list[float] = Factory(list[float])
    grants: list[tuple[float, int]] = Factory(list[tuple[float, int]])
    """Time and the call's place in the order of asking."""
    asked: list[Call] = Factory(list[Call])
    too_early: list[tuple[float, float]] = Factory(list[tuple[float, float]])
    cancelled: int = 0
    tasks: list[asyncio.Task[None]] = field(factory=list[asyncio.Task[None]])


def limiter_of(windows: Sequence[Window]) -> Limiter:
    limits = RateLimits.published().override(orders=tuple(windows))
    return Limiter(limits, clock=VirtualClock(), max_transit=MAX_TRANSIT)


def most_in_any_window(arrivals: Sequence[float], seconds: float) -> int:
    """The largest number of arrivals in any stretch of *seconds*, both edges included."""
    times = sorted(arrivals)
    most = first = 0
    for last, at in enumerate(times):
        while at - times[first] > seconds:
            first += 1
        most = max(most, last - first + 1)
    return most


async def make(call: Call, run: Run) -> None:
    """Make one call: ask, wait, send, and end as is its fate."""
    loop = asyncio.get_running_loop()
    await asyncio.sleep(call.start)
    place = len(run.asked)
    run.asked.append(call)
    permit = None if call.front else run.limiter.try_acquire(BUCKET, call.priority)
    if permit is None:
        ticket = run.limiter.join(BUCKET, call.priority, front=call.front)
        if call.promoted is not None:
            loop.call_later(call.promoted, ticket.promote)
        patience = asyncio.timeout(call.patience)
        try:
            async with patience:
                permit = await ticket.granted()
        except TimeoutError:
            run.cancelled += 1
            return
        if loop.time() < ticket.earliest:
            run.too_early.append((loop.time(), ticket.earliest))
    run.grants.append((loop.time() - run.began, place))
    await travel(call, run, permit)


async def travel(call: Call, run: Run, permit: Permit) -> None:
    """Send the request of a call that has its permit."""
    loop = asyncio.get_running_loop()
    await asyncio.sleep(call.slot)
    if call.fate == "unused":
        permit.unused()
        return
    permit.sent()
    loop.call_later(call.transit, lambda: run.arrivals.append(loop.time()))
    if call.fate == "unanswered":
        await asyncio.sleep(call.back)
        permit.unanswered()
        return
    await asyncio.sleep(call.transit + call.back)
    if call.fate == "refused":
        permit.refused(call.retry_after)
    else:
        permit.answered()


async def play(calls: Sequence[Call], windows: Sequence[Window]) -> Run:
    """Let all *calls* happen, and wait until every token must be back."""
    run = Run(limiter_of(windows), asyncio.get_running_loop().time())
    run.limiter.attach()
    await asyncio.gather(*(make(call, run) for call in calls))
    await asyncio.sleep(MAX_TRANSIT + 0.01 + max(window.seconds for window in windows))
    return run


def seconds(most: float) -> st.SearchStrategy[float]:
    """Any time up to *most*, with coincidences."""
    return st.one_of(st.sampled_from([0.0, most / 2, most]), st.floats(0, most))


def traffic(*, calm: bool = False, most: int = 60) -> st.SearchStrategy[list[Call]]:
    """Any calls; *calm* ones neither leave the line nor fail late."""
    fates: list[Fate] = ["answered", "answered", "unanswered", "unused", "refused"]
    never = st.none()
    call = st.builds(
        Call,
        start=seconds(4.0),
        priority=st.sampled_from([INTERACTIVE, INTERACTIVE, BACKGROUND]),
        fate=st.sampled_from([fate for fate in fates if not (calm and fate == "unused")]),
        slot=st.one_of(st.just(0.0), seconds(0.5)),
        transit=seconds(MAX_TRANSIT),
        back=seconds(MAX_TRANSIT) if calm else seconds(6.0),
        patience=never if calm else st.one_of(never, seconds(5.0)),
        promoted=never if calm else st.one_of(never, never, seconds(2.0)),
        front=st.sampled_from([False, False, False, True]),
        retry_after=st.one_of(never, st.floats(-1, 3)),
    )
    return st.lists(call, min_size=1, max_size=most)


limits = st.sampled_from(
    [
        (Window(1, 1.0),),
        (Window(1, 1.0), Window(3, 5.0)),
        (Window(2, 0.5), Window(5, 3.0)),
        (Window(5, 3.0), Window(2, 0.5)),
        (Window(7, 1.0), Window(24, 5.0)),
        (Window(30, 1.0), Window(40, 3.0)),
    ]
)


@settings(max_examples=300, deadline=None)
@example(calls=[Call(0.0)] * 3, windows=(Window(1, 1.0),))
@given(calls=traffic(), windows=limits)
def test_no_window_of_the_server_ever_sees_more_than_its_limit(
    calls: list[Call], windows: tuple[Window, ...]
) -> None:
    run = run_virtual(play(calls, windows))

    for window in windows:
        assert most_in_any_window(run.arrivals, window.seconds) <= window.limit


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32), rush=seconds(2.0))
def test_no_published_window_ever_sees_more_than_its_limit(seed: int, rush: float) -> None:
    luck = random.Random(seed)
    calls = [
        Call(
            start=luck.uniform(0, rush) + luck.choice([0, 0, 15, 29]),
            priority=luck.choice([INTERACTIVE, BACKGROUND]),
            fate=luck.choice(MOSTLY_ANSWERED),
            slot=luck.choice([0.0, luck.uniform(0, 0.2)]),
            transit=luck.choice([0.0, luck.uniform(0, 0.3), luck.uniform(0, MAX_TRANSIT)]),
            back=luck.choice([0.0, luck.uniform(0, 0.3), luck.uniform(0, 20)]),
            patience=luck.choice([None, None, luck.uniform(0, 40)]),
        )
        for _ in range(600)
    ]

    run = run_virtual(play(calls, PUBLISHED))

    assert most_in_any_window(run.arrivals, 1.0) <= 30
    assert most_in_any_window(run.arrivals, 30.0) <= 360


@settings(max_examples=200, deadline=None)
@given(calls=traffic(), windows=limits)
def test_everybody_is_granted_or_left_and_every_token_comes_back(
    calls: list[Call], windows: tuple[Window, ...]
) -> None:
    run = run_virtual(play(calls, windows))

    assert len(calls) == len(run.grants) + run.cancelled

    async def later() -> list[tuple[int, int]]:
        shown = run.limiter.snapshot()[BUCKET]
        assert {INTERACTIVE: 0, BACKGROUND: 0} == dict(shown.waiting)
        return [(window.limit, window.free) for window in shown.windows]

    rested = run_virtual(later(), start=run.began + 1000)
    assert [(window.limit, window.limit) for window in windows] == rested


@settings(max_examples=300, deadline=None)
@given(calls=traffic(calm=True), windows=limits)
def test_no_grant_comes_before_the_earliest_time_that_was_told(
    calls: list[Call], windows: tuple[Window, ...]
) -> None:
    run = run_virtual(play(calls, windows))

    assert [] == run.too_early


@settings(max_examples=150, deadline=None)
@given(calls=traffic(), windows=limits)
def test_calls_of_one_priority_are_granted_in_the_order_in_which_they_asked(
    calls: list[Call], windows: tuple[Window, ...]
) -> None:
    plain = [
        Call(call.start, call.priority, call.fate, call.slot, call.transit, call.back)
        for call in calls
    ]

    run = run_virtual(play(plain, windows))

    for priority in Priority:
        places = [place for _, place in run.grants if run.asked[place].priority is priority]
        assert sorted(places) == places


async def saturate(windows: Sequence[Window], duration: float, trips: Sequence[float]) -> Run:
    """Always have calls in line, for *duration* seconds, with round trips from *trips*."""
    loop = asyncio.get_running_loop()
    run = Run(limiter_of(windows), loop.time())
    run.limiter.attach()
    luck = random.Random(len(trips))
    end = run.began + duration

    async def work() -> None:
        while True:
            permit = await run.limiter.join(BUCKET, INTERACTIVE).granted()
            if loop.time() >= end:
                return
            permit.sent()
            trip = trips[len(run.grants) % len(trips)]
            run.grants.append((loop.time() - run.began, 0))
            there = trip * luck.random()
            await asyncio.sleep(there)
            run.arrivals.append(loop.time())
            await asyncio.sleep(trip - there)
            permit.answered()

    tasks = [asyncio.ensure_future(work()) for _ in range(64)]
    await asyncio.sleep(duration)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return run


def oracle(windows: Sequence[Window], duration: float) -> int:
    """How many requests fit into *duration* if the network takes no time at all."""
    times: list[float] = []
    at = 0.0
    while at < duration:
        times.append(at)
        for window in windows:
            if len(times) >= window.limit:
                at = max(at, times[-window.limit] + window.seconds)
    return len(times)


@pytest.mark.parametrize(
    ("duration", "trip", "least"),
    [
        *(pytest.param(40.0, ms / 1000, 0.95, id=f"40-s-at-a-steady-{ms}-ms")
          for ms in (5, 50, 100, 150, 195, 200)),
        *(pytest.param(40.0, -seed, 0.96, id=f"40-s-at-5-to-200-ms-seed-{seed}")
          for seed in range(20)),
        pytest.param(600.0, -9, 0.99, id="600-s-at-5-to-200-ms"),
        pytest.param(600.0, 0.2, 0.99, id="600-s-at-a-steady-200-ms"),
    ],
)  # fmt: skip
def test_a_greedy_caller_gets_nearly_the_whole_quota(
    duration: float, trip: float, least: float
) -> None:
    luck = random.Random(int(trip))
    trips = [trip] if trip > 0 else [luck.uniform(0.005, 0.2) for _ in range(10_000)]

    run = run_virtual(saturate(PUBLISHED, duration, trips))

    assert most_in_any_window(run.arrivals, 1.0) <= 30
    assert most_in_any_window(run.arrivals, 30.0) <= 360
    assert len(run.grants) / oracle(PUBLISHED, duration) >= least


@virtual
async def test_cancelled_calls_cost_the_others_nothing() -> None:
    loop = asyncio.get_running_loop()
    run = Run(limiter_of([Window(10, 1.0)]), loop.time())
    leaving = [Call(0.0, patience=0.5, back=0.1) for _ in range(500)]
    staying = [Call(0.1, back=0.1) for _ in range(10)]

    await asyncio.gather(*(make(call, run) for call in [*leaving, *staying]))

    assert 490 == run.cancelled
    assert [0.0] * 10 + [pytest.approx(1.1, abs=0.01)] * 10 == [at for at, _ in run.grants]


@virtual
async def test_of_ten_thousand_calls_those_beyond_the_deadline_know_it_at_once() -> None:
    loop = asyncio.get_running_loop()
    limiter = limiter_of(PUBLISHED)
    deadline = loop.time() + 60
    granted = refused = late = 0

    async def ask() -> None:
        nonlocal granted, refused, late
        ticket = limiter.join(BUCKET, INTERACTIVE)
        if ticket.earliest > deadline:
            ticket.leave()
            refused += 1
            return
        permit = await ticket.granted()
        granted += 1
        late += loop.time() > deadline + 1
        permit.sent()
        await asyncio.sleep(0.05)
        permit.answered()

    await asyncio.gather(*(ask() for _ in range(10_000)))

    assert (10_000, 0) == (granted + refused, late)
    assert 720 <= granted <= 1080


@virtual
async def test_bursts_within_the_reserve_hardly_wait_behind_a_backfill() -> None:
    loop = asyncio.get_running_loop()
    run = Run(limiter_of(PUBLISHED), loop.time())
    luck = random.Random(7)

    def trip() -> float:
        return luck.uniform(0.0, 0.1)

    backfill = [Call(0.0, priority=BACKGROUND, transit=trip(), back=trip()) for _ in range(1200)]
    bursts = [
        Call(at, transit=trip(), back=trip())
        for at in [5.0 * n + luck.uniform(0, 2) for n in range(1, 20)]
        for _ in range(5)
    ]

    await asyncio.gather(*(make(call, run) for call in [*backfill, *bursts]))

    asked = {place: call.start for place, call in enumerate(run.asked)}
    waits = sorted(
        at - asked[place] for at, place in run.grants if run.asked[place].priority is INTERACTIVE
    )
    assert waits[int(0.99 * len(waits))] <= 0.2
    assert most_in_any_window(run.arrivals, 1.0) <= 30
    assert most_in_any_window(run.arrivals, 30.0) <= 360


@virtual
async def test_background_calls_take_nine_tenths_of_the_sustained_rate_evenly() -> None:
    run = Run(limiter_of(PUBLISHED), asyncio.get_running_loop().time())

    await asyncio.gather(
        *(make(Call(0.0, priority=BACKGROUND, transit=0.1, back=0.1), run) for _ in range(650))
    )

    assert [] == run.too_early
    assert 60 == pytest.approx(run.grants[-1][0], rel=0.02)
    steps = [later[0] - sooner[0] for sooner, later in pairwise(run.grants)]
    assert min(steps[1:]) >= 1 / 10.8 - LAG
    assert max(steps) <= 1 / 10.8 + LAG


@virtual
async def test_late_timers_do_not_slow_the_background_pace() -> None:
    class LateClock(VirtualClock):
        def call_later(self, delay: float, callback: Callable[[], None]) -> Timer:
            return super().call_later(delay + 0.015, callback)

    limits = RateLimits.published().override(orders=PUBLISHED)
    run = Run(Limiter(limits, clock=LateClock()), asyncio.get_running_loop().time())

    await asyncio.gather(*(make(Call(0.0, priority=BACKGROUND), run) for _ in range(300)))

    assert 299 / 10.8 == pytest.approx(run.grants[-1][0], rel=0.01)


@virtual
async def test_no_background_call_comes_before_the_time_its_pace_promised() -> None:
    run = Run(limiter_of([Window(1, 1.0)]), asyncio.get_running_loop().time())

    await asyncio.gather(*(make(Call(0.0, priority=BACKGROUND), run) for _ in range(150)))

    assert [] == run.too_early
