"""``/customers/{customerId}/notifications``: what a customer was told, and whether it was read."""

from __future__ import annotations

from typing import Any, Final

from gameball_async.sandbox.ledger import Notification
from gameball_async.sandbox.limits import CUSTOMERS_GET, CUSTOMERS_POST
from gameball_async.sandbox.pages import CURSOR, LIMIT, page_of
from gameball_async.sandbox.refusals import Refusal
from gameball_async.sandbox.routes import Route, Visit, customer_in_path, customer_of_path
from gameball_async.sandbox.shapes import IGNORED, Member, Misfit, Shape, array_of, integer
from gameball_async.sandbox.wire import JsonObject, written


def _yes_or_no(value: Any) -> bool:
    """A query value that is true or false."""
    if value not in {"true", "false"}:
        raise Misfit("must be true or false")
    return bool(value == "true")


def _number(value: Any) -> int:
    """The id of a notification, a number or its digits."""
    if isinstance(value, str):
        if not (value.isascii() and value.isdigit()):
            raise Misfit("must be the id of a notification")
        return int(value)
    return integer(value)


_IDS: Final = Member(array_of(_number))
COUNT: Final = Shape({"isRead": Member(_yes_or_no), "lang": IGNORED})
LIST: Final = Shape({**COUNT.members, "startAfter": CURSOR, "limit": LIMIT})
READ: Final = Shape({"notificationIds": _IDS, "notificationsIds": _IDS})


def _asked(visit: Visit) -> list[Notification]:
    """The notifications that match, oldest first."""
    wanted = visit.query.get("isRead")
    mine = customer_in_path(visit).notifications
    return [sent for sent in mine if wanted in {None, sent.is_read}]


def list_them(visit: Visit) -> JsonObject:
    """``GET /customers/{customerId}/notifications``: both shapes at once (C-39)."""
    page, has_more = page_of(visit, _asked(visit), lambda sent: sent.id)
    return {
        "notifications": [_shown(sent) for sent in page],
        "count": len(page),
        "hasMore": has_more,
        "nextCursor": str(page[-1].id) if has_more else None,
    }


def _shown(sent: Notification) -> JsonObject:
    return {
        "id": str(sent.id),
        "notificationId": str(sent.id),
        "title": sent.title,
        "body": sent.body,
        "isRead": sent.is_read,
        "createdAt": f"{written(sent.created_at)}Z",
        "lang": "en",
        "icon": "https://cdn.example/icon.webp",
    }


def count_them(visit: Visit) -> JsonObject:
    """``GET /customers/{customerId}/notifications/count``."""
    return {"count": len(_asked(visit))}


def read(visit: Visit) -> JsonObject:
    """``PUT /customers/{customerId}/notifications/read``, also by POST (C-39)."""
    mine = {sent.id: sent for sent in customer_in_path(visit).notifications}
    named = visit.body.get("notificationIds", visit.body.get("notificationsIds"))
    if named is None:
        raise Refusal(3000, "notificationIds is missing")
    unknown = [number for number in named if number not in mine]
    if unknown:
        raise Refusal(3003, f"the customer has no notification {unknown[0]}")
    for number in named:
        mine[number].is_read = True
    return {"success": True, "message": "Notifications marked as read"}


ROUTES: Final = (
    Route(
        method="GET",
        path="/customers/{customerId}/notifications",
        bucket=CUSTOMERS_GET,
        answer=list_them,
        query=LIST,
        secret=False,
    ),
    Route(
        method="GET",
        path="/customers/{customerId}/notifications/count",
        bucket=CUSTOMERS_GET,
        answer=count_them,
        query=COUNT,
        secret=False,
    ),
    *(
        Route(
            method=method,
            path="/customers/{customerId}/notifications/read",
            bucket=CUSTOMERS_POST,
            answer=read,
            body=READ,
            writes=customer_of_path,
        )
        for method in ("PUT", "POST")
    ),
)
