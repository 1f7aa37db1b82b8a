"""Movements of points that are no order: redeemed, granted for money spent, given back."""

from datetime import datetime

from attrs import field, frozen

from gameball_async.models.fields import Money, Number, check, exactly_one
from gameball_async.models.orders import CashbackConfigurations, LineItem, Merchant, as_lines


@frozen(kw_only=True)
class RedemptionRequest:
    """Points to burn: by value, by number, or what a hold reserved. There is no rule id (C-63)."""

    customer_id: str
    transaction_id: str
    """Your id of the redemption, unique."""
    email: str | None = field(default=None, repr=False)
    mobile: str | None = field(default=None, repr=False)
    transaction_time: datetime | None = None
    """Time in your system; None is the moment of the call."""
    amount: Money | None = None
    """Value in the account's currency."""
    points: int | None = None
    hold_reference: str | None = None
    """From `transactions.hold`."""
    merchant: Merchant | None = None
    hash: str | None = field(default=None, repr=False)
    """The rotating six digits that prove that the customer is present."""
    otp: str | None = field(default=None, repr=False)
    """One-time password, where the account asks for one."""
    ignore_otp: bool | None = field(default=None, metadata={"wire": "ignoreOTP"})
    reason: str | None = None
    """Shown in the dashboard, at most 255 characters."""

    def __attrs_post_init__(self) -> None:
        check(self)
        exactly_one(self, "amount", "points", "hold_reference")


@frozen(kw_only=True, weakref_slot=False)
class RedemptionReceipt:
    """Points that were redeemed."""

    customer_id: str | None = None
    gameball_transaction_id: str | None = None
    """The ledger's id (C-11)."""
    transaction_id: str | None = None
    redeem_amount: Number | None = None
    """Value in the account's currency."""
    redeem_equivalent_points: Number | None = None
    """Points burned."""
    reason: str | None = None
    already_recorded: bool = field(default=False, metadata={"wire": None})
    """True when an earlier attempt had landed and this redemption was looked up. Not the API's."""


@frozen(kw_only=True)
class CashbackRequest:
    """Money spent, to be rewarded by the cashback rules."""

    customer_id: str
    transaction_id: str
    """Your id of the reward, unique."""
    amount: Money
    """What the customer spent, in the account's currency."""
    email: str | None = field(default=None, repr=False)
    mobile: str | None = field(default=None, repr=False)
    transaction_time: datetime | None = None
    """Time in your system; None is the moment of the call."""
    merchant: Merchant | None = None
    configurations: CashbackConfigurations | None = None
    """Called `cashback_configurations` in an order."""

    __attrs_post_init__ = check


@frozen(kw_only=True, weakref_slot=False)
class CashbackReceipt:
    """Points that were granted for money spent."""

    customer_id: str | None = None
    gameball_transaction_id: str | None = None
    """The ledger's id; a number on this wire (C-11)."""
    reward_amount: Number | None = None
    """Value of the points in the account's currency; the sample shows the money spent (C-09)."""
    reward_equivalent_points: Number | None = None
    """Points granted."""
    already_recorded: bool = field(default=False, metadata={"wire": None})
    """True when an earlier attempt had landed and this reward was looked up. Not the API's."""


@frozen(kw_only=True)
class RefundRequest:
    """What is given back of an order, a payment or a redemption."""

    customer_id: str
    refund_transaction_id: str
    """Your id of the refund, unique."""
    reverse_transaction_id: str
    """Your id of the original, case-sensitive."""
    email: str | None = field(default=None, repr=False)
    mobile: str | None = field(default=None, repr=False)
    transaction_time: datetime | None = None
    """Time of the refund, not of the original (C-17); None is the moment of the call."""
    refund_amount: Money | None = None
    """Money given back; None is all of it (C-62)."""
    merchant: Merchant | None = None
    line_items: tuple[LineItem, ...] | None = field(default=None, converter=as_lines)
    """Only these products are given back."""

    __attrs_post_init__ = check


@frozen(kw_only=True, weakref_slot=False)
class RefundReceipt:
    """What was given back."""

    gameball_transaction_id: str | None = None
    """The ledger's id of one of its rows; a refund may write two (C-11)."""
    refund_transaction_id: str | None = None
    refund_amount: Number | None = None
    refund_equivalent_points: Number | None = None
    """Of the money, or points taken back: do not compute with it (C-62)."""
    already_recorded: bool = field(default=False, metadata={"wire": None})
    """True when an earlier attempt had landed and this refund was looked up. Not the API's."""


@frozen(kw_only=True, weakref_slot=False)
class ActivatedPoints:
    """Pending points that can be spent from now on."""

    points_activated: Number | None = None
    gameball_transaction_id: str | None = None
    """The ledger's id; a number on this wire (C-11)."""
    transaction_id: str | None = field(
        default=None, metadata={"wire": "clientTransactionId", "also": ("transactionId",)}
    )
    """Your id; this operation's answer has another name for it (C-87)."""


@frozen(kw_only=True)
class OtpRequest:
    """What a one-time password is to cover."""

    customer_id: str
    email: str | None = field(default=None, repr=False)
    mobile: str | None = field(default=None, repr=False)
    amount: Money | None = None
    """Value in the account's currency."""
    points: int | None = None
    rule_id: int | None = None
    """A redemption rule; a number here, text in a hold (C-61)."""

    def __attrs_post_init__(self) -> None:
        check(self)
        exactly_one(self, "amount", "points", "rule_id")
