"""A checkout ends in an order, or leaves nothing held and nothing locked, whatever happens."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import pickle
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any, ClassVar

import anyio
import pytest
from attrs import evolve

from gameball_async import (
    Checkout,
    CheckoutUnknownError,
    CheckoutUnknownTimeoutError,
    CouponInvalidError,
    DuplicateError,
    GameballClient,
    GameballError,
    InsufficientPointsError,
    OrderQuote,
    OutcomeUnknownError,
    OutcomeUnknownTimeoutError,
    RateLimitedError,
    Redemption,
    ReleaseFailed,
    ResponseDecodeError,
    RetryPolicy,
    SystemClock,
    Timeouts,
    TransactionNotFoundError,
    reservation,
)
from gameball_async.sandbox import Coupon, Fault, Program, Sandbox
from gameball_async.transport import lanes
from gameball_async.transport.http import Timer
from tests.clients import API_KEY, QUICK, SECRET_KEY, Events, client, order
from tests.test_secrets import frames_of, leaks
from tests.wire import Action, Reply, Seen, json_reply, refusal, wire

PROGRAM = Program(
    coupons=(
        Coupon(code="SUMMER50", type="percentage", value=50),
        Coupon(code="ONCE", usage_limit=1),
        Coupon(code="OVER", usage_limit=0),
    )
)
HOLD, LOCK, PLACE = "/transactions/hold", "/coupons/validate", "/orders"
UNHOLD, UNLOCK = "/transactions/hold/*", "/coupons/*"


@pytest.fixture(autouse=True)
def _lanes_reopen_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second for each of hundreds of cancels would take minutes."""
    monkeypatch.setattr(lanes, "REOPEN_AFTER", 0.002)


@contextlib.asynccontextmanager
async def shop(**settings: Any) -> AsyncIterator[tuple[Sandbox, GameballClient]]:
    """A sandbox where id123 has a hundred points, and a client of it."""
    sandbox = Sandbox(PROGRAM)
    for customer, points in (("id123", 100), ("other", 0)):
        sandbox.give(API_KEY, customer, points)
    given = {"retry": QUICK, "rate_limits": None, "transport": sandbox.transport(), **settings}
    async with GameballClient(API_KEY, SECRET_KEY, **given) as gameball:
        yield sandbox, gameball


def held(sandbox: Sandbox) -> int:
    balance = sandbox.balance(API_KEY, "id123")
    assert balance is not None
    return balance.held


async def locked(gameball: GameballClient, code: str = "SUMMER50") -> bool:
    """Whether somebody else could not use the coupon now."""
    found = await gameball.coupons.validate(customer_id="other", coupons=[code])
    return found.valid is not True


def asked(sandbox: Sandbox) -> list[str]:
    return [f"{request.method} {request.path}" for request in sandbox.requests]


def told(error: BaseException | None) -> str:
    """What a traceback shows of *error*: its text, its notes, and what it came in the middle of."""
    if error is None:
        return ""
    return " ".join([str(error), *getattr(error, "__notes__", []), told(error.__context__)])


async def buy(gameball: GameballClient, coupon: str = "SUMMER50", **changes: Any) -> None:
    async with gameball.checkout("id123") as checkout:
        await checkout.hold_points(50)
        await checkout.lock_coupons([coupon])
        await checkout.place(order("A-1", order_date=None, **changes))


async def give_up(gameball: GameballClient) -> None:
    async with gameball.checkout("id123") as checkout:
        await checkout.hold_points(50)
        await checkout.lock_coupons(["SUMMER50"])
        raise ValueError("no card")


async def leave(gameball: GameballClient) -> None:
    async with gameball.checkout("id123") as checkout:
        await checkout.hold_points(50)


async def test_an_order_uses_up_what_the_checkout_reserved() -> None:
    """C-25: coupons are locked, and the order names their lock."""
    async with shop() as (sandbox, gameball):
        async with gameball.checkout("id123") as checkout:
            quote = await checkout.preview(order())
            hold = await checkout.hold_points(50)
            lock = await checkout.lock_coupons(["SUMMER50"])
            bag = order(redemption=Redemption(coupon_codes=["SUMMER50"]))
            receipt = await checkout.place(bag)
        sent = list(sandbox.requests)[-1].body["redemption"]
        assert (100, 50, 100) == (
            quote.total_points,
            receipt.redeemed_points,
            receipt.rewarded_points,
        )
        assert {
            "pointsHoldReference": hold.hold_reference,
            "couponsLockReference": lock.lock_reference,
            "couponCodes": ["SUMMER50"],
        } == sent
        assert (None, None) == (
            bag.redemption and bag.redemption.points_hold_reference,
            bag.redemption and bag.redemption.coupons_lock_reference,
        ), "the caller's order is not changed"
        assert (0, 1) == (held(sandbox), sandbox.coupon_uses(API_KEY, "SUMMER50"))
        assert not any(line.startswith("DELETE") for line in asked(sandbox))


@pytest.mark.parametrize("error", [None, ValueError("no card"), asyncio.CancelledError()])
async def test_leaving_without_an_order_gives_everything_back(error: BaseException | None) -> None:
    async with shop() as (sandbox, gameball):
        with contextlib.suppress(ValueError, asyncio.CancelledError):
            async with gameball.checkout("id123") as checkout:
                await checkout.hold_points(50)
                await checkout.lock_coupons(["SUMMER50"])
                assert (50, True) == (held(sandbox), await locked(gameball))
                if error is not None:
                    raise error
        assert (0, False) == (held(sandbox), await locked(gameball))


async def test_an_order_without_reservations_is_an_order() -> None:
    async with shop() as (sandbox, gameball):
        async with gameball.checkout("id123") as checkout:
            assert 100 == (await checkout.place(order())).rewarded_points
        assert "redemption" not in sandbox.requests[-1].body


async def test_the_merge_keys_travel_with_every_step() -> None:
    async with shop() as (sandbox, gameball):
        async with gameball.checkout("id123", email="a@b.c", mobile="+1") as checkout:
            await checkout.preview(OrderQuote(total_paid=5))
            await checkout.hold_points(amount_to_hold=1)
            await checkout.lock_coupons(["SUMMER50"], lock_duration=5)
            await checkout.place(order(email="x@y.z", mobile="+2"))
        bodies = [request.body for request in sandbox.requests]
    assert ["id123"] * 4 == [body["customerId"] for body in bodies]
    assert ["a@b.c", "a@b.c", "a@b.c", "x@y.z"] == [body["email"] for body in bodies]
    assert ["+1", "+1", "+1", "+2"] == [body["mobile"] for body in bodies]
    assert (1, 5) == (bodies[1]["amountToHold"], bodies[2]["lockDuration"])


async def test_a_second_hold_and_a_second_lock_release_the_first_before() -> None:
    async with shop() as (sandbox, gameball):
        async with gameball.checkout("id123") as checkout:
            await checkout.hold_points(60)
            await checkout.hold_points(80)
            await checkout.lock_coupons(["SUMMER50"])
            await checkout.lock_coupons(["ONCE"])
            assert (80, False) == (held(sandbox), await locked(gameball))
            assert await locked(gameball, "ONCE")
        assert (0, False) == (held(sandbox), await locked(gameball, "ONCE"))


async def test_a_first_hold_that_cannot_be_released_stays_to_be_released_at_the_end() -> None:
    async with shop() as (sandbox, gameball):
        async with gameball.checkout("id123") as checkout:
            await checkout.hold_points(60)
            planted = sandbox.fault(Fault.unavailable(method="DELETE"))
            with pytest.raises(OutcomeUnknownError):
                await checkout.hold_points(20)
            planted.remove()
            assert 60 == held(sandbox)
        assert 0 == held(sandbox)


async def test_a_second_hold_that_is_refused_leaves_none_and_a_third_may_follow() -> None:
    async with shop() as (sandbox, gameball), gameball.checkout("id123") as checkout:
        await checkout.hold_points(60)
        with pytest.raises(InsufficientPointsError):
            await checkout.hold_points(101)
        assert 0 == held(sandbox)
        await checkout.hold_points(20)
        assert 20 == (await checkout.place(order())).redeemed_points


async def test_unusable_coupons_are_an_error_with_the_reasons_and_nothing_stays() -> None:
    async with shop() as (sandbox, gameball):
        with pytest.raises(CouponInvalidError, match="OVER: usageLimitReached") as caught:
            await buy(gameball, "OVER")
        assert {"OVER": "usageLimitReached"} == caught.value.reasons
        assert (0, False) == (held(sandbox), await locked(gameball))


@pytest.mark.parametrize(
    "release", [json_reply(success=True), refusal(404, 4004), refusal(400, 3000)]
)
@pytest.mark.parametrize(
    ("answer", "reasons"),
    [
        pytest.param(
            {"valid": False, "coupons": [{"code": "A", "valid": False}], "lockReference": "l-1"},
            {"A": "not valid"},
            id="without-a-reason",
        ),
        pytest.param({"lockReference": "l-1"}, {}, id="without-a-verdict"),
        pytest.param(
            {
                "valid": False,
                "coupons": [{"code": "A", "reason": "expired"}, {"code": "B"}, "C"],
                "lockReference": "l-1",
            },
            {"A": "expired"},
            id="with-a-reason",
        ),
    ],
)
async def test_a_lock_that_came_with_unusable_coupons_is_released_c56(
    answer: dict[str, Any], reasons: dict[str, str], release: Reply
) -> None:
    async with wire(json_reply(**answer), release) as server, client(server.url) as gameball:
        with pytest.raises(CouponInvalidError) as caught:
            async with gameball.coupons.locking(customer_id="c", coupons=["A"]):
                pytest.fail("no coupon, no block")
        assert reasons == caught.value.reasons
        assert server.targets[-1].endswith("DELETE /api/v4/integrations/coupons/l-1")
    assert (b"3000" in release.body) == ("could not be released" in told(caught.value))


@pytest.mark.parametrize("reference", [None, "", {}, {"id": "h-1"}])
async def test_an_answer_without_a_reference_reserves_what_nobody_can_release(
    reference: Any,
) -> None:
    hold = json_reply(holdReference=reference, holdEquivalentPoints=50)
    lock = json_reply(valid=True, lockReference=reference)
    async with wire(hold, lock) as server, client(server.url) as gameball:
        async with gameball.checkout("c") as checkout:
            for step in (checkout.hold_points(50), checkout.lock_coupons(["A"])):
                with pytest.raises(ResponseDecodeError, match="lapses by itself") as caught:
                    await step
                assert caught.value.outcome_unknown
                assert "could not be released" not in told(caught.value)
        assert 2 == len(server.seen)


@pytest.mark.parametrize("path", [HOLD, LOCK])
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        pytest.param(Fault.dropped, OutcomeUnknownError, id="lost"),
        pytest.param(Fault.garbage, ResponseDecodeError, id="unreadable"),
    ],
)
async def test_a_reservation_without_an_answer_says_that_it_lapses(
    path: str, fault: Callable[..., Fault], kind: type[GameballError]
) -> None:
    async with shop() as (sandbox, gameball):
        sandbox.fault(fault(path=path, after=True))
        with pytest.raises(kind, match="lapses by itself"):
            await buy(gameball)
        assert (50 if path == HOLD else 0) == held(sandbox), "of what was answered nothing stays"
        sandbox.clock.advance(660)
        assert 0 == held(sandbox)


async def test_a_reservation_of_no_use_is_released_once_and_never_again() -> None:
    answer = json_reply(valid=False, lockReference="l-1")
    async with wire(answer, refusal(400, 3000)) as server, client(server.url) as gameball:
        block = gameball.coupons.locking(customer_id="c", coupons=["A"])
        with pytest.raises(CouponInvalidError):
            await block.__aenter__()
        await block.__aexit__(None, None, None)
        assert 2 == len(server.seen)


async def test_a_refused_hold_is_refused_and_says_nothing_of_lapsing() -> None:
    async with shop() as (sandbox, gameball):
        async with gameball.checkout("id123") as checkout:
            with pytest.raises(InsufficientPointsError) as caught:
                await checkout.hold_points(101)
        assert "lapses" not in told(caught.value)
        assert 1 == len(sandbox.requests)


async def test_after_a_refused_order_everything_is_released() -> None:
    async with shop() as (sandbox, gameball):
        await gameball.orders.track(order("A-1", "other"))
        with pytest.raises(DuplicateError):
            await buy(gameball)
        assert (0, False) == (held(sandbox), await locked(gameball))


async def test_after_an_unknown_order_nothing_is_released_and_the_error_has_both_references() -> (
    None
):
    async with shop() as (sandbox, gameball):
        sandbox.fault(Fault.dropped(path=PLACE))
        with pytest.raises(CheckoutUnknownError, match="nothing was released") as caught:
            await buy(gameball)
        error = caught.value
        sent = sandbox.requests[-1].body["redemption"]
        assert sent == {
            "pointsHoldReference": error.points_hold_reference,
            "couponsLockReference": error.coupons_lock_reference,
        }
        assert ("A-1", 4) == (error.key, error.attempts)
        assert isinstance(error.last_error, OutcomeUnknownError)
        assert (50, True) == (held(sandbox), await locked(gameball))
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert str(error) == str(twin)
        assert error.points_hold_reference == twin.points_hold_reference


async def test_an_unknown_order_is_placed_again_in_the_same_checkout() -> None:
    async with shop() as (sandbox, gameball):
        async with gameball.checkout("id123") as checkout:
            await checkout.hold_points(50)
            planted = sandbox.fault(Fault.dropped(path=PLACE, after=True))
            with pytest.raises(CheckoutUnknownError):
                await checkout.place(order("A-1"))
            planted.remove()
            with pytest.raises(RuntimeError, match="resend"):
                await checkout.hold_points(10)
            receipt = await checkout.place(order("A-1"), resend=True)
        assert (True, 50) == (receipt.already_recorded, receipt.redeemed_points)
        assert 0 == held(sandbox)


async def test_an_unreadable_receipt_is_an_unknown_order() -> None:
    async with shop() as (sandbox, gameball):
        sandbox.fault(Fault.garbage(path=PLACE))
        with pytest.raises(CheckoutUnknownError) as caught:
            await buy(gameball)
        assert isinstance(caught.value.last_error, ResponseDecodeError)


async def test_without_reservations_an_unknown_order_is_what_it_always_is() -> None:
    async with shop() as (sandbox, gameball):
        sandbox.fault(Fault.dropped(path=PLACE))
        async with gameball.checkout("id123") as checkout:
            with pytest.raises(OutcomeUnknownError) as caught:
                await checkout.place(order())
            assert OutcomeUnknownError is type(caught.value)
            await checkout.hold_points(50)
        assert 0 == held(sandbox)


async def test_an_order_that_an_earlier_run_placed_leaves_this_hold_to_be_released() -> None:
    async with shop() as (sandbox, gameball):
        await gameball.orders.track(order("A-1"))
        async with gameball.checkout("id123") as checkout:
            await checkout.hold_points(50)
            receipt = await checkout.place(order("A-1"), resend=True)
            assert (True, 50) == (receipt.already_recorded, held(sandbox))
        assert 0 == held(sandbox)


async def test_an_order_whose_answer_was_lost_has_used_what_was_reserved() -> None:
    async with shop(hooks=[events := Events()]) as (sandbox, gameball):
        sandbox.fault(Fault.dropped(path=PLACE, after=True, times=1))
        await buy(gameball)
        assert (0, 1) == (held(sandbox), sandbox.coupon_uses(API_KEY, "SUMMER50"))
    assert [] == events.of(ReleaseFailed)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param({"customer_id": "x"}, "customer_id", id="another-customer"),
        pytest.param(
            {"redemption": Redemption(points_hold_reference="x")}, "hold_ref", id="another-hold"
        ),
        pytest.param(
            {"redemption": Redemption(coupons_lock_reference="x")}, "lock_ref", id="another-lock"
        ),
    ],
)
async def test_an_order_that_is_not_of_this_checkout_is_refused(
    changes: dict[str, Any], message: str
) -> None:
    async with shop() as (sandbox, gameball):
        with pytest.raises(ValueError, match=message):
            await buy(gameball, **changes)
        assert f"POST {PLACE}" not in asked(sandbox)
        assert (0, False) == (held(sandbox), await locked(gameball))


async def test_a_checkout_works_inside_its_block_and_once() -> None:
    async with shop() as (_, gameball):
        checkout = gameball.checkout("id123")
        assert isinstance(checkout, Checkout)
        for step in (checkout.hold_points(5), checkout.lock_coupons(["ONCE"])):
            with pytest.raises(RuntimeError, match="block"):
                await step
        async with checkout:
            with pytest.raises(RuntimeError, match="begun before"):
                await checkout.__aenter__()
            await checkout.place(order())
            with pytest.raises(RuntimeError, match="placed"):
                await checkout.hold_points(5)
            with pytest.raises(RuntimeError, match="placed"):
                await checkout.place(order())
        with pytest.raises(RuntimeError, match="begun before"):
            await checkout.__aenter__()
        with pytest.raises(RuntimeError, match="block"):
            await checkout.place(order())


async def test_a_failed_release_does_not_hide_the_error_of_the_block() -> None:
    async with shop(hooks=[events := Events()]) as (sandbox, gameball):
        sandbox.fault(Fault.unavailable(method="DELETE"))
        with pytest.raises(ValueError, match="no card") as caught:
            await give_up(gameball)
    assert 2 == told(caught.value).count("lapses by itself")
    failed = events.of(ReleaseFailed)
    assert ["DELETE /transactions/hold/{holdReferenceId}", "DELETE /coupons/{lockReference}"] == [
        event.operation for event in failed
    ]
    assert ["OutcomeUnknownError"] * 2 == [event.error for event in failed]
    assert sandbox.requests[-1].path.endswith(failed[-1].reference)


async def test_a_failed_release_is_raised_where_nothing_else_is() -> None:
    async with shop() as (sandbox, gameball):
        sandbox.fault(Fault.unavailable(method="DELETE"))
        with pytest.raises(OutcomeUnknownError, match="DELETE"):
            async with gameball.checkout("id123") as checkout:
                await checkout.hold_points(50)
        with pytest.raises(OutcomeUnknownError, match="DELETE"):
            async with gameball.coupons.locking(customer_id="id123", coupons=["ONCE"]):
                pass


async def test_a_failed_release_after_an_order_is_an_event_only() -> None:
    async with shop(hooks=[events := Events()]) as (sandbox, gameball):
        await gameball.orders.track(order("A-1"))
        sandbox.fault(Fault.unavailable(method="DELETE"))
        async with gameball.checkout("id123") as checkout:
            await checkout.hold_points(50)
            await checkout.place(order("A-1"), resend=True)
        assert 1 == len(events.of(ReleaseFailed))


async def test_a_reference_that_cannot_be_sent_hides_nothing_either() -> None:
    async with wire(json_reply(holdReference="..")) as server, client(server.url) as gameball:
        with pytest.raises(KeyError) as caught:
            async with gameball.transactions.holding(customer_id="c", points_to_hold=5):
                raise KeyError("body")
        assert ".. could not be released" in told(caught.value)


async def test_a_release_takes_five_seconds_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gameball_async.checkout.PATIENCE", 0.2)
    async with shop() as (sandbox, gameball):
        sandbox.fault(Fault.slow(60, method="DELETE"))
        with anyio.fail_after(3), pytest.raises(ValueError, match="no card") as caught:
            await give_up(gameball)
        assert 2 == told(caught.value).count("not released")
        assert "the deadline passed" in told(caught.value)


async def test_points_are_held_while_a_block_runs() -> None:
    async with shop() as (sandbox, gameball):
        async with gameball.transactions.holding(customer_id="id123", points_to_hold=50) as hold:
            assert (50, 50) == (hold.hold_equivalent_points, held(sandbox))
        assert 0 == held(sandbox)
        with pytest.raises(ValueError, match="exactly one"):
            async with gameball.transactions.holding(customer_id="id123"):
                pytest.fail("nothing to hold")


async def test_coupons_are_locked_while_a_block_runs() -> None:
    async with shop() as (_, gameball):
        async with gameball.coupons.locking(customer_id="id123", coupons=["ONCE"]) as lock:
            assert (True, True) == (lock.valid, await locked(gameball, "ONCE"))
        assert not await locked(gameball, "ONCE")


async def test_what_an_order_has_used_in_the_block_is_not_missed_at_its_end() -> None:
    async with shop() as (sandbox, gameball):
        async with gameball.transactions.holding(customer_id="id123", points_to_hold=50) as hold:
            used = Redemption(points_hold_reference=hold.hold_reference)
            await gameball.orders.track(order(redemption=used))
            with pytest.raises(TransactionNotFoundError):
                await gameball.transactions.release_hold(str(hold.hold_reference))
        assert 0 == held(sandbox)


async def test_a_block_that_fails_gives_back_and_one_that_knows_nothing_keeps() -> None:
    async with shop() as (sandbox, gameball):
        for error, stays in (
            (KeyError("x"), 0),
            (DuplicateError("x"), 0),
            (OutcomeUnknownError("x"), 50),
        ):
            with pytest.raises(type(error)) as caught:
                async with gameball.transactions.holding(customer_id="id123", points_to_hold=50):
                    raise error
            assert stays == held(sandbox)
            assert bool(stays) == ("was not released" in told(caught.value))


@pytest.mark.parametrize(
    "wrap",
    [
        pytest.param(lambda error: BaseExceptionGroup("x", [ValueError("x"), error]), id="group"),
        pytest.param(lambda error: caused(KeyError("x"), caused(KeyError("y"), error)), id="cause"),
    ],
)
async def test_an_unknown_outcome_keeps_the_hold_however_the_block_raises_it(
    wrap: Callable[[BaseException], BaseException],
) -> None:
    async with shop() as (sandbox, gameball):
        for error, stays in ((OutcomeUnknownError("x"), 50), (itself(KeyError("x")), 0)):
            with contextlib.suppress(BaseExceptionGroup, KeyError):
                async with gameball.transactions.holding(customer_id="id123", points_to_hold=50):
                    raise wrap(error)
            assert stays == held(sandbox)
            sandbox.clock.advance(660)


def caused(error: BaseException, by: BaseException) -> BaseException:
    error.__cause__ = by
    return error


def itself(error: BaseException) -> BaseException:
    """``raise error from error``, as people write it."""
    return caused(error, error)


async def test_a_block_is_begun_once_lest_its_first_hold_is_forgotten() -> None:
    async with shop() as (sandbox, gameball):
        block = gameball.transactions.holding(customer_id="id123", points_to_hold=50)
        async with block:
            with pytest.raises(RuntimeError, match="begun before"):
                await block.__aenter__()
        assert 0 == held(sandbox)
        assert 2 == len(sandbox.requests)


async def test_a_block_that_is_left_twice_gives_back_once() -> None:
    async with shop() as (sandbox, gameball):
        block = gameball.transactions.holding(customer_id="id123", points_to_hold=50)
        async with block:
            await block.__aexit__(None, None, None)
        assert 1 == sum(line.startswith("DELETE") for line in asked(sandbox))


@pytest.mark.parametrize(
    ("resend", "fault", "kind", "stays"),
    [
        pytest.param(True, None, DuplicateError, 0, id="looked-up-and-somebody-elses"),
        pytest.param(False, None, DuplicateError, 50, id="perhaps-our-own"),
        pytest.param(True, Fault.too_many_requests, RateLimitedError, 50, id="not-looked-up"),
    ],
)
async def test_an_unknown_order_keeps_everything_until_its_id_is_proved_to_be_anothers(
    *, resend: bool, fault: Callable[..., Fault] | None, kind: type[GameballError], stays: int
) -> None:
    async def place_twice(sandbox: Sandbox, gameball: GameballClient) -> None:
        async with gameball.checkout("id123") as checkout:
            await checkout.hold_points(50)
            planted = sandbox.fault(Fault.dropped(path=PLACE))
            with pytest.raises(CheckoutUnknownError):
                await checkout.place(order("A-1"))
            planted.remove()
            if fault is not None:
                sandbox.fault(fault(path=PLACE))
            await checkout.place(order("A-1"), resend=resend)

    async with shop() as (sandbox, gameball):
        await gameball.orders.track(order("A-1", "other", total_paid=7))
        impatient = gameball.with_options(timeouts=Timeouts(total=0.2))
        with pytest.raises(kind):
            await place_twice(sandbox, impatient)
        assert stays == held(sandbox)


async def test_after_an_unknown_order_a_lock_alone_stays_too() -> None:
    async def buy_with_a_coupon(gameball: GameballClient) -> None:
        async with gameball.checkout("id123") as checkout:
            await checkout.lock_coupons(["SUMMER50"])
            await checkout.place(order("A-1"))

    async with shop() as (sandbox, gameball):
        sandbox.fault(Fault.dropped(path=PLACE))
        with pytest.raises(CheckoutUnknownError) as caught:
            await buy_with_a_coupon(gameball)
        assert caught.value.points_hold_reference is None
        sent = sandbox.requests[-1].body["redemption"]
        assert sent == {"couponsLockReference": caught.value.coupons_lock_reference}
        assert await locked(gameball)


@pytest.mark.parametrize(
    ("fault", "taken"),
    [
        pytest.param(partial(Fault.slow, 0), True, id="refused"),
        pytest.param(Fault.dropped, False, id="unknown-and-nothing-reserved"),
    ],
)
async def test_a_caller_cancelled_while_an_order_fails_is_not_told_that_it_was_placed(
    *, fault: Callable[..., Fault], taken: bool
) -> None:
    async with shop() as (sandbox, gameball):
        if taken:
            await gameball.orders.track(order("A-1", "other"))
        sandbox.fault(evolve(fault(path=PLACE), seconds=0.02))
        async with gameball.checkout("id123") as checkout:
            task = asyncio.create_task(checkout.place(order("A-1")))
            await asyncio.sleep(0.005)
            task.cancel()
            with pytest.raises(asyncio.CancelledError) as caught:
                await task
        assert "order 'A-1' was placed, or not: POST /orders" in told(caught.value)


@pytest.mark.parametrize("path", [HOLD, LOCK, PLACE, UNHOLD])
async def test_what_a_checkout_raises_holds_no_key_in_any_frame(path: str) -> None:
    async with shop() as (sandbox, gameball):
        sandbox.fault(Fault.dropped(path=path))
        for work in (leave, give_up) if path == UNHOLD else (buy,):
            with pytest.raises((GameballError, ValueError)) as caught:
                await work(gameball)
            texts = [*frames_of(caught.value), repr(vars(caught.value)), told(caught.value)]
            last = getattr(caught.value, "last_error", None)
            assert [] == leaks(" ".join([*texts, *(frames_of(last) if last else [])]))
            sandbox.clock.advance(660)


async def cancelled_after(
    count: int,
    work: Callable[[GameballClient], Awaitable[None]],
    gameball: GameballClient,
    cancel: Callable[[asyncio.Task[None]], object],
) -> tuple[bool, BaseException | None]:
    """Run *work* for *count* rounds of the loop, then cancel it; whether it was, and its end."""
    caught: list[BaseException] = []

    async def noted() -> None:
        try:
            await work(gameball)
        except BaseException as error:
            caught.append(error)
            raise

    task = asyncio.create_task(noted())
    for _ in range(count):
        await asyncio.sleep(0)
        if task.done():
            break
    ended = task.done()
    cancel(task)
    await asyncio.gather(task, return_exceptions=True)
    return not ended, caught[0] if caught else None


async def cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    await task


def once(task: asyncio.Task[None]) -> None:
    task.cancel()


def twice(task: asyncio.Task[None]) -> None:
    """An impatient caller: the second cancel comes while the first is being dealt with."""
    task.cancel()
    asyncio.get_running_loop().call_later(0.001, task.cancel)


FAULTS: list[Any] = [pytest.param(None, id="answered")] + [
    pytest.param((method, path, after), id=f"{name}-lost-{'after' if after else 'before'}")
    for name, method, path in (
        ("hold", "POST", HOLD),
        ("lock", "POST", LOCK),
        ("order", "POST", PLACE),
        ("unhold", "DELETE", UNHOLD),
        ("unlock", "DELETE", UNLOCK),
    )
    for after in (False, True)
]


@pytest.mark.parametrize("cancel", [once, twice])
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("work", [buy, give_up])
async def test_cancelled_after_the_kth_step_nothing_stays_that_the_server_told_of(
    work: Callable[[GameballClient], Awaitable[None]],
    fault: tuple[str, str, bool] | None,
    cancel: Callable[[asyncio.Task[None]], object],
) -> None:
    cancels = 0
    for count in range(400):
        async with shop(retry=RetryPolicy(base=0.0001, cap=0.0001)) as (sandbox, gameball):
            if fault is not None:
                method, path, after = fault
                sandbox.fault(Fault.dropped(method=method, path=path, after=after, times=1))
            more, error = await cancelled_after(count, work, gameball, cancel)
            stays = (bool(held(sandbox)), await locked(gameball))
            assert not (more and count) or asyncio.CancelledError is type(error)
            if any(stays):
                assert fault is not None
                assert stays == (fault[1] == HOLD, fault[1] == LOCK)
                assert error is not None
                assert "lapses by itself" in told(error)
        if not more:
            break
        cancels += 1
    assert 10 <= cancels < 400


@pytest.mark.parametrize("cancel", [once, twice])
async def test_a_block_cancelled_after_the_kth_step_gives_back(
    cancel: Callable[[asyncio.Task[None]], object],
) -> None:
    async def both(gameball: GameballClient) -> None:
        async with (
            gameball.transactions.holding(customer_id="id123", points_to_hold=50),
            gameball.coupons.locking(customer_id="id123", coupons=["SUMMER50"]),
        ):
            await asyncio.sleep(0)

    for count in range(400):
        async with shop() as (sandbox, gameball):
            more, error = await cancelled_after(count, both, gameball, cancel)
            assert not (more and count) or asyncio.CancelledError is type(error)
            assert (0, False) == (held(sandbox), await locked(gameball))
        if not more:
            break
    assert 10 <= count < 399


class Till:
    """The API on the wire, as far as a checkout needs it: what is reserved, and what was used."""

    def __init__(self) -> None:
        self.reserved: set[str] = set()
        self.placed = 0
        self._made = 0

    def _reserve(self, kind: str) -> str:
        self._made += 1
        self.reserved.add(f"{kind}-{self._made}")
        return f"{kind}-{self._made}"

    def __call__(self, seen: Seen) -> Action:
        path = seen.target.removeprefix("/api/v4/integrations")
        if seen.method == "DELETE":
            reference = path.rpartition("/")[2]
            known = reference in self.reserved
            self.reserved.discard(reference)
            return json_reply(success=True) if known else refusal(404, 9006)
        if path == HOLD:
            return json_reply(holdReference=self._reserve("hold"))
        if path == LOCK:
            return json_reply(valid=True, lockReference=self._reserve("lock"))
        self.placed += 1
        self.reserved -= {*seen.json["redemption"].values()}
        return json_reply(rewardedPoints=100)


async def test_on_the_wire_too_nothing_stays_reserved() -> None:
    till = Till()
    async with wire(script=till) as server, client(server.url, rate_limits=None) as gameball:
        for count in range(0, 2000, 3):
            for work in (buy, give_up):
                more, _ = await cancelled_after(count, work, gameball, once)
                assert set() == till.reserved
                if till.placed and not more:
                    assert server.open >= 1
                    return
    pytest.fail("no checkout was quick enough to end")


async def test_under_a_cancel_scope_of_anyio_nothing_stays_reserved() -> None:
    for count in range(60):
        async with shop() as (sandbox, gameball):
            async with anyio.create_task_group() as group:
                group.start_soon(buy, gameball)
                for _ in range(count):
                    await asyncio.sleep(0)
                group.cancel_scope.cancel()
            assert (0, False) == (held(sandbox), await locked(gameball))


async def test_a_timeout_around_one_step_gives_back_what_it_reserved_at_once() -> None:
    async with shop() as (sandbox, gameball):
        sandbox.fault(Fault.slow(0.1, path=HOLD))
        async with gameball.checkout("id123") as checkout:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.02):
                    await checkout.hold_points(50)
            assert 0 == held(sandbox), "and the order does not redeem what its caller never saw"
            receipt = await checkout.place(order())
        assert None is receipt.redeemed_points


@pytest.mark.parametrize(
    ("path", "stays", "words"),
    [
        pytest.param(HOLD, False, "lapses by itself", id="hold"),
        pytest.param(PLACE, True, "nothing was released", id="order"),
    ],
)
async def test_a_cancelled_caller_does_not_wait_for_ever_and_is_told(
    path: str, stays: bool, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reservation.ended, "__defaults__", (0.1,))
    async with shop() as (sandbox, gameball):
        sandbox.fault(Fault.slow(60, path=path))
        task = asyncio.create_task(buy(gameball))
        await asyncio.sleep(0.05)
        with anyio.fail_after(3), pytest.raises(asyncio.CancelledError) as caught:
            await cancelled(task)
        assert words in told(caught.value)
        assert stays == bool(held(sandbox))


async def test_a_cancelled_caller_whose_hold_was_refused_is_told_of_nothing_that_lapses() -> None:
    async with shop() as (sandbox, gameball):
        sandbox.fault(Fault.slow(0.02, path=HOLD))
        async with gameball.checkout("id123") as checkout:
            task = asyncio.create_task(checkout.hold_points(101))
            await asyncio.sleep(0.005)
            task.cancel()
            with pytest.raises(asyncio.CancelledError) as caught:
                await task
        assert "lapses" not in told(caught.value)
        assert 422 == sandbox.requests[-1].status


class Timers(SystemClock):
    """Remembers the timers that are set."""

    set: ClassVar[list[Timer]] = []

    @classmethod
    def call_later(cls, delay: float, callback: Callable[[], None]) -> Timer:
        timer = SystemClock.call_later(delay, callback)
        cls.set.append(timer)
        return timer


async def test_a_cancelled_caller_leaves_no_timer() -> None:
    Timers.set.clear()
    async with shop(clock=Timers()) as (sandbox, gameball):
        sandbox.fault(Fault.slow(0.02, path=HOLD))
        task = asyncio.create_task(buy(gameball))
        await asyncio.sleep(0.005)
        with pytest.raises(asyncio.CancelledError):
            await cancelled(task)
    late = asyncio.get_running_loop().time() + 1
    waiting: list[Any] = [*Timers.set]
    assert [] == [timer for timer in waiting if not timer.cancelled() and timer.when() > late]
    assert [timer for timer in waiting if timer.when() > late]


async def test_a_caller_cancelled_while_its_order_is_placed_is_told_that_it_was() -> None:
    async with shop() as (sandbox, gameball):
        sandbox.fault(Fault.slow(0.05, path=PLACE))
        task = asyncio.create_task(buy(gameball))
        await asyncio.sleep(0.03)
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
        assert "order 'A-1' was placed" in told(caught.value)
        assert (0, 1) == (held(sandbox), sandbox.coupon_uses(API_KEY, "SUMMER50"))


@pytest.mark.parametrize("seconds", [0, 0.005])
def test_a_loop_that_shuts_down_cancels_every_task_and_nothing_stays(seconds: float) -> None:
    for count in range(1, 60):
        sandbox = Sandbox(PROGRAM)
        sandbox.give(API_KEY, "id123", 100)
        sandbox.fault(Fault.slow(seconds, method="DELETE"))

        async def main(sandbox: Sandbox = sandbox, count: int = count) -> asyncio.Task[None]:
            gameball = GameballClient(API_KEY, SECRET_KEY, transport=sandbox.transport())
            task = asyncio.create_task(give_up(gameball))
            task.add_done_callback(lambda task: task.cancelled() or task.exception())
            for _ in range(count):
                await asyncio.sleep(0)
            return task

        task = asyncio.run(main())
        assert task.cancelled() or not seconds, "and it is told so"
        answered = [request.path for request in sandbox.requests if request.status == 200]
        balance = sandbox.balance(API_KEY, "id123")
        assert balance is not None
        assert 0 == balance.held or answered == [HOLD], "the hold's own call may be cut"


async def test_an_order_out_of_time_is_an_unknown_one_and_a_timeout() -> None:
    async with shop() as (sandbox, gameball):
        sandbox.fault(Fault.slow(60, path=PLACE))
        with pytest.raises(CheckoutUnknownTimeoutError) as caught:
            await buy(gameball.with_options(timeouts=Timeouts(total=0.2)))
        assert isinstance(caught.value, OutcomeUnknownTimeoutError)
        assert isinstance(caught.value, TimeoutError)
        assert caught.value.points_hold_reference
