"""What a call leaves behind besides its answer: other ids, times, passwords, exact moments."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from gameball_async.sandbox import Campaign, Coupon
from tests.sandbox.caller import KEY, NOW, Caller

RULES = {"7": 1}
COUPONS = (Coupon(code="C"),)

CALLS = [
    pytest.param("/transactions/cashback", {"amount": 1}, id="cashback"),
    pytest.param("/transactions/redeem", {"points": 1}, id="redeem"),
]
WITHOUT_TIME = [
    pytest.param("/coupons/predefined", {"ruleId": 7}, id="generate"),
    pytest.param("/coupons/burn", {"coupons": ["C"]}, id="burn"),
    pytest.param("/coupons/validate", {"coupons": ["C"], "lock": True}, id="lock"),
]


@pytest.mark.parametrize(("path", "more"), [*CALLS, *WITHOUT_TIME])
def test_a_write_makes_another_id_of_the_customer_known(path: str, more: Any) -> None:
    caller = Caller(merge="email", redemption_rules=RULES, coupons=COUPONS)
    caller.order("web", email="a@x")
    dated = caller.redeem_body() if path.startswith("/transactions") else {}
    caller.post(path, {**dated, "customerId": "pos", "email": "a@x", **more})
    assert 15327001 == caller.get("/customers/pos")["gameballId"]


@pytest.mark.parametrize(("path", "more"), CALLS)
def test_the_times_of_cashback_and_redemptions_count_too(path: str, more: Any) -> None:
    caller = Caller()
    caller.give(5)
    body = caller.redeem_body(**more)
    caller.post(path, body)
    order = caller.order_body(orderDate=body["transactionTime"])
    assert (422, 9003) == caller.refusal("POST", "/orders", order)


@pytest.mark.parametrize(("path", "more"), WITHOUT_TIME)
def test_those_who_left_use_no_coupons(path: str, more: Any) -> None:
    caller = Caller(redemption_rules=RULES, coupons=COUPONS)
    caller.give(5)
    caller.put("/customers/c1/activate", {"isActive": False})
    assert (422, 3009) == caller.refusal("POST", path, {"customerId": "c1", **more})


def test_a_password_is_good_for_one_redemption() -> None:
    caller = Caller(otp=True)
    caller.give(5)
    caller.answer("POST", "/transactions/otp", {"customerId": "c1", "points": 1})
    password = caller.sandbox.otp(KEY, "c1")
    caller.post("/transactions/redeem", caller.redeem_body(points=1, otp=password))
    again = caller.redeem_body(points=1, otp=password)
    assert (422, 3003) == caller.refusal("POST", "/transactions/redeem", again)


def test_items_of_a_cashback_take_their_share_of_the_campaign() -> None:
    caller = Caller(campaigns=(Campaign(id=7, name="Double", multiplier=2),))
    caller.give(0)
    caller.post("/transactions/cashback", caller.redeem_body(transactionId="T", amount=50))
    body = {"refundAmount": 20, "lineItems": [{"productId": "x"}]}
    assert 40 == caller.refund("T", **body)["refundEquivalentPoints"]


@pytest.mark.parametrize(
    ("more", "applied"),
    [
        pytest.param({"min_order_value": 140}, True, id="just-enough"),
        pytest.param({"start_date": NOW}, True, id="from-its-first-moment"),
        pytest.param({"expiry_date": NOW}, False, id="not-in-its-last"),
    ],
)
def test_the_bounds_of_a_promotion(more: Any, applied: bool) -> None:
    caller = Caller(promotions=(Coupon(code="Sale", value=5, **more),))
    caller.give(0)
    items = [{"productId": "P", "quantity": 1, "price": 140}]
    cart = {"customerId": "c1", "cartId": "k", "totalPrice": 140, "lineItems": items}
    assert applied is caller.post("/coupons/automatic", cart)["isApplied"]


def test_a_coupon_is_expired_at_the_moment_that_it_names() -> None:
    caller = Caller(coupons=(Coupon(code="C", expiry_date=datetime(2024, 10, 16, 9, tzinfo=UTC)),))
    caller.give(0)
    (row,) = caller.get("/customers/c1/coupons")["coupons"]
    assert (True, False) == (row["isExpired"], row["isAvailableToUse"])


def test_an_adjustment_of_a_batch_is_worth_its_points() -> None:
    caller = Caller()
    caller.give(0)
    caller.post("/batch/balance-adjustment", {"body": [{"customerId": "c1", "amount": 5}]})
    caller.clock.advance(2)
    assert [(5, 0.5)] == [(row["points"], row["amount"]) for row in caller.rows()]


def test_the_next_points_to_expire_are_those_of_the_first_moment_alone() -> None:
    caller = Caller()
    caller.give(0)
    for points, days in ((10, 2), (3, 1), (4, 1)):
        caller.manual(points=points, expiryAfter=days)
    balance = caller.get("/customers/c1/balance")
    assert (7, "2024-10-17T09:00:00") == (
        balance["nextExpiringPointsAmount"],
        balance["nextExpiringPointsDate"],
    )


def test_the_cursor_of_messages_is_the_last_one_of_the_page() -> None:
    caller = Caller()
    caller.give(0)
    for title in ("a", "b", "c", "d"):
        caller.sandbox.notify(KEY, "c1", title, "")
    page = caller.get("/customers/c1/notifications?limit=3")
    assert page["notifications"][2]["id"] == page["nextCursor"]
