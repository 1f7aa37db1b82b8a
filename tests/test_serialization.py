"""Between our values and JSON, for every input there is."""

from __future__ import annotations

import json
import math
import time
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum, StrEnum
from types import MappingProxyType
from typing import Any, ClassVar, Self

import attrs
import orjson
import pytest
from cattrs import Converter
from hypothesis import given, strategies as st

from gameball_async import serialization
from gameball_async.models import coupons, customers, orders, transactions
from gameball_async.models.orders import Branch, LineItem, Merchant, Order, OrderReceipt
from gameball_async.models.transactions import Hold, Transaction, TransactionPage, TransactionType
from gameball_async.serialization import Drift, decode, encode, timestamp, to_wire
from gameball_async.writers import Writer

ANSWERS = (
    orders.OrderReceipt,
    orders.OrderReceiptLine,
    orders.CashbackQuote,
    orders.CashbackQuoteLine,
    orders.OrderTransaction,
    orders.OrderTransactions,
    transactions.Transaction,
    transactions.TransactionPage,
    transactions.TransactionCount,
    transactions.Hold,
    transactions.ManualTransaction,
    transactions.Success,
    coupons.Coupon,
    coupons.CouponValidation,
    coupons.CouponLockRelease,
    customers.Customer,
    customers.CustomerAttributes,
    customers.CustomerActivation,
)
NOON = datetime(2024, 10, 16, 12, tzinfo=UTC)


def read(returns: Any, **members: Any) -> tuple[Any, list[Drift]]:
    """A value decoded from members, and the drift on the way."""
    drifts: list[Drift] = []
    return decode(orjson.dumps(members), returns, drifts.append), drifts


# --- Reading ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "member", "raw", "expected"),
    [
        pytest.param("reason", "reason", 5, "5", id="a-whole-number-for-a-text"),
        pytest.param("reason", "reason", 5.5, "5.5", id="a-number-for-a-text"),
        pytest.param("points", "points", 5, 5, id="a-whole-number"),
        pytest.param("points", "points", 5.5, Decimal("5.5"), id="an-exact-number"),
        pytest.param("points", "points", 0.1, Decimal("0.1"), id="the-shortest-text-of-a-number"),
        pytest.param(
            "points", "points", 0.1 + 0.2, Decimal("0.30000000000000004"), id="all-the-digits"
        ),
        pytest.param("points", "points", "5", 5, id="a-text-for-a-whole-number"),
        pytest.param("points", "points", "+5", 5, id="a-text-with-a-plus"),
        pytest.param("points", "points", "-10.00", Decimal("-10.00"), id="a-text-for-a-number"),
        pytest.param("points", "points", "1" * 64, int("1" * 64), id="the-longest-text"),
        pytest.param("achieved_tier_id", "achievedTierId", 7.0, 7, id="a-whole-float-for-an-id"),
        pytest.param("achieved_tier_id", "achievedTierId", "7", 7, id="a-text-for-an-id"),
        pytest.param("type", "type", "Refund", TransactionType.REFUND, id="a-known-choice"),
        pytest.param("type", "type", "refund", "refund", id="an-unknown-choice"),
        pytest.param("type", "type", 5, "5", id="a-number-for-a-choice"),
        pytest.param("reason", "reason", None, None, id="a-null"),
    ],
)
def test_a_member_is_read_as_what_was_promised(
    field: str, member: str, raw: object, expected: object
) -> None:
    value, drifts = read(Transaction, **{member: raw})
    got = getattr(value, field)
    assert expected == got
    assert (type(expected), str(expected)) == (type(got), str(got))
    assert drifts == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-10-16T12:00:00", NOON),
        ("2024-10-16T12:00:00Z", NOON),
        ("2024-10-16T15:00:00+03:00", NOON),
        ("2024-10-16T12:00:00.2", NOON.replace(microsecond=200_000)),
        ("2024-10-16T12:00:00.29Z", NOON.replace(microsecond=290_000)),
        ("2024-10-16T12:00:00.290", NOON.replace(microsecond=290_000)),
        ("2024-10-16T12:00:00.824928Z", NOON.replace(microsecond=824_928)),
        ("2024-10-16T12:00:00.8249289Z", NOON.replace(microsecond=824_928)),
        ("2024-10-16T12:00:00.824928999", NOON.replace(microsecond=824_928)),
        ("2024-10-16T15:00:00.8249289+03:00", NOON.replace(microsecond=824_928)),
        ("2024-10-16", NOON.replace(hour=0)),
        ("2024-10-16Z12:00:00", NOON),
    ],
)
def test_a_timestamp_of_any_precision_and_zone_is_aware_utc(text: str, expected: datetime) -> None:
    """C-16."""
    value, drifts = read(Transaction, transactionTime=text)
    assert expected == value.transaction_time
    assert value.transaction_time.tzinfo is UTC
    assert drifts == []


@pytest.fixture
def _far_from_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Kolkata")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("_far_from_utc")
@pytest.mark.parametrize("text", ["2024-10-16", "2024-10-16T00:00:00"])
def test_a_timestamp_without_a_zone_is_never_local_time(text: str) -> None:
    """C-16."""
    expected = [NOON.replace(hour=0)]
    assert expected == decode(orjson.dumps([text]), list[datetime])
    assert expected[0] == read(Transaction, transactionTime=text)[0].transaction_time


@pytest.mark.parametrize(
    ("returns", "members", "expected"),
    [
        pytest.param(Transaction, {"points": []}, ("points", "Number", "list"), id="a-list"),
        pytest.param(Transaction, {"points": True}, ("points", "Number", "bool"), id="a-bool"),
        pytest.param(Transaction, {"points": "5e3"}, ("points", "Number", "str"), id="an-exponent"),
        pytest.param(
            Transaction, {"points": "\u0665"}, ("points", "Number", "str"), id="other-digits"
        ),
        pytest.param(Transaction, {"points": ""}, ("points", "Number", "str"), id="an-empty-text"),
        pytest.param(
            Transaction, {"points": "1" * 65}, ("points", "Number", "str"), id="too-long-a-text"
        ),
        pytest.param(Transaction, {"reason": True}, ("reason", "str", "bool"), id="bool-for-text"),
        pytest.param(Transaction, {"reason": {}}, ("reason", "str", "dict"), id="object-for-text"),
        pytest.param(
            Transaction, {"isCouponUsed": 1}, ("isCouponUsed", "bool", "int"), id="number-for-bool"
        ),
        pytest.param(
            Transaction,
            {"achievedTierId": 1.5},
            ("achievedTierId", "int", "float"),
            id="half-an-id",
        ),
        pytest.param(
            Transaction, {"achievedTierId": 1e300}, ("achievedTierId", "int", "float"), id="huge-id"
        ),
        pytest.param(
            Transaction, {"achievedTierId": "1.0"}, ("achievedTierId", "int", "str"), id="text-id"
        ),
        pytest.param(
            Transaction, {"type": ["Refund"]}, ("type", "TransactionType", "list"), id="choices"
        ),
        pytest.param(
            coupons.CouponValidation,
            {"valid": None, "isValid": "x"},
            ("valid", "bool", "str"),
            id="under-another-name",
        ),
        pytest.param(Hold, {"state": {}}, ("state", "HoldState", "dict"), id="no-choice"),
        pytest.param(
            Transaction,
            {"transactionTime": "2023-05-5T10:00"},
            ("transactionTime", "datetime", "str"),
            id="no-date",
        ),
        pytest.param(
            Transaction,
            {"transactionTime": "0001-01-01T00:00:00+14:00"},
            ("transactionTime", "datetime", "str"),
            id="before-the-first-year",
        ),
        pytest.param(
            Transaction, {"transactionTime": 5}, ("transactionTime", "datetime", "int"), id="time"
        ),
        pytest.param(
            Transaction, {"transactionTime": ""}, ("transactionTime", "datetime", "str"), id="never"
        ),
        pytest.param(
            Transaction, {"transactionTime": {}}, ("transactionTime", "datetime", "dict"), id="when"
        ),
        pytest.param(
            TransactionPage,
            {"transactions": [{}, {}, {}, {"points": []}]},
            ("transactions[3].points", "Number", "list"),
            id="in-the-fourth-row",
        ),
        pytest.param(
            TransactionPage,
            {"transactions": [{}, None]},
            ("transactions[1]", "Transaction", "NoneType"),
            id="a-row-that-is-none",
        ),
        pytest.param(
            TransactionPage,
            {"transactions": {"points": []}},
            ("transactions.points", "Number", "list"),
            id="in-a-lone-row",
        ),
        pytest.param(
            TransactionPage,
            {"transactions": "x"},
            ("transactions", "list[Transaction]", "str"),
            id="no-list",
        ),
        pytest.param(
            customers.CustomerAttributes,
            {"tags": {"a": "b"}},
            ("tags", "list[str]", "dict"),
            id="a-lone-object-is-no-text",
        ),
        pytest.param(
            customers.CustomerAttributes, {"custom": []}, ("custom", "dict", "list"), id="no-object"
        ),
        pytest.param(
            coupons.CouponLockRelease,
            {"releasedCoupons": ["A", {"status": "x"}]},
            ("releasedCoupons[1]", "str", "dict"),
            id="an-object-without-the-code",
        ),
        pytest.param(
            customers.Customer,
            {"customerAttributes": 5},
            ("customerAttributes", "CustomerAttributes", "int"),
            id="no-nested-object",
        ),
        pytest.param(
            customers.Customer,
            {"customerAttributes": {"gender": []}},
            ("customerAttributes.gender", "str", "list"),
            id="in-a-nested-object",
        ),
    ],
)
def test_a_member_that_cannot_be_read_is_reported_and_costs_nothing_else(
    returns: type[Any], members: dict[str, Any], expected: tuple[str, str, str]
) -> None:
    value, drifts = read(returns, **members)
    assert [Drift(*expected)] == drifts
    assert isinstance(value, returns)
    assert value == decode(orjson.dumps(members), returns)


def test_an_unreadable_member_keeps_its_raw_value() -> None:
    value, _ = read(Transaction, points=[1], reason="kept")
    assert [1] == value.points
    assert "kept" == value.reason
    row = {"status": "x"}
    assert [row] == read(coupons.CouponLockRelease, releasedCoupons=[row])[0].released_coupons


def test_a_choice_as_deep_as_json_goes_is_a_drift() -> None:
    body = b'{"state":' + b"[" * 1000 + b"]" * 1000 + b"}"
    drifts: list[Drift] = []
    decode(body, Hold, drifts.append)
    assert [Drift("state", "HoldState", "list")] == drifts


def test_unknown_members_are_ignored_and_the_last_of_two_wins() -> None:
    body = b'{"unheardOf":{"a":[1]},"reason":"first","reason":"last"}'
    assert Transaction(reason="last") == decode(body, Transaction)


def test_a_decoded_value_is_like_one_that_was_made() -> None:
    """The shortcut past the constructor leaves no trace."""
    decoded = decode(b'{"customerId":"c"}', OrderReceipt)
    made = OrderReceipt(customer_id="c")
    assert (made, repr(made), type(made)) == (decoded, repr(decoded), type(decoded))
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        decoded.customer_id = "d"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("body", "returns", "reason"),
    [
        pytest.param(b"", Hold, "is not JSON: Input is a zero-length", id="empty"),
        pytest.param(b"<html>secret</html>", Hold, "is not JSON: unexpected", id="html"),
        pytest.param(b'{"reason":"\xff"}', Hold, "is not JSON", id="not-utf-8"),
        pytest.param(b'{"reason":"\\ud800"}', Hold, "is not JSON", id="half-a-character"),
        pytest.param(b'{"points":NaN}', Hold, "is not JSON", id="nan"),
        pytest.param(b'{"points":1e999}', Hold, "is not JSON", id="too-large"),
        pytest.param(b"[" * 5000, Hold, "is not JSON", id="too-deep"),
        pytest.param(b"[]", Hold, "is a JSON list, not a Hold", id="a-list"),
        pytest.param(b"null", Hold, "is a JSON NoneType, not a Hold", id="null"),
        pytest.param(b'"secret"', Hold, "is a JSON str, not a Hold", id="a-text"),
        pytest.param(b"[]", dict, "is a JSON list, not a dict", id="no-plain-object"),
        pytest.param(b"{}", list[int], "is a JSON dict, not a list[int]", id="no-list"),
    ],
)
def test_a_body_of_another_shape_is_a_value_error_without_the_body(
    body: bytes, returns: type[Any], reason: str
) -> None:
    with pytest.raises(ValueError, match="is ") as caught:
        decode(body, returns)
    assert str(caught.value).startswith(reason)
    assert "secret" not in str(caught.value)
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("body", "returns", "expected"),
    [
        pytest.param(b'{"a":[1.5,null]}', dict, {"a": [1.5, None]}, id="a-plain-object"),
        pytest.param(b"[1,null]", Any, [1, None], id="anything"),
        pytest.param(b"null", Any, None, id="nothing"),
        pytest.param(b'[1,1.5,"2"]', list[int | Decimal], [1, Decimal("1.5"), 2], id="numbers"),
        pytest.param(b'[{"points":1}]', list[Transaction], [Transaction(points=1)], id="rows"),
    ],
)
def test_the_escape_hatch_reads_plain_json(body: bytes, returns: Any, expected: object) -> None:
    assert expected == decode(body, returns)


def test_drift_inside_a_list_of_the_callers_own_has_a_path() -> None:
    drifts: list[Drift] = []
    assert [1, "x"] == decode(b'[1,"x"]', list[int], drifts.append)
    assert [Drift("[1]", "int", "str")] == drifts


# --- Classes of the caller ----------------------------------------------------------------------


@attrs.define
class Perk:
    """As a caller would write one: not frozen, with room for weak references."""

    perk_id: int | None = None
    worth: float | None = None
    valid_until: datetime | None = None


@attrs.frozen
class Twice:
    """Reads one member as two things."""

    text: str | None = attrs.field(default=None, metadata={"wire": "number"})
    number: int | None = None


@attrs.frozen
class Silent:
    """Has nothing from the API."""

    note: str | None = attrs.field(default=None, metadata={"wire": None})


def test_a_class_may_read_one_member_twice_or_none_at_all() -> None:
    assert (Twice("5", 5), []) == read(Twice, number=5)
    assert (Twice(), []) == read(Twice)
    assert (Silent(), []) == read(Silent, note="n")


def _sorted(perks: Iterable[Perk]) -> tuple[Perk, ...]:
    return tuple(sorted(perks, key=lambda perk: perk.perk_id or 0))


@attrs.frozen
class Grant:
    """A class with a constructor of its own mind, which is therefore used."""

    grant_id: str
    perks: tuple[Perk, ...] = attrs.field(factory=tuple[Perk, ...], converter=_sorted)


def test_a_class_of_the_caller_is_read_with_the_same_rules() -> None:
    value, drifts = read(Perk, perkId="5", worth="x", validUntil="2024-10-16T12:00:00")
    assert Perk(perk_id=5, worth="x", valid_until=NOON) == value  # type: ignore[arg-type]
    assert [Drift("worth", "float", "str")] == drifts


@attrs.frozen
class Badge:
    """A class that keeps a list of its subclasses."""

    badge_id: str | None = None
    heirs: ClassVar[list[type]] = []

    def __init_subclass__(cls) -> None:
        Badge.heirs.append(cls)


@attrs.frozen
class Ticket:
    """A class that is not made without a number."""

    ticket_id: str | None = None

    def __new__(cls, ticket_id: str) -> Self:  # noqa: ARG004 - the point is that it is asked for
        return super().__new__(cls)


def test_a_class_that_minds_being_inherited_from_is_read_with_the_same_rules() -> None:
    assert (Badge("5"), []) == read(Badge, badgeId=5)
    assert [Drift("badgeId", "str", "list")] == read(Badge, badgeId=[])[1]
    assert [] == Badge.heirs


def test_a_class_that_is_not_made_from_nothing_is_made_as_it_wants() -> None:
    assert (Ticket("5"), []) == read(Ticket, ticketId=5)


def test_a_class_with_its_own_constructor_is_built_by_it() -> None:
    value, _ = read(Grant, grantId=7, perks=[{"perkId": 2}, {"perkId": 1}])
    assert Grant("7", (Perk(1), Perk(2))) == value


@pytest.mark.parametrize(
    "members",
    [
        pytest.param({}, id="a-required-member-is-missing"),
        pytest.param({"grantId": []}, id="a-required-member-is-unreadable"),
        pytest.param({"grantId": "g", "perks": [{"perkId": {}}]}, id="a-nested-one-is"),
    ],
)
def test_a_class_with_its_own_constructor_cannot_keep_raw_values(members: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="is a JSON dict, not a Grant"):
        read(Grant, **members)


def _doubled(level: int | None) -> int:
    return 2 * (level or 0)


@attrs.frozen(weakref_slot=False)
class Level:
    """A class whose one field is converted."""

    level: int | None = attrs.field(default=None, converter=_doubled)


@attrs.frozen(weakref_slot=False)
class Rank:
    """A class whose one field is validated."""

    rank: int | None = attrs.field(default=None, validator=attrs.validators.instance_of(int))


def test_converters_and_validators_of_the_callers_class_are_run() -> None:
    assert 10 == read(Level, level=5)[0].level
    assert Rank(5) == read(Rank, rank=5)[0]
    with pytest.raises(ValueError, match="is a JSON dict, not a Rank"):
        read(Rank, rank=None)


def test_a_request_can_be_read_back() -> None:
    order = Order(customer_id="c", order_id="o", total_paid=1, line_items=[LineItem(tags=["a"])])
    members = {**to_wire(order), "totalTax": None, "channel": None}
    assert order == decode(encode(members), Order)


def test_a_request_read_back_is_checked_again() -> None:
    with pytest.raises(ValueError, match="is a JSON dict, not a CashbackConfigurations"):
        read(orders.CashbackConfigurations, returnWindow=9999)


class Weekday(Enum):
    """A type whose hook the caller brings."""

    MONDAY = "Mon"


@attrs.frozen
class Opening:
    """Uses it."""

    day: Weekday | None = None


def test_a_hook_registered_before_the_first_use_wins() -> None:
    def full_name(text: str, _: object) -> Weekday:
        return {"Monday": Weekday.MONDAY}[text]

    serialization.converter.register_structure_hook(Weekday, full_name)
    assert Opening(day=Weekday.MONDAY) == read(Opening, day="Monday")[0]
    assert [Drift("day", "Weekday", "str")] == read(Opening, day="Mon")[1]


def test_the_converter_is_one_of_cattrs() -> None:
    assert isinstance(serialization.converter, Converter)
    assert Transaction(points=1) == serialization.converter.structure({"points": 1}, Transaction)
    with pytest.raises(ValueError, match="points: is a JSON list, not a Number"):
        serialization.converter.structure({"points": []}, Transaction)


# --- Writing ------------------------------------------------------------------------------------


class Instant(datetime):
    """An instant of a library that brings its own class of them, as pandas does."""


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (NOON, "2024-10-16T12:00:00.000Z"),
        (Instant(2024, 10, 16, 12, 0, 0, 290_000, UTC), "2024-10-16T12:00:00.290Z"),
        (NOON.replace(microsecond=290_999), "2024-10-16T12:00:00.290Z"),
        (NOON.replace(microsecond=1), "2024-10-16T12:00:00.000Z"),
        (NOON.astimezone(timezone(timedelta(hours=5.5))), "2024-10-16T12:00:00.000Z"),
        (datetime.min.replace(tzinfo=UTC), "0001-01-01T00:00:00.000Z"),
        (datetime.max.replace(tzinfo=UTC), "9999-12-31T23:59:59.999Z"),
    ],
)
def test_an_instant_travels_as_utc_with_milliseconds(moment: datetime, expected: str) -> None:
    order = Order(customer_id="c", order_id="o", total_paid=1, order_date=moment)
    assert expected == timestamp(moment)
    assert expected == to_wire(order)["orderDate"]


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param(datetime(2024, 1, 1), id="no-zone"),  # noqa: DTZ001 - the subject
        pytest.param(datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1))), id="before-time"),
    ],
)
def test_an_instant_that_utc_cannot_express_is_refused(moment: datetime) -> None:
    with pytest.raises(ValueError, match=r"^timestamp: "):
        timestamp(moment)


@given(st.datetimes(timezones=st.timezones()))
def test_any_instant_comes_back_to_the_millisecond(moment: datetime) -> None:
    try:
        text = timestamp(moment)
    except ValueError:
        assert not 1 < moment.year < 9999
        return
    assert len("2024-10-16T12:00:00.000Z") == len(text)
    back = read(Transaction, transactionTime=text)[0].transaction_time
    assert timedelta(0) <= moment - back < timedelta(milliseconds=1)


class Color(StrEnum):
    """An enum of the caller."""

    RED = "red"


class Size(str, Enum):  # noqa: UP042 - callers still have these
    """The older kind."""

    BIG = "big"


def test_a_mapping_travels_as_it_is_with_its_nulls() -> None:
    mapping = {
        "none": None,
        "color": Color.RED,
        "size": Size.BIG,
        Color.RED: [Decimal("1.10"), (NOON, {"deep": Decimal("1E+2")})],
        Size.BIG: Merchant(name="m"),
        "read_only": MappingProxyType({"a": 1.5}),
        "day": True,
    }
    expected = (
        b'{"none":null,"color":"red","size":"big","red":[1.10,["2024-10-16T12:00:00.000Z",'
        b'{"deep":100}]],"big":{"name":"m"},"read_only":{"a":1.5},"day":true}'
    )
    assert expected == encode(to_wire(mapping))


def test_a_body_takes_no_more_memory_than_it_has_bytes() -> None:
    """Thousands of them wait in line."""
    payload = {"text": "a" * 500}
    tracemalloc.start()
    bodies = [encode(payload) for _ in range(100)]
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert taken / 100 < 2 * len(bodies[0])


def test_a_model_leaves_out_what_was_left_alone() -> None:
    assert {"customerId": "c", "orderId": "o", "totalPaid": 0} == to_wire(
        Order(customer_id="c", order_id="o", total_paid=0)
    )


FULL_LINE: dict[str, Any] = {
    "product_id": "p",
    "quantity": 1,
    "price": 2.5,
    "sku": "s",
    "tags": ("t",),
    "category": ("c",),
    "weight": 3,
    "vendor": "v",
    "collection": ("x",),
    "title": "t",
    "taxes": 4,
    "discount": 5,
    "extra": {"a": "b"},
}


@pytest.mark.parametrize("left_out", [(), *((name,) for name in FULL_LINE), tuple(FULL_LINE)])
def test_the_members_of_a_model_have_one_order_however_many_are_given(
    left_out: tuple[str, ...],
) -> None:
    given = {name: value for name, value in FULL_LINE.items() if name not in left_out}
    expected = {name.replace("_id", "Id"): value for name, value in given.items()}
    line = LineItem(**given)
    order = Order(customer_id="c", order_id="o", total_paid=1, line_items=(line,))
    alone, inside = to_wire(line), to_wire(order)["lineItems"][0]
    assert list(expected.items()) == list(alone.items()) == list(inside.items())


@attrs.frozen
class Chapter:
    """A class that holds others of itself, and of one that holds it in turn."""

    title: str
    parts: tuple[Chapter, ...] = ()
    quoted_in: Quotation | None = None


@attrs.frozen
class Quotation:
    """Holds itself, and what holds it."""

    by: str | None = None
    chapter: Chapter | None = None
    first: Quotation | None = None


def test_a_model_that_has_everything_says_all_of_it() -> None:
    assert {"uniqueId": "b", "name": "n"} == to_wire(Branch(unique_id="b", name="n"))


def test_classes_that_hold_themselves_and_each_other_are_written() -> None:
    inner = Chapter("b", quoted_in=Quotation("q", Chapter("c"), Quotation("r", first=Quotation())))
    quoted = {
        "by": "q",
        "chapter": {"title": "c", "parts": []},
        "first": {"by": "r", "first": {}},
    }
    expected = {"title": "b", "parts": [], "quotedIn": quoted}
    assert {"title": "a", "parts": [expected]} == to_wire(Chapter("a", (inner,)))
    assert quoted == to_wire(inner.quoted_in)


@attrs.frozen
class Stamp:
    """A class that the caller writes."""

    number: int


@attrs.frozen
class Sheet:
    """Holds some."""

    best: Stamp | None = None
    rest: list[Stamp] = attrs.field(factory=list["Stamp"])


@attrs.frozen
class RareStamp(Stamp):
    """One with more to say than was promised."""

    worth: Decimal


def test_a_nested_object_is_written_as_what_it_is() -> None:
    sheet = Sheet(RareStamp(1, Decimal("2.50")), [Stamp(3)])
    assert b'{"best":{"number":1,"worth":2.50},"rest":[{"number":3}]}' == encode(to_wire(sheet))


def test_a_hook_for_a_nested_class_wins() -> None:
    own = Converter()
    own.register_unstructure_hook_factory(attrs.has, lambda cls: Writer(cls, own, lambda v, _: v))
    own.register_unstructure_hook(Stamp, lambda stamp: f"no. {stamp.number}")
    assert {"best": "no. 1", "rest": ["no. 2"]} == own.unstructure(Sheet(Stamp(1), [Stamp(2)]))


def test_what_only_we_know_is_never_sent() -> None:
    assert {"customerId": "c"} == to_wire(OrderReceipt(customer_id="c", already_recorded=True))


def test_the_result_is_the_callers_to_change() -> None:
    merchant = Merchant(name="m")
    to_wire(merchant)["name"] = "changed"
    mapping = {"a": {"b": 1}}
    to_wire(mapping)["a"]["b"] = 2
    assert ("m", {"a": {"b": 1}}) == (to_wire(merchant)["name"], mapping)


def nested(depth: int) -> dict[str, Any]:
    mapping: dict[str, Any] = {}
    for _ in range(depth):
        mapping = {"a": mapping}
    return mapping


def circle() -> dict[str, Any]:
    mapping: dict[str, Any] = {}
    mapping["a"] = [mapping]
    return mapping


@pytest.mark.parametrize(
    ("body", "error", "message"),
    [
        pytest.param({"a": [{"b": math.nan}]}, ValueError, "a[0].b: must be finite", id="nan"),
        pytest.param({"a": Decimal("NaN")}, ValueError, "a: must be finite", id="decimal-nan"),
        pytest.param({"a": Decimal("1E+99")}, ValueError, "a: has more than 28", id="decimal"),
        pytest.param(
            {"a": datetime(2024, 1, 1)},  # noqa: DTZ001 - the subject
            ValueError,
            "a: must have a time zone",
            id="naive",
        ),
        pytest.param({"a": {5: 1}}, TypeError, "a: every key must be a str, got int", id="key"),
        pytest.param({5: 1}, TypeError, "body: every key must be a str, got int", id="top-key"),
        pytest.param(nested(5000), ValueError, "nested deeper than 200 levels", id="deep"),
        pytest.param(circle(), ValueError, "nested deeper than 200 levels", id="a-circle"),
        pytest.param("text", TypeError, "a body is a model or a mapping, got str", id="a-text"),
        pytest.param([1], TypeError, "a body is a model or a mapping, got list", id="a-list"),
    ],
)
def test_a_body_that_cannot_be_sent_is_refused(
    body: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as caught:
        to_wire(body)
    assert type(caught.value) is error
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("payload", "error", "message"),
    [
        ({"a": [{"b": "\ud800"}]}, ValueError, "a[0].b: str is not valid UTF-8"),
        ({"a": {"\ud800": 1}}, ValueError, "a.\\ud800: str is not valid UTF-8"),
        ({"a": ["x", 2**64]}, ValueError, "a[1]: Integer exceeds 64-bit range"),
        ({"a": (1, {2})}, TypeError, "a[1]: "),
        ({"a": b"x"}, TypeError, "a: Type is not JSON serializable: bytes"),
        ({"a": {5: 1}}, TypeError, "a: every key must be a str, got int"),
        ({"ok": 1.5, "a": object()}, TypeError, "a: Type is not JSON serializable: object"),
        ({"a": 1.5, "b": math.nan, "c": object()}, ValueError, "b: must be finite"),
        ({"a": {"fine": [1, {}]}, "b": object()}, TypeError, "b: Type is not JSON serializable"),
        ({Color.RED: 1}, ValueError, "body: Dict key must be str"),
        ("\ud800", ValueError, "body: str is not valid UTF-8"),
        (nested(300), ValueError, "nested deeper than 200 levels"),
        (circle(), ValueError, "nested deeper than 200 levels"),
    ],
)
def test_what_json_cannot_hold_is_refused_naming_the_path(
    payload: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as caught:
        encode(payload)
    assert type(caught.value) is error
    assert message in str(caught.value)
    assert str(caught.value).isprintable()
    assert caught.value.__context__ is None


def test_what_was_not_passed_through_to_wire_is_written_by_the_same_rules() -> None:
    payload = {"when": NOON, "what": Decimal("1.10"), "who": Merchant(name="m")}
    expected = b'{"when":"2024-10-16T12:00:00.000Z","what":1.10,"who":{"name":"m"}}'
    assert expected == encode(payload)


def test_a_date_of_the_callers_own_body_is_sent() -> None:
    assert b'{"day":"2024-10-16"}' == encode(to_wire({"day": date(2024, 10, 16)}))


# --- Promises for any input ---------------------------------------------------------------------

numbers = st.one_of(st.integers(-(2**63), 2**64 - 1), st.floats(allow_nan=False, width=64))
leaves = st.one_of(
    st.none(),
    st.booleans(),
    numbers.filter(math.isfinite),
    st.text(st.characters(exclude_categories=["Cs"])),
    st.sampled_from(["2024-10-13T17:11:00", "9" * 70, "1.5", "Refund", "active", "+", "Z"]),
)
WORDS = sorted(
    {
        name
        for model in ANSWERS
        for attribute in attrs.fields(model)
        for name in [serialization.wire_name(attribute), *attribute.metadata.get("also", ())]
        if name
    }
)
anything = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(st.sampled_from(WORDS), st.text(max_size=3)), inner, max_size=6),
    ),
    max_leaves=15,
)


def is_encodable(value: Any) -> bytes | None:
    try:
        return orjson.dumps(value)
    except TypeError:
        return None


@given(anything, st.sampled_from(ANSWERS))
def test_any_json_is_a_value_with_drift_or_a_value_error(value: Any, returns: type[Any]) -> None:
    body = is_encodable(value)
    if body is None:
        return
    drifts: list[Drift] = []
    if not isinstance(value, dict):
        with pytest.raises(ValueError, match="is a JSON"):
            decode(body, returns)
        return
    assert isinstance(decode(body, returns, drifts.append), returns)
    assert all(drift.path for drift in drifts)


@given(st.one_of(st.binary(max_size=200), st.text().map(lambda t: t.encode("utf-8", "ignore"))))
def test_any_bytes_are_a_value_or_a_value_error(body: bytes) -> None:
    try:
        value = decode(body, TransactionPage)
    except ValueError:
        return
    assert isinstance(value, TransactionPage)


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
FIRST, LAST = (datetime(year, 1, 1) for year in (1990, 2090))  # noqa: DTZ001 - as Hypothesis asks
instants = st.datetimes(FIRST, LAST, timezones=st.just(UTC)).map(
    lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000)
)
exact = st.one_of(
    st.integers(-(2**63), 2**63 - 1), st.floats(-1e9, 1e9).map(lambda f: Decimal(repr(f)))
)


@given(
    st.builds(
        Transaction,
        transaction_id=st.none() | texts,
        type=st.none() | st.sampled_from(TransactionType) | texts,
        points=st.none() | exact,
        amount=st.none() | exact,
        transaction_time=st.none() | instants,
        is_coupon_used=st.none() | st.booleans(),
        achieved_tier_id=st.none() | st.integers(-(2**63), 2**63 - 1),
    )
)
def test_an_answer_survives_the_way_to_json_and_back(row: Transaction) -> None:
    drifts: list[Drift] = []
    back = decode(encode(to_wire(row)), Transaction, drifts.append)
    assert row == back
    assert drifts == []


@given(
    st.decimals(min_value=-(10**20), max_value=10**20, places=7),
    st.lists(texts, max_size=3),
    instants,
)
def test_a_request_says_in_json_what_it_holds(
    money: Decimal, tags: list[str], moment: datetime
) -> None:
    order = Order(
        customer_id="c",
        order_id="o",
        total_paid=money,
        order_date=moment,
        line_items=[LineItem(tags=tags)],
    )
    sent = json.loads(encode(to_wire(order)), parse_float=Decimal, parse_int=Decimal)
    assert money == sent["totalPaid"]
    assert moment == datetime.fromisoformat(sent["orderDate"])
    assert tags == sent["lineItems"][0]["tags"]


def hostile_rows(size: int) -> bytes:
    row = b'{"points":[[]],"transactionTime":"' + b"9" * 60 + b'","type":{},"reason":[]},'
    return b'{"transactions":[' + (row * (size // len(row)))[:-1] + b"]}"


def hostile_text(size: int) -> bytes:
    digits = b"1" * size
    return b'{"transactions":[{"points":"%b","transactionTime":"%b","type":"%b"}]}' % (
        (digits,) * 3
    )


def hostile_keys(size: int) -> bytes:
    members = b",".join(b'"k%d":[]' % i for i in range(size // 10))
    return b'{"customerAttributes":{"custom":{' + members + b'},"tags":{' + members + b"}}}"


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    ("hostile", "returns"),
    [
        pytest.param(hostile_rows, TransactionPage, id="rows-of-drift"),
        pytest.param(hostile_text, TransactionPage, id="endless-texts"),
        pytest.param(hostile_keys, customers.Customer, id="a-million-keys"),
    ],
)
def test_four_megabytes_of_hostility_are_read_before_the_timeout(
    hostile: Callable[[int], bytes], returns: type[Any]
) -> None:
    """A second at most while time grows with the size; minutes if it grew with its square."""
    drifts: list[Drift] = []
    assert isinstance(decode(hostile(4_000_000), returns, drifts.append), returns)
