"""Customers: what a profile refuses, sends and hides, and what is read of the answers."""

from __future__ import annotations

import math
from collections import UserDict
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import given, strategies as st

from gameball_async.models.customers import (
    Count,
    CustomerAttributes,
    CustomerCoupon,
    CustomerCoupons,
    CustomerDetails,
    CustomerDetailsAttributes,
    CustomerHash,
    CustomerProfile,
    CustomerProfileAttributes,
    CustomerUpsert,
    NotificationsReadRequest,
    PromotionConditions,
    PromotionRules,
    SocialCampaignRequest,
    joined,
)
from gameball_async.serialization import decode, encode, to_wire


def profile(**fields: Any) -> CustomerProfile:
    return CustomerProfile(**{"customer_id": "c", **fields})


def attributes(**fields: Any) -> CustomerProfileAttributes:
    return CustomerProfileAttributes(**fields)


def achieved(**fields: Any) -> SocialCampaignRequest:
    return SocialCampaignRequest(**{"customer_id": "c", "challenge_id": 1, **fields})


def read(**fields: Any) -> NotificationsReadRequest:
    return NotificationsReadRequest(**fields)


@pytest.mark.parametrize(
    ("make", "fields", "error", "message"),
    [
        (profile, {"customer_id": ""}, ValueError, "CustomerProfile.customer_id: must not be em"),
        (profile, {"guest": 1}, TypeError, "CustomerProfile.guest: must be a bool, got int"),
        (
            profile,
            {"customer_attributes": CustomerAttributes()},
            TypeError,
            "customer_attributes: must be a CustomerProfileAttributes, got CustomerAttributes",
        ),
        (attributes, {"total_spent": math.nan}, ValueError, "total_spent: must be finite"),
        (attributes, {"total_orders": 1.5}, TypeError, "total_orders: must be an int"),
        (attributes, {"payment_methods": "card"}, TypeError, "payment_methods: must be a list"),
        (attributes, {"devices": "phone"}, TypeError, "devices: must be a list or tuple, got str"),
        (attributes, {"utms": {"a": 1}}, TypeError, "utms: must be a list or tuple, got dict"),
        (attributes, {"custom": ["k"]}, TypeError, "custom: must be a mapping, got list"),
        (attributes, {"custom": {5: "v"}}, TypeError, "custom: every key: must be a str, got int"),
        (achieved, {"challenge_id": "7"}, TypeError, "challenge_id: must be an int, got str"),
        (achieved, {"challenge_id": None}, TypeError, "challenge_id: must be an int"),
        (read, {"notification_ids": "15"}, TypeError, "notification_ids: must be a list or tup"),
        (read, {"notification_ids": [15]}, TypeError, "notification_ids[0]: must be a str"),
        (read, {"notification_ids": []}, ValueError, "notification_ids: must hold ids"),
        (read, {"notification_ids": ["1", ""]}, ValueError, "must hold ids, none of them empty"),
    ],
)
def test_what_cannot_be_sent_is_refused_naming_the_field(
    make: Callable[..., object], fields: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as caught:
        make(**fields)
    assert error is type(caught.value)
    assert message in str(caught.value)


WHOLE = {
    "customerId": "c",
    "email": "merge@x.y",
    "mobile": "+1",
    "deviceToken": "token-1",
    "osType": "iOS",
    "customerAttributes": {
        "displayName": "Arya Stark",
        "firstName": "Arya",
        "lastName": "Stark",
        "email": "arya@x.y",
        "gender": "F",
        "mobile": "+2",
        "dateOfBirth": "1990-01-02",
        "joinDate": "2024-01-02",
        "country": "EG",
        "city": "Cairo",
        "zip": "11511",
        "preferredLanguage": "en",
        "source": "web",
        "utms": [{"source": "x"}],
        "devices": ["phone", {"os": "iOS"}],
        "paymentMethods": ["card"],
        "totalSpent": 10.5,
        "lastOrderDate": "2024-05-06",
        "totalOrders": 3,
        "avgOrderAmount": 3.5,
        "channel": "web",
        "custom": {"level": "Gold", "since": "2024-01-02", "vip": True, "deep": [None, 1.5]},
    },
    "referrerCode": "code123",
    "guest": False,
}


def whole() -> CustomerProfile:
    return profile(
        email="merge@x.y",
        mobile="+1",
        device_token="token-1",
        os_type="iOS",
        referrer_code="code123",
        guest=False,
        customer_attributes=attributes(
            display_name="Arya Stark",
            first_name="Arya",
            last_name="Stark",
            email="arya@x.y",
            gender="F",
            mobile="+2",
            date_of_birth="1990-01-02",
            join_date="2024-01-02",
            country="EG",
            city="Cairo",
            zip="11511",
            preferred_language="en",
            source="web",
            utms=[{"source": "x"}],
            devices=["phone", {"os": "iOS"}],
            payment_methods=["card"],
            total_spent=Decimal("10.5"),
            last_order_date="2024-05-06",
            total_orders=3,
            avg_order_amount=3.5,
            channel="web",
            custom={
                "level": "Gold",
                "since": date(2024, 1, 2),
                "vip": True,
                "deep": [None, Decimal("1.5")],
            },
        ),
    )


def test_every_member_of_a_profile_travels_by_its_documented_name() -> None:
    assert WHOLE == orjson.loads(encode(to_wire(whole())))


def test_what_is_left_out_of_a_profile_is_not_sent() -> None:
    assert {"customerId": "c", "customerAttributes": {}} == to_wire(
        profile(customer_attributes=attributes())
    )


def test_names_and_addresses_of_a_profile_are_not_shown() -> None:
    shown = repr(whole())
    for secret in ("Arya", "Stark", "@x.y", "+1", "+2", "1990", "token-1", "Gold", "phone"):
        assert secret not in shown


def test_a_profile_keeps_its_own_copy_of_what_it_was_given() -> None:
    custom, devices = {"level": "Gold"}, ["phone"]
    made = attributes(custom=custom, devices=devices)
    custom.clear()
    devices.clear()
    assert {"level": "Gold"} == made.custom
    assert ("phone",) == made.devices


def test_any_mapping_will_do_for_your_own_attributes() -> None:
    assert {"custom": {"a": 1}} == to_wire(attributes(custom=UserDict({"a": 1})))


@pytest.mark.parametrize("value", [math.inf, datetime(2024, 1, 1)])  # noqa: DTZ001 - the subject
def test_a_free_value_without_a_form_is_refused_before_anything_is_sent(value: object) -> None:
    with pytest.raises(ValueError, match=r"custom\.a"):
        encode(to_wire(attributes(custom={"a": value})))


DETAILS = {
    "customerId": "c",
    "gameballId": 7,
    "referralCode": "CODE",
    "referralLink": "https://x.y?ref=CODE",
    "isReferred": False,
    "dynamicReferralLink": "https://x.app",
    "customerAttributes": {
        **{
            name: value
            for name, value in WHOLE["customerAttributes"].items()  # type: ignore[attr-defined]  # the table is of mixed values
            if name != "utms"
        },
        "utMs": [{"source": "x"}],
        "tags": ["vip"],
        "manualDate": "2024-06-07",
    },
}


def test_details_are_read_whole_and_not_shown_c_44() -> None:
    drifts: list[object] = []
    details = decode(orjson.dumps(DETAILS), CustomerDetails, drifts.append)
    assert [] == drifts
    assert (
        CustomerDetails(
            customer_id="c",
            gameball_id=7,
            referral_code="CODE",
            referral_link="https://x.y?ref=CODE",
            is_referred=False,
            dynamic_referral_link="https://x.app",
            customer_attributes=CustomerDetailsAttributes(
                display_name="Arya Stark",
                first_name="Arya",
                last_name="Stark",
                email="arya@x.y",
                gender="F",
                mobile="+2",
                date_of_birth="1990-01-02",
                join_date="2024-01-02",
                country="EG",
                city="Cairo",
                zip="11511",
                preferred_language="en",
                tags=["vip"],
                source="web",
                utms=[{"source": "x"}],
                devices=["phone", {"os": "iOS"}],
                payment_methods=["card"],
                total_spent=Decimal("10.5"),
                last_order_date="2024-05-06",
                total_orders=3,
                avg_order_amount=Decimal("3.5"),
                channel="web",
                custom={"level": "Gold", "since": "2024-01-02", "vip": True, "deep": [None, 1.5]},
                manual_date="2024-06-07",
            ),
        )
        == details
    )
    for secret in ("Arya", "Stark", "arya@", "+2", "1990", "Gold", "phone"):
        assert secret not in repr(details)


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        pytest.param({"gameballId": 51}, CustomerUpsert(gameball_id=51), id="an-id"),
        pytest.param(
            {
                "customerId": "c",
                "name": "Arya",
                "email": "a@x.y",
                "mobile": "+1",
                "createdAt": "2024-01-02T03:04:05Z",
            },
            CustomerUpsert(
                customer_id="c",
                display_name="Arya",
                email="a@x.y",
                mobile="+1",
                created_at=datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC),
            ),
            id="the-answer-of-the-guides-c-43",
        ),
        pytest.param(
            {"displayName": "Arya"}, CustomerUpsert(display_name="Arya"), id="its-other-name-c-43"
        ),
        pytest.param(
            {
                "coupons": [
                    {
                        "name": "Ten off",
                        "code": "TEN",
                        "value": 10.5,
                        "type": "Free Shipping",
                        "target": "Reward",
                        "currency": "EGP",
                        "startDate": "2024-01-02T03:04:05Z",
                        "expiryDate": "2024-02-02T03:04:05",
                        "isExpired": False,
                        "isActive": True,
                        "usageLimit": 9,
                        "limitPerCustomer": 1,
                        "usedCount": 4,
                        "customerUsedCount": 0,
                        "isAvailableToUse": True,
                        "iconPath": "i",
                        "isPromotion": True,
                        "promotionRules": {
                            "type": "bogo",
                            "description": "d",
                            "conditions": {
                                "buyQuantity": 2,
                                "getQuantity": 1,
                                "applicableCollections": ["s"],
                                "minOrderValue": 5,
                            },
                        },
                        "displayName": {"en": "Ten"},
                        "termsAndConditions": {"en": "None"},
                        "status": "active",
                        "isUsed": False,
                    }
                ]
            },
            CustomerCoupons(
                coupons=[
                    CustomerCoupon(
                        name="Ten off",
                        code="TEN",
                        value=Decimal("10.5"),
                        type="Free Shipping",
                        target="Reward",
                        currency="EGP",
                        start_date=datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC),
                        expiry_date=datetime(2024, 2, 2, 3, 4, 5, tzinfo=UTC),
                        is_expired=False,
                        is_active=True,
                        usage_limit=9,
                        limit_per_customer=1,
                        used_count=4,
                        customer_used_count=0,
                        is_available_to_use=True,
                        icon_path="i",
                        is_promotion=True,
                        promotion_rules=PromotionRules(
                            type="bogo",
                            description="d",
                            conditions=PromotionConditions(
                                buy_quantity=2,
                                get_quantity=1,
                                applicable_collections=["s"],
                                min_order_value=5,
                            ),
                        ),
                        display_name={"en": "Ten"},
                        terms_and_conditions={"en": "None"},
                        status="active",
                        is_used=False,
                    )
                ]
            ),
            id="a-coupon-with-the-members-of-the-changelog-c-16-c-60",
        ),
        pytest.param({"hash": 123456}, CustomerHash(hash="123456"), id="a-hash-as-a-number"),
        pytest.param({"count": "3"}, Count(count=3), id="a-count-as-text"),
    ],
)
def test_every_shape_of_an_answer_is_read(sample: dict[str, Any], expected: object) -> None:
    drifts: list[object] = []
    assert expected == decode(orjson.dumps(sample), type(expected), drifts.append)
    assert [] == drifts


def test_a_hash_is_not_shown() -> None:
    assert "123456" not in repr(CustomerHash(hash="123456"))


words = st.text(alphabet=st.characters(exclude_characters=","), min_size=1).filter(
    lambda it: bool(it.strip())
)


@given(st.lists(words, min_size=1))
def test_joined_texts_come_apart_as_they_went_in_c_38(values: list[str]) -> None:
    assert [value.strip() for value in values] == joined("tags", values).split(",")


@given(st.lists(st.text(), min_size=1))
def test_texts_that_would_not_come_apart_are_refused_c_38(values: list[str]) -> None:
    sound = all(value.strip() and "," not in value for value in values)
    if sound:
        assert len(values) == len(joined("tags", values).split(","))
    else:
        with pytest.raises(ValueError, match=r"^tags\[\d+\]: must not"):
            joined("tags", values)
