"""Coupons: may this customer use them, and nobody else meanwhile?"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from gameball_async import operations as op
from gameball_async.models.coupons import (
    CouponLockRelease,
    CouponValidation,
    CouponValidationRequest,
)
from gameball_async.models.fields import Money
from gameball_async.operations import Replay
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
        return (await self._caller.send(op.VALIDATE_COUPONS, body=request, replay=replay)).value

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
        response = await self._caller.send(
            op.RELEASE_COUPONS,
            path={"lock_reference": lock_reference},
            proof=Proof(code=4004, bare=CouponLockRelease(success=True)),
        )
        return response.value
