"""Coupons that points buy, that are burned without an order, and that apply by themselves."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from gameball_async.sandbox import Coupon
from tests.sandbox.caller import Caller

PAST = datetime(2024, 10, 1, tzinfo=UTC)
LATER = datetime(2024, 11, 1, tzinfo=UTC)


def bought(caller: Caller) -> str:
    caller.give(100)
    return str(caller.post("/coupons/predefined", {"customerId": "c1", "ruleId": 7})["code"])


def test_points_buy_a_coupon_for_their_customer() -> None:
    caller = Caller(redemption_rules={"7": 40})
    caller.give(100)
    answer = caller.post("/coupons/predefined", {"customerId": "c1", "ruleId": "7"})
    code = answer["code"]
    assert ("2024-10-16T09:00:00Z", "2024-11-15T09:00:00Z") == (
        answer["startDate"],
        answer["expiryDate"],
    )
    assert {"code", "startDate", "expiryDate", "url", "pin"} == set(answer)
    row = caller.rows()[0]
    assert ("DiscountCode", 40, code, False, "fixed_discount") == (
        row["type"],
        row["points"],
        row["couponCode"],
        row["isCouponUsed"],
        row["couponType"],
    )
    caller.order("c2")
    other = {"customerId": "c2", "totalPurchaseAmount": 5}
    assert (
        "customerNotEntitled"
        == (caller.post(f"/coupons/{code}/validate", other)["coupon"]["reason"])
    )
    caller.order(redemption={"couponCodes": [code]})
    assert [True] == [row["isCouponUsed"] for row in caller.rows() if row["couponCode"]]


@pytest.mark.parametrize(
    ("more", "refusal"),
    [
        pytest.param({"ruleId": 8}, (404, 4004), id="unknown-rule"),
        pytest.param({"ruleId": 9}, (422, 9008), id="too-expensive"),
        pytest.param({"customerId": "nobody"}, (404, 7000), id="nobody"),
        pytest.param({"customerId": "guest"}, (400, 3004), id="guest"),
        pytest.param({"points": 1}, (400, 3003), id="no-such-member"),
    ],
)
def test_refused_purchases(more: Any, refusal: tuple[int, int]) -> None:
    caller = Caller(redemption_rules={"7": 40, "9": 101})
    caller.give(100)
    caller.order("guest", guest=True)
    body = {"customerId": "c1", "ruleId": 7, **more}
    assert refusal == caller.refusal("POST", "/coupons/predefined", body)


def test_one_code_is_validated_and_locked_as_an_object() -> None:
    """C-55: the singular name."""
    caller = Caller(coupons=(Coupon(code="A/B", value=5),))
    caller.give(0)
    path = "/coupons/A%2FB/validate"
    answer = caller.post(path, {"customerId": "c1"})
    assert (True, "A/B") == (answer["valid"], answer["coupon"]["code"])
    assert "lockReference" not in answer
    locked = caller.post(path, {"customerId": "c1", "lock": True, "lockDuration": 5})
    assert "2024-10-16T09:05:00.0000000Z" == locked["dateToExpire"]
    second = caller.post(path, {"customerId": "c1"})
    assert {"code": "A/B", "valid": False, "reason": "locked"} == second["coupon"]
    assert (404, 4004) == caller.refusal("POST", "/coupons/x/validate", {"customerId": "c1"})
    body = {"customerId": "c1", "coupons": ["A/B"]}
    assert (400, 3003) == caller.refusal("POST", path, body)


def test_coupons_are_burned_by_code_or_by_lock() -> None:
    """C-57: ids are echoed, and an order's id is no obstacle."""
    caller = Caller(coupons=(Coupon(code="A"), Coupon(code="B", limit_per_customer=1)))
    caller.order(orderId="T")
    body = {"customerId": "c1", "coupons": ["A", "B"]}
    assert {"success": True, "burnedAt": "2024-10-16T09:00:00Z"} == caller.post(
        "/coupons/burn", body
    )
    assert (422, 3011) == caller.refusal("POST", "/coupons/burn", body)
    lock = caller.post("/coupons/validate", {"customerId": "c1", "coupons": ["A"], "lock": True})[
        "lockReference"
    ]
    by_code = {"customerId": "c1", "coupons": ["A"]}
    assert (400, 4000) == caller.refusal("POST", "/coupons/burn", by_code)
    linked = {
        "customerId": "c1",
        "lockReference": lock,
        "transactionId": "T",
        "transactionTime": "2024-10-16T08:00:00Z",
    }
    answer = caller.post("/coupons/burn", linked)
    assert ("T", "2024-10-16T08:00:00Z") == (answer["transactionId"], answer["transactionTime"])
    assert 2 == caller.sandbox.coupon_uses("gb_test_key", "A")
    assert (404, 4004) == caller.refusal("POST", "/coupons/burn", linked)


@pytest.mark.parametrize(
    ("more", "refusal"),
    [
        pytest.param({}, (400, 3000), id="no-way"),
        pytest.param({"coupons": ["A"], "lockReference": "x"}, (422, 3003), id="two-ways"),
        pytest.param({"coupons": ["x"]}, (404, 4004), id="unknown-code"),
        pytest.param({"coupons": []}, (422, 3003), id="no-codes"),
        pytest.param({"coupons": ["OLD"]}, (400, 4000), id="expired"),
        pytest.param({"coupons": ["A"], "customerId": "x"}, (404, 7000), id="nobody"),
        pytest.param({"couponCodes": ["A"]}, (400, 3003), id="name-of-a-tutorial"),
    ],
)
def test_refused_burns(more: Any, refusal: tuple[int, int]) -> None:
    caller = Caller(coupons=(Coupon(code="A"), Coupon(code="OLD", expiry_date=PAST)))
    caller.give(0)
    body = {"customerId": "c1", **more}
    assert refusal == caller.refusal("POST", "/coupons/burn", body)


def test_a_customer_sees_all_coupons_and_which_can_be_used() -> None:
    """C-54: the words of this list."""
    coupons = (
        Coupon(code="A", type="percentage", value=10),
        Coupon(code="OLD", type="fixed-cashback", expiry_date=PAST),
    )
    caller = Caller(coupons=coupons, redemption_rules={"7": 40})
    code = bought(caller)
    caller.post("/coupons/burn", {"customerId": "c1", "coupons": [code]})
    rows = caller.get("/customers/c1/coupons")["coupons"]
    assert [
        ("A", "Percentage", "Permanent", False, True, 0),
        ("OLD", "Custom", "Permanent", True, False, 0),
        (code, "Fixed Rate Discount", "Reward", False, False, 1),
    ] == [
        (
            row["code"],
            row["type"],
            row["target"],
            row["isExpired"],
            row["isAvailableToUse"],
            row["customerUsedCount"],
        )
        for row in rows
    ]
    assert 4 == rows[2]["value"]
    caller.order("c2")
    assert ["A", "OLD"] == [row["code"] for row in caller.get("/customers/c2/coupons")["coupons"]]
    caller.put("/customers/c1/activate", {"isActive": False})
    assert not caller.get("/customers/c1/coupons")["coupons"][0]["isAvailableToUse"]


ITEMS = [
    {"productId": "PROD_123", "quantity": 1, "price": 120},
    {"productId": "b", "quantity": 2, "price": 10},
    {"productId": "gift", "quantity": 1, "price": -5},
]


def cart(**more: Any) -> dict[str, Any]:
    return {"customerId": "c1", "cartId": "k", "totalPrice": 140, "lineItems": ITEMS, **more}


@pytest.mark.parametrize(
    ("promotion", "discounts"),
    [
        pytest.param({"type": "percentage", "value": 20, "entitled_product_ids": ("PROD_123",)},
                     [24], id="documented"),
        pytest.param({"type": "percentage", "value": 20}, [24, 4, 0], id="everything"),
        pytest.param({"type": "fixed", "value": 14}, [12, 2, 0], id="a-sum"),
        pytest.param({"type": "fixed", "value": 500}, [120, 20, 0], id="no-more-than-all"),
        pytest.param({"type": "percentage", "value": 50, "capping": 14}, [12, 2, 0], id="capped"),
        pytest.param(
            {"type": "percentage", "value": 5, "capping": 14, "min_reward": 28},
            [24, 4, 0],
            id="the-least-reward-wins-over-the-cap",
        ),
        pytest.param({"type": "fixed", "value": 7, "min_reward": 28}, [6, 1, 0], id="only-percent"),
        pytest.param({"type": "shipping"}, [], id="shipping"),
    ],
)  # fmt: skip
def test_a_promotion_discounts(promotion: Any, discounts: list[float]) -> None:
    caller = Caller(promotions=(Coupon(code="Sale", **promotion),))
    caller.give(0)
    answer = caller.post("/coupons/automatic", cart(totalShipping=9))
    assert (True, "Sale", promotion["type"]) == (
        answer["isApplied"],
        answer["couponName"],
        answer["discountType"],
    )
    assert discounts == [item["discount"] for item in answer["discountedItems"]]
    assert (sum(discounts) or 9) == answer["discountAmount"]


@pytest.mark.parametrize(("price", "discount"), [(30, 5), (60, 6), (4, 4)])
def test_ten_percent_with_a_least_reward_of_five(price: int, discount: int) -> None:
    """Order 30: 5. Order 60: 6. Never more than there is to pay."""
    promotion = Coupon(code="Sale", type="percentage", value=10, min_reward=5)
    caller = Caller(promotions=(promotion,))
    caller.give(0)
    item = {"productId": "P", "quantity": 1, "price": price}
    answer = caller.post("/coupons/automatic", cart(lineItems=[item]))
    assert discount == answer["discountAmount"]


def test_the_best_promotion_that_is_on_applies() -> None:
    promotions = (
        Coupon(code="low", value=5),
        Coupon(code="high", value=7),
        Coupon(code="past", value=90, expiry_date=PAST),
        Coupon(code="soon", value=90, start_date=LATER),
        Coupon(code="big", value=90, min_order_value=141),
        Coupon(code="running", value=6, start_date=PAST, expiry_date=LATER),
    )
    caller = Caller(promotions=promotions)
    caller.give(0)
    assert "high" == caller.post("/coupons/automatic", cart())["couponName"]


@pytest.mark.parametrize(
    "promotions", [(), (Coupon(code="x", value=5),), (Coupon(code="s", type="shipping"),)]
)
def test_no_promotion_is_a_normal_answer(promotions: Any) -> None:
    caller = Caller(promotions=promotions)
    caller.give(0)
    answer = caller.post("/coupons/automatic", {"customerId": "c1", "cartId": "k"})
    assert answer == {"isApplied": False}
    assert (400, 3000) == caller.refusal("POST", "/coupons/automatic", {"customerId": "c1"})
    assert (404, 7000) == caller.refusal("POST", "/coupons/automatic", cart(customerId="x"))
