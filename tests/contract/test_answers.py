"""Every member of every answer ends in a typed field, and every field is somebody's member."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import attrs
import orjson
import pytest

from gameball_async import GameballClient, RetryPolicy
from gameball_async.hooks import DriftFound
from gameball_async.models.kinds import Kind, Record, Rows
from gameball_async.operation import Operation
from gameball_async.serialization import converter
from gameball_async.transport.http import Answer, Attempt, Request
from tests.clients import API_KEY, SECRET_KEY, Events
from tests.contract.document import described, members
from tests.contract.merged import merged
from tests.contract.test_operations import NOT_DESCRIBED, OURS

ANSWERED = sorted(name for name, it in OURS.items() if it.returns is not type(None))


def kind_of(operation: Operation[Any]) -> Kind:
    """How an operation's answer is read."""
    kind = converter.get_structure_hook(operation.returns)
    assert isinstance(kind, Kind)
    return kind


def read(kind: Kind, path: str = "") -> Iterator[tuple[str, str]]:
    """The path of every member that is read, without regard to lists, and the field it is."""
    if isinstance(kind, Rows):
        yield from read(kind.item, path)
    elif isinstance(kind, Record):
        for member in kind.members:
            for key in member.keys:
                here = f"{path}.{key}".lstrip(".")
                yield here, f"{kind.expected}.{key}"
                yield from read(member.kind, here)


def flat(paths: Iterator[str] | set[str]) -> set[str]:
    """A lone object stands for a list of one (C-55)."""
    return {it.replace("[]", "").lstrip(".") for it in paths} - {""}


def free(kind: Kind, path: str = "") -> Iterator[str]:
    """Members whose inside is kept as it is."""
    if isinstance(kind, Rows):
        yield from free(kind.item, path)
    elif isinstance(kind, Record):
        for member in kind.members:
            yield from (it for key in member.keys for it in free(member.kind, f"{path}.{key}"))
    elif kind.expected in {"dict", "Any"}:
        yield f"{path}.".lstrip(".")


def unread(kind: Kind, documented: set[str]) -> set[str]:
    fields, kept = {path for path, _ in read(kind)}, tuple(it for it in free(kind) if it)
    return {it for it in flat(documented) - fields if not it.startswith(kept)}


@pytest.mark.parametrize("name", ANSWERED)
def test_every_member_of_an_answer_is_a_field(name: str) -> None:
    kind = kind_of(OURS[name])
    assert set() == unread(kind, merged()[name].answer)
    if name not in NOT_DESCRIBED:
        assert set() == unread(kind, set(members(described()[name].answer)))


def test_where_we_read_no_body_none_is_described() -> None:
    silent = {*OURS} - {*ANSWERED}
    assert set() == {name for name in silent if merged()[name].answer}
    assert set() == {name for name in silent - {*NOT_DESCRIBED} if described()[name].answer}


ONLY_READ: Mapping[str, set[str]] = {
    "C-30, the point-of-sale guides": {
        *("OrderReceipt.orderId", "OrderReceipt.status"),
        *("OrderReceipt.pointsEarned", "OrderReceipt.pointsRedeemed"),
    },
    "C-39, the other shape of notifications": {
        *("Notification.notificationId", "Notification.lang", "Notification.icon"),
        *("NotificationPage.count", "NotificationPage.hasMore"),
    },
    "C-42, the cursor that rows lack": {"ReferredFriend.gameballId"},
    "C-43, the guides on creating a customer": {
        *("CustomerUpsert.customerId", "CustomerUpsert.displayName", "CustomerUpsert.name"),
        *("CustomerUpsert.email", "CustomerUpsert.mobile", "CustomerUpsert.createdAt"),
    },
    "C-46, the array of a tutorial": {
        *("TierProgressAnswer.tierName", "TierProgressAnswer.tierId"),
        *("TierProgressAnswer.completionPercentage", "TierProgressAnswer.achievedPoints"),
        "TierProgressAnswer.nextTierProgress",
    },
    "C-49, the tutorial on referrals": {
        *("ReferralReward.points", "ReferralExtraReward.points", "CouponReward.type"),
        *("CouponReward.value", "ReferralProgram.stepName", "ReferralProgram.steps"),
        *("ReferralProgram.description", "ReferralStep.stepName", "ReferralStep.eventName"),
        *("ReferralStep.customerReward", "ReferralStep.friendReward"),
    },
    "C-50, the tutorial on tiers": {"TierBenefit.rewardWalletFactor", "CouponReward.minOrderValue"},
    "C-51, the flags of a tutorial": {
        *("WidgetConfiguration.gameballEnabled", "WidgetConfiguration.redemptionEnabled"),
        *("WidgetConfiguration.cashbackEnabled", "WidgetConfiguration.leaderboardEnabled"),
        *("WidgetConfiguration.visitorProfileEnabled", "WidgetConfiguration.userProfileEnabled"),
        *("WidgetConfiguration.notificationsEnabled", "WidgetConfiguration.currency"),
        *("WidgetConfiguration.programName", "WidgetConfiguration.rankPointsName"),
        *("WidgetConfiguration.walletPointsName", "WidgetConfiguration.botMainColor"),
    },
    "C-53, the tutorial on leaderboards": {"LeaderboardRow.playerUniqueId"},
    "C-55, the pages on coupons": {
        *("CouponValidation.isValid", "Coupon.valid", "Coupon.reason"),
    },
    "C-57, the changelog on burning": {"CouponBurn.transactionId", "CouponBurn.transactionTime"},
    "C-60, the changelog and tutorials on coupons": {
        *("CustomerCoupon.isPromotion", "CustomerCoupon.promotionRules", "CustomerCoupon.status"),
        *("CustomerCoupon.displayName", "CustomerCoupon.termsAndConditions"),
        *("CustomerCoupon.isUsed", "PromotionRules.type", "PromotionRules.description"),
        *("PromotionRules.conditions", "PromotionConditions.buyQuantity"),
        *("PromotionConditions.getQuantity", "PromotionConditions.applicableCollections"),
        "PromotionConditions.minOrderValue",
    },
    "C-67, family wallets": {
        *("Transaction.familyRedemptionAmount", "Transaction.familyRedemptionPoints"),
        "CustomerTransaction.familyRedemptionAmount",
        "CustomerTransaction.familyRedemptionPoints",
    },
    "C-69, the guides on jobs": {
        *("BatchAnswer.operation", "BatchAnswer.createdAt", "BatchAnswer.startedAt"),
        *("BatchAnswer.totalCount", "BatchAnswer.finishedCount", "BatchAnswer.errorCount"),
        *("BatchAnswer.response", "BatchResponse.successful", "BatchResponse.failed"),
        *("BatchSuccess.customerId", "BatchSuccess.message", "BatchSuccess.orderId"),
        *("BatchSuccess.transactions", "BatchSuccess.count", "BatchFailure.customerId"),
        *("BatchFailure.message", "BatchFailure.error"),
    },
    "C-87, your own id by its usual name": {"ActivatedPoints.transactionId"},
    "C-89, a disabled program": {
        *("Balance.gameballStatus", "Balance.message", "Balance.learnMore"),
        *("OrderReceipt.gameballStatus", "CashbackQuote.gameballStatus"),
        *("PaymentReceipt.gameballStatus", "PaymentCashbackQuote.gameballStatus"),
    },
}
"""What we read although the description does not have it, and who says so."""


def test_every_field_is_a_member_of_the_description_or_is_read_for_a_reason() -> None:
    seen, documented = set[str](), set[str]()
    for name in ANSWERED:
        known = flat(set(members(described()[name].answer))) if name not in NOT_DESCRIBED else set()
        for path, field in read(kind_of(OURS[name])):
            seen.add(field)
            if path in known:
                documented.add(field)
    listed = {field for fields in ONLY_READ.values() for field in fields}
    assert listed == seen - documented


class Example:
    """A transport that gives one answer."""

    def __init__(self, example: Any) -> None:
        self._body = orjson.dumps(example)

    async def send(self, _request: Request, attempt: Attempt) -> Answer:
        attempt.on_connection()
        return Answer(200, {}, self._body)

    async def aclose(self) -> None:
        """Nothing is open."""


def _leaf_is_kept(kind: Kind, raw: Any, value: Any) -> bool:
    if kind.expected == "datetime":
        return isinstance(value, datetime) and value.tzinfo is not None
    if kind.expected in {"int", "Number"}:
        return isinstance(value, int | Decimal) and Decimal(str(raw)) == value
    if kind.expected in {"dict", "Any", "bool"}:
        return bool(raw == value)
    return isinstance(value, str) and str(raw).casefold() == value.casefold()  # enums fold case


def lost(kind: Kind, raw: Any, value: Any, path: str = "") -> Iterator[str]:
    """The members of an example that are not in the value that was made of it."""
    if raw is None:
        return
    if isinstance(kind, Rows):
        rows = raw if isinstance(raw, list) else [raw]
        if not isinstance(value, list) or len(rows) != len(value):
            yield path
            return
        for index, (row, item) in enumerate(zip(rows, value, strict=True)):
            yield from lost(kind.item, row, item, f"{path}[{index}]")
    elif isinstance(kind, Record):
        fields = {key: member for member in kind.members for key in member.keys}
        for name, item in raw.items():
            here = f"{path}.{name}"
            if name not in fields or not attrs.has(type(value)):
                yield here
            else:
                yield from lost(fields[name].kind, item, getattr(value, fields[name].name), here)
    elif not _leaf_is_kept(kind, raw, value):
        yield f"{path}: {raw!r} became {value!r}"


@pytest.mark.parametrize("name", sorted({*ANSWERED} - {*NOT_DESCRIBED}))
async def test_every_example_is_read_into_typed_values_with_nothing_left(name: str) -> None:
    operation, events = OURS[name], Events()
    it = described()[name]
    path = {part[1:-1]: "x" for part in it.path.split("/") if part.startswith("{")}
    body = {"any": "thing"} if it.body is not None else None
    assert it.samples
    for example in it.samples:
        async with GameballClient(
            API_KEY,
            SECRET_KEY,
            rate_limits=None,
            retry=RetryPolicy(attempts=1),
            hooks=[events],
            transport=Example(example),
        ) as client:
            response = await client.send(operation, path=path, body=body)
        assert [] == [*lost(kind_of(operation), example, response.value)]
    assert [] == events.of(DriftFound)
