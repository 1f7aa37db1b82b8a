"""What was measured, as people read it: a table for a terminal, and the same in Markdown."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Final

from rich.console import Console
from rich.table import Table

from benchmarks.results import Run
from benchmarks.rounds import Result

WIDTH: Final = 170
"""Columns where the output is no terminal, so that no line is broken."""
HEADINGS: Final = ("question", "ours", "against", "theirs", "ratio", "90 %", "goal", "verdict")
FIGURES: Final = frozenset({"ours", "theirs", "ratio", "90 %", "goal"})


def figure(value: float, unit: str) -> str:
    """A figure as people read it."""
    if unit == "us" and value >= 10_000:
        value, unit = value / 1000, "ms"
    if value >= 10_000:
        return f"{value:,.0f} {unit}".replace(",", " ")
    return f"{value:.0f} {unit}" if value >= 100 else f"{value:.3g} {unit}"


def ratio(value: float) -> str:
    """A ratio, a small one with a digit more: a fourteenth is not a thirteenth."""
    return f"{value:.2f}" if value >= 0.2 else f"{value:.3f}"


def _cells(result: Result) -> list[str]:
    row, spread = result.row, result.spread
    goal = "" if row.goal is None else str(row.goal)
    if result.theirs is None:
        interval = f"{spread.low:.4g} to {spread.high:.4g}"
        alone = figure(result.ours, row.unit)
        ours, theirs = ("", alone) if row.rival else (alone, "")
        return [row.question, ours, row.rival, theirs, "", interval, goal]
    return [
        row.question,
        figure(result.ours, row.unit),
        row.rival,
        figure(result.theirs, row.unit),
        ratio(spread.median),
        f"{ratio(spread.low)} to {ratio(spread.high)}",
        goal,
    ]


def show(run: Run) -> None:
    """Print what was measured."""
    table = Table(
        title="Ours to theirs: CPU of the client's process, where nothing else is said",
        caption=run.about,
    )
    for heading in HEADINGS:
        table.add_column(heading, justify="right" if heading in FIGURES else "left", no_wrap=True)
    for result in run.results:
        table.add_row(*_cells(result), result.verdict)
    Console(width=None if sys.stdout.isatty() else WIDTH).print(table)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def markdown(run: Run) -> str:
    """The table as Markdown, with what it was measured on below."""
    rule = ["---:" if heading in FIGURES else "---" for heading in HEADINGS]
    rows = [_line([*_cells(result), result.verdict]) for result in run.results]
    return "\n".join([_line(HEADINGS), _line(rule), *rows, "", run.about, ""])
