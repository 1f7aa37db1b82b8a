"""The benchmarks run, take turns, and do their sums."""

from __future__ import annotations

import gc
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.bench import Bench, Cores, pin
from benchmarks.rounds import Burst, Contest, Goal, Ratio, Row, cpu, play, repeated
from benchmarks.table import cost

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def _the_suites_own_garbage_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Collecting it before every burst would take longer than all of these tests."""
    monkeypatch.setattr(gc, "collect", lambda: 0)


def costing(costs: list[float], name: str, log: list[str]) -> Burst:
    """A side whose bursts cost what they are told to, and are written down."""
    left = iter(costs)

    def burst() -> float:
        log.append(name)
        return next(left)

    return burst


def test_every_round_lets_each_side_run_once_and_another_side_begin() -> None:
    log: list[str] = []
    play(Contest({name: costing([1.0] * 4, name, log) for name in "abc"}, []), 3)

    warm_up, rounds = log[:3], log[3:]
    assert ["c", "a", "b"] == warm_up
    assert ["a", "b", "c", "b", "c", "a", "c", "a", "b"] == rounds


def test_ratios_are_taken_round_by_round_and_the_warm_up_is_forgotten() -> None:
    row = Row(question="?", rival="b", ours="a", theirs="b")
    sides = {
        "a": costing([1000.0, 1.0, 2.0, 9.0], "a", []),
        "b": costing([1.0, 2.0, 4.0, 3.0], "b", []),
    }

    (result,) = play(Contest(sides, [row]), 3)

    assert row == result.row
    assert (2.0, 3.0) == (result.ours, result.theirs)
    assert 0.5 == result.ratio.median


def test_nine_in_ten_rounds_lie_in_the_interval() -> None:
    ratio = Ratio.of([float(n) for n in range(101)], [100.0] * 101)

    assert pytest.approx((0.50, 0.05, 0.95)) == (ratio.median, ratio.low, ratio.high)


def test_a_single_round_is_its_own_interval() -> None:
    assert Ratio(0.5, 0.5, 0.5) == Ratio.of([1.0], [2.0])


@pytest.mark.parametrize(
    ("ratio", "goal", "verdict"),
    [
        pytest.param(Ratio(0.9, 0.8, 1.0), None, "no goal", id="there-is-nothing-to-reach"),
        pytest.param(Ratio(0.8, 0.7, 0.9), Goal(1, 0.8), "met", id="the-median-reaches-it"),
        pytest.param(
            Ratio(0.9, 0.8, 1.0), Goal(1, 0.8), "met (in noise)", id="only-the-interval-reaches-it"
        ),
        pytest.param(
            Ratio(0.9, 0.81, 1.0), Goal(1, 0.8), "missed", id="the-whole-interval-lies-beyond"
        ),
    ],
)
def test_verdict(ratio: Ratio, goal: Goal | None, verdict: str) -> None:
    assert verdict == ratio.verdict(goal)


def test_the_cost_is_that_of_one_piece() -> None:
    calls: list[None] = []

    assert 0 <= repeated(lambda: calls.append(None), 5)()
    assert 5 == len(calls)

    def work() -> int:
        return sum(range(200_000))

    whole, piece = cpu(work, 1), cpu(work, 1_000_000)
    assert 1000 < whole / piece


@pytest.mark.parametrize(
    ("smoke", "multiple", "size"),
    [
        pytest.param(False, 1, 1000, id="a-full-run-does-it-all"),
        pytest.param(True, 1, 50, id="a-smoke-run-does-a-twentieth"),
        pytest.param(True, 64, 64, id="every-task-gets-at-least-one"),
        pytest.param(False, 16, 992, id="every-task-gets-as-many"),
    ],
)
def test_size(smoke: bool, multiple: int, size: int) -> None:
    assert size == Bench(Cores(None, None), smoke=smoke).size(1000, multiple)


def test_a_process_that_cannot_be_pinned_runs_where_it_likes() -> None:
    assert not pin(0, None)
    assert not pin(0, 100_000)


@pytest.mark.parametrize(
    ("microseconds", "text"),
    [
        pytest.param(0.371, "0.37 us", id="a-grant"),
        pytest.param(61.7, "62 us", id="a-request"),
        pytest.param(331.2, "331 us", id="a-page"),
        pytest.param(157_000.0, "157 ms", id="an-import"),
    ],
)
def test_cost(microseconds: float, text: str) -> None:
    assert text == cost(microseconds)


def test_a_smoke_run_of_one_question_prints_its_rows() -> None:
    command = [sys.executable, "-m", "benchmarks", "--smoke", "--only", "limiter_grant"]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=30
    )

    assert (0, "") == (done.returncode, done.stderr)
    (row,) = (line for line in done.stdout.splitlines() if "waiters" in line and "Lock" in line)
    assert "limiter grant, 500 waiters" in row
    assert "no goal" in row
