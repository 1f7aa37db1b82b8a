"""What orders and payments have in common: the checks, the redemption, and the rows they write."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from attrs import frozen

from gameball_async.sandbox.checks import check_active, check_new_id, check_time
from gameball_async.sandbox.coupon_rules import Purchase, burn, cannot_combine, why_unusable
from gameball_async.sandbox.ledger import Entry, Friend, Profile, Row
from gameball_async.sandbox.originals import Line, Original
from gameball_async.sandbox.points import Earning, EarningRow
from gameball_async.sandbox.program import Program
from gameball_async.sandbox.refusals import Refusal
from gameball_async.sandbox.routes import Visit
from gameball_async.sandbox.shapes import (
    IGNORED,
    TEXT,
    Member,
    Shape,
    array_of,
    text,
    whole_between,
)
from gameball_async.sandbox.tenant import Hold, Lock
from gameball_async.sandbox.wire import JsonObject, shown, written_or_none

REDEMPTION: Final = Shape(
    {
        "pointsHoldReference": TEXT,
        "couponsLockReference": TEXT,
        "couponCodes": Member(array_of(text)),
        "lockReference": IGNORED,
    }
)
"""The last one is a name that only tutorials use (C-26)."""

RETURN_WINDOW: Final = Member(Shape({"returnWindow": Member(whole_between(0, 7300))}).read)


@frozen
class Sale:
    """An order or a payment, under the names that both share."""

    id: str
    time: datetime | None
    paid: int | Decimal
    purchase: Purchase
    """What coupons need to know of it."""
    is_order: bool


@frozen
class Redemption:
    """What a sale redeems; everything has been checked."""

    hold: Hold | None
    lock: Lock | None
    codes: tuple[str, ...]

    @property
    def points(self) -> int | None:
        """The points of the hold; None without one."""
        return self.hold.points if self.hold else None


def checked(visit: Visit, sale: Sale) -> tuple[Profile | None, Redemption]:
    """The customer, None when unknown, and the redemption; nothing is stored yet."""
    tenant, body = visit.tenant, visit.body
    check_new_id(tenant, sale.id)
    profile = tenant.find(body["customerId"], body)
    check_active(profile)
    check_time(profile, sale.time, visit.now)
    return profile, _redemption(visit, profile, sale.purchase)


def complete(
    visit: Visit, sale: Sale, profile: Profile | None, redemption: Redemption, earning: Earning
) -> Profile:
    """Store the sale and return its customer, who may be new; burn what it redeems."""
    profile = profile or new_customer(visit, guest=True)
    _register(visit, profile, sale)
    burn(visit.tenant, profile, redemption.codes, redemption.lock)
    _move_points(visit, profile, sale, redemption.hold, earning)
    return profile


def new_customer(visit: Visit, *, guest: bool) -> Profile:
    """A customer that was unknown; a referral code that is somebody's counts now (C-31)."""
    tenant, body = visit.tenant, visit.body
    profile = tenant.create()
    profile.is_guest = guest
    referrer = tenant.referrer(body.get("referrerCode"))
    if referrer is not None:
        profile.is_referred = True
        referrer.friends.append(Friend(body["customerId"], profile, visit.now))
    return profile


def _register(visit: Visit, profile: Profile, sale: Sale) -> None:
    """Store the sale itself, and what it tells about the customer."""
    tenant, body = visit.tenant, visit.body
    tenant.remember(profile, body)
    tenant.transaction_ids.add(sale.id)
    if sale.time is not None:
        profile.times.add(sale.time)
    profile.is_guest = profile.is_guest and body.get("guest", False)
    if sale.is_order:
        tenant.ledger.open_order(sale.id)
        profile.total_spent += sale.paid
        profile.total_orders += 1
        profile.last_order = sale.time or visit.now


def _redemption(visit: Visit, profile: Profile | None, purchase: Purchase) -> Redemption:
    """The hold and the coupons of the sale."""
    named = visit.body.get("redemption", {})
    hold = lock = None
    if "pointsHoldReference" in named:
        hold = usable_hold(visit, profile, named["pointsHoldReference"])
    if "couponsLockReference" in named:
        lock = visit.tenant.locks.get(named["couponsLockReference"])
        if lock is None or lock.profile is not profile:
            raise Refusal(3003, f"{named['couponsLockReference']!r} is no lock of the customer")
    codes = _codes(visit, profile, lock, named.get("couponCodes", ()), purchase)
    return Redemption(hold, lock, codes)


def usable_hold(visit: Visit, profile: Profile | None, reference: str) -> Hold:
    """The hold, if it is the customer's and its points have not expired meanwhile."""
    hold = visit.tenant.live_hold(reference)
    if profile is None or hold.profile is not profile:
        raise Refusal(9006, f"hold reference {reference!r} not found")
    if hold.points > profile.balance.active:
        raise Refusal(9008, "insufficient points: held points have expired")
    return hold


def _codes(
    visit: Visit,
    profile: Profile | None,
    lock: Lock | None,
    named: tuple[str, ...],
    purchase: Purchase,
) -> tuple[str, ...]:
    """The codes to burn: the locked ones and those that the sale names."""
    coupons = visit.tenant.coupons
    locked = [code for code in lock.codes if coupons[code].lock is lock] if lock else []
    codes = tuple(dict.fromkeys([*locked, *named]))
    for code in codes:
        _check_code(visit, profile, code, purchase)
    apart = cannot_combine([coupons[code].coupon for code in codes])
    if apart:
        raise Refusal(4000, f"coupons cannot be combined: {', '.join(sorted(apart))}")
    return codes


def _check_code(visit: Visit, profile: Profile | None, code: str, purchase: Purchase) -> None:
    """Refuse a code that the customer cannot use; inside a lock of the customer's it can be."""
    use = visit.tenant.coupons.get(code)
    if use is None:
        raise Refusal(3003, f"coupon {code!r} does not exist")
    if use.lock is not None and use.lock.profile is profile:
        return
    reason = why_unusable(use, profile, purchase, visit.now, None)
    if reason is None and visit.program.codes_need_lock:
        reason = "notLocked"
    if reason is not None:
        raise Refusal(3015 if reason == "expired" else 4000, f"coupon {code!r}: {reason}")


def _move_points(
    visit: Visit, profile: Profile, sale: Sale, hold: Hold | None, earning: Earning
) -> None:
    """Write the rows of the sale: first what was redeemed, then what was earned."""
    body, program, ledger = visit.body, visit.program, visit.tenant.ledger
    entry = entry_of(visit, sale.id, sale.time, sale.paid)
    redeemed = earned = None
    if hold is not None:
        hold.end("used")
        worth = hold.points * program.redemption_factor
        redeemed = ledger.debit(profile, entry.of("Redemption", worth), hold.points)
    if earning.points:
        days = body.get("cashbackConfigurations", {}).get("returnWindow")
        earned = reward(visit, profile, entry, earning.points, days)
    elif hold is None:
        ledger.unrewarded(profile, entry.of("Payment", entry.amount))
    visit.tenant.originals[sale.id] = Original(
        profile,
        sale.time,
        sale.id if sale.is_order else None,
        paid=Decimal(sale.paid),
        factor=program.redemption_factor,
        lot=earned.lot if earned else None,
        base_left=earning.base_points,
        extra_left=earning.points - earning.base_points - earning.shipping_points,
        lines=[
            Line(row.product_id, row.quantity, row.base_points, row.points)
            for row in earning.products
        ],
        redeemed=list(redeemed.spent) if redeemed else [],
    )


def entry_of(
    visit: Visit, transaction_id: str, time: datetime | None, paid: int | Decimal
) -> Entry:
    """The cause of the rows of a sale or of a cashback."""
    merchant: JsonObject = visit.body.get("merchant", {})
    return Entry(
        type="PaymentReward",
        transaction_id=transaction_id,
        customer_id=visit.body["customerId"],
        amount=Decimal(paid),
        time=time or visit.now,
        reason=visit.body.get("reason"),
        merchant=merchant.get("name"),
        branch=merchant.get("branch", {}).get("name"),
    )


def reward(visit: Visit, profile: Profile, entry: Entry, points: int, days: int | None) -> Row:
    """Add *points* that stay Pending for *days*, or as long as the account says."""
    program = visit.program
    days = program.return_window_days if days is None else days
    active_at = visit.now + timedelta(days=days)
    expiry = program.points_expiry_days
    if program.notify_of_points:
        text = f"You have earned {points} {program.points_name}."
        visit.tenant.notify(profile, "Well done!", text, visit.now)
    return visit.tenant.ledger.credit(
        profile,
        entry,
        points,
        active_at=active_at if days else None,
        expires_at=active_at + timedelta(days=expiry) if expiry else None,
    )


def quote_members(row: EarningRow, program: Program) -> JsonObject:
    """What a quote says about the points of a row."""
    campaign = row.campaign
    end = campaign.end_date if campaign else None
    return {
        "totalDecimalPoints": shown(row.decimal_points),
        "totalPoints": row.points,
        "totalScore": None,
        "rewardWalletFactor": shown(program.reward_wallet_factor),
        "campaignId": campaign.id if campaign else None,
        "campaignName": campaign.name if campaign else None,
        "campaignEndDate": written_or_none(end),
        "campaignImpactWalletFactor": shown(campaign.multiplier) if campaign else None,
        "campaignImpactPoints": shown(row.impact) if campaign else None,
    }
