"""The nouns: what travels, in files named as the endpoints are; each is loaded when it is used."""

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gameball_async.models import (
        batches,
        configurations,
        coupons,
        customers,
        events,
        leaderboard,
        movements,
        orders,
        payments,
        progress,
        referrals,
        transactions,
    )

__all__ = (
    "batches",
    "configurations",
    "coupons",
    "customers",
    "events",
    "leaderboard",
    "movements",
    "orders",
    "payments",
    "progress",
    "referrals",
    "transactions",
)


def __getattr__(name: str) -> ModuleType:
    """Import the file *name*."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module(f"{__name__}.{name}")
