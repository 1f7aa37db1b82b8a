"""The table of operations, compared with one typed by hand and with the API's own description."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from gameball_async import operations
from gameball_async.config import Bucket
from gameball_async.operation import Operation, Replay
from tests.contract.document import described
from tests.contract.merged import merged

OURS = {it.name: it for it in vars(operations).values() if isinstance(it, Operation)}

NOT_OURS: Mapping[str, str] = {
    "POST /customers/{customerId}/delete": "another name for DELETE /customers/{customerId}",
    "DELETE /orders/{orderId}/transactions": "a phantom: the text of another operation (C-83)",
    "GET /locks/{lockReference}": "announced and not specified: `send` reaches it (C-84)",
    "GET /configurations/rewards/cashback": "a draft of /configurations/cashback (C-52)",
    "GET /configurations/rewards/redemption": "a draft of /configurations/redemption (C-52)",
    "GET /configurations/rewards/coupons": "a draft of /configurations/coupon (C-52)",
    "PUT /configurations/rewards/coupons": "a draft of /configurations/coupon (C-52)",
}
NOT_DESCRIBED: Mapping[str, str] = {
    "GET /batch/{jobId}": "the path of the guides, which is asked first (C-68)",
    "DELETE /batch/{jobId}": "the path of the guides, which is asked first (C-68)",
}

BUCKETS: Mapping[Bucket, str] = {
    Bucket.TRANSACTIONS_READ: """
        GET /transactions
        GET /transactions/count
        GET /transactions/customer-view
        GET /transactions/hold/{holdReferenceId}
    """,
    Bucket.TRANSACTIONS_WRITE: """
        POST /transactions/redeem
        POST /transactions/cashback
        POST /transactions/refund
        POST /transactions/hold
        POST /transactions/manual
        POST /transactions/otp
        PUT /transactions/{transactionId}/activate
        DELETE /transactions/hold/{holdReferenceId}
    """,
    Bucket.COUPONS: """
        POST /coupons/predefined
        POST /coupons/{code}/validate
        POST /coupons/validate
        POST /coupons/burn
        DELETE /coupons/{lockReference}
        POST /coupons/automatic
    """,
    Bucket.CUSTOMERS_READ: """
        GET /customers/{customerId}
        GET /customers/{customerId}/details
        GET /customers/{customerId}/coupons
        GET /customers/{customerId}/hash
        GET /customers/{customerId}/balance
        GET /customers/{customerId}/tier-progress
        GET /customers/{customerId}/reward-campaigns-progress
        GET /customers/{customerId}/referrals
        GET /customers/{customerId}/referrals/count
        GET /customers/{customerId}/activities
        GET /customers/{customerId}/activities/count
        GET /customers/{customerId}/automation
        GET /customers/{customerId}/stamps/{challengeId}
        GET /customers/{customerId}/streaks/{campaignId}
        GET /customers/{customerId}/notifications
        GET /customers/{customerId}/notifications/count
    """,
    Bucket.CUSTOMERS_WRITE: """
        POST /customers
        POST /customers/social-challenges
        POST /customers/{customerId}/tags
        PUT /customers/{customerId}/activate
        PUT /customers/{customerId}/notifications/read
        DELETE /customers/{customerId}
        DELETE /customers/{customerId}/tags
        DELETE /customers/{customerId}/tags/{tag}
    """,
    Bucket.EVENTS: """
        POST /events
        POST /events/reward-preview
    """,
    Bucket.ORDERS: """
        POST /orders
        POST /orders/reward-preview
        GET /orders/{orderId}/transactions
    """,
    Bucket.ORDER_CASHBACK: """
        POST /orders/cashback
    """,
    Bucket.OTHERS: """
        POST /payments
        POST /payments/cashback
        GET /configurations/cashback
        GET /configurations/redemption
        GET /configurations/coupon
        PUT /configurations/coupon
        GET /configurations/reward-campaigns
        GET /configurations/tiers
        GET /configurations/referrals
        GET /configurations/widget
        GET /leaderboard
        GET /referrals/validate
        POST /batch/customers
        POST /batch/orders
        POST /batch/orders/transactions
        POST /batch/balance-inquiry
        POST /batch/balance-adjustment
        POST /batch/cashback
        POST /batch/redeem
        POST /batch/events
        GET /batch/{jobId}
        GET /batches/{batchId}/status
        DELETE /batch/{jobId}
        POST /batches/{batchId}/stop
    """,
}
"""What the published limits count together; what they do not list goes with the writes."""

WRITES: Mapping[Replay, str] = {
    Replay.READ: """
        POST /orders/cashback
        POST /orders/reward-preview
        POST /payments/cashback
        POST /events/reward-preview
    """,
    Replay.KEYED: """
        POST /orders
        POST /payments
        POST /transactions/manual
        POST /transactions/redeem
        POST /transactions/cashback
        POST /transactions/refund
    """,
    Replay.IDEMPOTENT: """
        POST /customers
        POST /customers/{customerId}/tags
        PUT /customers/{customerId}/activate
        PUT /customers/{customerId}/notifications/read
        PUT /configurations/coupon
        PUT /transactions/{transactionId}/activate
        DELETE /customers/{customerId}
        DELETE /customers/{customerId}/tags
        DELETE /customers/{customerId}/tags/{tag}
        DELETE /transactions/hold/{holdReferenceId}
        DELETE /coupons/{lockReference}
        DELETE /batch/{jobId}
        POST /batches/{batchId}/stop
    """,
    Replay.UNSAFE: """
        POST /customers/social-challenges
        POST /events
        POST /transactions/hold
        POST /transactions/otp
        POST /coupons/predefined
        POST /coupons/{code}/validate
        POST /coupons/validate
        POST /coupons/burn
        POST /coupons/automatic
        POST /batch/customers
        POST /batch/orders
        POST /batch/orders/transactions
        POST /batch/balance-inquiry
        POST /batch/balance-adjustment
        POST /batch/cashback
        POST /batch/redeem
        POST /batch/events
    """,
}
"""What a repetition does; whatever is a GET is a read."""

WITHOUT_SECRET = """
    POST /customers
    GET /customers/{customerId}
    GET /customers/{customerId}/automation
    GET /customers/{customerId}/notifications
    GET /customers/{customerId}/notifications/count
    POST /events
    POST /events/reward-preview
    POST /orders/cashback
    POST /orders/reward-preview
    POST /payments/cashback
    POST /coupons/automatic
    GET /configurations/cashback
    GET /configurations/redemption
    GET /configurations/reward-campaigns
    GET /configurations/tiers
    GET /configurations/referrals
    GET /configurations/widget
    GET /referrals/validate
"""
"""What the API key alone is enough for, where the account does not ask for more."""

KEYS: Mapping[str, tuple[str, str]] = {
    "POST /orders": ("orderId", "orderDate"),
    "POST /payments": ("paymentId", "paymentDate"),
    "POST /transactions/manual": ("transactionId", "transactionTime"),
    "POST /transactions/redeem": ("transactionId", "transactionTime"),
    "POST /transactions/cashback": ("transactionId", "transactionTime"),
    "POST /transactions/refund": ("refundTransactionId", "transactionTime"),
    "POST /coupons/burn": ("transactionId", "transactionTime"),
}
"""The member that makes a repetition harmless, and the one that tells when it happened."""


def lines(text: str) -> list[str]:
    return [it.strip() for it in text.strip().splitlines()]


def test_every_operation_is_in_the_bucket_of_the_published_limits_c_79() -> None:
    """C-79: what the limits do not name is counted with the writes of its resource."""
    typed = [(name, bucket) for bucket, text in BUCKETS.items() for name in lines(text)]
    assert sorted(typed) == sorted((it.name, it.bucket) for it in OURS.values())


def test_every_operation_has_the_replay_class_that_its_effect_allows() -> None:
    typed = {name: replay for replay, text in WRITES.items() for name in lines(text)}
    reads = {name: Replay.READ for name in OURS if name.startswith("GET ")}
    assert {**typed, **reads} == {it.name: it.replay for it in OURS.values()}


def test_the_secret_key_is_needed_where_the_description_says_so() -> None:
    """C-35: both keys are sent always; this is who fails without the secret."""
    assert sorted(lines(WITHOUT_SECRET)) == sorted(n for n, it in OURS.items() if not it.secret)


def test_every_keyed_write_names_its_id_and_its_time() -> None:
    """C-14, C-18: the time is sent always, and the moment of the call where none was given."""
    assert {name: key for name, (key, _) in KEYS.items()} == {
        it.name: it.key for it in OURS.values() if it.key is not None
    }
    times = {**{name: time for name, (_, time) in KEYS.items()}}
    times["POST /transactions/hold"] = "transactionTime"
    assert times == {it.name: it.stamp for it in OURS.values() if it.stamp is not None}


def test_phantoms_drafts_and_announcements_are_no_operations() -> None:
    """C-52, C-83, C-84: `send` reaches whatever an account is promised."""
    assert set() == {*NOT_OURS} & {*OURS}
    assert not any(it.path.startswith("/configurations/rewards/") for it in OURS.values())


def test_every_described_operation_is_ours_or_is_left_out_for_a_reason() -> None:
    theirs = {*described()}
    assert theirs - {*NOT_OURS} == {*OURS} - {*NOT_DESCRIBED}
    assert {*NOT_DESCRIBED} == {*OURS} - theirs


def test_every_operation_of_any_source_is_ours_or_is_left_out_for_a_reason() -> None:
    theirs = {*merged()}
    assert {*NOT_OURS} == theirs - {*OURS}
    assert set() == {*OURS} - theirs


@pytest.mark.parametrize("name", sorted(OURS))
def test_both_descriptions_agree_with_us_on_the_secret_key(name: str) -> None:
    assert merged()[name].secret == OURS[name].secret
    if name not in NOT_DESCRIBED:
        assert described()[name].secret == OURS[name].secret
