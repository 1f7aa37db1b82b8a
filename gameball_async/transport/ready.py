"""A request that aiohttp only has to put on the wire, because its bytes are ready."""

from __future__ import annotations

import asyncio
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, Final, cast

import aiohttp
from aiohttp import hdrs
from aiohttp.abc import AbstractStreamWriter
from aiohttp.connector import Connection
from aiohttp.helpers import BaseTimerContext
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from gameball_async.transport.http import Headers, Request

UNDERSTOOD: Final = aiohttp.__version__.startswith("3.14.")
"""Whether this is an aiohttp whose session asks of a request what `ReadyRequest` answers."""

_ENCODINGS: Final = aiohttp.ClientRequest.DEFAULT_HEADERS[hdrs.ACCEPT_ENCODING]
_ALWAYS: Final = f"Accept-Encoding: {_ENCODINGS}\r\n"
_NO_HEADERS: Final = CIMultiDict[str]()
_WRITTEN: Final = cast("AbstractStreamWriter", SimpleNamespace(output_size=0))
"""Stands for aiohttp's own writer, which is asked how much it wrote."""


@lru_cache(maxsize=512)
def _info(method: str, url: URL) -> aiohttp.RequestInfo:
    """What a response of aiohttp knows of its request: no headers, so no keys."""
    return aiohttp.RequestInfo(url, method, CIMultiDictProxy(_NO_HEADERS), url)


def _written(request: Request, host: str) -> bytes:
    """All of *request* as it travels; what is not sent in pieces needs no task that sends it."""
    body, headers = request.body, request.headers
    lines = headers.lines if isinstance(headers, Headers) else Headers(headers).lines
    if body is not None:
        lines = f"Content-Length: {len(body)}\r\n{lines}"
    elif request.method != "GET":
        lines = f"Content-Length: 0\r\n{lines}"
    head = f"{request.method} {request.target} HTTP/1.1\r\nHost: {host}\r\n{_ALWAYS}{lines}\r\n"
    return head.encode("ascii") + (body or b"")


class ReadyRequest(aiohttp.ClientRequest):
    """What a session makes of a `Request` that it is given as its data.

    A fifth of what a call costs is aiohttp's: putting headers together that never change, and a
    task for each body. Given anything else, it is aiohttp's own request.
    """

    def __init__(
        self,
        method: str,
        url: URL,
        *,
        data: Any = None,
        loop: asyncio.AbstractEventLoop,
        session: aiohttp.ClientSession,
        timer: BaseTimerContext,
        ssl: Any = True,
        **others: Any,
    ) -> None:
        self._ready = data if isinstance(data, Request) else None
        if self._ready is None:
            settings: dict[str, Any] = {
                "loop": loop,
                "session": session,
                "timer": timer,
                "ssl": ssl,
                **others,
            }
            super().__init__(method, url, data=data, **settings)
            return
        self.method: str = method
        self.url: URL = url
        self.original_url: URL = url
        self.headers: CIMultiDict[str] = _NO_HEADERS
        self.loop: asyncio.AbstractEventLoop = loop
        self.proxy: URL | None = None
        self.proxy_auth: Any = None
        self.proxy_headers: Any = None
        self.server_hostname: str | None = None
        self._session, self._timer, self._ssl = session, timer, ssl

    async def send(self, conn: Connection) -> aiohttp.ClientResponse:
        """Write it in one piece, unless it is an ordinary request."""
        if self._ready is None:
            return await super().send(conn)
        transport = conn.transport
        assert transport is not None, "the connector looks"  # noqa: S101 - for the checkers
        transport.write(_written(self._ready, self.url.host_port_subcomponent or ""))
        return aiohttp.ClientResponse(
            self.method,
            self.url,
            writer=None,
            continue100=None,
            timer=self._timer,
            request_info=_info(self.method, self.url),
            traces=[],
            loop=self.loop,
            session=self._session,
            stream_writer=_WRITTEN,
        )
