"""What does it cost to track an order, next to the plainest use of aiohttp?

Ours is ``orders.track(order)`` of the default client: model to JSON, the customer's lane, the rate
limiter, the slot, the deadline, aiohttp's public session, JSON to receipt. The limiter's windows
are a million times wider, so that it decides on every call and never makes one wait. A second
client has a listener that receives every event.

Theirs is what the documentation of aiohttp shows: one session, ``session.post(url, json=...)``,
``await response.json()``; no model, no limiter, no lane, no retry.

It is fair: both run on one loop of one process against the same server, send the same members to
the same path with the same keys, hold their order ready before the clock starts, have one customer
and one connection for each task, and read from the socket in pieces of the same size. Only the
highest of the four numbers needs more connections than both have by default.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from benchmarks.bench import Bench
from benchmarks.rounds import Contest, Goal, Row
from benchmarks.sending import client_of, crowd, plain_sender, plain_session, sender
from benchmarks.server import serving
from gameball_async import Event

RIVAL: Final = "aiohttp session.post(json=)"
_GOALS: Final = {16: Goal(1, 0.82), 64: Goal(1, 0.82)}


def _ignore(_event: Event) -> None:
    """Hear of it, and do nothing."""


@contextmanager
def contest(bench: Bench) -> Iterator[Contest]:
    """One call at a time, and up to 256 at once."""
    with serving(bench) as url, crowd(bench) as tasks:
        client, heard = client_of(url), client_of(url, hooks=[_ignore])
        session = tasks.run(plain_session())
        for close in (client.aclose, heard.aclose, session.close):
            tasks.at_end(close)
        ours, theirs = sender(client), plain_sender(session, url)
        yield Contest(
            {
                "ours 1": tasks.burst(ours, 1, 1000),
                "plain 1": tasks.burst(theirs, 1, 1000),
                "plain 16": tasks.burst(theirs, 16, 2560),
                "ours 16": tasks.burst(ours, 16, 2560),
                "heard 64": tasks.burst(sender(heard), 64, 2560),
                "plain 64": tasks.burst(theirs, 64, 2560),
                "ours 64": tasks.burst(ours, 64, 2560),
                "ours 256": tasks.burst(ours, 256, 2560),
                "plain 256": tasks.burst(theirs, 256, 2560),
            },
            [
                _row("track an order, 1 at a time", 1),
                _row("track an order, 16 at once", 16),
                _row("track an order, 64 at once", 64),
                Row(
                    question="  and with a listener",
                    rival=RIVAL,
                    ours="heard 64",
                    theirs="plain 64",
                ),
                _row("track an order, 256 at once", 256),
                Row(
                    question="  and compared with itself",
                    rival="gameball-async, 64 at once",
                    ours="ours 256",
                    theirs="ours 64",
                    goal=Goal(14, 1.3),
                ),
            ],
        )


def _row(question: str, tasks: int) -> Row:
    goal = _GOALS.get(tasks)
    return Row(
        question=question,
        rival=RIVAL,
        ours=f"ours {tasks}",
        theirs=f"plain {tasks}",
        goal=goal,
        plotted=goal is not None,
    )
