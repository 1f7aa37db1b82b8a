"""What does it cost to track an order, next to the clients that people would use instead?

Ours is ``orders.track(order)`` of the default asyncio client, as in `track_orders`. Theirs are

- httpx: ``AsyncClient.post(url, json=...)`` and ``.json()``, with connections that stay;
- the runtime that Stainless generates vendors' clients on, by way of the ``post`` of the newest
  ``openai``, with the order as plain members and the receipt as a model of its own;
- requests: ``Session.post(url, json=...).json()`` in 16 threads, with a session each;
- the vendor's own gameball 1.0.0: its own requests, client and sessions, in 16 threads;
- where the API's published description is at hand, a client that openapi-python-client generates
  from it, with its model of an order and of a receipt.

It is fair, or kinder to them: all send the same members with the same keys, sixteen at once and a
customer for each; those that retry are left to it, and only ours minds the order of a customer's
calls, the rate limit and a deadline. What threads cost is the CPU of all of them. The slow ones
make fewer calls: what is compared is the cost of one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any, Final

import httpx
import openai
from pydantic import Field

from benchmarks.bench import Bench
from benchmarks.blocking_post import requests_sender, requests_session, spread
from benchmarks.generated import GENERATOR, generated, generated_client, generated_sender
from benchmarks.over_tls import ROOM, httpx_sender
from benchmarks.payloads import PREFIX
from benchmarks.rounds import Burst, Contest, Goal, Row, cpu
from benchmarks.sending import KEYS, Crowd, Send, all_members, client_of, crowd, sender
from benchmarks.server import serving
from benchmarks.vendor import vendor_sender

TASKS: Final = 16
_RIVALS: Final = {
    "httpx": ("httpx AsyncClient.post(json=)", 14),
    "generated": (GENERATOR.replace("==", " "), 14),
    "stainless": ("Stainless' runtime (openai)", 9),
    "requests": ("requests.Session.post, 16 threads", 6),
    "vendor": ("the vendor's gameball 1.0.0, 16 threads", 6),
}
"""What each is called in the table, and how many times ours its cost is to be."""


class ReceiptLine(openai.BaseModel):
    """A line of a receipt, as Stainless generates models."""

    product_id: str | None = Field(alias="productId", default=None)
    quantity: float | None = None
    decimal_points: float | None = Field(alias="decimalPoints", default=None)
    points: int | None = None
    score: int | None = None


class Receipt(openai.BaseModel):
    """A receipt, as Stainless generates models."""

    customer_id: str | None = Field(alias="customerId", default=None)
    redeemed_points: int | None = Field(alias="redeemedPoints", default=None)
    rewarded_points: int | None = Field(alias="rewardedPoints", default=None)
    line_items: list[ReceiptLine] | None = Field(alias="lineItems", default=None)


def _stainless_sender(client: openai.AsyncOpenAI) -> Send:
    orders = all_members()

    async def send(number: int) -> Receipt:
        return await client.post("/orders", body=orders[number], cast_to=Receipt)

    return send


def _coroutines(bench: Bench, url: str, tasks: Crowd, last: ExitStack) -> dict[str, Burst]:
    """Sides that send from one loop, httpx and ours as neighbours."""
    with_httpx = httpx.AsyncClient(headers=KEYS, limits=ROOM)
    stainless = openai.AsyncOpenAI(base_url=f"{url}{PREFIX}", api_key="none", default_headers=KEYS)
    client = client_of(url)
    for close in (with_httpx.aclose, stainless.close, client.aclose):
        tasks.at_end(close)
    sides = {
        "stainless": tasks.burst(_stainless_sender(stainless), TASKS, 320),
        "ours": tasks.burst(sender(client), TASKS, 2560),
        "httpx": tasks.burst(httpx_sender(with_httpx, url), TASKS, 160),
    }
    if bench.openapi is not None and last.enter_context(generated(bench.openapi)):
        made = generated_client(url, ROOM)
        tasks.at_end(made.get_async_httpx_client().aclose)
        sides["generated"] = tasks.burst(generated_sender(made), TASKS, 160)
    return sides


def _threads(bench: Bench, url: str, last: ExitStack) -> dict[str, Burst]:
    """Sides that send from threads."""
    threads = last.enter_context(ThreadPoolExecutor(TASKS))
    sessions = [last.enter_context(requests_session()) for _ in range(TASKS)]
    size = bench.size(320, TASKS)

    def burst(send: Callable[[int], Any]) -> Burst:
        return lambda: cpu(lambda: spread(threads, send, TASKS, size), size)

    return {
        "requests": burst(requests_sender(sessions, url)),
        "vendor": burst(vendor_sender(url)),
    }


@contextmanager
def contest(bench: Bench) -> Iterator[Contest]:
    """Sixteen calls at once."""
    with ExitStack() as last, serving(bench) as url, crowd(bench) as tasks:
        sides = {**_threads(bench, url, last), **_coroutines(bench, url, tasks, last)}
        yield Contest(sides, [_row(rival) for rival in _RIVALS if rival in sides])


def _row(rival: str) -> Row:
    name, times = _RIVALS[rival]
    return Row(
        question=f"track an order, {TASKS} at once",
        rival=name,
        ours="ours",
        theirs=rival,
        goal=Goal(3, 1 / times),
        plotted=True,
    )
