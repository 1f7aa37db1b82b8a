"""What does reading a page of 200 transactions cost, next to pydantic and msgspec?

Ours is `decode(body, TransactionPage)`: exact numbers, aware times, open enums, and a member of a
wrong type costs nothing but itself.

Theirs are ``model_validate_json`` of a pydantic model and a typed msgspec decoder of a Struct, with
the same 22 fields, names renamed from camelCase, times and the three enums converted.

It is fair, or kinder to them: their numbers become floats, their times stay naive, and an unknown
word in an enum or a text for a number would fail their whole page.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

import msgspec
import pydantic
from pydantic.alias_generators import to_camel

from benchmarks.bench import Bench
from benchmarks.payloads import PAGE, ROWS
from benchmarks.rounds import Contest, Goal, Row, repeated
from gameball_async import Direction, TransactionStatus, TransactionType
from gameball_async.models.transactions import TransactionPage
from gameball_async.serialization import decode


class ModelRow(pydantic.BaseModel):
    """One row of the ledger, for pydantic."""

    model_config = pydantic.ConfigDict(alias_generator=to_camel)

    transaction_id: str | None = None
    gameball_transaction_id: str | None = None
    type: TransactionType | None = None
    direction: Direction | None = None
    customer_id: str | None = None
    points: float | None = None
    amount: float | None = None
    transaction_time: datetime | None = None
    status: TransactionStatus | None = None
    coupon_code: str | None = None
    is_coupon_used: bool | None = None
    coupon_type: str | None = None
    merchant_name: str | None = None
    branch_name: str | None = None
    reason: str | None = None
    achievement_name: str | None = None
    expiry_date: datetime | None = None
    points_balance_before: float | None = None
    points_balance_after: float | None = None
    achievement_type: str | None = None
    achieved_reward_campaign_id: str | None = None
    achieved_tier_id: int | None = None


class ModelPage(pydantic.BaseModel):
    """A page, for pydantic."""

    model_config = pydantic.ConfigDict(alias_generator=to_camel)

    transactions: list[ModelRow]
    count: int | None = None
    has_more: bool | None = None


class StructRow(msgspec.Struct, rename="camel"):
    """One row of the ledger, for msgspec."""

    transaction_id: str | None = None
    gameball_transaction_id: str | None = None
    type: TransactionType | None = None
    direction: Direction | None = None
    customer_id: str | None = None
    points: float | None = None
    amount: float | None = None
    transaction_time: datetime | None = None
    status: TransactionStatus | None = None
    coupon_code: str | None = None
    is_coupon_used: bool | None = None
    coupon_type: str | None = None
    merchant_name: str | None = None
    branch_name: str | None = None
    reason: str | None = None
    achievement_name: str | None = None
    expiry_date: datetime | None = None
    points_balance_before: float | None = None
    points_balance_after: float | None = None
    achievement_type: str | None = None
    achieved_reward_campaign_id: str | None = None
    achieved_tier_id: int | None = None


class StructPage(msgspec.Struct, rename="camel"):
    """A page, for msgspec."""

    transactions: list[StructRow]
    count: int | None = None
    has_more: bool | None = None


def _check_same_work(theirs: Sequence[ModelRow | StructRow]) -> None:
    """Both sides must read the same rows."""
    ours = decode(PAGE, TransactionPage).transactions
    assert ours is not None
    assert len(ours) == ROWS
    for mine, other in zip(ours, theirs, strict=True):
        assert mine.transaction_id == other.transaction_id
        assert mine.amount == other.amount
        assert mine.status is other.status
        assert other.transaction_time is not None
        assert mine.transaction_time is not None
        assert mine.transaction_time.replace(tzinfo=None) == other.transaction_time


@contextmanager
def contest(bench: Bench) -> Iterator[Contest]:
    """One page, read from the same bytes."""
    decoder = msgspec.json.Decoder(StructPage)
    _check_same_work(ModelPage.model_validate_json(PAGE).transactions)
    _check_same_work(decoder.decode(PAGE).transactions)
    pages = bench.size(200)
    question = "decode a page of 200 rows"
    yield Contest(
        {
            "pydantic": repeated(lambda: ModelPage.model_validate_json(PAGE), pages),
            "ours": repeated(lambda: decode(PAGE, TransactionPage), pages),
            "msgspec": repeated(lambda: decoder.decode(PAGE), pages),
        },
        [
            Row(
                question=question,
                rival="pydantic model_validate_json",
                ours="ours",
                theirs="pydantic",
                goal=Goal(7, 0.80, left_at=1.05),
            ),
            Row(question=question, rival="msgspec Struct", ours="ours", theirs="msgspec"),
        ],
    )
