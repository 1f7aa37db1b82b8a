"""Payments: the exact wire format, and a payment that is sent twice."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from gameball_async import (
    Branch,
    CashbackConfigurations,
    DuplicateError,
    GameballClient,
    Merchant,
    OutcomeUnknownError,
    Payment,
    PaymentCashbackQuoteDetail,
    PaymentDetail,
    PaymentQuote,
    PaymentReceipt,
    PaymentReceiptDetail,
    Redemption,
)
from tests.clients import API_KEY, SECRET_KEY, client
from tests.endpoints.exact import exact
from tests.wire import Drop, Reply, json_reply, refusal, wire

WHEN = datetime(2024, 9, 21, 16, 53, 28, 190_000, UTC)
WHEN_TEXT = "2024-09-21T16:53:28.190Z"
DETAIL = PaymentDetail(
    service_id="s_1234",
    service_name="Vodafone Topup",
    service_provider="Vodafone",
    amount=100,
    tax=10,
    discount=20,
    tags=["Telecom", "Topup"],
    category=["Telecom Topup"],
    extra={"k": 1},
)
DETAIL_JSON = {
    "serviceId": "s_1234",
    "serviceName": "Vodafone Topup",
    "serviceProvider": "Vodafone",
    "amount": 100,
    "tax": 10,
    "discount": 20,
    "tags": ["Telecom", "Topup"],
    "category": ["Telecom Topup"],
    "extra": {"k": 1},
}
FULL = Payment(
    customer_id="cust456",
    email="a@b.c",
    mobile="+1",
    payment_id="6253e03b",
    payment_date=WHEN,
    total_paid=100,
    total_amount=120,
    total_discount=20,
    total_processing_fees=10,
    total_tax=10,
    payment_details=[DETAIL],
    redemption=Redemption(
        points_hold_reference="h-1", coupons_lock_reference="l-1", coupon_codes=["A"]
    ),
    extra={"till": 4},
    merchant=Merchant(unique_id="m-1", branch=Branch(unique_id="b-1")),
    guest=False,
    channel="web",
    cashback_configurations=CashbackConfigurations(return_window=7),
)
QUOTED = {
    "customerId": "cust456",
    "email": "a@b.c",
    "mobile": "+1",
    "totalPaid": 100,
    "totalAmount": 120,
    "totalDiscount": 20,
    "totalProcessingFees": 10,
    "totalTax": 10,
    "paymentDetails": [DETAIL_JSON],
    "merchant": {"uniqueId": "m-1", "branch": {"uniqueId": "b-1"}},
}


async def test_a_payment_travels_as_the_guide_shows_it_c29() -> None:
    answer = {
        "customerId": "cust456",
        "redeemedPoints": 1000,
        "rewardedPoints": 101,
        "paymentDetails": [{"serviceId": "s", "decimalPoints": 91.25, "points": 91, "score": 0}],
    }
    receipt, sent = await exact("POST", "/payments", answer, lambda g: g.payments.track(FULL))
    assert {
        **QUOTED,
        "paymentId": "6253e03b",
        "paymentDate": WHEN_TEXT,
        "redemption": {
            "pointsHoldReference": "h-1",
            "couponsLockReference": "l-1",
            "couponCodes": ["A"],
        },
        "extra": {"till": 4},
        "guest": False,
        "channel": "web",
        "cashbackConfigurations": {"returnWindow": 7},
    } == sent.body
    detail = PaymentReceiptDetail(
        service_id="s", decimal_points=Decimal("91.25"), points=91, score=0
    )
    assert (
        PaymentReceipt(
            customer_id="cust456",
            redeemed_points=1000,
            rewarded_points=101,
            payment_details=[detail],
        )
        == receipt
    )


async def test_a_payment_without_a_date_is_stamped_once_for_all_attempts() -> None:
    payment = Payment(customer_id="c", payment_id="p", total_paid=1)
    async with wire(Drop(), json_reply()) as server, client(server.url) as gameball:
        await gameball.payments.track(payment)
        assert 1 == len({seen.body for seen in server.seen})
        assert server.seen[0].json["paymentDate"].endswith("Z")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param(FULL, QUOTED, id="a-payment"),
        pytest.param(
            PaymentQuote(total_paid=5, payment_details=[DETAIL]),
            {"totalPaid": 5, "paymentDetails": [DETAIL_JSON]},
            id="a-quote",
        ),
        pytest.param(PaymentQuote(), {}, id="nothing-is-required"),
    ],
)
async def test_a_quote_sends_what_it_knows_and_nothing_else_c24(asked: Any, expected: Any) -> None:
    detail = {
        "serviceId": "s",
        "quantity": 1,
        "totalDecimalPoints": 10.5,
        "totalPoints": 10,
        "totalScore": 2,
        "rewardWalletFactor": 0.1,
        "campaignId": 3,
        "campaignName": "Triple",
        "campaignEndDate": "2024-11-01T08:39:00",
        "campaignImpactWalletFactor": 3,
        "campaignImpactPoints": 7,
    }
    quote, sent = await exact(
        "POST",
        "/payments/cashback",
        {"totalPoints": 10, "totalScore": 2, "paymentDetails": [detail]},
        lambda g: g.payments.calculate_cashback(asked),
    )
    assert expected == sent.body
    assert (10, 2) == (quote.total_points, quote.total_score)
    assert [
        PaymentCashbackQuoteDetail(
            service_id="s",
            quantity=1,
            total_decimal_points=Decimal("10.5"),
            total_points=10,
            total_score=2,
            reward_wallet_factor=Decimal("0.1"),
            campaign_id=3,
            campaign_name="Triple",
            campaign_end_date=datetime(2024, 11, 1, 8, 39, tzinfo=UTC),
            campaign_impact_wallet_factor=3,
            campaign_impact_points=7,
        )
    ] == quote.payment_details


async def test_a_quote_needs_no_secret_and_is_asked_again() -> None:
    async with (
        wire(Drop(), json_reply(totalPoints=1)) as server,
        client(server.url, secret_key=None) as gameball,
    ):
        assert 1 == (await gameball.payments.calculate_cashback(FULL)).total_points
        assert 2 == len(server.seen)


def ledger(*changes: dict[str, Any]) -> Reply:
    """The customer's newest rows: one for each of *changes*, and a stranger's."""
    row = {
        "transactionId": "6253e03b",
        "gameballTransactionId": "12",
        "type": "PaymentReward",
        "direction": "+",
        "customerId": "cust456",
        "points": 101,
        "amount": 10.1,
        "transactionTime": WHEN_TEXT[:-1],
    }
    rows = [{"transactionId": "other"}, *({**row, **change} for change in changes)]
    return json_reply(transactions=rows, count=len(rows), hasMore=True)


BURNT = {"type": "Redemption", "direction": "-", "points": 50, "amount": 5.0}


@pytest.mark.parametrize(
    ("rows", "figures"),
    [
        pytest.param([{}, BURNT], (101, 50), id="earned-and-redeemed"),
        pytest.param([{"type": "Payment"}], (101, None), id="earned-under-another-name-c65"),
        pytest.param([{}, {"points": 9}], (110, None), id="earned-in-two-rows"),
        pytest.param([{"points": "?"}], (None, None), id="points-that-cannot-be-read"),
    ],
)
async def test_a_payment_whose_answer_was_lost_is_read_back(rows: Any, figures: Any) -> None:
    async with (
        wire(Drop(), refusal(422, 9003), ledger(*rows)) as server,
        client(server.url) as gameball,
    ):
        receipt = await gameball.payments.track(FULL)
        assert (True, *figures) == (
            receipt.already_recorded,
            receipt.rewarded_points,
            receipt.redeemed_points,
        )
        assert server.targets[2].endswith("/transactions?customerId=cust456&limit=200")


@pytest.mark.parametrize(
    "theirs",
    [
        pytest.param({"transactionTime": "2024-09-21T16:54:00"}, id="another-time"),
        pytest.param({"type": "ManualAccumulation"}, id="an-entry-by-hand-of-the-same-id"),
    ],
)
async def test_a_row_that_contradicts_ours_is_somebody_elses_payment(theirs: Any) -> None:
    async with (
        wire(Drop(), refusal(422, 9004), ledger(theirs)) as server,
        client(server.url) as gameball,
    ):
        with pytest.raises(DuplicateError, match="another transaction"):
            await gameball.payments.track(FULL)


async def test_a_duplicate_is_believed_without_rows_and_no_other_refusal_is() -> None:
    async with (
        wire(Drop(), refusal(422, 9004), ledger()) as server,
        client(server.url) as gameball,
    ):
        receipt = await gameball.payments.track(FULL)
        assert PaymentReceipt(customer_id="cust456", already_recorded=True) == receipt
    async with (
        wire(Drop(), refusal(404, 9006), ledger({"type": "AchievementReward"})) as server,
        client(server.url) as gameball,
    ):
        with pytest.raises(OutcomeUnknownError) as caught:
            await gameball.payments.track(FULL)
        assert "6253e03b" == caught.value.key


async def test_a_resent_payment_is_a_success_and_a_first_duplicate_is_not() -> None:
    async with (
        wire(refusal(422, 9004), ledger({})) as server,
        client(server.url) as gameball,
    ):
        assert (await gameball.payments.track(FULL, resend=True)).already_recorded
        server.script = lambda _seen: refusal(422, 9004)
        with pytest.raises(DuplicateError):
            await gameball.payments.track(FULL)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        pytest.param({"payment_id": ""}, "Payment.payment_id: must not be empty", id="no-id"),
        pytest.param({"customer_id": 5}, "Payment.customer_id: must be a str", id="a-number"),
        pytest.param({"total_paid": float("nan")}, "Payment.total_paid: must be fin", id="nan"),
        pytest.param({"payment_details": [1]}, r"payment_details\[0\]: must be a Pay", id="detail"),
        pytest.param({"payment_date": "now"}, "payment_date: must be a datetime", id="text"),
    ],
)
def test_a_payment_that_cannot_be_sent_names_its_field(fields: Any, message: str) -> None:
    members: Any = {"customer_id": "c", "payment_id": "p", "total_paid": 1, **fields}
    with pytest.raises((ValueError, TypeError), match=message):
        Payment(**members)


def test_personal_data_are_not_shown() -> None:
    assert "a@b.c" not in repr(FULL) + repr(PaymentQuote(email="a@b.c"))
    assert GameballClient(API_KEY, SECRET_KEY).payments is not None
