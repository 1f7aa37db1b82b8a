"""The sandbox on aiohttp: it serves, and it posts its webhooks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final, TypeAlias

from aiohttp import ClientError, ClientSession, ClientTimeout, web

from gameball_async.sandbox.doors import exchange
from gameball_async.sandbox.service import Sandbox
from gameball_async.sandbox.webhooks import Delivery
from gameball_async.transport.http import Answer, Request

_LARGEST_BODY: Final = 32 * 1024 * 1024
_PATIENCE: Final = 0.5
"""Seconds that requests under way get when the server stops."""
_LOOK: Final = 0.02
"""Seconds from one look for webhooks to the next; the clock may be moved at any time."""

Delivering: TypeAlias = Callable[[], Awaitable[None]]


@asynccontextmanager
async def listening(
    sandbox: Sandbox, host: str, port: int
) -> AsyncGenerator[tuple[str, Delivering]]:
    """Serve *sandbox* on *host* and *port*; yield the URL, and what delivers webhooks at once."""

    async def answer(incoming: web.BaseRequest) -> web.StreamResponse:
        return await _answer(sandbox, incoming)

    runner = web.ServerRunner(web.Server(answer, access_log=None), shutdown_timeout=_PATIENCE)
    await runner.setup()
    postman = Postman(sandbox)
    rounds = asyncio.create_task(postman.make_rounds())
    try:
        await web.TCPSite(runner, host, port).start()
        bound = runner.addresses[0]
        host = f"[{bound[0]}]" if ":" in bound[0] else bound[0]
        yield f"http://{host}:{bound[1]}", postman.deliver
    finally:
        rounds.cancel()
        await asyncio.wait([rounds])
        await runner.cleanup()


class Postman:
    """Posts the webhooks that are due, in their order.

    Args:
        sandbox: Whose webhooks.
        patience: Seconds that a receiver has for its answer; the vendor's are not documented.
    """

    def __init__(self, sandbox: Sandbox, *, patience: float = 10.0) -> None:
        self._sandbox = sandbox
        self._timeout = ClientTimeout(total=patience)
        self._turn = asyncio.Lock()

    async def make_rounds(self) -> None:
        """Post whatever becomes due, until cancelled."""
        while True:
            await self.deliver()
            await asyncio.sleep(_LOOK)

    async def deliver(self) -> None:
        """Post everything that is due by now."""
        async with self._turn:
            delivery = self._sandbox.take_webhook()
            if delivery is None:
                return
            async with ClientSession(timeout=self._timeout) as session:
                while delivery is not None:
                    await self._post(session, delivery)
                    delivery = self._sandbox.take_webhook()

    async def _post(self, session: ClientSession, delivery: Delivery) -> None:
        """Post once; whatever is lost, cancelled or late was not answered."""
        status = None
        try:
            async with session.post(
                delivery.url, data=delivery.body, headers=delivery.headers, allow_redirects=False
            ) as response:
                status = response.status
        except (ClientError, TimeoutError):
            pass
        finally:
            self._sandbox.answered(delivery, status)


async def _answer(sandbox: Sandbox, incoming: web.BaseRequest) -> web.StreamResponse:
    """Answer one request, in full, in half or not at all."""
    body = await _whole_body(incoming)
    headers = {name.lower(): value for name, value in incoming.headers.items()}
    request = Request(incoming.method, incoming.raw_path, headers, body or None)
    outcome = await exchange(sandbox, request)
    if isinstance(outcome, Answer):
        return _response(outcome)
    response = web.StreamResponse()
    if outcome.answer is not None:
        response = await _send_half(incoming, outcome.answer)
    incoming.protocol.force_close()
    return response


async def _whole_body(incoming: web.BaseRequest) -> bytes:
    """The body, at most 32 MiB of it."""
    body = bytearray()
    async for chunk in incoming.content.iter_any():
        body += chunk
        if len(body) > _LARGEST_BODY:
            raise web.HTTPRequestEntityTooLarge(_LARGEST_BODY, len(body))
    return bytes(body)


def _response(answer: Answer) -> web.Response:
    return web.Response(status=answer.status, headers=answer.headers, body=answer.body)


async def _send_half(incoming: web.BaseRequest, answer: Answer) -> web.StreamResponse:
    """Announce the whole body and send a half of it."""
    response = web.StreamResponse(status=answer.status, headers=answer.headers)
    response.content_length = len(answer.body)
    await response.prepare(incoming)
    await response.write(answer.body[: len(answer.body) // 2])
    return response


async def serve_until(stop: asyncio.Event, sandbox: Sandbox, host: str, port: int) -> None:
    """Serve *sandbox*, print its URL on a line of its own, and end when *stop* is set."""
    async with sandbox.running(host=host, port=port) as url:
        print(url, flush=True)  # noqa: T201 - the promise of the command
        await stop.wait()
