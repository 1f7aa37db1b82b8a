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

    __slots__ = ("_future", "_lane", "on_promotion", "priority")

    def __init__(self, lane: _Lane, priority: Priority) -> None:
        self._lane = lane
        self._future: asyncio.Future[None] | None = None
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
        future = self._future
        if future is None:
            return
        try:
            await future
        except asyncio.CancelledError:
            if future.cancelled():
                self._lane.forget(self)
            else:
                self._lane.leave()
            raise

    def leave(self) -> None:
        """Hand the lane to the next in line."""
        self._lane.leave()

    def leave_later(self, clock: Clock) -> None:
        """Hand the lane on after `REOPEN_AFTER` seconds."""
        clock.call_later(REOPEN_AFTER, self._lane.leave)

    def wait(self) -> None:
        """Become one that waits."""
        self._future = asyncio.get_running_loop().create_future()

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


class _Lane:
    """One customer's line: the turn at its head and those that wait."""

    __slots__ = ("_customer", "_head", "_interactive", "_lanes", "_waiting")

    def __init__(self, lanes: dict[str, _Lane], customer: str, priority: Priority) -> None:
        self._lanes = lanes
        self._customer = customer
        self._waiting: deque[Turn] = deque()
        self._interactive = 0
        self._head = Turn(self, priority)
        lanes[customer] = self

    @property
    def head(self) -> Turn:
        """The turn that owns the lane."""
        return self._head

    def join(self, priority: Priority) -> Turn:
        """Wait behind everybody else."""
        turn = Turn(self, priority)
        turn.wait()
        self._waiting.append(turn)
        self._interactive += priority is Priority.INTERACTIVE
        self._head.raise_to(priority)
        return turn

    def forget(self, turn: Turn) -> None:
        """Take a waiter out of the line."""
        if turn in self._waiting:
            self._waiting.remove(turn)
            self._interactive -= turn.priority is Priority.INTERACTIVE

    def leave(self) -> None:
        """Give the lane to the first that still waits, or close it."""
        while self._waiting:
            turn = self._waiting.popleft()
            self._interactive -= turn.priority is Priority.INTERACTIVE
            if turn.wake():
                self._head = turn
                if self._interactive:
                    turn.raise_to(Priority.INTERACTIVE)
                return
        # The head knows its lane: without this, every write would leave a cycle to collect.
        del self._lanes[self._customer], self._head


class Lanes:
    """All customers with a write under way; memory follows these alone."""

    __slots__ = ("_lanes",)

    def __init__(self) -> None:
        self._lanes: dict[str, _Lane] = {}

    def enter(self, customer: str, priority: Priority) -> Turn:
        """Join *customer*'s lane; the turn is granted at once when the lane is free."""
        lane = self._lanes.get(customer)
        if lane is None:
            return _Lane(self._lanes, customer, priority).head
        return lane.join(priority)

    def __len__(self) -> int:
        return len(self._lanes)
