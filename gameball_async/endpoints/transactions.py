"""Transactions: the ledger, points held, and points moved by hand."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Literal

from attrs import evolve, frozen

from gameball_async import operations as op
from gameball_async.endpoints.orders import exact, same_time
from gameball_async.models.fields import Money
from gameball_async.models.transactions import (
    Direction,
    Hold,
    HoldRequest,
    ManualTransaction,
    ManualTransactionRequest,
    Success,
    Transaction,
    TransactionStatus,
    TransactionType,
)
from gameball_async.pagination import Page, Paginator, page_of
from gameball_async.transport.answers import required, required_rows, rows_of
from gameball_async.transport.call import Proof
from gameball_async.transport.caller import Caller
from gameball_async.transport.progress import Stranger

MAX_LIMIT = 200
_BY_HAND = {TransactionType.MANUAL_ACCUMULATION, TransactionType.MANUAL_DEDUCTION}


def check_limit(limit: object) -> int:
    """Return *limit* if the API takes it, else raise an error naming it."""
    if isinstance(limit, bool) or not isinstance(limit, int):
        raise TypeError(f"limit must be an int, got {type(limit).__name__}")
    if not 1 <= limit <= MAX_LIMIT:
        raise ValueError(f"limit must be between 1 and {MAX_LIMIT}, got {limit}")
    return limit


def check_start_after(start_after: object) -> str | None:
    """Return a cursor as text if it is a transaction id, else raise an error naming it."""
    if start_after is None:
        return None
    text = str(start_after)
    if isinstance(start_after, bool) or not text.isascii() or not text.isdigit():
        raise ValueError(f"start_after must be a gameball_transaction_id, got {start_after!r}")
    return text


def check_direction(direction: object) -> str | None:
    """Return *direction* if it is one, else raise an error naming it."""
    if direction is None or direction in tuple(Direction):
        return None if direction is None else str(direction)
    raise ValueError(f"direction must be one of {', '.join(Direction)}, got {direction!r}")


def check_status(status: object) -> str | None:
    """Return *status* if it is a text, else raise an error naming it."""
    if status is None or (isinstance(status, str) and status):
        return None if status is None else str(status)
    raise ValueError(f"status must be a status such as 'Active', got {status!r}")


def _row_id(row: object) -> str | None:
    """A row's cursor; a row that could not be read as one has none."""
    return row.gameball_transaction_id if isinstance(row, Transaction) else None


@frozen
class Transactions:
    """Operations on the ledger."""

    _caller: Caller

    def list(
        self,
        *,
        direction: Direction | str | None = None,
        status: TransactionStatus | str | None = None,
        customer_id: str | None = None,
        limit: int = MAX_LIMIT,
        start_after: str | int | None = None,
        prefetch: bool = True,
    ) -> Paginator[Transaction]:
        """List ledger rows, newest first, page by page.

        Args:
            direction: ``+`` for points gained, ``-`` for points spent.
            status: Only rows in this state.
            customer_id: Only rows of this customer.
            limit: Rows per request, 1 to 200.
            start_after: The `gameball_transaction_id` of the row to go on after.
            prefetch: From the second page on, fetch the next page while you work on this one.

        Returns:
            An iterator over the rows; nothing is sent before it is used. A failure in the middle
            carries `cursor`, where ``start_after=`` goes on.

        Raises:
            ValueError: `limit`, `direction` or `start_after` is out of range.

        Source: GET /transactions
        """
        query = {
            "direction": check_direction(direction),
            "status": check_status(status),
            "customer_id": customer_id,
            "limit": check_limit(limit),
        }

        async def fetch(cursor: str | None) -> Page[Transaction]:
            asked = {**query, "start_after": cursor}
            response = await self._caller.send(op.LIST_TRANSACTIONS, query=asked)
            page = response.value
            rows = required_rows(response, page.transactions, "transactions")
            return page_of(rows, key=_row_id, has_more=page.has_more is True)

        return Paginator(
            fetch,
            spawn=self._caller.spawn,
            key=_row_id,
            start_after=check_start_after(start_after),
            prefetch=prefetch,
        )

    async def count(
        self,
        *,
        direction: Direction | str | None = None,
        status: TransactionStatus | str | None = None,
        customer_id: str | None = None,
    ) -> int:
        """Count ledger rows.

        Args:
            direction: ``+`` for points gained, ``-`` for points spent.
            status: Only rows in this state.
            customer_id: Only rows of this customer.

        Returns:
            How many rows match, over all pages.

        Raises:
            ResponseDecodeError: The answer has no count.
            RequestError: No answer; repeat the call.

        Source: GET /transactions/count
        """
        query = {
            "direction": check_direction(direction),
            "status": check_status(status),
            "customer_id": customer_id,
        }
        response = await self._caller.send(op.COUNT_TRANSACTIONS, query=query)
        return required(response, response.value.count, "count", int)

    async def create_manual(
        self,
        *,
        customer_id: str,
        transaction_id: str,
        username: str,
        reason: str,
        points: int | None = None,
        amount: Money | None = None,
        transaction_time: datetime | None = None,
        expiry_after: int | None = None,
        email: str | None = None,
        mobile: str | None = None,
        resend: bool = False,
    ) -> ManualTransaction:
        """Add points to a customer's balance by hand, or deduct them.

        Args:
            customer_id: Your id of the customer.
            transaction_id: Your id of this movement; it keeps a repetition from moving twice.
            username: Who does it.
            reason: Why.
            points: Points to add, or below zero to deduct; exactly one of points and amount.
            amount: The same as money, in the account's currency.
            transaction_time: When it happened in your system; None is the moment of the call.
            expiry_after: Days until added points expire, 1 to 3000; None is the account's setting.
            email: The merge key of an account that merges by e-mail.
            mobile: The merge key of an account that merges by phone.
            resend: An earlier process may have sent this movement already.

        Returns:
            The points and the money moved.

        Raises:
            InsufficientPointsError: The deduction is larger than the balance.
            DuplicateError: The transaction id is taken.
            OutcomeUnknownError: No clear answer; repeat with ``resend=True``.

        Source: POST /transactions/manual
        """
        request = ManualTransactionRequest(
            customer_id=customer_id,
            transaction_id=transaction_id,
            username=username,
            reason=reason,
            points=points,
            amount=amount,
            transaction_time=transaction_time,
            expiry_after=expiry_after,
            email=email,
            mobile=mobile,
        )

        async def look_up(seconds: float) -> ManualTransaction | Literal[Stranger.STRANGER] | None:
            page = (
                await Transactions(self._caller.within(seconds))
                .list(customer_id=customer_id)
                .page()
            )
            for row in rows_of(Transaction, [*page.items]):
                if row.transaction_id == transaction_id:
                    return _manual_receipt(row, request)
            return None

        bare = ManualTransaction(
            customer_id=customer_id, transaction_id=transaction_id, already_recorded=True
        )
        response = await self._caller.send(
            op.CREATE_MANUAL_TRANSACTION,
            body=request,
            proof=Proof(code=9004, bare=bare, look_up=look_up),
            resend=resend,
        )
        return response.value

    async def hold(
        self,
        *,
        customer_id: str,
        points_to_hold: int | None = None,
        amount_to_hold: Money | None = None,
        rule_id: str | None = None,
        transaction_time: datetime | None = None,
        otp: str | None = None,
        ignore_otp: bool | None = None,
        hash: str | None = None,  # noqa: A002 - the wire's word
        email: str | None = None,
        mobile: str | None = None,
    ) -> Hold:
        """Reserve points for a checkout; they lapse by themselves, after 10 minutes by default.

        Args:
            customer_id: Your id of the customer.
            points_to_hold: Points; exactly one of points_to_hold, amount_to_hold and rule_id.
            amount_to_hold: Money, in the account's currency.
            rule_id: A redemption rule.
            transaction_time: When it happened in your system; None is the moment of the call.
            otp: The one-time password, where the account asks for one.
            ignore_otp: Skip the one-time password.
            hash: The rotating six digits that prove that the customer is present.
            email: The merge key of an account that merges by e-mail.
            mobile: The merge key of an account that merges by phone.

        Returns:
            The hold; its `hold_reference` goes into an order's redemption.

        Raises:
            InsufficientPointsError: The spendable balance is too small.
            CustomerNotFoundError: There is no such customer.
            OutcomeUnknownError: No clear answer; do not repeat it at once, each call holds again.
                What was held lapses by itself.

        Source: POST /transactions/hold
        """
        request = HoldRequest(
            customer_id=customer_id,
            points_to_hold=points_to_hold,
            amount_to_hold=amount_to_hold,
            rule_id=rule_id,
            transaction_time=transaction_time,
            otp=otp,
            ignore_otp=ignore_otp,
            hash=hash,
            email=email,
            mobile=mobile,
        )
        return (await self._caller.send(op.HOLD_POINTS, body=request)).value

    async def get_hold(self, hold_reference_id: str) -> Hold:
        """Look at a hold.

        Args:
            hold_reference_id: The `hold_reference` of a hold.

        Returns:
            The hold, with its state and when it lapses.

        Raises:
            TransactionNotFoundError: There is no such hold.
            RequestError: No answer; repeat the call.

        Source: GET /transactions/hold/{holdReferenceId}
        """
        path = {"hold_reference_id": hold_reference_id}
        hold = (await self._caller.send(op.GET_HOLD, path=path)).value
        if hold.hold_reference is None:
            return evolve(hold, hold_reference=hold_reference_id)
        return hold

    async def release_hold(self, hold_reference_id: str) -> Success:
        """Give held points back.

        Args:
            hold_reference_id: The `hold_reference` of a hold.

        Returns:
            That it is done.

        Raises:
            TransactionNotFoundError: There is no such hold: it was used, released, or has lapsed.
            OutcomeUnknownError: No clear answer; the hold lapses by itself.

        Source: DELETE /transactions/hold/{holdReferenceId}
        """
        response = await self._caller.send(
            op.RELEASE_HOLD,
            path={"hold_reference_id": hold_reference_id},
            proof=Proof(code=9006, bare=Success(success=True)),
        )
        return response.value


def _manual_receipt(
    row: Transaction, request: ManualTransactionRequest
) -> ManualTransaction | Literal[Stranger.STRANGER]:
    """The receipt that a ledger row proves, if the row is this request's."""
    counted = request.points is not None
    asked = exact(request.points or request.amount or 0)
    figure = row.points if counted else row.amount
    known = isinstance(figure, int | Decimal)
    if (
        row.type not in _BY_HAND
        or not same_time(row.transaction_time, request.transaction_time)
        or (known and exact(figure or 0) != abs(asked))
        or (row.direction == Direction.DEDUCTION) != (asked < 0)
    ):
        return Stranger.STRANGER
    return ManualTransaction(
        customer_id=row.customer_id,
        gameball_transaction_id=row.gameball_transaction_id,
        transaction_id=row.transaction_id,
        points=row.points,
        amount=row.amount,
        already_recorded=True,
    )
