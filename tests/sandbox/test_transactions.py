"""Holds, manual transactions, and the list of the ledger."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.caller import Caller

MINUTE = 60
DAY = 24 * 60 * MINUTE


def test_a_hold_reserves_points_and_says_what_they_are_worth() -> None:
    caller = Caller()
    caller.give(80)
    answer = caller.post("/transactions/hold", caller.hold_body(pointsToHold=50))
    reference = answer.pop("holdReference")
    assert answer == {"customerId": "c1", "holdAmount": "5", "holdEquivalentPoints": 50}
    assert (80, 0, 50, 30) == caller.points()
    assert caller.get(f"/transactions/hold/{reference}") == {
        "customerId": "c1",
        "holdAmount": "5",
        "holdEquivalentPoints": 50,
        "state": "active",
        "dateToExpire": "2024-10-16T09:10:00.000000",
    }


def test_the_worth_of_a_hold_may_be_a_number() -> None:
    caller = Caller(hold_amount_as="number")
    caller.give(80)
    body = caller.hold_body(pointsToHold=55)
    assert 5.5 == caller.post("/transactions/hold", body)["holdAmount"]
    body = caller.hold_body(pointsToHold=20)
    assert b'"holdAmount":2.0' in caller.answer("POST", "/transactions/hold", body).body


@pytest.mark.parametrize(
    ("way", "points"),
    [
        pytest.param({"amountToHold": 10}, 100, id="money"),
        pytest.param({"amountToHold": 0.19}, 1, id="money-rounded-down"),
        pytest.param({"ruleId": "7"}, 25, id="rule-as-text"),
        pytest.param({"ruleId": 7}, 25, id="rule-as-number"),
        pytest.param({"pointsToHold": 3.0}, 3, id="points-with-a-decimal"),
        pytest.param(
            {"pointsToHold": 3, "amountToHold": None, "otp": "1", "ignoreOTP": True, "hash": "1"},
            3,
            id="null-is-not-given",
        ),
    ],
)
def test_ways_to_hold(way: dict[str, Any], points: int) -> None:
    caller = Caller(redemption_rules={"7": 25})
    caller.give(100)
    answer = caller.post("/transactions/hold", caller.hold_body(**way))
    assert points == answer["holdEquivalentPoints"]


@pytest.mark.parametrize(
    ("way", "refusal"),
    [
        pytest.param({}, (400, 3000), id="none"),
        pytest.param({"pointsToHold": 1, "amountToHold": 1}, (422, 3003), id="two"),
        pytest.param({"pointsToHold": 0}, (422, 3003), id="zero"),
        pytest.param({"pointsToHold": -5}, (422, 3003), id="negative"),
        pytest.param({"pointsToHold": 1.5}, (422, 3003), id="half-a-point"),
        pytest.param({"amountToHold": 0.05}, (422, 3003), id="less-than-a-point"),
        pytest.param({"ruleId": "8"}, (422, 3003), id="unknown-rule"),
        pytest.param({"ruleId": 1.5}, (422, 3003), id="rule-that-cannot-be"),
        pytest.param({"pointsToHold": 101}, (422, 9008), id="too-much"),
        pytest.param({"pointsToHold": 1, "customerId": "nobody"}, (404, 7000), id="nobody"),
        pytest.param({"pointsToHold": 1, "transactionTime": None}, (422, 3001), id="no-time"),
    ],
)
def test_refused_holds(way: dict[str, Any], refusal: tuple[int, int]) -> None:
    caller = Caller()
    caller.give(100)
    body = caller.hold_body() | way
    assert refusal == caller.refusal("POST", "/transactions/hold", body)


def test_a_hold_needs_its_time() -> None:
    caller = Caller()
    caller.give(100)
    body = {"customerId": "c1", "pointsToHold": 1}
    assert (400, 3000) == caller.refusal("POST", "/transactions/hold", body)


def test_holds_add_up_against_the_balance() -> None:
    caller = Caller()
    caller.give(100)
    caller.hold(60)
    body = caller.hold_body(pointsToHold=41)
    assert (422, 9008) == caller.refusal("POST", "/transactions/hold", body)
    caller.hold(40)
    assert (100, 0, 100, 0) == caller.points()


def test_a_hold_lapses_after_ten_minutes() -> None:
    caller = Caller()
    caller.give(50)
    reference = caller.hold(50)
    caller.clock.advance(10 * MINUTE - 0.001)
    assert (50, 0, 50, 0) == caller.points()
    caller.clock.advance(0.001)
    assert (50, 0, 0, 50) == caller.points()
    assert "expired" == caller.get(f"/transactions/hold/{reference}")["state"]
    assert (404, 9006) == caller.refusal("DELETE", f"/transactions/hold/{reference}")


def test_a_hold_can_be_released_once() -> None:
    caller = Caller()
    caller.give(50)
    path = f"/transactions/hold/{caller.hold(50)}"
    assert {"success": True, "message": "Hold released successfully"} == caller.delete(path)
    assert (50, 0, 0, 50) == caller.points()
    assert (404, 9006) == caller.refusal("DELETE", path)
    assert (404, 9006) == caller.refusal("GET", path)
    caller.clock.advance(10 * MINUTE)
    assert (50, 0, 0, 50) == caller.points()


def test_a_used_hold_says_so_and_cannot_be_released() -> None:
    caller = Caller()
    caller.give(50)
    reference = caller.hold(50)
    caller.order(redemption={"pointsHoldReference": reference})
    assert "used" == caller.get(f"/transactions/hold/{reference}")["state"]
    assert (404, 9006) == caller.refusal("DELETE", f"/transactions/hold/{reference}")


def test_an_unknown_hold_is_9006() -> None:
    assert (404, 9006) == Caller().refusal("GET", "/transactions/hold/x")


def test_points_by_hand() -> None:
    caller = Caller()
    caller.give(0)
    body = caller.manual_body(points=50, amount=0) | {"transactionTime": "2024-10-11T15:54:10.944Z"}
    assert caller.post("/transactions/manual", body) == {
        "customerId": "c1",
        "gameballTransactionId": 11034700,
        "transactionId": body["transactionId"],
        "points": 50,
        "amount": 5.0,
    }
    row = caller.rows()[0]
    assert ("ManualAccumulation", "goodwill", "2024-10-11T15:54:10.944", 5.0) == (
        row["type"],
        row["reason"],
        row["transactionTime"],
        row["amount"],
    )
    assert "2025-10-16T09:00:00" == row["expiryDate"]


@pytest.mark.parametrize(
    ("body", "points", "amount"),
    [
        pytest.param({"amount": 5.09, "points": None}, 50, 5.0, id="money-rounded-down"),
        pytest.param({"amount": -5.09}, -50, -5.0, id="money-taken"),
        pytest.param({"points": -7, "amount": 0}, -7, -0.7, id="points-taken"),
        pytest.param({"points": 7, "expiryAfter": 0}, 7, 0.7, id="no-own-expiry"),
        pytest.param({"points": 7, "expiryAfter": 3000, "expiryDate": "x"}, 7, 0.7, id="longest"),
        pytest.param({"points": 7, "transactionTime": None}, 7, 0.7, id="now-by-default"),
    ],
)
def test_ways_to_move_points_by_hand(body: Any, points: int, amount: float) -> None:
    caller = Caller()
    caller.give(100)
    answer = caller.manual(**body)
    assert (points, amount) == (answer["points"], answer["amount"])
    assert 100 + points == caller.points()[0]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param(
            {"points": 5, "expiryAfter": -1}, "Expiry cannot be negative", id="negative-expiry"
        ),
        pytest.param(
            {"points": -5, "expiryAfter": 1}, "Deduction cannot have expiry", id="deduction-expiry"
        ),
        pytest.param(
            {"amount": -5, "expiryAfter": 1}, "Deduction cannot have expiry", id="money-expiry"
        ),
        pytest.param(
            {"points": 5, "amount": 1}, "Only one rewarding method may be specified", id="both"
        ),
        pytest.param({"points": 0, "amount": 0}, "A rewarding criteria is required", id="zeros"),
        pytest.param({}, "A rewarding criteria is required", id="nothing"),
    ],
)
def test_the_four_answers_in_the_older_envelope(body: Any, message: str) -> None:
    caller = Caller()
    caller.give(100)
    answer = caller.ask("POST", "/transactions/manual", caller.manual_body(**body))
    assert (400, {"error": 400, "message": message}) == answer
    assert 1 == len(caller.rows())


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        pytest.param({"points": -101}, (422, 9008), id="below-zero"),
        pytest.param({"amount": -10.1}, (422, 9008), id="money-below-zero"),
        pytest.param({"points": 5, "customerId": "nobody"}, (404, 7000), id="nobody"),
        pytest.param({"amount": 0.05}, (422, 3003), id="less-than-a-point"),
        pytest.param({"points": 5, "expiryAfter": 3001}, (422, 3003), id="expiry-too-long"),
        pytest.param({"points": 5, "username": None}, (422, 3001), id="nobody-did-it"),
        pytest.param({"points": 5, "reason": " "}, (422, 3003), id="no-reason"),
        pytest.param({"amount": 9e14}, (422, 3003), id="more-than-can-be"),
    ],
)
def test_refused_movements_by_hand(body: Any, refusal: tuple[int, int]) -> None:
    caller = Caller()
    caller.give(100)
    body = caller.manual_body() | body
    assert refusal == caller.refusal("POST", "/transactions/manual", body)


def test_held_points_cannot_be_deducted() -> None:
    caller = Caller()
    caller.give(100)
    caller.hold(60)
    body = caller.manual_body(points=-41)
    assert (422, 9008) == caller.refusal("POST", "/transactions/manual", body)
    caller.manual(points=-40)
    assert (60, 0, 60, 0) == caller.points()


def filled(**program: Any) -> Caller:
    """Five rows of two customers: ids 11034700 to 11034704."""
    caller = Caller(**program)
    caller.give(100, "c1")
    caller.give(100, "c2")
    caller.manual("c1", points=-1)
    caller.order("c2", 5, cashbackConfigurations={"returnWindow": 3})
    caller.manual("c1", points=1)
    return caller


@pytest.mark.parametrize(
    ("query", "ids", "more"),
    [
        pytest.param("", [4, 3, 2, 1, 0], False, id="newest-first"),
        pytest.param("limit=2", [4, 3], True, id="a-page"),
        pytest.param("limit=2&startAfter=11034703", [2, 1], True, id="the-next-page"),
        pytest.param("limit=2&startAfter=11034701", [0], False, id="the-last-page"),
        pytest.param("limit=5&startAfter=0", [4, 3, 2, 1, 0], False, id="exactly-everything"),
        pytest.param("startAfter=11034700", [], False, id="behind-the-end"),
        pytest.param("startAfter=99999999999", [4, 3, 2, 1, 0], False, id="unknown-cursor"),
        pytest.param("limit=0", [4], True, id="limit-is-at-least-one"),
        pytest.param("limit=-7", [4], True, id="limit-is-never-negative"),
        pytest.param("customerId=c1", [4, 2, 0], False, id="one-customer"),
        pytest.param("customerId=c1&limit=1&startAfter=11034704", [2], True, id="one-cursor"),
        pytest.param("customerId=nobody", [], False, id="nobody"),
        pytest.param("direction=%2B", [4, 3, 1, 0], False, id="additions"),
        pytest.param("direction=-", [2], False, id="deductions"),
        pytest.param("status=Pending", [3], False, id="pending"),
        pytest.param("direction=%2B&status=Active&customerId=c2", [1], False, id="all-filters"),
        pytest.param("email=x&mobile=y&lang=en", [4, 3, 2, 1, 0], False, id="ignored-parameters"),
    ],
)
def test_pages_of_the_ledger(query: str, ids: list[int], *, more: bool) -> None:
    page = filled().get(f"/transactions?{query}")
    found = [int(row["gameballTransactionId"]) - 11034700 for row in page["transactions"]]
    assert (ids, len(ids), more) == (found, page["count"], page["hasMore"])


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        pytest.param("limit=2", [0, 1], id="from-the-oldest"),
        pytest.param("limit=2&startAfter=11034701", [2, 3], id="on"),
        pytest.param("startAfter=11034704", [], id="to-the-end"),
    ],
)
def test_pages_in_the_other_order(query: str, ids: list[int]) -> None:
    page = filled(pagination_order="asc").get(f"/transactions?{query}")
    found = [int(row["gameballTransactionId"]) - 11034700 for row in page["transactions"]]
    assert ids == found


def test_a_page_has_fifty_rows_by_default_and_two_hundred_at_most() -> None:
    caller = Caller()
    for _ in range(202):
        caller.give(1)
    assert 50 == caller.get("/transactions")["count"]
    assert 200 == caller.get("/transactions?limit=100000")["count"]
    assert {"count": 202} == caller.get("/transactions/count")


@pytest.mark.parametrize(
    ("query", "count"),
    [
        pytest.param("", 5, id="everything"),
        pytest.param("?direction=-", 1, id="deductions"),
        pytest.param("?status=Pending", 1, id="pending"),
        pytest.param("?customerId=c1&email=x", 3, id="one-customer"),
    ],
)
def test_counts(query: str, count: int) -> None:
    assert {"count": count} == filled().get(f"/transactions/count{query}")


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("direction=+", id="a-raw-plus-is-a-blank"),
        pytest.param("direction=up", id="no-direction"),
        pytest.param("status=active", id="case-matters"),
        pytest.param("limit=ten", id="limit-in-words"),
        pytest.param("limit=1_0", id="limit-as-python-has-it"),
        pytest.param("limit=", id="empty-limit"),
        pytest.param("startAfter=txn1", id="an-id-of-ours"),
        pytest.param("startAfter=-1", id="negative-cursor"),
        pytest.param("limit=1&limit=2", id="twice"),
    ],
)
def test_refused_filters(query: str) -> None:
    assert (422, 3003) == filled().refusal("GET", f"/transactions?{query}")


def test_an_unknown_filter_is_named() -> None:
    status, answer = Caller().ask("GET", "/transactions?page=2")
    assert (400, 3003) == (status, answer["code"])
    assert answer["message"].startswith("page ")
    assert (400, 3003) == Caller().refusal("GET", "/transactions/count?limit=2")
