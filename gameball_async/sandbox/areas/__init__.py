"""The operations, one module for each area of the API."""

from __future__ import annotations

from typing import Final

from gameball_async.sandbox.areas import (
    activities,
    batches,
    configurations,
    coupons,
    customers,
    events,
    examples,
    notifications,
    orders,
    payments,
    promotions,
    redemptions,
    referrals,
    refunds,
    rewards,
    social,
    tags,
    transactions,
)
from gameball_async.sandbox.routes import RouteTable

ROUTES: Final = RouteTable(
    [
        *customers.ROUTES,
        *tags.ROUTES,
        *notifications.ROUTES,
        *activities.ROUTES,
        *referrals.ROUTES,
        *orders.ROUTES,
        *payments.ROUTES,
        *transactions.ROUTES,
        *redemptions.ROUTES,
        *rewards.ROUTES,
        *refunds.ROUTES,
        *coupons.ROUTES,
        *promotions.ROUTES,
        *events.ROUTES,
        *batches.ROUTES,
        *configurations.ROUTES,
        *social.ROUTES,
        *examples.ROUTES,
    ]
)
