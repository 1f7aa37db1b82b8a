"""Webhooks on the wire: posted, verified by the client, and tried again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from gameball_async import CustomerNotification, ProfileUpdated, WebhookEvent, WebhookVerifier
from gameball_async.sandbox import Program, Sandbox, SandboxClock
from gameball_async.sandbox.server import Postman
from tests.sandbox.caller import KEY, NOW, SECRET, made

URL = "http://127.0.0.1:9/gameball"
"""Where nobody listens."""


class Receiver:
    """A web server that takes webhooks, or answers as it is told to."""

    def __init__(self, verifier: WebhookVerifier | None = None) -> None:
        self.url = ""
        self.verifier = verifier
        self.status: int = 200
        self.headers: dict[str, str] = {}
        self.taken: list[WebhookEvent] = []
        self.calls = 0
        self.came = asyncio.Event()
        self.gate: asyncio.Event | None = None

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        self.calls += 1
        self.came.set()
        if self.gate is not None:
            await self.gate.wait()
        body = await request.read()
        if self.status == 200 and self.verifier is not None:
            self.taken.append(self.verifier.verify(body, request.headers))
        return web.Response(status=self.status, headers=self.headers)


@asynccontextmanager
async def receiving(verifier: WebhookVerifier | None = None) -> AsyncIterator[Receiver]:
    receiver = Receiver(verifier)
    runner = web.ServerRunner(web.Server(receiver.answer, access_log=None), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/gameball"
    try:
        yield receiver
    finally:
        await runner.cleanup()


def order(order_id: str = "A", customer: str = "c1") -> Any:
    return made("POST", "/orders", {"customerId": customer, "orderId": order_id, "totalPaid": 100})


async def test_a_verified_receiver_reads_what_happened() -> None:
    clock = SandboxClock(NOW)
    program = Program(notify_of_points=True, points_name="نقاط")
    async with (
        receiving(WebhookVerifier(SECRET, clock=clock)) as receiver,
        Sandbox.serve(program, clock=clock) as sandbox,
    ):
        sandbox.subscribe(KEY, receiver.url)
        sandbox.handle(order(), clock.now())
        await sandbox.deliver()
        message, profile = receiver.taken
    assert isinstance(message, CustomerNotification)
    assert message.data is not None
    assert "You have earned 100 نقاط." == message.data[0].body
    assert isinstance(profile, ProfileUpdated)
    assert profile.data is not None
    assert ("c1", 15327001, 100, 0, 100) == (
        profile.customer_id,
        profile.gb_customer_id,
        profile.data.activated_points,
        profile.data.pending_points,
        profile.data.total_points,
    )


async def test_a_served_sandbox_sends_by_itself_and_again_when_its_clock_is_moved() -> None:
    clock = SandboxClock(NOW)
    async with receiving(WebhookVerifier(SECRET, clock=clock)) as receiver:
        receiver.status = 503
        program = Program(webhook_url=receiver.url)
        async with Sandbox.serve(program, clock=clock) as sandbox:
            sandbox.handle(order(), clock.now())
            await asyncio.wait_for(receiver.came.wait(), 5)
            await sandbox.deliver()
            assert [503] == [record.status for record in sandbox.webhooks]
            receiver.status = 200
            receiver.came.clear()
            clock.advance(300)
            await asyncio.wait_for(receiver.came.wait(), 5)
            await sandbox.deliver()
    assert [(1, 503), (2, 200)] == [(it.attempt, it.status) for it in sandbox.webhooks]
    assert 1 == len(receiver.taken)


async def test_a_receiver_that_fails_is_tried_four_times_and_then_given_up() -> None:
    clock = SandboxClock(NOW)
    async with receiving() as receiver, Sandbox.serve(clock=clock) as sandbox:
        receiver.status = 500
        sandbox.subscribe(KEY, receiver.url)
        sandbox.handle(order(), clock.now())
        calls: list[int] = []
        for minutes in (0, 5, 20, 60, 24 * 60):
            clock.advance(minutes * 60)
            await sandbox.deliver()
            calls.append(receiver.calls)
    assert [1, 2, 3, 4, 4] == calls
    assert None is sandbox.webhooks[-1].retry_at


async def test_a_sandbox_without_a_server_delivers_when_it_is_told_to() -> None:
    async with receiving() as receiver:
        sandbox = Sandbox(Program(webhook_url=receiver.url))
        sandbox.handle(order(), sandbox.clock.now())
        await sandbox.deliver()
        await sandbox.deliver()
    assert 1 == receiver.calls


async def test_nobody_at_home_is_an_attempt_without_an_answer() -> None:
    async with receiving() as receiver:
        url = receiver.url
    sandbox = Sandbox(Program(webhook_url=url))
    sandbox.handle(order(), sandbox.clock.now())
    await sandbox.deliver()
    assert [None] == [record.status for record in sandbox.webhooks]


async def test_a_receiver_that_takes_too_long_has_not_answered() -> None:
    async with receiving() as receiver:
        receiver.gate = asyncio.Event()
        sandbox = Sandbox(Program(webhook_url=receiver.url))
        sandbox.handle(order(), sandbox.clock.now())
        await Postman(sandbox, patience=0.05).deliver()
        receiver.gate.set()
    assert [(1, None)] == [(record.attempt, record.status) for record in sandbox.webhooks]


async def test_a_webhook_follows_no_redirect() -> None:
    async with receiving() as other, receiving() as receiver:
        receiver.status, receiver.headers = 307, {"Location": other.url}
        sandbox = Sandbox(Program(webhook_url=receiver.url))
        sandbox.handle(order(), sandbox.clock.now())
        await sandbox.deliver()
        assert (1, 0) == (receiver.calls, other.calls)
    assert [307] == [record.status for record in sandbox.webhooks]


async def test_a_webhook_under_way_when_the_sandbox_ends_comes_again() -> None:
    clock = SandboxClock(NOW)
    async with receiving() as receiver:
        receiver.gate = asyncio.Event()
        async with Sandbox.serve(Program(webhook_url=receiver.url), clock=clock) as sandbox:
            sandbox.handle(order(), clock.now())
            await asyncio.wait_for(receiver.came.wait(), 5)
        receiver.gate = None
        assert [(1, None)] == [(it.attempt, it.status) for it in sandbox.webhooks]
        clock.advance(300)
        async with sandbox.running():
            await sandbox.deliver()
    assert [(1, None), (2, 200)] == [(it.attempt, it.status) for it in sandbox.webhooks]


async def test_two_who_wait_for_delivery_post_it_once() -> None:
    async with receiving() as receiver, Sandbox.serve() as sandbox:
        sandbox.subscribe(KEY, receiver.url)
        for number in range(5):
            sandbox.handle(order(str(number)), sandbox.clock.now())
        await asyncio.gather(sandbox.deliver(), sandbox.deliver())
        assert 5 == receiver.calls == len(sandbox.webhooks)


def test_a_sandbox_that_was_served_delivers_on_another_loop() -> None:
    sandbox = Sandbox(Program(webhook_url=URL))

    async def two_who_wait() -> None:
        sandbox.handle(order(str(len(sandbox.webhooks))), sandbox.clock.now())
        await asyncio.gather(sandbox.deliver(), sandbox.deliver())

    async def served() -> None:
        async with sandbox.running():
            await two_who_wait()

    asyncio.run(served())
    asyncio.run(two_who_wait())
    assert [None, None] == [record.status for record in sandbox.webhooks]
