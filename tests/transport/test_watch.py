"""One timer ends every call that is overdue, and tells our cancellations from the caller's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from math import inf

import pytest

from gameball_async.transport.http import Timer
from gameball_async.transport.watch import GRAIN, Guard, Reason, Watch
from tests.virtual_time import START, VirtualClock, VirtualLoop, virtual


class Call:
    """Something to watch; it only notes what happens to it."""

    def __init__(self, limit: float, *, on_wire: bool = False) -> None:
        self.limit = START + limit
        self.on_wire = on_wire
        self.expired: list[float] = []
        self.closed = 0
        self.then: Callable[[Call], None] = lambda _: None

    def expire(self) -> None:
        self.expired.append(round(asyncio.get_running_loop().time() - START, 6))
        self.then(self)

    def close(self) -> None:
        self.closed += 1
        self.then(self)


class CountingClock(VirtualClock):
    """Counts the timers that were ever set."""

    timers = 0

    def call_later(self, delay: float, callback: Callable[[], None]) -> Timer:
        self.timers += 1
        return super().call_later(delay, callback)


def timers() -> int:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    return loop.pending()


def watching(*calls: Call) -> Watch:
    """A watch over *calls*, which leave it when they end."""
    watch = Watch(VirtualClock())
    for call in calls:
        join(watch, call)
    return watch


def join(watch: Watch, call: Call) -> None:
    call.then = watch.discard
    watch.add(call)


# -- the timer ----------------------------------------------------------------------------------


@virtual
async def test_a_call_ends_at_its_limit_and_not_before() -> None:
    call = Call(10)
    watching(call)
    await asyncio.sleep(9.999)
    assert [] == call.expired
    await asyncio.sleep(100)
    assert [10] == call.expired
    assert 0 == timers()


@virtual
async def test_a_call_whose_limit_is_past_ends_at_once() -> None:
    call = Call(-5)
    watching(call)
    await asyncio.sleep(0.001)
    assert [0] == call.expired


@virtual
async def test_all_calls_share_one_timer() -> None:
    calls = [Call(limit) for limit in (30, 10, 20, 10)]
    watch = watching(*calls)
    assert (4, 1) == (len(watch), timers())
    await asyncio.sleep(15)
    assert (2, 1) == (len(watch), timers())
    await asyncio.sleep(100)
    assert [[30], [10], [20], [10]] == [call.expired for call in calls]
    assert (0, 0) == (len(watch), timers())


@virtual
async def test_limits_that_lie_close_together_share_one_tick() -> None:
    calls = [Call(10 + n * GRAIN / 10) for n in range(11)]
    watching(*calls)
    await asyncio.sleep(100)
    assert 0.05 == GRAIN
    assert {10.0, 10 + GRAIN} == {at for call in calls for at in call.expired}
    assert all(1 == len(call.expired) for call in calls)


@virtual
async def test_a_limit_that_is_later_does_not_touch_the_timer() -> None:
    clock = CountingClock()
    watch, calls = Watch(clock), [Call(10), Call(10), Call(20)]
    for call in calls:
        join(watch, call)
        watch.changed(call)
    assert 1 == clock.timers
    await asyncio.sleep(100)
    assert [[10], [10], [20]] == [call.expired for call in calls]


@virtual
async def test_a_limit_that_moves_forward_is_kept() -> None:
    call = Call(60)
    watch = watching(call)
    call.limit = START + 5
    watch.changed(call)
    assert 1 == timers()
    await asyncio.sleep(100)
    assert [5] == call.expired


@virtual
async def test_a_limit_that_moves_back_is_kept_without_a_word() -> None:
    call = Call(5)
    watching(call)
    call.limit = START + 60
    await asyncio.sleep(100)
    assert [60] == call.expired


@virtual
async def test_a_call_whose_attempt_alone_was_overdue_still_has_its_deadline() -> None:
    """The limit rises only after the tick, and nobody says so."""
    call = Call(5)
    watch = watching(call)

    def give_up_the_attempt(call: Call) -> None:
        call.then = watch.discard
        asyncio.get_running_loop().call_soon(setattr, call, "limit", START + 60)

    call.then = give_up_the_attempt
    await asyncio.sleep(100)
    assert [5, 60] == call.expired
    assert 0 == timers()


@virtual
async def test_a_call_that_does_not_end_is_told_again_at_most_once_per_grain() -> None:
    call = Call(1)
    watch = watching(call)
    call.then = lambda _: None
    await asyncio.sleep(1 + 10.5 * GRAIN)
    assert 11 == len(call.expired)
    watch.discard(call)
    await asyncio.sleep(1)
    assert (11, 0) == (len(call.expired), timers())


@virtual
async def test_a_watch_without_calls_keeps_no_timer_running() -> None:
    call = Call(10)
    watch = watching(call)
    watch.discard(call)
    watch.discard(call)
    await asyncio.sleep(100)
    assert ([], 0, 0) == (call.expired, len(watch), timers())
    again = Call(200)
    join(watch, again)
    await asyncio.sleep(200)
    assert [200] == again.expired


@virtual
async def test_a_stopped_watch_can_be_used_again() -> None:
    call = Call(10)
    watch = watching(call)
    watch.stop()
    watch.stop()
    assert 0 == timers()
    await asyncio.sleep(20)
    assert [] == call.expired
    late = Call(30)
    join(watch, late)
    await asyncio.sleep(30)
    assert [30] == late.expired


@virtual
async def test_a_watch_that_was_never_used_can_be_stopped() -> None:
    Watch(VirtualClock()).stop()
    assert 0 == timers()


@virtual
async def test_a_call_without_a_limit_needs_no_timer() -> None:
    call = Call(inf)
    watch = watching(call)
    assert (1, 0) == (len(watch), timers())
    join(watch, Call(5))
    await asyncio.sleep(100)
    assert ([], 0) == (call.expired, timers())


# -- closing ------------------------------------------------------------------------------------


@virtual
async def test_closing_spares_what_is_on_the_wire_until_it_does_not() -> None:
    waiting, sent = Call(60), Call(60, on_wire=True)
    watch = watching(waiting, sent)
    watch.close(on_wire=False)
    assert (1, 0) == (waiting.closed, sent.closed)
    watch.close(on_wire=True)
    assert (1, 1) == (waiting.closed, sent.closed)
    assert 0 == len(watch)
    watch.stop()


@virtual
async def test_idle_waits_until_no_call_is_left() -> None:
    calls = [Call(60), Call(61)]
    watch = watching(*calls)
    idle = asyncio.create_task(watch.idle())
    await asyncio.sleep(60.5)
    assert not idle.done()
    async with asyncio.timeout(10):
        await idle
    async with asyncio.timeout(10):
        await watch.idle()
    assert 0 == len(watch)


@virtual
async def test_idle_may_be_given_up_and_asked_again() -> None:
    call = Call(60)
    watch = watching(call)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(5):
            await watch.idle()
    watch.discard(call)
    other = Call(60)
    watch.add(other)
    idle = asyncio.create_task(watch.idle())
    await asyncio.sleep(1)
    watch.discard(other)
    watch.add(call)
    watch.discard(call)
    async with asyncio.timeout(1):
        await idle
    watch.stop()


# -- whose cancellation -------------------------------------------------------------------------


class Guarded:
    """A task that waits under a guard and tells how that ended."""

    def __init__(self) -> None:
        self.guard: Guard | None = None
        self.task = asyncio.create_task(self._run())

    async def _run(self) -> str:
        self.guard = Guard(asyncio.current_task())
        try:
            await asyncio.sleep(1000)
        except asyncio.CancelledError:
            if self.guard.ours():
                assert self.guard.reason is not None
                return self.guard.reason.name
            assert not self.guard.ours(), "asked twice, it says the same"
            raise
        return "nothing happened"

    def interrupt(self, reason: Reason) -> None:
        assert self.guard is not None
        self.guard.interrupt(reason)


async def guarded() -> Guarded:
    one = Guarded()
    await asyncio.sleep(0)
    return one


@pytest.mark.parametrize("reason", Reason)
@virtual
async def test_an_interruption_of_ours_is_taken_back(reason: Reason) -> None:
    call = await guarded()
    call.interrupt(reason)
    assert reason.name == await call.task
    assert 0 == call.task.cancelling()


@virtual
async def test_the_callers_own_cancellation_goes_on() -> None:
    call = await guarded()
    call.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call.task
    assert 1 == call.task.cancelling()


@pytest.mark.parametrize("first", ["ours", "theirs"])
@virtual
async def test_of_both_at_once_the_callers_counts(first: str) -> None:
    call = await guarded()
    acts: list[Callable[[], object]] = [lambda: call.interrupt(Reason.READ), call.task.cancel]
    for act in acts if first == "ours" else reversed(acts):
        act()
    with pytest.raises(asyncio.CancelledError):
        await call.task
    assert 1 == call.task.cancelling(), "ours was taken back, the caller's was not"


@virtual
async def test_the_first_reason_counts_and_cancels_once() -> None:
    call = await guarded()
    call.interrupt(Reason.CLOSED)
    call.interrupt(Reason.DEADLINE)
    assert "CLOSED" == await call.task
    assert 0 == call.task.cancelling()


@virtual
async def test_a_cancellation_from_before_the_call_is_not_mistaken_for_a_new_one() -> None:
    """A caller may clean up with a call after it was cancelled."""

    async def clean_up() -> str:
        try:
            await asyncio.sleep(1000)
        except asyncio.CancelledError:
            guard = Guard(asyncio.current_task())
            asyncio.get_running_loop().call_later(1, guard.interrupt, Reason.DEADLINE)
            try:
                await asyncio.sleep(1000)
            except asyncio.CancelledError:
                return "ours" if guard.ours() else "theirs"
        return "nothing happened"

    task = asyncio.create_task(clean_up())
    await asyncio.sleep(0)
    task.cancel()
    assert "ours" == await task
    assert 1 == task.cancelling()


@virtual
async def test_a_call_within_a_call_leaves_the_outer_ones_interruption_to_it() -> None:
    """A look-up ends at the same deadline as the call that it is for."""
    ended: list[bool] = []

    async def outer() -> None:
        outside, inside = Guard(asyncio.current_task()), Guard(asyncio.current_task())
        loop = asyncio.get_running_loop()
        for guard in (outside, inside):
            loop.call_later(1, guard.interrupt, Reason.DEADLINE)
        try:
            try:
                await asyncio.sleep(1000)
            except asyncio.CancelledError:
                ended.append(inside.ours())
                raise
        except asyncio.CancelledError:
            ended.append(outside.ours())

    task = asyncio.create_task(outer())
    await task
    assert [False, True] == ended
    assert 0 == task.cancelling()


@virtual
async def test_a_guard_that_was_not_used_claims_nothing() -> None:
    assert not Guard(asyncio.current_task()).ours()
    task = asyncio.current_task()
    assert task is not None
    assert 0 == task.cancelling()


@virtual
async def test_a_call_outside_of_a_task_says_so() -> None:
    told: list[str] = []

    def outside() -> None:
        try:
            Guard(asyncio.current_task())
        except RuntimeError as error:
            told.append(str(error))

    asyncio.get_running_loop().call_soon(outside)
    await asyncio.sleep(1)
    assert ["a call must be awaited inside a task"] == told
