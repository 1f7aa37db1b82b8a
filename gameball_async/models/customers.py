"""Customers: who takes part in the program."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from attrs import field, frozen

from gameball_async.models.fields import Free, Money, Number, as_texts, as_tuple, check


def _as_list(values: Sequence[Any] | None) -> tuple[Any, ...] | None:
    items: tuple[Any, ...] | None = None if values is None else as_tuple(values)
    return items


def _as_own(values: Free | None) -> Free | None:
    """Keep a private copy; leave what is no mapping to `check`, which knows the field."""
    return dict(values) if isinstance(values, Mapping) else values


@frozen(kw_only=True)
class CustomerProfileAttributes:
    """What is known about a customer, as you tell it; what is left out keeps its stored value."""

    display_name: str | None = field(default=None, repr=False)
    """Shown in lists and in the leaderboard."""
    first_name: str | None = field(default=None, repr=False)
    last_name: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    """For the profile; the merge key is `CustomerProfile.email`."""
    gender: str | None = None
    """Such as ``M``, ``F``, ``Other``."""
    mobile: str | None = field(default=None, repr=False)
    """For the profile; the merge key is `CustomerProfile.mobile`."""
    date_of_birth: str | None = field(default=None, repr=False)
    """``YYYY-MM-DD``."""
    join_date: str | None = None
    """``YYYY-MM-DD``: when the customer joined your shop."""
    country: str | None = None
    city: str | None = None
    zip: str | None = None
    preferred_language: str | None = None
    """Language code for messages."""
    source: str | None = None
    """Where the registration came from."""
    utms: tuple[Any, ...] | None = field(default=None, converter=_as_list)
    """UTM records; their shape is not documented."""
    devices: tuple[Any, ...] | None = field(default=None, converter=_as_list, repr=False)
    """Their shape is not documented."""
    payment_methods: tuple[str, ...] | None = field(default=None, converter=as_texts)
    total_spent: Money | None = None
    """Lifetime spend in the account's currency."""
    last_order_date: str | None = None
    total_orders: int | None = None
    avg_order_amount: Money | None = None
    """Mean value of an order in the account's currency."""
    channel: str | None = None
    """Such as ``mobile``, ``pos``, ``web``, ``callcenter`` (C-22)."""
    custom: Free | None = field(default=None, converter=_as_own, repr=False)
    """Your own attributes: texts, numbers, booleans, dates; none may bear a name from above."""

    __attrs_post_init__ = check


@frozen(kw_only=True)
class CustomerProfile:
    """A customer to create, or to update when the id is known.

    Raises:
        TypeError: A field holds something of another kind.
        ValueError: A value has no form on the wire; the message names the field.

    Source: POST /customers
    """

    customer_id: str
    """Your permanent id; an e-mail address or a phone number is a bad one (C-90)."""
    email: str | None = field(default=None, repr=False)
    """Needed when the account merges channels by e-mail."""
    mobile: str | None = field(default=None, repr=False)
    """Needed when the account merges channels by phone."""
    device_token: str | None = field(default=None, repr=False)
    """Push token of the device."""
    os_type: str | None = None
    """Operating system of the device."""
    customer_attributes: CustomerProfileAttributes | None = None
    referrer_code: str | None = None
    """Who recommended the customer: with the first call, within 5 minutes. A wrong one is
    ignored silently; ask `referrals.validate` before."""
    guest: bool | None = None
    """True for somebody who has not signed up."""

    __attrs_post_init__ = check


@frozen(kw_only=True, weakref_slot=False)
class CustomerUpsert:
    """What creating or updating a customer is answered with."""

    gameball_id: int | None = None
    """Gameball's own id."""
    customer_id: str | None = field(default=None, metadata={"rare": True})
    """Some guides only, as all below (C-43)."""
    display_name: str | None = field(
        default=None, repr=False, metadata={"rare": True, "also": ("name",)}
    )
    email: str | None = field(default=None, repr=False, metadata={"rare": True})
    mobile: str | None = field(default=None, repr=False, metadata={"rare": True})
    created_at: datetime | None = field(default=None, metadata={"rare": True})


@frozen(kw_only=True, weakref_slot=False)
class CustomerAttributes:
    """A customer's profile without personal data."""

    gender: str | None = None
    country: str | None = None
    city: str | None = None
    zip: str | None = None
    custom: dict[str, Any] | None = field(default=None, repr=False)
    """Your own attributes."""
    tags: list[str] | None = None
    source: str | None = None
    """Where the registration came from."""
    utms: list[Any] | None = field(default=None, metadata={"also": ("utMs",)})
    """UTM records; the wire spells the member in two ways (C-44)."""
    devices: list[Any] | None = field(default=None, repr=False)
    payment_methods: list[str] | None = None
    total_spent: Number | None = None
    """Lifetime spend in the account's currency."""
    last_order_date: str | None = None
    total_orders: Number | None = None
    manual_date: str | None = None
    """A date kept for entries by hand."""


@frozen(kw_only=True, weakref_slot=False)
class Customer:
    """A customer without personal data."""

    gameball_id: int | None = None
    """Gameball's own id."""
    customer_id: str | None = None
    """Your id."""
    customer_attributes: CustomerAttributes | None = None
    referral_code: str | None = None
    """The code this customer shares."""
    referral_link: str | None = None
    """The name of the code's parameter differs by account: do not take it apart (C-48)."""
    is_referred: bool | None = None
    """Whether somebody recommended this customer."""
    dynamic_referral_link: str | None = None
    """For apps."""


@frozen(kw_only=True, weakref_slot=False)
class CustomerDetailsAttributes:
    """A customer's whole profile, personal data included."""

    display_name: str | None = field(default=None, repr=False)
    first_name: str | None = field(default=None, repr=False)
    last_name: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    gender: str | None = None
    mobile: str | None = field(default=None, repr=False)
    date_of_birth: str | None = field(default=None, repr=False)
    join_date: str | None = None
    """When the customer joined your shop."""
    country: str | None = None
    city: str | None = None
    zip: str | None = None
    preferred_language: str | None = None
    """Language code for messages."""
    tags: list[str] | None = None
    source: str | None = None
    """Where the registration came from."""
    utms: list[Any] | None = field(default=None, metadata={"also": ("utMs",)})
    """UTM records; the wire spells the member in two ways (C-44)."""
    devices: list[Any] | None = field(default=None, repr=False)
    payment_methods: list[str] | None = None
    total_spent: Number | None = None
    """Lifetime spend in the account's currency."""
    last_order_date: str | None = None
    total_orders: Number | None = None
    avg_order_amount: Number | None = None
    """Mean value of an order in the account's currency."""
    channel: str | None = None
    """Such as ``mobile``, ``pos``, ``web``, ``callcenter`` (C-22)."""
    custom: dict[str, Any] | None = field(default=None, repr=False)
    """Your own attributes."""
    manual_date: str | None = None
    """A date kept for entries by hand."""


@frozen(kw_only=True, weakref_slot=False)
class CustomerDetails:
    """A customer with personal data."""

    customer_id: str | None = None
    """Your id."""
    gameball_id: int | None = None
    """Gameball's own id."""
    customer_attributes: CustomerDetailsAttributes | None = None
    referral_code: str | None = None
    """The code this customer shares."""
    referral_link: str | None = None
    """The name of the code's parameter differs by account: do not take it apart (C-48)."""
    is_referred: bool | None = None
    """Whether somebody recommended this customer."""
    dynamic_referral_link: str | None = None
    """For apps."""


@frozen(kw_only=True)
class CustomerActivationRequest:
    """Whether a customer is to take part."""

    is_active: bool

    __attrs_post_init__ = check


@frozen(kw_only=True, weakref_slot=False)
class CustomerActivation:
    """Whether a customer takes part."""

    customer_id: str | None = None
    is_active: bool | None = None
    state_changed: bool | None = None
    """True only when this call changed something."""


@frozen(kw_only=True, weakref_slot=False)
class PromotionConditions:
    """When a promotion applies."""

    buy_quantity: Number | None = None
    get_quantity: Number | None = None
    applicable_collections: list[Any] | None = None
    """Collections; whether ids or objects is not documented."""
    min_order_value: Number | None = None


@frozen(kw_only=True, weakref_slot=False)
class PromotionRules:
    """What a promotion gives, and when."""

    type: str | None = None
    description: str | None = None
    conditions: PromotionConditions | None = None


@frozen(kw_only=True, weakref_slot=False)
class CustomerCoupon:
    """A coupon that a customer has or had."""

    name: str | None = None
    code: str | None = None
    value: Number | None = None
    """Money, or percent for the percentage kinds."""
    type: str | None = None
    """Such as ``Free Shipping``, ``Fixed Rate Discount``, ``Percentage`` (C-54)."""
    target: str | None = None
    """Why the customer has it: ``Online``, ``POS``, ``Permanent``, ``Reward``, ``Automation``."""
    currency: str | None = None
    """Of a fixed value."""
    start_date: datetime | None = None
    expiry_date: datetime | None = None
    is_expired: bool | None = None
    is_active: bool | None = None
    """Not switched off."""
    usage_limit: Number | None = None
    """How often everybody together may use it."""
    limit_per_customer: Number | None = None
    """How often one customer may use it."""
    used_count: Number | None = None
    """How often everybody together used it."""
    customer_used_count: Number | None = None
    """How often this customer used it."""
    is_available_to_use: bool | None = None
    """Whether this customer can use it now: the flag to trust."""
    icon_path: str | None = None
    is_promotion: bool | None = field(default=None, metadata={"rare": True})
    """Named by the changelog only, as all below (C-60)."""
    promotion_rules: PromotionRules | None = field(default=None, metadata={"rare": True})
    display_name: dict[str, Any] | None = field(default=None, metadata={"rare": True})
    """Language to text."""
    terms_and_conditions: dict[str, Any] | None = field(default=None, metadata={"rare": True})
    """Language to text."""
    status: str | None = field(default=None, metadata={"rare": True})
    """Tutorials only."""
    is_used: bool | None = field(default=None, metadata={"rare": True})
    """Tutorials only."""


@frozen(kw_only=True, weakref_slot=False)
class CustomerCoupons:
    """Every coupon of a customer: usable, used and expired; not paged."""

    coupons: list[CustomerCoupon] | None = None


@frozen(kw_only=True)
class SocialCampaignRequest:
    """A social campaign that a customer has done."""

    customer_id: str
    challenge_id: int
    """A campaign of the type Social Activities."""
    email: str | None = field(default=None, repr=False)
    mobile: str | None = field(default=None, repr=False)

    __attrs_post_init__ = check


@frozen(kw_only=True, weakref_slot=False)
class SocialCampaignAchievement:
    """That a social campaign was accepted; the reward follows within minutes, if it is due."""

    customer_id: str | None = None
    challenge_id: int | None = None
    gameball_status: str | None = field(default=None, metadata={"rare": True})
    """Only while the program is disabled, as all below (C-89)."""
    message: str | None = field(default=None, metadata={"rare": True})
    learn_more: str | None = field(default=None, metadata={"rare": True})


@frozen(kw_only=True, weakref_slot=False)
class CustomerHash:
    """The rotating proof that a customer is present."""

    hash: str | None = field(default=None, repr=False)
    """Six digits for one `hold` or `redeem`; they rotate, so never store them."""


def joined(name: str, values: object) -> str:
    """Write several texts as one, with commas (C-38).

    Args:
        name: What the errors call them.
        values: A sequence of texts.

    Returns:
        The texts without blanks around them.

    Raises:
        TypeError: It is no sequence of texts.
        ValueError: There is none, one is empty, or one holds a comma.
    """
    return ",".join(trimmed(name, values))


def trimmed(name: str, values: object) -> tuple[str, ...]:
    """The texts that `joined` joins."""
    items = as_tuple(values)
    if not isinstance(items, tuple):
        raise TypeError(f"{name}: must be a list or tuple, got {type(values).__name__}")
    if not items:
        raise ValueError(f"{name}: must not be empty")
    return tuple(
        _one(f"{name}[{index}]", item)
        for index, item in enumerate(cast("tuple[object, ...]", items))
    )


def _one(where: str, value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{where}: must be a str, got {type(value).__name__}")
    text = value.strip()
    if not text:
        raise ValueError(f"{where}: must not be empty")
    if "," in text:
        raise ValueError(f"{where}: must not hold a comma, which separates them")
    return text


@frozen(kw_only=True)
class TagsRequest:
    """Tags to attach or to remove."""

    tags: str
    """One text, separated by commas (C-38)."""

    __attrs_post_init__ = check


@frozen(kw_only=True, weakref_slot=False)
class Notification:
    """A message to a customer."""

    id: str | None = field(default=None, metadata={"also": ("notificationId",)})
    """What `mark_notifications_read` takes; the wire has two names for it (C-39)."""
    title: str | None = None
    body: str | None = None
    is_read: bool | None = None
    created_at: datetime | None = None
    lang: str | None = None
    """Language of the text; one of the two documented shapes only, as `icon` (C-39)."""
    icon: str | None = None


@frozen(kw_only=True, weakref_slot=False)
class NotificationPage:
    """One page of notifications; it goes on by `has_more` or by `next_cursor` (C-39)."""

    notifications: list[Notification] | None = None
    next_cursor: str | None = None
    count: int | None = None
    """Rows of this page, in theory (C-41)."""
    has_more: bool | None = None


def _as_ids(values: Sequence[str]) -> tuple[str, ...]:
    ids: tuple[str, ...] = as_tuple(values)
    return ids


@frozen(kw_only=True)
class NotificationsReadRequest:
    """Notifications to mark as read."""

    notification_ids: tuple[str, ...] = field(converter=_as_ids)
    """Texts, though one tutorial sends numbers by another name (C-39)."""

    def __attrs_post_init__(self) -> None:
        check(self)
        if not self.notification_ids or "" in self.notification_ids:
            raise ValueError(
                "NotificationsReadRequest.notification_ids: must hold ids, none of them empty"
            )


@frozen(kw_only=True, weakref_slot=False)
class Count:
    """How many there are."""

    count: int | None = None
