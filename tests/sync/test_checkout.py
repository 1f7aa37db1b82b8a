"""The blocking checkout: the same steps, and the same care when a thread is interrupted."""

from __future__ import annotations

import inspect
import signal
import threading
import time
from collections.abc import Iterator
from functools import partial

import pytest
from anyio.from_thread import start_blocking_portal

from gameball_async import Checkout as AsyncCheckout, GameballClient as AsyncClient
from gameball_async.sandbox import Coupon, Fault, Program, Sandbox
from gameball_sync import (
    Checkout,
    CheckoutUnknownError,
    CouponInvalidError,
    GameballClient,
    InsufficientPointsError,
    OutcomeUnknownError,
)
from tests.clients import API_KEY, QUICK, SECRET_KEY, order

PROGRAM = Program(
    coupons=(
        Coupon(code="SUMMER50", type="percentage", value=50),
        Coupon(code="OVER", usage_limit=0),
    )
)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(Sandbox.serve(PROGRAM)) as served,
    ):
        for customer, points in (("id123", 100), ("other", 0)):
            served.give(API_KEY, customer, points)
        yield served


@pytest.fixture
def gameball(sandbox: Sandbox) -> Iterator[GameballClient]:
    with GameballClient(
        API_KEY, SECRET_KEY, base_url=sandbox.url, retry=QUICK, rate_limits=None
    ) as client:
        yield client


def held(sandbox: Sandbox) -> int:
    balance = sandbox.balance(API_KEY, "id123")
    assert balance is not None
    return balance.held


def locked(gameball: GameballClient) -> bool:
    return gameball.coupons.validate(customer_id="other", coupons=["SUMMER50"]).valid is not True


def test_the_twin_has_every_step_with_its_signature_and_its_docstring() -> None:
    steps = {name for name in vars(AsyncCheckout) if not name.startswith("_")}

    assert steps == {name for name in vars(Checkout) if not name.startswith("_")}
    for name in steps - {"customer_id"}:
        ours, theirs = getattr(Checkout, name), getattr(AsyncCheckout, name)
        assert inspect.signature(theirs).parameters == inspect.signature(ours).parameters
        assert theirs.__doc__ == ours.__doc__
    ours, theirs = GameballClient.checkout, AsyncClient.checkout
    assert inspect.signature(theirs).parameters == inspect.signature(ours).parameters
    assert theirs.__doc__ == ours.__doc__


def test_an_order_uses_up_what_the_checkout_reserved(
    sandbox: Sandbox, gameball: GameballClient
) -> None:
    with gameball.checkout("id123") as checkout:
        assert "id123" == checkout.customer_id
        quote = checkout.preview(order())
        hold = checkout.hold_points(50)
        lock = checkout.lock_coupons(["SUMMER50"])
        receipt = checkout.place(order())
    assert (100, 50, True, 50) == (
        quote.total_points,
        hold.hold_equivalent_points,
        lock.valid,
        receipt.redeemed_points,
    )
    assert (0, 1) == (held(sandbox), sandbox.coupon_uses(API_KEY, "SUMMER50"))


def test_leaving_without_an_order_gives_everything_back(
    sandbox: Sandbox, gameball: GameballClient
) -> None:
    def browse() -> None:
        with gameball.checkout("id123") as checkout:
            checkout.hold_points(50)
            checkout.lock_coupons(["SUMMER50"])
            assert (50, True) == (held(sandbox), locked(gameball))
            checkout.lock_coupons(["OVER"])

    with pytest.raises(CouponInvalidError, match="usageLimitReached"):
        browse()
    assert (0, False) == (held(sandbox), locked(gameball))


def test_after_an_unknown_order_nothing_is_released(
    sandbox: Sandbox, gameball: GameballClient
) -> None:
    sandbox.fault(Fault.dropped(path="/orders"))
    with pytest.raises(CheckoutUnknownError) as caught, gameball.checkout("id123") as checkout:  # noqa: PT012 - the error leaves the block
        hold = checkout.hold_points(50)
        checkout.place(order())
    assert caught.value.points_hold_reference == hold.hold_reference
    assert 50 == held(sandbox)


def test_points_and_coupons_are_reserved_while_a_block_runs(
    sandbox: Sandbox, gameball: GameballClient
) -> None:
    with (
        gameball.transactions.holding(customer_id="id123", points_to_hold=50) as hold,
        gameball.coupons.locking(customer_id="id123", coupons=["SUMMER50"]) as lock,
    ):
        assert (50, True) == (hold.hold_equivalent_points, lock.valid)
        assert (50, True) == (held(sandbox), locked(gameball))
    assert (0, False) == (held(sandbox), locked(gameball))


def test_a_failed_release_does_not_hide_the_error_of_the_block(
    sandbox: Sandbox, gameball: GameballClient
) -> None:
    sandbox.fault(Fault.unavailable(method="DELETE"))
    with pytest.raises(KeyError) as caught, gameball.checkout("id123") as checkout:  # noqa: PT012 - the error leaves the block
        checkout.hold_points(50)
        raise KeyError
    assert "lapses by itself" in caught.value.__notes__[0]
    with pytest.raises(OutcomeUnknownError), gameball.checkout("id123") as checkout:
        checkout.hold_points(50)


def test_a_block_that_cannot_be_entered_tells_why_and_of_a_release_once(
    sandbox: Sandbox, gameball: GameballClient
) -> None:
    with (
        pytest.raises(InsufficientPointsError) as caught,
        gameball.transactions.holding(customer_id="id123", points_to_hold=101),
    ):
        pytest.fail("nothing is held")
    assert [] == getattr(caught.value, "__notes__", [])
    assert 1 == len(sandbox.requests)
    sandbox.fault(Fault.dropped(path="/transactions/hold"))
    with (
        pytest.raises(OutcomeUnknownError, match="lapses by itself") as unknown,
        gameball.transactions.holding(customer_id="id123", points_to_hold=1),
    ):
        pytest.fail("nothing is known to be held")
    assert [] == getattr(unknown.value, "__notes__", [])


class SoftLimitError(Exception):
    """What a queue's worker raises in a signal's handler."""


def interrupt(sandbox: Sandbox) -> None:
    """Press Ctrl-C in the middle of the slow request."""
    while not busy(sandbox):
        time.sleep(0.005)
    time.sleep(0.1)
    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="no signals to threads")
@pytest.mark.parametrize("path", ["/transactions/hold", "/coupons/validate", "/orders"])
def test_a_ctrl_c_in_any_step_leaves_nothing_reserved(
    sandbox: Sandbox, gameball: GameballClient, path: str
) -> None:
    sandbox.fault(Fault.slow(0.5, path=path, times=1))

    def buy() -> None:
        with gameball.checkout("id123") as checkout:
            checkout.hold_points(50)
            checkout.lock_coupons(["SUMMER50"])
            checkout.place(order())

    thread = threading.Thread(target=interrupt, args=(sandbox,))
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        buy()
    thread.join()
    assert (0, False) == (held(sandbox), locked(gameball))
    assert (path == "/orders") == (sandbox.coupon_uses(API_KEY, "SUMMER50") == 1)


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="no signals to threads")
@pytest.mark.parametrize("path", ["/transactions/hold", "/coupons/validate"])
@pytest.mark.parametrize("kind", [KeyboardInterrupt, SoftLimitError])
def test_a_signal_while_a_block_is_entered_leaves_nothing_reserved(
    sandbox: Sandbox,
    gameball: GameballClient,
    path: str,
    kind: type[BaseException],
    request: pytest.FixtureRequest,
) -> None:
    """Although the client is closed at once, which ends what is under way after a while."""

    def ring(*_: object) -> None:
        raise kind

    request.addfinalizer(partial(signal.signal, signal.SIGINT, signal.signal(signal.SIGINT, ring)))
    sandbox.fault(Fault.slow(0.5, path=path, times=1))
    client = gameball.with_options()

    def buy() -> None:
        with (
            gameball,
            client.transactions.holding(customer_id="id123", points_to_hold=50),
            client.coupons.locking(customer_id="id123", coupons=["SUMMER50"]),
        ):
            pytest.fail("interrupted before")

    thread = threading.Thread(target=interrupt, args=(sandbox,))
    thread.start()
    with pytest.raises(kind):
        buy()
    thread.join()
    assert 0 == held(sandbox)
    with GameballClient(API_KEY, SECRET_KEY, base_url=sandbox.url) as another:
        assert not locked(another)


def busy(sandbox: Sandbox) -> bool:
    """Whether the slow request is under way: its fault has struck."""
    return any(planted.hits for planted in sandbox._faults)
