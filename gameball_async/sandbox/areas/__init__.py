"""The operations, one module for each area of the API."""

from __future__ import annotations

from typing import Final

from gameball_async.sandbox.areas import coupons, customers, orders, transactions
from gameball_async.sandbox.routes import RouteTable

ROUTES: Final = RouteTable(
    [*customers.ROUTES, *orders.ROUTES, *transactions.ROUTES, *coupons.ROUTES]
)
