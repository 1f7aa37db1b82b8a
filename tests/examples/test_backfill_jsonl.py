"""The backfill of the examples: it records a file, says what it could not, and may run again."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

from gameball_async.sandbox import Sandbox
from tests.clients import API_KEY, SECRET_KEY

EXAMPLE = Path(__file__).parent.parent.parent / "examples" / "backfill_jsonl.py"


def line(number: int, **changes: object) -> str:
    members = {
        "customer_id": f"c-{number % 3}",
        "order_id": f"A-{number}",
        "order_date": f"2024-10-16T08:13:{number:02}Z",
        "total_paid": 10.5,
        "line_items": [{"product_id": "197765", "quantity": 1, "price": 10.5}],
    }
    return json.dumps({**members, **changes})


async def backfill(file: Path, sandbox: Sandbox, api_key: str = API_KEY) -> tuple[int, str]:
    """Its exit code, and what it printed."""
    ran = await asyncio.create_subprocess_exec(
        *(sys.executable, str(EXAMPLE), str(file)),
        env={
            **os.environ,
            "GAMEBALL_API_KEY": api_key,
            "GAMEBALL_SECRET_KEY": SECRET_KEY,
            "GAMEBALL_BASE_URL": sandbox.url,
        },
        stdout=asyncio.subprocess.PIPE,
    )
    printed, _ = await ran.communicate()
    return ran.returncode or 0, printed.decode()


async def test_a_file_is_recorded_once_however_often_it_is_run(tmp_path: Path) -> None:
    file = tmp_path / "orders.jsonl"
    file.write_text("\n".join(line(number) for number in range(12)), encoding="utf-8")
    async with Sandbox.serve() as sandbox:
        first = await backfill(file, sandbox)
        second = await backfill(file, sandbox)
        balances = [sandbox.balance(API_KEY, f"c-{number}") for number in range(3)]

    assert (0, "12 orders: 12 new, 0 known, 0 failed, 0 unknown") == (first[0], first[1].strip())
    assert (0, "12 orders: 0 new, 12 known, 0 failed, 0 unknown") == (second[0], second[1].strip())
    assert [40] * 3 == [balance.total for balance in balances if balance is not None]


async def test_what_is_not_recorded_is_told(tmp_path: Path) -> None:
    file = tmp_path / "orders.jsonl"
    other = line(1, order_id="A-0", customer_id="c-2", total_paid=7)
    file.write_text(f"{line(0)}\n", encoding="utf-8")
    async with Sandbox.serve() as sandbox:
        await backfill(file, sandbox)
        file.write_text(f"{other}\n", encoding="utf-8")
        code, printed = await backfill(file, sandbox)

    assert 1 == code
    assert printed.startswith("A-0\tfailed\t")
    assert "1 orders: 0 new, 0 known, 1 failed, 0 unknown" in printed
