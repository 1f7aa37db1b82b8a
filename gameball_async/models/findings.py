"""Does an order add up? What the API accepts silently, and its shop may not have meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Context, Decimal, localcontext
from typing import TYPE_CHECKING, Final

from attrs import evolve, frozen

from gameball_async.models.fields import Money

if TYPE_CHECKING:
    from gameball_async.models.orders import LineItem, Order

TOLERANCE: Final = Decimal("0.01")
"""Money: what rounding may differ by."""
LONGEST_ID: Final = 100
"""Characters of a customer's id that every operation takes (C-90)."""
_DIGITS: Final = 400
"""Enough for the largest float and the smallest part of it that money has."""
_TOTALS: Final = ("total_paid", "total_price", "total_discount", "total_shipping", "total_tax")
_FIGURES: Final = ("quantity", "price", "taxes", "discount")


@frozen
class Finding:
    """Something about an order that looks wrong. It can be sent all the same.

    Codes: ``negative_amount``, ``missing_quantity``, ``discount_above_line``,
    ``price_times_quantity``, ``price_mismatch``, ``paid_mismatch``, ``discount_mismatch``,
    ``tax_mismatch``, ``long_customer_id``, ``duplicate_order_id``.
    """

    code: str
    """What is wrong, for programs."""
    message: str
    """What is wrong, for people."""
    path: str
    """Where: ``line_items[2].discount``; of several orders ``orders[7].total_paid``."""


def findings_of(orders: Iterable[Order]) -> tuple[Finding, ...]:
    """Look for what does not add up in orders, and for ids that come twice.

    Args:
        orders: Orders; only the ids are kept while looking.

    Returns:
        What was found, in the order of the orders.
    """
    return tuple(_all_findings(orders))


def _all_findings(orders: Iterable[Order]) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for index, order in enumerate(orders):
        where = f"orders[{index}]"
        earlier = first.setdefault(order.order_id, index)
        if earlier != index:
            message = f"{order.order_id!r} is the id of orders[{earlier}] too; one is recorded"
            yield Finding("duplicate_order_id", message, f"{where}.order_id")
        for finding in order.findings():
            yield evolve(finding, path=f"{where}.{finding.path}")


def look_at(order: Order) -> tuple[Finding, ...]:
    """What does not add up in one order; see `Order.findings`."""
    with localcontext(Context(prec=_DIGITS)):  # whatever the caller's own context traps
        return (*_ids(order), *_negatives(order), *_lines(order), *_sums(order))


def _exact(money: Money | None) -> Decimal:
    """*money* as a decimal, 0 for none; a float is what its shortest text says."""
    return Decimal(str(money or 0))


def _differ(one: Decimal, other: Decimal) -> bool:
    return abs(one - other) > TOLERANCE


def _shown(money: Decimal) -> str:
    """*money* without an exponent, and without zeros behind the last digit that counts."""
    text = f"{money:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _ids(order: Order) -> Iterator[Finding]:
    """A customer whom later calls may refuse."""
    length = len(order.customer_id)
    if length > LONGEST_ID:
        message = f"{length} characters, and some operations take at most {LONGEST_ID}"
        yield Finding("long_customer_id", message, "customer_id")


def _negatives(order: Order) -> Iterator[Finding]:
    """Every amount below zero."""
    figures = [(name, getattr(order, name)) for name in _TOTALS]
    for index, line in enumerate(order.line_items or ()):
        figures += [(f"line_items[{index}].{name}", getattr(line, name)) for name in _FIGURES]
    for path, figure in figures:
        if _exact(figure) < 0:
            message = f"{_shown(_exact(figure))} is below zero"
            yield Finding("negative_amount", message, path)


def _gross(line: LineItem) -> Decimal:
    """What a line costs with tax and before discount."""
    return _exact(line.price) * _exact(line.quantity) + _exact(line.taxes)


def _lines(order: Order) -> Iterator[Finding]:
    """What is wrong with lines by themselves."""
    for index, line in enumerate(order.line_items or ()):
        if line.price is None:
            continue
        where, gross, discount = f"line_items[{index}]", _gross(line), _exact(line.discount)
        if not line.quantity:
            message = "a line with a price needs a quantity"
            yield Finding("missing_quantity", message, f"{where}.quantity")
        elif discount and discount > gross + TOLERANCE:
            message = f"{_shown(discount)} is more than the whole line, {_shown(gross)} with tax"
            yield Finding("discount_above_line", message, f"{where}.discount")


def _sums(order: Order) -> Iterator[Finding]:
    """Totals that contradict the lines, or each other."""
    lines = order.line_items or ()
    yield from _parts(order, lines)
    off = _exact(order.total_discount)
    if order.total_discount is None:
        off = sum((_exact(line.discount) for line in lines), Decimal(0))
    if lines and all(line.price is not None and line.quantity for line in lines):
        yield from _against_lines(order, lines, off)
    if order.total_price is not None:
        due = _exact(order.total_price) - off
        if _differ(_exact(order.total_paid), due):
            message = f"total_price less discounts is {_shown(due)}"
            yield Finding("paid_mismatch", message, "total_paid")


def _parts(order: Order, lines: Iterable[LineItem]) -> Iterator[Finding]:
    """Totals that are less than what the lines say alone."""
    for total, part, code in (
        ("total_discount", "discount", "discount_mismatch"),
        ("total_tax", "taxes", "tax_mismatch"),
    ):
        whole = getattr(order, total)
        said = sum((_exact(getattr(line, part)) for line in lines), Decimal(0))
        if whole is not None and _exact(whole) < said - TOLERANCE:
            yield Finding(code, f"the lines alone come to {_shown(said)}", total)


def _against_lines(order: Order, lines: tuple[LineItem, ...], off: Decimal) -> Iterator[Finding]:
    """A price, or what was paid where there is none, that the lines do not come to."""
    kept = [line for line in lines if _exact(line.price) >= 0]  # the others are credit, not goods
    tax = sum((_exact(line.taxes) for line in kept), Decimal(0))
    beside = (tax if order.total_tax is None else _exact(order.total_tax)) + _exact(
        order.total_shipping
    )
    path, code, told = "total_price", "price_mismatch", order.total_price
    if told is None:
        path, code, told, beside = "total_paid", "paid_mismatch", order.total_paid, beside - off
    due = beside + sum(_exact(line.price) * _exact(line.quantity) for line in kept)
    if not _differ(_exact(told), due):
        return
    if _differ(_exact(told), beside + sum(_exact(line.price) for line in kept)):
        yield Finding(code, f"lines, tax and shipping come to {_shown(due)}", path)
        return
    for index, line in enumerate(lines):
        if line in kept and _exact(line.quantity) != 1:
            message = "is the price of one unit, and the totals fit the price of the whole line"
            yield Finding("price_times_quantity", message, f"line_items[{index}].price")
