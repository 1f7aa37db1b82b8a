"""Coupons: asked about, locked, released."""

from collections.abc import Sequence
from datetime import datetime

from attrs import field, frozen

from gameball_async.models.fields import Money, Number, as_texts, as_tuple, check


def _as_codes(values: Sequence[str]) -> tuple[str, ...]:
    codes: tuple[str, ...] = as_tuple(values)
    return codes


@frozen(kw_only=True)
class CouponValidationRequest:
    """Codes to look at, and to reserve if wished."""

    customer_id: str
    coupons: tuple[str, ...] = field(converter=_as_codes)
    """The codes."""
    email: str | None = field(default=None, repr=False)
    mobile: str | None = field(default=None, repr=False)
    lock: bool | None = None
    """True reserves them as well."""
    lock_reference: str | None = None
    """A running lock whose codes are to be replaced."""
    lock_duration: int | None = None
    """Minutes; None keeps the account's setting."""
    merchant_id: str | None = None
    """For coupons tied to merchants."""
    collection_id: str | None = None
    """For coupons tied to a collection."""
    collections_ids: tuple[str, ...] | None = field(default=None, converter=as_texts)
    """For coupons tied to several collections."""
    total_purchase_amount: Money | None = None
    """Value of the purchase, for coupons with a minimum."""

    def __attrs_post_init__(self) -> None:
        check(self)
        if not self.coupons or "" in self.coupons:
            raise ValueError("CouponValidationRequest.coupons: must hold codes, none of them empty")


@frozen(kw_only=True, weakref_slot=False)
class CombinesWith:
    """Which other discounts a coupon may be used with."""

    order_discounts: bool | None = None
    product_discounts: bool | None = None
    shipping_discounts: bool | None = None


@frozen(kw_only=True, weakref_slot=False)
class Coupon:
    """One coupon; a code that cannot be used has `valid` and `reason`."""

    code: str | None = None
    type: str | None = None
    """Such as ``shipping``, ``fixed``, ``percentage``, ``product`` (C-54)."""
    value: Number | None = None
    """Money, or percent for the percentage kinds; 0 for free shipping."""
    usage_limit: Number | None = None
    """How often everybody together may use it."""
    limit_per_customer: Number | None = None
    """How often one customer may use it."""
    start_date: datetime | None = None
    expiry_date: datetime | None = None
    capping: Number | None = None
    """The most it takes off, in the account's currency."""
    min_reward: Number | None = None
    """The least a percentage coupon takes off, in the account's currency."""
    min_order_value: Number | None = None
    """The smallest order that qualifies, in the account's currency."""
    entitled_product_ids: list[str] | None = None
    """Only these products benefit; None is no restriction."""
    entitled_variant_ids: list[str] | None = None
    entitled_collection_ids: list[str] | None = None
    entitled_merchant_ids: list[str] | None = None
    combines_with: CombinesWith | None = None
    valid: bool | None = None
    """False for a code that cannot be used, None otherwise."""
    reason: str | None = None
    """Why not, in the API's words."""


@frozen(kw_only=True, weakref_slot=False)
class CouponValidation:
    """Whether codes can be used, and the lock on them if one was asked for."""

    valid: bool | None = field(default=None, metadata={"also": ("isValid",)})
    """Whether all of them can be used (C-55)."""
    coupons: list[Coupon] | None = field(default=None, metadata={"also": ("coupon",)})
    """One row for each code; a list of one where a single code was asked about (C-55)."""
    lock_reference: str | None = None
    """What an order redeems the coupons by; use it only when `valid` is true (C-56)."""
    date_to_expire: datetime | None = None
    """When the lock lapses."""


@frozen(kw_only=True, weakref_slot=False)
class CouponLockRelease:
    """What giving up a lock set free."""

    success: bool | None = None
    released_at: datetime | None = None
    released_coupons: list[str] | None = field(default=None, metadata={"inside": "code"})
    """The codes; rows may be objects with a `code` on the wire (C-58)."""
