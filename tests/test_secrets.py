"""No key comes out: not in a repr, a log, an exception, a pickle, an event or a frame."""

from __future__ import annotations

import asyncio
import copy
import logging
import pickle
import traceback
from collections.abc import Awaitable
from types import TracebackType
from typing import Any

import pytest

import gameball_sync
from gameball_async import GameballClient, GameballError, RetryPolicy, Timeouts
from gameball_async.errors import ConfigurationError
from tests.clients import API_KEY, SECRET_KEY, Events, client, order, until
from tests.wire import Action, Drop, Half, Reply, Stall, json_reply, refusal, wire

KEYS = (API_KEY, SECRET_KEY)


def shown(value: object, depth: int = 0) -> str:
    """What an error tracker would show of a value: it looks into plain containers."""
    if depth < 4 and isinstance(value, dict):
        return " ".join(shown(item, depth + 1) for pair in value.items() for item in pair)
    if depth < 4 and isinstance(value, list | tuple | set | frozenset):
        return " ".join(shown(item, depth + 1) for item in value)
    return repr(value)


def frames_of(error: BaseException) -> list[str]:
    """The locals of every frame behind an error and whatever it came from."""
    texts: list[str] = []
    seen: set[int] = set()
    chain: list[BaseException | None] = [error]
    while chain:
        current = chain.pop()
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        chain += [current.__cause__, current.__context__]
        tb: TracebackType | None = current.__traceback__
        while tb is not None:
            if "/tests/" not in tb.tb_frame.f_code.co_filename:
                texts.append(shown(dict(tb.tb_frame.f_locals)))
            tb = tb.tb_next
    return texts


def leaks(text: str) -> list[str]:
    return [key for key in KEYS if key in text]


async def failure_of(call: Awaitable[Any]) -> GameballError | None:
    try:
        await call
    except GameballError as error:
        return error
    return None


FAILURES: dict[str, tuple[Action, ...]] = {
    "dropped": (Drop(),),
    "half": (Half(),),
    "html": (Reply(503, b"<html>"),),
    "refused": (refusal(401, 1000),),
    "echoed": (refusal(403, 1002, f"the key {API_KEY} of {SECRET_KEY} may not"),),
    "garbage": (Reply(200, f"not json {API_KEY}".encode()),),
    "redirect": (Reply(302, b"", {"Location": f"http://localhost/{API_KEY}"}),),
    "limited": (Reply(429, API_KEY.encode(), {"Retry-After": "100"}),),
    "stalled": (Stall(),),
    "duplicate": (Drop(), refusal(422, 9004, SECRET_KEY), Reply(200, SECRET_KEY.encode())),
}


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("fixed", [True, False], ids=["plain keys", "callable keys"])
async def test_no_error_holds_a_key_anywhere(
    failure: str, *, fixed: bool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    events = Events()
    keys: dict[str, Any] = (
        {} if fixed else {"api_key": lambda: API_KEY, "secret_key": lambda: SECRET_KEY}
    )
    async with (
        wire(*FAILURES[failure]) as server,
        client(server.url, hooks=[events], timeouts=Timeouts(total=0.5), **keys) as gameball,
    ):
        for call in (gameball.orders.track(order()), gameball.transactions.count()):
            error = await failure_of(call)
            if error is not None:
                assert (None, None) == (error.__cause__, error.__context__)
                texts = [
                    str(error),
                    repr(error),
                    repr(pickle.dumps(error)),
                    repr(vars(copy.deepcopy(error))),
                    "".join(traceback.format_exception(error)),
                    *frames_of(error),
                ]
                assert [] == [leaks(text) for text in texts if leaks(text)]
    assert [] == leaks(" ".join(map(repr, events)))
    assert [] == leaks(caplog.text)
    assert caplog.records


async def test_a_cancelled_call_leaves_no_frame_with_a_key() -> None:
    async with wire(Stall()) as server, client(server.url) as gameball:
        task = asyncio.ensure_future(gameball.orders.track(order()))
        await until(lambda: server.seen)
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as cancelled:
            await task
        assert [] == [text for text in frames_of(cancelled.value) if leaks(text)]
        with pytest.raises(TimeoutError) as caught:
            async with asyncio.timeout(0.05):
                await gameball.transactions.count()
        assert [] == [text for text in frames_of(caught.value) if leaks(text)]


async def test_a_refused_connection_leaves_no_frame_with_a_key() -> None:
    async with client("http://127.0.0.1:9", retry=RetryPolicy(attempts=1)) as gameball:
        with pytest.raises(GameballError) as caught:
            await gameball.orders.track(order())
        assert [] == [text for text in frames_of(caught.value) if leaks(text)]


@pytest.mark.parametrize(
    "make", [GameballClient, gameball_sync.GameballClient], ids=["async", "sync"]
)
@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({"timeouts": 5}, id="wrong-setting"),
        pytest.param({"colour": 5}, id="unknown-setting"),
        pytest.param({"secret_key": "with blank"}, id="wrong-secret"),
        pytest.param({"base_url": "http://elsewhere.example.com"}, id="wrong-url"),
        pytest.param({"proxy": f"http://user:{SECRET_KEY}@p/path"}, id="wrong-proxy"),
        pytest.param(
            {"proxy": f"http://user:{SECRET_KEY}@p", "ssl_context": False},
            id="wrong-setting-beside-a-password",
        ),
    ],
)
def test_a_client_that_cannot_be_made_leaves_no_frame_with_a_key(make: Any, settings: Any) -> None:
    with pytest.raises((ConfigurationError, TypeError)) as caught:
        make(**{"api_key": API_KEY, "secret_key": SECRET_KEY, **settings})
    assert [] == [text for text in frames_of(caught.value) if leaks(text)]


def test_no_repr_shows_a_key() -> None:
    gameball = GameballClient(API_KEY, SECRET_KEY)
    core = gameball._core
    for thing in (gameball, core.credentials, core, gameball.orders, gameball._caller):
        assert [] == leaks(repr(thing))
    request_headers = core.headers(has_body=True, language=None)
    assert leaks(repr(dict(request_headers))), "the headers themselves hold the keys"
    assert [] == leaks(repr(request_headers))


def test_a_client_is_not_pickled_and_copies_to_itself() -> None:
    gameball = GameballClient(API_KEY, SECRET_KEY)
    with pytest.raises(TypeError, match="keys"):
        pickle.dumps(gameball)
    assert copy.deepcopy(gameball) is gameball


@pytest.mark.parametrize("key", ["with blank ", "new\nline", "null\0", "naïve-key", "tab\t"])
@pytest.mark.parametrize("name", ["api_key", "secret_key"])
def test_a_key_that_cannot_be_a_header_is_refused_without_showing_it(name: str, key: str) -> None:
    with pytest.raises(ConfigurationError, match=name) as caught:
        GameballClient(*((key, SECRET_KEY) if name == "api_key" else (API_KEY, key)))
    assert key not in str(caught.value)
    assert key.strip() not in str(caught.value)


async def test_bodies_with_personal_data_are_in_no_repr_and_no_frame() -> None:
    person = order(email="jane@example.com", mobile="+4912345")
    assert "jane@" not in repr(person)
    async with wire(refusal(400, 3000)) as server, client(server.url) as gameball:
        with pytest.raises(GameballError) as caught:
            await gameball.orders.track(person)
        assert "jane@example.com" == server.seen[0].json["email"]
    frames = " ".join(frames_of(caught.value))
    assert "jane@" not in frames
    assert "+4912345" not in frames


async def test_a_hook_sees_events_and_never_a_key() -> None:
    events = Events()
    async with (
        wire(json_reply(count="seven")) as server,
        client(server.url, hooks=[events]) as gameball,
    ):
        with pytest.raises(GameballError):
            await gameball.transactions.count()
    assert {"RequestStarted", "RequestFinished", "DriftFound"} == {
        type(event).__name__ for event in events
    }
