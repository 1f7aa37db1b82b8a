"""A real ledger behind a bad network: each request may fail before, after or without its effect."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from random import Random

from attrs import define, field, frozen

from gameball_async.sandbox import Program, Sandbox
from gameball_async.transport.http import Answer, Request
from tests.wire import Action, Drop, Half, Late, Reply, Seen, Wire, json_reply, refusal, wire

PREFIX = "/api/v4/integrations"
HTML = b"<html><body><h1>Bad Gateway</h1></body></html>"
KEYS: Mapping[str, str] = {
    "POST /orders": "orderId",
    "POST /payments": "paymentId",
    "POST /transactions/manual": "transactionId",
    "POST /transactions/cashback": "transactionId",
    "POST /transactions/redeem": "transactionId",
    "POST /transactions/refund": "refundTransactionId",
    "POST /transactions/hold": "transactionTime",
}
"""What a write is recognised by; no two calls of a run share it."""


def mark_of(seen: Seen) -> str | None:
    """The name of the write that a request is for; None for a read."""
    name = f"{seen.method} {seen.target.partition('?')[0].removeprefix(PREFIX)}"
    if name in KEYS:
        return f"{name} {seen.json[KEYS[name]]}"
    if name == "POST /events":
        return f"{name} {seen.json['events']['visit']['number']}"
    return name if seen.method == "DELETE" else None


@frozen
class Weather:
    """How often each thing happens, in parts of a whole."""

    turned_away: float = 0.0
    """The connection is cut before the request is read."""
    faults: Mapping[str, float] = field(factory=dict[str, float])
    """What becomes of a request that was read; see `Ledger`."""
    odd: float = 0.0
    """Another refusal than 9004 for what is done already, or a list that lags behind."""

    @classmethod
    def of(cls, share: float, *, readable: bool = False) -> Weather:
        """A share of requests, spread evenly over everything that can go wrong.

        Args:
            share: The part of the requests to which something happens.
            readable: Whether every 2xx is an answer of the API's: one that is not leaves its write
                in doubt by design.
        """
        troubles = [it for it in TROUBLES if not (readable and it in UNREADABLE)]
        each = share / (len(troubles) + 1)
        faults = dict.fromkeys(troubles, each)
        faults["absurd"] = each / 50  # freezes everybody for as long as the client believes
        return cls(each, faults, odd=0.0 if readable else share / 2)


TROUBLES = (
    "slow",
    "late",
    "dropped",
    "dropped after",
    "reset",
    "reset after",
    "half",
    "half after",
    "limited",
    "limited for seconds",
    "limited to a date",
    "absurd",
    "500",
    "500 after",
    "502 after",
    "504 after",
    "503",
    "503 after",
    "busy",
    "garbage",
    "garbage after",
    "wrong shape after",
)
UNREADABLE = ("garbage", "garbage after", "wrong shape after")


_DONE = (refusal(422, 9003), refusal(404, 9006), refusal(422, 9008), refusal(422, 9001))
"""What the API may find to say before it notices that the id is taken."""
_NO_ROWS = json_reply(transactions=[], count=0, hasMore=False)


def _customer_of(seen: Seen) -> str | None:
    """Whom a write is for; None for a read."""
    return seen.json.get("customerId") if seen.method == "POST" else None


def _later() -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=1), usegmt=True)


@define
class Ledger:
    """The sandbox behind the network, and what it really did."""

    luck: Random
    weather: Weather = Weather()
    sandbox: Sandbox = field(factory=lambda: Sandbox(Program(), log_size=1))
    applied: Counter[str] = field(factory=Counter[str])
    """How often each write had its effect."""
    arrived: Counter[str] = field(factory=Counter[str])
    struck: Counter[str] = field(factory=Counter[str])
    """How often each fault came."""
    busy: Counter[str] = field(factory=Counter[str])
    """Customers with a write under way: another one is refused with 2001."""

    def perform(self, seen: Seen) -> Reply:
        """Do what the request asks for."""
        mark = mark_of(seen)
        if self.luck.random() < self.weather.odd:
            if seen.method == "POST" and mark is not None and self.applied[mark]:
                self.struck["odd refusal"] += 1
                return self.luck.choice(_DONE)
            if seen.method == "GET" and "transactions" in seen.target:
                self.struck["lagging list"] += 1
                return _NO_ROWS
        request = Request(seen.method, seen.target, seen.headers, seen.body or None)
        answer: Answer = self.sandbox.handle(request, datetime.now(UTC))
        if mark is not None and answer.status < 300:
            self.applied[mark] += 1
        return Reply(answer.status, answer.body)

    def turn_away(self) -> bool:
        """Whether the next request is cut off unread."""
        struck = self.luck.random() < self.weather.turned_away
        self.struck["turned away"] += struck
        return struck

    def script(self, seen: Seen) -> Action:
        """Answer a request, or let one of the faults happen to it."""
        mark = mark_of(seen)
        if mark is not None:
            self.arrived[mark] += 1
        if self.busy[_customer_of(seen) or ""]:
            self.struck["overlap"] += 1
            return refusal(422, 2001)
        luck = self.luck.random()
        for fault, share in self.weather.faults.items():
            luck -= share
            if luck < 0:
                self.struck[fault] += 1
                return self._strike(fault, seen)
        return self.perform(seen)

    def _strike(self, fault: str, seen: Seen) -> Action:
        if fault == "slow":
            return self._late(0.02 * self.luck.random(), seen)
        if fault == "late":  # the client will have given up by then
            return self._late(0.7 + self.luck.random() / 5, seen)
        if fault.endswith(" after"):
            self.perform(seen)
        return _ENDINGS[fault.removesuffix(" after")]()

    def _late(self, delay: float, seen: Seen) -> Late:
        """Do it after a while, whether or not the client still waits for it."""
        customer = _customer_of(seen)

        def make() -> Reply:
            if customer is not None:
                self.busy[customer] -= 1
            return self.perform(seen)

        if customer is not None:
            self.busy[customer] += 1
        return Late(delay, make)


_ENDINGS: Mapping[str, Callable[[], Action]] = {
    "dropped": Drop,
    "reset": lambda: Drop(reset=True),
    "half": Half,
    "limited": lambda: refusal(429, 0),
    "limited for seconds": lambda: Reply(429, b"", {"Retry-After": "2"}),
    "limited to a date": lambda: Reply(429, b"", {"Retry-After": _later()}),
    "absurd": lambda: Reply(429, b"", {"Retry-After": "9" * 30}),
    "500": lambda: refusal(500, 5000),
    "504": lambda: Reply(504, b""),
    "502": lambda: Reply(502, HTML, {"Content-Type": "text/html"}),
    "503": lambda: Reply(503, HTML, {"Content-Type": "text/html"}),
    "busy": lambda: refusal(422, 2001),
    "garbage": lambda: Reply(200, b"\xff\x00{]"),
    "wrong shape": lambda: Reply(200, b"[[17]]"),
}


@contextlib.asynccontextmanager
async def faulty(ledger: Ledger) -> AsyncIterator[Wire]:
    """Serve a ledger on loopback."""
    async with wire(script=ledger.script) as server:
        server.turn_away = ledger.turn_away
        yield server
