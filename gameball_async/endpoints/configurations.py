"""Configurations: read how the program is set up, and set up the coupon engine."""

from __future__ import annotations

from typing import Any

from attrs import evolve, frozen

from gameball_async import operations as op
from gameball_async.models.configurations import (
    CashbackRules,
    CouponEngine,
    CouponEngineUpdate,
    RedemptionRules,
    ReferralProgram,
    RewardCampaign,
    Tier,
    WidgetConfiguration,
)
from gameball_async.serialization import decode
from gameball_async.transport.caller import Caller


@frozen
class Configurations:
    """Operations on the account's configuration."""

    _caller: Caller

    async def cashback(self, *, customer_id: str | None = None) -> CashbackRules:
        """Get how many points money earns.

        Args:
            customer_id: Only the rules for this customer's tier.

        Returns:
            The rule for everybody, and those of tiers.

        Raises:
            CustomerNotFoundError: There is no such customer.
            RequestError: No answer; repeat the call.

        Source: GET /configurations/cashback
        """
        query = {"customer_id": customer_id}
        return await self._caller.value(op.GET_CASHBACK_CONFIGURATION, query=query)

    async def redemption(self, *, customer_id: str | None = None) -> RedemptionRules:
        """Get what a point is worth, and what points can be turned into.

        Args:
            customer_id: Only the rules that this customer may use.

        Returns:
            The factor and the rules.

        Raises:
            CustomerNotFoundError: There is no such customer.
            RequestError: No answer; repeat the call.

        Source: GET /configurations/redemption
        """
        query = {"customer_id": customer_id}
        return await self._caller.value(op.GET_REDEMPTION_CONFIGURATION, query=query)

    async def coupon_engine(self) -> CouponEngine:
        """Get how Gameball calls your own coupon engine.

        Returns:
            The request that Gameball makes; its headers may hold your secrets.

        Raises:
            PermissionDeniedError: The account has no access to it.
            RequestError: No answer; repeat the call.

        Source: GET /configurations/coupon
        """
        return await self._caller.value(op.GET_COUPON_ENGINE)

    async def update_coupon_engine(self, coupon_engine: CouponEngineUpdate) -> None:
        """Set how Gameball calls your own coupon engine.

        Args:
            coupon_engine: The request that Gameball is to make.

        Raises:
            PermissionDeniedError: The account has no access to it.
            PayloadError: A value is not acceptable.
            OutcomeUnknownError: No clear answer; repeat the call, it does the same once more.

        Source: PUT /configurations/coupon
        """
        await self._caller.value(op.UPDATE_COUPON_ENGINE, body=coupon_engine)

    async def reward_campaigns(
        self,
        *,
        customer_id: str | None = None,
        collection_id: str | None = None,
        product_sku: str | None = None,
    ) -> list[RewardCampaign]:
        """List the campaigns.

        Args:
            customer_id: Only those that this customer can achieve.
            collection_id: Transactional campaigns for this collection.
            product_sku: Transactional campaigns for this SKU.

        Returns:
            The campaigns; their texts are in the client's language.

        Raises:
            CustomerNotFoundError: There is no such customer.
            RequestError: No answer; repeat the call.

        Source: GET /configurations/reward-campaigns
        """
        query = {
            "customer_id": customer_id,
            "collection_id": collection_id,
            "product_sku": product_sku,
        }
        return await self._caller.value(op.LIST_REWARD_CAMPAIGNS, query=query)

    async def tiers(self) -> list[Tier]:
        """List the tiers.

        Returns:
            The tiers and their benefits; their texts are in the client's language.

        Raises:
            RequestError: No answer; repeat the call.

        Source: GET /configurations/tiers
        """
        return await self._caller.value(op.LIST_TIERS)

    async def referrals(self) -> list[ReferralProgram]:
        """Get how recommending is rewarded.

        Returns:
            A list, whether the API answers with one program or several (C-49).

        Raises:
            ConfigurationDisabledError: The referral program is switched off.
            RequestError: No answer; repeat the call.

        Source: GET /configurations/referrals
        """
        return await self._caller.value(op.LIST_REFERRAL_PROGRAMS)

    async def widget(self) -> WidgetConfiguration:
        """Get how the widget is set up.

        Returns:
            What is documented by name, and the whole answer as `members` (C-51).

        Raises:
            RequestError: No answer; repeat the call.

        Source: GET /configurations/widget
        """
        response = await self._caller.send(op.GET_WIDGET_CONFIGURATION)
        return evolve(response.value, members=decode(response.body, dict[str, Any]))
