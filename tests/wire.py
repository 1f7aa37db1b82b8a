"""A raw socket server that counts requests and breaks connections where it is told to."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import orjson
from attrs import field, frozen


@frozen
class Seen:
    """One request as it arrived."""

    method: str
    target: str
    headers: Mapping[str, str]
    """Lower-case names."""
    body: bytes
    connection: int
    """Which connection it came on, counted from 0."""

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)


@frozen
class Reply:
    """A complete answer, after *delay* seconds."""

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(factory=dict[str, str])
    delay: float = 0.0

    def raw(self) -> bytes:
        given = {name.lower() for name in self.headers}
        lines = [f"HTTP/1.1 {self.status} X", *(f"{n}: {v}" for n, v in self.headers.items())]
        if "content-type" not in given:
            lines.append("Content-Type: application/json")
        if "content-length" not in given and "transfer-encoding" not in given:
            lines.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + self.body


@frozen
class Half:
    """The beginning of an answer that promises more, then the end of the connection."""

    body: bytes = b'{"cut'


@frozen
class Drop:
    """The end of the connection, without an answer."""

    reset: bool = False


@frozen
class Stall:
    """No answer, and the connection stays open."""


@frozen
class Raw:
    """Any bytes, then the end of the connection."""

    data: bytes


@frozen
class Late:
    """What *make* returns, which it is not asked for before *delay* seconds have passed."""

    delay: float
    make: Callable[[], Action]


Action = Reply | Half | Drop | Stall | Raw | Late


def json_reply(status: int = 200, /, **members: Any) -> Reply:
    return Reply(status, orjson.dumps(members))


def refusal(status: int, code: int, message: str = "no") -> Reply:
    return json_reply(status, code=code, type="X", message=message, requestId="r-1")


class Wire:
    """What arrived so far, and what is answered to whatever arrives next."""

    def __init__(self, script: Callable[[Seen], Action]) -> None:
        self.script = script
        self.seen: list[Seen] = []
        self.connections = 0
        self.open = 0
        self.most_at_once = 0
        self.url = ""
        self.turned_away = 0
        self.turn_away: Callable[[], bool] = lambda: False
        """Whether to hang up on the request that begins to arrive, without reading it."""
        self._busy = 0
        self.stop_listening: Callable[[], None] = lambda: None
        """Refuse every connection from now on; those that are open stay."""

    @property
    def targets(self) -> list[str]:
        return [f"{seen.method} {seen.target}" for seen in self.seen]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number = self.connections
        self.connections += 1
        self.open += 1
        try:
            while await self._serve_one(reader, writer, number):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.open -= 1
            writer.close()

    async def _serve_one(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int
    ) -> bool:
        begin = await reader.readexactly(1)
        if self.turn_away():
            self.turned_away += 1
            writer.transport.abort()
            return False
        head = (begin + await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.strip().split("\r\n")
        method, target, _ = first.split(" ")
        headers = dict(line.split(": ", 1) for line in lines)
        headers = {name.lower(): value for name, value in headers.items()}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        seen = Seen(method, target, headers, body, number)
        self.seen.append(seen)
        self._busy += 1
        self.most_at_once = max(self.most_at_once, self._busy)
        try:
            return await self._act(self.script(seen), reader, writer)
        finally:
            self._busy -= 1

    async def _act(
        self, action: Action, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        match action:
            case Reply():
                await asyncio.sleep(action.delay)
                writer.write(action.raw())
                await writer.drain()
                return action.headers.get("Connection") != "close"
            case Half():
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + action.body)
                await writer.drain()
            case Raw():
                writer.write(action.data)
                await writer.drain()
            case Late():
                await asyncio.sleep(action.delay)
                return await self._act(action.make(), reader, writer)
            case Stall():
                await reader.read(1)  # returns when the client goes away
            case Drop(reset=True):
                writer.transport.abort()
            case Drop():
                pass
        return False


def sequence(*actions: Action) -> Callable[[Seen], Action]:
    """Answer the first request with the first action, and so on; the last one repeats."""
    left = list(actions)

    def script(_seen: Seen) -> Action:
        return left.pop(0) if len(left) > 1 else left[0]

    return script


@contextlib.asynccontextmanager
async def wire(
    *actions: Action,
    script: Callable[[Seen], Action] | None = None,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[Wire]:
    """Serve on loopback; `Wire.url` is what a client takes as ``base_url``."""
    state = Wire(script or sequence(*(actions or (Reply(),))))
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await state.serve(reader, writer)
        except asyncio.CancelledError:
            writer.transport.abort()
        finally:
            tasks.discard(task)

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls, limit=2**20)
    state.stop_listening = server.close
    port = server.sockets[0].getsockname()[1]
    state.url = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    try:
        yield state
    finally:
        server.close()
        for task in [*tasks]:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
