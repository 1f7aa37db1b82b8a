"""Orders sent by many tasks at once: what the questions about throughput share."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Final

import aiohttp

from benchmarks.bench import Bench
from benchmarks.payloads import PREFIX, order, order_members
from benchmarks.rounds import Burst, cpu
from gameball_async import Event, GameballClient, RateLimits

KEYS: Final = {"apikey": "key", "secretkey": "secret"}
MOST: Final = 256
"""Tasks that send at once, at most; each has a customer of its own."""

Send = Callable[[int], Awaitable[Any]]
"""Sends the order of the customer of that number."""


def client_of(
    url: str,
    *,
    hooks: Iterable[Callable[[Event], object]] = (),
    ssl_context: ssl.SSLContext | None = None,
) -> GameballClient:
    """Our client, with a limiter that always has room, and a place on the wire for every task."""
    return GameballClient(
        "key",
        "secret",
        base_url=url,
        rate_limits=RateLimits.published().scaled(10**6),
        max_in_flight=MOST,
        hooks=hooks,
        ssl_context=ssl_context,
    )


def sender(client: GameballClient) -> Send:
    """Ours."""
    orders = [order(f"cust_{number}") for number in range(MOST)]
    return lambda number: client.orders.track(orders[number])


def all_members() -> list[dict[str, Any]]:
    """The same orders as rivals send them."""
    return [order_members(f"cust_{number}") for number in range(MOST)]


async def plain_session(ssl_context: ssl.SSLContext | None = None) -> aiohttp.ClientSession:
    """A default session of aiohttp, with a connection for every task instead of a hundred."""
    connector = aiohttp.TCPConnector(limit=MOST, ssl=ssl_context or True)
    return aiohttp.ClientSession(headers=KEYS, connector=connector)


def plain_sender(session: aiohttp.ClientSession, url: str) -> Send:
    """What aiohttp's documentation shows."""
    orders = all_members()
    address = f"{url}{PREFIX}/orders"

    async def send(number: int) -> Any:
        async with session.post(address, json=orders[number]) as response:
            return await response.json()

    return send


class Crowd:
    """Tasks of one loop."""

    def __init__(self, bench: Bench, runner: asyncio.Runner, last: ExitStack) -> None:
        """Run what *runner* runs, and at the end what is put on *last*."""
        self._bench = bench
        self._last = last
        self.run: Final = runner.run

    def at_end(self, close: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Await *close* at the end, on the same loop."""
        self._last.callback(lambda: self.run(close()))

    def burst(self, send: Send, tasks: int, calls: int) -> Burst:
        """A burst in which so many tasks make so many calls, each task its part, one by one."""
        size = self._bench.size(calls, tasks)

        async def call_in_turn(number: int) -> None:
            for _ in range(size // tasks):
                await send(number)

        async def all_at_once() -> None:
            await asyncio.gather(*map(call_in_turn, range(tasks)))

        return lambda: cpu(lambda: self.run(all_at_once()), size)


@contextmanager
def crowd(bench: Bench) -> Iterator[Crowd]:
    """A loop for tasks that send at once."""
    with asyncio.Runner() as runner, ExitStack() as last:
        yield Crowd(bench, runner, last)
