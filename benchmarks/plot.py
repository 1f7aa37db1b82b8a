"""The picture of the README: how many times ours a rival's CPU is."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import matplotlib as mpl
from matplotlib.figure import Figure

from benchmarks.results import Run
from benchmarks.rounds import Result

_OURS: Final = "#2f9e6e"
_THEIRS: Final = "#8a93a3"
_INK: Final = "#30363d"
_TICKS: Final = (1, 2, 5, 10, 20)


def _shown(result: Result) -> bool:
    """Whether the row compares with a rival that people would pick instead."""
    return result.row.plotted and result.theirs is not None


def draw(run: Run, path: Path) -> None:
    """Write a bar for every rival that is shown, as long as its cost is times ours, to an SVG."""
    shown = [result for result in reversed(run.results) if _shown(result)]
    names = [f"{result.row.question}  |  {result.row.rival}" for result in shown]
    times = [1 / result.spread.median for result in shown]
    spans = [
        [t - 1 / r.spread.high for t, r in zip(times, shown, strict=True)],
        [1 / r.spread.low - t for t, r in zip(times, shown, strict=True)],
    ]
    with mpl.rc_context({"svg.hashsalt": "gameball", "svg.fonttype": "none", "font.size": 9}):
        figure = Figure(figsize=(9, 0.8 + 0.28 * len(shown)), layout="constrained")
        axes = figure.subplots()
        axes.set_xscale("log")
        axes.barh(names, times, xerr=spans, color=_THEIRS, ecolor=_INK, height=0.62)
        axes.axvline(1, color=_OURS, linewidth=2)
        for y, t in enumerate(times):
            axes.annotate(f"  {t:.1f}x", (t + spans[1][y], y), va="center", color=_INK)
        axes.set_xticks(_TICKS, [f"{tick}x" for tick in _TICKS])
        axes.minorticks_off()
        axes.set_title("CPU of a rival, as a multiple of gameball-async (green line)", loc="left")
        axes.spines[["top", "right"]].set_visible(False)
        axes.set_xlim(min([0.5, *times]), 1.6 * max([2, *times]))
        figure.savefig(path, format="svg", metadata={"Date": None}, transparent=False)
