"""What the examples find: keys in the environment, a sandbox, and each other."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from gameball_async.sandbox import Coupon, Program, Sandbox
from tests.clients import API_KEY, SECRET_KEY
from tests.examples.shop_front import EXAMPLES

PROGRAM = Program(
    coupons=(
        Coupon(code="SUMMER50", type="percentage", value=50),
        Coupon(code="ONCE", type="percentage", value=5, limit_per_customer=0),
    )
)


@pytest.fixture
async def sandbox(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Sandbox]:
    """A Gameball that the environment names; id123 has 100 points."""
    monkeypatch.syspath_prepend(EXAMPLES)
    async with Sandbox.serve(PROGRAM) as sandbox:
        sandbox.give(API_KEY, "id123", 100)
        monkeypatch.setenv("GAMEBALL_BASE_URL", sandbox.url)
        monkeypatch.setenv("GAMEBALL_API_KEY", API_KEY)
        monkeypatch.setenv("GAMEBALL_SECRET_KEY", SECRET_KEY)
        yield sandbox
