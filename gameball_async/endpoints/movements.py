"""Movements: points moved by hand, granted, redeemed, given back or set free."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Literal, TypeVar

from attrs import frozen

from gameball_async import operations as op
from gameball_async.endpoints.evidence import Claim, rows_of_customer, total
from gameball_async.models.fields import Money
from gameball_async.models.movements import (
    ActivatedPoints,
    CashbackReceipt,
    CashbackRequest,
    OtpRequest,
    RedemptionReceipt,
    RedemptionRequest,
    RefundReceipt,
    RefundRequest,
)
from gameball_async.models.orders import CashbackConfigurations, LineItem, Merchant
from gameball_async.models.transactions import (
    Direction,
    ManualTransaction,
    ManualTransactionRequest,
    Transaction,
    TransactionType,
)
from gameball_async.transport.call import Proof
from gameball_async.transport.caller import Caller
from gameball_async.transport.progress import Stranger

T = TypeVar("T")

_BY_HAND = (TransactionType.MANUAL_ACCUMULATION, TransactionType.MANUAL_DEDUCTION)
_GRANTED = (TransactionType.PAYMENT_REWARD, TransactionType.PAYMENT)
_GIVEN_BACK = (
    TransactionType.CANCEL,
    TransactionType.REFUND,
    TransactionType.PARTIAL_REFUND,
)


@frozen
class Movements:
    """Operations that move points."""

    _caller: Caller

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

        figure = request.points or request.amount or 0
        claim = Claim(
            transaction_id=transaction_id,
            types=_BY_HAND,
            direction=Direction.DEDUCTION if figure < 0 else Direction.ACCUMULATION,
            time=transaction_time,
            points=request.points,
            amount=request.amount,
        )
        proof = self._proof(
            claim,
            customer_id,
            bare=ManualTransaction(
                customer_id=customer_id, transaction_id=transaction_id, already_recorded=True
            ),
            receipt=lambda rows: ManualTransaction(
                customer_id=rows[0].customer_id,
                gameball_transaction_id=rows[0].gameball_transaction_id,
                transaction_id=transaction_id,
                points=rows[0].points,
                amount=rows[0].amount,
                already_recorded=True,
            ),
        )
        return await self._caller.value(
            op.CREATE_MANUAL_TRANSACTION, body=request, proof=proof, resend=resend
        )

    async def cashback(
        self,
        *,
        customer_id: str,
        transaction_id: str,
        amount: Money,
        transaction_time: datetime | None = None,
        merchant: Merchant | None = None,
        configurations: CashbackConfigurations | None = None,
        email: str | None = None,
        mobile: str | None = None,
        resend: bool = False,
    ) -> CashbackReceipt:
        """Reward money that a customer spent, by the account's cashback rules.

        Args:
            customer_id: Your id of the customer.
            transaction_id: Your id of this reward; it keeps a repetition from rewarding twice.
            amount: What was spent, in the account's currency.
            transaction_time: When it happened in your system; None is the moment of the call.
            merchant: Where it was spent.
            configurations: Settings of the account that this reward overrides.
            email: The merge key of an account that merges by e-mail.
            mobile: The merge key of an account that merges by phone.
            resend: An earlier process may have sent this reward already.

        Returns:
            The points granted.

        Raises:
            DuplicateError: The transaction id is taken.
            ConfigurationDisabledError: Cashback is switched off.
            OutcomeUnknownError: No clear answer; repeat with ``resend=True``.

        Source: POST /transactions/cashback
        """
        request = CashbackRequest(
            customer_id=customer_id,
            transaction_id=transaction_id,
            amount=amount,
            transaction_time=transaction_time,
            merchant=merchant,
            configurations=configurations,
            email=email,
            mobile=mobile,
        )
        claim = Claim(
            transaction_id=transaction_id,
            types=_GRANTED,
            direction=Direction.ACCUMULATION,
            time=transaction_time,
        )
        proof = self._proof(
            claim,
            customer_id,
            bare=CashbackReceipt(customer_id=customer_id, already_recorded=True),
            receipt=lambda rows: CashbackReceipt(
                customer_id=customer_id,
                gameball_transaction_id=rows[0].gameball_transaction_id,
                reward_equivalent_points=total(row.points for row in rows),
                already_recorded=True,
            ),
        )
        return await self._caller.value(
            op.REWARD_CASHBACK, body=request, proof=proof, resend=resend
        )

    async def redeem(
        self,
        *,
        customer_id: str,
        transaction_id: str,
        amount: Money | None = None,
        points: int | None = None,
        hold_reference: str | None = None,
        transaction_time: datetime | None = None,
        merchant: Merchant | None = None,
        hash: str | None = None,  # noqa: A002 - the wire's word
        otp: str | None = None,
        ignore_otp: bool | None = None,
        reason: str | None = None,
        email: str | None = None,
        mobile: str | None = None,
        resend: bool = False,
    ) -> RedemptionReceipt:
        """Burn points. An order or a payment that names a hold burns it by itself: never do both.

        Args:
            customer_id: Your id of the customer.
            transaction_id: Your id of this redemption; it keeps a repetition from burning twice.
            amount: Money; exactly one of amount, points and hold_reference.
            points: Points.
            hold_reference: What `hold` reserved.
            transaction_time: When it happened in your system; None is the moment of the call.
            merchant: Where it happened.
            hash: The rotating six digits that prove that the customer is present.
            otp: The one-time password, where the account asks for one.
            ignore_otp: Skip the one-time password.
            reason: Shown in the dashboard, at most 255 characters.
            email: The merge key of an account that merges by e-mail.
            mobile: The merge key of an account that merges by phone.
            resend: An earlier process may have sent this redemption already.

        Returns:
            The points burned, and their value.

        Raises:
            InsufficientPointsError: The spendable balance is too small.
            TransactionNotFoundError: The hold is unknown, used or lapsed.
            DuplicateError: The transaction id is taken.
            OutcomeUnknownError: No clear answer; repeat with ``resend=True``.

        Source: POST /transactions/redeem
        """
        request = RedemptionRequest(
            customer_id=customer_id,
            transaction_id=transaction_id,
            amount=amount,
            points=points,
            hold_reference=hold_reference,
            transaction_time=transaction_time,
            merchant=merchant,
            hash=hash,
            otp=otp,
            ignore_otp=ignore_otp,
            reason=reason,
            email=email,
            mobile=mobile,
        )
        claim = Claim(
            transaction_id=transaction_id,
            types=(TransactionType.REDEMPTION,),
            direction=Direction.DEDUCTION,
            time=transaction_time,
            points=points,
            amount=amount,
        )
        proof = self._proof(
            claim,
            customer_id,
            bare=RedemptionReceipt(
                customer_id=customer_id, transaction_id=transaction_id, already_recorded=True
            ),
            receipt=lambda rows: RedemptionReceipt(
                customer_id=customer_id,
                gameball_transaction_id=rows[0].gameball_transaction_id,
                transaction_id=transaction_id,
                redeem_amount=total(row.amount for row in rows),
                redeem_equivalent_points=total(row.points for row in rows),
                reason=rows[0].reason,
                already_recorded=True,
            ),
        )
        return await self._caller.value(op.REDEEM, body=request, proof=proof, resend=resend)

    async def refund(
        self,
        *,
        customer_id: str,
        refund_transaction_id: str,
        reverse_transaction_id: str,
        refund_amount: Money | None = None,
        transaction_time: datetime | None = None,
        line_items: Sequence[LineItem] | None = None,
        merchant: Merchant | None = None,
        email: str | None = None,
        mobile: str | None = None,
        resend: bool = False,
    ) -> RefundReceipt:
        """Give back an order, a payment or a redemption, or a part of it.

        Points that it earned are taken back, and points that it burned are returned.

        Args:
            customer_id: Your id of the customer.
            refund_transaction_id: Your id of this refund; it keeps a repetition from refunding
                twice.
            reverse_transaction_id: Your id of the original; case matters.
            refund_amount: Money given back, in the account's currency; None is all of it.
            transaction_time: When it was refunded in your system; None is the moment of the call.
            line_items: Only these products, each with product_id, quantity and price. Without them
                the points of campaigns and collections are not taken back.
            merchant: Where it was bought.
            email: The merge key of an account that merges by e-mail.
            mobile: The merge key of an account that merges by phone.
            resend: An earlier process may have sent this refund already.

        Returns:
            What was given back. `already_recorded` is True when an earlier attempt had landed: the
            ledger shows that it did, and not how the money was counted.

        Raises:
            TransactionNotFoundError: The original is unknown.
            TransactionError: It was cancelled before, or is of a kind that cannot be.
            DuplicateError: The refund's id is taken.
            OutcomeUnknownError: No clear answer; repeat with ``resend=True``.

        Source: POST /transactions/refund
        """
        request = RefundRequest(
            customer_id=customer_id,
            refund_transaction_id=refund_transaction_id,
            reverse_transaction_id=reverse_transaction_id,
            refund_amount=refund_amount,
            transaction_time=transaction_time,
            line_items=line_items,
            merchant=merchant,
            email=email,
            mobile=mobile,
        )
        claim = Claim(
            transaction_id=refund_transaction_id, types=_GIVEN_BACK, time=transaction_time
        )
        proof = self._proof(
            claim,
            customer_id,
            bare=RefundReceipt(refund_transaction_id=refund_transaction_id, already_recorded=True),
            receipt=lambda rows: RefundReceipt(
                gameball_transaction_id=rows[0].gameball_transaction_id,
                refund_transaction_id=refund_transaction_id,
                already_recorded=True,
            ),
        )
        return await self._caller.value(op.REFUND, body=request, proof=proof, resend=resend)

    async def activate(self, transaction_id: str) -> ActivatedPoints:
        """Make pending points spendable now; this cannot be undone.

        Args:
            transaction_id: Your id of the order or transaction that earned them; case matters.

        Returns:
            The points made spendable.

        Raises:
            TransactionNotFoundError: There is no such transaction.
            OutcomeUnknownError: No clear answer; repeat the call, it does the same once more.

        Source: PUT /transactions/{transactionId}/activate
        """
        path = {"transaction_id": transaction_id}
        return await self._caller.value(op.ACTIVATE_POINTS, path=path)

    async def send_otp(
        self,
        *,
        customer_id: str,
        amount: Money | None = None,
        points: int | None = None,
        rule_id: int | None = None,
        email: str | None = None,
        mobile: str | None = None,
    ) -> None:
        """Send a customer a one-time password by SMS, to be given to `hold` or `redeem`.

        Args:
            customer_id: Your id of the customer.
            amount: Money that it covers; exactly one of amount, points and rule_id.
            points: Points that it covers.
            rule_id: The redemption rule that it covers; a number.
            email: The merge key of an account that merges by e-mail.
            mobile: The merge key of an account that merges by phone.

        Raises:
            SubscriptionError: The account sends no one-time passwords.
            NotFoundError: There is no such customer.
            OutcomeUnknownError: No clear answer; each call sends another message.

        Source: POST /transactions/otp
        """
        request = OtpRequest(
            customer_id=customer_id,
            amount=amount,
            points=points,
            rule_id=rule_id,
            email=email,
            mobile=mobile,
        )
        await self._caller.value(op.SEND_OTP, body=request)

    def _proof(
        self,
        claim: Claim,
        customer_id: str,
        *,
        bare: T,
        receipt: Callable[[Sequence[Transaction]], T],
    ) -> Proof[T]:
        """How a movement that may already have happened is recognised: by its rows."""

        async def look_up(seconds: float) -> T | Literal[Stranger.STRANGER] | None:
            rows = claim.weigh(await rows_of_customer(self._caller.within(seconds), customer_id))
            if rows is Stranger.STRANGER:
                return Stranger.STRANGER
            return receipt(rows) if rows else None

        return Proof(9004, lambda: bare, look_up)
