"""Refunds: every case that the documentation prints, with its figures typed in by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from gameball_async.sandbox import Campaign, Coupon
from tests.sandbox.caller import NOW, Caller

DAY = 24 * 60 * 60
DOUBLE = Campaign(id=7, name="Double", multiplier=2)


def kinds(caller: Caller, customer: str = "c1") -> list[tuple[str, str, int]]:
    """Type, direction and points of the rows that refunds wrote, newest first."""
    rows = caller.rows(customer)
    return [
        (row["type"], row["direction"], row["points"])
        for row in rows
        if row["type"] in {"Cancel", "Refund"}
    ]


def with_points(paid: float, points: int, **program: Any) -> Caller:
    """An order A that was paid with money and with points, each worth 1."""
    caller = Caller(redemption_factor=1, **program)
    caller.order("c1", 0, orderId="first", guest=False)
    caller.give(points)
    reference = caller.hold(points)
    caller.order(paid=paid, orderId="A", redemption={"pointsHoldReference": reference})
    return caller


@pytest.mark.parametrize("amount", [{}, {"refundAmount": None}, {"refundAmount": 100}])
def test_a_full_refund_takes_base_and_campaign_points_back(amount: Any) -> None:
    caller = Caller(campaigns=(DOUBLE,))
    caller.order(orderId="A")
    assert (200, 0, 0, 200) == caller.points()
    answer = caller.refund("A", **amount)
    assert answer.pop("refundTransactionId").startswith("R-")
    assert answer == {
        "gameballTransactionId": "11034701",
        "refundAmount": 100.0,
        "refundEquivalentPoints": 200,
    }
    assert (0, 0, 0, 0) == caller.points()
    assert kinds(caller) == [("Cancel", "-", 200)]


def test_a_full_refund_returns_all_redeemed_points() -> None:
    caller = with_points(60, 40)
    caller.refund("A")
    assert kinds(caller) == [("Refund", "+", 40), ("Cancel", "-", 60)]
    assert 40 == caller.points()[0]


def test_a_partial_refund_of_12_50_takes_12_points() -> None:
    caller = Caller()
    caller.order(orderId="A")
    assert 12 == caller.refund("A", refundAmount=12.50)["refundEquivalentPoints"]
    assert 88 == caller.points()[0]


def test_several_partial_refunds_take_their_share_of_what_is_left() -> None:
    """100 earned: 20 go, then 10; a refund of 100 takes no more than the 70 that are left."""
    caller = Caller()
    caller.order(orderId="A")
    points = [
        caller.refund("A", refundAmount=money)["refundEquivalentPoints"] for money in (20, 10)
    ]
    assert [20, 10] == points
    assert 70 == caller.points()[0]
    assert 70 == caller.refund("A", refundAmount=100)["refundEquivalentPoints"]
    assert 0 == caller.points()[0]


def test_a_refund_of_more_than_is_left_takes_the_60_that_are_left() -> None:
    caller = Caller()
    caller.order(orderId="A")
    caller.refund("A", refundAmount=40)
    assert 60 == caller.refund("A", refundAmount=100)["refundEquivalentPoints"]
    assert (422, 9001) == caller.refusal("POST", "/transactions/refund", caller.refund_body("A"))


def test_a_third_of_three_points_is_one_point() -> None:
    caller = Caller()
    caller.order(paid=3, orderId="A")
    answers = [caller.refund("A", refundAmount=1)["refundEquivalentPoints"] for _ in range(3)]
    assert [1, 1, 1] == answers


@pytest.mark.parametrize("money", [20, 80])
def test_an_order_paid_with_points_returns_points(money: int) -> None:
    caller = with_points(0, 100)
    assert money == caller.refund("A", refundAmount=money)["refundEquivalentPoints"]
    assert kinds(caller) == [("Refund", "+", money)]
    assert money == caller.points()[0]


def test_a_refund_of_80_on_60_paid_and_40_points_takes_60_and_returns_20() -> None:
    caller = with_points(60, 40)
    caller.refund("A", refundAmount=80)
    assert kinds(caller) == [("Refund", "+", 20), ("Cancel", "-", 60)]
    assert 20 == caller.points()[0]
    rows = caller.get("/orders/A/transactions")["transactions"]
    assert ["PartialRefund", "Cancel", "PaymentReward", "Redemption"] == [
        row["transactionType"] for row in rows
    ]
    caller.refund("A", refundAmount=20)
    assert 40 == caller.points()[0]
    newest = caller.get("/orders/A/transactions")["transactions"][0]
    assert "Refund" == newest["transactionType"]
    assert (422, 9001) == caller.refusal("POST", "/transactions/refund", caller.refund_body("A"))


def test_the_paid_part_is_refunded_before_the_points() -> None:
    caller = with_points(60, 40)
    caller.refund("A", refundAmount=60)
    assert kinds(caller) == [("Cancel", "-", 60)]


@pytest.mark.parametrize(("money", "points"), [(99, 60 + 39), (100, 120 + 40), (101, 120 + 40)])
def test_only_a_refund_of_money_and_points_together_takes_the_campaign_too(
    money: int, points: int
) -> None:
    """60 paid earned 60, and the campaign's 60; 40 more were paid with points."""
    caller = with_points(60, 40, campaigns=(DOUBLE,))
    assert points == caller.refund("A", refundAmount=money)["refundEquivalentPoints"]


def mat(quantity: float = 2, **more: Any) -> dict[str, Any]:
    return {"productId": "mat", "quantity": quantity, "price": 10, **more}


@pytest.mark.parametrize("amount", [{}, {"refundAmount": 20}])
def test_items_of_a_double_points_purchase_take_40(amount: Any) -> None:
    caller = Caller(campaigns=(DOUBLE,))
    caller.order(paid=50, orderId="A", lineItems=[mat(), {"productId": "b", "price": 30}])
    assert 100 == caller.points()[0]
    answer = caller.refund("A", lineItems=[mat()], **amount)
    assert (20.0, 40) == (answer["refundAmount"], answer["refundEquivalentPoints"])
    assert 60 == caller.points()[0]


@pytest.mark.parametrize("items", [{}, {"lineItems": []}])
def test_a_partial_refund_without_items_leaves_the_campaign_points(items: Any) -> None:
    caller = Caller(campaigns=(DOUBLE,))
    caller.order(paid=50, orderId="A", lineItems=[mat(), {"productId": "b", "price": 30}])
    assert 20 == caller.refund("A", refundAmount=20, **items)["refundEquivalentPoints"]
    assert 80 == caller.points()[0]


def test_items_of_an_order_without_lines_take_their_share_of_the_campaign() -> None:
    caller = Caller(campaigns=(DOUBLE,))
    caller.order(paid=50, orderId="A")
    body = {"refundAmount": 20, "lineItems": [{"productId": "x"}]}
    assert 40 == caller.refund("A", **body)["refundEquivalentPoints"]


def test_items_of_an_order_without_lines_share_what_is_left_of_the_campaign() -> None:
    """50 of the base and 50 of the campaign: 20 of 50 go of both, then the half of 30."""
    caller = Caller(campaigns=(DOUBLE,))
    caller.order(paid=50, orderId="A")
    items = {"lineItems": [{"productId": "x"}]}
    parts = [caller.refund("A", refundAmount=money, **items) for money in (20, 15)]
    assert [40, 30] == [part["refundEquivalentPoints"] for part in parts]


def test_the_last_item_takes_everything_but_the_shipping_points() -> None:
    caller = Caller()
    items = [mat(2), mat(1, productId="b", price=30)]
    caller.order(paid=55, orderId="A", totalShipping=5, lineItems=items)
    caller.refund("A", lineItems=[mat(1)])
    caller.refund("A", lineItems=[mat(1)])
    caller.refund("A", lineItems=[mat(1, productId="b", price=30)])
    assert 5 == caller.points()[0]


def test_the_last_item_takes_the_points_that_partial_refunds_rounded_away() -> None:
    caller = Caller()
    caller.order(paid=10, orderId="A", lineItems=[mat(1)])
    caller.refund("A", refundAmount=1.5)
    assert 9 == caller.refund("A", refundAmount=1, lineItems=[mat(1)])["refundEquivalentPoints"]


def test_the_last_part_of_an_item_takes_what_the_parts_before_rounded_away() -> None:
    """1.5 units of 3 points earn 4; the halves take 1, 1 and 2."""
    caller = Caller()
    caller.order(paid=4.5, orderId="A", lineItems=[mat(1.5, price=3)])
    body = {"refundAmount": 1.5, "lineItems": [mat(0.5, price=3)]}
    halves = [caller.refund("A", **body) for _ in range(3)]
    assert [1, 1, 2] == [half["refundEquivalentPoints"] for half in halves]


def test_items_take_no_more_base_points_than_partial_refunds_have_left() -> None:
    """50 earned twice: 45 of the base go, then 5 of the base and the campaign's 20."""
    caller = Caller(campaigns=(DOUBLE,))
    caller.order(paid=50, orderId="A", lineItems=[mat(), {"productId": "b", "price": 30}])
    caller.refund("A", refundAmount=45)
    answer = caller.refund("A", refundAmount=1, lineItems=[mat()])
    assert 25 == answer["refundEquivalentPoints"]


def test_cancelled_and_expired_points_are_both_gone() -> None:
    """100 earned, 60 spent, 20 cancelled, 20 expired: the 60 that were used are left."""
    caller = Caller(points_expiry_days=1)
    caller.order(orderId="A")
    caller.post("/transactions/redeem", caller.redeem_body(points=60))
    caller.refund("A", refundAmount=20)
    caller.clock.advance(DAY)
    assert 60 == caller.refund("A")["refundEquivalentPoints"]


def test_a_line_that_is_there_twice_is_returned_from_both() -> None:
    caller = Caller()
    caller.order(paid=50, orderId="A", lineItems=[mat(1), mat(2, price=20)])
    assert 30 == caller.refund("A", lineItems=[mat(2)])["refundEquivalentPoints"]


def test_shipping_points_are_never_taken_back() -> None:
    caller = Caller()
    caller.order(paid=30, orderId="A", totalShipping=10, lineItems=[mat(2)])
    assert 20 == caller.refund("A")["refundEquivalentPoints"]
    assert 10 == caller.points()[0]


def test_a_refund_goes_by_what_was_earned_then() -> None:
    """The campaign is over when the refund comes."""
    end = datetime(2024, 10, 16, 10, tzinfo=UTC)
    over = Campaign(id=1, name="Over", multiplier=2, end_date=end)
    caller = Caller(campaigns=(over,))
    caller.order(orderId="A")
    caller.clock.advance(DAY)
    assert 100 == caller.order(orderId="B")["rewardedPoints"]
    assert 200 == caller.refund("A")["refundEquivalentPoints"]


def test_the_balance_may_sink_below_zero_and_the_next_points_pay_for_it() -> None:
    caller = Caller(points_expiry_days=2)
    caller.order(orderId="A")
    caller.post("/transactions/redeem", caller.redeem_body(points=70))
    caller.refund("A")
    assert (-70, 0, 0, 0) == caller.points()
    balance = caller.get("/customers/c1/balance")
    assert (-70, -70) == (balance["totalPointsBalance"], balance["availablePointsBalance"])
    caller.order(paid=30)
    assert (-40, 0, 0, 0) == caller.points()
    caller.order(paid=100)
    assert (60, 0, 0, 60) == caller.points()
    caller.clock.advance(3 * DAY)
    assert (0, 0, 0, 0) == caller.points()


def test_points_that_were_spent_are_taken_from_other_points() -> None:
    caller = Caller()
    caller.order(orderId="A")
    caller.post("/transactions/redeem", caller.redeem_body(points=100))
    caller.order(paid=30)
    caller.refund("A", refundAmount=50)
    assert (-20, 0, 0, 0) == caller.points()
    caller.order(paid=100)
    assert 80 == caller.get("/customers/c1/balance")["nextExpiringPointsAmount"]


def test_pending_points_are_taken_back_before_they_count() -> None:
    caller = Caller(return_window_days=1)
    caller.order(orderId="A")
    caller.refund("A", refundAmount=40)
    assert (60, 60, 0, 0) == caller.points()
    caller.refund("A")
    assert (0, 0, 0, 0) == caller.points()
    assert (400, 3004) == caller.refusal("PUT", "/transactions/A/activate")
    caller.clock.advance(2 * DAY)
    assert (0, 0, 0, 0) == caller.points()


def test_points_that_expired_are_not_taken_twice() -> None:
    caller = Caller(points_expiry_days=1)
    caller.order(orderId="A")
    caller.post("/transactions/redeem", caller.redeem_body(points=60))
    caller.clock.advance(DAY)
    assert 60 == caller.refund("A")["refundEquivalentPoints"]
    assert -60 == caller.points()[0]


def test_a_refund_that_moves_no_points_has_a_row_of_the_order() -> None:
    caller = Caller()
    caller.order(paid=0, orderId="A")
    assert 0 == caller.refund("A")["refundEquivalentPoints"]
    rows = caller.get("/orders/A/transactions")["transactions"]
    assert ["Cancel", "Payment"] == [row["transactionType"] for row in rows]
    assert [] == caller.rows()


def test_a_refund_of_less_than_a_point_takes_none_and_has_no_row_in_the_ledger() -> None:
    caller = Caller()
    caller.order(orderId="A")
    assert 0 == caller.refund("A", refundAmount=0.5)["refundEquivalentPoints"]
    assert [] == kinds(caller)
    assert 100 == caller.points()[0]


def test_a_refund_makes_another_id_of_the_customer_known() -> None:
    caller = Caller(merge="email")
    caller.order("web", orderId="A", email="a@x")
    caller.refund("A", customerId="pos", email="a@x")
    assert 15327001 == caller.get("/customers/pos")["gameballId"]


def test_returned_points_keep_their_expiry_and_expired_ones_stay_lost() -> None:
    caller = Caller(redemption_factor=1)
    caller.order(paid=0)
    caller.manual(points=30, expiryAfter=1)
    caller.manual(points=30, expiryAfter=5)
    caller.give(40)
    reference = caller.hold(90)
    caller.order(paid=0, orderId="A", redemption={"pointsHoldReference": reference})
    caller.clock.advance(DAY)
    assert 60 == caller.refund("A")["refundEquivalentPoints"]
    returned = [row for row in caller.rows() if row["type"] == "Refund"]
    assert [(30, "2024-10-21T09:00:00"), (30, None)] == [
        (row["points"], row["expiryDate"]) for row in returned
    ]
    assert 70 == caller.points()[3]
    caller.clock.advance(4 * DAY)
    assert 40 == caller.points()[3]


def test_coupons_of_the_order_do_not_matter() -> None:
    caller = Caller(coupons=(Coupon(code="C", value=5),))
    caller.order(orderId="A", redemption={"couponCodes": ["C"]})
    caller.refund("A")
    assert 1 == caller.sandbox.coupon_uses("gb_test_key", "C")


def test_a_redemption_can_be_refunded_in_parts() -> None:
    caller = Caller()
    caller.order()
    caller.post("/transactions/redeem", caller.redeem_body(transactionId="T", points=50))
    answer = caller.refund("T", refundAmount=2)
    assert (2.0, 20) == (answer["refundAmount"], answer["refundEquivalentPoints"])
    answer = caller.refund("T")
    assert (3.0, 30) == (answer["refundAmount"], answer["refundEquivalentPoints"])
    returned = [row for row in caller.rows() if row["type"] == "Refund"]
    assert [(30, 3.0), (20, 2.0)] == [(row["points"], row["amount"]) for row in returned]
    assert 100 == caller.points()[0]
    assert 100 == caller.get("/customers/c1/balance")["totalEarnedPoints"]


def test_the_equivalent_may_be_the_money_in_points() -> None:
    """C-62: 15.0 is 150 at 0.1."""
    caller = Caller(refund_equivalent_as="money")
    caller.order(orderId="A")
    assert 150 == caller.refund("A", refundAmount=15)["refundEquivalentPoints"]


def test_the_time_may_be_that_of_the_original() -> None:
    """C-17: twice even, as partial refunds of one original would send it."""
    caller = Caller()
    time = caller.time()
    caller.order(orderId="A", orderDate=time)
    caller.refund("A", refundAmount=10, transactionTime=time)
    caller.refund("A", refundAmount=10, transactionTime=time)


def test_a_refund_id_is_used_once() -> None:
    caller = Caller()
    caller.order(orderId="A")
    body = caller.refund_body("A", refundAmount=10)
    caller.post("/transactions/refund", body)
    assert (422, 9004) == caller.refusal("POST", "/transactions/refund", body)
    again = caller.refund_body("A", transactionTime=body["transactionTime"])
    assert (422, 9003) == caller.refusal("POST", "/transactions/refund", again)
    back = caller.refund_body(body["refundTransactionId"])
    assert (422, 9000) == caller.refusal("POST", "/transactions/refund", back)


@pytest.mark.parametrize(
    ("more", "refusal"),
    [
        pytest.param({"reverseTransactionId": "nothing"}, (404, 9005), id="unknown"),
        pytest.param({"reverseTransactionId": "a"}, (404, 9005), id="ids-keep-their-case"),
        pytest.param({"reverseTransactionId": "theirs"}, (404, 9005), id="of-somebody-else"),
        pytest.param({"reverseTransactionId": "M"}, (422, 9000), id="manual"),
        pytest.param({"customerId": "nobody"}, (404, 7000), id="nobody"),
        pytest.param({"refundAmount": 0}, (422, 3003), id="nothing-to-refund"),
        pytest.param({"refundAmount": -1}, (422, 3003), id="negative"),
        pytest.param({"amount": 1}, (400, 3003), id="no-such-member"),
        pytest.param({"transactionTime": "2025-10-16T09:00:00Z"}, (422, 9007), id="future"),
        pytest.param({"lineItems": [{"productId": "P", "price": 1, "quantity": 3}]}, (422, 3003),
                     id="more-than-ordered"),
        pytest.param({"lineItems": [{"productId": "Q", "price": 1}]}, (422, 3003),
                     id="never-ordered"),
        pytest.param({"lineItems": [{"price": 1}]}, (400, 3000), id="no-product"),
        pytest.param({"lineItems": [{"productId": "P"}]}, (400, 3000), id="no-price-and-no-total"),
    ],
)  # fmt: skip
def test_refused_refunds(more: Any, refusal: tuple[int, int]) -> None:
    caller = Caller()
    caller.order(orderId="A", lineItems=[{"productId": "P", "price": 50, "quantity": 2}])
    caller.order("c2", orderId="theirs")
    caller.manual(transactionId="M", points=5)
    body = caller.refund_body("A") | more
    assert refusal == caller.refusal("POST", "/transactions/refund", body)


def test_the_sandbox_started_when_the_tests_think() -> None:
    assert Caller().clock.now() == NOW


def test_points_that_waited_can_be_spent_and_come_back() -> None:
    caller = Caller(return_window_days=1)
    caller.order(orderId="A")
    caller.clock.advance(DAY)
    caller.post("/transactions/redeem", caller.redeem_body(transactionId="T", points=30))
    assert 100 == caller.get("/customers/c1/balance")["nextExpiringPointsAmount"] + 30
    assert 30 == caller.refund("T")["refundEquivalentPoints"]
    assert (100, 0, 0, 100) == caller.points()
