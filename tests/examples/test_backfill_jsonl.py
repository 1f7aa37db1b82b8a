"""The backfill of the examples: it records a file, says what it could not, and may run again."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest

from gameball_async.sandbox import Sandbox
from tests.clients import API_KEY
from tests.examples.shop_front import EXAMPLES


def line(number: int, **changes: object) -> str:
    members = {
        "customer_id": f"c-{number % 3}",
        "order_id": f"A-{number}",
        "order_date": f"2024-10-16T08:13:{number:02}Z",
        "total_paid": 10.5,
        "line_items": [{"product_id": "197765", "quantity": 1, "price": 10.5}],
    }
    return json.dumps({**members, **changes})


async def backfill(file: Path) -> tuple[int | None, str, str]:
    """Its exit code, what it printed and what it complained of."""
    ran = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "error", str(EXAMPLES / "backfill_jsonl.py"), str(file)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    printed, complaints = await ran.communicate()
    return ran.returncode, printed.decode(), complaints.decode()


def write(file: Path, *lines: str) -> Path:
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Six orders of three customers."""
    return write(tmp_path / "orders.jsonl", *map(line, range(6)))


async def test_a_file_is_recorded_once_however_often_it_is_run(
    file: Path, sandbox: Sandbox
) -> None:
    first = await backfill(file)
    second = await backfill(file)
    balances = [sandbox.balance(API_KEY, f"c-{number}") for number in range(3)]

    assert (0, "6 orders: 6 new, 0 known, 0 failed, 0 unknown\n", "") == first
    assert (0, "6 orders: 0 new, 6 known, 0 failed, 0 unknown\n", "") == second
    assert [20] * 3 == [balance.total for balance in balances if balance is not None]


async def test_what_is_not_recorded_is_told(file: Path, sandbox: Sandbox) -> None:
    assert sandbox.url
    await backfill(file)
    other = line(1, order_id="A-0", customer_id="c-2", total_paid=7)
    code, printed, _ = await backfill(write(file, other))

    assert 1 == code
    assert printed.startswith("A-0\tfailed\t")
    assert "1 orders: 0 new, 0 known, 1 failed, 0 unknown" in printed


async def test_wrong_keys_end_it_at_once(
    file: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    await backfill(file)
    tried = len(sandbox.requests)
    monkeypatch.setenv("GAMEBALL_SECRET_KEY", "another")
    code, _, complaints = await backfill(write(file, *map(line, range(500))))

    assert 1 == code
    assert complaints.startswith("given up: ")
    assert "the secret key is wrong" in complaints
    assert len(sandbox.requests) - tried < 100


async def test_a_line_that_is_no_order_is_named_and_those_before_it_are_recorded(
    file: Path, sandbox: Sandbox
) -> None:
    code, _, complaints = await backfill(write(file, line(0), "{}", line(2)))
    balances = [sandbox.balance(API_KEY, f"c-{number}") for number in (0, 2)]

    assert 1 == code
    assert complaints.startswith("given up: line 2: KeyError('order_date')\nBulkReport(pulled=1, ")
    assert [10, None] == [balance and balance.total for balance in balances]
