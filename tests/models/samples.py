"""The API's own examples, typed by hand: what it is sent, and what it answers."""

from __future__ import annotations

from typing import Any, Final

Json = dict[str, Any]

TRACK_ORDER: Final[Json] = {
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
TRACK_ORDER_ANSWER: Final[Json] = {
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
        {"productId": "Shipping", "quantity": 1, "decimalPoints": 10.0, "points": 10, "score": 0},
    ],
}
CHECKOUT_ORDER: Final[Json] = {
    "customerId": "15327289462816",
    "orderId": "ORD12345",
    "orderDate": "2024-10-16T08:13:29.290Z",
    "totalPaid": 310,
    "totalPrice": 310,
    "totalShipping": 10,
    "lineItems": [
        {
            "price": 100,
            "quantity": 3,
            "productId": "PROD98765",
            "sku": "SKU98765",
            "title": "Hoxton Bag",
            "category": ["Bags"],
            "collection": ["Summer 2024"],
        }
    ],
}
CHECKOUT_ORDER_ANSWER: Final[Json] = {
    "customerId": "15327289462816",
    "redeemedPoints": None,
    "rewardedPoints": 310,
    "lineItems": [
        {"productId": "PROD98765", "quantity": 3, "decimalPoints": 100.0, "points": 100},
        {"productId": "Shipping", "quantity": 1, "decimalPoints": 10.0, "points": 10},
    ],
}
QUOTE: Final[Json] = {
    "customerId": "cust_12345abc",
    "totalPaid": 350,
    "totalPrice": 350,
    "lineItems": [
        {"productId": "875511", "price": 150, "quantity": 1},
        {"price": 200, "quantity": 1, "productSku": "sku123"},
    ],
}
QUOTE_ANSWER: Final[Json] = {
    "totalPoints": 19000,
    "lineItems": [
        {
            "productId": "875511",
            "quantity": 1,
            "totalDecimalPoints": 15000.0,
            "totalPoints": 15000,
            "rewardWalletFactor": 20.0,
        },
        {"quantity": 1, "totalDecimalPoints": 4000, "totalPoints": 4000},
    ],
}
HOLD: Final[Json] = {
    "customerId": "cust_abc12345xyz67890",
    "transactionTime": "2024-10-11T16:15:15.071Z",
    "pointsToHold": 50,
}
HOLD_ANSWER: Final[Json] = {
    "customerId": "cust_abc12345xyz67890",
    "holdAmount": "5",
    "holdEquivalentPoints": 50,
    "holdReference": "a2a199ad-86f3-45c4-8253-7aaee50e4798",
}
ORDER_WITH_HOLD: Final[Json] = {
    "redemption": {"pointsHoldReference": "a2a199ad-86f3-45c4-8253-7aaee50e4798"}
}
ORDER_WITH_HOLD_ANSWER: Final[Json] = {"redeemedPoints": 50}
ORDER_WITH_LOCK: Final[Json] = {
    "redemption": {"couponsLockReference": "a2a199ad-86f3-45c4-8253-7aaee50e4798"}
}
COUPON_CODES: Final[Json] = {"couponCodes": ["DISCOUNT10", "FREESHIP2024"]}
LOCK_REFERENCE: Final[Json] = {"lockReference": "abc123def456"}
EXTRA: Final[Json] = {
    "giftMessage": "Happy Birthday! Enjoy your gift!",
    "deliveryInstructions": "Leave the package at the front door if no one is home.",
}
COUPONS: Final[Json] = {
    "customerId": "cust_abc12345xyz67890",
    "coupons": ["SUMMER50", "FREESHIPPING400"],
    "lock": True,
}
COUPONS_ANSWER: Final[Json] = {
    "valid": True,
    "coupons": [
        {
            "code": "SUMMER50",
            "type": "percentage",
            "value": 50,
            "usageLimit": 100,
            "limitPerCustomer": 1,
            "startDate": "2024-10-20T14:16:00Z",
            "expiryDate": "2025-01-20T15:14:00Z",
            "capping": 400,
            "minOrderValue": 1000,
            "entitledProductIds": ["prod_abc123", "prod_xyz456"],
            "entitledVariantIds": ["variant_red_large", "variant_blue_small"],
            "entitledCollectionIds": ["summer_sale", "winter_wear"],
            "combinesWith": {
                "orderDiscounts": True,
                "productDiscounts": True,
                "shippingDiscounts": True,
            },
        },
        {
            "code": "FREESHIPPING400",
            "type": "shipping",
            "value": 0,
            "usageLimit": 200,
            "limitPerCustomer": 5,
            "startDate": "2024-10-20T14:22:00Z",
            "expiryDate": "2025-06-29T14:16:00Z",
            "capping": 250,
            "minOrderValue": 400,
            "entitledProductIds": None,
            "entitledVariantIds": None,
            "entitledCollectionIds": None,
            "combinesWith": {
                "orderDiscounts": True,
                "productDiscounts": False,
                "shippingDiscounts": True,
            },
        },
    ],
    "lockReference": "74e20fc6bf7a4970ad3c125b1713194f",
    "dateToExpire": "2024-10-20T16:22:00.8249283Z",
}


def _row(**members: Any) -> Json:
    """A row of the ledger: what both rows of the example share, and what they do not."""
    return {
        "customerId": "cust_12345abc",
        "amount": 10.0,
        "transactionTime": "2024-10-13T17:11:00.249",
        "status": "Active",
        "couponCode": None,
        "isCouponUsed": False,
        "couponType": None,
        "merchantName": "MERCH1234",
        "branchName": "BRANCH123",
        "reason": "trx reason",
        "achievementName": None,
        "expiryDate": "2025-10-13T17:11:00.249",
        "achievementType": None,
        "achievedRewardCampaignId": None,
        "achievedTierId": None,
        **members,
    }


TRANSACTIONS_ANSWER: Final[Json] = {
    "transactions": [
        _row(
            transactionId="txn123456",
            gameballTransactionId="11034736",
            type="Cancel",
            direction="-",
            points=10,
            pointsBalanceBefore=1164,
            pointsBalanceAfter=1154,
        ),
        _row(
            transactionId="txn987657111",
            gameballTransactionId="11034735",
            type="Refund",
            direction="+",
            points=100,
            pointsBalanceBefore=1064,
            pointsBalanceAfter=1164,
        ),
    ],
    "count": 2,
    "hasMore": True,
}
COUNT_ANSWER: Final[Json] = {"count": 240}
MANUAL: Final[Json] = {
    "customerId": "cust_abc12345xyz67890",
    "transactionId": "txn543211",
    "transactionTime": "2024-10-11T15:54:10.944Z",
    "username": "admin_user",
    "reason": "Referral bonus",
    "points": 50,
    "amount": 0,
}
MANUAL_ANSWER: Final[Json] = {
    "customerId": "cust_abc12345xyz67890",
    "gameballTransactionId": 11035201,
    "transactionId": "txn54321221",
    "points": 50,
    "amount": 5.0,
}

FILES: Final[dict[str, Json]] = {
    "track-order.request": TRACK_ORDER,
    "track-order.response": TRACK_ORDER_ANSWER,
    "checkout-order.request": CHECKOUT_ORDER,
    "checkout-order.response": CHECKOUT_ORDER_ANSWER,
    "calculate-order-cashback.request": QUOTE,
    "calculate-order-cashback.response": QUOTE_ANSWER,
    "hold-points.request": HOLD,
    "hold-points.response": HOLD_ANSWER,
    "order-with-points-hold.request": ORDER_WITH_HOLD,
    "order-with-points-hold.response": ORDER_WITH_HOLD_ANSWER,
    "order-with-coupons-lock.request": ORDER_WITH_LOCK,
    "order-redemption-coupon-codes.fragment": COUPON_CODES,
    "order-redemption-lock-reference.fragment": LOCK_REFERENCE,
    "order-extra.fragment": EXTRA,
    "validate-coupons.request": COUPONS,
    "validate-coupons.response": COUPONS_ANSWER,
    "list-transactions.response": TRANSACTIONS_ANSWER,
    "count-transactions.response": COUNT_ANSWER,
    "manual-transaction.request": MANUAL,
    "manual-transaction.response": MANUAL_ANSWER,
}
"""By the name of the file that holds the original."""
