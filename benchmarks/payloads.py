"""What is sent and answered: the documented sample order, its receipt, and a page of 200 rows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import orjson

from gameball_async import Branch, LineItem, Merchant, Order, Redemption

PREFIX: Final = "/api/v4/integrations"
"""Path of the API, below the host."""
ROWS: Final = 200
"""Rows of a page: the most that one may have."""
PAGES: Final = 20
"""Pages of the ledger."""

ORDER: Final[dict[str, Any]] = {
    "customerId": "cust_123456789",
    "email": "john.doe@example.com",
    "mobile": "+1234567890",
    "orderId": "ORD12345",
    "orderDate": "2024-10-16T08:13:29.290Z",
    "totalPaid": 250.75,
    "totalPrice": 300,
    "totalDiscount": 50,
    "totalShipping": 10,
    "totalTax": 15,
    "lineItems": [
        {
            "price": 100,
            "quantity": 2,
            "productId": "PROD98765",
            "sku": "SKU98765",
            "tags": ["electronics", "smartphone"],
            "category": ["mobile phones"],
            "weight": 0.5,
            "vendor": "TechVendor",
            "collection": ["latest gadgets"],
            "title": "Smartphone XYZ",
            "taxes": 7.5,
            "discount": 25,
            "extra": {"subClass": "SUBCLASS123"},
        }
    ],
    "redemption": {
        "pointsHoldReference": "HOLD123",
        "couponsLockReference": "LOCK123",
        "couponCodes": ["DISCOUNT10"],
    },
    "extra": {"paymentMethod": "CREDIT CARD"},
    "merchant": {
        "uniqueId": "MERCH001",
        "name": "TechGadgetStore",
        "branch": {"uniqueId": "BRANCH001", "name": "Downtown Branch"},
    },
    "guest": False,
    "channel": "online",
    "cartId": "CART98765",
}

RECEIPT: Final = orjson.dumps(
    {
        "customerId": "cust_123456789",
        "redeemedPoints": 1000,
        "rewardedPoints": 101,
        "lineItems": [
            {
                "productId": "PROD98765",
                "quantity": 2,
                "decimalPoints": 91.25,
                "points": 91,
                "score": 0,
            },
            {
                "productId": "Shipping",
                "quantity": 1,
                "decimalPoints": 10.0,
                "points": 10,
                "score": 0,
            },
        ],
    }
)


def order_members(customer_id: str) -> dict[str, Any]:
    """The sample order of any customer, as the plain JSON that goes to `json=`."""
    return {**ORDER, "customerId": customer_id}


def order(customer_id: str) -> Order:
    """The same order as a value of ours."""
    return Order(
        customer_id=customer_id,
        email="john.doe@example.com",
        mobile="+1234567890",
        order_id="ORD12345",
        order_date=datetime(2024, 10, 16, 8, 13, 29, 290_000, UTC),
        total_paid=250.75,
        total_price=300,
        total_discount=50,
        total_shipping=10,
        total_tax=15,
        line_items=(_line(),),
        redemption=Redemption(
            points_hold_reference="HOLD123",
            coupons_lock_reference="LOCK123",
            coupon_codes=("DISCOUNT10",),
        ),
        extra={"paymentMethod": "CREDIT CARD"},
        merchant=Merchant(
            unique_id="MERCH001",
            name="TechGadgetStore",
            branch=Branch(unique_id="BRANCH001", name="Downtown Branch"),
        ),
        guest=False,
        channel="online",
        cart_id="CART98765",
    )


def _line() -> LineItem:
    return LineItem(
        price=100,
        quantity=2,
        product_id="PROD98765",
        sku="SKU98765",
        tags=("electronics", "smartphone"),
        category=("mobile phones",),
        weight=0.5,
        vendor="TechVendor",
        collection=("latest gadgets",),
        title="Smartphone XYZ",
        taxes=7.5,
        discount=25,
        extra={"subClass": "SUBCLASS123"},
    )


def _row(number: int) -> dict[str, Any]:
    """One row of the ledger with the 22 members of the sample, every value a little different."""
    back = number % 2 == 0
    return {
        "transactionId": f"txn{123456 + number}",
        "gameballTransactionId": str(11034736 - number),
        "type": "Cancel" if back else "Refund",
        "direction": "-" if back else "+",
        "customerId": f"cust_{12345 + number}abc",
        "points": 10 + number,
        "amount": 10.0 + number / 4,
        "transactionTime": f"2024-10-13T17:{number % 60:02}:00.249",
        "status": "Active",
        "couponCode": None,
        "isCouponUsed": False,
        "couponType": None,
        "merchantName": "MERCH1234",
        "branchName": "BRANCH123",
        "reason": "trx reason",
        "achievementName": None,
        "expiryDate": f"2025-10-13T17:{number % 60:02}:00.249",
        "pointsBalanceBefore": 1164 + number,
        "pointsBalanceAfter": 1154 + number,
        "achievementType": None,
        "achievedRewardCampaignId": None,
        "achievedTierId": None,
    }


def page(number: int) -> bytes:
    """A page of the ledger, the first being 0; the last says that no more follow."""
    rows = [_row(number * ROWS + place) for place in range(ROWS)]
    return orjson.dumps({"transactions": rows, "count": ROWS, "hasMore": number < PAGES - 1})


def page_cursor(number: int) -> str:
    """What a request for that page asks to start after: the id of the row before it."""
    before: str = _row(number * ROWS - 1)["gameballTransactionId"]
    return before


PAGE: Final = page(0)
