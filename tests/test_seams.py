"""The client on a transport and a clock of the test's own: no socket, and no real waiting."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import Callable
from typing import Any

import pytest

from gameball_async import (
    Answer,
    Attempt,
    CallAbandoned,
    GameballClient,
    InsufficientPointsError,
    Lost,
    NotSentError,
    OrderReceipt,
    OutcomeUnknownError,
    OutcomeUnknownTimeoutError,
    RateLimitedError,
    RateLimits,
    Request,
    RequestTimeoutError,
    RetryPolicy,
    Timeouts,
    Window,
)
from gameball_async.sandbox import Fault, Program, Sandbox
from tests.clients import API_KEY, SECRET_KEY, Events, order
from tests.virtual_time import VirtualClock, virtual

RECEIPT = Answer(200, {}, b'{"rewardedPoints": 100}')
LOST = Lost(sent=True, kind="ServerDisconnectedError")

Outcome = Answer | Lost | BaseException | float


class Scripted:
    """A transport that plays outcomes: an answer, a loss, an exception, or seconds of silence."""

    def __init__(self, *script: Outcome) -> None:
        self.script = list(script)
        self.sent: list[tuple[float, str]] = []
        self.closed = 0

    async def send(self, request: Request, attempt: Attempt) -> Answer | Lost:
        self.sent.append((asyncio.get_running_loop().time(), request.target))
        outcome = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(outcome, float):
            attempt.on_connection()
            await asyncio.sleep(outcome)
            return await self.send(request, attempt)
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    async def aclose(self) -> None:
        self.closed += 1


def client(transport: Scripted, **settings: Any) -> GameballClient:
    return GameballClient(
        API_KEY, SECRET_KEY, transport=transport, clock=VirtualClock(), **settings
    )


@virtual
async def test_a_transport_of_ones_own_is_used_and_closed() -> None:
    transport = Scripted(LOST, RECEIPT)
    async with client(transport) as gameball:
        assert 100 == (await gameball.orders.track(order())).rewarded_points
    assert 2 == len(transport.sent)
    assert 1 == transport.closed


@pytest.mark.parametrize(
    ("outcome", "error"),
    [
        pytest.param(LOST, OutcomeUnknownError, id="lost"),
        pytest.param(Lost(sent=False, kind="Refused", text="no"), NotSentError, id="not-sent"),
        pytest.param(RuntimeError("boom"), OutcomeUnknownError, id="an-exception-counts-as-lost"),
        pytest.param(TimeoutError(), OutcomeUnknownTimeoutError, id="a-timeout-too"),
    ],
)
def test_what_a_transport_may_do_to_an_unsafe_write(outcome: Outcome, error: type[Any]) -> None:
    @virtual
    async def run() -> None:
        transport = Scripted(outcome)
        async with client(transport) as gameball:
            with pytest.raises(NotSentError if error is NotSentError else error) as caught:
                await gameball.transactions.hold(customer_id="c", points_to_hold=1)
            assert error is type(caught.value)
        assert (4 if error is NotSentError else 1) == len(transport.sent)

    run()


@virtual
async def test_the_longest_a_call_takes_is_its_deadline() -> None:
    transport = Scripted(1000.0)
    async with client(transport, retry=RetryPolicy(attempts=99)) as gameball:
        began = asyncio.get_running_loop().time()
        with pytest.raises(OutcomeUnknownTimeoutError) as caught:
            await gameball.orders.track(order())
        took = asyncio.get_running_loop().time() - began
    assert 60 <= took <= 60.3
    assert 30 == pytest.approx(transport.sent[1][0] - transport.sent[0][0], abs=0.6)
    assert caught.value.attempts == len(transport.sent) == 2


@virtual
async def test_a_read_ends_at_its_deadline_as_a_timeout_of_its_own() -> None:
    async with client(Scripted(1000.0), timeouts=Timeouts(total=10)) as gameball:
        with pytest.raises(RequestTimeoutError):
            await gameball.transactions.count()


@virtual
async def test_a_429_of_another_call_holds_back_who_only_waits_for_a_slot() -> None:
    """Its token was granted before the freeze; it must not be the request after it."""
    limited = Answer(429, {"retry-after": "7"}, b"")
    transport = Scripted(0.5, limited, RECEIPT)
    async with client(transport, max_in_flight=1) as gameball:
        calls = [gameball.orders.track(order(f"A-{n}", f"c-{n}")) for n in range(3)]
        receipts = await asyncio.gather(*calls)
        assert [100] * 3 == [receipt.rewarded_points for receipt in receipts]
    times = [when for when, _ in transport.sent]
    assert 2 == sum(when < times[0] + 1 for when in times), "one attempt, answered after a while"
    assert all(when >= times[0] + 7.5 for when in times[2:])


@virtual
async def test_a_429_that_asks_for_more_time_than_there_is_is_told_at_once() -> None:
    transport = Scripted(Answer(429, {"retry-after": "100"}, b""))
    async with client(transport) as gameball:
        began = asyncio.get_running_loop().time()
        with pytest.raises(RateLimitedError) as caught:
            await gameball.orders.track(order())
        assert 0.3 > asyncio.get_running_loop().time() - began
        assert 100 == caught.value.retry_after


@virtual
async def test_the_documented_limits_hold_for_a_burst_of_orders() -> None:
    transport = Scripted(RECEIPT)
    async with client(transport) as gameball:
        patient = gameball.with_options(timeouts=Timeouts(total=600))
        calls = [patient.orders.track(order(f"A-{n}", f"c-{n}")) for n in range(800)]
        await asyncio.gather(*calls)
    times = [when for when, _ in transport.sent]
    for limit, seconds in ((30, 1.0), (360, 30.0)):
        gaps = [late - early for early, late in zip(times, times[limit:], strict=False)]
        assert min(gaps) >= seconds
    assert 63 > times[-1] - times[0], "and the quota is used"


@virtual
async def test_an_interactive_write_lends_its_priority_to_the_one_before_it_in_its_lane() -> None:
    limits = RateLimits.published().override(orders=(Window(12, 30.0),))
    transport = Scripted(RECEIPT)
    async with client(transport, rate_limits=limits) as gameball:
        patient = gameball.with_options(timeouts=Timeouts(total=600))
        slow = patient.with_options(priority="background")
        done: list[str] = []

        async def track(of: GameballClient, order_id: str, customer: str) -> None:
            await of.orders.track(order(order_id, customer))
            done.append(order_id)

        backlog = [
            asyncio.ensure_future(track(slow, f"slow-{n}", "shop" if n == 15 else f"c-{n}"))
            for n in range(20)
        ]
        await asyncio.sleep(0.1)
        await track(patient, "now", "shop")
        assert "slow-15" in done, "the one in front of it went first"
        assert done.index("slow-15") < len(done) - 1
        assert "slow-14" not in done
        for call in backlog:
            call.cancel()


@virtual
async def test_a_request_is_on_its_way_from_its_connection_on_and_not_before() -> None:
    """Connecting took four seconds: what was lost then may reach the server two seconds later."""

    class Slow(Scripted):
        async def send(self, request: Request, attempt: Attempt) -> Answer | Lost:
            outcome = await super().send(request, attempt)
            if outcome is LOST:
                await asyncio.sleep(4)
                attempt.on_connection()
            return outcome

    transport = Slow(LOST, RECEIPT)
    limits = RateLimits.published().override(transactions_write=(Window(1, 1.0),))
    async with client(transport, rate_limits=limits) as gameball:
        for customer in ("one", "two"):
            with contextlib.suppress(OutcomeUnknownError):
                await gameball.transactions.hold(customer_id=customer, points_to_hold=1)
    (first, _), (second, _) = transport.sent
    assert second - first >= 4 + 2 + 1


@virtual
async def test_a_write_leaves_nothing_behind_for_the_garbage_collector() -> None:
    async with client(Scripted(RECEIPT)) as gameball:
        await gameball.orders.track(order("A-0"))
        gc.collect()
        gc.disable()
        try:
            for n in range(1, 10):
                await gameball.orders.track(order(f"A-{n}"))
            assert 0 == gc.collect()
        finally:
            gc.enable()


@virtual
async def test_a_look_up_gets_what_is_left_of_the_deadline() -> None:
    refused = Answer(404, {}, b'{"code": 9006, "message": "no hold"}')
    transport = Scripted(LOST, 9.999, refused, 1000.0)
    policy = RetryPolicy(base=0.0001)
    async with client(transport, timeouts=Timeouts(total=10), retry=policy) as gameball:
        began = asyncio.get_running_loop().time()
        with pytest.raises(OutcomeUnknownError):
            await gameball.orders.track(order())
        assert 10.3 > asyncio.get_running_loop().time() - began


DUPLICATE = Answer(422, {}, b'{"code": 9004, "message": "the id is taken"}')
NO_HOLD = Answer(404, {}, b'{"code": 9006, "message": "no hold"}')


@pytest.mark.parametrize("refused", [DUPLICATE, NO_HOLD], ids=["taken", "no-hold"])
@pytest.mark.parametrize("end", ["deadline", "close", "cancel"])
def test_a_resend_whose_look_up_is_cut_off_is_not_told_as_refused(
    refused: Answer, end: str
) -> None:
    """The refusal may be about what an earlier process has done; nobody has looked yet."""

    @virtual
    async def run() -> None:
        events = Events()
        transport = Scripted(refused, 1000.0)
        gameball = client(transport, timeouts=Timeouts(total=10), hooks=[events])
        call = asyncio.ensure_future(gameball.orders.track(order(), resend=True))
        await asyncio.sleep(1)
        assert 2 == len(transport.sent)
        if end == "close":
            await gameball.aclose()
        elif end == "cancel":
            call.cancel()
        (outcome,) = await asyncio.gather(call, return_exceptions=True)
        if end == "cancel":
            assert isinstance(outcome, asyncio.CancelledError)
            told = events.of(CallAbandoned)[-1]
            assert ("A-1", True) == (told.key, told.maybe_sent)
        elif end == "deadline" and refused is DUPLICATE:
            assert isinstance(outcome, OrderReceipt)
            assert outcome.already_recorded
        else:
            assert isinstance(outcome, OutcomeUnknownError)
        await gameball.aclose()

    run()


@virtual
async def test_a_duplicate_is_recognised_when_the_look_up_takes_all_the_time_there_is() -> None:
    """The look-up ends before the call does, as an error of its own and not as a cancelled call."""
    events = Events()
    transport = Scripted(LOST, DUPLICATE, 1000.0)
    async with client(transport, timeouts=Timeouts(total=10), hooks=[events]) as gameball:
        receipt = await gameball.orders.track(order())
    assert receipt.already_recorded
    assert [] == events.of(CallAbandoned)


def in_process(sandbox: Sandbox) -> GameballClient:
    return GameballClient(
        API_KEY, SECRET_KEY, transport=sandbox.transport(), retry=RetryPolicy(base=0.001)
    )


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(lambda: Fault.dropped(path="/orders", times=1), id="dropped-before"),
        pytest.param(
            lambda: Fault.dropped(path="/orders", after=True, times=1), id="dropped-after"
        ),
        pytest.param(lambda: Fault.truncated(path="/orders", times=1), id="half-an-answer"),
        pytest.param(lambda: Fault.unavailable(path="/orders", times=1), id="503-before"),
        pytest.param(
            lambda: Fault.unavailable(path="/orders", after=True, times=1), id="503-after"
        ),
    ],
)
async def test_an_order_counts_once_whatever_happens_to_its_first_attempt(
    fault: Callable[[], Fault],
) -> None:
    sandbox = Sandbox()
    async with in_process(sandbox) as gameball:
        sandbox.fault(fault())
        receipt = await gameball.orders.track(order())
        balance = sandbox.balance(API_KEY, "id123")
    assert 100 == receipt.rewarded_points
    assert balance is not None
    assert 100 == balance.total
    assert 1 == len(sandbox.ledger(API_KEY, "id123"))


async def test_a_refusal_is_believed_when_nothing_was_sent_before() -> None:
    sandbox = Sandbox(Program())
    async with in_process(sandbox) as gameball:
        await gameball.orders.track(order())
        with pytest.raises(InsufficientPointsError):
            await gameball.transactions.hold(customer_id="id123", points_to_hold=101)
