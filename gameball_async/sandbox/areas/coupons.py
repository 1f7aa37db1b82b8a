"""``/coupons``: validating, locking and releasing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from gameball_async.sandbox.checks import check_active
from gameball_async.sandbox.coupon_rules import (
    Purchase,
    cannot_combine,
    lock_coupons,
    lock_end,
    unlock,
    why_unusable,
)
from gameball_async.sandbox.ledger import Profile
from gameball_async.sandbox.limits import COUPONS
from gameball_async.sandbox.program import Coupon, Program
from gameball_async.sandbox.refusals import Refusal
from gameball_async.sandbox.routes import Route, Visit, customer_of_body
from gameball_async.sandbox.shapes import (
    AMOUNT,
    FLAG,
    MERGE_KEYS,
    NAME,
    TEXT,
    Member,
    Shape,
    array_of,
    text,
    whole_between,
)
from gameball_async.sandbox.tenant import Lock
from gameball_async.sandbox.wire import JsonObject, in_microseconds, number_of, written

VALIDATION: Final = Shape(
    {
        "customerId": NAME,
        **MERGE_KEYS,
        "coupons": Member(array_of(text), required=True),
        "lock": FLAG,
        "lockReference": TEXT,
        "lockDuration": Member(whole_between(1, 21_600)),
        "merchantId": TEXT,
        "collectionId": TEXT,
        "collectionsIds": Member(array_of(text)),
        "totalPurchaseAmount": AMOUNT,
    }
)


def validate(visit: Visit) -> JsonObject:
    """``POST /coupons/validate``: may these be used, and with ``lock`` reserve all or none."""
    tenant, body = visit.tenant, visit.body
    profile = tenant.known(body)
    check_active(profile)
    coupons = _coupons(visit)
    session = _session(visit, profile)
    reasons = _reasons(visit, profile, coupons, session)
    answer: JsonObject = {
        "valid": not reasons,
        "coupons": [_row(coupon, reasons.get(coupon.code), visit.program) for coupon in coupons],
    }
    if body.get("lock", False) and not reasons:
        tenant.remember(profile, body)
        end = lock_end(tenant, body.get("lockDuration"), visit.now)
        codes = tuple(coupon.code for coupon in coupons)
        lock = lock_coupons(tenant, profile, codes, end, session)
        answer["lockReference"] = lock.reference
        answer["dateToExpire"] = f"{in_microseconds(lock.expires_at)}0Z"
    return answer


def _coupons(visit: Visit) -> list[Coupon]:
    """The coupons that the request names."""
    codes: tuple[str, ...] = visit.body["coupons"]
    if not codes or len(set(codes)) < len(codes):
        raise Refusal(3003, "coupons must name at least one code, and none twice")
    unknown = [code for code in codes if code not in visit.tenant.coupons]
    if unknown:
        raise Refusal(4004, f"coupon {unknown[0]!r} does not exist")
    return [visit.tenant.coupons[code].coupon for code in codes]


def _session(visit: Visit, profile: Profile) -> Lock | None:
    """The running lock that the request names."""
    reference = visit.body.get("lockReference")
    if reference is None:
        return None
    lock = visit.tenant.locks.get(reference)
    if lock is None or lock.profile is not profile:
        raise Refusal(4004, f"lock {reference!r} not found")
    return lock


def _reasons(
    visit: Visit, profile: Profile, coupons: list[Coupon], session: Lock | None
) -> dict[str, str]:
    """Why codes cannot be used, by code."""
    body = visit.body
    collections: set[str] = set(body.get("collectionsIds", ()))
    if "collectionId" in body:
        collections.add(body["collectionId"])
    purchase = Purchase(
        body.get("merchantId"), frozenset(collections), body.get("totalPurchaseAmount")
    )
    reasons = dict.fromkeys(cannot_combine(coupons), "cannotBeCombined")
    for coupon in coupons:
        use = visit.tenant.coupons[coupon.code]
        reason = why_unusable(use, profile, purchase, visit.now, session)
        if reason is not None:
            reasons[coupon.code] = reason
    return reasons


def _row(coupon: Coupon, reason: str | None, program: Program) -> JsonObject:
    """A coupon that can be used in full, another one with the reason."""
    if reason is not None:
        return {"code": coupon.code, "valid": False, "reason": reason}
    stack = coupon.combines_with
    row: JsonObject = {
        "code": coupon.code,
        "type": coupon.type,
        "value": number_of(coupon.value),
        "usageLimit": coupon.usage_limit,
        "limitPerCustomer": coupon.limit_per_customer,
        "startDate": _zulu(coupon.start_date),
        "expiryDate": _zulu(coupon.expiry_date),
        "capping": number_of(coupon.capping),
        "minOrderValue": number_of(coupon.min_order_value),
        "entitledProductIds": coupon.entitled_product_ids,
        "entitledVariantIds": coupon.entitled_variant_ids,
        "entitledCollectionIds": coupon.entitled_collection_ids,
        "combinesWith": {
            "orderDiscounts": stack.order_discounts,
            "productDiscounts": stack.product_discounts,
            "shippingDiscounts": stack.shipping_discounts,
        },
    }
    later = {
        "minReward": number_of(coupon.min_reward),
        "entitledMerchantIds": coupon.entitled_merchant_ids,
    }
    keep = program.null_members
    return row | {name: value for name, value in later.items() if keep or value is not None}


def _zulu(time: datetime | None) -> str | None:
    """*time* as coupons have it: ``2024-10-20T14:16:00Z``."""
    return None if time is None else f"{written(time.astimezone(UTC))}Z"


def release(visit: Visit) -> JsonObject:
    """``DELETE /coupons/{lockReference}``: give the coupons of a lock free."""
    reference = visit.path["lockReference"]
    lock = visit.tenant.locks.get(reference)
    if lock is None:
        raise Refusal(4004, f"lock {reference!r} not found")
    freed = unlock(visit.tenant, lock)
    return {"success": True, "releasedAt": written(visit.now), "releasedCoupons": freed}


def _customer_if_locking(visit: Visit) -> object:
    return customer_of_body(visit) if visit.body.get("lock", False) else None


def _customer_of_lock(visit: Visit) -> object:
    lock = visit.tenant.locks.get(visit.path["lockReference"])
    return lock.profile if lock else None


ROUTES: Final = (
    Route(
        method="POST",
        path="/coupons/validate",
        bucket=COUPONS,
        answer=validate,
        body=VALIDATION,
        writes=_customer_if_locking,
    ),
    Route(
        method="DELETE",
        path="/coupons/{lockReference}",
        bucket=COUPONS,
        answer=release,
        writes=_customer_of_lock,
    ),
)
