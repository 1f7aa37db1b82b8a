"""The lists of a customer: how their pages are walked, and where a walk ends."""

from __future__ import annotations

import asyncio
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from gameball_async import CustomerNotFoundError, PaginationError, ResponseDecodeError
from gameball_async.pagination import Paginator
from tests.clients import client, until
from tests.wire import Action, Reply, Seen, json_reply, refusal, wire


def query(seen: Seen) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(seen.target).query).items()}


def friend(number: int) -> dict[str, Any]:
    return {"customerId": f"f-{number}", "displayName": "F", "status": "Active"}


async def walk_into(rows: list[Any], walk: Paginator[Any]) -> None:
    """Walk to the end, or to the error; what came before it stays."""
    async for row in walk:
        rows += [row]


class Friends:
    """A shop in which friend ``f-n`` has the Gameball id ``100 + n``; two friends on a page."""

    def __init__(self, friends: int, look_up: Action | None = None) -> None:
        self.friends = friends
        self.look_up = look_up

    def __call__(self, seen: Seen) -> Action:
        path = urlsplit(seen.target).path
        if not path.endswith("/referrals"):
            return self.look_up or json_reply(gameballId=100 + int(path.rpartition("-")[2]))
        first = int(query(seen).get("startAfter", "100")) - 99
        numbers = range(first, min(first + 2, self.friends + 1))
        return json_reply(
            referredFriends=[friend(n) for n in numbers],
            count=self.friends,
            hasMore=first + 2 <= self.friends,
        )


async def test_friends_are_walked_by_an_id_that_is_looked_up_c_42() -> None:
    async with wire(script=Friends(5)) as server, client(server.url) as gameball:
        friends = [it.customer_id async for it in gameball.customers.referrals("c")]
    assert ["f-1", "f-2", "f-3", "f-4", "f-5"] == friends
    lists = [query(seen) for seen in server.seen if "/referrals" in seen.target]
    assert [None, "102", "104"] == [it.get("startAfter") for it in lists]
    assert {"200"} == {it["limit"] for it in lists}
    looked_up = [seen.target.rpartition("/")[2] for seen in server.seen if "/f-" in seen.target]
    assert ["f-2", "f-4"] == looked_up, "the last page costs no look-up"


async def test_a_friends_page_tells_where_to_go_on_c_42() -> None:
    async with wire(script=Friends(3)) as server, client(server.url) as gameball:
        page = await gameball.customers.referrals("c").page()
        rest = gameball.customers.referrals("c", start_after=page.next_cursor)
        assert ["f-3"] == [it.customer_id async for it in rest]
    assert ("102", True) == (page.next_cursor, page.has_more)


@pytest.mark.parametrize(
    "look_up",
    [
        pytest.param(refusal(404, 7000), id="the-friend-is-gone"),
        pytest.param(json_reply(customerId="f-2"), id="the-friend-has-no-id"),
        pytest.param(json_reply(gameballId={"odd": 1}), id="the-id-is-no-number"),
        pytest.param(Reply(body=b"<html>"), id="the-answer-cannot-be-read"),
    ],
)
async def test_a_friend_who_cannot_be_looked_up_ends_the_walk_behind_the_rows_c_42(
    look_up: Action,
) -> None:
    rows: list[Any] = []
    async with wire(script=Friends(5, look_up)) as server, client(server.url) as gameball:
        with pytest.raises(PaginationError):
            await walk_into(rows, gameball.customers.referrals("c", start_after=100))
    assert ["f-1", "f-2"] == [it.customer_id for it in rows]
    assert 1 == sum("/referrals" in seen.target for seen in server.seen)


@pytest.mark.parametrize(
    "row",
    [
        pytest.param({"displayName": "F"}, id="without-an-id"),
        pytest.param({"customerId": ".."}, id="with-an-id-that-no-path-can-hold"),
        pytest.param("f-1", id="that-is-no-object"),
    ],
)
async def test_a_last_friend_without_a_usable_id_ends_the_walk_c_42(row: Any) -> None:
    answer = json_reply(referredFriends=[row], hasMore=True)
    async with wire(answer) as server, client(server.url) as gameball:
        with pytest.raises(PaginationError):
            [it async for it in gameball.customers.referrals("c")]
    assert 1 == len(server.seen)


async def test_a_row_that_has_the_id_saves_the_look_up_c_42() -> None:
    rows = [friend(1), {**friend(2), "gameballId": 202}]
    async with (
        wire(
            json_reply(referredFriends=rows, hasMore=True),
            json_reply(referredFriends=[friend(3)], hasMore=False),
        ) as server,
        client(server.url) as gameball,
    ):
        assert 3 == len([it async for it in gameball.customers.referrals("c")])
    assert "202" == query(server.seen[1])["startAfter"]
    assert 2 == len(server.seen)


async def test_the_same_friends_by_another_id_are_a_loop_and_end_the_walk_c_42() -> None:
    ids = count(102)

    def script(seen: Seen) -> Action:
        if "/referrals" in seen.target:
            return json_reply(referredFriends=[friend(1), friend(2)], hasMore=True)
        return json_reply(gameballId=next(ids))

    rows: list[Any] = []
    async with wire(script=script) as server, client(server.url) as gameball:
        with pytest.raises(PaginationError):
            await walk_into(rows, gameball.customers.referrals("c"))
    assert 2 == len(rows)


async def test_an_empty_page_of_friends_that_says_more_ends_the_walk_c_42() -> None:
    answer = json_reply(referredFriends=[], hasMore=True)
    async with wire(answer) as server, client(server.url) as gameball:
        with pytest.raises(PaginationError):
            await gameball.customers.referrals("c").page()


async def test_the_same_friends_again_are_a_loop_and_end_the_walk_c_42() -> None:
    def script(seen: Seen) -> Action:
        if "/referrals" in seen.target:
            return json_reply(referredFriends=[friend(1), friend(2)], hasMore=True)
        return json_reply(gameballId=102)

    async with wire(script=script) as server, client(server.url) as gameball:
        with pytest.raises(PaginationError):
            [it async for it in gameball.customers.referrals("c")]
    assert 4 == len(server.seen)


async def test_activities_are_walked_by_the_id_of_the_last_row_c_40_c_41() -> None:
    pages = [
        json_reply(activities=[{"activityId": 9}, {"activityId": 8}], count=99, hasMore=True),
        json_reply(activities=[{"activityId": 7}], count=99, hasMore=False),
    ]
    async with wire(*pages) as server, client(server.url) as gameball:
        walk = gameball.customers.activities("c", activity_type="Refund", limit=2)
        assert [9, 8, 7] == [it.activity_id async for it in walk]
    assert [None, "8"] == [query(seen).get("startAfter") for seen in server.seen]
    assert [("Refund", "2")] * 2 == [
        (query(seen)["activityType"], query(seen)["limit"]) for seen in server.seen
    ]


async def test_the_other_rows_of_the_till_guides_are_walked_as_well_c_66() -> None:
    pages = [
        json_reply(activities=[{"activityId": "ACT001", "type": "earn"}], hasMore=True),
        json_reply(activities=[{"activityId": "ACT002"}, "odd"], hasMore=False),
    ]
    async with wire(*pages) as server, client(server.url) as gameball:
        assert 3 == len([it async for it in gameball.customers.activities("c")])
    assert "ACT001" == query(server.seen[1])["startAfter"]


@pytest.mark.parametrize(
    "first",
    [
        pytest.param({"nextCursor": "n-2"}, id="by-the-next-cursor"),
        pytest.param({"nextCursor": "n-2", "hasMore": True}, id="by-both"),
        pytest.param({"hasMore": True, "count": 4}, id="by-the-last-row"),
    ],
)
@pytest.mark.parametrize("name", ["id", "notificationId"])
async def test_notifications_are_walked_in_either_shape_c_39(
    first: dict[str, Any], name: str
) -> None:
    pages = [
        json_reply(notifications=[{name: "n-3"}, {name: "n-2"}], **first),
        json_reply(notifications=[{name: "n-1"}]),
    ]
    async with wire(*pages) as server, client(server.url, language="fr") as gameball:
        walk = gameball.customers.notifications("c", is_read=True)
        assert ["n-3", "n-2", "n-1"] == [it.id async for it in walk]
    assert [None, "n-2"] == [query(seen).get("startAfter") for seen in server.seen]
    assert [("true", "fr")] * 2 == [
        (query(seen)["isRead"], query(seen)["lang"]) for seen in server.seen
    ]


@pytest.mark.parametrize(
    "end",
    [
        pytest.param({}, id="nothing-said"),
        pytest.param({"nextCursor": None}, id="no-cursor"),
        pytest.param({"nextCursor": "n", "hasMore": False}, id="no-more"),
    ],
)
async def test_notifications_end_where_the_answer_says_so_c_39(end: dict[str, Any]) -> None:
    answer = json_reply(notifications=[{"id": "n"}, 5], **end)
    async with wire(answer) as server, client(server.url) as gameball:
        assert 2 == len([it async for it in gameball.customers.notifications("c")])
    assert 1 == len(server.seen)


@pytest.mark.parametrize("name", ["referrals", "activities", "notifications"])
async def test_a_failure_in_the_middle_keeps_the_rows_and_tells_where_to_go_on(name: str) -> None:
    row = {"customerId": "f", "gameballId": 5, "activityId": 5, "id": "5"}
    rows = {it: [row] for it in ("referredFriends", "activities", "notifications")}
    seen: list[Any] = []
    async with (
        wire(json_reply(**rows, hasMore=True), refusal(404, 7000)) as server,
        client(server.url) as gameball,
    ):
        walk: Paginator[object] = getattr(gameball.customers, name)("c")
        with pytest.raises(CustomerNotFoundError) as caught:
            await walk_into(seen, walk)
    assert 1 == len(seen)
    assert "5" == caught.value.cursor


@pytest.mark.parametrize("name", ["referrals", "activities", "notifications"])
async def test_a_list_without_rows_in_its_answer_is_no_list(name: str) -> None:
    async with wire(json_reply(hasMore=False)) as server, client(server.url) as gameball:
        walk: Paginator[object] = getattr(gameball.customers, name)("c")
        with pytest.raises(ResponseDecodeError):
            await walk.page()


@pytest.mark.parametrize("name", ["referrals_count", "activities_count", "notifications_count"])
async def test_a_count_without_a_number_is_none(name: str) -> None:
    async with wire(json_reply(total=3)) as server, client(server.url) as gameball:
        with pytest.raises(ResponseDecodeError, match="count"):
            await getattr(gameball.customers, name)("c")


@pytest.mark.parametrize("name", ["referrals", "activities", "notifications"])
@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"limit": 0}, ValueError, "limit must be between 1 and 200"),
        ({"limit": 201}, ValueError, "limit must be between 1 and 200"),
        ({"start_after": ""}, ValueError, "start_after must be an id"),
        ({"start_after": True}, TypeError, "start_after must be a str or an int, got bool"),
        ({"start_after": 1.5}, TypeError, "start_after must be a str or an int, got float"),
    ],
)
async def test_an_impossible_page_is_refused_at_once(
    name: str, arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    async with client("http://127.0.0.1:9") as gameball:
        with pytest.raises(error, match=message):
            getattr(gameball.customers, name)("c", **arguments)


@pytest.mark.parametrize("name", ["referrals", "activities", "notifications"])
async def test_the_next_page_is_fetched_ahead_unless_told_otherwise(name: str) -> None:
    def script(seen: Seen) -> Action:
        at = int(query(seen).get("startAfter", "0"))
        row = {"customerId": f"f-{at}", "gameballId": at + 1, "activityId": at + 1, "id": at + 1}
        rows = {it: [row] for it in ("referredFriends", "activities", "notifications")}
        return json_reply(**rows, hasMore=at < 9)

    async with wire(script=script) as server, client(server.url) as gameball:
        walk: Paginator[object] = getattr(gameball.customers, name)("c", prefetch=False)
        rows = aiter(walk)
        await anext(rows)
        await anext(rows)
        await asyncio.sleep(0.05)
        assert 2 == len(server.seen)
        assert 8 == len([it async for it in rows])
        ahead: Paginator[object] = getattr(gameball.customers, name)("c")
        rows = aiter(ahead)
        await anext(rows)
        await anext(rows)
        await until(lambda: len(server.seen) == 13)
        assert 8 == len([it async for it in rows])
