"""Progress: what is read of the answers about points, tiers, campaigns and the log."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import orjson
import pytest

from gameball_async.models.configurations import CampaignActivation, RewardCampaign
from gameball_async.models.progress import (
    Activity,
    ActivityPage,
    ActivityType,
    Automation,
    AutomationCampaign,
    AutomationCampaigns,
    AutomationStep,
    Balance,
    CampaignProgress,
    ReferralStatus,
    ReferredFriend,
    ReferredFriendPage,
    StampsProgress,
    StreakBadge,
    StreakProgress,
    StreakReward,
)
from gameball_async.serialization import decode

ACTIVITY: dict[str, Any] = {
    "activityId": 77,
    "activityType": "PaymentReward",
    "activityDay": "Sunday",
    "activityDate": "October 20, 2024",
    "activityTime": "19:27:33",
    "customerId": "c",
    "email": "a@x.y",
    "phoneNumber": "+1",
    "displayName": "Arya",
    "transactionId": "t",
    "isManualActivity": False,
    "points": 5,
    "score": 6,
    "reason": "r",
    "calculatedRedemption": 0.5,
    "actualRedemption": 0.6,
    "familyRedemptionAmount": 0.7,
    "familyRedemptionPoints": 7,
    "paymentRewardAmount": 0.8,
    "outstandingPoints": 8,
    "rewardThreshold": 1,
    "currency": "EGP",
    "redemptionRewardFactor": 0.1,
    "campaignName": "n",
    "campaignStartDate": "October 1, 2024",
    "campaignEndDate": "November 1, 2024",
    "campaignEnabled": True,
    "tierName": "Gold",
    "rewardPoints": 9,
    "rewardFactor": 1.5,
    "isGuest": False,
    "couponUsed": True,
    "couponType": "percentage_discount",
    "couponCode": "TEN",
    "couponGroup": "g",
    "couponProduct": "Bag",
    "couponProductId": 875511,
    "productVariantName": "red",
}


def test_an_activity_keeps_its_dates_as_text_and_its_product_id_too_c_16_c_66_c_67() -> None:
    drifts: list[object] = []
    page = decode(orjson.dumps({"activities": [ACTIVITY]}), ActivityPage, drifts.append)
    assert [] == drifts
    assert [
        Activity(
            activity_id=77,
            activity_type=ActivityType.PAYMENT_REWARD,
            activity_day="Sunday",
            activity_date="October 20, 2024",
            activity_time="19:27:33",
            customer_id="c",
            email="a@x.y",
            phone_number="+1",
            display_name="Arya",
            transaction_id="t",
            is_manual_activity=False,
            points=5,
            score=6,
            reason="r",
            calculated_redemption=Decimal("0.5"),
            actual_redemption=Decimal("0.6"),
            family_redemption_amount=Decimal("0.7"),
            family_redemption_points=7,
            payment_reward_amount=Decimal("0.8"),
            outstanding_points=8,
            reward_threshold=1,
            currency="EGP",
            redemption_reward_factor=Decimal("0.1"),
            campaign_name="n",
            campaign_start_date="October 1, 2024",
            campaign_end_date="November 1, 2024",
            campaign_enabled=True,
            tier_name="Gold",
            reward_points=9,
            reward_factor=Decimal("1.5"),
            is_guest=False,
            coupon_used=True,
            coupon_type="percentage_discount",
            coupon_code="TEN",
            coupon_group="g",
            coupon_product="Bag",
            coupon_product_id="875511",
            product_variant_name="red",
        )
    ] == page.activities
    for secret in ("a@x.y", "+1", "Arya"):
        assert secret not in repr(page)


@pytest.mark.parametrize("name", ["BalanceAdjustment", "Later"])
def test_an_activity_that_no_filter_knows_is_read_c_65(name: str) -> None:
    page = decode(orjson.dumps({"activities": [{"activityType": name}]}), ActivityPage)
    assert [Activity(activity_type=name)] == page.activities


BALANCE = {
    "totalPointsBalance": 1500,
    "totalPointsValue": 75.0,
    "availablePointsBalance": -1200,
    "availablePointsValue": 60.5,
    "pendingPoints": 300,
    "pendingPointsValue": 15.0,
    "currency": "USD",
    "pointsName": "Reward Points",
    "nextExpiringPointsAmount": 200,
    "nextExpiringPointsValue": 10.0,
    "nextExpiringPointsDate": "2024-12-01T00:00:00",
    "totalEarnedPoints": 2500,
}


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        pytest.param(
            BALANCE,
            Balance(
                total_points_balance=1500,
                total_points_value=75,
                available_points_balance=-1200,
                available_points_value=Decimal("60.5"),
                pending_points=300,
                pending_points_value=15,
                currency="USD",
                points_name="Reward Points",
                next_expiring_points_amount=200,
                next_expiring_points_value=10,
                next_expiring_points_date=datetime(2024, 12, 1, tzinfo=UTC),
                total_earned_points=2500,
            ),
            id="a-balance-c-16-c-45",
        ),
        pytest.param(
            {"totalPointsBalance": None, "gameballStatus": "disabled", "message": "off"},
            Balance(gameball_status="disabled", message="off"),
            id="a-balance-of-a-disabled-program-c-89",
        ),
        pytest.param(
            {"pointsBalance": 5, "totalPositivePoints": 6, "availablePointsBalance": 0},
            Balance(available_points_balance=0),
            id="members-of-an-older-balance-are-not-taken-for-others-c-45",
        ),
        pytest.param(
            {
                "referredFriends": [
                    {
                        "customerId": "f",
                        "displayName": "John",
                        "email": "j@x.y",
                        "mobileNumber": "+1",
                        "joinDate": "2025-01-10T12:00:00Z",
                        "status": "Active",
                    },
                    {"status": "Later", "gameballId": 5},
                ],
                "count": 123,
                "hasMore": True,
            },
            ReferredFriendPage(
                referred_friends=[
                    ReferredFriend(
                        customer_id="f",
                        display_name="John",
                        email="j@x.y",
                        mobile_number="+1",
                        join_date=datetime(2025, 1, 10, 12, tzinfo=UTC),
                        status=ReferralStatus.ACTIVE,
                    ),
                    ReferredFriend(status="Later", gameball_id=5),
                ],
                count=123,
                has_more=True,
            ),
            id="friends-c-41-c-42",
        ),
        pytest.param(
            {
                "campaigns": [
                    {
                        "automation": [
                            {
                                "order": 1,
                                "name": "n",
                                "isUnlocked": True,
                                "completed": False,
                                "steps": [
                                    {
                                        "type": "badge",
                                        "order": 1,
                                        "completed": True,
                                        "configuration": {"icon": "i"},
                                    }
                                ],
                                "completionPercentage": 12.5,
                            },
                            {"steps": None},
                        ],
                        "automationCount": 2,
                    }
                ],
                "count": 1,
            },
            AutomationCampaigns(
                campaigns=[
                    AutomationCampaign(
                        automation=[
                            Automation(
                                order=1,
                                name="n",
                                is_unlocked=True,
                                completed=False,
                                steps=[
                                    AutomationStep(
                                        type="badge",
                                        order=1,
                                        completed=True,
                                        configuration={"icon": "i"},
                                    )
                                ],
                                completion_percentage=Decimal("12.5"),
                            ),
                            Automation(),
                        ],
                        automation_count=2,
                    )
                ],
                count=1,
            ),
            id="automations",
        ),
        pytest.param(
            {
                "numberOfCompletedSteps": 2,
                "numberOfTimesEarned": 1,
                "canAchieveAgain": True,
                "remainingTries": 3,
                "challengeEndDate": "2024-12-01T00:00:00",
                "rewardName": "Coffee",
                "couponName": "10%",
            },
            StampsProgress(
                number_of_completed_steps=2,
                number_of_times_earned=1,
                can_achieve_again=True,
                remaining_tries=3,
                challenge_end_date="2024-12-01T00:00:00",
                reward_name="Coffee",
                coupon_name="10%",
            ),
            id="stamps-end-in-the-accounts-time-which-stays-text",
        ),
        pytest.param(
            {
                "currentStreakCount": 3,
                "highestStreakCount": 9,
                "totalRewardsEarned": 1,
                "ongoingReward": {"name": "n", "type": "points", "value": 50},
                "nextMilestone": None,
                "lastActivityDate": "2024-12-01T00:00:00",
                "campaignEndDate": "2024-12-31T00:00:00",
                "badges": [
                    {
                        "milestoneDay": 3,
                        "name": "b",
                        "imageUrl": "u",
                        "earned": True,
                        "earnedDate": "2024-12-01T00:00:00",
                    }
                ],
            },
            StreakProgress(
                current_streak_count=3,
                highest_streak_count=9,
                total_rewards_earned=1,
                ongoing_reward=StreakReward(name="n", type="points", value="50"),
                last_activity_date="2024-12-01T00:00:00",
                campaign_end_date="2024-12-31T00:00:00",
                badges=[
                    StreakBadge(
                        milestone_day=3,
                        name="b",
                        image_url="u",
                        earned=True,
                        earned_date="2024-12-01T00:00:00",
                    )
                ],
            ),
            id="a-streak-ends-in-the-accounts-time-which-stays-text",
        ),
        pytest.param(
            {
                "rewardsCampaignName": "First Order",
                "rewardsCampaignId": 6151,
                "isUnlocked": True,
                "highScoreAmount": None,
                "currentStreak": 1,
                "highestStreak": 2,
                "completionPercentage": 0.0,
                "achievedCount": 0,
                "canAchieve": True,
                "rewardCampaignConfiguration": {
                    "id": 6151,
                    "activation": {"startDate": "2024-11-01T00:00:00"},
                    "widgetDetailsParameter": "details_wheel_6151",
                },
            },
            CampaignProgress(
                rewards_campaign_name="First Order",
                rewards_campaign_id=6151,
                is_unlocked=True,
                current_streak=1,
                highest_streak=2,
                completion_percentage=0,
                achieved_count=0,
                can_achieve=True,
                reward_campaign_configuration=RewardCampaign(
                    id=6151,
                    activation=CampaignActivation(start_date=datetime(2024, 11, 1, tzinfo=UTC)),
                    widget_details_parameter="details_wheel_6151",
                ),
            ),
            id="a-campaign-c-16",
        ),
    ],
)
def test_every_shape_of_an_answer_is_read(sample: dict[str, Any], expected: object) -> None:
    drifts: list[object] = []
    assert expected == decode(orjson.dumps(sample), type(expected), drifts.append)
    assert [] == drifts


def test_a_friends_name_and_addresses_are_not_shown() -> None:
    shown = repr(ReferredFriend(display_name="John", email="j@x.y", mobile_number="+1"))
    assert not {it for it in ("John", "j@x.y", "+1") if it in shown}
