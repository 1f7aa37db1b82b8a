"""Members that the API spells, types or nests in more than one way."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import orjson
import pytest

from gameball_async.models.coupons import Coupon, CouponLockRelease, CouponValidation
from gameball_async.models.customers import Customer, CustomerActivation, CustomerAttributes
from gameball_async.models.orders import OrderTransaction, OrderTransactions
from gameball_async.models.transactions import (
    Hold,
    HoldState,
    Success,
    Transaction,
    TransactionType,
)
from gameball_async.serialization import decode


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        pytest.param(
            {"isValid": True, "coupon": {"code": "A"}},
            CouponValidation(valid=True, coupons=[Coupon(code="A")]),
            id="one-coupon-c-55",
        ),
        pytest.param(
            {"valid": False, "isValid": True},
            CouponValidation(valid=False),
            id="the-documented-spelling-goes-first-c-55",
        ),
        pytest.param(
            {"valid": False, "coupons": [{"code": "A", "valid": False, "reason": "expired"}]},
            CouponValidation(
                valid=False, coupons=[Coupon(code="A", valid=False, reason="expired")]
            ),
            id="a-failed-code-has-a-reason",
        ),
        pytest.param(
            {"success": True, "releasedCoupons": ["A", {"code": "B", "status": "free"}]},
            CouponLockRelease(success=True, released_coupons=["A", "B"]),
            id="released-codes-may-be-objects-c-58",
        ),
        pytest.param(
            {"customerAttributes": {"utMs": [1], "custom": {"a": [None]}, "tags": ["x"]}},
            Customer(
                customer_attributes=CustomerAttributes(utms=[1], custom={"a": [None]}, tags=["x"])
            ),
            id="another-spelling-of-utms-c-44",
        ),
        pytest.param(
            {"utms": [2], "utMs": [1]}, CustomerAttributes(utms=[2]), id="utms-goes-first-c-44"
        ),
        pytest.param(
            {"utms": None, "utMs": [1]}, CustomerAttributes(utms=[1]), id="a-null-utms-c-44"
        ),
        pytest.param(
            {"state": "active", "dateToExpire": "2024-10-16T08:11:24.675401"},
            Hold(
                state=HoldState.ACTIVE,
                date_to_expire=datetime(2024, 10, 16, 8, 11, 24, 675_401, tzinfo=UTC),
            ),
            id="a-state-in-lower-case-c-61",
        ),
        pytest.param({"state": "Used"}, Hold(state=HoldState.USED), id="a-state-as-documented"),
        pytest.param({"state": "Released"}, Hold(state="Released"), id="an-unknown-state"),
        pytest.param(
            {
                "transactions": [
                    {
                        "transactionDate": "2024-10-16T08:13:29.29",
                        "gameballTransactionId": 11034754,
                        "transactionType": "PartialRefund",
                        "amount": 250.75,
                        "transactionId": "ORD12345",
                        "equivalentPoints": 192.0,
                    }
                ],
                "count": 1,
            },
            OrderTransactions(
                transactions=[
                    OrderTransaction(
                        transaction_date=datetime(2024, 10, 16, 8, 13, 29, 290_000, tzinfo=UTC),
                        gameball_transaction_id="11034754",
                        transaction_type=TransactionType.PARTIAL_REFUND,
                        amount=Decimal("250.75"),
                        transaction_id="ORD12345",
                        equivalent_points=Decimal("192.0"),
                    )
                ],
                count=1,
            ),
            id="rows-of-an-order-c-06-c-11-c-64-c-65",
        ),
        pytest.param(
            {"type": "points_earned"}, Transaction(type="points_earned"), id="an-unknown-type-c-65"
        ),
        pytest.param(
            {"customerId": "c", "isActive": False, "stateChanged": True},
            CustomerActivation(customer_id="c", is_active=False, state_changed=True),
            id="an-opt-out",
        ),
        pytest.param(
            {"success": True, "message": "Hold released successfully"},
            Success(success=True, message="Hold released successfully"),
            id="an-acknowledgement",
        ),
        pytest.param({"gameballId": "7"}, Customer(gameball_id=7), id="an-id-as-text"),
    ],
)
def test_every_spelling_is_read(sample: dict[str, Any], expected: object) -> None:
    drifts: list[object] = []
    assert expected == decode(orjson.dumps(sample), type(expected), drifts.append)
    assert drifts == []


def test_a_known_value_is_a_member_and_an_unknown_one_a_text() -> None:
    known = decode(b'{"type":"Refund"}', Transaction)
    unknown = decode(b'{"type":"Later"}', Transaction)
    assert (TransactionType, str) == (type(known.type), type(unknown.type))


def test_attributes_of_a_customer_are_not_shown() -> None:
    attributes = CustomerAttributes(custom={"note": "private"}, devices=["phone-7"])
    assert "private" not in repr(attributes)
    assert "phone-7" not in repr(attributes)
