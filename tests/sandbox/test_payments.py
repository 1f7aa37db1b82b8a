"""Payments: tracked and quoted as orders are, service by service."""

from __future__ import annotations

from typing import Any

import pytest

from gameball_async.sandbox import Campaign
from tests.sandbox.caller import Caller


def body(caller: Caller, **more: Any) -> dict[str, Any]:
    return {
        "customerId": "c1",
        "paymentId": "6253e03b",
        "paymentDate": caller.time(),
        "totalPaid": 100,
        **more,
    }


SERVICE = {"serviceId": "s", "amount": 100, "tax": 11.25, "discount": 20}


def test_a_payment_earns_by_service_and_not_on_its_fees() -> None:
    """100 + 11.25 - 20 = 91.25; the fee of 10 is paid but earns nothing."""
    caller = Caller()
    payment = body(
        caller, totalPaid=101.25, totalProcessingFees=10, paymentDetails=[SERVICE], guest=True
    )
    assert caller.post("/payments", payment) == {
        "customerId": "c1",
        "redeemedPoints": None,
        "rewardedPoints": 91,
        "paymentDetails": [{"serviceId": "s", "decimalPoints": 91.25, "points": 91}],
    }
    assert (422, 9004) == caller.refusal("POST", "/payments", payment)
    assert (404, 4004) == caller.refusal("GET", "/orders/6253e03b/transactions")
    assert {} == caller.get("/customers/c1")["customerAttributes"]


def test_a_payment_without_services_earns_on_its_total() -> None:
    caller = Caller()
    payment = body(caller, totalProcessingFees=10)
    assert 100 == caller.post("/payments", payment)["rewardedPoints"]


def test_a_payment_redeems_a_hold_and_can_be_refunded() -> None:
    caller = Caller()
    caller.give(50)
    reference = caller.hold(50)
    payment = body(
        caller,
        redemption={"pointsHoldReference": reference},
        cashbackConfigurations={"returnWindow": 7},
    )
    assert 50 == caller.post("/payments", payment)["redeemedPoints"]
    assert (100, 100, 0, 0) == caller.points()
    caller.refund("6253e03b")
    assert (50, 0, 0, 50) == caller.points()


@pytest.mark.parametrize(
    ("more", "refusal"),
    [
        pytest.param({"paymentDate": None}, (422, 3001), id="no-date"),
        pytest.param({"orderId": "A"}, (400, 3003), id="no-such-member"),
        pytest.param({"totalPaid": -1}, (422, 3003), id="negative"),
        pytest.param({"paymentDetails": [{"quantity": 1}]}, (400, 3003), id="no-quantity-here"),
    ],
)
def test_refused_payments(more: Any, refusal: tuple[int, int]) -> None:
    caller = Caller()
    assert refusal == caller.refusal("POST", "/payments", body(caller, **more))


def test_a_quote_needs_no_total() -> None:
    caller = Caller()
    quote = caller.post("/payments/cashback", {"paymentDetails": [SERVICE]})
    assert quote == {
        "totalPoints": 91,
        "paymentDetails": [
            {
                "serviceId": "s",
                "quantity": 1,
                "totalDecimalPoints": 91.25,
                "totalPoints": 91,
                "rewardWalletFactor": 1.0,
            }
        ],
    }
    assert 0 == caller.post("/payments/cashback", {})["totalPoints"]
    loss = {"paymentDetails": [{"amount": 1, "discount": 2}]}
    assert 0 == caller.post("/payments/cashback", loss)["totalPoints"]


def test_a_campaign_is_told_in_the_quote() -> None:
    campaign = Campaign(id=2149, name="5x", multiplier=5)
    quote = Caller(campaigns=(campaign,)).post("/payments/cashback", {"paymentDetails": [SERVICE]})
    row = quote["paymentDetails"][0]
    assert (2149, "5x", 5.0, 365.0, 456) == (
        row["campaignId"],
        row["campaignName"],
        row["campaignImpactWalletFactor"],
        row["campaignImpactPoints"],
        row["totalPoints"],
    )
