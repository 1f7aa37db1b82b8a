"""Transactions: the ledger of points, its rows, holds and entries by hand."""

from datetime import datetime
from enum import StrEnum

from attrs import field, frozen

from gameball_async.models.fields import Money, Number, check, exactly_one, within


class TransactionType(StrEnum):
    """Why points moved. An order's own view knows two more than the list (C-65)."""

    ACHIEVEMENT_REWARD = "AchievementReward"
    PAYMENT_REWARD = "PaymentReward"
    PAYMENT = "Payment"
    REFUND = "Refund"
    PARTIAL_REFUND = "PartialRefund"
    REDEMPTION = "Redemption"
    EXPIRY = "Expiry"
    CANCEL = "Cancel"
    MIGRATION = "Migration"
    MANUAL_ACCUMULATION = "ManualAccumulation"
    DISCOUNT_CODE = "DiscountCode"
    MANUAL_DEDUCTION = "ManualDeduction"
    MANUAL_REWARD = "ManualReward"


class TransactionStatus(StrEnum):
    """What can be done with the points of a row."""

    ACTIVE = "Active"
    PENDING = "Pending"
    BLOCKED = "Blocked"
    EXPIRED = "Expired"


class Direction(StrEnum):
    """Whether points came or went; the numbers of a row are always positive."""

    ACCUMULATION = "+"
    DEDUCTION = "-"


class HoldState(StrEnum):
    """What became of held points. Compared without regard to case (C-61)."""

    ACTIVE = "Active"
    EXPIRED = "Expired"
    USED = "Used"

    @classmethod
    def _missing_(cls, value: object) -> "HoldState | None":
        folded = str(value).casefold()
        return next((state for state in cls if state.value.casefold() == folded), None)


@frozen(kw_only=True, weakref_slot=False)
class Transaction:
    """One row of the ledger."""

    transaction_id: str | None = None
    """Your id: of the order, the payment or the entry."""
    gameball_transaction_id: str | None = None
    """The ledger's id, digits (C-11)."""
    type: TransactionType | str | None = None
    direction: Direction | str | None = None
    customer_id: str | None = None
    points: Number | None = None
    """Points moved, positive in both directions."""
    amount: Number | None = None
    """Their value in the account's currency, positive in both directions."""
    transaction_time: datetime | None = None
    """Time in your system."""
    status: TransactionStatus | str | None = None
    coupon_code: str | None = None
    """The code bought with the points."""
    is_coupon_used: bool | None = None
    coupon_type: str | None = None
    merchant_name: str | None = None
    branch_name: str | None = None
    reason: str | None = None
    achievement_name: str | None = None
    """Name of the campaign."""
    expiry_date: datetime | None = None
    """When the points expire."""
    points_balance_before: Number | None = None
    points_balance_after: Number | None = None
    achievement_type: str | None = None
    """E.g. ``TierUpgrade``."""
    achieved_reward_campaign_id: str | None = None
    achieved_tier_id: int | None = None
    family_redemption_amount: Number | None = field(default=None, metadata={"rare": True})
    """Family wallets only (C-67)."""
    family_redemption_points: Number | None = field(default=None, metadata={"rare": True})
    """Family wallets only (C-67)."""


@frozen(kw_only=True, weakref_slot=False)
class TransactionPage:
    """One page of the ledger, newest row first."""

    transactions: list[Transaction] | None = None
    count: int | None = None
    """Rows of this page, in theory (C-41)."""
    has_more: bool | None = None


@frozen(kw_only=True, weakref_slot=False)
class CustomerTransaction(Transaction):
    """One row of the ledger, and whose it is."""

    customer_name: str | None = field(default=None, repr=False)
    customer_email: str | None = field(default=None, repr=False)
    is_customer_deleted: bool | None = None


@frozen(kw_only=True, weakref_slot=False)
class CustomerTransactionPage:
    """One page of the ledger with its customers, newest row first."""

    transactions: list[CustomerTransaction] | None = None
    count: int | None = None
    """Rows of this page, in theory (C-41)."""
    has_more: bool | None = None


@frozen(kw_only=True, weakref_slot=False)
class TransactionCount:
    """How many rows match."""

    count: int | None = None


@frozen(kw_only=True)
class HoldRequest:
    """Points to reserve: by number, by value, or by a redemption rule."""

    customer_id: str
    email: str | None = field(default=None, repr=False)
    mobile: str | None = field(default=None, repr=False)
    transaction_time: datetime | None = None
    """When the points were held in your system; None is the moment of the call."""
    points_to_hold: int | None = None
    amount_to_hold: Money | None = None
    rule_id: str | None = None
    """A redemption rule; text here, a number in other calls (C-61)."""
    otp: str | None = field(default=None, repr=False)
    """One-time password, where the account asks for one."""
    ignore_otp: bool | None = field(default=None, metadata={"wire": "ignoreOTP"})
    hash: str | None = field(default=None, repr=False)
    """The rotating six digits that prove that the customer is present."""

    def __attrs_post_init__(self) -> None:
        check(self)
        exactly_one(self, "points_to_hold", "amount_to_hold", "rule_id")


@frozen(kw_only=True, weakref_slot=False)
class Hold:
    """Reserved points, as told by the call that reserved them or by a later look."""

    customer_id: str | None = None
    hold_amount: Number | None = None
    """Value in the account's currency; text on the wire at times (C-08)."""
    hold_equivalent_points: Number | None = None
    hold_reference: str | None = None
    """What an order redeems it by; only told when it is made."""
    state: HoldState | str | None = None
    """Only told by a later look."""
    date_to_expire: datetime | None = None
    """When it lapses; only told by a later look."""


@frozen(kw_only=True)
class ManualTransactionRequest:
    """Points to add or to deduct by hand."""

    customer_id: str
    transaction_id: str
    """Your id of the entry, unique."""
    username: str
    """Who does it."""
    reason: str
    email: str | None = field(default=None, repr=False)
    mobile: str | None = field(default=None, repr=False)
    transaction_time: datetime | None = None
    """Time in your system; None is the moment of the call."""
    points: int | None = None
    """Positive adds, negative deducts; zero is the same as None (C-12)."""
    amount: Money | None = None
    """The same as a value in the account's currency."""
    expiry_after: int | None = None
    """Days until added points expire, 1 to 3000; None keeps the account's setting (C-13)."""

    def __attrs_post_init__(self) -> None:
        check(self)
        for name in ("points", "amount"):
            if getattr(self, name) == 0:  # the seeds send one beside the figure that counts (C-12)
                object.__setattr__(self, name, None)
        exactly_one(self, "points", "amount")
        within(self, "expiry_after", 1, 3000, "days; leave it out for the account's setting")


@frozen(kw_only=True, weakref_slot=False)
class ManualTransaction:
    """An entry made by hand."""

    customer_id: str | None = None
    gameball_transaction_id: str | None = None
    """The ledger's id; a number on this wire, text in the list (C-11)."""
    transaction_id: str | None = None
    points: Number | None = None
    amount: Number | None = None
    """Value of the points in the account's currency, computed by Gameball."""
    already_recorded: bool = field(default=False, metadata={"wire": None})
    """True when an earlier attempt had landed and this entry was looked up. Not the API's."""


@frozen(kw_only=True, weakref_slot=False)
class Success:
    """A plain acknowledgement."""

    success: bool | None = None
    message: str | None = None
