"""How many orders can the sandbox answer, so that a test of a whole shop is no test of patience?

The sandbox is the command ``python -m gameball_async.sandbox`` with every default, in a process of
its own on the server's core. Our client sends it orders of 300 customers from the other core, 16 at
once, each order with an id and a date of its own, as the sandbox insists. The first figure is what
one core could do: a second over the CPU that the sandbox's process takes for an order, whatever the
client does meanwhile. The second is what the client has seen by the clock on the wall: it is
context, and on a busy machine it is noise.

It is fair: nothing of the sandbox is switched off; it reads each member of the order strictly,
keeps the ledger, and remembers what it was asked, so that the interpreter has more to look through
for garbage from round to round. The client's limiter is off, as the sandbox's limits are, and both
read from the socket in pieces of the same size, as everywhere here.
"""

from __future__ import annotations

import asyncio
import runpy
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from time import perf_counter, process_time
from typing import Final

from attrs import evolve, frozen

from benchmarks.bench import Bench, pin, read_in_small_pieces
from benchmarks.payloads import order
from benchmarks.rounds import Burst, Contest, Goal, Row
from gameball_async import GameballClient, Order

CUSTOMERS: Final = 300
AT_ONCE: Final = 16
ORDERS: Final = 960
BEGUN: Final = datetime(2024, 10, 16, tzinfo=UTC)


@frozen
class Served:
    """A sandbox in a process of its own."""

    url: str
    cpu: Callable[[], float]
    """Seconds of CPU that its process has used."""


def _answer_with_cpu() -> None:
    """Print the CPU of this process for each line of its input; end with it."""
    for _ in sys.stdin:
        print(process_time(), flush=True)


@contextmanager
def sandbox(bench: Bench) -> Iterator[Served]:
    """Run the command on the server's core, and end it by its process id."""
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.sandbox_speed"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        asked, told = process.stdin, process.stdout
        assert asked is not None
        assert told is not None

        def cpu() -> float:
            print(file=asked, flush=True)
            return float(told.readline())

        try:
            pin(process.pid, bench.cores.server)
            yield Served(told.readline().strip(), cpu)
        finally:
            process.kill()


def new_orders() -> Iterator[Order]:
    """Orders that nobody has placed before, of one customer after the other."""
    samples = [evolve(order(f"cust_{number}"), redemption=None) for number in range(CUSTOMERS)]
    for number in count():
        yield evolve(
            samples[number % CUSTOMERS],
            order_id=f"ORD{number}",
            order_date=BEGUN + timedelta(seconds=number),
        )


async def _send(client: GameballClient, orders: list[Order]) -> None:
    """Send them from so many tasks, each one of which takes the next."""
    left = iter(orders)

    async def send_in_turn() -> None:
        for following in left:
            await client.orders.track(following)

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(send_in_turn())


@contextmanager
def contest(bench: Bench) -> Iterator[Contest]:
    """By the sandbox's CPU, and by the clock."""
    orders, number = new_orders(), bench.size(ORDERS, AT_ONCE)
    with sandbox(bench) as served, asyncio.Runner() as runner:
        client = GameballClient("key", "secret", base_url=served.url, rate_limits=None)

        def per_second(clock: Callable[[], float]) -> Burst:
            def burst() -> float:
                some = [*islice(orders, number)]
                began = clock()
                runner.run(_send(client, some))
                return number / (clock() - began)

            return burst

        yield Contest(
            {"core": per_second(served.cpu), "wall": per_second(perf_counter)},
            [
                Row(
                    question="sandbox, orders for a second of its core",
                    ours="core",
                    unit="/s",
                    goal=Goal(16, 3000, least=True),
                ),
                Row(question="  as the client sees it", ours="wall", unit="/s"),
            ],
        )
        runner.run(client.aclose())


if __name__ == "__main__":
    threading.Thread(target=_answer_with_cpu, daemon=True).start()
    read_in_small_pieces()
    runpy.run_module("gameball_async.sandbox", run_name="__main__")
