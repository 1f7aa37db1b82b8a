"""A client that openapi-python-client makes of the API's published description."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import httpx
import orjson

from benchmarks.sending import KEYS, Send, all_members

GENERATOR: Final = "openapi-python-client==0.29.1"
PACKAGE: Final = "gameball_generated"


def readable(description: bytes) -> bytes:
    """A description without the operations that say nothing of an answer: the tool refuses them."""
    document: dict[str, Any] = orjson.loads(description)
    document["paths"] = {
        path: {
            name: member
            for name, member in item.items()
            if not isinstance(member, dict) or "responses" in member
        }
        for path, item in document["paths"].items()
    }
    return orjson.dumps(document)


def _python(*arguments: str, path: Path) -> None:
    """Run a module of Python's, or one that lies at *path*."""
    subprocess.run(
        [sys.executable, "-m", *arguments],
        env={**os.environ, "PYTHONPATH": str(path)},
        capture_output=True,
        check=True,
    )


def _generate(description: bytes, folder: Path) -> None:
    """Install the tool in *folder*, apart from everything else, and run it there."""
    tool, document, settings = folder / "tool", folder / "api.json", folder / "settings.json"
    document.write_bytes(readable(description))
    settings.write_bytes(orjson.dumps({"post_hooks": []}))
    _python("pip", "install", "--quiet", "--target", str(tool), GENERATOR, path=tool)
    _python(
        *("openapi_python_client", "generate", "--meta", "none"),
        *("--path", str(document), "--config", str(settings)),
        *("--output-path", str(folder / PACKAGE)),
        path=tool,
    )


@contextmanager
def generated(description: Path) -> Iterator[bool]:
    """Make the client, and let it be imported as `PACKAGE` for as long as this lasts.

    Yields:
        Whether there is one: without the tool there is not, and a line tells why.
    """
    with TemporaryDirectory() as name:
        try:
            _generate(description.read_bytes(), Path(name))
        except subprocess.CalledProcessError as error:
            reason = error.stderr.decode(errors="replace").strip().rpartition("\n")[2]
            print(f"  without a generated client, for want of {GENERATOR}: {reason}")
            yield False
            return
        sys.path.append(name)
        try:
            yield True
        finally:
            sys.path.remove(name)


def generated_sender(client: Any) -> Send:
    """Orders, sent by the generated function for them."""
    track_order = import_module(f"{PACKAGE}.api.orders.track_order")
    body = import_module(f"{PACKAGE}.models.track_order_body").TrackOrderBody
    # Its enum of channels lacks the one of the documented sample.
    orders = [body.from_dict({**members, "channel": "web"}) for members in all_members()]

    async def send(number: int) -> Any:
        return await track_order.asyncio(client=client, body=orders[number])

    return send


def generated_client(url: str, room: httpx.Limits) -> Any:
    """A generated client with the keys, and with *room* for connections."""
    client = import_module(f"{PACKAGE}.client").Client
    return client(base_url=url, headers={**KEYS}, httpx_args={"limits": room})
