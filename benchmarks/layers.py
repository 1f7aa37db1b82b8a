"""What does the client add to aiohttp at its best, and what do its models and its deadline?

At its best is aiohttp tuned as far as its public session goes - no cookies, no timer, no redirects,
a ready URL, bytes in and out - with ``orjson`` on plain dicts. It stands next to our default client
with everything on, and next to the very same session with our `encode(to_wire(order))` and
`decode(body, OrderReceipt)` instead of dicts: the models alone.

The deadline: our client, and our client with a watch that looks at nothing, so that no call of it
would ever end in time.

It is fair: with models and with deadlines, a pair differs in that layer alone, and all send the
same orders over connections of the same kind from one loop of one process.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Final

import aiohttp
import orjson
from yarl import URL

from benchmarks.bench import Bench
from benchmarks.payloads import PREFIX, order
from benchmarks.rounds import Contest, Goal, Row
from benchmarks.sending import KEYS, MOST, Send, all_members, client_of, crowd, sender
from benchmarks.server import serving
from gameball_async import GameballClient, OrderReceipt
from gameball_async.serialization import decode, encode, to_wire
from gameball_async.transport.watch import Watch, Watched

CALLS: Final = 3200
TASKS: Final = (16, 64)
_RIVALS: Final = {
    "dicts": "tuned aiohttp and orjson's dicts",
    "endless": "the same client without",
}
_PAIRS: Final = (
    ("the whole client", "ours", "dicts", Goal(4, 1.07)),
    ("models alone", "models", "dicts", Goal(4, 1.07, left_at=1.16)),
    ("with deadlines", "ours", "endless", Goal(5, 1.04)),
)
"""Questions, the sides of which answer them, and what the answer should be."""

Exchange = Callable[[bytes], Awaitable[bytes]]
"""Sends a body, and returns the answer's."""


async def _tuned_session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        headers={**KEYS, "Content-Type": "application/json"},
        connector=aiohttp.TCPConnector(limit=MOST),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None),
    )


def _exchange(session: aiohttp.ClientSession, url: str) -> Exchange:
    address = URL(f"{url}{PREFIX}/orders", encoded=True)

    async def exchange(body: bytes) -> bytes:
        async with session.post(address, data=body, allow_redirects=False) as response:
            return await response.read()

    return exchange


def _with_dicts(exchange: Exchange) -> Send:
    orders = all_members()

    async def send(number: int) -> object:
        return orjson.loads(await exchange(orjson.dumps(orders[number])))

    return send


def _with_models(exchange: Exchange) -> Send:
    orders = [order(f"cust_{number}") for number in range(MOST)]

    async def send(number: int) -> OrderReceipt:
        return decode(await exchange(encode(to_wire(orders[number]))), OrderReceipt)

    return send


class _BlindWatch(Watch):
    """Looks at no call, and so ends none."""

    def add(self, call: Watched) -> None:
        pass

    def changed(self, call: Watched) -> None:
        pass

    def discard(self, call: Watched) -> None:
        pass


async def without_deadlines(client: GameballClient) -> None:
    """Take the watch of the running loop from a client; there is no setting that does."""
    core = client._core  # noqa: SLF001
    core.runtime().watch = _BlindWatch(core.clock)


@contextmanager
def contest(bench: Bench) -> Iterator[Contest]:
    """Sixteen calls at once, and 64."""
    with serving(bench) as url, crowd(bench) as tasks:
        session = tasks.run(_tuned_session())
        client, endless = client_of(url), client_of(url)
        tasks.run(without_deadlines(endless))
        for close in (session.close, client.aclose, endless.aclose):
            tasks.at_end(close)
        exchange = _exchange(session, url)
        ways = {
            "dicts": _with_dicts(exchange),
            "models": _with_models(exchange),
            "ours": sender(client),
            "endless": sender(endless),
        }
        yield Contest(
            {
                f"{name} {count}": tasks.burst(send, count, CALLS)
                for count in TASKS
                for name, send in ways.items()
            },
            [_row(*pair, tasks) for pair in _PAIRS for tasks in TASKS],
        )


def _row(question: str, ours: str, theirs: str, goal: Goal, tasks: int) -> Row:
    return Row(
        question=f"{question}, {tasks} at once",
        rival=_RIVALS[theirs],
        ours=f"{ours} {tasks}",
        theirs=f"{theirs} {tasks}",
        goal=goal,
    )
