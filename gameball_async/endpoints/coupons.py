"""Coupons: may this customer use them, and nobody else meanwhile?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from attrs import frozen

from gameball_async import operations as op
from gameball_async.errors import CouponInvalidError, GameballError
from gameball_async.models.coupons import (
    AutomaticDiscount,
    AutomaticDiscountRequest,
    Coupon,
    CouponBurn,
    CouponBurnRequest,
    CouponGenerationRequest,
    CouponLockRelease,
    CouponValidation,
    CouponValidationRequest,
    GeneratedCoupon,
    SingleCouponRequest,
)
from gameball_async.models.fields import Money
from gameball_async.models.orders import LineItem, Merchant
from gameball_async.operation import Replay
from gameball_async.reservation import Reserved, Terms, without_reference
from gameball_async.transport.answers import rows_of
from gameball_async.transport.call import Proof
from gameball_async.transport.caller import Caller


@frozen
class Coupons:
    """Operations on coupons."""

    _caller: Caller

    async def validate(
        self,
        *,
        customer_id: str,
        coupons: Sequence[str],
        lock: bool = False,
        lock_reference: str | None = None,
        lock_duration: int | None = None,
        merchant_id: str | None = None,
        collection_id: str | None = None,
        collections_ids: Sequence[str] | None = None,
        total_purchase_amount: Money | None = None,
        email: str | None = None,
        mobile: str | None = None,
    ) -> CouponValidation:
        """Ask whether a customer can use coupons now, and reserve them if wished.

        Args:
            customer_id: Your id of the customer.
            coupons: The codes.
            lock: Reserve the coupons for this customer as well.
            lock_reference: A running lock, whose list of coupons this call replaces.
            lock_duration: Minutes to reserve; None is the account's setting.
            merchant_id: Where the coupons are tied to merchants.
            collection_id: Where the coupons are tied to collections.
            collections_ids: The same for several collections.
            total_purchase_amount: The purchase's value, for coupons with a minimum.
            email: The merge key of an account that merges by e-mail.
            mobile: The merge key of an account that merges by phone.

        Returns:
            Whether all are usable, and each coupon. An unusable coupon is no error: look at
            `valid` before you use `lock_reference`.

        Raises:
            NotFoundError: There is no such code, or no such customer.
            OutcomeUnknownError: A lock was asked for and not answered clearly; it lapses by
                itself.

        Source: POST /coupons/validate
        """
        request = CouponValidationRequest(
            customer_id=customer_id,
            coupons=coupons,
            lock=lock,
            lock_reference=lock_reference,
            lock_duration=lock_duration,
            merchant_id=merchant_id,
            collection_id=collection_id,
            collections_ids=collections_ids,
            total_purchase_amount=total_purchase_amount,
            email=email,
            mobile=mobile,
        )
        replay = Replay.UNSAFE if lock else Replay.READ
        return await self._caller.value(op.VALIDATE_COUPONS, body=request, replay=replay)

    def locking(
        self,
        *,
        customer_id: str,
        coupons: Sequence[str],
        lock_duration: int | None = None,
        merchant_id: str | None = None,
        collection_id: str | None = None,
        collections_ids: Sequence[str] | None = None,
        total_purchase_amount: Money | None = None,
        email: str | None = None,
        mobile: str | None = None,
    ) -> Reserved[CouponValidation]:
        """Reserve coupons while a block of code runs, and give back what it has not used.

        Takes what `validate` takes, and gives its answer. The release at the end takes at most 5
        seconds, also when the block fails or is cancelled; cancelled while the coupons are being
        locked, it gives back what was locked.

        Args:
            customer_id: Your id of the customer.
            coupons: The codes.
            lock_duration: Minutes to reserve; None is the account's setting.
            merchant_id: Where the coupons are tied to merchants.
            collection_id: Where the coupons are tied to collections.
            collections_ids: The same for several collections.
            total_purchase_amount: The purchase's value, for coupons with a minimum.
            email: The merge key of an account that merges by e-mail.
            mobile: The merge key of an account that merges by phone.

        Returns:
            What the block is written under; nothing is sent before.

        Raises:
            CouponInvalidError: A coupon cannot be used; nothing stays locked.
            OutcomeUnknownError: No clear answer: what was locked cannot be released, and lapses
                by itself. One that the block raises, or raises another error from,
                keeps the lock: an order may be using it.

        Source: POST /coupons/validate, DELETE /coupons/{lockReference}
        """

        async def give_back(reference: str, seconds: float) -> None:
            await Coupons(self._caller.within(seconds)).release(reference)

        terms = Terms(
            take=partial(
                self.validate,
                customer_id=customer_id,
                coupons=coupons,
                lock=True,
                lock_duration=lock_duration,
                merchant_id=merchant_id,
                collection_id=collection_id,
                collections_ids=collections_ids,
                total_purchase_amount=total_purchase_amount,
                email=email,
                mobile=mobile,
            ),
            reference_of=lambda validation: validation.lock_reference,
            objection=_unlocked,
            give_back=give_back,
            operation=op.RELEASE_COUPONS.name,
        )
        return Reserved(self._caller, terms)

    async def validate_one(
        self,
        code: str,
        *,
        customer_id: str,
        lock: bool = False,
        lock_reference: str | None = None,
        lock_duration: int | None = None,
        merchant_id: str | None = None,
        collection_id: str | None = None,
        collections_ids: Sequence[str] | None = None,
        total_purchase_amount: Money | None = None,
        email: str | None = None,
        mobile: str | None = None,
    ) -> CouponValidation:
        """Ask whether a customer can use one coupon now, and reserve it if wished.

        Args:
            code: The code.
            customer_id: Your id of the customer.
            lock: Reserve the coupon for this customer as well.
            lock_reference: A running lock, whose list of coupons this call replaces.
            lock_duration: Minutes to reserve; None is the account's setting.
            merchant_id: Where the coupon is tied to merchants.
            collection_id: Where the coupon is tied to collections.
            collections_ids: The same for several collections.
            total_purchase_amount: The purchase's value, for a coupon with a minimum.
            email: The merge key of an account that merges by e-mail.
            mobile: The merge key of an account that merges by phone.

        Returns:
            As of `validate`, with a list of one coupon.

        Raises:
            NotFoundError: There is no such code, or no such customer.
            OutcomeUnknownError: A lock was asked for and not answered clearly; it lapses by
                itself.

        Source: POST /coupons/{code}/validate
        """
        request = SingleCouponRequest(
            customer_id=customer_id,
            lock=lock,
            lock_reference=lock_reference,
            lock_duration=lock_duration,
            merchant_id=merchant_id,
            collection_id=collection_id,
            collections_ids=collections_ids,
            total_purchase_amount=total_purchase_amount,
            email=email,
            mobile=mobile,
        )
        return await self._caller.value(
            op.VALIDATE_COUPON,
            path={"code": code},
            body=request,
            replay=Replay.UNSAFE if lock else Replay.READ,
        )

    async def generate(
        self,
        *,
        customer_id: str,
        rule_id: int,
        email: str | None = None,
        mobile: str | None = None,
    ) -> GeneratedCoupon:
        """Buy a coupon with points, which are burned at once.

        Args:
            customer_id: Your id of the customer.
            rule_id: The redemption rule: what the coupon is, and what it costs.
            email: The merge key of an account that merges by e-mail.
            mobile: The merge key of an account that merges by phone.

        Returns:
            The coupon.

        Raises:
            InsufficientPointsError: The spendable balance is too small.
            NotFoundError: There is no such rule, or no such customer.
            OutcomeUnknownError: No clear answer; do not repeat it at once, each call burns points
                again. Look at the ledger first.

        Source: POST /coupons/predefined
        """
        request = CouponGenerationRequest(
            customer_id=customer_id, rule_id=rule_id, email=email, mobile=mobile
        )
        return await self._caller.value(op.GENERATE_COUPON, body=request)

    async def burn(
        self,
        *,
        customer_id: str,
        coupons: Sequence[str] | None = None,
        lock_reference: str | None = None,
        transaction_id: str | None = None,
        transaction_time: datetime | None = None,
        email: str | None = None,
        mobile: str | None = None,
        resend: bool = False,
    ) -> CouponBurn:
        """Use coupons up. An order or a payment that names them burns them: never do both.

        With a `transaction_id` sending is repeated while the outcome is unknown.

        Args:
            customer_id: Your id of the customer.
            coupons: The codes; exactly one of coupons and lock_reference.
            lock_reference: As `validate` returned it.
            transaction_id: Your id of what they were used for; it keeps a repetition harmless.
            transaction_time: When it happened in your system; None is the moment of the call.
            email: The merge key of an account that merges by e-mail.
            mobile: The merge key of an account that merges by phone.
            resend: An earlier process may have sent this already; needs a `transaction_id`.

        Returns:
            When they were burned.

        Raises:
            ValueError: `resend` without a `transaction_id`.
            NotFoundError: There is no such code, lock or customer.
            ApiError: A coupon has expired, or was used before.
            OutcomeUnknownError: No clear answer. The ledger does not show burned coupons, so that
                only a refused `transaction_id` proves that they were.

        Source: POST /coupons/burn
        """
        if resend and transaction_id is None:
            raise ValueError("resend: needs a transaction_id, which makes a repetition harmless")
        request = CouponBurnRequest(
            customer_id=customer_id,
            coupons=coupons,
            lock_reference=lock_reference,
            transaction_id=transaction_id,
            transaction_time=transaction_time,
            email=email,
            mobile=mobile,
        )
        bare = partial(
            CouponBurn, success=True, transaction_id=transaction_id, already_recorded=True
        )
        return await self._caller.value(
            op.BURN_COUPONS,
            body=request,
            replay=Replay.UNSAFE if transaction_id is None else Replay.KEYED,
            proof=Proof(9004, bare),
            resend=resend,
        )

    async def apply_automatic(
        self,
        *,
        customer_id: str,
        cart_id: str,
        total_price: Money | None = None,
        total_shipping: Money | None = None,
        line_items: Sequence[LineItem] | None = None,
        merchant: Merchant | None = None,
        email: str | None = None,
        mobile: str | None = None,
    ) -> AutomaticDiscount:
        """Apply the promotion that a cart qualifies for; call it again when the cart changes.

        Args:
            customer_id: Your id of the customer.
            cart_id: Your id of the cart.
            total_price: Value before discounts.
            total_shipping: Needed for promotions of free shipping.
            line_items: The products.
            merchant: Where it is bought.
            email: The merge key of an account that merges by e-mail.
            mobile: The merge key of an account that merges by phone.

        Returns:
            The promotion. That none applied is no error: look at `is_applied`.

        Raises:
            NotFoundError: There is no such customer.
            OutcomeUnknownError: No clear answer; call it again for the cart as it is then.

        Source: POST /coupons/automatic
        """
        request = AutomaticDiscountRequest(
            customer_id=customer_id,
            cart_id=cart_id,
            total_price=total_price,
            total_shipping=total_shipping,
            line_items=line_items,
            merchant=merchant,
            email=email,
            mobile=mobile,
        )
        return await self._caller.value(op.APPLY_AUTOMATIC_COUPON, body=request)

    async def release(self, lock_reference: str) -> CouponLockRelease:
        """Give up a lock: its coupons are free again.

        Args:
            lock_reference: As `validate` returned it.

        Returns:
            The codes that became free.

        Raises:
            NotFoundError: There is no such lock, or it has lapsed.
            OutcomeUnknownError: No clear answer; the lock lapses by itself.

        Source: DELETE /coupons/{lockReference}
        """
        return await self._caller.value(
            op.RELEASE_COUPONS,
            path={"lock_reference": lock_reference},
            proof=Proof(4004, partial(CouponLockRelease, success=True)),
        )


def _unlocked(validation: CouponValidation) -> GameballError | None:
    """Why coupons are not locked; None when they are."""
    if validation.valid is True:
        return without_reference(op.VALIDATE_COUPONS.name, validation.lock_reference)
    rows = rows_of(Coupon, validation.coupons)
    unusable = [row for row in rows if row.valid is False or row.reason is not None]
    reasons = {str(row.code): str(row.reason or "not valid") for row in unusable}
    told = ", ".join(f"{code}: {reason}" for code, reason in reasons.items())
    return CouponInvalidError(
        f"the coupons cannot be used{f': {told}' if told else ''}",
        reasons=reasons,
        operation=op.VALIDATE_COUPONS.name,
    )
