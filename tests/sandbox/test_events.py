"""Events and the previews of what they would earn."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from gameball_async.sandbox import Coupon
from tests.sandbox.caller import KEY, Caller


def test_an_event_creates_its_customer_and_is_remembered() -> None:
    caller = Caller()
    metadata = {"product_id": "1", "stars": 5, "price": 1.5, "tags": ["a", 2]}
    body = {"customerId": "c1", "events": {"write_review": metadata, "place_order": {}}}
    assert {"success": True, "message": "Events processed"} == caller.post("/events", body)
    stored = {**metadata, "price": Decimal("1.5")}
    assert [("write_review", stored), ("place_order", {})] == caller.sandbox.events(KEY, "c1")
    assert (0, 0, 0, 0) == caller.points()


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        pytest.param({}, (400, 3000), id="no-events"),
        pytest.param({"events": {}}, (422, 3003), id="empty"),
        pytest.param({"events": []}, (422, 3003), id="array"),
        pytest.param({"events": {"a": 1}}, (422, 3003), id="metadata-number"),
        pytest.param({"events": {"a": {"b": {}}}}, (422, 3003), id="metadata-object"),
        pytest.param({"eventName": "a", "metadata": {}}, (400, 3000), id="C-32-name"),
        pytest.param({"metadata": {}}, (400, 3000), id="C-32-metadata"),
    ],
)
def test_refused_events(body: Any, refusal: tuple[int, int]) -> None:
    whole = {"customerId": "c1", **body}
    assert refusal == Caller().refusal("POST", "/events", whole)


def test_those_who_left_send_no_events() -> None:
    caller = Caller()
    caller.order()
    caller.put("/customers/c1/activate", {"isActive": False})
    body = {"customerId": "c1", "events": {"a": {}}}
    assert (422, 3009) == caller.refusal("POST", "/events", body)
    assert (404, 7000) == caller.refusal("POST", "/events/reward-preview", body)
    preview = caller.post("/orders/reward-preview", {"customerId": "c1", "totalPaid": 5})
    assert (False, None) == (preview["customerFound"], preview["eventRewards"])


def test_a_preview_knows_the_events_that_were_seen() -> None:
    caller = Caller()
    caller.post("/events", {"customerId": "c1", "events": {"seen": {}}})
    body = {"customerId": "c1", "events": {"seen": None, "Seen": {}}}
    answer = caller.post("/events/reward-preview", body)
    assert (0, ["seen", "Seen"]) == (
        answer["totalPoints"],
        [event["eventName"] for event in answer["events"]],
    )
    assert [(True, None), (False, "EventNotFound")] == [
        (event["valid"], event["invalidReason"]) for event in answer["events"]
    ]
    assert (404, 7000) == caller.refusal(
        "POST", "/events/reward-preview", body | {"customerId": "x"}
    )


def test_a_preview_of_an_order_is_the_quote_and_place_order() -> None:
    caller = Caller()
    caller.order()
    line = {"productId": "P", "price": 100, "quantity": 1, "discount": 10}
    body = {"customerId": "c1", "totalPaid": 90, "lineItems": [line], "channel": "web"}
    answer = caller.post("/orders/reward-preview", body)
    assert ("c1", True, 90, 90, 0) == (
        answer["customerId"],
        answer["customerFound"],
        answer["totalPoints"],
        answer["cashback"]["totalPoints"],
        answer["totalCoupons"],
    )
    assert answer["eventRewards"] == {
        "eventName": "place_order",
        "valid": True,
        "invalidReason": None,
        "totalPoints": 0,
        "campaigns": [],
    }
    assert 100 == caller.points()[0]
    unknown = caller.post("/orders/reward-preview", {"totalPaid": 5})
    assert (None, False, None, 5) == (
        unknown["customerId"],
        unknown["customerFound"],
        unknown["eventRewards"],
        unknown["totalPoints"],
    )


@pytest.mark.parametrize(
    "line",
    [
        pytest.param({"price": 10, "discount": 10.5}, id="discount-above-the-line"),
        pytest.param({"price": -1}, id="negative"),
    ],
)
def test_a_preview_refuses_lines_that_cannot_be(line: Any) -> None:
    body = {"totalPaid": 1, "lineItems": [line]}
    assert (400, 3003) == Caller().refusal("POST", "/orders/reward-preview", body)


def test_an_order_fires_place_order_with_the_keys_of_both_guides() -> None:
    """C-27: those of the order guide, and those of the product pages."""
    caller = Caller(coupons=(Coupon(code="C"),))
    caller.give(50)
    lines = [
        {
            "productId": "p1",
            "quantity": 2,
            "price": 40,
            "weight": 1.5,
            "vendor": "V",
            "sku": "s1",
            "title": "Shirt",
            "tags": ["new", "red"],
            "category": ["men"],
            "collection": ["c1", "c2"],
        },
        {"productId": "p2", "price": 20, "productSku": "s2", "collection": "c3"},
    ]
    redemption = {"pointsHoldReference": caller.hold(50), "couponCodes": ["C"]}
    caller.order(
        paid=90.5,
        orderId="A",
        totalPrice=100,
        totalDiscount=9.5,
        cartId="k",
        channel="web",
        lineItems=lines,
        redemption=redemption,
        extra={"gift": "yes", "floor": 3},
    )
    assert [
        (
            "place_order",
            {
                "total_paid": Decimal("90.5"),
                "total_discount": Decimal("9.5"),
                "weight": [Decimal("1.5")],
                "vendor": ["V"],
                "sku": ["s1", "s2"],
                "title": ["Shirt"],
                "tag": ["new", "red"],
                "category": ["men"],
                "collection": ["c1", "c2", "c3"],
                "gift": "yes",
                "floor": 3,
                "Tag": ["new", "red"],
                "Weight": [Decimal("1.5")],
                "cart_id": "k",
                "collection_id": ["c1", "c2", "c3"],
                "order_id": "A",
                "product_category": ["men"],
                "product_id": ["p1", "p2"],
                "product_sku": ["s1", "s2"],
                "product_vendor": ["V"],
                "source": "web",
                "total_items": 3,
                "total_price": 100,
                "unique_items": 2,
                "has_points_redemption": True,
                "has_coupon_redemption": True,
            },
        )
    ] == caller.sandbox.events(KEY, "c1")


@pytest.mark.parametrize(
    ("redemption", "flags"),
    [({}, (False, False)), ("lock", (False, True))],
    ids=["neither", "a-lock"],
)
def test_a_small_order_fires_what_it_says(redemption: Any, flags: tuple[bool, bool]) -> None:
    caller = Caller(coupons=(Coupon(code="C"),))
    caller.give(0)
    if redemption:
        body = {"customerId": "c1", "coupons": ["C"], "lock": True}
        lock = caller.post("/coupons/validate", body)["lockReference"]
        redemption = {"couponsLockReference": lock}
    caller.order(orderId="A", redemption=redemption, extra={"order_id": "B"})
    ((name, metadata),) = caller.sandbox.events(KEY, "c1")
    assert "place_order" == name
    assert metadata == {
        "order_id": "A",
        "total_paid": 100,
        "total_items": 0,
        "unique_items": 0,
        "has_points_redemption": flags[0],
        "has_coupon_redemption": flags[1],
    }


def test_an_order_of_an_unknown_customer_or_of_a_batch_fires_too() -> None:
    caller = Caller()
    caller.order("new")
    assert ["place_order"] == [name for name, _ in caller.sandbox.events(KEY, "new")]
    item = caller.order_body("other", orderDate=caller.time())
    caller.post("/batch/orders", {"body": [item]})
    caller.clock.advance(2)
    assert ["place_order"] == [name for name, _ in caller.sandbox.events(KEY, "other")]


def test_a_refused_order_fires_nothing() -> None:
    caller = Caller()
    body = caller.order_body()
    caller.post("/orders", body)
    caller.refusal("POST", "/orders", body)
    assert 1 == len(caller.sandbox.events(KEY, "c1"))


def test_a_payment_fires_payment_processed() -> None:
    """C-29."""
    caller = Caller()
    payment = {
        "customerId": "c1",
        "paymentId": "P",
        "paymentDate": caller.time(),
        "totalPaid": 10.5,
        "totalAmount": 11,
        "extra": {"branch": "north", "totalPaid": 1},
        "paymentDetails": [{"serviceId": "s", "amount": 10.5}],
    }
    caller.post("/payments", payment)
    metadata = {
        "customerId": "c1",
        "paymentId": "P",
        "totalPaid": Decimal("10.5"),
        "totalAmount": 11,
        "branch": "north",
    }
    assert [("payment_processed", metadata)] == caller.sandbox.events(KEY, "c1")


def test_the_refund_of_an_order_fires_order_refunded() -> None:
    caller = Caller()
    caller.order(orderId="A")
    caller.post("/transactions/redeem", caller.redeem_body(transactionId="T", points=10))
    caller.refund("A", refundAmount=12.5, refundTransactionId="R")
    caller.refund("T")
    assert (
        "order_refunded",
        {
            "refund_id": "R",
            "refunded_amount": Decimal("12.5"),
            "refunded_points": 12,
            "order_id": "A",
        },
    ) == caller.sandbox.events(KEY, "c1")[-1]
