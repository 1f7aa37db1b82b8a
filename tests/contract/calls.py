"""Every method of the client called with every argument and every field filled in."""

from __future__ import annotations

import inspect
import types
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from enum import Enum
from operator import attrgetter
from typing import Any, Union, get_args, get_origin, get_type_hints
from urllib.parse import parse_qsl, unquote, urlsplit

import attrs
import orjson
from attrs import field, frozen

import gameball_sync
from gameball_async import GameballClient, RetryPolicy
from gameball_async.models.fields import Events, Extra, Free, Money, without_none
from gameball_async.pagination import Paginator
from gameball_async.transport.http import Answer, Attempt, Request
from tests.clients import API_KEY, SECRET_KEY
from tests.contract.document import VERSION, Described, matching

LANGUAGE = "ar"
WHEN = datetime(2024, 10, 16, 8, 13, 29, 290_000, UTC)

SETTINGS: Mapping[str, Any] = {
    "api_key": API_KEY,
    "secret_key": SECRET_KEY,
    "api_version": VERSION,
    "language": LANGUAGE,
    "rate_limits": None,
    "retry": RetryPolicy(attempts=1),
}

ALTERNATIVES: Mapping[str, Sequence[str]] = {
    "hold": ("points_to_hold", "amount_to_hold", "rule_id"),
    "redeem": ("amount", "points", "hold_reference"),
    "BatchRedemption": ("amount", "points", "hold_reference"),
    "create_manual": ("points", "amount"),
    "send_otp": ("amount", "points", "rule_id"),
    "burn": ("coupons", "lock_reference"),
}
"""Arguments of which the API wants exactly one: each gets a call of its own."""

COMPOSED = {
    "track_many": "orders.track, many times",
    "track_stream": "orders.track, many times",
    "holding": "hold and release_hold around a block",
    "locking": "validate and release around a block",
    "wait": "get until the job is over",
}
"""Methods that are made of others, and send nothing that those do not."""

PARTICULAR = {
    "method": "POST",
    "channel": "pos",
    "limit": 50,
    "start_after": "12",
    "direction": "+",
    "return_window": 14,
    "expiry_after": 30,
    "date_of_birth": "1990-05-17",
}
"""What a text or a number must be more than one."""

PLAIN: Mapping[Any, Any] = {
    bool: True,
    int: 3,
    Money: 12.5,
    datetime: WHEN,
    Any: {"any": "thing"},
    Extra: {"text": "a", "number": 1},
    Free: {"text": "a", "number": 1, "flag": True},
    Events: {"write_review": {"stars": 5, "tags": ["a", "b"]}},
}


def filled(name: str, annotation: Any) -> list[Any]:
    """Values of a type, each with all that can be in it; several where there are alternatives."""
    kind = without_none(annotation)
    if name in PARTICULAR or kind is str:
        return [PARTICULAR.get(name, f"the-{name}")]
    if kind in PLAIN:
        return [PLAIN[kind]]
    if attrs.has(kind):
        return [kind(**given) for given in arguments(kind)]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return [next(iter(kind))]
    item, *others = get_args(kind)
    if get_origin(kind) in {Union, types.UnionType}:
        models = [it for it in (item, *others) if attrs.has(it)] or [item]
        return [value for it in models for value in filled(name, it)]
    values = filled(name, item)
    return [[_renamed(value, index) for index, value in enumerate(values)]]


def _renamed(value: Any, index: int) -> Any:
    """The rows of a batch must differ by their customers."""
    return attrs.evolve(value, customer_id=f"c-{index}") if hasattr(value, "customer_id") else value


def arguments(called: Any) -> Iterator[dict[str, Any]]:
    """Every argument of a method or a model; one set for each alternative."""
    if attrs.has(called):
        hints = {it.alias: it.type for it in attrs.fields(attrs.resolve_types(called))}
    else:
        hints = {it: hint for it, hint in get_type_hints(called).items() if it != "return"}
    choices = ALTERNATIVES.get(called.__name__, ())
    rows = {name: filled(name, hint) for name, hint in hints.items()}
    for chosen in choices or (None,):
        kept = {it: row for it, row in rows.items() if it == chosen or it not in choices}
        for index in range(max(map(len, kept.values()), default=1)):
            yield {name: row[min(index, len(row) - 1)] for name, row in kept.items()}


@frozen
class Sent:
    """One request, and which operation it is for."""

    call: str
    """The method that made it, e.g. ``orders.track``."""
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str] = field(repr=False)
    body: Any
    operation: Described | None


@frozen
class Recorder:
    """A transport that answers as the description's own examples do, and remembers."""

    sent: list[Sent]
    call: str

    async def send(self, request: Request, attempt: Attempt) -> Answer:
        attempt.on_connection()
        target = urlsplit(request.target)
        operation = matching(request.method, target.path)
        body = None if request.body is None else orjson.loads(request.body)
        self.sent.append(
            Sent(
                self.call,
                request.method,
                unquote(target.path),
                dict(parse_qsl(target.query, strict_parsing=bool(target.query))),
                request.headers,
                body,
                operation,
            )
        )
        if operation is None:
            return Answer(404, {}, b"")
        return Answer(200, {}, b"".join(map(orjson.dumps, operation.samples[:1])))

    async def aclose(self) -> None:
        """Nothing is open."""


def names() -> Iterator[str]:
    """Every method of every endpoint class, as a user writes it."""
    client = GameballClient(API_KEY)
    for attribute, _ in inspect.getmembers(GameballClient, lambda it: hasattr(it, "attrname")):
        for name, _ in inspect.getmembers(getattr(client, attribute), callable):
            if not name.startswith("_") and name not in COMPOSED:
                yield f"{attribute}.{name}"


async def all_calls() -> list[Sent]:
    """What every method sends when it is given everything, each as the first of its client."""
    return [it for name in names() for it in await _calls_of(name)]


async def _calls_of(name: str) -> list[Sent]:
    recorder = Recorder([], name)
    async with GameballClient(**SETTINGS, transport=recorder) as client:
        method = attrgetter(name)(client)
        for given in arguments(method):
            result = method(**given)
            await (result.page() if isinstance(result, Paginator) else result)
    return recorder.sent


def all_blocking_calls() -> list[Sent]:
    """The same of the blocking twin."""
    return [it for name in names() for it in _blocking_calls_of(name)]


def _blocking_calls_of(name: str) -> list[Sent]:
    recorder = Recorder([], name)
    with gameball_sync.GameballClient(**SETTINGS, transport=recorder) as client:
        for given in arguments(attrgetter(name)(GameballClient(API_KEY))):
            result = attrgetter(name)(client)(**given)
            if isinstance(result, gameball_sync.Paginator):
                result.page()
    return recorder.sent
