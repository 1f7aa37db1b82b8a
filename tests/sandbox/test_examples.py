"""Where no points move: the documented examples, their filters, and the configurations."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.caller import Caller


@pytest.fixture
def caller() -> Caller:
    made = Caller(redemption_rules={"7": 100, "gold": 5})
    made.give(0)
    return made


@pytest.mark.parametrize(
    ("path", "member", "value"),
    [
        pytest.param("hash", "hash", "123456", id="hash"),
        pytest.param("tier-progress?expand=tier", "progress", 50, id="tier"),
        pytest.param("automation?campaignType=all", "count", 1, id="automation"),
        pytest.param("stamps/12", "remainingTries", 2, id="stamps"),
        pytest.param("streaks/12", "nextMilestone", 7, id="streaks"),
    ],
)
def test_examples_of_a_customer(caller: Caller, path: str, member: str, value: Any) -> None:
    assert value == caller.get(f"/customers/c1/{path}")[member]


@pytest.mark.parametrize(
    ("path", "member", "value"),
    [
        pytest.param("referrals", "eventName", "place_order", id="referrals"),
        pytest.param("widget", "botMainColor", "#E7633F", id="widget"),
    ],
)
def test_examples_of_the_account(caller: Caller, path: str, member: str, value: Any) -> None:
    assert value == caller.get(f"/configurations/{path}")[member]


def test_lists_at_the_top(caller: Caller) -> None:
    assert 6151 == caller.get("/configurations/reward-campaigns?productSku=x")[0]["id"]
    assert ["Basic", "Gold"] == [tier["name"] for tier in caller.get("/configurations/tiers")]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param("", 1, id="all"),
        pytest.param("?campaignId=6151", 1, id="this-one"),
        pytest.param("?campaignId=6151&campaignType=reward", 1, id="this-kind"),
        pytest.param("?campaignId=1", 0, id="another"),
        pytest.param("?campaignType=game", 0, id="another-kind"),
    ],
)
def test_the_progress_of_campaigns(caller: Caller, query: str, found: int) -> None:
    assert found == len(caller.get(f"/customers/c1/reward-campaigns-progress{query}"))


@pytest.mark.parametrize(
    ("path", "refusal"),
    [
        pytest.param("/customers/c1/reward-campaigns-progress?campaignId=0", (422, 3003),
                     id="campaign-zero"),
        pytest.param("/customers/c1/reward-campaigns-progress?campaignId=x", (400, 3003),
                     id="campaign-text"),
        pytest.param("/customers/c1/reward-campaigns-progress?campaignType=x", (422, 3003),
                     id="campaign-type"),
        pytest.param("/customers/c1/stamps/x", (422, 3003), id="stamps-text"),
        pytest.param("/leaderboard?from=yesterday", (422, 3003), id="no-time"),
        pytest.param("/configurations/rewards/cashback", (404, 4004), id="C-52-second-family"),
    ],
)  # fmt: skip
def test_refused_examples(caller: Caller, path: str, refusal: tuple[int, int]) -> None:
    assert refusal == caller.refusal("GET", path)


def test_the_leaderboard_takes_both_forms_of_a_date(caller: Caller) -> None:
    """C-53."""
    query = "from=2024-10-01%2000:00&to=2024-10-02T00:00:00Z"
    board = caller.get(f"/leaderboard?{query}")
    assert (None, 100, [1, 2]) == (
        board["customerRank"],
        board["customersCount"],
        [row["rank"] for row in board["leaderboard"]],
    )
    assert 1 == caller.get("/leaderboard?customerId=cust_12345")["customerRank"]


def test_the_rates_are_those_of_the_program() -> None:
    """C-05: a percentage of what was spent."""
    caller = Caller(reward_wallet_factor=2, amount_reward_threshold=4)
    rule = caller.get("/configurations/cashback?customerId=c1")["defaultCashbackRule"]
    assert rule == {
        "amountRewardThreshold": 4.0,
        "rewardWalletFactor": 2.0,
        "rewardRankFactor": 1.0,
        "rewardFactor": 5.0,
    }


def test_the_rules_are_those_of_the_program(caller: Caller) -> None:
    """C-10: the value of a point is that of the coupon."""
    answer = caller.get("/configurations/redemption")
    assert 0.1 == answer["redemptionFactor"]
    assert [(7, 100, 10.0), ("gold", 5, 0.5)] == [
        (rule["id"], rule["pointsToRedeem"], rule["valueOfPoint"])
        for rule in answer["redemptionRules"]
    ]


def test_the_coupon_engine_keeps_what_was_put(caller: Caller) -> None:
    assert "POST" == caller.get("/configurations/coupon")["method"]
    body = {
        "url": "https://shop.example",
        "method": "PUT",
        "headers": [{"key": "a", "value": ""}],
        "couponMapping": {"fixed": "f"},
        "platforms": [{"displayName": "Web", "value": "web"}],
        "enableFixedRate": False,
    }
    answer = caller.answer("PUT", "/configurations/coupon", body)
    assert (200, b"") == (answer.status, answer.body)
    stored = caller.get("/configurations/coupon")
    assert body | {"headers": [{"key": "a", "value": ""}]} == stored
    assert (422, 3003) == caller.refusal("PUT", "/configurations/coupon", body | {"method": "X"})
    assert (400, 3000) == caller.refusal("PUT", "/configurations/coupon", {"url": "x"})
