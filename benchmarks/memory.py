"""How much memory do a client, a call that waits, and a long history of orders take?

A client that has done nothing yet and one that has made a call, next to the clients of httpx and
aiohttp; a call that waits for the rate limit, next to a task that waits for a semaphore; and what
resident memory grows by from the twentieth part of many orders to their end, when they go through
``orders.track_many`` to a transport in the same process that answers at once.

It is fair: each is measured in a fresh interpreter, after everything that is loaded once was loaded
for a first client that is not counted. What is measured is resident memory, and not what
tracemalloc counts: the larger part of an idle client can be a TLS context, which OpenSSL allocates
where Python does not see it. A hundred clients stand side by side, so that the size of a page does
not matter. All have their defaults; the calls go to the same server. The orders that wait are made
before, because a caller has them anyway.

Resident memory is read where Linux tells it; elsewhere the question is not asked.
"""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import aiohttp
import httpx

from benchmarks.bench import Bench
from benchmarks.payloads import PREFIX, RECEIPT, order, order_members
from benchmarks.rounds import Burst, Contest, Row, in_turn
from benchmarks.server import serving
from gameball_async import GameballClient, Order, Timeouts
from gameball_async.transport.http import Answer, Attempt, Request

ROUNDS: Final = 3
CLIENTS: Final = 100
WAITING: Final = 10_000
ORDERS: Final = 1_000_000
STEPS: Final = 20
"""How often the memory of a long run is looked at; the first step is its warm-up."""
STATM: Final = Path("/proc/self/statm")
KIB: Final = 1024
MB: Final = 1_000_000


def resident() -> int:
    """Bytes of this process that are in memory."""
    return int(STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def grown_since(before: int) -> int:
    """Bytes that have come since, at least a page: that is how finely it is counted."""
    return max(resident() - before, os.sysconf("SC_PAGE_SIZE"))


class AtOnce:
    """A transport that has the answer already."""

    async def send(self, _request: Request, attempt: Attempt) -> Answer:
        """Answer with the receipt."""
        attempt.on_connection()
        return Answer(200, {"content-type": "application/json"}, RECEIPT)

    async def aclose(self) -> None:
        """Nothing is open."""


class Never(AtOnce):
    """A transport whose answer never comes."""

    async def send(self, _request: Request, _attempt: Attempt) -> Answer:
        """Wait."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        return await answer


Act = Callable[[], Awaitable[Any]]
Make = Callable[[str], tuple[Act, Act]]
"""Makes a client for a URL; returns how it sends an order, and how it is closed."""


def _gameball(url: str) -> tuple[Act, Act]:
    client = GameballClient("key", "secret", base_url=url)
    return lambda: client.orders.track(order("cust")), client.aclose


def _httpx(url: str) -> tuple[Act, Act]:
    client = httpx.AsyncClient()
    address = f"{url}{PREFIX}/orders"
    return lambda: client.post(address, json=order_members("cust")), client.aclose


def _aiohttp(url: str) -> tuple[Act, Act]:
    session = aiohttp.ClientSession()
    address = f"{url}{PREFIX}/orders"

    async def send() -> Any:
        async with session.post(address, json=order_members("cust")) as response:
            return await response.json()

    return send, session.close


MAKERS: Final[dict[str, Make]] = {"ours": _gameball, "httpx": _httpx, "aiohttp": _aiohttp}


async def _client(make: Make, number: int, url: str, *, calls: bool) -> float:
    """KiB of one client."""
    async with AsyncExitStack() as stack:
        before = 0
        for made in range(number + 1):
            if made == 1:
                gc.collect()
                before = resident()
            send, close = make(url)
            stack.push_async_callback(close)
            if calls or made == 0:
                await send()
        gc.collect()
        return grown_since(before) / number / KIB


async def _waiting(start: Callable[[Order], Awaitable[Any]], number: int) -> float:
    """KiB of one call that waits."""
    orders = [order(f"cust_{at}") for at in range(number)]
    warm = [asyncio.ensure_future(start(order("cust"))) for _ in range(100)]
    await asyncio.sleep(0.1)
    gc.collect()
    before = resident()
    tasks = [asyncio.ensure_future(start(order)) for order in orders]
    await asyncio.sleep(0.1)
    gc.collect()
    figure = grown_since(before) / number / KIB
    for task in (*warm, *tasks):
        task.cancel()
    await asyncio.gather(*warm, *tasks, return_exceptions=True)
    return figure


async def _waiting_call(number: int) -> float:
    """Behind the limits of the API."""
    async with GameballClient(
        "key", "secret", transport=Never(), timeouts=Timeouts(total=36_000)
    ) as client:
        return await _waiting(client.orders.track, number)


async def _waiting_task(number: int) -> float:
    """Behind a semaphore."""
    room = asyncio.Semaphore(1)
    await room.acquire()

    async def send(order: Order) -> Order:
        async with room:
            return order

    return await _waiting(send, number)


async def _growth(number: int) -> float:
    """MB that resident memory grows by, once the first step of the orders is done."""
    seen: list[int] = []

    def orders() -> Iterator[Order]:
        for at in range(number):
            if at % (number // STEPS) == 0:
                seen.append(resident())
            yield Order(
                customer_id=f"cust_{at}",
                order_id=f"order_{at}",
                order_date=datetime.fromtimestamp(1_700_000_000 + at, UTC),
                total_paid=99.5,
            )

    async with GameballClient("key", "secret", transport=AtOnce(), rate_limits=None) as client:
        report = await client.orders.track_many(orders())
    assert report.tracked == number
    seen.append(resident())
    return (max(seen[1:]) - seen[1]) / MB


async def measure(what: str, number: int, url: str) -> float:
    """Take one figure, in this interpreter."""
    if what == "growth":
        return await _growth(number)
    if what == "waiting call":
        return await _waiting_call(number)
    if what == "waiting task":
        return await _waiting_task(number)
    name, state = what.split()
    return await _client(MAKERS[name], number, url, calls=state == "called")


def _fresh(what: str, number: int, url: str, rounds: int) -> Burst:
    """A burst in an interpreter of its own, which needs no warm-up."""
    command = [sys.executable, "-m", "benchmarks.memory", what, str(number), url]

    def taken(_turn: int) -> float:
        return float(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)

    return in_turn(taken, rounds)


@contextmanager
def contest(bench: Bench) -> Iterator[Contest]:
    """Clients, waiting calls, and a long run."""
    if not STATM.exists():
        print(f"  skipped without {STATM}")
        yield Contest({}, [])
        return
    rounds, orders = 1 if bench.smoke else ROUNDS, bench.size(ORDERS, STEPS)
    clients = [f"{name} {state}" for state in ("idle", "called") for name in MAKERS]
    with serving(bench) as url:
        sides = {what: _fresh(what, bench.size(CLIENTS), url, rounds) for what in clients}
        for what in ("waiting call", "waiting task"):
            sides[what] = _fresh(what, bench.size(WAITING), url, rounds)
        sides["growth"] = _fresh("growth", orders, url, 1)
        yield Contest(sides, [*_rows(orders)], most_rounds=rounds)


def _rows(orders: int) -> Iterator[Row]:
    kib = partial(Row, unit="KiB")
    for question, state in (("idle client", "idle"), ("client after a call", "called")):
        for name, rival in (("httpx", "httpx.AsyncClient"), ("aiohttp", "aiohttp.ClientSession")):
            sides = f"ours {state}", f"{name} {state}"
            yield kib(question=f"memory, {question}", rival=rival, ours=sides[0], theirs=sides[1])
    yield kib(
        question="memory, waiting call",
        rival="a task at asyncio.Semaphore",
        ours="waiting call",
        theirs="waiting task",
    )
    yield Row(question=f"memory, growth over {orders:,} orders", ours="growth", unit="MB")


if __name__ == "__main__":
    print(asyncio.run(measure(sys.argv[1], int(sys.argv[2]), sys.argv[3])))
