"""Somebody who calls a sandbox with raw JSON, and looks at everything it stores."""

from __future__ import annotations

import json
from collections import deque
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from types import MethodType
from typing import Any
from urllib.parse import quote

import attrs

from gameball_async.sandbox import Program, Sandbox, SandboxClock
from gameball_async.transport.http import Answer, Request

NOW = datetime(2024, 10, 16, 9, 0, tzinfo=UTC)
KEY = "gb_test_key"
SECRET = "s3cret"
HEADERS = {"apikey": KEY, "secretkey": SECRET, "content-type": "application/json"}


def made(
    method: str,
    path: str,
    body: Any = None,
    *,
    headers: dict[str, str] | None = None,
    version: str = "v4",
) -> Request:
    """A request with all keys, unless other headers are given."""
    raw = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    target = f"/api/{version}/integrations{path}"
    return Request(method, target, HEADERS if headers is None else headers, raw)


class Caller:
    """A sandbox on a frozen clock, and one account that calls it."""

    def __init__(self, **program: Any) -> None:
        self.clock = SandboxClock(NOW)
        self.sandbox = Sandbox(Program(**program), clock=self.clock)
        self._ids = count(1)

    def answer(self, method: str, path: str, body: Any = None, **more: Any) -> Answer:
        return self.sandbox.handle(made(method, path, body, **more), self.clock.now())

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> tuple[int, Any]:
        """Status and decoded body."""
        answer = self.answer(method, path, body, **more)
        return answer.status, json.loads(answer.body)

    def get(self, path: str, **more: Any) -> Any:
        return self._well(*self.ask("GET", path, **more))

    def post(self, path: str, body: Any, **more: Any) -> Any:
        return self._well(*self.ask("POST", path, body, **more))

    def delete(self, path: str) -> Any:
        return self._well(*self.ask("DELETE", path))

    @staticmethod
    def _well(status: int, body: Any) -> Any:
        assert status == 200, body
        return body

    def refusal(self, method: str, path: str, body: Any = None, **more: Any) -> tuple[int, int]:
        """Status and code of an answer that refuses, and has left no trace."""
        before = self.image()
        status, answer = self.ask(method, path, body, **more)
        assert before == self.image()
        return status, answer["code"]

    def time(self, seconds: float = 0) -> str:
        """A time near now that nobody has used."""
        moment = self.clock.now() - timedelta(milliseconds=next(self._ids)) + timedelta(0, seconds)
        return moment.strftime("%Y-%m-%dT%H:%M:%S.%f") + "Z"

    def order(self, customer: str = "c1", paid: Any = 100, **more: Any) -> Any:
        """Track an order without line items."""
        return self.post("/orders", self.order_body(customer, paid, **more))

    def order_body(self, customer: str = "c1", paid: Any = 100, **more: Any) -> dict[str, Any]:
        order_id = f"A-{next(self._ids)}"
        return {"customerId": customer, "orderId": order_id, "totalPaid": paid, **more}

    def hold_body(self, customer: str = "c1", **more: Any) -> dict[str, Any]:
        return {"customerId": customer, "transactionTime": self.time(), **more}

    def hold(self, points: int, customer: str = "c1") -> str:
        """Hold points and return the reference."""
        body = self.hold_body(customer, pointsToHold=points)
        return str(self.post("/transactions/hold", body)["holdReference"])

    def manual_body(self, customer: str = "c1", **more: Any) -> dict[str, Any]:
        return {
            "customerId": customer,
            "transactionId": f"M-{next(self._ids)}",
            "transactionTime": self.time(),
            "username": "ops",
            "reason": "goodwill",
            **more,
        }

    def manual(self, customer: str = "c1", **more: Any) -> Any:
        return self.post("/transactions/manual", self.manual_body(customer, **more))

    def put(self, path: str, body: Any = None) -> Any:
        return self._well(*self.ask("PUT", path, body))

    def refund_body(self, reversed_id: str, customer: str = "c1", **more: Any) -> dict[str, Any]:
        return {
            "customerId": customer,
            "refundTransactionId": f"R-{next(self._ids)}",
            "reverseTransactionId": reversed_id,
            "transactionTime": self.time(),
            **more,
        }

    def refund(self, reversed_id: str, **more: Any) -> Any:
        return self.post("/transactions/refund", self.refund_body(reversed_id, **more))

    def redeem_body(self, customer: str = "c1", **more: Any) -> dict[str, Any]:
        return {
            "customerId": customer,
            "transactionId": f"T-{next(self._ids)}",
            "transactionTime": self.time(),
            **more,
        }

    def give(self, points: int, customer: str = "c1") -> None:
        self.sandbox.give(KEY, customer, points)

    def points(self, customer: str = "c1") -> tuple[int, int, int, int]:
        """Total, pending, held, available."""
        balance = self.sandbox.balance(KEY, customer)
        assert balance is not None
        return balance.total, balance.pending, balance.held, balance.available

    def rows(self, customer: str = "c1") -> list[dict[str, Any]]:
        """The ledger, newest first, over the wire."""
        rows: list[dict[str, Any]] = []
        page = {"hasMore": True}
        while page["hasMore"]:
            after = rows[-1]["gameballTransactionId"] if rows else 0
            query = f"?limit=200&customerId={quote(customer, safe='')}&startAfter={after}"
            page = self.get(f"/transactions{query}")
            rows += page["transactions"]
        return rows

    def image(self) -> Any:
        """Everything that the account stores, as comparable values."""
        return image(self.sandbox._settled(KEY), {})


def image(value: Any, seen: dict[int, int]) -> Any:
    """*value* and all that hangs on it, as lists and texts; what comes again is a number."""
    if id(value) in seen:
        return seen[id(value)]
    match value:
        case dict():
            found: Any = [(image(key, seen), image(item, seen)) for key, item in value.items()]
        case set() | frozenset():
            found = sorted(repr(item) for item in value)
        case list() | tuple() | deque():
            found = [image(item, seen) for item in value]
        case partial():
            found = [image(value.func, seen), *(image(item, seen) for item in value.args)]
        case MethodType():
            found = [value.__name__, image(value.__self__, seen)]
        case _ if type(value).__module__.startswith("gameball_async"):
            found = _fields(value, seen)
        case _:
            found = repr(value)
    return found


def _fields(value: Any, seen: dict[int, int]) -> Any:
    """What an object of the sandbox stores."""
    seen[id(value)] = len(seen)
    names = (
        [field.name for field in attrs.fields(type(value))]
        if attrs.has(type(value))
        else getattr(type(value), "__slots__", None) or sorted(vars(value))
    )
    kept = (name for name in names if name not in {"new_reference", "secret", "program"})
    return [(name, image(getattr(value, name), seen)) for name in kept]
