"""Writes for one customer, one at a time, in order; other customers in parallel."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

from gameball_async.config import Priority
from gameball_async.transport.http import Clock

REOPEN_AFTER: Final = 1.0
"""Seconds until a lane opens whose write was cut off: the API may still be working on it."""


class Turn:
    """One write's place in its customer's lane; from its grant to `leave` the lane is its own."""

    __slots__ = ("_customer", "_future", "_heads", "_line", "on_promotion", "priority")

    def __init__(self, heads: dict[str, Turn], customer: str, priority: Priority) -> None:
        self._heads = heads
        self._customer = customer
        self._future: asyncio.Future[None] | None = None
        self._line: _Line | None = None
        """Those who wait, this turn among them or at their head; None before anybody has."""
        self.priority: Priority = priority
        """Its own, or the highest of those that wait behind it while it is at the head."""
        self.on_promotion: Callable[[], None] | None = None
        """Called when the priority rises while this turn is at the head."""

    @property
    def waits(self) -> bool:
        """Whether the lane was not free: await `granted`."""
        return self._future is not None

    async def granted(self) -> None:
        """Wait until the lane is this turn's own; cancelling leaves the line."""
        future, line = self._future, self._line
        if future is None or line is None:
            return
        try:
            await future
        except asyncio.CancelledError:
            if future.cancelled():
                line.forget(self)
            else:
                self.leave()
            raise

    def wait_behind(self, head: Turn) -> None:
        """Become one that waits, behind everybody else."""
        self._future = asyncio.get_running_loop().create_future()
        if head._line is None:
            head._line = _Line()
        self._line = head._line
        self._line.join(self)
        head.raise_to(self.priority)

    def leave(self) -> None:
        """Give the lane to the first that still waits, or close it."""
        line = self._line
        while line is not None and (turn := line.pop()) is not None:
            if turn.wake():
                self._heads[self._customer] = turn
                if line.interactive:
                    turn.raise_to(Priority.INTERACTIVE)
                return
        del self._heads[self._customer]

    def leave_later(self, clock: Clock) -> None:
        """Hand the lane on after `REOPEN_AFTER` seconds."""
        clock.call_later(REOPEN_AFTER, self.leave)

    def wake(self) -> bool:
        """Grant the lane; False when the waiter is gone."""
        if self._future is None or self._future.done():
            return False
        self._future.set_result(None)
        return True

    def raise_to(self, priority: Priority) -> None:
        """Inherit *priority* if it is higher."""
        if priority is Priority.INTERACTIVE and self.priority is not priority:
            self.priority = priority
            if self.on_promotion is not None:
                self.on_promotion()


class _Line:
    """Those that wait for one customer's lane, whoever is at its head."""

    __slots__ = ("_waiting", "interactive")

    def __init__(self) -> None:
        self._waiting: deque[Turn] = deque()
        self.interactive: int = 0
        """How many of them are interactive."""

    def join(self, turn: Turn) -> None:
        """Let *turn* wait behind all others."""
        self._waiting.append(turn)
        self.interactive += turn.priority is Priority.INTERACTIVE

    def pop(self) -> Turn | None:
        """Take the first out of the line."""
        if not self._waiting:
            return None
        turn = self._waiting.popleft()
        self.interactive -= turn.priority is Priority.INTERACTIVE
        return turn

    def forget(self, turn: Turn) -> None:
        """Take a waiter out of the line."""
        if turn in self._waiting:
            self._waiting.remove(turn)
            self.interactive -= turn.priority is Priority.INTERACTIVE


class Lanes:
    """All customers with a write under way; memory follows these alone."""

    __slots__ = ("_heads",)

    def __init__(self) -> None:
        self._heads: dict[str, Turn] = {}

    def enter(self, customer: str, priority: Priority) -> Turn:
        """Join *customer*'s lane; the turn is granted at once when the lane is free."""
        turn = Turn(self._heads, customer, priority)
        head = self._heads.setdefault(customer, turn)
        if head is not turn:
            turn.wait_behind(head)
        return turn

    def __len__(self) -> int:
        return len(self._heads)
