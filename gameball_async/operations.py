"""The API as a table: one frozen Operation per endpoint, nothing else."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, Generic, Literal, TypeVar

from attrs import Factory, field, frozen

from gameball_async.config import Bucket
from gameball_async.models.coupons import CouponLockRelease, CouponValidation
from gameball_async.models.customers import Customer, CustomerActivation
from gameball_async.models.orders import CashbackQuote, OrderReceipt, OrderTransactions
from gameball_async.models.transactions import (
    Hold,
    ManualTransaction,
    Success,
    TransactionCount,
    TransactionPage,
)

T = TypeVar("T")


class Replay(StrEnum):
    """What sending the same request twice does."""

    READ = "read"
    """Nothing: it changes nothing."""
    KEYED = "keyed"
    """Nothing more: an id of yours makes the API refuse the second one."""
    IDEMPOTENT = "idempotent"
    """Nothing more: the state after it is the same."""
    UNSAFE = "unsafe"
    """It happens twice."""


def _default_replay(operation: Operation[object]) -> Replay:
    """A GET is a read, whatever is not named is unsafe."""
    return Replay.READ if operation.method == "GET" else Replay.UNSAFE


@frozen
class Operation(Generic[T]):
    """One endpoint: where it lives, what it returns, and how it may be treated."""

    method: str
    path: str
    """Below ``/integrations``; ``{name}`` marks a parameter."""
    returns: type[T]
    """A model, ``dict`` for plain JSON, or ``type(None)`` where no body is documented."""
    bucket: Bucket = Bucket.OTHERS
    replay: Replay = field(
        default=Factory(_default_replay, takes_self=True), converter=Replay, kw_only=True
    )
    secret: bool = field(default=True, kw_only=True)
    """Whether the secret key is needed whatever the version and the account's settings are."""
    key: str | None = field(default=None, kw_only=True)
    """The body member, in the wire's spelling, whose id makes a repetition harmless."""
    stamp: str | None = field(default=None, kw_only=True)
    """The body member that tells when it happened; a model's is filled in when it is None."""
    language: Literal["header", "query"] | None = field(default=None, kw_only=True)
    """How the call's language travels, where the operation knows languages."""

    @property
    def name(self) -> str:
        """How errors and events call it, e.g. ``POST /orders``."""
        return f"{self.method} {self.path}"


GET_CUSTOMER: Final = Operation(
    "GET", "/customers/{customerId}", Customer, Bucket.CUSTOMERS_READ, secret=False
)
SET_CUSTOMER_ACTIVE: Final = Operation(
    "PUT",
    "/customers/{customerId}/activate",
    CustomerActivation,
    Bucket.CUSTOMERS_WRITE,
    replay=Replay.IDEMPOTENT,
)

TRACK_ORDER: Final = Operation(
    "POST",
    "/orders",
    OrderReceipt,
    Bucket.ORDERS,
    replay=Replay.KEYED,
    key="orderId",
    stamp="orderDate",
)
CALCULATE_ORDER_CASHBACK: Final = Operation(
    "POST",
    "/orders/cashback",
    CashbackQuote,
    Bucket.ORDER_CASHBACK,
    replay=Replay.READ,
    secret=False,
)
LIST_ORDER_TRANSACTIONS: Final = Operation(
    "GET", "/orders/{orderId}/transactions", OrderTransactions, Bucket.ORDERS
)

HOLD_POINTS: Final = Operation(
    "POST", "/transactions/hold", Hold, Bucket.TRANSACTIONS_WRITE, stamp="transactionTime"
)
GET_HOLD: Final = Operation(
    "GET", "/transactions/hold/{holdReferenceId}", Hold, Bucket.TRANSACTIONS_READ
)
RELEASE_HOLD: Final = Operation(
    "DELETE",
    "/transactions/hold/{holdReferenceId}",
    Success,
    Bucket.TRANSACTIONS_WRITE,
    replay=Replay.IDEMPOTENT,
)
LIST_TRANSACTIONS: Final = Operation(
    "GET", "/transactions", TransactionPage, Bucket.TRANSACTIONS_READ
)
COUNT_TRANSACTIONS: Final = Operation(
    "GET", "/transactions/count", TransactionCount, Bucket.TRANSACTIONS_READ
)
CREATE_MANUAL_TRANSACTION: Final = Operation(
    "POST",
    "/transactions/manual",
    ManualTransaction,
    Bucket.TRANSACTIONS_WRITE,
    replay=Replay.KEYED,
    key="transactionId",
    stamp="transactionTime",
)

VALIDATE_COUPONS: Final = Operation("POST", "/coupons/validate", CouponValidation, Bucket.COUPONS)
"""Unsafe because it may lock; the call that does not lock is a read."""
RELEASE_COUPONS: Final = Operation(
    "DELETE",
    "/coupons/{lockReference}",
    CouponLockRelease,
    Bucket.COUPONS,
    replay=Replay.IDEMPOTENT,
)
