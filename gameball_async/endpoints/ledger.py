"""Ledger: what its lists can be asked for, and how their pages are walked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gameball_async.endpoints.evidence import MAX_LIMIT
from gameball_async.models.transactions import Direction, Transaction
from gameball_async.operation import Operation
from gameball_async.pagination import Page, Paginator, page_of
from gameball_async.transport.answers import required_rows
from gameball_async.transport.caller import Caller


def check_limit(limit: object) -> int:
    """Return *limit* if the API takes it, else raise an error naming it."""
    if isinstance(limit, bool) or not isinstance(limit, int):
        raise TypeError(f"limit must be an int, got {type(limit).__name__}")
    if not 1 <= limit <= MAX_LIMIT:
        raise ValueError(f"limit must be between 1 and {MAX_LIMIT}, got {limit}")
    return limit


def check_start_after(start_after: object) -> str | None:
    """Return a cursor as text if it is a transaction id, else raise an error naming it."""
    if start_after is None:
        return None
    text = str(start_after)
    if isinstance(start_after, bool) or not text.isascii() or not text.isdigit():
        raise ValueError(f"start_after must be a gameball_transaction_id, got {start_after!r}")
    return text


def _check_direction(direction: object) -> str | None:
    """Return *direction* if it is one, else raise an error naming it."""
    if direction is None or direction in tuple(Direction):
        return None if direction is None else str(direction)
    raise ValueError(f"direction must be one of {', '.join(Direction)}, got {direction!r}")


def _check_status(status: object) -> str | None:
    """Return *status* if it is a text, else raise an error naming it."""
    if status is None or (isinstance(status, str) and status):
        return None if status is None else str(status)
    raise ValueError(f"status must be a status such as 'Active', got {status!r}")


def filters(*, direction: object, status: object, customer_id: str | None) -> dict[str, object]:
    """The rows that a list or a count is about, as its query says it.

    Raises:
        ValueError: `direction` or `status` is none.
    """
    return {
        "direction": _check_direction(direction),
        "status": _check_status(status),
        "customer_id": customer_id,
    }


def _row_id(row: object) -> str | None:
    """A row's cursor; a row that could not be read as one has none."""
    return row.gameball_transaction_id if isinstance(row, Transaction) else None


def walk(
    caller: Caller,
    operation: Operation[Any],
    query: Mapping[str, object],
    *,
    limit: int,
    start_after: str | int | None,
    prefetch: bool,
) -> Paginator[Any]:
    """Page through the rows that *operation* lists for *query*."""
    asked = {**query, "limit": check_limit(limit)}

    async def fetch(cursor: str | None) -> Page[Any]:
        response = await caller.send(operation, query={**asked, "start_after": cursor})
        page = response.value
        rows = required_rows(response, page.transactions, "transactions")
        return page_of(rows, key=_row_id, has_more=page.has_more is True)

    return Paginator(
        fetch,
        spawn=caller.spawn,
        key=_row_id,
        start_after=check_start_after(start_after),
        prefetch=prefetch,
    )
