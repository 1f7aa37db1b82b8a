"""The blocking endpoint classes: one line per method, everything else is the async one's."""

from typing import Any

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

    upsert = blocking(customers.Customers.upsert)
    get = blocking(customers.Customers.get)
    details = blocking(customers.Customers.details)
    delete = blocking(customers.Customers.delete)
    set_active = blocking(customers.Customers.set_active)
    coupons = blocking(customers.Customers.coupons)
    achieve_social_campaign = blocking(customers.Customers.achieve_social_campaign)
    hash = blocking(customers.Customers.hash)
    balance = blocking(progress.Progress.balance)
    tier_progress = blocking(progress.Progress.tier_progress)
    campaigns_progress = blocking(progress.Progress.campaigns_progress)
    referrals = blocking_pages(progress.Progress.referrals)
    referrals_count = blocking(progress.Progress.referrals_count)
    activities = blocking_pages(progress.Progress.activities)
    activities_count = blocking(progress.Progress.activities_count)
    automation_campaigns = blocking(progress.Progress.automation_campaigns)
    stamps_progress = blocking(progress.Progress.stamps_progress)
    streak_progress = blocking(progress.Progress.streak_progress)
    add_tags = blocking(customers.Customers.add_tags)
    remove_tags = blocking(customers.Customers.remove_tags)
    remove_tag = blocking(customers.Customers.remove_tag)
    notifications = blocking_pages(customers.Customers.notifications)
    notifications_count = blocking(customers.Customers.notifications_count)
    mark_notifications_read = blocking(customers.Customers.mark_notifications_read)


class Events(Facade[events.Events]):
    """Operations on events."""

    __slots__ = ()

    send = blocking(events.Events.send)
    preview_rewards = blocking(events.Events.preview_rewards)


class Orders(Facade[orders.Orders]):
    """Operations on orders."""

    __slots__ = ()

    track = blocking(orders.Orders.track)
    track_many = blocking_report(orders.Orders.track_many, orders.Orders.track_stream)
    track_stream = blocking_stream(orders.Orders.track_stream)
    calculate_cashback = blocking(orders.Orders.calculate_cashback)
    preview_rewards = blocking(orders.Orders.preview_rewards)
    transactions = blocking(orders.Orders.transactions)


class Payments(Facade[payments.Payments]):
    """Operations on payments."""

    __slots__ = ()

    track = blocking(payments.Payments.track)
    calculate_cashback = blocking(payments.Payments.calculate_cashback)


class Transactions(Facade[Any]):  # its methods are of two async classes, a facade of one
    """Operations on the ledger."""

    __slots__ = ()

    list = blocking_pages(transactions.Transactions.list)
    list_with_customers = blocking_pages(transactions.Transactions.list_with_customers)
    count = blocking(transactions.Transactions.count)
    create_manual = blocking(transactions.Transactions.create_manual)
    cashback = blocking(transactions.Transactions.cashback)
    redeem = blocking(transactions.Transactions.redeem)
    refund = blocking(transactions.Transactions.refund)
    activate = blocking(transactions.Transactions.activate)
    hold = blocking(transactions.Transactions.hold)
    holding = blocking_context(transactions.Transactions.holding)
    get_hold = blocking(transactions.Transactions.get_hold)
    release_hold = blocking(transactions.Transactions.release_hold)
    send_otp = blocking(transactions.Transactions.send_otp)


class Coupons(Facade[coupons.Coupons]):
    """Operations on coupons."""

    __slots__ = ()

    validate = blocking(coupons.Coupons.validate)
    validate_one = blocking(coupons.Coupons.validate_one)
    generate = blocking(coupons.Coupons.generate)
    burn = blocking(coupons.Coupons.burn)
    apply_automatic = blocking(coupons.Coupons.apply_automatic)
    locking = blocking_context(coupons.Coupons.locking)
    release = blocking(coupons.Coupons.release)


class Batches(Facade[batches.Batches]):
    """Operations on batches."""

    __slots__ = ()

    customers = blocking(batches.Batches.customers)
    orders = blocking(batches.Batches.orders)
    order_transactions = blocking(batches.Batches.order_transactions)
    balances = blocking(batches.Batches.balances)
    adjust_balances = blocking(batches.Batches.adjust_balances)
    cashback = blocking(batches.Batches.cashback)
    redeem = blocking(batches.Batches.redeem)
    events = blocking(batches.Batches.events)
    get = blocking(batches.Batches.get)
    stop = blocking(batches.Batches.stop)
    wait = blocking(batches.Batches.wait)


class Configurations(Facade[configurations.Configurations]):
    """Operations on the account's configuration."""

    __slots__ = ()

    cashback = blocking(configurations.Configurations.cashback)
    redemption = blocking(configurations.Configurations.redemption)
    coupon_engine = blocking(configurations.Configurations.coupon_engine)
    update_coupon_engine = blocking(configurations.Configurations.update_coupon_engine)
    reward_campaigns = blocking(configurations.Configurations.reward_campaigns)
    tiers = blocking(configurations.Configurations.tiers)
    referrals = blocking(configurations.Configurations.referrals)
    widget = blocking(configurations.Configurations.widget)


class Leaderboard(Facade[leaderboard.Leaderboard]):
    """Operations on the leaderboard."""

    __slots__ = ()

    get = blocking(leaderboard.Leaderboard.get)


class Referrals(Facade[referrals.Referrals]):
    """Operations on referral codes."""

    __slots__ = ()

    validate = blocking(referrals.Referrals.validate)
