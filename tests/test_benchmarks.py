"""The benchmarks run, take turns, and do their sums."""

from __future__ import annotations

import gc
import subprocess
import sys
from itertools import islice
from mmap import mmap
from pathlib import Path

import cattrs
import orjson
import pytest

from benchmarks import memory
from benchmarks.bench import Bench, Cores, pin
from benchmarks.limiter_quota import (
    BOTH,
    ONE,
    SEEDS,
    Acquire,
    End,
    Setting,
    StrictWindows,
    Windows,
    oracle,
    refused,
    refused_percent,
    simulate,
    used_percent,
)
from benchmarks.plot import draw
from benchmarks.results import Run
from benchmarks.rounds import (
    Burst,
    Contest,
    Goal,
    Result,
    Row,
    Spread,
    cpu,
    in_turn,
    play,
    repeated,
)
from benchmarks.sandbox_speed import new_orders
from benchmarks.table import figure, markdown, ratio
from gameball_async import GameballClient, Window
from gameball_async.sandbox import Sandbox

ROOT = Path(__file__).parent.parent
FLOOR = Goal(11, 96, least=True)


@pytest.fixture(autouse=True)
def _the_suites_own_garbage_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Collecting it before every burst would take longer than all of these tests."""
    for name in ("unfreeze", "collect", "freeze"):
        monkeypatch.setattr(gc, name, lambda: None)


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
    assert 0.5 == result.spread.median
    assert 3 == result.rounds


def test_a_side_alone_is_its_own_figure() -> None:
    row = Row(question="?", ours="a", unit="MB")

    (result,) = play(Contest({"a": costing([9.0, 1.0, 3.0, 2.0], "a", [])}, [row]), 3)

    assert (2.0, None, 2.0) == (result.ours, result.theirs, result.spread.median)


@pytest.mark.skipif(not memory.STATM.exists(), reason="there is no /proc")
def test_memory_that_grew_by_less_than_a_page_has_a_figure_all_the_same() -> None:
    assert 0 < memory.grown_since(memory.resident() + 10**9) < 10**6


def test_a_burst_pays_for_no_garbage_but_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    log: list[str] = []
    for name in ("unfreeze", "collect", "freeze"):
        monkeypatch.setattr(gc, name, lambda name=name: log.append(name))
    play(Contest({"a": costing([1.0] * 2, "a", log)}, []), 1)

    assert ["unfreeze", "collect", "freeze", "a"] * 2 + ["unfreeze"] == log


def test_a_contest_may_ask_for_fewer_rounds() -> None:
    log: list[str] = []
    contest = Contest({"a": costing([1.0] * 3, "a", log)}, [Row(question="?", ours="a")], 2)

    assert 2 == play(contest, 15)[0].rounds
    assert 3 == len(log)


def test_figures_in_turn_are_taken_once_and_the_warm_up_is_the_last_rounds() -> None:
    taken: list[int] = []

    def figure(turn: int) -> float:
        taken.append(turn)
        return 10.0 + turn

    (result,) = play(Contest({"a": in_turn(figure, 3)}, [Row(question="?", ours="a")], 3), 15)

    assert [0, 1, 2] == taken
    assert (11.0, 3) == (result.ours, result.rounds)


def test_a_contest_without_sides_has_no_results() -> None:
    assert [] == play(Contest({}, []), 3)


def test_nine_in_ten_rounds_lie_in_the_interval() -> None:
    spread = Spread.of([n / 100 for n in range(101)])

    assert pytest.approx((0.50, 0.05, 0.95)) == (spread.median, spread.low, spread.high)


def test_a_single_round_is_its_own_interval() -> None:
    assert Spread(0.5, 0.5, 0.5) == Spread.of([0.5])


@pytest.mark.parametrize(
    ("spread", "goal", "verdict"),
    [
        pytest.param(Spread(0.8, 0.7, 0.9), Goal(1, 0.8), "met", id="the-median-reaches-it"),
        pytest.param(
            Spread(0.9, 0.8, 1.0), Goal(1, 0.8), "met (in noise)", id="only-the-interval-reaches-it"
        ),
        pytest.param(
            Spread(0.9, 0.81, 1.0), Goal(1, 0.8), "missed", id="the-whole-interval-lies-beyond"
        ),
        pytest.param(
            Spread(1.1, 1.0, 1.2), Goal(1, 0.8, left_at=1.0), "left", id="it-is-where-it-was-left"
        ),
        pytest.param(
            Spread(1.1, 1.01, 1.2), Goal(1, 0.8, left_at=1.0), "missed", id="it-has-become-worse"
        ),
        pytest.param(Spread(98.0, 95.0, 99.0), FLOOR, "met", id="the-median-is-above-the-floor"),
        pytest.param(Spread(95.0, 94.0, 99.0), FLOOR, "met (in noise)", id="only-some-are-above"),
        pytest.param(Spread(95.0, 94.0, 95.9), FLOOR, "missed", id="all-are-below-the-floor"),
    ],
)
def test_verdict(spread: Spread, goal: Goal, verdict: str) -> None:
    assert verdict == goal.verdict(spread)


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
    ("value", "unit", "text"),
    [
        pytest.param(0.371, "us", "0.371 us", id="a-grant"),
        pytest.param(61.72, "us", "61.7 us", id="a-request"),
        pytest.param(331.2, "us", "331 us", id="a-page"),
        pytest.param(157_000.0, "us", "157 ms", id="an-import"),
        pytest.param(21_345.6, "/s", "21 346 /s", id="a-throughput"),
    ],
)
def test_figure(value: float, unit: str, text: str) -> None:
    assert text == figure(value, unit)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param(1.234, "1.23", id="about-as-much"),
        pytest.param(0.2, "0.20", id="a-fifth"),
        pytest.param(1 / 14, "0.071", id="a-fourteenth"),
    ],
)
def test_ratio(value: float, text: str) -> None:
    assert text == ratio(value)


def test_a_goal_is_told_as_exactly_as_it_is_meant() -> None:
    assert ("<= 0.0714", ">= 99.9") == (str(Goal(3, 1 / 14)), str(Goal(11, 99.9, least=True)))


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the benchmarks for a moment."""
    command = [sys.executable, "-m", "benchmarks", "--smoke", *arguments]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=30
    )


def ran() -> Run:
    """A run of two rows: one against a rival, and one alone."""
    against = Row(
        question="  POST", ours="a", rival="them", theirs="b", goal=Goal(1, 0.82), plotted=True
    )
    alone = Row(question="quota", ours="c", unit="%", goal=FLOOR)
    return Run(
        results=(
            Result(row=against, ours=40.0, theirs=80.0, spread=Spread(0.5, 0.4, 0.9), rounds=15),
            Result(row=alone, ours=90.0, theirs=None, spread=Spread(90.0, 89.0, 91.0), rounds=5),
        ),
        pinned=True,
        python="3.11.7",
        versions={"aiohttp": "3.14.5"},
    )


def test_a_run_names_each_goal_that_is_missed() -> None:
    assert ["goal 11 is missed: quota: 90 (89 to 91), and the goal is >= 96"] == ran().ending(
        "missed"
    )


def test_a_run_names_each_goal_that_was_not_measured() -> None:
    goals = {1: "calls", 3: "rivals", 11: "quota"}
    assert ["goal 3 was not measured: rivals"] == ran().unmeasured(goals)


def test_a_run_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    ran().write(tmp_path / "new" / "latest.json")

    members = orjson.loads((tmp_path / "new" / "latest.json").read_bytes())
    assert ran() == cattrs.structure(members, Run)


def test_a_run_becomes_a_table() -> None:
    heading, rule, against, alone, *about = markdown(ran()).splitlines()

    assert "| question | ours | against | theirs | ratio | 90 % | goal | verdict |" == heading
    assert 8 == rule.count("---")
    assert "|   POST | 40 us | them | 80 us | 0.50 | 0.40 to 0.90 | <= 0.82 | met |" == against
    assert "| quota | 90 % |  |  |  | 89 to 91 | >= 96 | missed |" == alone
    assert "aiohttp 3.14.5" in about[1]


def test_a_run_becomes_a_picture_of_what_rivals_cost(tmp_path: Path) -> None:
    draw(ran(), tmp_path / "a.svg")
    draw(ran(), tmp_path / "b.svg")

    picture = (tmp_path / "a.svg").read_text()
    assert "POST  |  them" in picture
    assert " 2.0x" in picture
    assert "quota" not in picture, "it compares with nobody"
    assert picture == (tmp_path / "b.svg").read_text()


def test_a_smoke_run_of_one_question_prints_its_rows() -> None:
    done = bench("--only", "limiter_grant")

    assert (0, "") == (done.returncode, done.stderr)
    (row,) = (line for line in done.stdout.splitlines() if "waiters" in line and "Lock" in line)
    assert "limiter grant, 500 waiters" in row


def test_a_strict_server_refuses_the_31st_request_of_a_second() -> None:
    server = StrictWindows(BOTH)

    assert all(server.accept(0.01 * n) for n in range(30))
    assert not server.accept(0.999)
    assert server.accept(1.0), "the first one is a second old"
    assert not server.accept(1.0)


def test_a_strict_server_refuses_the_361st_request_of_half_a_minute() -> None:
    server = StrictWindows(BOTH)

    assert all(server.accept(n / 16) for n in range(360))
    assert not server.accept(29.99)
    assert server.accept(30.0)


def test_what_a_strict_server_has_refused_does_not_count() -> None:
    server = StrictWindows((Window(1, 1.0),))

    assert [True, False, False, True] == [server.accept(at) for at in (0.0, 0.4, 0.9, 1.0)]


@pytest.mark.parametrize(
    ("windows", "seconds", "accepted"),
    [
        pytest.param(ONE, 60, 1800, id="thirty-a-second"),
        pytest.param(BOTH, 30, 360, id="the-first-half-minute-is-used-up-in-twelve-seconds"),
        pytest.param(BOTH, 40, 660, id="then-ten-full-seconds"),
        pytest.param(BOTH, 600, 7200, id="in-the-long-run-twelve-a-second"),
    ],
)
def test_the_oracle_gets_all_that_there_is(windows: Windows, seconds: float, accepted: int) -> None:
    assert accepted == oracle(windows, seconds)


class Greedy:
    """A limiter that always grants, and hears what becomes of it."""

    def __init__(self) -> None:
        self.heard: list[bool] = []

    def __call__(self, _windows: Windows) -> Acquire:
        async def acquire() -> End:
            return self.heard.append

        return acquire


def test_a_limiter_hears_of_each_request_and_what_is_refused_counts_in_every_round() -> None:
    greedy = Greedy()
    setting = Setting("steady", ONE, 3.5, (0.1, 0.1), 0)

    (one,) = {used_percent(greedy, setting, seed) for seed in range(3)}
    (refusals,) = {refused(greedy, setting, seed) for seed in range(3)}

    assert 100 == one, "whoever asks all the time gets everything"
    tallies = [simulate(greedy, setting, seed) for seed in range(SEEDS)]
    assert refusals == sum(tally.refused for tally in tallies) > 5 * 64 * 20
    assert 4 * 30 * SEEDS == sum(tally.accepted for tally in tallies)
    assert 4 * 30 * SEEDS >= sum(greedy.heard) > 0.9 * 4 * 30 * SEEDS
    assert refused_percent(greedy, setting, 0) == pytest.approx(94, abs=1)


def test_a_rivals_figure_that_stands_alone_is_shown_as_theirs() -> None:
    row = Row(question="refused", rival="them", ours="b", unit="%")
    result = Result(row=row, ours=42.0, theirs=None, spread=Spread(42.0, 41.0, 43.0), rounds=5)

    table = markdown(Run(results=(result,), pinned=True))

    assert "| refused |  | them | 42 % |  | 41 to 43 |  |  |" in table


@pytest.mark.skipif(
    not memory.STATM.exists(), reason="resident memory is read where Linux tells it"
)
def test_memory_is_what_has_been_touched_even_where_python_does_not_see_it() -> None:
    with mmap(-1, 32_000_000) as pages:
        before = memory.resident()
        pages.write(b"1" * 32_000_000)
        after = memory.resident()

    assert 31_000_000 < after - before < 96_000_000


def test_memory_is_not_asked_where_it_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "STATM", Path("/nowhere/statm"))

    with memory.contest(Bench(Cores(None, None))) as contest:
        assert [] == play(contest, 1)


async def test_the_sandbox_takes_each_order_at_once() -> None:
    sandbox = Sandbox()
    async with GameballClient(
        "key", "secret", transport=sandbox.transport(), rate_limits=None
    ) as client:
        report = await client.orders.track_many(islice(new_orders(), 700))

    assert 700 == report.tracked
    assert [200] * 700 == [request.status for request in sandbox.requests]


def test_a_smoke_run_reads_the_cpu_of_a_sandbox_in_a_process_of_its_own() -> None:
    done = bench("--only", "sandbox_speed")

    assert (0, "") == (done.returncode, done.stderr)
    assert "orders for a second of its core" in done.stdout
