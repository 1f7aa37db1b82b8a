"""How requests get to the sandbox: latency, faults and overlap, and the door in this process."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from gameball_async.sandbox.faults import Cut
from gameball_async.sandbox.reception import Work, arrival_of
from gameball_async.transport.http import Answer, Attempt, Lost, Request

if TYPE_CHECKING:
    from gameball_async.sandbox.service import Sandbox


async def exchange(sandbox: Sandbox, request: Request) -> Answer | Cut:
    """Take *request* through the sandbox, with its latency and the fault that strikes it."""
    arrival = arrival_of(request, sandbox.clock.now())
    fault = sandbox.fault_for(arrival)
    seconds = sandbox.latency + (fault.seconds if fault else 0.0)
    if fault is not None and fault.before:
        await _pass(seconds)
        outcome = fault.bend(None)
    else:
        work = sandbox.admit(arrival)
        if isinstance(work, Work):
            try:
                await _pass(seconds)
            finally:
                work.leave()
        answer = sandbox.perform(work, sandbox.clock.now())
        outcome = fault.bend(answer) if fault else answer
    reached = outcome if isinstance(outcome, Answer) else outcome.answer
    sandbox.record(arrival, reached.status if reached else None)
    return outcome


async def _pass(seconds: float) -> None:
    """Let real time pass."""
    if seconds > 0:
        await asyncio.sleep(seconds)


class InProcess:
    """A transport that ends in a sandbox of this process.

    A request that was sent goes on when its caller is cancelled, as on a server.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._under_way: set[asyncio.Task[Answer | Cut]] = set()

    async def send(self, request: Request, attempt: Attempt) -> Answer | Lost:
        """Send *request* once and return its answer, or how it was lost."""
        attempt.on_connection()
        task = asyncio.create_task(exchange(self._sandbox, request))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        outcome = await asyncio.shield(task)
        if isinstance(outcome, Answer):
            return outcome
        kind = "ClientPayloadError" if outcome.answer else "ServerDisconnectedError"
        return Lost(sent=True, kind=kind)

    async def aclose(self) -> None:
        """Give up what is still under way."""
        tasks = list(self._under_way)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
