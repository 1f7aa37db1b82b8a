"""Batches: the exact wire format, both paths of a job, and waiting for its end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

import orjson
import pytest

from gameball_async import (
    Answer,
    AuthenticationError,
    BalanceAdjustment,
    BatchCashback,
    BatchEvents,
    BatchFailure,
    BatchJob,
    BatchRedemption,
    BatchStatus,
    BatchSuccess,
    CustomerProfile,
    CustomerProfileAttributes,
    GameballClient,
    NotFoundError,
    OrderTransaction,
    OutcomeUnknownError,
    RateLimits,
    RequestTimeoutError,
    ResponseDecodeError,
    ServerError,
    Window,
)
from tests.clients import API_KEY, SECRET_KEY, client, order
from tests.endpoints.exact import exact
from tests.test_seams import Scripted, client as scripted
from tests.virtual_time import virtual
from tests.wire import Drop, Reply, Seen, json_reply, refusal, wire

WHEN = datetime(2024, 10, 11, 10, 57, 43, 382_000, UTC)
WHEN_TEXT = "2024-10-11T10:57:43.382Z"
CREATED = datetime(2025, 3, 14, 10, 0, tzinfo=UTC)
GUIDES = "GET /api/v4/integrations/batch/7"
DESCRIBED = "GET /api/v4/integrations/batches/7/status"
Create = Callable[[GameballClient], Awaitable[BatchJob]]


def profile(customer_id: str = "c") -> CustomerProfile:
    attributes = CustomerProfileAttributes(display_name="Arya Stark")
    return CustomerProfile(customer_id=customer_id, customer_attributes=attributes)


CREATIONS: list[Any] = [
    pytest.param(
        "/batch/customers",
        lambda g: g.batches.customers([profile()]),
        {"customerId": "c", "customerAttributes": {"displayName": "Arya Stark"}},
        id="customers-nested-c71",
    ),
    pytest.param(
        "/batch/customers",
        lambda g: g.batches.customers([{"customerId": "c", "name": "Arya", "vip": True}]),
        {"customerId": "c", "name": "Arya", "vip": True},
        id="customers-flat-with-extra-members-c71",
    ),
    pytest.param(
        "/batch/orders",
        lambda g: g.batches.orders([order(line_items=None, total_paid=Decimal("1.10"))]),
        {
            "customerId": "id123",
            "orderId": "A-1",
            "orderDate": "2024-10-16T08:13:29.290Z",
            "totalPaid": 1.1,
        },
        id="orders-c18",
    ),
    pytest.param(
        "/batch/orders/transactions",
        lambda g: g.batches.order_transactions(["ORDER-001"]),
        "ORDER-001",
        id="order-transactions",
    ),
    pytest.param(
        "/batch/balance-inquiry",
        lambda g: g.batches.balances(iter(["c"])),
        {"customerId": "c"},
        id="balances",
    ),
    pytest.param(
        "/batch/balance-adjustment",
        lambda g: g.batches.adjust_balances(
            [BalanceAdjustment(customer_id="c", amount=-5, reason="r")]
        ),
        {"customerId": "c", "amount": -5, "reason": "r"},
        id="adjust-balances-c71",
    ),
    pytest.param(
        "/batch/cashback",
        lambda g: g.batches.cashback(
            [
                BatchCashback(
                    customer_id="c",
                    transaction_id="t",
                    transaction_time=WHEN,
                    amount=2.5,
                    email="a@b.c",
                    mobile="+1",
                )
            ]
        ),
        {
            "customerId": "c",
            "transactionId": "t",
            "transactionTime": WHEN_TEXT,
            "amount": 2.5,
            "email": "a@b.c",
            "mobile": "+1",
        },
        id="cashback",
    ),
    pytest.param(
        "/batch/redeem",
        lambda g: g.batches.redeem(
            [BatchRedemption(customer_id="c", transaction_id="t", transaction_time=WHEN, points=3)]
        ),
        {"customerId": "c", "transactionId": "t", "transactionTime": WHEN_TEXT, "points": 3},
        id="redeem",
    ),
    pytest.param(
        "/batch/events",
        lambda g: g.batches.events([BatchEvents(customer_id="c", events={"visit": None})]),
        {"customerId": "c", "events": {"visit": {}}},
        id="events",
    ),
]


@pytest.mark.parametrize(("path", "create", "item"), CREATIONS)
async def test_a_batch_travels_as_a_list_and_gives_a_job(
    path: str, create: Create, item: Any
) -> None:
    job, sent = await exact("POST", path, {"jobId": 123456}, create)
    assert {"body": [item]} == sent.body
    assert BatchJob(job_id=123456) == job
    assert not job.is_over


@pytest.mark.parametrize(("path", "create", "item"), CREATIONS)
async def test_a_batch_is_never_made_twice(path: str, create: Create, item: Any) -> None:
    async with wire(Drop()) as server, client(server.url) as gameball:
        with pytest.raises(OutcomeUnknownError):
            await create(gameball)
        assert [f"POST /api/v4/integrations{path}"] == server.targets
    assert item


@pytest.mark.parametrize("answer", [{}, {"jobId": None}, {"jobId": True}, {"jobId": [1]}], ids=str)
async def test_a_job_without_an_id_may_be_under_way_and_cannot_be_asked_about(answer: Any) -> None:
    with pytest.raises(ResponseDecodeError, match="no jobId") as caught:
        await exact("POST", "/batch/balance-inquiry", answer, lambda g: g.batches.balances(["c"]))
    assert caught.value.outcome_unknown


async def test_a_job_id_that_is_no_number_is_kept() -> None:
    job, _ = await exact(
        "POST", "/batch/balance-inquiry", {"jobId": "j-1"}, lambda g: g.batches.balances(["c"])
    )
    assert "j-1" == job.job_id


async def test_a_thousand_items_are_taken_and_not_one_more_c70() -> None:
    ids = [f"c-{n}" for n in range(1001)]
    _, sent = await exact(
        "POST", "/batch/balance-inquiry", {"jobId": 1}, lambda g: g.batches.balances(ids[:1000])
    )
    assert 1000 == len(sent.body["body"])
    gameball = GameballClient(API_KEY, SECRET_KEY)
    with pytest.raises(ValueError, match="customer_ids: a batch takes 1 to 1000 items, got 1001"):
        await gameball.batches.balances(ids)


VISIT = BatchEvents(customer_id="c", events={"visit": {}})


@pytest.mark.parametrize(
    ("create", "message"),
    [
        pytest.param(lambda b: b.customers([]), "items: a batch takes 1 to 1000", id="none"),
        pytest.param(lambda b: b.customers([profile(), profile("d"), profile()]), "2.*'c'", id="c"),
        pytest.param(
            lambda b: b.customers([profile(), {"customerId": "c"}]), "could not be told", id="mixed"
        ),
        pytest.param(
            lambda b: b.customers([{"id": "c"}]), "its customerId must be a text", id="no-id"
        ),
        pytest.param(
            lambda b: b.customers([{"customerId": ""}]), "its customerId must be a text", id="empty"
        ),
        pytest.param(
            lambda b: b.customers([{"customerId": 5}]), "its customerId must be a text", id="number"
        ),
        pytest.param(lambda b: b.customers(["c"]), r"items\[0\]: must be a Cust.* or M", id="text"),
        pytest.param(lambda b: b.customers({"customerId": "c"}), "must be a list", id="one"),
        pytest.param(lambda b: b.orders([order(), order("A-2")]), "'id123' comes twice", id="o"),
        pytest.param(lambda b: b.orders([order(order_date=None)]), r"0\].order_date", id="undated"),
        pytest.param(lambda b: b.order_transactions(["A", "A"]), "'A' comes twice", id="orders"),
        pytest.param(lambda b: b.order_transactions("A"), "order_ids: must be a list", id="string"),
        pytest.param(lambda b: b.order_transactions([""]), "its order id must be", id="no-order"),
        pytest.param(lambda b: b.balances(["c", "c"]), "comes twice", id="balances"),
        pytest.param(
            lambda b: b.adjust_balances([BalanceAdjustment(customer_id="c", amount=1)] * 2),
            "comes twice",
            id="adjustments",
        ),
        pytest.param(lambda b: b.cashback([VISIT]), "must be a BatchCashback", id="cashback"),
        pytest.param(lambda b: b.redeem([VISIT]), "must be a BatchRedemption", id="redeem"),
        pytest.param(lambda b: b.events([VISIT, VISIT]), "comes twice", id="events"),
    ],
)
async def test_a_batch_whose_failures_could_not_be_told_apart_is_refused_c71(
    create: Any, message: str
) -> None:
    gameball = GameballClient(API_KEY, SECRET_KEY, base_url="http://127.0.0.1:9")
    with pytest.raises((ValueError, TypeError), match=message):
        await create(gameball.batches)


def test_items_refuse_what_cannot_be_sent_and_place_order_c28() -> None:
    when: dict[str, Any] = {"customer_id": "c", "transaction_id": "t", "transaction_time": WHEN}
    with pytest.raises(ValueError, match="place_order is reserved"):
        BatchEvents(customer_id="c", events={"place_order": {}})
    with pytest.raises(ValueError, match=r"BatchEvents\.events: must hold events"):
        BatchEvents(customer_id="c", events={})
    with pytest.raises(ValueError, match="exactly one of amount, points, hold_reference"):
        BatchRedemption(**when, amount=1, points=1)
    with pytest.raises(TypeError, match="transaction_time: must be a datetime"):
        BatchRedemption(**{**when, "transaction_time": None}, points=1)
    with pytest.raises(TypeError, match="amount: must be"):
        BatchCashback(**when, amount="5")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="customer_id: must not be empty"):
        BalanceAdjustment(customer_id="", amount=1)
    shown = repr(BatchCashback(**when, amount=1, email="a@b.c", mobile="+49"))
    assert ("a@b.c" in shown, "+49" in shown) == (False, False)


# -- both shapes, both paths --------------------------------------------------------------------

ROW = {"transactionType": "Payment", "equivalentPoints": 192.0, "transactionId": "ORDER-001"}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(
            {
                "operation": "Customer Creation Batch Job",
                "errorCount": 1,
                "totalCount": 2,
                "finishedCount": 1,
                "startedAt": "2025-03-14T10:00:00Z",
                "createdAt": "2025-03-14T10:00:00Z",
                "status": "Completed",
                "response": {
                    "successful": [{"customerId": "12345", "message": "created", "balance": 5}],
                    "failed": [
                        {"customerId": "67890", "error": "no"},
                        {"customerId": "67891", "message": "neither"},
                    ],
                },
            },
            BatchJob(
                job_id=7,
                operation="Customer Creation Batch Job",
                status=BatchStatus.COMPLETED,
                total_count=2,
                finished_count=1,
                error_count=1,
                started_at=CREATED,
                created_at=CREATED,
                successful=[
                    BatchSuccess(
                        customer_id="12345",
                        message="created",
                        details={"customerId": "12345", "message": "created", "balance": 5},
                    )
                ],
                failed=[
                    BatchFailure(customer_id="67890", message="no"),
                    BatchFailure(customer_id="67891", message="neither"),
                ],
            ),
            id="of-the-guides",
        ),
        pytest.param(
            {
                "batchId": "7",
                "status": "PROCESSING",
                "progress": 50,
                "totalItems": 4,
                "processedItems": 2,
                "failedItems": 1,
                "results": [{"orderId": "ORDER-001", "transactions": [ROW], "count": 1}, "done"],
                "errors": ["Order Not Found", {"customerId": "ORDER-002"}],
            },
            BatchJob(
                job_id=7,
                status=BatchStatus.RUNNING,
                total_count=4,
                finished_count=2,
                error_count=1,
                progress=50,
                successful=[
                    BatchSuccess(
                        order_id="ORDER-001",
                        transactions=[
                            OrderTransaction(
                                transaction_type="Payment",
                                equivalent_points=Decimal("192.0"),
                                transaction_id="ORDER-001",
                            )
                        ],
                        count=1,
                        details={"orderId": "ORDER-001", "transactions": [ROW], "count": 1},
                    ),
                    BatchSuccess(message="done"),
                ],
                failed=[
                    BatchFailure(message="Order Not Found"),
                    BatchFailure(customer_id="ORDER-002"),
                ],
            ),
            id="of-the-description",
        ),
        pytest.param(
            {"status": "pending", "response": None},
            BatchJob(job_id=7, status=BatchStatus.QUEUED),
            id="just-queued",
        ),
        pytest.param(
            {"status": "paused", "response": {"successful": {"message": "m"}, "failed": "all"}},
            BatchJob(
                job_id=7,
                status="paused",
                successful=[BatchSuccess(message="m", details={"message": "m"})],
                failed=[BatchFailure(message="all")],
            ),
            id="of-no-documented-shape",
        ),
    ],
)
async def test_both_shapes_of_a_job_are_read_into_one_c69(answer: Any, expected: BatchJob) -> None:
    job, _ = await exact("GET", "/batch/7", answer, lambda g: g.batches.get(7))
    assert expected == job
    assert (job.status is BatchStatus.COMPLETED) == job.is_over


@pytest.mark.parametrize("status", [404, 405])
async def test_the_path_that_answers_is_remembered_by_the_client_and_its_copies_c68(
    status: int,
) -> None:
    known = json_reply(batchId="7", status="processing")

    def script(seen: Seen) -> Reply:
        return known if "/batches/" in seen.target else refusal(status, 4004)

    async with wire(script=script) as server, client(server.url) as gameball:
        for _ in range(2):
            job = await gameball.with_options().batches.get(7)
            assert (7, BatchStatus.RUNNING) == (job.job_id, job.status)
        stopped = await gameball.batches.stop(7)
        assert BatchStatus.RUNNING is stopped.status
        assert [
            GUIDES,
            DESCRIBED,
            DESCRIBED,
            "POST /api/v4/integrations/batches/7/stop",
        ] == server.targets


async def test_the_other_path_is_tried_again_when_the_remembered_one_is_gone_c68() -> None:
    gone, known = refusal(404, 4004), json_reply(status="stopped")
    async with wire(gone, known, gone, known, known) as server, client(server.url) as gameball:
        for _ in range(3):
            assert (await gameball.batches.get("7")).is_over
        assert [GUIDES, DESCRIBED, DESCRIBED, GUIDES, GUIDES] == server.targets


async def test_a_job_that_neither_path_knows_is_not_there() -> None:
    script = (refusal(404, 4004, "first"), refusal(405, 4004, "second"))
    async with wire(*script) as server, client(server.url) as gameball:
        with pytest.raises(NotFoundError, match="first"):
            await gameball.batches.get(7)
        assert [GUIDES, DESCRIBED] == server.targets


async def test_any_other_refusal_is_told_as_it_is_c68() -> None:
    script = (refusal(401, 1000), refusal(404, 4004), Reply(503))
    async with wire(*script) as server, client(server.url) as gameball:
        with pytest.raises(AuthenticationError):
            await gameball.batches.get(7)
        with pytest.raises(ServerError):
            await gameball.batches.get(7)
        assert [GUIDES, GUIDES, DESCRIBED] == server.targets[:3]


async def test_a_job_is_stopped_by_a_delete_whose_answer_is_not_documented_c68() -> None:
    async with wire(Drop(), Reply(200, b"")) as server, client(server.url) as gameball:
        job = await gameball.batches.stop(7)
        assert BatchJob(job_id=7) == job
        assert ["DELETE /api/v4/integrations/batch/7"] * 2 == server.targets


@pytest.mark.parametrize("job_id", ["", "..", True, None], ids=repr)
async def test_a_job_id_that_bends_the_path_is_refused(job_id: Any) -> None:
    gameball = GameballClient(API_KEY, SECRET_KEY, base_url="http://127.0.0.1:9")
    with pytest.raises((ValueError, TypeError), match="job_id"):
        await gameball.batches.get(job_id)


# -- waiting ------------------------------------------------------------------------------------


def told(status: str) -> Answer:
    return Answer(200, {}, orjson.dumps({"status": status}))


@virtual
async def test_a_job_is_looked_at_ever_more_seldom_until_it_is_over() -> None:
    looks = [told(status) for status in ["queued", *["running"] * 7, "paused", "completed"]]
    transport = Scripted(*looks)
    async with scripted(transport) as gameball:
        job = await gameball.batches.wait(7, timeout=1000)
    assert BatchStatus.COMPLETED is job.status
    times = [when for when, _ in transport.sent]
    gaps = [round(late - early, 6) for early, late in pairwise(times)]
    assert [1, 2, 4, 8, 16, 30, 30, 30, 30] == gaps


@pytest.mark.parametrize("end", ["Failed", "stopped", "COMPLETED"])
def test_every_documented_end_ends_the_wait_at_once(end: str) -> None:
    @virtual
    async def run() -> None:
        transport = Scripted(told(end))
        async with scripted(transport) as gameball:
            assert (await gameball.batches.wait(7)).is_over
        assert 1 == len(transport.sent)

    run()


@virtual
async def test_an_unknown_state_counts_as_running_until_the_time_is_up_c69() -> None:
    transport = Scripted(told("paused"))
    async with scripted(transport) as gameball:
        began = asyncio.get_running_loop().time()
        with pytest.raises(RequestTimeoutError, match="job 7 is not over within 20 s: paused"):
            await gameball.batches.wait(7, timeout=20, poll=2)
        took = asyncio.get_running_loop().time() - began
    assert 18 <= took <= 20


@virtual
async def test_a_wait_shorter_than_a_pause_looks_once_and_a_long_pause_is_kept() -> None:
    transport = Scripted(told("running"))
    async with scripted(transport) as gameball:
        with pytest.raises(TimeoutError):
            await gameball.batches.wait(7, timeout=0.5)
        assert 1 == len(transport.sent)
        with pytest.raises(TimeoutError):
            await gameball.batches.wait(7, timeout=500, poll=100)
    times = [when for when, _ in transport.sent[1:]]
    assert times[1] - times[0] == 100


@virtual
async def test_a_look_takes_no_longer_than_what_is_left_of_the_wait() -> None:
    transport = Scripted(1000.0)
    async with scripted(transport) as gameball:
        began = asyncio.get_running_loop().time()
        with pytest.raises(RequestTimeoutError):
            await gameball.batches.wait(7, timeout=5)
        assert 5.3 >= asyncio.get_running_loop().time() - began


@virtual
async def test_a_job_is_waited_for_as_it_was_returned_or_by_its_id() -> None:
    transport = Scripted(told("completed"))
    async with scripted(transport) as gameball:
        for job in (BatchJob(job_id=7), 7, "7"):
            await gameball.batches.wait(job)
        with pytest.raises(ValueError, match="job has no job_id"):
            await gameball.batches.wait(BatchJob())
    assert [GUIDES.removeprefix("GET ")] * 3 == [target for _, target in transport.sent]


def one_every(seconds: float) -> dict[str, Any]:
    return {"rate_limits": RateLimits.published().override(others=(Window(1, seconds),))}


@virtual
async def test_looks_keep_to_the_rate_limit_however_short_the_pause() -> None:
    transport = Scripted(*[told("running")] * 3, told("completed"))
    async with scripted(transport, **one_every(10)) as gameball:
        await gameball.batches.wait(7, poll=0.01)
    times = [when for when, _ in transport.sent]
    assert 4 == len(times)
    assert all(late - early >= 10 for early, late in pairwise(times))


@virtual
async def test_a_look_that_the_rate_limit_puts_off_beyond_one_call_is_taken_later() -> None:
    """A call waits a minute at most; a wait that lasts longer does not end with it."""
    transport = Scripted(told("running"), told("completed"))
    async with scripted(transport, **one_every(100)) as gameball:
        job = await gameball.batches.wait(7, timeout=300)
    assert BatchStatus.COMPLETED is job.status
    (first, _), (second, _) = transport.sent
    assert 100 <= second - first <= 110


@virtual
async def test_a_wait_without_a_slot_before_its_end_is_out_of_time_at_once() -> None:
    transport = Scripted(told("running"))
    async with scripted(transport, **one_every(100)) as gameball:
        began = asyncio.get_running_loop().time()
        with pytest.raises(RequestTimeoutError, match="job 7 is not over within 50 s"):
            await gameball.batches.wait(7, timeout=50)
        assert 2 >= asyncio.get_running_loop().time() - began
    assert 1 == len(transport.sent)


@pytest.mark.parametrize("name", ["timeout", "poll"])
@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf"), True, "1"], ids=repr)
async def test_seconds_that_are_none_are_refused(name: str, value: Any) -> None:
    gameball = GameballClient(API_KEY, SECRET_KEY, base_url="http://127.0.0.1:9")
    with pytest.raises((ValueError, TypeError), match=f"{name} must be"):
        await gameball.batches.wait(7, **{name: value})
