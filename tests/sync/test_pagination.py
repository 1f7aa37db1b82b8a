"""Walking a cursor without ``await``."""

from __future__ import annotations

import asyncio
import gc
import inspect
import signal
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest

from gameball_async import pagination as aio
from gameball_async.errors import PaginationError, ServerError
from gameball_async.pagination import Page
from gameball_sync._bridge import Facade, run
from gameball_sync.pagination import Paginator, blocking_pages


class Transactions:
    """The async side: four pages, a gate before any of them, and what was asked.

    The page at "6" is the first that is fetched ahead.
    """

    def __init__(self) -> None:
        self.pages: dict[str | None, Page[str] | Exception] = {
            None: Page(("9", "8"), "8", has_more=True),
            "8": Page(("7", "6"), "6", has_more=True),
            "6": Page(("5",), "5", has_more=True),
            "5": Page(("4", "3")),
        }
        self.asked: list[str | None] = []
        self.ended: list[str | None] = []
        self.held: str | None = "none"
        self.spawned = 0
        self.tasks: set[asyncio.Task[Any]] = set()

    async def fetch(self, cursor: str | None) -> Page[str]:
        self.asked.append(cursor)
        try:
            if cursor == self.held:
                await asyncio.sleep(60)
        finally:
            self.ended.append(cursor)
        page = self.pages[cursor]
        if isinstance(page, Exception):
            raise page
        return page

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.get_running_loop().create_task(work)
        self.spawned += 1
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    def list(self, *, start_after: str | None = None, prefetch: bool = True) -> aio.Paginator[str]:
        """List transactions."""
        return aio.Paginator(
            self.fetch, spawn=self.spawn, key=str, start_after=start_after, prefetch=prefetch
        )


class BlockingTransactions(Facade[Transactions]):
    """The blocking side."""

    __slots__ = ()

    list = blocking_pages(Transactions.list)


@pytest.fixture
def api() -> Transactions:
    return Transactions()


@pytest.fixture
def transactions(api: Transactions) -> BlockingTransactions:
    return BlockingTransactions(api)


ALL_ROWS = ["9", "8", "7", "6", "5", "4", "3"]
ROW_OF_PAGE_TWO = "7"


async def settle() -> None:
    """Let everything that can run on the loop run."""
    for _ in range(10):
        await asyncio.sleep(0)


def soon(happened: Callable[[], bool]) -> bool:
    """Whether it happens within ten seconds."""
    deadline = time.monotonic() + 10
    while not happened() and time.monotonic() < deadline:
        time.sleep(0.005)
    return happened()


def test_every_row_comes_once_and_in_the_order_received(
    api: Transactions, transactions: BlockingTransactions
) -> None:
    assert ALL_ROWS == [*transactions.list()]
    assert (2, [None, "8", "6", "5"]) == (api.spawned, api.asked)
    api.asked.clear()
    assert ALL_ROWS[2:] == [*transactions.list(start_after="8", prefetch=False)]
    assert (2, ["8", "6", "5"]) == (api.spawned, api.asked)


def test_pages_come_as_they_were_received(
    api: Transactions, transactions: BlockingTransactions
) -> None:
    assert [*api.pages.values()] == [*transactions.list().pages()]


def test_one_page_is_one_request(api: Transactions, transactions: BlockingTransactions) -> None:
    assert Page(("9", "8"), "8", has_more=True) == transactions.list().page()
    assert [None] == api.asked


def test_iterations_are_independent_and_each_goes_on_where_it_is(
    transactions: BlockingTransactions,
) -> None:
    paginator = transactions.list()
    first, second, pages = iter(paginator), iter(paginator), paginator.pages()

    assert ["9", "8", "7"] == [next(first) for _ in range(3)]
    assert "9" == next(second)
    assert [("9", "8"), ("7", "6")] == [next(pages).items for _ in range(2)]
    assert ["6", "5", "4", "3"] == [*first]
    assert [("5",), ("4", "3")] == [page.items for page in pages]
    assert ALL_ROWS[1:] == [*second]
    assert [None, None] == [next(first, None), next(pages, None)]


def test_nothing_is_asked_before_the_first_row_is_wanted(
    api: Transactions, transactions: BlockingTransactions
) -> None:
    iter(transactions.list())
    run(asyncio.sleep, 0)

    assert [] == api.asked


def test_the_next_page_is_fetched_while_the_caller_works_on_this_one(
    api: Transactions, transactions: BlockingTransactions
) -> None:
    rows = iter(transactions.list())

    assert ["9", "8", "7"] == [next(rows) for _ in range(3)]

    assert soon(lambda: api.asked == [None, "8", "6"])


def test_from_the_second_page_on_one_page_is_fetched_ahead_and_no_more(
    api: Transactions, transactions: BlockingTransactions
) -> None:
    costs: list[tuple[list[str | None], int]] = []

    for _ in transactions.list().pages():
        run(settle)
        costs.append(([*api.asked], api.spawned))

    assert [
        ([None], 0),
        ([None, "8", "6"], 1),
        ([None, "8", "6", "5"], 2),
        ([None, "8", "6", "5"], 2),
    ] == costs


def test_breaking_off_within_the_first_page_costs_one_request_and_spawns_nothing(
    api: Transactions, transactions: BlockingTransactions
) -> None:
    for row in transactions.list():
        run(settle)
        if row == "8":
            break
    run(settle)

    assert ([None], 0) == (api.asked, api.spawned)


def test_a_failure_comes_after_the_rows_and_tells_where_to_resume(
    api: Transactions, transactions: BlockingTransactions
) -> None:
    failure = ServerError("down")
    healthy, api.pages["6"] = api.pages["6"], failure
    rows = iter(transactions.list())
    received: list[str] = []

    with pytest.raises(ServerError) as caught:
        received.extend(rows)

    assert failure is caught.value
    assert (["9", "8", "7", "6"], "6") == (received, failure.cursor)
    api.pages["6"] = healthy
    assert ["5", "4", "3"] == [*rows]
    assert ["5", "4", "3"] == [*transactions.list(start_after=failure.cursor)]


def test_a_break_ends_the_fetch_ahead(
    api: Transactions, transactions: BlockingTransactions
) -> None:
    api.held = "6"

    for row in transactions.list():
        if row == ROW_OF_PAGE_TWO:
            assert soon(lambda: api.asked == [None, "8", "6"])
            break

    assert soon(lambda: api.ended == [None, "8", "6"] and not api.tasks)


def test_an_exception_in_the_body_ends_the_fetch_ahead(
    api: Transactions, transactions: BlockingTransactions
) -> None:
    api.held = "6"

    def consume() -> None:
        for page in transactions.list().pages():
            if ROW_OF_PAGE_TWO in page.items:
                assert soon(lambda: api.asked == [None, "8", "6"])
                raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        consume()

    assert soon(lambda: api.ended == [None, "8", "6"] and not api.tasks)


def test_an_iterator_lost_in_a_cycle_ends_its_fetch_when_it_is_collected(
    api: Transactions, transactions: BlockingTransactions
) -> None:
    api.held = "6"
    pages = transactions.list().pages()
    cycle: list[object] = [pages]
    cycle.append(cycle)
    next(pages)
    next(pages)
    assert soon(lambda: api.asked == [None, "8", "6"])

    del pages, cycle
    gc.collect()

    assert soon(lambda: api.ended == [None, "8", "6"] and not api.tasks)


def test_closing_ends_every_iteration(
    api: Transactions, transactions: BlockingTransactions
) -> None:
    api.held = "6"
    paginator = transactions.list()
    rows = iter(paginator)
    assert ["9", "8", "7", "6"] == [next(rows) for _ in range(4)]
    assert soon(lambda: api.asked == [None, "8", "6"])

    paginator.close()

    assert [None, "8", "6"] == api.ended
    with pytest.raises(PaginationError, match="closed"):
        next(rows)


@pytest.mark.skipif(sys.platform == "win32", reason="a thread cannot be signalled on Windows")
@pytest.mark.parametrize(
    ("asked", "count"),
    [
        pytest.param([None, "8"], 2, id="fetched-when-asked-for"),
        pytest.param([None, "8", "6"], 4, id="fetched-ahead"),
    ],
)
def test_ctrl_c_ends_the_fetch_and_the_iteration_can_go_on(
    api: Transactions,
    transactions: BlockingTransactions,
    asked: list[str | None],
    count: int,
) -> None:
    api.held = asked[-1]
    main = threading.main_thread().ident
    assert main is not None

    def interrupt() -> None:
        assert soon(lambda: api.asked == asked)
        time.sleep(0.05)
        signal.pthread_kill(main, signal.SIGINT)

    rows: Iterator[str] = iter(transactions.list())
    received = [next(rows) for _ in range(count)]
    interrupter = threading.Thread(target=interrupt)
    interrupter.start()
    with pytest.raises(KeyboardInterrupt):
        next(rows)
    interrupter.join()

    assert soon(lambda: api.ended == asked and not api.tasks)
    api.held = "none"
    assert ALL_ROWS == [*received, *rows]


def test_a_paged_method_looks_like_the_async_one() -> None:
    ours, theirs = BlockingTransactions.list, Transactions.list

    assert inspect.signature(theirs) == inspect.signature(ours)
    assert ("List transactions.", "list") == (ours.__doc__, getattr(ours, "__name__", None))


def test_the_blocking_paginator_has_the_async_ones_methods() -> None:
    def public(kind: type[object]) -> set[str]:
        return {name for name in vars(kind) if not name.startswith("_")}

    assert {"page", "pages", "close"} == public(Paginator)
    assert {"page", "pages", "aclose"} == public(aio.Paginator)
    for name in ("page", "pages"):
        assert getattr(aio.Paginator, name).__doc__ == getattr(Paginator, name).__doc__
