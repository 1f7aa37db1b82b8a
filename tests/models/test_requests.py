"""What requests refuse, what they keep, and what they never show."""

from __future__ import annotations

import math
from collections import UserList
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import attrs
import pytest
from hypothesis import given, strategies as st

from gameball_async.models.coupons import CouponValidationRequest
from gameball_async.models.customers import CustomerActivationRequest
from gameball_async.models.orders import (
    Branch,
    CashbackConfigurations,
    LineItem,
    Merchant,
    Order,
    OrderQuote,
    Redemption,
    quote_of,
)
from gameball_async.models.transactions import HoldRequest, ManualTransactionRequest
from gameball_async.serialization import encode, to_wire


def order(**fields: Any) -> Order:
    return Order(**{"customer_id": "c", "order_id": "o", "total_paid": 1, **fields})


def line(**fields: Any) -> LineItem:
    return LineItem(**fields)


def hold(**fields: Any) -> HoldRequest:
    return HoldRequest(**{"customer_id": "c", **fields})


def entry(**fields: Any) -> ManualTransactionRequest:
    required = {"customer_id": "c", "transaction_id": "t", "username": "u", "reason": "r"}
    return ManualTransactionRequest(**{**required, **fields})


def coupons(**fields: Any) -> CouponValidationRequest:
    return CouponValidationRequest(**{"customer_id": "c", "coupons": ["A"], **fields})


NAIVE = datetime(2024, 1, 1)  # noqa: DTZ001 - the subject of the test
BEFORE_TIME = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1)))
LONG = Decimal("12345678901234567890123456.789")
EDGE = Decimal("1234567890123456789012345.678")


@pytest.mark.parametrize(
    ("make", "fields", "error", "message"),
    [
        (order, {"customer_id": ""}, ValueError, "Order.customer_id: must not be empty"),
        (order, {"customer_id": 5}, TypeError, "Order.customer_id: must be a str, got int"),
        (order, {"customer_id": None}, TypeError, "Order.customer_id: must be a str"),
        (order, {"order_id": ""}, ValueError, "Order.order_id: must not be empty"),
        (order, {"total_paid": math.nan}, ValueError, "Order.total_paid: must be finite"),
        (order, {"total_paid": math.inf}, ValueError, "Order.total_paid: must be finite"),
        (order, {"total_paid": True}, TypeError, "Order.total_paid: must be an int, a float"),
        (order, {"total_paid": None}, TypeError, "Order.total_paid: must be an int, a float"),
        (order, {"total_paid": "5"}, TypeError, "Order.total_paid: must be an int, a float"),
        (order, {"total_paid": 2**63}, ValueError, "Order.total_paid: does not fit into 64"),
        (order, {"total_paid": -(2**63) - 1}, ValueError, "Order.total_paid: does not fit into 64"),
        (order, {"total_tax": Decimal("NaN")}, ValueError, "Order.total_tax: must be finite"),
        (order, {"total_tax": Decimal("-Infinity")}, ValueError, "Order.total_tax: must be fin"),
        (order, {"total_tax": Decimal("sNaN")}, ValueError, "Order.total_tax: must be finite"),
        (order, {"total_tax": LONG}, ValueError, "Order.total_tax: has more than 28 digits"),
        (order, {"total_tax": Decimal("1E+28")}, ValueError, "Order.total_tax: has more than 28"),
        (order, {"total_tax": Decimal("1E-29")}, ValueError, "Order.total_tax: has more than 28"),
        (order, {"order_date": NAIVE}, ValueError, "Order.order_date: must have a time zone"),
        (order, {"order_date": BEFORE_TIME}, ValueError, "Order.order_date: lies outside"),
        (order, {"order_date": "2024-01-01"}, TypeError, "Order.order_date: must be a datetime"),
        (order, {"email": 5}, TypeError, "Order.email: must be a str, got int"),
        (order, {"guest": 1}, TypeError, "Order.guest: must be a bool, got int"),
        (order, {"merchant": {}}, TypeError, "Order.merchant: must be a Merchant, got dict"),
        (order, {"line_items": [{}]}, TypeError, "Order.line_items[0]: must be a LineItem"),
        (order, {"line_items": LineItem()}, TypeError, "Order.line_items: must be a list or tu"),
        (order, {"extra": {"k": {}}}, TypeError, "Order.extra['k']: must be a str or a number"),
        (order, {"extra": {"k": True}}, TypeError, "Order.extra['k']: must be a str or a number"),
        (order, {"extra": {"k": None}}, TypeError, "Order.extra['k']: must be a str or a number"),
        (order, {"extra": {"k": math.nan}}, ValueError, "Order.extra['k']: must be finite"),
        (order, {"extra": {5: "v"}}, TypeError, "Order.extra: every key: must be a str"),
        (order, {"extra": ["k"]}, TypeError, "Order.extra: must be a mapping, got list"),
        (line, {"tags": "new"}, TypeError, "LineItem.tags: must be a list or tuple, got str"),
        (line, {"tags": b"new"}, TypeError, "LineItem.tags: must be a list or tuple, got bytes"),
        (line, {"category": {"a"}}, TypeError, "LineItem.category: must be a list or tuple"),
        (line, {"collection": "x"}, TypeError, "LineItem.collection: must be a list or tuple"),
        (line, {"collection": ["x", 5]}, TypeError, "LineItem.collection[1]: must be a str"),
        (line, {"quantity": math.inf}, ValueError, "LineItem.quantity: must be finite"),
        (line, {"extra": {"k": []}}, TypeError, "LineItem.extra['k']: must be a str or a number"),
        (Branch, {"unique_id": ""}, ValueError, "Branch.unique_id: must not be empty"),
        (Branch, {"unique_id": None}, TypeError, "Branch.unique_id: must be a str"),
        (Merchant, {"branch": "b"}, TypeError, "Merchant.branch: must be a Branch, got str"),
        (Redemption, {"coupon_codes": "A"}, TypeError, "Redemption.coupon_codes: must be a list"),
        (OrderQuote, {"total_paid": math.nan}, ValueError, "OrderQuote.total_paid: must be fin"),
        (CashbackConfigurations, {"return_window": -1}, ValueError, "must be 0 to 7300 days"),
        (CashbackConfigurations, {"return_window": 7301}, ValueError, "must be 0 to 7300 days"),
        (
            CashbackConfigurations,
            {"return_window": 1.5},
            TypeError,
            "return_window: must be an int",
        ),
        (hold, {}, ValueError, "exactly one of points_to_hold, amount_to_hold, rule_id, got none"),
        (hold, {"points_to_hold": 1, "amount_to_hold": 1}, ValueError, "got points_to_hold and am"),
        (hold, {"points_to_hold": 1, "rule_id": "r"}, ValueError, "got points_to_hold and rule_id"),
        (hold, {"points_to_hold": 1.5}, TypeError, "HoldRequest.points_to_hold: must be an int"),
        (hold, {"points_to_hold": True}, TypeError, "HoldRequest.points_to_hold: must be an int"),
        (hold, {"points_to_hold": 2**63}, ValueError, "HoldRequest.points_to_hold: does not fit"),
        (entry, {}, ValueError, "exactly one of points, amount, got none"),
        (entry, {"points": 1, "amount": 2}, ValueError, "exactly one of points, amount, got poi"),
        (entry, {"points": 0}, ValueError, "exactly one of points, amount, got none"),
        (entry, {"points": 0, "amount": 0}, ValueError, "exactly one of points, amount"),
        (entry, {"points": 1, "reason": ""}, ValueError, "ManualTransactionRequest.reason: must"),
        (entry, {"points": 1, "expiry_after": 0}, ValueError, "expiry_after: must be 1 to 3000"),
        (entry, {"points": 1, "expiry_after": 3001}, ValueError, "expiry_after: must be 1 to 3000"),
        (coupons, {"coupons": "A"}, TypeError, "CouponValidationRequest.coupons: must be a list"),
        (coupons, {"coupons": []}, ValueError, "CouponValidationRequest.coupons: must hold codes"),
        (
            coupons,
            {"coupons": ["A", ""]},
            ValueError,
            "coupons: must hold codes, none of them empt",
        ),
        (coupons, {"coupons": None}, TypeError, "CouponValidationRequest.coupons: must be a list"),
        (coupons, {"collections_ids": "A"}, TypeError, "collections_ids: must be a list or tuple"),
        (CustomerActivationRequest, {"is_active": None}, TypeError, "is_active: must be a bool"),
    ],
)
def test_what_cannot_be_sent_is_refused_naming_the_field(
    make: Callable[..., object], fields: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as caught:
        make(**fields)
    assert type(caught.value) is error
    assert message in str(caught.value)


class Text(str):
    """A str by another class, as an enum of the caller's is one."""

    __slots__ = ()


@attrs.frozen(kw_only=True)
class Shop(Merchant):
    """A merchant with a member that the API has added since."""

    floor: int | None = None


class Real(float):
    """A float by another class, as numpy's is one."""


@pytest.mark.parametrize(
    ("make", "fields", "expected"),
    [
        pytest.param(order, {"total_discount": -5}, {"totalDiscount": -5}, id="negative-money"),
        pytest.param(
            order, {"total_price": 1, "total_paid": 9}, {"totalPaid": 9}, id="unlikely-totals"
        ),
        pytest.param(order, {"total_paid": 2**63 - 1}, {"totalPaid": 2**63 - 1}, id="64-bit"),
        pytest.param(order, {"total_paid": Real(1.5)}, {"totalPaid": 1.5}, id="a-float-subclass"),
        pytest.param(order, {"customer_id": Text("c")}, {"customerId": "c"}, id="an-id-subclass"),
        pytest.param(
            order, {"extra": {"a": "b", "c": 1}}, {"extra": {"a": "b", "c": 1}}, id="mixed-data"
        ),
        pytest.param(
            order,
            {"merchant": Shop(name="m", floor=2)},
            {"merchant": {"name": "m", "floor": 2}},
            id="a-subclass-with-a-member-of-its-own",
        ),
        pytest.param(line, {"tags": [Text("a")]}, {"tags": ["a"]}, id="a-tag-subclass"),
        pytest.param(order, {"channel": Text("web")}, {"channel": "web"}, id="a-str-subclass"),
        pytest.param(order, {"extra": {"k": Real(1.5)}}, {"extra": {"k": 1.5}}, id="free-number"),
        pytest.param(
            order, {"extra": MappingProxyType({"k": 1})}, {"extra": {"k": 1}}, id="any-mapping"
        ),
        pytest.param(order, {"line_items": []}, {"lineItems": []}, id="an-order-without-lines"),
        pytest.param(
            order,
            {"order_date": datetime(2024, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))},
            {"orderDate": "2024-01-01T00:00:00.000Z"},
            id="another-time-zone",
        ),
        pytest.param(line, {"price": -3}, {"price": -3}, id="a-gift-card-line"),
        pytest.param(line, {"tags": UserList(["a"])}, {"tags": ["a"]}, id="any-sequence"),
        pytest.param(hold, {"points_to_hold": 0}, {"pointsToHold": 0}, id="a-hold-of-zero"),
        pytest.param(hold, {"rule_id": "7"}, {"ruleId": "7"}, id="a-hold-by-rule"),
        pytest.param(entry, {"amount": -1.5}, {"amount": -1.5}, id="a-deduction"),
        pytest.param(entry, {"points": 0, "amount": 2}, {"amount": 2}, id="zero-is-absent"),
        pytest.param(
            entry, {"points": 1, "expiry_after": 1}, {"expiryAfter": 1}, id="the-shortest-expiry"
        ),
        pytest.param(
            entry, {"points": 1, "expiry_after": 3000}, {"expiryAfter": 3000}, id="the-longest-one"
        ),
        pytest.param(
            CashbackConfigurations, {"return_window": 0}, {"returnWindow": 0}, id="no-window"
        ),
        pytest.param(
            CashbackConfigurations,
            {"return_window": 7300},
            {"returnWindow": 7300},
            id="twenty-years",
        ),
        pytest.param(CashbackConfigurations, {}, {}, id="nothing-overridden"),
        pytest.param(
            CustomerActivationRequest, {"is_active": False}, {"isActive": False}, id="opting-out"
        ),
    ],
)
def test_what_can_be_sent_is_sent_even_if_it_looks_wrong(
    make: Callable[..., object], fields: dict[str, Any], expected: dict[str, Any]
) -> None:
    wire = to_wire(make(**fields))
    assert encode(expected) == encode({name: wire.get(name) for name in expected})


def test_a_zero_that_means_absent_is_not_sent() -> None:
    """C-12."""
    assert "points" not in to_wire(entry(points=0, amount=2))


@pytest.mark.parametrize("digits", [EDGE, Decimal("1E+27"), Decimal("1E-28"), Decimal("-0.10")])
def test_a_decimal_of_28_digits_travels_exactly_and_without_exponent(digits: Decimal) -> None:
    body = encode(to_wire(order(total_paid=digits)))
    assert f'"totalPaid":{digits:f}'.encode() in body


def test_sequences_are_kept_as_tuples_and_free_data_as_a_copy() -> None:
    codes, extra = ["A"], {"k": "v"}
    redemption = Redemption(coupon_codes=codes)
    kept = [order(extra=extra), order(extra=MappingProxyType(extra))]
    codes.append("B")
    extra["k"] = "changed"
    assert ("A",) == redemption.coupon_codes
    assert [{"k": "v"}, {"k": "v"}] == [each.extra for each in kept]


def test_a_request_is_frozen_and_takes_keywords_only() -> None:
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        order().total_paid = 5  # type: ignore[misc]
    with pytest.raises(TypeError):
        Branch("b")  # type: ignore[call-arg]


def test_the_quote_of_a_quote_keeps_what_it_knows() -> None:
    quote = OrderQuote(total_paid=5, total_discount=2, total_shipping=1, merchant=Merchant())
    assert quote == quote_of(quote)


SECRET = "do-not-show"


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(order(email=SECRET, mobile=SECRET), id="order"),
        pytest.param(OrderQuote(total_paid=1, email=SECRET, mobile=SECRET), id="quote"),
        pytest.param(
            hold(points_to_hold=1, email=SECRET, mobile=SECRET, otp=SECRET, hash=SECRET), id="hold"
        ),
        pytest.param(entry(points=1, email=SECRET, mobile=SECRET), id="entry"),
        pytest.param(coupons(email=SECRET, mobile=SECRET), id="coupons"),
    ],
)
def test_no_personal_data_is_shown(request_: object) -> None:
    assert SECRET not in repr(request_)
    assert SECRET.encode() in encode(to_wire(request_))


@given(
    st.one_of(
        st.integers(-(2**63), 2**63 - 1),
        st.floats(allow_nan=False, allow_infinity=False),
        st.decimals(min_value=-(10**15), max_value=10**15, places=6),
    )
)
def test_any_finite_money_is_accepted_and_kept(money: float | Decimal) -> None:
    assert money == order(total_paid=money).total_paid


@given(st.one_of(st.none(), st.booleans(), st.text(), st.lists(st.integers()), st.binary()))
def test_nothing_but_a_number_is_money(value: Any) -> None:
    with pytest.raises(TypeError, match=r"^Order\.total_paid: "):
        order(total_paid=value)
