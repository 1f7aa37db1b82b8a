"""Progress: what a customer has, how far the customer is, and what happened so far."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from gameball_async import operations as op
from gameball_async.endpoints import customer_lists as lists
from gameball_async.endpoints.evidence import MAX_LIMIT
from gameball_async.endpoints.ledger import check_limit
from gameball_async.models.customers import joined
from gameball_async.models.progress import (
    Activity,
    ActivityType,
    AutomationCampaigns,
    Balance,
    CampaignProgress,
    ReferredFriend,
    StampsProgress,
    StreakProgress,
    TierProgress,
    TierProgressAnswer,
    tier_progress_of,
)
from gameball_async.pagination import Paginator
from gameball_async.transport.answers import required, rows_of
from gameball_async.transport.caller import Caller


def _expand(expand: Sequence[str] | None) -> str | None:
    return None if expand is None else joined("expand", expand)


@frozen
class Progress:
    """The operations on customers that tell how far they are."""

    _caller: Caller

    async def balance(self, customer_id: str, *, expand: Sequence[str] | None = None) -> Balance:
        """Get what a customer has.

        Args:
            customer_id: Your id of the customer.
            expand: ``tier``, ``referrals``; no effect of it is documented (C-45).

        Returns:
            Points and their worth: all, spendable, pending, and next to expire.

        Raises:
            CustomerNotFoundError: There is no such customer.
            ConfigurationDisabledError: The program is switched off (C-89).
            RequestError: No answer; repeat the call.

        Source: GET /customers/{customerId}/balance
        """
        path, query = {"customer_id": customer_id}, {"expand": _expand(expand)}
        return await self._caller.value(op.GET_BALANCE, path=path, query=query)

    async def tier_progress(
        self, customer_id: str, *, expand: Sequence[str] | None = None
    ) -> TierProgress:
        """Get a customer's tier, the next one, and how far it is.

        Args:
            customer_id: Your id of the customer.
            expand: ``tier``, ``referrals``; no effect of it is documented.

        Returns:
            The tiers and the progress; names are in the client's language.

        Raises:
            CustomerNotFoundError: There is no such customer.
            RequestError: No answer; repeat the call.

        Source: GET /customers/{customerId}/tier-progress
        """
        path, query = {"customer_id": customer_id}, {"expand": _expand(expand)}
        answer = await self._caller.value(op.GET_TIER_PROGRESS, path=path, query=query)
        return tier_progress_of(rows_of(TierProgressAnswer, answer))

    async def campaigns_progress(
        self,
        customer_id: str,
        *,
        campaign_type: str | None = None,
        campaign_id: int | None = None,
    ) -> list[CampaignProgress]:
        """Get how far a customer is in each campaign.

        Args:
            customer_id: Your id of the customer.
            campaign_type: ``reward`` or ``game``.
            campaign_id: Only this campaign, if it is of the type.

        Returns:
            A row for each campaign; none where the campaign is unknown or not for the customer.

        Raises:
            CustomerNotFoundError: There is no such customer.
            PayloadError: `campaign_type` or `campaign_id` is none.
            RequestError: No answer; repeat the call.

        Source: GET /customers/{customerId}/reward-campaigns-progress
        """
        path = {"customer_id": customer_id}
        query = {"campaign_type": campaign_type, "campaign_id": campaign_id}
        return await self._caller.value(op.GET_CAMPAIGNS_PROGRESS, path=path, query=query)

    def referrals(
        self,
        customer_id: str,
        *,
        limit: int = MAX_LIMIT,
        start_after: str | int | None = None,
        prefetch: bool = True,
    ) -> Paginator[ReferredFriend]:
        """List the friends that a customer brought, page by page.

        The list goes on after a `gameball_id`, which its rows lack: each page but the last costs a
        second request, which looks the last friend up. Where that fails the walk ends in a
        `PaginationError`, behind the rows received.

        Args:
            customer_id: Your id of the customer.
            limit: Rows per request, 1 to 200.
            start_after: The `gameball_id` of the friend to go on after.
            prefetch: Fetch the next page while you work on this one.

        Returns:
            An iterator over the rows; nothing is sent before it is used.

        Raises:
            ValueError: `limit` or `start_after` is out of range.

        Source: GET /customers/{customerId}/referrals
        """
        return lists.friends(
            self._caller,
            customer_id,
            limit=check_limit(limit),
            start_after=lists.check_cursor(start_after),
            prefetch=prefetch,
        )

    async def referrals_count(self, customer_id: str) -> int:
        """Count the friends that a customer brought.

        Args:
            customer_id: Your id of the customer.

        Returns:
            All of them, those who only joined included.

        Raises:
            CustomerNotFoundError: There is no such customer.
            ResponseDecodeError: The answer has no count.
            RequestError: No answer; repeat the call.

        Source: GET /customers/{customerId}/referrals/count
        """
        path = {"customer_id": customer_id}
        response = await self._caller.send(op.COUNT_REFERRALS, path=path)
        return required(response, response.value.count, "count", int)

    def activities(
        self,
        customer_id: str,
        *,
        activity_type: ActivityType | str | None = None,
        limit: int = MAX_LIMIT,
        start_after: str | int | None = None,
        prefetch: bool = True,
    ) -> Paginator[Activity]:
        """List what happened to a customer, page by page.

        Args:
            customer_id: Your id of the customer.
            activity_type: Only entries of this type.
            limit: Rows per request, 1 to 200.
            start_after: The `activity_id` of the row to go on after.
            prefetch: Fetch the next page while you work on this one.

        Returns:
            An iterator over the rows; nothing is sent before it is used. A failure in the middle
            carries `cursor`, where ``start_after=`` goes on.

        Raises:
            ValueError: `limit` or `start_after` is out of range.

        Source: GET /customers/{customerId}/activities
        """
        return lists.activities(
            self._caller,
            customer_id,
            {"activity_type": activity_type, "limit": check_limit(limit)},
            start_after=lists.check_cursor(start_after),
            prefetch=prefetch,
        )

    async def activities_count(
        self, customer_id: str, *, activity_type: ActivityType | str | None = None
    ) -> int:
        """Count what happened to a customer.

        Args:
            customer_id: Your id of the customer.
            activity_type: Only entries of this type.

        Returns:
            How many entries match, over all pages.

        Raises:
            CustomerNotFoundError: There is no such customer.
            ResponseDecodeError: The answer has no count.
            RequestError: No answer; repeat the call.

        Source: GET /customers/{customerId}/activities/count
        """
        path, query = {"customer_id": customer_id}, {"activity_type": activity_type}
        response = await self._caller.send(op.COUNT_ACTIVITIES, path=path, query=query)
        return required(response, response.value.count, "count", int)

    async def automation_campaigns(
        self, customer_id: str, *, campaign_type: str | None = None
    ) -> AutomationCampaigns:
        """Get how far a customer is in the automations.

        Args:
            customer_id: Your id of the customer.
            campaign_type: ``mission``, which is what None means, or ``all``.

        Returns:
            The campaigns, their automations and the steps of these.

        Raises:
            CustomerNotFoundError: There is no such customer.
            RequestError: No answer; repeat the call.

        Source: GET /customers/{customerId}/automation
        """
        path, query = {"customer_id": customer_id}, {"campaign_type": campaign_type}
        return await self._caller.value(op.GET_AUTOMATION_CAMPAIGNS, path=path, query=query)

    async def stamps_progress(self, customer_id: str, challenge_id: int) -> StampsProgress:
        """Get how far a customer's stamp card is.

        Args:
            customer_id: Your id of the customer.
            challenge_id: The stamps campaign.

        Returns:
            The steps of this round, and the rounds so far.

        Raises:
            NotFoundError: There is no such customer, or no such campaign.
            RequestError: No answer; repeat the call.

        Source: GET /customers/{customerId}/stamps/{challengeId}
        """
        path = {"customer_id": customer_id, "challenge_id": challenge_id}
        return await self._caller.value(op.GET_STAMPS_PROGRESS, path=path)

    async def streak_progress(self, customer_id: str, campaign_id: int) -> StreakProgress:
        """Get how far a customer's daily streak is.

        Args:
            customer_id: Your id of the customer.
            campaign_id: The daily streak campaign.

        Returns:
            The streak, its rewards and its badges.

        Raises:
            NotFoundError: There is no such customer, or no such campaign.
            RequestError: No answer; repeat the call.

        Source: GET /customers/{customerId}/streaks/{campaignId}
        """
        path = {"customer_id": customer_id, "campaign_id": campaign_id}
        return await self._caller.value(op.GET_STREAK_PROGRESS, path=path)
