"""The sandbox itself: requests in, answers out, and a view on the state between them."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from decimal import localcontext
from random import Random
from typing import Any
from uuid import UUID

from attrs import field, frozen

from gameball_async.sandbox.clock import SandboxClock
from gameball_async.sandbox.doors import InProcess
from gameball_async.sandbox.faults import Fault, Planted, strike
from gameball_async.sandbox.ledger import Balance, Entry
from gameball_async.sandbox.program import Program
from gameball_async.sandbox.reception import (
    JSON_HEADERS,
    Arrival,
    Reception,
    Work,
    arrival_of,
)
from gameball_async.sandbox.refusals import Refusal
from gameball_async.sandbox.routes import Route
from gameball_async.sandbox.tenant import Tenant
from gameball_async.sandbox.webhooks import Delivery, WebhookRecord, loopback
from gameball_async.sandbox.wire import EXACT, JsonObject, read_json, write_json
from gameball_async.transport.http import Answer, Request, Transport


@frozen
class RequestRecord:
    """One request that the sandbox has answered, or not."""

    time: datetime
    method: str
    path: str
    """Below ``/integrations``, as it travelled."""
    query: str
    status: int | None
    """None when the connection was dropped without an answer."""
    tenant: str
    """The first characters of the api key, the rest masked."""
    raw: bytes | None = field(repr=False)
    """The body as it was sent; None without one."""

    @property
    def body(self) -> Any:
        """The decoded JSON body, numbers exact; None without one, ValueError for other text."""
        return None if self.raw is None else read_json(self.raw)


def _answer(route: Route, value: object) -> Answer:
    """What a request that was done is answered with."""
    if value is None:
        return Answer(route.status, {})
    return Answer(route.status, JSON_HEADERS, write_json(value))


class Sandbox:
    """A Gameball on your machine. Every api key is an account of its own.

    Args:
        program: The settings that all accounts have.
        clock: The sandbox's time; real when left out.
        latency: Seconds that every request takes at the doors.
        seed: Start of the references that the sandbox makes up.
        log_size: How many requests `requests` remembers, and how many attempts `webhooks`.
    """

    def __init__(
        self,
        program: Program | None = None,
        *,
        clock: SandboxClock | None = None,
        latency: float = 0.0,
        seed: int = 0,
        log_size: int = 1000,
    ) -> None:
        self.program: Program = program or Program()
        self.clock: SandboxClock = clock or SandboxClock()
        self.latency = latency
        self.url: str = ""
        """Where the server listens, without a slash at the end; empty while there is none."""
        self.requests: deque[RequestRecord] = deque(maxlen=log_size)
        """What was asked, oldest first."""
        self.webhooks: deque[WebhookRecord] = deque(maxlen=log_size)
        """Attempts to deliver webhooks, oldest first."""
        self._luck = Random(seed)  # noqa: S311 - references, not secrets
        self._reception = Reception(self.program, self._new_reference)
        self._faults: list[Planted] = []
        self._deliver: Callable[[], Awaitable[None]] | None = None

    def _new_reference(self) -> str:
        return str(UUID(int=self._luck.getrandbits(128), version=4))

    def handle(self, request: Request, now: datetime) -> Answer:
        """Answer *request* as of *now*: no I/O, no latency, no faults."""
        arrival = arrival_of(request, now)
        answer = self.perform(self.admit(arrival), now)
        self.record(arrival, answer.status)
        return answer

    def transport(self) -> Transport:
        """A door inside this process: a transport for a client, without any socket."""
        return InProcess(self)

    @classmethod
    @asynccontextmanager
    async def serve(
        cls,
        program: Program | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        clock: SandboxClock | None = None,
        latency: float = 0.0,
        seed: int = 0,
        log_size: int = 1000,
    ) -> AsyncGenerator[Sandbox]:
        """Run a new sandbox as an HTTP server; its `url` says where.

        Args:
            program: The settings that all accounts have.
            host: Address to listen on.
            port: Port to listen on; 0 takes a free one.
            clock: The sandbox's time; real when left out.
            latency: Seconds that every request takes.
            seed: Start of the references that the sandbox makes up.
            log_size: How many requests `requests` remembers, and how many attempts `webhooks`.
        """
        sandbox = cls(program, clock=clock, latency=latency, seed=seed, log_size=log_size)
        async with sandbox.running(host=host, port=port):
            yield sandbox

    @asynccontextmanager
    async def running(self, *, host: str = "127.0.0.1", port: int = 0) -> AsyncGenerator[str]:
        """Serve this sandbox over HTTP and yield its URL."""
        from gameball_async.sandbox.server import listening  # noqa: PLC0415 - aiohttp is slow

        async with listening(self, host, port) as (url, deliver):
            self.url, self._deliver = url, deliver
            try:
                yield url
            finally:
                self.url, self._deliver = "", None

    def subscribe(self, api_key: str, url: str) -> None:
        """Send what happens in the account of *api_key* from now on to *url*, as webhooks.

        They are signed with the secret key of the account, and wait until it has shown one.

        Args:
            api_key: The account.
            url: On this machine; it takes the place of any url before.

        Raises:
            ValueError: *url* leads to another machine.
        """
        self._settled(api_key).outbox.url = loopback(url)

    async def deliver(self) -> None:
        """Post every webhook that is due by now, one after the other, and wait for the answers.

        A sandbox that is served does so by itself, within some milliseconds. Here a test can
        wait for it, after it has moved the clock for instance.
        """
        if self._deliver is not None:
            await self._deliver()
            return
        from gameball_async.sandbox.server import Postman  # noqa: PLC0415 - aiohttp is slow

        await Postman(self).deliver()

    def take_webhook(self) -> Delivery | None:
        """The next webhook that is due; whoever takes it posts it and says `answered`."""
        now = self.clock.now()
        for tenant in self._reception.subscribers():
            self._settle(tenant, now)
            delivery = tenant.outbox.take(tenant.secret, now)
            if delivery is not None:
                return delivery
        return None

    def answered(self, delivery: Delivery, status: int | None) -> None:
        """Note how a webhook was answered, None for not at all; it comes again if need be."""
        record = delivery.outbox.answered(delivery, status, self.clock.now())
        self.webhooks.append(record)

    def fault(self, fault: Fault) -> Planted:
        """Let *fault* strike from now on; the first one planted that matches wins."""
        planted = Planted(fault, self._faults)
        self._faults.append(planted)
        return planted

    def balance(self, api_key: str, customer_id: str) -> Balance | None:
        """The points of a customer now; None for an unknown customer."""
        profile = self._settled(api_key).find(customer_id)
        return profile.balance if profile else None

    def ledger(self, api_key: str, customer_id: str) -> list[JsonObject]:
        """The rows of a customer as ``GET /transactions`` has them, newest first."""
        profile = self._settled(api_key).find(customer_id)
        rows = profile.rows if profile else []
        return [read_json(write_json(row.as_listed())) for row in reversed(rows)]

    def coupon_uses(self, api_key: str, code: str) -> int:
        """How often a coupon of the program was burned."""
        return self._settled(api_key).coupons[code].used

    def otp(self, api_key: str, customer_id: str) -> str | None:
        """The one-time password that the customer was sent and can still use."""
        tenant = self._settled(api_key)
        profile = tenant.find(customer_id)
        sent = tenant.one_time.get(profile.gameball_id) if profile else None
        return sent.code if sent and sent.expires_at > self.clock.now() else None

    def notify(self, api_key: str, customer_id: str, title: str, body: str) -> None:
        """Send a message to a customer, who must be known."""
        tenant = self._settled(api_key)
        profile = tenant.known({"customerId": customer_id})
        tenant.notify(profile, title, body, self.clock.now())

    def events(self, api_key: str, customer_id: str) -> list[tuple[str, JsonObject]]:
        """Names and metadata of what a customer did, oldest first.

        They are those that were sent, and those that orders, payments and refunds fire; an
        account remembers 1,000.
        """
        tenant = self._settled(api_key)
        profile = tenant.find(customer_id)
        return [(sent.name, sent.metadata) for sent in tenant.events if sent.profile is profile]

    def give(self, api_key: str, customer_id: str, points: int) -> None:
        """Create a customer, if need be, and add *points* that never expire; 0 adds nothing."""
        if points < 0:
            raise ValueError(f"points must not be negative, got {points}")
        tenant = self._settled(api_key)
        profile = tenant.find(customer_id) or tenant.create()
        tenant.remember(profile, {"customerId": customer_id})
        entry = Entry(
            type="ManualAccumulation",
            transaction_id=None,
            customer_id=customer_id,
            amount=points * self.program.redemption_factor,
            time=self.clock.now(),
        )
        if points:
            tenant.ledger.credit(profile, entry, points)
        tenant.tell(self.clock.now())

    def _settled(self, api_key: str) -> Tenant:
        """The account of *api_key*, with everything done that is due by now."""
        tenant = self._reception.tenant(api_key)
        self._settle(tenant, self.clock.now())
        return tenant

    @staticmethod
    def _settle(tenant: Tenant, now: datetime) -> None:
        with localcontext(EXACT):
            tenant.settle(now)

    def fault_for(self, arrival: Arrival) -> Fault | None:
        """The fault that strikes a request; to ask is to be struck."""
        return strike(self._faults, arrival.request.method, arrival.path)

    def admit(self, arrival: Arrival) -> Answer | Work:
        """Refuse a request, or let it in; a write keeps its customer busy until it is done."""
        return self._reception.admit(arrival)

    def perform(self, outcome: Answer | Work, now: datetime) -> Answer:
        """Do what a request asks for, as of *now*, unless it was refused on arrival."""
        if isinstance(outcome, Answer):
            return outcome
        outcome.leave()
        visit = outcome.visit
        visit.now = now
        with localcontext(EXACT):
            visit.tenant.settle(now)
            try:
                value = outcome.route.answer(visit)
            except Refusal as refusal:
                return self._reception.refused(refusal)
            visit.tenant.tell(now)
            return _answer(outcome.route, value)

    def record(self, arrival: Arrival, status: int | None) -> None:
        """Remember how a request ended."""
        self.requests.append(
            RequestRecord(
                arrival.time,
                arrival.request.method,
                arrival.path,
                arrival.query,
                status,
                arrival.masked_key,
                arrival.request.body,
            )
        )
