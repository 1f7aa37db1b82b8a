"""The points ledger: who has how many, from which row, until when."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from itertools import count
from typing import Any, Final, Literal

from attrs import define, evolve, field, frozen

from gameball_async.sandbox.wire import JsonObject, shown, written, written_or_none

FIRST_ID: Final = 11_034_700
_NEVER: Final = datetime.max.replace(tzinfo=UTC)


@frozen(kw_only=True)
class Entry:
    """What a row says about its cause."""

    type: str
    transaction_id: str | None
    customer_id: str
    amount: Decimal
    time: datetime
    reason: str | None = None
    merchant: str | None = None
    branch: str | None = None
    order_id: str | None = None
    """The order that also lists the row, when it is not `transaction_id`."""
    order_type: str | None = None
    """What the order's list calls the type, when that differs."""

    def listed_by(self, order_id: str | None, type_: str, order_type: str) -> Entry:
        """The same cause, for a row of *type_* that an order lists as *order_type*."""
        return evolve(self, type=type_, order_id=order_id, order_type=order_type)

    def of(self, type_: str, amount: Decimal) -> Entry:
        """The same cause, for a row of another type."""
        return evolve(self, type=type_, amount=amount)


@frozen
class Portion:
    """Points that were spent together, and when they would have expired."""

    points: int
    expires_at: datetime | None


@define(eq=False)
class Row:
    """One movement of points."""

    id: int
    profile: Profile
    entry: Entry
    direction: Literal["+", "-"]
    points: int
    before: int
    after: int
    status: str
    expires_at: datetime | None
    lot: Lot | None = None
    """What is left of the points, when the row added some."""
    spent: list[Portion] = field(factory=list[Portion])
    """What the row took away, in the order in which it was spent."""
    coupon_code: str | None = None
    coupon_type: str | None = None
    coupon_used: bool = False

    def as_listed(self) -> JsonObject:
        """The row as ``GET /transactions`` has it."""
        entry = self.entry
        return {
            "transactionId": entry.transaction_id,
            "gameballTransactionId": str(self.id),
            "type": entry.type,
            "direction": self.direction,
            "customerId": entry.customer_id,
            "points": self.points,
            "amount": shown(entry.amount),
            "transactionTime": written(entry.time),
            "status": self.status,
            "couponCode": self.coupon_code,
            "isCouponUsed": self.coupon_used,
            "couponType": self.coupon_type,
            "merchantName": entry.merchant,
            "branchName": entry.branch,
            "reason": entry.reason,
            "achievementName": None,
            "expiryDate": written_or_none(self.expires_at),
            "pointsBalanceBefore": self.before,
            "pointsBalanceAfter": self.after,
            "achievementType": None,
            "achievedRewardCampaignId": None,
            "achievedTierId": None,
        }

    def as_of_order(self) -> JsonObject:
        """The row as ``GET /orders/{orderId}/transactions`` has it."""
        return {
            "transactionDate": written(self.entry.time),
            "gameballTransactionId": self.id,
            "transactionType": self.entry.order_type or self.entry.type,
            "amount": shown(self.entry.amount),
            "transactionId": self.entry.transaction_id,
            "equivalentPoints": shown(self.points),
        }


@define(eq=False)
class Lot:
    """Points of one earning that are not spent yet."""

    row: Row
    left: int
    active_at: datetime | None
    """When the return window ends; None without one."""
    expires_at: datetime | None
    expired: int = 0
    """Points of it that nobody spent in time."""


@frozen
class Balance:
    """Points of a customer."""

    total: int
    """Everything on the ledger: active and pending."""
    pending: int
    """Earned, but still inside the return window."""
    held: int
    """Reserved by holds."""

    @property
    def active(self) -> int:
        """What is outside every return window, held or not."""
        return self.total - self.pending

    @property
    def available(self) -> int:
        """What can be held or spent now; never below zero."""
        return max(0, self.active - self.held)

    @property
    def spendable(self) -> int:
        """What the API calls available: below zero when more was refunded than was left."""
        return min(self.active, self.available)


@define(eq=False)
class Profile:
    """A customer: one balance and one history, under one or more customer ids."""

    gameball_id: int
    customer_id: str = ""
    """The first of its ids."""
    is_active: bool = True
    is_guest: bool = False
    is_referred: bool = False
    is_deleted: bool = False
    attributes: JsonObject = field(factory=dict[str, Any])
    """What is known about the person, by the wire's names."""
    tags: list[str] = field(factory=list[str])
    friends: list[Friend] = field(factory=list["Friend"])
    """Who came with this customer's referral code, oldest first."""
    achieved: dict[int, datetime] = field(factory=dict[int, datetime])
    """Social campaigns, and when they were last reported."""
    notifications: list[Notification] = field(factory=list["Notification"])
    """Oldest first."""
    balance: Balance = Balance(0, 0, 0)
    earned: int = 0
    """Points of a lifetime, without those that a refund gave back."""
    debt: int = 0
    """Points that were taken back although they had been spent; the next ones pay for them."""
    rows: list[Row] = field(factory=list[Row])
    times: set[datetime] = field(factory=set[datetime])
    """Times that the caller gave to transactions; none may come twice."""
    total_spent: Decimal = Decimal(0)
    total_orders: int = 0
    last_order: datetime | None = None
    active_lots: list[tuple[datetime, int, Lot]] = field(factory=list[tuple[datetime, int, "Lot"]])
    """A heap: what expires first is spent first."""

    @property
    def referral_code(self) -> str:
        """The code that this customer shares."""
        return f"GB{self.gameball_id}"

    @property
    def referral_link(self) -> str:
        """Where that code leads (C-48)."""
        return f"https://shop.example/?referralCode={self.referral_code}"

    def move(self, *, total: int = 0, pending: int = 0, held: int = 0) -> None:
        """Change the balance."""
        now = self.balance
        self.balance = Balance(now.total + total, now.pending + pending, now.held + held)


@frozen
class Friend:
    """A customer whom another one brought."""

    customer_id: str
    profile: Profile
    joined: datetime


@define(eq=False)
class Notification:
    """A message to a customer."""

    id: int
    title: str
    body: str
    created_at: datetime
    is_read: bool = False


class Ledger:
    """Every row of a tenant, in the order of its ids, and what time will do to them."""

    __slots__ = ("_due", "_ids", "_orders", "_redemption_factor", "_turns", "rows", "touched")

    def __init__(self, redemption_factor: Decimal) -> None:
        self.rows: list[Row] = []
        self.touched: deque[Profile] = deque()
        """Customers who were written to, and may have changed."""
        self._redemption_factor = redemption_factor
        self._ids = count(FIRST_ID)
        self._turns = count()
        self._due: list[tuple[datetime, int, Callable[[], None]]] = []
        self._orders: dict[str, list[Row]] = {}

    def credit(
        self,
        profile: Profile,
        entry: Entry,
        points: int,
        *,
        active_at: datetime | None = None,
        expires_at: datetime | None = None,
    ) -> Row:
        """Add *points*, spendable at once or from *active_at* on, until *expires_at*."""
        row = self._book(profile, entry, points, expires_at)
        lot = row.lot = Lot(row, points, active_at, expires_at)
        profile.earned += points if entry.type != "Refund" else 0
        if active_at is None:
            self._activate(profile, lot)
        else:
            row.status = "Pending"
            profile.move(pending=points)
            self.at(active_at, partial(self._ripen, profile, lot))
        if expires_at is not None:
            self.at(expires_at, partial(self._expire, profile, lot, expires_at))
        return row

    def debit(self, profile: Profile, entry: Entry, points: int) -> Row:
        """Take *points* away, from what expires first; the caller has checked the balance."""
        row = self._book(profile, entry, -points, None)
        row.spent = _spend(profile, points)
        return row

    def take_back(self, profile: Profile, entry: Entry, points: int, lot: Lot) -> Row:
        """Take *points* away that *lot* brought, even if they are spent: then the balance sinks."""
        own = min(points, lot.left)
        lot.left -= own
        if lot.row.status == "Pending":
            profile.move(pending=-own)
        spent = _spend(profile, points - own)
        profile.debt += points - own - sum(portion.points for portion in spent)
        return self._book(profile, entry, -points, None)

    def activate(self, profile: Profile, lot: Lot, now: datetime) -> int:
        """End the return window of *lot* early; its points expire as much earlier."""
        points = lot.left
        if lot.expires_at is not None and lot.active_at is not None:
            lot.expires_at = lot.row.expires_at = lot.expires_at - (lot.active_at - now)
            self.at(lot.expires_at, partial(self._expire, profile, lot, lot.expires_at))
        self._ripen(profile, lot)
        return points

    def unrewarded(self, profile: Profile, entry: Entry) -> Row:
        """The row of an order that moved no points; only the order's own list shows it."""
        row = Row(next(self._ids), profile, entry, "+", 0, 0, 0, "Active", None)
        self._file(row)
        return row

    def of_order(self, order_id: str) -> list[Row] | None:
        """The rows of an order, oldest first; None when it is unknown."""
        return self._orders.get(order_id)

    def open_order(self, order_id: str) -> None:
        """From now on rows with this transaction id belong to an order."""
        self._orders[order_id] = []

    def at(self, when: datetime, action: Callable[[], None]) -> None:
        """Let *action* happen as soon as it is *when*."""
        heapq.heappush(self._due, (when, next(self._turns), action))

    def settle(self, now: datetime) -> Iterator[None]:
        """Do everything that was due until *now*, one thing for each step of the iteration."""
        while self._due and self._due[0][0] <= now:
            heapq.heappop(self._due)[2]()
            yield

    def _activate(self, profile: Profile, lot: Lot) -> None:
        paid = min(profile.debt, lot.left)
        profile.debt -= paid
        lot.left -= paid
        key = (lot.expires_at or _NEVER, lot.row.id, lot)
        heapq.heappush(profile.active_lots, key)

    def _ripen(self, profile: Profile, lot: Lot) -> None:
        """End the return window of *lot*, unless it was ended before."""
        if lot.row.status != "Pending":
            return
        lot.row.status = "Active"
        self.touched.append(profile)
        profile.move(pending=-lot.left)
        self._activate(profile, lot)

    def _expire(self, profile: Profile, lot: Lot, time: datetime) -> None:
        """Take back what is left of *lot*; a later time than its last one finds nothing."""
        if not lot.left:
            return
        points, lot.left = lot.left, 0
        lot.expired = points
        lot.row.status = "Expired"
        amount = points * self._redemption_factor
        entry = evolve(lot.row.entry, type="Expiry", amount=amount, time=time)
        self._book(profile, entry, -points, None)

    def _book(
        self, profile: Profile, entry: Entry, change: int, expires_at: datetime | None
    ) -> Row:
        before = profile.balance.total
        self.touched.append(profile)
        profile.move(total=change)
        row = Row(
            next(self._ids),
            profile,
            entry,
            "+" if change > 0 else "-",
            abs(change),
            before,
            before + change,
            "Active",
            expires_at,
        )
        profile.rows.append(row)
        self.rows.append(row)
        self._file(row)
        return row

    def _file(self, row: Row) -> None:
        """Add *row* to its order, if it has one."""
        order = self._orders.get(row.entry.order_id or row.entry.transaction_id or "")
        if order is not None:
            order.append(row)


def _spend(profile: Profile, points: int) -> list[Portion]:
    """Use up to *points* of what the customer can spend, first what expires first."""
    spent: list[Portion] = []
    while points and profile.active_lots:
        lot = profile.active_lots[0][2]
        taken = min(points, lot.left)
        lot.left -= taken
        points -= taken
        if taken:
            spent.append(Portion(taken, lot.expires_at))
        if not lot.left:
            heapq.heappop(profile.active_lots)
    return spent
