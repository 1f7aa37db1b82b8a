"""Requests that are written whole, and when they are left to aiohttp instead."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from gameball_async import GameballClient, Operation
from gameball_async.transport import pool, ready
from tests.clients import client, order
from tests.wire import Seen, wire

EVERY = {"host", "accept", "accept-encoding", "user-agent", "apikey", "secretkey"}
A_READ = Operation("GET", "/read", dict[str, Any])
A_BARE_WRITE = Operation("POST", "/write", dict[str, Any])


async def _ask(gameball: GameballClient) -> None:
    """A read, a write, and a write without a body."""
    await gameball.send(A_READ, query={"at": "x y"})
    await gameball.orders.track(order())
    await gameball.send(A_BARE_WRITE)


def test_the_aiohttp_of_these_tests_is_understood() -> None:
    assert ready.UNDERSTOOD


async def test_a_request_is_as_complete_as_aiohttps_own(monkeypatch: pytest.MonkeyPatch) -> None:
    async with wire() as server, client(server.url) as gameball:
        await _ask(gameball)
    monkeypatch.setattr(pool, "UNDERSTOOD", False)
    async with wire() as other, client(other.url) as gameball:
        await _ask(gameball)

    assert ["GET", "POST", "POST"] == [seen.method for seen in server.seen]
    assert [b"", b""] == [server.seen[0].body, server.seen[2].body]
    assert 1 == server.connections
    for mine, theirs in zip(server.seen, other.seen, strict=True):
        assert (theirs.method, theirs.target, theirs.body) == (mine.method, mine.target, mine.body)
        same = {*mine.headers} - {"host"}
        assert {n: theirs.headers[n] for n in same} == {n: mine.headers[n] for n in same}
        assert server.url == f"http://{mine.headers['host']}"
    read, write, bare = (set(seen.headers) for seen in server.seen)
    assert (EVERY, EVERY | {"content-length", "content-type"}) == (read, write)
    assert EVERY | {"content-length"} == bare
    assert "application/octet-stream" == other.seen[2].headers["content-type"], "aiohttp's own"


async def test_where_others_trace_sessions_they_see_and_change_the_headers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Error trackers and tracers add a trace to every session, and a header to every request."""
    ended: list[int] = []
    plain = aiohttp.ClientSession.__init__

    async def begin(_session: Any, _context: Any, params: aiohttp.TraceRequestStartParams) -> None:
        params.headers["traceparent"] = "00-1-2-01"

    async def end(_session: Any, _context: Any, params: aiohttp.TraceRequestEndParams) -> None:
        ended.append(params.response.status)

    def traced(self: aiohttp.ClientSession, **settings: Any) -> None:
        trace = aiohttp.TraceConfig()
        trace.on_request_start.append(begin)
        trace.on_request_end.append(end)
        plain(self, trace_configs=[trace], **settings)

    monkeypatch.setattr(aiohttp.ClientSession, "__init__", traced)
    async with wire() as server, client(server.url) as gameball:
        await _ask(gameball)

    assert ["00-1-2-01"] * 3 == [seen.headers["traceparent"] for seen in server.seen]
    assert [200] * 3 == ended


def _of(sent: list[Seen], name: str) -> list[str | None]:
    return [seen.headers.get(name) for seen in sent]


async def test_keys_that_change_and_a_language_are_written_as_they_are_now() -> None:
    keys = iter(["first-key-1234", "second-key-1234"])
    tiers = Operation("GET", "/tiers", dict[str, Any], language="header")
    async with wire() as server, client(server.url, api_key=lambda: next(keys)) as gameball:
        await gameball.send(tiers)
        await gameball.with_options(language="ar").send(tiers)

    assert ["first-key-1234", "second-key-1234"] == _of(server.seen, "apikey")
    assert [None, "ar"] == _of(server.seen, "lang")
