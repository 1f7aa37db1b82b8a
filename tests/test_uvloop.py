"""The promises on the wire, on the other event loop that services run on."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine
from typing import Any

import pytest

from gameball_async import GameballClient, NotSentError, OutcomeUnknownError, WrongEventLoopError
from tests.clients import API_KEY, QUICK, SECRET_KEY, client, order
from tests.test_cancellation import CALLS, LIMITS, steps, whole
from tests.test_loops import in_a_child, make, served
from tests.wire import Drop, Stall, json_reply, refusal, sequence, wire

uvloop = pytest.importorskip("uvloop")
RECEIPT = json_reply(customerId="id123", rewardedPoints=1, count=1, holdReference="h")


def run(main: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main)


def test_a_lost_order_is_repeated_and_its_duplicate_is_a_success() -> None:
    async def main() -> None:
        rows = json_reply(transactions=[])
        script = sequence(Drop(), refusal(422, 9004), rows)
        async with wire(script=script) as server, client(server.url) as gameball:
            assert (await gameball.orders.track(order())).already_recorded
            assert 3 == len(server.seen)

    run(main())


def test_a_hold_whose_answer_was_lost_is_not_sent_again() -> None:
    async def main() -> None:
        async with wire(Drop()) as server, client(server.url) as gameball:
            with pytest.raises(OutcomeUnknownError):
                await gameball.transactions.hold(customer_id="c", points_to_hold=1)
            assert 1 == len(server.seen)

    run(main())


def test_nobody_listens_is_certain_to_be_unsent() -> None:
    async def main() -> None:
        async with wire() as server:
            url = server.url
        async with client(url) as gameball:
            with pytest.raises(NotSentError):
                await gameball.orders.track(order())

    run(main())


@pytest.mark.parametrize("name", CALLS)
def test_cancelled_after_the_kth_step_nothing_is_lost(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gameball_async.transport.lanes.REOPEN_AFTER", 0.002)

    async def main() -> None:
        async with (
            wire(RECEIPT) as server,
            client(server.url, rate_limits=LIMITS, max_in_flight=3) as gameball,
        ):
            await CALLS["read"](gameball)
            for count in range(60):
                if not await steps(CALLS[name](gameball), count):
                    break
                await whole(gameball)
            assert count > 3

    run(main())


def test_a_client_goes_from_one_loop_to_the_next_and_refuses_two_at_once() -> None:
    async def serve(gameball: GameballClient) -> None:
        await gameball.transactions.count()

    def end(loop: asyncio.AbstractEventLoop) -> None:
        """As `asyncio.run` does."""
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()

    async def main() -> None:
        async with wire(RECEIPT) as server:
            gameball = GameballClient(API_KEY, SECRET_KEY, base_url=server.url, retry=QUICK)
            first, second = uvloop.new_event_loop(), asyncio.new_event_loop()
            try:
                await asyncio.to_thread(first.run_until_complete, serve(gameball))
                with pytest.raises(WrongEventLoopError):
                    await asyncio.to_thread(second.run_until_complete, serve(gameball))
                await asyncio.to_thread(end, first)
                await asyncio.to_thread(second.run_until_complete, serve(gameball))
                await asyncio.to_thread(second.run_until_complete, gameball.aclose())
            finally:
                second.close()
            assert 2 == len(server.seen)

    run(main())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_parent_and_child_both_call_after_a_fork() -> None:
    with served() as server:
        gameball = make(server)

        def child() -> int:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                return runner.run(gameball.transactions.count())

        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            for _ in range(2):
                assert 1 == runner.run(gameball.transactions.count())
                assert 1 == in_a_child(child)
            assert 1 == runner.run(gameball.transactions.count())
            assert 3 == server.connections
            runner.run(gameball.aclose())


def test_closing_ends_what_is_on_the_wire(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gameball_async.transport.runtime.GRACE", 0.05)

    async def main() -> None:
        async with wire(Stall()) as server:
            gameball = GameballClient(API_KEY, SECRET_KEY, base_url=server.url)
            call = asyncio.create_task(gameball.orders.track(order()))
            while not server.seen:  # noqa: ASYNC110 - what is waited for has no event
                await asyncio.sleep(0.002)
            await gameball.aclose()
            with pytest.raises(OutcomeUnknownError):
                await call

    run(main())
