"""The blocking client: the same methods, the same answers, the same errors, no await."""

from __future__ import annotations

import asyncio
import contextvars
import copy
import inspect
import pickle
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Any

import pytest

import gameball_async as aio
from gameball_async import operations as op
from gameball_async.endpoints import (
    batches,
    configurations,
    coupons,
    customers,
    events,
    leaderboard,
    orders,
    payments,
    referrals,
    transactions,
)
from gameball_sync import (
    ClientClosedError,
    ConfigurationError,
    DuplicateError,
    GameballClient,
    PayloadError,
    Timeouts,
    _endpoints as sync,
)
from tests.clients import API_KEY, QUICK, SECRET_KEY, order
from tests.test_loops import served
from tests.wire import Stall, json_reply, refusal

PAIRS = [
    (batches.Batches, sync.Batches),
    (configurations.Configurations, sync.Configurations),
    (coupons.Coupons, sync.Coupons),
    (customers.Customers, sync.Customers),
    (events.Events, sync.Events),
    (leaderboard.Leaderboard, sync.Leaderboard),
    (orders.Orders, sync.Orders),
    (payments.Payments, sync.Payments),
    (referrals.Referrals, sync.Referrals),
    (transactions.Transactions, sync.Transactions),
]
RECEIPT = json_reply(customerId="id123", rewardedPoints=100)


def public(cls: type) -> set[str]:
    return {name for name in dir(cls) if not name.startswith("_")}


@pytest.mark.parametrize(("theirs", "ours"), PAIRS)
def test_the_twin_has_every_method_with_its_signature_and_its_docstring(
    theirs: type, ours: type
) -> None:
    assert public(theirs) == public(ours)
    for name in public(theirs):
        method, original = getattr(ours, name), getattr(theirs, name)
        assert inspect.signature(original).parameters == inspect.signature(method).parameters
        assert original.__doc__ == method.__doc__
        assert not inspect.iscoroutinefunction(method)


def test_the_client_itself_is_a_twin() -> None:
    members = vars(aio.GameballClient).items()
    groups = {name for name, it in members if isinstance(it, cached_property)}
    assert groups == set(GameballClient.__slots__)
    expected = (public(aio.GameballClient) - {"aclose"}) | {"close"} | groups
    assert expected == public(GameballClient)
    for name in ("__init__", "with_options", "send"):
        theirs = inspect.signature(getattr(aio.GameballClient, name))
        assert theirs.parameters == inspect.signature(getattr(GameballClient, name)).parameters


def test_calls_block_and_return_what_the_async_ones_would() -> None:
    with served() as server:
        server.script = lambda _seen: RECEIPT
        with GameballClient(API_KEY, SECRET_KEY, base_url=server.url) as gameball:
            assert 100 == gameball.orders.track(order()).rewarded_points
            response = gameball.send(op.TRACK_ORDER, body=order("A-2"))
            assert (200, 1) == (response.status, response.attempts)
            quick = gameball.with_options(timeouts=Timeouts(total=5), priority="background")
            assert 100 == quick.orders.track(order("A-3")).rewarded_points
            assert quick.limiter is gameball.limiter
            quick.close()
            assert 100 == gameball.orders.track(order("A-4")).rewarded_points
        with pytest.raises(ClientClosedError):
            gameball.orders.track(order())


def test_errors_come_through_as_they_are() -> None:
    with served() as server, GameballClient(API_KEY, SECRET_KEY, base_url=server.url) as gameball:
        server.script = lambda _seen: refusal(422, 9004)
        with pytest.raises(DuplicateError) as caught:
            gameball.orders.track(order())
        assert "r-1" == caught.value.request_id
        server.script = lambda _seen: refusal(400, 3000)
        with pytest.raises(PayloadError):
            gameball.orders.track(order())
        with pytest.raises(ValueError, match="customer_id"):
            gameball.customers.get("..")
    with pytest.raises(ConfigurationError, match="api_key"):
        GameballClient()


def test_rows_are_walked_with_a_plain_loop() -> None:
    def script(seen: Any) -> Any:
        after = int(seen.target.partition("startAfter=")[2] or 7)
        rows = [{"gameballTransactionId": str(n), "points": n} for n in (after - 1, after - 2)]
        return json_reply(transactions=rows, count=2, hasMore=after > 3)

    with served() as server, GameballClient(API_KEY, SECRET_KEY, base_url=server.url) as gameball:
        server.script = script
        assert [6, 5, 4, 3, 2, 1] == [row.points for row in gameball.transactions.list(limit=2)]
        pages = list(gameball.transactions.list(limit=2).pages())
        assert [2, 2, 2] == [len(page.items) for page in pages]
        assert "5" == gameball.transactions.list(limit=2).page().next_cursor
        paginator = gameball.transactions.list(limit=2)
        for _row in paginator:
            break
        paginator.close()
        assert all("startAfter" in target or "limit=2" in target for target in server.targets)


def test_many_threads_share_one_client() -> None:
    with (
        served() as server,
        GameballClient(API_KEY, SECRET_KEY, base_url=server.url, rate_limits=None) as gameball,
        ThreadPoolExecutor(16) as threads,
    ):
        server.script = lambda _seen: RECEIPT
        receipts = list(
            threads.map(lambda n: gameball.orders.track(order(f"A-{n}", f"c-{n}")), range(100))
        )
        assert [100] * 100 == [receipt.rewarded_points for receipt in receipts]
        assert 100 == len({seen.json["orderId"] for seen in server.seen})


def test_a_hook_sees_the_context_of_the_thread_that_called() -> None:
    tenant = contextvars.ContextVar("tenant", default="nobody")
    seen: list[str] = []

    with served() as server:
        gameball = GameballClient(
            API_KEY,
            SECRET_KEY,
            base_url=server.url,
            hooks=[lambda _event: seen.append(tenant.get())],
        )

        def call(name: str) -> None:
            tenant.set(name)
            gameball.transactions.count()

        for name in ("one", "two"):
            thread = threading.Thread(target=call, args=(name,))
            thread.start()
            thread.join()
        gameball.close()
    assert ["one", "one", "two", "two"] == seen


def test_threads_with_loops_of_their_own_share_one_client_and_no_context() -> None:
    """Each thread is a tenant with a key of its own, and its calls carry no other's."""
    tenant = contextvars.ContextVar("tenant", default=0)
    together = threading.Barrier(8)

    async def call_often(number: int) -> set[int]:
        tenant.set(number)
        together.wait(10)
        return {gameball.transactions.count() for _ in range(25)}

    def work(number: int) -> set[int]:
        return asyncio.run(call_often(number))

    with (
        served() as server,
        GameballClient(
            lambda: f"api-key-{tenant.get()}", SECRET_KEY, base_url=server.url, rate_limits=None
        ) as gameball,
        ThreadPoolExecutor(8) as threads,
    ):
        server.script = lambda seen: json_reply(count=int(seen.headers["apikey"][8:]))
        assert [{number} for number in range(8)] == list(threads.map(work, range(8)))


def test_a_blocking_call_from_a_hook_is_refused_instead_of_hanging() -> None:
    told: list[str] = []

    def hook(_event: object) -> None:
        try:
            gameball.transactions.count()
        except RuntimeError as error:
            told.append(str(error))

    with served() as server:
        gameball = GameballClient(API_KEY, SECRET_KEY, base_url=server.url, hooks=[hook])
        assert 1 == gameball.transactions.count()
        gameball.close()
    assert 2 == len(told)
    assert "gameball_async" in told[0]


def test_closing_gives_a_call_on_the_wire_its_time_and_then_ends_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gameball_async.transport.runtime.GRACE", 0.1)
    with served() as server, ThreadPoolExecutor(1) as threads:
        server.script = lambda _seen: Stall()
        gameball = GameballClient(API_KEY, SECRET_KEY, base_url=server.url, retry=QUICK)
        stuck = threads.submit(gameball.orders.track, order())
        while not server.seen:
            pass
        gameball.close()
        with pytest.raises(aio.OutcomeUnknownError):
            stuck.result()


def test_it_shows_no_key_and_is_not_pickled() -> None:
    gameball = GameballClient(API_KEY, SECRET_KEY)
    assert "GameballClient(https://api.gameball.co/api/v4/integrations)" == repr(gameball)
    assert copy.deepcopy(gameball) is gameball
    with pytest.raises(TypeError, match="keys"):
        pickle.dumps(gameball)
