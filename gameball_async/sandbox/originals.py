"""What can be taken back of a transaction, and how much a refund takes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from attrs import define, field, frozen

from gameball_async.sandbox.ledger import Lot, Portion, Profile
from gameball_async.sandbox.refusals import Refusal


@define(eq=False)
class Line:
    """A product of an order, as far as it has not been returned."""

    product_id: str | None
    quantity: int | Decimal
    base_points: int
    """For each unit, without the campaign."""
    points: int
    """For each unit."""


@frozen
class Returned:
    """A product that the customer brings back."""

    product_id: str
    quantity: int | Decimal
    price: int | Decimal | None


@frozen
class Reversal:
    """What a refund does."""

    money: Decimal
    paid: Decimal
    """The part of the money that had been paid, the rest had been points."""
    cancelled: int
    """Earned points to take back."""
    returned: tuple[Portion, ...]
    """Redeemed points to give back, with their old expiry; what has expired is lost."""
    is_whole: bool
    """Whether nothing is left to reverse."""

    @property
    def points(self) -> int:
        """All points that move."""
        return self.cancelled + sum(portion.points for portion in self.returned)


@define(eq=False)
class Original:
    """A transaction that can be reversed, and what is left of it."""

    profile: Profile
    time: datetime | None
    order_id: str | None
    """None when it is not an order."""
    paid: Decimal = field(kw_only=True)
    """Money."""
    factor: Decimal = field(kw_only=True)
    """What a point was worth then."""
    lot: Lot | None = field(kw_only=True, default=None)
    """The earned points; None when there were none."""
    base_left: int = field(kw_only=True, default=0)
    """Earned points without those of campaigns, and without those for the shipping."""
    extra_left: int = field(kw_only=True, default=0)
    """Points of campaigns."""
    lines: list[Line] = field(kw_only=True, factory=list[Line])
    redeemed: list[Portion] = field(kw_only=True, factory=list[Portion])
    cancelled: int = field(init=False, default=0)
    is_cancelled: bool = field(init=False, default=False)
    paid_left: Decimal = field(init=False)
    total: Decimal = field(init=False)
    """What was paid, in money and in points."""

    def __attrs_post_init__(self) -> None:
        self.paid_left = self.paid
        self.total = self.paid + self._worth_left

    @property
    def _points_left(self) -> int:
        return sum(portion.points for portion in self.redeemed)

    @property
    def _worth_left(self) -> Decimal:
        return self._points_left * self.factor

    def check_returned(self, items: Sequence[Returned]) -> None:
        """Refuse products that the order does not have, or not so many of."""
        if not self.lines:
            return
        wanted: dict[str, int | Decimal] = {}
        for item in items:
            wanted[item.product_id] = wanted.get(item.product_id, 0) + item.quantity
        for product_id, quantity in wanted.items():
            left = sum(line.quantity for line in self.lines if line.product_id == product_id)
            if quantity > left:
                raise Refusal(3003, f"{quantity} of {product_id!r} returned, {left} are left")

    def reverse(self, amount: Decimal | None, items: Sequence[Returned], now: datetime) -> Reversal:
        """Take *amount* back, or what *items* cost, or everything; the caller has checked both.

        Source: docs.gameball.co, refunds.
        """
        taken = self._take_lines(items) if items and self.lines else None
        last = taken is not None and not any(line.quantity for line in self.lines)
        whole = amount is None and (last or not items)
        if amount is None:
            prices = (Decimal(item.price or 0) * item.quantity for item in items)
            amount = self.paid_left + self._worth_left if whole else sum(prices, Decimal(0))
        whole = whole or (not items and amount >= self.total)
        paid = min(amount, self.paid_left)
        cancelled = self._earned(paid, taken, everything=whole or last, by_item=bool(items))
        self.paid_left -= paid
        returned = self._give_back(int((amount - paid) // self.factor), now)
        self.is_cancelled = not (self.paid_left or self.redeemed)
        return Reversal(amount, paid, cancelled, returned, self.is_cancelled)

    def _take_lines(self, items: Sequence[Returned]) -> tuple[int, int]:
        """Return *items*: their points without and with campaigns."""
        base = total = 0
        for item in items:
            rest = item.quantity
            for line in (line for line in self.lines if line.product_id == item.product_id):
                units = min(rest, line.quantity)
                line.quantity -= units
                rest -= units
                base += int(line.base_points * units)
                total += int(line.points * units)
        return base, total

    def _earned(
        self, paid: Decimal, taken: tuple[int, int] | None, *, everything: bool, by_item: bool
    ) -> int:
        """The earned points that go, at most those that are left."""
        left = self.paid_left or Decimal(1)
        if everything:
            base, extra = self.base_left, self.extra_left
        elif taken is not None:
            base, extra = taken[0], taken[1] - taken[0]
        else:
            base, extra = int(self.base_left * paid // left), 0
            if by_item:
                extra = int(self.extra_left * paid // left)
        base, extra = min(base, self.base_left), min(extra, self.extra_left)
        self.base_left -= base
        self.extra_left -= extra
        points = min(base + extra, self._lot_left)
        self.cancelled += points
        return points

    @property
    def _lot_left(self) -> int:
        """The earned points that are not gone yet: neither cancelled nor expired."""
        if self.lot is None:
            return 0
        return self.lot.row.points - self.lot.expired - self.cancelled

    def _give_back(self, points: int, now: datetime) -> tuple[Portion, ...]:
        """Up to *points* of those that were redeemed, last spent first."""
        back: list[Portion] = []
        while points and self.redeemed:
            portion = self.redeemed.pop()
            given = min(points, portion.points)
            points -= given
            if given < portion.points:
                self.redeemed.append(Portion(portion.points - given, portion.expires_at))
            if portion.expires_at is None or portion.expires_at > now:
                back.append(Portion(given, portion.expires_at))
        return tuple(back)
