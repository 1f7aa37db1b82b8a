"""Every member is spelled as the API spells it."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from gameball_async.models import coupons, customers, orders, transactions
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
        "merchant"
    ),
    orders.OrderReceiptLine: "productId quantity decimalPoints points score",
    orders.OrderReceipt: "customerId redeemedPoints rewardedPoints lineItems orderId status",
    orders.CashbackQuoteLine: (
        "productId quantity totalDecimalPoints totalPoints totalScore rewardWalletFactor "
        "campaignId campaignName campaignEndDate campaignImpactWalletFactor campaignImpactPoints"
    ),
    orders.CashbackQuote: "totalPoints totalScore lineItems",
    orders.OrderTransaction: (
        "transactionDate gameballTransactionId transactionType amount transactionId "
        "equivalentPoints"
    ),
    orders.OrderTransactions: "transactions count",
    transactions.Transaction: (
        "transactionId gameballTransactionId type direction customerId points amount "
        "transactionTime status couponCode isCouponUsed couponType merchantName branchName reason "
        "achievementName expiryDate pointsBalanceBefore pointsBalanceAfter achievementType "
        "achievedRewardCampaignId achievedTierId familyRedemptionAmount familyRedemptionPoints"
    ),
    transactions.TransactionPage: "transactions count hasMore",
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
}


@pytest.mark.parametrize("model", [pytest.param(cls, id=cls.__name__) for cls in NAMES])
def test_every_field_has_the_name_of_the_wire(model: type[Any]) -> None:
    fields = attrs.fields(model)
    assert NAMES[model].split() == [name for f in fields if (name := wire_name(f)) is not None]


def test_no_model_is_left_out() -> None:
    rooms = (coupons, customers, orders, transactions)
    models = {
        value
        for room in rooms
        for value in vars(room).values()
        if isinstance(value, type) and attrs.has(value)
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
        ("ManualTransaction", "already_recorded"),
    ] == ours
