"""The lists of one customer, page by page: friends, activities, notifications."""

from __future__ import annotations

from collections.abc import Mapping

from gameball_async import operations as op
from gameball_async.errors import GameballError
from gameball_async.models.customers import Notification
from gameball_async.models.progress import Activity, ReferredFriend
from gameball_async.pagination import Page, Paginator, page_of
from gameball_async.transport.answers import required_rows
from gameball_async.transport.caller import Caller


def check_cursor(start_after: object) -> str | None:
    """Return a cursor as text if it can be an id, else raise an error naming it."""
    if start_after is None:
        return None
    if isinstance(start_after, bool) or not isinstance(start_after, str | int):
        raise TypeError(f"start_after must be a str or an int, got {type(start_after).__name__}")
    if start_after == "":
        raise ValueError("start_after must be an id, got an empty text")
    return str(start_after)


def _friend_id(row: object) -> str | None:
    return row.customer_id if isinstance(row, ReferredFriend) else None


def _activity_id(row: object) -> int | None:
    return row.activity_id if isinstance(row, Activity) else None


def _notification_id(row: object) -> str | None:
    return row.id if isinstance(row, Notification) else None


def _nothing(_row: object) -> None:
    """The cursor that a row of friends has (C-42)."""


async def _gameball_id(caller: Caller, row: object) -> int | None:
    """Gameball's own id of a friend, which the rows lack and the cursor is (C-42).

    None when it cannot be found out: the walk then ends with an error, behind the rows it has.
    """
    if not isinstance(row, ReferredFriend):
        return None
    known: object = row.gameball_id
    if not isinstance(known, int):
        try:
            path = {"customer_id": row.customer_id}
            known = (await caller.value(op.GET_CUSTOMER, path=path)).gameball_id
        except (GameballError, TypeError, ValueError):
            known = None
    return known if isinstance(known, int) else None


def friends(
    caller: Caller, customer_id: str, *, limit: int, start_after: str | None, prefetch: bool
) -> Paginator[ReferredFriend]:
    """Walk a customer's friends; a page that is not the last costs a second request (C-42)."""
    path = {"customer_id": customer_id}

    async def fetch(cursor: str | None) -> Page[ReferredFriend]:
        asked = {"limit": limit, "start_after": cursor}
        response = await caller.send(op.LIST_REFERRALS, path=path, query=asked)
        rows = required_rows(response, response.value.referred_friends, "referredFriends")
        more = response.value.has_more is True
        following = await _gameball_id(caller, rows[-1]) if more and rows else None
        return page_of(rows, key=_nothing, has_more=more, next_cursor=following)

    return Paginator(
        fetch, spawn=caller.spawn, key=_friend_id, start_after=start_after, prefetch=prefetch
    )


def activities(
    caller: Caller,
    customer_id: str,
    query: Mapping[str, object],
    *,
    start_after: str | None,
    prefetch: bool,
) -> Paginator[Activity]:
    """Walk a customer's log by the ids of its rows."""
    path = {"customer_id": customer_id}

    async def fetch(cursor: str | None) -> Page[Activity]:
        asked = {**query, "start_after": cursor}
        response = await caller.send(op.LIST_ACTIVITIES, path=path, query=asked)
        rows = required_rows(response, response.value.activities, "activities")
        return page_of(rows, key=_activity_id, has_more=response.value.has_more is True)

    return Paginator(
        fetch, spawn=caller.spawn, key=_activity_id, start_after=start_after, prefetch=prefetch
    )


def notifications(
    caller: Caller,
    customer_id: str,
    query: Mapping[str, object],
    *,
    start_after: str | None,
    prefetch: bool,
) -> Paginator[Notification]:
    """Walk a customer's notifications, in either of the two documented shapes (C-39)."""
    path = {"customer_id": customer_id}

    async def fetch(cursor: str | None) -> Page[Notification]:
        asked = {**query, "start_after": cursor}
        response = await caller.send(op.LIST_NOTIFICATIONS, path=path, query=asked)
        page = response.value
        rows = required_rows(response, page.notifications, "notifications")
        return page_of(
            rows, key=_notification_id, has_more=page.has_more, next_cursor=page.next_cursor
        )

    return Paginator(
        fetch, spawn=caller.spawn, key=_notification_id, start_after=start_after, prefetch=prefetch
    )
