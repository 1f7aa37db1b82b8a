"""``/transactions``: holds, manual transactions, and the list of the ledger."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Final

from gameball_async.sandbox.checks import (
    check_active,
    check_new_id,
    check_otp,
    check_points,
    check_registered,
    check_time,
    only_one_of,
    use_otp,
)
from gameball_async.sandbox.ledger import Entry, Profile, Row
from gameball_async.sandbox.limits import TRANSACTIONS_GET, TRANSACTIONS_POST
from gameball_async.sandbox.pages import CURSOR, LIMIT, page_of
from gameball_async.sandbox.points import whole_points
from gameball_async.sandbox.refusals import PlainRefusal, Refusal
from gameball_async.sandbox.routes import Route, Visit, customer_of_body
from gameball_async.sandbox.shapes import (
    FLAG,
    IGNORED,
    INSTANT,
    MERGE_KEYS,
    NAME,
    TEXT,
    Member,
    Shape,
    instant,
    integer,
    number,
    one_of,
    rule_id,
)
from gameball_async.sandbox.tenant import Hold
from gameball_async.sandbox.wire import JsonObject, in_microseconds, plain, shown

_LONGEST_EXPIRY: Final = 3000


HOLD: Final = Shape(
    {
        "customerId": NAME,
        **MERGE_KEYS,
        "transactionTime": Member(instant, required=True),
        "pointsToHold": Member(integer),
        "amountToHold": Member(number),
        "ruleId": Member(rule_id),
        "otp": TEXT,
        "ignoreOTP": FLAG,
        "hash": TEXT,
    }
)

MANUAL: Final = Shape(
    {
        "customerId": NAME,
        **MERGE_KEYS,
        "transactionId": NAME,
        "transactionTime": INSTANT,
        "username": NAME,
        "reason": NAME,
        "points": Member(integer),
        "amount": Member(number),
        "expiryAfter": Member(integer),
        "expiryDate": IGNORED,
    }
)

FILTERS: Final = {
    "direction": one_of("+", "-"),
    "status": one_of("Active", "Pending", "Blocked", "Expired"),
    "customerId": TEXT,
    "email": IGNORED,
    "mobile": IGNORED,
    "lang": IGNORED,
}
"""Merging is advertised for these reads, but has no parameter (C-86)."""

COUNT: Final = Shape(FILTERS)
LIST: Final = Shape({**FILTERS, "startAfter": CURSOR, "limit": LIMIT})


def hold(visit: Visit) -> JsonObject:
    """``POST /transactions/hold``: reserve points."""
    tenant, body = visit.tenant, visit.body
    profile = tenant.known(body)
    check_active(profile)
    check_registered(profile)
    points = _points_to_hold(visit)
    check_time(profile, body["transactionTime"], visit.now)
    check_otp(tenant, profile, body, visit.now)
    check_points(profile, points)

    tenant.remember(profile, body)
    profile.times.add(body["transactionTime"])
    use_otp(tenant, profile)
    held = tenant.hold(profile, body["customerId"], points, visit.now)
    return {**_shown_hold(visit, held), "holdReference": held.reference}


def _points_to_hold(visit: Visit) -> int:
    """The points that the request asks for, by exactly one of the three ways."""
    body, program = visit.body, visit.program
    way = only_one_of(body, ("pointsToHold", "amountToHold", "ruleId"))
    if way == "ruleId":
        points = program.redemption_rules.get(body[way], 0)
    elif way == "amountToHold":
        points = int(body[way] // program.redemption_factor)
    else:
        points = body[way]
    if points <= 0:
        raise Refusal(3003, f"{way} {body[way]} holds no points")
    return points


def get_hold(visit: Visit) -> JsonObject:
    """``GET /transactions/hold/{holdReferenceId}``; a released hold is not found (C-61)."""
    held = visit.tenant.holds.get(visit.path["holdReferenceId"])
    if held is None or held.state == "released":
        raise Refusal(9006, f"hold reference {visit.path['holdReferenceId']!r} not found")
    return {
        **_shown_hold(visit, held),
        "state": held.state,
        "dateToExpire": in_microseconds(held.expires_at),
    }


def _shown_hold(visit: Visit, held: Hold) -> JsonObject:
    worth = held.points * visit.program.redemption_factor
    return {
        "customerId": held.customer_id,
        "holdAmount": plain(worth) if visit.program.hold_amount_as == "string" else shown(worth),
        "holdEquivalentPoints": held.points,
    }


def release_hold(visit: Visit) -> JsonObject:
    """``DELETE /transactions/hold/{holdReferenceId}``: free the points."""
    visit.tenant.live_hold(visit.path["holdReferenceId"]).end("released")
    return {"success": True, "message": "Hold released successfully"}


def manual(visit: Visit) -> JsonObject:
    """``POST /transactions/manual``: add or deduct points by hand."""
    tenant, body = visit.tenant, visit.body
    points = _points_by_hand(visit)
    check_new_id(tenant, body["transactionId"])
    profile = tenant.known(body)
    check_time(profile, body.get("transactionTime"), visit.now)
    if points < 0:
        check_points(profile, -points)

    tenant.remember(profile, body)
    tenant.transaction_ids.add(body["transactionId"])
    if "transactionTime" in body:
        profile.times.add(body["transactionTime"])
    row = _book_by_hand(visit, profile, points)
    return {
        "customerId": body["customerId"],
        "gameballTransactionId": row.id,
        "transactionId": body["transactionId"],
        "points": points,
        "amount": shown(points * visit.program.redemption_factor),
    }


def _points_by_hand(visit: Visit) -> int:
    """The signed points of a manual transaction; 0 counts as not given (C-12)."""
    points, money = visit.body.get("points", 0), visit.body.get("amount", 0)
    days = visit.body.get("expiryAfter", 0)
    if points and money:
        raise PlainRefusal("Only one rewarding method may be specified")
    if not points and not money:
        raise PlainRefusal("A rewarding criteria is required")
    if days < 0:
        raise PlainRefusal("Expiry cannot be negative")
    if days and (points or money) < 0:
        raise PlainRefusal("Deduction cannot have expiry")
    if days > _LONGEST_EXPIRY:
        raise Refusal(3003, f"expiryAfter must be at most {_LONGEST_EXPIRY} days")
    moved = whole_points(abs(points or Decimal(money) // visit.program.redemption_factor))
    if not moved:
        raise Refusal(3003, f"amount {money} is worth less than a point")
    return moved if (points or money) > 0 else -moved


def _book_by_hand(visit: Visit, profile: Profile, points: int) -> Row:
    body, program = visit.body, visit.program
    entry = Entry(
        type="ManualAccumulation" if points > 0 else "ManualDeduction",
        transaction_id=body["transactionId"],
        customer_id=body["customerId"],
        amount=abs(points) * program.redemption_factor,
        time=body.get("transactionTime", visit.now),
        reason=body["reason"],
    )
    if points < 0:
        return visit.tenant.ledger.debit(profile, entry, -points)
    days = body.get("expiryAfter") or program.points_expiry_days
    expires_at = visit.now + timedelta(days=days) if days else None
    return visit.tenant.ledger.credit(profile, entry, points, expires_at=expires_at)


def _rows(visit: Visit) -> list[Row]:
    """The rows of one customer, or of everybody, in the order of their ids."""
    if "customerId" not in visit.query:
        return visit.tenant.ledger.rows
    profile = visit.tenant.find(visit.query["customerId"])
    return profile.rows if profile else []


def _matches(visit: Visit, row: Row) -> bool:
    wanted = (visit.query.get("direction"), visit.query.get("status"))
    return wanted[0] in {None, row.direction} and wanted[1] in {None, row.status}


def list_rows(visit: Visit) -> JsonObject:
    """``GET /transactions``: a page of the ledger."""
    return _page(visit, Row.as_listed)


def list_with_customers(visit: Visit) -> JsonObject:
    """``GET /transactions/customer-view``: the same page, and whose the rows are."""
    return _page(visit, _with_customer)


def _with_customer(row: Row) -> JsonObject:
    attributes = row.profile.attributes
    return {
        **row.as_listed(),
        "customerName": attributes.get("displayName"),
        "customerEmail": attributes.get("email"),
        "isCustomerDeleted": row.profile.is_deleted,
    }


def _page(visit: Visit, written: Callable[[Row], JsonObject]) -> JsonObject:
    """The rows of one page that match."""
    page, has_more = page_of(
        visit, _rows(visit), lambda row: row.id, lambda row: _matches(visit, row)
    )
    return {
        "transactions": [written(row) for row in page],
        "count": len(page),
        "hasMore": has_more,
    }


def count_rows(visit: Visit) -> JsonObject:
    """``GET /transactions/count``: how many rows match, on all pages."""
    return {"count": sum(_matches(visit, row) for row in _rows(visit))}


def _customer_of_hold(visit: Visit) -> object:
    held = visit.tenant.holds.get(visit.path["holdReferenceId"])
    return held.profile if held else None


ROUTES: Final = (
    Route(
        method="POST",
        path="/transactions/hold",
        bucket=TRANSACTIONS_POST,
        answer=hold,
        body=HOLD,
        writes=customer_of_body,
    ),
    Route(
        method="GET",
        path="/transactions/hold/{holdReferenceId}",
        bucket=TRANSACTIONS_GET,
        answer=get_hold,
    ),
    Route(
        method="DELETE",
        path="/transactions/hold/{holdReferenceId}",
        bucket=TRANSACTIONS_POST,
        answer=release_hold,
        writes=_customer_of_hold,
    ),
    Route(
        method="GET",
        path="/transactions",
        bucket=TRANSACTIONS_GET,
        answer=list_rows,
        query=LIST,
    ),
    Route(
        method="GET",
        path="/transactions/customer-view",
        bucket=TRANSACTIONS_GET,
        answer=list_with_customers,
        query=LIST,
    ),
    Route(
        method="GET",
        path="/transactions/count",
        bucket=TRANSACTIONS_GET,
        answer=count_rows,
        query=COUNT,
    ),
    Route(
        method="POST",
        path="/transactions/manual",
        bucket=TRANSACTIONS_POST,
        answer=manual,
        body=MANUAL,
        writes=customer_of_body,
    ),
)
