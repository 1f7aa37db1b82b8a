"""``python -m gameball_async.sandbox``: print the URL, then serve until SIGINT or SIGTERM."""

from __future__ import annotations

import argparse
import asyncio
import signal
from collections.abc import Sequence

from gameball_async.sandbox.program import Program
from gameball_async.sandbox.service import Sandbox
from gameball_async.sandbox.webhooks import loopback


def _limits(text: str) -> str | float:
    """``off``, ``documented`` or a factor."""
    return text if text in {"off", "documented"} else float(text)


def read_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The options of the command."""
    parser = argparse.ArgumentParser(
        prog="python -m gameball_async.sandbox",
        description="A Gameball on your machine. The first line of output is its URL.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=0, help="port to listen on; 0 takes a free one")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds that a request takes")
    parser.add_argument(
        "--limits", type=_limits, default="off", help="off, documented, or a factor on that table"
    )
    parser.add_argument("--retry-after", type=int, help="Retry-After of a 429, seconds")
    parser.add_argument("--return-window-days", type=int, default=0)
    parser.add_argument("--merge", choices=["none", "email", "mobile"], default="none")
    parser.add_argument("--pagination-order", choices=["desc", "asc"], default="desc")
    parser.add_argument("--webhook-url", type=loopback, help="where webhooks go, on this machine")
    parser.add_argument("--high-security", action="store_true")
    return parser.parse_args(arguments)


async def _serve(options: argparse.Namespace) -> None:
    from gameball_async.sandbox.server import serve_until  # noqa: PLC0415 - aiohttp is slow

    program = Program(
        limits=options.limits,
        retry_after=options.retry_after,
        return_window_days=options.return_window_days,
        merge=options.merge,
        pagination_order=options.pagination_order,
        webhook_url=options.webhook_url,
        high_security=options.high_security,
    )
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await serve_until(stop, Sandbox(program, latency=options.latency), options.host, options.port)


if __name__ == "__main__":
    asyncio.run(_serve(read_arguments(None)))
