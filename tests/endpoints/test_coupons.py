"""Coupons: the exact wire format, and what they do in an account."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from gameball_async import (
    AutomaticDiscount,
    CouponBurn,
    DiscountedItem,
    DuplicateError,
    GameballClient,
    GeneratedCoupon,
    LineItem,
    Merchant,
    NotFoundError,
    OutcomeUnknownError,
    Redemption,
)
from gameball_async.sandbox import Coupon, Fault, Program, Sandbox
from tests.clients import API_KEY, QUICK, SECRET_KEY, client, order
from tests.endpoints.exact import exact
from tests.wire import Drop, json_reply, refusal, wire

PROGRAM = Program(
    coupons=(
        Coupon(code="SUMMER50", type="percentage", value=50),
        Coupon(code="ONCE", usage_limit=1),
    )
)


def connect(sandbox: Sandbox) -> GameballClient:
    return GameballClient(API_KEY, SECRET_KEY, base_url=sandbox.url, retry=QUICK)


async def test_a_validation_travels_as_the_guide_shows_it() -> None:
    answer = {
        "valid": True,
        "coupons": [{"code": "SUMMER50", "value": 50, "capping": 12.5}],
        "lockReference": "74e20fc6",
        "dateToExpire": "2024-10-20T16:22:00.8249283Z",
    }
    found, sent = await exact(
        "POST",
        "/coupons/validate",
        answer,
        lambda g: g.coupons.validate(
            customer_id="cust_abc", coupons=["SUMMER50", "FREESHIPPING400"], lock=True
        ),
    )
    assert {
        "customerId": "cust_abc",
        "coupons": ["SUMMER50", "FREESHIPPING400"],
        "lock": True,
    } == sent.body
    assert (True, "74e20fc6") == (found.valid, found.lock_reference)
    assert found.coupons is not None
    assert Decimal("12.5") == found.coupons[0].capping
    assert found.date_to_expire is not None
    assert 824_928 == found.date_to_expire.microsecond


async def test_every_optional_member_of_a_validation_has_its_wire_name() -> None:
    _, sent = await exact(
        "POST",
        "/coupons/validate",
        {"isValid": True},
        lambda g: g.coupons.validate(
            customer_id="c",
            coupons=("A",),
            lock=True,
            lock_reference="l-1",
            lock_duration=15,
            merchant_id="m",
            collection_id="s",
            collections_ids=["s", "t"],
            total_purchase_amount=10,
            email="a@b.c",
            mobile="+1",
        ),
    )
    assert {
        "customerId": "c",
        "coupons": ["A"],
        "lock": True,
        "lockReference": "l-1",
        "lockDuration": 15,
        "merchantId": "m",
        "collectionId": "s",
        "collectionsIds": ["s", "t"],
        "totalPurchaseAmount": 10,
        "email": "a@b.c",
        "mobile": "+1",
    } == sent.body


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({"isValid": False, "coupon": {"code": "A", "reason": "expired"}}, id="C-55"),
        pytest.param({"valid": False, "coupons": [{"code": "A", "reason": "expired"}]}, id="C-56"),
    ],
)
async def test_an_unusable_coupon_is_an_answer_with_a_reason(answer: Any) -> None:
    found, _ = await exact(
        "POST",
        "/coupons/validate",
        answer,
        lambda g: g.coupons.validate(customer_id="c", coupons=["A"]),
    )
    assert found.valid is False
    assert found.coupons is not None
    assert "expired" == found.coupons[0].reason


async def test_a_lock_is_released_by_a_delete() -> None:
    done, _ = await exact(
        "DELETE",
        "/coupons/l-1",
        {"success": True, "releasedCoupons": ["A"]},
        lambda g: g.coupons.release("l-1"),
    )
    assert (True, ["A"]) == (done.success, done.released_coupons)


@pytest.mark.parametrize("codes", ["SUMMER50", [], [""], [5], None])
async def test_codes_that_are_no_list_of_texts_are_refused(codes: Any) -> None:
    async with GameballClient(API_KEY, SECRET_KEY, base_url="http://127.0.0.1:9") as gameball:
        with pytest.raises((ValueError, TypeError), match="coupons"):
            await gameball.coupons.validate(customer_id="c", coupons=codes)


async def test_a_locked_coupon_is_burned_by_its_order_and_by_no_other() -> None:
    async with Sandbox.serve(PROGRAM) as sandbox, connect(sandbox) as gameball:
        await gameball.orders.track(order("A-0", order_date=None))
        await gameball.orders.track(order("B-0", "other", order_date=None))
        lock = await gameball.coupons.validate(customer_id="id123", coupons=["ONCE"], lock=True)
        taken = await gameball.coupons.validate(customer_id="other", coupons=["ONCE"])
        held = Redemption(coupons_lock_reference=lock.lock_reference)
        await gameball.orders.track(order("A-1", order_date=None, redemption=held))
        used = await gameball.coupons.validate(customer_id="id123", coupons=["ONCE"])
    assert (True, False, False) == (lock.valid, taken.valid, used.valid)


async def test_a_release_whose_answer_was_lost_is_done() -> None:
    async with Sandbox.serve(PROGRAM) as sandbox, connect(sandbox) as gameball:
        await gameball.orders.track(order("A-0"))
        lock = await gameball.coupons.validate(customer_id="id123", coupons=["ONCE"], lock=True)
        assert lock.lock_reference is not None
        sandbox.fault(Fault.dropped(method="DELETE", after=True, times=1))
        assert (await gameball.coupons.release(lock.lock_reference)).success
        with pytest.raises(NotFoundError):
            await gameball.coupons.release(lock.lock_reference)


WHO: dict[str, Any] = {"customer_id": "c", "email": "a@b.c", "mobile": "+1"}
WHO_JSON = {"customerId": "c", "email": "a@b.c", "mobile": "+1"}


async def test_one_coupon_is_named_by_the_path_and_read_as_a_list_of_one_c55() -> None:
    found, sent = await exact(
        "POST",
        "/coupons/A%2FB/validate",
        {"valid": True, "coupon": {"code": "A/B", "type": "shipping"}, "lockReference": "l-1"},
        lambda g: g.coupons.validate_one(
            "A/B",
            **WHO,
            lock=True,
            lock_reference="l-1",
            lock_duration=15,
            merchant_id="m",
            collection_id="s",
            collections_ids=["s", "t"],
            total_purchase_amount=10,
        ),
    )
    assert {
        **WHO_JSON,
        "lock": True,
        "lockReference": "l-1",
        "lockDuration": 15,
        "merchantId": "m",
        "collectionId": "s",
        "collectionsIds": ["s", "t"],
        "totalPurchaseAmount": 10,
    } == sent.body
    assert (True, "l-1") == (found.valid, found.lock_reference)
    assert ["A/B"] == [coupon.code for coupon in found.coupons or []]


async def test_one_coupon_is_asked_about_again_unless_it_is_to_be_locked() -> None:
    async with wire(Drop(), json_reply(valid=True), Drop()) as server, client(server.url) as g:
        assert (await g.coupons.validate_one("A", customer_id="c")).valid
        with pytest.raises(OutcomeUnknownError):
            await g.coupons.validate_one("A", customer_id="c", lock=True)
        assert 3 == len(server.seen)


async def test_a_coupon_is_generated_by_a_numeric_rule_c59_and_never_twice() -> None:
    answer = {
        "code": "G-1",
        "startDate": "2024-10-20T14:16:00Z",
        "expiryDate": None,
        "url": "https://x.y",
        "pin": "1234",
        "usageLimit": 1,
    }
    made, sent = await exact(
        "POST", "/coupons/predefined", answer, lambda g: g.coupons.generate(**WHO, rule_id=7)
    )
    assert {**WHO_JSON, "ruleId": 7} == sent.body
    start = datetime(2024, 10, 20, 14, 16, tzinfo=UTC)
    assert GeneratedCoupon(code="G-1", start_date=start, url="https://x.y", pin="1234") == made
    assert "1234" not in repr(made)
    async with wire(Drop()) as server, client(server.url) as gameball:
        with pytest.raises(OutcomeUnknownError):
            await gameball.coupons.generate(customer_id="c", rule_id=7)
        with pytest.raises(TypeError, match="rule_id: must be an int"):
            await gameball.coupons.generate(customer_id="c", rule_id="7")  # type: ignore[arg-type]
        assert 1 == len(server.seen)


WHEN = datetime(2024, 10, 11, 16, 15, 15, 71_000, UTC)


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ({"coupons": ["A", "B"]}, {"coupons": ["A", "B"]}),
        ({"lock_reference": "l-1"}, {"lockReference": "l-1"}),
    ],
)
async def test_coupons_are_burned_by_code_or_by_lock_c57(what: Any, expected: Any) -> None:
    done, sent = await exact(
        "POST",
        "/coupons/burn",
        {
            "success": True,
            "burnedAt": "2023-11-07T05:31:56Z",
            "transactionId": "t-1",
            "transactionTime": "2024-10-11T16:15:15.071",
        },
        lambda g: g.coupons.burn(**WHO, transaction_id="t-1", transaction_time=WHEN, **what),
    )
    assert {
        **WHO_JSON,
        "transactionId": "t-1",
        "transactionTime": "2024-10-11T16:15:15.071Z",
        **expected,
    } == sent.body
    burned_at = datetime(2023, 11, 7, 5, 31, 56, tzinfo=UTC)
    assert (
        CouponBurn(success=True, burned_at=burned_at, transaction_id="t-1", transaction_time=WHEN)
        == done
    )


async def test_a_burn_with_an_id_is_repeated_and_a_duplicate_then_means_that_it_landed() -> None:
    async with wire(Drop(), refusal(422, 9004)) as server, client(server.url) as gameball:
        done = await gameball.coupons.burn(customer_id="c", coupons=["A"], transaction_id="t-1")
        assert CouponBurn(success=True, transaction_id="t-1", already_recorded=True) == done
        assert 1 == len({seen.body for seen in server.seen})
        assert server.seen[0].json["transactionTime"].endswith("Z")
    async with wire(Drop(), refusal(400, 4000)) as server, client(server.url) as gameball:
        with pytest.raises(OutcomeUnknownError) as caught:
            await gameball.coupons.burn(customer_id="c", coupons=["A"], transaction_id="t-1")
        assert "t-1" == caught.value.key
    async with wire(refusal(422, 9004)) as server, client(server.url) as gameball:
        with pytest.raises(DuplicateError):
            await gameball.coupons.burn(customer_id="c", coupons=["A"], transaction_id="t-1")
        done = await gameball.coupons.burn(
            customer_id="c", coupons=["A"], transaction_id="t-1", resend=True
        )
        assert done.already_recorded


async def test_a_burn_without_an_id_is_never_repeated_nor_sent_again() -> None:
    async with wire(Drop()) as server, client(server.url) as gameball:
        with pytest.raises(OutcomeUnknownError):
            await gameball.coupons.burn(customer_id="c", lock_reference="l-1")
        with pytest.raises(ValueError, match="resend: needs a transaction_id"):
            await gameball.coupons.burn(customer_id="c", lock_reference="l-1", resend=True)
        assert 1 == len(server.seen)


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ({}, "exactly one of coupons, lock_reference, got none"),
        ({"coupons": ["A"], "lock_reference": "l"}, "got coupons and lock_reference"),
        ({"coupons": []}, "must hold codes"),
        ({"coupons": ["A", ""]}, "must hold codes"),
        ({"coupons": "A"}, "coupons: must be a list or tuple"),
    ],
)
async def test_a_burn_is_by_codes_or_by_lock_and_never_by_both_c57(what: Any, message: str) -> None:
    gameball = GameballClient(API_KEY, SECRET_KEY)
    with pytest.raises((ValueError, TypeError), match=message):
        await gameball.coupons.burn(customer_id="c", **what)


async def test_an_automatic_promotion_is_asked_for_with_the_cart_c54() -> None:
    item = {"productId": "P", "quantity": 1, "price": 120.00, "discount": 24.5}
    found, sent = await exact(
        "POST",
        "/coupons/automatic",
        {
            "isApplied": True,
            "couponName": "Summer",
            "discountType": "buyXgetY",
            "discountAmount": 24.5,
            "discountedItems": [item],
        },
        lambda g: g.coupons.apply_automatic(
            **WHO,
            cart_id="k-1",
            total_price=120,
            total_shipping=5,
            line_items=[LineItem(product_id="P", quantity=1, price=120)],
            merchant=Merchant(unique_id="m"),
        ),
    )
    assert {
        **WHO_JSON,
        "cartId": "k-1",
        "totalPrice": 120,
        "totalShipping": 5,
        "lineItems": [{"productId": "P", "quantity": 1, "price": 120}],
        "merchant": {"uniqueId": "m"},
    } == sent.body
    discounted = DiscountedItem(
        product_id="P", quantity=1, price=Decimal(120), discount=Decimal("24.5")
    )
    assert (
        AutomaticDiscount(
            is_applied=True,
            coupon_name="Summer",
            discount_type="buyXgetY",
            discount_amount=Decimal("24.5"),
            discounted_items=[discounted],
        )
        == found
    )


async def test_an_automatic_promotion_needs_no_secret_and_may_not_apply() -> None:
    async with (
        wire(json_reply(isApplied=False)) as server,
        client(server.url, secret_key=None) as gameball,
    ):
        found = await gameball.coupons.apply_automatic(customer_id="c", cart_id="k")
        assert False is found.is_applied
        with pytest.raises(ValueError, match="cart_id: must not be empty"):
            await gameball.coupons.apply_automatic(customer_id="c", cart_id="")
