"""What crosses the wire, and the two seams around it: the transport and the clock."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar

from attrs import define, field, frozen

T = TypeVar("T")

SHORTEST_KEY: Final = 8
"""Characters; what is shorter is no real key, and stands in ordinary text by chance."""


@define
class Request:
    """One HTTP request, complete; the same object is sent on every attempt of a call."""

    method: str
    target: str
    """Path and query as they travel, percent-encoded: ``/api/v4/integrations/orders?limit=2``."""
    headers: Mapping[str, str] = field(repr=False)
    """Lower-case names; holds the keys, so it is never shown."""
    body: bytes | None = field(default=None, repr=False)

    def redact(self, text: str) -> str:
        """*text* without the keys that this request carries, should the other side echo them."""
        keys = (self.headers.get("apikey", ""), self.headers.get("secretkey", ""))
        for key in sorted(keys, key=len, reverse=True):  # one may be the beginning of the other
            if len(key) >= SHORTEST_KEY:
                text = text.replace(key, "***")
        return text


class Headers(dict[str, str]):
    """Header fields by their lower-case names, and as the lines that travel; never shown."""

    __slots__ = ("lines",)

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(fields)
        self.lines: str = "".join([f"{name}: {value}\r\n" for name, value in fields.items()])

    def __repr__(self) -> str:
        return f"Headers({', '.join(self)})"


@define
class Answer:
    """One complete HTTP answer, read to its end."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    """Asked with lower-case names."""
    body: bytes = field(default=b"", repr=False)
    oversized: bool = False
    """The answer was larger than the transport reads; `body` is only its beginning."""


@frozen
class Lost:
    """An attempt that ended without a complete answer."""

    sent: bool
    """False only when it is certain that no byte of the request left this machine."""
    kind: str
    """The foreign exception's type, e.g. ``ServerDisconnectedError``."""
    text: str = ""
    timed_out: bool = False


@frozen(kw_only=True)
class Response(Generic[T]):
    """What a call brought back, and what it took."""

    value: T
    """The decoded body."""
    status: int
    headers: Mapping[str, str] = field(repr=False)
    request_id: str | None
    """Quote it when you write to Gameball's support; None when the API sent none."""
    attempts: int
    """Requests that were started on the wire."""
    waited: float
    """Seconds spent waiting in line: lane, limiter, slot and back-off."""
    elapsed: float
    """Seconds from the start of the call to its end."""
    body: bytes = field(repr=False)
    """The answer's bytes as received."""


class Attempt:
    """What the transport and the call tell each other while a request is on the wire."""

    __slots__ = ("_connected", "connect", "sent")

    def __init__(self, connect: float, connected: Callable[[], None]) -> None:
        self.connect: float = connect
        """Seconds the transport may take to get a connection."""
        self.sent: bool = True
        """Whether a byte may have left; a transport that knows better says so."""
        self._connected = connected

    def on_connection(self) -> None:
        """Say that a connection is ready: from here on the request may arrive."""
        self.sent = True
        self._connected()


class Transport(Protocol):
    """Sends one request once: no redirect, no retry."""

    async def send(self, request: Request, attempt: Attempt) -> Answer | Lost:
        """Send *request* once and return its answer, read to the end.

        What it raises, cancellation apart, counts as an attempt that was lost; whether it was
        sent is then what `attempt.sent` says.
        """
        ...

    async def aclose(self) -> None:
        """Close every connection; called once, on the loop that sent the requests."""
        ...


class Timer(Protocol):
    """A callback that was put off; what `asyncio.TimerHandle` already is."""

    def cancel(self) -> None:
        """Forget the callback."""
        ...


class Clock(Protocol):
    """Where time comes from, so that tests can own it."""

    def monotonic(self) -> float:
        """Seconds on a clock that never goes back."""
        ...

    def now(self) -> datetime:
        """The time of day, aware, in UTC."""
        ...

    def call_later(self, delay: float, callback: Callable[[], None]) -> Timer:
        """Run *callback* on the running loop after *delay* seconds."""
        ...


class SystemClock:
    """The machine's own clocks and the running event loop's timers."""

    __slots__ = ()

    if TYPE_CHECKING:

        @staticmethod
        def monotonic() -> float:
            """Seconds on a clock that never goes back."""
            ...
    else:  # the function itself, which every grant calls twice; checkers read no type in this
        monotonic = staticmethod(time.monotonic)

    @staticmethod
    def now() -> datetime:
        """The time of day, aware, in UTC."""
        return datetime.now(UTC)

    @staticmethod
    def call_later(delay: float, callback: Callable[[], None]) -> Timer:
        """Run *callback* on the running loop after *delay* seconds."""
        return asyncio.get_running_loop().call_later(delay, callback)


async def sleep(clock: Clock, seconds: float) -> None:
    """Wait on *clock*."""
    done = asyncio.get_running_loop().create_future()

    def ring() -> None:
        if not done.done():
            done.set_result(None)

    timer = clock.call_later(seconds, ring)
    try:
        await done
    finally:
        timer.cancel()
