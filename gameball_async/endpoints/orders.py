"""Orders: track them, quote them, read back what they earned."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable
from decimal import Decimal
from functools import partial
from typing import Final, Literal

from attrs import frozen

from gameball_async import operations as op
from gameball_async.bulk.outcomes import BulkReport
from gameball_async.bulk.patience import check, patient
from gameball_async.bulk.stream import Listener, OutcomeStream, check_listener, report_of
from gameball_async.bulk.tracking import StopOn, Tracking
from gameball_async.config import Priority
from gameball_async.endpoints.evidence import exact, same_time, total
from gameball_async.models.fields import Number
from gameball_async.models.orders import (
    CashbackQuote,
    Order,
    OrderPreview,
    OrderQuote,
    OrderReceipt,
    OrderTransaction,
    OrderTransactions,
    preview_of,
    quote_of,
)
from gameball_async.models.transactions import TransactionType
from gameball_async.transport.answers import rows_of
from gameball_async.transport.call import Proof
from gameball_async.transport.caller import Caller
from gameball_async.transport.progress import Stranger

_EARNED: Final = {TransactionType.PAYMENT_REWARD, TransactionType.PAYMENT}


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
    return total(row.equivalent_points for row in rows if row.transaction_type == kind)


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

        bare = partial(OrderReceipt, customer_id=order.customer_id, already_recorded=True)
        proof = Proof(9004, bare, look_up)
        return await self._caller.value(op.TRACK_ORDER, body=order, proof=proof, resend=resend)

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
        return await self._caller.value(op.CALCULATE_ORDER_CASHBACK, body=body)

    async def preview_rewards(self, order: Order | OrderQuote) -> OrderPreview:
        """Ask for everything an order would earn, campaigns included; nothing is recorded.

        Args:
            order: An order, or what is known of it so far.

        Returns:
            The points and the coupons, of cashback and of campaigns. Campaign names are in the
            client's language, where there is one.

        Raises:
            PayloadError: The order cannot be quoted.
            RequestError: No answer; repeat the call.

        Source: POST /orders/reward-preview
        """
        body = preview_of(order)
        return await self._caller.value(op.PREVIEW_ORDER_REWARDS, body=body)

    async def track_many(
        self,
        orders: Iterable[Order] | AsyncIterable[Order],
        *,
        max_in_flight: int = 32,
        priority: Priority | str = Priority.BACKGROUND,
        on_outcome: Listener | None = None,
        stop_on: StopOn = (),
        stamp_dates: bool = False,
        resend: bool = False,
    ) -> BulkReport:
        """Record any number of orders, each as `track` does: pull one, finish one.

        A customer's orders go one after the other as they come, those of different customers in
        parallel. The next one of a customer starts when the one before has ended, however it
        ended. Each order may wait for the rate limit for up to a day, whatever
        ``Timeouts(total=)`` says.

        Args:
            orders: Where they come from; it is pulled only when there is room, so that it may be
                endless. A plain iterable is pulled on the event loop and must not block it.
            max_in_flight: The most orders pulled and not finished.
            priority: ``background`` leaves room for calls that somebody waits for.
            on_outcome: A plain function that is shown what became of each order, as it is known.
            stop_on: Classes of errors that end the call: nothing more is started, what is under
                way is finished, and the error is raised. Any other error is an outcome. An
                `OutcomeUnknownError` counts as its `last_error` too: with `resend` it is what a
                refusal becomes.
            stamp_dates: Whether an order without `order_date` is one of this moment; otherwise it
                is not sent, and its outcome has a ValueError.
            resend: An earlier run may have sent some of these orders already; a duplicate is then
                a success.

        Returns:
            How many orders were pulled, and what became of them.

        Raises:
            ClientClosedError: The client was closed; what was under way is in the report.
            ConfigurationError: There is no secret key; nothing was pulled.
            Exception: What the source or `on_outcome` has raised, or `stop_on` asked for, after
                everything under way was finished. `BulkReport.of` finds the report in it, as in
                the cancellation of a call that was cancelled.

        Source: POST /orders
        """
        check_listener(on_outcome)
        stream = self.track_stream(
            orders,
            max_in_flight=max_in_flight,
            priority=priority,
            stop_on=stop_on,
            stamp_dates=stamp_dates,
            resend=resend,
        )
        return await report_of(stream, on_outcome)

    def track_stream(
        self,
        orders: Iterable[Order] | AsyncIterable[Order],
        *,
        max_in_flight: int = 32,
        priority: Priority | str = Priority.BACKGROUND,
        stop_on: StopOn = (),
        stamp_dates: bool = False,
        resend: bool = False,
    ) -> OutcomeStream:
        """Record any number of orders, as `track_many` does, and iterate over what becomes of them.

        Args:
            orders: Where they come from; it is pulled only when there is room.
            max_in_flight: The most orders pulled whose outcome was not taken.
            priority: ``background`` leaves room for calls that somebody waits for.
            stop_on: Classes of errors that end the iteration, after everything under way was
                finished and told; see `track_many`. Any other error is an outcome.
            stamp_dates: Whether an order without `order_date` is one of this moment.
            resend: An earlier run may have sent some of these orders already.

        Returns:
            An iterator over the outcomes, in the order in which they are known. Nothing is sent
            before the first one is asked for; leave it early with `contextlib.aclosing`.

        Raises:
            ConfigurationError: There is no secret key, or no such priority.
            Exception: While iterating: as `track_many`.

        Source: POST /orders
        """
        caller = patient(self._caller, priority)
        tracking = Tracking(
            partial(Orders(caller).track, resend=resend),
            check=partial(check, caller, op.TRACK_ORDER),
            max_in_flight=max_in_flight,
            stop_on=stop_on,
            stamp_dates=stamp_dates,
        )
        return OutcomeStream(tracking, orders)

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
        return await self._caller.value(op.LIST_ORDER_TRANSACTIONS, path=path)


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
