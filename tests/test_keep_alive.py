"""Connections that the server ends: no request is lost to an end that could have been seen."""

from __future__ import annotations

import asyncio
import random
import select
import socket
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pytest

from gameball_async import (
    CustomerProfile,
    GameballClient,
    NotSentError,
    OutcomeUnknownError,
    RetryPolicy,
)
from gameball_async.hooks import RequestStarted
from tests.certificates import Authority
from tests.clients import Events, client, order
from tests.idle import (
    TIMED_OUT,
    IdleServer,
    answer,
    babble,
    complain,
    end,
    half_close,
    reset,
    time_out,
)
from tests.wire import Reply, json_reply, sequence, wire

ENDS = (end, reset, half_close, time_out, complain, babble)
BODY = orjson.dumps({"holdReference": "h-1", "customerId": "id123", "customerGameballId": 7})
ONCE = RetryPolicy(attempts=1)
CALLS: dict[str, Callable[[GameballClient, int], Awaitable[Any]]] = {
    "read": lambda g, n: g.orders.calculate_cashback(order(f"A-{n}")),
    "keyed": lambda g, n: g.orders.track(order(f"A-{n}")),
    "idempotent": lambda g, _: g.customers.upsert(CustomerProfile(customer_id="id123")),
    "unsafe": lambda g, _: g.transactions.hold(customer_id="id123", points_to_hold=1),
}
"""A POST of each class."""


def _answer(headers: bytes, _count: int) -> bytes:
    return answer(BODY, headers)


reply = partial(_answer, b"")


def _let_it_arrive() -> None:
    """The loop stands meanwhile, as it does under work of the caller's own."""
    time.sleep(0.002)


@pytest.mark.parametrize("noticed", [False, True], ids=["loop-was-busy", "loop-had-time"])
@pytest.mark.parametrize("how", ENDS, ids=lambda how: how.__name__)
async def test_what_came_in_on_an_idle_connection_costs_no_request(
    how: Callable[[socket.socket], None], *, noticed: bool
) -> None:
    with IdleServer(reply) as server:
        async with client(server.url, retry=ONCE) as gameball:
            await CALLS["unsafe"](gameball, 0)
            assert 1 == server.end_idle(how)
            _let_it_arrive()
            if noticed:
                await asyncio.sleep(0.01)
            hold = await gameball.transactions.hold(customer_id="c", points_to_hold=1)
        assert "h-1" == hold.hold_reference
        assert (2, 2) == (server.connections, server.requests)


async def test_many_dead_connections_are_passed_over_for_the_one_that_lives() -> None:
    with IdleServer(reply) as server:
        async with client(server.url, retry=ONCE, rate_limits=None) as gameball:
            await asyncio.gather(*(CALLS["read"](gameball, n) for n in range(8)))
            opened, spared = server.connections, server.idle.pop()
            server.end_idle(end)
            server.idle.add(spared)
            _let_it_arrive()
            await CALLS["unsafe"](gameball, 0)
        assert opened == server.connections
        assert 9 == server.requests


async def test_a_connection_that_lives_is_used_again() -> None:
    with IdleServer(reply) as server:
        async with client(server.url) as gameball:
            for n in range(20):
                await CALLS["keyed"](gameball, n)
        assert (1, 20) == (server.connections, server.requests)


async def test_a_connection_is_used_again_where_the_system_cannot_tell(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(select, "poll")
    with IdleServer(reply) as server:
        async with client(server.url) as gameball:
            for n in range(3):
                await CALLS["keyed"](gameball, n)
        assert (1, 3) == (server.connections, server.requests)


@pytest.mark.parametrize("how", [end, reset], ids=["end", "reset"])
async def test_a_dead_connection_behind_tls_costs_no_request(
    how: Callable[[socket.socket], None], tmp_path: Path
) -> None:
    authority = Authority(tmp_path)
    context = authority.trusting()
    with IdleServer(reply, tls=authority.serving("127.0.0.1")) as server:
        async with client(server.url, ssl_context=context, retry=ONCE) as gameball:
            for _ in range(3):
                await CALLS["unsafe"](gameball, 0)
            assert 1 == server.connections
            assert 1 == server.end_idle(how)
            _let_it_arrive()
            await CALLS["unsafe"](gameball, 0)
        assert (2, 4) == (server.connections, server.requests)


@pytest.mark.parametrize("call", CALLS)
async def test_a_connection_that_ends_with_its_answer_is_not_used_again(call: str) -> None:
    """The end is in the same packet as the answer, announced or not."""

    def after(connection: socket.socket, count: int) -> None:
        if count == 2:
            end(connection)

    for headers in (b"", b"Connection: close\r\n"):
        with IdleServer(partial(_answer, headers)) as server:
            server.after = after
            async with client(server.url, retry=ONCE) as gameball:
                for n in range(6):
                    await CALLS[call](gameball, n)
                    _let_it_arrive()
            assert 6 == server.requests
            assert (6 if headers else 3) == server.connections


@pytest.mark.parametrize(
    "greeting",
    [
        pytest.param(b"", id="hangs-up"),
        pytest.param(TIMED_OUT, id="complains-and-hangs-up"),
        pytest.param(b"220 mail.example.com ESMTP\r\n", id="speaks-something-else"),
    ],
)
async def test_a_server_that_hangs_up_or_speaks_before_it_is_asked_was_sent_nothing(
    greeting: bytes,
) -> None:
    connections = 0

    def greet() -> None:
        nonlocal connections
        connections += 1
        connection, _ = listener.accept()
        connection.sendall(greeting)
        connection.close()

    loop = asyncio.get_running_loop()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        loop.add_reader(listener, greet)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with client(url) as gameball:
            with pytest.raises(NotSentError, match="before it was asked") as caught:
                await CALLS["unsafe"](gameball, 0)
        loop.remove_reader(listener)
    assert 4 == caught.value.attempts == connections


async def test_a_gateways_408_may_be_meant_for_what_was_before_and_refuses_nothing() -> None:
    async with wire(Reply(408, b""), json_reply(rewardedPoints=1)) as server:
        async with client(server.url) as gameball:
            assert 1 == (await gameball.orders.track(order())).rewarded_points
            server.script = sequence(Reply(408, b""))
            with pytest.raises(OutcomeUnknownError):
                await CALLS["unsafe"](gameball, 0)
        assert 3 == len(server.seen)


@pytest.mark.thorough
@pytest.mark.parametrize("call", CALLS)
async def test_hundreds_of_posts_and_not_one_avoidable_error(call: str) -> None:
    """Between two requests anything may come in on the idle connection; nothing is lost by it."""
    luck, ended, events = random.Random(call), 0, Events()
    with IdleServer(reply) as server:
        async with client(server.url, retry=ONCE, rate_limits=None, hooks=[events]) as gameball:
            for n in range(500):
                await CALLS[call](gameball, n)
                if luck.random() < 0.7:
                    ended += server.end_idle(luck.choice(ENDS))
                    _let_it_arrive()
                for _ in range(luck.randrange(4)):
                    await asyncio.sleep(0)  # how much of it the loop has noticed is luck as well
        assert 300 < ended
        assert 500 == server.requests == len(events.of(RequestStarted))
        assert server.connections in {ended, ended + 1}  # the last one may have lived


@pytest.mark.thorough
@pytest.mark.parametrize("call", CALLS)
async def test_an_end_at_the_instant_of_sending_is_told_honestly(call: str) -> None:
    """What no look can see: the server ends while the request is on its way."""
    luck, events, done, unknown = random.Random(call), Events(), 0, 0
    with IdleServer(reply) as server:

        def after(connection: socket.socket, _count: int) -> None:
            if luck.random() < 0.5:
                time.sleep(luck.random() * 0.002)
                luck.choice((end, reset, half_close))(connection)

        server.after = after
        async with client(server.url, rate_limits=None, hooks=[events]) as gameball:
            for n in range(500):
                try:
                    await CALLS[call](gameball, n)
                except OutcomeUnknownError:
                    assert call == "unsafe"
                    unknown += 1
                else:
                    done += 1
                await asyncio.sleep(luck.random() * 0.002)
        attempts = len(events.of(RequestStarted))
        assert 500 == done + unknown
        assert done <= server.requests <= attempts
        assert attempts == 500 or call != "unsafe"
