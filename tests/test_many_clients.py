"""Several clients of one account: in one process, in several, and beside a stranger."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections import deque
from datetime import timedelta

import pytest

from gameball_async import GameballClient, RateLimits
from gameball_async.hooks import BucketFrozen
from gameball_async.sandbox import Program, Sandbox
from gameball_async.transport.limiter import Limiter
from tests.clients import API_KEY, SECRET_KEY, Events, client, order
from tests.faults.driver import QuickClock
from tests.wire import Reply, Seen, json_reply, wire

WORKER = """
import asyncio, sys, time
from gameball_async import GameballClient, LineItem, Order, RateLimits, RequestFinished
url, name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
seen = []
def hook(event):
    if isinstance(event, RequestFinished):
        seen.append(event.status)
async def main():
    limits = RateLimits.published(share=1 / 4)
    async with GameballClient("k-account", "s-account", base_url=url, rate_limits=limits,
                              hooks=[hook]) as gameball:
        await asyncio.gather(*(
            gameball.orders.track(Order(customer_id=f"{name}-{n}", order_id=f"{name}-{n}",
                                        total_paid=1))
            for n in range(count)))
    print(sum(status == 429 for status in seen), len(seen))
asyncio.run(main())
"""


async def _worker(url: str, number: int, count: int) -> tuple[int, int]:
    """Run a worker process; answers of 429, and answers in all."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        WORKER,
        url,
        f"w{number}",
        str(count),
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    assert 0 == process.returncode
    refused, answered = map(int, out.split())
    return refused, answered


@pytest.mark.thorough
@pytest.mark.timeout(120)
async def test_four_processes_that_share_the_limits_never_see_a_429() -> None:
    """Each of them wants all it can get, for longer than the short window and the burst last."""
    async with Sandbox.serve(Program(limits="documented")) as sandbox:
        told = await asyncio.gather(*(_worker(sandbox.url, n, 100) for n in range(4)))
    assert [(0, 100)] * 4 == told


async def test_two_clients_with_one_limiter_stay_within_the_limits_when_one_is_closed() -> None:
    arrivals = deque[float]()
    loop = asyncio.get_running_loop()

    def script(_seen: Seen) -> Reply:
        arrivals.append(loop.time())
        return json_reply(customerId="c")

    limiter = Limiter(RateLimits.published().scaled(1 / 3))
    async with wire(script=script) as server, client(server.url, limiter=limiter) as stays:
        async with client(server.url, limiter=limiter) as leaves:
            calls = [
                (stays, leaves)[n % 2].orders.track(order(f"o-{n}", f"c-{n}")) for n in range(14)
            ]
            await asyncio.gather(*calls)
        await asyncio.gather(*(stays.orders.track(order(f"p-{n}", f"c-{n}")) for n in range(8)))
    starts = [*arrivals]
    assert 22 == len(starts)
    assert all(late - early >= 1.0 for early, late in zip(starts, starts[10:], strict=False))


async def test_a_stranger_on_the_same_account_freezes_the_bucket_and_is_said_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What another program takes of the quota shows as answers of 429, to many calls at once."""
    refusals = 6

    def script(_seen: Seen) -> Reply:
        nonlocal refusals
        refusals -= 1
        return Reply(429, b"", delay=0.02) if refusals >= 0 else json_reply(customerId="c")

    with caplog.at_level(logging.WARNING, "gameball_async"):
        async with (
            wire(script=script) as server,
            client(server.url, hooks=[events := Events()]) as it,
        ):
            await asyncio.gather(*(it.orders.track(order(f"o-{n}", f"c-{n}")) for n in range(6)))
    assert 12 == len(server.seen)
    frozen = events.of(BucketFrozen)
    assert [("orders", 1.0)] == [(it.bucket, it.seconds) for it in frozen]
    (line,) = caplog.messages
    assert "orders" in line
    assert "1.0" in line


async def test_a_freeze_that_its_probe_finds_again_is_said_again() -> None:
    refusals = 2

    def script(_seen: Seen) -> Reply:
        nonlocal refusals
        refusals -= 1
        return Reply(429, b"") if refusals >= 0 else json_reply(customerId="c")

    async with (
        wire(script=script) as server,
        client(server.url, hooks=[events := Events()], clock=QuickClock()) as it,
    ):
        await it.orders.track(order())
    assert [1.0, 2.0] == [event.seconds for event in events.of(BucketFrozen)]


def test_a_limiter_outlives_the_loops_of_its_clients() -> None:
    """Two runs one after the other are one account: the second waits for what the first took."""
    limiter = Limiter(RateLimits.published().scaled(1 / 6))
    arrivals = list[float]()

    async def run() -> None:
        loop = asyncio.get_running_loop()

        def script(_seen: Seen) -> Reply:
            arrivals.append(loop.time())
            return json_reply(customerId="c")

        async with wire(script=script) as server:
            gameball = GameballClient(API_KEY, SECRET_KEY, base_url=server.url, limiter=limiter)
            async with gameball:
                await asyncio.gather(
                    *(gameball.orders.track(order(f"o-{n}", f"c-{n}")) for n in range(4))
                )

    asyncio.run(run())
    asyncio.run(run())
    assert 8 == len(arrivals)
    assert timedelta(seconds=arrivals[5] - arrivals[0]) >= timedelta(seconds=1)
