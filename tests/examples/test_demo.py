"""The demo is what a stranger sees first: it works, reads well, and fails when the ledger does."""

from __future__ import annotations

import importlib
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from gameball_async.sandbox import Fault, Sandbox
from gameball_async.transport.http import Answer

rich_console = pytest.importorskip("rich.console")
EXAMPLES = Path(__file__).parent.parent.parent / "examples"


def run_demo(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, EXAMPLES / "demo.py"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        env={**os.environ, "TERM": "dumb", "COLUMNS": "80", **environment},
    )


@pytest.fixture
def demo(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(EXAMPLES)
    return importlib.import_module("demo")


def test_it_tells_the_whole_story_twice_and_every_ledger_adds_up() -> None:
    ran = run_demo()

    assert ("", 0) == (ran.stderr, ran.returncode)
    assert 2 == ran.stdout.count("91 x 2 + 10 shipping = 192")
    assert 2 == ran.stdout.count("100 x 3 + 10 shipping = 310")
    assert 6 == ran.stdout.count("\N{CHECK MARK}")


def test_it_shows_that_a_checkout_that_fails_half_way_leaves_nothing_reserved() -> None:
    printed = run_demo().stdout

    assert 2 == len(re.findall(r"half-way +50 points held, DISCOUNT10 locked", printed))
    assert 2 == len(re.findall(r"is declined +0 points held, DISCOUNT10 free", printed))


@pytest.mark.parametrize(
    ("path", "left"),
    [
        pytest.param("/transactions/hold/*", "50 points held, DISCOUNT10 free", id="hold"),
        pytest.param("/coupons/*", "0 points held, DISCOUNT10 locked", id="lock"),
    ],
)
async def test_it_fails_when_a_checkout_leaves_something_reserved(
    demo: ModuleType, path: str, left: str
) -> None:
    printed = io.StringIO()
    async with Sandbox.serve(demo.PROGRAM) as sandbox:
        sandbox.fault(Fault.answered(400, b"{}", method="DELETE", path=path))
        code = await demo.demo(sandbox, rich_console.Console(file=printed, width=100))

    assert 1 == code
    assert 2 == len(re.findall(f"is declined +{left}", printed.getvalue()))


def test_it_prints_no_colour_codes_and_no_more_than_eighty_columns_on_a_dumb_terminal() -> None:
    printed = run_demo().stdout

    assert "\x1b" not in printed
    assert [] == [line for line in printed.splitlines() if len(line) > 80]


def test_it_works_where_the_terminal_knows_only_ascii() -> None:
    ran = run_demo(PYTHONIOENCODING="ascii", PYTHONUTF8="0")

    assert ("", 0) == (ran.stderr, ran.returncode)
    assert ran.stdout.isascii()


@pytest.mark.parametrize("after", [pytest.param(400, id="true"), pytest.param(401, id="false")])
async def test_its_exit_code_says_whether_a_ledger_adds_up(demo: ModuleType, after: int) -> None:
    row = {
        "gameballTransactionId": "11034735",
        "direction": "+",
        "points": 400,
        "pointsBalanceAfter": after,
    }
    page = json.dumps({"transactions": [row], "count": 1, "hasMore": False}).encode()
    printed = io.StringIO()
    async with Sandbox.serve(demo.PROGRAM) as sandbox:
        answer = Answer(200, {"content-type": "application/json"}, page)
        sandbox.fault(Fault(method="GET", path="/transactions", reply=answer, before=True))
        code = await demo.demo(sandbox, rich_console.Console(file=printed, width=100))

    assert (after != 400) == code
    assert ("does not add up" in printed.getvalue()) == (after != 400)
