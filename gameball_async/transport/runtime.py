"""What a client and its copies share: keys, limiter, listeners, and what they own on one loop."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Coroutine, Mapping
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit
from weakref import WeakSet

import anyio
from attrs import define, field, frozen

from gameball_async.config import Credentials, Network
from gameball_async.errors import ClientClosedError, ConfigurationError, WrongEventLoopError
from gameball_async.hooks import Hooks
from gameball_async.transport.http import Clock, Headers, Transport
from gameball_async.transport.lanes import Lanes
from gameball_async.transport.limiter import Limiter
from gameball_async.transport.slots import Slots
from gameball_async.transport.watch import Watch

T = TypeVar("T")

GRACE: Final = 5.0
"""Seconds that requests on the wire get to finish when the client closes."""
USER_AGENT: Final = (
    f"gameball-async/{version('gameball-async')} "
    f"python/{sys.version_info.major}.{sys.version_info.minor}.{sys.version_info.micro}"
)


class Stamps:
    """The times that this process gives to writes: each at least a millisecond after the last.

    The API refuses a time that a customer already has (9003).
    """

    def __init__(self) -> None:
        self._last = datetime.min.replace(tzinfo=UTC)
        self.after_fork()

    def after_fork(self) -> None:
        """Take a lock of one's own: another thread may have held the inherited one."""
        self._lock = threading.Lock()

    def next(self, now: datetime) -> datetime:
        """*now*, cut to milliseconds, or as much later as it takes to be new."""
        cut = now.replace(microsecond=now.microsecond // 1000 * 1000)
        with self._lock:
            self._last = max(cut, self._last + timedelta(milliseconds=1))
            return self._last


STAMPS: Final = Stamps()


@frozen
class Address:
    """Where the API is."""

    origin: str
    """Scheme and host: ``https://api.gameball.co``."""
    prefix: str
    """The path before ``/orders``: ``/api/v4/integrations``."""

    @classmethod
    def of(cls, base_url: str) -> Address:
        """Split a base URL as `read_base_url` returns it."""
        parts = urlsplit(base_url)
        return cls(f"{parts.scheme}://{parts.netloc}", parts.path)

    @property
    def always_secret(self) -> bool:
        """Whether this version of the API needs the secret key on every operation."""
        return "/api/v4.1/" in f"{self.prefix}/"


@define(eq=False)
class Runtime:
    """What a client owns on one event loop; never moved to another."""

    loop: asyncio.AbstractEventLoop
    transport: Transport
    slots: Slots
    watch: Watch
    lanes: Lanes = field(factory=Lanes)
    tasks: set[asyncio.Task[Any]] = field(factory=set[asyncio.Task[Any]])

    def spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run *work* as a task that ends with the client."""
        task = self.loop.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    async def wind_down(self) -> None:
        """End what waits, let what is on the wire finish within `GRACE`, close the connections."""
        try:
            for task in [*self.tasks]:
                task.cancel()
            self.watch.close(on_wire=False)
            with anyio.move_on_after(GRACE):
                await self.watch.idle()
            self.watch.close(on_wire=True)
            await self.watch.idle()
        finally:
            self.watch.stop()
            await self.transport.aclose()


class Core:
    """The one owner of a client's mutable state."""

    def __init__(
        self,
        *,
        credentials: Credentials,
        address: Address,
        network: Network,
        limiter: Limiter | None,
        hooks: Hooks,
        transport: Transport | None,
        clock: Clock,
    ) -> None:
        self.credentials = credentials
        self.address = address
        self.limiter = limiter
        self.hooks = hooks
        self.clock = clock
        self.closed: bool = False
        self.described_jobs: bool = False
        """Whether the account's API answers about batch jobs on the path of its description, and
        not on that of the guides (C-68)."""
        self._network = network
        self._transport = transport
        self._runtime: Runtime | None = None
        self._standing = _standing(credentials) if credentials.fixed else None
        _cores.add(self)

    def runtime(self, operation: str | None = None) -> Runtime:
        """What belongs to the running loop.

        Raises:
            ClientClosedError: The client was closed.
            WrongEventLoopError: The client is in use on another loop, which is alive.
        """
        runtime, loop = self._runtime, asyncio.get_running_loop()
        if self.closed:
            raise ClientClosedError("the client is closed", operation=operation)
        if runtime is None or runtime.loop is not loop:
            return self._open(loop, operation)
        return runtime

    def _open(self, loop: asyncio.AbstractEventLoop, operation: str | None) -> Runtime:
        """Begin on *loop*: connections, lanes and slots are new, the limiter's tokens stay."""
        fresh = Runtime(
            loop=loop,
            transport=self._transport or self._pool(),
            slots=Slots(self._network.max_in_flight),
            watch=Watch(self.clock),
        )
        with _opening:
            runtime = self._runtime
            if runtime is not None and not runtime.loop.is_closed():
                raise WrongEventLoopError(
                    "the client is in use on another event loop; make one client per loop, "
                    "or use gameball_sync from threads",
                    operation=operation,
                )
            if self.limiter is not None:
                self.limiter.attach()
            self._runtime = fresh
        return fresh

    def _pool(self) -> Transport:
        # aiohttp takes longer to import than everything else together.
        from gameball_async.transport.pool import Pool  # noqa: PLC0415

        return Pool(self.address.origin, self._network)

    def headers(self, *, has_body: bool, language: str | None) -> Mapping[str, str]:
        """The headers of one call, the keys read now."""
        plain, with_body = self._standing or _standing(self.credentials)
        headers = with_body if has_body else plain
        return headers if language is None else {**headers, "lang": language}

    def require_secret(self, operation: str, *, needed: bool) -> None:
        """Refuse an operation that needs the secret key when there is none.

        Raises:
            ConfigurationError: Pass ``secret_key=``.
        """
        if self.credentials.secret_key is None and (needed or self.address.always_secret):
            raise ConfigurationError(
                "secret_key is missing: pass secret_key= or set GAMEBALL_SECRET_KEY",
                operation=operation,
            )

    async def aclose(self) -> None:
        """Refuse new calls, fail those that wait, give those on the wire `GRACE` seconds."""
        runtime = self._runtime
        if runtime is not None and not runtime.loop.is_closed():
            if runtime.loop is not asyncio.get_running_loop():
                raise WrongEventLoopError("close the client on the event loop that uses it")
            self.closed, self._runtime = True, None
            with anyio.CancelScope(shield=True):
                await runtime.wind_down()
        self.closed = True

    def after_fork(self) -> Runtime | None:
        """In a forked child: start anew, and return what was inherited."""
        inherited, self._runtime = self._runtime, None
        if self.limiter is not None:
            self.limiter.reset()
        return inherited


def _standing(credentials: Credentials) -> tuple[Headers, Headers]:
    """The headers of a request without a body, and of one with JSON in it."""
    plain = {"accept": "application/json", "user-agent": USER_AGENT, **credentials.headers()}
    return Headers(plain), Headers({**plain, "content-type": "application/json"})


_opening: Final = threading.RLock()
"""Held while a client or a limiter is tied to a loop: the loops of two threads may both try."""
_cores: WeakSet[Core] = WeakSet()
_inherited: list[Runtime] = []
"""A parent's loops and connections, kept for ever in its forked child: closing or collecting
them would unregister the parent's sockets from the event queue that both processes share."""


def _after_fork() -> None:
    STAMPS.after_fork()
    for core in [*_cores]:
        inherited = core.after_fork()
        if inherited is not None:
            _inherited.append(inherited)


_at_fork: Final = getattr(os, "register_at_fork", dict)  # Windows has no fork
_at_fork(after_in_child=_after_fork)
_at_fork(
    before=_opening.acquire,
    after_in_parent=_opening.release,
    after_in_child=_opening.release,
)
