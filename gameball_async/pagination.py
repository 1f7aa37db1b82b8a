"""Walking a cursor page by page; from the second page on, the next one is fetched ahead."""

from __future__ import annotations

import asyncio
import contextlib
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Iterator
from typing import Any, Generic, Self, TypeAlias, TypeVar

from attrs import frozen

from gameball_async.errors import ClientClosedError, GameballError, PaginationError

__all__ = ("Page", "Paginator", "page_of")

T = TypeVar("T")
Id: TypeAlias = str | int | None


@frozen
class Page(Generic[T]):
    """The rows of one answer, in the order received."""

    items: tuple[T, ...]
    next_cursor: str | None = None
    """What ``start_after=`` takes to go on; None at the end."""
    has_more: bool = False
    """Whether the API says that rows follow."""


def _known(cursor: object) -> Id:
    """An id; what an answer has in its place, another type or an empty text, is none."""
    if isinstance(cursor, bool) or not isinstance(cursor, str | int) or cursor == "":
        return None
    return cursor


def _text(cursor: object) -> str | None:
    """An id as it travels in a query."""
    known = _known(cursor)
    return None if known is None else str(known)


def page_of(
    rows: Iterable[T],
    *,
    key: Callable[[T], Id],
    has_more: object = None,
    next_cursor: object = None,
) -> Page[T]:
    """Make a page of the rows of one answer.

    Args:
        rows: The rows, in the order received.
        key: A row's id.
        has_more: The answer's ``hasMore``; where there is none, or something else in its place,
            ``nextCursor`` decides.
        next_cursor: The answer's ``nextCursor``. Where there is none the last row's id goes in its
            place, which is right whether the list goes up or down.

    Returns:
        The page; one that has more and no ``next_cursor`` cannot be followed.
    """
    items = tuple(rows)
    cursor = _text(next_cursor)
    more = has_more if isinstance(has_more, bool) else cursor is not None
    if cursor is None and items:
        cursor = _text(key(items[-1]))
    return Page(items, cursor if more else None, more)


async def _outcome(
    fetch: Callable[[str | None], Awaitable[Page[T]]], cursor: str | None
) -> Page[T] | Exception:
    """Fetch a page; a failure is a value, so that a task nobody asks again stays silent."""
    try:
        return await fetch(cursor)
    except GameballError as error:
        error.cursor = cursor
        return error
    except Exception as error:  # noqa: BLE001 - raised again by whoever asks for the page
        return error


def _closed_during_walk(cursor: str | None) -> PaginationError:
    """What a walk ends with when its paginator is closed under it."""
    return PaginationError("the paginator was closed during the walk", cursor=cursor)


class _Walk(Generic[T]):
    """One way from the first page to the last, and the page that is fetched ahead.

    Asking again after an error or a cancelled wait tries the same page again. Dropping the walk
    ends the fetch ahead, in whatever thread it is dropped.
    """

    __slots__ = (
        "__weakref__",
        "_ahead",
        "_busy",
        "_closed",
        "_cursor",
        "_fetch",
        "_ids",
        "_key",
        "_page",
        "_spawn",
    )

    def __init__(
        self,
        fetch: Callable[[str | None], Awaitable[Page[T]]],
        *,
        key: Callable[[T], Id],
        start_after: str | None,
        spawn: Callable[[Coroutine[Any, Any, Any]], asyncio.Task[Any]] | None,
    ) -> None:
        self._ahead: asyncio.Task[Page[T] | Exception] | None = None
        self._busy = False
        self._closed = False
        self._cursor = start_after
        self._fetch = fetch
        self._ids = frozenset[Id]()
        self._key = key
        self._page: Page[T] | None = None
        self._spawn = spawn

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Page[T]:
        if self._busy:
            raise RuntimeError("two tasks ask one iterator at once; give each its own")
        if self._page is not None and not self._page.has_more:
            raise StopAsyncIteration
        self._busy = True
        try:
            cursor = self._next_cursor()
            if self._closed:
                raise _closed_during_walk(cursor)
            page = await self._obtain(cursor)
        finally:
            self._busy = False
        self._accept(page, cursor)
        return page

    def _next_cursor(self) -> str | None:
        """The cursor of the page to fetch now."""
        if self._page is None:
            return self._cursor
        if self._page.next_cursor is None:
            raise PaginationError(
                "the API says that more rows follow, and the last row has no id to go on from",
                cursor=self._cursor,
            )
        return self._page.next_cursor

    async def _obtain(self, cursor: str | None) -> Page[T]:
        """The page at *cursor*: the one fetched ahead, or fetched now."""
        task = self._ahead_here()
        if task is None:
            self._drop_ahead()
            outcome = await _outcome(self._fetch, cursor)
        else:
            outcome = await self._arrive(task, cursor)
        if self._closed:
            outcome = _closed_during_walk(cursor)
        if isinstance(outcome, Exception):
            try:
                raise outcome
            finally:
                del outcome, task  # or the error would hold itself, through its traceback
        return outcome

    def _ahead_here(self) -> asyncio.Task[Page[T] | Exception] | None:
        """The task that fetches ahead, if it is this loop's.

        After a fork or a second `asyncio.run` it is another loop's, and never ends here.
        """
        task = self._ahead
        if task is None or task.get_loop() is not asyncio.get_running_loop():
            return None
        return task

    async def _arrive(
        self, task: asyncio.Task[Page[T] | Exception], cursor: str | None
    ) -> Page[T] | Exception:
        """Wait for the page fetched ahead; when its task is cancelled, we are not."""
        try:
            await asyncio.wait((task,))
        finally:
            self._drop_ahead()
        if not task.cancelled():
            return task.result()
        error = ClientClosedError("the client was closed while the next page was on its way")
        error.cursor = cursor
        return error

    def _accept(self, page: Page[T], cursor: str | None) -> None:
        """Check that *page* leads on, remember it; from the second on fetch the one after it."""
        ids = frozenset(_known(self._key(row)) for row in page.items) - {None}
        reason = None
        if page.has_more and not page.items:
            reason = "the API sent an empty page and says that more rows follow"
        elif page.next_cursor is not None and page.next_cursor == cursor:
            reason = "the API's cursor does not move"
        elif ids and ids <= self._ids:
            reason = "the API sent only rows of the page before"
        if reason is not None:
            raise PaginationError(reason, cursor=cursor)
        second = self._page is not None
        self._page, self._cursor, self._ids = page, cursor, ids
        if second and self._spawn is not None and page.next_cursor is not None:
            self._fetch_ahead(self._spawn, page.next_cursor)

    def _fetch_ahead(
        self, spawn: Callable[[Coroutine[Any, Any, Any]], asyncio.Task[Any]], cursor: str
    ) -> None:
        """Start fetching the page at *cursor*, in a task that does not keep the walk alive."""
        fetching = _outcome(self._fetch, cursor)
        try:
            self._ahead = spawn(fetching)
        except GameballError:
            # The client takes no more work: the rows at hand come first, the error when asked.
            fetching.close()

    def _drop_ahead(self) -> None:
        """End the fetch ahead, from any thread."""
        task, self._ahead = self._ahead, None
        if task is not None and not task.done():
            with contextlib.suppress(RuntimeError):  # the loop is closed, and the task with it
                task.get_loop().call_soon_threadsafe(task.cancel)

    async def aclose(self) -> None:
        """End the walk, and wait until the fetch ahead has ended; asking again raises."""
        self._closed = True
        task = self._ahead_here()
        self._drop_ahead()
        if task is not None:
            await asyncio.wait((task,))

    def __del__(self) -> None:
        """End the fetch ahead: its consumer is gone."""
        self._drop_ahead()


class _Rows(Generic[T]):
    """The rows of a walk, one by one."""

    __slots__ = ("_rows", "_walk")

    def __init__(self, walk: _Walk[T]) -> None:
        self._rows: Iterator[T] = iter(())
        self._walk = walk

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        while True:
            for row in self._rows:
                return row
            self._rows = iter((await anext(self._walk)).items)


class Paginator(Generic[T]):
    """Every row behind a cursor, fetched page by page: ``async for row in paginator``.

    Nothing is sent before the first row or page is asked for. Each iteration is one of its own
    and starts at the beginning. From the second page on, the next page is fetched while the
    caller works on this one; breaking off within the first page costs one request, no more.
    """

    __slots__ = ("_fetch", "_key", "_prefetch", "_spawn", "_start_after", "_walks")

    def __init__(
        self,
        fetch: Callable[[str | None], Awaitable[Page[T]]],
        *,
        spawn: Callable[[Coroutine[Any, Any, Any]], asyncio.Task[Any]],
        key: Callable[[T], Id],
        start_after: str | None = None,
        prefetch: bool = True,
    ) -> None:
        self._fetch = fetch
        self._key = key
        self._prefetch = prefetch
        self._spawn = spawn
        self._start_after = start_after
        self._walks = weakref.WeakSet[_Walk[T]]()

    def _walk(self) -> _Walk[T]:
        """Start a walk that `aclose` ends."""
        walk = _Walk(
            self._fetch,
            key=self._key,
            start_after=self._start_after,
            spawn=self._spawn if self._prefetch else None,
        )
        self._walks.add(walk)
        return walk

    def __aiter__(self) -> AsyncIterator[T]:
        return _Rows(self._walk())

    def pages(self) -> AsyncIterator[Page[T]]:
        """Iterate over the pages instead of the rows.

        Returns:
            An iterator that starts at the beginning.

        Raises:
            PaginationError: While iterating: the API's answers lead nowhere.
            GameballError: While iterating: a request failed; its ``cursor`` tells ``start_after=``
                where to go on.
        """
        return self._walk()

    async def page(self) -> Page[T]:
        """Fetch one page, the first.

        Returns:
            The page; its ``next_cursor`` is what ``start_after=`` takes to go on.

        Raises:
            PaginationError: The page is empty and says that more rows follow.
        """
        return await anext(self._walk())

    async def aclose(self) -> None:
        """End every iteration under way, and what is being fetched for it."""
        for walk in tuple(self._walks):
            await walk.aclose()
