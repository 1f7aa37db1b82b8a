"""Many orders in a storm, run after run: each outcome is true, and in the end all are recorded."""

from __future__ import annotations

import asyncio
import os
from datetime import timedelta
from random import Random

import attrs
import pytest

from gameball_async import BulkOutcome, BulkResult, GameballClient, Order, RateLimits
from tests.clients import API_KEY, ORDER_DATE, SECRET_KEY
from tests.faults.driver import QuickClock
from tests.faults.server import Ledger, Weather, faulty
from tests.faults.test_faults import SEED
from tests.wire import Wire

RECORDED = {BulkResult.TRACKED, BulkResult.ALREADY_RECORDED}


def _weather(share: float) -> Weather:
    weather = Weather.of(share)
    return attrs.evolve(weather, faults={**weather.faults, "absurd": 0.0})


class Backfill:
    """Orders that are sent by one client after the other until all of them are recorded."""

    def __init__(self, seed: int, count: int) -> None:
        self.luck = Random(seed)
        self.ledger = Ledger(Random(seed + 1), _weather(0.4))
        self.results: dict[str, BulkResult] = {}
        self.orders = [
            Order(
                customer_id=f"c{n % 70}",
                order_id=f"o-{n}",
                total_paid=100,
                order_date=ORDER_DATE + timedelta(seconds=n) if n % 2 else None,
            )
            for n in range(count)
        ]
        self.lies: list[str] = []

    def applied(self, order: Order) -> int:
        return self.ledger.applied[f"POST /orders {order.order_id}"]

    def hear(self, outcome: BulkOutcome) -> None:
        """Compare an outcome with the ledger at once."""
        order, result = outcome.order, outcome.result
        self.results[order.order_id] = result
        if result in RECORDED and self.applied(order) != 1:
            self.lies.append(f"{order.order_id}: {result}, applied {self.applied(order)}")

    async def run(self, server: Wire, *, seconds: float | None, resend: bool) -> None:
        """Send what is not known to be recorded; killed after so many seconds."""
        left = [it for it in self.orders if self.results.get(it.order_id) not in RECORDED]
        async with GameballClient(
            API_KEY,
            SECRET_KEY,
            base_url=server.url,
            clock=QuickClock(),
            rate_limits=RateLimits.published().scaled(4),
        ) as client:
            task = asyncio.ensure_future(
                client.orders.track_many(
                    left, on_outcome=self.hear, stamp_dates=True, resend=resend, max_in_flight=48
                )
            )
            await asyncio.wait([task], timeout=seconds)
            task.cancel()
            await asyncio.wait([task])


async def _recorded_in_the_end(seed: int, count: int) -> Backfill:
    backfill = Backfill(seed, count)
    async with faulty(backfill.ledger) as server:
        await backfill.run(server, seconds=None, resend=False)
        await asyncio.sleep(1.0)  # for what is still late
        for order in backfill.orders:
            failed = backfill.results[order.order_id] is BulkResult.FAILED
            if failed and backfill.applied(order):
                backfill.lies.append(f"{order.order_id}: failed, and applied")
        for _ in range(4):
            seconds = backfill.luck.random() * count / 500
            await backfill.run(server, seconds=seconds, resend=True)
        backfill.ledger.weather = Weather()
        await asyncio.sleep(1.0)
        await backfill.run(server, seconds=None, resend=True)
    assert [] == backfill.lies, f"seed {seed}"
    assert {*backfill.results.values()} <= RECORDED, f"seed {seed}"
    assert [1] * count == [backfill.applied(order) for order in backfill.orders], f"seed {seed}"
    return backfill


@pytest.mark.thorough
@pytest.mark.timeout(600)
async def test_thousands_of_orders_in_a_storm_are_each_recorded_once_in_the_end() -> None:
    backfill = await _recorded_in_the_end(SEED, int(os.environ.get("FAULT_ORDERS") or 3000))
    assert backfill.ledger.struck.total() > 500


@pytest.mark.timeout(120)
async def test_a_hundred_orders_in_a_storm_are_each_recorded_once_in_the_end() -> None:
    await _recorded_in_the_end(SEED, 100)
