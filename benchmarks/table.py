"""The one table that a run prints."""

from __future__ import annotations

import platform
import sys
from collections.abc import Sequence
from importlib.metadata import version

from rich.console import Console
from rich.table import Table

from benchmarks.rounds import Result

WIDTH = 150
"""Columns where the output is no terminal, so that no line is broken."""


def cost(microseconds: float) -> str:
    """A cost as people read it."""
    if microseconds >= 10_000:
        return f"{microseconds / 1000:.0f} ms"
    return f"{microseconds:.0f} us" if microseconds >= 100 else f"{microseconds:.2g} us"


def _cells(result: Result) -> list[str]:
    row, ratio = result.row, result.ratio
    return [
        row.question,
        cost(result.ours),
        row.rival,
        cost(result.theirs),
        f"{ratio.median:.2f}",
        f"{ratio.low:.2f} to {ratio.high:.2f}",
        "" if row.goal is None else f"<= {row.goal.at_most:.2f}",
        ratio.verdict(row.goal),
    ]


def show(results: Sequence[Result], rounds: int, *, pinned: bool) -> None:
    """Print what was measured."""
    where = "client and server each on a core of its own" if pinned else "not pinned to cores"
    table = Table(
        title=f"CPU of the client's process: ours to theirs, {rounds} interleaved rounds",
        caption=(
            f"Python {platform.python_version()}, aiohttp {version('aiohttp')}, "
            f"{where}. The ratio is the median of the rounds; nine in ten of them lie in the "
            "interval. Times are context: they depend on the machine, ratios hardly do."
        ),
    )
    for heading in ("question", "ours", "against", "theirs", "ratio", "90 %", "goal", ""):
        right = heading in {"ours", "theirs", "ratio", "90 %", "goal"}
        table.add_column(heading, justify="right" if right else "left", no_wrap=True)
    for result in results:
        table.add_row(*_cells(result))
    Console(width=None if sys.stdout.isatty() else WIDTH).print(table)
