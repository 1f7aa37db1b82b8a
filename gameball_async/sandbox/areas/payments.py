"""``/payments``: tracking and quoting payments for services."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from attrs import evolve

from gameball_async.sandbox.coupon_rules import Purchase
from gameball_async.sandbox.fired import payment_processed
from gameball_async.sandbox.limits import OTHERS
from gameball_async.sandbox.points import Earning, earn
from gameball_async.sandbox.purchases import (
    REDEMPTION,
    RETURN_WINDOW,
    Sale,
    checked,
    complete,
    quote_members,
)
from gameball_async.sandbox.routes import Route, Visit, customer_of_body
from gameball_async.sandbox.shapes import (
    AMOUNT,
    FLAG,
    MERCHANT,
    MERGE_KEYS,
    NAME,
    TEXT,
    TEXTS,
    Member,
    Shape,
    amount,
    array_of,
    extra,
    instant,
)
from gameball_async.sandbox.wire import JsonObject, shown, without_nulls

DETAIL: Final = Shape(
    {
        "serviceId": TEXT,
        "serviceName": TEXT,
        "serviceProvider": TEXT,
        "amount": AMOUNT,
        "tax": AMOUNT,
        "discount": AMOUNT,
        "tags": TEXTS,
        "category": TEXTS,
        "extra": Member(extra),
    }
)

_TOTALS: Final = {
    "totalAmount": AMOUNT,
    "totalDiscount": AMOUNT,
    "totalProcessingFees": AMOUNT,
    "totalTax": AMOUNT,
    "paymentDetails": Member(array_of(DETAIL.read)),
    "merchant": Member(MERCHANT.read),
}

PAYMENT: Final = Shape(
    {
        "customerId": NAME,
        **MERGE_KEYS,
        "paymentId": NAME,
        "paymentDate": Member(instant, required=True),
        "totalPaid": Member(amount, required=True),
        **_TOTALS,
        "redemption": Member(REDEMPTION.read),
        "extra": Member(extra),
        "guest": FLAG,
        "channel": TEXT,
        "cashbackConfigurations": RETURN_WINDOW,
    }
)

QUOTE: Final = Shape({"customerId": TEXT, **MERGE_KEYS, "totalPaid": AMOUNT, **_TOTALS})


def _earning(visit: Visit) -> Earning:
    """What the payment earns: its services are line items, its fees are paid but earn nothing."""
    body = visit.body
    items = [
        {
            "productId": detail.get("serviceId"),
            "price": detail.get("amount", 0),
            "taxes": detail.get("tax", 0),
            "discount": detail.get("discount", 0),
        }
        for detail in body.get("paymentDetails", ())
    ]
    fees = body.get("totalProcessingFees", 0) if items else 0
    net = sum((item["price"] + item["taxes"] - item["discount"] for item in items), Decimal(fees))
    order = {
        "totalPaid": body.get("totalPaid", max(Decimal(0), net)),
        "totalShipping": fees,
        "totalTax": body.get("totalTax", 0),
        "lineItems": items,
    }
    return earn(order, evolve(visit.program, reward_shipping=False), visit.now)


def track(visit: Visit) -> JsonObject:
    """``POST /payments``: everything is checked before anything is stored."""
    body = visit.body
    merchant_id = body.get("merchant", {}).get("uniqueId")
    purchase = Purchase(merchant_id, value=body.get("totalAmount"))
    sale = Sale(body["paymentId"], body["paymentDate"], body["totalPaid"], purchase, is_order=False)
    profile, redemption = checked(visit, sale)
    earning = _earning(visit)
    customer = complete(visit, sale, profile, redemption, earning)
    visit.tenant.fire(customer, "payment_processed", payment_processed(body), visit.now)
    return {
        "customerId": body["customerId"],
        "redeemedPoints": redemption.points,
        "rewardedPoints": earning.points,
        "paymentDetails": [
            without_nulls(
                {
                    "serviceId": row.product_id,
                    "decimalPoints": shown(row.decimal_points),
                    "points": row.points,
                    "score": None,
                },
                keep=visit.program.null_members,
            )
            for row in earning.products
        ],
    }


def quote(visit: Visit) -> JsonObject:
    """``POST /payments/cashback``: what the payment would earn."""
    keep = visit.program.null_members
    earning = _earning(visit)
    answer = {
        "totalPoints": earning.points,
        "totalScore": None,
        "paymentDetails": [
            without_nulls(
                {
                    "serviceId": row.product_id,
                    "quantity": 1,
                    **quote_members(row, visit.program),
                },
                keep=keep,
            )
            for row in earning.products
        ],
    }
    return without_nulls(answer, keep=keep)


ROUTES: Final = (
    Route(
        method="POST",
        path="/payments",
        bucket=OTHERS,
        answer=track,
        body=PAYMENT,
        writes=customer_of_body,
    ),
    Route(
        method="POST",
        path="/payments/cashback",
        bucket=OTHERS,
        answer=quote,
        body=QUOTE,
        secret=False,
    ),
)
