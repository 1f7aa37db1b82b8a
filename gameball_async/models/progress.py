"""Progress: a customer's points, tier, campaigns, friends, and what happened so far."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from attrs import field, frozen

from gameball_async.models.configurations import RewardCampaign
from gameball_async.models.fields import Number


@frozen(kw_only=True, weakref_slot=False)
class Balance:
    """What a customer has; it can be below zero after a refund."""

    total_points_balance: Number | None = None
    """All points, pending ones included; None or 0 while the program is disabled (C-89)."""
    total_points_value: Number | None = None
    """Their worth in `currency`; never compute it, the worth of a point differs (C-10)."""
    available_points_balance: Number | None = None
    """Points that can be spent now."""
    available_points_value: Number | None = None
    pending_points: Number | None = None
    """Points inside the return window."""
    pending_points_value: Number | None = None
    currency: str | None = None
    points_name: str | None = None
    """What the program calls its points."""
    next_expiring_points_amount: Number | None = None
    """Points that expire next."""
    next_expiring_points_value: Number | None = None
    next_expiring_points_date: datetime | None = None
    """When; the wire names no zone (C-16)."""
    total_earned_points: Number | None = None
    """Points of the whole lifetime."""
    gameball_status: str | None = field(default=None, metadata={"rare": True})
    """Only while the program is disabled, as the two that follow (C-89)."""
    message: str | None = field(default=None, metadata={"rare": True})
    learn_more: str | None = field(default=None, metadata={"rare": True})
    """A link."""


@frozen(kw_only=True, weakref_slot=False)
class TierLevel:
    """A tier as a step of a customer's way."""

    order: Number | None = None
    """Rank; higher is better."""
    name: str | None = None
    min_progress: Number | None = None
    """Progress at which it is reached (C-46)."""
    icon: str | None = None


@frozen(kw_only=True, weakref_slot=False)
class TierCompletion:
    """A row of the array that one tutorial shows in place of the object (C-46)."""

    tier_name: str | None = None
    tier_id: int | None = None
    completion_percentage: Number | None = None
    achieved_points: Number | None = None
    next_tier_progress: Any = None


@frozen(kw_only=True, weakref_slot=False)
class TierProgressAnswer:
    """The object, or a row of the array, that is answered about a tier (C-46)."""

    current: TierLevel | None = None
    next: TierLevel | None = None
    progress: Number | None = None
    tier_name: str | None = field(default=None, metadata={"rare": True})
    tier_id: int | None = field(default=None, metadata={"rare": True})
    completion_percentage: Number | None = field(default=None, metadata={"rare": True})
    achieved_points: Number | None = field(default=None, metadata={"rare": True})
    next_tier_progress: Any = field(default=None, metadata={"rare": True})


@frozen(kw_only=True, weakref_slot=False)
class TierProgress:
    """Where a customer stands among the tiers."""

    current: TierLevel | None = None
    next: TierLevel | None = None
    """None at the top."""
    progress: Number | None = None
    """In the unit of the account's tiers: money spent, points, orders, friends or score."""
    rows: tuple[TierCompletion, ...] = field(default=(), metadata={"wire": None})
    """What came in place of all above, where the API answers with an array (C-46)."""


def tier_progress_of(answers: list[TierProgressAnswer]) -> TierProgress:
    """Make one value of either shape that is documented (C-46).

    Args:
        answers: The object as a list of one, or the rows of the array.

    Returns:
        The object's members where there is one; else the rows, of which none is said to be the
        customer's own tier.
    """
    objects = [it for it in answers if it.tier_name is None and it.tier_id is None]
    if objects:
        whole = objects[0]
        return TierProgress(current=whole.current, next=whole.next, progress=whole.progress)
    rows = tuple(
        TierCompletion(
            tier_name=it.tier_name,
            tier_id=it.tier_id,
            completion_percentage=it.completion_percentage,
            achieved_points=it.achieved_points,
            next_tier_progress=it.next_tier_progress,
        )
        for it in answers
    )
    return TierProgress(rows=rows)


@frozen(kw_only=True, weakref_slot=False)
class CampaignProgress:
    """How far a customer is in one campaign."""

    rewards_campaign_name: str | None = None
    rewards_campaign_id: int | None = None
    is_unlocked: bool | None = None
    high_score_amount: Number | None = None
    """Best score, in high-score campaigns."""
    current_streak: Number | None = None
    """Daily streak."""
    highest_streak: Number | None = None
    completion_percentage: Number | None = None
    """0 to 100."""
    achieved_count: Number | None = None
    can_achieve: bool | None = None
    """Whether the customer can take part now."""
    reward_campaign_configuration: RewardCampaign | None = None
    """The campaign itself; it has no `availability` here."""


class ReferralStatus(StrEnum):
    """Whether a friend has done what the program asks for."""

    ACTIVE = "Active"
    PENDING = "Pending"


@frozen(kw_only=True, weakref_slot=False)
class ReferredFriend:
    """Somebody whom a customer recommended the shop to."""

    customer_id: str | None = None
    display_name: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    mobile_number: str | None = field(default=None, repr=False)
    join_date: datetime | None = None
    status: ReferralStatus | str | None = None
    gameball_id: int | None = field(default=None, metadata={"rare": True})
    """Gameball's own id, which the list's cursor is; the documented rows lack it (C-42)."""


@frozen(kw_only=True, weakref_slot=False)
class ReferredFriendPage:
    """One page of friends."""

    referred_friends: list[ReferredFriend] | None = None
    count: int | None = None
    """Rows of this page, in theory (C-41)."""
    has_more: bool | None = None


@frozen(kw_only=True, weakref_slot=False)
class ReferralCount:
    """How many friends there are."""

    count: int | None = None
    total_pending: int | None = None
    total_active: int | None = None


class ActivityType(StrEnum):
    """What happened; the last one stands in answers only and filters nothing."""

    TIER_UPGRADED = "TierUpgraded"
    TIER_DOWNGRADED = "TierDowngraded"
    TIER_MIGRATION = "TierMigration"
    CAMPAIGN_REWARDED = "CampaignRewarded"
    SUCCESSFUL_ACTION = "SuccessfulAction"
    REFERRAL = "Referral"
    REFERRED = "Referred"
    REFERRAL_BONUS_REWARD = "ReferralBonusReward"
    PAYMENT_REWARD = "PaymentReward"
    REFUND = "Refund"
    REDEMPTION = "Redemption"
    CANCEL = "Cancel"
    EXPIRY = "Expiry"
    MIGRATION = "Migration"
    LIFETIME = "Lifetime"
    AUTOMATION = "Automation"
    BALANCE_ADJUSTMENT = "BalanceAdjustment"


@frozen(kw_only=True, weakref_slot=False)
class Activity:
    """One entry of a customer's log (C-66). Its dates are made for display and stay text (C-16)."""

    activity_id: int | None = None
    activity_type: ActivityType | str | None = None
    activity_day: str | None = None
    """E.g. ``Sunday``."""
    activity_date: str | None = None
    """E.g. ``October 20, 2024``."""
    activity_time: str | None = None
    """E.g. ``19:27:33``."""
    customer_id: str | None = None
    email: str | None = field(default=None, repr=False)
    phone_number: str | None = field(default=None, repr=False)
    display_name: str | None = field(default=None, repr=False)
    transaction_id: str | None = None
    """Your id: of the order, the payment or the entry."""
    is_manual_activity: bool | None = None
    points: Number | None = None
    score: Number | None = None
    reason: str | None = None
    calculated_redemption: Number | None = None
    """What the points would be worth, money."""
    actual_redemption: Number | None = None
    """What was redeemed, money."""
    family_redemption_amount: Number | None = None
    """Money from a family wallet (C-67)."""
    family_redemption_points: Number | None = None
    """Points from a family wallet (C-67)."""
    payment_reward_amount: Number | None = None
    """Cashback, money."""
    outstanding_points: Number | None = None
    """Points of this transaction that are still left."""
    reward_threshold: Number | None = None
    """Spend that earns the configured points."""
    currency: str | None = None
    redemption_reward_factor: Number | None = None
    """Money per point."""
    campaign_name: str | None = None
    campaign_start_date: str | None = None
    campaign_end_date: str | None = None
    campaign_enabled: bool | None = None
    """At that time."""
    tier_name: str | None = None
    """The tier reached."""
    reward_points: Number | None = None
    reward_factor: Number | None = None
    """An opaque figure (C-05)."""
    is_guest: bool | None = None
    coupon_used: bool | None = None
    coupon_type: str | None = None
    """E.g. ``percentage_discount`` (C-54)."""
    coupon_code: str | None = None
    coupon_group: str | None = None
    coupon_product: str | None = None
    """Its name."""
    coupon_product_id: str | None = None
    """A number on this wire, text everywhere else."""
    product_variant_name: str | None = None


@frozen(kw_only=True, weakref_slot=False)
class ActivityPage:
    """One page of a log."""

    activities: list[Activity] | None = None
    count: int | None = None
    """Rows of this page, in theory (C-41)."""
    has_more: bool | None = None


@frozen(kw_only=True, weakref_slot=False)
class AutomationStep:
    """A step of an automation."""

    type: str | None = None
    order: Number | None = None
    completed: bool | None = None
    configuration: dict[str, Any] | None = None
    """Free settings, such as a badge's name and icon."""


@frozen(kw_only=True, weakref_slot=False)
class Automation:
    """An automation, and how far the customer is in it."""

    order: Number | None = None
    name: str | None = None
    """For the account, not for the customer."""
    is_unlocked: bool | None = None
    completed: bool | None = None
    steps: list[AutomationStep] | None = None
    completion_percentage: Number | None = None


@frozen(kw_only=True, weakref_slot=False)
class AutomationCampaign:
    """A campaign's automations."""

    automation: list[Automation] | None = None
    automation_count: int | None = None


@frozen(kw_only=True, weakref_slot=False)
class AutomationCampaigns:
    """Every automation campaign of a customer; not paged."""

    campaigns: list[AutomationCampaign] | None = None
    count: int | None = None


@frozen(kw_only=True, weakref_slot=False)
class StampsProgress:
    """How far a customer's stamp card is."""

    number_of_completed_steps: Number | None = None
    """In this round."""
    number_of_times_earned: Number | None = None
    """Rounds completed."""
    can_achieve_again: bool | None = None
    remaining_tries: Number | None = None
    """Completions left in this interval."""
    challenge_end_date: str | None = None
    """In the ACCOUNT's time zone, which the answer does not tell: so it stays text."""
    reward_name: str | None = None
    coupon_name: str | None = None


@frozen(kw_only=True, weakref_slot=False)
class StreakReward:
    """The reward that a streak earns now."""

    name: str | None = None
    type: str | None = None
    """``points`` or ``coupon``."""
    value: str | None = None
    """The points, or the coupon's text."""


@frozen(kw_only=True, weakref_slot=False)
class StreakBadge:
    """A badge for a day of a streak."""

    milestone_day: Number | None = None
    name: str | None = None
    image_url: str | None = None
    earned: bool | None = None
    earned_date: str | None = None
    """Text, as every date of a streak."""


@frozen(kw_only=True, weakref_slot=False)
class StreakProgress:
    """A customer's daily streak; its dates are the ACCOUNT's, without a zone, and stay text."""

    current_streak_count: Number | None = None
    highest_streak_count: Number | None = None
    total_rewards_earned: Number | None = None
    ongoing_reward: StreakReward | None = None
    next_milestone: Number | None = None
    """Streak count of the next reward; None at the last."""
    last_activity_date: str | None = None
    campaign_end_date: str | None = None
    badges: list[StreakBadge] | None = None
    """By day, ascending."""
