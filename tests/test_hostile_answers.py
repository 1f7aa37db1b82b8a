"""Answers made to hurt: each ends as a value or as an error of ours, on every way through."""

from __future__ import annotations

import contextlib
import pickle
import re
from collections.abc import Iterator
from functools import partial
from operator import attrgetter
from typing import Any, get_args, get_origin

import attrs
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from gameball_async import (
    GameballClient,
    GameballError,
    PaginationError,
    RetryPolicy,
    Timeouts,
    operations,
)
from gameball_async.models.fields import without_none
from gameball_async.operation import Operation
from gameball_async.pagination import Paginator
from gameball_async.serialization import wire_name
from gameball_async.transport.answers import refusal
from gameball_async.transport.http import Answer, Attempt, Request
from tests.clients import order
from tests.contract.calls import SETTINGS, arguments, names
from tests.virtual_time import EPOCH, VirtualClock, run_virtual, virtual

OPERATIONS: list[Operation[Any]] = [
    it for it in vars(operations).values() if isinstance(it, Operation)
]

LITERALS = (
    *("null", "true", "false", "0", "-0", "-0.0", "1", "-1", "7.5", "1e2", "1e-400", "0.1e1"),
    *("1e400", "-1e400", "9" * 400, "1" + "0" * 5000, "0." + "1" * 5000, str(2**53 + 1)),
    *(str(2**63), str(2**64), str(-(2**63) - 1), "NaN", "Infinity", "-Infinity", "01", "+1"),
    *('""', '" "', '"5"', '"-0.00"', '"1e5"', '"\\u0000"', '"\\ud800"', '"\\udc00\\ud800"'),
    *('"2024-10-16T08:13:29"', '"2024-10-16T08:13:29.29"', '"0001-01-01T00:00:00+23:59"'),
    *('"9999-12-31T23:59:59-23:59"', '"2024-02-30"', '"T"', f'"{"9" * 5000}"', '"\N{ROCKET}"'),
    *('"Refund"', '"active"', '"A-1"', '"PaymentReward"', '"id123"', '"+"', '"completed"'),
    *("[]", "{}", "[[]]", "[null]", '[""]', "[{}]", '{"": null}', '{"a": {"a": []}}'),
    *("[" * 40 + "]" * 40, '{"a":' * 40 + "1" + "}" * 40, "[" * 2000, "[" * 1030 + "]" * 1030),
    *("", "{", '"', "\ufeff{}", "//", "'a'", "undefined", '{"a":1,"a":2}', "[1,]", "1 2"),
)
"""JSON, and what only looks like it."""
SOUND = (*LITERALS[:12], '""', '"5"', '"A-1"', "[]", "{}", "[{}]", "[null]")
BODIES = (
    b"",
    b"\xff\xfe{}",
    b"\xef\xbb\xbf{}",
    b"\x00",
    b"<html>",
    b"\x1f\x8b\x08",
    b'{"a":"\xc3\x28"}',
)


def _object(members: dict[str, str]) -> str:
    return "{" + ",".join(f'"{name}":{value}' for name, value in members.items()) + "}"


def _twice(members: dict[str, str]) -> str:
    """Every member a second time, as nothing."""
    return _object(members)[:-1] + "".join(f',"{name}":null' for name in members) + "}"


def like(annotation: Any, leaf: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """JSON that is more or less what a type promises."""
    kind = without_none(annotation)
    if attrs.has(kind):
        fields = attrs.fields(attrs.resolve_types(kind))
        known = {name: it.type for it in fields if (name := wire_name(it))}
        members = st.fixed_dictionaries(
            {}, optional={name: st.deferred(partial(like, t, leaf)) for name, t in known.items()}
        )
        return members.map(_object) | members.map(_twice) | leaf
    if get_origin(kind) is list:
        rows = st.lists(like(get_args(kind)[0], leaf), max_size=3)
        return rows.map(lambda texts: f"[{','.join(texts)}]") | leaf
    return leaf


SOUND_LEAF = st.sampled_from(SOUND)
ANY_LEAF = st.sampled_from(LITERALS)
REFUSALS = st.fixed_dictionaries(
    {},
    optional={
        "code": ANY_LEAF | st.sampled_from(["2001", "4500", "9004", "9006", '"9004"', "15"]),
        **dict.fromkeys(("message", "type", "title", "errors", "requestId", "error"), ANY_LEAF),
    },
).map(_object)
STATUSES = st.sampled_from([200] * 8 + [201, 202, 204, 206, 226, 300, 304, 399, 400, 404, 408])
OTHERS = st.sampled_from([409, 418, 422, 429, 451, 499, 500, 502, 503, 599, 600, 999])
HEADERS = st.dictionaries(
    st.sampled_from(["retry-after", "content-type", "location", "x-request-id"]),
    st.sampled_from(
        ["", "0", "9" * 400, "-1", "text/html", "http://[", "\udcff", "Wed, 99", "\x00"]
    ),
)


def answers_to(operation: Operation[Any]) -> st.SearchStrategy[Answer | None]:
    """Anything that a server could say, or None for nothing at all."""
    bodies = st.one_of(
        like(operation.returns, SOUND_LEAF).map(str.encode),
        like(operation.returns, ANY_LEAF).map(str.encode),
        REFUSALS.map(str.encode),
        st.sampled_from(BODIES),
        st.binary(max_size=20),
    )
    oversized = st.sampled_from([False] * 9 + [True])
    return st.builds(Answer, STATUSES | OTHERS, HEADERS, bodies, oversized) | st.none()


STRATEGIES = {
    (it.method, re.compile(".*/integrations" + re.sub(r"\{\w+\}", "[^/]+", it.path))): answers_to(
        it
    )
    for it in OPERATIONS
}


class Hostile:
    """A transport that answers whatever Hypothesis likes."""

    def __init__(self, data: st.DataObject) -> None:
        self._data = data

    async def send(self, request: Request, attempt: Attempt) -> Answer:
        attempt.on_connection()
        target = request.target.partition("?")[0]
        (strategy,) = (
            it
            for (method, path), it in STRATEGIES.items()
            if method == request.method and path.fullmatch(target)
        )
        answer = self._data.draw(strategy)
        if answer is None:
            raise ConnectionResetError
        return answer

    async def aclose(self) -> None:
        """Nothing is open."""


def client_of(data: st.DataObject) -> GameballClient:
    given = {**SETTINGS, "retry": RetryPolicy(attempts=3), "timeouts": Timeouts(total=600)}
    return GameballClient(**given, transport=Hostile(data), clock=VirtualClock())


def check(error: GameballError) -> None:
    """It can be shown and taken elsewhere."""
    assert str(error) == str(pickle.loads(pickle.dumps(error)))
    assert len(str(error)) < 5000


@contextlib.contextmanager
def our_errors_alone() -> Iterator[None]:
    try:
        yield
    except GameballError as error:
        check(error)


async def _call_everything(data: st.DataObject, name: str) -> None:
    async with client_of(data) as gameball:
        method = attrgetter(name)(gameball)
        for arguments_of_one in arguments(method):
            with our_errors_alone():
                result = method(**arguments_of_one)
                if isinstance(result, Paginator):
                    await _walk(result)
                else:
                    repr(await result)


async def _walk(pages: Paginator[Any]) -> None:
    """As far as a hostile server leads, and no further than a few rows."""
    count = 0
    async for row in pages:
        repr(row)
        count += 1
        if count > 6:
            break
    await pages.aclose()


@pytest.mark.parametrize("name", [*names()])
@settings(max_examples=15, deadline=None, suppress_health_check=[*HealthCheck])
@given(st.data())
def test_every_method_survives_every_answer(name: str, data: st.DataObject) -> None:
    run_virtual(_call_everything(data, name))


@pytest.mark.thorough
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", [*names()])
@settings(max_examples=100, deadline=None, suppress_health_check=[*HealthCheck])
@given(st.data())
def test_every_method_survives_many_more_answers(name: str, data: st.DataObject) -> None:
    run_virtual(_call_everything(data, name))


async def _call_what_is_composed(data: st.DataObject) -> None:
    async with client_of(data) as gameball:
        with our_errors_alone():
            await gameball.batches.wait("j-1", timeout=60)
        with our_errors_alone():
            async with gameball.checkout("id123") as checkout:
                await checkout.preview(order())
                await checkout.hold_points(5)
                await checkout.lock_coupons(["A"])
                await checkout.place(order())
        with our_errors_alone():
            async with gameball.transactions.holding(customer_id="id123", points_to_hold=5):
                pass
        with our_errors_alone():
            async with gameball.coupons.locking(customer_id="id123", coupons=["A"]):
                pass
        report = await gameball.orders.track_many([order(f"A-{n}") for n in range(3)])
        assert 3 == report.pulled


@settings(max_examples=60, deadline=None, suppress_health_check=[*HealthCheck])
@given(st.data())
def test_what_is_made_of_several_calls_survives_every_answer(data: st.DataObject) -> None:
    run_virtual(_call_what_is_composed(data))


# -- what chance seldom finds ---------------------------------------------------------------------

LISTS = {
    "transactions.list": ("transactions", "gameballTransactionId"),
    "transactions.list_with_customers": ("transactions", "gameballTransactionId"),
    "customers.referrals": ("referredFriends", "customerId"),
    "customers.activities": ("activities", "activityId"),
    "customers.notifications": ("notifications", "id"),
}
NO_IDS = ("[]", "{}", "true", '""', "null", "1e300", "[[1]]")


class Always:
    """A transport with one answer to everything."""

    def __init__(self, body: bytes, status: int = 200) -> None:
        self._answer = Answer(status, {}, body)

    async def send(self, _request: Request, attempt: Attempt) -> Answer:
        attempt.on_connection()
        return self._answer

    async def aclose(self) -> None:
        """Nothing is open."""


@pytest.mark.parametrize("no_id", NO_IDS)
@pytest.mark.parametrize("more", ["true", "false", '"yes"', "[]", "null"])
@pytest.mark.parametrize("name", LISTS)
@virtual
async def test_a_row_without_a_usable_id_ends_a_walk_and_breaks_nothing(
    name: str, more: str, no_id: str
) -> None:
    rows, member = LISTS[name]
    body = _object({rows: f'[{{"{member}":{no_id}}},7]', "hasMore": more, "nextCursor": no_id})
    async with GameballClient(**SETTINGS, transport=Always(body.encode())) as gameball:
        given = {} if name.startswith("transactions") else {"customer_id": "c"}
        walked: list[Any] = []
        with contextlib.suppress(PaginationError):
            async for row in attrgetter(name)(gameball)(**given):
                walked.append(row)  # noqa: PERF401 - an error must leave the rows before it
        assert 2 == len(walked)


def test_a_refusal_of_any_length_makes_an_error_of_a_readable_one() -> None:
    long = '"' + "9" * 100_000 + '"'
    body = _object(dict.fromkeys(("message", "type", "requestId", "documentationUrl"), long))
    headers = {"x-request-id": "9" * 100_000}
    for given_body in (body.encode(), b""):
        answer = Answer(422, headers, given_body)
        error = refusal(answer, "POST /orders", now=EPOCH, redact=str)
        check(error)
        texts = (error.message, error.type, error.request_id, error.documentation_url)
        assert max(len(text or "") for text in texts) <= 1000


SIZE = 4_000_000


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'{"message":"' + b"9" * SIZE + b'"}', id="one-text"),
        pytest.param(b'{"errors":[' + b"[]," * (SIZE // 3) + b"[]]}", id="a-million-lists"),
        pytest.param(
            b"{" + b",".join(b'"k%d":1' % n for n in range(SIZE // 12)) + b"}", id="many-members"
        ),
        pytest.param(b'{"code":' + b"9" * SIZE + b"}", id="one-number"),
        pytest.param(b'{"code":"' + b"9" * SIZE + b'"}', id="one-number-as-text"),
        pytest.param(b"[" * SIZE, id="only-openings"),
        pytest.param(b" " * SIZE + b"<html>", id="blanks-before-html"),
        pytest.param(b"\xff" * SIZE, id="no-utf-8"),
    ],
)
def test_four_megabytes_of_refusal_are_told_before_the_timeout(body: bytes) -> None:
    keys = {"apikey": "999999999", "secretkey": "secret-999999999"}
    redact = Request("GET", "/", keys).redact
    error = refusal(Answer(422, {}, body), "POST /orders", now=EPOCH, redact=redact)
    check(error)
    assert "999999999" not in str(error)
