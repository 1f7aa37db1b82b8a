"""``/coupons``: validating, locking and releasing."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from gameball_async.sandbox.checks import (
    check_active,
    check_points,
    check_registered,
    only_one_of,
)
from gameball_async.sandbox.coupon_rules import (
    Purchase,
    burn,
    cannot_combine,
    lock_coupons,
    lock_end,
    unlock,
    why_unusable,
)
from gameball_async.sandbox.ledger import Entry, Profile
from gameball_async.sandbox.limits import COUPONS, CUSTOMERS_GET
from gameball_async.sandbox.program import Coupon, Program
from gameball_async.sandbox.refusals import Refusal
from gameball_async.sandbox.routes import Route, Visit, customer_in_path, customer_of_body
from gameball_async.sandbox.shapes import (
    AMOUNT,
    FLAG,
    INSTANT,
    MERGE_KEYS,
    NAME,
    TEXT,
    Member,
    Shape,
    array_of,
    rule_id,
    text,
    whole_between,
)
from gameball_async.sandbox.tenant import CouponUse, Lock
from gameball_async.sandbox.wire import (
    JsonObject,
    in_microseconds,
    number_of,
    without_nulls,
    written,
    zulu,
)

_COUPON_LIFE: Final = timedelta(days=30)
_KINDS: Final = {
    "shipping": "Free Shipping",
    "fixed": "Fixed Rate Discount",
    "percentage": "Percentage",
    "product": "Free Product",
}

_MEMBERS: Final = {
    "customerId": NAME,
    **MERGE_KEYS,
    "lock": FLAG,
    "lockReference": TEXT,
    "lockDuration": Member(whole_between(1, 21_600)),
    "merchantId": TEXT,
    "collectionId": TEXT,
    "collectionsIds": Member(array_of(text)),
    "totalPurchaseAmount": AMOUNT,
}
ONE: Final = Shape(_MEMBERS)
VALIDATION: Final = Shape({**_MEMBERS, "coupons": Member(array_of(text), required=True)})
PREDEFINED: Final = Shape(
    {"customerId": NAME, **MERGE_KEYS, "ruleId": Member(rule_id, required=True)}
)
BURN: Final = Shape(
    {
        "customerId": NAME,
        **MERGE_KEYS,
        "transactionId": TEXT,
        "transactionTime": INSTANT,
        "coupons": Member(array_of(text)),
        "lockReference": TEXT,
    }
)


def validate(visit: Visit) -> JsonObject:
    """``POST /coupons/validate``: may these be used, and with ``lock`` reserve all or none."""
    answer, rows = _validated(visit, visit.body["coupons"])
    return {"valid": answer.pop("valid"), "coupons": rows, **answer}


def validate_one(visit: Visit) -> JsonObject:
    """``POST /coupons/{code}/validate``: the same for one code, as one object."""
    answer, rows = _validated(visit, (visit.path["code"],))
    return {"valid": answer.pop("valid"), "coupon": rows[0], **answer}


def _validated(visit: Visit, codes: tuple[str, ...]) -> tuple[JsonObject, list[JsonObject]]:
    """The answer without its coupons, and the coupons."""
    tenant, body = visit.tenant, visit.body
    profile = tenant.known(body)
    check_active(profile)
    coupons = _coupons(visit, codes)
    session = _session(visit, profile)
    reasons = _reasons(visit, profile, coupons, session)
    answer: JsonObject = {"valid": not reasons}
    rows = [_row(coupon, reasons.get(coupon.code), visit.program) for coupon in coupons]
    if body.get("lock", False) and not reasons:
        tenant.remember(profile, body)
        end = lock_end(tenant, body.get("lockDuration"), visit.now)
        lock = lock_coupons(tenant, profile, codes, end, session)
        answer["lockReference"] = lock.reference
        answer["dateToExpire"] = f"{in_microseconds(lock.expires_at)}0Z"
    return answer, rows


def _coupons(visit: Visit, codes: tuple[str, ...]) -> list[Coupon]:
    """The coupons that the request names."""
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
        body.get("merchantId"), frozenset(collections), value=body.get("totalPurchaseAmount")
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
        "startDate": zulu(coupon.start_date),
        "expiryDate": zulu(coupon.expiry_date),
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


def release(visit: Visit) -> JsonObject:
    """``DELETE /coupons/{lockReference}``: give the coupons of a lock free."""
    reference = visit.path["lockReference"]
    lock = visit.tenant.locks.get(reference)
    if lock is None:
        raise Refusal(4004, f"lock {reference!r} not found")
    freed = unlock(visit.tenant, lock)
    return {"success": True, "releasedAt": written(visit.now), "releasedCoupons": freed}


def generate(visit: Visit) -> JsonObject:
    """``POST /coupons/predefined``: points buy a coupon of as much money, for this customer."""
    tenant, body, program = visit.tenant, visit.body, visit.program
    profile = tenant.known(body)
    check_active(profile)
    check_registered(profile)
    points = program.redemption_rules.get(body["ruleId"])
    if points is None:
        raise Refusal(4004, f"redemption rule {body['ruleId']} not found")
    check_points(profile, points)

    tenant.remember(profile, body)
    worth = points * program.redemption_factor
    code = tenant.new_reference()[:8].upper()
    coupon = Coupon(
        code=code,
        value=worth,
        usage_limit=1,
        limit_per_customer=1,
        start_date=visit.now,
        expiry_date=visit.now + _COUPON_LIFE,
    )
    entry = Entry(
        type="DiscountCode",
        transaction_id=None,
        customer_id=body["customerId"],
        amount=worth,
        time=visit.now,
    )
    row = tenant.ledger.debit(profile, entry, points)
    row.coupon_code, row.coupon_type = code, "fixed_discount"
    tenant.coupons[code] = CouponUse(coupon, owner=profile, row=row)
    return {
        "code": code,
        "startDate": zulu(coupon.start_date),
        "expiryDate": zulu(coupon.expiry_date),
        "url": f"https://shop.example/coupons/{code}",
        "pin": f"{row.id % 10_000:04}",
    }


def burn_them(visit: Visit) -> JsonObject:
    """``POST /coupons/burn``: use coupons without an order; all or none."""
    tenant, body = visit.tenant, visit.body
    way = only_one_of(body, ("coupons", "lockReference"))
    profile = tenant.known(body)
    check_active(profile)
    lock = _session(visit, profile)
    coupons = _coupons(visit, lock.codes if lock else body[way])
    for coupon in coupons:
        _check_burnable(visit, tenant.coupons[coupon.code], profile, lock)

    tenant.remember(profile, body)
    burn(tenant, profile, (coupon.code for coupon in coupons), lock)
    answer = {
        "success": True,
        "burnedAt": zulu(visit.now),
        "transactionId": body.get("transactionId"),
        "transactionTime": zulu(body.get("transactionTime")),
    }
    return without_nulls(answer, keep=False)


def _check_burnable(visit: Visit, use: CouponUse, profile: Profile, lock: Lock | None) -> None:
    reason = why_unusable(use, profile, Purchase(), visit.now, lock)
    if reason is not None:
        code = 3011 if reason.endswith("LimitReached") else 4000
        raise Refusal(code, f"coupon {use.coupon.code!r}: {reason}")


def of_customer(visit: Visit) -> JsonObject:
    """``GET /customers/{customerId}/coupons``: all, also the used and the expired ones."""
    profile = customer_in_path(visit)
    uses = visit.tenant.coupons.values()
    return {
        "coupons": [
            _owned(visit, use, profile) for use in uses if use.owner is None or use.owner is profile
        ]
    }


def _owned(visit: Visit, use: CouponUse, profile: Profile) -> JsonObject:
    """A coupon as its customer sees it; the words of its kind are those of this list (C-54)."""
    coupon = use.coupon
    reason = why_unusable(use, profile, Purchase(), visit.now, None)
    return {
        "name": coupon.code,
        "code": coupon.code,
        "value": number_of(coupon.value),
        "type": _KINDS.get(coupon.type, "Custom"),
        "target": "Permanent" if use.owner is None else "Reward",
        "currency": visit.program.currency,
        "startDate": zulu(coupon.start_date),
        "expiryDate": zulu(coupon.expiry_date),
        "isExpired": coupon.expiry_date is not None and visit.now >= coupon.expiry_date,
        "isActive": True,
        "usageLimit": coupon.usage_limit,
        "limitPerCustomer": coupon.limit_per_customer,
        "usedCount": use.used,
        "customerUsedCount": use.used_by.get(profile.gameball_id, 0),
        "isAvailableToUse": reason is None and profile.is_active,
        "iconPath": None,
    }


def _customer_if_locking(visit: Visit) -> object:
    return customer_of_body(visit) if visit.body.get("lock", False) else None


def _customer_of_lock(visit: Visit) -> object:
    lock = visit.tenant.locks.get(visit.path["lockReference"])
    return lock.profile if lock else None


ROUTES: Final = (
    Route(
        method="POST",
        path="/coupons/predefined",
        bucket=COUPONS,
        answer=generate,
        body=PREDEFINED,
        writes=customer_of_body,
    ),
    Route(
        method="POST",
        path="/coupons/{code}/validate",
        bucket=COUPONS,
        answer=validate_one,
        body=ONE,
        writes=_customer_if_locking,
    ),
    Route(
        method="POST",
        path="/coupons/burn",
        bucket=COUPONS,
        answer=burn_them,
        body=BURN,
        writes=customer_of_body,
    ),
    Route(
        method="GET",
        path="/customers/{customerId}/coupons",
        bucket=CUSTOMERS_GET,
        answer=of_customer,
    ),
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
