"""Transactional campaigns: multipliers in quotes and orders."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from gameball_async.sandbox import Campaign
from tests.sandbox.caller import Caller


def line(price: float, **more: Any) -> dict[str, Any]:
    return {"productId": "P", "price": price, "quantity": 1, **more}


@pytest.mark.parametrize(("base", "multiplier", "points"), [(2.3, 2, 4), (3.1, 3, 9)])
def test_the_multiplied_points_are_rounded_down_for_each_item(
    base: float, multiplier: int, points: int
) -> None:
    caller = Caller(campaigns=(Campaign(id=1, name="x", multiplier=multiplier),))
    assert points == caller.order(paid=base, lineItems=[line(base)])["rewardedPoints"]


def test_five_times_a_hundred_points_are_four_hundred_more() -> None:
    caller = Caller(campaigns=(Campaign(id=1, name="x", multiplier=5),))
    quote = caller.post("/orders/cashback", {"totalPaid": 100})
    assert (500, []) == (quote["totalPoints"], quote["lineItems"])
    quote = caller.post("/orders/cashback", {"totalPaid": 100, "lineItems": [line(100)]})
    assert (500, 400.0) == (quote["totalPoints"], quote["lineItems"][0]["campaignImpactPoints"])


def test_the_points_of_items_are_rounded_before_they_are_summed() -> None:
    caller = Caller(campaigns=(Campaign(id=1, name="x", multiplier=2),))
    answer = caller.order(paid=4.8, lineItems=[line(2.4), line(2.4)])
    assert 8 == answer["rewardedPoints"]
    answer = caller.order(paid=1.7, lineItems=[line(1.7)])
    assert 3 == answer["rewardedPoints"]


def test_the_quote_of_the_documentation_with_its_campaign() -> None:
    """C-02: 150 x 20 = 3000, five times that is 15000, of which the campaign brings 12000."""
    campaign = Campaign(
        id=2149,
        name="5x Points Campaign",
        multiplier=5,
        end_date=datetime(2024, 11, 1, 8, 39, tzinfo=UTC),
        product_ids={"875511"},
    )
    caller = Caller(reward_wallet_factor=20, campaigns=(campaign,))
    items = [line(150, productId="875511"), {"price": 200, "quantity": 1, "productSku": "sku123"}]
    quote = caller.post("/orders/cashback", {"totalPaid": 350, "lineItems": items})
    assert 19000 == quote["totalPoints"]
    assert quote["lineItems"][0] == {
        "productId": "875511",
        "quantity": 1,
        "totalDecimalPoints": 15000.0,
        "totalPoints": 15000,
        "rewardWalletFactor": 20.0,
        "campaignId": 2149,
        "campaignName": "5x Points Campaign",
        "campaignEndDate": "2024-11-01T08:39:00",
        "campaignImpactWalletFactor": 5.0,
        "campaignImpactPoints": 12000.0,
    }
    assert "campaignId" not in quote["lineItems"][1]


def test_of_two_multipliers_the_higher_one_counts() -> None:
    campaigns = (
        Campaign(id=1, name="two", multiplier=2),
        Campaign(id=2, name="three", multiplier=3, collection_ids={"shoes"}),
        Campaign(id=3, name="past", multiplier=9, end_date=datetime(2024, 10, 16, 9, tzinfo=UTC)),
        Campaign(id=4, name="soon", multiplier=9, start_date=datetime(2024, 10, 17, tzinfo=UTC)),
        Campaign(id=5, name="now", multiplier=1, start_date=datetime(2024, 10, 16, 9, tzinfo=UTC)),
        Campaign(id=6, name="sku", multiplier=4, product_ids={"S"}),
    )
    caller = Caller(campaigns=campaigns)
    items = [line(10), line(10, collection=["shoes"]), line(10, sku="S")]
    quote = caller.post(
        "/orders/cashback", {"totalPaid": 40, "totalShipping": 10, "lineItems": items}
    )
    assert [20, 30, 40, 20] == [row["totalPoints"] for row in quote["lineItems"]]
    assert 110 == quote["totalPoints"]


def test_a_campaign_is_on_from_its_first_moment() -> None:
    start = datetime(2024, 10, 16, 9, tzinfo=UTC)
    caller = Caller(campaigns=(Campaign(id=1, name="now", multiplier=2, start_date=start),))
    assert 20 == caller.order(paid=10)["rewardedPoints"]


def test_nothing_times_anything_is_nothing() -> None:
    caller = Caller(campaigns=(Campaign(id=1, name="two", multiplier=2),))
    quote = caller.post("/orders/cashback", {"totalPaid": 4, "lineItems": [line(4, quantity=0)]})
    assert (0, 0.0) == (quote["totalPoints"], quote["lineItems"][0]["campaignImpactPoints"])


def test_a_multiplier_takes_nothing_away() -> None:
    with pytest.raises(ValueError, match="multiplier"):
        Campaign(id=1, name="half", multiplier=0.5)
