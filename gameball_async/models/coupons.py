"""Coupons: asked about, locked, released."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final

from attrs import field, frozen

from gameball_async.models.fields import (
    Money,
    Number,
    as_texts,
    as_tuple,
    check,
    exactly_one,
)
from gameball_async.models.orders import LineItem, Merchant, as_lines


class CouponKind(StrEnum):
    """What a coupon gives, in one word for all vocabularies of the API (C-54)."""

    FREE_SHIPPING = "free_shipping"
    FIXED_DISCOUNT = "fixed_discount"
    FIXED_RATE_DISCOUNT = "fixed_rate_discount"
    PERCENTAGE_DISCOUNT = "percentage_discount"
    FREE_PRODUCT = "free_product"
    BUY_X_GET_Y = "buy_x_get_y"
    PERCENTAGE_FEES = "percentage_fees"
    FIXED_CASHBACK = "fixed_cashback"
    PERCENTAGE_CASHBACK = "percentage_cashback"
    CUSTOM = "custom"

    @classmethod
    def of(cls, word: str | None) -> "CouponKind | None":
        """Tell what one of the API's words for a coupon's type means.

        Args:
            word: From any answer: ``Free Shipping``, ``freeShipping``, ``shipping``, ...

        Returns:
            The kind; None for None and for a word that is not documented.
        """
        letters = "".join(filter(str.isalnum, word or "")).casefold()
        return _KINDS.get(letters.removesuffix("settings"))


_KINDS: Final[Mapping[str, CouponKind]] = {
    **{kind.replace("_", ""): kind for kind in CouponKind},
    "shipping": CouponKind.FREE_SHIPPING,
    "fixed": CouponKind.FIXED_DISCOUNT,
    "fixedrate": CouponKind.FIXED_RATE_DISCOUNT,
    "percentage": CouponKind.PERCENTAGE_DISCOUNT,
    "product": CouponKind.FREE_PRODUCT,
    "percentagebasedfeesdiscount": CouponKind.PERCENTAGE_FEES,
    "percentagebasedcashback": CouponKind.PERCENTAGE_CASHBACK,
}


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


@frozen(kw_only=True)
class SingleCouponRequest:
    """What is asked about the one coupon that the path names."""

    customer_id: str
    email: str | None = field(default=None, repr=False)
    mobile: str | None = field(default=None, repr=False)
    lock: bool | None = None
    """True reserves it as well."""
    lock_reference: str | None = None
    """A running lock whose codes are to be replaced."""
    lock_duration: int | None = None
    """Minutes; None keeps the account's setting."""
    merchant_id: str | None = None
    collection_id: str | None = None
    collections_ids: tuple[str, ...] | None = field(default=None, converter=as_texts)
    total_purchase_amount: Money | None = None
    """Value of the purchase, for coupons with a minimum."""

    __attrs_post_init__ = check


@frozen(kw_only=True)
class CouponGenerationRequest:
    """A coupon to buy with points."""

    customer_id: str
    rule_id: int
    """The redemption rule; a number (C-59)."""
    email: str | None = field(default=None, repr=False)
    mobile: str | None = field(default=None, repr=False)

    __attrs_post_init__ = check


@frozen(kw_only=True)
class CouponBurnRequest:
    """Coupons that were used: by their codes, or by the lock on them (C-57)."""

    customer_id: str
    email: str | None = field(default=None, repr=False)
    mobile: str | None = field(default=None, repr=False)
    transaction_id: str | None = None
    """Your id; it may be that of an order, a payment or a cashback."""
    transaction_time: datetime | None = None
    """Time in your system; None is the moment of the call."""
    coupons: tuple[str, ...] | None = field(default=None, converter=as_texts)
    """The codes."""
    lock_reference: str | None = None

    def __attrs_post_init__(self) -> None:
        check(self)
        exactly_one(self, "coupons", "lock_reference")
        if self.coupons is not None and (not self.coupons or "" in self.coupons):
            raise ValueError("CouponBurnRequest.coupons: must hold codes, none of them empty")


@frozen(kw_only=True)
class AutomaticDiscountRequest:
    """A cart for which a promotion is looked for."""

    customer_id: str
    cart_id: str
    email: str | None = field(default=None, repr=False)
    mobile: str | None = field(default=None, repr=False)
    total_price: Money | None = None
    """Before discounts."""
    total_shipping: Money | None = None
    """Needed for promotions of free shipping."""
    line_items: tuple[LineItem, ...] | None = field(default=None, converter=as_lines)
    merchant: Merchant | None = None

    __attrs_post_init__ = check


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
    """Such as ``shipping``, ``fixed``, ``percentage``, ``product``; `CouponKind.of` reads it."""
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


@frozen(kw_only=True, weakref_slot=False)
class GeneratedCoupon:
    """A coupon that was bought with points; some guides' further members are ignored (C-59)."""

    code: str | None = None
    start_date: datetime | None = None
    expiry_date: datetime | None = None
    """None when it never expires."""
    url: str | None = None
    """Explains the offer."""
    pin: str | None = field(default=None, repr=False)
    """Needed beside the code, where there is one."""


@frozen(kw_only=True, weakref_slot=False)
class CouponBurn:
    """Coupons that are used up."""

    success: bool | None = None
    burned_at: datetime | None = None
    transaction_id: str | None = None
    """Your id, when it was sent."""
    transaction_time: datetime | None = None
    """Your time, when it was sent."""
    already_recorded: bool = field(default=False, metadata={"wire": None})
    """True when an earlier attempt had landed. Not the API's."""


@frozen(kw_only=True, weakref_slot=False)
class DiscountedItem:
    """A product that a promotion makes cheaper."""

    product_id: str | None = None
    quantity: Number | None = None
    discount: Number | None = None
    """Discount of the whole line."""
    price: Number | None = None
    """Of one unit, before the discount."""


@frozen(kw_only=True, weakref_slot=False)
class AutomaticDiscount:
    """The promotion that applies to a cart by itself, if one does."""

    is_applied: bool | None = None
    """False is a normal answer."""
    coupon_name: str | None = None
    discount_amount: Number | None = None
    """Of the whole cart, in the account's currency."""
    discount_type: str | None = None
    """Such as ``shipping``, ``fixed``, ``percentage``, ``product``, ``buyXgetY`` (C-54)."""
    discounted_items: list[DiscountedItem] | None = None
