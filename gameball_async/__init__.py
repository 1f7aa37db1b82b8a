"""Gameball for asyncio: points, holds, coupons and the ledger, without losing a point.

Every name is imported when it is first used, so that importing the package costs next to nothing.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gameball_async.bulk.outcomes import (
        BulkOutcome as BulkOutcome,
        BulkReport as BulkReport,
        BulkResult as BulkResult,
    )
    from gameball_async.checkout import (
        Checkout as Checkout,
    )
    from gameball_async.client import (
        GameballClient as GameballClient,
    )
    from gameball_async.config import (
        Bucket as Bucket,
        Priority as Priority,
        RateLimits as RateLimits,
        RetryPolicy as RetryPolicy,
        Timeouts as Timeouts,
        Window as Window,
    )
    from gameball_async.errors import (
        ApiError as ApiError,
        AuthenticationError as AuthenticationError,
        CheckoutUnknownError as CheckoutUnknownError,
        CheckoutUnknownTimeoutError as CheckoutUnknownTimeoutError,
        ClientClosedError as ClientClosedError,
        ConcurrentRequestError as ConcurrentRequestError,
        ConfigurationDisabledError as ConfigurationDisabledError,
        ConfigurationError as ConfigurationError,
        CouponInvalidError as CouponInvalidError,
        CustomerError as CustomerError,
        CustomerNotFoundError as CustomerNotFoundError,
        DeadlineError as DeadlineError,
        DuplicateError as DuplicateError,
        EventNotFoundError as EventNotFoundError,
        GameballError as GameballError,
        InsufficientPointsError as InsufficientPointsError,
        NotFoundError as NotFoundError,
        NotSentError as NotSentError,
        OutcomeUnknownError as OutcomeUnknownError,
        OutcomeUnknownTimeoutError as OutcomeUnknownTimeoutError,
        PaginationError as PaginationError,
        PayloadError as PayloadError,
        PermissionDeniedError as PermissionDeniedError,
        RateLimitedError as RateLimitedError,
        RateLimitWaitError as RateLimitWaitError,
        RedirectError as RedirectError,
        RequestError as RequestError,
        RequestTimeoutError as RequestTimeoutError,
        ResponseDecodeError as ResponseDecodeError,
        ServerError as ServerError,
        SubscriptionError as SubscriptionError,
        TransactionError as TransactionError,
        TransactionNotFoundError as TransactionNotFoundError,
        TransactionTimeError as TransactionTimeError,
        WebhookVerificationError as WebhookVerificationError,
        WrongEventLoopError as WrongEventLoopError,
    )
    from gameball_async.hooks import (
        BucketFrozen as BucketFrozen,
        CallAbandoned as CallAbandoned,
        DriftFound as DriftFound,
        Event as Event,
        Hook as Hook,
        LimiterWaited as LimiterWaited,
        ReleaseFailed as ReleaseFailed,
        RequestFinished as RequestFinished,
        RequestStarted as RequestStarted,
        RetryScheduled as RetryScheduled,
    )
    from gameball_async.models.batches import (
        BalanceAdjustment as BalanceAdjustment,
        BatchCashback as BatchCashback,
        BatchEvents as BatchEvents,
        BatchFailure as BatchFailure,
        BatchJob as BatchJob,
        BatchRedemption as BatchRedemption,
        BatchStatus as BatchStatus,
        BatchSuccess as BatchSuccess,
    )
    from gameball_async.models.configurations import (
        CampaignActivation as CampaignActivation,
        CampaignAvailability as CampaignAvailability,
        CampaignReward as CampaignReward,
        CashbackRule as CashbackRule,
        CashbackRules as CashbackRules,
        CouponEngine as CouponEngine,
        CouponEngineParameter as CouponEngineParameter,
        CouponEngineUpdate as CouponEngineUpdate,
        CouponGroup as CouponGroup,
        CouponMapping as CouponMapping,
        CouponOptions as CouponOptions,
        CouponPlatform as CouponPlatform,
        CouponReward as CouponReward,
        CouponRewardCollection as CouponRewardCollection,
        CouponRewardProduct as CouponRewardProduct,
        RedemptionRule as RedemptionRule,
        RedemptionRules as RedemptionRules,
        ReferralCondition as ReferralCondition,
        ReferralExtraReward as ReferralExtraReward,
        ReferralProgram as ReferralProgram,
        ReferralReward as ReferralReward,
        ReferralStep as ReferralStep,
        RewardCampaign as RewardCampaign,
        Tier as Tier,
        TierBenefit as TierBenefit,
        WidgetColors as WidgetColors,
        WidgetConfiguration as WidgetConfiguration,
        WidgetFeatures as WidgetFeatures,
        WidgetLayout as WidgetLayout,
    )
    from gameball_async.models.coupons import (
        AutomaticDiscount as AutomaticDiscount,
        CombinesWith as CombinesWith,
        Coupon as Coupon,
        CouponBurn as CouponBurn,
        CouponKind as CouponKind,
        CouponLockRelease as CouponLockRelease,
        CouponValidation as CouponValidation,
        DiscountedItem as DiscountedItem,
        GeneratedCoupon as GeneratedCoupon,
    )
    from gameball_async.models.customers import (
        Customer as Customer,
        CustomerActivation as CustomerActivation,
        CustomerAttributes as CustomerAttributes,
        CustomerCoupon as CustomerCoupon,
        CustomerCoupons as CustomerCoupons,
        CustomerDetails as CustomerDetails,
        CustomerDetailsAttributes as CustomerDetailsAttributes,
        CustomerHash as CustomerHash,
        CustomerProfile as CustomerProfile,
        CustomerProfileAttributes as CustomerProfileAttributes,
        CustomerUpsert as CustomerUpsert,
        Notification as Notification,
        PromotionConditions as PromotionConditions,
        PromotionRules as PromotionRules,
        SocialCampaignAchievement as SocialCampaignAchievement,
    )
    from gameball_async.models.events import (
        CampaignPreview as CampaignPreview,
        CampaignProgressPreview as CampaignProgressPreview,
        EventPreview as EventPreview,
        EventsPreview as EventsPreview,
        PreviewReason as PreviewReason,
    )
    from gameball_async.models.findings import (
        Finding as Finding,
        findings_of as findings_of,
    )
    from gameball_async.models.leaderboard import (
        LeaderboardRanking as LeaderboardRanking,
        LeaderboardRow as LeaderboardRow,
    )
    from gameball_async.models.movements import (
        ActivatedPoints as ActivatedPoints,
        CashbackReceipt as CashbackReceipt,
        RedemptionReceipt as RedemptionReceipt,
        RefundReceipt as RefundReceipt,
    )
    from gameball_async.models.orders import (
        Branch as Branch,
        CashbackConfigurations as CashbackConfigurations,
        CashbackQuote as CashbackQuote,
        CashbackQuoteLine as CashbackQuoteLine,
        LineItem as LineItem,
        Merchant as Merchant,
        Order as Order,
        OrderPreview as OrderPreview,
        OrderQuote as OrderQuote,
        OrderReceipt as OrderReceipt,
        OrderReceiptLine as OrderReceiptLine,
        OrderTransaction as OrderTransaction,
        OrderTransactions as OrderTransactions,
        Redemption as Redemption,
    )
    from gameball_async.models.payments import (
        Payment as Payment,
        PaymentCashbackQuote as PaymentCashbackQuote,
        PaymentCashbackQuoteDetail as PaymentCashbackQuoteDetail,
        PaymentDetail as PaymentDetail,
        PaymentQuote as PaymentQuote,
        PaymentReceipt as PaymentReceipt,
        PaymentReceiptDetail as PaymentReceiptDetail,
    )
    from gameball_async.models.progress import (
        Activity as Activity,
        ActivityType as ActivityType,
        Automation as Automation,
        AutomationCampaign as AutomationCampaign,
        AutomationCampaigns as AutomationCampaigns,
        AutomationStep as AutomationStep,
        Balance as Balance,
        CampaignProgress as CampaignProgress,
        ReferralStatus as ReferralStatus,
        ReferredFriend as ReferredFriend,
        StampsProgress as StampsProgress,
        StreakBadge as StreakBadge,
        StreakProgress as StreakProgress,
        StreakReward as StreakReward,
        TierCompletion as TierCompletion,
        TierLevel as TierLevel,
        TierProgress as TierProgress,
    )
    from gameball_async.models.referrals import (
        ReferralValidation as ReferralValidation,
    )
    from gameball_async.models.transactions import (
        CustomerTransaction as CustomerTransaction,
        Direction as Direction,
        Hold as Hold,
        HoldState as HoldState,
        ManualTransaction as ManualTransaction,
        Success as Success,
        Transaction as Transaction,
        TransactionStatus as TransactionStatus,
        TransactionType as TransactionType,
    )
    from gameball_async.operation import (
        Operation as Operation,
        Replay as Replay,
    )
    from gameball_async.pagination import (
        Page as Page,
        Paginator as Paginator,
    )
    from gameball_async.reservation import (
        Reserved as Reserved,
    )
    from gameball_async.session_tokens import (
        SessionClaims as SessionClaims,
        SessionTokens as SessionTokens,
    )
    from gameball_async.transport.buckets import (
        BucketSnapshot as BucketSnapshot,
    )
    from gameball_async.transport.http import (
        Answer as Answer,
        Attempt as Attempt,
        Clock as Clock,
        Lost as Lost,
        Request as Request,
        Response as Response,
        SystemClock as SystemClock,
        Transport as Transport,
    )
    from gameball_async.transport.limiter import (
        Limiter as Limiter,
    )
    from gameball_async.webhooks import (
        CustomerNotification as CustomerNotification,
        ProfileUpdated as ProfileUpdated,
        SeenWebhooks as SeenWebhooks,
        UnknownWebhook as UnknownWebhook,
        WebhookEvent as WebhookEvent,
        WebhookMemory as WebhookMemory,
        WebhookNotification as WebhookNotification,
        WebhookProfile as WebhookProfile,
        WebhookVerifier as WebhookVerifier,
    )
else:
    from importlib import import_module
    from typing import Any

    _HOMES = {
        "bulk.outcomes": "BulkOutcome BulkReport BulkResult",
        "checkout": "Checkout",
        "client": "GameballClient",
        "config": "Bucket Priority RateLimits RetryPolicy Timeouts Window",
        "errors": """
            ApiError AuthenticationError CheckoutUnknownError CheckoutUnknownTimeoutError
            ClientClosedError ConcurrentRequestError ConfigurationDisabledError
            ConfigurationError CouponInvalidError CustomerError CustomerNotFoundError
            DeadlineError DuplicateError EventNotFoundError GameballError
            InsufficientPointsError NotFoundError NotSentError OutcomeUnknownError
            OutcomeUnknownTimeoutError PaginationError PayloadError PermissionDeniedError
            RateLimitWaitError RateLimitedError RedirectError RequestError RequestTimeoutError
            ResponseDecodeError ServerError SubscriptionError TransactionError
            TransactionNotFoundError TransactionTimeError WebhookVerificationError
            WrongEventLoopError
        """,
        "hooks": """
            BucketFrozen CallAbandoned DriftFound Event Hook LimiterWaited ReleaseFailed
            RequestFinished RequestStarted RetryScheduled
        """,
        "models.batches": """
            BalanceAdjustment BatchCashback BatchEvents BatchFailure BatchJob BatchRedemption
            BatchStatus BatchSuccess
        """,
        "models.configurations": """
            CampaignActivation CampaignAvailability CampaignReward CashbackRule CashbackRules
            CouponEngine CouponEngineParameter CouponEngineUpdate CouponGroup CouponMapping
            CouponOptions CouponPlatform CouponReward CouponRewardCollection CouponRewardProduct
            RedemptionRule RedemptionRules ReferralCondition ReferralExtraReward ReferralProgram
            ReferralReward ReferralStep RewardCampaign Tier TierBenefit WidgetColors
            WidgetConfiguration WidgetFeatures WidgetLayout
        """,
        "models.coupons": """
            AutomaticDiscount CombinesWith Coupon CouponBurn CouponKind CouponLockRelease
            CouponValidation DiscountedItem GeneratedCoupon
        """,
        "models.customers": """
            Customer CustomerActivation CustomerAttributes CustomerCoupon CustomerCoupons
            CustomerDetails CustomerDetailsAttributes CustomerHash CustomerProfile
            CustomerProfileAttributes CustomerUpsert Notification PromotionConditions
            PromotionRules SocialCampaignAchievement
        """,
        "models.events": """
            CampaignPreview CampaignProgressPreview EventPreview EventsPreview PreviewReason
        """,
        "models.findings": "Finding findings_of",
        "models.leaderboard": "LeaderboardRanking LeaderboardRow",
        "models.movements": "ActivatedPoints CashbackReceipt RedemptionReceipt RefundReceipt",
        "models.orders": """
            Branch CashbackConfigurations CashbackQuote CashbackQuoteLine LineItem Merchant
            Order OrderPreview OrderQuote OrderReceipt OrderReceiptLine OrderTransaction
            OrderTransactions Redemption
        """,
        "models.payments": """
            Payment PaymentCashbackQuote PaymentCashbackQuoteDetail PaymentDetail PaymentQuote
            PaymentReceipt PaymentReceiptDetail
        """,
        "models.progress": """
            Activity ActivityType Automation AutomationCampaign AutomationCampaigns
            AutomationStep Balance CampaignProgress ReferralStatus ReferredFriend StampsProgress
            StreakBadge StreakProgress StreakReward TierCompletion TierLevel TierProgress
        """,
        "models.referrals": "ReferralValidation",
        "models.transactions": """
            CustomerTransaction Direction Hold HoldState ManualTransaction Success Transaction
            TransactionStatus TransactionType
        """,
        "operation": "Operation Replay",
        "pagination": "Page Paginator",
        "reservation": "Reserved",
        "session_tokens": "SessionClaims SessionTokens",
        "transport.buckets": "BucketSnapshot",
        "transport.http": "Answer Attempt Clock Lost Request Response SystemClock Transport",
        "transport.limiter": "Limiter",
        "webhooks": """
            CustomerNotification ProfileUpdated SeenWebhooks UnknownWebhook WebhookEvent
            WebhookMemory WebhookNotification WebhookProfile WebhookVerifier
        """,
    }
    _HOME_OF = {name: home for home, names in _HOMES.items() for name in names.split()}
    __all__ = tuple(sorted(_HOME_OF))

    def __getattr__(name: str) -> Any:
        """Import *name* from the module it lives in."""
        home = _HOME_OF.get(name)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f"{__name__}.{home}"), name)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        """Every public name, whether it was used already or not."""
        return sorted({*globals(), *__all__})
