"""Who gets the next permit of a bucket, and when."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable

import pytest

from gameball_async.config import Bucket, Priority, RateLimits, Window
from gameball_async.errors import ConfigurationError, WrongEventLoopError
from gameball_async.transport.buckets import (
    BLUR,
    FIRST_FREEZE,
    SLACK,
    Quota,
    WindowSnapshot,
    reserve,
)
from gameball_async.transport.limiter import Limiter, Permit, Ticket
from tests.virtual_time import START, VirtualClock, VirtualLoop, run_virtual, virtual

BUCKET = Bucket.ORDERS
INTERACTIVE, BACKGROUND = Priority.INTERACTIVE, Priority.BACKGROUND
SECOND = 1 + SLACK
"""When a token of a one-second window is back."""


def limiter_of(*windows: Window, loop: VirtualLoop | None = None) -> Limiter:
    limits = RateLimits.published().override(orders=windows)
    return Limiter(limits, clock=VirtualClock(loop))


def take(limiter: Limiter, priority: Priority = INTERACTIVE) -> Permit:
    permit = limiter.try_acquire(BUCKET, priority)
    assert permit is not None
    return permit


def take_all(limiter: Limiter, priority: Priority = INTERACTIVE) -> list[Permit]:
    """Every permit that can be had now."""
    permits: list[Permit] = []
    while permit := limiter.try_acquire(BUCKET, priority):
        permits.append(permit)
    return permits


def free(limiter: Limiter) -> list[int]:
    return [window.free for window in limiter.snapshot()[BUCKET].windows]


def waiting(limiter: Limiter) -> tuple[int, int]:
    """Calls in the interactive and in the background line."""
    lines = limiter.snapshot()[BUCKET].waiting
    return lines[INTERACTIVE], lines[BACKGROUND]


def frozen(permit: Permit) -> bool:
    return permit.frozen


def tickets_alive() -> int:
    gc.collect()
    return sum(isinstance(thing, Ticket) for thing in gc.get_objects())


def running() -> VirtualLoop:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    return loop


def stall(seconds: float) -> None:
    running().stall(seconds)


def timers() -> int:
    return running().pending()


def elapsed() -> float:
    return asyncio.get_running_loop().time() - START


async def wait_for(ticket: Ticket) -> tuple[Permit, float]:
    """The permit, and when it came."""
    return await ticket.granted(), elapsed()


def answered(permit: Permit) -> None:
    permit.sent()
    permit.answered()


def refused(permit: Permit) -> None:
    permit.sent()
    permit.refused(None)


def unanswered(permit: Permit) -> None:
    permit.sent()
    permit.unanswered()


ENDINGS = [
    pytest.param(answered, SECOND, id="answered-one-window-after-the-answer"),
    pytest.param(refused, SECOND, id="refused-one-window-after-the-answer"),
    pytest.param(unanswered, 2 + SECOND, id="unanswered-one-window-after-the-transit"),
    pytest.param(Permit.unanswered, 2 + SECOND, id="unanswered-and-never-stamped-as-sent-now"),
    pytest.param(Permit.unused, 0.0, id="unused-at-once"),
]


@pytest.mark.parametrize(("end", "after"), ENDINGS)
@virtual
async def test_a_token_comes_back(end: Callable[[Permit], object], after: float) -> None:
    limiter = limiter_of(Window(1, 1.0))
    permit = take(limiter)
    assert [0] == free(limiter)
    await asyncio.sleep(5)

    end(permit)

    if after:
        await asyncio.sleep(after - 0.001)
        assert [0] == free(limiter)
        await asyncio.sleep(0.0011)
    assert [1] == free(limiter)


@virtual
async def test_a_request_that_was_given_up_long_after_its_transit_frees_its_token_at_once() -> None:
    limiter = limiter_of(Window(1, 1.0))
    permit = take(limiter)
    permit.sent()
    await asyncio.sleep(2 + SECOND)

    permit.unanswered()

    take(limiter)


@virtual
async def test_no_permit_is_stamped_as_sent_when_it_is_granted() -> None:
    limiter = limiter_of(Window(2, 1.0))

    for permit in take_all(limiter):
        permit.unanswered()

    await asyncio.sleep(SECOND)
    assert [0] == free(limiter)
    await asyncio.sleep(2)
    assert [2] == free(limiter)


@virtual
async def test_the_last_time_of_sending_counts() -> None:
    limiter = limiter_of(Window(1, 1.0))
    permit = take(limiter)
    permit.sent()
    await asyncio.sleep(4)
    permit.sent()
    permit.unanswered()

    assert 4 + 2 + SECOND == pytest.approx((await wait_for(limiter.join(BUCKET, INTERACTIVE)))[1])


@pytest.mark.parametrize(("end", "after"), ENDINGS)
@virtual
async def test_only_the_first_ending_counts(
    end: Callable[[Permit], object],
    after: float,  # noqa: ARG001 - the table is shared
) -> None:
    limiter = limiter_of(Window(3, 1.0))
    permit = take(limiter)
    end(permit)
    shown = limiter.snapshot()

    permit.sent()
    permit.answered()
    assert 0.0 == permit.refused(60.0)
    permit.unanswered()
    permit.unused()

    assert shown == limiter.snapshot()
    await asyncio.sleep(10)
    assert [3] == free(limiter)


@virtual
async def test_a_grant_needs_a_token_of_every_window() -> None:
    limiter = limiter_of(Window(3, 1.0), Window(5, 10.0))

    for permit in take_all(limiter):
        answered(permit)
    assert [0, 2] == free(limiter)
    await asyncio.sleep(SECOND + 0.001)
    assert [3, 2] == free(limiter)
    assert 2 == len(take_all(limiter))
    assert [1, 0] == free(limiter)


@virtual
async def test_buckets_do_not_share_tokens() -> None:
    limiter = limiter_of(Window(1, 1.0))

    take_all(limiter)

    assert limiter.try_acquire(Bucket.COUPONS, INTERACTIVE) is not None


@virtual
async def test_answers_are_only_noted_while_they_can_let_nobody_go_sooner(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    limiter = limiter_of(Window(3, 1.0), Window(4, 30.0))
    permits = take_all(limiter)
    settled: list[float] = []
    settle = Quota.settle

    def noted(quota: Quota, now: float) -> None:
        settled.append(elapsed())
        settle(quota, now)

    ticket = limiter.join(BUCKET, INTERACTIVE)
    monkeypatch.setattr(Quota, "settle", noted)
    for permit in permits:
        answered(permit)
        await asyncio.sleep(0.1)

    assert pytest.approx(SECOND) == (await wait_for(ticket))[1]
    assert [0.0, pytest.approx(SECOND)] == settled


@virtual
async def test_a_waiting_call_is_granted_when_a_request_on_the_wire_ends() -> None:
    limiter = limiter_of(Window(1, 1.0))
    permit = take(limiter)
    ticket = limiter.join(BUCKET, INTERACTIVE)
    asyncio.get_running_loop().call_later(3.0, permit.answered)

    assert 3 + SECOND == pytest.approx((await wait_for(ticket))[1])


@pytest.mark.parametrize("windows", [(Window(2, 1.0),), (Window(9, 100.0), Window(2, 1.0))])
@virtual
async def test_a_token_that_comes_back_sooner_than_expected_is_not_overslept(
    windows: tuple[Window, ...],
) -> None:
    limiter = limiter_of(*windows)
    first, second = take_all(limiter)
    first.sent()
    first.unanswered()
    ticket = limiter.join(BUCKET, INTERACTIVE)

    answered(second)

    assert 1 == timers()
    assert pytest.approx(SECOND) == (await wait_for(ticket))[1]
    assert 0 == timers()


@pytest.mark.parametrize(
    ("waits", "comes"),
    [
        pytest.param(INTERACTIVE, INTERACTIVE, id="interactive-behind-interactive"),
        pytest.param(INTERACTIVE, BACKGROUND, id="background-behind-interactive"),
        pytest.param(BACKGROUND, BACKGROUND, id="background-behind-background"),
    ],
)
@virtual
async def test_nobody_takes_the_token_that_another_waits_for(
    waits: Priority, comes: Priority
) -> None:
    limiter = limiter_of(Window(1, 1.0))
    answered(take(limiter, waits))
    ticket = limiter.join(BUCKET, waits)

    stall(5)

    assert limiter.try_acquire(BUCKET, comes) is None
    assert 5.0 == (await wait_for(ticket))[1]


@virtual
async def test_interactive_calls_go_before_background_calls_that_came_earlier() -> None:
    limiter = limiter_of(Window(1, 1.0))
    answered(take(limiter))
    background = asyncio.ensure_future(wait_for(limiter.join(BUCKET, BACKGROUND)))
    interactive = asyncio.ensure_future(wait_for(limiter.join(BUCKET, INTERACTIVE)))

    answered((await interactive)[0])

    assert (await background)[1] == pytest.approx(2 * SECOND)


@virtual
async def test_a_call_at_the_front_goes_before_the_line() -> None:
    limiter = limiter_of(Window(1, 1.0))
    answered(take(limiter))
    behind = limiter.join(BUCKET, INTERACTIVE)

    ahead = limiter.join(BUCKET, INTERACTIVE, front=True)

    assert behind.earliest == ahead.earliest
    assert pytest.approx(SECOND) == (await wait_for(ahead))[1]
    assert (1, 0) == waiting(limiter)


@virtual
async def test_a_promoted_call_joins_the_interactive_tail() -> None:
    limiter = limiter_of(Window(1, 1.0))
    answered(take(limiter))
    order: list[str] = []

    async def call(name: str, ticket: Ticket) -> None:
        permit = await ticket.granted()
        order.append(name)
        answered(permit)

    first, second = (limiter.join(BUCKET, BACKGROUND) for _ in range(2))
    other = limiter.join(BUCKET, INTERACTIVE)
    told = second.earliest
    second.promote()
    last = limiter.join(BUCKET, INTERACTIVE)
    assert (3, 1) == waiting(limiter)
    other.promote()
    assert second.earliest <= told

    tickets = {"first": first, "second": second, "other": other, "last": last}
    await asyncio.gather(*(call(name, ticket) for name, ticket in tickets.items()))

    assert ["other", "second", "last", "first"] == order


@virtual
async def test_a_promoted_call_is_told_its_new_earliest_time() -> None:
    limiter = limiter_of(Window(1, 1.0))
    answered(take(limiter))
    tickets = [limiter.join(BUCKET, BACKGROUND) for _ in range(50)]
    assert tickets[-1].earliest >= START + 50

    tickets[-1].promote()

    assert START + 1 == pytest.approx(tickets[-1].earliest, abs=0.01)


@virtual
async def test_promoting_the_only_waiting_call_lets_it_use_the_reserve_at_once() -> None:
    limiter = limiter_of(Window(30, 1.0))
    take_all(limiter)[0].unused()
    ticket = limiter.join(BUCKET, BACKGROUND)
    assert ticket.earliest == START

    ticket.promote()

    assert 0.0 == (await wait_for(ticket))[1]
    ticket.promote()
    assert (0, 0) == waiting(limiter)


@virtual
async def test_a_granted_call_that_leaves_hands_its_token_on() -> None:
    limiter = limiter_of(Window(1, 1.0))
    permit = take(limiter)
    tasks = [asyncio.ensure_future(wait_for(limiter.join(BUCKET, INTERACTIVE))) for _ in range(2)]
    await asyncio.sleep(0)

    permit.unused()
    tasks[0].cancel()

    assert 0.0 == (await tasks[1])[1]
    assert tasks[0].cancelled()


@virtual
async def test_a_grant_that_is_never_collected_is_given_back_by_leaving() -> None:
    limiter = limiter_of(Window(1, 1.0))
    ticket = limiter.join(BUCKET, INTERACTIVE)
    assert [0] == free(limiter)

    ticket.leave()
    ticket.leave()

    assert [1] == free(limiter)


@virtual
async def test_a_call_that_left_the_line_gives_nothing_back_when_it_leaves_again() -> None:
    limiter = limiter_of(Window(1, 1.0))
    take(limiter)
    ticket = limiter.join(BUCKET, INTERACTIVE)
    ticket.leave()

    ticket.leave()

    assert [0] == free(limiter)


@virtual
async def test_leaving_after_the_permit_was_handed_over_changes_nothing() -> None:
    limiter = limiter_of(Window(1, 1.0))
    ticket = limiter.join(BUCKET, INTERACTIVE)
    await ticket.granted()

    ticket.leave()

    assert [0] == free(limiter)


@virtual
async def test_a_future_that_was_cancelled_in_the_same_moment_is_not_touched() -> None:
    limiter = limiter_of(Window(1, 1.0))
    permit = take(limiter)
    first, second = (
        asyncio.ensure_future(wait_for(limiter.join(BUCKET, INTERACTIVE))) for _ in range(2)
    )
    await asyncio.sleep(0)

    first.cancel()
    permit.unused()

    assert 0.0 == (await second)[1]


@virtual
async def test_a_line_does_not_remember_those_who_left() -> None:
    limiter = limiter_of(Window(1, 1.0))
    before = tickets_alive()
    take(limiter)
    tickets = [limiter.join(BUCKET, INTERACTIVE) for _ in range(1000)]
    kept = tickets[::100]

    for ticket in tickets:
        if ticket not in kept:
            ticket.leave()
    del tickets, ticket

    assert (10, 0) == waiting(limiter)
    assert tickets_alive() - before <= 3 * len(kept)


@virtual
async def test_no_timer_is_left_when_the_last_waiting_call_leaves() -> None:
    limiter = limiter_of(Window(1, 1.0))
    answered(take(limiter))

    limiter.join(BUCKET, INTERACTIVE).leave()

    assert 0 == timers()


@pytest.mark.parametrize(
    ("window", "kept"),
    [
        pytest.param(Window(30, 1.0), 5, id="30-per-second"),
        pytest.param(Window(1000, 1.0), 5, id="1000-per-second"),
        pytest.param(Window(7, 1.0), 1, id="7-per-second"),
        pytest.param(Window(5, 1.0), 0, id="5-per-second"),
        pytest.param(Window(360, 30.0), 30, id="360-per-half-minute"),
        pytest.param(Window(15_000, 30.0), 30, id="15000-per-half-minute"),
        pytest.param(Window(90, 30.0), 7, id="90-per-half-minute"),
        pytest.param(Window(1, 30.0), 0, id="1-per-half-minute"),
    ],
)
def test_the_reserve_is_a_part_of_the_window(window: Window, kept: int) -> None:
    assert kept == reserve(window)


@virtual
async def test_background_calls_never_take_the_reserve_nor_hurry() -> None:
    limiter = limiter_of(Window(30, 1.0))

    for _ in range(25):
        take(limiter, BACKGROUND)
        assert limiter.try_acquire(BUCKET, BACKGROUND) is None
        await asyncio.sleep(0.04)

    assert [5] == free(limiter)
    assert limiter.try_acquire(BUCKET, BACKGROUND) is None
    assert 5 == len(take_all(limiter))


@virtual
async def test_a_background_call_waits_for_the_reserve_to_fill_up() -> None:
    limiter = limiter_of(Window(30, 1.0))
    for permit in take_all(limiter):
        answered(permit)
        await asyncio.sleep(0.01)

    _, at = await wait_for(limiter.join(BUCKET, BACKGROUND))

    assert pytest.approx(0.05 + SECOND) == at


@virtual
async def test_a_late_background_call_does_not_make_up_for_an_idle_past() -> None:
    limiter = limiter_of(Window(30, 1.0))
    answered(take(limiter, BACKGROUND))
    await asyncio.sleep(60)

    grants = [(await wait_for(limiter.join(BUCKET, BACKGROUND)))[1] for _ in range(10)]

    assert 9 / 27 == pytest.approx(grants[-1] - grants[0], abs=0.021)


@virtual
async def test_a_waiting_background_call_gets_every_twentieth_grant() -> None:
    limiter = limiter_of(Window(1, 1.0))
    answered(take(limiter))
    order: list[Priority] = []

    async def call(priority: Priority) -> None:
        permit = await limiter.join(BUCKET, priority).granted()
        order.append(priority)
        answered(permit)

    calls = [call(INTERACTIVE) for _ in range(60)] + [call(BACKGROUND) for _ in range(3)]
    await asyncio.gather(*calls)

    assert [19, 39, 59] == [at for at, priority in enumerate(order) if priority is BACKGROUND]


@virtual
async def test_a_waiting_background_call_loses_no_turn_when_another_joins_behind_it() -> None:
    limiter = limiter_of(Window(30, 1.0))
    answered(take(limiter, BACKGROUND))
    limiter.join(BUCKET, BACKGROUND)
    for _ in range(18):
        take(limiter)
    limiter.join(BUCKET, BACKGROUND)
    assert (0, 2) == waiting(limiter)

    take(limiter)

    assert (0, 1) == waiting(limiter)


@virtual
async def test_the_twentieth_grant_goes_to_background_also_past_calls_that_need_not_wait() -> None:
    limiter = limiter_of(Window(30, 1.0))
    answered(take(limiter, BACKGROUND))
    ticket = limiter.join(BUCKET, BACKGROUND)
    for _ in range(19):
        assert (0, 1) == waiting(limiter)
        take(limiter)

    assert (0, 0) == waiting(limiter)
    assert [9] == free(limiter)
    ticket.leave()
    assert 10 == len(take_all(limiter))


@virtual
async def test_a_background_call_that_is_owed_the_next_token_is_not_overtaken() -> None:
    limiter = limiter_of(Window(20, 1.0))
    take(limiter, BACKGROUND)
    ticket = limiter.join(BUCKET, BACKGROUND)
    permits = take_all(limiter)
    assert 19 == len(permits)
    for permit in permits:
        answered(permit)

    stall(5)

    assert limiter.try_acquire(BUCKET, INTERACTIVE) is None
    assert 5.0 == (await wait_for(ticket))[1]


@virtual
async def test_a_background_call_that_leaves_when_it_is_owed_holds_nobody_up() -> None:
    limiter = limiter_of(Window(20, 1.0))
    take(limiter, BACKGROUND)
    owed = limiter.join(BUCKET, BACKGROUND)
    for permit in take_all(limiter):
        answered(permit)
    tickets = [limiter.join(BUCKET, INTERACTIVE) for _ in range(30)]

    owed.leave()

    grants = [await wait_for(ticket) for ticket in tickets[:19]]
    assert [pytest.approx(SECOND)] * 19 == [at for _, at in grants]
    answered(grants[0][0])
    assert pytest.approx(2 * SECOND) == (await wait_for(tickets[19]))[1]


@virtual
async def test_a_background_call_that_joins_an_empty_line_starts_its_own_count() -> None:
    limiter = limiter_of(Window(30, 1.0))
    take(limiter, BACKGROUND)
    ticket = limiter.join(BUCKET, BACKGROUND)
    for _ in range(15):
        take(limiter)
    ticket.leave()

    limiter.join(BUCKET, BACKGROUND)
    for _ in range(10):
        take(limiter)

    assert (0, 1) == waiting(limiter)


@pytest.mark.parametrize("priority", Priority)
@virtual
async def test_a_limit_of_one_makes_progress(priority: Priority) -> None:
    limiter = limiter_of(Window(1, 1.0), Window(1, 30.0))

    for _ in range(3):
        answered(await limiter.join(BUCKET, priority).granted())

    assert 60 <= elapsed() <= 70


@virtual
async def test_a_refusal_freezes_the_bucket_and_then_one_probe_goes() -> None:
    limiter = limiter_of(Window(30, 1.0))
    permit, other = take(limiter), take(limiter)
    answered(other)
    permit.sent()

    assert 5.0 == permit.refused(5.0)
    assert limiter.try_acquire(BUCKET, INTERACTIVE) is None
    tasks = [
        asyncio.ensure_future(wait_for(limiter.join(BUCKET, INTERACTIVE, front=True)))
        for _ in range(3)
    ]
    await asyncio.sleep(2)
    shown = limiter.snapshot()[BUCKET]
    assert 3.0 == pytest.approx(shown.frozen_for)
    assert not shown.probing
    assert (WindowSnapshot(30, 1.0, 30),) == shown.windows
    assert limiter.try_acquire(BUCKET, INTERACTIVE) is None

    await asyncio.sleep(8)
    shown = limiter.snapshot()[BUCKET]
    assert (0.0, True) == (shown.frozen_for, shown.probing)
    assert (2, 0) == waiting(limiter)
    (probe,) = [task.result() for task in tasks if task.done()]
    assert pytest.approx(5.0) == probe[1]
    answered(probe[0])

    assert [5.0, 10.0, 10.0] == sorted(at for _, at in await asyncio.gather(*tasks))
    assert not limiter.snapshot()[BUCKET].probing
    take(limiter)


@virtual
async def test_a_call_that_need_not_wait_may_be_the_probe() -> None:
    limiter = limiter_of(Window(30, 1.0))
    take(limiter).refused(1.0)
    await asyncio.sleep(1.5)

    probe = take(limiter)

    assert limiter.try_acquire(BUCKET, INTERACTIVE) is None
    answered(probe)
    take(limiter)


@pytest.mark.parametrize(
    ("asked", "pauses"),
    [
        pytest.param([None] * 7, [1, 2, 4, 8, 16, 30, 30], id="doubles-up-to-half-a-minute"),
        pytest.param([5.0, None, None], [5, 2, 4], id="counts-those-with-a-time-as-well"),
        pytest.param([0.0, 0.2, -3.0], [1, 1, 1], id="at-least-a-second"),
        pytest.param([299.0, 301.0, 86_400.0], [299, 300, 300], id="at-most-five-minutes"),
        pytest.param([float("inf"), float("nan")], [300, 1], id="whatever-the-number"),
    ],
)
@virtual
async def test_probes_that_are_refused_freeze_again(
    asked: list[float | None], pauses: list[float]
) -> None:
    limiter = limiter_of(Window(30, 1.0))

    seen: list[float] = []
    for retry_after in asked:
        permit = await limiter.join(BUCKET, INTERACTIVE).granted()
        permit.sent()
        seen.append(permit.refused(retry_after))

    assert pauses == pytest.approx(seen)
    answered(await limiter.join(BUCKET, INTERACTIVE).granted())
    assert sum(pauses) == pytest.approx(elapsed())
    assert FIRST_FREEZE == take(limiter).refused(None)


@virtual
async def test_a_storm_of_requests_in_flight_is_one_step() -> None:
    limiter = limiter_of(Window(30, 1.0))
    storm = take_all(limiter)

    pauses = [permit.refused(None) for permit in storm[:10]]
    await asyncio.sleep(0.5)
    pauses += [permit.refused(None) for permit in storm[10:]]

    assert [1.0] * 10 + [0.5] * 20 == pytest.approx(pauses)
    probe = await limiter.join(BUCKET, INTERACTIVE).granted()
    assert 1.0 == pytest.approx(elapsed(), abs=0.6)
    assert 2.0 == probe.refused(None)


@virtual
async def test_a_late_refusal_may_move_the_end_of_the_freeze_but_only_backwards() -> None:
    limiter = limiter_of(Window(30, 1.0))
    permits = take_all(limiter)
    permits.pop().refused(10.0)
    await asyncio.sleep(4)

    assert 6.0 == pytest.approx(permits.pop().refused(3.0))
    assert 8.0 == pytest.approx(permits.pop().refused(8.0))

    _, at = await wait_for(limiter.join(BUCKET, INTERACTIVE))
    assert 12.0 == pytest.approx(at)


@virtual
async def test_a_good_probe_does_not_undercut_a_time_that_was_told_meanwhile() -> None:
    limiter = limiter_of(Window(30, 1.0))
    late = take(limiter)
    take(limiter).refused(1.0)
    probe, _ = await wait_for(limiter.join(BUCKET, INTERACTIVE))
    late.refused(20.0)

    answered(probe)

    assert limiter.try_acquire(BUCKET, INTERACTIVE) is None
    again, at = await wait_for(limiter.join(BUCKET, INTERACTIVE))
    assert 21.0 == pytest.approx(at)
    assert FIRST_FREEZE == again.refused(None)


@virtual
async def test_a_refusal_of_an_old_request_freezes_an_open_bucket_anew() -> None:
    limiter = limiter_of(Window(30, 1.0))
    late = take(limiter)
    take(limiter).refused(None)
    answered((await wait_for(limiter.join(BUCKET, INTERACTIVE)))[0])

    assert FIRST_FREEZE == late.refused(None)
    assert limiter.try_acquire(BUCKET, INTERACTIVE) is None


@virtual
async def test_an_answer_to_another_request_does_not_open_the_bucket() -> None:
    limiter = limiter_of(Window(30, 1.0))
    old, older = take(limiter), take(limiter)
    take(limiter).refused(None)
    answered(old)
    await wait_for(limiter.join(BUCKET, INTERACTIVE))

    answered(older)

    assert limiter.try_acquire(BUCKET, INTERACTIVE) is None


@pytest.mark.parametrize("end", [Permit.unused, unanswered])
@virtual
async def test_a_probe_that_tells_nothing_is_followed_by_another(
    end: Callable[[Permit], object],
) -> None:
    limiter = limiter_of(Window(30, 1.0))
    take(limiter).refused(None)
    probe, _ = await wait_for(limiter.join(BUCKET, INTERACTIVE))
    ticket = limiter.join(BUCKET, INTERACTIVE)

    end(probe)

    assert 1.0 == pytest.approx((await wait_for(ticket))[1])
    assert limiter.try_acquire(BUCKET, INTERACTIVE) is None


@pytest.mark.parametrize("end", [Permit.unused, unanswered])
@virtual
async def test_only_the_probe_makes_room_for_another(end: Callable[[Permit], object]) -> None:
    limiter = limiter_of(Window(30, 1.0))
    other = take(limiter)
    take(limiter).refused(None)
    await wait_for(limiter.join(BUCKET, INTERACTIVE))

    end(other)

    assert limiter.try_acquire(BUCKET, INTERACTIVE) is None


@virtual
async def test_a_permit_knows_that_its_bucket_froze_after_the_grant() -> None:
    limiter = limiter_of(Window(30, 1.0))
    permit = take(limiter)
    assert not frozen(permit)

    take(limiter).refused(None)
    assert frozen(permit)
    probe, _ = await wait_for(limiter.join(BUCKET, INTERACTIVE))
    assert not frozen(probe)
    answered(probe)

    assert not frozen(permit)
    permit.unused()
    take(limiter).refused(None)
    assert not frozen(permit)


@virtual
async def test_the_earliest_time_of_a_frozen_bucket_is_the_end_of_the_freeze() -> None:
    limiter = limiter_of(Window(30, 1.0))
    take(limiter).refused(7.0)

    assert START + 7 == limiter.join(BUCKET, INTERACTIVE).earliest
    assert START + 7 == limiter.join(BUCKET, BACKGROUND).earliest


@virtual
async def test_the_earliest_time_counts_the_calls_ahead() -> None:
    limiter = limiter_of(Window(2, 1.0), Window(4, 10.0))
    for permit in take_all(limiter):
        answered(permit)

    told = [limiter.join(BUCKET, INTERACTIVE).earliest - START for _ in range(8)]

    assert [1, 1, 10, 10, 11, 11, 20, 20] == pytest.approx(told, abs=0.01)


@virtual
async def test_the_earliest_time_knows_that_a_lost_request_may_be_the_last_to_count() -> None:
    limiter = limiter_of(Window(2, 1.0))
    lost, wired = take_all(limiter)
    lost.sent()
    lost.unanswered()

    ticket = limiter.join(BUCKET, INTERACTIVE)

    assert pytest.approx(1, abs=0.01) == ticket.earliest - START
    answered(wired)
    assert pytest.approx(SECOND) == (await wait_for(ticket))[1]


@virtual
async def test_the_earliest_time_behind_a_lost_request_is_that_of_the_answered_one() -> None:
    limiter = limiter_of(Window(3, 10.0))
    lost, early, late = take_all(limiter)
    lost.sent()
    lost.unanswered()
    answered(early)
    await asyncio.sleep(1)
    answered(late)

    told = [limiter.join(BUCKET, INTERACTIVE).earliest - START for _ in range(3)]

    assert [10, 10, 11] == pytest.approx(told, abs=0.01)


@virtual
async def test_the_earliest_time_knows_of_answers_that_came_while_others_waited() -> None:
    limiter = limiter_of(Window(2, 1.0))
    first, second = take_all(limiter)
    answered(first)
    limiter.join(BUCKET, INTERACTIVE)
    await asyncio.sleep(0.1)
    answered(second)
    await asyncio.sleep(0.5)

    told = limiter.join(BUCKET, INTERACTIVE).earliest - START

    assert 1.1 == pytest.approx(told, abs=0.01)


@virtual
async def test_the_earliest_time_follows_the_answers_where_they_came_slowly() -> None:
    limiter = limiter_of(Window(2, 1.0), Window(4, 100.0))
    for _ in range(4):
        answered(take(limiter))
        await asyncio.sleep(5)

    told = [limiter.join(BUCKET, INTERACTIVE).earliest - START for _ in range(4)]

    assert [100, 105, 110, 115] == pytest.approx(told, abs=0.01)


@virtual
async def test_a_burst_is_told_times_that_are_early_by_a_blur_at_most() -> None:
    limiter = limiter_of(Window(10, 1.0))
    for permit in take_all(limiter):
        answered(permit)
        await asyncio.sleep(BLUR / 20)

    tickets = [limiter.join(BUCKET, INTERACTIVE) for _ in range(35)]

    for ticket in tickets:
        permit, at = await wait_for(ticket)
        answered(permit)
        assert at - BLUR - 4 * SLACK <= ticket.earliest - START <= at


@pytest.mark.parametrize(
    ("apart", "beyond"),
    [
        pytest.param(0.0, 20, id="all-whom-one-window-lets-go-at-once"),
        pytest.param(BLUR / 20, 20, id="and-nearly-at-once"),
        pytest.param(BLUR, 14, id="but-each-its-own-where-answers-came-slowly"),
    ],
)
def test_a_time_that_is_asked_for_again_and_again_is_found_once_for(
    apart: float, beyond: int
) -> None:
    quota = Quota((Window(10, 1.0), Window(100, 10.0)), max_transit=2.0)
    for _ in range(10):
        quota.spend(0.0, background=False)
    quota.answers += [number * apart for number in range(10)]
    quota.settle(0.2)

    quota.survey(12, 0.2)
    assert (12, 13) == (quota.first, quota.beyond)
    quota.survey(13, 0.2)

    assert (13, beyond) == (quota.first, quota.beyond)


def test_what_one_window_lets_go_at_once_is_counted_from_its_free_tokens() -> None:
    quota = Quota((Window(10, 1.0),), max_transit=2.0)
    for _ in range(6):
        quota.spend(0.0, background=False)

    quota.survey(3, 0.0)
    assert (3, 4) == (quota.first, quota.beyond)
    quota.survey(4, 0.0)

    assert (4, 14) == (quota.first, quota.beyond)


@virtual
async def test_a_call_at_the_front_is_not_told_the_time_of_the_burst_behind_it() -> None:
    limiter = limiter_of(Window(2, 1.0))
    for permit in take_all(limiter):
        answered(permit)
    tail = [limiter.join(BUCKET, INTERACTIVE) for _ in range(5)]

    ahead = limiter.join(BUCKET, INTERACTIVE, front=True)

    assert [1, 3] == pytest.approx(
        [ticket.earliest - START for ticket in (ahead, tail[-1])], abs=0.01
    )


@virtual
async def test_the_earliest_time_moves_on_while_no_answer_comes() -> None:
    limiter = limiter_of(Window(10, 1.0))
    take_all(limiter)
    burst = [limiter.join(BUCKET, INTERACTIVE) for _ in range(3)]
    assert [START + 1] * 3 == [ticket.earliest for ticket in burst]
    await asyncio.sleep(5)

    assert START + 6 == limiter.join(BUCKET, INTERACTIVE).earliest


@virtual
async def test_a_burst_goes_on_being_told_true_times_when_a_request_was_never_sent() -> None:
    limiter = limiter_of(Window(4, 1.0))
    permits = take_all(limiter)
    for permit in permits[1:]:
        answered(permit)
    burst = [limiter.join(BUCKET, INTERACTIVE) for _ in range(6)]
    assert pytest.approx(2, abs=0.01) == burst[-1].earliest - START

    burst[-2].leave()
    burst[-3].leave()
    permits[0].unused()

    assert pytest.approx(1, abs=0.01) == limiter.join(BUCKET, INTERACTIVE).earliest - START


@virtual
async def test_a_burst_is_told_of_a_freeze_that_comes_between() -> None:
    limiter = limiter_of(Window(10, 1.0))
    permits = take_all(limiter)
    for _ in range(3):
        limiter.join(BUCKET, INTERACTIVE)

    refused_for = permits[0].refused(7.0)

    assert START + refused_for == limiter.join(BUCKET, INTERACTIVE).earliest


@virtual
async def test_the_earliest_time_of_a_background_call_counts_pace_and_turns() -> None:
    limiter = limiter_of(Window(1, 1.0))
    answered(take(limiter, BACKGROUND))
    waiting_ahead = [limiter.join(BUCKET, INTERACTIVE) for _ in range(100)]

    told = [limiter.join(BUCKET, BACKGROUND).earliest - START for _ in range(3)]

    assert 100 == len(waiting_ahead)
    assert [20, 40, 60] == pytest.approx(told, abs=0.01)


@pytest.mark.parametrize(
    ("interactive", "background", "earliest"),
    [
        pytest.param(5, 0, 9.0, id="a-first-one-goes-with-the-twentieth-grant-of-any-kind"),
        pytest.param(100, 0, 9.0, id="however-many-interactive-calls-there-are"),
        pytest.param(5, 1, 20.0, id="a-second-one-goes-with-the-twentieth-after-the-first"),
        pytest.param(100, 1, 29.0, id="and-cannot-before-the-interactive-ones-of-both-turns"),
    ],
)
def test_a_background_call_far_ahead_of_its_pace_waits_for_its_turn(
    interactive: int, background: int, earliest: float
) -> None:
    quota = Quota((Window(1, 1.0),), max_transit=2.0)
    for paced in [True] * 100 + [False] * 10:
        quota.spend(0.0, background=paced)
        quota.refund()

    assert earliest == quota.earliest(0.0, interactive=interactive, background=background)


@virtual
async def test_the_earliest_time_of_background_calls_alone_is_their_pace() -> None:
    limiter = limiter_of(Window(60, 60.0))
    answered(take(limiter, BACKGROUND))

    told = [limiter.join(BUCKET, BACKGROUND).earliest - START for _ in range(60)]

    assert [0.0, 0.0] == told[:2]
    assert 59.4 <= told[-1] <= 66.7


@pytest.mark.parametrize("wrong", [-0.1, float("nan"), float("inf")])
def test_a_transit_that_is_no_number_of_seconds_is_refused(wrong: float) -> None:
    with pytest.raises(ConfigurationError, match="max_transit"):
        Limiter(max_transit=wrong)


def test_without_a_table_the_published_limits_hold() -> None:
    assert {
        bucket: list(windows) for bucket, windows in RateLimits.published().windows.items()
    } == {
        bucket: [Window(window.limit, window.seconds) for window in shown.windows]
        for bucket, shown in Limiter().snapshot().items()
    }


@virtual
async def test_a_share_of_the_account_is_a_share_of_every_window() -> None:
    limiter = Limiter(RateLimits.published(share=1 / 4), clock=VirtualClock())

    assert 7 == len(take_all(limiter))
    assert [0, 83] == free(limiter)


async def _attach(limiter: Limiter) -> None:
    limiter.attach()
    limiter.attach()


def test_a_limiter_moves_to_the_next_loop_when_its_own_is_closed() -> None:
    limiter = limiter_of(Window(3, 1.0))

    async def first() -> None:
        limiter.attach()
        answered(take(limiter))
        task = asyncio.ensure_future(wait_for(limiter.join(BUCKET, INTERACTIVE)))
        await task
        take(limiter)

    async def second() -> None:
        limiter.attach()
        assert [0] == free(limiter)
        await asyncio.sleep(0.5)
        assert [0] == free(limiter)
        await asyncio.sleep(SECOND - 0.5 + 0.001)
        assert [1] == free(limiter)
        await asyncio.sleep(2)
        assert [3] == free(limiter)

    run_virtual(first())
    run_virtual(second())


def test_a_limiter_refuses_a_second_loop_while_the_first_is_alive() -> None:
    limiter = limiter_of(Window(3, 1.0))
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(_attach(limiter))

        with pytest.raises(WrongEventLoopError, match="another event loop"):
            run_virtual(_attach(limiter))
        with pytest.raises(WrongEventLoopError, match="another event loop"):
            run_virtual(_join(limiter))

        runner.run(_attach(limiter))


async def _join(limiter: Limiter) -> Ticket:
    return limiter.join(BUCKET, INTERACTIVE)


def test_calls_of_a_closed_loop_are_forgotten_and_cannot_take_tokens() -> None:
    loop = VirtualLoop()
    limiter = limiter_of(Window(2, 1.0))

    async def strand() -> tuple[Permit, list[asyncio.Task[tuple[Permit, float]]]]:
        permits = take_all(limiter)
        tasks = [
            asyncio.ensure_future(wait_for(limiter.join(BUCKET, INTERACTIVE))) for _ in range(3)
        ]
        await asyncio.sleep(0)
        permits[0].refused(3.0)
        return permits[1], tasks

    async def adopt(permit: Permit) -> None:
        limiter.attach()
        assert (0, 0) == waiting(limiter)
        assert limiter.snapshot()[BUCKET].frozen_for > 0
        permit.unused()
        await asyncio.sleep(10)
        assert [2] == free(limiter)
        answered(take(limiter))
        assert 1 == len(take_all(limiter))

    permit, tasks = loop.run_until_complete(strand())
    loop.close()
    run_virtual(adopt(permit))
    for task in tasks:
        task.get_coro().close()


def test_a_lost_request_of_a_closed_loop_keeps_its_time() -> None:
    limiter = limiter_of(Window(2, 1.0))

    async def first() -> Permit:
        limiter.attach()
        lost, wired = take_all(limiter)
        unanswered(lost)
        return wired

    async def second(wired: Permit) -> None:
        limiter.attach()
        await asyncio.sleep(2 + SECOND - 1 + 0.001)
        wired.unused()
        assert [1] == free(limiter)
        await asyncio.sleep(1)
        assert [2] == free(limiter)

    wired = run_virtual(first())
    run_virtual(second(wired), start=START + 1)


def test_the_background_pace_and_a_freeze_outlive_their_loop_but_a_probe_does_not() -> None:
    limiter = limiter_of(Window(30, 1.0))

    async def first() -> None:
        limiter.attach()
        take(limiter, BACKGROUND).refused(1.0)
        await limiter.join(BUCKET, BACKGROUND).granted()

    async def second() -> None:
        limiter.attach()
        assert limiter.snapshot()[BUCKET].probing
        assert limiter.try_acquire(BUCKET, BACKGROUND) is None
        answered(take(limiter))
        assert limiter.try_acquire(BUCKET, BACKGROUND) is None
        assert 1 < len(take_all(limiter))

    run_virtual(first())
    run_virtual(second(), start=START + 1)


def test_what_a_closed_loop_gives_back_is_kept_for_the_next_one() -> None:
    loop = VirtualLoop()
    limiter = limiter_of(Window(2, 1.0), loop=loop)

    async def strand() -> tuple[list[Permit], asyncio.Task[tuple[Permit, float]]]:
        permits = take_all(limiter)
        task = asyncio.ensure_future(wait_for(limiter.join(BUCKET, INTERACTIVE)))
        await asyncio.sleep(0)
        return permits, task

    permits, task = loop.run_until_complete(strand())
    loop.close()
    permits[0].unused()
    permits[1].answered()

    async def adopt() -> list[int]:
        limiter.attach()
        return free(limiter)

    assert [1] == run_virtual(adopt())
    task.get_coro().close()


def test_a_request_that_ends_between_two_runs_of_its_loop_still_wakes_the_next() -> None:
    loop = VirtualLoop()
    limiter = limiter_of(Window(1, 1.0), loop=loop)

    async def begin() -> tuple[Permit, asyncio.Task[tuple[Permit, float]]]:
        permit = take(limiter)
        task = asyncio.ensure_future(wait_for(limiter.join(BUCKET, INTERACTIVE)))
        await asyncio.sleep(0)
        return permit, task

    permit, task = loop.run_until_complete(begin())
    permit.answered()

    assert SECOND == pytest.approx(loop.run_until_complete(task)[1])
    loop.close()


def test_after_a_reset_all_is_as_new_and_old_permits_and_tickets_mean_nothing() -> None:
    limiter = limiter_of(Window(2, 1.0))

    async def before() -> tuple[Permit, Ticket, asyncio.Task[tuple[Permit, float]]]:
        permits = take_all(limiter)
        permits[0].refused(60.0)
        tickets = [limiter.join(BUCKET, INTERACTIVE) for _ in range(2)]
        task = asyncio.ensure_future(wait_for(tickets[0]))
        await asyncio.sleep(0)
        return permits[1], tickets[1], task

    async def after(permit: Permit, ticket: Ticket) -> None:
        assert [2] == free(limiter)
        assert (0, 0) == waiting(limiter)
        assert 0.0 == limiter.snapshot()[BUCKET].frozen_for
        held = take_all(limiter)
        permit.unused()
        ticket.promote()
        ticket.leave()
        assert 2 == len(held)
        assert [0] == free(limiter)

    loop = VirtualLoop()
    permit, ticket, task = loop.run_until_complete(before())
    limiter.reset()

    run_virtual(after(permit, ticket))
    assert 1 == loop.pending()
    loop.run_until_complete(asyncio.sleep(100))
    assert not task.done()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        loop.run_until_complete(task)
    loop.close()
