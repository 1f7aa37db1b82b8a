"""One run's results: what they were measured with, their file, and the goals that they miss."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

import attrs
import orjson
from attrs import frozen

from benchmarks.rounds import Result, Row

FOLDER: Final = Path(__file__).parent / "results"
PACKAGES: Final = (
    "aiohttp",
    "aiolimiter",
    "gameball",
    "httpx",
    "httpx2",
    "msgspec",
    "openai",
    "orjson",
    "pydantic",
    "pyrate-limiter",
    "requests",
)
"""Whose versions a run remembers."""


def _versions() -> dict[str, str]:
    found: dict[str, str] = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


@frozen(kw_only=True)
class Run:
    """What was measured at one go."""

    results: tuple[Result, ...]
    pinned: bool
    """Whether client and server had a core each."""
    python: str = platform.python_version()
    system: str = f"{platform.system()} {platform.machine()}"
    cores: int = os.cpu_count() or 1
    versions: dict[str, str] = attrs.field(factory=_versions)

    @property
    def about(self) -> str:
        """What a reader of the figures has to know."""
        where = "client and server each on a core of its own" if self.pinned else "not pinned"
        packages = ", ".join(f"{name} {number}" for name, number in self.versions.items())
        rounds = max((result.rounds for result in self.results), default=0)
        return (
            f"Python {self.python}, {self.system} with {self.cores} cores, {where}, up to {rounds} "
            f"interleaved rounds; {packages}. A ratio is the median of the rounds, and nine in ten "
            "of them lie in the interval. Times are context: they depend on the machine, ratios "
            "hardly do."
        )

    def ending(self, verdict: str) -> list[str]:
        """A line for each goal whose verdict this is."""
        return [
            f"goal {result.row.goal.number} is {verdict}: {_name(result.row)}: "
            f"{result.spread.median:.3g} ({result.spread.low:.3g} to {result.spread.high:.3g}), "
            f"and the goal is {result.row.goal}"
            for result in self.results
            if result.row.goal is not None and result.verdict == verdict
        ]

    def unmeasured(self, goals: Mapping[int, str]) -> list[str]:
        """A line for each of *goals* that no row speaks of."""
        measured = {result.row.goal.number for result in self.results if result.row.goal}
        return [
            f"goal {number} was not measured: {words}"
            for number, words in goals.items()
            if number not in measured
        ]

    def write(self, path: Path) -> None:
        """Keep it in a JSON file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(orjson.dumps(attrs.asdict(self), option=orjson.OPT_INDENT_2) + b"\n")


def _name(row: Row) -> str:
    return f"{row.question.strip()}, against {row.rival}" if row.rival else row.question.strip()
