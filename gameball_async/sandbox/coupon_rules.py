"""Who may use which coupon now, and what locking and burning do to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import combinations

from attrs import frozen

from gameball_async.sandbox.ledger import Profile
from gameball_async.sandbox.program import Coupon
from gameball_async.sandbox.tenant import CouponUse, Lock, Tenant


@frozen
class Purchase:
    """What a request tells about the purchase; None and empty where it tells nothing."""

    merchant_id: str | None = None
    collections: frozenset[str] = frozenset()
    products: frozenset[str] = frozenset()
    value: int | Decimal | None = None


def why_unusable(
    use: CouponUse,
    profile: Profile | None,
    purchase: Purchase,
    now: datetime,
    session: Lock | None,
) -> str | None:
    """Why the customer cannot use a coupon inside the lock *session*; None when it can be used."""
    coupon = use.coupon
    uses = use.used_by.get(profile.gameball_id, 0) if profile else 0
    reasons = {
        "notStarted": coupon.start_date is not None and now < coupon.start_date,
        "expired": coupon.expiry_date is not None and now >= coupon.expiry_date,
        "usageLimitReached": use.used >= coupon.usage_limit,
        "customerLimitReached": uses >= coupon.limit_per_customer,
        "customerNotEntitled": use.owner is not None and use.owner is not profile,
        "locked": use.lock is not None and use.lock is not session,
        **_misses(coupon, purchase),
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def _misses(coupon: Coupon, purchase: Purchase) -> dict[str, bool]:
    """What the purchase lacks, as far as the request told."""
    merchants, collections = coupon.entitled_merchant_ids, coupon.entitled_collection_ids
    products = coupon.entitled_product_ids
    return {
        "minOrderValue": purchase.value is not None and purchase.value < coupon.min_order_value,
        "merchantNotEntitled": merchants is not None
        and purchase.merchant_id is not None
        and purchase.merchant_id not in merchants,
        "collectionNotEntitled": collections is not None
        and bool(purchase.collections)
        and purchase.collections.isdisjoint(collections),
        "productNotEntitled": products is not None
        and bool(purchase.products)
        and purchase.products.isdisjoint(products),
    }


def cannot_combine(coupons: Sequence[Coupon]) -> set[str]:
    """The codes that do not go together with another one of *coupons*."""
    apart: set[str] = set()
    for one, other in combinations(coupons, 2):
        if not (_bears(one, other) and _bears(other, one)):
            apart |= {one.code, other.code}
    return apart


def _bears(one: Coupon, other: Coupon) -> bool:
    """Whether *one* may be stacked with a coupon of the kind of *other*."""
    stack = one.combines_with
    if other.type == "shipping":
        return stack.shipping_discounts
    return stack.product_discounts if other.type == "product" else stack.order_discounts


def lock_coupons(
    tenant: Tenant,
    profile: Profile,
    codes: tuple[str, ...],
    expires_at: datetime,
    session: Lock | None,
) -> Lock:
    """Reserve *codes* until *expires_at*, in place of what *session* had reserved."""
    if session is not None:
        unlock(tenant, session)
    reference = session.reference if session else tenant.new_reference().replace("-", "")
    lock = Lock(reference, profile, codes, expires_at)
    tenant.locks[reference] = lock
    for code in codes:
        tenant.coupons[code].lock = lock
    tenant.ledger.at(expires_at, partial(lapse, tenant, lock))
    return lock


def lapse(tenant: Tenant, lock: Lock) -> None:
    """End *lock* by the passing of time."""
    unlock(tenant, lock)


def unlock(tenant: Tenant, lock: Lock) -> list[str]:
    """End *lock*, if it lives, and return the codes that this frees."""
    if tenant.locks.get(lock.reference) is not lock:
        return []
    del tenant.locks[lock.reference]
    freed = [code for code in lock.codes if tenant.coupons[code].lock is lock]
    for code in freed:
        tenant.coupons[code].lock = None
    return freed


def burn(tenant: Tenant, profile: Profile, codes: Iterable[str], lock: Lock | None) -> None:
    """Count a use of each of *codes* and end *lock*."""
    for code in codes:
        use = tenant.coupons[code]
        use.used += 1
        use.used_by[profile.gameball_id] = use.used_by.get(profile.gameball_id, 0) + 1
        use.lock = None
        if use.row is not None:
            use.row.coupon_used = True
    if lock is not None:
        unlock(tenant, lock)


def lock_end(tenant: Tenant, minutes: int | None, now: datetime) -> datetime:
    """When a lock of *minutes*, or of the account's length, lapses."""
    return now + timedelta(minutes=minutes or tenant.program.lock_minutes)
