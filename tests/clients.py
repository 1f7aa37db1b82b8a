"""Clients for tests: quick to retry, loud about events, and closed at the end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from gameball_async import GameballClient, LineItem, Order, RetryPolicy, Timeouts
from gameball_async.hooks import Event

API_KEY = "api-key-0123456789"
SECRET_KEY = "secret-key-9876543210"
QUICK = RetryPolicy(base=0.001, cap=0.002)
ORDER_DATE = datetime(2024, 10, 16, 8, 13, 29, 290_000, UTC)

T = TypeVar("T")


def order(order_id: str = "A-1", customer_id: str = "id123", **changes: Any) -> Order:
    members: dict[str, Any] = {
        "customer_id": customer_id,
        "order_id": order_id,
        "order_date": ORDER_DATE,
        "total_paid": 100,
        "line_items": [LineItem(product_id="197765", quantity=2, price=50)],
    }
    return Order(**{**members, **changes})


class Events(list[Event]):
    """A hook that remembers everything it hears."""

    def __call__(self, event: Event) -> None:
        self.append(event)

    def of(self, kind: type[T]) -> list[T]:
        return [event for event in self if isinstance(event, kind)]


@contextlib.asynccontextmanager
async def client(base_url: str, **settings: Any) -> AsyncIterator[GameballClient]:
    """A client with test keys; it retries within milliseconds."""
    given = {"api_key": API_KEY, "secret_key": SECRET_KEY, "retry": QUICK, **settings}
    async with GameballClient(base_url=base_url, **given) as gameball:
        yield gameball


async def until(condition: Callable[[], object], seconds: float = 5.0) -> None:
    """Wait until something becomes true."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.002)


SHORT = Timeouts(total=0.4)
