"""Ten thousand orders, and never a 429."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime

import pytest

from gameball_async import BulkReport, GameballClient, Order, RateLimits
from gameball_async.sandbox import Program, Sandbox
from gameball_async.sandbox.clock import SandboxClock
from tests.bulk.desk import numbered
from tests.clients import API_KEY, SECRET_KEY
from tests.virtual_time import VirtualClock, virtual

MANY = 10_000


def ten_thousand(start: int = 0, count: int = MANY) -> Iterator[Order]:
    return (numbered(n, f"c-{n % 300}") for n in range(start, start + count))


def refused(sandbox: Sandbox) -> int:
    return sum(record.status == 429 for record in sandbox.requests)


class Following(SandboxClock):
    """The sandbox's time is the loop's."""

    def now(self) -> datetime:
        return VirtualClock().now()


@pytest.mark.thorough
@pytest.mark.timeout(180)
async def test_ten_thousand_orders_in_a_hurry_never_see_a_429() -> None:
    sandbox = Sandbox(Program(limits=100), log_size=2 * MANY)
    limits = RateLimits.published().scaled(100)
    async with GameballClient(
        API_KEY, SECRET_KEY, transport=sandbox.transport(), rate_limits=limits
    ) as gameball:
        report = await gameball.orders.track_many(ten_thousand())
    assert BulkReport(pulled=MANY, tracked=MANY) == report
    assert (MANY, 0) == (len(sandbox.requests), refused(sandbox))


@pytest.mark.timeout(180)
@virtual
async def test_within_the_documented_limits_there_is_no_429_either() -> None:
    """Three minutes' worth: background work has nine tenths of twelve orders a second."""
    count = 2000
    sandbox = Sandbox(Program(limits="documented"), clock=Following(), log_size=2 * count)
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with GameballClient(
        API_KEY, SECRET_KEY, transport=sandbox.transport(), clock=VirtualClock()
    ) as gameball:
        report = await gameball.orders.track_many(ten_thousand(count=count))
    assert BulkReport(pulled=count, tracked=count) == report
    assert (count, 0) == (len(sandbox.requests), refused(sandbox))
    assert loop.time() - began < count / 12 / 0.9 * 1.01


@pytest.mark.parametrize("share", [pytest.param(1, id="alone"), pytest.param(0.25, id="of-four")])
@virtual
async def test_a_share_of_the_quota_is_kept_too(share: float) -> None:
    sandbox = Sandbox(Program(limits=share), clock=Following(), log_size=MANY)
    async with GameballClient(
        API_KEY,
        SECRET_KEY,
        transport=sandbox.transport(),
        clock=VirtualClock(),
        rate_limits=RateLimits.published(share),
    ) as gameball:
        report = await gameball.orders.track_many(ten_thousand(count=500))
    assert BulkReport(pulled=500, tracked=500) == report
    assert 0 == refused(sandbox)
