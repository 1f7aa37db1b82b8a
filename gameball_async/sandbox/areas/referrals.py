"""``/customers/{customerId}/referrals`` and ``/referrals/validate``: who brought whom."""

from __future__ import annotations

from typing import Final

from gameball_async.sandbox.ledger import Friend
from gameball_async.sandbox.limits import CUSTOMERS_GET, OTHERS
from gameball_async.sandbox.pages import CURSOR, LIMIT, page_of
from gameball_async.sandbox.routes import Route, Visit, customer_in_path
from gameball_async.sandbox.shapes import IGNORED, TEXT, Member, Shape, text
from gameball_async.sandbox.wire import JsonObject, without_nulls, zulu

LIST: Final = Shape({"startAfter": CURSOR, "limit": LIMIT, "lang": IGNORED})
VALIDATE: Final = Shape(
    {"referrerCode": Member(text, required=True), "forCustomerId": TEXT, "lang": IGNORED}
)


def _status(friend: Friend) -> str:
    """A friend counts with the first order."""
    return "Active" if friend.profile.total_orders else "Pending"


def friends(visit: Visit) -> JsonObject:
    """``GET /customers/{customerId}/referrals``: paged by Gameball's own ids (C-42)."""
    profile = customer_in_path(visit)
    page, has_more = page_of(visit, profile.friends, lambda friend: friend.profile.gameball_id)
    return {
        "referredFriends": [_shown(visit, friend) for friend in page],
        "count": len(page),
        "hasMore": has_more,
    }


def _shown(visit: Visit, friend: Friend) -> JsonObject:
    program, attributes = visit.program, friend.profile.attributes
    row = {
        "customerId": friend.customer_id,
        "displayName": attributes.get("displayName"),
        "email": attributes.get("email"),
        "mobileNumber": attributes.get("mobile"),
        "joinDate": zulu(friend.joined),
        "status": _status(friend),
    }
    if program.friends_with_gameball_id:
        row["gameballId"] = friend.profile.gameball_id
    return without_nulls(row, keep=program.null_members)


def count(visit: Visit) -> JsonObject:
    """``GET /customers/{customerId}/referrals/count``."""
    states = [_status(friend) for friend in customer_in_path(visit).friends]
    return {
        "count": len(states),
        "totalPending": states.count("Pending"),
        "totalActive": states.count("Active"),
    }


def validate(visit: Visit) -> JsonObject:
    """``GET /referrals/validate``: somebody else's code is good."""
    owner = visit.tenant.referrer(visit.query["referrerCode"])
    asking = visit.tenant.find(visit.query.get("forCustomerId", ""))
    return {"isValid": owner is not None and owner is not asking}


ROUTES: Final = (
    Route(
        method="GET",
        path="/customers/{customerId}/referrals",
        bucket=CUSTOMERS_GET,
        answer=friends,
        query=LIST,
    ),
    Route(
        method="GET",
        path="/customers/{customerId}/referrals/count",
        bucket=CUSTOMERS_GET,
        answer=count,
    ),
    Route(
        method="GET",
        path="/referrals/validate",
        bucket=OTHERS,
        answer=validate,
        query=VALIDATE,
        secret=False,
    ),
)
