"""Batch jobs on the sandbox's clock, seen through both families of paths."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.caller import Caller


def start(caller: Caller, path: str, *items: Any) -> int:
    return int(caller.post(f"/batch/{path}", {"body": list(items)})["jobId"])


def run(caller: Caller, path: str, *items: Any) -> Any:
    """The finished job."""
    number = start(caller, path, *items)
    caller.clock.advance(2)
    return caller.get(f"/batch/{number}")


def test_a_job_waits_runs_and_completes() -> None:
    """C-68 and C-69: one job, two shapes."""
    caller = Caller()
    assert 123456 == start(caller, "customers", {"customerId": "c1"})
    assert caller.get("/batch/123456") == {
        "operation": "Customer Creation Batch Job",
        "errorCount": 0,
        "totalCount": 0,
        "finishedCount": 0,
        "startedAt": None,
        "createdAt": "2024-10-16T09:00:00Z",
        "status": "queued",
        "response": None,
    }
    assert "pending" == caller.get("/batches/123456/status")["status"]
    caller.clock.advance(1)
    running = caller.get("/batch/123456")
    assert ("running", 1, "2024-10-16T09:00:01Z") == (
        running["status"],
        running["totalCount"],
        running["startedAt"],
    )
    assert "processing" == caller.get("/batches/123456/status")["status"]
    caller.clock.advance(1)
    done = caller.get("/batch/123456")
    assert ("completed", 1, 0) == (done["status"], done["finishedCount"], done["errorCount"])
    rows = [{"customerId": "c1", "message": "Customer created successfully"}]
    assert {"successful": rows, "failed": []} == done["response"]
    assert caller.get("/batches/123456/status") == {
        "batchId": "123456",
        "status": "completed",
        "progress": 100,
        "totalItems": 1,
        "processedItems": 1,
        "failedItems": 0,
        "results": rows,
        "errors": [],
    }


def test_a_long_job_shows_its_results_while_it_runs_and_keeps_them_when_it_is_stopped() -> None:
    caller = Caller()
    number = start(caller, "customers", *({"customerId": f"c{n}"} for n in range(250)))
    caller.clock.advance(2)
    running = caller.get(f"/batches/{number}/status")
    assert ("processing", 40, 100) == (
        running["status"],
        running["progress"],
        running["processedItems"],
    )
    answer = caller.post(f"/batches/{number}/stop", None)
    assert (str(number), "stopped") == (answer["batchId"], answer["status"])
    caller.clock.advance(60)
    stopped = caller.get(f"/batch/{number}")
    assert ("stopped", 100) == (stopped["status"], stopped["finishedCount"])


def test_a_job_is_stopped_by_delete_and_a_finished_one_stays_finished() -> None:
    caller = Caller()
    first = start(caller, "customers", {"customerId": "c1"})
    answer = caller.answer("DELETE", f"/batch/{first}")
    assert (200, b"") == (answer.status, answer.body)
    caller.clock.advance(5)
    assert ("stopped", None) == (
        caller.get(f"/batch/{first}")["status"],
        caller.get(f"/batch/{first}")["response"],
    )
    second = run(caller, "customers", {"customerId": "c2"})
    caller.answer("DELETE", f"/batch/{first + 1}")
    assert second == caller.get(f"/batch/{first + 1}")


def test_customers_may_be_nested_or_flat() -> None:
    """C-71."""
    caller = Caller()
    flat = {"customerId": "f", "name": "F", "gender": "M", "tags": ["a"], "custom": {"k": 1}}
    nested = {"customerId": "n", "customerAttributes": {"displayName": "N"}}
    run(caller, "customers", flat, nested)
    names = [caller.get(f"/customers/{name}/details")["customerAttributes"] for name in ("f", "n")]
    assert names == [
        {"displayName": "F", "gender": "M", "custom": {"k": 1}, "tags": ["a"]},
        {"displayName": "N"},
    ]


def test_orders_are_tracked_and_repeated_ones_fail() -> None:
    """C-70: orders create customers."""
    caller = Caller()
    order = caller.order_body(orderDate=caller.time())
    job = run(caller, "orders", order, order)
    assert (1, 1, "completed") == (job["finishedCount"], job["errorCount"], job["status"])
    assert "exists" in job["response"]["failed"][0]["message"]
    assert 100 == caller.points()[0]


def test_the_rows_of_orders_are_fetched_and_a_failed_id_is_an_order_id() -> None:
    caller = Caller()
    caller.order(orderId="A")
    job = run(caller, "orders/transactions", "A", "B")
    fetched = job["response"]["successful"][0]
    assert ("A", 1) == (fetched["orderId"], fetched["count"])
    assert [{"customerId": "B", "message": "Order Not Found"}] == job["response"]["failed"]


def test_a_job_in_which_nothing_worked_has_failed() -> None:
    job = run(Caller(), "balance-inquiry", {"customerId": "x"})
    assert ("failed", None, 1) == (job["status"], job["startedAt"], job["errorCount"])


def test_balances_are_read_and_adjusted_in_points() -> None:
    """C-71: the amount is points."""
    caller = Caller()
    caller.give(10)
    job = run(
        caller,
        "balance-adjustment",
        {"customerId": "c1", "amount": 5, "reason": "sorry"},
        {"customerId": "c1", "amount": -12},
        {"customerId": "c1", "amount": -12},
        {"customerId": "c1", "amount": 0},
        {"customerId": "x", "amount": 1},
    )
    assert (2, 3) == (job["finishedCount"], job["errorCount"])
    assert [("ManualDeduction", 12, None), ("ManualAccumulation", 5, "sorry")] == [
        (row["type"], row["points"], row["reason"]) for row in caller.rows()[:2]
    ]
    read = run(caller, "balance-inquiry", {"customerId": "c1"})["response"]["successful"][0]
    assert ("c1", 3) == (read["customerId"], read["totalPointsBalance"])


@pytest.mark.parametrize(("days", "expiry"), [(None, None), (1, "2024-10-17T09:00:02")])
def test_adjusted_points_expire_as_the_account_says(days: int | None, expiry: str | None) -> None:
    caller = Caller(points_expiry_days=days)
    caller.give(0)
    run(caller, "balance-adjustment", {"customerId": "c1", "amount": 5})
    assert expiry == caller.rows()[0]["expiryDate"]


def test_cashback_redemptions_and_events_run_as_the_single_calls_do() -> None:
    caller = Caller()
    caller.give(0)
    run(caller, "cashback", caller.redeem_body(amount=50))
    assert 50 == caller.points()[0]
    job = run(caller, "redeem", caller.redeem_body(points=20), caller.redeem_body(points=31))
    assert (1, 1) == (job["finishedCount"], job["errorCount"])
    run(caller, "events", {"customerId": "new", "events": {"a": {}}})
    assert (0, 0, 0, 0) == caller.points("new")


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        pytest.param({}, (400, 3000), id="missing"),
        pytest.param({"body": []}, (400, 3000), id="empty"),
        pytest.param({"body": {}}, (422, 3003), id="no-list"),
        pytest.param({"body": [{"customerId": str(n)} for n in range(1001)]}, (422, 3011),
                     id="1001"),
        pytest.param({"body": [{"customerId": "c", "x": 1}]}, (400, 3003), id="unknown-member"),
    ],
)  # fmt: skip
def test_refused_batches(body: Any, refusal: tuple[int, int]) -> None:
    assert refusal == Caller().refusal("POST", "/batch/customers", body)


def test_a_batch_of_orders_needs_their_dates_and_a_thousand_is_not_too_many() -> None:
    caller = Caller()
    body = {"body": [caller.order_body()]}
    assert (400, 3000) == caller.refusal("POST", "/batch/orders", body)
    start(caller, "customers", *({"customerId": f"c{n}"} for n in range(1000)))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/batch/1"),
        ("DELETE", "/batch/x"),
        ("GET", "/batches/1/status"),
        ("POST", "/batches/1/stop"),
    ],
)
def test_an_unknown_job_is_4004(method: str, path: str) -> None:
    assert (404, 4004) == Caller().refusal(method, path)
