"""Orders and webhooks in aiohttp: ``python examples/aiohttp_service.py``."""

import os
from collections.abc import AsyncIterator

from aiohttp import web
from aiohttp.typedefs import Handler
from http_answers import REFUSALS, answer_to
from shop import Purchase, told
from webhook_inbox import Inbox

from gameball_async import GameballClient, RateLimits

GAMEBALL = web.AppKey("GAMEBALL", GameballClient)
INBOX = web.AppKey("INBOX", Inbox)


async def client(app: web.Application) -> AsyncIterator[None]:
    """One client from start to end of a process; all processes share the account's limits."""
    share = 1 / int(os.environ.get("PROCESSES", "1"))
    async with GameballClient(rate_limits=RateLimits.published(share=share)) as gameball:
        app[GAMEBALL] = gameball
        yield


@web.middleware
async def refuse(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer what the handlers raise."""
    try:
        return await handler(request)
    except REFUSALS as error:
        body, status, headers = answer_to(error)
        return web.json_response(body, status=status, headers=headers)


async def track(request: web.Request) -> web.Response:
    """Reward an order, once, however often it is posted."""
    order = Purchase.model_validate_json(await request.read()).order()
    receipt = await request.app[GAMEBALL].orders.track(order, resend=True)
    return web.json_response(told(receipt))


async def receive(request: web.Request) -> web.Response:
    """Pass the bytes of a webhook on as they came."""
    request.app[INBOX].take(await request.read(), request.headers)
    return web.Response()


def service() -> web.Application:
    """The application; a body of more than 64 KiB is refused."""
    app = web.Application(middlewares=[refuse], client_max_size=64 * 1024)
    app[INBOX] = Inbox(os.environ["GAMEBALL_SECRET_KEY"])
    app.cleanup_ctx.append(client)
    app.add_routes([web.post("/orders", track), web.post("/webhooks", receive)])
    return app


if __name__ == "__main__":
    web.run_app(service())
