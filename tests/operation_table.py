"""The README's table of operations, made from the code: ``python -m tests.operation_table``."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import get_type_hints

import gameball_sync
from gameball_async import operations
from gameball_async.client import GameballClient
from gameball_async.operation import Operation

README = Path(__file__).parent.parent / "README.md"
BEGIN, END = "<!-- operations: made by tests/operation_table.py -->", "<!-- /operations -->"


def sources(group: object) -> dict[str, list[str]]:
    """Method name to the operations that its docstring names as its source."""
    found: dict[str, list[str]] = {}
    for name, method in inspect.getmembers(group, callable):
        _, _, named = (method.__doc__ or "").partition("Source:")
        if not name.startswith("_"):
            found[name] = re.findall(r"[A-Z]+ /[\w{}/-]+", named)
    return found


def by_operation(client: object) -> dict[str, list[str]]:
    """Operation to the methods of a client that perform it, as a user writes them."""
    methods: dict[str, list[str]] = {}
    for attribute in sorted(get_type_hints(gameball_sync.GameballClient)):
        for name, named in sources(getattr(client, attribute)).items():
            for source in named:
                methods.setdefault(source, []).append(f"`{attribute}.{name}`")
    return methods


def table() -> str:
    """Every operation with its methods in both packages and its replay class."""
    ours = by_operation(GameballClient("key"))
    theirs = by_operation(gameball_sync.GameballClient("key"))
    rows = ["| operation | gameball_async | gameball_sync | repeated as |", "|---|---|---|---|"]
    known = [it for it in vars(operations).values() if isinstance(it, Operation)]
    for operation in sorted(known, key=lambda it: (it.path, it.method)):
        asynchronous = ", ".join(ours.get(operation.name, ["-"]))
        blocking = ", ".join(theirs.get(operation.name, ["-"]))
        rows.append(f"| `{operation.name}` | {asynchronous} | {blocking} | {operation.replay} |")
    return "\n".join(rows)


def written() -> str:
    """The table that stands in the README."""
    return README.read_text("utf-8").partition(BEGIN)[2].partition(END)[0].strip()


if __name__ == "__main__":
    before, _, rest = README.read_text("utf-8").partition(BEGIN)
    README.write_text(f"{before}{BEGIN}\n{table()}\n{END}{rest.partition(END)[2]}", "utf-8")
