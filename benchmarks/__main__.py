"""Asks every question: ``python -m benchmarks [--smoke] [--check] [--only NAME]``."""

from __future__ import annotations

import argparse
import sys
from contextlib import AbstractContextManager
from importlib import import_module
from pathlib import Path
from typing import Final, Protocol, cast

from benchmarks.bench import Bench, Cores, pin, read_in_small_pieces
from benchmarks.results import FOLDER, Run
from benchmarks.rounds import Contest, Result, play
from benchmarks.table import markdown, show

QUESTIONS: Final = (
    "track_orders",
    "layers",
    "over_tls",
    "page_decode",
    "order_encode",
    "blocking_post",
    "blocking_pages",
    "bridge_hop",
    "track_many",
    "limiter_grant",
    "limiter_quota",
    "import_time",
    "memory",
    "sandbox_speed",
    "peers",
)
"""Modules of this package, each with a function `contest`; imported when they are asked."""

GOALS: Final = {
    1: "an order next to plain aiohttp",
    3: "an order next to other clients",
    4: "what models and the whole client add",
    5: "what the deadline adds",
    7: "reading a page",
    8: "writing an order",
    9: "a blocking call next to requests",
    10: "the hop between threads",
    11: "the limiter's refusals and quota",
    12: "what a grant of the limiter costs",
    13: "import and first client",
    14: "the cost at 256 at once",
    15: "track_many next to single calls",
    16: "the sandbox's orders a second",
}
"""What a full run has to speak of; 2 and 6 are of parts that this client does without."""

OURS: Final = ("benchmarks", "gameball_async", "gameball_sync")
"""Packages that are no rivals, and may not be missing."""


class Question(Protocol):
    """A module that asks a question."""

    def contest(self, bench: Bench, /) -> AbstractContextManager[Contest]:
        """Make everything ready, and clear it away at the end."""
        ...


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="each for a moment: does it run?")
    parser.add_argument("--check", action="store_true", help="exit with 1 where a goal is missed")
    parser.add_argument("--rounds", type=int, help="rounds that count, 15 by default, 2 in a smoke")
    parser.add_argument(
        "--only", action="append", choices=QUESTIONS, metavar="NAME", help=", ".join(QUESTIONS)
    )
    parser.add_argument(
        "--openapi",
        type=Path,
        metavar="FILE",
        help="the API's published description: a client generated from it is measured too",
    )
    arguments = parser.parse_args()
    if arguments.rounds is None:
        arguments.rounds = 2 if arguments.smoke else 15
    if arguments.rounds < 1:
        parser.error("--rounds must be at least 1")
    return arguments


def _ask(name: str, bench: Bench, rounds: int) -> list[Result]:
    """Measure what one module compares; nothing where its rivals are not installed."""
    print(f"{name} ...", flush=True)
    try:
        question = cast("Question", import_module(f"benchmarks.{name}"))
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] in OURS:
            raise
        print(f"  skipped without {error.name}: install the extra `benchmarks`")
        return []
    with question.contest(bench) as contest:
        return play(contest, rounds)


def _keep(run: Run) -> None:
    """Write a full run's figures, its table and its picture."""
    from benchmarks.plot import draw  # noqa: PLC0415 - takes long to import, and a smoke has none

    run.write(FOLDER / "latest.json")
    (FOLDER / "latest.md").write_text(markdown(run))
    draw(run, FOLDER / "latest.svg")
    print(f"written to {FOLDER.name}/latest.json, .md and .svg")


def main() -> int:
    """Run the benchmarks; without ``--check`` no figure makes it fail."""
    arguments = _arguments()
    bench = Bench(Cores.available(), smoke=arguments.smoke, openapi=arguments.openapi)
    pinned = pin(0, bench.cores.client)
    read_in_small_pieces()
    results: list[Result] = []
    for name in arguments.only or QUESTIONS:
        results += _ask(name, bench, arguments.rounds)
    run = Run(results=tuple(results), pinned=pinned)
    show(run)
    if not arguments.smoke and not arguments.only:
        _keep(run)
    if not arguments.check:
        return 0
    flaws = [*run.ending("missed"), *run.unmeasured({} if arguments.only else GOALS)]
    print("\n".join([*run.ending("left"), *flaws, *([] if flaws else ["no goal is missed"])]))
    return 1 if flaws else 0


if __name__ == "__main__":
    sys.exit(main())
