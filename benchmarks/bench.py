"""Where and how large: the cores that the two ends of a measurement run on, and its size."""

from __future__ import annotations

import os
from asyncio import selector_events
from pathlib import Path

from attrs import frozen

SMOKE: int = 20
"""How many times smaller a smoke run's bursts are."""


@frozen
class Cores:
    """One core for the client and another for the server; None where they cannot be had."""

    client: int | None
    server: int | None

    @classmethod
    def available(cls) -> Cores:
        """Choose among the cores that this process may use."""
        usable = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
        return cls(usable[-1], usable[0]) if len(usable) > 1 else cls(None, None)


def pin(process: int, core: int | None) -> bool:
    """Keep a process on one core, 0 being this one; False where that is not possible."""
    if core is None:
        return False
    try:
        os.sched_setaffinity(process, {core})
    except OSError:
        return False
    return True


def read_in_small_pieces() -> None:
    """Let every asyncio connection of this process read at most 64 KiB at once.

    asyncio asks for 256 KiB, for which some processes, depending on the layout of their heap, map
    and unmap memory on every read. Without this a ratio tells of the heap and not of the clients.
    """
    vars(selector_events)["_SelectorTransport"].max_size = 64 * 1024


@frozen
class Bench:
    """How a run is done."""

    cores: Cores
    smoke: bool = False
    """Everything for a moment only: does it run?"""
    openapi: Path | None = None
    """The API's published description, for a client that is generated from it."""

    def size(self, full: int, multiple_of: int = 1) -> int:
        """Pieces of a burst, or a fraction of them in a smoke run."""
        wanted = full // SMOKE if self.smoke else full
        return max(wanted // multiple_of, 1) * multiple_of
