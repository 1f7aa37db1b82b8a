"""Events: the exact wire format, and what cannot be sent."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, strategies as st
from orjson import loads

from gameball_async import (
    CampaignPreview,
    CampaignProgressPreview,
    EventPreview,
    GameballClient,
    OutcomeUnknownError,
    PreviewReason,
)
from gameball_async.models.events import EventsPreviewRequest, EventsRequest
from gameball_async.serialization import encode, to_wire
from tests.clients import API_KEY, SECRET_KEY, client
from tests.endpoints.exact import exact
from tests.wire import Drop, json_reply, wire

REVIEW: dict[str, Any] = {"write_review": {"product_id": "1653503260", "stars": 5}}
PREVIEW = {
    "customerId": "1214",
    "totalPoints": 150,
    "events": [
        {
            "eventName": "add_review",
            "valid": True,
            "invalidReason": None,
            "totalPoints": 150,
            "campaigns": [
                {
                    "campaignId": 2655,
                    "campaignName": "Review & Earn",
                    "campaignEndDate": "2026-08-31T23:59:59Z",
                    "eligible": True,
                    "reason": "Rewarded",
                    "rewardType": "Points",
                    "rewardPoints": 150,
                    "couponType": None,
                    "couponValue": None,
                    "points": 150,
                    "timesAchieved": 1,
                    "progress": None,
                },
                {
                    "campaignId": 2656,
                    "eligible": False,
                    "reason": "Later",
                    "couponValue": 7.5,
                    "progress": {
                        "currentPercentage": 20,
                        "wouldBePercentage": 40.5,
                        "completionRewardPoints": None,
                        "completionRewardType": "Coupon",
                    },
                },
            ],
        },
        {"eventName": "dance", "valid": False, "invalidReason": "EventNotFound"},
    ],
}


async def test_events_travel_by_name_with_the_merge_keys_c32() -> None:
    done, sent = await exact(
        "POST",
        "/events",
        {"success": True, "message": "Events processed"},
        lambda g: g.events.send(customer_id="184", events=REVIEW, email="a@b.c", mobile="+1"),
    )
    assert {"customerId": "184", "events": REVIEW, "email": "a@b.c", "mobile": "+1"} == sent.body
    assert (True, "Events processed") == (done.success, done.message)


async def test_metadata_are_texts_numbers_and_lists_of_them_and_none_is_an_empty_object() -> None:
    given: dict[str, Any] = {
        "buy": {"tags": ["a", 2], "sizes": (1.5,), "price": Decimal("0.10")},
        "visit": None,
    }
    _, sent = await exact(
        "POST", "/events", {}, lambda g: g.events.send(customer_id="c", events=given)
    )
    assert {
        "buy": {"tags": ["a", 2], "sizes": [1.5], "price": 0.1},
        "visit": {},
    } == sent.body["events"]


async def test_a_preview_is_read_with_its_campaigns_and_their_open_reasons() -> None:
    found, sent = await exact(
        "POST",
        "/events/reward-preview",
        PREVIEW,
        lambda g: g.events.preview_rewards(
            customer_id="1214", events={"add_review": {"rating": 5}}, email="a@b.c", mobile="+1"
        ),
    )
    assert {
        "customerId": "1214",
        "events": {"add_review": {"rating": 5}},
        "email": "a@b.c",
        "mobile": "+1",
    } == sent.body
    assert ("1214", 150) == (found.customer_id, found.total_points)
    rewarded = CampaignPreview(
        campaign_id=2655,
        campaign_name="Review & Earn",
        campaign_end_date=datetime(2026, 8, 31, 23, 59, 59, tzinfo=UTC),
        eligible=True,
        reason=PreviewReason.REWARDED,
        reward_type="Points",
        reward_points=150,
        points=150,
        times_achieved=1,
    )
    progressing = CampaignPreview(
        campaign_id=2656,
        eligible=False,
        reason="Later",
        coupon_value=Decimal("7.5"),
        progress=CampaignProgressPreview(
            current_percentage=20,
            would_be_percentage=Decimal("40.5"),
            completion_reward_type="Coupon",
        ),
    )
    assert [
        EventPreview(
            event_name="add_review",
            valid=True,
            total_points=150,
            campaigns=[rewarded, progressing],
        ),
        EventPreview(event_name="dance", valid=False, invalid_reason="EventNotFound"),
    ] == found.events


async def test_an_order_may_be_previewed_as_an_event_c28() -> None:
    _, sent = await exact(
        "POST",
        "/events/reward-preview",
        {},
        lambda g: g.events.preview_rewards(customer_id="c", events={"place_order": {}}),
    )
    assert {"place_order": {}} == sent.body["events"]


async def test_a_preview_asks_for_names_in_the_clients_language_and_needs_no_secret() -> None:
    async with (
        wire(json_reply(events=[])) as server,
        client(server.url, secret_key=None, language="ar") as gameball,
    ):
        await gameball.events.preview_rewards(customer_id="c", events=REVIEW)
        await gameball.events.send(customer_id="c", events=REVIEW)
        assert ["ar", None] == [seen.headers.get("lang") for seen in server.seen]


async def test_events_are_never_sent_twice_and_a_preview_is_asked_again() -> None:
    answer = json_reply(success=True)
    async with wire(Drop(), answer) as server, client(server.url) as gameball:
        with pytest.raises(OutcomeUnknownError):
            await gameball.events.send(customer_id="c", events=REVIEW)
        assert 1 == len(server.seen)
    async with wire(Drop(), answer) as server, client(server.url) as gameball:
        await gameball.events.preview_rewards(customer_id="c", events=REVIEW)
        assert 2 == len(server.seen)


@pytest.mark.parametrize(
    ("events", "message"),
    [
        pytest.param({}, "must hold events", id="no-event"),
        pytest.param({"": {}}, "none of them without a name", id="no-name"),
        pytest.param(None, "must be a mapping, got NoneType", id="no-mapping"),
        pytest.param(["visit"], "must be a mapping, got list", id="a-list"),
        pytest.param({7: {}}, "every key: must be a str, got int", id="a-number-as-a-name"),
        pytest.param({"a": "b"}, r"\['a'\]: must be a mapping, got str", id="a-text-as-metadata"),
        pytest.param({"a": {7: 1}}, r"\['a'\]: every key: must be a str", id="a-number-as-a-key"),
        pytest.param({"a": {"k": True}}, r"\['a'\]\['k'\]: must be a str or a number", id="a-flag"),
        pytest.param({"a": {"k": {}}}, r"\['k'\]: must be a str or a number, got dict", id="deep"),
        pytest.param({"a": {"k": [None]}}, r"\['k'\]: must be a str or a number", id="null-inside"),
        pytest.param({"a": {"k": float("nan")}}, r"\['k'\]: must be finite", id="nan"),
    ],
)
async def test_events_that_cannot_be_sent_are_named(events: Any, message: str) -> None:
    async with GameballClient(API_KEY, SECRET_KEY, base_url="http://127.0.0.1:9") as gameball:
        for call in (gameball.events.send, gameball.events.preview_rewards):
            with pytest.raises((ValueError, TypeError), match=rf"events.*{message}"):
                await call(customer_id="c", events=events)
            with pytest.raises(ValueError, match="customer_id: must not be empty"):
                await call(customer_id="", events=REVIEW)


async def test_place_order_is_refused_because_the_order_sends_it_c28() -> None:
    gameball = GameballClient(API_KEY, SECRET_KEY, base_url="http://127.0.0.1:9")
    with pytest.raises(ValueError, match=r"EventsRequest.events: place_order .* orders.track"):
        await gameball.events.send(customer_id="c", events={"visit": {}, "place_order": {}})
    _, sent = await exact(
        "POST", "/events", {}, lambda g: g.events.send(customer_id="c", events={"Place_Order": {}})
    )
    assert {"Place_Order": {}} == sent.body["events"], "names are case-sensitive"


def test_events_are_kept_as_a_copy_and_the_merge_keys_are_not_shown() -> None:
    metadata = {"stars": 5}
    request = EventsRequest(
        customer_id="c", events=MappingProxyType({"a": metadata}), email="a@b.c", mobile="+49"
    )
    metadata["stars"] = 1
    assert {"a": {"stars": 5}} == request.events
    assert "a@b.c" not in repr(request)
    assert "+49" not in repr(request)


plain = (
    st.text() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
)


@given(
    st.dictionaries(
        st.text(min_size=1), st.none() | st.dictionaries(st.text(), plain | st.lists(plain))
    ).filter(bool)
)
def test_whatever_is_accepted_has_a_form_on_the_wire(events: dict[str, Any]) -> None:
    sent = loads(encode(to_wire(EventsPreviewRequest(customer_id="c", events=events))))
    assert {name: metadata or {} for name, metadata in events.items()} == sent["events"]
