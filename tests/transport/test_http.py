"""What crosses the wire hides its keys, and the clock is the loop's."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gameball_async.transport.http import (
    SHORTEST_KEY,
    Answer,
    Attempt,
    Headers,
    Lost,
    Request,
    Response,
    SystemClock,
    sleep,
)
from tests.virtual_time import START, VirtualClock, VirtualLoop, virtual

KEYS = {"apikey": "api-key-0123456789", "secretkey": "secret-key-9876543210"}


def request(**headers: str) -> Request:
    return Request("POST", "/orders", headers, b'{"email": "jane@example.com"}')


# -- values -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "text", "shown"),
    [
        pytest.param(KEYS, "nothing", "nothing", id="nothing-to-hide"),
        pytest.param(
            KEYS,
            "api-key-0123456789 twice: api-key-0123456789",
            "*** twice: ***",
            id="the-api-key",
        ),
        pytest.param(KEYS, "<secret-key-9876543210>", "<***>", id="the-secret-key"),
        pytest.param({"apikey": KEYS["apikey"]}, "a api-key-0123456789", "a ***", id="one-key"),
        pytest.param({}, "api-key-0123456789", "api-key-0123456789", id="no-key"),
        pytest.param(
            {"apikey": "x" * (SHORTEST_KEY - 1), "secretkey": ""},
            "x" * SHORTEST_KEY,
            "x" * SHORTEST_KEY,
            id="too-short-for-a-key",
        ),
        pytest.param({"apikey": "x" * SHORTEST_KEY}, "x" * SHORTEST_KEY, "***", id="the-shortest"),
        pytest.param(
            {"apikey": "shop-1234", "secretkey": "shop-1234-secret"},
            "shop-1234-secret of shop-1234",
            "*** of ***",
            id="one-key-is-the-beginning-of-the-other",
        ),
        pytest.param(
            {"apikey": "shop-1234-public", "secretkey": "shop-1234"},
            "shop-1234-public of shop-1234",
            "*** of ***",
            id="and-the-other-way-round",
        ),
        pytest.param(
            {"lang": "a-long-language", **KEYS},
            "a-long-language",
            "a-long-language",
            id="another-header",
        ),
    ],
)
def test_keys_are_taken_out_of_a_text(headers: dict[str, str], text: str, shown: str) -> None:
    assert shown == request(**headers).redact(text)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (request(**KEYS), "Request(method='POST', target='/orders')"),
        (Answer(200, {"a": "b"}, b"body"), "Answer(status=200, oversized=False)"),
        (
            Response(
                value=7,
                status=200,
                headers=KEYS,
                request_id="r-1",
                attempts=1,
                waited=0.5,
                elapsed=1.5,
                body=b"secret",
            ),
            "Response(value=7, status=200, request_id='r-1', attempts=1, waited=0.5, elapsed=1.5)",
        ),
    ],
    ids=["request", "answer", "response"],
)
def test_no_repr_shows_a_key_or_a_body(value: object, shown: str) -> None:
    assert shown == repr(value)


def test_headers_show_their_names_alone() -> None:
    assert "Headers(apikey, secretkey)" == repr(Headers(KEYS))


def test_headers_travel_one_in_a_line() -> None:
    assert "accept: */*\r\nlang: ar\r\n" == Headers({"accept": "*/*", "lang": "ar"}).lines


def test_a_key_has_at_least_eight_characters() -> None:
    assert 8 == SHORTEST_KEY


def test_answers_and_losses_are_plain_until_told_otherwise() -> None:
    assert Answer(204, {}, b"", oversized=False) == Answer(204, {})
    assert Lost(sent=True, kind="Gone", text="", timed_out=False) == Lost(True, "Gone")


def test_an_attempt_may_have_been_sent_unless_the_transport_knows_better() -> None:
    told: list[bool] = []
    attempt = Attempt(5.0, lambda: told.append(attempt.sent))
    assert (5.0, True) == (attempt.connect, attempt.sent)
    attempt.sent = False
    attempt.on_connection()
    assert [True] == told


# -- time ---------------------------------------------------------------------------------------


def test_the_systems_clock_tells_the_time_in_utc() -> None:
    before = datetime.now(UTC)
    now = SystemClock().now()
    assert before <= now <= datetime.now(UTC)
    assert timedelta(0) == now.utcoffset()


def test_the_systems_clock_never_goes_back() -> None:
    before = time.monotonic()
    assert before <= SystemClock().monotonic() <= time.monotonic()


@virtual
async def test_the_systems_clock_puts_off_on_the_running_loop() -> None:
    loop, called = asyncio.get_running_loop(), list[float]()
    clock = SystemClock()
    clock.call_later(5, lambda: called.append(loop.time()))
    clock.call_later(6, lambda: called.append(loop.time())).cancel()
    await asyncio.sleep(10)
    assert [START + 5] == called


def timers() -> int:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    return loop.pending()


@virtual
async def test_sleep_waits_on_the_clock() -> None:
    await sleep(VirtualClock(), 7.5)
    assert START + 7.5 == VirtualClock().monotonic()
    await sleep(VirtualClock(), 0)
    assert START + 7.5 == VirtualClock().monotonic()


@virtual
async def test_a_sleep_that_is_cancelled_leaves_no_timer() -> None:
    task = asyncio.create_task(sleep(VirtualClock(), 60))
    await asyncio.sleep(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert 0 == timers()


@virtual
async def test_a_sleep_that_is_cancelled_as_it_ends_breaks_nothing() -> None:
    loop = asyncio.get_running_loop()
    complaints: list[dict[str, Any]] = []
    loop.set_exception_handler(lambda _loop, context: complaints.append(context))
    task = asyncio.create_task(sleep(VirtualClock(), 1))
    await asyncio.sleep(0)
    loop.call_later(1, task.cancel)
    loop.call_later(1, lambda: None)
    await asyncio.sleep(2)
    assert task.done()
    late = asyncio.create_task(sleep(Deaf(), 1))
    await asyncio.sleep(0)
    late.cancel()
    await asyncio.sleep(2)
    assert late.cancelled()
    assert [] == complaints


class Deaf(VirtualClock):
    """Its timers cannot be cancelled, as when they are due already."""

    def call_later(self, delay: float, callback: Any) -> Any:
        super().call_later(delay, callback)
        return asyncio.get_running_loop().call_later(0, lambda: None)
