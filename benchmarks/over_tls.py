"""What does it cost to track an order over HTTPS, as everybody does in earnest?

Ours is ``orders.track(order)`` of the default client, as in `track_orders`. Theirs are aiohttp's
``session.post(url, json=...)`` and ``await response.json()``, and the same with httpx.

It is fair: the server has one certificate, made for this run, and all three verify it and the
server's address by the same context. Connections are made once and kept, so what is measured is an
order and not a handshake.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import httpx
import trustme

from benchmarks.bench import Bench
from benchmarks.payloads import PREFIX
from benchmarks.rounds import Contest, Row
from benchmarks.sending import (
    KEYS,
    MOST,
    Send,
    all_members,
    client_of,
    crowd,
    plain_sender,
    plain_session,
    sender,
)
from benchmarks.server import serving

TASKS: Final = 16
CALLS: Final = {1: 1000, TASKS: 2560, 64: 2560, MOST: 2560}
"""How many calls are made in a burst, by how many tasks."""
ROOM: Final = httpx.Limits(
    max_connections=MOST, max_keepalive_connections=MOST, keepalive_expiry=None
)
"""A connection for every task, that stays.

So they would over a network. Here answers come before all tasks have sent: httpx would give up the
connections that have had nothing to do for five seconds, and cost a third less with the nine that
are left of sixteen.
"""


def trusted(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A server's key and certificate, in a file of *folder*, and a context that trusts them."""
    authority, path = trustme.CA(), folder / "server.pem"
    made = authority.issue_cert("127.0.0.1")
    made.private_key_and_cert_chain_pem.write_to_path(str(path))
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return path, context


def httpx_sender(client: httpx.AsyncClient, url: str) -> Send:
    """What httpx's documentation shows."""
    orders = all_members()
    address = f"{url}{PREFIX}/orders"

    async def send(number: int) -> Any:
        return (await client.post(address, json=orders[number])).json()

    return send


@contextmanager
def contest(bench: Bench) -> Iterator[Contest]:
    """One call at a time, and up to 256 at once."""
    with TemporaryDirectory() as folder:
        certificate, context = trusted(Path(folder))
        with serving(bench, certificate) as url, crowd(bench) as tasks:
            client = client_of(url, ssl_context=context)
            session = tasks.run(plain_session(context))
            theirs = httpx.AsyncClient(headers=KEYS, limits=ROOM, verify=context)
            for close in (client.aclose, session.close, theirs.aclose):
                tasks.at_end(close)
            plain, ours = plain_sender(session, url), sender(client)
            sides = {"httpx": tasks.burst(httpx_sender(theirs, url), TASKS, 160)}
            for count, calls in CALLS.items():
                sides[f"ours {count}"] = tasks.burst(ours, count, calls)
                sides[f"aiohttp {count}"] = tasks.burst(plain, count, calls)
            rows = [
                _row(count, "aiohttp session.post(json=)", f"aiohttp {count}") for count in CALLS
            ]
            yield Contest(sides, [*rows, _row(TASKS, "httpx AsyncClient.post(json=)", "httpx")])


def _row(count: int, rival: str, theirs: str) -> Row:
    return Row(
        question=f"track an order over TLS, {count} at {'a time' if count == 1 else 'once'}",
        rival=rival,
        ours=f"ours {count}",
        theirs=theirs,
        plotted=count == TASKS,
    )
