"""Tracking orders: what is stored, what is refused, and that it is all or nothing."""

from __future__ import annotations

from typing import Any

import pytest

from gameball_async.sandbox import Coupon
from tests.sandbox.caller import Caller

MINUTE = 60
DAY = 24 * 60 * MINUTE


def holding(reference: str) -> dict[str, Any]:
    return {"redemption": {"pointsHoldReference": reference}}


def test_an_order_creates_its_customer_and_writes_one_row() -> None:
    caller = Caller()
    answer = caller.order(
        "new",
        250.75,
        orderId="ORD1",
        orderDate="2024-10-16T08:13:29.290Z",
        merchant={"uniqueId": "m", "name": "Shop", "branch": {"uniqueId": "b", "name": "Centre"}},
    )
    assert answer == {
        "customerId": "new",
        "redeemedPoints": None,
        "rewardedPoints": 250,
        "lineItems": [],
    }
    assert caller.rows("new") == [
        {
            "transactionId": "ORD1",
            "gameballTransactionId": "11034700",
            "type": "PaymentReward",
            "direction": "+",
            "customerId": "new",
            "points": 250,
            "amount": 250.75,
            "transactionTime": "2024-10-16T08:13:29.29",
            "status": "Active",
            "couponCode": None,
            "isCouponUsed": False,
            "couponType": None,
            "merchantName": "Shop",
            "branchName": "Centre",
            "reason": None,
            "achievementName": None,
            "expiryDate": "2025-10-16T09:00:00",
            "pointsBalanceBefore": 0,
            "pointsBalanceAfter": 250,
            "achievementType": None,
            "achievedRewardCampaignId": None,
            "achievedTierId": None,
        }
    ]  # fmt: skip


def test_the_rows_of_an_order_have_names_of_their_own() -> None:
    caller = Caller()
    caller.order(paid=192, orderId="ORD/1 ü", orderDate="2024-10-16T08:13:29.290Z")
    assert caller.get("/orders/ORD%2F1%20%C3%BC/transactions") == {
        "transactions": [
            {
                "transactionDate": "2024-10-16T08:13:29.29",
                "gameballTransactionId": 11034700,
                "transactionType": "PaymentReward",
                "amount": 192.0,
                "transactionId": "ORD/1 ü",
                "equivalentPoints": 192.0,
            }
        ],
        "count": 1,
    }
    assert (
        b'"equivalentPoints":192.0'
        in caller.answer("GET", "/orders/ORD%2F1%20%C3%BC/transactions").body
    )


def test_an_order_without_points_shows_one_payment_row_and_leaves_the_ledger_alone() -> None:
    caller = Caller()
    caller.order(paid=0.5, orderId="small")
    answer = caller.get("/orders/small/transactions")
    assert [("Payment", 0.5, 0.0)] == [
        (row["transactionType"], row["amount"], row["equivalentPoints"])
        for row in answer["transactions"]
    ]
    assert [] == caller.rows()


def test_a_hold_is_burned_before_the_reward_is_booked() -> None:
    caller = Caller()
    caller.give(80)
    answer = caller.order(paid=20, orderId="A", **holding(caller.hold(50)))
    assert (50, 20) == (answer["redeemedPoints"], answer["rewardedPoints"])
    assert [("PaymentReward", "+", 20, 20.0, 30, 50), ("Redemption", "-", 50, 5.0, 80, 30)] == [
        (
            row["type"], row["direction"], row["points"], row["amount"],
            row["pointsBalanceBefore"], row["pointsBalanceAfter"],
        )
        for row in caller.rows()[:2]
    ]  # fmt: skip
    assert (50, 0, 0, 50) == caller.points()
    rows = caller.get("/orders/A/transactions")["transactions"]
    assert ["PaymentReward", "Redemption"] == [row["transactionType"] for row in rows]


def test_an_order_paid_with_points_alone_has_only_its_redemption_row() -> None:
    caller = Caller()
    caller.give(50)
    caller.order(paid=0, orderId="A", **holding(caller.hold(50)))
    rows = caller.get("/orders/A/transactions")["transactions"]
    assert ["Redemption"] == [row["transactionType"] for row in rows]


def test_an_unknown_order_has_no_transactions() -> None:
    assert (404, 4004) == Caller().refusal("GET", "/orders/nobody/transactions")


def test_an_order_id_is_taken_for_good_and_case_sensitive() -> None:
    caller = Caller()
    caller.order(orderId="A")
    caller.order(orderId="a")
    assert (422, 9004) == caller.refusal("POST", "/orders", caller.order_body(orderId="A"))


def test_orders_and_manual_transactions_share_their_ids() -> None:
    caller = Caller()
    caller.order(orderId="A")
    body = caller.manual_body(points=5, transactionId="A")
    assert (422, 9004) == caller.refusal("POST", "/transactions/manual", body)
    caller.manual(points=5, transactionId="M")
    assert (422, 9004) == caller.refusal("POST", "/orders", caller.order_body(orderId="M"))


def test_a_repeated_order_is_9004_although_its_hold_and_time_are_used() -> None:
    caller = Caller()
    caller.give(50)
    body = caller.order_body(orderDate=caller.time(), **holding(caller.hold(50)))
    caller.post("/orders", body)
    assert (422, 9004) == caller.refusal("POST", "/orders", body)


def test_a_time_may_come_once_for_each_customer_over_all_kinds() -> None:
    caller = Caller()
    time = caller.time()
    caller.order("c2", orderDate=time)
    caller.order("c1", orderDate=time.replace("Z", "+00:00"))
    body = caller.order_body("c1", orderDate=time)
    assert (422, 9003) == caller.refusal("POST", "/orders", body)
    hold = caller.hold_body("c1", pointsToHold=1) | {"transactionTime": time}
    assert (422, 9003) == caller.refusal("POST", "/transactions/hold", hold)
    manual = caller.manual_body("c1", points=1) | {"transactionTime": time}
    assert (422, 9003) == caller.refusal("POST", "/transactions/manual", manual)


@pytest.mark.parametrize("kind", ["hold", "manual"])
def test_the_times_of_holds_and_manual_transactions_count_too(kind: str) -> None:
    caller = Caller()
    caller.give(10)
    body = caller.hold_body(pointsToHold=1) if kind == "hold" else caller.manual_body(points=1)
    caller.post(f"/transactions/{kind}", body)
    order = caller.order_body(orderDate=body["transactionTime"])
    assert (422, 9003) == caller.refusal("POST", "/orders", order)


def test_times_that_the_sandbox_gave_never_collide() -> None:
    caller = Caller()
    caller.order()
    caller.order()
    assert 200 == caller.points()[0]


def test_a_time_more_than_five_minutes_ahead_is_9007() -> None:
    caller = Caller()
    caller.order(orderDate="2024-10-16T09:05:00Z")
    late = "2024-10-16T09:05:00.001Z"
    assert (422, 9007) == caller.refusal("POST", "/orders", caller.order_body(orderDate=late))
    hold = caller.hold_body(pointsToHold=1) | {"transactionTime": late}
    assert (422, 9007) == caller.refusal("POST", "/transactions/hold", hold)
    manual = caller.manual_body(points=1) | {"transactionTime": late}
    assert (422, 9007) == caller.refusal("POST", "/transactions/manual", manual)


def test_points_are_pending_for_the_return_window_and_expire_after_it() -> None:
    caller = Caller(return_window_days=14, points_expiry_days=3)
    caller.order(paid=100)
    assert (100, 100, 0, 0) == caller.points()
    assert ["Pending"] == [row["status"] for row in caller.rows()]
    body = caller.hold_body(pointsToHold=1)
    assert (422, 9008) == caller.refusal("POST", "/transactions/hold", body)

    caller.clock.advance(14 * DAY - 0.001)
    assert (100, 100, 0, 0) == caller.points()
    caller.clock.advance(0.001)
    assert (100, 0, 0, 100) == caller.points()
    assert ["Active"] == [row["status"] for row in caller.rows()]

    caller.clock.advance(3 * DAY - 0.001)
    assert (100, 0, 0, 100) == caller.points()
    caller.clock.advance(0.001)
    assert (0, 0, 0, 0) == caller.points()
    assert [
        ("Expiry", "-", 100, 10.0, "2024-11-02T09:00:00"),
        ("PaymentReward", "+", 100, 100.0, "2024-10-16T09:00:00"),
    ] == [
        (row["type"], row["direction"], row["points"], row["amount"], row["transactionTime"])
        for row in caller.rows()
    ]
    assert ["Active", "Expired"] == [row["status"] for row in caller.rows()]


def test_an_order_can_choose_its_own_return_window() -> None:
    caller = Caller(return_window_days=14)
    caller.order(paid=7, cashbackConfigurations={"returnWindow": 0})
    assert (7, 0, 0, 7) == caller.points()
    caller.order(paid=7, cashbackConfigurations={"returnWindow": 1})
    assert (14, 7, 0, 7) == caller.points()


def test_points_can_be_spent_when_their_window_has_ended() -> None:
    caller = Caller(return_window_days=1)
    caller.order(paid=100)
    caller.clock.advance(DAY)
    caller.manual(points=-30)
    caller.order(paid=0, **holding(caller.hold(70)))
    assert (0, 0, 0, 0) == caller.points()


def test_points_may_never_expire() -> None:
    caller = Caller(points_expiry_days=None)
    caller.order(paid=7)
    caller.clock.advance(10_000 * DAY)
    assert (7, 0, 0, 7) == caller.points()
    assert caller.rows()[0]["expiryDate"] is None


def test_what_expires_first_is_spent_first() -> None:
    caller = Caller(points_expiry_days=30)
    caller.give(0)
    caller.manual(points=10, expiryAfter=20)
    caller.manual(points=10, expiryAfter=5)
    caller.manual(points=10)
    caller.manual(points=-12)
    caller.clock.advance(5 * DAY)
    assert 18 == caller.points()[0]
    caller.clock.advance(15 * DAY)
    assert 10 == caller.points()[0]
    caller.clock.advance(10 * DAY)
    assert 0 == caller.points()[0]
    assert ["Expiry", "Expiry", "ManualDeduction"] == [row["type"] for row in caller.rows()[:3]]


def test_an_expired_lot_is_never_spent_again() -> None:
    caller = Caller()
    caller.give(0)
    caller.manual(points=10, expiryAfter=5)
    caller.manual(points=10)
    caller.clock.advance(6 * DAY)
    caller.manual(points=-10)
    assert (0, 0, 0, 0) == caller.points()


def test_the_expiry_of_an_orders_points_is_a_row_of_the_order() -> None:
    caller = Caller()
    caller.order(paid=7, orderId="A")
    caller.clock.advance(365 * DAY)
    rows = caller.get("/orders/A/transactions")["transactions"]
    assert ["Expiry", "PaymentReward"] == [row["transactionType"] for row in rows]


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda caller, _: caller.clock.advance(10 * MINUTE), id="lapsed"),
        pytest.param(lambda caller, ref: caller.delete(f"/transactions/hold/{ref}"), id="released"),
        pytest.param(lambda caller, ref: caller.order(paid=1, **holding(ref)), id="used"),
    ],
)
def test_a_hold_that_ended_is_9006_and_nothing_of_the_order_is_stored(spoil: Any) -> None:
    caller = Caller()
    caller.give(50)
    reference = caller.hold(20)
    spoil(caller, reference)
    body = caller.order_body(orderDate=caller.time(), **holding(reference))
    assert (404, 9006) == caller.refusal("POST", "/orders", body)
    caller.post("/orders", body | {"redemption": {}})


@pytest.mark.parametrize("customer", ["c2", "nobody"])
def test_a_hold_of_somebody_else_is_9006(customer: str) -> None:
    caller = Caller()
    caller.give(50)
    caller.give(50, "c2")
    body = caller.order_body(customer, **holding(caller.hold(50)))
    assert (404, 9006) == caller.refusal("POST", "/orders", body)


def test_held_points_that_expired_make_the_order_9008() -> None:
    caller = Caller(hold_minutes=2 * 24 * 60)
    caller.give(0)
    caller.manual(points=50, expiryAfter=1)
    caller.give(10)
    reference = caller.hold(50)
    caller.clock.advance(DAY)
    assert (10, 0, 50, 0) == caller.points()
    body = caller.order_body(**holding(reference))
    assert (422, 9008) == caller.refusal("POST", "/orders", body)
    caller.delete(f"/transactions/hold/{reference}")
    assert (10, 0, 0, 10) == caller.points()


@pytest.mark.parametrize(
    "redemption",
    [
        pytest.param({"couponsLockReference": "gone"}, id="unknown-lock"),
        pytest.param({"couponCodes": ["NOSUCH"]}, id="unknown-code"),
        pytest.param({"pointsHoldReference": "gone"}, id="unknown-hold"),
    ],
)
def test_one_bad_reference_spares_the_good_ones(redemption: dict[str, Any]) -> None:
    caller = Caller(coupons=(Coupon(code="TEN"),))
    caller.give(50)
    good = {
        "pointsHoldReference": caller.hold(50),
        "couponsLockReference": caller.post(
            "/coupons/validate", {"customerId": "c1", "coupons": ["TEN"], "lock": True}
        )["lockReference"],
    }
    body = caller.order_body(redemption=good | redemption)
    assert caller.refusal("POST", "/orders", body) in {(404, 9006), (422, 3003)}
    answer = caller.post("/orders", body | {"redemption": good})
    assert 50 == answer["redeemedPoints"]
    assert 1 == caller.sandbox.coupon_uses("gb_test_key", "TEN")


def test_a_customer_who_opted_out_is_3009() -> None:
    caller = Caller()
    caller.give(50)
    caller.ask("PUT", "/customers/c1/activate", {"isActive": False})
    hold = caller.hold_body(pointsToHold=5)
    coupons = {"customerId": "c1", "coupons": ["X"]}
    assert (422, 3009) == caller.refusal("POST", "/orders", caller.order_body())
    assert (422, 3009) == caller.refusal("POST", "/transactions/hold", hold)
    assert (422, 3009) == caller.refusal("POST", "/coupons/validate", coupons)


def test_a_guest_earns_but_cannot_hold_until_an_order_without_guest() -> None:
    caller = Caller()
    caller.order(paid=50, guest=True)
    caller.order(paid=50, guest=True)
    body = caller.hold_body(pointsToHold=5)
    assert (400, 3004) == caller.refusal("POST", "/transactions/hold", body)
    caller.order(paid=50)
    caller.order(paid=50, guest=True)
    caller.post("/transactions/hold", body)


def test_the_first_order_may_name_who_referred_the_customer() -> None:
    caller = Caller()
    caller.give(0, "friend")
    code = caller.get("/customers/friend")["referralCode"]
    caller.order("c1", referrerCode=code)
    caller.order("c2", referrerCode="nonsense")
    caller.order("c3")
    referred = [caller.get(f"/customers/{name}")["isReferred"] for name in ("c1", "c2", "c3")]
    assert [True, False, False] == referred


def test_spellings_that_documents_use_are_taken() -> None:
    caller = Caller()
    line = {
        "price": 10, "quantity": 1, "productSku": "s", "tag": ["t"], "collection": "bare",
        "productName": "n", "tags": "one", "category": "c", "weight": 1.5, "vendor": "v",
        "title": "t", "extra": {"a": "b", "n": 1.5},
    }  # fmt: skip
    caller.order(
        lineItems=[line], channel="online", cartId="k", email="e", mobile="m",
        extra={"giftMessage": "hi"}, redemption={"lockReference": "x", "couponCodes": None},
        coupons={}, discountCodes=[], redeemedAmount=1, holdReference="h",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("merge", "key", "other"),
    [
        pytest.param("email", {"email": "A@x.example"}, {"email": " a@X.example"}, id="e-mail"),
        pytest.param("mobile", {"mobile": "+49 123-4"}, {"mobile": "491234"}, id="mobile"),
    ],
)
def test_channels_merge_by_one_key(merge: str, key: Any, other: Any) -> None:
    caller = Caller(merge=merge)
    caller.order("web", 10, **key)
    caller.order("shop", 20, **other)
    caller.order("apart", 40)
    assert [30, 30, 40] == [caller.points(name)[0] for name in ("web", "shop", "apart")]
    assert 2 == len(caller.rows("web")) == len(caller.rows("shop"))
    caller.manual("pos", points=5, **key)
    caller.post("/transactions/hold", caller.hold_body("app", pointsToHold=1) | key)
    assert (35, 0, 1, 34) == caller.points("pos") == caller.points("app")


def test_a_known_customer_keeps_its_profile_whatever_the_key() -> None:
    caller = Caller(merge="email")
    caller.order("c1", 10, email="one@x.example")
    caller.order("c2", 20, email="two@x.example")
    caller.order("c2", 20, email="one@x.example")
    assert (10, 40) == (caller.points("c1")[0], caller.points("c2")[0])


def test_without_merging_the_keys_mean_nothing() -> None:
    caller = Caller()
    caller.order("c1", 10, email="one@x.example", mobile="1")
    caller.order("c2", 20, email="one@x.example", mobile="1")
    assert (10, 20) == (caller.points("c1")[0], caller.points("c2")[0])


def test_a_mobile_without_digits_merges_nothing() -> None:
    caller = Caller(merge="mobile")
    caller.order("c1", 10, mobile="none")
    caller.order("c2", 20, mobile="none")
    assert 10 == caller.points("c1")[0]


def test_a_refused_request_leaves_no_alias() -> None:
    caller = Caller(merge="email")
    caller.order("c1", 10, email="e")
    body = caller.hold_body("c2", pointsToHold=99, email="e")
    assert (422, 9008) == caller.refusal("POST", "/transactions/hold", body)
    assert caller.sandbox.balance("gb_test_key", "c2") is None
