"""The two doors: the same answers, latency, overlap, and failures to order."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from typing import Any

import aiohttp
import pytest

from gameball_async.sandbox import Fault, Program, Sandbox, SandboxClock
from gameball_async.transport.http import Answer, Attempt, Lost, Request
from tests.sandbox.caller import HEADERS, KEY, NOW, made

ORDER = {"customerId": "c1", "orderId": "A", "totalPaid": 100}


class Visitor:
    """Sends requests through one door; counts what the sandbox has stored."""

    def __init__(self, sandbox: Sandbox, session: aiohttp.ClientSession | None) -> None:
        self.sandbox = sandbox
        self.session = session
        self.inside = sandbox.transport()
        self.connections = 0

    def _connected(self) -> None:
        self.connections += 1

    async def send(self, request: Request) -> Answer | Lost:
        if self.session is None:
            return await self.inside.send(request, Attempt(5.0, self._connected))
        try:
            async with self.session.request(
                request.method,
                f"{self.sandbox.url}{request.target}",
                headers=request.headers,
                data=BytesIO(request.body) if request.body else None,
                allow_redirects=False,
            ) as answer:
                headers = {name.lower(): value for name, value in answer.headers.items()}
                return Answer(answer.status, headers, await answer.read())
        except aiohttp.ClientError as error:
            return Lost(sent=True, kind=type(error).__name__)

    async def order(self, **more: Any) -> Answer | Lost:
        return await self.send(made("POST", "/orders", ORDER | more))

    def points(self) -> int | None:
        balance = self.sandbox.balance(KEY, "c1")
        return balance.total if balance else None


@asynccontextmanager
async def standing_at(door: str, program: Program | None = None) -> AsyncIterator[Visitor]:
    clock = SandboxClock(NOW)
    if door == "inside":
        visitor = Visitor(Sandbox(program, clock=clock), None)
        yield visitor
        await visitor.inside.aclose()
        return
    async with Sandbox.serve(program, clock=clock) as sandbox, aiohttp.ClientSession() as session:
        yield Visitor(sandbox, session)


DOORS = pytest.mark.parametrize("door", ["inside", "server"])


def status_of(outcome: Answer | Lost) -> int:
    assert isinstance(outcome, Answer)
    return outcome.status


async def test_both_doors_answer_the_same() -> None:
    requests = [
        made("POST", "/orders", ORDER | {"lineItems": [{"price": 100, "productId": "ü"}]}),
        made("POST", "/orders", ORDER),
        made("POST", "/orders/cashback", {"totalPaid": 10}),
        made("GET", "/transactions?direction=%2B&limit=1"),
        made("GET", "/transactions?direction=+"),
        made("GET", "/customers/%2F%3F%23%25"),
        made("GET", "/orders/A/transactions"),
        made("POST", "/orders", b"{"),
        made("DELETE", "/transactions/hold/x"),
        made("GET", "/transactions", headers={}),
    ]
    answers: dict[str, list[tuple[int, Any, Any]]] = {}
    for door in ("inside", "server"):
        async with standing_at(door) as visitor:
            outcomes = [await visitor.send(request) for request in requests]
        answers[door] = [
            (outcome.status, outcome.headers["content-type"], outcome.body)
            for outcome in outcomes
            if isinstance(outcome, Answer)
        ]
    assert len(requests) == len(answers["inside"])
    assert answers["inside"] == answers["server"]


async def test_a_sandbox_can_be_served_later_and_again() -> None:
    sandbox = Sandbox()
    urls = []
    for _ in range(2):
        async with sandbox.running() as url, aiohttp.ClientSession() as session:
            urls.append(url)
            assert url == sandbox.url
            target = f"{url}/api/v4/integrations/transactions/count"
            async with session.get(target, headers=HEADERS) as answer:
                assert {"count": 0} == await answer.json()
        assert "" == sandbox.url
    assert all(url.startswith("http://127.0.0.1:") for url in urls)


async def test_an_address_of_version_six_is_written_in_brackets() -> None:
    try:
        async with Sandbox.serve(host="::1") as sandbox:
            assert sandbox.url.startswith("http://[::1]:")
    except OSError:
        pytest.skip("this machine has no IPv6")


async def test_a_body_beyond_32_mib_is_refused() -> None:
    async with standing_at("server") as visitor:
        assert 413 == status_of(await visitor.send(made("POST", "/orders", b" " * (2**25 + 1))))
        assert 400 == status_of(await visitor.send(made("POST", "/orders", b" " * 2**25)))


async def test_the_in_process_door_says_when_it_is_connected() -> None:
    async with standing_at("inside") as visitor:
        await visitor.order()
        assert 1 == visitor.connections


@DOORS
@pytest.mark.parametrize(
    ("fault", "outcome", "stored"),
    [
        pytest.param(Fault.dropped(), "ServerDisconnectedError", None, id="drop-before"),
        pytest.param(Fault.dropped(after=True), "ServerDisconnectedError", 100, id="drop-after"),
        pytest.param(Fault.truncated(), "ClientPayloadError", 100, id="half-an-answer"),
        pytest.param(Fault.garbage(), (200, b"{not json"), 100, id="garbage"),
        pytest.param(Fault.garbage(after=False), (200, b"{not json"), None, id="garbage-before"),
        pytest.param(Fault.too_many_requests(), (429, b""), None, id="429"),
        pytest.param(Fault.unavailable(), (503, None), None, id="503-before"),
        pytest.param(Fault.unavailable(after=True), (503, None), 100, id="503-after"),
        pytest.param(Fault.answered(500, b"{}"), (500, b"{}"), None, id="answer-before"),
        pytest.param(Fault.answered(502, b"", after=True), (502, b""), 100, id="answer-after"),
        pytest.param(Fault.slow(0.01), (200, None), 100, id="slow"),
        pytest.param(
            Fault(before=True), "ServerDisconnectedError", None, id="stopped-without-a-word"
        ),
    ],
)
async def test_failures_to_order(door: str, fault: Fault, outcome: Any, stored: int | None) -> None:
    async with standing_at(door) as visitor:
        planted = visitor.sandbox.fault(fault)
        answer = await visitor.order()
        if isinstance(answer, Lost):
            assert (outcome, True) == (answer.kind, answer.sent)
        else:
            assert outcome[0] == answer.status
            assert outcome[1] in {None, answer.body}
        assert (stored, 1) == (visitor.points(), planted.hits)
        logged = visitor.sandbox.requests[-1]
        dropped = outcome == "ServerDisconnectedError"
        assert (
            None if dropped else outcome[0] if isinstance(outcome, tuple) else 200
        ) == logged.status
        assert ORDER == logged.body


@DOORS
async def test_the_dress_of_ordered_failures(door: str) -> None:
    async with standing_at(door) as visitor:
        faults = [
            Fault.too_many_requests(times=1),
            Fault.too_many_requests(retry_after=3, times=1),
            Fault.unavailable(times=1),
            Fault.answered(302, headers={"location": "http://elsewhere.example/"}, times=1),
            Fault.answered(418, b"[]", times=1),
        ]
        for fault in faults:
            visitor.sandbox.fault(fault)
        answers = [await visitor.order() for _ in faults]
        headers = [answer.headers for answer in answers if isinstance(answer, Answer)]
        assert [None, "3", None, None, None] == [each.get("retry-after") for each in headers]
        assert "text/html" == headers[2]["content-type"]
        assert "http://elsewhere.example/" == headers[3]["location"]
        assert "application/json" == headers[4]["content-type"]


async def test_a_fault_strikes_where_and_as_often_as_it_is_told() -> None:
    async with standing_at("inside") as visitor:
        planted = visitor.sandbox.fault(Fault.answered(500, method="POST", path="/orders", times=2))
        requests = [
            made("GET", "/transactions"),
            made("POST", "/orders/cashback", {"totalPaid": 1}),
            made("POST", "/orders", ORDER),
            made("POST", "/orders", ORDER),
            made("POST", "/orders", ORDER),
        ]
        assert [200, 200, 500, 500, 200] == [
            status_of(await visitor.send(request)) for request in requests
        ]
        assert 2 == planted.hits


async def test_a_path_pattern_and_the_first_fault_win() -> None:
    async with standing_at("inside") as visitor:
        visitor.sandbox.fault(Fault.answered(501, path="/orders/*/transactions"))
        visitor.sandbox.fault(Fault.answered(502))
        assert 501 == status_of(await visitor.send(made("GET", "/orders/A/transactions")))
        assert 502 == status_of(await visitor.order())


async def test_a_fault_can_be_removed_twice() -> None:
    async with standing_at("inside") as visitor:
        planted = visitor.sandbox.fault(Fault.dropped())
        planted.remove()
        planted.remove()
        assert 200 == status_of(await visitor.order())


def test_a_fault_refuses_numbers_that_cannot_be() -> None:
    with pytest.raises(ValueError, match="times"):
        Fault.dropped(times=0)
    with pytest.raises(ValueError, match="seconds"):
        Fault.slow(-1)


@DOORS
async def test_writes_for_one_customer_overlap_and_are_refused(door: str) -> None:
    async with standing_at(door) as visitor:
        visitor.sandbox.give(KEY, "c1", 0)
        visitor.sandbox.give(KEY, "c2", 0)
        visitor.sandbox.latency = 0.2
        first = asyncio.create_task(visitor.order())
        await asyncio.sleep(0.05)
        others = await asyncio.gather(
            visitor.order(orderId="B"),
            visitor.send(made("PUT", "/customers/c1/activate", {"isActive": False})),
            visitor.order(orderId="C", customerId="c2"),
            visitor.send(made("GET", "/transactions")),
            visitor.send(made("POST", "/orders/cashback", {"customerId": "c1", "totalPaid": 1})),
        )
        assert [422, 400, 200, 200, 200] == [status_of(answer) for answer in others]
        codes = [json.loads(answer.body).get("code") for answer in others[:2]]  # type: ignore[union-attr]
        assert [2001, 2001] == codes
        assert 200 == status_of(await first)
        assert 100 == visitor.points()
        visitor.sandbox.latency = 0.0
        assert 200 == status_of(await visitor.order(orderId="B"))


async def test_each_kind_of_write_keeps_its_customer_busy() -> None:
    program = Program(coupons=(), redemption_rules={})
    async with standing_at("inside", program) as visitor:
        sandbox = visitor.sandbox
        sandbox.give(KEY, "c1", 50)
        hold = {"customerId": "c1", "transactionTime": "2024-10-16T08:00:00Z", "pointsToHold": 1}
        held = await visitor.send(made("POST", "/transactions/hold", hold))
        assert isinstance(held, Answer)
        reference = json.loads(held.body)["holdReference"]
        sandbox.latency = 0.2
        first = asyncio.create_task(visitor.order())
        await asyncio.sleep(0.05)
        manual = {
            "customerId": "c1",
            "transactionId": "M",
            "username": "u",
            "reason": "r",
            "points": 1,
        }
        coupons = {"customerId": "c1", "coupons": ["X"]}
        busy = [
            made("POST", "/transactions/hold", hold),
            made("DELETE", f"/transactions/hold/{reference}"),
            made("POST", "/transactions/manual", manual),
            made("POST", "/coupons/validate", coupons | {"lock": True}),
        ]
        idle = [
            made("POST", "/coupons/validate", coupons),
            made("DELETE", "/transactions/hold/unknown"),
            made("DELETE", "/coupons/unknown"),
        ]
        answers = await asyncio.gather(*(visitor.send(request) for request in busy + idle))
        codes = [json.loads(answer.body)["code"] for answer in answers]  # type: ignore[union-attr]
        assert [2001, 2001, 2001, 2001, 4004, 9006, 4004] == codes
        await first


async def test_releasing_a_lock_keeps_its_customer_busy() -> None:
    from gameball_async.sandbox import Coupon

    async with standing_at("inside", Program(coupons=(Coupon(code="X"),))) as visitor:
        visitor.sandbox.give(KEY, "c1", 0)
        body = {"customerId": "c1", "coupons": ["X"], "lock": True}
        answer = await visitor.send(made("POST", "/coupons/validate", body))
        assert isinstance(answer, Answer)
        reference = json.loads(answer.body)["lockReference"]
        visitor.sandbox.latency = 0.2
        first = asyncio.create_task(visitor.order())
        await asyncio.sleep(0.05)
        assert 422 == status_of(await visitor.send(made("DELETE", f"/coupons/{reference}")))
        await first
        assert 200 == status_of(await visitor.send(made("DELETE", f"/coupons/{reference}")))


async def test_a_new_customer_is_busy_before_it_exists() -> None:
    async with standing_at("inside") as visitor:
        visitor.sandbox.latency = 0.2
        answers = await asyncio.gather(visitor.order(), visitor.order(orderId="B"))
        assert [200, 422] == [status_of(answer) for answer in answers]


async def test_arrivals_count_for_the_limits_before_their_latency() -> None:
    async with standing_at("inside", Program(limits=0.001)) as visitor:
        visitor.sandbox.fault(Fault.slow(0.2, times=1))
        answers = await asyncio.gather(
            visitor.send(made("GET", "/transactions")), visitor.send(made("GET", "/transactions"))
        )
        assert [200, 429] == [status_of(answer) for answer in answers]


async def test_a_request_goes_on_when_its_caller_is_cancelled() -> None:
    async with standing_at("inside") as visitor:
        visitor.sandbox.latency = 0.1
        caller = asyncio.create_task(visitor.order())
        await asyncio.sleep(0.02)
        caller.cancel()
        with pytest.raises(asyncio.CancelledError):
            await caller
        assert visitor.points() is None
        await asyncio.sleep(0.3)
        assert 100 == visitor.points()


async def test_closing_the_door_gives_up_what_is_under_way_and_frees_its_customer() -> None:
    async with standing_at("inside") as visitor:
        visitor.sandbox.latency = 10
        caller = asyncio.create_task(visitor.order())
        await asyncio.sleep(0.02)
        await visitor.inside.aclose()
        with pytest.raises(asyncio.CancelledError):
            await caller
        visitor.sandbox.latency = 0.0
        assert 200 == status_of(await visitor.order())
