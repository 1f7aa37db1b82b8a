"""A server in threads of its own: it can end idle connections while the client's loop stands."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Self

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n%s\r\n%s"
TIMED_OUT = b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def answer(body: bytes = b"{}", headers: bytes = b"") -> bytes:
    """A complete 200."""
    return ANSWER % (len(body), headers, body)


def end(connection: socket.socket) -> None:
    """Close in the usual way."""
    connection.shutdown(socket.SHUT_RDWR)


def reset(connection: socket.socket) -> None:
    """Close with a reset instead of an end."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.shutdown(socket.SHUT_RD)  # wakes the thread that reads, which then closes


def half_close(connection: socket.socket) -> None:
    """Say that nothing more comes, and go on reading."""
    connection.shutdown(socket.SHUT_WR)


def time_out(connection: socket.socket) -> None:
    """Say why, as some gateways do, and close."""
    connection.sendall(TIMED_OUT)
    end(connection)


def complain(connection: socket.socket) -> None:
    """Say the same and forget to close."""
    connection.sendall(TIMED_OUT)


def babble(connection: socket.socket) -> None:
    """Send an answer that nobody asked for."""
    connection.sendall(answer(b'{"holdReference": "somebody else\'s"}'))


class IdleServer:
    """Answers every request with what *reply* says, and keeps connections until told."""

    def __init__(self, reply: Callable[[int], bytes], *, tls: ssl.SSLContext | None = None) -> None:
        self._reply = reply
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        scheme = "https" if tls else "http"
        self.url = f"{scheme}://127.0.0.1:{self._listener.getsockname()[1]}"
        self.idle: set[socket.socket] = set()
        """Connections that have been answered and wait for more."""
        self.connections = 0
        self.requests = 0
        self.after: Callable[[socket.socket, int], None] = lambda _connection, _count: None
        """What is done behind the n-th answer of a connection."""

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        for connection in [*self.idle]:
            with contextlib.suppress(OSError):
                end(connection)
        for thread in self._threads:
            thread.join(5)
        self._listener.close()

    def _start(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.connections += 1
                self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        if self._tls is not None:
            connection = self._tls.wrap_socket(connection, server_side=True)
        with connection, contextlib.suppress(OSError):
            for count, _ in enumerate(_requests(connection), 1):
                with self._lock:
                    self.requests += 1
                self.idle.add(connection)
                connection.sendall(self._reply(count))
                self.after(connection, count)
            self.idle.discard(connection)

    def end_idle(self, how: Callable[[socket.socket], None]) -> int:
        """End what is idle, before this returns; tells how many there were."""
        ended = [*self.idle]
        self.idle.clear()
        for connection in ended:
            with contextlib.suppress(OSError):  # the client may have been quicker
                how(connection)
            if how is reset:
                _until_closed(connection)
        return len(ended)


def _until_closed(connection: socket.socket) -> None:
    """Wait for the thread that reads to close it."""
    for _ in range(5000):
        if connection.fileno() == -1:
            return
        time.sleep(0.001)
    raise TimeoutError("the thread that reads has not closed the connection")


def _requests(connection: socket.socket) -> Iterator[bytes]:
    """The requests of one connection."""
    data = b""
    while True:
        while b"\r\n\r\n" not in data:
            part = connection.recv(65536)
            if not part:
                return
            data += part
        head, _, data = data.partition(b"\r\n\r\n")
        lines = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
        length = int(lines.get(b"content-length", b"0"))
        while len(data) < length:
            data += connection.recv(65536)
        yield head
        data = data[length:]
