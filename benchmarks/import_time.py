"""What does the import cost, and what the first client, next to importing aiohttp alone?

Ours are ``import gameball_async``, which loads nothing heavy, and a client that is ready to send:
imported, constructed, its pool of connections open. Theirs is ``import aiohttp`` and nothing else.

It is fair: each is measured inside a fresh interpreter, from its first statement on, with the
bytecode of everything cached by a first run that does not count.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from benchmarks.bench import Bench
from benchmarks.rounds import Burst, Contest, Goal, Row

_IMPORT: Final = """
import {module}
print(process_time() - began)
"""
_READY: Final = """
import asyncio
from gameball_async import GameballClient
async def ready():
    async with GameballClient("key", "secret") as client:
        await client._core.runtime().transport._open()
        print(process_time() - began)
asyncio.run(ready())
"""


def _fresh(script: str) -> Burst:
    """A burst that runs *script* in an interpreter of its own and reads what it cost."""
    command = [
        sys.executable,
        "-c",
        f"from time import process_time\nbegan = process_time(){script}",
    ]
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}

    def burst() -> float:
        done = subprocess.run(
            command, env=environment, stdout=subprocess.PIPE, text=True, check=True
        )
        return float(done.stdout) * 1e6

    return burst


@contextmanager
def contest(_bench: Bench) -> Iterator[Contest]:
    """The package, and the first client."""
    rival = "import aiohttp"
    yield Contest(
        {
            "package": _fresh(_IMPORT.format(module="gameball_async")),
            "aiohttp": _fresh(_IMPORT.format(module="aiohttp")),
            "client": _fresh(_READY),
        },
        [
            Row(
                question="import gameball_async",
                rival=rival,
                ours="package",
                theirs="aiohttp",
                goal=Goal(13, 0.45),
            ),
            Row(
                question="first client ready",
                rival=rival,
                ours="client",
                theirs="aiohttp",
                goal=Goal(13, 1.35),
            ),
        ],
    )
