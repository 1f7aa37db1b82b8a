"""A desk that takes orders: a transport which answers after a while and remembers what it saw."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from gameball_async import Answer, Attempt, GameballClient, Lost, Order, Request, RetryPolicy
from tests.clients import API_KEY, ORDER_DATE, SECRET_KEY, order
from tests.virtual_time import VirtualClock

RECEIPT = Answer(200, {}, b'{"rewardedPoints": 100}')
REFUSED = Answer(422, {}, b'{"code": 9000, "message": "not now"}')
LOST = Lost(sent=True, kind="ServerDisconnectedError")

Reply = Answer | Lost | BaseException


class Desk:
    """Answers every order after *seconds*, each of *replies* to the order of that id."""

    def __init__(
        self,
        *,
        seconds: float = 0.1,
        slow: Mapping[str, float] | None = None,
        replies: Mapping[str, Reply] | None = None,
    ) -> None:
        self.seconds = seconds
        self.slow = dict(slow or {})
        self.replies = dict(replies or {})
        self.started: list[str] = []
        self.ended: list[str] = []
        self.bodies: list[dict[str, Any]] = []
        self.customers: list[str] = []
        """Those with an order on the wire."""
        self.most = 0
        self.overlaps = 0

    async def send(self, request: Request, attempt: Attempt) -> Answer | Lost:
        body = json.loads(request.body or b"{}")
        order_id, customer = body["orderId"], body["customerId"]
        self.bodies.append(body)
        self.started.append(order_id)
        self.overlaps += customer in self.customers
        self.customers.append(customer)
        self.most = max(self.most, len(self.customers))
        attempt.on_connection()
        try:
            await asyncio.sleep(self.slow.get(order_id, self.seconds))
        finally:
            self.customers.remove(customer)
        self.ended.append(order_id)
        reply = self.replies.get(order_id, RECEIPT)
        if isinstance(reply, BaseException):
            raise reply
        return reply

    def forget(self) -> None:
        """Remember nothing of what it saw."""
        for seen in (self.bodies, self.started, self.ended):
            seen.clear()

    async def aclose(self) -> None:
        """There is nothing to close."""


def client(desk: Desk, **settings: Any) -> GameballClient:
    given = {"rate_limits": None, "retry": RetryPolicy(attempts=1), **settings}
    return GameballClient(API_KEY, SECRET_KEY, transport=desk, clock=VirtualClock(), **given)


def numbered(number: int, customer: str | None = None, **changes: Any) -> Order:
    """The order with this number, of a customer of its own unless there is one given."""
    date = ORDER_DATE + timedelta(seconds=number)
    return order(f"A-{number}", customer or f"c-{number}", **{"order_date": date, **changes})
