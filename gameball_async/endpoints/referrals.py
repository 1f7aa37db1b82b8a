"""Referrals: may this customer use this code?"""

from __future__ import annotations

from attrs import frozen

from gameball_async import operations as op
from gameball_async.models.referrals import ReferralValidation
from gameball_async.transport.caller import Caller


@frozen
class Referrals:
    """Operations on referral codes."""

    _caller: Caller

    async def validate(
        self, *, referrer_code: str, for_customer_id: str | None = None
    ) -> ReferralValidation:
        """Ask whether a referral code may be used.

        Args:
            referrer_code: The code.
            for_customer_id: Who wants to use it; nobody may use a code of their own.

        Returns:
            Whether it may.

        Raises:
            ValueError: `referrer_code` is empty.
            CustomerNotFoundError: There is no such code; it may be answered as not valid, too.
            RequestError: No answer; repeat the call.

        Source: GET /referrals/validate
        """
        if not referrer_code:
            raise ValueError("referrer_code must not be empty")
        query = {"referrer_code": referrer_code, "for_customer_id": for_customer_id}
        return await self._caller.value(op.VALIDATE_REFERRAL, query=query)
