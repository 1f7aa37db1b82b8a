"""Payments: track them, and quote them."""

from __future__ import annotations

from functools import partial
from typing import Literal

from attrs import frozen

from gameball_async import operations as op
from gameball_async.endpoints.evidence import Claim, rows_of_customer, total
from gameball_async.models.payments import (
    Payment,
    PaymentCashbackQuote,
    PaymentQuote,
    PaymentReceipt,
    quote_of,
)
from gameball_async.models.transactions import TransactionType
from gameball_async.transport.call import Proof
from gameball_async.transport.caller import Caller
from gameball_async.transport.progress import Stranger

_EARNED = (TransactionType.PAYMENT_REWARD, TransactionType.PAYMENT)
_SPENT = TransactionType.REDEMPTION


@frozen
class Payments:
    """Operations on payments."""

    _caller: Caller

    async def track(self, payment: Payment, *, resend: bool = False) -> PaymentReceipt:
        """Record a payment: reward its customer, burn its hold and its coupons.

        Sending is repeated while the outcome is unknown; `payment.payment_id` keeps that from
        rewarding twice.

        Args:
            payment: The payment. `payment_date` left None is the moment of the call.
            resend: An earlier process may have sent this payment already, as a queue does that
                delivers at least once; a duplicate is then a success.

        Returns:
            The points earned and redeemed. `already_recorded` is True when an earlier attempt had
            landed: the figures were then read back from the ledger.

        Raises:
            DuplicateError: The payment id is taken, by another payment or by an earlier call.
            TransactionNotFoundError: The points hold is unknown, used or lapsed; hold again.
            OutcomeUnknownError: No clear answer; repeat with ``resend=True``.
            NotSentError: Nothing was sent; repeat the call.

        Source: POST /payments
        """
        claim = Claim(
            transaction_id=payment.payment_id,
            types=(*_EARNED, _SPENT),
            time=payment.payment_date,
        )

        async def look_up(seconds: float) -> PaymentReceipt | Literal[Stranger.STRANGER] | None:
            rows = await rows_of_customer(self._caller.within(seconds), payment.customer_id)
            ours = claim.weigh(rows)
            if ours is Stranger.STRANGER:
                return Stranger.STRANGER
            if not ours:
                return None
            return PaymentReceipt(
                customer_id=payment.customer_id,
                rewarded_points=total(row.points for row in ours if row.type in _EARNED),
                redeemed_points=total(row.points for row in ours if row.type == _SPENT),
                already_recorded=True,
            )

        bare = partial(PaymentReceipt, customer_id=payment.customer_id, already_recorded=True)
        proof = Proof(9004, bare, look_up)
        return await self._caller.value(op.TRACK_PAYMENT, body=payment, proof=proof, resend=resend)

    async def calculate_cashback(self, payment: Payment | PaymentQuote) -> PaymentCashbackQuote:
        """Calculate what a payment would earn; nothing is recorded.

        Args:
            payment: A payment, or what is known of it so far.

        Returns:
            The points the payment would earn, in total and by service.

        Raises:
            PayloadError: The payment cannot be quoted.
            RequestError: No answer; repeat the call.

        Source: POST /payments/cashback
        """
        body = quote_of(payment)
        return await self._caller.value(op.CALCULATE_PAYMENT_CASHBACK, body=body)
