"""Transactions: the exact wire format, and what they do in an account."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from gameball_async import (
    Direction,
    GameballClient,
    HoldState,
    InsufficientPointsError,
    NotFoundError,
    PayloadError,
    ResponseDecodeError,
    ServerError,
    Transaction,
    TransactionNotFoundError,
    TransactionStatus,
    TransactionType,
)
from gameball_async.sandbox import Fault, Program, Sandbox
from tests.clients import API_KEY, QUICK, SECRET_KEY, order
from tests.endpoints.exact import exact

WHEN = datetime(2024, 10, 11, 16, 15, 15, 71_000, UTC)
WHEN_TEXT = "2024-10-11T16:15:15.071Z"
BY_HAND: dict[str, Any] = {
    "customer_id": "cust_abc",
    "transaction_id": "txn543211",
    "username": "admin_user",
    "reason": "Referral bonus",
}


def connect(sandbox: Sandbox) -> GameballClient:
    return GameballClient(API_KEY, SECRET_KEY, base_url=sandbox.url, retry=QUICK)


async def test_a_hold_travels_as_the_guide_shows_it_and_its_text_is_a_number_c08() -> None:
    hold, sent = await exact(
        "POST",
        "/transactions/hold",
        {"customerId": "c", "holdAmount": "5", "holdEquivalentPoints": 50, "holdReference": "h-1"},
        lambda g: g.transactions.hold(
            customer_id="cust_abc", transaction_time=WHEN, points_to_hold=50
        ),
    )
    assert {
        "customerId": "cust_abc",
        "transactionTime": WHEN_TEXT,
        "pointsToHold": 50,
    } == sent.body
    assert (5, 50, "h-1") == (hold.hold_amount, hold.hold_equivalent_points, hold.hold_reference)


async def test_every_optional_member_of_a_hold_has_its_wire_name() -> None:
    _, sent = await exact(
        "POST",
        "/transactions/hold",
        {},
        lambda g: g.transactions.hold(
            customer_id="c",
            amount_to_hold=Decimal("12.50"),
            transaction_time=WHEN,
            otp="123456",
            ignore_otp=False,
            hash="654321",
            email="a@b.c",
            mobile="+1",
        ),
    )
    assert {
        "customerId": "c",
        "amountToHold": 12.50,
        "transactionTime": WHEN_TEXT,
        "otp": "123456",
        "ignoreOTP": False,
        "hash": "654321",
        "email": "a@b.c",
        "mobile": "+1",
    } == sent.body


async def test_a_rule_travels_as_text_c61() -> None:
    _, sent = await exact(
        "POST",
        "/transactions/hold",
        {},
        lambda g: g.transactions.hold(customer_id="c", rule_id="2140", transaction_time=WHEN),
    )
    assert "2140" == sent.body["ruleId"]


async def test_a_hold_is_read_with_its_state_in_any_case_c61() -> None:
    answer = {"state": "active", "dateToExpire": "2024-10-16T08:11:24.675401", "holdAmount": "2"}
    hold, _ = await exact(
        "GET", "/transactions/hold/h%2F1", answer, lambda g: g.transactions.get_hold("h/1")
    )
    assert HoldState.ACTIVE is hold.state
    assert "h/1" == hold.hold_reference
    assert datetime(2024, 10, 16, 8, 11, 24, 675_401, UTC) == hold.date_to_expire


async def test_a_hold_that_names_itself_keeps_its_name() -> None:
    answer = {"state": "Used", "holdReference": "H-1"}
    hold, _ = await exact(
        "GET", "/transactions/hold/h-1", answer, lambda g: g.transactions.get_hold("h-1")
    )
    assert (HoldState.USED, "H-1") == (hold.state, hold.hold_reference)


async def test_a_hold_is_released_by_a_delete() -> None:
    done, sent = await exact(
        "DELETE",
        "/transactions/hold/h-1",
        {"success": True, "message": "Hold released successfully"},
        lambda g: g.transactions.release_hold("h-1"),
    )
    assert (True, None) == (done.success, sent.body)


async def test_a_list_sends_its_filters_in_the_wires_words() -> None:
    answer = {"transactions": [], "count": 0, "hasMore": False}
    page, sent = await exact(
        "GET",
        "/transactions?customerId=a%2Fb&direction=%2B&limit=7&startAfter=11034736&status=Active",
        answer,
        lambda g: g.transactions.list(
            direction=Direction.ACCUMULATION,
            status=TransactionStatus.ACTIVE,
            customer_id="a/b",
            limit=7,
            start_after=11034736,
        ).page(),
    )
    assert "direction=%2B" in sent.url
    assert ((), None, False) == (page.items, page.next_cursor, page.has_more)


async def test_a_count_is_a_number() -> None:
    count, _ = await exact(
        "GET",
        "/transactions/count?direction=-",
        {"count": 240},
        lambda g: g.transactions.count(direction="-"),
    )
    assert 240 == count


async def test_a_count_that_is_none_is_an_error() -> None:
    with pytest.raises(ResponseDecodeError, match="count"):
        await exact("GET", "/transactions/count", {}, lambda g: g.transactions.count())


@pytest.mark.parametrize("answer", [{}, {"transactions": None}, {"transactions": "none"}])
async def test_a_page_without_rows_is_an_error_and_not_an_end(answer: Any) -> None:
    with pytest.raises(ResponseDecodeError, match="transactions"):
        await exact(
            "GET", "/transactions?limit=200", answer, lambda g: g.transactions.list().page()
        )


async def test_by_hand_points_or_amount_are_sent_c12_and_a_number_is_read_as_an_id_c11() -> None:
    done, sent = await exact(
        "POST",
        "/transactions/manual",
        {"gameballTransactionId": 11035201, "transactionId": "txn54321221", "amount": 5.0},
        lambda g: g.transactions.create_manual(**BY_HAND, points=50, transaction_time=WHEN),
    )
    assert {
        "customerId": "cust_abc",
        "transactionId": "txn543211",
        "transactionTime": WHEN_TEXT,
        "username": "admin_user",
        "reason": "Referral bonus",
        "points": 50,
    } == sent.body
    assert ("11035201", "txn54321221", 5) == (
        done.gameball_transaction_id,
        done.transaction_id,
        done.amount,
    )


async def test_every_optional_member_of_a_manual_transaction_has_its_wire_name() -> None:
    _, sent = await exact(
        "POST",
        "/transactions/manual",
        {},
        lambda g: g.transactions.create_manual(
            **BY_HAND,
            amount=-2.5,
            transaction_time=WHEN,
            email="a@b.c",
            mobile="+1",
        ),
    )
    assert (-2.5, "a@b.c", "+1") == tuple(sent.body[name] for name in ("amount", "email", "mobile"))


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        pytest.param({"limit": 0}, "limit", id="limit-too-small"),
        pytest.param({"limit": 201}, "limit", id="limit-too-large"),
        pytest.param({"limit": True}, "limit", id="limit-is-a-flag"),
        pytest.param({"limit": "9"}, "limit", id="limit-is-text"),
        pytest.param({"start_after": "abc"}, "start_after", id="cursor-is-no-id"),
        pytest.param({"start_after": True}, "start_after", id="cursor-is-a-flag"),
        pytest.param({"start_after": -1}, "start_after", id="cursor-is-negative"),
        pytest.param({"direction": " "}, "direction", id="direction-is-a-blank"),
        pytest.param({"direction": "up"}, "direction", id="direction-is-a-word"),
        pytest.param({"status": ""}, "status", id="status-is-empty"),
        pytest.param({"status": 3}, "status", id="status-is-a-number"),
    ],
)
def test_a_list_refuses_what_the_api_would_misread(arguments: Any, field: str) -> None:
    gameball = GameballClient(API_KEY, SECRET_KEY)
    with pytest.raises((ValueError, TypeError), match=field):
        gameball.transactions.list(**arguments)


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        pytest.param({"points": 5, "amount": 5}, "points", id="both"),
        pytest.param({}, "points", id="neither"),
        pytest.param({"points": 5, "transaction_id": ""}, "transaction_id", id="empty-id"),
        pytest.param({"points": 5, "expiry_after": 0}, "expiry_after", id="no-expiry"),
        pytest.param({"amount": float("nan")}, "amount", id="nan"),
        pytest.param(
            {"points": 5, "transaction_time": datetime(2024, 1, 1)},  # noqa: DTZ001 - the point
            "transaction_time",
            id="naive",
        ),
    ],
)
async def test_a_manual_transaction_that_cannot_be_sent_names_its_field(
    arguments: Any, field: str
) -> None:
    async with GameballClient(API_KEY, SECRET_KEY, base_url="http://127.0.0.1:9") as gameball:
        with pytest.raises((ValueError, TypeError), match=field):
            await gameball.transactions.create_manual(**{**BY_HAND, **arguments})


async def test_an_unknown_option_is_named() -> None:
    gameball = GameballClient(API_KEY, SECRET_KEY)
    with pytest.raises(TypeError, match="colour"):
        gameball.transactions.list(colour="red")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="colour"):
        GameballClient(colour="red")  # type: ignore[call-arg]


async def test_points_given_by_hand_are_held_released_and_deducted() -> None:
    async with Sandbox.serve() as sandbox, connect(sandbox) as gameball:
        await gameball.orders.track(order())
        given = await gameball.transactions.create_manual(
            **{**BY_HAND, "customer_id": "id123"}, points=50
        )
        assert (50, 5) == (given.points, given.amount)
        hold = await gameball.transactions.hold(customer_id="id123", amount_to_hold=15)
        assert 150 == hold.hold_equivalent_points
        assert hold.hold_reference is not None
        seen = await gameball.transactions.get_hold(hold.hold_reference)
        assert HoldState.ACTIVE is seen.state
        with pytest.raises(InsufficientPointsError):
            await gameball.transactions.hold(customer_id="id123", points_to_hold=1)
        assert (await gameball.transactions.release_hold(hold.hold_reference)).success
        with pytest.raises(TransactionNotFoundError):
            await gameball.transactions.release_hold(hold.hold_reference)
        taken = await gameball.transactions.create_manual(
            **{**BY_HAND, "customer_id": "id123", "transaction_id": "t-2"}, points=-150
        )
        rows = [row async for row in gameball.transactions.list(customer_id="id123")]
        assert 3 == await gameball.transactions.count(customer_id="id123")
    assert 150 == abs(taken.points or 0)
    assert [
        TransactionType.MANUAL_DEDUCTION,
        TransactionType.MANUAL_ACCUMULATION,
        TransactionType.PAYMENT_REWARD,
    ] == [row.type for row in rows]
    assert [0, 150, 100] == [row.points_balance_after for row in rows]


async def test_the_apis_own_words_come_through_where_it_gives_no_code() -> None:
    async with Sandbox.serve() as sandbox, connect(sandbox) as gameball:
        await gameball.orders.track(order())
        with pytest.raises(PayloadError, match="Deduction cannot have expiry") as caught:
            await gameball.transactions.create_manual(
                **{**BY_HAND, "customer_id": "id123"}, points=-5, expiry_after=3
            )
        assert (400, None) == (caught.value.status, caught.value.code)
        with pytest.raises(NotFoundError):
            await gameball.transactions.hold(customer_id="nobody", points_to_hold=1)


@pytest.mark.parametrize("upwards", [False, True], ids=["newest first", "oldest first"])
async def test_the_whole_ledger_is_walked_in_either_order_c40(*, upwards: bool) -> None:
    program = Program(pagination_order="asc" if upwards else "desc")
    async with Sandbox.serve(program) as sandbox, connect(sandbox) as gameball:
        start = datetime.now(UTC) - timedelta(hours=1)
        for n in range(23):
            await gameball.orders.track(order(f"A-{n:02}", order_date=start + timedelta(seconds=n)))
        walked = [row async for row in gameball.transactions.list(limit=5)]
        pages = [page async for page in gameball.transactions.list(limit=5, prefetch=False).pages()]
    ids = [row.transaction_id or "" for row in walked]
    assert sorted(ids, reverse=not upwards) == ids
    assert 23 == len(set(ids))
    assert [5, 5, 5, 5, 3] == [len(page.items) for page in pages]
    assert all(isinstance(row, Transaction) for row in walked)


async def test_an_interrupted_walk_resumes_at_its_cursor() -> None:
    async with Sandbox.serve() as sandbox, connect(sandbox) as gameball:
        for n in range(9):
            await gameball.orders.track(order(f"A-{n}", order_date=None))
        rows: list[Transaction] = []

        async def walk(start_after: str | None = None) -> None:
            async for row in gameball.transactions.list(limit=2, start_after=start_after):
                rows.append(row)
                if len(rows) == 4:
                    sandbox.fault(Fault.unavailable(path="/transactions*", times=4))

        with pytest.raises(ServerError) as caught:
            await walk()
        assert caught.value.cursor == rows[-1].gameball_transaction_id
        await walk(caught.value.cursor)
    assert [f"A-{n}" for n in reversed(range(9))] == [row.transaction_id for row in rows]
