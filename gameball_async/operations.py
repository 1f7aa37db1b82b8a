"""The API as a table: one frozen Operation per endpoint, nothing else."""

from __future__ import annotations

from typing import Final

from gameball_async import models as m
from gameball_async.config import Bucket
from gameball_async.operation import Operation, Replay

UPSERT_CUSTOMER: Final = Operation(
    "POST",
    "/customers",
    lambda: m.customers.CustomerUpsert,
    Bucket.CUSTOMERS_WRITE,
    replay=Replay.IDEMPOTENT,
    secret=False,
)
GET_CUSTOMER: Final = Operation(
    "GET",
    "/customers/{customerId}",
    lambda: m.customers.Customer,
    Bucket.CUSTOMERS_READ,
    secret=False,
)
DELETE_CUSTOMER: Final = Operation(
    "DELETE",
    "/customers/{customerId}",
    type(None),
    Bucket.CUSTOMERS_WRITE,
    replay=Replay.IDEMPOTENT,
)
GET_CUSTOMER_DETAILS: Final = Operation(
    "GET",
    "/customers/{customerId}/details",
    lambda: m.customers.CustomerDetails,
    Bucket.CUSTOMERS_READ,
)
SET_CUSTOMER_ACTIVE: Final = Operation(
    "PUT",
    "/customers/{customerId}/activate",
    lambda: m.customers.CustomerActivation,
    Bucket.CUSTOMERS_WRITE,
    replay=Replay.IDEMPOTENT,
)
LIST_CUSTOMER_COUPONS: Final = Operation(
    "GET",
    "/customers/{customerId}/coupons",
    lambda: m.customers.CustomerCoupons,
    Bucket.CUSTOMERS_READ,
)
ACHIEVE_SOCIAL_CAMPAIGN: Final = Operation(
    "POST",
    "/customers/social-challenges",
    lambda: m.customers.SocialCampaignAchievement,
    Bucket.CUSTOMERS_WRITE,
)
GET_CUSTOMER_HASH: Final = Operation(
    "GET", "/customers/{customerId}/hash", lambda: m.customers.CustomerHash, Bucket.CUSTOMERS_READ
)
GET_BALANCE: Final = Operation(
    "GET", "/customers/{customerId}/balance", lambda: m.progress.Balance, Bucket.CUSTOMERS_READ
)
GET_TIER_PROGRESS: Final = Operation(
    "GET",
    "/customers/{customerId}/tier-progress",
    lambda: list[m.progress.TierProgressAnswer],
    Bucket.CUSTOMERS_READ,
    language="header",
)
"""A list of one where the API answers with an object, as it usually does (C-46)."""
GET_CAMPAIGNS_PROGRESS: Final = Operation(
    "GET",
    "/customers/{customerId}/reward-campaigns-progress",
    lambda: list[m.progress.CampaignProgress],
    Bucket.CUSTOMERS_READ,
    language="header",
)
LIST_REFERRALS: Final = Operation(
    "GET",
    "/customers/{customerId}/referrals",
    lambda: m.progress.ReferredFriendPage,
    Bucket.CUSTOMERS_READ,
)
COUNT_REFERRALS: Final = Operation(
    "GET",
    "/customers/{customerId}/referrals/count",
    lambda: m.progress.ReferralCount,
    Bucket.CUSTOMERS_READ,
)
LIST_ACTIVITIES: Final = Operation(
    "GET",
    "/customers/{customerId}/activities",
    lambda: m.progress.ActivityPage,
    Bucket.CUSTOMERS_READ,
)
COUNT_ACTIVITIES: Final = Operation(
    "GET",
    "/customers/{customerId}/activities/count",
    lambda: m.customers.Count,
    Bucket.CUSTOMERS_READ,
)
GET_AUTOMATION_CAMPAIGNS: Final = Operation(
    "GET",
    "/customers/{customerId}/automation",
    lambda: m.progress.AutomationCampaigns,
    Bucket.CUSTOMERS_READ,
    secret=False,
)
GET_STAMPS_PROGRESS: Final = Operation(
    "GET",
    "/customers/{customerId}/stamps/{challengeId}",
    lambda: m.progress.StampsProgress,
    Bucket.CUSTOMERS_READ,
)
GET_STREAK_PROGRESS: Final = Operation(
    "GET",
    "/customers/{customerId}/streaks/{campaignId}",
    lambda: m.progress.StreakProgress,
    Bucket.CUSTOMERS_READ,
)
ADD_TAGS: Final = Operation(
    "POST",
    "/customers/{customerId}/tags",
    lambda: m.transactions.Success,
    Bucket.CUSTOMERS_WRITE,
    replay=Replay.IDEMPOTENT,
)
REMOVE_TAGS: Final = Operation(
    "DELETE",
    "/customers/{customerId}/tags",
    lambda: m.transactions.Success,
    Bucket.CUSTOMERS_WRITE,
    replay=Replay.IDEMPOTENT,
)
REMOVE_TAG: Final = Operation(
    "DELETE",
    "/customers/{customerId}/tags/{tag}",
    lambda: m.transactions.Success,
    Bucket.CUSTOMERS_WRITE,
    replay=Replay.IDEMPOTENT,
)
LIST_NOTIFICATIONS: Final = Operation(
    "GET",
    "/customers/{customerId}/notifications",
    lambda: m.customers.NotificationPage,
    Bucket.CUSTOMERS_READ,
    secret=False,
    language="query",
)
COUNT_NOTIFICATIONS: Final = Operation(
    "GET",
    "/customers/{customerId}/notifications/count",
    lambda: m.customers.Count,
    Bucket.CUSTOMERS_READ,
    secret=False,
    language="query",
)
MARK_NOTIFICATIONS_READ: Final = Operation(
    "PUT",
    "/customers/{customerId}/notifications/read",
    lambda: m.transactions.Success,
    Bucket.CUSTOMERS_WRITE,
    replay=Replay.IDEMPOTENT,
)

SEND_EVENTS: Final = Operation(
    "POST", "/events", lambda: m.transactions.Success, Bucket.EVENTS, secret=False
)
PREVIEW_EVENT_REWARDS: Final = Operation(
    "POST",
    "/events/reward-preview",
    lambda: m.events.EventsPreview,
    Bucket.EVENTS,
    replay=Replay.READ,
    secret=False,
    language="header",
)

TRACK_ORDER: Final = Operation(
    "POST",
    "/orders",
    lambda: m.orders.OrderReceipt,
    Bucket.ORDERS,
    replay=Replay.KEYED,
    key="orderId",
    stamp="orderDate",
)
CALCULATE_ORDER_CASHBACK: Final = Operation(
    "POST",
    "/orders/cashback",
    lambda: m.orders.CashbackQuote,
    Bucket.ORDER_CASHBACK,
    replay=Replay.READ,
    secret=False,
)
PREVIEW_ORDER_REWARDS: Final = Operation(
    "POST",
    "/orders/reward-preview",
    lambda: m.orders.OrderPreview,
    Bucket.ORDERS,
    replay=Replay.READ,
    secret=False,
    language="header",
)
LIST_ORDER_TRANSACTIONS: Final = Operation(
    "GET", "/orders/{orderId}/transactions", lambda: m.orders.OrderTransactions, Bucket.ORDERS
)

TRACK_PAYMENT: Final = Operation(
    "POST",
    "/payments",
    lambda: m.payments.PaymentReceipt,
    replay=Replay.KEYED,
    key="paymentId",
    stamp="paymentDate",
)
CALCULATE_PAYMENT_CASHBACK: Final = Operation(
    "POST",
    "/payments/cashback",
    lambda: m.payments.PaymentCashbackQuote,
    replay=Replay.READ,
    secret=False,
)

HOLD_POINTS: Final = Operation(
    "POST",
    "/transactions/hold",
    lambda: m.transactions.Hold,
    Bucket.TRANSACTIONS_WRITE,
    stamp="transactionTime",
)
GET_HOLD: Final = Operation(
    "GET",
    "/transactions/hold/{holdReferenceId}",
    lambda: m.transactions.Hold,
    Bucket.TRANSACTIONS_READ,
)
RELEASE_HOLD: Final = Operation(
    "DELETE",
    "/transactions/hold/{holdReferenceId}",
    lambda: m.transactions.Success,
    Bucket.TRANSACTIONS_WRITE,
    replay=Replay.IDEMPOTENT,
)
LIST_TRANSACTIONS: Final = Operation(
    "GET", "/transactions", lambda: m.transactions.TransactionPage, Bucket.TRANSACTIONS_READ
)
LIST_TRANSACTIONS_WITH_CUSTOMERS: Final = Operation(
    "GET",
    "/transactions/customer-view",
    lambda: m.transactions.CustomerTransactionPage,
    Bucket.TRANSACTIONS_READ,
)
COUNT_TRANSACTIONS: Final = Operation(
    "GET", "/transactions/count", lambda: m.transactions.TransactionCount, Bucket.TRANSACTIONS_READ
)
CREATE_MANUAL_TRANSACTION: Final = Operation(
    "POST",
    "/transactions/manual",
    lambda: m.transactions.ManualTransaction,
    Bucket.TRANSACTIONS_WRITE,
    replay=Replay.KEYED,
    key="transactionId",
    stamp="transactionTime",
)

REDEEM: Final = Operation(
    "POST",
    "/transactions/redeem",
    lambda: m.movements.RedemptionReceipt,
    Bucket.TRANSACTIONS_WRITE,
    replay=Replay.KEYED,
    key="transactionId",
    stamp="transactionTime",
)
REWARD_CASHBACK: Final = Operation(
    "POST",
    "/transactions/cashback",
    lambda: m.movements.CashbackReceipt,
    Bucket.TRANSACTIONS_WRITE,
    replay=Replay.KEYED,
    key="transactionId",
    stamp="transactionTime",
)
REFUND: Final = Operation(
    "POST",
    "/transactions/refund",
    lambda: m.movements.RefundReceipt,
    Bucket.TRANSACTIONS_WRITE,
    replay=Replay.KEYED,
    key="refundTransactionId",
    stamp="transactionTime",
)
ACTIVATE_POINTS: Final = Operation(
    "PUT",
    "/transactions/{transactionId}/activate",
    lambda: m.movements.ActivatedPoints,
    Bucket.TRANSACTIONS_WRITE,
    replay=Replay.IDEMPOTENT,
)
SEND_OTP: Final = Operation("POST", "/transactions/otp", type(None), Bucket.TRANSACTIONS_WRITE)

GENERATE_COUPON: Final = Operation(
    "POST", "/coupons/predefined", lambda: m.coupons.GeneratedCoupon, Bucket.COUPONS
)
VALIDATE_COUPON: Final = Operation(
    "POST", "/coupons/{code}/validate", lambda: m.coupons.CouponValidation, Bucket.COUPONS
)
"""Unsafe because it may lock; the call that does not lock is a read."""
VALIDATE_COUPONS: Final = Operation(
    "POST", "/coupons/validate", lambda: m.coupons.CouponValidation, Bucket.COUPONS
)
"""Unsafe because it may lock; the call that does not lock is a read."""
BURN_COUPONS: Final = Operation(
    "POST",
    "/coupons/burn",
    lambda: m.coupons.CouponBurn,
    Bucket.COUPONS,
    key="transactionId",
    stamp="transactionTime",
)
"""Unsafe without an id of yours; the call that has one is keyed."""
APPLY_AUTOMATIC_COUPON: Final = Operation(
    "POST", "/coupons/automatic", lambda: m.coupons.AutomaticDiscount, Bucket.COUPONS, secret=False
)
RELEASE_COUPONS: Final = Operation(
    "DELETE",
    "/coupons/{lockReference}",
    lambda: m.coupons.CouponLockRelease,
    Bucket.COUPONS,
    replay=Replay.IDEMPOTENT,
)

GET_CASHBACK_CONFIGURATION: Final = Operation(
    "GET", "/configurations/cashback", lambda: m.configurations.CashbackRules, secret=False
)
GET_REDEMPTION_CONFIGURATION: Final = Operation(
    "GET", "/configurations/redemption", lambda: m.configurations.RedemptionRules, secret=False
)
GET_COUPON_ENGINE: Final = Operation(
    "GET", "/configurations/coupon", lambda: m.configurations.CouponEngine
)
UPDATE_COUPON_ENGINE: Final = Operation(
    "PUT", "/configurations/coupon", type(None), replay=Replay.IDEMPOTENT
)
LIST_REWARD_CAMPAIGNS: Final = Operation(
    "GET",
    "/configurations/reward-campaigns",
    lambda: list[m.configurations.RewardCampaign],
    secret=False,
    language="header",
)
LIST_TIERS: Final = Operation(
    "GET",
    "/configurations/tiers",
    lambda: list[m.configurations.Tier],
    secret=False,
    language="header",
)
LIST_REFERRAL_PROGRAMS: Final = Operation(
    "GET",
    "/configurations/referrals",
    lambda: list[m.configurations.ReferralProgram],
    secret=False,
    language="header",
)
"""A list of one where the API answers with an object, as it usually does (C-49)."""
GET_WIDGET_CONFIGURATION: Final = Operation(
    "GET", "/configurations/widget", lambda: m.configurations.WidgetConfiguration, secret=False
)

GET_LEADERBOARD: Final = Operation("GET", "/leaderboard", lambda: m.leaderboard.LeaderboardRanking)

VALIDATE_REFERRAL: Final = Operation(
    "GET", "/referrals/validate", lambda: m.referrals.ReferralValidation, secret=False
)

BATCH_CUSTOMERS: Final = Operation("POST", "/batch/customers", lambda: m.batches.BatchAnswer)
BATCH_ORDERS: Final = Operation("POST", "/batch/orders", lambda: m.batches.BatchAnswer)
BATCH_ORDER_TRANSACTIONS: Final = Operation(
    "POST", "/batch/orders/transactions", lambda: m.batches.BatchAnswer
)
BATCH_BALANCES: Final = Operation("POST", "/batch/balance-inquiry", lambda: m.batches.BatchAnswer)
BATCH_ADJUST_BALANCES: Final = Operation(
    "POST", "/batch/balance-adjustment", lambda: m.batches.BatchAnswer
)
BATCH_CASHBACK: Final = Operation("POST", "/batch/cashback", lambda: m.batches.BatchAnswer)
BATCH_REDEEM: Final = Operation("POST", "/batch/redeem", lambda: m.batches.BatchAnswer)
BATCH_EVENTS: Final = Operation("POST", "/batch/events", lambda: m.batches.BatchAnswer)
GET_BATCH: Final = Operation("GET", "/batch/{jobId}", lambda: m.batches.BatchAnswer)
GET_BATCH_STATUS: Final = Operation(
    "GET", "/batches/{batchId}/status", lambda: m.batches.BatchAnswer
)
"""The same under the path of the API description (C-68)."""
DELETE_BATCH: Final = Operation("DELETE", "/batch/{jobId}", type(None), replay=Replay.IDEMPOTENT)
STOP_BATCH: Final = Operation(
    "POST", "/batches/{batchId}/stop", lambda: m.batches.BatchAnswer, replay=Replay.IDEMPOTENT
)
"""The same under the path of the API description (C-68)."""
