"""Every member is spelled as the API spells it."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

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
from gameball_async.models.findings import Finding
from gameball_async.serialization import wire_name

NAMES: dict[type[Any], str] = {
    orders.Branch: "uniqueId name",
    orders.Merchant: "uniqueId name branch",
    orders.LineItem: (
        "productId quantity price sku tags category weight vendor collection title taxes discount "
        "extra"
    ),
    orders.Redemption: "pointsHoldReference couponsLockReference couponCodes",
    orders.CashbackConfigurations: "returnWindow",
    orders.Order: (
        "customerId orderId totalPaid email mobile orderDate totalPrice totalDiscount "
        "totalShipping totalTax lineItems redemption extra merchant guest channel cartId "
        "cashbackConfigurations referrerCode"
    ),
    orders.OrderQuote: (
        "totalPaid customerId email mobile totalPrice totalDiscount totalShipping lineItems "
        "merchant totalTax channel extra"
    ),
    orders.OrderReceiptLine: "productId quantity decimalPoints points score",
    orders.OrderReceipt: (
        "customerId redeemedPoints rewardedPoints lineItems orderId status gameballStatus"
    ),
    orders.CashbackQuoteLine: (
        "productId quantity totalDecimalPoints totalPoints totalScore rewardWalletFactor "
        "campaignId campaignName campaignEndDate campaignImpactWalletFactor campaignImpactPoints"
    ),
    orders.CashbackQuote: "totalPoints totalScore lineItems gameballStatus",
    orders.OrderTransaction: (
        "transactionDate gameballTransactionId transactionType amount transactionId "
        "equivalentPoints"
    ),
    orders.OrderTransactions: "transactions count",
    orders.OrderPreview: (
        "customerId customerFound totalPoints totalCoupons cashback eventRewards"
    ),
    events.EventsRequest: "customerId events email mobile",
    events.EventsPreviewRequest: "customerId events email mobile",
    events.CampaignProgressPreview: (
        "currentPercentage wouldBePercentage completionRewardPoints completionRewardType"
    ),
    events.CampaignPreview: (
        "campaignId campaignName campaignEndDate eligible reason rewardType rewardPoints "
        "couponType couponValue points timesAchieved progress"
    ),
    events.EventPreview: "eventName valid invalidReason totalPoints campaigns",
    events.EventsPreview: "customerId totalPoints events",
    payments.PaymentDetail: (
        "serviceId serviceName serviceProvider amount tax discount tags category extra"
    ),
    payments.Payment: (
        "customerId paymentId totalPaid email mobile paymentDate totalAmount totalDiscount "
        "totalProcessingFees totalTax paymentDetails redemption extra merchant guest channel "
        "cashbackConfigurations"
    ),
    payments.PaymentQuote: (
        "customerId email mobile totalPaid totalAmount totalDiscount totalProcessingFees totalTax "
        "paymentDetails merchant"
    ),
    payments.PaymentReceiptDetail: "serviceId decimalPoints points score",
    payments.PaymentReceipt: (
        "customerId redeemedPoints rewardedPoints paymentDetails gameballStatus"
    ),
    payments.PaymentCashbackQuoteDetail: (
        "serviceId quantity totalDecimalPoints totalPoints totalScore rewardWalletFactor "
        "campaignId campaignName campaignEndDate campaignImpactWalletFactor campaignImpactPoints"
    ),
    payments.PaymentCashbackQuote: "totalPoints totalScore paymentDetails gameballStatus",
    movements.RedemptionRequest: (
        "customerId transactionId email mobile transactionTime amount points holdReference "
        "merchant hash otp ignoreOTP reason"
    ),
    movements.RedemptionReceipt: (
        "customerId gameballTransactionId transactionId redeemAmount redeemEquivalentPoints reason"
    ),
    movements.CashbackRequest: (
        "customerId transactionId amount email mobile transactionTime merchant configurations"
    ),
    movements.CashbackReceipt: (
        "customerId gameballTransactionId rewardAmount rewardEquivalentPoints"
    ),
    movements.RefundRequest: (
        "customerId refundTransactionId reverseTransactionId email mobile transactionTime "
        "refundAmount merchant lineItems"
    ),
    movements.RefundReceipt: (
        "gameballTransactionId refundTransactionId refundAmount refundEquivalentPoints"
    ),
    movements.ActivatedPoints: "pointsActivated gameballTransactionId clientTransactionId",
    movements.OtpRequest: "customerId email mobile amount points ruleId",
    batches.BalanceAdjustment: "customerId amount reason",
    batches.BatchCashback: "customerId transactionId transactionTime amount email mobile",
    batches.BatchRedemption: (
        "customerId transactionId transactionTime email mobile amount points holdReference"
    ),
    batches.BatchEvents: "customerId events",
    batches.BatchSuccess: "customerId message orderId transactions count",
    batches.BatchFailure: "customerId message",
    batches.BatchResponse: "successful failed successful",
    batches.BatchAnswer: (
        "jobId operation status totalCount finishedCount errorCount progress startedAt createdAt "
        "message response results results errors"
    ),
    batches.BatchJob: (
        "jobId operation status totalCount finishedCount errorCount progress startedAt createdAt "
        "message successful failed"
    ),
    transactions.Transaction: (
        "transactionId gameballTransactionId type direction customerId points amount "
        "transactionTime status couponCode isCouponUsed couponType merchantName branchName reason "
        "achievementName expiryDate pointsBalanceBefore pointsBalanceAfter achievementType "
        "achievedRewardCampaignId achievedTierId familyRedemptionAmount familyRedemptionPoints"
    ),
    transactions.TransactionPage: "transactions count hasMore",
    transactions.CustomerTransaction: (
        "transactionId gameballTransactionId type direction customerId points amount "
        "transactionTime status couponCode isCouponUsed couponType merchantName branchName reason "
        "achievementName expiryDate pointsBalanceBefore pointsBalanceAfter achievementType "
        "achievedRewardCampaignId achievedTierId familyRedemptionAmount familyRedemptionPoints "
        "customerName customerEmail isCustomerDeleted"
    ),
    transactions.CustomerTransactionPage: "transactions count hasMore",
    transactions.TransactionCount: "count",
    transactions.HoldRequest: (
        "customerId email mobile transactionTime pointsToHold amountToHold ruleId otp ignoreOTP "
        "hash"
    ),
    transactions.Hold: (
        "customerId holdAmount holdEquivalentPoints holdReference state dateToExpire"
    ),
    transactions.ManualTransactionRequest: (
        "customerId transactionId username reason email mobile transactionTime points amount "
        "expiryAfter"
    ),
    transactions.ManualTransaction: "customerId gameballTransactionId transactionId points amount",
    transactions.Success: "success message",
    coupons.CouponValidationRequest: (
        "customerId coupons email mobile lock lockReference lockDuration merchantId collectionId "
        "collectionsIds totalPurchaseAmount"
    ),
    coupons.CombinesWith: "orderDiscounts productDiscounts shippingDiscounts",
    coupons.Coupon: (
        "code type value usageLimit limitPerCustomer startDate expiryDate capping minReward "
        "minOrderValue entitledProductIds entitledVariantIds entitledCollectionIds "
        "entitledMerchantIds combinesWith valid reason"
    ),
    coupons.CouponValidation: "valid coupons lockReference dateToExpire",
    coupons.CouponLockRelease: "success releasedAt releasedCoupons",
    coupons.SingleCouponRequest: (
        "customerId email mobile lock lockReference lockDuration merchantId collectionId "
        "collectionsIds totalPurchaseAmount"
    ),
    coupons.CouponGenerationRequest: "customerId ruleId email mobile",
    coupons.CouponBurnRequest: (
        "customerId email mobile transactionId transactionTime coupons lockReference"
    ),
    coupons.AutomaticDiscountRequest: (
        "customerId cartId email mobile totalPrice totalShipping lineItems merchant"
    ),
    coupons.GeneratedCoupon: "code startDate expiryDate url pin",
    coupons.CouponBurn: "success burnedAt transactionId transactionTime",
    coupons.DiscountedItem: "productId quantity discount price",
    coupons.AutomaticDiscount: ("isApplied couponName discountAmount discountType discountedItems"),
    customers.CustomerAttributes: (
        "gender country city zip custom tags source utms devices paymentMethods totalSpent "
        "lastOrderDate totalOrders manualDate"
    ),
    customers.Customer: (
        "gameballId customerId customerAttributes referralCode referralLink isReferred "
        "dynamicReferralLink"
    ),
    customers.CustomerActivationRequest: "isActive",
    customers.CustomerActivation: "customerId isActive stateChanged",
    configurations.CashbackRule: (
        "tierName amountRewardThreshold rewardWalletFactor rewardRankFactor rewardFactor"
    ),
    configurations.CashbackRules: "defaultCashbackRule tierCashbackRules",
    configurations.CouponRewardProduct: (
        "productId productName variantId variantName productDisplayName"
    ),
    configurations.CouponRewardCollection: "collectionId collectionName",
    configurations.CouponGroup: (
        "handle title url iconPath description maxPerCustomer startDate expiryDate isAvailable "
        "isActive"
    ),
    configurations.CouponOptions: (
        "name expiryAfter usageLimit capping minOrderValue codePrefix redeemInstructions"
    ),
    configurations.CouponReward: (
        "couponType discountValue product collections group options minOrderValue"
    ),
    configurations.RedemptionRule: (
        "id pointsToRedeem valueOfPoint ruleType coupon image creationDate isActive"
    ),
    configurations.RedemptionRules: "redemptionFactor redemptionRules",
    configurations.CouponEngineParameter: "key value",
    configurations.CouponMapping: "fixed percentage freeProduct freeShipping",
    configurations.CouponPlatform: "displayName value",
    configurations.CouponEngine: (
        "url method queryParams headers payload couponMapping enableFreeProduct enableFixedRate "
        "enableFreeShipping enablePercentage platforms"
    ),
    configurations.CouponEngineUpdate: (
        "url method queryParams headers payload couponMapping enableFreeProduct enableFixedRate "
        "enableFreeShipping enablePercentage platforms"
    ),
    configurations.CampaignAvailability: "minTier tags",
    configurations.CampaignActivation: "startDate endDate",
    configurations.CampaignReward: "rankReward walletReward walletRewardFactor couponReward",
    configurations.RewardCampaign: (
        "id name description isRepeatable maxAchievement type visibility icon availability "
        "redirectionButtonText redirectionButtonLink activation rewards widgetDetailsParameter"
    ),
    configurations.TierBenefit: (
        "type description hyperLink rankReward walletReward walletRewardFactor couponReward"
    ),
    configurations.Tier: "name minProgress order icon benefits",
    configurations.ReferralCondition: "name operator value",
    configurations.ReferralExtraReward: "forEvery score point coupon",
    configurations.ReferralReward: "score point coupon extraReward",
    configurations.ReferralStep: "stepName eventName customerReward friendReward",
    configurations.ReferralProgram: (
        "referralMethod eventName eventMetaData friendReward customerReward stepName steps "
        "description"
    ),
    configurations.WidgetColors: "primary secondary accent background text",
    configurations.WidgetLayout: "position size showOnMobile",
    configurations.WidgetFeatures: "showBalance showPoints showTier showNotifications",
    configurations.WidgetConfiguration: (
        "colors layout features gameballEnabled redemptionEnabled cashbackEnabled "
        "visitorProfileEnabled userProfileEnabled leaderboardEnabled notificationsEnabled "
        "currency programName rankPointsName walletPointsName botMainColor"
    ),
    customers.CustomerProfileAttributes: (
        "displayName firstName lastName email gender mobile dateOfBirth joinDate country city zip "
        "preferredLanguage source utms devices paymentMethods totalSpent lastOrderDate "
        "totalOrders avgOrderAmount channel custom"
    ),
    customers.CustomerProfile: (
        "customerId email mobile deviceToken osType customerAttributes referrerCode guest"
    ),
    customers.CustomerUpsert: "gameballId customerId displayName email mobile createdAt",
    customers.CustomerDetailsAttributes: (
        "displayName firstName lastName email gender mobile dateOfBirth joinDate country city zip "
        "preferredLanguage tags source utms devices paymentMethods totalSpent lastOrderDate "
        "totalOrders avgOrderAmount channel custom manualDate"
    ),
    customers.CustomerDetails: (
        "customerId gameballId customerAttributes referralCode referralLink isReferred "
        "dynamicReferralLink"
    ),
    customers.PromotionConditions: "buyQuantity getQuantity applicableCollections minOrderValue",
    customers.PromotionRules: "type description conditions",
    customers.CustomerCoupon: (
        "name code value type target currency startDate expiryDate isExpired isActive usageLimit "
        "limitPerCustomer usedCount customerUsedCount isAvailableToUse iconPath isPromotion "
        "promotionRules displayName termsAndConditions status isUsed"
    ),
    customers.CustomerCoupons: "coupons",
    customers.SocialCampaignRequest: "customerId challengeId email mobile",
    customers.SocialCampaignAchievement: "customerId challengeId gameballStatus message learnMore",
    customers.CustomerHash: "hash",
    customers.TagsRequest: "tags",
    customers.Notification: "id title body isRead createdAt lang icon",
    customers.NotificationPage: "notifications nextCursor count hasMore",
    customers.NotificationsReadRequest: "notificationIds",
    customers.Count: "count",
    leaderboard.LeaderboardRow: "displayName customerId progress rank tierName tierIcon",
    leaderboard.LeaderboardRanking: "leaderboard customerRank customersCount",
    progress.Balance: (
        "totalPointsBalance totalPointsValue availablePointsBalance availablePointsValue "
        "pendingPoints pendingPointsValue currency pointsName nextExpiringPointsAmount "
        "nextExpiringPointsValue nextExpiringPointsDate totalEarnedPoints gameballStatus message "
        "learnMore"
    ),
    progress.TierLevel: "order name minProgress icon",
    progress.TierCompletion: "tierName tierId completionPercentage achievedPoints nextTierProgress",
    progress.TierProgressAnswer: (
        "current next progress tierName tierId completionPercentage achievedPoints nextTierProgress"
    ),
    progress.TierProgress: "current next progress",
    progress.CampaignProgress: (
        "rewardsCampaignName rewardsCampaignId isUnlocked highScoreAmount currentStreak "
        "highestStreak completionPercentage achievedCount canAchieve rewardCampaignConfiguration"
    ),
    progress.ReferredFriend: "customerId displayName email mobileNumber joinDate status gameballId",
    progress.ReferredFriendPage: "referredFriends count hasMore",
    progress.ReferralCount: "count totalPending totalActive",
    progress.Activity: (
        "activityId activityType activityDay activityDate activityTime customerId email "
        "phoneNumber displayName transactionId isManualActivity points score reason "
        "calculatedRedemption actualRedemption familyRedemptionAmount familyRedemptionPoints "
        "paymentRewardAmount outstandingPoints rewardThreshold currency redemptionRewardFactor "
        "campaignName campaignStartDate campaignEndDate campaignEnabled tierName rewardPoints "
        "rewardFactor isGuest couponUsed couponType couponCode couponGroup couponProduct "
        "couponProductId productVariantName"
    ),
    progress.ActivityPage: "activities count hasMore",
    progress.AutomationStep: "type order completed configuration",
    progress.Automation: "order name isUnlocked completed steps completionPercentage",
    progress.AutomationCampaign: "automation automationCount",
    progress.AutomationCampaigns: "campaigns count",
    progress.StampsProgress: (
        "numberOfCompletedSteps numberOfTimesEarned canAchieveAgain remainingTries "
        "challengeEndDate rewardName couponName"
    ),
    progress.StreakReward: "name type value",
    progress.StreakBadge: "milestoneDay name imageUrl earned earnedDate",
    progress.StreakProgress: (
        "currentStreakCount highestStreakCount totalRewardsEarned ongoingReward nextMilestone "
        "lastActivityDate campaignEndDate badges"
    ),
    referrals.ReferralValidation: "isValid",
}


@pytest.mark.parametrize("model", [pytest.param(cls, id=cls.__name__) for cls in NAMES])
def test_every_field_has_the_name_of_the_wire(model: type[Any]) -> None:
    fields = attrs.fields(model)
    assert NAMES[model].split() == [name for f in fields if (name := wire_name(f)) is not None]


def test_no_model_is_left_out() -> None:
    rooms = (
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
    models = {
        value
        for room in rooms
        for value in vars(room).values()
        if isinstance(value, type) and attrs.has(value) and value is not Finding
    }
    assert models == set(NAMES)


def test_what_only_we_know_is_not_the_wires() -> None:
    ours = [
        (model.__name__, f.name)
        for model in NAMES
        for f in attrs.fields(model)
        if wire_name(f) is None
    ]
    assert [
        ("OrderReceipt", "already_recorded"),
        ("PaymentReceipt", "already_recorded"),
        ("RedemptionReceipt", "already_recorded"),
        ("CashbackReceipt", "already_recorded"),
        ("RefundReceipt", "already_recorded"),
        ("BatchSuccess", "details"),
        ("ManualTransaction", "already_recorded"),
        ("CouponBurn", "already_recorded"),
        ("WidgetConfiguration", "members"),
        ("TierProgress", "rows"),
    ] == ours
