"""What does it cost to have many orders looked after, next to a plain gather of single calls?

Ours is ``orders.track_many(orders)``: it pulls an order when there is room, keeps each customer's
in their order, makes an outcome of everything, and counts. Theirs is what one writes without it:
``asyncio.gather`` of one ``orders.track`` for each order, all begun at once, and, for the blocking
client, as many threads as ``track_many`` has orders under way, each with one call at a time.

It is fair: the same client sends the same orders of the same 300 customers to the same server, with
the limiter switched off. The goal is four fifths of their speed, so five quarters of their cost.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Final

import gameball_sync
from benchmarks.bench import Bench
from benchmarks.payloads import order
from benchmarks.rounds import Burst, Contest, Goal, Row, cpu
from benchmarks.server import serving
from gameball_async import GameballClient, Order, Timeouts

CUSTOMERS: Final = 300
THREADS: Final = 32
"""As many as `track_many` has orders under way by default."""
ORDERS: Final = 2000


def _settings(url: str) -> dict[str, Any]:
    """A gather begins all its calls at once, so that the last ones wait long for their turn."""
    return {"base_url": url, "rate_limits": None, "timeouts": Timeouts(total=600)}


async def _gathered(client: GameballClient, orders: list[Order]) -> None:
    await asyncio.gather(*map(client.orders.track, orders))


@contextmanager
def contest(bench: Bench) -> Iterator[Contest]:
    """A bulk call and single calls, with both clients."""
    customers = [order(f"cust_{number}") for number in range(CUSTOMERS)]
    orders = [customers[number % CUSTOMERS] for number in range(bench.size(ORDERS))]

    def burst(work: Callable[[], Any]) -> Burst:
        return lambda: cpu(work, len(orders))

    with (
        serving(bench) as url,
        asyncio.Runner() as runner,
        ThreadPoolExecutor(THREADS) as threads,
        gameball_sync.GameballClient("key", "secret", **_settings(url)) as blocking,
    ):
        client = GameballClient("key", "secret", **_settings(url))
        yield Contest(
            {
                "bulk": burst(lambda: runner.run(client.orders.track_many(orders))),
                "gather": burst(lambda: runner.run(_gathered(client, orders))),
                "blocking bulk": burst(lambda: blocking.orders.track_many(orders)),
                "threads": burst(lambda: [*threads.map(blocking.orders.track, orders)]),
            },
            [
                _row("track_many", "asyncio.gather of track", "bulk", "gather"),
                _row("blocking track_many", "track in 32 threads", "blocking bulk", "threads"),
            ],
        )
        runner.run(client.aclose())


def _row(name: str, rival: str, ours: str, theirs: str) -> Row:
    return Row(
        question=f"{name}, an order", rival=rival, ours=ours, theirs=theirs, goal=Goal(15, 1.25)
    )
