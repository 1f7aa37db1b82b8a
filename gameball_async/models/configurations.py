"""Configurations: how the account's program is set up."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from attrs import field, frozen

from gameball_async.models.fields import Number, as_tuple, check


@frozen(kw_only=True, weakref_slot=False)
class CashbackRule:
    """How many points money earns."""

    tier_name: str | None = field(default=None, metadata={"rare": True})
    """The tier it is for; None in the rule for everybody."""
    amount_reward_threshold: Number | None = None
    """The smallest spend that earns, and the divisor: points = spend / threshold x factor."""
    reward_wallet_factor: Number | None = None
    """Points per threshold."""
    reward_rank_factor: Number | None = None
    """Score per unit of currency."""
    reward_factor: Number | None = None
    """Percent, computed by Gameball: an opaque figure (C-05)."""


@frozen(kw_only=True, weakref_slot=False)
class CashbackRules:
    """The rule for everybody, and the rules of tiers, which go before it."""

    default_cashback_rule: CashbackRule | None = None
    tier_cashback_rules: list[CashbackRule] | None = None


@frozen(kw_only=True, weakref_slot=False)
class CouponRewardProduct:
    """The product that a coupon gives."""

    product_id: str | None = None
    product_name: str | None = None
    variant_id: str | None = None
    variant_name: str | None = None
    product_display_name: str | None = None
    """In the customer's language."""


@frozen(kw_only=True, weakref_slot=False)
class CouponRewardCollection:
    """A collection that a coupon is limited to."""

    collection_id: str | None = None
    collection_name: str | None = None


@frozen(kw_only=True, weakref_slot=False)
class CouponGroup:
    """A group of coupons of a third party."""

    handle: str | None = None
    """Its key."""
    title: str | None = None
    url: str | None = None
    icon_path: str | None = None
    description: str | None = None
    max_per_customer: Number | None = None
    start_date: datetime | None = None
    expiry_date: datetime | None = None
    is_available: bool | None = None
    """Whether codes are left."""
    is_active: bool | None = None


@frozen(kw_only=True, weakref_slot=False)
class CouponOptions:
    """How a coupon is made."""

    name: str | None = None
    """In the customer's language."""
    expiry_after: Number | None = None
    """Days."""
    usage_limit: Number | None = None
    """Uses of one code."""
    capping: Number | None = None
    """The most it takes off, money."""
    min_order_value: Number | None = None
    """The smallest order that qualifies, money."""
    code_prefix: str | None = None
    redeem_instructions: str | None = None
    """For the customer."""


@frozen(kw_only=True, weakref_slot=False)
class CouponReward:
    """A coupon as a reward, a benefit, or what points buy."""

    coupon_type: str | None = field(default=None, metadata={"also": ("type",)})
    """Such as ``free_shipping``, ``percentage_discount`` (C-54); a tutorial says type (C-49)."""
    discount_value: Number | None = field(default=None, metadata={"also": ("value",)})
    """Money or percent; a tutorial says value (C-49)."""
    product: CouponRewardProduct | None = None
    collections: list[CouponRewardCollection] | None = None
    group: CouponGroup | None = None
    options: CouponOptions | None = None
    min_order_value: Number | None = field(default=None, metadata={"rare": True})
    """A tutorial has it here and not in `options` (C-50)."""


@frozen(kw_only=True, weakref_slot=False)
class RedemptionRule:
    """What points can be turned into."""

    id: int | None = None
    """The rule's id for coupons, holds and one-time passwords."""
    points_to_redeem: Number | None = None
    """Points needed; None is any number."""
    value_of_point: Number | None = None
    """Said to be money per point; a sample holds the discount's value (C-10)."""
    rule_type: str | None = None
    """Such as ``free_shipping_settings``, ``percentage_discount_settings`` (C-54)."""
    coupon: CouponReward | None = None
    image: str | None = None
    creation_date: datetime | None = None
    is_active: bool | None = None
    """Whether new coupons can be made; old ones stay valid."""


@frozen(kw_only=True, weakref_slot=False)
class RedemptionRules:
    """What a point is worth, and what points can be turned into."""

    redemption_factor: Number | None = None
    """Money per point: 0.1 makes 10 points worth 1."""
    redemption_rules: list[RedemptionRule] | None = None


@frozen(kw_only=True, weakref_slot=False)
class CouponEngineParameter:
    """A header or a query parameter with which Gameball calls your coupon engine."""

    key: str | None = None
    value: str | None = field(default=None, repr=False)
    """Often a secret."""


@frozen(kw_only=True, weakref_slot=False)
class CouponMapping:
    """What your system calls the kinds of coupons."""

    fixed: str | None = None
    percentage: str | None = None
    free_product: str | None = None
    free_shipping: str | None = None


@frozen(kw_only=True, weakref_slot=False)
class CouponPlatform:
    """A platform that coupons are for."""

    display_name: str | None = None
    value: str | None = None


@frozen(kw_only=True, weakref_slot=False)
class CouponEngine:
    """How Gameball calls your own coupon engine."""

    url: str | None = None
    method: str | None = None
    query_params: list[CouponEngineParameter] | None = None
    headers: list[CouponEngineParameter] | None = None
    payload: str | None = field(default=None, repr=False)
    """The body's template, with ``{{playerUniqueId}}``, ``{{value}}``, ``{{code}}`` in it."""
    coupon_mapping: CouponMapping | None = None
    enable_free_product: bool | None = None
    enable_fixed_rate: bool | None = None
    enable_free_shipping: bool | None = None
    enable_percentage: bool | None = None
    platforms: list[CouponPlatform] | None = None


def _as_rows(values: Sequence[Any] | None) -> tuple[Any, ...] | None:
    rows: tuple[Any, ...] | None = None if values is None else as_tuple(values)
    return rows


@frozen(kw_only=True)
class CouponEngineUpdate:
    """How Gameball is to call your own coupon engine.

    Raises:
        TypeError: A field holds something of another kind.
        ValueError: A required text is empty; the message names the field.

    Source: PUT /configurations/coupon
    """

    url: str
    method: str
    """``POST``, ``PUT`` or ``GET``."""
    query_params: tuple[CouponEngineParameter, ...] | None = field(default=None, converter=_as_rows)
    headers: tuple[CouponEngineParameter, ...] | None = field(default=None, converter=_as_rows)
    payload: str | None = field(default=None, repr=False)
    """The body's template, as text."""
    coupon_mapping: CouponMapping | None = None
    enable_free_product: bool | None = None
    enable_fixed_rate: bool | None = None
    enable_free_shipping: bool | None = None
    enable_percentage: bool | None = None
    platforms: tuple[CouponPlatform, ...] | None = field(default=None, converter=_as_rows)

    def __attrs_post_init__(self) -> None:
        check(self)
        if self.coupon_mapping is not None:
            check(self.coupon_mapping)
        for name in ("query_params", "headers"):
            _check_rows(f"CouponEngineUpdate.{name}", getattr(self, name), "key")
        _check_rows("CouponEngineUpdate.platforms", self.platforms, "display_name")


def _check_rows(where: str, rows: Sequence[Any] | None, name: str) -> None:
    """Refuse rows without a name or a value: they are read as well, so they allow None."""
    for index, row in enumerate(rows or ()):
        check(row)
        if not getattr(row, name) or row.value is None:
            raise ValueError(f"{where}[{index}]: needs {name} and value")


@frozen(kw_only=True, weakref_slot=False)
class CampaignAvailability:
    """Who may earn a campaign."""

    min_tier: Number | None = None
    """The smallest order of a tier."""
    tags: list[str] | None = None
    """Tags of customers."""


@frozen(kw_only=True, weakref_slot=False)
class CampaignActivation:
    """When a campaign runs."""

    start_date: datetime | None = None
    """The wire names no zone (C-16)."""
    end_date: datetime | None = None


@frozen(kw_only=True, weakref_slot=False)
class CampaignReward:
    """What a campaign grants."""

    rank_reward: Number | None = None
    """Score."""
    wallet_reward: Number | None = None
    """Points."""
    wallet_reward_factor: Number | None = None
    """Multiplier of points, in transactional campaigns."""
    coupon_reward: CouponReward | None = None


@frozen(kw_only=True, weakref_slot=False)
class RewardCampaign:
    """A campaign as it is set up."""

    id: int | None = None
    name: str | None = None
    description: str | None = None
    is_repeatable: bool | None = None
    max_achievement: Number | None = None
    """How often it can be earned when repeatable; -1 is without limit."""
    type: str | None = None
    """Such as ``SignUp``, ``SocialMedia``, ``EventBased``, ``Spin The Wheel``; there are more."""
    visibility: str | None = None
    """``AlwaysVisible``, ``NotVisible``, ``VisibleIfEarned``."""
    icon: str | None = None
    availability: CampaignAvailability | None = field(default=None, metadata={"rare": True})
    """Not told with a customer's progress."""
    redirection_button_text: str | None = None
    redirection_button_link: str | None = None
    activation: CampaignActivation | None = None
    """None is always."""
    rewards: list[CampaignReward] | None = None
    widget_details_parameter: str | None = field(default=None, metadata={"rare": True})
    """Opens the widget on this campaign; told with a customer's progress only."""


@frozen(kw_only=True, weakref_slot=False)
class TierBenefit:
    """What a tier brings."""

    type: str | None = None
    """Such as ``Custom Benefits``, ``Lifetime Reward``, ``Entry Reward``."""
    description: str | None = None
    hyper_link: str | None = None
    rank_reward: Number | None = None
    """Score."""
    wallet_reward: Number | None = None
    """Points."""
    wallet_reward_factor: Number | None = field(
        default=None, metadata={"also": ("rewardWalletFactor",)}
    )
    """Points per unit of currency; the wire spells it in two ways (C-50)."""
    coupon_reward: CouponReward | None = None


@frozen(kw_only=True, weakref_slot=False)
class Tier:
    """A tier as it is set up."""

    name: str | None = None
    min_progress: Number | None = None
    order: Number | None = None
    """Rank; higher is better."""
    icon: str | None = None
    """A URL, or a bare name such as ``level-a2`` (C-50)."""
    benefits: list[TierBenefit] | None = None


@frozen(kw_only=True, weakref_slot=False)
class ReferralCondition:
    """What an event's metadata must say."""

    name: str | None = None
    operator: str | None = None
    """E.g. ``equals``, ``greater_than``."""
    value: str | None = None


@frozen(kw_only=True, weakref_slot=False)
class ReferralExtraReward:
    """A bonus for every so many friends."""

    for_every: Number | None = None
    score: Number | None = None
    point: Number | None = field(default=None, metadata={"also": ("points",)})
    coupon: CouponReward | None = None


@frozen(kw_only=True, weakref_slot=False)
class ReferralReward:
    """What a referral brings."""

    score: Number | None = None
    point: Number | None = field(default=None, metadata={"also": ("points",)})
    """Points; the wire spells the member in two ways (C-49)."""
    coupon: CouponReward | None = None
    extra_reward: ReferralExtraReward | None = field(default=None, metadata={"rare": True})
    """For the one who recommends only."""


@frozen(kw_only=True, weakref_slot=False)
class ReferralStep:
    """A step of a program with several."""

    step_name: str | None = None
    event_name: str | None = None
    customer_reward: ReferralReward | None = None
    friend_reward: ReferralReward | None = None


@frozen(kw_only=True, weakref_slot=False)
class ReferralProgram:
    """How recommending is rewarded."""

    referral_method: str | None = None
    """``CustomerOnly`` or ``CustomerAndFriend`` is rewarded."""
    event_name: str | None = None
    """What the friend must do, e.g. ``place_order``."""
    event_meta_data: ReferralCondition | None = None
    friend_reward: ReferralReward | None = None
    customer_reward: ReferralReward | None = None
    step_name: str | None = field(default=None, metadata={"rare": True})
    """Where the answer is an array of steps (C-49)."""
    steps: list[ReferralStep] | None = field(default=None, metadata={"rare": True})
    """Where the answer is an object with steps (C-49)."""
    description: Any = field(default=None, metadata={"rare": True})
    """A text, or language to text (C-49)."""


@frozen(kw_only=True, weakref_slot=False)
class WidgetColors:
    """The widget's colours."""

    primary: str | None = None
    secondary: str | None = None
    accent: str | None = None
    background: str | None = None
    text: str | None = None


@frozen(kw_only=True, weakref_slot=False)
class WidgetLayout:
    """Where the widget is, and how large."""

    position: str | None = None
    """E.g. ``bottom-right``."""
    size: str | None = None
    """``small``, ``medium``, ``large``."""
    show_on_mobile: bool | None = None


@frozen(kw_only=True, weakref_slot=False)
class WidgetFeatures:
    """What the widget shows."""

    show_balance: bool | None = None
    show_points: bool | None = None
    show_tier: bool | None = None
    show_notifications: bool | None = None


@frozen(kw_only=True, weakref_slot=False)
class WidgetConfiguration:
    """The widget as it is set up: the members of both shapes that are documented (C-51)."""

    colors: WidgetColors | None = None
    layout: WidgetLayout | None = None
    features: WidgetFeatures | None = None
    gameball_enabled: bool | None = None
    """Whether the program is on."""
    redemption_enabled: bool | None = None
    cashback_enabled: bool | None = None
    visitor_profile_enabled: bool | None = None
    user_profile_enabled: bool | None = None
    leaderboard_enabled: bool | None = None
    notifications_enabled: bool | None = None
    currency: str | None = None
    program_name: str | None = None
    rank_points_name: str | None = None
    """What the program calls score."""
    wallet_points_name: str | None = None
    """What the program calls points."""
    bot_main_color: str | None = None
    """E.g. ``#E7633F``."""
    members: dict[str, Any] | None = field(default=None, metadata={"wire": None}, repr=False)
    """The whole answer in the wire's words: the two shapes may hold more (C-51)."""
