"""The aiohttp service, through a real server and a real client."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from gameball_async import Bucket, ClientClosedError
from gameball_async.sandbox import Fault, Sandbox
from tests.examples.shop_front import buy, deliver, new_webhook, points, told


@pytest.fixture
def example(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Any:
    assert sandbox.url
    monkeypatch.setenv("PROCESSES", "2")
    pytest.importorskip("pydantic", reason="the examples extra is not installed")
    return importlib.import_module("aiohttp_service")


@contextlib.asynccontextmanager
async def served(app: web.Application) -> AsyncIterator[str]:
    """Run a service; yields where."""
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def test_an_order_is_rewarded_once_however_often_it_is_posted(
    example: Any, sandbox: Sandbox
) -> None:
    async with served(example.service()) as url:
        first = await buy(f"{url}/orders")
        again = await buy(f"{url}/orders")

    assert (False, 70, None) == told(first)
    assert (True, 70, None) == told(again)
    assert (170, 0) == points(sandbox)


async def test_what_is_refused_has_a_status_and_a_reason(example: Any, sandbox: Sandbox) -> None:
    sandbox.fault(Fault.too_many_requests(path="/orders", retry_after=120))
    async with served(example.service()) as url:
        nameless = await buy(f"{url}/orders", customer_id="")
        large = await buy(f"{url}/orders", customer_id="x" * 64 * 1024)
        limited = await buy(f"{url}/orders")

    assert (422, ["customer_id"]) == (nameless.status, nameless.body["error"][0]["loc"])
    assert 413 == large.status
    assert (503, "nothing has happened: post the same again") == (
        limited.status,
        limited.body["error"],
    )


async def test_a_webhook_is_taken_once_and_only_from_gameball(example: Any) -> None:
    webhook = new_webhook()
    async with served(example.service()) as url:
        first = await deliver(f"{url}/webhooks", webhook)
        again = await deliver(f"{url}/webhooks", webhook)
        forged = await deliver(f"{url}/webhooks", new_webhook(), key="another")

    assert [200, 403, 403] == [first, again, forged]


async def test_the_client_has_its_share_and_is_closed_with_the_service(example: Any) -> None:
    app = example.service()
    async with served(app):
        client = app[example.GAMEBALL]
        limits = [window.limit for window in client.limiter.snapshot()[Bucket.ORDERS].windows]

    assert [15, 180] == limits, "half of 30 a second and of 360 in 30 seconds"
    with pytest.raises(ClientClosedError):
        await client.customers.balance("id123")
