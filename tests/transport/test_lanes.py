"""Whose write is next: one customer's writes in order, other customers meanwhile."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import Literal

from hypothesis import given, settings, strategies as st

from gameball_async.config import Priority
from gameball_async.transport.lanes import REOPEN_AFTER, Lanes, Turn
from tests.virtual_time import VirtualClock, run_virtual, virtual

INTERACTIVE, BACKGROUND = Priority.INTERACTIVE, Priority.BACKGROUND


class Write:
    """A write under way: it enters when it is made, and holds its lane until it is let go."""

    def __init__(self, lanes: Lanes, customer: str = "c", priority: Priority = INTERACTIVE) -> None:
        self.lanes = lanes
        self.customer = customer
        self.own = priority
        self.turn: Turn | None = None
        self.holds = False
        self.may_end = asyncio.Event()
        self.task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        self.turn = self.lanes.enter(self.customer, self.own)
        await self.turn.granted()
        self.holds = True
        try:
            await self.may_end.wait()
        finally:
            self.holds = False
            self.turn.leave()

    @property
    def priority(self) -> Priority:
        assert self.turn is not None
        return self.turn.priority


async def settle() -> None:
    """Let everybody run until all of them wait."""
    for _ in range(8):
        await asyncio.sleep(0)


async def writes(lanes: Lanes, *priorities: Priority) -> list[Write]:
    """Writes for one customer that entered in this order."""
    made = [Write(lanes, "c", priority) for priority in priorities]
    await settle()
    return made


async def finish(*some: Write) -> None:
    for write in some:
        write.may_end.set()
    await asyncio.gather(*(write.task for write in some), return_exceptions=True)


# -- order --------------------------------------------------------------------------------------


@virtual
async def test_a_free_lane_is_granted_at_once() -> None:
    lanes = Lanes()
    turn = lanes.enter("c", INTERACTIVE)
    async with asyncio.timeout(0):  # waits for nothing, so not even a timeout of nought is seen
        await turn.granted()
    turn.leave()
    assert 0 == len(lanes)


@virtual
async def test_writes_for_one_customer_take_turns_in_order() -> None:
    lanes = Lanes()
    line = await writes(lanes, INTERACTIVE, BACKGROUND, INTERACTIVE)
    for at, write in enumerate(line):
        assert [at == other for other in range(3)] == [other.holds for other in line]
        write.may_end.set()
        await settle()
    assert 0 == len(lanes)


@virtual
async def test_different_customers_do_not_wait_for_each_other() -> None:
    lanes = Lanes()
    line = [Write(lanes, f"c-{n}") for n in range(5)]
    await settle()
    assert [True] * 5 == [write.holds for write in line]
    assert 5 == len(lanes)
    await finish(*line[1:])
    assert 1 == len(lanes)
    await finish(line[0])
    assert 0 == len(lanes)


@virtual
async def test_a_customer_who_comes_back_finds_a_new_lane() -> None:
    lanes = Lanes()
    await finish(*await writes(lanes, INTERACTIVE, INTERACTIVE))
    [again] = await writes(lanes, BACKGROUND)
    assert again.holds
    assert BACKGROUND is again.priority
    await finish(again)


# -- cancelling ---------------------------------------------------------------------------------


@virtual
async def test_a_cancelled_waiter_is_passed_over() -> None:
    lanes = Lanes()
    first, second, third = await writes(lanes, INTERACTIVE, INTERACTIVE, INTERACTIVE)
    second.task.cancel()
    await settle()
    assert second.task.cancelled()
    await finish(first)
    await settle()
    assert third.holds
    await finish(third)
    assert 0 == len(lanes)


@virtual
async def test_a_waiter_cancelled_at_the_instant_of_its_grant_hands_the_lane_on() -> None:
    lanes = Lanes()
    turn = lanes.enter("c", INTERACTIVE)
    second, third = await writes(lanes, INTERACTIVE, INTERACTIVE)
    turn.leave()
    second.task.cancel()
    await settle()
    assert second.task.cancelled()
    assert third.holds
    await finish(third)
    assert 0 == len(lanes)


@virtual
async def test_a_waiter_cancelled_just_before_its_grant_is_passed_over() -> None:
    lanes = Lanes()
    turn = lanes.enter("c", BACKGROUND)
    second, third = await writes(lanes, INTERACTIVE, BACKGROUND)
    second.task.cancel()
    turn.leave()
    await settle()
    assert second.task.cancelled()
    assert third.holds
    assert BACKGROUND is third.priority
    [fourth] = await writes(lanes, BACKGROUND)
    await finish(third)
    await settle()
    assert BACKGROUND is fourth.priority, "the cancelled one was counted out once, not twice"
    await finish(fourth)
    assert 0 == len(lanes)


@virtual
async def test_a_lane_closes_behind_the_last_waiter_that_gave_up() -> None:
    lanes = Lanes()
    turn = lanes.enter("c", INTERACTIVE)
    line = await writes(lanes, INTERACTIVE, INTERACTIVE)
    for write in line:
        write.task.cancel()
    turn.leave()
    assert 0 == len(lanes)
    await finish(*line)


# -- priorities ---------------------------------------------------------------------------------


def promotions(turn: Turn) -> list[Priority]:
    """What a turn's priority is whenever it is told that it rose."""
    seen: list[Priority] = []
    turn.on_promotion = lambda: seen.append(turn.priority)
    return seen


@virtual
async def test_the_head_inherits_a_higher_priority_and_is_told_once() -> None:
    lanes = Lanes()
    head = lanes.enter("c", BACKGROUND)
    seen = promotions(head)
    line = await writes(lanes, BACKGROUND)
    assert (BACKGROUND, []) == (head.priority, seen)
    line += await writes(lanes, INTERACTIVE, INTERACTIVE)
    assert (INTERACTIVE, [INTERACTIVE]) == (head.priority, seen)
    assert BACKGROUND is line[0].priority, "only the head inherits"
    head.leave()
    await finish(*line)


@virtual
async def test_an_interactive_head_has_nothing_to_inherit() -> None:
    lanes = Lanes()
    head = lanes.enter("c", INTERACTIVE)
    seen = promotions(head)
    line = await writes(lanes, INTERACTIVE, BACKGROUND)
    assert (INTERACTIVE, []) == (head.priority, seen)
    head.leave()
    await finish(*line)


@virtual
async def test_a_head_that_does_not_listen_inherits_too() -> None:
    lanes = Lanes()
    head = lanes.enter("c", BACKGROUND)
    line = await writes(lanes, INTERACTIVE)
    assert INTERACTIVE is head.priority
    head.leave()
    await finish(*line)


@virtual
async def test_a_new_head_inherits_from_those_that_wait_already() -> None:
    lanes = Lanes()
    first, second, third, fourth = await writes(
        lanes, INTERACTIVE, BACKGROUND, INTERACTIVE, BACKGROUND
    )
    await finish(first)
    await settle()
    assert INTERACTIVE is second.priority
    await finish(second, third)
    await settle()
    assert fourth.holds
    assert BACKGROUND is fourth.priority, "nobody waits behind it any more"
    await finish(fourth)


@virtual
async def test_a_waiter_that_gave_up_lends_no_priority() -> None:
    lanes = Lanes()
    first, second, third = await writes(lanes, INTERACTIVE, BACKGROUND, INTERACTIVE)
    third.task.cancel()
    await settle()
    await finish(first)
    await settle()
    assert second.holds
    assert BACKGROUND is second.priority
    await finish(second)


@virtual
async def test_a_waiter_that_gave_up_takes_no_priority_away_from_those_behind_it() -> None:
    lanes = Lanes()
    first, second, third, fourth = await writes(
        lanes, BACKGROUND, INTERACTIVE, BACKGROUND, INTERACTIVE
    )
    second.task.cancel()
    await settle()
    await finish(first)
    await settle()
    assert third.holds
    assert INTERACTIVE is third.priority
    await finish(third, fourth)
    assert 0 == len(lanes)


@virtual
async def test_whoever_comes_later_raises_the_present_head_and_no_former_one() -> None:
    lanes = Lanes()
    first, second = await writes(lanes, BACKGROUND, BACKGROUND)
    await finish(first)
    await settle()
    line = await writes(lanes, INTERACTIVE)
    assert INTERACTIVE is second.priority
    assert BACKGROUND is first.priority
    await finish(second, *line)


@virtual
async def test_a_background_waiter_that_gave_up_takes_no_priority_away() -> None:
    lanes = Lanes()
    first, second, third, fourth = await writes(
        lanes, BACKGROUND, BACKGROUND, BACKGROUND, INTERACTIVE
    )
    third.task.cancel()
    await settle()
    await finish(first)
    await settle()
    assert INTERACTIVE is second.priority
    await finish(second, fourth)
    assert 0 == len(lanes)


@virtual
async def test_a_turn_that_has_its_lane_cannot_be_woken() -> None:
    lanes = Lanes()
    head = lanes.enter("c", INTERACTIVE)
    assert not head.wake()
    waiter = lanes.enter("c", INTERACTIVE)
    assert waiter.wake()
    assert not waiter.wake()
    await waiter.granted()


# -- a write that was cut off -------------------------------------------------------------------


@virtual
async def test_a_lane_whose_write_was_cut_off_opens_a_second_later() -> None:
    lanes, clock = Lanes(), VirtualClock()
    turn = lanes.enter("c", INTERACTIVE)
    [write] = await writes(lanes, INTERACTIVE)
    turn.leave_later(clock)
    held: list[bool] = []
    for pause in (REOPEN_AFTER - 0.001, 0.002):
        await asyncio.sleep(pause)
        held.append(write.holds)
    assert [False, True] == held
    await finish(write)
    assert 0 == len(lanes)


@virtual
async def test_a_lane_that_opens_later_is_there_until_then() -> None:
    lanes = Lanes()
    lanes.enter("c", INTERACTIVE).leave_later(VirtualClock())
    assert 1.0 == REOPEN_AFTER
    assert 1 == len(lanes)
    await asyncio.sleep(REOPEN_AFTER)
    await settle()
    assert 0 == len(lanes)


# -- any interleaving ---------------------------------------------------------------------------

Step = tuple[Literal["enter", "cancel", "end", "settle"], int]
STEPS = st.lists(
    st.tuples(st.sampled_from(["enter", "enter", "cancel", "end", "settle"]), st.integers(0, 9)),
    max_size=40,
)


@settings(deadline=None)
@given(STEPS)
def test_any_interleaving_keeps_the_order_and_ends_empty(steps: list[Step]) -> None:
    """Enter, give up, or end in any order, several of them at the same instant."""
    run_virtual(interleave(steps))


async def interleave(steps: list[Step]) -> None:
    lanes = Lanes()
    line: list[Write] = []
    for act, number in steps:
        if act == "enter":
            line.append(Write(lanes, f"c-{number % 2}", [*Priority][number // 2 % 2]))
            await asyncio.sleep(0)
        elif act == "settle":
            await settle()
            check(lanes, line)
        elif line and act == "cancel":
            line[number % len(line)].task.cancel()
        elif line:
            line[number % len(line)].may_end.set()
    await settle()
    check(lanes, line)
    await finish(*line)
    assert 0 == len(lanes)
    assert all(write.task.done() for write in line)


def check(lanes: Lanes, line: list[Write]) -> None:
    """Of each customer the first that is left holds the lane, and has inherited."""
    left: dict[str, list[Write]] = defaultdict(list)
    for write in line:
        if not write.task.done():
            left[write.customer].append(write)
    assert len(left) == len(lanes)
    for first, *others in left.values():
        assert first.holds
        assert not any(write.holds for write in others)
        assert all(write.own is write.priority for write in others)
        if INTERACTIVE in {write.own for write in (first, *others)}:
            assert INTERACTIVE is first.priority
