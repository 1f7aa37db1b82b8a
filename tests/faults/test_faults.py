"""Nothing lost, nothing twice: what the client says of a call is true, whatever happens to it.

``FAULT_SEED=17 FAULT_CALLS=100000 python -m pytest -m thorough tests/faults`` makes the choices of
a run again, or a longer one; when things happen is up to the machine. ``--log-cli-level=INFO``
shows what happened.
"""

from __future__ import annotations

import logging
import os
import secrets

import pytest

from tests.faults.run import Run
from tests.faults.server import TROUBLES, Weather

log = logging.getLogger(__name__)
ELSEWHERE = ("turned away", "overlap", "odd refusal", "lagging list")
SEED = int(os.environ.get("FAULT_SEED") or secrets.randbelow(10**9))


@pytest.mark.timeout(120)
@pytest.mark.parametrize("seed", [1, SEED], ids=["known", "random"])
async def test_in_a_storm_no_call_is_told_wrongly(seed: int) -> None:
    run = Run(seed, Weather.of(0.4), calls=300)
    ledger = await run.perform()
    assert len(ledger.struck) > len(TROUBLES) / 2
    assert {"applied", "unknown"} <= {*run.tally.outcomes}


@pytest.mark.thorough
@pytest.mark.timeout(1800)
async def test_through_ten_thousand_calls_in_a_storm_no_call_is_told_wrongly() -> None:
    run = Run(SEED, Weather.of(0.4), calls=int(os.environ.get("FAULT_CALLS") or 10_000))
    ledger = await run.perform()
    log.info("seed %d: %s, %d faults", SEED, run.tally.outcomes, ledger.struck.total())
    rare = {"absurd"}
    assert {*TROUBLES, *ELSEWHERE} - rare <= {*ledger.struck}


@pytest.mark.thorough
@pytest.mark.timeout(600)
async def test_while_one_request_in_twenty_fails_hardly_any_keyed_write_stays_in_doubt() -> None:
    weather = Weather.of(0.05, readable=True)
    run = Run(SEED, weather, calls=5000, cancels=0.0, restarts=False)
    await run.perform()
    log.info("seed %d: %d of %d in doubt", SEED, run.tally.unknown_keyed, run.tally.keyed)
    log.info("%d attempts, %d faults", run.tally.attempts, run.ledger.struck.total())
    assert run.tally.unknown_keyed < 0.01 * run.tally.keyed
