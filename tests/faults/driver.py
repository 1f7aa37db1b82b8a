"""Makes calls of every kind into bad weather, and weighs what was said of them by the truth."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from attrs import define, field, frozen

from gameball_async import (
    ApiError,
    CallAbandoned,
    ConcurrentRequestError,
    DuplicateError,
    GameballClient,
    GameballError,
    LineItem,
    NotSentError,
    Order,
    OutcomeUnknownError,
    Payment,
    RateLimitedError,
    Redemption,
    RequestError,
    RequestStarted,
    ResponseDecodeError,
)
from gameball_async.hooks import Event, ReleaseFailed
from gameball_async.transport.http import Timer

SPEED = 50.0
"""How much faster the client's clock runs: a minute of deadline is over in 1.2 s."""
CUSTOMERS = 40
_UNDONE = {"not sent", "not done", "cancelled undone", "cancelled unsent"}
"""Outcomes after which a call may be made anew, as if it had never been made."""


class QuickClock:
    """The machine's clocks, sped up for waits and deadlines; the time of day is the real one."""

    @staticmethod
    def monotonic() -> float:
        return time.monotonic() * SPEED

    @staticmethod
    def now() -> datetime:
        return datetime.now(UTC)

    @staticmethod
    def call_later(delay: float, callback: Callable[[], None]) -> Timer:
        return asyncio.get_running_loop().call_later(delay / SPEED, callback)


@frozen
class Call:
    """A call that can be made, again if need be."""

    mark: str | None
    """What the ledger knows the write by; None for a read."""
    make: Callable[[GameballClient, bool], Awaitable[Any]]
    """Takes a client, and whether an earlier one may have sent it."""
    keyed: bool = False


@define
class Tally:
    """What the client said, and what it did on the wire."""

    calls: int = 0
    lies: list[str] = field(factory=list[str])
    """What it said and is not true."""
    outcomes: Counter[str] = field(factory=Counter[str])
    keyed: int = 0
    unknown_keyed: int = 0
    attempts: int = 0
    told: dict[str, tuple[str, int]] = field(factory=dict[str, tuple[str, int]])
    """The last outcome of every write, by its mark; how many requests for it came before."""
    reserved: list[str] = field(factory=list[str])
    """Holds of checkouts that are over, and whose outcome is known: not one may be left."""
    kept: set[str] = field(factory=set[str])
    """Holds that the client said it could not release."""
    undone: list[Call] = field(factory=list[Call])
    """Writes that have had no effect for sure: they may be made anew, as if for the first time."""
    unsent_attempts: int = 0
    """Attempts of calls that said that nothing was sent."""
    doubtful: list[Call] = field(factory=list[Call])
    """Keyed writes of which nothing is known for sure."""
    abandoned: dict[str, bool] = field(factory=dict[str, bool])
    """Cancelled calls that said so, and whether they may have been sent."""
    holds: list[tuple[str, str]] = field(factory=list[tuple[str, str]])
    """Customer and reference of holds that nobody has used yet."""
    orders: list[tuple[str, str]] = field(factory=list[tuple[str, str]])
    """Customer and id of orders that can be given back."""

    def hear(self, event: Event) -> None:
        """Listen to the client."""
        if isinstance(event, RequestStarted):
            self.attempts += 1
        elif isinstance(event, ReleaseFailed):
            self.kept.add(event.reference)
        elif isinstance(event, CallAbandoned):
            task = asyncio.current_task()
            if task is not None:
                self.abandoned[task.get_name()] = event.maybe_sent

    def note(self, call: Call, outcome: str, *, before: int, resent: bool) -> None:
        """Write an outcome down.

        Args:
            call: What was called.
            outcome: What was said of it.
            before: How many requests for it had come before.
            resent: Whether it was in doubt before; what undoes only this call leaves it there.
        """
        self.calls += 1
        self.outcomes[f"resent, {outcome}" if resent else outcome] += 1
        if resent and outcome in _UNDONE:
            outcome = "unknown"
        elif not resent:
            self.keyed += call.keyed
            self.unknown_keyed += call.keyed and outcome == "unknown"
        if call.mark is None:
            return
        self.told[call.mark] = (outcome, before)
        if outcome in {"unknown", "cancelled"} and call.keyed:
            self.doubtful.append(call)
        elif outcome in _UNDONE:
            self.undone.append(call)

    def compare(self, mark: str, figure: object, expected: int, recorded: object) -> None:
        """Hold a receipt against what it must say; one read back may know nothing."""
        if figure != expected and not (recorded is True and figure is None):
            self.lies.append(f"{mark}: {figure}, not {expected}; recorded before: {recorded}")


def outcome_of(error: GameballError) -> str:
    """What the client says of a call, in a word."""
    match error:
        case NotSentError():
            return "not sent"
        case ResponseDecodeError():
            return "unknown" if error.outcome_unknown else "unread"
        case OutcomeUnknownError():
            return "unknown"
        case RateLimitedError() | ConcurrentRequestError():
            return "not done"
        case ApiError():
            return "refused"
        case RequestError():
            return "unread"
    raise AssertionError(f"no error of a call: {error!r}")


def _outcome_of_placing(error: BaseException) -> str:
    """What an error of a checkout says of its order, which was on its way."""
    if isinstance(error, GameballError):
        return outcome_of(error)
    notes = list[str]()
    seen: BaseException | None = error
    while seen is not None:  # cancelled twice, the first cancellation stands behind the second
        notes += getattr(seen, "__notes__", [])
        seen = seen.__context__
    if any("was placed, or not" in note for note in notes):
        return "unknown"
    return "applied" if any("was placed" in note for note in notes) else "not sent"


class Driver:
    """Chooses calls by its seed."""

    def __init__(self, seed: int, tally: Tally) -> None:
        self.luck = Random(seed)
        self._tally = tally
        self._number = 0
        self._began = datetime.now(UTC) - timedelta(days=300)
        self._kinds: tuple[tuple[Callable[[str, str], Call], int], ...] = (
            (self._order, 30),
            (self._payment, 12),
            (self._manual, 12),
            (self._redeem, 6),
            (self._refund, 6),
            (self._hold, 8),
            (self._release, 5),
            (self._event, 8),
            (self._activate, 3),
            (self._read, 10),
            (self._taken, 4),
            (self._checkout, 6),
        )

    def choose(self) -> Call:
        """The next call."""
        self._number += 1
        customer = f"c{self.luck.randrange(CUSTOMERS)}"
        kinds, weights = zip(*self._kinds, strict=True)
        kind: Callable[[str, str], Call] = self.luck.choices(kinds, weights)[0]
        return kind(customer, f"{kind.__name__.strip('_')}-{self._number}")

    def _order(self, customer: str, name: str) -> Call:
        redemption = None
        if self._tally.holds and self.luck.random() < 0.5:
            customer, reference = self._tally.holds.pop()
            redemption = Redemption(points_hold_reference=reference)
        order = Order(
            customer_id=customer,
            order_id=name,
            total_paid=100,
            line_items=[LineItem(product_id="p", quantity=1, price=100)],
            redemption=redemption,
        )

        async def make(client: GameballClient, resend: bool) -> None:
            receipt = await client.orders.track(order, resend=resend)
            recorded = receipt.already_recorded
            self._tally.compare(name, receipt.rewarded_points, 100, recorded)
            self._tally.orders.append((customer, name))

        return Call(f"POST /orders {name}", make, keyed=True)

    def _taken(self, customer: str, name: str) -> Call:
        """An order under an id that another one has."""
        order = Order(customer_id=customer, order_id=f"first-{customer[1:]}", total_paid=77)

        async def make(client: GameballClient, _resend: bool) -> None:
            with contextlib.suppress(DuplicateError):
                receipt = await client.orders.track(order)
                if receipt.rewarded_points is not None or not receipt.already_recorded:
                    self._tally.lies.append(f"{name}: somebody else's order is ours: {receipt}")

        return Call(None, make)

    def _payment(self, customer: str, name: str) -> Call:
        payment = Payment(customer_id=customer, payment_id=name, total_paid=20)

        async def make(client: GameballClient, resend: bool) -> None:
            receipt = await client.payments.track(payment, resend=resend)
            self._tally.compare(name, receipt.rewarded_points, 20, receipt.already_recorded)

        return Call(f"POST /payments {name}", make, keyed=True)

    def _manual(self, customer: str, name: str) -> Call:
        async def make(client: GameballClient, resend: bool) -> None:
            done = await client.transactions.create_manual(
                customer_id=customer,
                transaction_id=name,
                username="u",
                reason="r",
                points=50,
                resend=resend,
            )
            self._tally.compare(name, done.points, 50, done.already_recorded)

        return Call(f"POST /transactions/manual {name}", make, keyed=True)

    def _redeem(self, customer: str, name: str) -> Call:
        async def make(client: GameballClient, resend: bool) -> None:
            done = await client.transactions.redeem(
                customer_id=customer, transaction_id=name, points=5, resend=resend
            )
            self._tally.compare(name, done.redeem_equivalent_points, 5, done.already_recorded)

        return Call(f"POST /transactions/redeem {name}", make, keyed=True)

    def _refund(self, customer: str, name: str) -> Call:
        original = f"nothing-{name}"
        if self._tally.orders:
            customer, original = self._tally.orders.pop()
        return Call(
            f"POST /transactions/refund {name}",
            lambda client, resend: client.transactions.refund(
                customer_id=customer,
                refund_transaction_id=name,
                reverse_transaction_id=original,
                resend=resend,
            ),
            keyed=True,
        )

    def _hold(self, customer: str, _name: str) -> Call:
        moment = self._began + timedelta(seconds=self._number)

        async def make(client: GameballClient, _resend: bool) -> None:
            hold = await client.transactions.hold(
                customer_id=customer, points_to_hold=3, transaction_time=moment
            )
            assert hold.hold_reference is not None
            self._tally.holds.append((customer, hold.hold_reference))

        wire_time = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return Call(f"POST /transactions/hold {wire_time}", make)

    def _release(self, customer: str, name: str) -> Call:
        if not self._tally.holds:
            return self._hold(customer, name)
        _, reference = self._tally.holds.pop()
        return Call(
            f"DELETE /transactions/hold/{reference}",
            lambda client, _resend: client.transactions.release_hold(reference),
        )

    def _event(self, customer: str, _name: str) -> Call:
        events = {"visit": {"number": self._number}}
        return Call(
            f"POST /events {self._number}",
            lambda client, _resend: client.events.send(customer_id=customer, events=events),
        )

    def _checkout(self, customer: str, name: str) -> Call:
        """Points held and an order placed, or the customer leaves before."""
        order = Order(customer_id=customer, order_id=name, total_paid=100)
        leaves = self.luck.random() < 0.2
        mark = f"POST /orders {name}"

        async def make(client: GameballClient, _resend: bool) -> None:
            reference: str | None = None
            placed: str | None = None
            try:
                async with client.checkout(customer) as checkout:
                    reference = (await checkout.hold_points(3)).hold_reference
                    if not leaves:
                        placed = "unknown"
                        receipt = await checkout.place(order)
                        placed = "applied"
                        recorded = receipt.already_recorded
                        self._tally.compare(name, receipt.rewarded_points, 100, recorded)
            except (GameballError, asyncio.CancelledError) as error:
                if placed == "unknown":
                    placed = _outcome_of_placing(error)
                raise
            finally:
                if placed is not None:
                    self._tally.told[mark] = (placed, 0)
                if reference is not None and placed != "unknown":
                    self._tally.reserved.append(reference)

        return Call(None, make)

    def _activate(self, customer: str, _name: str) -> Call:
        return Call(
            None, lambda client, _resend: client.customers.set_active(customer, is_active=True)
        )

    def _read(self, customer: str, _name: str) -> Call:
        return Call(None, lambda client, _resend: client.customers.balance(customer))
