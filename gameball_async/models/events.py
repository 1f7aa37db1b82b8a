"""Events: what customers do, and what campaigns would give for it."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, cast

from attrs import field, frozen

from gameball_async.models.fields import Events, Number, check

RESERVED: Final = "place_order"
"""Tracking an order sends it; sent by hand it would count twice (C-28)."""


def as_events(values: Events) -> Events:
    """Keep a private copy; an event without metadata has an empty object (C-32)."""
    copied: Events = _copied(values)
    return copied


def _copied(values: Any) -> Any:
    if not isinstance(values, Mapping):
        return values
    events = cast("Mapping[object, object]", values)
    return {name: _metadata(given) for name, given in events.items()}


def _metadata(given: object) -> object:
    if given is None:
        return {}
    return {**cast("Mapping[str, Any]", given)} if isinstance(given, Mapping) else given


def refuse_reserved(request: Any) -> None:
    """Refuse events that the API sends by itself.

    Raises:
        ValueError: Naming the field and what to call instead.
    """
    if RESERVED in request.events:
        raise ValueError(
            f"{type(request).__name__}.events: {RESERVED} is reserved; orders.track sends it"
        )


@frozen(kw_only=True)
class EventsRequest:
    """Events of one customer, by name, with their metadata."""

    customer_id: str
    events: Events = field(converter=as_events)
    """Names, case-sensitive, and metadata: texts, numbers, or lists of them."""
    email: str | None = field(default=None, repr=False)
    mobile: str | None = field(default=None, repr=False)

    def __attrs_post_init__(self) -> None:
        check(self)
        refuse_reserved(self)


@frozen(kw_only=True)
class EventsPreviewRequest:
    """Events of one customer, to be looked at and not recorded."""

    customer_id: str
    events: Events = field(converter=as_events)
    email: str | None = field(default=None, repr=False)
    mobile: str | None = field(default=None, repr=False)

    __attrs_post_init__ = check


class PreviewReason(StrEnum):
    """What an event would do for a campaign."""

    REWARDED = "Rewarded"
    PROGRESS_ONLY = "ProgressOnly"
    NO_MATCHING_CONDITIONS = "NoMatchingConditions"
    NON_POINTS_REWARD = "NonPointsReward"


@frozen(kw_only=True, weakref_slot=False)
class CampaignProgressPreview:
    """How far an event would bring a campaign that it does not complete."""

    current_percentage: Number | None = None
    """0 to 100."""
    would_be_percentage: Number | None = None
    """0 to 100."""
    completion_reward_points: Number | None = None
    """None for coupons."""
    completion_reward_type: str | None = None
    """``Points`` or ``Coupon``."""


@frozen(kw_only=True, weakref_slot=False)
class CampaignPreview:
    """What one campaign would give for an event."""

    campaign_id: int | None = None
    campaign_name: str | None = None
    """In the language asked for, where there is one."""
    campaign_end_date: datetime | None = None
    """None is open-ended."""
    eligible: bool | None = None
    """Whether the event would count now."""
    reason: PreviewReason | str | None = None
    reward_type: str | None = None
    """``Points`` or ``Coupon``."""
    reward_points: Number | None = None
    """What the campaign offers, whatever the outcome; None for coupons."""
    coupon_type: str | None = None
    """Such as ``Fixed``, ``Percentage``, ``FreeShipping`` (C-54)."""
    coupon_value: Number | None = None
    """Money, or percent."""
    points: Number | None = None
    """Points really earned now, all achievements together."""
    times_achieved: Number | None = None
    """How often this one event completes the campaign."""
    progress: CampaignProgressPreview | None = None
    """Only where the event brings the campaign on and does not complete it."""


@frozen(kw_only=True, weakref_slot=False)
class EventPreview:
    """What one event would earn."""

    event_name: str | None = None
    valid: bool | None = None
    """False when the event could not be evaluated."""
    invalid_reason: str | None = None
    """Such as ``EventNotFound``, ``InvalidMetadata: ...``, ``PreviewFailed``."""
    total_points: Number | None = None
    campaigns: list[CampaignPreview] | None = None
    """Those that listen to the event and can still be won; empty is a success."""


@frozen(kw_only=True, weakref_slot=False)
class EventsPreview:
    """What events would earn."""

    customer_id: str | None = None
    total_points: Number | None = None
    """Of all events together."""
    events: list[EventPreview] | None = None
    """One for each event, in the order sent."""
