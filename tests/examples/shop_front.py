"""The other ends of a service: a shop that posts, and Gameball with its webhooks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

from aiohttp import ClientSession
from attrs import frozen

from gameball_async.sandbox import Sandbox
from tests.clients import API_KEY, SECRET_KEY

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
PURCHASE: Mapping[str, Any] = {
    "customer_id": "id123",
    "order_id": "A-1",
    "order_date": "2024-10-16T08:13:29.290Z",
    "total_paid": 70.5,
}
_numbers = count()


@frozen
class Answer:
    """What a service said."""

    status: int
    text: str
    headers: Mapping[str, str]

    @property
    def body(self) -> Any:
        return json.loads(self.text)


async def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    async with ClientSession() as session, session.post(url, data=body, headers=headers) as got:
        return Answer(got.status, await got.text(), dict(got.headers))


async def buy(url: str, **changes: object) -> Answer:
    """Post a purchase."""
    body = json.dumps({**PURCHASE, **changes}).encode()
    return await post(url, body, {"Content-Type": "application/json"})


def new_webhook() -> bytes:
    """One that was never delivered, with blanks that only the raw bytes have."""
    payload = {
        "event": "customer.profile.updated",
        "client_id": "77",
        "customer_id": "id123",
        "gb_customer_id": next(_numbers),
        "created_at": datetime.now(UTC).isoformat(),
        "data": {"activated_points": 90, "tier_name": "Élite"},
    }
    return json.dumps(payload, indent=1, ensure_ascii=False).encode()


async def deliver(url: str, body: bytes, key: str = SECRET_KEY) -> int:
    """Post a webhook as Gameball does; the status of the answer."""
    signature = hashlib.sha1(body + b":" + key.encode()).hexdigest()
    headers = {"Content-Type": "application/json", "X-GB-Signature": signature}
    return (await post(url, body, {**headers, "X-GB-Webhook-Version": "v4"})).status


def points(sandbox: Sandbox) -> tuple[int, int]:
    """The points of id123: all, and those that are held."""
    balance = sandbox.balance(API_KEY, "id123")
    assert balance is not None
    return balance.total, balance.held


def told(answer: Answer) -> tuple[object, object, object]:
    """Whether the order was known already, what it earned and what it redeemed."""
    assert 200 == answer.status, answer.text
    earned, redeemed = answer.body["rewarded_points"], answer.body["redeemed_points"]
    return (
        answer.body["already_recorded"],
        earned and Decimal(earned),
        redeemed and Decimal(redeemed),
    )
