"""The program's settings and the clock refuse what cannot be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from gameball_async.sandbox import Program, Sandbox, SandboxClock


@pytest.mark.parametrize(
    "setting",
    [
        {"reward_wallet_factor": -1},
        {"amount_reward_threshold": 0},
        {"redemption_factor": 0},
        {"return_window_days": -1},
        {"hold_minutes": 0},
        {"lock_minutes": 0},
        {"points_expiry_days": 0},
        {"limits": "document"},
        {"limits": 0},
        {"merge": "phone"},
        {"pagination_order": "newest"},
        {"hold_amount_as": "text"},
        {"minimum_version": "v3"},
        {"limit_answer": "html"},
        {"refund_equivalent_as": "euros"},
        {"batch_seconds": 0},
        {"disabled": "off"},
    ],
    ids=str,
)
def test_settings_that_make_no_sense(setting: Any) -> None:
    with pytest.raises(ValueError, match=next(iter(setting))):
        Program(**setting)


def test_a_factor_is_exact_however_it_is_written() -> None:
    assert {Decimal("0.1")} == {
        Program(redemption_factor=factor).redemption_factor
        for factor in (0.1, "0.1", Decimal("0.1"))
    }


def test_a_frozen_clock_moves_by_hand_only() -> None:
    clock = SandboxClock(datetime(2024, 1, 1, 2, tzinfo=timezone(timedelta(hours=2))))
    assert datetime(2024, 1, 1, tzinfo=UTC) == clock.now() == clock.now()
    clock.advance(1.5)
    assert datetime(2024, 1, 1, 0, 0, 1, 500_000, tzinfo=UTC) == clock.now()
    assert UTC is clock.now().tzinfo


def test_a_real_clock_can_be_put_forward() -> None:
    clock = SandboxClock()
    before = datetime.now(UTC)
    clock.advance(3600)
    after = datetime.now(UTC) + timedelta(hours=1, minutes=1)
    assert before + timedelta(hours=1) <= clock.now() <= after


def test_points_are_not_given_below_zero() -> None:
    with pytest.raises(ValueError, match="points"):
        Sandbox().give("key", "c1", -1)


def test_a_clock_goes_forward_and_knows_its_zone() -> None:
    with pytest.raises(ValueError, match="forward"):
        SandboxClock().advance(-1)
    with pytest.raises(ValueError, match="aware"):
        SandboxClock(datetime(2024, 1, 1))  # noqa: DTZ001 - that is the point
