"""Asks every question and prints one table: ``python -m benchmarks [--smoke] [--only NAME]``."""

from __future__ import annotations

import argparse
from contextlib import AbstractContextManager
from importlib import import_module
from typing import Final, Protocol, cast

from benchmarks.bench import Bench, Cores, pin, read_in_small_pieces
from benchmarks.rounds import Contest, Result, play
from benchmarks.table import show

QUESTIONS: Final = (
    "typed_post",
    "page_decode",
    "order_encode",
    "blocking_post",
    "bridge_hop",
    "track_many",
    "limiter_grant",
    "import_time",
)
"""Modules of this package, each with a function `contest`; imported when they are asked."""

RIVALS: Final = frozenset({"msgspec", "pydantic", "requests"})
"""What the extra `benchmarks` brings along to be compared with."""


class Question(Protocol):
    """A module that asks a question."""

    def contest(self, bench: Bench, /) -> AbstractContextManager[Contest]:
        """Make everything ready, and clear it away at the end."""
        ...


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="each for a moment: does it run?")
    parser.add_argument("--rounds", type=int, help="rounds that count, 15 by default, 2 in a smoke")
    parser.add_argument(
        "--only", action="append", choices=QUESTIONS, metavar="NAME", help=", ".join(QUESTIONS)
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
        if error.name not in RIVALS:
            raise
        print(f"  skipped without {error.name}: install the extra `benchmarks`")
        return []
    with question.contest(bench) as contest:
        return play(contest, rounds)


def main() -> None:
    """Run the benchmarks; figures never make it fail."""
    arguments = _arguments()
    bench = Bench(Cores.available(), smoke=arguments.smoke)
    pinned = pin(0, bench.cores.client)
    read_in_small_pieces()
    results: list[Result] = []
    for name in arguments.only or QUESTIONS:
        results += _ask(name, bench, arguments.rounds)
    show(results, arguments.rounds, pinned=pinned)


if __name__ == "__main__":
    main()
