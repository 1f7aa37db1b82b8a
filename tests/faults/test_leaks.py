"""Cancelled anywhere, again and again: nothing is held, and memory stays what it was."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import importlib
import os
import pkgutil
from functools import lru_cache, partial
from pathlib import Path
from random import Random

import pytest

import gameball_async
import gameball_sync
from gameball_async import GameballClient, GameballError, RateLimits
from gameball_async.transport.http import Answer, Attempt, Lost, Request
from tests.clients import API_KEY, SECRET_KEY, order, until
from tests.faults.driver import QuickClock

ANSWER = Answer(200, {}, b'{"customerId":"c","rewardedPoints":1,"holdReference":"h","count":1}')
BUSY = Answer(422, {}, b'{"code":2001}')
STATM = Path("/proc/self/statm")
SLOTS = 8
KIND = type(lru_cache(len))


class Moody:
    """Answers after some steps of the loop, or never, or loses the request."""

    def __init__(self, luck: Random) -> None:
        self._luck = luck
        self.under_way = 0

    async def send(self, _request: Request, attempt: Attempt) -> Answer | Lost:
        attempt.sent = False
        self.under_way += 1
        try:
            for step in range(self._luck.randrange(6)):
                await asyncio.sleep(0)
                if step == 1:
                    attempt.on_connection()
            if self._luck.random() < 0.2:
                raise ConnectionResetError("lost")
            return BUSY if self._luck.random() < 0.05 else ANSWER
        finally:
            self.under_way -= 1

    async def aclose(self) -> None:
        """Nothing is open."""


async def _one(client: GameballClient, luck: Random, number: int) -> None:
    """One call, which most often does not live to its end."""
    customer = f"c{number % 5000}"
    calls = (
        partial(client.orders.track, order(f"o-{number}", customer)),
        partial(client.transactions.hold, customer_id=customer, points_to_hold=1),
        partial(client.transactions.count, customer_id=customer),
        partial(client.customers.set_active, customer, is_active=True),
    )
    task: asyncio.Task[object] = asyncio.ensure_future(luck.choice(calls)())
    for _ in range(luck.randrange(24)):
        await asyncio.sleep(0)
    if luck.random() < 0.8:
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError, GameballError):
        await task


def _resident() -> int:
    """Pages of memory of this process; 0 where nobody tells."""
    gc.collect()
    if not STATM.exists():
        return 0
    return int(STATM.read_text("ascii").split()[1])


async def _whole(client: GameballClient, transport: Moody) -> None:
    """Wait until nothing of any call is left."""
    runtime, limiter = client._core._runtime, client.limiter
    assert runtime is not None
    assert limiter is not None
    await until(lambda: len(runtime.lanes) == 0)
    assert 0 == transport.under_way == len(runtime.watch) == len(runtime.tasks)
    assert SLOTS == runtime.slots.free
    assert {asyncio.current_task()} == asyncio.all_tasks()
    await until(
        lambda: all(
            window.free == window.limit
            for bucket in limiter.snapshot().values()
            for window in bucket.windows
        )
    )
    waiting = [sum(bucket.waiting.values()) for bucket in limiter.snapshot().values()]
    assert 0 == sum(waiting)


async def _storm(calls: int) -> list[int]:
    """Memory after each fifth of so many calls."""
    luck = Random(calls)
    transport, memory = Moody(luck), list[int]()
    async with GameballClient(
        API_KEY,
        SECRET_KEY,
        transport=transport,
        clock=QuickClock(),
        max_in_flight=SLOTS,
        rate_limits=RateLimits.published().scaled(10),
    ) as client:
        for fifth in range(5):
            numbers = iter(range(fifth * calls // 5, (fifth + 1) * calls // 5))

            async def work(numbers: object = numbers) -> None:
                for number in numbers:  # type: ignore[attr-defined]
                    await _one(client, luck, number)

            await asyncio.gather(*(work() for _ in range(32)))
            await _whole(client, transport)
            memory.append(_resident())
    return memory


async def test_after_a_thousand_cancels_everything_is_whole() -> None:
    await _storm(1500)


@pytest.mark.thorough
@pytest.mark.timeout(900)
async def test_after_a_hundred_thousand_calls_memory_is_what_it_was() -> None:
    memory = await _storm(int(os.environ.get("LEAK_CALLS") or 100_000))
    assert max(memory[1:]) <= 1.05 * memory[0], memory


def test_no_cache_of_the_package_grows_for_ever() -> None:
    endless: set[str] = set()
    for package in (gameball_async, gameball_sync):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if found.name.endswith("__main__"):
                continue
            members = vars(importlib.import_module(found.name)).items()
            caches = {name: it for name, it in members if isinstance(it, KIND)}
            endless |= {name for name, it in caches.items() if it.cache_info().maxsize is None}
    assert {"_checker"} == endless, "it has an entry for each class of requests"
