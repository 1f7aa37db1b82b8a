"""Payments: money paid for services, and the points it brings."""

from collections.abc import Sequence
from datetime import datetime

from attrs import field, frozen

from gameball_async.models.fields import Extra, Money, Number, as_copy, as_texts, as_tuple, check
from gameball_async.models.orders import CashbackConfigurations, Merchant, Redemption


@frozen(kw_only=True)
class PaymentDetail:
    """One service that was paid for."""

    service_id: str | None = None
    service_name: str | None = None
    service_provider: str | None = None
    amount: Money | None = None
    """Cost of the service, before tax and discount."""
    tax: Money | None = None
    discount: Money | None = None
    """As a positive amount."""
    tags: tuple[str, ...] | None = field(default=None, converter=as_texts)
    category: tuple[str, ...] | None = field(default=None, converter=as_texts)
    extra: Extra | None = field(default=None, converter=as_copy)

    __attrs_post_init__ = check


def _as_details(values: Sequence[PaymentDetail] | None) -> tuple[PaymentDetail, ...] | None:
    details: tuple[PaymentDetail, ...] | None = None if values is None else as_tuple(values)
    return details


@frozen(kw_only=True)
class Payment:
    """A payment that was made, as tracked for points. Money is in the account's currency.

    Raises:
        TypeError: A field holds something of another kind.
        ValueError: A value has no form on the wire; the message names the field.

    Source: POST /payments, docs.gameball.co.
    """

    customer_id: str
    payment_id: str
    """Your id, case-sensitive. The same id is never rewarded twice."""
    total_paid: Money
    """What was really paid: earns the points."""
    email: str | None = field(default=None, repr=False)
    """Needed when the account merges channels by e-mail."""
    mobile: str | None = field(default=None, repr=False)
    """Needed when the account merges channels by phone."""
    payment_date: datetime | None = None
    """When it was paid, with a time zone; None is the moment of the call."""
    total_amount: Money | None = None
    """Before discounts; stored, and never used for rewards."""
    total_discount: Money | None = None
    total_processing_fees: Money | None = None
    total_tax: Money | None = None
    payment_details: tuple[PaymentDetail, ...] | None = field(default=None, converter=_as_details)
    redemption: Redemption | None = None
    extra: Extra | None = field(default=None, converter=as_copy)
    """Free data; becomes metadata of the payment's event (C-29)."""
    merchant: Merchant | None = None
    guest: bool | None = None
    """True for somebody who has not signed up."""
    channel: str | None = None
    """Such as ``mobile``, ``pos``, ``web``, ``callcenter`` (C-22)."""
    cashback_configurations: CashbackConfigurations | None = None

    __attrs_post_init__ = check


@frozen(kw_only=True)
class PaymentQuote:
    """What a payment would be, for a quote: nothing is recorded."""

    customer_id: str | None = None
    """With it the quote knows the customer's tier."""
    email: str | None = field(default=None, repr=False)
    mobile: str | None = field(default=None, repr=False)
    total_paid: Money | None = None
    total_amount: Money | None = None
    total_discount: Money | None = None
    total_processing_fees: Money | None = None
    total_tax: Money | None = None
    payment_details: tuple[PaymentDetail, ...] | None = field(default=None, converter=_as_details)
    merchant: Merchant | None = None

    __attrs_post_init__ = check


def quote_of(payment: Payment | PaymentQuote) -> PaymentQuote:
    """What a quote sends of *payment*: only what it knows.

    Args:
        payment: A payment to be made, or what is known of it so far.

    Returns:
        The body of a quote.
    """
    if isinstance(payment, PaymentQuote):
        return payment
    return PaymentQuote(
        customer_id=payment.customer_id,
        email=payment.email,
        mobile=payment.mobile,
        total_paid=payment.total_paid,
        total_amount=payment.total_amount,
        total_discount=payment.total_discount,
        total_processing_fees=payment.total_processing_fees,
        total_tax=payment.total_tax,
        payment_details=payment.payment_details,
        merchant=payment.merchant,
    )


@frozen(kw_only=True, weakref_slot=False)
class PaymentReceiptDetail:
    """Points of one service. For information only."""

    service_id: str | None = None
    decimal_points: Number | None = None
    """Before rounding."""
    points: Number | None = None
    """The same rounded down. Do not add rows up: `PaymentReceipt.rewarded_points` counts (C-01)."""
    score: Number | None = None


@frozen(kw_only=True, weakref_slot=False)
class PaymentReceipt:
    """What a payment earned and spent."""

    customer_id: str | None = None
    redeemed_points: Number | None = None
    """Points burned through the hold; None when nothing was redeemed."""
    rewarded_points: Number | None = None
    """Points earned: the figure to trust."""
    payment_details: list[PaymentReceiptDetail] | None = None
    gameball_status: str | None = field(default=None, metadata={"rare": True})
    """Only while the program is disabled, when points are None or 0 (C-89)."""
    already_recorded: bool = field(default=False, metadata={"wire": None})
    """True when an earlier attempt had landed and this receipt was looked up. Not the API's."""


@frozen(kw_only=True, weakref_slot=False)
class PaymentCashbackQuoteDetail:
    """What one service would earn."""

    service_id: str | None = None
    quantity: Number | None = None
    total_decimal_points: Number | None = None
    """Before rounding, campaign included."""
    total_points: Number | None = None
    """Rounded down, campaign included."""
    total_score: Number | None = None
    reward_wallet_factor: Number | None = None
    """Points per unit of currency."""
    campaign_id: int | None = None
    campaign_name: str | None = None
    campaign_end_date: datetime | None = None
    campaign_impact_wallet_factor: Number | None = None
    """The campaign's multiplier (C-04)."""
    campaign_impact_points: Number | None = None
    """Points that only the campaign brings."""


@frozen(kw_only=True, weakref_slot=False)
class PaymentCashbackQuote:
    """What a payment would earn."""

    total_points: Number | None = None
    """The figure to show."""
    total_score: Number | None = None
    payment_details: list[PaymentCashbackQuoteDetail] | None = None
    gameball_status: str | None = field(default=None, metadata={"rare": True})
    """Only while the program is disabled, when points are None or 0 (C-89)."""
