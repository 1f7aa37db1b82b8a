"""Makes calls of every kind into bad weather, and weighs what was said of them by the truth."""

from __future__ import annotations

import asyncio
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
    GameballClient,
    GameballError,
    LineItem,
    NotSentError,
    Order,
    OutcomeUnknownError,
    Payment,
    RateLimits,
    Redemption,
    RequestError,
    RequestStarted,
    ResponseDecodeError,
    Timeouts,
)
from gameball_async.hooks import Event
from gameball_async.transport.http import Timer
from tests.clients import API_KEY, SECRET_KEY
from tests.faults.server import Ledger, Weather, faulty
from tests.wire import Wire

SPEED = 50.0
"""How much faster the client's clock runs: a minute of deadline is over in 1.2 s."""
CUSTOMERS = 40
WORKERS = 24


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
    outcomes: Counter[str] = field(factory=Counter[str])
    keyed: int = 0
    unknown_keyed: int = 0
    attempts: int = 0
    told: dict[str, str] = field(factory=dict[str, str])
    """The outcome of every write, by its mark."""
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
        elif isinstance(event, CallAbandoned):
            task = asyncio.current_task()
            if task is not None:
                self.abandoned[task.get_name()] = event.maybe_sent

    def note(self, call: Call, outcome: str) -> None:
        """Write an outcome down."""
        self.calls += 1
        self.outcomes[outcome] += 1
        self.keyed += call.keyed
        if call.mark is not None:
            self.told[call.mark] = outcome
        if outcome in {"unknown", "cancelled"} and call.keyed:
            self.doubtful.append(call)
            self.unknown_keyed += outcome == "unknown"


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
            await client.orders.track(order, resend=resend)
            self._tally.orders.append((customer, name))

        return Call(f"POST /orders {name}", make, keyed=True)

    def _payment(self, customer: str, name: str) -> Call:
        payment = Payment(customer_id=customer, payment_id=name, total_paid=20)
        return Call(
            f"POST /payments {name}",
            lambda client, resend: client.payments.track(payment, resend=resend),
            keyed=True,
        )

    def _manual(self, customer: str, name: str) -> Call:
        return Call(
            f"POST /transactions/manual {name}",
            lambda client, resend: client.transactions.create_manual(
                customer_id=customer,
                transaction_id=name,
                username="u",
                reason="r",
                points=50,
                resend=resend,
            ),
            keyed=True,
        )

    def _redeem(self, customer: str, name: str) -> Call:
        return Call(
            f"POST /transactions/redeem {name}",
            lambda client, resend: client.transactions.redeem(
                customer_id=customer, transaction_id=name, points=5, resend=resend
            ),
            keyed=True,
        )

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

    def _activate(self, customer: str, _name: str) -> Call:
        return Call(
            None, lambda client, _resend: client.customers.set_active(customer, is_active=True)
        )

    def _read(self, customer: str, _name: str) -> Call:
        return Call(None, lambda client, _resend: client.customers.balance(customer))


def _outcome_of(error: GameballError) -> str:
    match error:
        case NotSentError():
            return "not sent"
        case ResponseDecodeError():
            return "unknown" if error.outcome_unknown else "unread"
        case OutcomeUnknownError():
            return "unknown"
        case ApiError():
            return "refused"
        case RequestError():
            return "unread"
    raise AssertionError(f"no error of a call: {error!r}")


async def _told(call: Call, client: GameballClient, *, resend: bool = False) -> str:
    try:
        await call.make(client, resend)
    except GameballError as error:
        return _outcome_of(error)
    return "applied"


@define
class Run:
    """One run: a ledger, its weather, and clients that come and go."""

    seed: int
    weather: Weather
    calls: int
    cancels: float = 0.1
    """The part of the calls that is cancelled; half as many are given hardly any time."""
    restarts: bool = True
    """Whether a new client takes over after every thousand calls, and the old one is closed."""
    tally: Tally = field(factory=Tally)

    async def perform(self) -> Ledger:
        """Make the calls, then settle in good weather what was left in doubt."""
        driver = Driver(self.seed, self.tally)
        ledger = Ledger(Random(self.seed + 1))
        async with faulty(ledger) as server:
            await self._settle_in(server)
            ledger.weather = self.weather
            left = iter(range(self.calls))
            client = [self._client(server)]

            async def work() -> None:
                for number in left:
                    if self.restarts and number % 1000 == 999:
                        old, client[0] = client[0], self._client(server)
                        await old.aclose()
                    await self._one(driver, client[0], f"call-{number}")

            await asyncio.gather(*(work() for _ in range(WORKERS)))
            await client[0].aclose()
            ledger.weather = Weather()
            await asyncio.sleep(1.0)  # for what is still late
            await self._resolve(server)
            self._weigh(ledger, server)
        return ledger

    def _client(self, server: Wire) -> GameballClient:
        return GameballClient(
            API_KEY,
            SECRET_KEY,
            base_url=server.url,
            rate_limits=RateLimits.published().scaled(1000),
            hooks=[self.tally.hear],
            clock=QuickClock(),
        )

    async def _settle_in(self, server: Wire) -> None:
        """Give every customer some points."""
        async with self._client(server) as client:
            for number in range(CUSTOMERS):
                order = Order(
                    customer_id=f"c{number}", order_id=f"first-{number}", total_paid=10_000
                )
                await client.orders.track(order)

    async def _one(self, driver: Driver, client: GameballClient, name: str) -> None:
        """Make one call, and cancel it now and then."""
        call, luck = driver.choose(), driver.luck
        if luck.random() < self.cancels / 2:
            client = client.with_options(timeouts=Timeouts(total=1.0))
        task = asyncio.create_task(_told(call, client), name=name)
        if luck.random() < self.cancels:
            if luck.random() < 0.5:
                for _ in range(luck.randrange(12)):
                    await asyncio.sleep(0)
            else:
                await asyncio.sleep(luck.random() * 0.02)
            task.cancel()
        try:
            self.tally.note(call, await task)
        except asyncio.CancelledError:
            told = {True: "cancelled", False: "cancelled undone", None: "cancelled unsent"}
            self.tally.note(call, told[self.tally.abandoned.pop(name, None)])

    async def _resolve(self, server: Wire) -> None:
        """What an earlier client left in doubt, another one sends again."""
        async with self._client(server) as client:
            for call in self.tally.doubtful:
                outcome = await _told(call, client, resend=True)
                assert outcome in {"applied", "unknown"}, (call.mark, outcome)
                assert call.mark is not None
                self.tally.told[call.mark] = outcome

    def _weigh(self, ledger: Ledger, server: Wire) -> None:
        """Compare what was said with what is true."""
        lies: list[str] = []
        for mark, outcome in self.tally.told.items():
            applied, arrived = ledger.applied[mark], ledger.arrived[mark]
            true = {
                "applied": applied == 1,
                "refused": applied == 0,
                "not sent": arrived == 0,
                "cancelled undone": applied == 0,
                "cancelled unsent": arrived == 0,
                "unknown": applied <= 1,
                "cancelled": applied <= 1,
            }[outcome]
            if not true:
                lies.append(f"{mark}: {outcome}, arrived {arrived}, applied {applied}")
        assert [] == lies, f"seed {self.seed}: {len(lies)} lies"
        on_wire = len(server.seen) + server.turned_away
        assert on_wire <= self.tally.attempts, f"seed {self.seed}: hidden requests"
