"""Customers: the exact wire format, and what they do in an account."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from gameball_async import (
    ApiError,
    Bucket,
    CustomerNotFoundError,
    CustomerProfile,
    CustomerProfileAttributes,
    GameballClient,
    NotFoundError,
    OutcomeUnknownError,
    PayloadError,
    TierCompletion,
    TierLevel,
    TierProgress,
    operations as op,
)
from gameball_async.endpoints.customers import Customers
from gameball_async.operation import Operation
from gameball_async.sandbox import Sandbox
from tests.clients import API_KEY, QUICK, SECRET_KEY, client, order
from tests.endpoints.exact import exact
from tests.wire import Drop, Reply, json_reply, refusal, wire

ROOT = "/api/v4/integrations/customers"
Call = Callable[[GameballClient], Awaitable[Any]]


def connect(sandbox: Sandbox) -> GameballClient:
    return GameballClient(API_KEY, SECRET_KEY, base_url=sandbox.url, retry=QUICK)


ROWS: list[tuple[Operation[Any], str]] = [
    (op.UPSERT_CUSTOMER, "POST  idempotent K -"),
    (op.GET_CUSTOMER, "GET /* read K -"),
    (op.DELETE_CUSTOMER, "DELETE /* idempotent KS -"),
    (op.GET_CUSTOMER_DETAILS, "GET /*/details read KS -"),
    (op.SET_CUSTOMER_ACTIVE, "PUT /*/activate idempotent KS -"),
    (op.LIST_CUSTOMER_COUPONS, "GET /*/coupons read KS -"),
    (op.ACHIEVE_SOCIAL_CAMPAIGN, "POST /social-challenges unsafe KS -"),
    (op.GET_CUSTOMER_HASH, "GET /*/hash read KS -"),
    (op.GET_BALANCE, "GET /*/balance read KS -"),
    (op.GET_TIER_PROGRESS, "GET /*/tier-progress read KS header"),
    (op.GET_CAMPAIGNS_PROGRESS, "GET /*/reward-campaigns-progress read KS header"),
    (op.LIST_REFERRALS, "GET /*/referrals read KS -"),
    (op.COUNT_REFERRALS, "GET /*/referrals/count read KS -"),
    (op.LIST_ACTIVITIES, "GET /*/activities read KS -"),
    (op.COUNT_ACTIVITIES, "GET /*/activities/count read KS -"),
    (op.GET_AUTOMATION_CAMPAIGNS, "GET /*/automation read K -"),
    (op.GET_STAMPS_PROGRESS, "GET /*/stamps/{challengeId} read KS -"),
    (op.GET_STREAK_PROGRESS, "GET /*/streaks/{campaignId} read KS -"),
    (op.ADD_TAGS, "POST /*/tags idempotent KS -"),
    (op.REMOVE_TAGS, "DELETE /*/tags idempotent KS -"),
    (op.REMOVE_TAG, "DELETE /*/tags/{tag} idempotent KS -"),
    (op.LIST_NOTIFICATIONS, "GET /*/notifications read K query"),
    (op.COUNT_NOTIFICATIONS, "GET /*/notifications/count read K query"),
    (op.MARK_NOTIFICATIONS_READ, "PUT /*/notifications/read idempotent KS -"),
]
"""Method, path below ``/customers`` with ``*`` for the customer, replay, keys, language."""


@pytest.mark.parametrize(("operation", "expected"), [pytest.param(*row, id=row[1]) for row in ROWS])
def test_each_operation_is_what_the_table_says_c_35_c_36(
    operation: Operation[Any], expected: str
) -> None:
    path = operation.path.removeprefix("/customers").replace("/{customerId}", "/*")
    keys, language = "KS" if operation.secret else "K", operation.language or "-"
    shown = f"{operation.method} {path} {operation.replay.value} {keys} {language}"
    assert expected == shown
    reads = operation.method == "GET"
    assert (Bucket.CUSTOMERS_READ if reads else Bucket.CUSTOMERS_WRITE) is operation.bucket


READS: list[tuple[Call, str, Any]] = [
    (lambda g: g.customers.get("a b"), "a%20b", {}),
    (lambda g: g.customers.details("a/b"), "a%2Fb/details", {}),
    (lambda g: g.customers.coupons("c"), "c/coupons", {}),
    (lambda g: g.customers.hash("c"), "c/hash", {}),
    (lambda g: g.customers.balance("c"), "c/balance", {}),
    (
        lambda g: g.customers.balance("c", expand=["tier", "referrals"]),
        "c/balance?expand=tier%2Creferrals",
        {},
    ),
    (lambda g: g.customers.tier_progress("c"), "c/tier-progress", {}),
    (
        lambda g: g.customers.tier_progress("c", expand=("tier",)),
        "c/tier-progress?expand=tier",
        {},
    ),
    (lambda g: g.customers.campaigns_progress("c"), "c/reward-campaigns-progress", []),
    (
        lambda g: g.customers.campaigns_progress("c", campaign_type="game", campaign_id=7),
        "c/reward-campaigns-progress?campaignType=game&campaignId=7",
        [],
    ),
    (
        lambda g: g.customers.referrals("c").page(),
        "c/referrals?limit=200",
        {"referredFriends": []},
    ),
    (
        lambda g: g.customers.referrals("c", limit=5, start_after=9).page(),
        "c/referrals?limit=5&startAfter=9",
        {"referredFriends": []},
    ),
    (lambda g: g.customers.referrals_count("c"), "c/referrals/count", {"count": 0}),
    (
        lambda g: g.customers.activities("c").page(),
        "c/activities?limit=200",
        {"activities": []},
    ),
    (
        lambda g: g.customers.activities(
            "c", activity_type="Refund", limit=7, start_after="12"
        ).page(),
        "c/activities?activityType=Refund&limit=7&startAfter=12",
        {"activities": []},
    ),
    (lambda g: g.customers.activities_count("c"), "c/activities/count", {"count": 0}),
    (
        lambda g: g.customers.activities_count("c", activity_type="Lifetime"),
        "c/activities/count?activityType=Lifetime",
        {"count": 0},
    ),
    (lambda g: g.customers.automation_campaigns("c"), "c/automation", {}),
    (
        lambda g: g.customers.automation_campaigns("c", campaign_type="all"),
        "c/automation?campaignType=all",
        {},
    ),
    (lambda g: g.customers.stamps_progress("c", 4), "c/stamps/4", {}),
    (lambda g: g.customers.streak_progress("c", 5), "c/streaks/5", {}),
    (
        lambda g: g.customers.notifications("c", is_read=False, limit=3, start_after="n").page(),
        "c/notifications?isRead=false&limit=3&startAfter=n",
        {"notifications": []},
    ),
    (
        lambda g: g.customers.notifications_count("c", is_read=True),
        "c/notifications/count?isRead=true",
        {"count": 0},
    ),
]


@pytest.mark.parametrize(
    ("call", "target", "answer"), [pytest.param(*row, id=row[1]) for row in READS]
)
async def test_a_read_asks_for_its_documented_address(call: Call, target: str, answer: Any) -> None:
    async with wire(Reply(body=orjson.dumps(answer))) as server, client(server.url) as gameball:
        await call(gameball)
    assert [f"GET {ROOT}/{target}"] == server.targets
    assert b"" == server.seen[0].body


@pytest.mark.parametrize(
    ("call", "sent"),
    [
        pytest.param(lambda g: g.customers.tier_progress("c"), "header", id="a-tier"),
        pytest.param(lambda g: g.customers.campaigns_progress("c"), "header", id="campaigns"),
        pytest.param(lambda g: g.customers.notifications("c").page(), "query", id="notifications"),
        pytest.param(lambda g: g.customers.notifications_count("c"), "query", id="their-number"),
        pytest.param(lambda g: g.customers.balance("c"), None, id="a-balance"),
    ],
)
async def test_the_language_travels_where_it_is_documented_c_36(
    call: Call, sent: str | None
) -> None:
    answer = json_reply(count=1, notifications=[])
    async with wire(answer) as server, client(server.url, language="fr") as gameball:
        await call(gameball)
    seen = server.seen[0]
    assert ("fr" if sent == "header" else None) == seen.headers.get("lang")
    assert (sent == "query") == ("lang=fr" in seen.target)


async def test_what_needs_no_secret_is_sent_without_one_and_the_rest_is_not_c_35() -> None:
    async with (
        wire(json_reply(count=3)) as server,
        client(server.url, secret_key=None) as gameball,
    ):
        assert 3 == await gameball.customers.notifications_count("c")
        with pytest.raises(ValueError, match="secret"):
            await gameball.customers.referrals_count("c")
    assert 1 == len(server.seen)


async def test_a_customer_is_asked_for_by_its_encoded_id() -> None:
    customer, sent = await exact(
        "GET",
        "/customers/jane%20doe%2F1",
        {"gameballId": 7, "customerAttributes": {"utMs": [{"source": "x"}], "city": "Cairo"}},
        lambda g: g.customers.get("jane doe/1"),
    )
    assert None is sent.body
    assert 7 == customer.gameball_id
    assert customer.customer_attributes is not None
    assert "Cairo" == customer.customer_attributes.city
    assert [{"source": "x"}] == customer.customer_attributes.utms, "C-44"


async def test_a_profile_travels_as_the_guide_shows_it() -> None:
    profile = CustomerProfile(
        customer_id="CUST_56789",
        referrer_code="code123",
        customer_attributes=CustomerProfileAttributes(
            display_name="Arya Stark",
            first_name="Arya",
            last_name="Stark",
            email="arya.stark@example.com",
            custom={"membership_level": "Gold"},
        ),
    )
    made, sent = await exact(
        "POST", "/customers", {"gameballId": 51}, lambda g: g.customers.upsert(profile)
    )
    assert {
        "customerId": "CUST_56789",
        "referrerCode": "code123",
        "customerAttributes": {
            "displayName": "Arya Stark",
            "firstName": "Arya",
            "lastName": "Stark",
            "email": "arya.stark@example.com",
            "custom": {"membership_level": "Gold"},
        },
    } == sent.body
    assert 51 == made.gameball_id


async def test_a_lost_profile_is_sent_again_byte_by_byte() -> None:
    async with wire(Drop(), json_reply(gameballId=1)) as server, client(server.url) as gameball:
        made = await gameball.customers.upsert(CustomerProfile(customer_id="c"))
    assert 1 == made.gameball_id
    assert [server.seen[0].body] * 2 == [seen.body for seen in server.seen]


async def test_a_customer_is_taken_out_by_a_put() -> None:
    state, sent = await exact(
        "PUT",
        "/customers/id123/activate",
        {"customerId": "id123", "isActive": False, "stateChanged": True},
        lambda g: g.customers.set_active("id123", False),
    )
    assert {"isActive": False} == sent.body
    assert (False, True) == (state.is_active, state.state_changed)


async def test_who_is_out_neither_earns_nor_redeems() -> None:
    async with Sandbox.serve() as sandbox, connect(sandbox) as gameball:
        with pytest.raises(CustomerNotFoundError):
            await gameball.customers.get("id123")
        with pytest.raises(CustomerNotFoundError):
            await gameball.customers.set_active("id123", is_active=True)
        await gameball.orders.track(order())
        assert "id123" == (await gameball.customers.get("id123")).customer_id
        out = await gameball.customers.set_active("id123", is_active=False)
        again = await gameball.customers.set_active("id123", is_active=False)
        with pytest.raises(PayloadError) as caught:
            await gameball.transactions.hold(customer_id="id123", points_to_hold=1)
    assert (True, False) == (out.state_changed, again.state_changed)
    assert 3009 == caught.value.code


async def test_a_delete_has_no_body_and_an_empty_answer_is_success() -> None:
    async with wire(Reply(body=b"")) as server, client(server.url) as gameball:
        await gameball.customers.delete("c")
    assert [f"DELETE {ROOT}/c"] == server.targets
    assert b"" == server.seen[0].body


@pytest.mark.parametrize(
    ("first", "second", "error"),
    [
        pytest.param(Drop(), refusal(404, 7000), None, id="gone-after-a-lost-answer-is-done"),
        pytest.param(refusal(404, 7000), Reply(), CustomerNotFoundError, id="gone-at-once"),
        pytest.param(
            Drop(), refusal(403, 1002), OutcomeUnknownError, id="refused-after-a-lost-answer"
        ),
        pytest.param(Drop(), Drop(), OutcomeUnknownError, id="never-answered"),
    ],
)
async def test_a_lost_delete_is_done_when_the_customer_is_gone(
    first: Any, second: Any, error: type[Exception] | None
) -> None:
    async with wire(first, second) as server, client(server.url) as gameball:
        if error is None:
            await gameball.customers.delete("c")
        else:
            with pytest.raises(error):
                await gameball.customers.delete("c")


async def test_a_social_campaign_travels_as_the_guide_shows_it() -> None:
    told, sent = await exact(
        "POST",
        "/customers/social-challenges",
        {"customerId": "customer_123", "challengeId": 11664},
        lambda g: g.customers.achieve_social_campaign(
            customer_id="customer_123", challenge_id=11664, email="a@b.c", mobile="+1"
        ),
    )
    assert {
        "customerId": "customer_123",
        "challengeId": 11664,
        "email": "a@b.c",
        "mobile": "+1",
    } == sent.body
    assert ("customer_123", 11664) == (told.customer_id, told.challenge_id)
    assert told.gameball_status is None


async def test_a_disabled_program_says_so_in_the_answer_c_89() -> None:
    answer = json_reply(202, gameballStatus="disabled", message="off", learnMore="https://x.y")
    async with wire(answer) as server, client(server.url) as gameball:
        told = await gameball.customers.achieve_social_campaign(customer_id="c", challenge_id=1)
    assert ("disabled", "off") == (told.gameball_status, told.message)
    assert "https://x.y" == told.learn_more


async def test_a_lost_social_campaign_is_never_sent_again() -> None:
    async with wire(Drop()) as server, client(server.url) as gameball:
        with pytest.raises(OutcomeUnknownError):
            await gameball.customers.achieve_social_campaign(customer_id="c", challenge_id=1)
    assert 1 == len(server.seen)


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        pytest.param(404, 4004, NotFoundError, id="an-unknown-customer-c-78"),
        pytest.param(400, 4000, ApiError, id="told-twice"),
    ],
)
async def test_a_refused_social_campaign(status: int, code: int, error: type[ApiError]) -> None:
    async with wire(refusal(status, code)) as server, client(server.url) as gameball:
        with pytest.raises(error) as caught:
            await gameball.customers.achieve_social_campaign(customer_id="c", challenge_id=1)
    assert code == caught.value.code


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(
            {
                "current": {"order": 1, "name": "Basic", "minProgress": 0, "icon": "a1"},
                "next": {"order": 2, "name": "Gold", "minProgress": 190},
                "progress": 50,
            },
            TierProgress(
                current=TierLevel(order=1, name="Basic", min_progress=0, icon="a1"),
                next=TierLevel(order=2, name="Gold", min_progress=190),
                progress=50,
            ),
            id="the-object",
        ),
        pytest.param(
            [{"current": {"order": 3}, "next": None, "progress": 9}],
            TierProgress(current=TierLevel(order=3), progress=9),
            id="the-object-in-an-array-at-the-top-tier",
        ),
        pytest.param(
            [
                {
                    "tierName": "Gold",
                    "tierId": 7,
                    "completionPercentage": 40,
                    "achievedPoints": 20,
                    "nextTierProgress": 60,
                },
                {"tierId": 8},
                {"tierName": "Silver"},
                "drifted",
            ],
            TierProgress(
                rows=(
                    TierCompletion(
                        tier_name="Gold",
                        tier_id=7,
                        completion_percentage=40,
                        achieved_points=20,
                        next_tier_progress=60,
                    ),
                    TierCompletion(tier_id=8),
                    TierCompletion(tier_name="Silver"),
                )
            ),
            id="the-array-of-the-tutorial",
        ),
        pytest.param([], TierProgress(), id="an-empty-array"),
    ],
)
async def test_a_tier_is_read_in_either_shape_c_46(answer: Any, expected: TierProgress) -> None:
    found, _ = await exact(
        "GET", "/customers/c/tier-progress", answer, lambda g: g.customers.tier_progress("c")
    )
    assert expected == found


async def test_counts_are_numbers_of_all_pages_c_41() -> None:
    answer = {"count": 15, "totalPending": 5, "totalActive": 10}
    count, _ = await exact(
        "GET", "/customers/c/referrals/count", answer, lambda g: g.customers.referrals_count("c")
    )
    assert 15 == count


def test_no_read_of_a_customer_takes_a_merge_key_c_86() -> None:
    merging = {
        name
        for name, method in vars(Customers).items()
        if not name.startswith("_")
        and {"email", "mobile"} & set(inspect.signature(method).parameters)
    }
    assert {"achieve_social_campaign"} == merging


async def test_tags_travel_as_one_text_c_38() -> None:
    done, sent = await exact(
        "POST",
        "/customers/c/tags",
        {"success": True, "message": "ok"},
        lambda g: g.customers.add_tags("c", ["gamer", " high spender "]),
    )
    assert {"tags": "gamer,high spender"} == sent.body
    assert (True, "ok") == (done.success, done.message)


async def test_tags_are_removed_by_a_delete_with_a_body_c_37() -> None:
    done, sent = await exact(
        "DELETE",
        "/customers/c/tags",
        {"success": True},
        lambda g: g.customers.remove_tags("c", ("gamer", "loyal")),
    )
    assert {"tags": "gamer,loyal"} == sent.body
    assert done.success


@pytest.mark.parametrize(
    ("answers", "targets"),
    [
        pytest.param(
            [refusal(400, 3000), json_reply(success=True)],
            ["tags", "tags/a", "tags/b%2Fc"],
            id="each-by-its-own-path",
        ),
        pytest.param(
            [Drop(), refusal(400, 3000), json_reply(success=True)],
            ["tags", "tags", "tags/a", "tags/b%2Fc"],
            id="after-a-lost-answer-too",
        ),
        pytest.param(
            [refusal(400, 3000), refusal(404, 4004), json_reply(success=True)],
            ["tags", "tags/a", "tags/b%2Fc"],
            id="one-is-not-there",
        ),
        pytest.param(
            [refusal(400, 3000), json_reply(success=True), refusal(404, 4004)],
            ["tags", "tags/a", "tags/b%2Fc"],
            id="the-last-is-not-there",
        ),
    ],
)
async def test_tags_are_removed_one_by_one_where_a_proxy_strips_the_body_c_37(
    answers: list[Any], targets: list[str]
) -> None:
    async with wire(*answers) as server, client(server.url) as gameball:
        assert (await gameball.customers.remove_tags("c", ["a", "b/c"])).success
    assert [f"DELETE {ROOT}/c/{target}" for target in targets] == server.targets


@pytest.mark.parametrize(
    ("answers", "error", "sent"),
    [
        pytest.param([refusal(400, 3003)], PayloadError, 1, id="another-fault-of-the-payload"),
        pytest.param([refusal(404, 7000)], CustomerNotFoundError, 1, id="an-unknown-customer"),
        pytest.param(
            [refusal(400, 3000), refusal(404, 7000)],
            CustomerNotFoundError,
            2,
            id="an-unknown-customer-one-by-one",
        ),
        pytest.param(
            [refusal(400, 3000), refusal(404, 4004)], NotFoundError, 3, id="none-is-there"
        ),
        pytest.param(
            [Drop(), refusal(404, 7000)], OutcomeUnknownError, 2, id="unclear-after-a-lost-answer"
        ),
        pytest.param([Drop()], OutcomeUnknownError, 4, id="never-answered"),
    ],
)
async def test_tags_that_cannot_be_removed(
    answers: list[Any], error: type[Exception], sent: int
) -> None:
    async with wire(*answers) as server, client(server.url) as gameball:
        with pytest.raises(error) as caught:
            await gameball.customers.remove_tags("c", ["a", "b"])
    assert error is type(caught.value)
    assert sent == len(server.seen)


async def test_one_tag_is_removed_by_its_encoded_path() -> None:
    done, sent = await exact(
        "DELETE",
        "/customers/c/tags/high%20spender",
        {"success": True},
        lambda g: g.customers.remove_tag("c", "high spender"),
    )
    assert None is sent.body
    assert done.success


async def test_a_tag_whose_removal_was_lost_is_removed_when_it_is_gone() -> None:
    async with wire(Drop(), refusal(404, 4004)) as server, client(server.url) as gameball:
        assert (await gameball.customers.remove_tag("c", "a")).success
    assert 2 == len(server.seen)


@pytest.mark.parametrize(
    ("tags", "error", "message"),
    [
        pytest.param("gamer", TypeError, "tags: must be a list or tuple, got str", id="a-text"),
        pytest.param(None, TypeError, "tags: must be a list or tuple", id="none"),
        pytest.param([], ValueError, "tags: must not be empty", id="an-empty-list"),
        pytest.param(["a", " "], ValueError, r"tags\[1\]: must not be empty", id="a-blank"),
        pytest.param(["a", 5], TypeError, r"tags\[1\]: must be a str, got int", id="a-number"),
        pytest.param(["a,b"], ValueError, r"tags\[0\]: must not hold a comma", id="a-comma"),
    ],
)
async def test_tags_that_are_none_are_refused_before_anything_is_sent_c_38(
    tags: Any, error: type[Exception], message: str
) -> None:
    async with wire() as server, client(server.url) as gameball:
        for call in (gameball.customers.add_tags, gameball.customers.remove_tags):
            with pytest.raises(error, match=f"^{message}"):
                await call("c", tags)
        with pytest.raises(ValueError, match="comma"):
            await gameball.customers.remove_tag("c", "a,b")
    assert [] == server.seen


async def test_notifications_are_marked_by_a_put_with_texts_c_39() -> None:
    done, sent = await exact(
        "PUT",
        "/customers/c/notifications/read",
        {"success": True},
        lambda g: g.customers.mark_notifications_read("c", ["15227561", "15227560"]),
    )
    assert {"notificationIds": ["15227561", "15227560"]} == sent.body
    assert done.success


async def test_both_shapes_of_a_notification_are_one_c_39() -> None:
    tutorial = {
        "notificationId": 15227561,
        "title": "Congratulations!",
        "body": "First Order earned.",
        "isRead": False,
        "createdAt": "2024-11-19T13:39:13.792Z",
        "lang": "en",
        "icon": "https://x.y/z.webp",
    }
    page, _ = await exact(
        "GET",
        "/customers/c/notifications?limit=200",
        {"notifications": [tutorial, {"id": "15227560"}], "count": 4, "hasMore": False},
        lambda g: g.customers.notifications("c").page(),
    )
    first, second = page.items
    assert ("15227561", "15227560") == (first.id, second.id)
    assert ("Congratulations!", "First Order earned.") == (first.title, first.body)
    assert datetime(2024, 11, 19, 13, 39, 13, 792_000, UTC) == first.created_at
    assert ("en", "https://x.y/z.webp", False) == (first.lang, first.icon, first.is_read)
    assert not page.has_more
