"""What the copies of a client share: the times of writes, the address, the headers."""

from __future__ import annotations

import asyncio
import re
import threading
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from gameball_async.config import Network, read_base_url, read_credentials
from gameball_async.errors import ConfigurationError, WrongEventLoopError
from gameball_async.hooks import Hooks
from gameball_async.transport.http import Answer, Attempt, Lost, Request
from gameball_async.transport.runtime import USER_AGENT, Address, Core, Runtime, Stamps
from tests.virtual_time import VirtualClock

API_KEY = "api-key-0123456789"
SECRET_KEY = "secret-key-9876543210"
NOON = datetime(2026, 1, 1, 12, 0, 0, 123_999, UTC)
MILLISECOND = timedelta(milliseconds=1)


class Nowhere:
    """A transport that nobody uses."""

    async def send(self, request: Request, attempt: Attempt) -> Answer | Lost:
        raise NotImplementedError

    async def aclose(self) -> None:
        raise NotImplementedError


def core(
    api_key: Any = API_KEY, secret_key: Any = SECRET_KEY, *, version: str | None = None
) -> Core:
    return Core(
        credentials=read_credentials(api_key, secret_key),
        address=Address.of(read_base_url(None, version)),
        network=Network(),
        limiter=None,
        hooks=Hooks(()),
        transport=Nowhere(),
        clock=VirtualClock(),
    )


# -- the times of writes ------------------------------------------------------------------------


def test_a_time_is_cut_to_milliseconds() -> None:
    assert NOON.replace(microsecond=123_000) == Stamps().next(NOON)


def test_a_time_that_was_given_already_is_a_millisecond_later() -> None:
    stamps = Stamps()
    first = stamps.next(NOON)
    assert [first + MILLISECOND, first + 2 * MILLISECOND] == [stamps.next(NOON), stamps.next(NOON)]
    much_later = NOON + timedelta(seconds=1)
    assert first + timedelta(seconds=1) == stamps.next(much_later)


def test_a_clock_that_is_set_back_takes_no_time_back() -> None:
    stamps = Stamps()
    first = stamps.next(NOON)
    assert first + MILLISECOND == stamps.next(NOON - timedelta(hours=1))


@settings(deadline=None)
@given(st.lists(st.timedeltas(timedelta(seconds=-2), timedelta(seconds=2)), min_size=2))
def test_times_never_repeat_whatever_the_clock_does(drifts: list[timedelta]) -> None:
    stamps = Stamps()
    given_times = [stamps.next(NOON + drift) for drift in drifts]
    for earlier, later in pairwise(given_times):
        assert MILLISECOND <= later - earlier
    assert all(moment.microsecond % 1000 == 0 for moment in given_times)
    for moment, drift in zip(given_times, drifts, strict=True):
        assert NOON + drift - moment < MILLISECOND


def test_a_time_in_another_zone_is_the_same_instant() -> None:
    stamps = Stamps()
    elsewhere = NOON.astimezone(timezone(timedelta(hours=5)))
    assert NOON.replace(microsecond=123_000) == stamps.next(elsewhere)
    assert NOON.replace(microsecond=124_000) == stamps.next(NOON)


def test_threads_never_share_a_time() -> None:
    stamps, times, start = Stamps(), list[datetime](), threading.Barrier(4)

    def take() -> None:
        start.wait(10)
        times.extend([stamps.next(NOON) for _ in range(500)])

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert 2000 == len(set(times)) == len(times)


def test_a_forked_child_does_not_wait_for_a_lock_that_nobody_will_release() -> None:
    stamps = Stamps()
    first = stamps.next(NOON)
    assert stamps._lock.acquire(timeout=1)
    stamps.after_fork()
    assert first + MILLISECOND == stamps.next(NOON)


# -- the address --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "origin", "prefix"),
    [
        (None, "https://api.gameball.co", "/api/v4/integrations"),
        ("https://h/gate/way/", "https://h", "/gate/way/api/v4/integrations"),
        ("http://[::1]:8080", "http://[::1]:8080", "/api/v4/integrations"),
    ],
    ids=["default", "prefix", "port"],
)
def test_an_address_is_an_origin_and_a_prefix(url: str | None, origin: str, prefix: str) -> None:
    assert Address(origin, prefix) == Address.of(read_base_url(url, None))


@pytest.mark.parametrize(
    ("version", "needed"), [("v4", False), ("v4.0", False), ("v4.1", True), ("v4.10", False)]
)
def test_only_version_4_1_always_needs_the_secret_key(version: str, *, needed: bool) -> None:
    assert needed is Address.of(read_base_url("https://h/x", version)).always_secret


# -- headers ------------------------------------------------------------------------------------


def test_a_request_carries_both_keys_and_says_who_asks() -> None:
    assert {
        "accept": "application/json",
        "user-agent": USER_AGENT,
        "apikey": API_KEY,
        "secretkey": SECRET_KEY,
    } == core().headers(has_body=False, language=None)


def test_a_request_with_a_body_says_that_it_is_json() -> None:
    one = core()
    plain = one.headers(has_body=False, language=None)
    assert {**plain, "content-type": "application/json"} == one.headers(
        has_body=True, language=None
    )


def test_a_language_travels_as_a_header_of_its_call_alone() -> None:
    one = core(secret_key=None)
    plain = one.headers(has_body=False, language=None)
    assert "secretkey" not in plain
    assert {**plain, "lang": "ar"} == one.headers(has_body=False, language="ar")
    assert plain == one.headers(has_body=False, language=None)


def test_headers_are_made_once_where_the_keys_never_change() -> None:
    one = core()
    first, second = (one.headers(has_body=True, language=None) for _ in range(2))
    assert first is second


def test_a_rotated_key_takes_effect_with_the_next_call() -> None:
    keys = iter(["first", "second"])
    one = core(lambda: next(keys))
    seen = [one.headers(has_body=True, language=None)["apikey"] for _ in range(2)]
    assert ["first", "second"] == seen


def test_the_user_agent_names_the_package_and_python() -> None:
    assert re.fullmatch(r"gameball-async/\d+\.\d+\.\d+\S* python/3\.\d+\.\d+", USER_AGENT)


# -- the secret key -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("secret_key", "version", "needed", "refused"),
    [
        pytest.param(SECRET_KEY, "v4", True, False, id="there-is-one"),
        pytest.param(lambda: SECRET_KEY, "v4.1", True, False, id="there-is-a-callable"),
        pytest.param(None, "v4", False, False, id="none-and-none-is-needed"),
        pytest.param(None, "v4", True, True, id="none-and-the-operation-needs-it"),
        pytest.param(None, "v4.1", False, True, id="none-and-the-version-needs-it"),
    ],
)
def test_an_operation_that_needs_the_secret_key_fails_without_it(
    secret_key: Any, version: str, *, needed: bool, refused: bool
) -> None:
    one = core(secret_key=secret_key, version=version)
    if not refused:
        one.require_secret("GET /orders", needed=needed)
        return
    with pytest.raises(
        ConfigurationError, match="secret_key is missing: pass secret_key="
    ) as caught:
        one.require_secret("GET /orders", needed=needed)
    assert "GET /orders" == caught.value.operation


# -- the loop -----------------------------------------------------------------------------------


async def taken(one: Core) -> Runtime:
    return one.runtime()


def test_a_loop_has_one_runtime_in_a_task_and_outside_of_one() -> None:
    one, loop = core(), asyncio.new_event_loop()
    first = loop.run_until_complete(taken(one))
    later: list[Runtime] = []
    loop.call_soon(lambda: later.append(one.runtime()))
    loop.run_until_complete(asyncio.sleep(0))
    assert [first] == later
    loop.close()


def test_another_loop_of_the_same_thread_is_refused_while_the_first_is_alive() -> None:
    one, first, second = core(), asyncio.new_event_loop(), asyncio.new_event_loop()
    first.run_until_complete(taken(one))
    with pytest.raises(WrongEventLoopError, match="one client per loop"):
        second.run_until_complete(taken(one))
    first.close()
    assert second is second.run_until_complete(taken(one)).loop
    second.close()


def test_a_loop_that_moves_to_another_thread_takes_its_runtime_along() -> None:
    one, loop, here = core(), asyncio.new_event_loop(), asyncio.new_event_loop()
    inside, done = threading.Event(), threading.Event()
    first = loop.run_until_complete(taken(one))
    seen: list[Runtime] = []

    async def elsewhere() -> None:
        seen.append(one.runtime())
        inside.set()
        done.wait(10)

    thread = threading.Thread(target=lambda: loop.run_until_complete(elsewhere()))
    thread.start()
    try:
        assert inside.wait(10)
        with pytest.raises(WrongEventLoopError):
            here.run_until_complete(taken(one))
    finally:
        done.set()
        thread.join(10)
        loop.close()
        here.close()
    assert [first] == seen
