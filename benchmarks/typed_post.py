"""What does a typed, limited, retried POST cost over the plainest use of aiohttp?

Ours is ``orders.track(order)`` of the default client: model to JSON, the customer's lane, the rate
limiter, the slot, the deadline, aiohttp's public session, JSON to receipt. The limiter's windows
are a million times wider, so that it decides on every call and never makes one wait. A second
client has a listener that receives every event.

Theirs is what the documentation of aiohttp shows: one default session, ``session.post(url,
json=...)``, ``await response.json()``; no model, no limiter, no lane, no retry.

It is fair: both run on one loop of one process against the same server, send the same members to
the same path with the same keys, hold their order ready before the clock starts, have one customer
for each task, and read from the socket in pieces of the same size.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any, Final

import aiohttp

from benchmarks.bench import Bench
from benchmarks.payloads import PREFIX, order, order_members
from benchmarks.rounds import Burst, Contest, Goal, Row, cpu
from benchmarks.server import serving
from gameball_async import Event, GameballClient, RateLimits

KEYS: Final = {"apikey": "key", "secretkey": "secret"}
MOST: Final = 64
"""Tasks that call at once; as many as a client sends at once by default."""

Send = Callable[[int], Awaitable[Any]]
"""Sends the order of the customer of that number."""


def client_of(url: str, listener: Callable[[Event], object] | None = None) -> GameballClient:
    """A client with every default, but for a limiter that always has room."""
    return GameballClient(
        "key",
        "secret",
        base_url=url,
        rate_limits=RateLimits.published().scaled(10**6),
        hooks=() if listener is None else (listener,),
    )


def sender(client: GameballClient) -> Send:
    """Ours."""
    orders = [order(f"cust_{number}") for number in range(MOST)]
    return lambda number: client.orders.track(orders[number])


def raw_sender(session: aiohttp.ClientSession, url: str) -> Send:
    """Theirs."""
    orders = [order_members(f"cust_{number}") for number in range(MOST)]
    address = f"{url}{PREFIX}/orders"

    async def send(number: int) -> Any:
        async with session.post(address, json=orders[number]) as response:
            return await response.json()

    return send


async def _spread(send: Send, tasks: int, calls: int) -> None:
    """Let so many tasks make so many calls, each task its part."""

    async def call_in_turn(number: int) -> None:
        for _ in range(calls // tasks):
            await send(number)

    await asyncio.gather(*(call_in_turn(number) for number in range(tasks)))


async def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(headers=KEYS)


def _ignore(_event: Event) -> None:
    """Hear of it, and do nothing."""


@contextmanager
def contest(bench: Bench) -> Iterator[Contest]:
    """One call at a time, and 64 at once."""
    with serving(bench) as url, asyncio.Runner() as runner, ExitStack() as last:

        def burst(send: Send, tasks: int, calls: int) -> Burst:
            size = bench.size(calls, tasks)
            return lambda: cpu(lambda: runner.run(_spread(send, tasks, size)), size)

        client, heard = client_of(url), client_of(url, _ignore)
        session = runner.run(_session())
        for close in (client.aclose, heard.aclose, session.close):
            last.callback(lambda end: runner.run(end()), close)
        raw = raw_sender(session, url)
        yield Contest(
            {
                "ours 1": burst(sender(client), 1, 1000),
                "raw 1": burst(raw, 1, 1000),
                "ours 64": burst(sender(client), MOST, 2560),
                "raw 64": burst(raw, MOST, 2560),
                "heard 64": burst(sender(heard), MOST, 2560),
            },
            _rows(),
        )


def _rows() -> list[Row]:
    row = partial(Row, rival="aiohttp session.post(json=)")
    most = Goal(1, 0.82)
    return [
        row(question="POST an order, 1 at a time", ours="ours 1", theirs="raw 1"),
        row(question="POST an order, 64 at once", ours="ours 64", theirs="raw 64", goal=most),
        row(question="  and with a listener", ours="heard 64", theirs="raw 64", goal=most),
    ]
