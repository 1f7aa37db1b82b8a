"""Many orders on virtual time: order, room, and the truth about each of them."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import itertools
import weakref
from collections.abc import AsyncIterator, Iterator
from typing import Any

import anyio
import pytest
from hypothesis import given, settings, strategies as st

from gameball_async import (
    BulkOutcome,
    BulkReport,
    ClientClosedError,
    ConfigurationError,
    GameballClient,
    NotSentError,
    Order,
    OutcomeUnknownError,
    RateLimits,
    Timeouts,
    TransactionError,
    Window,
)
from tests.bulk.desk import LOST, REFUSED, Desk, client, numbered
from tests.clients import API_KEY
from tests.virtual_time import VirtualLoop, run_virtual, virtual


async def slowly(orders: list[Order], seconds: float) -> AsyncIterator[Order]:
    for each in orders:
        await asyncio.sleep(seconds)
        yield each


def results(outcomes: list[BulkOutcome]) -> dict[str, str]:
    return {outcome.order.order_id: outcome.result.value for outcome in outcomes}


@virtual
async def test_every_order_is_tracked_and_counted() -> None:
    desk = Desk()
    async with client(desk) as gameball:
        report = await gameball.orders.track_many(numbered(n) for n in range(100))
    assert BulkReport(pulled=100, tracked=100) == report
    assert (100, 32) == (len(desk.ended), desk.most)


@virtual
async def test_an_empty_input_is_an_empty_report() -> None:
    async with client(Desk()) as gameball:
        assert BulkReport() == await gameball.orders.track_many([])


@virtual
async def test_an_asynchronous_input_is_as_good() -> None:
    async with client(Desk()) as gameball:
        report = await gameball.orders.track_many(slowly([numbered(n) for n in range(9)], 0.01))
    assert BulkReport(pulled=9, tracked=9) == report


@settings(max_examples=60, deadline=None)
@given(
    customers=st.lists(st.integers(0, 4), max_size=25),
    waits=st.lists(st.floats(0, 2), min_size=25, max_size=25),
    lost=st.sets(st.integers(0, 24)),
    window=st.integers(1, 6),
    slow=st.booleans(),
)
@virtual
async def test_a_customers_orders_keep_their_order_whatever_happens(
    customers: list[int], waits: list[float], lost: set[int], window: int, *, slow: bool
) -> None:
    """And never more than the window are pulled, and each is told exactly once."""

    orders = [numbered(n, f"c-{customer}") for n, customer in enumerate(customers)]
    desk = Desk(
        slow={f"A-{n}": wait for n, wait in enumerate(waits)},
        replies={f"A-{n}": LOST for n in lost},
    )
    told: list[BulkOutcome] = []
    widest = 0

    def pulled() -> Iterator[Order]:
        nonlocal widest
        for count, each in enumerate(orders, start=1):
            widest = max(widest, count - len(told))
            yield each

    async with client(desk) as gameball:
        source = slowly([*pulled()], 0.3) if slow else pulled()
        report = await gameball.orders.track_many(
            source, max_in_flight=window, on_outcome=told.append
        )
    assert 0 == desk.overlaps
    assert desk.most <= window
    assert slow or widest <= window
    for customer in range(5):
        mine = [each.order_id for each in orders if each.customer_id == f"c-{customer}"]
        assert mine == [each for each in desk.started if each in mine]
    assert [*range(len(orders))] == sorted(outcome.index for outcome in told)
    assert all(orders[outcome.index] is outcome.order for outcome in told)
    unknown = len([n for n in lost if n < len(orders)])
    expected = BulkReport(pulled=len(orders), tracked=len(orders) - unknown, unknown=unknown)
    assert expected == report


@virtual
async def test_the_next_order_of_a_customer_waits_for_the_end_of_one_that_was_lost() -> None:
    desk = Desk(seconds=2, replies={"A-0": LOST})
    told: list[BulkOutcome] = []
    async with client(desk) as gameball:
        orders = [numbered(0, "shop"), numbered(1, "shop"), numbered(2)]
        report = await gameball.orders.track_many(orders, on_outcome=told.append)
    assert ["A-0", "A-2", "A-1"] == desk.started
    assert BulkReport(pulled=3, tracked=2, unknown=1) == report
    assert {"A-0": "unknown", "A-1": "tracked", "A-2": "tracked"} == results(told)


@pytest.mark.parametrize(
    ("seconds", "turns"),
    [
        pytest.param(0.3, 9, id="a-slow-input-after-each"),
        pytest.param(0.0004, 3, id="a-quick-one-after-a-millisecond"),
        pytest.param(0.0, 0, id="and-none-is-wasted"),
    ],
)
@virtual
async def test_others_have_their_turn_while_a_plain_input_is_pulled(
    seconds: float, turns: int
) -> None:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    seen: list[int] = []
    count = 0

    def orders() -> Iterator[Order]:
        nonlocal count
        for number in range(10):
            loop.stall(seconds)
            count = number + 1
            yield numbered(number)

    async def look() -> None:
        while count < 10:
            seen.append(count)
            await asyncio.sleep(0)

    async with client(Desk()) as gameball:
        stream = gameball.orders.track_stream(orders())
        looking = asyncio.ensure_future(look())
        await anext(stream)
        await looking
        await stream.aclose()
    assert turns == len({*seen} - {0})


@virtual
async def test_an_endless_input_takes_no_more_memory_the_longer_it_runs() -> None:
    alive: weakref.WeakSet[Order] = weakref.WeakSet()
    most, objects = 0, list[int]()

    def endless() -> Iterator[Order]:
        for number in itertools.count():
            each = numbered(number, f"c-{number % 700}")
            alive.add(each)
            yield each

    class Enough(Exception):  # noqa: N818 - no error
        pass

    def watch(outcome: BulkOutcome) -> None:
        nonlocal most
        if outcome.index % 500 == 0:
            desk.forget()
            gc.collect()
            most = max(most, len(alive))
            objects.append(len(gc.get_objects()))
        if outcome.index == 3000:
            raise Enough

    desk = Desk()
    async with client(desk) as gameball:
        with pytest.raises(Enough) as caught:
            await gameball.orders.track_many(endless(), on_outcome=watch)
    report = BulkReport.of(caught.value)
    assert report is not None
    assert report.complete
    assert 3001 <= report.pulled <= 3001 + 32
    assert most <= 2 * 32
    assert max(objects[2:]) - objects[1] < 500, "2000 orders later, the tasks that served them too"


@virtual
async def test_an_order_without_a_date_is_not_sent_and_says_why() -> None:
    desk = Desk()
    told: list[BulkOutcome] = []
    async with client(desk) as gameball:
        orders = [numbered(0), numbered(1, order_date=None), numbered(2)]
        report = await gameball.orders.track_many(orders, on_outcome=told.append)
    assert BulkReport(pulled=3, tracked=2, failed=1) == report
    assert ["A-0", "A-2"] == desk.started
    (refused,) = [outcome.error for outcome in told if outcome.error]
    assert "order 'A-1' has no order_date" in str(refused)
    assert "stamp_dates=True" in str(refused)


@virtual
async def test_an_order_without_a_date_becomes_one_of_this_moment_when_that_is_asked_for() -> None:
    desk = Desk()
    async with client(desk) as gameball:
        orders = [numbered(n, order_date=None) for n in range(2)]
        report = await gameball.orders.track_many(orders, stamp_dates=True)
    assert BulkReport(pulled=2, tracked=2) == report
    assert 2 == len({body["orderDate"] for body in desk.bodies})


@virtual
async def test_what_is_no_order_is_an_outcome_that_says_where_it_was() -> None:
    told: list[BulkOutcome] = []
    wrong: Any = [numbered(0), {"orderId": "A-1"}]
    async with client(Desk()) as gameball:
        report = await gameball.orders.track_many(wrong, on_outcome=told.append)
    assert BulkReport(pulled=2, tracked=1, failed=1) == report
    assert "orders[1] must be an Order, got dict" in [str(each.error) for each in told]


@pytest.mark.parametrize(
    "stop_on",
    [
        pytest.param(TransactionError, id="one"),
        pytest.param((KeyError, TransactionError), id="many"),
    ],
)
@virtual
async def test_an_error_of_stop_on_is_raised_when_everything_under_way_has_finished(
    stop_on: Any,
) -> None:
    desk = Desk(replies={"A-3": REFUSED}, slow={"A-2": 9.0})
    told: list[BulkOutcome] = []
    numbers = iter(range(1000))
    orders = (numbered(n, "shop" if n in {2, 5} else None) for n in numbers)
    async with client(desk) as gameball:
        with pytest.raises(TransactionError) as caught:
            await gameball.orders.track_many(
                orders, max_in_flight=6, stop_on=stop_on, on_outcome=told.append
            )
    assert len(told) == next(numbers), "nothing was pulled and then forgotten"
    report = BulkReport.of(caught.value)
    assert BulkReport(pulled=len(told), tracked=len(told) - 2, failed=2) == report
    waiting = next(outcome for outcome in told if outcome.index == 5)
    assert isinstance(waiting.error, NotSentError)
    assert "A-2" in desk.ended
    assert "A-5" not in desk.started


@virtual
async def test_only_the_first_error_of_stop_on_is_raised() -> None:
    desk = Desk(replies={"A-0": REFUSED, "A-1": LOST})
    async with client(desk) as gameball:
        with pytest.raises(TransactionError):
            await gameball.orders.track_many(
                [numbered(0), numbered(1)], stop_on=(TransactionError, OutcomeUnknownError)
            )


@virtual
async def test_a_refusal_ends_a_second_run_although_nothing_is_certain_then() -> None:
    desk = Desk(replies={"A-0": REFUSED})
    async with client(desk) as gameball:
        with pytest.raises(OutcomeUnknownError) as caught:
            await gameball.orders.track_many([numbered(0)], stop_on=TransactionError, resend=True)
    assert isinstance(caught.value.last_error, TransactionError)


@virtual
async def test_any_other_error_is_an_outcome() -> None:
    desk = Desk(replies={"A-0": REFUSED})
    async with client(desk) as gameball:
        report = await gameball.orders.track_many(
            [numbered(0), numbered(1)], stop_on=OutcomeUnknownError
        )
    assert BulkReport(pulled=2, tracked=1, failed=1) == report


def failing() -> Iterator[Order]:
    yield numbered(0, "shop")
    yield numbered(1, "shop")
    raise OSError("the file is gone")


async def failing_later() -> AsyncIterator[Order]:
    for each in itertools.islice(failing(), 2):
        yield each
    raise OSError("the file is gone")


@pytest.mark.parametrize(
    "source", [pytest.param(failing, id="plain"), pytest.param(failing_later, id="asynchronous")]
)
@virtual
async def test_an_input_that_raises_does_so_when_everything_pulled_has_finished(
    source: Any,
) -> None:
    desk = Desk(seconds=8)
    async with client(desk) as gameball:
        with pytest.raises(OSError, match="the file is gone") as caught:
            await gameball.orders.track_many(source())
    assert ["A-0", "A-1"] == desk.ended
    assert BulkReport(pulled=2, tracked=2) == BulkReport.of(caught.value)


@virtual
async def test_the_error_of_the_input_comes_before_one_that_happens_later() -> None:
    async with client(Desk(replies={"A-0": REFUSED})) as gameball:
        with pytest.raises(OSError, match="the file is gone"):
            await gameball.orders.track_many(failing(), stop_on=TransactionError)


@virtual
async def test_an_input_that_cancels_itself_is_no_end_of_the_input() -> None:
    async def cancelled() -> AsyncIterator[Order]:
        yield numbered(0)
        raise asyncio.CancelledError

    async with client(Desk()) as gameball:
        with pytest.raises(asyncio.CancelledError) as caught:
            await gameball.orders.track_many(cancelled())
    assert BulkReport(pulled=1, tracked=1) == BulkReport.of(caught.value)


@pytest.mark.parametrize(
    "cut",
    [pytest.param(asyncio.CancelledError, id="cancelled"), pytest.param(SystemExit, id="exit")],
)
@virtual
async def test_an_order_that_is_cut_off_from_elsewhere_ends_the_call_and_is_unknown(
    cut: type[BaseException],
) -> None:
    told: list[BulkOutcome] = []
    desk = Desk(replies={"A-0": cut()})
    async with client(desk) as gameball:
        with pytest.raises(cut) as caught:
            await gameball.orders.track_many(
                [numbered(0), numbered(1, "c-0"), numbered(2)], on_outcome=told.append
            )
    assert {"A-0": "unknown", "A-1": "failed", "A-2": "tracked"} == results(told)
    assert BulkReport(pulled=3, tracked=1, failed=1, unknown=1) == BulkReport.of(caught.value)
    (error,) = [each.error for each in told if isinstance(each.error, OutcomeUnknownError)]
    assert error.key == "A-0"


@virtual
async def test_a_cancelled_call_lets_what_is_under_way_finish() -> None:
    desk, told = Desk(seconds=4.9), list[BulkOutcome]()
    numbers = iter(range(1000))
    async with client(desk) as gameball:
        with pytest.raises(TimeoutError) as caught:
            async with asyncio.timeout(0.1):
                await gameball.orders.track_many(
                    (numbered(n, "shop" if n < 2 else None) for n in numbers),
                    max_in_flight=4,
                    on_outcome=told.append,
                )
    assert 4 == next(numbers), "nothing more was pulled"
    tracked = {"A-0": "tracked", "A-2": "tracked", "A-3": "tracked"}
    assert {**tracked, "A-1": "failed"} == results(told)
    assert BulkReport(pulled=4, tracked=3, failed=1) == BulkReport.of(caught.value)


@virtual
async def test_what_does_not_finish_within_five_seconds_of_a_cancellation_is_unknown() -> None:
    desk, told = Desk(slow={"A-0": 50.0}), list[BulkOutcome]()
    loop = asyncio.get_running_loop()
    async with client(desk, timeouts=Timeouts(read=60)) as gameball:
        began = loop.time()
        with pytest.raises(TimeoutError) as caught:
            async with asyncio.timeout(1):
                await gameball.orders.track_many([numbered(0), numbered(1)], on_outcome=told.append)
        assert 6 == pytest.approx(loop.time() - began, abs=0.2)
    assert {"A-0": "unknown", "A-1": "tracked"} == results(told)
    assert BulkReport(pulled=2, tracked=1, unknown=1) == BulkReport.of(caught.value)


@virtual
async def test_a_cancel_scope_lets_what_is_under_way_finish_too() -> None:
    told: list[BulkOutcome] = []
    async with client(Desk(seconds=3)) as gameball:
        with anyio.move_on_after(1) as scope:
            await gameball.orders.track_many([numbered(0)], on_outcome=told.append)
    assert scope.cancelled_caught
    assert {"A-0": "tracked"} == results(told)


@virtual
async def test_a_second_cancellation_does_not_wait() -> None:
    desk, told = Desk(seconds=50.0), list[BulkOutcome]()
    loop = asyncio.get_running_loop()
    async with client(desk, timeouts=Timeouts(read=60)) as gameball:
        call = loop.create_task(gameball.orders.track_many([numbered(0)], on_outcome=told.append))
        await asyncio.sleep(1)
        call.cancel()
        await asyncio.sleep(1)
        began = loop.time()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert 0.1 > loop.time() - began
    assert {"A-0": "unknown"} == results(told)


@virtual
async def test_a_cancellation_while_an_error_ends_the_call_is_the_callers_own() -> None:
    def full(_: BulkOutcome) -> None:
        raise OSError("no space left")

    async with client(Desk(slow={"A-1": 60.0})) as gameball:
        call = asyncio.ensure_future(
            gameball.orders.track_many([numbered(1), numbered(0)], on_outcome=full)
        )
        await asyncio.sleep(1)
        call.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await call
    assert isinstance(caught.value.__cause__, OSError)
    assert BulkReport(pulled=2, tracked=1, unknown=1) == BulkReport.of(caught.value)


@pytest.mark.parametrize("times", [1, 2, 3, 4, 7])
@virtual
async def test_however_often_it_is_cancelled_every_outcome_is_told_and_in_the_report(
    times: int,
) -> None:
    for rounds in range(1, 40, 4):
        desk, told = Desk(slow={"A-3": 60.0}), list[BulkOutcome]()
        async with client(desk) as gameball:
            orders = (numbered(n, f"c-{n % 9}") for n in itertools.count())
            call = asyncio.ensure_future(gameball.orders.track_many(orders, on_outcome=told.append))
            for _ in range(rounds):
                await asyncio.sleep(0)
            for _ in range(times):
                call.cancel()
                await asyncio.sleep(0)
            with pytest.raises(asyncio.CancelledError) as caught:
                await call
            report = BulkReport.of(caught.value)
            assert report is not None
            assert (0, len(told)) == (report.under_way, report.pulled)
            assert {asyncio.current_task()} == asyncio.all_tasks()


@virtual
async def test_on_outcome_sees_every_outcome_although_it_raises() -> None:
    desk, told = Desk(), list[BulkOutcome]()

    def full(outcome: BulkOutcome) -> None:
        told.append(outcome)
        raise OSError("no space left")

    async with client(desk) as gameball:
        with pytest.raises(OSError, match="no space left") as caught:
            await gameball.orders.track_many((numbered(n) for n in range(50)), on_outcome=full)
    report = BulkReport.of(caught.value)
    assert report is not None
    assert (len(told), len(told)) == (report.pulled, report.tracked)
    assert len(told) < 50


@virtual
async def test_a_closed_client_ends_the_call_and_the_report_counts_what_was_under_way() -> None:
    desk = Desk(slow={"A-0": 3.0})
    gameball = client(desk)
    call = asyncio.ensure_future(gameball.orders.track_many(numbered(n) for n in itertools.count()))
    await asyncio.sleep(0.05)
    await gameball.aclose()
    with pytest.raises(ClientClosedError) as caught:
        await call
    report = BulkReport.of(caught.value)
    assert report is not None
    assert "A-0" in desk.ended
    assert (len(desk.ended), 0, 0) == (report.tracked, report.unknown, report.under_way)


@virtual
async def test_a_closed_client_pulls_nothing() -> None:
    numbers = iter(range(9))
    gameball = client(Desk())
    await gameball.aclose()
    with pytest.raises(ClientClosedError):
        await gameball.orders.track_many(numbered(n) for n in numbers)
    assert 0 == next(numbers)


@virtual
async def test_without_a_secret_key_nothing_is_pulled() -> None:
    numbers = iter(range(9))
    async with GameballClient(API_KEY, transport=Desk()) as gameball:
        with pytest.raises(ConfigurationError, match="secret_key"):
            await gameball.orders.track_many(numbered(n) for n in numbers)
    assert 0 == next(numbers)


@pytest.mark.parametrize(
    ("arguments", "error", "named"),
    [
        pytest.param({"orders": 7}, TypeError, "orders", id="orders-that-are-none"),
        pytest.param({"max_in_flight": 0}, ValueError, "max_in_flight", id="no-room"),
        pytest.param({"max_in_flight": True}, ValueError, "max_in_flight", id="room-that-is-true"),
        pytest.param({"max_in_flight": 1.5}, ValueError, "max_in_flight", id="half-a-room"),
        pytest.param({"priority": "urgent"}, ValueError, "priority", id="an-unknown-priority"),
        pytest.param({"stop_on": "all"}, TypeError, "stop_on", id="stop-on-a-text"),
        pytest.param({"stop_on": (int,)}, TypeError, "stop_on", id="stop-on-a-number"),
        pytest.param({"on_outcome": 7}, TypeError, "on_outcome", id="nothing-to-call"),
    ],
)
@virtual
async def test_a_wrong_argument_is_named(
    arguments: dict[str, Any], error: type[Exception], named: str
) -> None:
    async with client(Desk()) as gameball:
        with pytest.raises(error, match=named):
            await gameball.orders.track_many(**{"orders": [], **arguments})


@virtual
async def test_on_outcome_must_not_need_an_await() -> None:
    async def journal(_outcome: BulkOutcome) -> None:
        """Never called."""

    async with client(Desk()) as gameball:
        with pytest.raises(TypeError, match="on_outcome must be a plain function"):
            await gameball.orders.track_many([numbered(0)], on_outcome=journal)


@virtual
async def test_an_order_waits_for_the_rate_limit_as_long_as_it_takes() -> None:
    """The client's own deadline is five seconds, and the last order waits for more than four
    minutes."""
    limits = RateLimits.published().override(orders=(Window(1, 30.0),))
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with client(Desk(), rate_limits=limits, timeouts=Timeouts(total=5)) as gameball:
        report = await gameball.orders.track_many(numbered(n) for n in range(10))
    assert BulkReport(pulled=10, tracked=10) == report
    assert loop.time() - began > 240


@virtual
async def test_an_interactive_order_goes_first() -> None:
    limits = RateLimits.published().override(orders=(Window(1, 30.0),))
    async with client(Desk(), rate_limits=limits) as gameball:
        bulk = asyncio.ensure_future(gameball.orders.track_many(numbered(n) for n in range(5)))
        await asyncio.sleep(1)
        patient = gameball.with_options(timeouts=Timeouts(total=600))
        await patient.orders.track(numbered(99))
        assert not bulk.done()
        assert 5 == (await bulk).tracked


@virtual
async def test_an_earlier_run_may_have_sent_some_already() -> None:
    duplicate = Desk(replies={"A-0": REFUSED})
    async with client(duplicate) as gameball:
        report = await gameball.orders.track_many([numbered(0)], resend=True)
    assert BulkReport(pulled=1, unknown=1) == report, "a refusal alone proves nothing then"


@virtual
async def test_a_call_whose_loop_is_gone_ends_without_a_word() -> None:
    async with client(Desk()) as gameball:
        call = gameball.orders.track_many([numbered(0)])
        call.send(None)
        call.close()
        await asyncio.sleep(1)


@virtual
async def test_a_stream_yields_each_outcome_as_it_is_known() -> None:
    desk = Desk(slow={"A-0": 1.0, "A-2": 0.5})
    async with client(desk) as gameball:
        stream = gameball.orders.track_stream([numbered(n) for n in range(3)])
        assert BulkReport() == stream.report
        order_ids = [outcome.order.order_id async for outcome in stream]
        assert ["A-1", "A-2", "A-0"] == order_ids
        assert BulkReport(pulled=3, tracked=3) == stream.report
        assert await anext(stream, None) is None


@virtual
async def test_a_stream_raises_an_error_of_stop_on_once_and_after_every_outcome() -> None:
    async with client(Desk(replies={"A-0": REFUSED}, slow={"A-1": 3.0})) as gameball:
        stream = gameball.orders.track_stream([numbered(0), numbered(1)], stop_on=TransactionError)
        told = [await anext(stream), await anext(stream)]
        assert {"A-0": "failed", "A-1": "tracked"} == results(told)
        with pytest.raises(TransactionError) as caught:
            await anext(stream)
        assert BulkReport(pulled=2, tracked=1, failed=1) == BulkReport.of(caught.value)
        assert await anext(stream, None) is None


@virtual
async def test_taking_several_outcomes_at_once_makes_room_for_as_many() -> None:
    async with client(Desk()) as gameball:
        stream = gameball.orders.track_stream((numbered(n) for n in range(40)), max_in_flight=4)
        stream.begin()
        taken = [await stream.tracking.take() for _ in range(10)]
    assert [4] * 10 == [len(outcomes) for outcomes in taken]


@virtual
async def test_nothing_is_pulled_or_sent_before_the_first_outcome_is_asked_for() -> None:
    numbers = iter(range(9))
    desk = Desk()
    async with client(desk) as gameball:
        stream = gameball.orders.track_stream(numbered(n) for n in numbers)
        await asyncio.sleep(1)
        assert ([], 0) == (desk.started, stream.report.pulled)
        del stream
    assert 0 == next(numbers)


@virtual
async def test_a_slow_input_holds_back_no_outcome() -> None:
    loop = asyncio.get_running_loop()
    async with client(Desk()) as gameball:
        stream = gameball.orders.track_stream(slowly([numbered(0), numbered(1)], 100.0))
        began = loop.time()
        await anext(stream)
        assert 100.1 == pytest.approx(loop.time() - began)
        await stream.aclose()


@virtual
async def test_a_slow_consumer_holds_back_the_input() -> None:
    numbers = iter(range(100))
    async with client(Desk()) as gameball:
        stream = gameball.orders.track_stream((numbered(n) for n in numbers), max_in_flight=5)
        for taken in range(1, 20):
            await anext(stream)
            await asyncio.sleep(1)
            assert taken + 5 == stream.report.pulled
        await stream.aclose()
    assert 24 == next(numbers)


@virtual
async def test_a_cancelled_wait_for_an_outcome_loses_none() -> None:
    async with client(Desk(seconds=3)) as gameball:
        stream = gameball.orders.track_stream([numbered(0)])
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await anext(stream)
        assert 0 == (await anext(stream)).index


@virtual
async def test_two_tasks_may_share_a_stream() -> None:
    async with client(Desk()) as gameball:
        stream = gameball.orders.track_stream(numbered(n) for n in range(50))

        async def consume() -> list[int]:
            return [outcome.index async for outcome in stream]

        one, other = await asyncio.gather(consume(), consume())
    assert [*range(50)] == sorted(one + other)


@virtual
async def test_a_closed_stream_returns_what_was_not_iterated_over() -> None:
    desk = Desk(slow={"A-1": 2.0, "A-2": 60.0})
    async with client(desk) as gameball:
        stream = gameball.orders.track_stream(numbered(n) for n in range(3))
        async with contextlib.aclosing(stream):
            first = await anext(stream)
            rest = await stream.aclose()
        assert ["A-0"] == [first.order.order_id]
        assert {"A-1": "tracked", "A-2": "unknown"} == results([*rest])
        assert await anext(stream, None) is None
        assert () == await stream.aclose()


@virtual
async def test_a_stream_that_is_closed_before_it_began_pulls_nothing() -> None:
    numbers = iter(range(9))
    async with client(Desk()) as gameball:
        stream = gameball.orders.track_stream(numbered(n) for n in numbers)
        assert () == await stream.aclose()
        assert await anext(stream, None) is None
        await asyncio.sleep(1)
    assert 0 == next(numbers)


@virtual
async def test_a_stream_that_is_dropped_pulls_no_more_and_finishes_what_is_under_way() -> None:
    numbers = iter(range(1000))
    desk = Desk(slow={"A-3": 9.0})
    async with client(desk) as gameball:
        async for _ in gameball.orders.track_stream(
            (numbered(n) for n in numbers), max_in_flight=4
        ):
            break
        await asyncio.sleep(20)
        assert next(numbers) <= 5
        assert desk.started == sorted(desk.ended)
        assert "A-3" in desk.ended
        assert 1 == len(asyncio.all_tasks())


def test_a_stream_may_outlive_its_loop() -> None:
    async def leave() -> Any:
        async with client(Desk()) as gameball:
            stream = gameball.orders.track_stream(numbered(n) for n in range(9))
            await anext(stream)
            return stream

    stream = run_virtual(leave())
    del stream


@virtual
async def test_an_input_that_ignores_the_end_is_told_that_nothing_more_is_sent() -> None:
    """What it hands over although it was cancelled is neither sent nor lost."""

    async def stubborn() -> AsyncIterator[Order]:
        yield numbered(0)
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(1000)
        yield numbered(1)

    desk, told = Desk(replies={"A-0": REFUSED}), list[BulkOutcome]()
    async with client(desk) as gameball:
        with pytest.raises(TransactionError):
            await gameball.orders.track_many(
                stubborn(), stop_on=TransactionError, on_outcome=told.append
            )
    assert {"A-0": "failed", "A-1": "failed"} == results(told)
    assert ["A-0"] == desk.started


@virtual
async def test_an_order_whose_task_is_cancelled_before_its_first_step_was_not_sent() -> None:
    async with client(Desk()) as gameball:
        tracking = gameball.orders.track_stream([]).tracking
        tracking.begin()
        for each in (numbered(0, "shop"), numbered(1, "shop")):
            tracking.admit(each)
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        await tracking.aclose()
        outcomes = await tracking.take()
        assert {"A-0": "failed", "A-1": "failed"} == results(outcomes)
        assert [NotSentError] * 2 == [type(outcome.error) for outcome in outcomes]
        assert [] == await tracking.take()
