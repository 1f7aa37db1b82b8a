"""``/transactions/redeem`` and ``/transactions/otp``: spending points directly."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

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
from gameball_async.sandbox.ledger import Profile
from gameball_async.sandbox.limits import TRANSACTIONS_POST
from gameball_async.sandbox.originals import Original
from gameball_async.sandbox.points import whole_points
from gameball_async.sandbox.purchases import entry_of, usable_hold
from gameball_async.sandbox.refusals import Refusal
from gameball_async.sandbox.routes import Route, Visit, customer_of_body
from gameball_async.sandbox.shapes import (
    FLAG,
    MERCHANT,
    MERGE_KEYS,
    NAME,
    TEXT,
    Member,
    Misfit,
    Shape,
    instant,
    integer,
    number,
    rule_id,
    text,
)
from gameball_async.sandbox.tenant import OneTime
from gameball_async.sandbox.wire import JsonObject, shown

_LONGEST_REASON: Final = 255
_OTP_LIFE: Final = timedelta(minutes=5)
_WAYS: Final = ("amount", "points", "holdReference")


def _reason(value: Any) -> str:
    """A text of at most 255 characters."""
    if len(text(value)) > _LONGEST_REASON:
        raise Misfit(f"must have at most {_LONGEST_REASON} characters")
    return str(value)


def _no_rule(_: Any) -> None:
    """Rules buy coupons, they do not redeem (C-63)."""
    raise Misfit("is not for redemptions: POST /coupons/predefined takes a rule")


REDEEM: Final = Shape(
    {
        "customerId": NAME,
        **MERGE_KEYS,
        "transactionId": NAME,
        "transactionTime": Member(instant, required=True),
        "amount": Member(number),
        "points": Member(integer),
        "holdReference": TEXT,
        "ruleId": Member(_no_rule),
        "merchant": Member(MERCHANT.read),
        "hash": TEXT,
        "otp": TEXT,
        "ignoreOTP": FLAG,
        "reason": Member(_reason),
    }
)

OTP: Final = Shape(
    {
        "customerId": NAME,
        **MERGE_KEYS,
        "amount": Member(number),
        "points": Member(integer),
        "ruleId": Member(rule_id),
    }
)


def redeem(visit: Visit) -> JsonObject:
    """``POST /transactions/redeem``: spend points, held before or not."""
    tenant, body, program = visit.tenant, visit.body, visit.program
    way = only_one_of(body, _WAYS)
    check_new_id(tenant, body["transactionId"])
    profile = tenant.known(body)
    check_active(profile)
    check_registered(profile)
    check_time(profile, body["transactionTime"], visit.now)
    check_otp(tenant, profile, body, visit.now)
    points = _points(visit, profile, way)

    tenant.remember(profile, body)
    tenant.transaction_ids.add(body["transactionId"])
    profile.times.add(body["transactionTime"])
    use_otp(tenant, profile)
    if way == "holdReference":
        tenant.live_hold(body[way]).end("used")
    worth = points * program.redemption_factor
    entry = entry_of(visit, body["transactionId"], body["transactionTime"], worth)
    row = tenant.ledger.debit(profile, entry.of("Redemption", worth), points)
    tenant.originals[body["transactionId"]] = Original(
        profile,
        body["transactionTime"],
        None,
        paid=worth * 0,
        factor=program.redemption_factor,
        redeemed=list(row.spent),
    )
    answer = {
        "customerId": body["customerId"],
        "gameballTransactionId": str(row.id),
        "transactionId": body["transactionId"],
        "redeemAmount": shown(worth),
        "redeemEquivalentPoints": points,
    }
    return answer | ({"reason": body["reason"]} if "reason" in body else {})


def _points(visit: Visit, profile: Profile, way: str) -> int:
    """The points that the request asks for; the customer has them."""
    asked = visit.body[way]
    if way == "holdReference":
        return usable_hold(visit, profile, asked).points
    points = asked if way == "points" else asked // visit.program.redemption_factor
    if points <= 0:
        raise Refusal(3003, f"{way} {asked} redeems no points")
    points = whole_points(points)
    check_points(profile, points)
    return points


def send_otp(visit: Visit) -> None:
    """``POST /transactions/otp``: the password goes out by SMS, the answer is empty."""
    tenant, body = visit.tenant, visit.body
    if not visit.program.otp:
        raise Refusal(8000, "one-time passwords are not available")
    only_one_of(body, ("amount", "points", "ruleId"))
    profile = tenant.known(body)
    digits = int(tenant.new_reference()[:8], 16) % 10**6
    tenant.one_time[profile.gameball_id] = OneTime(f"{digits:06}", visit.now + _OTP_LIFE)


ROUTES: Final = (
    Route(
        method="POST",
        path="/transactions/redeem",
        bucket=TRANSACTIONS_POST,
        answer=redeem,
        body=REDEEM,
        writes=customer_of_body,
    ),
    Route(
        method="POST",
        path="/transactions/otp",
        bucket=TRANSACTIONS_POST,
        answer=send_otp,
        body=OTP,
        writes=customer_of_body,
    ),
)
