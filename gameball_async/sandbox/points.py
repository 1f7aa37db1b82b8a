"""What an order earns: line by line, in whole points for each unit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set as AbstractSet
from datetime import datetime
from decimal import Decimal
from typing import Final

from attrs import define, frozen

from gameball_async.sandbox.program import Campaign, Program
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
    campaign: Campaign | None

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
    """With the campaign, not rounded."""
    points: int
    """With the campaign, rounded down."""
    base_points: int
    """Without the campaign, rounded down."""
    campaign: Campaign | None
    """The one with the highest multiplier."""
    impact: Decimal
    """What the campaign adds, not rounded."""


@frozen
class Earning:
    """What an order earns."""

    products: tuple[EarningRow, ...]
    shipping: EarningRow | None
    points: int
    """Everything."""
    shipping_points: int
    base_points: int
    """Neither those for the shipping nor those of campaigns."""

    @property
    def rows(self) -> tuple[EarningRow, ...]:
        """The rows of an answer: the shipping comes last."""
        return self.products if self.shipping is None else (*self.products, self.shipping)


@frozen
class _Rate:
    """Points for every *threshold* of money."""

    factor: Decimal
    threshold: Decimal

    def row(
        self,
        product_id: str | None,
        quantity: int | Decimal,
        money: Decimal,
        campaign: Campaign | None,
    ) -> EarningRow:
        """The points of one unit, when *quantity* units cost *money*."""
        points, divisor = money * self.factor, quantity * self.threshold
        if divisor == 0:
            return EarningRow(product_id, quantity, Decimal(0), 0, 0, campaign, Decimal(0))
        more = points * campaign.multiplier if campaign else points
        return EarningRow(
            product_id,
            quantity,
            more / divisor,
            whole_points(more // divisor),
            whole_points(points // divisor),
            campaign,
            (more - points) / divisor,
        )


def earn(order: JsonObject, program: Program, now: datetime) -> Earning:
    """The points of *order*, the checked body of an order or of a quote.

    Source: docs.gameball.co, order tracking and reward calculation.
    """
    paid = Decimal(order["totalPaid"])
    threshold = program.amount_reward_threshold
    rate = _Rate(program.reward_wallet_factor if paid >= threshold else Decimal(0), threshold)
    running = [campaign for campaign in program.campaigns if _runs(campaign, now)]
    shipping = Decimal(order.get("totalShipping", 0))
    items = [item for item in order.get("lineItems", ()) if item.get("price", 0) >= 0]
    for_all = _best(running, frozenset(), frozenset())
    if not items:
        row = rate.row(None, 1, _rewarded_total(order, paid, program), for_all)
        return Earning((), None, row.points, 0, row.base_points)
    lines = [_line(item, running) for item in items]
    _reconcile(lines, shipping, paid)
    rows = tuple(_row(line, rate, taxed=program.reward_taxes) for line in lines)
    extra = None
    if shipping > 0 and program.reward_shipping:
        extra = rate.row("Shipping", 1, shipping, for_all)
    return _earning(rows, extra)


def _earning(rows: tuple[EarningRow, ...], shipping: EarningRow | None) -> Earning:
    """The sums of *rows*: whole points for each unit, times the units."""
    base = sum(int(row.base_points * row.quantity) for row in rows)
    total = sum(int(row.points * row.quantity) for row in rows)
    for_shipping = shipping.points if shipping else 0
    return Earning(
        rows, shipping, whole_points(total + for_shipping), for_shipping, whole_points(base)
    )


def _runs(campaign: Campaign, now: datetime) -> bool:
    """Whether *campaign* is on."""
    begun = campaign.start_date is None or now >= campaign.start_date
    return begun and (campaign.end_date is None or now < campaign.end_date)


def _best(
    running: Iterable[Campaign], products: AbstractSet[str], collections: AbstractSet[str]
) -> Campaign | None:
    """The campaign with the highest multiplier for a product known by one of *products*."""
    mine = [
        campaign
        for campaign in running
        if (campaign.product_ids is None or campaign.product_ids & products)
        and (campaign.collection_ids is None or campaign.collection_ids & collections)
    ]
    return max(mine, key=lambda campaign: campaign.multiplier, default=None)


def whole_points(number: int | Decimal) -> int:
    """*number* rounded down, and zero instead of less.

    Raises:
        Refusal: 3003, it is more than any account could hold.
    """
    if number > _MOST:
        raise Refusal(3003, "this would be more than 10**15 points")
    return max(0, int(number))


def _line(item: JsonObject, running: Iterable[Campaign]) -> _Line:
    """One line item; a quantity that is not given is one, any other number zero."""
    quantity = item.get("quantity", 1)
    names = {item[key] for key in ("productId", "sku", "productSku") if key in item}
    return _Line(
        item.get("productId"),
        quantity,
        Decimal(item.get("price", 0)) * quantity,
        Decimal(item.get("taxes", 0)),
        Decimal(item.get("discount", 0)),
        _best(running, names, frozenset(item.get("collection", ()))),
    )


def _row(line: _Line, rate: _Rate, *, taxed: bool) -> EarningRow:
    """What a unit of *line* earns; the account says whether on its taxes too."""
    money = line.net if taxed else line.net - line.taxes
    return rate.row(line.product_id, line.quantity, money, line.campaign)


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
