"""Everything that one account knows: its customers, ledger, holds and coupons."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import count
from typing import Final, Literal

from attrs import define, field, frozen

from gameball_async.sandbox.jobs import Job
from gameball_async.sandbox.ledger import Ledger, Notification, Profile, Row
from gameball_async.sandbox.limits import Windows
from gameball_async.sandbox.originals import Original
from gameball_async.sandbox.program import Coupon, Program
from gameball_async.sandbox.refusals import Refusal
from gameball_async.sandbox.webhooks import Outbox
from gameball_async.sandbox.wire import JsonObject

_FIRST_CUSTOMER: Final = 15_327_001
_FIRST_NOTIFICATION: Final = 15_227_560


@frozen
class OneTime:
    """A password that a customer got by SMS."""

    code: str
    expires_at: datetime


@frozen
class SentEvent:
    """An event, sent by the account or fired by what it tracked."""

    profile: Profile
    name: str
    metadata: JsonObject
    time: datetime


@define(eq=False)
class Hold:
    """Points that are reserved for a customer."""

    reference: str
    profile: Profile
    customer_id: str
    points: int
    expires_at: datetime
    state: Literal["active", "used", "expired", "released"] = "active"

    def end(self, state: Literal["used", "expired", "released"]) -> None:
        """Free the points; a hold ends once."""
        self.state = state
        self.profile.move(held=-self.points)

    def lapse(self) -> None:
        """End by the passing of time, unless it has ended already."""
        if self.state == "active":
            self.end("expired")


@define(eq=False)
class Lock:
    """Coupons that are reserved for a customer."""

    reference: str
    profile: Profile
    codes: tuple[str, ...]
    expires_at: datetime


@define(eq=False)
class CouponUse:
    """A coupon, and how often it was used."""

    coupon: Coupon
    used: int = 0
    used_by: dict[int, int] = field(factory=dict[int, int])
    """Gameball id of a customer to uses."""
    lock: Lock | None = None
    owner: Profile | None = None
    """Who alone may use it; None for everybody."""
    row: Row | None = None
    """What bought it; None when it was not bought."""


class Tenant:
    """The state behind one api key."""

    def __init__(self, program: Program, new_reference: Callable[[], str], number: int) -> None:
        self.secret: str | None = None
        self.program = program
        self.new_reference = new_reference
        self.windows: Windows = Windows(program.limits)
        self.busy: set[object] = set()
        """Customers with a write under way."""
        self.ledger: Ledger = Ledger(program.redemption_factor)
        self.transaction_ids: set[str] = set()
        """The caller's ids of orders, payments and transactions: one namespace."""
        self.originals: dict[str, Original] = {}
        """What a refund can reverse, by the caller's id."""
        self.one_time: dict[int, OneTime] = {}
        """Gameball id of a customer to the password that was sent last."""
        self.event_names: set[str] = {"place_order", "payment_processed", "order_refunded"}
        """What has been seen; previews know no other events."""
        self.events: deque[SentEvent] = deque(maxlen=1000)
        """What customers did, oldest first."""
        self.outbox: Outbox = Outbox(number, program.webhook_url)
        self.jobs: dict[int, Job] = {}
        self.coupon_engine: JsonObject | None = None
        """What the account has put there; None for the documented example."""
        self.holds: dict[str, Hold] = {}
        self.locks: dict[str, Lock] = {}
        self.coupons: dict[str, CouponUse] = {
            coupon.code: CouponUse(coupon) for coupon in program.coupons
        }
        self._notification_ids: Iterator[int] = count(_FIRST_NOTIFICATION)
        self._customer_ids = count(_FIRST_CUSTOMER)
        self._profiles: dict[str, Profile] = {}
        self._merged: dict[str, Profile] = {}
        self._referrers: dict[str, Profile] = {}

    def settle(self, now: datetime) -> None:
        """Do everything that was due until *now*, and tell of each thing by itself."""
        for _ in self.ledger.settle(now):
            self.tell(now)

    def tell(self, now: datetime) -> None:
        """Write the webhooks of those who have changed."""
        touched = self.ledger.touched
        while touched:
            profile = touched.popleft()
            if not profile.is_deleted:
                self.outbox.update(profile, now)

    def notify(self, profile: Profile, title: str, body: str, now: datetime) -> None:
        """Send a message to a customer, and a webhook about it."""
        sent = Notification(next(self._notification_ids), title, body, now)
        profile.notifications.append(sent)
        self.outbox.notify(profile, sent)

    def fire(self, profile: Profile, name: str, metadata: JsonObject, now: datetime) -> None:
        """Remember what a customer did."""
        self.event_names.add(name)
        self.events.append(SentEvent(profile, name, metadata, now))

    def find(self, customer_id: str, body: JsonObject | None = None) -> Profile | None:
        """The profile of a customer, by id or else by the merge key in *body*."""
        profile = self._profiles.get(customer_id)
        return profile or self._merged.get(self._merge_key(body or {}))

    def known(self, body: JsonObject) -> Profile:
        """The customer that *body* names.

        Raises:
            Refusal: 7000, there is no such customer.
        """
        profile = self.find(body["customerId"], body)
        if profile is None:
            raise Refusal(7000, f"customer {body['customerId']!r} does not exist")
        return profile

    def create(self) -> Profile:
        """A new profile, without a customer id yet."""
        return Profile(next(self._customer_ids))

    def remember(self, profile: Profile, body: JsonObject) -> None:
        """Connect the customer id and the merge key in *body* with *profile*."""
        self._profiles.setdefault(body["customerId"], profile)
        profile.customer_id = profile.customer_id or body["customerId"]
        self.ledger.touched.append(profile)
        self._referrers[profile.referral_code] = profile
        key = self._merge_key(body)
        if key:
            self._merged.setdefault(key, profile)

    def forget(self, profile: Profile) -> None:
        """Delete a customer; the rows of the ledger stay."""
        profile.is_deleted = True
        for known in (self._profiles, self._merged, self._referrers):
            for key in [key for key, its in known.items() if its is profile]:
                del known[key]

    def referrer(self, code: str | None) -> Profile | None:
        """The customer who shares *code*; None when nobody does, or a guest, who cannot refer."""
        profile = self._referrers.get(code or "")
        return None if profile is None or profile.is_guest else profile

    def _merge_key(self, body: JsonObject) -> str:
        """The normalised e-mail or mobile in *body*; empty when there is none."""
        if self.program.merge == "email":
            return str(body.get("email", "")).strip().lower()
        if self.program.merge == "mobile":
            digits = "".join(char for char in body.get("mobile", "") if char.isdigit())
            return f"+{digits}" if digits else ""
        return ""

    def hold(self, profile: Profile, customer_id: str, points: int, now: datetime) -> Hold:
        """Reserve *points*; the caller has checked the balance."""
        expires_at = now + timedelta(minutes=self.program.hold_minutes)
        hold = Hold(self.new_reference(), profile, customer_id, points, expires_at)
        self.holds[hold.reference] = hold
        profile.move(held=points)
        self.ledger.at(expires_at, hold.lapse)
        return hold

    def live_hold(self, reference: str) -> Hold:
        """The hold that can still be used.

        Raises:
            Refusal: 9006, it is unknown, used, released or lapsed.
        """
        hold = self.holds.get(reference)
        if hold is None or hold.state != "active":
            raise Refusal(9006, f"hold reference {reference!r} not found")
        return hold
