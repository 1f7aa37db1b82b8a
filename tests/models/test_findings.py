"""What an order says about itself: rules of the API's guides, each with values of its own."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Context, Decimal, FloatOperation, Inexact, localcontext
from typing import Any

import pytest
from hypothesis import given, strategies as st

from gameball_async import Finding, LineItem, Order, findings_of
from gameball_async.models.findings import TOLERANCE


def order(*lines: dict[str, Any], **members: Any) -> Order:
    given_lines = [LineItem(**line) for line in lines] if lines else None
    return Order(customer_id="c", order_id="o", line_items=given_lines, **members)


def found(looked_at: Order) -> list[tuple[str, str]]:
    return [(finding.code, finding.path) for finding in looked_at.findings()]


@pytest.mark.parametrize(
    "fine",
    [
        pytest.param(order(total_paid=70), id="only-what-was-paid"),
        pytest.param(order(total_paid=0), id="nothing-to-pay"),
        pytest.param(
            order({"price": 20, "quantity": 3}, total_paid=60, total_price=60), id="one-line"
        ),
        pytest.param(
            order(
                {"price": 40, "quantity": 2, "taxes": 4, "discount": 14},
                {"price": 16, "quantity": 1},
                total_paid=100,
                total_price=114,
                total_discount=14,
                total_tax=4,
                total_shipping=14,
            ),
            id="all-totals",
        ),
        pytest.param(
            order(
                {"price": 40, "quantity": 2, "taxes": 4},
                total_paid=69,
                total_price=89,
                total_discount=20,
                total_shipping=5,
            ),
            id="a-discount-of-the-whole-order-and-taxes-of-lines",
        ),
        pytest.param(
            order(
                {"price": 130, "quantity": 2, "taxes": 39, "discount": 299},
                {"price": 10, "quantity": 1},
                total_paid=10,
            ),
            id="a-free-item-is-discounted-with-its-tax",
        ),
        pytest.param(
            order({"price": 20, "quantity": 2, "taxes": 3}, total_paid=45, total_tax=5),
            id="shipping-is-taxed-too",
        ),
        pytest.param(
            order({"price": 0.1, "quantity": 3}, total_paid=0.3, total_price=0.3),
            id="floats-are-what-their-text-says",
        ),
        pytest.param(
            order({"price": Decimal("3.333"), "quantity": 3}, total_paid=10, total_price=10),
            id="rounded-within-a-cent",
        ),
        pytest.param(
            order({"price": 10, "quantity": 1}, {"product_id": "gift"}, total_paid=99),
            id="a-line-without-a-price-leaves-the-sums-open",
        ),
        pytest.param(
            order({"price": 10, "quantity": 1}, total_paid=8, total_discount=2),
            id="a-discount-of-all",
        ),
        pytest.param(
            order({"price": 0, "quantity": 5}, total_paid=0, total_price=0), id="given-away"
        ),
        pytest.param(order(total_paid=Decimal("89.99"), total_price=90), id="a-cent-is-rounding"),
        pytest.param(
            order({"price": 10, "quantity": 1, "discount": Decimal("10.01")}, total_paid=0),
            id="a-cent-more-off-than-the-line-is-rounding",
        ),
        pytest.param(
            order(
                {"price": 10, "quantity": 1, "discount": Decimal("5.01")},
                total_paid=5,
                total_price=10,
                total_discount=5,
            ),
            id="a-cent-less-off-than-the-lines-is-rounding",
        ),
    ],
)
def test_an_order_that_adds_up_has_no_findings(fine: Order) -> None:
    assert () == fine.findings()


@pytest.mark.parametrize(
    ("wrong", "findings"),
    [
        pytest.param(
            order({"price": 20, "quantity": 3}, total_paid=70, total_price=70),
            [("price_mismatch", "total_price")],
            id="the-lines-do-not-come-to-the-price",
        ),
        pytest.param(
            order({"price": 20, "quantity": 3}, total_paid=60, total_price=60, total_tax=6),
            [("price_mismatch", "total_price")],
            id="the-tax-is-forgotten",
        ),
        pytest.param(
            order({"price": 20, "quantity": 3}, total_paid=60, total_price=60, total_shipping=6),
            [("price_mismatch", "total_price")],
            id="the-shipping-is-forgotten",
        ),
        pytest.param(
            order({"price": 20, "quantity": 3, "taxes": 2}, total_paid=60),
            [("paid_mismatch", "total_paid")],
            id="without-a-price-the-lines-come-to-what-was-paid",
        ),
        pytest.param(
            order({"price": 20, "quantity": 3, "discount": 5}, total_paid=60),
            [("paid_mismatch", "total_paid")],
            id="a-line-discount-is-forgotten",
        ),
        pytest.param(
            order(total_paid=90, total_price=100, total_discount=20),
            [("paid_mismatch", "total_paid")],
            id="price-less-discount-is-not-what-was-paid",
        ),
        pytest.param(
            order(total_paid=90, total_price=100),
            [("paid_mismatch", "total_paid")],
            id="less-paid-than-the-price-and-no-discount",
        ),
        pytest.param(
            order(total_paid=Decimal("89.98"), total_price=90),
            [("paid_mismatch", "total_paid")],
            id="two-cents-are-no-rounding",
        ),
        pytest.param(
            order(
                {"price": 20, "quantity": 1, "discount": 8},
                total_paid=15,
                total_price=20,
                total_discount=5,
            ),
            [("discount_mismatch", "total_discount")],
            id="the-lines-take-off-more-than-all-discounts-together",
        ),
        pytest.param(
            order(
                {"price": 20, "quantity": 1, "taxes": 3}, total_paid=21, total_price=21, total_tax=1
            ),
            [("tax_mismatch", "total_tax")],
            id="the-lines-are-taxed-more-than-all-together",
        ),
        pytest.param(
            order({"price": 30, "quantity": 2, "taxes": 3, "discount": 64}, total_paid=-1),
            [
                ("negative_amount", "total_paid"),
                ("discount_above_line", "line_items[0].discount"),
            ],
            id="more-off-than-the-line-is-worth",
        ),
        pytest.param(
            order(
                {"price": 5, "quantity": 1},
                {"price": 60, "quantity": 3},
                {"price": 30, "quantity": 2},
                total_paid=95,
                total_price=95,
            ),
            [
                ("price_times_quantity", "line_items[1].price"),
                ("price_times_quantity", "line_items[2].price"),
            ],
            id="prices-are-of-whole-lines",
        ),
        pytest.param(
            order({"price": 60, "quantity": 3}, total_paid=55, total_discount=5),
            [("price_times_quantity", "line_items[0].price")],
            id="a-price-is-of-the-whole-line-by-what-was-paid",
        ),
        pytest.param(
            order(
                {"price": 60, "quantity": 3},
                {"price": -5, "quantity": 2},
                total_paid=60,
            ),
            [
                ("negative_amount", "line_items[1].price"),
                ("price_times_quantity", "line_items[0].price"),
            ],
            id="store-credit-is-not-the-price-of-a-line",
        ),
        pytest.param(
            order({"price": 20}, {"price": 20, "quantity": 0}, total_paid=40),
            [
                ("missing_quantity", "line_items[0].quantity"),
                ("missing_quantity", "line_items[1].quantity"),
            ],
            id="a-price-without-a-quantity",
        ),
        pytest.param(
            order(
                {"price": 20, "quantity": 1},
                {"price": -5, "quantity": 2, "taxes": -1},
                total_paid=20,
            ),
            [
                ("negative_amount", "line_items[1].price"),
                ("negative_amount", "line_items[1].taxes"),
            ],
            id="store-credit-as-a-line-counts-for-nothing",
        ),
        pytest.param(
            order(
                {"quantity": -1, "discount": -2},
                total_paid=1,
                total_discount=-1,
                total_shipping=-0.5,
            ),
            [
                ("negative_amount", "total_discount"),
                ("negative_amount", "total_shipping"),
                ("negative_amount", "line_items[0].quantity"),
                ("negative_amount", "line_items[0].discount"),
            ],
            id="everything-below-zero",
        ),
    ],
)
def test_what_does_not_add_up_is_found_and_told_where(
    wrong: Order, findings: list[tuple[str, str]]
) -> None:
    assert findings == found(wrong)


@pytest.mark.parametrize(
    ("wrong", "finding"),
    [
        (
            order({"price": 2.5, "quantity": 2, "taxes": 1}, total_paid=7, total_price=7),
            Finding("price_mismatch", "lines, tax and shipping come to 6", "total_price"),
        ),
        (
            order(total_paid=90, total_price=Decimal("1E+2")),
            Finding("paid_mismatch", "total_price less discounts is 100", "total_paid"),
        ),
        (
            order({"price": 30, "quantity": 2, "discount": 60.5, "taxes": 0.25}, total_paid=0),
            Finding(
                "discount_above_line",
                "60.5 is more than the whole line, 60.25 with tax",
                "line_items[0].discount",
            ),
        ),
    ],
)
def test_a_finding_says_it_in_words_too(wrong: Order, finding: Finding) -> None:
    assert finding == wrong.findings()[0]


def test_ids_that_come_twice_are_found_in_several_orders() -> None:
    orders = [
        Order(customer_id="c", order_id=order_id, total_paid=paid)
        for order_id, paid in (("A", 1), ("a", 1), ("A", -1), ("B", 1), ("A", 1))
    ]

    def stream() -> Iterator[Order]:
        yield from orders

    findings = findings_of(stream())

    assert [
        ("duplicate_order_id", "orders[2].order_id"),
        ("negative_amount", "orders[2].total_paid"),
        ("duplicate_order_id", "orders[4].order_id"),
    ] == [(finding.code, finding.path) for finding in findings]
    assert "'A' is the id of orders[0] too; one is recorded" == findings[0].message


def test_the_guides_first_order_does_not_add_up() -> None:
    """300 for 2 x 100, 15 tax and 10 shipping; 250.75 paid of 300 less 50."""
    guide = order(
        {"price": 100, "quantity": 2, "taxes": 7.5, "discount": 25},
        total_paid=250.75,
        total_price=300,
        total_discount=50,
        total_shipping=10,
        total_tax=15,
    )

    assert [("price_mismatch", "total_price"), ("paid_mismatch", "total_paid")] == found(guide)


def test_the_callers_decimal_context_changes_nothing() -> None:
    looked_at = order(
        {"price": 1e300, "quantity": 1e300}, {"price": 1e-300, "quantity": 3}, total_paid=0.1
    )
    usual = looked_at.findings()

    with localcontext(Context(prec=2, Emax=9, Emin=-9, traps=[Inexact, FloatOperation])):
        assert usual == looked_at.findings()
    assert ["paid_mismatch"] == [finding.code for finding in usual]


cents = st.integers(0, 10**9).map(lambda n: Decimal(n).scaleb(-2))
goods = st.lists(st.tuples(cents, st.integers(1, 50), cents), min_size=1, max_size=6)


@given(goods, cents, cents)
def test_an_order_built_from_its_lines_adds_up(
    bag: list[tuple[Decimal, int, Decimal]], shipping: Decimal, off: Decimal
) -> None:
    lines = [{"price": price, "quantity": n, "taxes": taxes} for price, n, taxes in bag]
    price = sum((price * n + taxes for price, n, taxes in bag), shipping)
    off = min(off, price)
    built: dict[str, Any] = {
        "total_paid": price - off,
        "total_discount": off,
        "total_shipping": shipping,
    }

    assert () == order(*lines, **built).findings()
    assert () == order(*lines, **built, total_price=price).findings()
    over = price + 2 * TOLERANCE
    assert "price_mismatch" in {code for code, _ in found(order(*lines, **built, total_price=over))}


money = st.one_of(
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-9, max_value=9),
)
maybe = st.none() | money
rows = st.lists(st.tuples(maybe, maybe, maybe, maybe), max_size=3)


@given(rows, st.tuples(money, maybe, maybe, maybe, maybe))
def test_whatever_can_be_sent_can_be_looked_at(
    lines: list[tuple[Any, ...]], totals: tuple[Any, ...]
) -> None:
    figures = ("price", "quantity", "taxes", "discount")
    names = ("total_paid", "total_price", "total_discount", "total_shipping", "total_tax")
    members = dict(zip(names, totals, strict=True))
    bag = [dict(zip(figures, line, strict=True)) for line in lines]

    for finding in order(*bag, **members).findings():
        assert finding.message
        assert finding.path
