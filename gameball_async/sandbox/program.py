"""The loyalty program of an account: what its owner would set in the dashboard."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, TypeAlias

import attrs
from attrs import field, frozen
from attrs.converters import optional

from gameball_async.sandbox.webhooks import loopback

Numeric: TypeAlias = int | float | str | Decimal


def _decimal(value: Numeric) -> Decimal:
    """*value* as the Decimal that its shortest text names."""
    return Decimal(str(value))


def _decimal_or_none(value: Numeric | None) -> Decimal | None:
    """*value* as a Decimal, and nothing as nothing."""
    return None if value is None else _decimal(value)


def _words_or_none(value: Iterable[str] | None) -> frozenset[str] | None:
    """*value* as a set, and nothing as nothing."""
    return None if value is None else frozenset(value)


@frozen(kw_only=True)
class CombinesWith:
    """What a coupon may be stacked with."""

    order_discounts: bool = True
    product_discounts: bool = True
    shipping_discounts: bool = True


@frozen(kw_only=True)
class Coupon:
    """A coupon as the dashboard defines it."""

    code: str
    type: str = "fixed"
    """shipping, fixed, percentage or product."""
    value: Decimal = field(default=Decimal(0), converter=_decimal)
    """Money, or percent for a percentage."""
    usage_limit: int = 1_000_000
    """How often everybody together may use it."""
    limit_per_customer: int = 1_000_000
    start_date: datetime | None = None
    expiry_date: datetime | None = None
    capping: Decimal | None = field(default=None, converter=_decimal_or_none)
    """Upper bound of the discount, money."""
    min_reward: Decimal | None = field(default=None, converter=_decimal_or_none)
    """Lower bound of a percentage's discount, money."""
    min_order_value: Decimal = field(default=Decimal(0), converter=_decimal)
    entitled_product_ids: tuple[str, ...] | None = None
    entitled_variant_ids: tuple[str, ...] | None = None
    entitled_collection_ids: tuple[str, ...] | None = None
    entitled_merchant_ids: tuple[str, ...] | None = None
    combines_with: CombinesWith = CombinesWith()


@frozen(kw_only=True)
class Campaign:
    """A transactional campaign: more points for some products, or for everything."""

    id: int
    name: str
    multiplier: Decimal = field(converter=_decimal, validator=attrs.validators.ge(Decimal(1)))
    """3 triples the points."""
    start_date: datetime | None = None
    end_date: datetime | None = None
    product_ids: frozenset[str] | None = field(default=None, converter=_words_or_none)
    """Products that it is for; None for all, the shipping included."""
    collection_ids: frozenset[str] | None = field(default=None, converter=_words_or_none)
    """Collections that it is for; None for all."""


_positive = attrs.validators.gt(Decimal(0))
_not_negative = attrs.validators.ge(0)


def _in(*words: str) -> Any:
    """A validator for one of *words*."""
    return attrs.validators.in_(words)


def _limits(_: object, __: object, value: str | float) -> None:
    if value not in {"off", "documented"} and (isinstance(value, str) or value <= 0):
        raise ValueError(f"limits must be off, documented or a factor above zero, got {value!r}")


def _days_or_never(_: object, __: object, value: int | None) -> None:
    if value is not None and value <= 0:
        raise ValueError("points_expiry_days must be above zero, or None for never")


@frozen(kw_only=True)
class Program:
    """Settings of an account; every tenant of a sandbox has the same."""

    reward_wallet_factor: Decimal = field(
        default=Decimal(1), converter=_decimal, validator=attrs.validators.ge(Decimal(0))
    )
    """Points for every `amount_reward_threshold` of money."""
    amount_reward_threshold: Decimal = field(
        default=Decimal(1), converter=_decimal, validator=_positive
    )
    """The unit of the rate, and the smallest order that earns; money."""
    redemption_factor: Decimal = field(
        default=Decimal("0.1"), converter=_decimal, validator=_positive
    )
    """What a point is worth, money."""
    reward_shipping: bool = True
    reward_taxes: bool = True
    return_window_days: int = field(default=0, validator=_not_negative)
    """Days that earned points stay Pending."""
    hold_minutes: float = field(default=10, validator=attrs.validators.gt(0))
    lock_minutes: float = field(default=10, validator=attrs.validators.gt(0))
    points_expiry_days: int | None = field(default=365, validator=_days_or_never)
    """Days until points expire; None for never."""
    merge: Literal["none", "email", "mobile"] = field(
        default="none", validator=_in("none", "email", "mobile")
    )
    """The key by which customers of several channels share one profile."""
    coupons: tuple[Coupon, ...] = ()
    promotions: tuple[Coupon, ...] = ()
    """What ``/coupons/automatic`` may apply; the best one counts."""
    campaigns: tuple[Campaign, ...] = ()
    otp: bool = False
    """Whether holds and redemptions need a one-time password."""
    refund_equivalent_as: Literal["points", "money"] = field(
        default="points", validator=_in("points", "money")
    )
    """What ``refundEquivalentPoints`` counts: points that moved, or the money in points (C-62)."""
    friends_with_gameball_id: bool = False
    """Whether the rows of referred friends hold the id that pages go by (C-42)."""
    currency: str = "USD"
    points_name: str = "Points"
    batch_seconds: float = field(default=1.0, validator=attrs.validators.gt(0))
    """Seconds until a batch job starts, and between its steps of 100 items."""
    redemption_rules: Mapping[str, int] = field(factory=dict[str, int])
    """Points of each rule that a hold may name by ``ruleId``."""
    codes_need_lock: bool = False
    """Whether an order refuses ``couponCodes`` that are not locked (C-25)."""
    pagination_order: Literal["desc", "asc"] = field(default="desc", validator=_in("desc", "asc"))
    null_members: bool = False
    """Whether members without a value are sent as null instead of left out (C-03)."""
    hold_amount_as: Literal["string", "number"] = field(
        default="string", validator=_in("string", "number")
    )
    """How ``holdAmount`` is written (C-08)."""
    high_security: bool = False
    """Whether every operation needs the secret key."""
    minimum_version: Literal["v4", "v4.1"] = field(default="v4", validator=_in("v4", "v4.1"))
    """Calls on an older version are refused with 403 and code 1002."""
    disabled: Literal["no", "error", "notice"] = field(
        default="no", validator=_in("no", "error", "notice")
    )
    """Whether Gameball is off for the account: writes and quotes are refused with code 6000, or
    answered with a notice and without effect (C-89)."""
    webhook_url: str | None = field(default=None, converter=optional(loopback))
    """Where webhooks of all accounts go, on this machine; None for nowhere."""
    notify_of_points: bool = False
    """Whether customers get a message about the points that a purchase earns."""
    limits: Literal["off", "documented"] | float = field(default="off", validator=_limits)
    """Rate limits: off, the documented table, or a factor on that table."""
    limit_answer: Literal["empty", "json"] = field(default="empty", validator=_in("empty", "json"))
    """The body of a 429."""
    retry_after: int | None = None
    """The ``Retry-After`` of a 429, seconds; None leaves it out."""
