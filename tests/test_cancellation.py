"""A call cancelled after any of its steps leaves everything whole: tokens, lanes, slots, tasks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from gameball_async import GameballClient, RateLimits, RetryPolicy, Window
from gameball_async.hooks import CallAbandoned
from gameball_async.transport import lanes
from tests.clients import Events, client, order, until
from tests.wire import Drop, Reply, Seen, json_reply, refusal, sequence, wire

CALLS: dict[str, Callable[[GameballClient], Awaitable[Any]]] = {
    "read": lambda g: g.transactions.count(customer_id="id123"),
    "keyed": lambda g: g.orders.track(order()),
    "idempotent": lambda g: g.customers.set_active("id123", is_active=True),
    "unsafe": lambda g: g.transactions.hold(customer_id="id123", points_to_hold=5),
}
ANSWER = json_reply(count=1, customerId="id123", rewardedPoints=1, holdReference="h")
LIMITS = RateLimits.published().scaled(100)


@pytest.fixture(autouse=True)
def _lanes_reopen_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second for each of hundreds of cancels would take minutes."""
    monkeypatch.setattr(lanes, "REOPEN_AFTER", 0.002)


def free_tokens(gameball: GameballClient) -> list[int]:
    assert gameball.limiter is not None
    snapshot = gameball.limiter.snapshot()
    return [window.free for bucket in snapshot.values() for window in bucket.windows]


async def whole(gameball: GameballClient) -> None:
    """Wait until nothing of a call is left, and fail when something stays."""
    runtime = gameball._core._runtime
    assert runtime is not None
    await until(lambda: len(runtime.lanes) == 0)
    assert 0 == len(runtime.watch)
    assert 3 == runtime.slots.free
    assert set() == runtime.tasks
    session = getattr(runtime.transport, "_session", None)
    if session is not None:
        assert not session.connector._acquired


async def steps(call: Awaitable[Any], count: int) -> bool:
    """Run *call* for *count* rounds of the loop, then cancel it; False when it ended before."""
    task = asyncio.ensure_future(call)
    for _ in range(count):
        await asyncio.sleep(0)
        if task.done():
            break
    ended = task.done()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return not ended


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize(
    "script",
    [
        pytest.param([ANSWER], id="answered"),
        pytest.param([Drop(), Drop(), ANSWER], id="lost-and-repeated"),
        pytest.param([refusal(422, 2001), ANSWER], id="busy-and-repeated"),
    ],
)
async def test_cancelled_after_the_kth_step_nothing_is_lost(name: str, script: Any) -> None:
    quick = RetryPolicy(base=0.0001, cap=0.0002)
    async with (
        wire(ANSWER) as server,
        client(
            server.url, rate_limits=LIMITS, max_in_flight=3, retry=quick, hooks=[events := Events()]
        ) as gameball,
    ):
        await CALLS["read"](gameball)
        cancelled = 0
        for count in range(200):
            server.script = sequence(*script)
            if not await steps(CALLS[name](gameball), count):
                break
            cancelled += 1
            await whole(gameball)
        assert cancelled >= 3
        assert cancelled >= len(events.of(CallAbandoned)) >= cancelled - 2
        server.script = sequence(ANSWER)
        await asyncio.gather(*(call(gameball) for call in CALLS.values()))
        await whole(gameball)


async def test_after_cancels_every_token_comes_back() -> None:
    windows = (Window(20, 0.2),)
    limits = RateLimits(dict.fromkeys(LIMITS.windows, windows))
    slow = Reply(200, ANSWER.body, delay=0.01)
    async with (
        wire(slow) as server,
        client(server.url, rate_limits=limits, max_in_flight=3) as gameball,
    ):
        gameball.limiter._max_transit = 0.0  # type: ignore[union-attr]
        for count in range(15):
            calls = [CALLS[name](gameball) for name in CALLS]
            await asyncio.gather(*(steps(call, count * n) for n, call in enumerate(calls)))
        await until(lambda: set(free_tokens(gameball)) == {20}, 10)


async def test_cancelled_in_line_for_lane_limiter_and_slot() -> None:
    limits = RateLimits.published().override(orders=(Window(2, 30.0),))
    hold = asyncio.Event()

    def script(_seen: Seen) -> Reply:
        return Reply(200, ANSWER.body, delay=0 if hold.is_set() else 0.2)

    async with (
        wire(script=script) as server,
        client(server.url, rate_limits=limits, max_in_flight=1) as gameball,
    ):
        on_wire = asyncio.ensure_future(gameball.orders.track(order("A-1")))
        await until(lambda: server.seen)
        in_lane = asyncio.ensure_future(gameball.orders.track(order("A-2")))
        for_slot = asyncio.ensure_future(gameball.orders.track(order("B-1", "b")))
        for_token = asyncio.ensure_future(gameball.orders.track(order("C-1", "c")))
        await asyncio.sleep(0.02)
        waiting = (in_lane, for_slot, for_token)
        assert not any(call.done() for call in waiting)
        for call in waiting:
            call.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        await on_wire
        hold.set()
        assert 1 == len(server.seen)
        await gameball.orders.track(order("D-1", "d"))  # the slot-waiter's token is free again
        assert 2 == len(server.seen)
