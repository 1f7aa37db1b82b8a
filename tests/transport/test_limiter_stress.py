"""Ten thousand calls at once: every window kept, everybody served or gone, shoppers hardly wait."""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections.abc import Sequence
from random import Random

import pytest

from gameball_async import (
    CashbackQuote,
    GameballClient,
    NotSentError,
    Order,
    OrderReceipt,
    RateLimits,
    RateLimitWaitError,
    Timeouts,
)
from gameball_async.config import Bucket, Priority, Window
from gameball_async.transport.http import Answer, Attempt, Request
from gameball_async.transport.limiter import Limiter, Permit, Ticket
from tests.clients import API_KEY, SECRET_KEY
from tests.virtual_time import VirtualClock, virtual

WINDOWS = (Window(30, 1.0), Window(360, 30.0))
INTERACTIVE, BACKGROUND = Priority.INTERACTIVE, Priority.BACKGROUND


def most_in(arrivals: Sequence[float], seconds: float) -> int:
    """The most that any stretch of so many seconds has seen."""
    times = sorted(arrivals)
    return max(n - bisect_left(times, at - seconds + 1e-9) + 1 for n, at in enumerate(times))


class Server:
    """Counts what arrives, answers, refuses now and then, and loses some."""

    def __init__(self, luck: Random) -> None:
        self.luck = luck
        self.arrivals: list[float] = []
        self.refused = 0

    async def serve(self, permit: Permit) -> None:
        """One request, from its sending to its end."""
        loop, luck = asyncio.get_running_loop(), self.luck
        permit.sent()
        await asyncio.sleep(luck.uniform(0.001, 1.9 if luck.random() < 0.01 else 0.1))
        self.arrivals.append(loop.time())
        await asyncio.sleep(luck.uniform(0.001, 0.1))
        if luck.random() < 0.001:
            self.refused += 1
            permit.refused(luck.choice((None, 2.0)))
        elif luck.random() < 0.02:
            permit.unanswered()
        else:
            permit.answered()


async def _waiter(server: Server, ticket: Ticket, granted: list[int], number: int) -> None:
    permit = await ticket.granted()
    granted.append(number)
    if permit.frozen:
        permit.unused()
        return
    if server.luck.random() < 0.02:
        permit.unused()
        return
    await server.serve(permit)


@virtual
async def test_ten_thousand_mixed_waiters_are_granted_or_gone_and_no_window_is_passed() -> None:
    luck = Random(4)
    limiter, server = Limiter(clock=VirtualClock()), Server(luck)
    limiter.attach()
    lines: dict[Priority, list[int]] = {INTERACTIVE: [], BACKGROUND: []}
    tasks: list[asyncio.Task[None]] = []
    priorities = [luck.choice((INTERACTIVE, BACKGROUND)) for _ in range(10_000)]
    for number, priority in enumerate(priorities):
        ticket = limiter.join(Bucket.ORDERS, priority)
        work = _waiter(server, ticket, lines[priority], number)
        tasks.append(asyncio.create_task(work))
    for _ in range(300):
        await asyncio.sleep(luck.random())
        for task in luck.choices(tasks, k=8):
            task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert most_in(server.arrivals, 1.0) <= 30
    assert most_in(server.arrivals, 30.0) <= 360
    for line in lines.values():
        assert sorted(line) == line, "first come, first served"
    assert server.refused > 0
    assert len(server.arrivals) > 6000
    await asyncio.sleep(40)
    orders = limiter.snapshot()[Bucket.ORDERS]
    assert [30, 360] == [window.free for window in orders.windows]
    assert 0 == sum(orders.waiting.values())


class Shop:
    """The API as a whole client sees it: counts arrivals, answers a while later."""

    def __init__(self) -> None:
        self.luck = Random(7)
        self.arrivals: dict[str, list[float]] = {"/orders": [], "/orders/cashback": []}
        self.at_once: dict[str, int] = {}

    async def send(self, request: Request, attempt: Attempt) -> Answer:
        attempt.on_connection()
        await asyncio.sleep(self.luck.uniform(0.005, 0.1))
        path = request.target.partition("integrations")[2]
        self.arrivals[path].append(asyncio.get_running_loop().time())
        await asyncio.sleep(self.luck.uniform(0.005, 0.1))
        return Answer(200, {}, b"{}")

    async def aclose(self) -> None:
        """Nothing is open."""


@virtual
async def test_behind_a_backfill_shoppers_hardly_wait_and_quotes_not_at_all() -> None:
    """A backfill of two minutes, and an order of a shopper now and then, within the reserve."""
    shop, luck, waits = Shop(), Random(11), list[float]()
    loop = asyncio.get_running_loop()
    async with GameballClient(
        API_KEY, SECRET_KEY, transport=shop, clock=VirtualClock(), max_in_flight=16
    ) as gameball:
        patient = gameball.with_options(priority="background", timeouts=Timeouts(total=3600))
        backfill = [
            asyncio.create_task(
                patient.orders.track(Order(customer_id=f"b{n}", order_id=f"b{n}", total_paid=1))
            )
            for n in range(1200)
        ]

        async def shopper(number: int) -> None:
            order = Order(customer_id=f"s{number}", order_id=f"s{number}", total_paid=1)
            assert isinstance(await gameball.orders.calculate_cashback(order), CashbackQuote)
            began = loop.time()
            assert isinstance(await gameball.orders.track(order), OrderReceipt)
            waits.append(loop.time() - began - 0.2)  # the longest that the shop itself takes

        shoppers = list[asyncio.Task[None]]()
        for number in range(120):
            shoppers.append(asyncio.create_task(shopper(number)))
            await asyncio.sleep(luck.uniform(0.2, 1.6))
        await asyncio.gather(*shoppers, *backfill)
    assert sorted(waits)[int(len(waits) * 0.99)] <= 0.2
    assert most_in(shop.arrivals["/orders"], 1.0) <= 30
    assert most_in(shop.arrivals["/orders"], 30.0) <= 360


@virtual
async def test_of_ten_thousand_orders_each_is_recorded_or_says_at_once_that_it_cannot_be() -> None:
    shop = Shop()
    loop = asyncio.get_running_loop()
    late = list[float]()
    async with GameballClient(
        API_KEY, SECRET_KEY, transport=shop, clock=VirtualClock(), max_in_flight=64
    ) as gameball:

        async def one(number: int) -> bool:
            order = Order(customer_id=f"c{number % 3000}", order_id=f"o{number}", total_paid=1)
            began = loop.time()
            try:
                await gameball.orders.track(order)
            except RateLimitWaitError:
                return False
            except NotSentError:
                late.append(loop.time() - began)
                return False
            return True

        done = await asyncio.gather(*(one(number) for number in range(10_000)))
        runtime = gameball._core._runtime
        assert runtime is not None
        assert 0 == len(runtime.lanes) == len(runtime.watch)
        assert 64 == runtime.slots.free
    assert sum(done) == len(shop.arrivals["/orders"])
    assert 700 <= sum(done) <= 1080, "a minute of quota, and what is under way at its end"
    assert all(seconds <= 60.3 for seconds in late)
    assert most_in(shop.arrivals["/orders"], 1.0) <= 30
    assert most_in(shop.arrivals["/orders"], 30.0) <= 360


@pytest.mark.parametrize("share", [1.0, 0.25])
@virtual
async def test_a_line_of_ten_thousand_never_stalls_behind_those_who_leave(share: float) -> None:
    luck = Random(9)
    limiter = Limiter(RateLimits.published(share), clock=VirtualClock())
    limiter.attach()
    granted = list[int]()

    async def wait(number: int) -> None:
        permit = await limiter.join(Bucket.ORDERS, INTERACTIVE).granted()
        granted.append(number)
        permit.sent()
        permit.answered()

    tasks = [asyncio.create_task(wait(number)) for number in range(10_000)]
    await asyncio.sleep(0)
    stay = {*luck.sample(range(10_000), 400)}
    for number in luck.sample(range(10_000), 10_000):
        if number not in stay:
            tasks[number].cancel()
        if number % 500 == 0:
            await asyncio.sleep(0.5)
    await asyncio.gather(*tasks, return_exceptions=True)
    assert stay <= {*granted}
