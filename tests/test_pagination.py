"""Walking a cursor: what the caller gets, and what is left when the caller goes."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import weakref
from collections.abc import AsyncIterator, Coroutine, Iterable, Sequence
from typing import Any

import pytest
from attrs import frozen
from hypothesis import given, strategies as st

from gameball_async.errors import (
    ApiError,
    ClientClosedError,
    GameballError,
    PaginationError,
    ServerError,
)
from gameball_async.pagination import Page, Paginator, page_of

Rows = tuple[str, ...]


@frozen
class Row:
    """A row whose id may be missing."""

    id: str | None


def own_id(row: str) -> str:
    return row


class Owner:
    """What a client is to a paginator: it owns the tasks, and cancels them when it closes."""

    def __init__(self) -> None:
        self.tasks: set[asyncio.Task[Any]] = set()
        self.spawned = 0
        self.closed = False

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        if self.closed:
            raise ClientClosedError("the client is closed")
        task = asyncio.get_running_loop().create_task(work)
        self.spawned += 1
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    def close(self) -> None:
        self.closed = True
        for task in self.tasks:
            task.cancel()


class Api:
    """A list behind a cursor, what was asked of it, and a gate before each answer."""

    def __init__(self, pages: dict[str | None, Page[str] | Exception]) -> None:
        self.pages = pages
        self.asked: list[str | None] = []
        self.cancelled: list[str | None] = []
        self.gates: dict[str | None, asyncio.Event] = {}

    async def fetch(self, cursor: str | None) -> Page[str]:
        self.asked.append(cursor)
        try:
            if cursor in self.gates:
                await self.gates[cursor].wait()
        except asyncio.CancelledError:
            self.cancelled.append(cursor)
            raise
        page = self.pages[cursor]
        if isinstance(page, Exception):
            raise page
        return page

    def hold(self, cursor: str | None) -> asyncio.Event:
        """Make the answer for *cursor* wait until the event is set."""
        return self.gates.setdefault(cursor, asyncio.Event())


def four_pages() -> Api:
    """The page at "6" is the first that is fetched ahead."""
    return Api(
        {
            None: Page(("9", "8"), "8", has_more=True),
            "8": Page(("7", "6"), "6", has_more=True),
            "6": Page(("5",), "5", has_more=True),
            "5": Page(("4", "3")),
        }
    )


ALL_ROWS = ["9", "8", "7", "6", "5", "4", "3"]
ROW_OF_PAGE_TWO = "7"


def paginator_of(api: Api, owner: Owner | None = None, **options: Any) -> Paginator[str]:
    return Paginator(api.fetch, spawn=(owner or Owner()).spawn, key=own_id, **options)


async def page_two(pages: AsyncIterator[Page[str]]) -> Page[str]:
    """Take two pages of a fresh walk; the third is being fetched then."""
    await anext(pages)
    return await anext(pages)


async def settle() -> None:
    """Let everything that can run on the loop run."""
    for _ in range(10):
        await asyncio.sleep(0)


@pytest.fixture(autouse=True)
def silence(monkeypatch: pytest.MonkeyPatch) -> Iterable[None]:
    """Whatever a loop would log through its exception handler fails the test."""
    gc.collect()  # what other tests left behind is not this test's
    complaints: list[dict[str, Any]] = []
    monkeypatch.setattr(
        asyncio.BaseEventLoop,
        "call_exception_handler",
        lambda _loop, context: complaints.append(context),
    )
    yield
    gc.collect()
    assert [] == complaints


# How a page is made


@pytest.mark.parametrize(
    ("rows", "has_more", "next_cursor", "expected"),
    [
        pytest.param(
            "34", True, None, Page(("3", "4"), "4", has_more=True), id="last-row-going-up"
        ),
        pytest.param(
            "43", True, None, Page(("4", "3"), "3", has_more=True), id="last-row-going-down"
        ),
        pytest.param("43", False, None, Page(("4", "3")), id="the-end-has-no-cursor"),
        pytest.param("43", False, "3", Page(("4", "3")), id="has-more-false-wins-over-a-cursor"),
        pytest.param("43", True, "c", Page(("4", "3"), "c", has_more=True), id="next-cursor-wins"),
        pytest.param("43", None, "c", Page(("4", "3"), "c", has_more=True), id="cursor-says-more"),
        pytest.param(
            "43", None, 3, Page(("4", "3"), "3", has_more=True), id="a-number-becomes-text"
        ),
        pytest.param("43", None, 0, Page(("4", "3"), "0", has_more=True), id="zero-is-a-cursor"),
        pytest.param("43", None, None, Page(("4", "3")), id="no-cursor-and-no-has-more-is-the-end"),
        pytest.param("43", None, "", Page(("4", "3")), id="an-empty-cursor-is-none"),
        pytest.param(
            "", True, None, Page((), None, has_more=True), id="an-empty-page-has-no-cursor"
        ),
    ],
)
def test_a_page_is_made_of_the_rows_as_received(
    rows: Sequence[str], has_more: bool | None, next_cursor: str | int | None, expected: Page[str]
) -> None:
    assert expected == page_of(rows, key=own_id, has_more=has_more, next_cursor=next_cursor)


def test_a_last_row_without_an_id_leaves_the_page_without_a_cursor() -> None:
    page = page_of([Row("2"), Row("")], key=lambda row: row.id, has_more=True)

    assert Page((Row("2"), Row("")), None, has_more=True) == page


def test_a_page_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Page(("1",)).items = ()  # type: ignore[misc]


# What the caller gets


@pytest.mark.parametrize("prefetch", [True, False])
async def test_every_row_comes_once_and_in_the_order_received(prefetch: bool) -> None:
    api = four_pages()

    rows = [row async for row in paginator_of(api, prefetch=prefetch)]

    assert ALL_ROWS == rows
    assert [None, "8", "6", "5"] == api.asked


async def test_pages_come_as_they_were_received() -> None:
    api = four_pages()

    pages = [page async for page in paginator_of(api).pages()]

    assert list(api.pages.values()) == pages


async def test_one_page_is_one_request() -> None:
    api, owner = four_pages(), Owner()

    page = await paginator_of(api, owner, start_after="8").page()

    assert Page(("7", "6"), "6", has_more=True) == page
    assert (["8"], 0) == (api.asked, owner.spawned)


async def test_an_empty_list_is_one_empty_page() -> None:
    paginator = paginator_of(Api({None: Page(())}))

    assert [] == [row async for row in paginator]
    assert Page(()) == await paginator.page()


async def test_nothing_is_asked_before_the_first_row_is_wanted() -> None:
    api = four_pages()

    paginator_of(api).pages()
    await settle()

    assert [] == api.asked


async def test_iterations_are_independent_and_start_at_the_beginning() -> None:
    api = four_pages()
    paginator = paginator_of(api)
    first, second = aiter(paginator), aiter(paginator)

    taken = [await anext(rows) for _ in range(4) for rows in (first, second)]

    assert ["9", "9", "8", "8", "7", "7", "6", "6"] == taken
    assert ALL_ROWS == [row async for row in paginator]
    assert ["5", "4", "3"] == [row async for row in first]
    assert ["5", "4", "3"] == [row async for row in second]


async def test_an_iterator_at_its_end_stays_there() -> None:
    rows = aiter(paginator_of(Api({None: Page(("1",))})))

    assert ["1", None, None] == [await anext(rows, None) for _ in range(3)]


async def test_an_iterator_iterates_on_where_it_is() -> None:
    api = four_pages()
    rows, pages = aiter(paginator_of(api)), paginator_of(api).pages()
    assert ["9", "8", "7"] == [await anext(rows) for _ in range(3)]
    await page_two(pages)

    assert ["6", "5", "4", "3"] == [row async for row in rows]
    assert [("5",), ("4", "3")] == [page.items async for page in pages]


@given(
    rows=st.lists(st.integers(min_value=1), unique=True, max_size=40),
    sizes=st.lists(st.integers(1, 7), min_size=1, max_size=40),
    prefetch=st.booleans(),
    start=st.integers(0, 39),
    named=st.booleans(),
)
def test_no_row_is_lost_or_doubled_whatever_the_order_and_the_page_sizes(
    rows: list[int], sizes: list[int], prefetch: bool, start: int, named: bool
) -> None:
    """Short pages included: only the API's own words end the walk."""
    ids = [str(row) for row in rows]
    asked = 0

    async def fetch(cursor: str | None) -> Page[str]:
        nonlocal asked
        first = 0 if cursor is None else ids.index(cursor) + 1
        last = first + sizes[asked % len(sizes)]
        asked += 1
        more = last < len(ids)
        if named:
            return page_of(ids[first:last], key=own_id, next_cursor=ids[last - 1] if more else None)
        return page_of(ids[first:last], key=own_id, has_more=more)

    async def walk() -> list[str]:
        start_after = ids[start] if start < len(ids) else None
        paginator = Paginator(
            fetch, spawn=Owner().spawn, key=own_id, start_after=start_after, prefetch=prefetch
        )
        return [row async for row in paginator]

    expected = ids[start + 1 :] if start < len(ids) else ids
    assert expected == asyncio.run(walk())


# Lists that cannot be walked


async def collect(rows: AsyncIterator[str]) -> tuple[list[str], GameballError | None]:
    """The rows received, and what ended the walk."""
    received: list[str] = []
    try:
        async for row in rows:
            received.append(row)  # noqa: PERF401 - the rows before the error count
    except GameballError as error:
        return received, error
    return received, None


@pytest.mark.parametrize(
    ("pages", "received", "cursor", "words"),
    [
        pytest.param(
            {None: Page((), None, has_more=True)}, [], None, "an empty page", id="empty-first-page"
        ),
        pytest.param(
            {None: Page(("2",), "2", has_more=True), "2": Page((), "1", has_more=True)},
            ["2"], "2", "an empty page", id="empty-page-that-says-more",
        ),
        pytest.param(
            {None: Page(("3",), "c", has_more=True), "c": Page(("2",), "c", has_more=True)},
            ["3"], "c", "does not move", id="cursor-equal-to-the-one-used",
        ),
        pytest.param(
            {None: Page(("3", "2"), "2", has_more=True), "2": Page(("2", "3"), "3", has_more=True)},
            ["3", "2"], "2", "only rows of the page before", id="rows-of-the-page-before",
        ),
        pytest.param(
            {None: Page(("3", "2"), "2", has_more=True), "2": Page(("2",))},
            ["3", "2"], "2", "only rows of the page before", id="a-last-page-of-known-rows",
        ),
        pytest.param(
            {None: Page(("3",), "3", has_more=True), "3": Page(("2",), None, has_more=True)},
            ["3", "2"], "3", "no id to go on from", id="last-row-without-an-id",
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("prefetch", [True, False])
@pytest.mark.parametrize("later", [True, False])
async def test_a_list_that_leads_nowhere_raises_after_the_rows_that_came(
    pages: dict[str | None, Page[str] | Exception],
    received: list[str],
    cursor: str | None,
    *,
    words: str,
    prefetch: bool,
    later: bool,
) -> None:
    if later:
        pages = {cursor or "0": page for cursor, page in pages.items()}
        pages = {None: Page(("0",), "0", has_more=True), **pages}
        received, cursor = ["0", *received], cursor or "0"
    api = Api(pages)

    rows, error = await collect(aiter(paginator_of(api, prefetch=prefetch)))

    assert isinstance(error, PaginationError)
    assert (received, cursor) == (rows, error.cursor)
    assert words in str(error)
    assert len(pages) == len(api.asked)


async def test_a_page_that_shares_some_rows_with_the_one_before_is_no_error() -> None:
    api = Api(
        {
            None: Page(("4", "3"), "3", has_more=True),
            "3": Page(("3", "2"), "2", has_more=True),
            "2": Page(("2", "1")),
        }
    )

    assert ["4", "3", "3", "2", "2", "1"] == [row async for row in paginator_of(api)]


async def test_a_first_page_whose_last_row_has_no_id_is_handed_out_before_the_error() -> None:
    rows, error = await collect(
        aiter(paginator_of(Api({None: page_of(("9", ""), key=own_id, has_more=True)})))
    )

    assert (["9", ""], None) == (rows, getattr(error, "cursor", "-"))
    assert isinstance(error, PaginationError)


async def test_an_empty_last_page_is_the_end() -> None:
    api = Api(
        {
            None: Page(("3",), "3", has_more=True),
            "3": Page(("2",), "2", has_more=True),
            "2": Page(()),
        }
    )

    assert ["3", "2"] == [row async for row in paginator_of(api)]


async def test_rows_without_ids_are_not_taken_for_rows_of_the_page_before() -> None:
    pages = {
        None: Page((Row(None),), "a", has_more=True),
        "a": Page((Row(None),), "b", has_more=True),
        "b": Page((Row(None),)),
    }

    async def fetch(cursor: str | None) -> Page[Row]:
        return pages[cursor]

    paginator = Paginator(fetch, spawn=Owner().spawn, key=lambda row: row.id)
    assert [Row(None), Row(None), Row(None)] == [row async for row in paginator]


# Failures in the middle


@pytest.mark.parametrize("prefetch", [True, False])
@pytest.mark.parametrize("start", [None, "0"])
@pytest.mark.parametrize("failing", [0, 1, 2, 3])
async def test_a_failure_is_raised_itself_after_the_rows_and_tells_where_to_resume(
    failing: int, start: str | None, prefetch: bool
) -> None:
    cursors = [start, "8", "6", "5"]
    api = four_pages()
    api.pages[start] = api.pages[None]
    failure = ServerError("down", status=503)
    healthy, api.pages[cursors[failing]] = api.pages[cursors[failing]], failure

    rows, error = await collect(aiter(paginator_of(api, start_after=start, prefetch=prefetch)))

    assert failure is error
    assert (ALL_ROWS[: [0, 2, 4, 5][failing]], cursors[failing]) == (rows, failure.cursor)

    api.pages[cursors[failing]] = healthy
    rest = [row async for row in paginator_of(api, start_after=failure.cursor)]
    assert ALL_ROWS == rows + rest


async def test_a_failure_is_not_raised_before_the_rows_that_came_were_taken() -> None:
    api = four_pages()
    api.pages["6"] = ServerError("down")
    rows = aiter(paginator_of(api))

    assert ["9", "8", "7"] == [await anext(rows) for _ in range(3)]
    await settle()
    assert [None, "8", "6"] == api.asked
    assert "6" == await anext(rows)
    with pytest.raises(ServerError):
        await anext(rows)


@pytest.mark.parametrize(
    ("failing", "asked"),
    [
        pytest.param("8", [None, "8", "8", "6", "5"], id="fetched-when-asked-for"),
        pytest.param("6", [None, "8", "6", "6", "5"], id="fetched-ahead"),
    ],
)
async def test_asking_again_after_a_failure_tries_the_same_page_again(
    failing: str, asked: list[str | None]
) -> None:
    api = four_pages()
    healthy, api.pages[failing] = api.pages[failing], ApiError("try later")
    rows = aiter(paginator_of(api))
    first, error = await collect(rows)
    api.pages[failing] = healthy

    assert isinstance(error, ApiError)
    assert (ALL_ROWS, None) == (first + (rest := await collect(rows))[0], rest[1])
    assert asked == api.asked


@pytest.mark.parametrize("failing", ["8", "6"])
@pytest.mark.parametrize("prefetch", [True, False])
async def test_a_foreign_failure_comes_as_it_is(prefetch: bool, failing: str) -> None:
    api = four_pages()
    api.pages[failing] = ZeroDivisionError("a fault of ours")

    with pytest.raises(ZeroDivisionError):
        await collect(aiter(paginator_of(api, prefetch=prefetch)))


@pytest.mark.parametrize("prefetch", [True, False])
async def test_a_failure_that_was_caught_keeps_nothing_alive(prefetch: bool) -> None:
    """No cycle through the traceback: the walk is gone with the last reference."""

    async def fetch(cursor: str | None) -> Page[str]:
        if cursor is None:
            return Page(("2",), "2", has_more=True)
        if cursor == "2":
            return Page(("1",), "1", has_more=True)
        raise ServerError("down")

    owner = Owner()
    pages = Paginator(fetch, spawn=owner.spawn, key=own_id, prefetch=prefetch).pages()
    gone = weakref.ref(pages)
    gc.disable()
    try:
        await page_two(pages)
        await settle()
        assert int(prefetch) == owner.spawned
        with contextlib.suppress(ServerError):
            await anext(pages)
        del pages
        assert gone() is None
    finally:
        gc.enable()


# The page that is fetched ahead


async def test_the_next_page_is_fetched_while_the_caller_works_on_this_one() -> None:
    api = four_pages()
    rows = aiter(paginator_of(api))

    assert ["9", "8", "7"] == [await anext(rows) for _ in range(3)]
    await settle()
    assert [None, "8", "6"] == api.asked
    assert ["6", "5"] == [await anext(rows) for _ in range(2)]
    await settle()
    assert [None, "8", "6", "5"] == api.asked


async def test_from_the_second_page_on_one_page_is_fetched_ahead_and_no_more() -> None:
    api, owner = four_pages(), Owner()
    costs: list[tuple[list[str | None], int]] = []

    async for _ in paginator_of(api, owner).pages():
        await settle()
        costs.append(([*api.asked], owner.spawned))

    assert [
        ([None], 0),
        ([None, "8", "6"], 1),
        ([None, "8", "6", "5"], 2),
        ([None, "8", "6", "5"], 2),
    ] == costs


@pytest.mark.parametrize("start", [None, "0"])
@pytest.mark.parametrize("last", ["9", "8"])
async def test_breaking_off_within_the_first_page_costs_one_request_and_spawns_nothing(
    last: str, start: str | None
) -> None:
    api, owner = four_pages(), Owner()
    api.pages[start] = api.pages[None]

    async for row in paginator_of(api, owner, start_after=start):
        await settle()
        if row == last:
            break
    await settle()

    assert ([start], 0) == (api.asked, owner.spawned)


async def test_without_prefetch_no_page_is_fetched_before_it_is_wanted() -> None:
    api, owner = four_pages(), Owner()
    paginator = paginator_of(api, owner, prefetch=False)
    rows = aiter(paginator)

    assert ["9", "8", "7", "6"] == [await anext(rows) for _ in range(4)]
    await page_two(paginator.pages())
    await settle()

    assert ([None, "8", None, "8"], 0) == (api.asked, owner.spawned)


async def test_a_page_that_is_still_on_its_way_is_waited_for() -> None:
    api = four_pages()
    gate = api.hold("6")
    pages = paginator_of(api).pages()
    await page_two(pages)
    await settle()
    assert [None, "8", "6"] == api.asked
    asking = asyncio.ensure_future(anext(pages))
    await settle()
    assert not asking.done()

    gate.set()

    assert ("5",) == (await asking).items
    await settle()
    assert [None, "8", "6", "5"] == api.asked


async def test_two_tasks_cannot_ask_one_iterator_at_once() -> None:
    api = four_pages()
    gate = api.hold(None)
    pages = paginator_of(api).pages()
    asking = asyncio.ensure_future(anext(pages))
    await settle()

    with pytest.raises(RuntimeError, match="give each its own"):
        await anext(pages)

    gate.set()
    assert ("9", "8") == (await asking).items


# The consumer stops


async def test_a_break_ends_the_fetch_ahead() -> None:
    api, owner = four_pages(), Owner()
    api.hold("6")

    async for row in paginator_of(api, owner):
        await settle()
        if row == ROW_OF_PAGE_TWO:
            break
    await settle()

    assert (["6"], set()) == (api.cancelled, owner.tasks)


async def test_an_exception_in_the_body_ends_the_fetch_ahead() -> None:
    api, owner = four_pages(), Owner()
    api.hold("6")

    async def consume() -> None:
        async for page in paginator_of(api, owner).pages():
            await settle()
            if ROW_OF_PAGE_TWO in page.items:
                raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await consume()
    await settle()

    assert (["6"], set()) == (api.cancelled, owner.tasks)


async def test_a_fetch_ahead_that_was_only_just_spawned_leaves_nothing_behind() -> None:
    api, owner = four_pages(), Owner()

    async for row in paginator_of(api, owner):
        if row == ROW_OF_PAGE_TWO:
            break
    assert 1 == owner.spawned
    await settle()

    assert ([], set()) == (api.cancelled, owner.tasks)


async def test_a_failure_that_nobody_asks_for_stays_silent() -> None:
    api, owner = four_pages(), Owner()
    api.pages["6"] = ServerError("down")

    async for row in paginator_of(api, owner):
        await settle()
        if row == ROW_OF_PAGE_TWO:
            break
    await settle()

    assert ([None, "8", "6"], set()) == (api.asked, owner.tasks)


@pytest.mark.parametrize(("held", "spawned"), [("8", 0), ("6", 1)])
async def test_a_cancelled_consumer_takes_the_fetch_along(held: str, spawned: int) -> None:
    api, owner = four_pages(), Owner()
    api.hold(held)
    consumer = asyncio.ensure_future(collect(aiter(paginator_of(api, owner))))
    await settle()
    assert not consumer.done()

    consumer.cancel()
    with pytest.raises(asyncio.CancelledError):
        await consumer
    await settle()

    assert ([held], set(), spawned) == (api.cancelled, owner.tasks, owner.spawned)


@pytest.mark.parametrize(("held", "count"), [("8", 2), ("6", 4)])
async def test_a_consumer_that_gave_up_waiting_can_ask_again_and_loses_nothing(
    held: str, count: int
) -> None:
    api = four_pages()
    gate = api.hold(held)
    rows = aiter(paginator_of(api))
    received = [await anext(rows) for _ in range(count)]
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(anext(rows), 0.01)
    gate.set()

    received += [row async for row in rows]

    assert ALL_ROWS == received
    assert [held] == api.cancelled


async def test_closing_the_paginator_ends_every_walk_and_waits_for_it() -> None:
    api, owner = four_pages(), Owner()
    api.hold("6")
    paginator = paginator_of(api, owner)
    first, second, fresh = paginator.pages(), paginator.pages(), paginator.pages()
    await page_two(first)
    await page_two(second)
    await settle()

    await paginator.aclose()

    assert ["6", "6"] == api.cancelled
    for walk, cursor in ((first, "6"), (second, "6"), (fresh, None)):
        with pytest.raises(PaginationError, match="closed") as caught:
            await anext(walk)
        assert cursor == caught.value.cursor


async def test_closing_the_paginator_under_a_waiting_consumer_tells_it() -> None:
    api = four_pages()
    api.hold("6")
    paginator = paginator_of(api)
    consumer = asyncio.ensure_future(collect(aiter(paginator)))
    await settle()

    await paginator.aclose()
    rows, error = await consumer

    assert isinstance(error, PaginationError)
    assert (["9", "8", "7", "6"], "6") == (rows, error.cursor)


@pytest.mark.parametrize(
    ("held", "received"), [(None, []), ("8", ["9", "8"])], ids=["first page", "second page"]
)
async def test_closing_while_a_page_is_awaited_ends_the_walk_when_it_comes(
    held: str | None, received: list[str]
) -> None:
    api, owner = four_pages(), Owner()
    gate = api.hold(held)
    paginator = paginator_of(api, owner)
    consumer = asyncio.ensure_future(collect(aiter(paginator)))
    await settle()

    await paginator.aclose()
    gate.set()
    rows, error = await consumer

    assert isinstance(error, PaginationError)
    assert (received, held) == (rows, error.cursor)
    assert held == api.asked[-1], "and nothing was asked for after it"
    assert set() == owner.tasks


async def test_closing_is_allowed_at_any_time_and_twice() -> None:
    paginator = paginator_of(four_pages())
    await paginator.aclose()
    rows = [row async for row in paginator]
    await paginator.aclose()
    await paginator.aclose()

    assert ALL_ROWS == rows


# The client closes


async def test_a_client_that_closes_ends_the_fetch_and_the_consumer_is_told() -> None:
    api, owner = four_pages(), Owner()
    api.hold("6")
    consumer = asyncio.ensure_future(collect(aiter(paginator_of(api, owner))))
    await settle()

    owner.close()
    rows, error = await consumer

    assert isinstance(error, ClientClosedError)
    assert (["9", "8", "7", "6"], "6", ["6"]) == (rows, error.cursor, api.cancelled)


async def test_a_client_that_takes_no_more_work_still_hands_out_the_rows_that_came() -> None:
    api, owner = four_pages(), Owner()
    owner.closed = True
    api.pages["6"] = ClientClosedError("the client is closed")

    rows, error = await collect(aiter(paginator_of(api, owner)))

    assert isinstance(error, ClientClosedError)
    assert (["9", "8", "7", "6"], "6") == (rows, error.cursor)


# Loops


def test_a_walk_that_goes_on_under_another_loop_fetches_its_page_again() -> None:
    api = four_pages()
    first, second = asyncio.Runner(), asyncio.Runner()
    pages = paginator_of(api).pages()

    async def take() -> Page[str]:
        page = await anext(pages)
        await asyncio.sleep(0)
        return page

    with first, second:
        api.hold("6")
        assert ("9", "8") == first.run(take()).items
        assert ("7", "6") == first.run(take()).items
        api.gates.clear()
        assert ("5",) == second.run(take()).items
        first.run(settle())

    assert ([None, "8", "6", "6", "5"], ["6"]) == (api.asked, api.cancelled)


def test_a_walk_may_be_dropped_after_its_loop_was_closed() -> None:
    api = four_pages()
    loop = asyncio.new_event_loop()
    pages = paginator_of(api).pages()
    api.hold("6")
    loop.run_until_complete(page_two(pages))
    tasks = asyncio.all_tasks(loop)
    loop.close()

    del pages

    assert 1 == len(tasks)
    for task in tasks:
        task.get_coro().close()
        task._log_destroy_pending = False  # type: ignore[attr-defined]


def test_every_way_to_stop_is_silent_in_debug_mode() -> None:
    async def stop_in_every_way() -> None:
        for held in (None, "6"):
            api, owner = four_pages(), Owner()
            api.hold(held) if held else None
            async for _ in paginator_of(api, owner):
                break
            async for row in paginator_of(api, owner):
                if row == ROW_OF_PAGE_TWO:
                    break
            pages = paginator_of(api, owner).pages()
            await page_two(pages)
            await settle()
            del pages
            closing = paginator_of(api, owner)
            walk = closing.pages()
            await page_two(walk)
            await closing.aclose()
            assert 3 == owner.spawned

    asyncio.run(stop_in_every_way(), debug=True)
