"""Where no points move, the documented examples: progress, campaigns, tiers, leaderboard."""

from __future__ import annotations

from typing import Any, Final

from gameball_async.sandbox.limits import CUSTOMERS_GET, OTHERS
from gameball_async.sandbox.pages import WHOLE
from gameball_async.sandbox.refusals import Refusal
from gameball_async.sandbox.routes import Answering, Route, Visit, customer_in_path
from gameball_async.sandbox.shapes import (
    IGNORED,
    TEXT,
    Member,
    Misfit,
    Shape,
    one_of,
)
from gameball_async.sandbox.wire import JsonObject, read_time

_ICON: Final = "https://cdn.gameball.co/uploads/gb-library/levels-icons/level-a1.webp"

HASH: Final[JsonObject] = {"hash": "123456"}

TIER_PROGRESS: Final[JsonObject] = {
    "current": {"order": 1, "name": "Basic", "minProgress": 0, "icon": _ICON},
    "next": {"order": 2, "name": "Gold", "minProgress": 190, "icon": _ICON},
    "progress": 50,
}

CAMPAIGN_PROGRESS: Final[JsonObject] = {
    "rewardsCampaignName": "First Order",
    "rewardsCampaignId": 6151,
    "isUnlocked": True,
    "highScoreAmount": None,
    "currentStreak": None,
    "highestStreak": None,
    "completionPercentage": 0.0,
    "achievedCount": 0,
    "canAchieve": True,
    "rewardCampaignConfiguration": {"id": 6151, "name": "First Order"},
}

AUTOMATION: Final[JsonObject] = {
    "campaigns": [
        {
            "automation": [
                {
                    "order": 1,
                    "name": "Welcome mission",
                    "isUnlocked": True,
                    "completed": False,
                    "steps": [{"type": "badge", "order": 1, "completed": False}],
                    "completionPercentage": 0,
                }
            ],
            "automationCount": 1,
        }
    ],
    "count": 1,
}

STAMPS: Final[JsonObject] = {
    "numberOfCompletedSteps": 3,
    "numberOfTimesEarned": 1,
    "canAchieveAgain": True,
    "remainingTries": 2,
    "challengeEndDate": "2025-12-31T23:59:59",
    "rewardName": "Free coffee",
    "couponName": "10",
}

STREAK: Final[JsonObject] = {
    "currentStreakCount": 4,
    "highestStreakCount": 9,
    "totalRewardsEarned": 2,
    "ongoingReward": {"name": "Daily visit", "type": "points", "value": "50"},
    "nextMilestone": 7,
    "lastActivityDate": "2025-01-10T12:00:00",
    "campaignEndDate": None,
    "badges": [
        {
            "milestoneDay": 3,
            "name": "Three days",
            "imageUrl": _ICON,
            "earned": True,
            "earnedDate": "2025-01-09T12:00:00",
        }
    ],
}

REWARD_CAMPAIGNS: Final[list[JsonObject]] = [
    {
        "id": 6151,
        "name": "First Order",
        "description": None,
        "isRepeatable": False,
        "maxAchievement": 1,
        "type": "EventBased",
        "visibility": "AlwaysVisible",
        "icon": None,
        "availability": {"minTier": 1, "tags": []},
        "redirectionButtonText": None,
        "redirectionButtonLink": None,
        "activation": {"startDate": "2024-11-01T00:00:00", "endDate": None},
        "rewards": [
            {"rankReward": 0, "walletReward": 100, "walletRewardFactor": None, "couponReward": None}
        ],
    }
]

TIERS: Final[list[JsonObject]] = [
    {"name": "Basic", "minProgress": 0, "order": 1, "icon": _ICON, "benefits": []},
    {
        "name": "Gold",
        "minProgress": 190,
        "order": 2,
        "icon": "level-a2",
        "benefits": [
            {
                "type": "Entry Reward",
                "description": None,
                "hyperLink": None,
                "rankReward": 0,
                "walletReward": 50,
                "walletRewardFactor": None,
                "couponReward": None,
            }
        ],
    },
]

REFERRAL_PROGRAM: Final[JsonObject] = {
    "referralMethod": "CustomerAndFriend",
    "eventName": "place_order",
    "eventMetaData": None,
    "friendReward": {"score": 0, "point": 50, "coupon": None},
    "customerReward": {
        "score": 0,
        "point": 100,
        "coupon": None,
        "extraReward": {"forEvery": 5, "score": 0, "point": 500, "coupon": None},
    },
}

WIDGET: Final[JsonObject] = {
    "gameballEnabled": True,
    "redemptionEnabled": True,
    "cashbackEnabled": True,
    "visitorProfileEnabled": True,
    "userProfileEnabled": True,
    "leaderboardEnabled": True,
    "notificationsEnabled": True,
    "currency": "EGP",
    "programName": "Loyalty Program",
    "rankPointsName": "Score",
    "walletPointsName": "Points",
    "botMainColor": "#E7633F",
}
"""The flat shape (C-51)."""

LEADERBOARD: Final[JsonObject] = {
    "leaderboard": [
        {
            "displayName": "John Doe",
            "customerId": "cust_12345",
            "progress": 2500,
            "rank": 1,
            "tierName": "Gold",
            "tierIcon": _ICON,
        },
        {
            "displayName": "Jane Smith",
            "customerId": "cust_67890",
            "progress": 1800,
            "rank": 2,
            "tierName": "Silver",
            "tierIcon": "https://cdn.gameball.co/uploads/gb-library/levels-icons/level-a2.webp",
        },
    ],
    "customerRank": 1,
    "customersCount": 100,
}


def _positive(value: Any) -> int:
    """The id of a campaign; what is no number at all is a plain 400."""
    if WHOLE.fullmatch(value) is None:
        raise Misfit("must be a number", status=400)
    if int(value) <= 0:
        raise Misfit("must be a positive integer")
    return int(value)


def _moment(value: Any) -> Any:
    """A time in UTC, or one without zone and seconds (C-53)."""
    text = str(value)
    long = text if "T" in text else f"{text.replace(' ', 'T')}:00Z"
    time = read_time(long)
    if time is None:
        raise Misfit("must be a time such as 2024-10-01T00:00:00Z or 2024-10-01 00:00")
    return time


_LANG: Final = {"lang": IGNORED}
_EXPAND: Final = Shape({**_LANG, "expand": IGNORED})
_PROGRESS: Final = Shape(
    {**_LANG, "campaignType": one_of("reward", "game"), "campaignId": Member(_positive)}
)
_AUTOMATIONS: Final = Shape({**_LANG, "campaignType": one_of("mission", "all")})
_CAMPAIGNS: Final = Shape({**_LANG, "customerId": TEXT, "collectionId": TEXT, "productSku": TEXT})
_LEADERBOARD: Final = Shape(
    {
        **_LANG,
        "from": Member(_moment),
        "to": Member(_moment),
        "customerId": TEXT,
        "rewardCampaignId": Member(_positive),
        "customerTag": TEXT,
        "rewardCampaignTag": TEXT,
    }
)


def _of_customer(example: object) -> Answering:
    """The example for any customer who is known."""

    def answer(visit: Visit) -> object:
        customer_in_path(visit)
        return example

    return answer


def _of_campaign(name: str, example: object) -> Answering:
    """The example for any campaign of a customer who is known."""

    def answer(visit: Visit) -> object:
        customer_in_path(visit)
        if not visit.path[name].isdecimal():
            raise Refusal(3003, f"{name} must be a number")
        return example

    return answer


def _always(example: object) -> Answering:
    def answer(_: Visit) -> object:
        return example

    return answer


def campaigns_progress(visit: Visit) -> object:
    """``GET /customers/{customerId}/reward-campaigns-progress``: another id finds nothing."""
    customer_in_path(visit)
    wanted = visit.query.get("campaignId", 6151)
    game = visit.query.get("campaignType") == "game"
    return [] if wanted != 6151 or game else [CAMPAIGN_PROGRESS]


def leaderboard(visit: Visit) -> object:
    """``GET /leaderboard``: a rank only for a customer."""
    rank = LEADERBOARD["customerRank"] if "customerId" in visit.query else None
    return LEADERBOARD | {"customerRank": rank}


def _customer(path: str, answer: Answering, **more: Any) -> Route:
    return Route(
        method="GET",
        path=f"/customers/{{customerId}}/{path}",
        bucket=CUSTOMERS_GET,
        answer=answer,
        **more,
    )


def _configuration(path: str, answer: Answering, **more: Any) -> Route:
    return Route(
        method="GET",
        path=f"/configurations/{path}",
        bucket=OTHERS,
        answer=answer,
        secret=False,
        **more,
    )


ROUTES: Final = (
    _customer("hash", _of_customer(HASH)),
    _customer("tier-progress", _of_customer(TIER_PROGRESS), query=_EXPAND),
    _customer("reward-campaigns-progress", campaigns_progress, query=_PROGRESS),
    _customer("automation", _of_customer(AUTOMATION), query=_AUTOMATIONS, secret=False),
    _customer("stamps/{challengeId}", _of_campaign("challengeId", STAMPS)),
    _customer("streaks/{campaignId}", _of_campaign("campaignId", STREAK)),
    _configuration("reward-campaigns", _always(REWARD_CAMPAIGNS), query=_CAMPAIGNS),
    _configuration("tiers", _always(TIERS)),
    _configuration("referrals", _always(REFERRAL_PROGRAM)),
    _configuration("widget", _always(WIDGET)),
    Route(
        method="GET",
        path="/leaderboard",
        bucket=OTHERS,
        answer=leaderboard,
        query=_LEADERBOARD,
    ),
)
