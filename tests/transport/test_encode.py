"""From a call's arguments to a path and a query that nothing can bend."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from typing import Any
from urllib.parse import parse_qsl, unquote

import pytest
from hypothesis import assume, given, settings, strategies as st

from gameball_async.operation import Operation
from gameball_async.operations import (
    CALCULATE_ORDER_CASHBACK,
    COUNT_TRANSACTIONS,
    CREATE_MANUAL_TRANSACTION,
    GET_CUSTOMER,
    HOLD_POINTS,
    LIST_ORDER_TRANSACTIONS,
    SET_CUSTOMER_ACTIVE,
    TRACK_ORDER,
)
from gameball_async.transport.encode import camel, path, path_id, query, subject

UNRESERVED = re.compile(r"[A-Za-z0-9._~-]*(%[0-9A-F]{2}[A-Za-z0-9._~-]*)*")
TWO: Operation[Any] = Operation("GET", "/customers/{customerId}/tags/{tag}", dict)
OWN: Operation[Any] = Operation("GET", "/things/{thing_id}", dict)


class Direction(Enum):
    """Neither text nor a number."""

    PLUS = "+"


class OldDirection(str, Enum):  # noqa: UP042 - it prints as its name, and callers have such ones
    """How text enums were written before there was a StrEnum."""

    PLUS = "+"


class NewDirection(StrEnum):
    """How they are written now."""

    PLUS = "+"


class Size(IntEnum):
    """A number with a name."""

    BIG = 7


# -- names --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "wire"),
    [
        ("limit", "limit"),
        ("start_after", "startAfter"),
        ("hold_reference_id", "holdReferenceId"),
        ("line_2", "line2"),
        ("startAfter", "startAfter"),
        ("", ""),
    ],
)
def test_names_travel_in_the_wires_spelling(name: str, wire: str) -> None:
    assert wire == camel(name)


# -- ids in paths -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "encoded"),
    [
        pytest.param("id123", "id123", id="plain"),
        pytest.param("a/b", "a%2Fb", id="slash"),
        pytest.param("a\\b", "a%5Cb", id="backslash"),
        pytest.param("a?b=c", "a%3Fb%3Dc", id="question-mark"),
        pytest.param("a#b", "a%23b", id="hash"),
        pytest.param("100%", "100%25", id="percent"),
        pytest.param("%2e%2e", "%252e%252e", id="encoded-dots"),
        pytest.param("a+b", "a%2Bb", id="plus"),
        pytest.param("a b", "a%20b", id="blank-inside"),
        pytest.param(" ", "%20", id="blank"),
        pytest.param("a;b:c@d&e,f", "a%3Bb%3Ac%40d%26e%2Cf", id="delimiters"),
        pytest.param("\r\n\0", "%0D%0A%00", id="control-characters"),
        pytest.param("Zoë/فاطمة", "Zo%C3%AB%2F%D9%81%D8%A7%D8%B7%D9%85%D8%A9", id="unicode"),
        pytest.param("a.b~c_d-e", "a.b~c_d-e", id="unreserved"),
        pytest.param("...", "...", id="three-dots-are-a-name"),
        pytest.param("..a", "..a", id="dots-before-a-name"),
        pytest.param("a/.../b", "a%2F...%2Fb", id="three-dots-between-slashes"),
        pytest.param(17, "17", id="int"),
        pytest.param(-17, "-17", id="negative-int"),
        pytest.param(0, "0", id="nought"),
        pytest.param(Size.BIG, "7", id="number-with-a-name"),
        pytest.param(OldDirection.PLUS, "%2B", id="old-text-enum"),
        pytest.param(NewDirection.PLUS, "%2B", id="text-enum"),
    ],
)
def test_an_id_is_encoded_whole(value: object, encoded: str) -> None:
    assert encoded == path_id("customer_id", value)


@pytest.mark.parametrize(
    "value",
    [".", "..", "a/../b", "../a", "a/..", "..\\x", "a\\.\\b", "./", "/.", "a/b\\..", "//.."],
)
def test_an_id_cannot_step_to_another_endpoint(value: str) -> None:
    with pytest.raises(ValueError, match=r"^customer_id .* would lead to another endpoint$"):
        path_id("customer_id", value)


def test_an_empty_id_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^customer_id is empty$"):
        path_id("customer_id", "")


@pytest.mark.parametrize("value", ["\ud800", "a\udfffb"])
def test_half_a_surrogate_pair_is_refused_without_a_trace_of_its_codec(value: str) -> None:
    with pytest.raises(ValueError, match="customer_id holds half a surrogate pair") as caught:
        path_id("customer_id", value)
    assert ValueError is caught.type
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (True, "bool"),
        (None, "NoneType"),
        (1.5, "float"),
        (b"id", "bytes"),
        (["id"], "list"),
        (Direction.PLUS, "Direction"),
    ],
)
def test_what_is_no_id_is_refused_by_name_and_type(value: object, kind: str) -> None:
    with pytest.raises(TypeError, match=rf"^customer_id must be a str, got {kind}$"):
        path_id("customer_id", value)


@settings(deadline=None)
@given(st.text(min_size=1))
def test_any_id_stays_one_segment_and_comes_back(value: str) -> None:
    assume(not {".", ".."} & {*re.split(r"[/\\]", value)})
    filled = path(TWO, {"customer_id": value, "tag": value})
    assert TWO.path.count("/") == filled.count("/")
    _, _, first, _, second = filled.split("/")
    assert value == unquote(first) == unquote(second)
    assert UNRESERVED.fullmatch(first)


@settings(deadline=None)
@given(st.text(alphabet="./\\a", min_size=1))
def test_an_id_is_refused_exactly_when_a_step_is_in_it(value: str) -> None:
    steps = {".", ".."} & {*value.replace("\\", "/").split("/")}
    if not steps:
        assert value == unquote(path_id("x", value))
        return
    with pytest.raises(ValueError, match="another endpoint"):
        path_id("x", value)


# -- paths --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "ids", [{"customer_id": "c/1"}, {"customerId": "c/1"}], ids=["snake-case", "the-wires-spelling"]
)
def test_path_parameters_are_known_in_both_spellings(ids: dict[str, object]) -> None:
    assert "/customers/c%2F1/activate" == path(SET_CUSTOMER_ACTIVE, ids)


def test_an_operation_of_ones_own_may_spell_its_parameters_in_snake_case() -> None:
    assert "/things/7" == path(OWN, {"thing_id": 7}) == path(OWN, {"thingId": 7})


def test_an_id_that_looks_like_a_parameter_is_just_an_id() -> None:
    filled = path(TWO, {"customer_id": "{tag}", "tag": "{customerId}"})
    assert "/customers/%7Btag%7D/tags/%7BcustomerId%7D" == filled


@pytest.mark.parametrize("ids", [None, {}], ids=["none", "empty"])
def test_a_path_without_parameters_needs_none(ids: dict[str, object] | None) -> None:
    assert "/orders" == path(TRACK_ORDER, ids)


@pytest.mark.parametrize(
    ("operation", "ids", "message"),
    [
        pytest.param(
            TRACK_ORDER,
            {"order_id": "A-1"},
            "POST /orders has no path parameter 'order_id'",
            id="one-too-many-where-there-is-none",
        ),
        pytest.param(
            GET_CUSTOMER,
            {"customer_id": "c", "order_id": "A-1"},
            "GET /customers/{customerId} has no path parameter 'order_id'",
            id="one-too-many",
        ),
        pytest.param(
            GET_CUSTOMER,
            None,
            "GET /customers/{customerId} needs the path parameter 'customerId'",
            id="none-at-all",
        ),
        pytest.param(
            TWO,
            {"tag": "t"},
            "GET /customers/{customerId}/tags/{tag} needs the path parameter 'customerId'",
            id="one-missing",
        ),
        pytest.param(
            GET_CUSTOMER,
            {"customer_id": "a", "customerId": "b"},
            "GET /customers/{customerId} got a path parameter in two spellings",
            id="one-twice",
        ),
        pytest.param(GET_CUSTOMER, {"customer_id": ""}, "customer_id is empty", id="an-empty-one"),
    ],
)
def test_a_wrong_parameter_is_named(
    operation: Operation[Any], ids: dict[str, object] | None, message: str
) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        path(operation, ids)


# -- queries ------------------------------------------------------------------------------------

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        pytest.param(None, "", id="none"),
        pytest.param({}, "", id="empty"),
        pytest.param({"direction": None, "status": None}, "", id="nothing-but-none"),
        pytest.param({"direction": "+"}, "?direction=%2B", id="plus"),
        pytest.param({"direction": OldDirection.PLUS}, "?direction=%2B", id="old-text-enum"),
        pytest.param({"direction": NewDirection.PLUS}, "?direction=%2B", id="text-enum"),
        pytest.param({"x": "a b&c=d"}, "?x=a%20b%26c%3Dd", id="delimiters"),
        pytest.param({"x": "é"}, "?x=%C3%A9", id="unicode"),
        pytest.param({"x": ""}, "?x=", id="empty-text"),
        pytest.param(
            {"start_after": 17, "limit": None, "customerId": "c"},
            "?startAfter=17&customerId=c",
            id="names-and-what-is-left-out",
        ),
        pytest.param({"a&b": 1}, "?a%26b=1", id="odd-name"),
        pytest.param({"x": True, "y": False}, "?x=true&y=false", id="bool"),
        pytest.param({"x": 0, "y": -1, "z": Size.BIG}, "?x=0&y=-1&z=7", id="int"),
        pytest.param({"x": 1.5, "y": Decimal("2.50")}, "?x=1.5&y=2.50", id="fractions"),
        pytest.param({"x": Decimal("1E+5")}, "?x=1E%2B5", id="an-exponent"),
        pytest.param({"at": NOON}, "?at=2026-01-01T12%3A00%3A00.000Z", id="datetime"),
        pytest.param(
            {"at": NOON.astimezone(timezone(timedelta(hours=2)))},
            "?at=2026-01-01T12%3A00%3A00.000Z",
            id="datetime-elsewhere",
        ),
    ],
)
def test_a_query_is_written(given: dict[str, object] | None, text: str) -> None:
    assert text == query(given)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (["a"], "list"),
        ({"a": 1}, "dict"),
        (b"a", "bytes"),
        (1j, "complex"),
        (date(2026, 1, 1), "date"),
        (Direction.PLUS, "Direction"),
    ],
)
def test_what_cannot_be_in_a_query_is_named(value: object, kind: str) -> None:
    with pytest.raises(TypeError, match=rf"^from_day must be a str or a number, got {kind}$"):
        query({"from_day": value})


def test_a_time_without_a_zone_is_refused_by_the_name_it_was_given() -> None:
    with pytest.raises(ValueError, match=r"^from_day: must have a time zone"):
        query({"from_day": datetime(2026, 1, 1)})  # noqa: DTZ001 - that is the point


def test_half_a_surrogate_pair_in_a_query_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"^x holds half a surrogate pair"):
        query({"x": "\ud800"})


@settings(deadline=None)
@given(st.dictionaries(st.from_regex(r"[a-z]{1,8}", fullmatch=True), st.text(), min_size=1))
def test_any_query_comes_back(values: dict[str, str]) -> None:
    text = query(dict[str, object](values))
    assert text.startswith("?")
    assert "+" not in text
    assert values == dict(parse_qsl(text[1:], keep_blank_values=True, strict_parsing=True))


# -- whom and what a call is about --------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "payload", "ids", "about"),
    [
        pytest.param(
            TRACK_ORDER, {"orderId": "A-1", "customerId": "c"}, None, ("A-1", "c"), id="an-order"
        ),
        pytest.param(TRACK_ORDER, {"orderId": 7, "customerId": 9}, None, ("7", "9"), id="numbers"),
        pytest.param(TRACK_ORDER, {}, None, (None, None), id="nothing-in-it"),
        pytest.param(
            CREATE_MANUAL_TRANSACTION,
            {"transactionId": "T-1", "customerId": "c"},
            None,
            ("T-1", "c"),
            id="a-transaction",
        ),
        pytest.param(
            HOLD_POINTS, {"customerId": "c", "orderId": "A-1"}, None, (None, "c"), id="no-key"
        ),
        pytest.param(
            SET_CUSTOMER_ACTIVE, {"x": 1}, {"customer_id": "c"}, (None, "c"), id="in-the-path"
        ),
        pytest.param(
            SET_CUSTOMER_ACTIVE, None, {"customerId": 5}, (None, "5"), id="in-the-path-as-wired"
        ),
        pytest.param(
            SET_CUSTOMER_ACTIVE,
            {"customerId": "body"},
            {"customer_id": "path"},
            (None, "body"),
            id="the-body-counts-more",
        ),
        pytest.param(
            LIST_ORDER_TRANSACTIONS,
            None,
            {"order_id": "A-1"},
            (None, None),
            id="an-order-in-a-path",
        ),
        pytest.param(COUNT_TRANSACTIONS, None, None, (None, None), id="nobody"),
        pytest.param(CALCULATE_ORDER_CASHBACK, {"customerId": "c"}, {}, (None, "c"), id="a-quote"),
    ],
)
def test_whom_and_what_a_call_is_about(
    operation: Operation[Any],
    payload: dict[str, Any] | None,
    ids: dict[str, object] | None,
    about: tuple[str | None, str | None],
) -> None:
    assert about == subject(operation, payload, ids)
