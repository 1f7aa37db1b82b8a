"""One client across event loops and forks: it works, or says at once why it cannot."""

from __future__ import annotations

import asyncio
import gc
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from gameball_async import GameballClient, Limiter, RateLimits, WrongEventLoopError
from gameball_async.transport import runtime
from gameball_async.transport.pool import Pool
from tests.clients import API_KEY, QUICK, SECRET_KEY, order, until
from tests.wire import Stall, Wire, json_reply, wire

COUNT = json_reply(count=1)
ROOT = Path(__file__).parent.parent


@contextmanager
def served() -> Iterator[Wire]:
    """A wire server on a loop and a thread of its own, so that it outlives the client's loops."""
    started, ended = threading.Event(), threading.Event()
    box: list[Wire] = []

    async def serve() -> None:
        async with wire(COUNT) as server:
            box.append(server)
            started.set()
            while not ended.is_set():  # noqa: ASYNC110 - the event belongs to a thread
                await asyncio.sleep(0.01)

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    started.wait()
    try:
        yield box[0]
    finally:
        ended.set()
        thread.join()


def make(server: Wire, **settings: Any) -> GameballClient:
    return GameballClient(API_KEY, SECRET_KEY, base_url=server.url, retry=QUICK, **settings)


def test_a_client_is_made_without_a_loop_and_serves_one_run_after_the_other() -> None:
    with served() as server:
        gameball = make(server)
        assert [1, 1, 1] == [asyncio.run(gameball.transactions.count()) for _ in range(3)]
        asyncio.run(gameball.aclose())
        assert 3 == len(server.seen) == server.connections


def test_connections_end_with_their_loop_without_a_warning() -> None:
    with served() as server:
        gameball = make(server)
        asyncio.run(gameball.transactions.count(), debug=True)
        gc.collect()
        deadline = threading.Event()
        for _ in range(500):
            if server.open == 0:
                break
            deadline.wait(0.01)
        assert 0 == server.open


def test_a_client_that_nobody_closed_is_collected_without_a_warning() -> None:
    with served() as server:

        async def use() -> None:
            await make(server).transactions.count()
            gc.collect()
            await asyncio.sleep(0.01)

        asyncio.run(use(), debug=True)
        gc.collect()


async def test_a_client_in_use_on_another_live_loop_says_so() -> None:
    async with wire(COUNT) as server, make(server) as gameball:
        await gameball.transactions.count()
        caught: list[BaseException] = []

        def elsewhere() -> None:
            for work in (gameball.transactions.count, gameball.aclose):
                try:
                    asyncio.run(work())
                except WrongEventLoopError as error:
                    caught.append(error)

        thread = threading.Thread(target=elsewhere)
        thread.start()
        await until(lambda: not thread.is_alive())
        assert ["another event loop", "close the client"] == [
            word
            for word, error in zip(("another event loop", "close the client"), caught, strict=True)
            if word in str(error)
        ]
        assert 1 == await gameball.transactions.count()


async def test_one_limiter_serves_the_clients_of_one_loop_and_refuses_a_second_live_one() -> None:
    limiter = Limiter(RateLimits.published())
    async with (
        wire(COUNT) as server,
        make(server, limiter=limiter) as one,
        make(server, limiter=limiter) as two,
    ):
        await one.transactions.count()
        await two.transactions.count()
        assert one.limiter is two.limiter is limiter
        caught: list[BaseException] = []

        def elsewhere() -> None:
            three = make(server, limiter=limiter)
            try:
                asyncio.run(three.transactions.count())
            except WrongEventLoopError as error:
                caught.append(error)

        thread = threading.Thread(target=elsewhere)
        thread.start()
        await until(lambda: not thread.is_alive())
        assert 1 == len(caught)


def test_closing_after_the_loop_has_gone_is_quiet() -> None:
    with served() as server:
        gameball = make(server)
        asyncio.run(gameball.transactions.count())
        asyncio.run(gameball.aclose())
        asyncio.run(gameball.aclose())


def in_a_child(work: Any) -> Any:
    """Run *work* in a forked child and return what it returns; never waits for ever."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(20)
        try:
            os.write(writer, json.dumps(work()).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        told = pipe.read()
    os.waitpid(child, 0)
    return json.loads(told)


def test_a_forked_child_starts_anew_and_its_parent_works_on() -> None:
    with served() as server:
        gameball = make(server)
        with asyncio.Runner() as runner:
            assert 1 == runner.run(gameball.transactions.count())

            def child() -> list[Any]:
                count = asyncio.run(gameball.transactions.count())
                gc.collect()
                assert gameball.limiter is not None
                bucket = gameball.limiter.snapshot()[next(iter(gameball.limiter.snapshot()))]
                return [count, len(bucket.windows)]

            assert 1 == in_a_child(child)[0]
            assert 1 == in_a_child(child)[0]
            assert 1 == runner.run(gameball.transactions.count())
            connections = server.connections
            assert 1 == runner.run(gameball.transactions.count())
            assert connections == server.connections, "the parent's connection still lives"
            runner.run(gameball.aclose())


def test_a_child_forked_with_a_call_under_way_is_free_of_it() -> None:
    with served() as server:
        gameball = make(server)

        async def parent() -> int:
            server.script = lambda _seen: Stall()
            stuck = asyncio.ensure_future(gameball.orders.track(order()))
            await until(lambda: server.seen)
            server.script = lambda _seen: COUNT

            def child() -> int:
                return asyncio.run(gameball.transactions.count(customer_id="id123"))

            assert 1 == in_a_child(child)
            stuck.cancel()
            return await gameball.transactions.count()

        assert 1 == asyncio.run(parent())


FORKED = """
import asyncio, gc, os, sys
from gameball_async import GameballClient, RetryPolicy, Timeouts
from tests.test_loops import served

with served() as server:
    settings = {"retry": RetryPolicy(attempts=1), "timeouts": Timeouts(total=5)}
    gameball = GameballClient("api-key", "secret-key", base_url=server.url, **settings)
    runner = asyncio.Runner()
    runner.run(gameball.transactions.count())
    child = os.fork()
    if child == 0:
        del runner
        gc.collect()
        sys.exit(0)
    assert os.waitpid(child, 0)[1] == 0
    runner.run(gameball.transactions.count())
    assert server.connections == 1, server.connections
    runner.run(gameball.aclose())
    runner.close()
"""


QUIET = """
import logging
logging.getLogger("asyncio").setLevel(logging.ERROR)  # it warns when a machine is slow
"""


def run_clean(script: str) -> None:
    """Run *script* in a Python of its own, in development mode, and let nothing be printed."""
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", QUIET + script],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert ("", "", 0) == (done.stdout, done.stderr, done.returncode)


def test_a_child_that_ends_in_the_ordinary_way_takes_nothing_from_its_parent() -> None:
    run_clean(FORKED)


def _count(url: str) -> int:
    return asyncio.run(
        GameballClient(API_KEY, SECRET_KEY, base_url=url, retry=QUICK).transactions.count()
    )


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_worker_processes_of_every_start_method(method: str) -> None:
    with served() as server:
        context = multiprocessing.get_context(method)
        with context.Pool(2) as pool:
            assert [1, 1, 1] == pool.map(_count, [server.url] * 3)


UNFINISHED = """
import asyncio
from gameball_async import GameballClient
from tests.wire import Stall, json_reply, wire

async def main():
    async with wire(json_reply(count=1)) as server:
        gameball = GameballClient("api-key", "secret-key", base_url=server.url)
        assert 1 == await gameball.transactions.count()
        server.script = lambda _seen: Stall()
        asyncio.ensure_future(gameball.transactions.count())
        await asyncio.sleep(0.05)

asyncio.run(main())
"""


def test_a_loop_that_ends_with_a_call_under_way_is_silent_in_development_mode() -> None:
    run_clean(UNFINISHED)


@pytest.mark.parametrize("limits", [RateLimits.published(), None], ids=["limited", "unlimited"])
async def test_what_a_child_inherits_is_kept_and_never_used_again(
    limits: RateLimits | None,
) -> None:
    """In this process, so that it can be looked at; the forks above do it for real."""
    async with wire(COUNT) as server, make(server, rate_limits=limits) as gameball:
        await gameball.transactions.count()
        inherited = gameball._core._runtime
        assert inherited is not None
        runtime._after_fork()
        assert any(kept is inherited for kept in runtime._inherited)
        assert gameball._core._runtime is None
        await gameball.transactions.count()
        assert 2 == server.connections
        assert gameball._core._runtime is not inherited
        await inherited.transport.aclose()


async def test_a_child_that_ends_the_loop_it_inherited_closes_no_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In this process too, where only the process id changes."""
    async with wire(COUNT) as server, make(server) as gameball:
        await gameball.transactions.count()
        inherited = gameball._core._runtime
        assert inherited is not None
        assert isinstance(inherited.transport, Pool)
        session = inherited.transport._session
        assert session is not None
        with monkeypatch.context() as child:
            child.setattr(os, "getpid", lambda: -1)
            await inherited.transport.aclose()
        assert not session.closed
        assert 1 == server.open
        await session.close()
