"""Which class says what went wrong, what it tells, and that it survives a trip."""

from __future__ import annotations

import copy
import importlib
import inspect
import pickle
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from gameball_async import errors
from gameball_async.errors import (
    CODES,
    ApiError,
    AuthenticationError,
    CheckoutUnknownError,
    CheckoutUnknownTimeoutError,
    ClientClosedError,
    ConcurrentRequestError,
    ConfigurationDisabledError,
    ConfigurationError,
    CouponInvalidError,
    CustomerError,
    CustomerNotFoundError,
    DeadlineError,
    DuplicateError,
    EventNotFoundError,
    GameballError,
    InsufficientPointsError,
    NotFoundError,
    NotSentError,
    OutcomeUnknownError,
    OutcomeUnknownTimeoutError,
    PaginationError,
    PayloadError,
    PermissionDeniedError,
    RateLimitedError,
    RateLimitWaitError,
    RedirectError,
    RequestError,
    RequestTimeoutError,
    ResponseDecodeError,
    ServerError,
    SubscriptionError,
    TransactionError,
    TransactionNotFoundError,
    TransactionTimeError,
    WebhookVerificationError,
    WrongEventLoopError,
    api_error_class,
)

CATALOGUE = Path(__file__).parents[2] / "shared" / "api" / "errors.md"

TABLE: dict[int, tuple[int, type[ApiError]]] = {
    1000: (401, AuthenticationError),
    1001: (401, AuthenticationError),
    1002: (403, PermissionDeniedError),
    1006: (401, AuthenticationError),
    2000: (412, PayloadError),
    2001: (422, ConcurrentRequestError),
    3000: (400, PayloadError),
    3001: (422, PayloadError),
    3002: (415, PayloadError),
    3003: (422, PayloadError),
    3004: (400, PayloadError),
    3005: (422, PayloadError),
    3006: (422, PayloadError),
    3007: (422, PayloadError),
    3008: (422, PayloadError),
    3009: (422, PayloadError),
    3010: (422, PayloadError),
    3011: (422, PayloadError),
    3012: (422, PayloadError),
    3013: (415, PayloadError),
    3014: (423, PayloadError),
    3015: (423, PayloadError),
    3016: (400, PayloadError),
    3017: (404, EventNotFoundError),
    4000: (400, ApiError),
    4004: (404, NotFoundError),
    4500: (400, ApiError),
    5000: (500, ServerError),
    5003: (503, ServerError),
    6000: (422, ConfigurationDisabledError),
    6001: (422, ConfigurationDisabledError),
    6002: (422, ConfigurationDisabledError),
    6003: (403, PermissionDeniedError),
    7000: (404, CustomerNotFoundError),
    7001: (422, CustomerError),
    7002: (422, CustomerError),
    7003: (404, CustomerNotFoundError),
    7004: (422, CustomerError),
    7005: (422, CustomerError),
    7006: (422, CustomerError),
    8000: (403, SubscriptionError),
    9000: (422, TransactionError),
    9001: (422, TransactionError),
    9002: (404, TransactionNotFoundError),
    9003: (422, TransactionTimeError),
    9004: (422, DuplicateError),
    9005: (404, TransactionNotFoundError),
    9006: (404, TransactionNotFoundError),
    9007: (422, TransactionError),
    9008: (422, InsufficientPointsError),
}

# -- which class --------------------------------------------------------------------------------


@pytest.mark.parametrize("code", TABLE)
def test_every_documented_code_has_its_class(code: int) -> None:
    status, kind = TABLE[code]
    assert kind is CODES[code]
    assert kind is api_error_class(status, code)


def test_the_table_is_complete_and_holds_nothing_else() -> None:
    assert {*TABLE} == {*CODES}
    assert 50 == len(CODES)


@pytest.mark.skipif(
    not CATALOGUE.exists(), reason="THE ERROR CATALOGUE IS NOT HERE: the codes are not compared"
)
def test_the_table_agrees_with_the_catalogue() -> None:
    rows = re.findall(r"^\| (\d{4}) \| (\d{3})\b", CATALOGUE.read_text(), re.MULTILINE)
    assert {code: status for code, (status, _) in TABLE.items()} == {
        int(code): int(status) for code, status in rows
    }


@pytest.mark.parametrize(
    ("code", "family"),
    [
        pytest.param(3017, PayloadError, id="an-event"),
        pytest.param(7000, CustomerError, id="a-customer"),
        pytest.param(7003, CustomerError, id="a-referral-code"),
        pytest.param(9002, TransactionError, id="a-transaction"),
        pytest.param(9005, TransactionError, id="a-reversed-transaction"),
        pytest.param(9006, TransactionError, id="a-hold"),
    ],
)
def test_what_was_not_found_is_of_two_families(code: int, family: type[ApiError]) -> None:
    assert issubclass(CODES[code], NotFoundError)
    assert issubclass(CODES[code], family)


@pytest.mark.parametrize("kind", [DuplicateError, TransactionTimeError, InsufficientPointsError])
def test_the_ledgers_refusals_are_transaction_errors(kind: type[ApiError]) -> None:
    assert issubclass(kind, TransactionError)
    assert not issubclass(kind, NotFoundError)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, PayloadError),
        (401, AuthenticationError),
        (403, PermissionDeniedError),
        (404, NotFoundError),
        (412, PayloadError),
        (415, PayloadError),
        (422, PayloadError),
        (423, PayloadError),
        (429, RateLimitedError),
        (499, ApiError),
        (405, ApiError),
        (301, RedirectError),
        (399, RedirectError),
        (500, ServerError),
        (502, ServerError),
        (599, ServerError),
    ],
)
@pytest.mark.parametrize("code", [None, 15, 404, 999, 10_000, -9004, 0])
def test_without_a_code_of_this_version_the_status_decides(
    status: int, kind: type[ApiError], code: int | None
) -> None:
    assert kind is api_error_class(status, code)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (1999, AuthenticationError),
        (3999, PayloadError),
        (5999, ServerError),
        (6999, ConfigurationDisabledError),
        (7999, CustomerError),
        (8999, SubscriptionError),
        (9999, TransactionError),
    ],
)
def test_an_unknown_code_belongs_to_the_category_of_its_first_digit(
    code: int, kind: type[ApiError]
) -> None:
    assert kind is api_error_class(418, code)
    assert NotFoundError is api_error_class(404, code)


@pytest.mark.parametrize("code", [2999, 4999])
def test_an_unknown_code_of_a_category_that_says_nothing_leaves_it_to_the_status(code: int) -> None:
    assert PayloadError is api_error_class(422, code)
    assert ServerError is api_error_class(502, code)


@pytest.mark.parametrize("code", [1000, 9004])
def test_rate_limits_and_redirects_are_told_by_the_status_whatever_the_code(code: int) -> None:
    assert RateLimitedError is api_error_class(429, code)
    assert RedirectError is api_error_class(300, code)


def test_a_known_code_counts_more_than_its_status() -> None:
    assert DuplicateError is api_error_class(400, 9004)
    assert ServerError is api_error_class(400, 5000)
    assert DuplicateError is api_error_class(404, 9004)
    assert AuthenticationError is api_error_class(400, 1000)


@settings(deadline=None)
@given(st.integers(300, 599), st.none() | st.integers())
def test_every_refusal_has_a_class(status: int, code: int | None) -> None:
    assert issubclass(api_error_class(status, code), ApiError)


# -- the tree -----------------------------------------------------------------------------------


def family(kind: type[GameballError]) -> Iterator[type[GameballError]]:
    yield kind
    for child in kind.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from family(child)


EVERY = sorted(set(family(GameballError)), key=lambda kind: kind.__name__)


@pytest.mark.parametrize(
    ("kind", "parents"),
    [
        (ConfigurationError, {ValueError}),
        (RequestTimeoutError, {RequestError, TimeoutError}),
        (NotSentError, {RequestError}),
        (RateLimitWaitError, {NotSentError, RequestError}),
        (DeadlineError, {NotSentError, RequestError, TimeoutError}),
        (ClientClosedError, {NotSentError, RequestError}),
        (OutcomeUnknownError, {RequestError}),
        (OutcomeUnknownTimeoutError, {OutcomeUnknownError, RequestError, TimeoutError}),
        (CheckoutUnknownError, {OutcomeUnknownError, RequestError}),
        (
            CheckoutUnknownTimeoutError,
            {
                CheckoutUnknownError,
                OutcomeUnknownTimeoutError,
                OutcomeUnknownError,
                RequestError,
                TimeoutError,
            },
        ),
        (CouponInvalidError, set[type]()),
        (ResponseDecodeError, set[type]()),
        (PaginationError, set[type]()),
        (WrongEventLoopError, set[type]()),
        (WebhookVerificationError, set[type]()),
        (ApiError, set[type]()),
    ],
)
def test_the_tree_is_as_drawn(kind: type[GameballError], parents: set[type]) -> None:
    """Among all of our classes and the builtins that callers catch."""
    candidates = {*EVERY, ValueError, TypeError, TimeoutError, ConnectionError} - {kind}
    assert {GameballError, *parents} == {base for base in candidates if issubclass(kind, base)}


def test_every_class_is_public() -> None:
    homes: dict[str, str] = importlib.import_module("gameball_async")._HOME_OF
    public = {name for name, home in homes.items() if home == "errors"}
    assert {kind.__name__ for kind in EVERY} == public


# -- what an error tells ------------------------------------------------------------------------

FACTS: dict[str, Any] = {
    "operation": "POST /orders",
    "cursor": "17",
    "reasons": {"SUMMER50": "expired"},
    "attempts": 3,
    "waited": 0.25,
    "elapsed": 1.5,
    "cause": "ServerDisconnectedError: gone",
    "at_least": 12.5,
    "key": "A-1",
    "points_hold_reference": "h-1",
    "coupons_lock_reference": "l-1",
    "last_error": ServerError("maintenance", status=503, request_id="r-2"),
    "status": 422,
    "code": 9004,
    "type": "TRANSACTIONS_ERROR",
    "documentation_url": "https://docs.gameball.co",
    "request_id": "r-1",
    "body": {"code": 9004, "errors": [1, None]},
    "retry_after": 7.5,
    "host": "evil.example",
    "content_type": "text/html",
    "excerpt": "<html>",
    "outcome_unknown": True,
}


def parameters_of(kind: type[GameballError]) -> set[str]:
    """The keyword arguments of a constructor, those passed on to its parents included."""
    names: set[str] = set()
    for parent in kind.__mro__:
        if parent.__module__ != errors.__name__ or "__init__" not in vars(parent):
            continue
        given = inspect.signature(vars(parent)["__init__"]).parameters.values()
        names |= {one.name for one in given if one.kind is one.KEYWORD_ONLY}
        if all(one.kind is not one.VAR_KEYWORD for one in given):
            break
    return names


def full(kind: type[GameballError]) -> GameballError:
    """An error with every attribute set to something that is not its default."""
    error = kind("it failed", **{name: FACTS[name] for name in parameters_of(kind)})
    error.cursor = "17"
    error.add_note("a note")
    return error


def plain(error: GameballError) -> dict[str, Any]:
    """All attributes, nested errors taken apart as well."""
    return {
        name: (type(value), plain(value)) if isinstance(value, GameballError) else value
        for name, value in {**vars(error), "args": error.args, "str": str(error)}.items()
    }


@pytest.mark.parametrize("kind", EVERY)
def test_every_error_tells_what_it_was_told(kind: type[GameballError]) -> None:
    error = full(kind)
    assert ("it failed", ("it failed",)) == (error.message, error.args)
    told = parameters_of(kind)
    assert {name: FACTS[name] for name in told} == {name: getattr(error, name) for name in told}


@pytest.mark.parametrize("kind", EVERY)
def test_every_error_survives_pickling_and_copying(kind: type[GameballError]) -> None:
    error = full(kind)
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert kind is type(twin)
        assert plain(error) == plain(twin)


@pytest.mark.parametrize("kind", EVERY)
def test_every_error_needs_no_argument_at_all(kind: type[GameballError]) -> None:
    error = pickle.loads(pickle.dumps(kind()))
    assert kind is type(error)
    assert [] == [name for name, value in vars(error).items() if value]


def test_a_deep_copy_shares_nothing_that_can_change() -> None:
    error = full(DuplicateError)
    assert isinstance(error, DuplicateError)
    twin = copy.deepcopy(error)
    assert error.body == twin.body
    assert error.body is not twin.body


def test_a_callers_own_subclass_survives_too() -> None:
    twin = copy.deepcopy(DemandingError("A-1"))
    assert "A-1" == twin.order
    assert "order A-1 failed" == twin.message


class DemandingError(GameballError):
    """A subclass with a constructor of another shape."""

    def __init__(self, order: str) -> None:
        super().__init__(f"order {order} failed")
        self.order = order


def test_reasons_are_a_copy() -> None:
    reasons = {"SUMMER50": "expired"}
    error = CouponInvalidError("no", reasons=reasons)
    reasons.clear()
    assert {"SUMMER50": "expired"} == error.reasons


@pytest.mark.parametrize(
    ("error", "text"),
    [
        pytest.param(GameballError("it failed"), "it failed", id="outside-a-call"),
        pytest.param(
            PaginationError("stuck", operation="GET /transactions"),
            "GET /transactions: stuck",
            id="with-its-operation",
        ),
        pytest.param(
            full(ApiError),
            "POST /orders: it failed (status 422, code 9004, request id r-1)",
            id="a-refusal",
        ),
        pytest.param(ApiError("no", status=418), "no (status 418)", id="a-refusal-with-nothing"),
        pytest.param(
            ApiError("no", status=400, code=0), "no (status 400, code 0)", id="a-code-of-nought"
        ),
        pytest.param(
            full(RequestError),
            "POST /orders: it failed (attempts 3, waited 0.250 s of 1.500 s, "
            "ServerDisconnectedError: gone)",
            id="no-answer",
        ),
        pytest.param(
            NotSentError("no"), "no (attempts 0, waited 0.000 s of 0.000 s)", id="not-sent"
        ),
        pytest.param(
            full(OutcomeUnknownError),
            "POST /orders: it failed (id 'A-1', attempts 3, waited 0.250 s of 1.500 s, "
            "ServerDisconnectedError: gone, "
            "last error: maintenance (status 503, request id r-2))",
            id="a-write-that-may-have-happened",
        ),
        pytest.param(
            OutcomeUnknownError("no", key=""),
            "no (id '', attempts 0, waited 0.000 s of 0.000 s)",
            id="a-write-that-may-have-happened-and-knows-little",
        ),
        pytest.param(
            OutcomeUnknownError("no"),
            "no (attempts 0, waited 0.000 s of 0.000 s)",
            id="a-write-that-may-have-happened-and-has-no-id",
        ),
        pytest.param(
            full(ResponseDecodeError),
            "POST /orders: it failed (status 422, content type text/html, outcome unknown, "
            "body starts '<html>')",
            id="a-write-whose-answer-is-unreadable",
        ),
        pytest.param(
            ResponseDecodeError("no", status=200),
            "no (status 200, content type None, body starts '')",
            id="a-read-whose-answer-is-unreadable",
        ),
    ],
)
def test_str_says_where_what_and_which_request(error: GameballError, text: str) -> None:
    assert text == str(error)
