"""What exactly one call sends, and what it makes of exactly one answer, without a socket."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import orjson
from aioresponses import CallbackResult, aioresponses
from attrs import frozen

from gameball_async import GameballClient
from tests.clients import API_KEY, SECRET_KEY

T = TypeVar("T")

BASE = "https://api.gameball.co/api/v4/integrations"


@frozen
class Sent:
    """The one request of a call."""

    method: str
    url: str
    body: Any


async def exact(
    method: str,
    target: str,
    answer: Any,
    call: Callable[[GameballClient], Awaitable[T]],
) -> tuple[T, Sent]:
    """Run *call* against a mock that knows one address alone, and tell what was sent there."""
    sent: list[Sent] = []

    def note(url: Any, **request: Any) -> CallbackResult:
        asked = request["data"]
        body = None if asked.body is None else orjson.loads(asked.body)
        assert body is None or asked.headers["content-type"] == "application/json"
        sent.append(Sent(method, str(url), body))
        return CallbackResult(status=200, body=orjson.dumps(answer))

    with aioresponses() as mock:
        mock.add(BASE + target, method=method, callback=note)
        async with GameballClient(API_KEY, SECRET_KEY) as gameball:
            result = await call(gameball)
    assert 1 == len(sent)
    return result, sent[0]
