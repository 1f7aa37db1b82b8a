"""Redeeming, one-time passwords, cashback, and the end of waiting."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.caller import KEY, Caller

MINUTE = 60
DAY = 24 * 60 * MINUTE


def test_a_redemption_of_10_takes_100_points() -> None:
    caller = Caller()
    caller.give(150)
    body = caller.redeem_body(transactionId="txn98765", amount=10, reason="Discount")
    assert caller.post("/transactions/redeem", body) == {
        "customerId": "c1",
        "gameballTransactionId": "11034701",
        "transactionId": "txn98765",
        "redeemAmount": 10.0,
        "redeemEquivalentPoints": 100,
        "reason": "Discount",
    }
    row = caller.rows()[0]
    assert ("Redemption", "-", 100, "Discount") == (
        row["type"],
        row["direction"],
        row["points"],
        row["reason"],
    )
    assert (422, 9004) == caller.refusal("POST", "/transactions/redeem", body)


def test_a_redemption_uses_up_its_hold() -> None:
    caller = Caller()
    caller.give(50)
    body = caller.redeem_body(holdReference=caller.hold(40))
    answer = caller.post("/transactions/redeem", body)
    assert (4.0, 40) == (answer["redeemAmount"], answer["redeemEquivalentPoints"])
    assert "reason" not in answer
    assert (10, 0, 0, 10) == caller.points()
    again = caller.redeem_body(holdReference=body["holdReference"])
    assert (404, 9006) == caller.refusal("POST", "/transactions/redeem", again)


@pytest.mark.parametrize(
    ("way", "refusal"),
    [
        pytest.param({}, (400, 3000), id="no-way"),
        pytest.param({"amount": 1, "points": 1}, (422, 3003), id="two-ways"),
        pytest.param({"ruleId": 1}, (422, 3003), id="C-63-a-rule"),
        pytest.param({"points": 0}, (422, 3003), id="no-points"),
        pytest.param({"points": -1}, (422, 3003), id="negative"),
        pytest.param({"amount": 0.05}, (422, 3003), id="less-than-a-point"),
        pytest.param({"points": 101}, (422, 9008), id="too-much"),
        pytest.param({"holdReference": "x"}, (404, 9006), id="unknown-hold"),
        pytest.param({"points": 1, "customerId": "nobody"}, (404, 7000), id="nobody"),
        pytest.param({"points": 1, "transactionTime": "2025-01-01T00:00:00Z"}, (422, 9007),
                     id="future"),
        pytest.param({"points": 1, "reason": "x" * 256}, (422, 3003), id="long-reason"),
        pytest.param({"points": 1, "username": "x"}, (400, 3003), id="no-such-member"),
    ],
)  # fmt: skip
def test_refused_redemptions(way: Any, refusal: tuple[int, int]) -> None:
    caller = Caller()
    caller.give(100)
    body = caller.redeem_body() | way
    assert refusal == caller.refusal("POST", "/transactions/redeem", body)


def test_a_reason_may_have_255_characters() -> None:
    caller = Caller()
    caller.give(1)
    caller.post("/transactions/redeem", caller.redeem_body(points=1, reason="x" * 255))


def test_guests_and_those_who_left_cannot_redeem() -> None:
    caller = Caller()
    caller.order("guest", guest=True)
    caller.order()
    caller.put("/customers/c1/activate", {"isActive": False})
    body = caller.redeem_body("guest", points=1)
    assert (400, 3004) == caller.refusal("POST", "/transactions/redeem", body)
    body = caller.redeem_body(points=1)
    assert (422, 3009) == caller.refusal("POST", "/transactions/redeem", body)


def test_without_the_feature_no_password_is_sent() -> None:
    caller = Caller()
    caller.give(1)
    body = {"customerId": "c1", "points": 1}
    assert (403, 8000) == caller.refusal("POST", "/transactions/otp", body)
    assert caller.sandbox.otp(KEY, "nobody") is None
    assert caller.sandbox.otp(KEY, "c1") is None


def test_a_password_is_good_for_one_hold_or_redemption_within_five_minutes() -> None:
    caller = Caller(otp=True)
    caller.give(100)
    hold = caller.hold_body(pointsToHold=1)
    assert (422, 3003) == caller.refusal("POST", "/transactions/hold", hold)
    redeem = caller.redeem_body(points=1)
    assert (422, 3003) == caller.refusal("POST", "/transactions/redeem", redeem)

    def new_password() -> str:
        answer = caller.answer("POST", "/transactions/otp", {"customerId": "c1", "points": 1})
        assert (200, b"") == (answer.status, answer.body)
        code = caller.sandbox.otp(KEY, "c1")
        assert code is not None
        assert 6 == len(code) == sum(digit.isdecimal() for digit in code)
        return code

    code = new_password()
    assert (422, 3003) == caller.refusal("POST", "/transactions/hold", hold | {"otp": code + "0"})
    caller.post("/transactions/hold", hold | {"otp": code})
    assert (422, 3003) == caller.refusal("POST", "/transactions/redeem", redeem | {"otp": code})
    caller.post("/transactions/redeem", redeem | {"otp": new_password()})
    late = new_password()
    caller.clock.advance(5 * MINUTE)
    assert caller.sandbox.otp(KEY, "c1") is None
    body = caller.redeem_body(points=1)
    assert (422, 3003) == caller.refusal("POST", "/transactions/redeem", body | {"otp": late})
    caller.post("/transactions/redeem", body | {"ignoreOTP": True})


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        pytest.param({}, (400, 3000), id="no-way"),
        pytest.param({"points": 1, "ruleId": 1}, (422, 3003), id="two-ways"),
        pytest.param({"amount": 1, "customerId": "nobody"}, (404, 7000), id="nobody"),
    ],
)
def test_refused_passwords(body: Any, refusal: tuple[int, int]) -> None:
    caller = Caller(otp=True)
    caller.give(1)
    whole = {"customerId": "c1", **body}
    assert refusal == caller.refusal("POST", "/transactions/otp", whole)


def test_cashback_answers_the_points_and_their_worth() -> None:
    """C-09: the points, and what they are worth."""
    caller = Caller()
    caller.give(0)
    body = caller.redeem_body(transactionId="TXN", amount=150.75)
    assert caller.post("/transactions/cashback", body) == {
        "customerId": "c1",
        "gameballTransactionId": 11034700,
        "rewardAmount": 15.0,
        "rewardEquivalentPoints": 150,
    }
    assert ["PaymentReward"] == [row["type"] for row in caller.rows()]
    assert (422, 9004) == caller.refusal("POST", "/transactions/cashback", body)
    assert 150 == caller.refund("TXN")["refundEquivalentPoints"]


def test_cashback_of_nothing_moves_nothing() -> None:
    caller = Caller()
    caller.give(0)
    answer = caller.post("/transactions/cashback", caller.redeem_body(amount=0.5))
    assert 0 == answer["rewardEquivalentPoints"]
    assert [] == caller.rows()


@pytest.mark.parametrize(
    ("more", "refusal"),
    [
        pytest.param({"customerId": "nobody"}, (404, 7000), id="nobody"),
        pytest.param({"amount": None}, (422, 3001), id="no-amount"),
        pytest.param({"configurations": {"returnWindow": 7301}}, (422, 3003), id="long-window"),
        pytest.param({"cashbackConfigurations": {}}, (400, 3003), id="the-name-of-orders"),
        pytest.param({"transactionTime": "2025-01-01T00:00:00Z"}, (422, 9007), id="future"),
    ],
)
def test_refused_cashback(more: Any, refusal: tuple[int, int]) -> None:
    caller = Caller()
    caller.give(0)
    body = caller.redeem_body(amount=5) | more
    assert refusal == caller.refusal("POST", "/transactions/cashback", body)


def test_those_who_left_get_no_cashback() -> None:
    caller = Caller()
    caller.order()
    caller.put("/customers/c1/activate", {"isActive": False})
    body = caller.redeem_body(amount=5)
    assert (422, 3009) == caller.refusal("POST", "/transactions/cashback", body)


def test_activation_ends_the_window_and_brings_the_expiry_forward() -> None:
    caller = Caller(points_expiry_days=10)
    caller.give(0)
    body = caller.redeem_body(transactionId="T/1", amount=50, configurations={"returnWindow": 7})
    caller.post("/transactions/cashback", body)
    assert (50, 50, 0, 0) == caller.points()
    assert "2024-11-02T09:00:00" == caller.rows()[0]["expiryDate"]
    assert caller.put("/transactions/T%2F1/activate") == {
        "pointsActivated": 50,
        "gameballTransactionId": 11034700,
        "clientTransactionId": "T/1",
    }
    assert (50, 0, 0, 50) == caller.points()
    assert "2024-10-26T09:00:00" == caller.rows()[0]["expiryDate"]
    assert (400, 3004) == caller.refusal("PUT", "/transactions/T%2F1/activate")
    caller.clock.advance(10 * DAY)
    assert (0, 0, 0, 0) == caller.points()
    caller.clock.advance(10 * DAY)
    assert ["Expiry", "PaymentReward"] == [row["type"] for row in caller.rows()]


def test_points_that_never_expire_can_be_activated_too() -> None:
    caller = Caller(points_expiry_days=None, return_window_days=1)
    caller.order(orderId="A")
    assert 100 == caller.put("/transactions/A/activate")["pointsActivated"]
    caller.clock.advance(2 * DAY)
    assert (100, 0, 0, 100) == caller.points()


def test_what_cannot_be_activated() -> None:
    caller = Caller()
    caller.order(paid=0, orderId="A")
    caller.manual(transactionId="M", points=5)
    assert (404, 9002) == caller.refusal("PUT", "/transactions/a/activate")
    assert (400, 3004) == caller.refusal("PUT", "/transactions/A/activate")
    assert (400, 3004) == caller.refusal("PUT", "/transactions/M/activate")
