"""Pooled aiohttp sessions, one per event loop; the only module that speaks aiohttp to the API."""

from __future__ import annotations

import asyncio
import os
import select
from collections.abc import AsyncGenerator, Callable
from contextvars import ContextVar
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

import aiohttp
from aiohttp.payload import BytesPayload
from yarl import URL

from gameball_async.config import MAX_BODY, Network
from gameball_async.transport.http import Answer, Attempt, Request
from gameball_async.transport.ready import UNDERSTOOD, ReadyRequest

if TYPE_CHECKING:
    from aiohttp.client import ClientTimeout
    from aiohttp.client_proto import ResponseHandler
    from aiohttp.connector import Connection
    from aiohttp.tracing import Trace

_JSON: Final = "application/json"
EXCERPT: Final = 200
"""Bytes kept of an answer that is too large to read."""

_attempt: ContextVar[Attempt] = ContextVar("attempt")


class _Connector(aiohttp.TCPConnector):
    """Says when a connection is ready, and hands out none on which something has come in.

    Until a connection is ready, nothing can have been sent. What comes in unasked is an end, or an
    answer to nothing: aiohttp sends into an end that its loop had no time to notice, and takes
    such an answer for the next request's.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)  # pyright: ignore[reportUnknownMemberType] - aiohttp's own
        self._handed_out: WeakKeyDictionary[object, Callable[[int], object]] = WeakKeyDictionary()
        """What tells whether a connection that was handed out before has something to read."""

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Trace],
        timeout: ClientTimeout,  # noqa: ASYNC109 - aiohttp's signature
    ) -> Connection:
        """Get a connection as aiohttp does, until one is fit for use, and say so."""
        while True:
            connection = await super().connect(req, traces, timeout)
            protocol = connection.protocol
            assert protocol is not None, "it was just handed out"  # noqa: S101 - for the checkers
            readable = self._handed_out.get(protocol)
            if not protocol.should_close and not (readable or self._first_look(protocol))(0):
                _attempt.get().on_connection()
                return connection
            connection.close()
            if readable is None:
                raise aiohttp.ServerDisconnectedError("hung up or spoke before it was asked")

    def _first_look(self, protocol: ResponseHandler) -> Callable[[int], object]:
        """What tells whether something came in since the connection was opened."""
        transport = protocol.transport
        assert transport is not None, "or it should close"  # noqa: S101 - for the checkers
        readable = self._handed_out[protocol] = _readable(transport)
        behind_tls = transport.get_extra_info("sslcontext") is not None
        return _unknown if behind_tls else readable  # TLS speaks unasked behind its handshake


def _readable(transport: asyncio.Transport) -> Callable[[int], object]:
    """What tells within so many milliseconds whether there is something to read."""
    if not hasattr(select, "poll"):
        return _unknown  # Windows: its loop has a read going at any time
    poll = select.poll()
    poll.register(transport.get_extra_info("socket").fileno(), select.POLLIN)
    return poll.poll


def _unknown(_milliseconds: int) -> None:
    """Nothing can be told."""


def one_attempt_is_one_request(session: aiohttp.ClientSession) -> None:
    """Switch off aiohttp's silent resend of idempotent requests on a dropped connection.

    There is no public switch. A test counts requests on the wire, so that an aiohttp that renames
    this is noticed.
    """
    session._retry_connection = False  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - see above


@lru_cache(maxsize=512)
def _url(origin: str, target: str) -> URL:
    """The address of a request; the target is encoded already."""
    return URL(origin + target, encoded=True)


@lru_cache(maxsize=16)
def _timeout(connect: float) -> aiohttp.ClientTimeout:
    """Only the connection is timed here: the deadline and the read limit are the watch's."""
    return aiohttp.ClientTimeout(total=None, connect=connect)


def _payload(body: bytes | None) -> BytesPayload | None:
    """A body as aiohttp's own requests take it."""
    return None if body is None else BytesPayload(body, content_type=_JSON)


class Pool:
    """One client's connections on one loop: open from the first request, closed with the loop."""

    def __init__(self, origin: str, network: Network) -> None:
        self._origin = origin
        self._network = network
        self._ready = False
        """Whether requests are written whole: not to a proxy, and not where others listen in."""
        self._session: aiohttp.ClientSession | None = None
        self._keeper: AsyncGenerator[None] | None = None

    def __repr__(self) -> str:
        return f"Pool({self._origin!r})"

    async def send(self, request: Request, attempt: Attempt) -> Answer:
        """Send *request* once and read its answer to the end."""
        attempt.sent = False
        token = _attempt.set(attempt)
        response = None
        try:
            session = self._session or await self._open()
            response = await session.request(
                request.method,
                _url(self._origin, request.target),
                data=request if self._ready else _payload(request.body),
                headers=None if self._ready else request.headers,
                allow_redirects=False,
                timeout=_timeout(attempt.connect),
            )
            if response.content.is_eof():  # all of it has come: nothing to wait for, or to count
                return _answer(response, response.content.read_nowait())
            return await _read(response)
        except BaseException as error:
            if response is not None:
                response.close()
            if isinstance(error, asyncio.CancelledError):
                # The frames behind this one hold the headers, and error trackers read frames.
                raise error.with_traceback(None) from None
            raise
        finally:
            _attempt.reset(token)

    async def _open(self) -> aiohttp.ClientSession:
        """Open the session, and tie its end to the loop's."""
        connector = _Connector(limit=0, ttl_dns_cache=300, ssl=self._network.ssl_context or True)
        self._session = session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=_timeout(5.0),
            proxy=self._network.proxy,
            request_class=ReadyRequest,
        )
        self._ready = UNDERSTOOD and self._network.proxy is None and not session.trace_configs
        one_attempt_is_one_request(session)
        self._keeper = _keep(session)
        await anext(self._keeper)
        return session

    async def aclose(self) -> None:
        """Close every connection."""
        keeper, self._keeper, self._session = self._keeper, None, None
        if keeper is not None:
            await keeper.aclose()


async def _keep(session: aiohttp.ClientSession) -> AsyncGenerator[None]:
    """Hold *session* open; a loop that ends closes its async generators, and so the session.

    A child that was forked inside a coroutine ends the loop too: the connections are its parent's.
    """
    owner = os.getpid()
    try:
        yield
    finally:
        if os.getpid() == owner:
            await session.close()


def _answer(response: aiohttp.ClientResponse, body: bytes) -> Answer:
    """What was read, or only its beginning when it is more than is taken."""
    if len(body) > MAX_BODY:
        return Answer(response.status, response.headers, body[:EXCERPT], oversized=True)
    return Answer(response.status, response.headers, body)


async def _read(response: aiohttp.ClientResponse) -> Answer:
    """Read the rest of an answer to its end, or to the limit."""
    parts: list[bytes] = []
    room = MAX_BODY
    async for part in response.content.iter_any():
        parts.append(part)
        room -= len(part)
        if room < 0:
            response.close()
            break
    return _answer(response, b"".join(parts))
