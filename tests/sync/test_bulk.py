"""Many orders without ``await``: pulled and told in the caller's thread."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import itertools
import signal
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

import gameball_sync
from gameball_async import (
    BulkOutcome,
    BulkReport,
    ClientClosedError,
    ConfigurationError,
    DuplicateError,
    NotSentError,
    Order,
)
from gameball_async.sandbox import Fault, Sandbox
from gameball_sync._bridge import run
from tests.bulk.desk import Desk, numbered
from tests.clients import API_KEY, QUICK, SECRET_KEY


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox()


@contextlib.contextmanager
def client(transport: Any, **settings: Any) -> Iterator[gameball_sync.GameballClient]:
    given = {"rate_limits": None, "retry": QUICK, **settings}
    with gameball_sync.GameballClient(
        API_KEY, SECRET_KEY, transport=transport, **given
    ) as gameball:
        yield gameball


def soon(condition: Callable[[], object]) -> bool:
    ends = time.monotonic() + 5
    while not condition() and time.monotonic() < ends:
        time.sleep(0.002)
    return bool(condition())


def results(outcomes: list[BulkOutcome] | tuple[BulkOutcome, ...]) -> dict[str, str]:
    return {outcome.order.order_id: outcome.result.value for outcome in outcomes}


def test_every_order_is_tracked_and_counted(sandbox: Sandbox) -> None:
    with client(sandbox.transport()) as gameball:
        report = gameball.orders.track_many(numbered(n, f"c-{n % 7}") for n in range(300))

    assert BulkReport(pulled=300, tracked=300) == report
    assert 300 == len(sandbox.requests)


def test_a_customers_orders_keep_their_order() -> None:
    desk = Desk(seconds=0.001)
    with client(desk) as gameball:
        gameball.orders.track_many(numbered(n, f"c-{n % 3}") for n in range(60))

    assert 0 == desk.overlaps
    for customer in range(3):
        mine = [f"A-{n}" for n in range(customer, 60, 3)]
        assert mine == [each for each in desk.started if each in mine]


def test_the_input_is_pulled_and_outcomes_are_shown_in_the_callers_thread(
    sandbox: Sandbox,
) -> None:
    """So the input may block, and call the blocking client itself."""
    threads: list[int] = []

    def orders() -> Iterator[Order]:
        for number in range(3):
            threads.append(threading.get_ident())
            assert 0 == gameball.transactions.count(customer_id=f"c-{number}")
            yield numbered(number)

    def show(outcome: BulkOutcome) -> None:
        threads.append(threading.get_ident())
        assert 1 == gameball.transactions.count(customer_id=outcome.order.customer_id)

    with client(sandbox.transport()) as gameball:
        for number in range(3):
            sandbox.give(API_KEY, f"c-{number}", 0)
        report = gameball.orders.track_many(orders(), on_outcome=show, max_in_flight=1)

    assert BulkReport(pulled=3, tracked=3) == report
    assert {threading.get_ident()} == set(threads)
    assert 6 == len(threads)


def test_no_more_is_pulled_than_there_is_room_for() -> None:
    desk = Desk(seconds=0.002)
    told: list[BulkOutcome] = []
    widest = 0

    def orders() -> Iterator[Order]:
        nonlocal widest
        for number in range(80):
            widest = max(widest, number + 1 - len(told))
            yield numbered(number)

    with client(desk) as gameball:
        report = gameball.orders.track_many(orders(), on_outcome=told.append, max_in_flight=5)

    assert BulkReport(pulled=80, tracked=80) == report
    assert 5 == desk.most == widest
    assert [*range(80)] == sorted(outcome.index for outcome in told)


def test_an_endless_input_takes_no_more_memory_the_longer_it_runs() -> None:
    desk, objects = Desk(seconds=0), list[int]()
    with client(desk) as gameball:
        orders = (numbered(n, f"c-{n % 700}") for n in itertools.count())
        stream = gameball.orders.track_stream(orders)
        for outcome in stream:
            if outcome.index % 500 == 0:
                desk.forget()
                gc.collect()
                objects.append(len(gc.get_objects()))
            if outcome.index == 2500:
                break
        stream.close()
    assert max(objects[2:]) - objects[1] < 500


def test_an_order_does_not_wait_for_the_next_one_of_a_slow_input() -> None:
    desk = Desk(seconds=0)
    ended: list[bool] = []

    def orders() -> Iterator[Order]:
        for number in range(3):
            yield numbered(number)
            ended.append(soon(lambda: len(desk.ended) > number))  # noqa: B023 - called at once

    with client(desk) as gameball:
        for index, outcome in enumerate(gameball.orders.track_stream(orders())):
            assert index == outcome.index
            assert len(ended) <= index + 1, "nor does its outcome"

    assert [True, True, True] == ended


def test_an_asynchronous_input_is_pulled_on_the_loop() -> None:
    async def orders() -> AsyncIterator[Order]:
        for number in range(20):
            await asyncio.sleep(0)
            yield numbered(number)

    with client(Desk(seconds=0)) as gameball:
        assert BulkReport(pulled=20, tracked=20) == gameball.orders.track_many(orders())
        stream = gameball.orders.track_stream(orders=orders(), max_in_flight=2)
        assert 20 == len([*stream])
        assert BulkReport(pulled=20, tracked=20) == stream.report


def test_nothing_is_pulled_before_the_first_outcome_is_asked_for() -> None:
    numbers = iter(range(9))
    with client(Desk(seconds=0)) as gameball:
        stream = gameball.orders.track_stream(numbered(n) for n in numbers)
        assert BulkReport() == stream.report
        assert 0 == next(numbers)
        assert 8 == sum(1 for _ in stream)
        assert [] == [*stream]


def test_what_every_order_would_fail_with_is_raised_before_the_first_is_pulled() -> None:
    numbers = iter(range(9))
    with (
        gameball_sync.GameballClient(API_KEY, transport=Desk()) as gameball,
        pytest.raises(ConfigurationError, match="secret_key"),
    ):
        gameball.orders.track_many(numbered(n) for n in numbers)
    with client(Desk()) as closed:
        pass
    with pytest.raises(ClientClosedError):
        closed.orders.track_many(numbered(n) for n in numbers)
    assert 0 == next(numbers)


def test_an_error_is_an_outcome_unless_stop_on_says_otherwise(sandbox: Sandbox) -> None:
    numbers = itertools.chain([0, 0], range(1, 1000))
    with client(sandbox.transport()) as gameball:
        gameball.orders.track(numbered(0))
        told: list[BulkOutcome] = []
        with pytest.raises(DuplicateError) as caught:
            gameball.orders.track_many(
                (numbered(n) for n in numbers),
                stop_on=DuplicateError,
                on_outcome=told.append,
                max_in_flight=4,
            )
        report = BulkReport.of(caught.value)
        assert report is not None
        assert next(numbers) == report.pulled - 1 == len(told) - 1
        assert report.failed >= 1
        assert 0 == report.under_way

        report = gameball.orders.track_many([numbered(0)], resend=True)
        assert BulkReport(pulled=1, already_recorded=1) == report


def test_an_input_that_raises_does_so_when_everything_pulled_has_finished() -> None:
    def orders() -> Iterator[Order]:
        yield numbered(0)
        raise OSError("the file is gone")

    desk = Desk(seconds=0.05)
    with client(desk) as gameball:
        with pytest.raises(OSError, match="the file is gone") as caught:
            gameball.orders.track_many(orders())
        assert ["A-0"] == desk.ended
    assert BulkReport(pulled=1, tracked=1) == BulkReport.of(caught.value)


def test_a_listener_that_raises_sees_every_outcome_all_the_same() -> None:
    told: list[BulkOutcome] = []

    def full(outcome: BulkOutcome) -> None:
        told.append(outcome)
        raise OSError("no space left")

    with client(Desk(seconds=0.01)) as gameball, pytest.raises(OSError, match="space") as caught:
        gameball.orders.track_many((numbered(n) for n in range(99)), on_outcome=full)
    report = BulkReport.of(caught.value)
    assert report is not None
    assert (len(told), len(told)) == (report.pulled, report.tracked)


def test_a_closed_stream_returns_what_was_not_iterated_over() -> None:
    with client(Desk(seconds=0.05, slow={"A-1": 0.3})) as gameball:
        stream = gameball.orders.track_stream(numbered(n) for n in range(2))
        assert 0 == next(stream).index
        assert {"A-1": "tracked"} == results(stream.close())
        assert [] == [*stream]
        assert () == stream.close()


def test_outcomes_that_wait_together_are_returned_once() -> None:
    with client(Desk(seconds=0.05)) as gameball:
        stream = gameball.orders.track_stream(numbered(n) for n in range(5))
        next(stream)
        time.sleep(0.2)
        assert 0 != next(stream).index
        assert 3 == len(stream.close())
        assert () == stream.close()


def test_a_closed_client_takes_no_outcome_away() -> None:
    with client(Desk(seconds=0.02)) as gameball:
        stream = gameball.orders.track_stream(numbered(n) for n in range(2))
        next(stream)
        gameball.close()
        assert ["tracked"] == [outcome.result.value for outcome in stream]


def test_a_stream_that_is_closed_before_it_began_pulls_nothing() -> None:
    numbers = iter(range(9))
    with client(Desk()) as gameball:
        stream = gameball.orders.track_stream(numbered(n) for n in numbers)
        assert () == stream.close()
        assert [] == [*stream]
    assert 0 == next(numbers)


def test_a_stream_that_is_dropped_finishes_what_is_under_way() -> None:
    desk = Desk(seconds=0.05, slow={"A-1": 0.3, "A-2": 0.3})
    with client(desk) as gameball:
        for _ in gameball.orders.track_stream((numbered(n) for n in range(99)), max_in_flight=3):
            break
        assert soon(lambda: len(desk.ended) == 3)
        assert 3 == len(desk.started)


@pytest.mark.skipif(sys.platform == "win32", reason="no signal reaches a waiting thread")
def test_an_interrupt_ends_the_call_at_once_and_nothing_is_lost() -> None:
    desk, told = Desk(seconds=0, slow={"A-1": 60.0}), list[BulkOutcome]()
    main = threading.get_ident()

    def interrupt() -> None:
        assert soon(lambda: "A-1" in desk.started and "A-0" in desk.ended and told)
        time.sleep(0.05)
        signal.pthread_kill(main, signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    with client(desk) as gameball, contextlib.ExitStack() as last:
        last.callback(signal.signal, signal.SIGINT, before)
        interrupter = threading.Thread(target=interrupt)
        interrupter.start()
        began = time.monotonic()
        with pytest.raises(KeyboardInterrupt) as caught:
            gameball.orders.track_many(
                [numbered(0), numbered(1), numbered(2, "c-1")], on_outcome=told.append
            )
        interrupter.join()
    assert 4 > time.monotonic() - began
    assert {"A-0": "tracked", "A-1": "unknown", "A-2": "failed"} == results(told)
    assert isinstance(told[-1].error, NotSentError)
    report = BulkReport(pulled=3, tracked=1, failed=1, unknown=1)
    assert report == BulkReport.of(caught.value)


@pytest.mark.skipif(sys.platform == "win32", reason="no signal reaches a waiting thread")
def test_an_interrupt_ends_the_patience_with_what_is_under_way_and_nothing_is_lost() -> None:
    desk, told = Desk(seconds=0, slow={"A-1": 60.0}), list[BulkOutcome]()
    main = threading.get_ident()

    def full(outcome: BulkOutcome) -> None:
        told.append(outcome)
        raise OSError("no space left")

    def interrupt() -> None:
        assert soon(lambda: "A-1" in desk.started and told)
        time.sleep(0.05)
        signal.pthread_kill(main, signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    with client(desk) as gameball, contextlib.ExitStack() as last:
        last.callback(signal.signal, signal.SIGINT, before)
        interrupter = threading.Thread(target=interrupt)
        interrupter.start()
        began = time.monotonic()
        with pytest.raises(KeyboardInterrupt) as caught:
            gameball.orders.track_many([numbered(1), numbered(0)], on_outcome=full)
        interrupter.join()
    assert 4 > time.monotonic() - began
    assert {"A-0": "tracked", "A-1": "unknown"} == results(told)
    assert BulkReport(pulled=2, tracked=1, unknown=1) == BulkReport.of(caught.value)


def test_what_was_taken_when_the_caller_was_interrupted_is_still_there() -> None:
    with client(Desk(seconds=0)) as gameball:
        stream = gameball.orders.track_stream([numbered(0)])
        stream._begin()
        stream._pull()
        run(stream._take)
        assert ["A-0"] == [outcome.order.order_id for outcome in stream.close()]


def test_a_lost_order_is_repeated_and_counts_once(sandbox: Sandbox) -> None:
    sandbox.fault(Fault.dropped(path="/orders", times=3, after=True))
    with client(sandbox.transport()) as gameball:
        report = gameball.orders.track_many(numbered(n) for n in range(10))
    assert report.complete
    assert 1 <= report.already_recorded <= 3
    assert [1] * 10 == [len(sandbox.ledger(API_KEY, f"c-{n}")) for n in range(10)]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        pytest.param({"orders": 7}, "orders", id="orders-that-are-none"),
        pytest.param({"on_outcome": 7}, "on_outcome", id="nothing-to-call"),
        pytest.param({"stop_on": 7}, "stop_on", id="stop-on-a-number"),
    ],
)
def test_a_wrong_argument_is_named(arguments: dict[str, Any], named: str) -> None:
    with client(Desk()) as gameball, pytest.raises(TypeError, match=named):
        gameball.orders.track_many(**{"orders": [], **arguments})
