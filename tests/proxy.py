"""A raw HTTP proxy that keeps what it was sent in clear, and tunnels where it is asked to."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator

GRANTED = b"HTTP/1.1 200 Connection established\r\n\r\n"


class Proxy:
    """What a proxy saw."""

    def __init__(self, answer: bytes) -> None:
        self.url = ""
        self.heads: list[bytes] = []
        """The head of every request to the proxy itself."""
        self.tunnelled = bytearray()
        """What went through towards the target."""
        self._answer = answer

    @property
    def first_lines(self) -> list[str]:
        return [head.partition(b"\r\n")[0].decode() for head in self.heads]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.heads.append(head)
        method, target, _ = head.partition(b"\r\n")[0].decode().split(" ")
        if method == "CONNECT":
            host, _, port = target.rpartition(":")
            writer.write(self._answer)
            if self._answer != GRANTED:
                await writer.drain()
                return
            head = b""
        else:
            host, _, port = target.removeprefix("http://").partition("/")[0].partition(":")
        onward_reader, onward_writer = await asyncio.open_connection(host, int(port))
        onward_writer.write(head)
        with contextlib.closing(onward_writer):
            await asyncio.gather(
                self._pump(reader, onward_writer, keep=True), self._pump(onward_reader, writer)
            )

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, keep: bool = False
    ) -> None:
        while data := await reader.read(65536):
            if keep:
                self.tunnelled += data
            writer.write(data)
            await writer.drain()
        writer.close()


@contextlib.asynccontextmanager
async def proxy(
    answer: bytes = GRANTED, *, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Proxy]:
    """A proxy on loopback; *answer* is what it says to CONNECT."""
    state = Proxy(answer)
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await state.serve(reader, writer)
        writer.close()
        tasks.discard(task)

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    state.url = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    try:
        yield state
    finally:
        server.close()
        for task in [*tasks]:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
