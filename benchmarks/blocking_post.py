"""What does a blocking POST cost, next to requests?

Ours is ``orders.track(order)`` of the blocking client: the call goes to the loop thread, does there
what the async client does, and comes back. Theirs is ``session.post(url, json=...).json()`` with a
default `requests.Session`, one for each thread, because sessions are not made to be shared.

It is fair: all threads of both run in one process on one core, and its whole CPU is counted, the
loop thread's included. Same members, same path, same keys, one customer for each thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Final

import requests

from benchmarks.bench import Bench
from benchmarks.payloads import PREFIX, order, order_members
from benchmarks.rounds import Burst, Contest, Goal, Row, cpu
from benchmarks.sending import KEYS
from benchmarks.server import serving
from gameball_async import RateLimits
from gameball_sync import GameballClient

THREADS: Final = 16

Send = Callable[[int], Any]
"""Sends the order of the customer of that number."""


def _client(url: str) -> GameballClient:
    limits = RateLimits.published().scaled(10**6)
    return GameballClient("key", "secret", base_url=url, rate_limits=limits)


def _sender(client: GameballClient) -> Send:
    """Ours."""
    orders = [order(f"cust_{number}") for number in range(THREADS)]
    return lambda number: client.orders.track(orders[number])


def requests_sender(sessions: list[requests.Session], url: str) -> Send:
    """Theirs."""
    orders = [order_members(f"cust_{number}") for number in range(THREADS)]
    address = f"{url}{PREFIX}/orders"
    return lambda number: sessions[number].post(address, json=orders[number]).json()


def requests_session() -> requests.Session:
    """A default session with the keys."""
    session = requests.Session()
    session.headers.update(KEYS)
    return session


def spread(threads: ThreadPoolExecutor, send: Send, count: int, calls: int) -> None:
    """Let so many threads make so many calls, each thread its part."""

    def call_in_turn(number: int) -> None:
        for _ in range(calls // count):
            send(number)

    for _ in threads.map(call_in_turn, range(count)):
        pass


@contextmanager
def contest(bench: Bench) -> Iterator[Contest]:
    """One thread, and sixteen."""
    with (
        serving(bench) as url,
        ThreadPoolExecutor(THREADS) as threads,
        _client(url) as client,
    ):
        sessions = [requests_session() for _ in range(THREADS)]
        ours, theirs = _sender(client), requests_sender(sessions, url)

        def burst(send: Send, count: int, calls: int) -> Burst:
            size = bench.size(calls, count)
            return lambda: cpu(lambda: spread(threads, send, count, size), size)

        yield Contest(
            {
                "ours 1": burst(ours, 1, 400),
                "requests 1": burst(theirs, 1, 400),
                "ours 16": burst(ours, THREADS, 1600),
                "requests 16": burst(theirs, THREADS, 800),
            },
            [_row(1, "1 thread", 0.36), _row(THREADS, "16 threads", 0.17)],
        )
        for session in sessions:
            session.close()


def _row(count: int, name: str, at_most: float) -> Row:
    return Row(
        question=f"blocking POST, {name}",
        rival="requests.Session.post",
        ours=f"ours {count}",
        theirs=f"requests {count}",
        goal=Goal(9, at_most),
        plotted=True,
    )
