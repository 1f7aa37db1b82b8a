"""``/orders``: tracking, quoting, and the rows an order has written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from gameball_async.sandbox.coupon_rules import Purchase
from gameball_async.sandbox.fired import place_order
from gameball_async.sandbox.limits import ORDERS_CASHBACK, ORDERS_TRACKING
from gameball_async.sandbox.points import EarningRow, earn
from gameball_async.sandbox.program import Program
from gameball_async.sandbox.purchases import (
    REDEMPTION,
    RETURN_WINDOW,
    Sale,
    checked,
    complete,
    quote_members,
)
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
)
from gameball_async.sandbox.wire import JsonObject, echoed, shown, without_nulls

_TOTALS: Final = {
    "totalPaid": Member(amount, required=True),
    "totalPrice": AMOUNT,
    "totalDiscount": AMOUNT,
    "totalShipping": AMOUNT,
    "lineItems": Member(array_of(LINE_ITEM.read)),
    "merchant": Member(MERCHANT.read),
}

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
        "cashbackConfigurations": RETURN_WINDOW,
        "referrerCode": TEXT,
        "coupons": IGNORED,
        "discountCodes": IGNORED,
        "redeemedAmount": IGNORED,
        "holdReference": IGNORED,
    }
)
"""The last four are names that only tutorials use (C-26)."""

QUOTE: Final = Shape({"customerId": TEXT, **MERGE_KEYS, **_TOTALS})


def track(visit: Visit) -> JsonObject:
    """``POST /orders``: everything is checked before anything is stored."""
    body = visit.body
    sale = Sale(
        body["orderId"], body.get("orderDate"), body["totalPaid"], _purchase(body), is_order=True
    )
    profile, redemption = checked(visit, sale)
    earning = earn(body, visit.program, visit.now)
    customer = complete(visit, sale, profile, redemption, earning)
    visit.tenant.fire(customer, "place_order", place_order(body), visit.now)
    return {
        "customerId": body["customerId"],
        "redeemedPoints": redemption.points,
        "rewardedPoints": earning.points,
        "lineItems": [_order_row(row, visit.program) for row in earning.rows],
    }


def _purchase(body: JsonObject) -> Purchase:
    items: Sequence[JsonObject] = body.get("lineItems", ())
    return Purchase(
        body.get("merchant", {}).get("uniqueId"),
        frozenset(code for item in items for code in item.get("collection", ())),
        frozenset(item["productId"] for item in items if "productId" in item),
        body.get("totalPrice"),
    )


def _order_row(row: EarningRow, program: Program) -> JsonObject:
    """One row of an order's answer."""
    return without_nulls(
        {
            "productId": row.product_id,
            "quantity": echoed(row.quantity),
            "decimalPoints": shown(row.decimal_points),
            "points": row.points,
            "score": None,
        },
        keep=program.null_members,
    )


def quote(visit: Visit) -> JsonObject:
    """``POST /orders/cashback``: what the order would earn."""
    earning = earn(visit.body, visit.program, visit.now)
    answer = {
        "totalPoints": earning.points,
        "totalScore": None,
        "lineItems": [
            without_nulls(
                {
                    "productId": row.product_id,
                    "quantity": echoed(row.quantity),
                    **quote_members(row, visit.program),
                },
                keep=visit.program.null_members,
            )
            for row in earning.rows
        ],
    }
    return without_nulls(answer, keep=visit.program.null_members)


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
