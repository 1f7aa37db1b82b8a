"""The Django views, through a WSGI server in a process of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession
from attrs import define

from gameball_async.sandbox import Fault, Sandbox
from tests.examples.shop_front import EXAMPLES, buy, deliver, new_webhook, points, told

pytest.importorskip("django", reason="the examples extra is not installed")
SERVE = """
import atexit, signal, sys
from wsgiref.simple_server import make_server
from gameball_sync import ClientClosedError

@atexit.register
def at_the_very_end():
    try:
        django_view.gameball.customers.balance("id123")
    except ClientClosedError:
        print("the client is closed")

import django_view
from django.conf import settings
from django.core.wsgi import get_wsgi_application
settings.MIDDLEWARE = ["django.middleware.csrf.CsrfViewMiddleware"]  # as a project has it
settings.SECRET_KEY = "of-django"
signal.signal(signal.SIGTERM, lambda *_: sys.exit())
with make_server("127.0.0.1", 0, get_wsgi_application()) as server:
    print(server.server_port, flush=True)
    server.serve_forever()
"""


@define
class Worker:
    """A process that serves the views."""

    process: asyncio.subprocess.Process
    url: str

    async def stop(self) -> tuple[int | None, str, list[str]]:
        """End it as gunicorn does; its exit code, its last words and its complaints."""
        self.process.send_signal(signal.SIGTERM)
        printed, complaints = await self.process.communicate()
        lines = [line for line in complaints.decode().splitlines() if " HTTP/1.1" not in line]
        return self.process.returncode, printed.decode().strip(), lines


@pytest.fixture
async def worker(sandbox: Sandbox) -> AsyncIterator[Worker]:
    assert sandbox.url
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "error", "-c", SERVE),
        cwd=EXAMPLES,
        env={**os.environ, "WEB_CONCURRENCY": "4"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    port = (await process.stdout.readline()).decode().strip()
    worker = Worker(process, f"http://127.0.0.1:{port}")
    yield worker
    if process.returncode is None:
        await worker.stop()


async def looked_at(url: str) -> int:
    """The status of a GET."""
    async with ClientSession() as session, session.get(url) as answer:
        return answer.status


async def test_an_order_is_rewarded_once_and_the_worker_ends_without_a_complaint(
    worker: Worker, sandbox: Sandbox
) -> None:
    first = await buy(f"{worker.url}/orders")
    again = await buy(f"{worker.url}/orders")

    assert (False, 70, None) == told(first)
    assert (True, 70, None) == told(again)
    assert (170, 0) == points(sandbox)
    assert (0, "the client is closed", []) == await worker.stop()


async def test_what_is_refused_has_a_status_and_a_webhook_is_taken_once(
    worker: Worker, sandbox: Sandbox
) -> None:
    sandbox.fault(Fault.garbage(path="/orders"))
    nameless = await buy(f"{worker.url}/orders", customer_id="")
    unknown = await buy(f"{worker.url}/orders")
    webhook = new_webhook()
    url = f"{worker.url}/webhooks"

    assert 405 == await looked_at(f"{worker.url}/orders")
    assert 422 == nameless.status
    assert (503, "1") == (unknown.status, unknown.headers["Retry-After"])
    assert [200, 403] == [await deliver(url, webhook), await deliver(url, webhook)]
    assert 403 == await deliver(url, new_webhook(), key="another")
