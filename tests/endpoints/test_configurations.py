"""Configurations: the exact wire format, in both shapes where there are two."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import orjson
import pytest

from gameball_async import (
    CouponEngineParameter,
    CouponEngineUpdate,
    CouponMapping,
    CouponPlatform,
    CouponReward,
    GameballClient,
    OutcomeUnknownError,
    PermissionDeniedError,
    ReferralProgram,
    ReferralReward,
    ReferralStep,
    ResponseDecodeError,
    operations as op,
)
from gameball_async.operation import Operation
from tests.clients import client
from tests.endpoints.exact import exact
from tests.wire import Drop, Reply, refusal, wire

ROOT = "/api/v4/integrations/configurations"


@pytest.mark.parametrize(
    ("operation", "name", "replay", "secret", "language"),
    [
        (op.GET_CASHBACK_CONFIGURATION, "GET /cashback", "read", False, None),
        (op.GET_REDEMPTION_CONFIGURATION, "GET /redemption", "read", False, None),
        (op.GET_COUPON_ENGINE, "GET /coupon", "read", True, None),
        (op.UPDATE_COUPON_ENGINE, "PUT /coupon", "idempotent", True, None),
        (op.LIST_REWARD_CAMPAIGNS, "GET /reward-campaigns", "read", False, "header"),
        (op.LIST_TIERS, "GET /tiers", "read", False, "header"),
        (op.LIST_REFERRAL_PROGRAMS, "GET /referrals", "read", False, "header"),
        (op.GET_WIDGET_CONFIGURATION, "GET /widget", "read", False, None),
    ],
)
def test_each_operation_is_of_the_first_family_c_35_c_36_c_52(
    operation: Operation[Any], name: str, replay: str, secret: bool, language: str | None
) -> None:
    method, _, path = name.partition(" ")
    assert f"{method} /configurations{path}" == operation.name
    assert ("others", replay) == (operation.bucket, operation.replay)
    assert (secret, language) == (operation.secret, operation.language)


@pytest.mark.parametrize(
    ("call", "target"),
    [
        pytest.param(lambda g: g.configurations.cashback(), "cashback", id="cashback"),
        pytest.param(
            lambda g: g.configurations.cashback(customer_id="a b"),
            "cashback?customerId=a%20b",
            id="cashback-of-a-customer",
        ),
        pytest.param(
            lambda g: g.configurations.redemption(customer_id="c"),
            "redemption?customerId=c",
            id="redemption",
        ),
        pytest.param(lambda g: g.configurations.coupon_engine(), "coupon", id="coupon-engine"),
        pytest.param(
            lambda g: g.configurations.reward_campaigns(
                customer_id="c", collection_id="s", product_sku="k"
            ),
            "reward-campaigns?customerId=c&collectionId=s&productSku=k",
            id="campaigns",
        ),
        pytest.param(lambda g: g.configurations.tiers(), "tiers", id="tiers"),
        pytest.param(lambda g: g.configurations.referrals(), "referrals", id="referrals"),
        pytest.param(lambda g: g.configurations.widget(), "widget", id="widget"),
    ],
)
async def test_a_configuration_is_asked_for_at_its_documented_address(
    call: Callable[[GameballClient], Awaitable[Any]], target: str
) -> None:
    async with wire(Reply(body=b"{}")) as server, client(server.url, language="fr") as gameball:
        await call(gameball)
    assert [f"GET {ROOT}/{target}"] == server.targets
    localised = target.startswith(("reward-campaigns", "tiers", "referrals"))
    assert ("fr" if localised else None) == server.seen[0].headers.get("lang"), "C-36"


async def test_cashback_rules_of_tiers_go_beside_the_rule_for_everybody() -> None:
    rule = {"amountRewardThreshold": 1.0, "rewardRankFactor": 1.0}
    answer = {
        "defaultCashbackRule": {**rule, "rewardWalletFactor": 1.0, "rewardFactor": 10.0},
        "tierCashbackRules": [
            {**rule, "tierName": "Gold", "rewardWalletFactor": 20.5, "rewardFactor": 0.0}
        ],
    }
    rules, _ = await exact(
        "GET", "/configurations/cashback", answer, lambda g: g.configurations.cashback()
    )
    assert rules.default_cashback_rule is not None
    assert (None, 10) == (
        rules.default_cashback_rule.tier_name,
        rules.default_cashback_rule.reward_factor,
    )
    assert rules.tier_cashback_rules is not None
    assert "Gold" == rules.tier_cashback_rules[0].tier_name
    assert Decimal("20.5") == rules.tier_cashback_rules[0].reward_wallet_factor


def update(**members: Any) -> CouponEngineUpdate:
    return CouponEngineUpdate(**{"url": "https://x.y/coupons", "method": "POST", **members})


async def test_the_coupon_engine_is_set_by_a_put_without_an_answer() -> None:
    whole = update(
        query_params=[CouponEngineParameter(key="appId", value="12345")],
        headers=[CouponEngineParameter(key="Authorization", value="Bearer token")],
        payload='{ "couponCode": "{{code}}" }',
        coupon_mapping=CouponMapping(
            fixed="f", percentage="p", free_product="fp", free_shipping="fs"
        ),
        enable_free_product=True,
        enable_fixed_rate=False,
        enable_free_shipping=True,
        enable_percentage=False,
        platforms=[CouponPlatform(display_name="Web", value="web")],
    )
    async with wire(Reply(body=b"")) as server, client(server.url) as gameball:
        await gameball.configurations.update_coupon_engine(whole)
    assert [f"PUT {ROOT}/coupon"] == server.targets
    assert {
        "url": "https://x.y/coupons",
        "method": "POST",
        "queryParams": [{"key": "appId", "value": "12345"}],
        "headers": [{"key": "Authorization", "value": "Bearer token"}],
        "payload": '{ "couponCode": "{{code}}" }',
        "couponMapping": {
            "fixed": "f",
            "percentage": "p",
            "freeProduct": "fp",
            "freeShipping": "fs",
        },
        "enableFreeProduct": True,
        "enableFixedRate": False,
        "enableFreeShipping": True,
        "enablePercentage": False,
        "platforms": [{"displayName": "Web", "value": "web"}],
    } == server.seen[0].json


async def test_what_was_read_of_a_coupon_engine_can_be_sent_back() -> None:
    answer = {
        "headers": [{"key": "Authorization", "value": "Bearer token"}],
        "couponMapping": {"freeShipping": "free_delivery"},
        "platforms": [],
    }
    engine, _ = await exact(
        "GET", "/configurations/coupon", answer, lambda g: g.configurations.coupon_engine()
    )
    assert "Bearer token" not in repr(engine)
    again = update(
        headers=engine.headers, coupon_mapping=engine.coupon_mapping, platforms=engine.platforms
    )
    assert "Bearer token" not in repr(again)
    _, sent = await exact(
        "PUT", "/configurations/coupon", {}, lambda g: g.configurations.update_coupon_engine(again)
    )
    assert {"url": "https://x.y/coupons", "method": "POST", **answer} == sent.body


async def test_a_lost_update_is_sent_again_and_a_refused_one_is_not() -> None:
    async with wire(Drop(), Reply(body=b"")) as server, client(server.url) as gameball:
        await gameball.configurations.update_coupon_engine(update())
    assert 2 == len(server.seen)
    async with wire(refusal(403, 6003)) as server, client(server.url) as gameball:
        with pytest.raises(PermissionDeniedError):
            await gameball.configurations.update_coupon_engine(update())
    async with wire(Drop()) as server, client(server.url) as gameball:
        with pytest.raises(OutcomeUnknownError):
            await gameball.configurations.update_coupon_engine(update())


REWARD = {"score": 1, "points": 50, "coupon": {"type": "percentage", "value": 10}}
READ_REWARD = ReferralReward(
    score=1, point=50, coupon=CouponReward(coupon_type="percentage", discount_value=10)
)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(
            {"referralMethod": "CustomerOnly", "friendReward": {"point": 5}},
            [
                ReferralProgram(
                    referral_method="CustomerOnly", friend_reward=ReferralReward(point=5)
                )
            ],
            id="an-object",
        ),
        pytest.param(
            [{"stepName": "first", "customerReward": REWARD}, {"stepName": "second"}],
            [
                ReferralProgram(step_name="first", customer_reward=READ_REWARD),
                ReferralProgram(step_name="second"),
            ],
            id="an-array",
        ),
        pytest.param(
            {
                "description": {"en": "Bring a friend"},
                "steps": [{"stepName": "first", "eventName": "e", "friendReward": REWARD}],
            },
            [
                ReferralProgram(
                    description={"en": "Bring a friend"},
                    steps=[
                        ReferralStep(step_name="first", event_name="e", friend_reward=READ_REWARD)
                    ],
                )
            ],
            id="an-object-with-steps",
        ),
        pytest.param([], [], id="no-program"),
    ],
)
async def test_a_referral_program_is_a_list_in_every_shape_c_49(
    answer: Any, expected: list[ReferralProgram]
) -> None:
    programs, _ = await exact(
        "GET", "/configurations/referrals", answer, lambda g: g.configurations.referrals()
    )
    assert expected == programs


@pytest.mark.parametrize("name", ["walletRewardFactor", "rewardWalletFactor"])
async def test_the_factor_of_a_tier_is_read_by_both_names_c_50(name: str) -> None:
    benefit = {"type": "Entry Reward", name: 2, "couponReward": {"minOrderValue": 30}}
    answer = [{"name": "Gold", "order": 1, "icon": "level-a2", "benefits": [benefit]}]
    tiers, _ = await exact(
        "GET", "/configurations/tiers", answer, lambda g: g.configurations.tiers()
    )
    assert ("Gold", "level-a2") == (tiers[0].name, tiers[0].icon)
    assert tiers[0].benefits is not None
    assert 2 == tiers[0].benefits[0].wallet_reward_factor
    assert CouponReward(min_order_value=30) == tiers[0].benefits[0].coupon_reward


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({"gameballEnabled": True, "botMainColor": "#E7633F", "later": 1}, id="flat"),
        pytest.param({"colors": {"primary": "#fff"}, "layout": {"size": "small"}}, id="nested"),
    ],
)
async def test_the_widget_is_read_in_both_shapes_and_kept_whole_c_51(
    answer: dict[str, Any],
) -> None:
    widget, _ = await exact(
        "GET", "/configurations/widget", answer, lambda g: g.configurations.widget()
    )
    assert answer == widget.members
    assert answer.get("gameballEnabled") == widget.gameball_enabled
    assert answer.get("botMainColor") == widget.bot_main_color
    assert ("colors" in answer) == (widget.colors is not None)


async def test_campaigns_are_a_list_and_anything_else_is_no_answer() -> None:
    answer = [{"id": 7, "name": "First Order", "activation": None, "maxAchievement": -1}]
    campaigns, _ = await exact(
        "GET",
        "/configurations/reward-campaigns",
        answer,
        lambda g: g.configurations.reward_campaigns(),
    )
    assert [(7, "First Order", -1)] == [(it.id, it.name, it.max_achievement) for it in campaigns]
    async with wire(Reply(body=orjson.dumps("no"))) as server, client(server.url) as gameball:
        with pytest.raises(ResponseDecodeError):
            await gameball.configurations.reward_campaigns()
