"""Events and the previews of what they would earn."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.caller import KEY, Caller


def test_an_event_creates_its_customer_and_is_remembered() -> None:
    caller = Caller()
    metadata = {"product_id": "1", "stars": 5, "price": 1.5, "tags": ["a", 2]}
    body = {"customerId": "c1", "events": {"write_review": metadata, "place_order": {}}}
    assert {"success": True, "message": "Events processed"} == caller.post("/events", body)
    write_review, place_order = caller.sandbox.events(KEY, "c1")
    assert ("write_review", ["product_id", "stars", "price", "tags"]) == (
        write_review[0],
        list(write_review[1]),
    )
    assert ("place_order", {}) == place_order
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
