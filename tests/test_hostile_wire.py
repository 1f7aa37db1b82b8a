"""Bytes that are hardly HTTP: each ends in the class that is true of it."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from gameball_async import (
    ApiError,
    GameballClient,
    Operation,
    OutcomeUnknownError,
    RedirectError,
    RequestError,
    ResponseDecodeError,
    RetryPolicy,
)
from gameball_async.config import MAX_BODY
from tests.clients import client
from tests.wire import Raw, wire

ONCE = RetryPolicy(attempts=1)
MIB = 2**20
OK = b"HTTP/1.1 200 OK\r\n"
FITS = OK + b"Content-Length: 2\r\n\r\n{}"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
BOMB = gzip.compress(b" " * (64 * MIB), 9)
LONG = b"a" * 100_000


def zipped(body: bytes, encoding: bytes = b"gzip") -> bytes:
    return OK + b"Content-Encoding: %s\r\nContent-Length: %d\r\n\r\n" % (encoding, len(body)) + body


def chunks(count: int) -> bytes:
    return CHUNKED + (b"%x\r\n" % MIB + b" " * MIB + b"\r\n") * count + b"0\r\n\r\n"


def headed(*lines: bytes) -> bytes:
    return OK + b"".join(line + b"\r\n" for line in lines) + b"Content-Length: 2\r\n\r\n{}"


VALUES = {
    "continue-first": b"HTTP/1.1 100 Continue\r\n\r\n" * 1000 + FITS,
    "hints-first": b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + FITS,
    "until-the-end": OK + b"\r\n{}",
    "another-answer-behind": FITS + FITS,
    "a-long-extension-of-a-chunk": CHUNKED + b"2;" + LONG + b"\r\n{}\r\n0\r\n\r\n",
    "an-encoding-that-nobody-knows": zipped(b"{}", b"rot13"),
    "headers-that-are-no-text": headed(b"X-Request-Id: \xff\xfe", b"Content-Type: \xff; charset=x"),
    "a-broken-cookie": headed(b"Set-Cookie: a=b; domain=\x7f"),
    "a-folded-header": headed(b"X: a", b" b"),
    "as-much-as-is-read": OK + b"Content-Length: %d\r\n\r\n{}" % MAX_BODY + b" " * (MAX_BODY - 2),
}
LOST = {
    "nothing": b"",
    "garbage": b"\x00\x01\xff\r\n\r\n",
    "no-head": b"{}",
    "another-protocol": b"ICY 200 OK\r\n\r\n",
    "a-version-of-its-own": b"HTTP/9.9 200 OK\r\n\r\n",
    "a-status-of-five-digits": b"HTTP/1.1 99999 X\r\n\r\n",
    "a-status-of-two-digits": b"HTTP/1.1 99 X\r\n\r\n",
    "only-a-beginning": b"HTTP/1.1 102 Processing\r\n\r\n",
    "a-huge-header": headed(b"X: " + LONG),
    "five-thousand-headers": headed(*(b"X-%d: a" % n for n in range(5000))),
    "a-nul-in-a-header": headed(b"X: a\x00b"),
    "more-promised": OK + b"Content-Length: 20\r\n\r\n{}",
    "much-more-promised": OK + b"Content-Length: 99999999999\r\n\r\n{}",
    "a-length-past-counting": OK + b"Content-Length: 99999999999999999999999\r\n\r\n{}",
    "less-promised": OK + b"Content-Length: 1\r\n\r\n{}",
    "a-negative-length": OK + b"Content-Length: -1\r\n\r\n{}",
    "a-length-in-words": OK + b"Content-Length: two\r\n\r\n{}",
    "two-lengths": OK + b"Content-Length: 3\r\nContent-Length: 2\r\n\r\n{}",
    "a-length-and-chunks": headed(b"Transfer-Encoding: chunked"),
    "garbage-behind": FITS + b"GARBAGE",
    "a-body-where-none-may-be": b"HTTP/1.1 204 X\r\nContent-Length: 2\r\n\r\n{}",
    "no-size-of-a-chunk": CHUNKED + b"zz\r\n{}",
    "a-negative-chunk": CHUNKED + b"-2\r\n{}\r\n0\r\n\r\n",
    "no-last-chunk": CHUNKED + b"2\r\n{}\r\n",
    "a-huge-trailer": CHUNKED + b"2\r\n{}\r\n0\r\nX: " + LONG + b"\r\n\r\n",
    "not-zipped": zipped(b"{}"),
}
UNREADABLE = {
    "no-body": b"HTTP/1.1 204 X\r\n\r\n",
    "half-a-zip": zipped(gzip.compress(b"{}")[:10]),
    "one-byte-too-long": OK
    + b"Content-Length: %d\r\n\r\n" % (MAX_BODY + 1)
    + b" " * (MAX_BODY + 1),
    "one-chunk-too-many": chunks(33),
    "too-long-until-the-end": OK + b"\r\n" + b" " * (MAX_BODY + 1),
    "a-bomb": zipped(BOMB),
    "a-bomb-of-good-json": zipped(gzip.compress(b"{}" + b" " * MAX_BODY, 9)),
    "a-bomb-of-a-refusal": zipped(BOMB).replace(b"200", b"299", 1),
}


async def _read(gameball: GameballClient) -> Any:
    return await gameball.customers.get("c")


async def _write(gameball: GameballClient) -> Any:
    return await gameball.transactions.hold(customer_id="c", points_to_hold=1)


@pytest.mark.parametrize("name", VALUES)
async def test_what_is_odd_and_complete_is_read(name: str) -> None:
    async with wire(Raw(VALUES[name])) as server, client(server.url, retry=ONCE) as gameball:
        assert await _read(gameball) is not None
        assert await _write(gameball) is not None
        assert 2 == len(server.seen) == server.connections


@pytest.mark.parametrize("name", LOST)
async def test_what_is_no_answer_is_a_lost_answer(name: str) -> None:
    async with wire(Raw(LOST[name])) as server, client(server.url, retry=ONCE) as gameball:
        with pytest.raises(RequestError) as caught:
            await _read(gameball)
        assert RequestError is type(caught.value)
        assert len(str(caught.value)) < 1000
        with pytest.raises(OutcomeUnknownError):
            await _write(gameball)
        assert 2 == len(server.seen)


@pytest.mark.parametrize("name", UNREADABLE)
async def test_what_was_answered_and_cannot_be_read_says_so(name: str) -> None:
    async with wire(Raw(UNREADABLE[name])) as server, client(server.url, retry=ONCE) as gameball:
        for call, unknown in ((_read, False), (_write, True)):
            with pytest.raises(ResponseDecodeError) as caught:
                await call(gameball)
            assert unknown == caught.value.outcome_unknown
        assert 2 == len(server.seen)


@pytest.mark.parametrize("status", ["000", "101", "199", "408", "500", "600", "999"])
async def test_a_status_that_the_api_never_has_refuses_no_write(status: str) -> None:
    raw = Raw(f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
    async with wire(raw) as server, client(server.url, retry=ONCE) as gameball:
        with pytest.raises((ApiError, RequestError)):
            await _read(gameball)
        with pytest.raises(OutcomeUnknownError):
            await _write(gameball)
        assert 2 == len(server.seen)


@pytest.mark.parametrize("status", [301, 304, 399])
async def test_every_3xx_is_a_redirect(status: int) -> None:
    raw = Raw(b"HTTP/1.1 %d X\r\nLocation: http://[\r\nContent-Length: 0\r\n\r\n" % status)
    async with wire(raw) as server, client(server.url, retry=ONCE) as gameball:
        with pytest.raises(RedirectError):
            await _write(gameball)
        assert 1 == len(server.seen)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        pytest.param("GET /x HTTP/1.1\r\nX: y\r\n\r\nGET", "/orders", id="in-the-method"),
        pytest.param("get", "/orders", id="which-is-no-method"),
        pytest.param("GET", "orders", id="without-a-path"),
        pytest.param("GET", "/orders#part", id="behind-a-fragment"),
        pytest.param("GET", "/orders\r\nX: y", id="in-the-path"),
        pytest.param("GET", "/orders HTTP/1.1\r\nX: y\r\n\r\n", id="a-whole-request-in-the-path"),
    ],
)
def test_an_operation_of_ones_own_injects_no_header(method: str, path: str) -> None:
    with pytest.raises(ValueError, match="must match"):
        Operation(method, path, dict)


@pytest.mark.parametrize("text", ["a\r\nX: y", "a b", "a?b#c", "\N{ROCKET}", "%0d%0a", "a/b"])
async def test_ids_and_queries_travel_encoded_and_inject_no_header(text: str) -> None:
    async with wire() as server, client(server.url, retry=ONCE) as gameball:
        await gameball.customers.get(text)
        await gameball.send(Operation("GET", "/x", dict), query={text: text})
        assert 2 == len(server.seen)
        assert [] == [seen for seen in server.seen if "x" in seen.headers]
        for seen in server.seen:
            assert seen.target.isascii()
            assert not {" ", "#", "\r", "\n"} & {*seen.target}
            assert text not in seen.target
