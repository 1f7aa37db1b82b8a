"""Places on the wire: at most so many requests at once, first come, first served."""

from __future__ import annotations

import asyncio
from collections import deque


class Slots:
    """The places of one client on one loop.

    `asyncio.Semaphore` does the same, and takes a microsecond where nobody waits.
    """

    __slots__ = ("_waiting", "free")

    def __init__(self, count: int) -> None:
        self.free: int = count
        """Places that nobody has and nobody waits for."""
        self._waiting: deque[asyncio.Future[None]] = deque()

    def take(self) -> bool:
        """Take a place if one is free; False when the caller has to `wait`."""
        if self.free == 0:
            return False
        self.free -= 1
        return True

    async def wait(self) -> None:
        """Wait for a place; cancelled here, a place that was just given goes to the next."""
        place = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        try:
            await place
        except BaseException:
            if not place.cancelled():
                self.release()
            raise

    def release(self) -> None:
        """Hand a place on to the first that still waits, or keep it for who comes next."""
        while self._waiting:
            place = self._waiting.popleft()
            if not place.done() and not place.get_loop().is_closed():
                place.set_result(None)
                return
        self.free += 1
