"""``/orders``: tracking, quoting, and the rows an order has written."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from attrs import frozen

from gameball_async.sandbox.checks import check_active, check_new_id, check_time
from gameball_async.sandbox.coupon_rules import Purchase, burn, cannot_combine, why_unusable
from gameball_async.sandbox.ledger import Entry, Profile
from gameball_async.sandbox.limits import ORDERS_CASHBACK, ORDERS_TRACKING
from gameball_async.sandbox.points import Earning, EarningRow, earn
from gameball_async.sandbox.program import Program
from gameball_async.sandbox.refusals import Refusal
from gameball_async.sandbox.routes import Route, Visit, customer_of_body
from gameball_async.sandbox.shapes import (
    AMOUNT,
    FLAG,
    IGNORED,
    INSTANT,
    LINE_ITEM,
    MERCHANT,
    MERGE_KEYS,
    NAME,
    TEXT,
    Member,
    Shape,
    amount,
    array_of,
    extra,
    text,
    whole_between,
)
from gameball_async.sandbox.tenant import Hold, Lock
from gameball_async.sandbox.wire import JsonObject, echoed, shown

_TOTALS: Final = {
    "totalPaid": Member(amount, required=True),
    "totalPrice": AMOUNT,
    "totalDiscount": AMOUNT,
    "totalShipping": AMOUNT,
    "lineItems": Member(array_of(LINE_ITEM.read)),
    "merchant": Member(MERCHANT.read),
}

REDEMPTION: Final = Shape(
    {
        "pointsHoldReference": TEXT,
        "couponsLockReference": TEXT,
        "couponCodes": Member(array_of(text)),
        "lockReference": IGNORED,
    }
)

ORDER: Final = Shape(
    {
        "customerId": NAME,
        **MERGE_KEYS,
        "orderId": NAME,
        "orderDate": INSTANT,
        **_TOTALS,
        "totalTax": AMOUNT,
        "redemption": Member(REDEMPTION.read),
        "extra": Member(extra),
        "guest": FLAG,
        "channel": TEXT,
        "cartId": TEXT,
        "cashbackConfigurations": Member(
            Shape({"returnWindow": Member(whole_between(0, 7300))}).read
        ),
        "referrerCode": TEXT,
        "coupons": IGNORED,
        "discountCodes": IGNORED,
        "redeemedAmount": IGNORED,
        "holdReference": IGNORED,
    }
)
"""The last four are names that only tutorials use (C-26)."""

QUOTE: Final = Shape({"customerId": TEXT, **MERGE_KEYS, **_TOTALS})


@frozen
class _Redemption:
    """What an order redeems; everything has been checked."""

    hold: Hold | None
    lock: Lock | None
    codes: tuple[str, ...]


def track(visit: Visit) -> JsonObject:
    """``POST /orders``: everything is checked before anything is stored."""
    tenant, body = visit.tenant, visit.body
    check_new_id(tenant, body["orderId"])
    profile = tenant.find(body["customerId"], body)
    check_active(profile)
    check_time(profile, body.get("orderDate"), visit.now)
    redemption = _redemption(visit, profile)
    earning = earn(body, visit.program)

    profile = profile or _new_customer(visit)
    _register(visit, profile)
    burn(tenant, profile, redemption.codes, redemption.lock)
    _move_points(visit, profile, redemption.hold, earning.points)
    return {
        "customerId": body["customerId"],
        "redeemedPoints": redemption.hold.points if redemption.hold else None,
        "rewardedPoints": earning.points,
        "lineItems": [_order_row(row, visit.program) for row in earning.rows],
    }


def _new_customer(visit: Visit) -> Profile:
    """Orders create customers; a guest is one until an order says otherwise."""
    profile = visit.tenant.create()
    profile.is_guest = True
    profile.is_referred = visit.tenant.is_referral_code(visit.body.get("referrerCode"))
    return profile


def _register(visit: Visit, profile: Profile) -> None:
    """Store the order itself, and what it tells about the customer."""
    tenant, body = visit.tenant, visit.body
    tenant.remember(profile, body)
    tenant.transaction_ids.add(body["orderId"])
    tenant.ledger.open_order(body["orderId"])
    if "orderDate" in body:
        profile.times.add(body["orderDate"])
    profile.is_guest = profile.is_guest and body.get("guest", False)
    profile.total_spent += body["totalPaid"]
    profile.total_orders += 1
    profile.last_order = body.get("orderDate", visit.now)


def _redemption(visit: Visit, profile: Profile | None) -> _Redemption:
    """The hold and the coupons of the order."""
    named = visit.body.get("redemption", {})
    hold = lock = None
    if "pointsHoldReference" in named:
        hold = _hold(visit, profile, named["pointsHoldReference"])
    if "couponsLockReference" in named:
        lock = visit.tenant.locks.get(named["couponsLockReference"])
        if lock is None or lock.profile is not profile:
            raise Refusal(3003, f"{named['couponsLockReference']!r} is no lock of the customer")
    return _Redemption(hold, lock, _codes(visit, profile, lock, named.get("couponCodes", ())))


def _hold(visit: Visit, profile: Profile | None, reference: str) -> Hold:
    """The hold, if it is the customer's and its points have not expired meanwhile."""
    hold = visit.tenant.live_hold(reference)
    if profile is None or hold.profile is not profile:
        raise Refusal(9006, f"hold reference {reference!r} not found")
    if hold.points > profile.balance.active:
        raise Refusal(9008, "insufficient points: held points have expired")
    return hold


def _codes(
    visit: Visit, profile: Profile | None, lock: Lock | None, named: tuple[str, ...]
) -> tuple[str, ...]:
    """The codes to burn: the locked ones and those that the order names."""
    coupons = visit.tenant.coupons
    locked = [code for code in lock.codes if coupons[code].lock is lock] if lock else []
    codes = tuple(dict.fromkeys([*locked, *named]))
    for code in codes:
        _check_code(visit, profile, code)
    apart = cannot_combine([coupons[code].coupon for code in codes])
    if apart:
        raise Refusal(4000, f"coupons cannot be combined: {', '.join(sorted(apart))}")
    return codes


def _check_code(visit: Visit, profile: Profile | None, code: str) -> None:
    """Refuse a code that the customer cannot use; inside a lock of the customer's it can be."""
    use = visit.tenant.coupons.get(code)
    if use is None:
        raise Refusal(3003, f"coupon {code!r} does not exist")
    if use.lock is not None and use.lock.profile is profile:
        return
    reason = why_unusable(use, profile, _purchase(visit.body), visit.now, None)
    if reason is None and visit.program.codes_need_lock:
        reason = "notLocked"
    if reason is not None:
        raise Refusal(3015 if reason == "expired" else 4000, f"coupon {code!r}: {reason}")


def _purchase(body: JsonObject) -> Purchase:
    collections = (
        code for item in body.get("lineItems", ()) for code in item.get("collection", ())
    )
    merchant_id = body.get("merchant", {}).get("uniqueId")
    return Purchase(merchant_id, frozenset(collections), body.get("totalPrice"))


def _move_points(visit: Visit, profile: Profile, hold: Hold | None, earned: int) -> None:
    """Write the order's rows: first what was redeemed, then what was earned."""
    body, program, ledger = visit.body, visit.program, visit.tenant.ledger
    merchant = body.get("merchant", {})
    entry = Entry(
        type="PaymentReward",
        transaction_id=body["orderId"],
        customer_id=body["customerId"],
        amount=body["totalPaid"],
        time=body.get("orderDate", visit.now),
        merchant=merchant.get("name"),
        branch=merchant.get("branch", {}).get("name"),
    )
    if hold is not None:
        hold.end("used")
        worth = hold.points * program.redemption_factor
        ledger.debit(profile, entry.of("Redemption", worth), hold.points)
    if earned:
        days = body.get("cashbackConfigurations", {}).get(
            "returnWindow", program.return_window_days
        )
        active_at = visit.now + timedelta(days=days)
        expiry = program.points_expiry_days
        ledger.credit(
            profile,
            entry,
            earned,
            active_at=active_at if days else None,
            expires_at=active_at + timedelta(days=expiry) if expiry else None,
        )
    elif hold is None:
        ledger.unrewarded(entry.of("Payment", entry.amount))


def _order_row(row: EarningRow, program: Program) -> JsonObject:
    """One row of an order's answer."""
    return _without_nulls(
        {
            "productId": row.product_id,
            "quantity": echoed(row.quantity),
            "decimalPoints": shown(row.decimal_points),
            "points": row.points,
            "score": None,
        },
        program,
    )


def quote(visit: Visit) -> JsonObject:
    """``POST /orders/cashback``: what the order would earn."""
    earning: Earning = earn(visit.body, visit.program)
    answer = {
        "totalPoints": earning.points,
        "totalScore": None,
        "lineItems": [_quote_row(row, visit.program) for row in earning.rows],
    }
    return _without_nulls(answer, visit.program)


def _quote_row(row: EarningRow, program: Program) -> JsonObject:
    """One row of a quote's answer."""
    return _without_nulls(
        {
            "productId": row.product_id,
            "quantity": echoed(row.quantity),
            "totalDecimalPoints": shown(row.decimal_points),
            "totalPoints": row.points,
            "totalScore": None,
            "rewardWalletFactor": shown(program.reward_wallet_factor),
            "campaignId": None,
            "campaignName": None,
            "campaignEndDate": None,
            "campaignImpactWalletFactor": None,
            "campaignImpactPoints": None,
        },
        program,
    )


def _without_nulls(members: JsonObject, program: Program) -> JsonObject:
    """*members*, with nulls only where the account sends them (C-03)."""
    if program.null_members:
        return members
    return {name: value for name, value in members.items() if value is not None}


def transactions(visit: Visit) -> JsonObject:
    """``GET /orders/{orderId}/transactions``: every row of one order, newest first."""
    rows = visit.tenant.ledger.of_order(visit.path["orderId"])
    if rows is None:
        raise Refusal(4004, "Order Not Found")
    return {"transactions": [row.as_of_order() for row in reversed(rows)], "count": len(rows)}


ROUTES: Final = (
    Route(
        method="POST",
        path="/orders",
        bucket=ORDERS_TRACKING,
        answer=track,
        body=ORDER,
        writes=customer_of_body,
    ),
    Route(
        method="POST",
        path="/orders/cashback",
        bucket=ORDERS_CASHBACK,
        answer=quote,
        body=QUOTE,
        secret=False,
    ),
    Route(
        method="GET",
        path="/orders/{orderId}/transactions",
        bucket=ORDERS_TRACKING,
        answer=transactions,
    ),
)
