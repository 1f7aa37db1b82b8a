"""Orders, checkouts and webhooks: ``uvicorn --app-dir examples fastapi_service:app``."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse
from http_answers import answer_to
from shop import Basket, Purchase, told
from webhook_inbox import Inbox

from gameball_async import GameballClient, GameballError, RateLimits


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, Any]]:
    """One client from start to end of a worker; all workers share the account's limits."""
    share = 1 / int(os.environ.get("WEB_CONCURRENCY", "1"))  # what uvicorn reads too
    async with GameballClient(rate_limits=RateLimits.published(share=share)) as gameball:
        yield {"gameball": gameball, "inbox": Inbox(os.environ["GAMEBALL_SECRET_KEY"])}


async def of_this_worker(request: Request) -> Any:
    """The client, where `Gameball` is asked for."""
    return request.state.gameball


app = FastAPI(lifespan=lifespan)
app.add_exception_handler(GameballError, lambda _, error: JSONResponse(*answer_to(error)))
Gameball = Annotated[GameballClient, Depends(of_this_worker)]


@app.post("/orders")
async def track(purchase: Purchase, gameball: Gameball) -> dict[str, Any]:
    """Reward an order, once, however often it is posted."""
    return told(await gameball.orders.track(purchase.order(), resend=True))


@app.post("/checkouts")
async def check_out(basket: Basket, gameball: Gameball) -> dict[str, Any]:
    """Redeem points and coupons; whatever fails on the way, none of them stays reserved."""
    async with gameball.checkout(basket.customer_id) as checkout:
        if basket.points:
            await checkout.hold_points(basket.points)
        if basket.coupons:
            await checkout.lock_coupons(basket.coupons)
        # Charge the card here: what it raises gives everything back.
        return told(await checkout.place(basket.order()))


@app.post("/webhooks")
async def receive(request: Request) -> None:
    """Pass the bytes on as they came; the proxy in front limits how many they are."""
    request.state.inbox.take(await request.body(), request.headers)
