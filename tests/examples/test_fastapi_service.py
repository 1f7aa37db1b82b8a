"""The FastAPI service, through uvicorn and a real client."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import AsyncIterator
from types import ModuleType
from typing import Any

import pytest

from gameball_async import ClientClosedError, GameballClient, RateLimits
from gameball_async.sandbox import Fault, Sandbox
from tests.clients import API_KEY, SECRET_KEY, until
from tests.examples.shop_front import buy, deliver, new_webhook, points, told

uvicorn = pytest.importorskip("uvicorn", reason="the examples extra is not installed")


class Service:
    """The service as uvicorn runs it, with the clients that it has made."""

    def __init__(self, module: ModuleType) -> None:
        self.module = module
        self.clients: list[GameballClient] = []
        self.settings: dict[str, Any] = {}
        self.server = uvicorn.Server(
            uvicorn.Config(module.app, port=0, lifespan="on", ws="none", log_config=None)
        )
        self.url = ""

    def make_client(self, **settings: Any) -> GameballClient:
        self.settings = settings
        self.clients.append(GameballClient(**settings))
        return self.clients[-1]


@pytest.fixture
async def service(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Service]:
    assert sandbox.url
    monkeypatch.setenv("WEB_CONCURRENCY", "4")
    service = Service(importlib.import_module("fastapi_service"))
    monkeypatch.setattr(service.module, "GameballClient", service.make_client)
    serving = asyncio.create_task(service.server.serve())
    await until(lambda: service.server.started)
    port = service.server.servers[0].sockets[0].getsockname()[1]
    service.url = f"http://127.0.0.1:{port}"
    yield service
    service.server.should_exit = True
    await serving


async def test_an_order_is_rewarded_once_however_often_it_is_posted(
    service: Service, sandbox: Sandbox
) -> None:
    first = await buy(f"{service.url}/orders")
    again = await buy(f"{service.url}/orders")

    assert (200, 200) == (first.status, again.status)
    assert (False, 70, None) == told(first)
    assert (True, 70, None) == told(again)
    assert (170, 0) == points(sandbox)


async def test_a_basket_uses_its_points_and_its_coupons(service: Service, sandbox: Sandbox) -> None:
    paid = await buy(f"{service.url}/checkouts", points=50, coupons=["SUMMER50"])

    assert (False, 70, 50) == told(paid)
    assert (120, 0) == points(sandbox)
    assert 1 == sandbox.coupon_uses(API_KEY, "SUMMER50")


async def test_a_basket_with_an_unusable_coupon_gives_its_points_back(
    service: Service, sandbox: Sandbox
) -> None:
    refused = await buy(f"{service.url}/checkouts", points=50, coupons=["ONCE"])

    assert 409 == refused.status
    assert {"ONCE": "customerLimitReached"} == refused.body["reasons"]
    assert (100, 0) == points(sandbox)


async def test_a_basket_of_unknown_outcome_is_completed_as_an_order(
    service: Service, sandbox: Sandbox
) -> None:
    sandbox.fault(Fault.garbage(path="/orders", times=1, after=False))
    unknown = await buy(f"{service.url}/checkouts", points=50)
    held = points(sandbox)
    done = await buy(f"{service.url}/orders", redemption=unknown.body["redemption"])

    assert (503, "A-1", "1") == (unknown.status, unknown.body["id"], unknown.headers["Retry-After"])
    assert (100, 50) == held
    assert (False, 70, 50) == told(done)
    assert (120, 0) == points(sandbox)


async def test_keys_that_are_refused_are_not_the_shop_s_business(
    service: Service, sandbox: Sandbox
) -> None:
    sandbox.fault(Fault.answered(401, b'{"code": 1001, "message": "secretkey?"}', path="/orders"))
    refused = await buy(f"{service.url}/orders")

    assert (502, "the loyalty program is not available") == (refused.status, refused.body["error"])
    assert "secretkey" not in refused.text


async def test_an_order_without_an_id_is_refused_before_anything_is_sent(
    service: Service, sandbox: Sandbox
) -> None:
    assert 422 == (await buy(f"{service.url}/orders", order_id="")).status
    assert [] == list(sandbox.requests)


async def test_a_webhook_is_taken_once_and_again_when_its_work_has_failed(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"{service.url}/webhooks"
    webhook = new_webhook()
    inbox = importlib.import_module("webhook_inbox")
    with monkeypatch.context() as broken:
        broken.setattr(inbox, "work", lambda _: 1 // 0)
        failed = await deliver(url, webhook)

    assert [500, 200, 403] == [failed, await deliver(url, webhook), await deliver(url, webhook)]
    assert 403 == await deliver(url, new_webhook(), key=f"not-{SECRET_KEY}")


async def test_a_worker_makes_one_client_with_its_share_and_closes_it_at_the_end(
    service: Service,
) -> None:
    await buy(f"{service.url}/orders")
    await buy(f"{service.url}/orders", order_id="A-2")
    await service.server.shutdown()
    (client,) = service.clients

    assert {"rate_limits": RateLimits.published(share=1 / 4)} == service.settings
    with pytest.raises(ClientClosedError):
        await client.customers.balance("id123")
