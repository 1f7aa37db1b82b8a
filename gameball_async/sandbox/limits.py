"""The documented rate limits, and how many requests each bucket has seen."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from typing import Final, Literal

TRANSACTIONS_GET: Final = "Transactions GET"
TRANSACTIONS_POST: Final = "Transactions POST"
COUPONS: Final = "Coupons"
CUSTOMERS_GET: Final = "Customers GET"
CUSTOMERS_POST: Final = "Customers POST"
ORDERS_TRACKING: Final = "Orders (Tracking)"
ORDERS_CASHBACK: Final = "Orders (Cashback)"
EVENTS: Final = "Events"
OTHERS: Final = "Others"

PUBLISHED: Final = {
    TRANSACTIONS_GET: (30, 360),
    TRANSACTIONS_POST: (30, 360),
    COUPONS: (30, 360),
    CUSTOMERS_GET: (100, 1200),
    CUSTOMERS_POST: (30, 360),
    ORDERS_TRACKING: (30, 360),
    ORDERS_CASHBACK: (1000, 15_000),
    EVENTS: (100, 1200),
    OTHERS: (30, 360),
}
"""Requests per second and per 30 seconds. Source: docs.gameball.co, "Rate Limiting"."""

_SECOND: Final = timedelta(seconds=1)
_HALF_MINUTE: Final = timedelta(seconds=30)


class Windows:
    """The arrivals of one tenant, bucket by bucket; both windows slide."""

    __slots__ = ("_arrivals", "_factor")

    def __init__(self, limits: Literal["off", "documented"] | float) -> None:
        self._factor = None if limits == "off" else 1.0 if limits == "documented" else float(limits)
        self._arrivals: dict[str, deque[datetime]] = {}

    def admit(self, bucket: str, now: datetime) -> bool:
        """Count an arrival, unless a window is full; a refused one does not count."""
        if self._factor is None:
            return True
        burst, quota = (max(1, int(limit * self._factor)) for limit in PUBLISHED[bucket])
        seen = self._arrivals.setdefault(bucket, deque(maxlen=quota))
        if len(seen) >= burst and seen[-burst] > now - _SECOND:
            return False
        if len(seen) == quota and seen[0] > now - _HALF_MINUTE:
            return False
        seen.append(now)
        return True
