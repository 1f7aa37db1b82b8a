"""What does it cost to read the whole ledger with blocking code, next to requests?

Ours is ``for row in client.transactions.list()`` of the blocking client: pages are fetched and
decoded on the loop thread, from the second on while the caller works on the one before, and rows
are values with exact numbers and aware times.

Theirs is the loop that one writes: ``session.get(url, params=...).json()`` until a page says that
no more follow, with each row a plain dict whose times and numbers are left as they are.

It is fair, or kinder to them: same pages of 200 rows, same server, same keys, every row is looked
at once, and the CPU of all threads is counted. In a second pair ours does not fetch ahead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import requests

from benchmarks.bench import Bench
from benchmarks.blocking_post import requests_session
from benchmarks.payloads import PAGES, PREFIX, ROWS
from benchmarks.rounds import Burst, Contest, Row, repeated
from benchmarks.server import serving
from gameball_async import RateLimits
from gameball_sync import GameballClient


def _client(url: str) -> GameballClient:
    limits = RateLimits.published().scaled(10**6)
    return GameballClient("key", "secret", base_url=url, rate_limits=limits)


def _read(client: GameballClient, *, prefetch: bool) -> int:
    """Ours: points of the whole ledger."""
    points = 0
    for row in client.transactions.list(prefetch=prefetch):
        points += int(row.points or 0)
    return points


def read_with(session: requests.Session, url: str) -> int:
    """Theirs: the same sum."""
    points = 0
    asked: dict[str, Any] = {"limit": ROWS}
    while True:
        page = session.get(f"{url}{PREFIX}/transactions", params=asked).json()
        for row in page["transactions"]:
            points += int(row["points"] or 0)
        if not page["hasMore"]:
            return points
        asked["startAfter"] = page["transactions"][-1]["gameballTransactionId"]


@contextmanager
def contest(bench: Bench) -> Iterator[Contest]:
    """One thread, from the first row to the last."""
    with serving(bench) as url, _client(url) as client, requests_session() as session:
        assert _read(client, prefetch=True) == read_with(session, url)
        walks = bench.size(4)

        def burst(read: Callable[[], int]) -> Burst:
            work = repeated(read, walks)
            return lambda: work() / (PAGES * ROWS)

        yield Contest(
            {
                "ours": burst(lambda: _read(client, prefetch=True)),
                "requests": burst(lambda: read_with(session, url)),
                "one by one": burst(lambda: _read(client, prefetch=False)),
            },
            [
                _row("read the ledger, blocking, a row", "ours", plotted=True),
                _row("  and without fetching ahead", "one by one", plotted=False),
            ],
        )


def _row(question: str, ours: str, *, plotted: bool) -> Row:
    rival = "requests.Session.get, dicts"
    return Row(question=question, rival=rival, ours=ours, theirs="requests", plotted=plotted)
