"""``/events`` and previews: what customers did, and what that would earn."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final, NoReturn, cast

from gameball_async.sandbox.areas.orders import quote
from gameball_async.sandbox.checks import check_active
from gameball_async.sandbox.limits import EVENTS, ORDERS_TRACKING
from gameball_async.sandbox.purchases import new_customer
from gameball_async.sandbox.refusals import Refusal
from gameball_async.sandbox.routes import Route, Visit, customer_of_body
from gameball_async.sandbox.shapes import (
    AMOUNT,
    LINE_ITEM,
    MERCHANT,
    MERGE_KEYS,
    NAME,
    TEXT,
    Member,
    Misfit,
    Shape,
    amount,
    array_of,
    extra,
    number,
)
from gameball_async.sandbox.wire import JsonObject


def _events(value: Any) -> JsonObject:
    """A map from names to metadata; null stands for none."""
    if not isinstance(value, dict) or not value:
        raise Misfit("must be an object that names at least one event")
    events: JsonObject = {}
    for name, metadata in cast("JsonObject", value).items():
        try:
            events[name] = _metadata({} if metadata is None else metadata)
        except Misfit as misfit:
            raise misfit.inside(name) from None
    return events


def _metadata(value: Any) -> JsonObject:
    """Free keys with numbers, strings, and arrays of them."""
    if not isinstance(value, dict):
        raise Misfit("must be an object")
    return {key: _datum(item) for key, item in cast("JsonObject", value).items()}


def _datum(value: Any) -> Any:
    if isinstance(value, list):
        return [_datum(item) for item in cast("tuple[Any, ...]", value)]
    return value if isinstance(value, str | bool) else number(value)


def _foreign(_: Any) -> NoReturn:
    """A member of the shape that only another guide has (C-32)."""
    raise Misfit("is not a member of this request: send events, by name", code=3000)


EVENT: Final = Shape(
    {
        "customerId": NAME,
        **MERGE_KEYS,
        "events": Member(_events, required=True),
        "eventName": Member(_foreign),
        "metadata": Member(_foreign),
    }
)

ORDER_PREVIEW: Final = Shape(
    {
        "customerId": TEXT,
        **MERGE_KEYS,
        "totalPaid": Member(amount, required=True),
        "totalPrice": AMOUNT,
        "totalDiscount": AMOUNT,
        "totalShipping": AMOUNT,
        "totalTax": AMOUNT,
        "lineItems": Member(array_of(LINE_ITEM.read)),
        "merchant": Member(MERCHANT.read),
        "channel": TEXT,
        "extra": Member(extra),
    }
)


def send(visit: Visit) -> JsonObject:
    """``POST /events``: creates the customer; ``place_order`` is taken as any other (C-28)."""
    tenant, body = visit.tenant, visit.body
    profile = tenant.find(body["customerId"], body)
    check_active(profile)

    profile = profile or new_customer(visit, guest=False)
    tenant.remember(profile, body)
    for name, metadata in body["events"].items():
        tenant.fire(profile, name, metadata, visit.now)
    return {"success": True, "message": "Events processed"}


def preview(visit: Visit) -> JsonObject:
    """``POST /events/reward-preview``: no campaign of this program listens to events."""
    tenant, body = visit.tenant, visit.body
    profile = tenant.known(body)
    if not profile.is_active:
        raise Refusal(7000, f"customer {body['customerId']!r} is not in the program")
    return {
        "customerId": body["customerId"],
        "totalPoints": 0,
        "events": [_previewed(visit, name) for name in body["events"]],
    }


def _previewed(visit: Visit, name: str) -> JsonObject:
    known = name in visit.tenant.event_names
    return {
        "eventName": name,
        "valid": known,
        "invalidReason": None if known else "EventNotFound",
        "totalPoints": 0,
        "campaigns": [],
    }


def preview_order(visit: Visit) -> JsonObject:
    """``POST /orders/reward-preview``: the quote, and the preview of ``place_order``."""
    body = visit.body
    for item in body.get("lineItems", ()):
        gross = Decimal(item.get("price", 0)) * Decimal(item.get("quantity", 1))
        if item.get("discount", 0) > gross or gross < 0:
            raise Refusal(3003, "a line is negative or its discount is above it", status=400)
    profile = visit.tenant.find(body.get("customerId", ""), body)
    found = profile is not None and profile.is_active
    cashback = quote(visit)
    return {
        "customerId": body.get("customerId"),
        "customerFound": found,
        "totalPoints": cashback["totalPoints"],
        "totalCoupons": 0,
        "cashback": cashback,
        "eventRewards": _previewed(visit, "place_order") if found else None,
    }


ROUTES: Final = (
    Route(
        method="POST",
        path="/events",
        bucket=EVENTS,
        answer=send,
        body=EVENT,
        secret=False,
        writes=customer_of_body,
    ),
    Route(
        method="POST",
        path="/events/reward-preview",
        bucket=EVENTS,
        answer=preview,
        body=EVENT,
        secret=False,
    ),
    Route(
        method="POST",
        path="/orders/reward-preview",
        bucket=ORDERS_TRACKING,
        answer=preview_order,
        body=ORDER_PREVIEW,
        secret=False,
    ),
)
