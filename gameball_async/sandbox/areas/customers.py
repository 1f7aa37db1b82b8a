"""``/customers``: the profile, and opting in and out."""

from __future__ import annotations

from typing import Final

from gameball_async.sandbox.ledger import Profile
from gameball_async.sandbox.limits import CUSTOMERS_GET, CUSTOMERS_POST
from gameball_async.sandbox.refusals import Refusal
from gameball_async.sandbox.routes import Route, Visit
from gameball_async.sandbox.shapes import Member, Shape, flag
from gameball_async.sandbox.wire import JsonObject, shown, written

ACTIVATION: Final = Shape({"isActive": Member(flag, required=True)})


def _profile(visit: Visit) -> Profile:
    """The customer in the path."""
    customer_id = visit.path["customerId"]
    profile = visit.tenant.find(customer_id)
    if profile is None:
        raise Refusal(7000, f"customer {customer_id!r} does not exist")
    return profile


def get(visit: Visit) -> JsonObject:
    """``GET /customers/{customerId}``."""
    profile = _profile(visit)
    attributes: JsonObject = {}
    if profile.last_order is not None:
        attributes = {
            "totalSpent": shown(profile.total_spent),
            "lastOrderDate": written(profile.last_order),
            "totalOrders": profile.total_orders,
        }
    link = f"https://shop.example/?referralCode={profile.referral_code}"
    return {
        "gameballId": profile.gameball_id,
        "customerId": visit.path["customerId"],
        "customerAttributes": attributes,
        "referralCode": profile.referral_code,
        "referralLink": link,
        "isReferred": profile.is_referred,
        "dynamicReferralLink": link,
    }


def activate(visit: Visit) -> JsonObject:
    """``PUT /customers/{customerId}/activate``: in or out of the program."""
    profile, wanted = _profile(visit), visit.body["isActive"]
    changed = profile.is_active is not wanted
    profile.is_active = wanted
    return {
        "customerId": visit.path["customerId"],
        "isActive": wanted,
        "stateChanged": changed,
    }


def _customer_of_path(visit: Visit) -> object:
    customer_id = visit.path["customerId"]
    return visit.tenant.find(customer_id) or customer_id


ROUTES: Final = (
    Route(
        method="GET",
        path="/customers/{customerId}",
        bucket=CUSTOMERS_GET,
        answer=get,
        secret=False,
    ),
    Route(
        method="PUT",
        path="/customers/{customerId}/activate",
        bucket=CUSTOMERS_POST,
        answer=activate,
        body=ACTIVATION,
        writes=_customer_of_path,
        busy_status=400,
    ),
)
