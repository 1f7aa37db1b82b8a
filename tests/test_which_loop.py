"""Which loop is running: the client is never mistaken, whatever loops and threads do."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import frozen

from gameball_async import GameballClient, Limiter, RateLimits, WrongEventLoopError
from gameball_async.transport import runtime
from tests.clients import API_KEY, QUICK, SECRET_KEY, order
from tests.test_loops import in_a_child, make, served
from tests.wire import Reply, Wire, json_reply

ROOT = Path(__file__).parent.parent


@pytest.fixture
def server() -> Iterator[Wire]:
    with served() as it:
        yield it


# One client for the whole module, as in users' suites; pytest-asyncio gives each test a new loop


@frozen
class Shared:
    server: Wire
    client: GameballClient


@pytest.fixture(scope="module")
def shared() -> Iterator[Shared]:
    with served() as server:
        client = make(server)
        yield Shared(server, client)
        asyncio.run(client.aclose())


@pytest.mark.parametrize("number", range(3))
async def test_a_client_of_the_module_serves_tests_that_each_have_a_loop(
    shared: Shared, number: int
) -> None:
    before = shared.server.connections
    assert 1 == await shared.client.transactions.count(customer_id=f"id{number}")
    assert before + 1 == shared.server.connections


# Loops that are not what they seem


def test_a_loop_that_is_busy_in_another_thread_is_not_taken_for_the_one_here(server: Wire) -> None:
    gameball = make(server)
    moved = asyncio.new_event_loop()
    moved.run_until_complete(gameball.transactions.count())
    busy, free = threading.Event(), threading.Event()

    async def hold_the_loop() -> None:
        busy.set()
        free.wait(10)

    thread = threading.Thread(target=moved.run_until_complete, args=(hold_the_loop(),))
    thread.start()
    busy.wait(10)
    try:
        with pytest.raises(WrongEventLoopError, match="another event loop"):
            asyncio.run(gameball.transactions.count())
    finally:
        free.set()
        thread.join()
        moved.run_until_complete(gameball.aclose())
        moved.close()
    assert 1 == len(server.seen)


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="a loop cannot be nested in a task there")
def test_a_loop_nested_in_a_task_of_another_is_told_apart(server: Wire) -> None:
    """Debuggers and notebooks run one loop inside the other, by this private function."""
    gameball = make(server)
    inner = asyncio.new_event_loop()

    async def outer() -> int:
        await gameball.transactions.count()
        running = asyncio.get_running_loop()
        asyncio._set_running_loop(None)
        try:
            with pytest.raises(WrongEventLoopError, match="another event loop"):
                inner.run_until_complete(gameball.transactions.count())
        finally:
            asyncio._set_running_loop(running)
        count = await gameball.transactions.count()
        await gameball.aclose()
        return count

    assert 1 == asyncio.run(outer())
    inner.close()
    assert 2 == len(server.seen)


def test_a_call_in_a_callback_that_is_no_task_says_so_at_once(server: Wire) -> None:
    told: list[str] = []

    async def main() -> int:
        async with make(server) as gameball:
            await gameball.transactions.count()
            call = gameball.transactions.count()

            def callback() -> None:
                try:
                    call.send(None)
                except RuntimeError as error:
                    told.append(str(error))

            asyncio.get_running_loop().call_soon(callback)
            await asyncio.sleep(0)
            return await gameball.transactions.count()

    assert 1 == asyncio.run(main())
    assert ["a call must be awaited inside a task"] == told


def test_a_call_without_any_loop_says_so_at_once(server: Wire) -> None:
    with pytest.raises(RuntimeError, match="no running event loop"):
        make(server).transactions.count().send(None)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="tasks are never eager there")
def test_calls_in_eager_tasks_are_calls_like_others(server: Wire) -> None:
    async def main() -> None:
        factory = getattr(asyncio, "eager_task_factory")  # noqa: B009 - not in 3.11
        asyncio.get_running_loop().set_task_factory(factory)
        async with make(server, max_in_flight=2) as gameball:
            tasks = [
                asyncio.create_task(gameball.orders.track(order(f"A-{n}", "id123")))
                for n in range(4)
            ]
            await asyncio.sleep(0)
            tasks[1].cancel()
            done = await asyncio.gather(*tasks, return_exceptions=True)
            kinds = ["OrderReceipt", "CancelledError", "OrderReceipt", "OrderReceipt"]
            assert kinds == [type(it).__name__ for it in done]
            assert 1 == await gameball.transactions.count()

    server.script = lambda _seen: json_reply(customerId="id123", rewardedPoints=1, count=1)
    asyncio.run(main())


# Two threads, each with a loop, and one client


RACE = """
import asyncio, sys, threading, time
from gameball_async import GameballClient, WrongEventLoopError
import gameball_async.client
began, ended, told = threading.Barrier(2), threading.Barrier(2), []
gameball = GameballClient("api-key", "secret-key", base_url=sys.argv[1], rate_limits=None)

async def main():
    began.wait(10)
    start = time.monotonic()
    try:
        told.append(await gameball.transactions.count())
    except WrongEventLoopError:
        assert time.monotonic() - start < 1
        told.append("refused")
    ended.wait(10)

threads = [threading.Thread(target=asyncio.run, args=(main(),)) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(*sorted(map(str, told)))
"""


def test_of_two_loops_that_begin_together_one_has_the_client(server: Wire) -> None:
    """The first call of a process loads aiohttp, which takes long enough for both to begin."""
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", RACE, server.url],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert (0, "1 refused\n") == (done.returncode, done.stdout)


@pytest.mark.parametrize("shared", ["client", "limiter"])
def test_what_one_thread_is_opening_another_waits_for_and_is_refused(
    server: Wire, shared: str
) -> None:
    limiter = Limiter(RateLimits.published())
    mine = make(server, limiter=limiter)
    other = mine if shared == "client" else make(server, limiter=limiter)
    told: list[object] = []

    def call() -> None:
        try:
            told.append(asyncio.run(other.transactions.count()))
        except WrongEventLoopError:
            told.append("refused")

    async def main() -> int:
        thread = threading.Thread(target=call)
        with runtime._opening:
            thread.start()
            thread.join(0.05)
            mine._core.runtime()
        thread.join(10)
        return await mine.transactions.count()

    assert 1 == asyncio.run(main())
    assert ["refused"] == told


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_fork_while_another_thread_opens_a_client_leaves_the_child_free_to(server: Wire) -> None:
    """The thread holds the lock for an instant; the fork waits for it, so that nobody is lost."""
    gameball = make(server)
    held, forked = threading.Event(), threading.Event()

    def hold() -> None:
        with runtime._opening:
            held.set()
            assert not forked.wait(0.05)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(10)
    child = in_a_child(lambda: asyncio.run(gameball.transactions.count()))
    forked.set()
    thread.join()
    assert 1 == child
    assert 1 == asyncio.run(gameball.transactions.count())


# Forks


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_client_that_was_never_used_works_on_both_sides_of_a_fork(server: Wire) -> None:
    gameball = make(server)
    assert 1 == in_a_child(lambda: asyncio.run(gameball.transactions.count()))
    assert 1 == asyncio.run(gameball.transactions.count())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_calls_that_are_under_way_at_a_fork_all_end_well_in_the_parent(server: Wire) -> None:
    async def main() -> list[int]:
        async with make(server) as gameball:
            server.script = lambda _seen: Reply(body=b'{"count": 1}', delay=0.1)
            calls = [asyncio.create_task(gameball.transactions.count()) for _ in range(20)]
            await asyncio.sleep(0.03)
            assert 1 == in_a_child(lambda: asyncio.run(gameball.transactions.count()))
            return await asyncio.gather(*calls)

    began = time.monotonic()
    assert [1] * 20 == asyncio.run(main())
    assert time.monotonic() - began < 5


def test_a_client_made_for_every_run_and_never_closed_leaves_no_connection(server: Wire) -> None:
    for _ in range(5):
        client = GameballClient(API_KEY, SECRET_KEY, base_url=server.url, retry=QUICK)
        assert 1 == asyncio.run(client.transactions.count())
    deadline = time.monotonic() + 5
    while server.open and time.monotonic() < deadline:
        time.sleep(0.01)
    assert 0 == server.open
