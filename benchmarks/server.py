"""A server that answers every POST with a receipt and every GET with a page of the ledger.

The page is the first one, or the one after the row that the request names.

It runs in a process of its own, on a core of its own, so that a client's CPU is the client's alone.
There it never sleeps: on one machine it is the sender of a packet who wakes its receiver, and who
pays for it. Over a network nobody would, and a client that is quick would pay most often.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import selectors
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from benchmarks.bench import Bench, pin, read_in_small_pieces
from benchmarks.payloads import PAGES, RECEIPT, page, page_cursor


def _answer(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (
        len(body),
        body,
    )


_TO_POST: Final = _answer(RECEIPT)
_FIRST: Final = _answer(page(0))
_NEXT: Final = {page_cursor(n).encode(): _answer(page(n)) for n in range(1, PAGES)}
_LENGTH: Final = b"\r\ncontent-length:"
_CURSOR: Final = re.compile(rb"startafter=(\d+)")


def _to_get(head: bytes) -> bytes:
    """The page that a request in small letters asks for."""
    asked = _CURSOR.search(head)
    return _FIRST if asked is None else _NEXT[asked[1]]


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
                self._transport.write(_TO_POST if head.startswith(b"post") else _to_get(head))


async def _serve(context: ssl.SSLContext | None) -> None:
    """Serve for good; the first line of the output is the port."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_Connection, "127.0.0.1", 0, backlog=512, ssl=context)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


class Awake(selectors.DefaultSelector):
    """Looks again and again, and never waits."""

    def select(self, timeout: float | None = None) -> list[Any]:  # noqa: ARG002 - as it is called
        """What is ready now."""
        return super().select(0)


def _context(certificate: Path) -> ssl.SSLContext:
    """What the server needs to be who the certificate says."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def _end_with_parent() -> None:
    """End this process when the other end of its input is gone."""
    sys.stdin.read()
    os._exit(0)


def command(bench: Bench, certificate: Path | None) -> list[str]:
    """What starts a server; without a core of its own it sleeps, or it would take the client's."""
    awake = [] if bench.cores.server is None else ["--awake"]
    tls = [] if certificate is None else ["--certificate", str(certificate)]
    return [sys.executable, "-m", "benchmarks.server", *awake, *tls]


@contextmanager
def serving(bench: Bench, certificate: Path | None = None) -> Iterator[str]:
    """Run a server on its own core, and end it by its process id.

    Args:
        bench: Which core that is.
        certificate: A file with a key and its certificate: then it speaks TLS.

    Yields:
        Its base URL.
    """
    with subprocess.Popen(
        command(bench, certificate),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            pin(process.pid, bench.cores.server)
            assert process.stdout is not None
            scheme = "http" if certificate is None else "https"
            yield f"{scheme}://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.kill()


def _main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--awake", action="store_true")
    parser.add_argument("--certificate", type=Path)
    arguments = parser.parse_args()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    read_in_small_pieces()
    selector = Awake() if arguments.awake else selectors.DefaultSelector()
    context = None if arguments.certificate is None else _context(arguments.certificate)
    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(selector)) as runner:
        runner.run(_serve(context))


if __name__ == "__main__":
    _main()
