"""The blocking endpoint classes: one line per method, everything else is the async one's.

`Final` is for type checkers: an inferred type that can change is one they need not agree on.
"""

from typing import Any, Final

from gameball_async.endpoints import (
    batches,
    configurations,
    coupons,
    customers,
    events,
    leaderboard,
    orders,
    payments,
    progress,
    referrals,
    transactions,
)
from gameball_sync._bridge import Facade, blocking, blocking_context
from gameball_sync.bulk import blocking_report, blocking_stream
from gameball_sync.pagination import blocking_pages


class Customers(Facade[Any]):  # its methods are of two async classes, a facade of one
    """Operations on customers."""

    __slots__ = ()

    upsert: Final = blocking(customers.Customers.upsert)
    get: Final = blocking(customers.Customers.get)
    details: Final = blocking(customers.Customers.details)
    delete: Final = blocking(customers.Customers.delete)
    set_active: Final = blocking(customers.Customers.set_active)
    coupons: Final = blocking(customers.Customers.coupons)
    achieve_social_campaign: Final = blocking(customers.Customers.achieve_social_campaign)
    hash: Final = blocking(customers.Customers.hash)
    balance: Final = blocking(progress.Progress.balance)
    tier_progress: Final = blocking(progress.Progress.tier_progress)
    campaigns_progress: Final = blocking(progress.Progress.campaigns_progress)
    referrals: Final = blocking_pages(progress.Progress.referrals)
    referrals_count: Final = blocking(progress.Progress.referrals_count)
    activities: Final = blocking_pages(progress.Progress.activities)
    activities_count: Final = blocking(progress.Progress.activities_count)
    automation_campaigns: Final = blocking(progress.Progress.automation_campaigns)
    stamps_progress: Final = blocking(progress.Progress.stamps_progress)
    streak_progress: Final = blocking(progress.Progress.streak_progress)
    add_tags: Final = blocking(customers.Customers.add_tags)
    remove_tags: Final = blocking(customers.Customers.remove_tags)
    remove_tag: Final = blocking(customers.Customers.remove_tag)
    notifications: Final = blocking_pages(customers.Customers.notifications)
    notifications_count: Final = blocking(customers.Customers.notifications_count)
    mark_notifications_read: Final = blocking(customers.Customers.mark_notifications_read)


class Events(Facade[events.Events]):
    """Operations on events."""

    __slots__ = ()

    send: Final = blocking(events.Events.send)
    preview_rewards: Final = blocking(events.Events.preview_rewards)


class Orders(Facade[orders.Orders]):
    """Operations on orders."""

    __slots__ = ()

    track: Final = blocking(orders.Orders.track)
    track_many: Final = blocking_report(orders.Orders.track_many, orders.Orders.track_stream)
    track_stream: Final = blocking_stream(orders.Orders.track_stream)
    calculate_cashback: Final = blocking(orders.Orders.calculate_cashback)
    preview_rewards: Final = blocking(orders.Orders.preview_rewards)
    transactions: Final = blocking(orders.Orders.transactions)


class Payments(Facade[payments.Payments]):
    """Operations on payments."""

    __slots__ = ()

    track: Final = blocking(payments.Payments.track)
    calculate_cashback: Final = blocking(payments.Payments.calculate_cashback)


class Transactions(Facade[Any]):  # its methods are of two async classes, a facade of one
    """Operations on the ledger."""

    __slots__ = ()

    list: Final = blocking_pages(transactions.Transactions.list)
    list_with_customers: Final = blocking_pages(transactions.Transactions.list_with_customers)
    count: Final = blocking(transactions.Transactions.count)
    create_manual: Final = blocking(transactions.Transactions.create_manual)
    cashback: Final = blocking(transactions.Transactions.cashback)
    redeem: Final = blocking(transactions.Transactions.redeem)
    refund: Final = blocking(transactions.Transactions.refund)
    activate: Final = blocking(transactions.Transactions.activate)
    hold: Final = blocking(transactions.Transactions.hold)
    holding: Final = blocking_context(transactions.Transactions.holding)
    get_hold: Final = blocking(transactions.Transactions.get_hold)
    release_hold: Final = blocking(transactions.Transactions.release_hold)
    send_otp: Final = blocking(transactions.Transactions.send_otp)


class Coupons(Facade[coupons.Coupons]):
    """Operations on coupons."""

    __slots__ = ()

    validate: Final = blocking(coupons.Coupons.validate)
    validate_one: Final = blocking(coupons.Coupons.validate_one)
    generate: Final = blocking(coupons.Coupons.generate)
    burn: Final = blocking(coupons.Coupons.burn)
    apply_automatic: Final = blocking(coupons.Coupons.apply_automatic)
    locking: Final = blocking_context(coupons.Coupons.locking)
    release: Final = blocking(coupons.Coupons.release)


class Batches(Facade[batches.Batches]):
    """Operations on batches."""

    __slots__ = ()

    customers: Final = blocking(batches.Batches.customers)
    orders: Final = blocking(batches.Batches.orders)
    order_transactions: Final = blocking(batches.Batches.order_transactions)
    balances: Final = blocking(batches.Batches.balances)
    adjust_balances: Final = blocking(batches.Batches.adjust_balances)
    cashback: Final = blocking(batches.Batches.cashback)
    redeem: Final = blocking(batches.Batches.redeem)
    events: Final = blocking(batches.Batches.events)
    get: Final = blocking(batches.Batches.get)
    stop: Final = blocking(batches.Batches.stop)
    wait: Final = blocking(batches.Batches.wait)


class Configurations(Facade[configurations.Configurations]):
    """Operations on the account's configuration."""

    __slots__ = ()

    cashback: Final = blocking(configurations.Configurations.cashback)
    redemption: Final = blocking(configurations.Configurations.redemption)
    coupon_engine: Final = blocking(configurations.Configurations.coupon_engine)
    update_coupon_engine: Final = blocking(configurations.Configurations.update_coupon_engine)
    reward_campaigns: Final = blocking(configurations.Configurations.reward_campaigns)
    tiers: Final = blocking(configurations.Configurations.tiers)
    referrals: Final = blocking(configurations.Configurations.referrals)
    widget: Final = blocking(configurations.Configurations.widget)


class Leaderboard(Facade[leaderboard.Leaderboard]):
    """Operations on the leaderboard."""

    __slots__ = ()

    get: Final = blocking(leaderboard.Leaderboard.get)


class Referrals(Facade[referrals.Referrals]):
    """Operations on referral codes."""

    __slots__ = ()

    validate: Final = blocking(referrals.Referrals.validate)
