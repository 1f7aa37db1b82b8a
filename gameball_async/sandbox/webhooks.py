"""Webhooks of an account: what it is told, how that is signed, and when it is told again."""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Mapping
from datetime import datetime, timedelta
from ipaddress import ip_address
from itertools import count
from typing import Any, Final
from urllib.parse import urlsplit

from attrs import field, frozen

from gameball_async.sandbox.ledger import Notification, Profile
from gameball_async.sandbox.wire import JsonObject, in_milliseconds, read_json, write_json

_RETRIES: Final = (timedelta(minutes=5), timedelta(minutes=20), timedelta(minutes=60))
"""From one attempt to the next. Source: docs.gameball.co, "Webhooks"."""

_MILLISECOND: Final = timedelta(milliseconds=1)
_ICON: Final = "https://cdn.example/icon.webp"


def loopback(url: str) -> str:
    """*url*, if it leads to this machine.

    Raises:
        ValueError: It leads elsewhere, or is no URL of a web server.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or set("@\\") & set(url):
        raise ValueError(f"a webhook needs a plain http or https URL, got {url!r}")
    if parts.hostname != "localhost" and not _is_loopback(parts.hostname):
        raise ValueError(f"the sandbox sends webhooks to this machine alone, got {url!r}")
    return url


def _is_loopback(host: str | None) -> bool:
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False


@frozen(kw_only=True)
class Delivery:
    """A webhook that is to be posted now."""

    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    """Compact JSON: what was signed."""
    attempt: int
    """1 to 4."""
    outbox: Outbox = field(repr=False)
    """Whose it is."""


@frozen(kw_only=True)
class WebhookRecord:
    """One attempt to deliver a webhook, and how it ended."""

    time: datetime
    url: str
    attempt: int
    """1 to 4."""
    status: int | None
    """None when there was no answer."""
    retry_at: datetime | None
    """When the next attempt is due; None when it was taken, or given up."""
    raw: bytes = field(repr=False)
    """The body as it was sent."""

    @property
    def body(self) -> Any:
        """The decoded body: ``event``, ``customer_id``, ``data`` and the rest."""
        return read_json(self.raw)


@frozen
class _Letter:
    """A webhook that waits for its next attempt."""

    url: str
    body: bytes
    attempt: int = 1


class Outbox:
    """The webhooks of one account: what it was told last, and what it has still to be told."""

    __slots__ = ("_account", "_due", "_last", "_told", "_turns", "url")

    def __init__(self, account: int, url: str | None) -> None:
        self.url: str | None = url
        """Where webhooks go; None for nowhere."""
        self._account = str(account)
        self._due: list[tuple[datetime, int, _Letter]] = []
        self._last: datetime | None = None
        self._told: dict[int, JsonObject] = {}
        self._turns = count()

    def notify(self, profile: Profile, sent: Notification) -> None:
        """Tell of a message to a customer."""
        text = {"local": "en", "icon": _ICON, "title": sent.title, "body": sent.body}
        self._put("customer.notification.push", profile, [text], sent.created_at)

    def update(self, profile: Profile, now: datetime) -> None:
        """Tell of a profile, if anything in it is other than it was."""
        data = _profile_data(profile)
        if self._told.get(profile.gameball_id) == data:
            return
        self._told[profile.gameball_id] = data
        self._put("customer.profile.updated", profile, data, now)

    def _put(self, event: str, profile: Profile, data: object, now: datetime) -> None:
        if self.url is None:
            return
        body: JsonObject = {
            "event": event,
            "client_id": self._account,
            "customer_id": profile.customer_id,
            "gb_customer_id": profile.gameball_id,
            "created_at": in_milliseconds(self._new_time(now)),
            "data": data,
        }
        self._queue(now, _Letter(self.url, write_json(body)))

    def _new_time(self, now: datetime) -> datetime:
        """*now*, or the next millisecond that no webhook has: none may look like a repetition."""
        last = self._last
        self._last = now if last is None else max(now, last + _MILLISECOND)
        return self._last

    def _queue(self, when: datetime, letter: _Letter) -> None:
        heapq.heappush(self._due, (when, next(self._turns), letter))

    def take(self, secret: str | None, now: datetime) -> Delivery | None:
        """The next webhook that is due; none as long as the account has shown no secret key."""
        if secret is None or not self._due or self._due[0][0] > now:
            return None
        letter = heapq.heappop(self._due)[2]
        return Delivery(
            url=letter.url,
            headers=_headers(letter.body, secret),
            body=letter.body,
            attempt=letter.attempt,
            outbox=self,
        )

    def answered(self, delivery: Delivery, status: int | None, now: datetime) -> WebhookRecord:
        """Note how an attempt ended; after any answer but a 2xx there are three more."""
        retry_at = None
        taken = status is not None and 200 <= status < 300
        if not taken and delivery.attempt <= len(_RETRIES):
            retry_at = now + _RETRIES[delivery.attempt - 1]
            self._queue(retry_at, _Letter(delivery.url, delivery.body, delivery.attempt + 1))
        return WebhookRecord(
            time=now,
            url=delivery.url,
            attempt=delivery.attempt,
            status=status,
            retry_at=retry_at,
            raw=delivery.body,
        )


def _headers(body: bytes, secret: str) -> Mapping[str, str]:
    """The signature is a plain SHA-1 and no HMAC, as documented."""
    signed = body + f":{secret}".encode()
    return {
        "Content-Type": "application/json; charset=utf-8",
        "X-GB-Signature": hashlib.sha1(signed).hexdigest(),  # noqa: S324 - the vendor's choice
        "X-GB-Webhook-Version": "v4",
    }


def _profile_data(profile: Profile) -> JsonObject:
    """What a webhook tells of a profile; nobody changes tier in the sandbox."""
    points, attributes = profile.balance, profile.attributes
    return {
        "email": attributes.get("email"),
        "mobile_number": attributes.get("mobile"),
        "tier_name": "Basic",
        "tier_order": 1,
        "referral_code": profile.referral_code,
        "referral_link": profile.referral_link,
        "activated_points": points.active,
        "pending_points": points.pending,
        "total_points": points.total,
    }
