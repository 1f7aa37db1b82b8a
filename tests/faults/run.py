"""One fault run: clients come and go in bad weather, and what they said is weighed by the truth."""

from __future__ import annotations

import asyncio
import contextlib
from random import Random

from attrs import define, field

from gameball_async import (
    GameballClient,
    GameballError,
    NotFoundError,
    NotSentError,
    Order,
    RateLimits,
    Timeouts,
)
from tests.clients import API_KEY, SECRET_KEY, until
from tests.faults.driver import CUSTOMERS, Call, Driver, QuickClock, Tally, outcome_of
from tests.faults.server import Ledger, Weather, faulty
from tests.wire import Wire

WORKERS = 24
RESTART_AFTER = 250
"""Calls after which another client takes over."""
_CANCELLED = {True: "cancelled", False: "cancelled undone", None: "cancelled unsent"}
"""By what the client tells of a call that was abandoned; None is nothing."""


async def _nothing_is_held(client: GameballClient) -> None:
    """Fail when something stays of calls that are over: a lane, a slot, a connection, a token."""
    runtime, limiter = client._core._runtime, client.limiter
    assert runtime is not None
    assert limiter is not None
    await until(lambda: len(runtime.lanes) == 0)
    assert 0 == len(runtime.watch) == len(runtime.tasks)
    assert client._core._network.max_in_flight == runtime.slots.free
    session = getattr(runtime.transport, "_session", None)
    assert session is None or not session.connector._acquired
    await until(
        lambda: all(
            window.free == window.limit
            for bucket in limiter.snapshot().values()
            for window in bucket.windows
        )
    )


@define
class Run:
    """One run: a ledger, its weather, and clients that come and go."""

    seed: int
    weather: Weather
    calls: int
    cancels: float = 0.1
    """The part of the calls that is cancelled; half as many are given hardly any time."""
    restarts: bool = True
    """Whether clients are closed, or killed, after every `RESTART_AFTER` calls."""
    tally: Tally = field(factory=Tally)
    ledger: Ledger = field(init=False)
    _luck: Random = field(init=False)
    _tasks: set[asyncio.Task[str]] = field(factory=set[asyncio.Task[str]], init=False)

    def __attrs_post_init__(self) -> None:
        self.ledger = Ledger(Random(self.seed + 1))
        self._luck = Random(self.seed + 2)

    async def perform(self) -> Ledger:
        """Make the calls, then settle in good weather what was left in doubt."""
        async with faulty(self.ledger) as server:
            await self._settle_in(server)
            self.ledger.weather = self.weather
            await self._storm(server)
            self.ledger.weather = Weather()
            await asyncio.sleep(1.0)  # for what is still late
            on_wire, attempts = len(server.seen) + server.turned_away, self.tally.attempts
            await self._resolve(server)
        self._weigh(on_wire, attempts)
        return self.ledger

    async def _storm(self, server: Wire) -> None:
        """Make all the calls, so many at a time."""
        driver = Driver(self.seed, self.tally)
        left = iter(range(self.calls))
        client = [self._client(server)]

        async def work() -> None:
            for number in left:
                if self.restarts and number % RESTART_AFTER == RESTART_AFTER - 1:
                    old, client[0] = client[0], self._client(server)
                    await self._end(old)
                await self._one(driver, client[0], f"call-{number}")

        await asyncio.gather(*(work() for _ in range(WORKERS)))
        await _nothing_is_held(client[0])
        await client[0].aclose()

    async def _end(self, old: GameballClient) -> None:
        """Let a client finish what is on the wire, or kill everything at once."""
        if self._luck.random() < 0.5:
            for task in self._tasks:
                task.cancel()
        await old.aclose()

    def _client(self, server: Wire) -> GameballClient:
        share = self._luck.choice([0.5, 1, 1000]) if self.restarts else 1000
        return GameballClient(
            API_KEY,
            SECRET_KEY,
            base_url=server.url,
            rate_limits=RateLimits.published().scaled(share),
            max_in_flight=self._luck.choice([4, 16, 64]),
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
        """Make a call, a new one or one that was made before, and cancel it now and then."""
        luck, tally = self._luck, self.tally
        resent, call = False, None
        if tally.doubtful and luck.random() < 0.2:
            resent, call = True, tally.doubtful.pop(luck.randrange(len(tally.doubtful)))
        elif tally.undone and luck.random() < 0.2:
            call = tally.undone.pop(luck.randrange(len(tally.undone)))
        call = call or driver.choose()
        if luck.random() < 0.2:
            client = client.with_options(priority="background")
        if luck.random() < self.cancels / 2:
            client = client.with_options(timeouts=Timeouts(total=luck.choice([0.2, 1.0, 20.0])))
        before = self.ledger.arrived[call.mark or ""]
        task = asyncio.create_task(self._told(call, client, resend=resent), name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        if luck.random() < self.cancels:
            await self._cancel(task)
        try:
            outcome = await task
        except asyncio.CancelledError:
            outcome = _CANCELLED[tally.abandoned.pop(name, None)]
        tally.note(call, outcome, before=before, resent=resent)

    async def _cancel(self, task: asyncio.Task[str]) -> None:
        """Cancel a call after some steps of the loop, or some milliseconds."""
        if self._luck.random() < 0.5:
            for _ in range(self._luck.randrange(12)):
                await asyncio.sleep(0)
        else:
            await asyncio.wait([task], timeout=self._luck.random() * 0.02)
        task.cancel()

    async def _told(self, call: Call, client: GameballClient, *, resend: bool) -> str:
        """Make a call, and say in a word what the client says of it."""
        try:
            await call.make(client, resend)
        except GameballError as error:
            if isinstance(error, NotSentError):
                self.tally.unsent_attempts += error.attempts
            return outcome_of(error)
        return "applied"

    async def _resolve(self, server: Wire) -> None:
        """What is left in doubt is sent again in good weather, and what was not done is made."""
        tally = self.tally
        async with self._client(server) as client:
            for calls, resend in ((tally.doubtful, True), (tally.undone, False)):
                for call in calls:
                    assert call.mark is not None
                    before = self.ledger.arrived[call.mark]
                    outcome = await self._told(call, client, resend=resend)
                    tally.told[call.mark] = (outcome, before)
            for reference in {*tally.reserved} - tally.kept:
                with contextlib.suppress(NotFoundError):
                    hold = await client.transactions.get_hold(reference)
                    if str(hold.state).lower() == "active":
                        tally.lies.append(f"{reference} is held for a checkout that is over")

    def _weigh(self, on_wire: int, attempts: int) -> None:
        """Compare what was said with what is true."""
        lies = self.tally.lies
        for mark, (outcome, before) in self.tally.told.items():
            applied, arrived = self.ledger.applied[mark], self.ledger.arrived[mark]
            true = {
                "applied": applied == 1,
                "refused": applied == 0,
                "not done": applied == 0,
                "not sent": arrived == before and applied == 0,
                "cancelled undone": applied == 0,
                "cancelled unsent": arrived == before and applied == 0,
                "unknown": applied <= 1,
                "cancelled": applied <= 1,
            }[outcome]
            if not true:
                lies.append(f"{mark}: {outcome}, arrived {arrived - before}, applied {applied}")
        assert [] == lies, f"seed {self.seed}: {len(lies)} lies"
        assert on_wire <= attempts, f"seed {self.seed}: hidden requests"
        if not self.cancels and not self.restarts:
            assert on_wire == attempts, f"seed {self.seed}: attempts that were none"
            assert 0 == self.tally.unsent_attempts, f"seed {self.seed}: sent, and told as not sent"
