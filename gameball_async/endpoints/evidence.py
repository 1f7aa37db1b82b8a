"""Evidence: do the rows of the ledger show that a write has happened before?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final, Literal

from attrs import frozen

from gameball_async import operations as op
from gameball_async.models.fields import Money, Number
from gameball_async.models.transactions import Direction, Transaction, TransactionType
from gameball_async.transport.answers import rows_of
from gameball_async.transport.caller import Caller
from gameball_async.transport.progress import Stranger

MAX_LIMIT: Final = 200
"""The most rows that one request returns."""
SAME_INSTANT: Final = timedelta(seconds=1)
"""Databases round times; two orders of one id never lie this close together."""
_NAMED: Final = (
    TransactionType.PAYMENT_REWARD,
    TransactionType.PAYMENT,
    TransactionType.REDEMPTION,
    TransactionType.REFUND,
    TransactionType.PARTIAL_REFUND,
    TransactionType.CANCEL,
    TransactionType.MANUAL_ACCUMULATION,
    TransactionType.MANUAL_DEDUCTION,
)
"""Rows that carry the id of the call that wrote them; others may carry what caused them."""


def exact(money: Money | Number) -> Decimal:
    """*money* as a decimal; a float is what its shortest text says."""
    return Decimal(str(money))


def known(figure: object) -> Decimal | None:
    """A figure of an answer as a decimal; None for one that is absent or unreadable."""
    return exact(figure) if isinstance(figure, int | Decimal) else None


def total(figures: Iterable[object]) -> Number | None:
    """The sum of those figures of an answer that are known; None when none is."""
    numbers = [figure for figure in figures if isinstance(figure, int | Decimal)]
    return sum(numbers) if numbers else None


def same_time(theirs: datetime | None, ours: datetime | None) -> bool:
    """Whether two times may be one; an unknown one contradicts nothing."""
    if not isinstance(theirs, datetime) or ours is None:
        return True
    return abs(theirs - ours.astimezone(UTC)) < SAME_INSTANT


@frozen(kw_only=True)
class Claim:
    """What is known of a write: its rows agree with all of it."""

    transaction_id: str
    types: tuple[TransactionType, ...]
    """What its rows are called."""
    direction: Direction | None = None
    time: datetime | None = None
    points: Money | None = None
    amount: Money | None = None
    """Value of the points; whole points may be worth up to one point less or more."""

    def weigh(
        self, rows: Sequence[Transaction]
    ) -> Sequence[Transaction] | Literal[Stranger.STRANGER]:
        """Find the rows that this write has left.

        Args:
            rows: Rows of the ledger, of any id.

        Returns:
            The write's own rows, none when there is nothing to see; `STRANGER` when the id is
            somebody else's.
        """
        named = [row for row in rows if row.transaction_id == self.transaction_id]
        ours = [row for row in named if row.type in self.types]
        if any(map(self._contradicted_by, ours)):
            return Stranger.STRANGER
        if not ours and any(row.type in _NAMED for row in named):
            return Stranger.STRANGER
        return ours

    def _contradicted_by(self, row: Transaction) -> bool:
        points, amount = known(row.points), known(row.amount)
        return (
            not same_time(row.transaction_time, self.time)
            or (None not in (self.direction, row.direction) and self.direction != row.direction)
            or (None not in (self.points, points) and abs(exact(self.points or 0)) != points)
            or (amount is not None and self.amount is not None and self._off(amount, points))
        )

    def _off(self, amount: Decimal, points: Decimal | None) -> bool:
        """Whether *amount* is further from ours than rounding to whole points explains."""
        gap = abs(amount - abs(exact(self.amount or 0)))
        return gap > 0 and (not points or gap * points >= amount)


async def rows_of_customer(caller: Caller, customer_id: str) -> list[Transaction]:
    """The newest rows of a customer, in one request."""
    query = {"customer_id": customer_id, "limit": MAX_LIMIT}
    page = await caller.value(op.LIST_TRANSACTIONS, query=query)
    return rows_of(Transaction, page.transactions)
