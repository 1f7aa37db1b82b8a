"""Validating, locking, releasing and burning coupons."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from gameball_async.sandbox import CombinesWith, Coupon
from tests.sandbox.caller import KEY, NOW, Caller

MINUTE = 60

SUMMER = Coupon(
    code="SUMMER50",
    type="percentage",
    value=50,
    usage_limit=100,
    limit_per_customer=1,
    start_date=NOW - timedelta(days=1),
    expiry_date=NOW + timedelta(days=1),
    capping=400,
    min_order_value=1000,
    entitled_product_ids=("prod_abc123",),
    entitled_collection_ids=("summer_sale",),
    entitled_merchant_ids=("m1",),
)
SHIPPING = Coupon(
    code="FREESHIPPING400",
    type="shipping",
    min_reward=2.5,
    combines_with=CombinesWith(product_discounts=False),
)
PRODUCT = Coupon(code="GIFT", type="product", usage_limit=1)
LONER = Coupon(
    code="LONER",
    combines_with=CombinesWith(
        order_discounts=False, product_discounts=False, shipping_discounts=False
    ),
)


def shop(**program: Any) -> Caller:
    caller = Caller(coupons=(SUMMER, SHIPPING, PRODUCT, LONER), **program)
    caller.give(0, "c1")
    caller.give(0, "c2")
    return caller


def validation(*codes: str, customer: str = "c1", **more: Any) -> dict[str, Any]:
    return {"customerId": customer, "coupons": list(codes), **more}


def lock(caller: Caller, *codes: str, **more: Any) -> str:
    answer = caller.post("/coupons/validate", validation(*codes, lock=True, **more))
    return str(answer["lockReference"])


def reasons(caller: Caller, *codes: str, **more: Any) -> list[str | None]:
    answer = caller.post("/coupons/validate", validation(*codes, **more))
    found = [row.get("reason") for row in answer["coupons"]]
    assert answer["valid"] is (found == [None] * len(codes))
    return found


def test_a_valid_coupon_is_shown_in_full() -> None:
    answer = shop().post("/coupons/validate", validation("SUMMER50", "FREESHIPPING400"))
    assert answer == {
        "valid": True,
        "coupons": [
            {
                "code": "SUMMER50",
                "type": "percentage",
                "value": 50,
                "usageLimit": 100,
                "limitPerCustomer": 1,
                "startDate": "2024-10-15T09:00:00Z",
                "expiryDate": "2024-10-17T09:00:00Z",
                "capping": 400,
                "minOrderValue": 1000,
                "entitledProductIds": ["prod_abc123"],
                "entitledVariantIds": None,
                "entitledCollectionIds": ["summer_sale"],
                "entitledMerchantIds": ["m1"],
                "combinesWith": {
                    "orderDiscounts": True,
                    "productDiscounts": True,
                    "shippingDiscounts": True,
                },
            },
            {
                "code": "FREESHIPPING400",
                "type": "shipping",
                "value": 0,
                "usageLimit": 1_000_000,
                "limitPerCustomer": 1_000_000,
                "startDate": None,
                "expiryDate": None,
                "capping": None,
                "minOrderValue": 0,
                "minReward": 2.5,
                "entitledProductIds": None,
                "entitledVariantIds": None,
                "entitledCollectionIds": None,
                "combinesWith": {
                    "orderDiscounts": True,
                    "productDiscounts": False,
                    "shippingDiscounts": True,
                },
            },
        ],
    }


def test_absent_members_of_a_coupon_are_null_on_request() -> None:
    answer = shop(null_members=True).post("/coupons/validate", validation("GIFT"))
    row = answer["coupons"][0]
    assert (None, None) == (row["minReward"], row["entitledMerchantIds"])


def test_a_lock_has_a_reference_of_32_digits_and_an_end_with_seven() -> None:
    answer = shop().post("/coupons/validate", validation("GIFT", lock=True))
    assert 32 == len(answer["lockReference"].strip("-"))
    assert int(answer["lockReference"], 16)
    assert "2024-10-16T09:10:00.0000000Z" == answer["dateToExpire"]


def test_a_failed_code_says_why_and_nothing_is_locked() -> None:
    caller = shop()
    body = validation("GIFT", "SUMMER50", lock=True, totalPurchaseAmount=999.99)
    before = caller.image()
    answer = caller.post("/coupons/validate", body)
    assert {"code": "SUMMER50", "valid": False, "reason": "minOrderValue"} == answer["coupons"][1]
    assert {"valid", "coupons"} == set(answer)
    assert before == caller.image()


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        pytest.param({}, None, id="nothing-told-nothing-checked"),
        pytest.param({"totalPurchaseAmount": 1000}, None, id="just-enough"),
        pytest.param({"totalPurchaseAmount": 999.99}, "minOrderValue", id="too-little"),
        pytest.param({"merchantId": "m1"}, None, id="its-merchant"),
        pytest.param({"merchantId": "m2"}, "merchantNotEntitled", id="another-merchant"),
        pytest.param({"collectionId": "summer_sale"}, None, id="its-collection"),
        pytest.param({"collectionId": "x"}, "collectionNotEntitled", id="another-collection"),
        pytest.param({"collectionsIds": ["x", "summer_sale"]}, None, id="one-of-its-collections"),
        pytest.param({"collectionsIds": ["x", "y"]}, "collectionNotEntitled", id="none-of-them"),
    ],
)
def test_conditions_of_the_purchase(more: Any, reason: str | None) -> None:
    assert [reason] == reasons(shop(), "SUMMER50", **more)


@pytest.mark.parametrize(
    ("products", "status"),
    [
        pytest.param([], 200, id="nothing-told"),
        pytest.param(["x", "prod_abc123"], 200, id="one-of-its-products"),
        pytest.param(["x"], 400, id="another-product"),
    ],
)
def test_a_coupon_for_products_wants_one_of_them_in_the_order(
    products: list[str], status: int
) -> None:
    caller = Caller(coupons=(Coupon(code="C", entitled_product_ids=("prod_abc123",)),))
    items = [{"productId": product, "price": 10} for product in products]
    body = caller.order_body(lineItems=items, redemption={"couponCodes": ["C"]})
    assert status == caller.ask("POST", "/orders", body)[0]


@pytest.mark.parametrize(
    ("seconds", "reason"),
    [
        pytest.param(-86_400 - 0.001, "notStarted", id="a-moment-too-early"),
        pytest.param(-86_400, None, id="at-its-start"),
        pytest.param(86_400 - 0.001, None, id="a-moment-before-its-end"),
        pytest.param(86_400, "expired", id="at-its-end"),
    ],
)
def test_a_coupon_has_its_time(seconds: float, reason: str | None) -> None:
    caller = shop()
    caller.clock._ahead = timedelta(seconds=seconds)
    assert [reason] == reasons(caller, "SUMMER50")


def test_coupons_combine_only_if_each_bears_the_other() -> None:
    caller = shop()
    assert [None, None] == reasons(caller, "SUMMER50", "GIFT")
    assert [None, None] == reasons(caller, "SUMMER50", "FREESHIPPING400")
    apart = ["cannotBeCombined"] * 2
    assert apart == reasons(caller, "FREESHIPPING400", "GIFT")
    assert apart == reasons(caller, "SUMMER50", "LONER")
    assert apart == reasons(caller, "LONER", "GIFT")
    assert [None, "cannotBeCombined", "cannotBeCombined"] == reasons(
        caller, "SUMMER50", "GIFT", "FREESHIPPING400"
    )


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        pytest.param(validation("NOSUCH"), (404, 4004), id="unknown-code"),
        pytest.param(validation(), (422, 3003), id="no-code"),
        pytest.param(validation("GIFT", "GIFT"), (422, 3003), id="twice"),
        pytest.param({"customerId": "c1"}, (400, 3000), id="no-list"),
        pytest.param(validation("GIFT", customer="nobody"), (404, 7000), id="nobody"),
        pytest.param(validation("GIFT", lockDuration=0), (422, 3003), id="no-duration"),
        pytest.param(
            validation("GIFT", lock=True, lockReference="x"), (404, 4004), id="unknown-session"
        ),
    ],
)
def test_refused_validations(body: Any, refusal: tuple[int, int]) -> None:
    assert refusal == shop().refusal("POST", "/coupons/validate", body)


def test_a_lock_keeps_others_away_until_it_lapses() -> None:
    caller = shop()
    reference = lock(caller, "GIFT")
    assert ["locked"] == reasons(caller, "GIFT", customer="c2")
    assert ["locked"] == reasons(caller, "GIFT")
    assert [None] == reasons(caller, "GIFT", lockReference=reference)
    caller.clock.advance(10 * MINUTE - 0.001)
    assert ["locked"] == reasons(caller, "GIFT", customer="c2")
    caller.clock.advance(0.001)
    assert [None] == reasons(caller, "GIFT", customer="c2")
    assert (404, 4004) == caller.refusal("DELETE", f"/coupons/{reference}")


def test_a_lock_lasts_as_long_as_it_asks_for() -> None:
    caller = shop(lock_minutes=1)
    lock(caller, "GIFT", lockDuration=30)
    caller.clock.advance(30 * MINUTE - 0.001)
    assert ["locked"] == reasons(caller, "GIFT", customer="c2")


def test_a_session_can_be_replaced_and_then_lasts_anew() -> None:
    caller = shop()
    reference = lock(caller, "GIFT")
    caller.clock.advance(9 * MINUTE)
    assert reference == lock(caller, "LONER", lockReference=reference)
    assert [None] == reasons(caller, "GIFT", customer="c2")
    caller.clock.advance(9 * MINUTE)
    assert ["locked"] == reasons(caller, "LONER", customer="c2")
    caller.clock.advance(MINUTE)
    assert [None] == reasons(caller, "LONER", customer="c2")


def test_a_session_belongs_to_its_customer() -> None:
    caller = shop()
    body = validation("GIFT", customer="c2", lock=True, lockReference=lock(caller, "GIFT"))
    assert (404, 4004) == caller.refusal("POST", "/coupons/validate", body)


def test_releasing_a_lock_frees_its_coupons_once() -> None:
    caller = shop()
    reference = lock(caller, "SUMMER50", "GIFT")
    assert caller.delete(f"/coupons/{reference}") == {
        "success": True,
        "releasedAt": "2024-10-16T09:00:00",
        "releasedCoupons": ["SUMMER50", "GIFT"],
    }
    assert [None] == reasons(caller, "GIFT", customer="c2")
    assert (404, 4004) == caller.refusal("DELETE", f"/coupons/{reference}")
    body = caller.order_body(redemption={"couponsLockReference": reference})
    assert (422, 3003) == caller.refusal("POST", "/orders", body)


def test_an_order_burns_what_its_lock_reserved() -> None:
    caller = shop()
    reference = lock(caller, "SUMMER50", "GIFT")
    caller.order(
        totalPrice=1, redemption={"couponsLockReference": reference, "couponCodes": ["GIFT"]}
    )
    assert (1, 1) == tuple(caller.sandbox.coupon_uses(KEY, code) for code in ("SUMMER50", "GIFT"))
    assert ["customerLimitReached"] == reasons(caller, "SUMMER50")
    assert [None] == reasons(caller, "SUMMER50", customer="c2")
    assert ["usageLimitReached"] == reasons(caller, "GIFT", customer="c2")
    assert (404, 4004) == caller.refusal("DELETE", f"/coupons/{reference}")


def test_a_lock_of_somebody_else_is_refused() -> None:
    caller = shop()
    body = caller.order_body("c2", redemption={"couponsLockReference": lock(caller, "GIFT")})
    assert (422, 3003) == caller.refusal("POST", "/orders", body)
    assert (422, 3003) == caller.refusal("POST", "/orders", body | {"customerId": "nobody"})


def test_an_order_burns_codes_that_nobody_locked() -> None:
    caller = shop()
    caller.order("new", redemption={"couponCodes": ["LONER"]})
    assert 1 == caller.sandbox.coupon_uses(KEY, "LONER")


def test_a_customer_may_use_a_coupon_as_often_as_it_says() -> None:
    caller = Caller(
        coupons=(
            Coupon(code="TWICE", limit_per_customer=2),
            Coupon(code="ONCE", limit_per_customer=1),
        )
    )
    caller.order("new", redemption={"couponCodes": ["TWICE", "ONCE"]})
    caller.order("new", redemption={"couponCodes": ["TWICE"]})
    body = caller.order_body("new", redemption={"couponCodes": ["TWICE"]})
    assert (400, 4000) == caller.refusal("POST", "/orders", body)


def test_the_account_may_insist_on_locks() -> None:
    caller = shop(codes_need_lock=True)
    body = caller.order_body(redemption={"couponCodes": ["GIFT"]})
    assert (400, 4000) == caller.refusal("POST", "/orders", body)
    lock(caller, "GIFT")
    caller.post("/orders", body)


def test_burning_a_code_takes_it_out_of_the_customers_other_lock() -> None:
    caller = shop()
    reference = lock(caller, "SUMMER50", "GIFT")
    caller.order(redemption={"couponCodes": ["GIFT"]})
    caller.order(redemption={"couponsLockReference": reference})
    assert (1, 1) == tuple(caller.sandbox.coupon_uses(KEY, code) for code in ("SUMMER50", "GIFT"))


@pytest.mark.parametrize(
    ("codes", "more", "refusal"),
    [
        pytest.param(["NOSUCH"], {}, (422, 3003), id="unknown"),
        pytest.param(["SUMMER50"], {"totalPrice": 10}, (400, 4000), id="order-too-small"),
        pytest.param(
            ["SUMMER50"], {"merchant": {"uniqueId": "m2"}}, (400, 4000), id="another-merchant"
        ),
        pytest.param(
            ["SUMMER50"], {"lineItems": [{"collection": ["x"]}]}, (400, 4000), id="collection"
        ),
        pytest.param(["SUMMER50", "LONER"], {}, (400, 4000), id="apart"),
        pytest.param(["LATE"], {}, (423, 3015), id="expired"),
        pytest.param(["GIFT"], {"customerId": "c2"}, (400, 4000), id="locked-by-another"),
        pytest.param(["GIFT"], {"customerId": "new"}, (400, 4000), id="locked-for-a-new-one"),
    ],
)
def test_codes_that_an_order_cannot_burn(
    codes: list[str], more: Any, refusal: tuple[int, int]
) -> None:
    late = Coupon(code="LATE", expiry_date=NOW)
    caller = Caller(coupons=(SUMMER, PRODUCT, LONER, late))
    caller.give(0)
    lock(caller, "GIFT")
    body = caller.order_body(redemption={"couponCodes": codes}) | more
    assert refusal == caller.refusal("POST", "/orders", body)
