"""``/customers``: the profile, the balance, opting in and out, and leaving."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, cast

from gameball_async.sandbox.ledger import Profile
from gameball_async.sandbox.limits import CUSTOMERS_GET, CUSTOMERS_POST
from gameball_async.sandbox.purchases import new_customer
from gameball_async.sandbox.refusals import OFF
from gameball_async.sandbox.routes import (
    NO_PARAMETERS,
    Route,
    Visit,
    customer_in_path,
    customer_of_body,
    customer_of_path,
)
from gameball_async.sandbox.shapes import (
    FLAG,
    IGNORED,
    MERGE_KEYS,
    NAME,
    TEXT,
    Member,
    Misfit,
    Shape,
    flag,
    integer,
    number,
    texts,
)
from gameball_async.sandbox.wire import JsonObject, echoed, shown, without_nulls, written

ACTIVATION: Final = Shape({"isActive": Member(flag, required=True)})

_PUBLIC: Final = (
    "gender",
    "country",
    "city",
    "zip",
    "custom",
    "source",
    "utms",
    "devices",
    "paymentMethods",
    "totalSpent",
    "lastOrderDate",
    "totalOrders",
)
"""Attributes that are no personal data."""


def _list(value: Any) -> list[Any]:
    """An array of whatever the account keeps."""
    if not isinstance(value, list):
        raise Misfit("must be an array")
    found: list[Any] = _plain(value)
    return found


def _object(value: Any) -> JsonObject:
    """An object of whatever the account keeps."""
    if not isinstance(value, dict):
        raise Misfit("must be an object")
    found: JsonObject = _plain(value)
    return found


def _plain(value: Any) -> Any:
    """*value* with its numbers as they can be written again."""
    if isinstance(value, dict):
        members = cast("JsonObject", value).items()
        return {key: _plain(item) for key, item in members}
    if isinstance(value, list):
        return [_plain(item) for item in cast("Sequence[Any]", value)]
    if value is None or isinstance(value, str | bool):
        return value
    return echoed(number(value))


ATTRIBUTES: Final = Shape(
    {
        "displayName": TEXT,
        "firstName": TEXT,
        "lastName": TEXT,
        "email": TEXT,
        "gender": TEXT,
        "mobile": TEXT,
        "dateOfBirth": TEXT,
        "joinDate": TEXT,
        "country": TEXT,
        "city": TEXT,
        "zip": TEXT,
        "preferredLanguage": TEXT,
        "source": TEXT,
        "utms": Member(_list),
        "devices": Member(_list),
        "paymentMethods": Member(texts),
        "totalSpent": Member(_plain),
        "lastOrderDate": TEXT,
        "totalOrders": Member(integer),
        "avgOrderAmount": Member(_plain),
        "channel": TEXT,
        "custom": Member(_object),
    }
)

CUSTOMER: Final = Shape(
    {
        "customerId": NAME,
        **MERGE_KEYS,
        "deviceToken": TEXT,
        "osType": TEXT,
        "customerAttributes": Member(ATTRIBUTES.read),
        "referrerCode": TEXT,
        "guest": FLAG,
    }
)

BALANCE_QUERY: Final = Shape({"expand": IGNORED, "lang": IGNORED})
"""``expand`` has no effect (C-45)."""


def upsert(visit: Visit) -> JsonObject:
    """``POST /customers``: create, or merge into what is stored; the answer is an id (C-43)."""
    tenant, body = visit.tenant, visit.body
    guest = body.get("guest", False)
    profile = tenant.find(body["customerId"], body) or new_customer(visit, guest=guest)
    tenant.remember(profile, body)
    profile.is_guest = profile.is_guest and guest
    new = dict(body.get("customerAttributes", {}))
    if "custom" in new:
        new["custom"] = profile.attributes.get("custom", {}) | new["custom"]
    profile.attributes |= new
    return {"gameballId": profile.gameball_id}


def get(visit: Visit) -> JsonObject:
    """``GET /customers/{customerId}``: without personal data."""
    return _shown(visit, only=_PUBLIC)


def details(visit: Visit) -> JsonObject:
    """``GET /customers/{customerId}/details``: with personal data."""
    return _shown(visit, only=tuple(ATTRIBUTES.members))


def _shown(visit: Visit, *, only: tuple[str, ...]) -> JsonObject:
    profile = customer_in_path(visit)
    known = profile.attributes | _orders(profile)
    attributes = {name: known[name] for name in only if name in known}
    if profile.tags:
        attributes["tags"] = profile.tags
    return {
        "gameballId": profile.gameball_id,
        "customerId": visit.path["customerId"],
        "customerAttributes": attributes,
        "referralCode": profile.referral_code,
        "referralLink": profile.referral_link,
        "isReferred": profile.is_referred,
        "dynamicReferralLink": profile.referral_link,
    }


def _orders(profile: Profile) -> JsonObject:
    """What the orders say; it wins over what the account wrote."""
    if profile.last_order is None:
        return {}
    return {
        "totalSpent": shown(profile.total_spent),
        "lastOrderDate": written(profile.last_order),
        "totalOrders": profile.total_orders,
    }


def activate(visit: Visit) -> JsonObject:
    """``PUT /customers/{customerId}/activate``: in or out of the program."""
    profile, wanted = customer_in_path(visit), visit.body["isActive"]
    changed = profile.is_active is not wanted
    profile.is_active = wanted
    return {
        "customerId": visit.path["customerId"],
        "isActive": wanted,
        "stateChanged": changed,
    }


def delete(visit: Visit) -> None:
    """``DELETE /customers/{customerId}`` and its alias; no body is documented."""
    visit.tenant.forget(customer_in_path(visit))


def balance(visit: Visit) -> JsonObject:
    """``GET /customers/{customerId}/balance``."""
    return shown_balance(visit, customer_in_path(visit))


def shown_balance(visit: Visit, profile: Profile) -> JsonObject:
    """The points of a customer; a balance below zero is shown as it is."""
    program, points = visit.program, profile.balance
    factor = program.redemption_factor
    expiring = [
        (lot.expires_at, lot.left)
        for _, _, lot in profile.active_lots
        if lot.left and lot.expires_at is not None
    ]
    first = min((time for time, _ in expiring), default=None)
    next_points = sum(left for time, left in expiring if time == first)
    answer = {
        "totalPointsBalance": points.total,
        "totalPointsValue": shown(points.total * factor),
        "availablePointsBalance": points.spendable,
        "availablePointsValue": shown(points.spendable * factor),
        "pendingPoints": points.pending,
        "pendingPointsValue": shown(points.pending * factor),
        "currency": program.currency,
        "pointsName": program.points_name,
        "nextExpiringPointsAmount": next_points,
        "nextExpiringPointsValue": shown(next_points * factor),
        "nextExpiringPointsDate": None if first is None else written(first),
        "totalEarnedPoints": profile.earned,
        **({} if program.disabled == "no" else OFF),
    }
    return without_nulls(answer, keep=program.null_members)


ROUTES: Final = (
    Route(
        method="POST",
        path="/customers",
        bucket=CUSTOMERS_POST,
        answer=upsert,
        body=CUSTOMER,
        secret=False,
        writes=customer_of_body,
    ),
    Route(
        method="GET",
        path="/customers/{customerId}",
        bucket=CUSTOMERS_GET,
        answer=get,
        secret=False,
    ),
    Route(
        method="GET",
        path="/customers/{customerId}/details",
        bucket=CUSTOMERS_GET,
        answer=details,
        query=NO_PARAMETERS,
    ),
    Route(
        method="GET",
        path="/customers/{customerId}/balance",
        bucket=CUSTOMERS_GET,
        answer=balance,
        query=BALANCE_QUERY,
    ),
    Route(
        method="DELETE",
        path="/customers/{customerId}",
        bucket=CUSTOMERS_POST,
        answer=delete,
        writes=customer_of_path,
    ),
    Route(
        method="POST",
        path="/customers/{customerId}/delete",
        bucket=CUSTOMERS_POST,
        answer=delete,
        writes=customer_of_path,
    ),
    Route(
        method="PUT",
        path="/customers/{customerId}/activate",
        bucket=CUSTOMERS_POST,
        answer=activate,
        body=ACTIVATION,
        writes=customer_of_path,
        busy_status=400,
    ),
)
