"""Checks that several operations share; each raises the refusal or does nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from gameball_async.sandbox.ledger import Profile
from gameball_async.sandbox.refusals import Refusal
from gameball_async.sandbox.tenant import Tenant
from gameball_async.sandbox.wire import JsonObject, written

_TOLERANCE: Final = timedelta(minutes=5)


def check_new_id(tenant: Tenant, transaction_id: str) -> None:
    """Refuse an id that an order or a manual transaction has already."""
    if transaction_id in tenant.transaction_ids:
        raise Refusal(9004, f"transaction id {transaction_id!r} already exists")


def check_active(profile: Profile | None) -> None:
    """Refuse a customer who has opted out."""
    if profile is not None and not profile.is_active:
        raise Refusal(3009, "the customer is inactive")


def check_time(profile: Profile | None, time: datetime | None, now: datetime) -> None:
    """Refuse a time in the future, and one that the customer's history has already."""
    if time is None:
        return
    if time > now + _TOLERANCE:
        raise Refusal(9007, f"transaction time {written(time)} is in the future")
    if profile is not None and time in profile.times:
        raise Refusal(9003, f"a transaction at {written(time)} already exists")


def check_points(profile: Profile, points: int) -> None:
    """Refuse to take more than the customer can spend now."""
    available = profile.balance.available
    if points > available:
        raise Refusal(9008, f"insufficient points: {points} wanted, {available} available")


def check_registered(profile: Profile) -> None:
    """Refuse a guest: guests earn, but do not redeem."""
    if profile.is_guest:
        raise Refusal(3004, "guests cannot redeem")


def only_one_of(body: JsonObject, ways: Sequence[str]) -> str:
    """The one member of *ways* that the request has."""
    given = [way for way in ways if way in body]
    if not given:
        raise Refusal(3000, f"one of {', '.join(ways[:-1])} and {ways[-1]} is missing")
    if len(given) > 1:
        raise Refusal(3003, f"only one of {' and '.join(given)} may be given")
    return given[0]


def check_otp(tenant: Tenant, profile: Profile, body: JsonObject, now: datetime) -> None:
    """Refuse a missing or wrong one-time password, where the account wants one."""
    if not tenant.program.otp or body.get("ignoreOTP", False):
        return
    sent = tenant.one_time.get(profile.gameball_id)
    if sent is None or sent.expires_at <= now or sent.code != body.get("otp"):
        raise Refusal(3003, "otp is missing or wrong")


def use_otp(tenant: Tenant, profile: Profile) -> None:
    """A one-time password is good for one hold or redemption."""
    tenant.one_time.pop(profile.gameball_id, None)
