"""What an order earns: line by line, in whole points for each unit."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from attrs import define, frozen

from gameball_async.sandbox.program import Program
from gameball_async.sandbox.refusals import Refusal
from gameball_async.sandbox.wire import JsonObject

_CENT: Final = Decimal("0.01")
_MOST: Final = 10**15


@define
class _Line:
    """A line item in decimals; reconciliation raises its discount."""

    product_id: str | None
    quantity: int | Decimal
    gross: Decimal
    taxes: Decimal
    discount: Decimal

    @property
    def net(self) -> Decimal:
        """Price of all units with taxes, after the discount."""
        return self.gross + self.taxes - self.discount


@frozen
class EarningRow:
    """What one unit of a product earns."""

    product_id: str | None
    quantity: int | Decimal
    decimal_points: Decimal
    points: int


@frozen
class Earning:
    """What an order earns."""

    rows: tuple[EarningRow, ...]
    points: int


@frozen
class _Rate:
    """Points for every *threshold* of money."""

    factor: Decimal
    threshold: Decimal

    def row(self, product_id: str | None, quantity: int | Decimal, money: Decimal) -> EarningRow:
        """The points of one unit, when *quantity* units cost *money*."""
        points, divisor = money * self.factor, quantity * self.threshold
        if divisor == 0:
            return EarningRow(product_id, quantity, Decimal(0), 0)
        return EarningRow(product_id, quantity, points / divisor, whole_points(points // divisor))


def earn(order: JsonObject, program: Program) -> Earning:
    """The points of *order*, the checked body of an order or of a quote.

    Source: docs.gameball.co, order tracking and reward calculation.
    """
    paid = Decimal(order["totalPaid"])
    threshold = program.amount_reward_threshold
    rate = _Rate(program.reward_wallet_factor if paid >= threshold else Decimal(0), threshold)
    shipping = Decimal(order.get("totalShipping", 0))
    lines = [_line(item) for item in order.get("lineItems", ()) if item.get("price", 0) >= 0]
    if not lines:
        return Earning((), rate.row(None, 1, _rewarded_total(order, paid, program)).points)
    _reconcile(lines, shipping, paid)
    rows = [_row(line, rate, taxed=program.reward_taxes) for line in lines]
    if shipping > 0 and program.reward_shipping:
        rows.append(rate.row("Shipping", 1, shipping))
    total = sum(int(row.points * row.quantity) for row in rows)
    return Earning(tuple(rows), whole_points(total))


def whole_points(number: int | Decimal) -> int:
    """*number* rounded down, and zero instead of less.

    Raises:
        Refusal: 3003, it is more than any account could hold.
    """
    if number > _MOST:
        raise Refusal(3003, "this would be more than 10**15 points")
    return max(0, int(number))


def _line(item: JsonObject) -> _Line:
    """One line item; a quantity that is not given is one, any other number zero."""
    quantity = item.get("quantity", 1)
    return _Line(
        item.get("productId"),
        quantity,
        Decimal(item.get("price", 0)) * quantity,
        Decimal(item.get("taxes", 0)),
        Decimal(item.get("discount", 0)),
    )


def _row(line: _Line, rate: _Rate, *, taxed: bool) -> EarningRow:
    """What a unit of *line* earns; the account says whether on its taxes too."""
    money = line.net if taxed else line.net - line.taxes
    return rate.row(line.product_id, line.quantity, money)


def _rewarded_total(order: JsonObject, paid: Decimal, program: Program) -> Decimal:
    """The part of *paid* that counts when there are no line items."""
    if not program.reward_shipping:
        paid -= order.get("totalShipping", 0)
    if not program.reward_taxes:
        paid -= order.get("totalTax", 0)
    return paid


def _reconcile(lines: Sequence[_Line], shipping: Decimal, paid: Decimal) -> None:
    """Spread over *lines* whatever discount they do not mention, so that they add up to *paid*.

    A hold's points need nothing of their own here: they are a part of the gap already.
    """
    nets = [max(Decimal(0), line.net) for line in lines]
    total = sum(nets)
    gap = sum((line.net for line in lines), shipping) - paid
    if gap <= _CENT:
        return
    remaining = gap
    for line, net in zip(lines, nets, strict=True):
        if remaining <= 0 or net == 0:
            continue
        share = min(net, round(net / total * gap, 2))
        line.discount += share
        remaining -= share
