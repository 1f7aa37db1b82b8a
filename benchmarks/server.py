"""A server that answers every POST with a receipt and every GET with a page of the ledger.

It runs in a process of its own, on a core of its own, so that a client's CPU is the client's alone.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.bench import Bench, pin, read_in_small_pieces
from benchmarks.payloads import PAGE, RECEIPT


def _answer(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (
        len(body),
        body,
    )


_TO_POST = _answer(RECEIPT)
_TO_GET = _answer(PAGE)
_LENGTH = b"\r\ncontent-length:"


class _Connection(asyncio.Protocol):
    """Answers as soon as a request is complete."""

    def __init__(self) -> None:
        self._pending = b""
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.WriteTransport):
            self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._pending += data
        while (end := self._pending.find(b"\r\n\r\n")) >= 0:
            head = self._pending[: end + 2].lower()
            at = head.find(_LENGTH)
            length = int(head[at + len(_LENGTH) : head.index(b"\r", at + 2)]) if at >= 0 else 0
            if len(self._pending) < end + 4 + length:
                return
            self._pending = self._pending[end + 4 + length :]
            if self._transport is not None:
                self._transport.write(_TO_POST if head.startswith(b"post") else _TO_GET)


async def _serve() -> None:
    """Serve for good; the first line of the output is the port."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_Connection, "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def _end_with_parent() -> None:
    """End this process when the other end of its input is gone."""
    sys.stdin.read()
    os._exit(0)


@contextmanager
def serving(bench: Bench) -> Iterator[str]:
    """Run a server on its own core, and end it by its process id.

    Yields:
        Its base URL.
    """
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.server"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            pin(process.pid, bench.cores.server)
            assert process.stdout is not None
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.kill()


if __name__ == "__main__":
    threading.Thread(target=_end_with_parent, daemon=True).start()
    read_in_small_pieces()
    asyncio.run(_serve())
