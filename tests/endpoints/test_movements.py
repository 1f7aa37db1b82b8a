"""Movements: the exact wire format, and a movement that is sent twice."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from gameball_async import (
    ActivatedPoints,
    Branch,
    CashbackConfigurations,
    CashbackReceipt,
    ConcurrentRequestError,
    CustomerTransaction,
    DuplicateError,
    GameballClient,
    LineItem,
    Merchant,
    OutcomeUnknownError,
    RedemptionReceipt,
    RefundReceipt,
    TransactionError,
    TransactionType,
)
from gameball_async.models.movements import CashbackRequest, OtpRequest, RefundRequest
from tests.clients import API_KEY, SECRET_KEY, client
from tests.endpoints.exact import exact
from tests.wire import Drop, Reply, json_reply, refusal, wire

WHEN = datetime(2024, 10, 11, 10, 57, 43, 382_000, UTC)
WHEN_TEXT = "2024-10-11T10:57:43.382Z"
MERCHANT = Merchant(unique_id="m-1", branch=Branch(unique_id="b-1"))
MERCHANT_JSON = {"uniqueId": "m-1", "branch": {"uniqueId": "b-1"}}
WHO: dict[str, Any] = {"customer_id": "c", "transaction_id": "t-1"}
BACK: dict[str, Any] = {
    "customer_id": "c",
    "refund_transaction_id": "t-1",
    "reverse_transaction_id": "ORDER-56789",
}
Call = Callable[[GameballClient], Awaitable[Any]]


def redeem(**fields: Any) -> Call:
    return lambda g: g.transactions.redeem(**{**WHO, "transaction_time": WHEN, **fields})


def cashback(**fields: Any) -> Call:
    members = {**WHO, "amount": 150.75, "transaction_time": WHEN, **fields}
    return lambda g: g.transactions.cashback(**members)


def refund(**fields: Any) -> Call:
    return lambda g: g.transactions.refund(**{**BACK, "transaction_time": WHEN, **fields})


async def test_a_redemption_travels_as_the_guide_shows_it_and_its_id_is_text_c11() -> None:
    answer = {
        "customerId": "c",
        "gameballTransactionId": "11034734",
        "transactionId": "t-1",
        "redeemAmount": 10,
        "redeemEquivalentPoints": 100,
        "reason": "Discount",
    }
    done, sent = await exact(
        "POST",
        "/transactions/redeem",
        answer,
        redeem(
            amount=Decimal("10.50"),
            merchant=MERCHANT,
            hash="654321",
            otp="123456",
            ignore_otp=False,
            reason="Discount",
            email="a@b.c",
            mobile="+1",
        ),
    )
    assert {
        "customerId": "c",
        "transactionId": "t-1",
        "transactionTime": WHEN_TEXT,
        "amount": 10.5,
        "merchant": MERCHANT_JSON,
        "hash": "654321",
        "otp": "123456",
        "ignoreOTP": False,
        "reason": "Discount",
        "email": "a@b.c",
        "mobile": "+1",
    } == sent.body
    assert (
        RedemptionReceipt(
            customer_id="c",
            gameball_transaction_id="11034734",
            transaction_id="t-1",
            redeem_amount=10,
            redeem_equivalent_points=100,
            reason="Discount",
        )
        == done
    )


@pytest.mark.parametrize(
    ("what", "name"), [({"points": 0}, "points"), ({"hold_reference": "h"}, "holdReference")]
)
async def test_a_redemption_is_by_points_or_by_hold_as_well(what: Any, name: str) -> None:
    _, sent = await exact("POST", "/transactions/redeem", {}, redeem(**what))
    assert [*what.values()] == [sent.body[name]]


async def test_a_redemption_takes_no_rule_c63() -> None:
    gameball = GameballClient(API_KEY, SECRET_KEY)
    with pytest.raises(TypeError, match="rule_id"):
        await gameball.transactions.redeem(**WHO, rule_id="7")  # type: ignore[call-arg]


async def test_cashback_travels_as_the_guide_shows_it_and_its_id_may_be_a_number_c09_c11() -> None:
    done, sent = await exact(
        "POST",
        "/transactions/cashback",
        {
            "customerId": "c",
            "gameballTransactionId": 11034733,
            "rewardAmount": 150.75,
            "rewardEquivalentPoints": 0,
        },
        cashback(
            configurations=CashbackConfigurations(return_window=7),
            merchant=MERCHANT,
            email="a@b.c",
            mobile="+1",
        ),
    )
    assert {
        "customerId": "c",
        "transactionId": "t-1",
        "transactionTime": WHEN_TEXT,
        "amount": 150.75,
        "configurations": {"returnWindow": 7},
        "merchant": MERCHANT_JSON,
        "email": "a@b.c",
        "mobile": "+1",
    } == sent.body
    assert (
        CashbackReceipt(
            customer_id="c",
            gameball_transaction_id="11034733",
            reward_amount=Decimal("150.75"),
            reward_equivalent_points=0,
        )
        == done
    )


async def test_a_refund_travels_with_its_own_time_and_its_lines_c17_c62() -> None:
    done, sent = await exact(
        "POST",
        "/transactions/refund",
        {
            "gameballTransactionId": "11034735",
            "refundTransactionId": "t-1",
            "refundAmount": 15.0,
            "refundEquivalentPoints": 150,
        },
        refund(
            refund_amount=20.0,
            line_items=[LineItem(product_id="mat", quantity=2, price=10.0)],
            merchant=MERCHANT,
            email="a@b.c",
            mobile="+1",
        ),
    )
    assert {
        "customerId": "c",
        "refundTransactionId": "t-1",
        "reverseTransactionId": "ORDER-56789",
        "transactionTime": WHEN_TEXT,
        "refundAmount": 20.0,
        "lineItems": [{"productId": "mat", "quantity": 2, "price": 10.0}],
        "merchant": MERCHANT_JSON,
        "email": "a@b.c",
        "mobile": "+1",
    } == sent.body
    assert (
        RefundReceipt(
            gameball_transaction_id="11034735",
            refund_transaction_id="t-1",
            refund_amount=Decimal("15.0"),
            refund_equivalent_points=150,
        )
        == done
    )


async def test_a_full_refund_sends_no_amount_c62() -> None:
    _, sent = await exact("POST", "/transactions/refund", {}, refund())
    assert {
        "customerId": "c",
        "refundTransactionId": "t-1",
        "reverseTransactionId": "ORDER-56789",
        "transactionTime": WHEN_TEXT,
    } == sent.body


NAMES = ["redeem", "cashback", "refund"]


@pytest.mark.parametrize("call", [redeem(points=1), cashback(), refund()], ids=NAMES)
async def test_a_time_left_out_is_stamped_once_for_all_attempts(call: Call) -> None:
    async with wire(Drop(), json_reply()) as server, client(server.url) as gameball:
        await call(gameball)
        assert WHEN_TEXT == server.seen[0].json["transactionTime"]
    unstamped: list[Call] = [
        lambda g: g.transactions.redeem(**WHO, points=1),
        lambda g: g.transactions.cashback(**WHO, amount=1),
        lambda g: g.transactions.refund(**BACK),
    ]
    for each in unstamped:
        async with wire(Drop(), json_reply()) as server, client(server.url) as gameball:
            await each(gameball)
            assert 1 == len({seen.body for seen in server.seen})
            assert server.seen[1].json["transactionTime"].endswith("Z")


async def test_points_are_activated_by_a_put_without_a_body_and_either_name_is_read_c87() -> None:
    for name in ("clientTransactionId", "transactionId"):
        done, sent = await exact(
            "PUT",
            "/transactions/Txn%2F1/activate",
            {"pointsActivated": 50, "gameballTransactionId": 11035201, name: "Txn/1"},
            lambda g: g.transactions.activate("Txn/1"),
        )
        assert None is sent.body
        assert (
            ActivatedPoints(
                points_activated=50, gameball_transaction_id="11035201", transaction_id="Txn/1"
            )
            == done
        )


async def test_an_activation_is_repeated_after_a_lost_answer_and_while_busy_c75() -> None:
    script = (Drop(), refusal(400, 2001), json_reply(pointsActivated=5))
    async with wire(*script) as server, client(server.url) as gameball:
        assert 5 == (await gameball.transactions.activate("t-1")).points_activated
        assert 3 == len(server.seen)
    async with wire(refusal(400, 2001)) as server, client(server.url) as gameball:
        impatient = gameball.with_options()
        with pytest.raises(ConcurrentRequestError):
            await impatient.transactions.activate("t-1")
    async with wire(Drop(), refusal(404, 9002)) as server, client(server.url) as gameball:
        with pytest.raises(OutcomeUnknownError):
            await gameball.transactions.activate("t-1")


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ({"amount": 1.5}, {"amount": 1.5}),
        ({"points": 5}, {"points": 5}),
        ({"rule_id": 2140}, {"ruleId": 2140}),
    ],
)
async def test_a_password_is_asked_for_with_a_numeric_rule_c61(what: Any, expected: Any) -> None:
    done, sent = await exact(
        "POST",
        "/transactions/otp",
        {"anything": 1},
        lambda g: g.transactions.send_otp(customer_id="c", email="a@b.c", mobile="+1", **what),
    )
    assert {"customerId": "c", "email": "a@b.c", "mobile": "+1", **expected} == sent.body
    assert done is None


async def test_a_password_is_never_sent_twice_and_any_2xx_will_do() -> None:
    async with wire(Reply(202, b""), Drop()) as server, client(server.url) as gameball:
        await gameball.transactions.send_otp(customer_id="c", points=1)
        with pytest.raises(OutcomeUnknownError):
            await gameball.transactions.send_otp(customer_id="c", points=1)
        assert 2 == len(server.seen)


async def test_rows_come_with_their_customers_page_by_page() -> None:
    row = {
        "transactionId": "t",
        "gameballTransactionId": "9",
        "type": "Refund",
        "customerName": "Arya Stark",
        "customerEmail": "arya@w.ws",
        "isCustomerDeleted": True,
    }
    target = "/transactions/customer-view?customerId=c&direction=-&limit=7&startAfter=11"
    page, _ = await exact(
        "GET",
        f"{target}&status=Active",
        {"transactions": [row], "count": 1, "hasMore": True},
        lambda g: g.transactions.list_with_customers(
            direction="-", status="Active", customer_id="c", limit=7, start_after=11
        ).page(),
    )
    expected = CustomerTransaction(
        transaction_id="t",
        gameball_transaction_id="9",
        type=TransactionType.REFUND,
        customer_name="Arya Stark",
        customer_email="arya@w.ws",
        is_customer_deleted=True,
    )
    assert ((expected,), "9", True) == (page.items, page.next_cursor, page.has_more)
    assert "rya" not in repr(expected)


@pytest.mark.parametrize("name", ["limit", "start_after", "direction", "status"])
def test_a_list_with_customers_refuses_what_the_api_would_misread(name: str) -> None:
    gameball = GameballClient(API_KEY, SECRET_KEY)
    with pytest.raises((ValueError, TypeError), match=name):
        gameball.transactions.list_with_customers(**{name: object()})  # type: ignore[arg-type]


# -- sent twice ---------------------------------------------------------------------------------


def ledger(*changes: dict[str, Any]) -> Reply:
    """The customer's newest rows: one for each of *changes*, and a stranger's."""
    row = {
        "transactionId": "t-1",
        "gameballTransactionId": "12",
        "customerId": "c",
        "transactionTime": WHEN_TEXT[:-1],
    }
    rows = [{"transactionId": "other"}, 7, *({**row, **change} for change in changes)]
    return json_reply(transactions=rows, count=len(rows), hasMore=True)


BURNT = {"type": "Redemption", "direction": "-", "points": 100, "amount": 10.0, "reason": "r"}
EARNED = {"type": "PaymentReward", "direction": "+", "points": 15, "amount": 1.5}
TAKEN = {"type": "Cancel", "direction": "-", "points": 10, "amount": 10.0}
RETURNED = {"type": "Refund", "direction": "+", "points": 100, "amount": 10.0}
REDEEMED = RedemptionReceipt(
    customer_id="c",
    gameball_transaction_id="12",
    transaction_id="t-1",
    redeem_amount=10,
    redeem_equivalent_points=100,
    reason="r",
    already_recorded=True,
)
REFUNDED = RefundReceipt(
    gameball_transaction_id="12", refund_transaction_id="t-1", already_recorded=True
)


@pytest.mark.parametrize(
    ("call", "rows", "expected"),
    [
        pytest.param(redeem(points=100), [BURNT], REDEEMED, id="points"),
        pytest.param(redeem(amount=10), [BURNT], REDEEMED, id="money"),
        pytest.param(redeem(amount=10.09), [BURNT], REDEEMED, id="money-rounded-to-a-point"),
        pytest.param(redeem(hold_reference="h"), [BURNT], REDEEMED, id="a-hold"),
        pytest.param(
            redeem(points=100),
            [{**BURNT, "type": "DiscountCode", "points": 7}, BURNT],
            REDEEMED,
            id="beside-a-coupon-of-the-same-id",
        ),
        pytest.param(
            cashback(),
            [EARNED, {**EARNED, "points": 5}],
            CashbackReceipt(
                customer_id="c",
                gameball_transaction_id="12",
                reward_equivalent_points=20,
                already_recorded=True,
            ),
            id="cashback-in-two-rows",
        ),
        pytest.param(refund(), [TAKEN, RETURNED], REFUNDED, id="a-refund-in-two-rows"),
        pytest.param(refund(), [{"type": "PartialRefund"}], REFUNDED, id="a-partial-refund-c65"),
    ],
)
async def test_a_movement_whose_answer_was_lost_is_read_back(
    call: Call, rows: Any, expected: Any
) -> None:
    async with (
        wire(Drop(), refusal(422, 9003), ledger(*rows)) as server,
        client(server.url) as gameball,
    ):
        assert expected == await call(gameball)
        assert server.targets[2].endswith("/transactions?customerId=c&limit=200")
        assert 3 == len(server.seen)


@pytest.mark.parametrize(
    ("call", "theirs"),
    [
        pytest.param(redeem(points=101), BURNT, id="other-points"),
        pytest.param(redeem(amount=10.1), BURNT, id="money-of-one-point-more"),
        pytest.param(redeem(amount=9.5), {**BURNT, "points": None}, id="money-of-unknown-points"),
        pytest.param(redeem(points=100), {**BURNT, "direction": "+"}, id="the-other-way"),
        pytest.param(redeem(points=100), EARNED, id="a-reward-of-the-same-id"),
        pytest.param(
            redeem(points=100), {**BURNT, "transactionTime": "2024-10-11T10:58:00"}, id="later"
        ),
        pytest.param(cashback(), {**EARNED, "direction": "-"}, id="cashback-the-other-way"),
        pytest.param(cashback(), BURNT, id="a-redemption-of-the-same-id"),
        pytest.param(
            cashback(), {**EARNED, "transactionTime": "2024-10-11T10:57:44.382"}, id="a-second-off"
        ),
        pytest.param(refund(), {"type": "ManualDeduction"}, id="an-entry-by-hand"),
        pytest.param(refund(), {**TAKEN, "transactionTime": "2023-10-11T10:57:43"}, id="last-year"),
    ],
)
async def test_a_row_that_contradicts_ours_is_somebody_elses(call: Call, theirs: Any) -> None:
    async with (
        wire(Drop(), refusal(422, 9004), ledger(theirs)) as server,
        client(server.url) as gameball,
    ):
        with pytest.raises(DuplicateError, match="another transaction"):
            await call(gameball)


@pytest.mark.parametrize(
    ("call", "row"),
    [
        pytest.param(redeem(points=100), {**BURNT, "points": "?", "direction": None}, id="redeem"),
        pytest.param(redeem(amount=3), {**BURNT, "amount": None}, id="redeem-by-money"),
        pytest.param(redeem(amount=10), {**BURNT, "points": None}, id="the-same-money"),
        pytest.param(cashback(), {**EARNED, "transactionTime": "?"}, id="cashback"),
        pytest.param(refund(), {"type": "Cancel", "transactionTime": None}, id="refund"),
    ],
)
async def test_what_a_row_does_not_tell_contradicts_nothing(call: Call, row: Any) -> None:
    async with (
        wire(Drop(), refusal(422, 9004), ledger(row)) as server,
        client(server.url) as gameball,
    ):
        assert (await call(gameball)).already_recorded


async def test_a_resend_that_is_stamped_now_is_not_compared_by_its_time() -> None:
    async with wire(refusal(422, 9004), ledger(BURNT)) as server, client(server.url) as gameball:
        done = await gameball.transactions.redeem(**WHO, points=100, resend=True)
        assert (True, 100) == (done.already_recorded, done.redeem_equivalent_points)


@pytest.mark.parametrize(
    ("call", "bare"),
    [
        pytest.param(
            redeem(points=1),
            RedemptionReceipt(customer_id="c", transaction_id="t-1", already_recorded=True),
            id="redeem",
        ),
        pytest.param(
            cashback(), CashbackReceipt(customer_id="c", already_recorded=True), id="cashback"
        ),
        pytest.param(
            refund(),
            RefundReceipt(refund_transaction_id="t-1", already_recorded=True),
            id="refund",
        ),
    ],
)
async def test_a_duplicate_is_believed_without_rows_and_no_other_refusal_is(
    call: Call, bare: Any
) -> None:
    unrelated = ledger({"type": "AchievementReward"})
    async with wire(Drop(), refusal(422, 9004), unrelated) as server, client(server.url) as g:
        assert bare == await call(g)
    async with wire(Drop(), refusal(422, 9001), unrelated) as server, client(server.url) as g:
        with pytest.raises(OutcomeUnknownError) as caught:
            await call(g)
        assert isinstance(caught.value.last_error, TransactionError)
        assert "t-1" == caught.value.key
    async with wire(refusal(422, 9004)) as server, client(server.url) as g:
        with pytest.raises(DuplicateError):
            await call(g)


@pytest.mark.parametrize(
    "call",
    [redeem(points=1, resend=True), cashback(resend=True), refund(resend=True)],
    ids=NAMES,
)
async def test_a_movement_that_is_sent_again_is_a_success_when_it_is_there(call: Call) -> None:
    async with wire(refusal(422, 9004), ledger()) as server, client(server.url) as gameball:
        assert (await call(gameball)).already_recorded


# -- what cannot be sent ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "message"),
    [
        pytest.param(redeem(), "exactly one of amount, points, hold_reference, got none", id="0"),
        pytest.param(redeem(amount=1, points=1), "got amount and points", id="2"),
        pytest.param(redeem(points=1, hold_reference="h"), "got points and hold_ref", id="hold"),
        pytest.param(redeem(points=1.5), "points: must be an int", id="half-a-point"),
        pytest.param(redeem(points=1, transaction_id=""), "transaction_id: must not be", id="id"),
        pytest.param(cashback(amount=None), "amount: must be", id="no-amount"),
        pytest.param(cashback(customer_id=""), "customer_id: must not be empty", id="nobody"),
        pytest.param(refund(reverse_transaction_id=""), "reverse_transaction_id: must", id="what"),
        pytest.param(refund(refund_transaction_id=""), "refund_transaction_id: must", id="which"),
        pytest.param(refund(line_items=["x"]), r"line_items\[0\]: must be a LineItem", id="line"),
        pytest.param(refund(transaction_time=5), "transaction_time: must be a datetime", id="time"),
    ],
)
async def test_a_movement_that_cannot_be_sent_names_its_field(call: Call, message: str) -> None:
    gameball = GameballClient(API_KEY, SECRET_KEY, base_url="http://127.0.0.1:9")
    with pytest.raises((ValueError, TypeError), match=message):
        await call(gameball)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "exactly one of amount, points, rule_id, got none"),
        ({"points": 1, "rule_id": 2}, "got points and rule_id"),
        ({"rule_id": "2140"}, "rule_id: must be an int, got str"),
    ],
)
def test_a_password_covers_one_thing_and_a_rule_is_a_number_c61(fields: Any, message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        OtpRequest(customer_id="c", **fields)


def test_personal_data_are_not_shown() -> None:
    requests = [
        CashbackRequest(customer_id="c", transaction_id="t", amount=1, email="a@b.c"),
        RefundRequest(**BACK, email="a@b.c"),
        OtpRequest(customer_id="c", points=1, email="a@b.c"),
    ]
    assert "a@b.c" not in repr(requests)
