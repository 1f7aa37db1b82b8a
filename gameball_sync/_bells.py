"""What wakes a thread that waits for another: a bell, rung once for every wait."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from functools import partial
from select import select
from typing import Final

__all__ = ("Bell", "bell", "waker")

SLICE: Final = 0.05 if sys.platform == "win32" else -1
"""Longest wait on a lock, in seconds: Windows lets no Ctrl-C into one; elsewhere it is endless."""
HIGHEST: Final = 255
"""Highest descriptor that a bell takes; a program that has so many open needs the rest itself."""


class LockBell:
    """A lock that is open once the bell was rung; any system has it."""

    __slots__ = ("_lock",)

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lock.acquire()

    def ring(self) -> None:
        """Wake whoever waits, or will."""
        self._lock.release()

    def wait(self) -> None:
        """Wait until it is rung; handlers of signals run meanwhile, and may raise."""
        while not self._lock.acquire(True, SLICE):  # noqa: FBT003 - quicker by position
            pass

    def wait_at_most(self, seconds: float) -> None:
        """Wait until it is rung, but no longer than so many seconds."""
        self._lock.acquire(timeout=seconds)


class DescriptorBell:
    """An eventfd, which Linux has; ringing it lets go of the GIL.

    Whoever is woken by a lock finds the GIL taken, and must sleep and be woken once more: a hop
    to the loop thread and back then costs twice as much.
    """

    __slots__ = ("descriptor",)

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def __del__(self) -> None:
        os.close(self.descriptor)

    def ring(self) -> None:
        """Wake whoever waits, or will."""
        os.eventfd_write(self.descriptor, 1)

    def wait(self) -> None:
        """Wait until it is rung; handlers of signals run meanwhile, and may raise."""
        os.read(self.descriptor, 8)  # `os.eventfd_read` is over with every signal

    def wait_at_most(self, seconds: float) -> None:
        """Wait until it is rung, but no longer than so many seconds."""
        select((self.descriptor,), (), (), seconds)


Bell = LockBell | DescriptorBell


def bell() -> Bell:
    """Make a bell, of the cheaper kind where there is one and descriptors are plenty."""
    if not hasattr(os, "eventfd"):
        return LockBell()
    try:
        made = DescriptorBell(os.eventfd(0))
    except OSError:
        return LockBell()
    return made if made.descriptor <= HIGHEST else LockBell()


def waker(loop: asyncio.AbstractEventLoop, wake: Callable[[], None]) -> Callable[[], object]:
    """What any thread may call to have *wake* called on *loop*; several calls may be one.

    asyncio's own way makes a handle, sends through a socket, and reads that until it is empty.
    """
    made = bell()
    if isinstance(made, LockBell):
        return partial(loop.call_soon_threadsafe, wake)

    def heard() -> None:
        os.eventfd_read(made.descriptor)  # it was rung, so nothing blocks
        wake()

    loop.add_reader(made.descriptor, heard)
    return made.ring
