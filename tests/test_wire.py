"""The promises of the transport, each on the wire: what a raw socket server sees and counts."""

from __future__ import annotations

import asyncio
import socket
import time
from typing import Any

import pytest

from gameball_async import (
    ApiError,
    ClientClosedError,
    ConcurrentRequestError,
    ConfigurationError,
    DeadlineError,
    DuplicateError,
    GameballError,
    Limiter,
    NotFoundError,
    NotSentError,
    Operation,
    OutcomeUnknownError,
    OutcomeUnknownTimeoutError,
    RateLimitedError,
    RateLimits,
    RateLimitWaitError,
    RedirectError,
    Replay,
    RequestError,
    RequestTimeoutError,
    ResponseDecodeError,
    RetryPolicy,
    ServerError,
    Timeouts,
    TransactionNotFoundError,
    Window,
    operations as op,
)
from gameball_async.hooks import BucketFrozen, CallAbandoned, RequestStarted, RetryScheduled
from gameball_async.sandbox import Program, Sandbox
from tests.clients import SHORT, Events, client, order, until
from tests.wire import (
    Action,
    Drop,
    Half,
    Raw,
    Reply,
    Seen,
    Stall,
    json_reply,
    refusal,
    sequence,
    wire,
)

RECEIPT = json_reply(customerId="id123", rewardedPoints=100, redeemedPoints=None)
ORDERS = "POST /api/v4/integrations/orders"
LOOK_UP = "GET /api/v4/integrations/orders/A-1/transactions"
HTML = Reply(503, b"<html>maintenance</html>", {"Content-Type": "text/html"})


def rows(**changes: Any) -> Reply:
    """The order's own ledger, as the look-up reads it."""
    row = {
        "transactionDate": "2024-10-16T08:13:29.29",
        "transactionType": "PaymentReward",
        "amount": 100.0,
        "transactionId": "A-1",
        "equivalentPoints": 92.0,
        "gameballTransactionId": 7,
        **changes,
    }
    burnt = {**row, "transactionType": "Redemption", "amount": 5.0, "equivalentPoints": 50.0}
    return json_reply(transactions=[row, burnt], count=2)


# -- 1. one attempt is one request --------------------------------------------------------------


@pytest.mark.parametrize("reset", [False, True])
async def test_a_dropped_keep_alive_connection_is_never_resent_behind_our_back(
    *, reset: bool
) -> None:
    async with wire(json_reply(success=True), Drop(reset=reset)) as server:
        async with client(server.url, retry=RetryPolicy(attempts=1)) as gameball:
            await gameball.transactions.release_hold("h-1")
            with pytest.raises(OutcomeUnknownError) as caught:
                await gameball.transactions.release_hold("h-2")
        assert 1 == caught.value.attempts
        assert 2 == len(server.seen)


async def test_the_wire_sees_as_many_requests_as_the_client_reports() -> None:
    events = Events()
    async with wire(Drop(), HTML, RECEIPT) as server:
        async with client(server.url, hooks=[events]) as gameball:
            response = await gameball.send(op.TRACK_ORDER, body=order())
        assert 3 == response.attempts == len(server.seen) == len(events.of(RequestStarted))


async def test_every_attempt_of_a_write_is_the_same_to_the_byte() -> None:
    async with wire(Drop(), HTML, RECEIPT) as server, client(server.url) as gameball:
        await gameball.orders.track(order(order_date=None))
        assert 1 == len({seen.body for seen in server.seen})
        assert server.seen[0].json["orderDate"].endswith("Z")


async def test_times_given_to_writes_are_never_the_same() -> None:
    async with wire(RECEIPT) as server, client(server.url) as gameball:
        await asyncio.gather(
            *(gameball.orders.track(order(f"A-{n}", f"c-{n}", order_date=None)) for n in range(25))
        )
        assert 25 == len({seen.json["orderDate"] for seen in server.seen})


# -- 2. no redirect is followed -----------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_an_error_that_names_its_host(status: int) -> None:
    async with wire(RECEIPT) as elsewhere:
        where = elsewhere.url.replace("127.0.0.1", "localhost")
        moved = Reply(status, b"<html>moved</html>", {"Location": f"{where}/x"})
        async with wire(moved) as server, client(server.url) as gameball:
            with pytest.raises(RedirectError) as caught:
                await gameball.orders.track(order())
            assert "localhost" == caught.value.host
            assert 1 == len(server.seen)
        assert [] == elsewhere.seen


# -- 3. replay classes --------------------------------------------------------------------------


@pytest.mark.parametrize("lost", [Drop(), Drop(reset=True), Half(), HTML], ids=repr)
async def test_a_keyed_write_is_repeated_after_a_lost_answer(lost: Any) -> None:
    async with wire(lost, RECEIPT) as server, client(server.url) as gameball:
        receipt = await gameball.orders.track(order())
        assert (100, False) == (receipt.rewarded_points, receipt.already_recorded)
        assert 2 == len(server.seen)


@pytest.mark.parametrize("lost", [Drop(), Drop(reset=True), Half(), HTML], ids=repr)
async def test_a_hold_is_never_repeated_after_a_lost_answer(lost: Any) -> None:
    async with wire(lost) as server, client(server.url) as gameball:
        with pytest.raises(OutcomeUnknownError):
            await gameball.transactions.hold(customer_id="id123", points_to_hold=50)
        assert 1 == len(server.seen)


async def test_a_validation_that_locks_is_unsafe_and_one_that_does_not_is_a_read() -> None:
    async with wire(Drop(), json_reply(valid=True)) as server, client(server.url) as gameball:
        with pytest.raises(OutcomeUnknownError):
            await gameball.coupons.validate(customer_id="c", coupons=["A"], lock=True)
        server.script = sequence(Drop(), json_reply(valid=True))
        assert (await gameball.coupons.validate(customer_id="c", coupons=["A"])).valid
        assert 3 == len(server.seen)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Reply(429, b""), id="too-many-requests"),
        pytest.param(refusal(422, 2001), id="another-request-of-the-customer"),
        pytest.param(refusal(400, 2001), id="the-same-with-status-400-C-75"),
    ],
)
async def test_what_was_not_done_is_repeated_even_for_an_unsafe_write(answer: Reply) -> None:
    async with (
        wire(answer, json_reply(holdReference="h-1")) as server,
        client(server.url, rate_limits=RateLimits.published()) as gameball,
    ):
        hold = await gameball.transactions.hold(customer_id="id123", points_to_hold=50)
        assert "h-1" == hold.hold_reference
        assert 2 == len(server.seen)


async def test_an_attempt_that_never_left_is_repeated_for_every_class() -> None:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused
    events = Events()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with client(url, hooks=[events]) as gameball:
        with pytest.raises(NotSentError) as caught:
            await gameball.transactions.hold(customer_id="id123", points_to_hold=50)
    listener.close()
    assert 4 == caught.value.attempts
    assert 3 == len(events.of(RetryScheduled))
    assert "ClientConnectorError" in (caught.value.cause or "")


async def test_a_read_is_repeated_and_then_tells_what_it_last_heard() -> None:
    async with wire(Drop(), HTML) as server, client(server.url) as gameball:
        with pytest.raises(ServerError) as caught:
            await gameball.transactions.count()
        assert 503 == caught.value.status
        assert 4 == len(server.seen)


async def test_a_read_whose_answers_were_lost_is_a_plain_request_error() -> None:
    async with wire(Drop()) as server, client(server.url) as gameball:
        with pytest.raises(RequestError) as caught:
            await gameball.transactions.count()
        assert RequestError is type(caught.value)
        assert 4 == caught.value.attempts


@pytest.mark.parametrize(
    ("call", "requests"),
    [
        pytest.param(lambda g: g.transactions.count(), 2, id="a-read-tries-4500-once-more"),
        pytest.param(lambda g: g.orders.track(order()), 2, id="so-does-a-keyed-write"),
        pytest.param(lambda g: g.customers.set_active("c", True), 1, id="an-idempotent-one-not"),
        pytest.param(
            lambda g: g.transactions.hold(customer_id="c", points_to_hold=1), 1, id="a-hold-not"
        ),
    ],
)
async def test_a_general_error_without_a_cause(call: Any, requests: int) -> None:
    async with wire(refusal(400, 4500)) as server, client(server.url) as gameball:
        with pytest.raises(ApiError, match="4500"):
            await call(gameball)
        assert requests == len(server.seen)


async def test_a_duplicate_after_a_general_error_is_our_own_order() -> None:
    script: list[Action] = [refusal(400, 4500), refusal(422, 9004), rows()]
    async with wire(*script) as server, client(server.url) as gameball:
        receipt = await gameball.orders.track(order())
        assert receipt.already_recorded
        assert [ORDERS, ORDERS, LOOK_UP] == server.targets


@pytest.mark.parametrize("lost", [Drop(), Half(), HTML], ids=repr)
async def test_a_duplicate_on_a_replay_means_that_the_first_attempt_landed(lost: Any) -> None:
    events = Events()
    async with (
        wire(lost, refusal(422, 9004), rows()) as server,
        client(server.url, hooks=[events]) as gameball,
    ):
        receipt = await gameball.orders.track(order())
        assert [ORDERS, ORDERS, LOOK_UP] == server.targets
    assert receipt.already_recorded
    assert (92, 50) == (receipt.rewarded_points, receipt.redeemed_points)
    look_ups = [event for event in events.of(RequestStarted) if "GET" in event.operation]
    assert ["GET /orders/{orderId}/transactions"] == [event.operation for event in look_ups]


async def test_a_duplicate_on_a_replay_counts_even_when_nothing_can_be_read_back() -> None:
    script: list[Action] = [Drop(), refusal(422, 9004), refusal(404, 4004)]
    async with wire(*script) as server, client(server.url) as gameball:
        receipt = await gameball.orders.track(order())
        assert receipt.already_recorded
        assert ("id123", None) == (receipt.customer_id, receipt.rewarded_points)


@pytest.mark.parametrize(
    "theirs",
    [
        pytest.param(rows(amount=99.99), id="another-amount"),
        pytest.param(rows(transactionDate="2024-10-16T08:13:39.29"), id="another-date"),
    ],
)
async def test_a_row_that_contradicts_ours_is_somebody_elses_order(theirs: Reply) -> None:
    async with (
        wire(Drop(), refusal(422, 9004), theirs) as server,
        client(server.url) as gameball,
    ):
        with pytest.raises(DuplicateError) as caught:
            await gameball.orders.track(order())
        assert (9004, 422) == (caught.value.code, caught.value.status)


@pytest.mark.parametrize("code", [9003, 9006, 9008, 3003])
async def test_no_other_refusal_is_believed_on_a_replay_before_the_order_was_looked_up(
    code: int,
) -> None:
    async with wire(Drop(), refusal(422, code), rows()) as server, client(server.url) as gameball:
        receipt = await gameball.orders.track(order())
        assert receipt.already_recorded
        assert [ORDERS, ORDERS, LOOK_UP] == server.targets


@pytest.mark.parametrize(
    "nothing",
    [
        pytest.param(json_reply(transactions=[], count=0), id="no-row"),
        pytest.param(refusal(404, 4004), id="no-order"),
        pytest.param(HTML, id="no-answer"),
        pytest.param(
            json_reply(transactions=[{"transactionType": "Cancel"}]), id="rows-of-another-kind"
        ),
    ],
)
async def test_a_missing_row_proves_nothing(nothing: Reply) -> None:
    async with wire(Drop(), refusal(404, 9006), nothing) as server, client(server.url) as gameball:
        with pytest.raises(OutcomeUnknownError) as caught:
            await gameball.orders.track(order())
        assert "A-1" == caught.value.key
        assert isinstance(caught.value.last_error, TransactionNotFoundError)


async def test_a_duplicate_on_a_first_attempt_is_an_error() -> None:
    async with wire(refusal(422, 9004)) as server, client(server.url) as gameball:
        with pytest.raises(DuplicateError) as caught:
            await gameball.orders.track(order())
        assert "r-1" == caught.value.request_id
        assert 1 == len(server.seen)


async def test_a_duplicate_on_a_first_attempt_is_a_success_when_it_may_be_a_resend() -> None:
    async with wire(refusal(422, 9004), rows()) as server, client(server.url) as gameball:
        receipt = await gameball.orders.track(order(), resend=True)
        assert receipt.already_recorded
        assert [ORDERS, LOOK_UP] == server.targets


async def test_a_resend_that_is_stamped_now_is_not_compared_by_its_date() -> None:
    async with wire(refusal(422, 9004), rows()) as server, client(server.url) as gameball:
        receipt = await gameball.orders.track(order(order_date=None), resend=True)
        assert receipt.already_recorded
        assert 2 == len(server.seen)


async def test_a_release_on_a_replay_is_done_when_the_hold_is_gone() -> None:
    async with wire(Drop(), refusal(404, 9006)) as server, client(server.url) as gameball:
        assert (await gameball.transactions.release_hold("h-1")).success
        assert 2 == len(server.seen)


async def test_a_release_of_a_hold_that_never_was_is_an_error() -> None:
    async with wire(refusal(404, 9006)) as server, client(server.url) as gameball:
        with pytest.raises(TransactionNotFoundError):
            await gameball.transactions.release_hold("h-1")
        assert 1 == len(server.seen)


async def test_an_idempotent_write_that_is_refused_on_a_replay_is_unknown() -> None:
    async with wire(Drop(), refusal(404, 7000)) as server, client(server.url) as gameball:
        with pytest.raises(OutcomeUnknownError) as caught:
            await gameball.customers.set_active("id123", is_active=False)
        assert isinstance(caught.value.last_error, NotFoundError)
        assert 2 == len(server.seen)


async def test_a_write_that_may_have_left_never_ends_as_not_sent() -> None:
    """The first attempt is dropped after reading, and then nobody listens any more."""
    async with wire(Drop()) as server, client(server.url) as gameball:
        call = asyncio.ensure_future(gameball.orders.track(order()))
        await until(lambda: server.seen)
        server.stop_listening()
        with pytest.raises(OutcomeUnknownError) as caught:
            await call
        assert isinstance(caught.value.last_error, NotSentError)


MANUAL: dict[str, Any] = {
    "customer_id": "id123",
    "transaction_id": "m-1",
    "username": "ops",
    "reason": "gift",
}


def ledger(**changes: Any) -> Reply:
    row = {
        "transactionId": "m-1",
        "gameballTransactionId": "12",
        "type": "ManualAccumulation",
        "direction": "+",
        "customerId": "id123",
        "points": 50,
        "amount": 5.0,
        "transactionTime": "2024-10-16T08:13:29.29",
        **changes,
    }
    return json_reply(transactions=[{"transactionId": "m-0"}, row], count=2, hasMore=False)


async def test_a_manual_transaction_is_read_back_from_the_ledger() -> None:
    async with wire(Drop(), refusal(422, 9003), ledger()) as server, client(server.url) as gameball:
        done = await gameball.transactions.create_manual(**MANUAL, points=50)
        assert (50, "12", True) == (
            done.points,
            done.gameball_transaction_id,
            done.already_recorded,
        )
        assert server.targets[2].endswith("/transactions?customerId=id123&limit=200")


@pytest.mark.parametrize(
    "theirs",
    [
        pytest.param({"points": 51}, id="other-points"),
        pytest.param({"direction": "-", "type": "ManualDeduction"}, id="the-other-way"),
        pytest.param({"type": "PaymentReward"}, id="an-order-of-the-same-id"),
        pytest.param({"transactionTime": "2024-10-16T08:14:00"}, id="another-time"),
    ],
)
async def test_a_manual_row_that_contradicts_ours_is_somebody_elses(theirs: Any) -> None:
    when = order().order_date
    async with (
        wire(Drop(), refusal(422, 9004), ledger(**theirs)) as server,
        client(server.url) as gameball,
    ):
        with pytest.raises(DuplicateError):
            await gameball.transactions.create_manual(**MANUAL, points=50, transaction_time=when)


async def test_a_manual_transaction_that_is_not_in_the_ledger_yet_was_still_recorded() -> None:
    script: list[Action] = [
        Drop(),
        refusal(422, 9004),
        json_reply(transactions=[], count=0, hasMore=False),
    ]
    async with wire(*script) as server, client(server.url) as gameball:
        done = await gameball.transactions.create_manual(**MANUAL, amount=5)
        assert (True, "m-1", None) == (done.already_recorded, done.transaction_id, done.points)


# -- 4. waiting and giving up -------------------------------------------------------------------


async def test_a_429_freezes_its_bucket_for_everybody_and_one_probe_goes_first() -> None:
    events = Events()
    limited = Reply(429, b"", {"Retry-After": "1"})
    async with (
        wire(limited, RECEIPT) as server,
        client(server.url, hooks=[events]) as gameball,
    ):
        began = time.monotonic()
        first = asyncio.ensure_future(gameball.orders.track(order("A-1", "c-1")))
        await until(lambda: events.of(BucketFrozen))
        second = asyncio.ensure_future(gameball.orders.track(order("A-2", "c-2")))
        quote = await gameball.orders.calculate_cashback(order())
        assert quote is not None
        assert time.monotonic() - began < 0.9, "another bucket is not frozen"
        await asyncio.gather(first, second)
        assert time.monotonic() - began >= 1.0
        assert [1.0] == [event.seconds for event in events.of(BucketFrozen)]


async def test_a_429_does_not_use_up_the_attempts_but_the_deadline() -> None:
    limited = Reply(429, b"")
    async with (
        wire(limited, RECEIPT) as server,
        client(server.url, retry=RetryPolicy(attempts=2, base=0.001)) as gameball,
    ):
        assert (await gameball.orders.track(order())).rewarded_points == 100
        server.script = lambda _seen: limited
        impatient = gameball.with_options(timeouts=Timeouts(total=0.5))
        with pytest.raises(RateLimitedError):
            await impatient.orders.track(order("A-2"))
        assert 3 == len(server.seen)


async def test_without_a_limiter_a_429_is_waited_out_by_the_call_itself() -> None:
    limited = Reply(429, b"", {"Retry-After": "1"})
    async with (
        wire(limited, RECEIPT) as server,
        client(server.url, rate_limits=None) as gameball,
    ):
        began = time.monotonic()
        await gameball.orders.track(order())
        assert time.monotonic() - began >= 1.0
        assert 2 == len(server.seen)


async def test_with_one_attempt_nothing_is_repeated_not_even_a_429() -> None:
    async with (
        wire(Reply(429, b"")) as server,
        client(server.url, retry=RetryPolicy(attempts=1)) as gameball,
    ):
        with pytest.raises(RateLimitedError):
            await gameball.orders.track(order())
        assert 1 == len(server.seen)


@pytest.mark.parametrize(
    ("call", "error"),
    [
        pytest.param(lambda g: g.transactions.count(), RequestTimeoutError, id="a-read"),
        pytest.param(lambda g: g.orders.track(order()), OutcomeUnknownTimeoutError, id="a-write"),
    ],
)
async def test_the_deadline_ends_a_call_whose_answer_does_not_come(call: Any, error: Any) -> None:
    async with wire(Stall()) as server, client(server.url, timeouts=SHORT) as gameball:
        began = time.monotonic()
        with pytest.raises(TimeoutError) as caught:
            await call(gameball)
        assert error is type(caught.value)
        assert 0.4 <= time.monotonic() - began < 0.4 + 0.6
        assert 1 == len(server.seen)


async def test_the_read_limit_ends_an_attempt_and_not_the_call() -> None:
    timeouts = Timeouts(read=0.2)
    async with wire(Stall(), RECEIPT) as server, client(server.url, timeouts=timeouts) as gameball:
        assert 100 == (await gameball.orders.track(order())).rewarded_points
        assert 2 == len(server.seen)


async def test_a_connection_that_is_not_accepted_in_time_was_not_sent() -> None:
    """A listener with a full backlog lets connections hang."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    address = listener.getsockname()
    fillers = [socket.socket() for _ in range(3)]
    for filler in fillers:
        filler.setblocking(False)
        filler.connect_ex(address)
    policy = RetryPolicy(attempts=1)
    timeouts = Timeouts(connect=0.2, total=5)
    async with client(
        f"http://127.0.0.1:{address[1]}", retry=policy, timeouts=timeouts
    ) as gameball:
        with pytest.raises(NotSentError, match="ConnectionTimeoutError"):
            await gameball.orders.track(order())
    for opened in [*fillers, listener]:
        opened.close()


async def test_a_call_fails_at_once_when_its_turn_comes_after_its_deadline() -> None:
    limits = RateLimits.published().override(orders=(Window(1, 30.0),))
    async with wire(RECEIPT) as server, client(server.url, rate_limits=limits) as gameball:
        await gameball.orders.track(order("A-1"))
        began = time.monotonic()
        with pytest.raises(RateLimitWaitError) as caught:
            await gameball.with_options(timeouts=Timeouts(total=10)).orders.track(order("A-2"))
        assert time.monotonic() - began < 1.0
        assert 25 < caught.value.at_least <= 31
        assert 1 == len(server.seen)


async def test_a_call_whose_deadline_passes_in_line_was_not_sent() -> None:
    async with (
        wire(Stall()) as server,
        client(server.url, timeouts=SHORT, max_in_flight=1) as gameball,
    ):
        patient = gameball.with_options(timeouts=Timeouts(total=5))
        blocker = asyncio.ensure_future(patient.transactions.count())
        await until(lambda: server.seen)
        with pytest.raises(DeadlineError) as caught:
            await gameball.orders.track(order())
        assert 0 == caught.value.attempts
        assert caught.value.waited >= 0.3
        blocker.cancel()


async def test_a_retry_that_cannot_start_before_the_deadline_is_not_waited_for() -> None:
    slow = RetryPolicy(base=1000.0, cap=1000.0)
    async with wire(Drop()) as server, client(server.url, retry=slow) as gameball:
        began = time.monotonic()
        with pytest.raises((OutcomeUnknownError, RequestError)):
            await gameball.with_options(timeouts=Timeouts(total=0.5)).orders.track(order())
        assert time.monotonic() - began < 1.0


async def test_a_busy_customer_is_tried_again_and_then_told() -> None:
    async with wire(refusal(422, 2001)) as server, client(server.url) as gameball:
        hasty = gameball.with_options(retry=RetryPolicy(attempts=2))
        with pytest.raises(ConcurrentRequestError):
            await hasty.orders.track(order())
        assert 2 == len(server.seen)


# -- 5. rate limits -----------------------------------------------------------------------------


async def test_a_burst_of_orders_never_hits_the_documented_limits() -> None:
    async with (
        Sandbox.serve(Program(limits="documented")) as sandbox,
        client(sandbox.url) as gameball,
    ):
        calls = [gameball.orders.track(order(f"A-{n}", f"c-{n}")) for n in range(75)]
        assert 75 == len(await asyncio.gather(*calls))
        assert [200] * 75 == [seen.status for seen in sandbox.requests]


async def test_two_clients_that_share_a_limiter_stay_within_one_accounts_limits() -> None:
    limiter = Limiter(RateLimits.published())
    async with (
        Sandbox.serve(Program(limits="documented")) as sandbox,
        client(sandbox.url, limiter=limiter) as one,
        client(sandbox.url, limiter=limiter) as two,
    ):
        calls = [(one, two)[n % 2].orders.track(order(f"A-{n}", f"c-{n}")) for n in range(50)]
        await asyncio.gather(*calls)
        assert {200} == {seen.status for seen in sandbox.requests}


# -- 6. lanes -----------------------------------------------------------------------------------


class Overlap:
    """Counts the writes of each customer that are under way at once."""

    def __init__(self) -> None:
        self.order: list[str] = []

    def __call__(self, seen: Seen) -> Reply:
        self.order.append(seen.json["orderId"])
        return Reply(200, RECEIPT.body, delay=0.01)


async def test_writes_of_one_customer_go_one_by_one_and_in_order() -> None:
    script = Overlap()
    async with wire(script=script) as server, client(server.url) as gameball:
        await asyncio.gather(*(gameball.orders.track(order(f"A-{n}")) for n in range(8)))
        assert [f"A-{n}" for n in range(8)] == script.order
        assert 1 == server.most_at_once


async def test_writes_of_different_customers_go_in_parallel() -> None:
    async with wire(script=Overlap()) as server, client(server.url) as gameball:
        await asyncio.gather(*(gameball.orders.track(order(f"A-{n}", f"c-{n}")) for n in range(8)))
        assert server.most_at_once > 1


async def test_reads_and_quotes_do_not_wait_in_a_lane() -> None:
    async with wire(Stall()) as server, client(server.url) as gameball:
        write = asyncio.ensure_future(gameball.orders.track(order()))
        await until(lambda: server.seen)
        server.script = lambda _seen: json_reply(count=3)
        assert 3 == await gameball.transactions.count(customer_id="id123")
        assert (await gameball.orders.calculate_cashback(order())) is not None
        write.cancel()


async def test_a_lane_is_kept_while_its_write_is_tried_again() -> None:
    async with wire(Drop(), RECEIPT) as server, client(server.url) as gameball:
        await asyncio.gather(
            gameball.orders.track(order("A-1")), gameball.orders.track(order("A-2"))
        )
        assert ["A-1", "A-1", "A-2"] == [seen.json["orderId"] for seen in server.seen]


async def test_the_lane_of_a_cancelled_write_reopens_a_second_later() -> None:
    async with wire(Stall(), RECEIPT) as server, client(server.url, max_in_flight=1) as gameball:
        first = asyncio.ensure_future(gameball.orders.track(order("A-1")))
        await until(lambda: server.seen)
        second = asyncio.ensure_future(gameball.orders.track(order("A-2")))
        await asyncio.sleep(0.01)
        began = time.monotonic()
        first.cancel()
        other = await gameball.orders.track(order("B-1", "somebody else"))
        assert other.rewarded_points == 100
        assert time.monotonic() - began < 0.9, "the timer holds no slot"
        await second
        assert time.monotonic() - began >= 1.0


# -- 7. gates -----------------------------------------------------------------------------------


async def test_no_more_than_max_in_flight_requests_are_on_the_wire() -> None:
    slow = Reply(200, b'{"count":1}', delay=0.02)
    async with wire(slow) as server, client(server.url, max_in_flight=3) as gameball:
        await asyncio.gather(*(gameball.transactions.count() for _ in range(20)))
        assert 3 == server.most_at_once
        assert server.connections <= 3


async def test_orders_that_wait_for_their_rate_never_block_a_quote() -> None:
    limits = RateLimits.published().override(orders=(Window(1, 30.0),))
    async with (
        wire(RECEIPT) as server,
        client(server.url, rate_limits=limits, max_in_flight=1) as gameball,
    ):
        waiting = [
            asyncio.ensure_future(gameball.orders.track(order(f"A-{n}", f"c-{n}")))
            for n in range(3)
        ]
        await until(lambda: server.seen)
        assert await gameball.orders.calculate_cashback(order()) is not None
        for call in waiting:
            call.cancel()


@pytest.mark.parametrize("chunked", [False, True])
async def test_an_answer_that_is_too_large_is_not_read(*, chunked: bool) -> None:
    from gameball_async.config import MAX_BODY

    body = b'{"count": 1, "x": "' + b"x" * MAX_BODY
    headers = {"Transfer-Encoding": "chunked"} if chunked else {}
    data = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body) if chunked else body
    async with wire(Reply(200, data, headers)) as server, client(server.url) as gameball:
        with pytest.raises(ResponseDecodeError, match="larger than 32 MiB") as caught:
            await gameball.transactions.count()
        assert not caught.value.outcome_unknown
        assert 1 == len(server.seen)


@pytest.mark.parametrize(
    "body", [b"<html></html>", b'{"rewardedPoints": 1', b"[1]", b"", b"7", b"\xff"], ids=repr
)
async def test_a_complete_answer_that_cannot_be_read_is_not_tried_again(body: bytes) -> None:
    async with wire(Reply(200, body)) as server, client(server.url) as gameball:
        with pytest.raises(ResponseDecodeError) as caught:
            await gameball.orders.track(order())
        assert caught.value.outcome_unknown
        assert (200, "application/json") == (caught.value.status, caught.value.content_type)
        with pytest.raises(ResponseDecodeError) as caught:
            await gameball.orders.calculate_cashback(order())
        assert not caught.value.outcome_unknown
        assert 2 == len(server.seen)


async def test_garbage_instead_of_http_counts_as_maybe_sent() -> None:
    async with wire(Raw(b"garbage\r\n\r\n"), RECEIPT) as server, client(server.url) as gameball:
        assert 100 == (await gameball.orders.track(order())).rewarded_points
        assert 2 == len(server.seen)


# -- 9. paths, and what else is refused before anything is sent ------------------------------------


@pytest.mark.parametrize("name", ["a/b", "a?b", "a#b", "a%2Fb", "a+b", "ü", "a b", "a&b=c"])
async def test_an_id_stays_one_segment_of_the_path(name: str) -> None:
    from urllib.parse import unquote

    async with wire(json_reply(customerId=name)) as server, client(server.url) as gameball:
        await gameball.customers.get(name)
        path = server.seen[0].target
        *_, last = path.split("/")
        assert 5 == path.count("/")
        assert name == unquote(last)
        assert not set("?#+ ") & set(last)


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/../b", "a\\..\\b"])
async def test_an_id_that_bends_the_path_is_refused(name: str) -> None:
    async with wire(RECEIPT) as server, client(server.url) as gameball:
        with pytest.raises(ValueError, match="customer_id"):
            await gameball.customers.get(name)
        assert [] == server.seen


async def test_a_plus_travels_as_percent_2b() -> None:
    page = json_reply(transactions=[], count=0, hasMore=False)
    async with wire(page) as server, client(server.url) as gameball:
        await gameball.transactions.list(direction="+").page()
        assert "/api/v4/integrations/transactions?direction=%2B&limit=200" == server.seen[0].target


async def test_without_a_secret_key_a_call_that_needs_one_fails_before_anything_is_sent() -> None:
    async with wire(json_reply(totalPoints=1)) as server:
        async with client(server.url, secret_key=None) as gameball:
            with pytest.raises(ConfigurationError, match="secret_key"):
                await gameball.orders.track(order())
            assert (await gameball.orders.calculate_cashback(order())).total_points == 1
        async with client(server.url, secret_key=None, api_version="v4.1") as gameball:
            with pytest.raises(ConfigurationError, match="secret_key"):
                await gameball.orders.calculate_cashback(order())
        assert 1 == len(server.seen)
        assert "secretkey" not in server.seen[0].headers


async def test_both_keys_are_sent_always_when_both_are_known() -> None:
    async with wire(json_reply(totalPoints=1)) as server, client(server.url) as gameball:
        await gameball.orders.calculate_cashback(order())
        headers = server.seen[0].headers
        assert "api-key-0123456789" == headers["apikey"]
        assert "secret-key-9876543210" == headers["secretkey"]
        assert headers["user-agent"].startswith("gameball-async/0.")
        assert "application/json" == headers["content-type"]


async def test_a_key_that_is_a_callable_is_read_for_each_call() -> None:
    keys = iter(["first-key-0", "second-key-1"])
    async with (
        wire(Drop(), json_reply(count=1)) as server,
        client(server.url, api_key=lambda: next(keys)) as gameball,
    ):
        await gameball.transactions.count()
        await gameball.transactions.count()
        sent = [seen.headers["apikey"] for seen in server.seen]
        assert ["first-key-0", "first-key-0", "second-key-1"] == sent


async def test_two_clients_of_two_accounts_never_mix_their_keys() -> None:
    async with wire(json_reply(count=1)) as server:
        async with (
            client(server.url, api_key="account-one") as one,
            client(server.url, api_key="account-two") as two,
        ):
            await asyncio.gather(*(g.transactions.count() for g in (one, two) * 10))
        by_connection = {(seen.connection, seen.headers["apikey"]) for seen in server.seen}
        assert len({connection for connection, _ in by_connection}) == len(by_connection)


# -- the escape hatch ---------------------------------------------------------------------------


async def test_an_operation_of_the_callers_own_goes_through_the_same_gates() -> None:
    locks = Operation("GET", "/locks/{lockReference}", dict, secret=True, language="query")
    async with (
        wire(Drop(), Reply(200, b'{"a": [1.5]}', {"X-Request-Id": "q-1"})) as server,
        client(server.url, language="fr") as gameball,
    ):
        response = await gameball.send(locks, path={"lockReference": "a/b"}, query={"deep": True})
        assert {"a": [1.5]} == response.value
        assert (200, 2, "q-1") == (response.status, response.attempts, response.request_id)
        assert "/api/v4/integrations/locks/a%2Fb?lang=fr&deep=true" == server.seen[1].target


async def test_a_language_travels_as_a_header_where_the_operation_says_so() -> None:
    tiers = Operation("GET", "/configurations/tiers", dict, language="header")
    async with wire(json_reply(x=1)) as server, client(server.url, language="ar") as gameball:
        await gameball.send(tiers)
        await gameball.send(op.COUNT_TRANSACTIONS)
        assert ["ar", None] == [seen.headers.get("lang") for seen in server.seen]


async def test_an_operation_without_a_documented_body_succeeds_on_an_empty_answer() -> None:
    touch = Operation("POST", "/touch", type(None), replay=Replay.IDEMPOTENT)
    async with wire(Reply(204, b"")) as server, client(server.url) as gameball:
        assert (await gameball.send(touch, body={"a": None})).value is None
        assert {"a": None} == server.seen[0].json


async def test_a_keyed_write_without_a_proof_is_unknown_when_it_is_refused_on_a_replay() -> None:
    async with wire(Drop(), refusal(422, 9004)) as server, client(server.url) as gameball:
        with pytest.raises(OutcomeUnknownError) as caught:
            await gameball.send(op.TRACK_ORDER, body=order())
        assert isinstance(caught.value.last_error, DuplicateError)


# -- closing ------------------------------------------------------------------------------------


async def test_closing_fails_calls_that_wait_and_lets_those_on_the_wire_finish() -> None:
    async with wire(Reply(200, RECEIPT.body, delay=0.3)) as server:
        async with client(server.url, max_in_flight=1) as gameball:
            sent = asyncio.ensure_future(gameball.orders.track(order("A-1")))
            await until(lambda: server.seen)
            waiting = asyncio.ensure_future(gameball.orders.track(order("A-2", "c-2")))
            in_lane = asyncio.ensure_future(gameball.orders.track(order("A-3")))
            await asyncio.sleep(0.01)
            await gameball.aclose()
            assert 100 == (await sent).rewarded_points
            for call in (waiting, in_lane, gameball.orders.track(order("A-4"))):
                with pytest.raises(ClientClosedError):
                    await call
            await gameball.aclose()
        assert 1 == len(server.seen)


async def test_closing_ends_what_does_not_finish_as_unknown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gameball_async.transport.runtime.GRACE", 0.1)
    async with wire(Stall()) as server, client(server.url) as gameball:
        write = asyncio.ensure_future(gameball.orders.track(order()))
        read = asyncio.ensure_future(gameball.transactions.count())
        await until(lambda: len(server.seen) == 2)
        await gameball.aclose()
        with pytest.raises(OutcomeUnknownError, match="closed"):
            await write
        with pytest.raises(RequestError, match="closed"):
            await read


async def test_a_call_that_would_be_repeated_is_not_once_the_client_closes() -> None:
    async with wire(script=lambda _seen: Reply(503, b"", delay=0.2)) as server:
        async with client(server.url) as gameball:
            write = asyncio.ensure_future(gameball.orders.track(order()))
            await until(lambda: server.seen)
            await gameball.aclose()
            with pytest.raises(OutcomeUnknownError, match="closed"):
                await write
        assert 1 == len(server.seen)


async def test_closing_ends_a_page_that_is_being_fetched_ahead() -> None:
    def script(seen: Seen) -> Action:
        after = int(seen.target.partition("startAfter=")[2] or 9)
        if after == 5:
            return Stall()
        rows = [{"gameballTransactionId": str(n)} for n in (after - 1, after - 2)]
        return json_reply(transactions=rows, count=2, hasMore=True)

    async with wire(script=script) as server, client(server.url) as gameball:
        pages = gameball.transactions.list(limit=2).pages()
        await anext(pages)
        await anext(pages)
        await until(lambda: len(server.seen) == 3)
        await gameball.aclose()
        with pytest.raises(ClientClosedError) as caught:
            await anext(pages)
        assert "5" == caught.value.cursor


async def test_a_copy_with_other_options_never_closes_what_it_shares() -> None:
    async with wire(json_reply(count=1)) as server, client(server.url) as gameball:
        async with gameball.with_options(priority="background") as copy:
            await copy.transactions.count()
        await gameball.transactions.count()
        assert 1 == server.connections
        assert copy.limiter is gameball.limiter


# -- abandoned calls ----------------------------------------------------------------------------


async def test_a_cancelled_call_says_whether_it_may_have_been_sent() -> None:
    events = Events()
    async with wire(Stall()) as server, client(server.url, hooks=[events]) as gameball:
        sent = asyncio.ensure_future(gameball.orders.track(order("A-1")))
        await until(lambda: server.seen)
        waiting = asyncio.ensure_future(gameball.orders.track(order("A-2")))
        await asyncio.sleep(0.01)
        for call in (waiting, sent):
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
        told = [(event.key, event.maybe_sent) for event in events.of(CallAbandoned)]
        assert [("A-2", False), ("A-1", True)] == told


async def test_a_timeout_of_the_callers_own_stays_the_callers_own() -> None:
    async with wire(Stall()) as server, client(server.url) as gameball:
        with pytest.raises(TimeoutError) as caught:
            async with asyncio.timeout(0.1):
                await gameball.orders.track(order())
        assert not isinstance(caught.value, GameballError)
        assert 1 == len(server.seen)
