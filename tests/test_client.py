"""The client itself: its settings, its copies, its hooks and its end."""

from __future__ import annotations

import asyncio
import gzip
import logging
import subprocess
import sys
from typing import Any

import pytest

from gameball_async import (
    ClientClosedError,
    ConfigurationError,
    GameballClient,
    Limiter,
    Priority,
    RateLimits,
    ResponseDecodeError,
    RetryPolicy,
    Timeouts,
    Window,
)
from gameball_async.config import MAX_BODY
from gameball_async.hooks import LimiterWaited, RequestFinished, RequestStarted, RetryScheduled
from tests.clients import API_KEY, SECRET_KEY, Events, client, order, until
from tests.wire import Drop, Reply, json_reply, wire

COUNT = json_reply(count=1)


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        pytest.param({"api_key": None}, "api_key", id="no-key"),
        pytest.param({"api_key": ""}, "api_key", id="empty-key"),
        pytest.param({"secret_key": ""}, "secret_key", id="empty-secret"),
        pytest.param({"api_key": 7}, "api_key", id="key-is-a-number"),
        pytest.param({"base_url": "http://api.example.com"}, "base_url", id="keys-in-clear"),
        pytest.param({"base_url": "ftp://api.example.com"}, "base_url", id="no-http"),
        pytest.param({"api_version": "4"}, "api_version", id="version-without-v"),
        pytest.param({"api_version": "v4/../v3"}, "api_version", id="version-bends-the-path"),
        pytest.param({"timeouts": 5}, "timeouts", id="timeouts-is-a-number"),
        pytest.param({"retry": 3}, "retry", id="retry-is-a-number"),
        pytest.param({"rate_limits": 30}, "rate_limits", id="limits-are-a-number"),
        pytest.param({"limiter": RateLimits.published()}, "limiter", id="limiter-is-a-table"),
        pytest.param({"max_in_flight": 0}, "max_in_flight", id="nothing-in-flight"),
        pytest.param({"max_in_flight": True}, "max_in_flight", id="a-flag-in-flight"),
        pytest.param({"hooks": [print, 3]}, "hooks", id="hook-is-a-number"),
        pytest.param({"language": "en\r\nx: y"}, "language", id="header-injection"),
        pytest.param({"ssl_context": False}, "ssl_context", id="no-accidental-trust"),
        pytest.param({"proxy": 8080}, "proxy", id="proxy-is-a-port"),
        pytest.param({"trust_env": "no"}, "trust_env", id="trust-is-a-text"),
    ],
)
def test_a_wrong_setting_is_named(settings: dict[str, Any], field: str) -> None:
    with pytest.raises(ConfigurationError, match=field):
        GameballClient(**{"api_key": API_KEY, "secret_key": SECRET_KEY, **settings})


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"timeouts": 5}, "timeouts"),
        ({"retry": "often"}, "retry"),
        ({"priority": "urgent"}, "priority"),
        ({"language": "e n"}, "language"),
    ],
)
def test_a_wrong_option_of_a_copy_is_named(options: dict[str, Any], field: str) -> None:
    with pytest.raises(ConfigurationError, match=field):
        GameballClient(API_KEY).with_options(**options)


def test_a_setting_that_may_be_left_out_is_read_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GAMEBALL_API_KEY", API_KEY)
    monkeypatch.setenv("GAMEBALL_BASE_URL", "https://eu.example.com/gameball/")
    monkeypatch.setenv("GAMEBALL_API_VERSION", "v4.1")
    expected = "GameballClient(https://eu.example.com/gameball/api/v4.1/integrations)"
    assert expected == repr(GameballClient())


def test_a_copy_keeps_what_it_is_not_told() -> None:
    gameball = GameballClient(API_KEY, timeouts=Timeouts(total=7), language="fr")
    copy = gameball.with_options(priority="background").with_options(retry=RetryPolicy(attempts=1))
    options = copy._options
    assert (7, "fr") == (options.timeouts.total, options.language)
    assert (Priority.BACKGROUND, 1) == (options.priority, options.retry.attempts)
    assert Priority.INTERACTIVE is gameball._options.priority


async def test_background_calls_leave_room_for_interactive_ones() -> None:
    limits = RateLimits.published().override(transactions_read=(Window(12, 30.0),))
    async with wire(COUNT) as server, client(server.url, rate_limits=limits) as gameball:
        background = gameball.with_options(priority="background")
        backlog = [asyncio.ensure_future(background.transactions.count()) for _ in range(20)]
        await asyncio.sleep(0.05)
        assert 1 == await gameball.with_options(timeouts=Timeouts(total=0.3)).transactions.count()
        for call in backlog:
            call.cancel()


async def test_a_client_without_a_limiter_has_none_to_show() -> None:
    async with wire(COUNT) as server, client(server.url, rate_limits=None) as gameball:
        assert 1 == await gameball.transactions.count()
        assert None is gameball.limiter


async def test_a_closed_client_refuses_before_anything_else() -> None:
    gameball = GameballClient(API_KEY, SECRET_KEY)
    await gameball.aclose()
    with pytest.raises(ClientClosedError, match="POST /orders"):
        await gameball.orders.track(order())


async def test_hooks_hear_the_story_of_a_call() -> None:
    events = Events()
    limits = RateLimits.published().override(transactions_read=(Window(1, 0.05),))
    async with (
        wire(Drop(), COUNT) as server,
        client(server.url, hooks=[events], rate_limits=limits) as gameball,
    ):
        await gameball.transactions.count()
    assert [
        RequestStarted,
        RequestFinished,
        RetryScheduled,
        LimiterWaited,
        RequestStarted,
        RequestFinished,
    ] == [type(event) for event in events]
    finished = events.of(RequestFinished)
    assert ["ServerDisconnectedError", None] == [event.error for event in finished]
    assert [None, 200] == [event.status for event in finished]
    assert {"GET /transactions/count"} == {event.operation for event in events}


async def test_a_hook_that_raises_is_logged_once_and_breaks_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(_event: object) -> None:
        raise RuntimeError("never seen")

    async with wire(COUNT) as server, client(server.url, hooks=[broken]) as gameball:
        assert 1 == await gameball.transactions.count()
    told = [record.message for record in caplog.records if record.levelno >= logging.ERROR]
    assert ["a hook raised RuntimeError and is ignored"] == told


async def test_a_compressed_answer_is_read_and_a_compressed_flood_is_not() -> None:
    small = Reply(200, gzip.compress(b'{"count": 3}'), {"Content-Encoding": "gzip"})
    flood = Reply(200, gzip.compress(b" " * (MAX_BODY + 1)), {"Content-Encoding": "gzip"})
    async with wire(small, flood) as server, client(server.url) as gameball:
        assert 3 == await gameball.transactions.count()
        with pytest.raises(ResponseDecodeError, match="32 MiB"):
            await gameball.transactions.count()


async def test_a_connection_is_used_again() -> None:
    async with wire(COUNT) as server, client(server.url) as gameball:
        for _ in range(5):
            await gameball.transactions.count()
        assert 1 == server.connections


async def test_a_response_tells_what_it_took() -> None:
    from gameball_async import operations as op

    reply = Reply(200, b'{"count": 2}', {"X-Request-Id": "r-9"}, delay=0.05)
    async with wire(reply) as server, client(server.url) as gameball:
        response = await gameball.send(op.COUNT_TRANSACTIONS)
    assert (2, 200, 1, "r-9") == (
        response.value.count,
        response.status,
        response.attempts,
        response.request_id,
    )
    assert b'{"count": 2}' == response.body
    assert 0.05 <= response.elapsed < 5
    assert 0 <= response.waited < 0.04
    assert "application/json" == response.headers["content-type"]


async def test_one_slot_is_enough_for_any_number_of_calls() -> None:
    limiter = Limiter(RateLimits.published().scaled(100))
    async with (
        wire(COUNT) as server,
        client(server.url, max_in_flight=1, limiter=limiter) as gameball,
    ):
        counts = await asyncio.gather(*(gameball.transactions.count() for _ in range(50)))
        assert [1] * 50 == counts
        await until(lambda: server.most_at_once == 1)


def test_a_client_loads_what_is_used_and_nothing_else() -> None:
    """A process that tracks orders does not wait for the classes of all the other answers."""
    script = """
import asyncio, sys
from gameball_async import GameballClient
from gameball_async.transport.http import Answer
class Nowhere:
    async def send(self, request, attempt):
        return Answer(200, {}, b"{}")
    async def aclose(self):
        pass
async def main():
    async with GameballClient("key", "secret", transport=Nowhere()) as client:
        print(sorted(name for name in sys.modules if name.startswith("gameball_async.models.")))
        await client.leaderboard.get()
        print("gameball_async.models.leaderboard" in sys.modules)
        print("gameball_async.models.orders" in sys.modules, "aiohttp" in sys.modules)
asyncio.run(main())
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=30
    )
    before, used, others = done.stdout.splitlines()
    assert ["gameball_async.models.fields", "gameball_async.models.kinds"] == eval(before)
    assert "True" == used
    assert "False False" == others
