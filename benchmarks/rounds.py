"""Rounds in which every side takes its turn, and what their costs say about each other."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping, Sequence
from statistics import median, quantiles
from time import process_time
from typing import Any

from attrs import frozen

Burst = Callable[[], float]
"""Does some work and returns what one piece of it cost, in microseconds."""


@frozen
class Goal:
    """The most that ours may cost, as a part of theirs."""

    number: int
    """As the goals are counted in the project's table of goals."""
    at_most: float


@frozen(kw_only=True)
class Row:
    """One line of the table: one of our sides against one of theirs."""

    question: str
    rival: str
    ours: str
    """Name of a side of the contest."""
    theirs: str
    goal: Goal | None = None


@frozen
class Contest:
    """Sides that are measured in turn, and the pairs of them that are compared."""

    sides: Mapping[str, Burst]
    rows: Sequence[Row]


@frozen
class Ratio:
    """Ours to theirs: the median of the rounds, and where nine in ten of them lie."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, ours: Sequence[float], theirs: Sequence[float]) -> Ratio:
        """Compare the costs of two sides, round by round."""
        ratios = [mine / other for mine, other in zip(ours, theirs, strict=True)]
        if len(ratios) == 1:
            return cls(ratios[0], ratios[0], ratios[0])
        twentieths = quantiles(ratios, n=20, method="inclusive")
        return cls(median(ratios), twentieths[0], twentieths[-1])

    def verdict(self, goal: Goal | None) -> str:
        """Whether the goal is met; it is missed when the whole interval lies beyond it."""
        if goal is None:
            return "no goal"
        if self.low > goal.at_most:
            return "missed"
        return "met" if self.median <= goal.at_most else "met (in noise)"


@frozen(kw_only=True)
class Result:
    """A row with what was measured for it; the costs are medians, in microseconds."""

    row: Row
    ours: float
    theirs: float
    ratio: Ratio


def play(contest: Contest, rounds: int) -> list[Result]:
    """Measure every side once in each round, each round starting with another side.

    Sides that are compared had best be neighbours: the machine changes less between them.

    A first round warms up and is not counted. Garbage is collected before every burst, so that no
    side pays for another's.
    """
    names = [*contest.sides]
    costs: dict[str, list[float]] = {name: [] for name in names}
    for number in range(-1, rounds):
        first = number % len(names)
        for name in (*names[first:], *names[:first]):
            gc.collect()
            cost = contest.sides[name]()
            if number >= 0:
                costs[name].append(cost)
    return [
        Result(
            row=row,
            ours=median(costs[row.ours]),
            theirs=median(costs[row.theirs]),
            ratio=Ratio.of(costs[row.ours], costs[row.theirs]),
        )
        for row in contest.rows
    ]


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
