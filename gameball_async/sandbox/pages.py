"""Walking a list: where a page starts, and whether another one follows."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, Final, Literal, TypeVar

from gameball_async.sandbox.routes import Visit
from gameball_async.sandbox.shapes import Member, Misfit

T = TypeVar("T")

WHOLE: Final = re.compile(r"-?\d{1,19}", re.ASCII)


def _digits(value: Any) -> int:
    """A query value that is a whole number."""
    if WHOLE.fullmatch(value) is None:
        raise Misfit("must be a whole number")
    return int(value)


def _cursor(value: Any) -> int:
    """The id of a row."""
    checked = _digits(value)
    if checked < 0:
        raise Misfit("must not be negative")
    return checked


def _limit(value: Any) -> int:
    """A page size, forced into 1..200."""
    return min(200, max(1, _digits(value)))


CURSOR: Final = Member(_cursor)
LIMIT: Final = Member(_limit)


def page_of(
    visit: Visit,
    rows: Sequence[T],
    id_of: Callable[[T], int],
    matches: Callable[[T], bool] = lambda _: True,
) -> tuple[list[T], bool]:
    """A page of *rows*, which ascend by their ids, and whether more rows follow it."""
    limit = visit.query.get("limit", 50)
    order = visit.program.pagination_order
    wanted = filter(matches, _after(rows, id_of, visit.query.get("startAfter", 0), order))
    page = list(islice(wanted, limit + 1))
    return page[:limit], len(page) > limit


def _after(
    rows: Sequence[T], id_of: Callable[[T], int], cursor: int, order: Literal["desc", "asc"]
) -> Iterator[T]:
    """The rows behind *cursor* in listing order; 0 is the beginning (C-40)."""
    if order == "asc":
        start = bisect_left(rows, cursor + 1, key=id_of)
        return (rows[index] for index in range(start, len(rows)))
    end = bisect_left(rows, cursor, key=id_of) if cursor else len(rows)
    return (rows[index] for index in range(end - 1, -1, -1))
