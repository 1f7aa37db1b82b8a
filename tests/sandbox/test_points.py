"""What orders earn: the figures that the documentation prints, typed in by hand."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.caller import Caller


def line(price: float, quantity: float = 1, **more: Any) -> dict[str, Any]:
    return {"productId": "P", "price": price, "quantity": quantity, **more}


def rows(answer: Any) -> list[tuple[str, float, float, int]]:
    return [
        (row["productId"], row["quantity"], row["decimalPoints"], row["points"])
        for row in answer["lineItems"]
    ]


def test_an_order_in_rows_per_unit_with_shipping_earns_192() -> None:
    """100 x 2 + 7.5 - 25 = 182.5, a unit 91.25, 91 points; 91 x 2 + 10 = 192."""
    answer = Caller().order(
        paid=250.75,
        totalPrice=300,
        totalDiscount=50,
        totalShipping=10,
        totalTax=15,
        lineItems=[line(100, 2, taxes=7.5, discount=25)],
    )
    assert rows(answer) == [("P", 2, 91.25, 91), ("Shipping", 1, 10.0, 10)]
    assert answer["rewardedPoints"] == 192
    assert answer["redeemedPoints"] is None


def test_the_order_of_the_checkout_guide_earns_310() -> None:
    answer = Caller().order(paid=310, totalPrice=310, totalShipping=10, lineItems=[line(100, 3)])
    assert rows(answer) == [("P", 3, 100.0, 100), ("Shipping", 1, 10.0, 10)]
    assert answer["rewardedPoints"] == 310


@pytest.mark.parametrize(
    ("paid", "lines", "decimals"),
    [
        pytest.param(80, [line(30), line(70)], [24.0, 56.0], id="discounts-of-6-and-14"),
        pytest.param(
            75, [line(30, discount=5), line(70)], [19.74, 55.26], id="nets-weigh-5.26-and-14.74"
        ),
        pytest.param(99.99, [line(30), line(70)], [30.0, 70.0], id="a-cent-is-no-gap"),
        pytest.param(99.98, [line(50), line(50)], [49.99, 49.99], id="two-cents-are-one"),
        pytest.param(150, [line(30), line(70)], [30.0, 70.0], id="fees-are-not-rewarded"),
        pytest.param(80, [line(100), line(-20)], [80.0], id="a-gift-card-line-is-dropped"),
        pytest.param(
            20, [line(10), line(10), line(10)], [6.67, 6.67, 6.67], id="thirds-leave-a-cent"
        ),
        pytest.param(
            9.94, [line(1)] * 10, [0.99] * 6 + [1.0] * 4, id="spreading-ends-with-the-gap"
        ),
        pytest.param(
            40, [line(10, discount=30), line(70)], [-20.0, 60.0], id="a-negative-line-gets-no-share"
        ),
        pytest.param(10, [line(0), line(50)], [0.0, 10.0], id="a-free-line-gets-no-share"),
    ],
)
def test_discounts_that_lines_do_not_mention_are_spread(
    paid: float, lines: list[Any], decimals: list[float]
) -> None:
    answer = Caller().order(paid=paid, lineItems=lines)
    assert decimals == [row["decimalPoints"] for row in answer["lineItems"]]


def test_a_gap_beyond_every_line_empties_the_lines_and_nothing_else() -> None:
    answer = Caller().order(paid=5, totalShipping=10, lineItems=[line(20), line(30)])
    assert rows(answer) == [("P", 1, 0.0, 0), ("P", 1, 0.0, 0), ("Shipping", 1, 10.0, 10)]


def test_lines_that_cost_nothing_have_nothing_to_spread_over() -> None:
    answer = Caller().order(paid=5, totalShipping=10, lineItems=[line(0)])
    assert rows(answer) == [("P", 1, 0.0, 0), ("Shipping", 1, 10.0, 10)]


def test_a_line_without_units_has_a_row_without_points() -> None:
    answer = Caller().order(paid=1, lineItems=[line(10, 0)])
    assert rows(answer) == [("P", 0, 0.0, 0)]


def test_the_smallest_shipping_has_its_row() -> None:
    answer = Caller().order(paid=10.5, totalShipping=0.5, lineItems=[line(10)])
    assert rows(answer) == [("P", 1, 10.0, 10), ("Shipping", 1, 0.5, 0)]


def test_shipping_earns_nothing_either_below_the_smallest_spend() -> None:
    caller = Caller(amount_reward_threshold=10)
    answer = caller.order(paid=9, totalShipping=20, lineItems=[line(0)])
    assert rows(answer) == [("P", 1, 0.0, 0), ("Shipping", 1, 0.0, 0)]


def test_rounding_never_takes_more_than_the_gap_from_the_last_line() -> None:
    """Seven lines of one, gap 6.96: each share is 0.99, and nothing becomes negative."""
    answer = Caller().order(paid=0.04, lineItems=[line(1)] * 7)
    assert all(row["decimalPoints"] >= 0 for row in answer["lineItems"])


def test_the_points_of_a_hold_are_spread_once() -> None:
    """A basket of 100, of which 20 were paid with 200 points, earns 80."""
    caller = Caller()
    caller.give(200)
    answer = caller.order(
        paid=80,
        totalPrice=100,
        totalDiscount=20,
        lineItems=[line(30), line(70)],
        redemption={"pointsHoldReference": caller.hold(200)},
    )
    assert [24.0, 56.0] == [row["decimalPoints"] for row in answer["lineItems"]]
    assert (200, 80) == (answer["redeemedPoints"], answer["rewardedPoints"])


@pytest.mark.parametrize(
    ("order", "program", "points"),
    [
        pytest.param({"totalPaid": 310.99}, {}, 310, id="the-total-rounded-down"),
        pytest.param({"totalPaid": 310, "totalShipping": 10}, {}, 310, id="shipping-is-inside"),
        pytest.param(
            {"totalPaid": 50},
            {"reward_shipping": False, "reward_taxes": False},
            50,
            id="nothing-to-exclude",
        ),
        pytest.param({"totalPaid": 50, "lineItems": []}, {}, 50, id="no-lines-at-all"),
        pytest.param(
            {"totalPaid": 50, "lineItems": [line(-5)]}, {}, 50, id="only-a-gift-card-line"
        ),
        pytest.param(
            {"totalPaid": 635, "totalShipping": 50, "totalTax": 35},
            {"reward_shipping": False, "reward_taxes": False},
            550,
            id="635-less-50-and-35-is-550",
        ),
        pytest.param(
            {"totalPaid": 117, "totalShipping": 10, "lineItems": [line(100, 1, taxes=7)]},
            {"reward_shipping": False, "reward_taxes": False},
            100,
            id="line-taxes-and-the-shipping-row-excluded",
        ),
        pytest.param({"totalPaid": 25}, {"amount_reward_threshold": 10}, 2, id="one-for-every-ten"),
        pytest.param(
            {"totalPaid": 9},
            {"amount_reward_threshold": 10, "reward_wallet_factor": 20},
            0,
            id="below-the-smallest-spend",
        ),
        pytest.param(
            {"totalPaid": 10},
            {"amount_reward_threshold": 10, "reward_wallet_factor": 20},
            20,
            id="exactly-the-smallest-spend",
        ),
        pytest.param({"totalPaid": 4.6, "lineItems": [line(2.3, 2)]}, {}, 4, id="2.3-twice-is-4"),
        pytest.param(
            {"totalPaid": 9.3, "lineItems": [line(3.1, 3)]}, {}, 9, id="3.1-three-times-is-9"
        ),
        pytest.param(
            {"totalPaid": 25, "lineItems": [line(10, 2.5)]}, {}, 25, id="half-a-kilogram-counts"
        ),
        pytest.param(
            {"totalPaid": 3.5, "lineItems": [line(1.4, 2.5)]}, {}, 2, id="a-fraction-is-lost-last"
        ),
        pytest.param({"totalPaid": 1, "lineItems": [line(10, 0)]}, {}, 0, id="no-units-no-points"),
        pytest.param(
            {"totalPaid": 200, "lineItems": [{"price": 100}]}, {}, 100, id="one-unit-by-default"
        ),
        pytest.param(
            {"totalPaid": 5, "lineItems": [{"quantity": 1}]}, {}, 0, id="no-price-is-zero"
        ),
        pytest.param(
            {"totalPaid": 1, "lineItems": [line(150, 2, taxes=45, discount=345)]},
            {},
            0,
            id="a-free-item",
        ),
        pytest.param(
            {"totalPaid": 5e14}, {"reward_wallet_factor": 2}, 10**15, id="all-that-there-can-be"
        ),
        pytest.param(
            {"totalPaid": 0.29, "lineItems": [line(0.29)]},
            {"reward_wallet_factor": 100, "amount_reward_threshold": "0.01"},
            2900,
            id="no-binary-fractions",
        ),
    ],
)
def test_points_of_an_order(order: Any, program: Any, points: int) -> None:
    caller = Caller(**program)
    body = {"customerId": "c1", "orderId": "A-0", **order}
    assert points == caller.post("/orders", body)["rewardedPoints"]
    quoted = {name: value for name, value in order.items() if name != "totalTax"}
    if "totalTax" not in order:
        assert points == caller.post("/orders/cashback", quoted)["totalPoints"]


def test_a_quote_in_rows_per_unit_with_the_factor() -> None:
    answer = Caller(reward_wallet_factor=20).post(
        "/orders/cashback",
        {
            "customerId": "c1",
            "totalPaid": 350,
            "totalPrice": 350,
            "lineItems": [line(150), {"price": 200, "quantity": 1, "productSku": "sku123"}],
        },
    )
    assert answer == {
        "totalPoints": 7000,
        "lineItems": [
            {
                "productId": "P",
                "quantity": 1,
                "totalDecimalPoints": 3000.0,
                "totalPoints": 3000,
                "rewardWalletFactor": 20.0,
            },
            {
                "quantity": 1,
                "totalDecimalPoints": 4000.0,
                "totalPoints": 4000,
                "rewardWalletFactor": 20.0,
            },
        ],
    }


def test_a_quote_stores_nothing() -> None:
    caller = Caller()
    caller.give(0)
    before = caller.image()
    caller.post("/orders/cashback", {"customerId": "new", "totalPaid": 10})
    assert before == caller.image()


def test_members_without_a_value_are_null_on_request() -> None:
    caller = Caller(null_members=True)
    body = {"totalPaid": 10, "lineItems": [{"price": 10}]}
    quote = caller.post("/orders/cashback", body)
    assert quote["totalScore"] is None
    assert {
        "productId",
        "totalScore",
        "campaignId",
        "campaignName",
        "campaignEndDate",
        "campaignImpactWalletFactor",
        "campaignImpactPoints",
    } == {name for name, value in quote["lineItems"][0].items() if value is None}
    row = caller.order(paid=10, lineItems=[{"price": 10}])["lineItems"][0]
    assert (None, None) == (row["productId"], row["score"])


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param([line(4e14), line(4e14)], id="in-sum"),
        pytest.param([line(8e14)], id="for-a-unit"),
        pytest.param([], id="for-the-total"),
    ],
)
def test_more_points_than_an_account_can_hold_are_refused(lines: list[Any]) -> None:
    caller = Caller(reward_wallet_factor=2)
    body = caller.order_body(paid=8e14, lineItems=lines)
    assert (422, 3003) == caller.refusal("POST", "/orders", body)
