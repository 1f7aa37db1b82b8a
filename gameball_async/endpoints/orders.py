"""Orders: track them, quote them, read back what they earned."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final, Literal

from attrs import frozen

from gameball_async import operations as op
from gameball_async.models.fields import Money, Number
from gameball_async.models.orders import (
    CashbackQuote,
    Order,
    OrderQuote,
    OrderReceipt,
    OrderTransaction,
    OrderTransactions,
    quote_of,
)
from gameball_async.models.transactions import TransactionType
from gameball_async.transport.answers import rows_of
from gameball_async.transport.call import Proof
from gameball_async.transport.caller import Caller
from gameball_async.transport.progress import Stranger

_EARNED: Final = {TransactionType.PAYMENT_REWARD, TransactionType.PAYMENT}
SAME_INSTANT: Final = timedelta(seconds=1)
"""Databases round times; two orders of one id never lie this close together."""


def exact(money: Money | Number) -> Decimal:
    """*money* as a decimal; a float is what its shortest text says."""
    return Decimal(str(money))


def same_time(theirs: datetime | None, ours: datetime | None) -> bool:
    """Whether two times may be one; an unknown one contradicts nothing."""
    if not isinstance(theirs, datetime) or ours is None:
        return True
    return abs(theirs - ours.astimezone(UTC)) < SAME_INSTANT


def _contradicts(row: OrderTransaction, order: Order) -> bool:
    """Whether *row* shows that the recorded order is another one."""
    if row.transaction_type not in {*_EARNED, TransactionType.REDEMPTION}:
        return False
    if not same_time(row.transaction_date, order.order_date):
        return True
    if row.transaction_type not in _EARNED or not isinstance(row.amount, int | Decimal):
        return False
    return exact(row.amount) != exact(order.total_paid)


def _points(rows: list[OrderTransaction], kind: TransactionType) -> Number | None:
    """The points of all rows of one type; None when there is no such row."""
    points = [row.equivalent_points for row in rows if row.transaction_type == kind]
    known = [number for number in points if isinstance(number, int | Decimal)]
    return sum(known) if known else None


@frozen
class Orders:
    """Operations on orders."""

    _caller: Caller

    async def track(self, order: Order, *, resend: bool = False) -> OrderReceipt:
        """Record a paid order: reward its customer, burn its hold and its coupons.

        Sending is repeated while the outcome is unknown; `order.order_id` keeps that from
        rewarding twice.

        Args:
            order: The order. `order_date` left None is the moment of the call.
            resend: An earlier process may have sent this order already, as a queue does that
                delivers at least once; a duplicate is then a success.

        Returns:
            The points earned and redeemed. `already_recorded` is True when an earlier attempt had
            landed: the figures were then read back from the ledger.

        Raises:
            DuplicateError: The order id is taken, by another order or by an earlier call.
            TransactionNotFoundError: The points hold is unknown, used or lapsed; hold again.
            OutcomeUnknownError: No clear answer; repeat with ``resend=True``.
            NotSentError: Nothing was sent; repeat the call.

        Source: POST /orders
        """

        async def look_up(seconds: float) -> OrderReceipt | Literal[Stranger.STRANGER] | None:
            found = await Orders(self._caller.within(seconds)).transactions(order.order_id)
            rows = rows_of(OrderTransaction, found.transactions)
            if any(_contradicts(row, order) for row in rows):
                return Stranger.STRANGER
            return _receipt(rows, order)

        bare = OrderReceipt(customer_id=order.customer_id, already_recorded=True)
        proof = Proof(code=9004, bare=bare, look_up=look_up)
        response = await self._caller.send(op.TRACK_ORDER, body=order, proof=proof, resend=resend)
        return response.value

    async def calculate_cashback(self, order: Order | OrderQuote) -> CashbackQuote:
        """Calculate what an order would earn; nothing is recorded.

        Args:
            order: An order, or what is known of it so far.

        Returns:
            The points the order would earn, in total and by product.

        Raises:
            ConfigurationDisabledError: Cashback is switched off.
            RequestError: No answer; repeat the call.

        Source: POST /orders/cashback
        """
        body = quote_of(order)
        return (await self._caller.send(op.CALCULATE_ORDER_CASHBACK, body=body)).value

    async def transactions(self, order_id: str) -> OrderTransactions:
        """List the ledger rows of an order.

        Args:
            order_id: Your id of the order; case matters.

        Returns:
            All of its rows: rewards, redemptions, refunds.

        Raises:
            NotFoundError: There is no such order.
            RequestError: No answer; repeat the call.

        Source: GET /orders/{orderId}/transactions
        """
        path = {"order_id": order_id}
        return (await self._caller.send(op.LIST_ORDER_TRANSACTIONS, path=path)).value


def _receipt(rows: list[OrderTransaction], order: Order) -> OrderReceipt | None:
    """The receipt of an order that its ledger rows prove; None when they prove nothing."""
    proving = {*_EARNED, TransactionType.REDEMPTION}
    if not any(row.transaction_type in proving for row in rows):
        return None
    return OrderReceipt(
        customer_id=order.customer_id,
        order_id=order.order_id,
        rewarded_points=_points(rows, TransactionType.PAYMENT_REWARD),
        redeemed_points=_points(rows, TransactionType.REDEMPTION),
        already_recorded=True,
    )
