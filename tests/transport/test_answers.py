"""A value, or an error that says what the other side said, whatever shape that has."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given, settings, strategies as st

from gameball_async.errors import (
    ApiError,
    AuthenticationError,
    DuplicateError,
    NotFoundError,
    PayloadError,
    PermissionDeniedError,
    RateLimitedError,
    RedirectError,
    ResponseDecodeError,
    ServerError,
)
from gameball_async.operation import Operation
from gameball_async.operations import COUNT_TRANSACTIONS, TRACK_ORDER
from gameball_async.serialization import Drift
from gameball_async.transport.answers import read, refusal, required, required_rows, rows_of
from gameball_async.transport.http import Answer, Request, Response

NOW = datetime(2026, 1, 1, tzinfo=UTC)
JSON = {"content-type": "application/json; charset=utf-8"}
HTML = {"content-type": "text/html"}
API_KEY = "api-key+0123456789/=="
SECRET_KEY = "secret-key-9876543210"
REDACT = Request("GET", "/", {"apikey": API_KEY, "secretkey": SECRET_KEY}).redact


def refused(answer: Answer) -> ApiError:
    return refusal(answer, "POST /orders", now=NOW, redact=REDACT)


def said(body: object, status: int = 400) -> ApiError:
    """The error of an answer with this JSON body."""
    return refused(Answer(status, {**JSON, "x-request-id": "in-header"}, orjson.dumps(body)))


# -- refusals -----------------------------------------------------------------------------------

ENVELOPE = {
    "code": 9004,
    "type": "TRANSACTIONS_ERROR",
    "message": "Transaction id exists",
    "documentationUrl": "https://docs.gameball.co/api-reference/introduction",
    "requestId": "12345abcde",
}


def test_the_documented_envelope_is_read_whole() -> None:
    error = said(ENVELOPE, 422)
    assert DuplicateError is type(error)
    assert {
        "message": "Transaction id exists",
        "operation": "POST /orders",
        "cursor": None,
        "status": 422,
        "code": 9004,
        "type": "TRANSACTIONS_ERROR",
        "documentation_url": "https://docs.gameball.co/api-reference/introduction",
        "request_id": "12345abcde",
        "body": ENVELOPE,
    } == vars(error)


@pytest.mark.parametrize(
    ("body", "status", "kind", "code", "message"),
    [
        pytest.param(
            {"error": 400, "message": "Expiry cannot be negative"},
            400,
            PayloadError,
            None,
            "Expiry cannot be negative",
            id="error-is-the-status-and-no-code",
        ),
        pytest.param(
            {"code": 15, "message": "Name Already Exists"},
            404,
            NotFoundError,
            15,
            "Name Already Exists",
            id="the-short-code-of-an-old-version",
        ),
        pytest.param(
            {"title": "One or more errors", "status": 400, "errors": {"id": ["'x' is invalid."]}},
            400,
            PayloadError,
            None,
            "One or more errors",
            id="a-framework-with-a-title",
        ),
        pytest.param(
            {"errors": {"id": ["'x' is invalid.", "b"], "name": ["c"]}},
            400,
            PayloadError,
            None,
            "'x' is invalid.",
            id="a-framework-with-the-first-of-many-entries",
        ),
        pytest.param(
            {"errors": [{"field": {"reason": "too long"}}, "b"]},
            400,
            PayloadError,
            None,
            "too long",
            id="a-framework-with-a-list-of-entries",
        ),
        pytest.param({"errors": []}, 400, PayloadError, None, "Bad Request", id="no-entry"),
        pytest.param({"errors": {}}, 400, PayloadError, None, "Bad Request", id="no-entries"),
        pytest.param({"errors": [[5]]}, 400, PayloadError, None, "Bad Request", id="a-number"),
        pytest.param(
            {"message": "", "title": "", "errors": "entry"},
            400,
            PayloadError,
            None,
            "entry",
            id="empty-texts-are-passed-over",
        ),
        pytest.param(
            {"message": {"en": "no"}, "code": None, "type": 5, "requestId": 7},
            403,
            PermissionDeniedError,
            None,
            "Forbidden",
            id="members-of-other-types",
        ),
        pytest.param(
            {"code": "9004"}, 422, DuplicateError, 9004, "Unprocessable Entity", id="a-code-as-text"
        ),
        pytest.param({"code": "٩٠٠٤"}, 400, PayloadError, None, "Bad Request", id="odd-digits"),
        pytest.param({"code": "-9004"}, 400, PayloadError, None, "Bad Request", id="a-sign"),
        pytest.param({"code": "9" * 10}, 400, PayloadError, None, "Bad Request", id="too-long"),
        pytest.param(
            {"code": "9" * 9}, 400, PayloadError, 999_999_999, "Bad Request", id="nearly-too-long"
        ),
        pytest.param({"code": True}, 400, PayloadError, None, "Bad Request", id="a-bool"),
        pytest.param({"code": 9004.0}, 400, PayloadError, None, "Bad Request", id="a-float"),
        pytest.param({}, 401, AuthenticationError, None, "Unauthorized", id="nothing-at-all"),
        pytest.param(["no"], 404, NotFoundError, None, "Not Found", id="a-list"),
        pytest.param("no", 404, NotFoundError, None, "Not Found", id="a-string"),
        pytest.param(17, 404, NotFoundError, None, "Not Found", id="a-number-alone"),
        pytest.param(False, 502, ServerError, None, "Bad Gateway", id="a-bool-alone"),
    ],
)
def test_any_json_is_read_as_far_as_it_goes(
    body: object, status: int, kind: type[ApiError], code: int | None, message: str
) -> None:
    error = said(body, status)
    assert (kind, status, code, message) == (type(error), error.status, error.code, error.message)
    assert body == error.body


@pytest.mark.parametrize(
    ("headers", "body", "message"),
    [
        pytest.param({}, b"", "Service Unavailable", id="empty"),
        pytest.param({}, b" \r\n ", "Service Unavailable", id="blank"),
        pytest.param({}, b"slow down\n", "slow down", id="text"),
        pytest.param(JSON, b'{"code": 900', '{"code": 900', id="half-a-json"),
        pytest.param(JSON, b"null", "null", id="null"),
        pytest.param(JSON, b"[" * 100_000, "[" * 200, id="json-without-a-bottom"),
        pytest.param({}, b"x" * 1000, "x" * 200, id="much-text"),
        pytest.param({}, "é".encode() * 500, "é" * 200, id="much-unicode"),
        pytest.param({}, b"\xff\xfe", "\N{REPLACEMENT CHARACTER}" * 2, id="no-utf-8"),
        pytest.param(HTML, b"maintenance", "Service Unavailable", id="html-by-its-type"),
        pytest.param({}, b"\n<html>", "Service Unavailable", id="html-by-its-first-sign"),
    ],
)
def test_what_is_no_json_is_kept_as_text(
    headers: dict[str, str], body: bytes, message: str
) -> None:
    error = refused(Answer(503, headers, body))
    assert ServerError is type(error)
    assert message == error.message
    assert body.decode("utf-8", "replace")[:200] == error.body


def test_the_beginning_of_an_oversized_refusal_is_not_taken_for_all_of_it() -> None:
    error = refused(Answer(422, JSON, b'{"code": 9004}', oversized=True))
    assert PayloadError is type(error)
    assert (None, '{"code": 9004}') == (error.code, error.body)


def test_a_long_message_is_cut() -> None:
    assert "x" * 1000 == said({"message": "x" * 5000}).message


def test_a_status_without_a_name_has_a_message() -> None:
    assert "unexpected HTTP status" == refused(Answer(599, {})).message


@pytest.mark.parametrize(
    ("body", "request_id"),
    [({"requestId": "in-body"}, "in-body"), ({"requestId": ""}, "in-header"), ({}, "in-header")],
    ids=["body", "empty", "header"],
)
def test_a_request_id_is_found_in_the_body_or_in_a_header(
    body: dict[str, str], request_id: str
) -> None:
    assert request_id == said(body).request_id


def test_empty_texts_are_none() -> None:
    error = said({"type": "", "documentationUrl": ""})
    assert (None, None) == (error.type, error.documentation_url)


def test_a_deep_body_is_cut_so_that_its_error_can_be_copied() -> None:
    deep = b'{"a": [' * 400 + b"]}" * 400
    error = refused(Answer(422, JSON, b'{"code": 9004, "deep": %s}' % deep))
    assert DuplicateError is type(error)
    assert error.body == copy.deepcopy(error).body == pickle.loads(pickle.dumps(error)).body


@pytest.mark.parametrize("inside", [lambda it: [it], lambda it: {"a": it}], ids=["list", "dict"])
def test_32_levels_of_a_body_are_kept(inside: Callable[[object], object]) -> None:
    def nested(bottom: object, levels: int) -> object:
        for _ in range(levels):
            bottom = inside(bottom)
        return bottom

    assert nested("bottom", 32) == said(nested("bottom", 32)).body
    assert nested("...", 32) == said(nested("bottom", 33)).body
    assert nested("...", 32) == said(nested("bottom", 40)).body


# -- 429 and redirects --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "Thu, 01 Jan 2026 00:01:00 GMT"}, 60.0),
    ],
    ids=["nothing", "seconds", "a-date"],
)
def test_a_429_says_how_long_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    error = refused(Answer(429, headers, b"slow down"))
    assert isinstance(error, RateLimitedError)
    assert (seconds, "slow down", 429) == (error.retry_after, error.message, error.status)


@pytest.mark.parametrize(
    ("location", "host"),
    [
        pytest.param("https://evil.example/x?y", "evil.example", id="elsewhere"),
        pytest.param("https://user:password@evil.example:8443/", "evil.example", id="host-alone"),
        pytest.param("//evil.example", "evil.example", id="without-a-scheme"),
        pytest.param("/api/v5/orders", None, id="same-host"),
        pytest.param("", None, id="nowhere"),
        pytest.param("https://[::1", None, id="nonsense"),
    ],
)
def test_a_redirect_names_its_host(location: str, host: str | None) -> None:
    error = refused(Answer(307, {"location": location}, b"<html>moved"))
    assert isinstance(error, RedirectError)
    assert host == error.host
    assert f"redirected to {host or 'no host'}" == error.message
    assert (307, "<html>moved") == (error.status, error.body)


def test_a_redirect_without_a_location_has_no_host() -> None:
    error = refused(Answer(304, {}))
    assert isinstance(error, RedirectError)
    assert error.host is None


# -- keys that the other side echoes ------------------------------------------------------------


def leaks(error: ApiError | ResponseDecodeError) -> bool:
    text = f"{error} {vars(error)} {pickle.dumps(error)!r}"
    return API_KEY in text or SECRET_KEY in text


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(f"no such key: {API_KEY}".encode(), id="in-a-text"),
        pytest.param(f"<html>{SECRET_KEY}".encode(), id="in-html"),
        pytest.param(orjson.dumps({"message": f"{API_KEY} of {SECRET_KEY}"}), id="in-a-message"),
        pytest.param(orjson.dumps({"title": API_KEY, "type": SECRET_KEY}), id="in-other-members"),
        pytest.param(orjson.dumps({"errors": {"apikey": [API_KEY]}}), id="in-an-entry"),
        pytest.param(orjson.dumps({"echo": [{"a": [1, {"b": API_KEY}]}]}), id="deep-in-a-body"),
        pytest.param(orjson.dumps({API_KEY: 1, "requestId": API_KEY}), id="in-a-name"),
        pytest.param(orjson.dumps([SECRET_KEY]), id="in-a-list"),
        pytest.param(orjson.dumps(SECRET_KEY), id="in-a-string"),
        pytest.param(
            b'{"message": "%s"}' % API_KEY.replace("+", r"\u002B").replace("/", r"\/").encode(),
            id="with-escapes",
        ),
        pytest.param(b"\xff" + API_KEY.encode() + b'{"', id="in-no-utf-8"),
    ],
)
@pytest.mark.parametrize("status", [302, 403, 429, 503])
def test_an_echoed_key_is_in_no_error(body: bytes, status: int) -> None:
    assert not leaks(refused(Answer(status, {}, body)))
    assert not leaks(refused(Answer(status, {}, body, oversized=True)))


def test_an_echoed_key_does_not_cost_the_rest_of_the_body() -> None:
    error = said({"code": 9004, "message": f"not {API_KEY}", "n": 12345678, "x": [None, True, 1.5]})
    assert "not ***" == error.message
    assert {
        "code": 9004,
        "message": "not ***",
        "n": 12345678,
        "x": [None, True, 1.5],
    } == error.body


def test_a_key_of_digits_is_redacted_in_numbers_and_leaves_json() -> None:
    redact = Request("GET", "/", {"apikey": "12345678"}).redact
    body = orjson.dumps({"code": 9004, "n": 12345678, "message": "of 12345678"})
    error = refusal(Answer(422, JSON, body), "GET /x", now=NOW, redact=redact)
    assert (9004, {"code": 9004, "n": "***", "message": "of ***"}) == (error.code, error.body)


def test_a_key_that_straddles_the_end_of_an_excerpt_is_not_shown_in_half() -> None:
    error = refused(Answer(503, {}, b"x" * 190 + API_KEY.encode()))
    assert "x" * 190 + "***" == error.message


# -- any bytes ----------------------------------------------------------------------------------

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
ENVELOPES = st.dictionaries(
    st.sampled_from(["code", "type", "message", "title", "errors", "requestId"]), JSON_VALUES
)


@settings(deadline=None)
@given(
    st.integers(300, 599),
    st.binary() | JSON_VALUES.map(orjson.dumps) | ENVELOPES.map(orjson.dumps),
    st.dictionaries(st.sampled_from(["content-type", "retry-after", "location"]), st.text()),
    st.booleans(),
)
def test_any_answer_becomes_an_error(
    status: int, body: bytes, headers: dict[str, str], oversized: bool
) -> None:
    error = refused(Answer(status, headers, body, oversized))
    assert status == error.status
    assert error.message
    assert str(error)
    assert str(error) == str(pickle.loads(pickle.dumps(error)))


# -- values -------------------------------------------------------------------------------------


def reading(
    answer: Answer, operation: Operation[Any], drifts: list[Drift] | None = None, *, write: bool
) -> Any:
    on_drift = None if drifts is None else drifts.append
    return read(answer, operation, write=write, redact=REDACT, on_drift=on_drift)


def test_a_value_is_decoded() -> None:
    drifts: list[Drift] = []
    answer = Answer(200, JSON, b'{"count": 7}')
    assert 7 == reading(answer, COUNT_TRANSACTIONS, drifts, write=False).count
    assert [] == drifts


def test_drift_is_told_and_costs_nothing_else() -> None:
    drifts: list[Drift] = []
    answer = Answer(200, JSON, b'{"count": [7]}')
    assert [7] == reading(answer, COUNT_TRANSACTIONS, drifts, write=False).count
    assert ["count"] == [drift.path for drift in drifts]
    assert [7] == reading(answer, COUNT_TRANSACTIONS, write=False).count


NOTHING: Operation[Any] = Operation("POST", "/events", type(None))


@pytest.mark.parametrize("body", [b"", b"not json", b"{}"])
@pytest.mark.parametrize("oversized", [False, True])
def test_where_no_body_is_documented_none_is_read(body: bytes, *, oversized: bool) -> None:
    assert reading(Answer(200, {}, body, oversized), NOTHING, write=True) is None


@pytest.mark.parametrize("write", [False, True])
def test_a_web_page_is_no_answer_even_where_no_body_is_documented(*, write: bool) -> None:
    """A portal of the network wrote it; nobody knows whether the API was asked."""
    portal = Answer(200, {"content-type": "text/html"}, b"<html>please log in</html>")
    error = reading(portal, NOTHING, write=write)
    assert isinstance(error, ResponseDecodeError)
    assert "the answer cannot be read: is a web page" == error.message
    assert write is error.outcome_unknown
    empty = Answer(200, {"content-type": "text/html"}, b"")
    assert reading(empty, NOTHING, write=write) is None


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(b"", "is not JSON", id="empty"),
        pytest.param(b"<html>", "is not JSON", id="html"),
        pytest.param(b'{"count": ', "is not JSON", id="half"),
        pytest.param(b"[1]", "is a JSON ", id="a-list"),
        pytest.param(b"null", "is a JSON ", id="null"),
    ],
)
@pytest.mark.parametrize("write", [False, True])
def test_an_answer_that_cannot_be_read_is_an_error(
    body: bytes, reason: str, *, write: bool
) -> None:
    error = reading(Answer(201, HTML, body), TRACK_ORDER, write=write)
    assert isinstance(error, ResponseDecodeError)
    assert error.message.startswith(f"the answer cannot be read: {reason}")
    assert ("POST /orders", 201, "text/html", body.decode(), write) == (
        error.operation,
        error.status,
        error.content_type,
        error.excerpt,
        error.outcome_unknown,
    )


def test_an_oversized_answer_is_an_error_even_if_its_beginning_can_be_read() -> None:
    answer = Answer(200, {}, b'{"count": 7}', oversized=True)
    error = reading(answer, COUNT_TRANSACTIONS, write=False)
    assert isinstance(error, ResponseDecodeError)
    assert "the answer cannot be read: the answer is larger than 32 MiB" == error.message
    assert error.content_type is None


def test_an_excerpt_is_short_and_holds_no_key() -> None:
    body = f"{API_KEY}{'x' * 1000}{SECRET_KEY}".encode()
    error = reading(Answer(200, {}, body), COUNT_TRANSACTIONS, write=False)
    assert f"***{'x' * 197}" == error.excerpt
    assert not leaks(error)


@settings(deadline=None)
@given(st.binary(), st.booleans())
def test_any_success_is_a_value_or_an_error(body: bytes, write: bool) -> None:
    for operation in (COUNT_TRANSACTIONS, TRACK_ORDER):
        value = reading(Answer(200, {}, body), operation, write=write)
        assert isinstance(value, operation.returns | ResponseDecodeError)


# -- members that must be there -----------------------------------------------------------------


def response(body: bytes = b"{}") -> Response[Any]:
    return Response(
        value=None,
        status=203,
        headers=JSON,
        request_id=None,
        attempts=1,
        waited=0.0,
        elapsed=0.0,
        body=body,
    )


@pytest.mark.parametrize(("member", "kind"), [(7, int), (0, int), ("", str), ([], list)])
def test_a_member_that_is_there_is_returned(member: object, kind: type[Any]) -> None:
    assert member == required(response(), member, "count", kind)


@pytest.mark.parametrize(
    ("member", "kind"), [(None, int), ("7", int), (True, int), (7.0, int), ({}, list)]
)
def test_a_member_that_is_missing_or_something_else_is_an_error(
    member: object, kind: type[Any]
) -> None:
    with pytest.raises(ResponseDecodeError, match=r"^the answer has no count ") as caught:
        required(response(b"not shown: nobody knows the keys here"), member, "count", kind)
    error = caught.value
    assert (203, JSON["content-type"], "") == (error.status, error.content_type, error.excerpt)
    assert not error.outcome_unknown


def test_rows_that_must_be_there_may_have_drifted() -> None:
    assert [1, "x"] == required_rows(response(), [1, "x"], "transactions")
    with pytest.raises(ResponseDecodeError, match="the answer has no transactions"):
        required_rows(response(), None, "transactions")


@pytest.mark.parametrize(
    ("rows", "left"),
    [([1, "x", None, 2], [1, 2]), ([], []), (None, []), ({"a": 1}, []), ("12", []), ((1,), [])],
    ids=["drifted", "empty", "none", "an-object", "text", "tuple"],
)
def test_rows_that_drifted_are_left_out(rows: object, left: list[int]) -> None:
    assert left == rows_of(int, rows)


@settings(deadline=None)
@given(st.lists(st.none() | st.integers() | st.text()) | st.none() | st.text())
def test_any_value_has_rows_or_none(rows: list[object] | str | None) -> None:
    assert [row for row in rows or () if type(row) is int] == rows_of(int, rows)
