"""Coupons: the exact wire format, and what they do in an account."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from gameball_async import GameballClient, NotFoundError, Redemption
from gameball_async.sandbox import Coupon, Fault, Program, Sandbox
from tests.clients import API_KEY, QUICK, SECRET_KEY, order
from tests.endpoints.exact import exact

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
