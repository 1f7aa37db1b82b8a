"""Configurations: what an update refuses, and what is read of the answers."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import orjson
import pytest

from gameball_async.models.configurations import (
    CampaignActivation,
    CampaignAvailability,
    CampaignReward,
    CouponEngineParameter,
    CouponEngineUpdate,
    CouponGroup,
    CouponMapping,
    CouponOptions,
    CouponPlatform,
    CouponReward,
    CouponRewardCollection,
    CouponRewardProduct,
    RedemptionRule,
    RedemptionRules,
    ReferralCondition,
    ReferralExtraReward,
    ReferralProgram,
    ReferralReward,
    RewardCampaign,
    WidgetColors,
    WidgetConfiguration,
    WidgetFeatures,
    WidgetLayout,
)
from gameball_async.serialization import decode


@pytest.mark.parametrize(
    ("fields", "error", "message"),
    [
        ({"url": ""}, ValueError, "CouponEngineUpdate.url: must not be empty"),
        ({"method": None}, TypeError, "CouponEngineUpdate.method: must be a str"),
        ({"payload": {}}, TypeError, "CouponEngineUpdate.payload: must be a str, got dict"),
        ({"enable_fixed_rate": 1}, TypeError, "enable_fixed_rate: must be a bool, got int"),
        ({"coupon_mapping": {}}, TypeError, "coupon_mapping: must be a CouponMapping, got dict"),
        (
            {"coupon_mapping": CouponMapping(fixed=True)},  # type: ignore[arg-type]
            TypeError,
            "CouponMapping.fixed: must be a str, got bool",
        ),
        ({"headers": [{}]}, TypeError, "headers[0]: must be a CouponEngineParameter, got dict"),
        ({"headers": "key"}, TypeError, "headers: must be a list or tuple, got str"),
        (
            {"headers": [CouponEngineParameter(key="k")]},
            ValueError,
            "CouponEngineUpdate.headers[0]: needs key and value",
        ),
        (
            {"query_params": [CouponEngineParameter(key="", value="v")]},
            ValueError,
            "CouponEngineUpdate.query_params[0]: needs key and value",
        ),
        (
            {"query_params": [CouponEngineParameter(key="k", value=5)]},  # type: ignore[arg-type]
            TypeError,
            "CouponEngineParameter.value: must be a str, got int",
        ),
        (
            {"platforms": [CouponPlatform(display_name="a", value="b"), CouponPlatform(value="b")]},
            ValueError,
            "CouponEngineUpdate.platforms[1]: needs display_name and value",
        ),
    ],
)
def test_what_cannot_be_sent_is_refused_naming_the_field(
    fields: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as caught:
        CouponEngineUpdate(**{"url": "u", "method": "POST", **fields})
    assert error is type(caught.value)
    assert message in str(caught.value)


COUPON = {
    "couponType": "free_product",
    "discountValue": 10.5,
    "product": {
        "productId": "p",
        "productName": "Bag",
        "variantId": 7,
        "variantName": "red",
        "productDisplayName": "The bag",
    },
    "collections": [{"collectionId": "s", "collectionName": "Summer"}],
    "group": {
        "handle": "h",
        "title": "t",
        "url": "u",
        "iconPath": "i",
        "description": "d",
        "maxPerCustomer": 1,
        "startDate": "2024-01-02T03:04:05Z",
        "expiryDate": "2024-02-02T03:04:05Z",
        "isAvailable": True,
        "isActive": False,
    },
    "options": {
        "name": "n",
        "expiryAfter": 30,
        "usageLimit": 1,
        "capping": 5.5,
        "minOrderValue": 20,
        "codePrefix": "GB",
        "redeemInstructions": "show it",
    },
}
READ_COUPON = CouponReward(
    coupon_type="free_product",
    discount_value=Decimal("10.5"),
    product=CouponRewardProduct(
        product_id="p",
        product_name="Bag",
        variant_id="7",
        variant_name="red",
        product_display_name="The bag",
    ),
    collections=[CouponRewardCollection(collection_id="s", collection_name="Summer")],
    group=CouponGroup(
        handle="h",
        title="t",
        url="u",
        icon_path="i",
        description="d",
        max_per_customer=1,
        start_date=datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC),
        expiry_date=datetime(2024, 2, 2, 3, 4, 5, tzinfo=UTC),
        is_available=True,
        is_active=False,
    ),
    options=CouponOptions(
        name="n",
        expiry_after=30,
        usage_limit=1,
        capping=Decimal("5.5"),
        min_order_value=20,
        code_prefix="GB",
        redeem_instructions="show it",
    ),
)


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        pytest.param(COUPON, READ_COUPON, id="a-coupon"),
        pytest.param(
            {
                "redemptionFactor": 0.1,
                "redemptionRules": [
                    {
                        "id": 9,
                        "pointsToRedeem": None,
                        "valueOfPoint": 25.0,
                        "ruleType": "free_product_settings",
                        "coupon": {"couponType": None},
                        "image": "i",
                        "creationDate": "2025-02-10T10:12:16.783408",
                        "isActive": True,
                    }
                ],
            },
            RedemptionRules(
                redemption_factor=Decimal("0.1"),
                redemption_rules=[
                    RedemptionRule(
                        id=9,
                        value_of_point=25,
                        rule_type="free_product_settings",
                        coupon=CouponReward(),
                        image="i",
                        creation_date=datetime(2025, 2, 10, 10, 12, 16, 783_408, tzinfo=UTC),
                        is_active=True,
                    )
                ],
            ),
            id="redemption-rules-c-10-c-16",
        ),
        pytest.param(
            {
                "id": 7,
                "name": "n",
                "description": "d",
                "isRepeatable": True,
                "maxAchievement": -1,
                "type": "Spin The Wheel",
                "visibility": "AlwaysVisible",
                "icon": "i",
                "availability": {"minTier": 1, "tags": ["vip"]},
                "redirectionButtonText": "Go",
                "redirectionButtonLink": "l",
                "activation": {
                    "startDate": "2024-11-01T00:00:00",
                    "endDate": "2024-12-01T00:00:00",
                },
                "rewards": [
                    {
                        "rankReward": 1,
                        "walletReward": 2,
                        "walletRewardFactor": 3,
                        "couponReward": COUPON,
                    }
                ],
            },
            RewardCampaign(
                id=7,
                name="n",
                description="d",
                is_repeatable=True,
                max_achievement=-1,
                type="Spin The Wheel",
                visibility="AlwaysVisible",
                icon="i",
                availability=CampaignAvailability(min_tier=1, tags=["vip"]),
                redirection_button_text="Go",
                redirection_button_link="l",
                activation=CampaignActivation(
                    start_date=datetime(2024, 11, 1, tzinfo=UTC),
                    end_date=datetime(2024, 12, 1, tzinfo=UTC),
                ),
                rewards=[
                    CampaignReward(
                        rank_reward=1,
                        wallet_reward=2,
                        wallet_reward_factor=3,
                        coupon_reward=READ_COUPON,
                    )
                ],
            ),
            id="a-campaign-c-16",
        ),
        pytest.param(
            {
                "referralMethod": "CustomerAndFriend",
                "eventName": "place_order",
                "eventMetaData": {"name": "total", "operator": "greater_than", "value": 100},
                "friendReward": {"score": 1, "point": 2, "coupon": None},
                "customerReward": {
                    "score": 3,
                    "points": 4,
                    "extraReward": {"forEvery": 5, "score": 6, "points": 7, "coupon": {}},
                },
                "description": "Bring a friend",
            },
            ReferralProgram(
                referral_method="CustomerAndFriend",
                event_name="place_order",
                event_meta_data=ReferralCondition(
                    name="total", operator="greater_than", value="100"
                ),
                friend_reward=ReferralReward(score=1, point=2),
                customer_reward=ReferralReward(
                    score=3,
                    point=4,
                    extra_reward=ReferralExtraReward(
                        for_every=5, score=6, point=7, coupon=CouponReward()
                    ),
                ),
                description="Bring a friend",
            ),
            id="a-referral-program-c-49",
        ),
        pytest.param(
            {
                "colors": {
                    "primary": "1",
                    "secondary": "2",
                    "accent": "3",
                    "background": "4",
                    "text": "5",
                },
                "layout": {"position": "bottom-right", "size": "small", "showOnMobile": True},
                "features": {
                    "showBalance": True,
                    "showPoints": False,
                    "showTier": True,
                    "showNotifications": False,
                },
            },
            WidgetConfiguration(
                colors=WidgetColors(
                    primary="1", secondary="2", accent="3", background="4", text="5"
                ),
                layout=WidgetLayout(position="bottom-right", size="small", show_on_mobile=True),
                features=WidgetFeatures(
                    show_balance=True, show_points=False, show_tier=True, show_notifications=False
                ),
            ),
            id="a-nested-widget-c-51",
        ),
        pytest.param(
            {
                "gameballEnabled": True,
                "redemptionEnabled": False,
                "cashbackEnabled": True,
                "visitorProfileEnabled": False,
                "userProfileEnabled": True,
                "leaderboardEnabled": False,
                "notificationsEnabled": True,
                "currency": "EGP",
                "programName": "Loyalty Program",
                "rankPointsName": "Score",
                "walletPointsName": "Points",
                "botMainColor": "#E7633F",
                "members": {"not": "ours"},
            },
            WidgetConfiguration(
                gameball_enabled=True,
                redemption_enabled=False,
                cashback_enabled=True,
                visitor_profile_enabled=False,
                user_profile_enabled=True,
                leaderboard_enabled=False,
                notifications_enabled=True,
                currency="EGP",
                program_name="Loyalty Program",
                rank_points_name="Score",
                wallet_points_name="Points",
                bot_main_color="#E7633F",
            ),
            id="a-flat-widget-c-51",
        ),
    ],
)
def test_every_shape_of_an_answer_is_read(sample: dict[str, Any], expected: object) -> None:
    drifts: list[object] = []
    assert expected == decode(orjson.dumps(sample), type(expected), drifts.append)
    assert [] == drifts
