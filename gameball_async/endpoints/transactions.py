"""Transactions: the ledger, and points held."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from attrs import evolve, frozen

from gameball_async import operations as op
from gameball_async.endpoints.evidence import MAX_LIMIT
from gameball_async.endpoints.ledger import filters, walk
from gameball_async.endpoints.movements import Movements
from gameball_async.models.fields import Money
from gameball_async.models.transactions import (
    CustomerTransaction,
    Direction,
    Hold,
    HoldRequest,
    Success,
    Transaction,
    TransactionStatus,
)
from gameball_async.pagination import Paginator
from gameball_async.reservation import Reserved, Terms, without_reference
from gameball_async.transport.answers import required
from gameball_async.transport.call import Proof


@frozen
class Transactions(Movements):
    """Operations on the ledger."""

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
        rows: Paginator[Transaction] = walk(
            self._caller,
            op.LIST_TRANSACTIONS,
            filters(direction=direction, status=status, customer_id=customer_id),
            limit=limit,
            start_after=start_after,
            prefetch=prefetch,
        )
        return rows

    def list_with_customers(
        self,
        *,
        direction: Direction | str | None = None,
        status: TransactionStatus | str | None = None,
        customer_id: str | None = None,
        limit: int = MAX_LIMIT,
        start_after: str | int | None = None,
        prefetch: bool = True,
    ) -> Paginator[CustomerTransaction]:
        """List ledger rows with the name and the e-mail address of their customers.

        Args:
            direction: ``+`` for points gained, ``-`` for points spent.
            status: Only rows in this state.
            customer_id: Only rows of this customer.
            limit: Rows per request, 1 to 200.
            start_after: The `gameball_transaction_id` of the row to go on after.
            prefetch: Fetch the next page while you work on this one.

        Returns:
            An iterator over the rows, as of `list`.

        Raises:
            ValueError: `limit`, `direction` or `start_after` is out of range.

        Source: GET /transactions/customer-view
        """
        rows: Paginator[CustomerTransaction] = walk(
            self._caller,
            op.LIST_TRANSACTIONS_WITH_CUSTOMERS,
            filters(direction=direction, status=status, customer_id=customer_id),
            limit=limit,
            start_after=start_after,
            prefetch=prefetch,
        )
        return rows

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
        query = filters(direction=direction, status=status, customer_id=customer_id)
        response = await self._caller.send(op.COUNT_TRANSACTIONS, query=query)
        return required(response, response.value.count, "count", int)

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
        return await self._caller.value(op.HOLD_POINTS, body=request)

    def holding(
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
    ) -> Reserved[Hold]:
        """Reserve points while a block of code runs, and give back what it has not used.

        Takes what `hold` takes, and gives the hold. The release at the end takes at most 5
        seconds, also when the block fails or is cancelled; cancelled while the points are being
        held, it gives back what was held.

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
            What the block is written under; nothing is sent before.

        Raises:
            OutcomeUnknownError: No clear answer: what was held cannot be released, and lapses by
                itself. One that the block raises, or raises another error from,
                keeps the hold: an order may be using it.

        Source: POST /transactions/hold, DELETE /transactions/hold/{holdReferenceId}
        """

        async def give_back(reference: str, seconds: float) -> None:
            await Transactions(self._caller.within(seconds)).release_hold(reference)

        terms = Terms(
            take=partial(
                self.hold,
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
            ),
            reference_of=lambda hold: hold.hold_reference,
            objection=lambda hold: without_reference(op.HOLD_POINTS.name, hold.hold_reference),
            give_back=give_back,
            operation=op.RELEASE_HOLD.name,
        )
        return Reserved(self._caller, terms)

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
        hold = await self._caller.value(op.GET_HOLD, path=path)
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
        return await self._caller.value(
            op.RELEASE_HOLD,
            path={"hold_reference_id": hold_reference_id},
            proof=Proof(9006, partial(Success, success=True)),
        )
