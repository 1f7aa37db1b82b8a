"""Rounds in which every side takes its turn, and what their figures say about each other."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import count
from statistics import median, quantiles
from time import process_time
from typing import Any

from attrs import frozen

Burst = Callable[[], float]
"""Does some work and returns its figure: what one piece of it cost, in microseconds, or another."""


@frozen
class Goal:
    """What a figure has to keep to."""

    number: int
    """As `GOALS` of the command counts them."""
    bound: float
    least: bool = False
    """Whether the bound is a floor, and not a ceiling."""
    left_at: float | None = None
    """Where it was left, if it is out of reach: docs/performance.md says what it would cost.

    A run may not be beyond this either.
    """

    def __str__(self) -> str:
        return f"{'>=' if self.least else '<='} {float(f'{self.bound:.3g}'):g}"

    def verdict(self, spread: Spread) -> str:
        """Whether it is met; it is missed when the whole interval lies beyond it."""
        sign = -1 if self.least else 1
        best = spread.high if self.least else spread.low
        if sign * spread.median <= sign * self.bound:
            return "met"
        if sign * best <= sign * self.bound:
            return "met (in noise)"
        left = self.left_at is not None and sign * best <= sign * self.left_at
        return "left" if left else "missed"


@frozen(kw_only=True)
class Row:
    """One line of the table: a side of ours against one of theirs, or alone."""

    question: str
    ours: str
    """Name of a side of the contest."""
    rival: str = ""
    theirs: str | None = None
    """Name of a side; None where the figure itself is the answer, ours or that of a rival."""
    unit: str = "us"
    """What the sides' figures count: ``us``, ``KiB``, ``MB``, ``/s``, ``s`` or ``%``."""
    goal: Goal | None = None
    """For the ratio of the two sides, or for the figure of a side that stands alone."""
    plotted: bool = False
    """Whether the rival is one that people would pick instead: the README shows it."""


@frozen
class Contest:
    """Sides that are measured in turn, and the pairs of them that are compared."""

    sides: Mapping[str, Burst]
    rows: Sequence[Row]
    most_rounds: int | None = None
    """Where more rounds would only take longer: the figures hardly differ."""


@frozen
class Spread:
    """The median of the rounds, and where nine in ten of them lie."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, figures: Sequence[float]) -> Spread:
        """Sum up the rounds."""
        if len(figures) == 1:
            return cls(figures[0], figures[0], figures[0])
        twentieths = quantiles(figures, n=20, method="inclusive")
        return cls(median(figures), twentieths[0], twentieths[-1])


@frozen(kw_only=True)
class Result:
    """A row with what was measured for it; the figures of both sides are medians."""

    row: Row
    ours: float
    theirs: float | None
    spread: Spread
    """Of the ratio of ours to theirs, round by round, or of ours alone."""
    rounds: int

    @property
    def verdict(self) -> str:
        """Whether the row's goal is met."""
        return "" if self.row.goal is None else self.row.goal.verdict(self.spread)


def play(contest: Contest, rounds: int) -> list[Result]:
    """Measure every side once in each round, each round starting with another side.

    Sides that are compared had best be neighbours: the machine changes less between them.

    A first round warms up and is not counted. No side pays for another's garbage, nor for looking
    through all that was imported before. A contest that cannot be held here has no sides, and no
    results.
    """
    if not contest.sides:
        return []
    rounds = min(rounds, contest.most_rounds or rounds)
    names = [*contest.sides]
    costs: dict[str, list[float]] = {name: [] for name in names}
    for number in range(-1, rounds):
        first = number % len(names)
        for name in (*names[first:], *names[:first]):
            _clear_away()
            cost = contest.sides[name]()
            if number >= 0:
                costs[name].append(cost)
    gc.unfreeze()
    return [_result(row, costs, rounds) for row in contest.rows]


def _clear_away() -> None:
    """Collect the garbage, and let nothing that is there now be looked through for more."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def _result(row: Row, costs: Mapping[str, Sequence[float]], rounds: int) -> Result:
    ours = costs[row.ours]
    if row.theirs is None:
        spread = Spread.of(ours)
        return Result(row=row, ours=spread.median, theirs=None, spread=spread, rounds=rounds)
    theirs = costs[row.theirs]
    spread = Spread.of([mine / other for mine, other in zip(ours, theirs, strict=True)])
    return Result(row=row, ours=median(ours), theirs=median(theirs), spread=spread, rounds=rounds)


def cpu(work: Callable[[], Any], pieces: int) -> float:
    """Microseconds of this process's CPU, all threads together, that one piece of *work* took."""
    began = process_time()
    work()
    return (process_time() - began) * 1e6 / pieces


def repeated(work: Callable[[], Any], times: int) -> Burst:
    """A burst that calls *work* so many times."""

    def loop() -> None:
        for _ in range(times):
            work()

    return lambda: cpu(loop, times)


def in_turn(figure: Callable[[int], float], rounds: int) -> Burst:
    """A burst whose every call is the figure of another turn, out of so many, each taken once.

    For figures that need no warm-up: the round that does not count is the last one's.
    """
    taken, turns = cache(figure), count()
    return lambda: taken(next(turns) % rounds)
