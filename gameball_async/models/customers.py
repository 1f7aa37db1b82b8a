"""Customers: who takes part in the program."""

from typing import Any

from attrs import field, frozen

from gameball_async.models.fields import Number, check


@frozen(kw_only=True, weakref_slot=False)
class CustomerAttributes:
    """A customer's profile without personal data."""

    gender: str | None = None
    country: str | None = None
    city: str | None = None
    zip: str | None = None
    custom: dict[str, Any] | None = field(default=None, repr=False)
    """Your own attributes."""
    tags: list[str] | None = None
    source: str | None = None
    """Where the registration came from."""
    utms: list[Any] | None = field(default=None, metadata={"also": ("utMs",)})
    """UTM records; the wire spells the member in two ways (C-44)."""
    devices: list[Any] | None = field(default=None, repr=False)
    payment_methods: list[str] | None = None
    total_spent: Number | None = None
    """Lifetime spend in the account's currency."""
    last_order_date: str | None = None
    total_orders: Number | None = None
    manual_date: str | None = None
    """A date kept for entries by hand."""


@frozen(kw_only=True, weakref_slot=False)
class Customer:
    """A customer without personal data."""

    gameball_id: int | None = None
    """Gameball's own id."""
    customer_id: str | None = None
    """Your id."""
    customer_attributes: CustomerAttributes | None = None
    referral_code: str | None = None
    """The code this customer shares."""
    referral_link: str | None = None
    is_referred: bool | None = None
    """Whether somebody recommended this customer."""
    dynamic_referral_link: str | None = None
    """For apps."""


@frozen(kw_only=True)
class CustomerActivationRequest:
    """Whether a customer is to take part."""

    is_active: bool

    __attrs_post_init__ = check


@frozen(kw_only=True, weakref_slot=False)
class CustomerActivation:
    """Whether a customer takes part."""

    customer_id: str | None = None
    is_active: bool | None = None
    state_changed: bool | None = None
    """True only when this call changed something."""
