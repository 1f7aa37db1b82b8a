"""The benchmarks' servers, crowds and rivals are what their descriptions say."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
import requests

from benchmarks import layers
from benchmarks.bench import Bench, Cores
from benchmarks.blocking_pages import read_with
from benchmarks.generated import GENERATOR, generated, readable
from benchmarks.over_tls import trusted
from benchmarks.payloads import ORDER, PAGES, PREFIX, RECEIPT, ROWS, page
from benchmarks.sending import KEYS, MOST, client_of, crowd, plain_session, sender
from benchmarks.server import Awake, command, serving
from benchmarks.vendor import vendor, vendor_sender
from gameball_async import GameballClient, Timeouts
from gameball_async.transport.http import Answer, Attempt, Request

BENCH = Bench(Cores(None, None))


@pytest.fixture
def url() -> Iterator[str]:
    with serving(BENCH) as found:
        yield found


def test_a_server_with_a_certificate_answers_those_that_verify_it(tmp_path: Path) -> None:
    certificate, context = trusted(tmp_path)
    with serving(BENCH, certificate) as url:
        assert url.startswith("https://")
        assert RECEIPT == httpx.post(f"{url}{PREFIX}/orders", json=ORDER, verify=context).content
        with pytest.raises(httpx.ConnectError, match="certificate verify failed"):
            httpx.post(url, json=ORDER)


def test_only_a_server_with_a_core_of_its_own_never_sleeps() -> None:
    assert "--awake" in command(Bench(Cores(1, 0)), None)
    assert "--awake" not in command(BENCH, None)
    with Awake() as awake:
        assert [] == awake.select(None), "it came back, and nothing was ready"


def test_a_server_that_never_sleeps_answers() -> None:
    with serving(Bench(Cores.available())) as url:
        assert RECEIPT == httpx.post(f"{url}{PREFIX}/orders", json=ORDER).content


def test_our_client_tracks_orders_over_tls(tmp_path: Path) -> None:
    certificate, context = trusted(tmp_path)
    with serving(BENCH, certificate) as url, crowd(BENCH) as tasks:
        client = client_of(url, ssl_context=context)
        tasks.at_end(client.aclose)

        async def track() -> Any:
            return await sender(client)(0)

        assert 101 == tasks.run(track()).rewarded_points


def test_the_ledger_ends_after_its_pages(url: str) -> None:
    expected = [
        row["points"] for n in range(PAGES) for row in orjson.loads(page(n))["transactions"]
    ]
    assert PAGES * ROWS == len(expected)
    with requests.Session() as session:
        assert sum(expected) == read_with(session, url)


def test_each_task_of_a_crowd_makes_its_part_of_the_calls_one_by_one() -> None:
    made, under_way, most = Counter[int](), 0, 0

    async def send(number: int) -> None:
        nonlocal under_way, most
        made[number] += 1
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0)
        under_way -= 1

    with crowd(BENCH) as tasks:
        tasks.burst(send, 4, 80)()

    assert dict.fromkeys(range(4), 20) == made
    assert 4 == most


def test_a_crowd_closes_at_its_end_on_its_own_loop() -> None:
    closed: list[asyncio.AbstractEventLoop] = []

    async def loop() -> asyncio.AbstractEventLoop:
        return asyncio.get_running_loop()

    async def close() -> None:
        closed.append(await loop())

    with crowd(BENCH) as tasks:
        tasks.at_end(close)
        own = tasks.run(loop())

    assert [own] == closed


async def test_both_sides_have_a_connection_for_every_task() -> None:
    async with await plain_session() as session, client_of("http://127.0.0.1:1") as client:
        assert session.connector is not None
        slots = client._core.runtime().slots
        assert MOST == session.connector.limit == sum(slots.take() for _ in range(MOST + 1))


class Slow:
    """A transport whose answer comes after the deadline."""

    async def send(self, _request: Request, _attempt: Attempt) -> Answer:
        await asyncio.sleep(0.2)
        return Answer(200, {}, RECEIPT)

    async def aclose(self) -> None:
        """Nothing is open."""


async def test_a_client_whose_watch_was_taken_has_no_deadline() -> None:
    async with GameballClient(
        "key", "secret", transport=Slow(), timeouts=Timeouts(total=0.01)
    ) as client:
        with pytest.raises(TimeoutError):
            await sender(client)(0)
        await layers.without_deadlines(client)
        await sender(client)(1)


def test_the_vendors_own_client_and_requestor_send_the_order(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = vendor().http_client.HTTPClient
    sent: list[tuple[Any, ...]] = []
    request = client.request

    def spy(self: Any, *arguments: Any) -> Any:
        sent.append(arguments)
        return request(self, *arguments)

    monkeypatch.setattr(client, "request", spy)
    answer = vendor_sender(url)(7)
    vendor().default_http_client.close()

    assert orjson.loads(RECEIPT) == answer
    ((method, address, headers, body),) = sent
    assert ("post", f"{url}{PREFIX}/orders") == (method, address)
    assert KEYS == {name.lower(): value for name, value in headers.items()}
    assert {**ORDER, "customerId": "cust_7"} == body


def test_nothing_of_how_the_vendors_package_was_imported_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "gameball"]:
        monkeypatch.delitem(sys.modules, name)
    before = [*sys.path]

    assert "https://api.gameball.co/api/v2.0" == vendor().constants.api_base

    assert before == sys.path
    assert "constants" not in sys.modules


def test_a_description_loses_the_operations_that_have_no_answers() -> None:
    answered: dict[str, Any] = {"responses": {"200": {}}}
    paths = {
        "/otp": {"post": {"summary": "no answer"}},
        "/orders": {"parameters": [{"name": "lang"}], "post": answered, "get": {}},
    }

    left = orjson.loads(readable(orjson.dumps({"openapi": "3.0.0", "paths": paths})))

    assert {"/otp": {}, "/orders": {"parameters": [{"name": "lang"}], "post": answered}} == left[
        "paths"
    ]
    assert "3.0.0" == left["openapi"]


def test_without_the_generator_a_line_tells_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    (tmp_path / "api.json").write_text('{"paths": {}}')

    with generated(tmp_path / "api.json") as there_is_one:
        assert not there_is_one

    assert f"without a generated client, for want of {GENERATOR}" in capsys.readouterr().out
