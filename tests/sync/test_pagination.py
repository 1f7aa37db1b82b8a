"""Walking a cursor without ``await``."""

from __future__ import annotations

import asyncio
import contextlib
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
    """The async side: three pages, a gate before any of them, and what was asked."""

    def __init__(self) -> None:
        self.pages: dict[str | None, Page[str] | Exception] = {
            None: Page(("9", "8"), "8", has_more=True),
            "8": Page(("7",), "7", has_more=True),
            "7": Page(("6", "5")),
        }
        self.asked: list[str | None] = []
        self.ended: list[str | None] = []
        self.held: str | None = "none"
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


def soon(happened: Callable[[], bool]) -> bool:
    """Whether it happens within ten seconds."""
    deadline = time.monotonic() + 10
    while not happened() and time.monotonic() < deadline:
        time.sleep(0.005)
    return happened()


def test_every_row_comes_once_and_in_the_order_received(
    api: Transactions, transactions: BlockingTransactions
) -> None:
    assert ["9", "8", "7", "6", "5"] == [*transactions.list()]
    assert ["7", "6", "5"] == [*transactions.list(start_after="8", prefetch=False)]
    assert [None, "8", "7", "8", "7"] == api.asked


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

    assert ["9", "8", "9"] == [next(first), next(first), next(second)]
    assert ("9", "8") == next(pages).items
    assert ["7", "6", "5"] == [*first]
    assert [("7",), ("6", "5")] == [page.items for page in pages]
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

    next(rows)

    assert soon(lambda: api.asked == [None, "8"])


def test_a_failure_comes_after_the_rows_and_tells_where_to_resume(
    api: Transactions, transactions: BlockingTransactions
) -> None:
    failure = ServerError("down")
    healthy, api.pages["7"] = api.pages["7"], failure
    rows = iter(transactions.list())
    received: list[str] = []

    with pytest.raises(ServerError) as caught:
        received.extend(rows)

    assert failure is caught.value
    assert (["9", "8", "7"], "7") == (received, failure.cursor)
    api.pages["7"] = healthy
    assert ["6", "5"] == [*rows]
    assert ["6", "5"] == [*transactions.list(start_after=failure.cursor)]


def test_a_break_ends_the_fetch_ahead(
    api: Transactions, transactions: BlockingTransactions
) -> None:
    api.held = "8"

    for _ in transactions.list():
        assert soon(lambda: api.asked == [None, "8"])
        break

    assert soon(lambda: api.ended == [None, "8"] and not api.tasks)


def test_an_exception_in_the_body_ends_the_fetch_ahead(
    api: Transactions, transactions: BlockingTransactions
) -> None:
    api.held = "8"

    def consume() -> None:
        for _ in transactions.list().pages():
            assert soon(lambda: api.asked == [None, "8"])
            raise ZeroDivisionError

    with contextlib.suppress(ZeroDivisionError):
        consume()

    assert soon(lambda: api.ended == [None, "8"] and not api.tasks)


def test_an_iterator_lost_in_a_cycle_ends_its_fetch_when_it_is_collected(
    api: Transactions, transactions: BlockingTransactions
) -> None:
    api.held = "8"
    pages = transactions.list().pages()
    cycle: list[object] = [pages]
    cycle.append(cycle)
    next(pages)
    assert soon(lambda: api.asked == [None, "8"])

    del pages, cycle
    gc.collect()

    assert soon(lambda: api.ended == [None, "8"] and not api.tasks)


def test_closing_ends_every_iteration(
    api: Transactions, transactions: BlockingTransactions
) -> None:
    api.held = "8"
    paginator = transactions.list()
    rows = iter(paginator)
    assert ["9", "8"] == [next(rows), next(rows)]
    assert soon(lambda: api.asked == [None, "8"])

    paginator.close()

    assert [None, "8"] == api.ended
    with pytest.raises(PaginationError, match="closed"):
        next(rows)


@pytest.mark.skipif(sys.platform == "win32", reason="a thread cannot be signalled on Windows")
def test_ctrl_c_ends_the_fetch_and_the_iteration_can_go_on(
    api: Transactions, transactions: BlockingTransactions
) -> None:
    api.held = "8"
    main = threading.main_thread().ident
    assert main is not None

    def interrupt() -> None:
        assert soon(lambda: "8" in api.asked)
        time.sleep(0.05)
        signal.pthread_kill(main, signal.SIGINT)

    rows: Iterator[str] = iter(transactions.list())
    received = [next(rows), next(rows)]
    interrupter = threading.Thread(target=interrupt)
    interrupter.start()
    with pytest.raises(KeyboardInterrupt):
        next(rows)
    interrupter.join()

    assert soon(lambda: api.ended == [None, "8"] and not api.tasks)
    api.held = "none"
    assert ["9", "8", "7", "6", "5"] == [*received, *rows]


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
