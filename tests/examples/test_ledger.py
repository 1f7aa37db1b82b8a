"""The script that prints a ledger, as a shell runs it."""

from __future__ import annotations

import asyncio
import sys

from gameball_async.sandbox import Sandbox
from tests.clients import API_KEY
from tests.examples.shop_front import EXAMPLES


async def run(*arguments: str) -> tuple[int | None, str, str]:
    """Its exit code, what it printed and what it complained of."""
    ran = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "error", str(EXAMPLES / "ledger.py"), *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    printed, complaints = await ran.communicate()
    return ran.returncode, printed.decode(), complaints.decode()


async def test_it_prints_the_rows_newest_first_and_what_can_be_spent(sandbox: Sandbox) -> None:
    sandbox.give(API_KEY, "id123", 25)

    code, printed, complaints = await run("id123")
    newest, oldest, last = printed.splitlines()

    assert (0, "") == (code, complaints)
    assert ["ManualAccumulation", "+25", "125"] == newest.split("\t")[1:]
    assert ["ManualAccumulation", "+100", "100"] == oldest.split("\t")[1:]
    assert "125 points can be spent" == last


async def test_it_says_what_went_wrong_and_not_where(sandbox: Sandbox) -> None:
    assert sandbox.url

    code, printed, complaints = await run("nobody")

    assert (1, "") == (code, printed)
    assert "status 404" in complaints
    assert "Traceback" not in complaints


async def test_it_tells_how_it_is_called(sandbox: Sandbox) -> None:
    code, printed, complaints = await run()

    assert (1, "") == (code, printed)
    assert "ledger.py CUSTOMER_ID" in complaints
    assert [] == list(sandbox.requests)
