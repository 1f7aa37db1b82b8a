"""The leaderboard: who is ahead?"""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

from gameball_async import operations as op
from gameball_async.models.leaderboard import LeaderboardRanking
from gameball_async.transport.caller import Caller


@frozen
class Leaderboard:
    """Operations on the leaderboard."""

    _caller: Caller

    async def get(
        self,
        *,
        from_: datetime | None = None,
        to: datetime | None = None,
        customer_id: str | None = None,
        reward_campaign_id: int | None = None,
        customer_tag: str | None = None,
        reward_campaign_tag: str | None = None,
    ) -> LeaderboardRanking:
        """Get the leaderboard; it is not paged.

        Args:
            from_: Only what counted from then on, with a time zone; None is from the beginning.
            to: Only what counted until then.
            customer_id: Tell the place of this customer too.
            reward_campaign_id: Only this campaign.
            customer_tag: Only customers with this tag.
            reward_campaign_tag: Only campaigns with this tag.

        Returns:
            The rows, best first.

        Raises:
            ValueError: A time has no time zone.
            PayloadError: A filter is none.
            RequestError: No answer; repeat the call.

        Source: GET /leaderboard
        """
        query = {
            "from": from_,
            "to": to,
            "customer_id": customer_id,
            "reward_campaign_id": reward_campaign_id,
            "customer_tag": customer_tag,
            "reward_campaign_tag": reward_campaign_tag,
        }
        return await self._caller.value(op.GET_LEADERBOARD, query=query)
