"""Walking a cursor without ``await``: the async walk, asked page by page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from functools import wraps
from typing import Concatenate, Generic, ParamSpec, Self, TypeVar, cast

from gameball_async import pagination as aio
from gameball_async.pagination import Page
from gameball_sync._bridge import Facade, Method, aio_of, run

__all__ = ("Page", "Paginator", "blocking_pages")

A = TypeVar("A")
P = ParamSpec("P")
T = TypeVar("T")


async def _next_page(pages: AsyncIterator[Page[T]]) -> Page[T] | None:
    """The next page, or None behind the last one."""
    return await anext(pages, None)


class _Pages(Generic[T]):
    """The pages of a walk; each costs one hop to the loop."""

    __slots__ = ("_pages",)

    def __init__(self, pages: AsyncIterator[Page[T]]) -> None:
        self._pages = pages

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Page[T]:
        page = run(_next_page, self._pages)
        if page is None:
            raise StopIteration
        return page


class _Rows(Generic[T]):
    """The rows of a walk, one by one."""

    __slots__ = ("_pages", "_rows")

    def __init__(self, pages: Iterator[Page[T]]) -> None:
        self._pages = pages
        self._rows: Iterator[T] = iter(())

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> T:
        while True:
            for row in self._rows:
                return row
            self._rows = iter(next(self._pages).items)


class Paginator(Generic[T]):
    """Every row behind a cursor, fetched page by page: ``for row in paginator``.

    Nothing is sent before the first row or page is asked for. Each iteration is one of its own
    and starts at the beginning. From the second page on, the next page is fetched while the
    caller works on this one; breaking off within the first page costs one request, no more.
    """

    __slots__ = ("_aio",)

    def __init__(self, paginator: aio.Paginator[T]) -> None:
        self._aio = paginator

    def __iter__(self) -> Iterator[T]:
        return _Rows(self.pages())

    def pages(self) -> Iterator[Page[T]]:
        """Iterate over the pages instead of the rows.

        Returns:
            An iterator that starts at the beginning.

        Raises:
            PaginationError: While iterating: the API's answers lead nowhere.
            GameballError: While iterating: a request failed; its ``cursor`` tells ``start_after=``
                where to go on.
        """
        return _Pages(self._aio.pages())

    def page(self) -> Page[T]:
        """Fetch one page, the first.

        Returns:
            The page; its ``next_cursor`` is what ``start_after=`` takes to go on.

        Raises:
            PaginationError: The page is empty and says that more rows follow.
        """
        return run(self._aio.page)

    def close(self) -> None:
        """End every iteration under way, and what is being fetched for it."""
        run(self._aio.aclose)


def blocking_pages(
    method: Callable[Concatenate[A, P], aio.Paginator[T]],
) -> Method[A, P, Paginator[T]]:
    """Make a plain iterable of what *method* makes for ``async for``."""

    @wraps(method)
    def call(self: Facade[A], /, *args: P.args, **kwargs: P.kwargs) -> Paginator[T]:
        return Paginator(method(aio_of(self), *args, **kwargs))

    return cast("Method[A, P, Paginator[T]]", call)
