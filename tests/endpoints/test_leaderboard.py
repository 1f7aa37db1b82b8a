"""The leaderboard: the exact wire format."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from gameball_async import operations as op
from tests.clients import client
from tests.endpoints.exact import exact
from tests.wire import json_reply, wire


def test_the_operation_is_what_the_table_says_c_35() -> None:
    operation = op.GET_LEADERBOARD
    assert ("GET /leaderboard", "others") == (operation.name, operation.bucket)
    assert ("read", True, None) == (operation.replay, operation.secret, operation.language)


async def test_the_board_is_read_best_first() -> None:
    answer = {
        "leaderboard": [
            {
                "displayName": "John Doe",
                "customerId": "cust_12345",
                "progress": 2500,
                "rank": 1,
                "tierName": "Gold",
                "tierIcon": "https://x.y/a1.webp",
            },
            {"playerUniqueId": "cust_67890", "rank": 2},
        ],
        "customerRank": 1,
        "customersCount": 100,
    }
    board, sent = await exact("GET", "/leaderboard", answer, lambda g: g.leaderboard.get())
    assert None is sent.body
    assert (1, 100) == (board.customer_rank, board.customers_count)
    assert board.leaderboard is not None
    first, second = board.leaderboard
    assert ("John Doe", "cust_12345", 2500, 1) == (
        first.display_name,
        first.customer_id,
        first.progress,
        first.rank,
    )
    assert ("Gold", "https://x.y/a1.webp") == (first.tier_name, first.tier_icon)
    assert "John Doe" not in repr(first)
    assert "cust_67890" == second.customer_id, "C-53"


async def test_its_range_travels_in_utc_and_every_filter_by_its_name_c_53() -> None:
    async with wire(json_reply()) as server, client(server.url) as gameball:
        await gameball.leaderboard.get(
            from_=datetime(2024, 10, 1, tzinfo=UTC),
            to=datetime(2024, 11, 1, 2, tzinfo=timezone(timedelta(hours=2))),
            customer_id="c",
            reward_campaign_id=7,
            customer_tag="vip",
            reward_campaign_tag="summer",
        )
    target = (
        "GET /api/v4/integrations/leaderboard"
        "?from=2024-10-01T00%3A00%3A00.000Z&to=2024-11-01T00%3A00%3A00.000Z&customerId=c"
        "&rewardCampaignId=7&customerTag=vip&rewardCampaignTag=summer"
    )
    assert [target] == server.targets


async def test_a_range_without_a_zone_is_refused_before_anything_is_sent() -> None:
    naive = datetime(2024, 10, 1)  # noqa: DTZ001 - the subject of the test
    async with wire() as server, client(server.url) as gameball:
        with pytest.raises(ValueError, match="from: must have a time zone"):
            await gameball.leaderboard.get(from_=naive)
    assert [] == server.seen
