"""``/customers/{customerId}/activities``: the ledger of a customer as a log to read."""

from __future__ import annotations

from typing import Final

from gameball_async.sandbox.ledger import Row
from gameball_async.sandbox.limits import CUSTOMERS_GET
from gameball_async.sandbox.pages import CURSOR, LIMIT, page_of
from gameball_async.sandbox.routes import Route, Visit, customer_in_path
from gameball_async.sandbox.shapes import IGNORED, Shape, one_of
from gameball_async.sandbox.wire import JsonObject, shown

_TYPES: Final = {
    "ManualAccumulation": "BalanceAdjustment",
    "ManualDeduction": "BalanceAdjustment",
    "DiscountCode": "Redemption",
}
"""Ledger types that the log calls otherwise (C-65)."""

_UNKNOWN: Final = (
    "score",
    "familyRedemptionAmount",
    "familyRedemptionPoints",
    "campaignName",
    "campaignStartDate",
    "campaignEndDate",
    "campaignEnabled",
    "tierName",
    "rewardFactor",
    "couponGroup",
    "couponProduct",
    "couponProductId",
    "productVariantName",
)
"""Members that are always null here."""

_FILTER: Final = {
    "activityType": one_of(
        *("TierUpgraded", "TierDowngraded", "TierMigration", "CampaignRewarded"),
        *("SuccessfulAction", "Referral", "Referred", "ReferralBonusReward", "PaymentReward"),
        *("Refund", "Redemption", "Cancel", "Expiry", "Migration", "Lifetime", "Automation"),
    ),
    "lang": IGNORED,
}
COUNT: Final = Shape(_FILTER)
LIST: Final = Shape({**_FILTER, "startAfter": CURSOR, "limit": LIMIT})


def _type(row: Row) -> str:
    return _TYPES.get(row.entry.type, row.entry.type)


def _asked(visit: Visit) -> list[Row]:
    """The rows that match, oldest first."""
    wanted = visit.query.get("activityType")
    return [row for row in customer_in_path(visit).rows if wanted in {None, _type(row)}]


def list_them(visit: Visit) -> JsonObject:
    """``GET /customers/{customerId}/activities``: a page of the log."""
    page, has_more = page_of(visit, _asked(visit), lambda row: row.id)
    return {
        "activities": [_shown(visit, row) for row in page],
        "count": len(page),
        "hasMore": has_more,
    }


def _shown(visit: Visit, row: Row) -> JsonObject:
    """A row of the log; its date is text to read."""
    entry, attributes, program = row.entry, row.profile.attributes, visit.program
    kind, time = _type(row), row.entry.time
    rewarded, redeemed = kind == "PaymentReward", kind == "Redemption"
    worth = shown(row.points * program.redemption_factor)
    return {
        "activityId": row.id,
        "activityType": kind,
        "activityDay": f"{time:%A}",
        "activityDate": f"{time:%B} {time.day}, {time.year}",
        "activityTime": f"{time:%H:%M:%S}",
        "customerId": entry.customer_id,
        "email": attributes.get("email"),
        "phoneNumber": attributes.get("mobile"),
        "displayName": attributes.get("displayName"),
        "transactionId": entry.transaction_id,
        "isManualActivity": kind == "BalanceAdjustment",
        "points": row.points,
        "reason": entry.reason,
        "calculatedRedemption": worth,
        "actualRedemption": worth if redeemed else None,
        "paymentRewardAmount": worth if rewarded else None,
        "outstandingPoints": row.lot.left if row.lot else None,
        "rewardThreshold": shown(program.amount_reward_threshold),
        "currency": program.currency,
        "redemptionRewardFactor": shown(program.redemption_factor),
        "rewardPoints": row.points if rewarded else None,
        "isGuest": row.profile.is_guest,
        "couponUsed": row.coupon_used,
        "couponType": row.coupon_type,
        "couponCode": row.coupon_code,
        **dict.fromkeys(_UNKNOWN),
    }


def count_them(visit: Visit) -> JsonObject:
    """``GET /customers/{customerId}/activities/count``."""
    return {"count": len(_asked(visit))}


ROUTES: Final = (
    Route(
        method="GET",
        path="/customers/{customerId}/activities",
        bucket=CUSTOMERS_GET,
        answer=list_them,
        query=LIST,
    ),
    Route(
        method="GET",
        path="/customers/{customerId}/activities/count",
        bucket=CUSTOMERS_GET,
        answer=count_them,
        query=COUNT,
    ),
)
