"""Places on the wire: who gets the next one, and that none is ever lost."""

from __future__ import annotations

import asyncio
import gc
import warnings

from hypothesis import given, settings, strategies as st

from gameball_async.transport.slots import Slots
from tests.virtual_time import run_virtual, virtual


@virtual
async def test_there_are_so_many_places_and_no_more() -> None:
    slots = Slots(2)
    assert [True, True, False] == [slots.take() for _ in range(3)]
    slots.release()
    assert slots.take()


@virtual
async def test_who_waits_first_is_served_first_and_nobody_cuts_in() -> None:
    slots, order = Slots(1), list[int]()
    assert slots.take()

    async def wait(number: int) -> None:
        await slots.wait()
        order.append(number)
        await asyncio.sleep(0)
        slots.release()

    waiting = [asyncio.create_task(wait(number)) for number in range(3)]
    await asyncio.sleep(0)
    slots.release()
    assert not slots.take(), "the place belongs to the first in line"
    await asyncio.gather(*waiting)
    assert [0, 1, 2] == order
    assert 1 == slots.free


@virtual
async def test_a_place_that_was_given_to_a_cancelled_call_goes_to_the_next() -> None:
    slots = Slots(1)
    assert slots.take()
    first, second = (asyncio.create_task(slots.wait()) for _ in range(2))
    await asyncio.sleep(0)
    slots.release()
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    assert first.cancelled()
    await second
    assert 0 == slots.free


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), max_size=60), st.integers(1, 3))
def test_whatever_is_cancelled_every_place_comes_back(
    steps: list[tuple[int, bool]], count: int
) -> None:
    async def main() -> None:
        slots, most = Slots(count), 0

        async def hold() -> None:
            nonlocal most
            if not slots.take():
                await slots.wait()
            try:
                most = max(most, count - slots.free)
                await asyncio.sleep(1)
            finally:
                slots.release()

        tasks = [asyncio.create_task(hold()) for _ in range(10)]
        for number, cancelled in steps:
            if cancelled:
                tasks[number].cancel()
            await asyncio.sleep(0.3 * number if not cancelled else 0)
        await asyncio.gather(*tasks, return_exceptions=True)
        assert count == slots.free
        assert most <= count

    run_virtual(main())


def test_who_waits_on_a_loop_that_is_closed_is_passed_over() -> None:
    slots = Slots(1)
    assert slots.take()
    loop = asyncio.new_event_loop()
    waiting = loop.create_task(slots.wait())
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()
    slots.release()
    assert 1 == slots.free
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        setattr(waiting, "_log_destroy_pending", False)  # noqa: B010 - asyncio's complaint is meant
        del waiting
        gc.collect()
