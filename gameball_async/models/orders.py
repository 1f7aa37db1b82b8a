"""Orders: what a shop tells, and what it is told back."""

from collections.abc import Sequence
from datetime import datetime

from attrs import field, frozen

from gameball_async.models.events import EventPreview
from gameball_async.models.fields import (
    Extra,
    Money,
    Number,
    as_copy,
    as_texts,
    as_tuple,
    check,
    within,
)
from gameball_async.models.findings import Finding, look_at
from gameball_async.models.transactions import TransactionType


@frozen(kw_only=True)
class Branch:
    """The shop or sales channel inside a merchant."""

    unique_id: str
    """Your id of the branch; required here although some pages leave it open (C-23)."""
    name: str | None = None

    __attrs_post_init__ = check


@frozen(kw_only=True)
class Merchant:
    """A brand or business unit. Only counts when the account has the Merchants module."""

    unique_id: str | None = None
    """Your id of the merchant; an unknown one is created."""
    name: str | None = None
    branch: Branch | None = None

    __attrs_post_init__ = check


@frozen(kw_only=True)
class LineItem:
    """One line of an order: a product and how much of it."""

    product_id: str | None = None
    """Your id of the product."""
    quantity: Money | None = None
    """Units bought; fractions are allowed."""
    price: Money | None = None
    """Price of ONE unit, before tax and discount."""
    sku: str | None = None
    tags: tuple[str, ...] | None = field(default=None, converter=as_texts)
    category: tuple[str, ...] | None = field(default=None, converter=as_texts)
    """Names of the categories the product belongs to."""
    weight: Money | None = None
    """The API states no unit."""
    vendor: str | None = None
    """Maker or supplier."""
    collection: tuple[str, ...] | None = field(default=None, converter=as_texts)
    """Ids of collections; without them, rules of collections do not apply."""
    title: str | None = None
    taxes: Money | None = None
    """Tax of the WHOLE line."""
    discount: Money | None = None
    """Discount of the WHOLE line, as a positive amount."""
    extra: Extra | None = field(default=None, converter=as_copy)

    __attrs_post_init__ = check


def as_lines(values: Sequence[LineItem] | None) -> tuple[LineItem, ...] | None:
    """`as_tuple` for lines, which may be left out."""
    lines: tuple[LineItem, ...] | None = None if values is None else as_tuple(values)
    return lines


@frozen(kw_only=True)
class Redemption:
    """What an order redeems, by the references that reserved it."""

    points_hold_reference: str | None = None
    """From `transactions.hold`; the held points are burned with the order."""
    coupons_lock_reference: str | None = None
    """From `coupons.validate(..., lock=True)`; the locked coupons are burned with the order."""
    coupon_codes: tuple[str, ...] | None = field(default=None, converter=as_texts)
    """Codes applied to the order; lock them first (C-25)."""

    __attrs_post_init__ = check


@frozen(kw_only=True)
class CashbackConfigurations:
    """Settings of the account that one order overrides."""

    return_window: int | None = None
    """Days the earned points stay pending, 0 to 7300; None keeps the account's setting."""

    def __attrs_post_init__(self) -> None:
        check(self)
        within(self, "return_window", 0, 7300, "days")


@frozen(kw_only=True)
class Order:
    """A placed order, as tracked for points. Money is in the shop's currency.

    Raises:
        TypeError: A field holds something of another kind.
        ValueError: A value has no form on the wire; the message names the field.

    Source: POST /orders, docs.gameball.co.
    """

    customer_id: str
    """Your id of the customer, who is created when unknown."""
    order_id: str
    """Your id, case-sensitive. The same id is never rewarded twice."""
    total_paid: Money
    """What was really paid, after every discount and with tax and shipping: earns the points."""
    email: str | None = field(default=None, repr=False)
    """Needed when the account merges channels by e-mail."""
    mobile: str | None = field(default=None, repr=False)
    """Needed when the account merges channels by phone."""
    order_date: datetime | None = None
    """When it was placed, with a time zone; None is the moment of the call."""
    total_price: Money | None = None
    """Before discounts; stored, and never used for rewards."""
    total_discount: Money | None = None
    """All discounts together, points and coupons included."""
    total_shipping: Money | None = None
    total_tax: Money | None = None
    line_items: tuple[LineItem, ...] | None = field(default=None, converter=as_lines)
    """The products; without them only the totals count."""
    redemption: Redemption | None = None
    extra: Extra | None = field(default=None, converter=as_copy)
    """Free data; each key becomes metadata of the order's event."""
    merchant: Merchant | None = None
    guest: bool | None = None
    """True for somebody who has not signed up."""
    channel: str | None = None
    """Such as ``mobile``, ``pos``, ``web``, ``callcenter``, ``online`` (C-22)."""
    cart_id: str | None = None
    cashback_configurations: CashbackConfigurations | None = None
    referrer_code: str | None = None
    """Who recommended a new customer, on the first order (C-31)."""

    __attrs_post_init__ = check

    def findings(self) -> tuple[Finding, ...]:
        """Look for what does not add up: the API accepts it silently, and so does this client.

        Sums may differ by 0.01 and are exact; a float counts as what its shortest text says.

        Returns:
            What was found; empty for an order that adds up as far as it tells.

        Source: docs.gameball.co, on totals and line items of orders.
        """
        return look_at(self)


@frozen(kw_only=True)
class OrderQuote:
    """What an order would be, for a quote: nothing is recorded."""

    total_paid: Money
    """What would be paid, after every discount and with tax and shipping."""
    customer_id: str | None = None
    """With it the quote knows the customer's tier."""
    email: str | None = field(default=None, repr=False)
    mobile: str | None = field(default=None, repr=False)
    total_price: Money | None = None
    total_discount: Money | None = None
    total_shipping: Money | None = None
    line_items: tuple[LineItem, ...] | None = field(default=None, converter=as_lines)
    merchant: Merchant | None = None
    total_tax: Money | None = None
    """For `orders.preview_rewards` alone, as are the two members that follow."""
    channel: str | None = None
    extra: Extra | None = field(default=None, converter=as_copy)
    """Free data, for the conditions of campaigns."""

    __attrs_post_init__ = check


def quote_of(order: Order | OrderQuote) -> OrderQuote:
    """What a quote sends of *order*: only what it knows, and zeros that it requires (C-24).

    Args:
        order: An order to be placed, or what is known of it so far.

    Returns:
        The body of a quote; `total_discount` and `total_shipping` are 0 where they were absent.
    """
    return OrderQuote(
        total_paid=order.total_paid,
        customer_id=order.customer_id,
        email=order.email,
        mobile=order.mobile,
        total_price=order.total_price,
        total_discount=order.total_discount or 0,
        total_shipping=order.total_shipping or 0,
        line_items=order.line_items,
        merchant=order.merchant,
    )


def preview_of(order: Order | OrderQuote) -> OrderQuote:
    """What a preview of rewards sends of *order*: only what it knows (C-24).

    Args:
        order: An order to be placed, or what is known of it so far.

    Returns:
        The body of a preview.
    """
    return OrderQuote(
        total_paid=order.total_paid,
        customer_id=order.customer_id,
        email=order.email,
        mobile=order.mobile,
        total_price=order.total_price,
        total_discount=order.total_discount,
        total_shipping=order.total_shipping,
        line_items=order.line_items,
        merchant=order.merchant,
        total_tax=order.total_tax,
        channel=order.channel,
        extra=order.extra,
    )


@frozen(kw_only=True, weakref_slot=False)
class OrderReceiptLine:
    """Points of one product, or of the pseudo product ``Shipping``. For information only."""

    product_id: str | None = None
    """Your id, or ``Shipping``."""
    quantity: Number | None = None
    decimal_points: Number | None = None
    """Before rounding; of ONE unit in the API's own samples (C-01)."""
    points: Number | None = None
    """The same rounded down. Do not add rows up: `OrderReceipt.rewarded_points` counts (C-01)."""
    score: Number | None = None


@frozen(kw_only=True, weakref_slot=False)
class OrderReceipt:
    """What an order earned and spent."""

    customer_id: str | None = None
    redeemed_points: Number | None = field(default=None, metadata={"also": ("pointsRedeemed",)})
    """Points burned through the hold; None when nothing was redeemed."""
    rewarded_points: Number | None = field(default=None, metadata={"also": ("pointsEarned",)})
    """Points earned: the figure to trust."""
    line_items: list[OrderReceiptLine] | None = None
    order_id: str | None = field(default=None, metadata={"rare": True})
    """Point-of-sale guides only (C-30)."""
    status: str | None = field(default=None, metadata={"rare": True})
    """Point-of-sale guides only (C-30)."""
    gameball_status: str | None = field(default=None, metadata={"rare": True})
    """Only while the program is disabled, when points are None or 0 (C-89)."""
    already_recorded: bool = field(default=False, metadata={"wire": None})
    """True when an earlier attempt had landed and this receipt was looked up. Not the API's."""


@frozen(kw_only=True, weakref_slot=False)
class CashbackQuoteLine:
    """What one product would earn."""

    product_id: str | None = None
    quantity: Number | None = None
    total_decimal_points: Number | None = None
    """Before rounding, campaign included."""
    total_points: Number | None = None
    """Rounded down, campaign included; per unit or per line, the API's pages differ (C-01)."""
    total_score: Number | None = None
    reward_wallet_factor: Number | None = None
    """Points per unit of currency."""
    campaign_id: int | None = None
    campaign_name: str | None = None
    campaign_end_date: datetime | None = None
    campaign_impact_wallet_factor: Number | None = None
    """The campaign's multiplier, 3 for triple points (C-04)."""
    campaign_impact_points: Number | None = None
    """Points that only the campaign brings."""


@frozen(kw_only=True, weakref_slot=False)
class CashbackQuote:
    """What an order would earn."""

    total_points: Number | None = None
    """The figure to show."""
    total_score: Number | None = None
    line_items: list[CashbackQuoteLine] | None = None
    gameball_status: str | None = field(default=None, metadata={"rare": True})
    """Only while the program is disabled, when points are None or 0 (C-89)."""


@frozen(kw_only=True, weakref_slot=False)
class OrderPreview:
    """Everything an order would earn."""

    customer_id: str | None = None
    customer_found: bool | None = None
    """False for a missing or inactive customer; then there is no `event_rewards`."""
    total_points: Number | None = None
    """Of cashback and event campaigns together."""
    total_coupons: Number | None = None
    """Coupons the event campaigns would give."""
    cashback: CashbackQuote | None = None
    event_rewards: EventPreview | None = None
    """What ``place_order`` would earn."""


@frozen(kw_only=True, weakref_slot=False)
class OrderTransaction:
    """One ledger row of an order."""

    transaction_date: datetime | None = None
    gameball_transaction_id: str | None = None
    """The ledger's id; a number on this wire, text in the list (C-11)."""
    transaction_type: TransactionType | str | None = None
    amount: Number | None = None
    transaction_id: str | None = None
    """Your id: the order's."""
    equivalent_points: Number | None = None


@frozen(kw_only=True, weakref_slot=False)
class OrderTransactions:
    """Every ledger row of an order; not paged."""

    transactions: list[OrderTransaction] | None = None
    count: int | None = None
