"""Customers: writing, reading, leaving; their balance, tags, friends, messages and log."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.caller import KEY, Caller

DAY = 24 * 60 * 60


def test_a_customer_is_created_once_and_then_merged() -> None:
    """C-43: the answer is Gameball's id."""
    caller = Caller()
    first = caller.post(
        "/customers",
        {
            "customerId": "c1",
            "deviceToken": "t",
            "osType": "ios",
            "customerAttributes": {
                "displayName": "Arya Stark",
                "email": "arya@example.com",
                "city": "Winterfell",
                "utms": [{"source": "x", "n": 1.50, "on": True, "off": None}],
                "paymentMethods": ["card"],
                "totalSpent": 12.5,
                "custom": {"level": "Gold", "age": 11},
            },
        },
    )
    second = caller.post(
        "/customers",
        {"customerId": "c1", "customerAttributes": {"city": "Braavos", "custom": {"age": 12}}},
    )
    assert first == second == {"gameballId": 15327001}
    public = {
        "city": "Braavos",
        "custom": {"level": "Gold", "age": 12},
        "utms": [{"source": "x", "n": 1.5, "on": True, "off": None}],
        "paymentMethods": ["card"],
        "totalSpent": 12.5,
    }
    private = {"displayName": "Arya Stark", "email": "arya@example.com"}
    assert public == caller.get("/customers/c1")["customerAttributes"]
    details = caller.get("/customers/c1/details")
    assert public | private == details["customerAttributes"]
    assert 15327001 == details["gameballId"]
    caller.order(paid=3)
    assert 3.0 == caller.get("/customers/c1")["customerAttributes"]["totalSpent"]


@pytest.mark.parametrize(
    ("more", "refusal"),
    [
        pytest.param({"customerId": ""}, (422, 3003), id="empty-id"),
        pytest.param({"displayName": "x"}, (400, 3003), id="flat-name"),
        pytest.param({"customerAttributes": {"tier": 1}}, (400, 3003), id="unknown-attribute"),
        pytest.param({"customerAttributes": {"custom": []}}, (422, 3003), id="custom-array"),
        pytest.param({"customerAttributes": {"utms": {}}}, (422, 3003), id="utms-object"),
    ],
)
def test_refused_customers(more: Any, refusal: tuple[int, int]) -> None:
    body = {"customerId": "c1", **more}
    assert refusal == Caller().refusal("POST", "/customers", body)


def test_a_guest_is_one_until_somebody_registers() -> None:
    caller = Caller()
    caller.post("/customers", {"customerId": "c1", "guest": True})
    caller.order(guest=True)
    body = caller.hold_body(pointsToHold=1)
    assert (400, 3004) == caller.refusal("POST", "/transactions/hold", body)
    caller.post("/customers", {"customerId": "c1"})
    caller.post("/customers", {"customerId": "c1", "guest": True})
    caller.post("/transactions/hold", body)


def test_merging_channels_share_one_profile() -> None:
    caller = Caller(merge="email")
    one = caller.post("/customers", {"customerId": "web", "email": "A@x"})
    two = caller.post("/customers", {"customerId": "pos", "email": "a@x "})
    assert one == two


def test_an_unknown_customer_has_no_rooms() -> None:
    caller = Caller()
    for method, path, body in (
        ("GET", "details", None),
        ("GET", "balance", None),
        ("GET", "coupons", None),
        ("GET", "activities", None),
        ("GET", "referrals/count", None),
        ("GET", "notifications/count", None),
        ("GET", "hash", None),
        ("GET", "stamps/1", None),
        ("GET", "reward-campaigns-progress", None),
        ("POST", "delete", None),
        ("POST", "tags", {"tags": "a"}),
        ("DELETE", "tags/a", None),
        ("PUT", "notifications/read", {"notificationIds": []}),
    ):
        assert (404, 7000) == caller.refusal(method, f"/customers/nobody/{path}", body)


def test_the_balance_knows_what_is_spendable_and_what_expires_next() -> None:
    caller = Caller(points_expiry_days=30, redemption_factor=0.05, currency="EGP")
    caller.order(paid=1200)
    caller.clock.advance(DAY)
    caller.order(paid=200)
    caller.order(paid=300, cashbackConfigurations={"returnWindow": 7})
    caller.hold(100)
    caller.post("/transactions/redeem", caller.redeem_body(points=1000))
    assert caller.get("/customers/c1/balance?expand=tier,referrals") == {
        "totalPointsBalance": 700,
        "totalPointsValue": 35.0,
        "availablePointsBalance": 300,
        "availablePointsValue": 15.0,
        "pendingPoints": 300,
        "pendingPointsValue": 15.0,
        "currency": "EGP",
        "pointsName": "Points",
        "nextExpiringPointsAmount": 200,
        "nextExpiringPointsValue": 10.0,
        "nextExpiringPointsDate": "2024-11-15T09:00:00",
        "totalEarnedPoints": 1700,
    }


@pytest.mark.parametrize("null_members", [True, False])
def test_a_balance_without_expiry_has_no_date(*, null_members: bool) -> None:
    caller = Caller(null_members=null_members)
    caller.give(5)
    balance = caller.get("/customers/c1/balance")
    assert 0 == balance["nextExpiringPointsAmount"]
    assert null_members is ("nextExpiringPointsDate" in balance)


@pytest.mark.parametrize(("method", "path"), [("DELETE", ""), ("POST", "/delete")])
def test_a_deleted_customer_leaves_only_rows(method: str, path: str) -> None:
    caller = Caller(merge="email")
    caller.post(
        "/customers",
        {
            "customerId": "c1",
            "email": "a@x",
            "customerAttributes": {"displayName": "A", "email": "a@x"},
        },
    )
    caller.order("c1", email="a@x")
    caller.order("c2", email="b@x")
    answer = caller.answer(method, f"/customers/c1{path}")
    assert (200, b"") == (answer.status, answer.body)
    assert (404, 7000) == caller.refusal("GET", "/customers/c1")
    page = caller.get("/transactions/customer-view")
    assert [("c2", None, None, False), ("c1", "A", "a@x", True)] == [
        (
            row["customerId"],
            row["customerName"],
            row["customerEmail"],
            row["isCustomerDeleted"],
        )
        for row in page["transactions"]
    ]
    assert (2, False) == (page["count"], page["hasMore"])
    assert 0 == caller.get("/transactions/customer-view?customerId=c1")["count"]
    caller.order("c1", email="a@x")
    assert 100 == caller.points("c1")[0]


def tags(caller: Caller) -> Any:
    return caller.get("/customers/c1")["customerAttributes"].get("tags")


def test_tags_are_words_with_commas() -> None:
    """C-38: trimmed; C-37: removed by body, by query, or one by path."""
    caller = Caller()
    caller.give(0)
    path = "/customers/c1/tags"
    assert caller.post(path, {"tags": "gamer, loyal"})["success"]
    caller.post(path, {"tags": "loyal,a b,x/y,last"})
    assert ["gamer", "loyal", "a b", "x/y", "last"] == tags(caller)
    status, _ = caller.ask("DELETE", path, {"tags": "gamer, unknown"})
    assert 200 == status
    caller.delete(f"{path}?tags=a%20b")
    caller.delete(f"{path}/x%2Fy")
    assert ["loyal", "last"] == tags(caller)
    assert (404, 4004) == caller.refusal("DELETE", f"{path}/gamer")
    assert (400, 3000) == caller.refusal("DELETE", path)
    assert (400, 3000) == caller.refusal("POST", path, {})
    assert (422, 3003) == caller.refusal("POST", path, {"tags": "a,,b"})
    assert (422, 3003) == caller.refusal("POST", path, {"tags": ["a"]})


def test_a_referral_code_counts_for_a_new_customer_only() -> None:
    """C-31: in an order too; an unknown code is ignored."""
    caller = Caller()
    caller.post("/customers", {"customerId": "c1"})
    code = caller.get("/customers/c1")["referralCode"]
    for name in ("f1", "f2"):
        caller.post("/customers", {"customerId": name, "referrerCode": code})
    caller.clock.advance(60)
    caller.order("f3", referrerCode=code)
    caller.post("/customers", {"customerId": "f4", "referrerCode": "nobody's"})
    caller.post("/customers", {"customerId": "f4", "referrerCode": code})
    referred = [caller.get(f"/customers/f{n}")["isReferred"] for n in (1, 2, 3, 4)]
    assert [True, True, True, False] == referred
    counts = caller.get("/customers/c1/referrals/count")
    assert counts == {"count": 3, "totalPending": 2, "totalActive": 1}
    page = caller.get("/customers/c1/referrals?limit=2")
    assert page == {
        "referredFriends": [
            {"customerId": "f3", "joinDate": "2024-10-16T09:01:00Z", "status": "Active"},
            {"customerId": "f2", "joinDate": "2024-10-16T09:00:00Z", "status": "Pending"},
        ],
        "count": 2,
        "hasMore": True,
    }
    last = caller.get("/customers/f2")["gameballId"]
    rest = caller.get(f"/customers/c1/referrals?startAfter={last}")
    assert ["f1"] == [friend["customerId"] for friend in rest["referredFriends"]]


def test_friends_may_carry_the_id_that_pages_go_by() -> None:
    """C-42."""
    caller = Caller(friends_with_gameball_id=True)
    caller.give(0)
    caller.order("f", referrerCode=caller.get("/customers/c1")["referralCode"])
    friend = caller.get("/customers/c1/referrals")["referredFriends"][0]
    assert caller.get("/customers/f")["gameballId"] == friend["gameballId"]


def test_a_code_is_valid_for_everybody_but_its_owner() -> None:
    """C-47."""
    caller = Caller()
    caller.give(0)
    code = caller.get("/customers/c1")["referralCode"]

    def valid(query: str) -> bool:
        return bool(caller.get(f"/referrals/validate?{query}")["isValid"])

    assert valid(f"referrerCode={code}")
    assert valid(f"referrerCode={code}&forCustomerId=new")
    assert not valid(f"referrerCode={code}&forCustomerId=c1")
    assert not valid("referrerCode=x")
    assert (400, 3000) == caller.refusal("GET", "/referrals/validate")


def test_notifications_are_listed_counted_and_read() -> None:
    """C-39: both shapes of a row, both names of the ids, both verbs."""
    caller = Caller()
    caller.give(0)
    for number in range(3):
        caller.sandbox.notify(KEY, "c1", "Congratulations!", f"message {number}")
    page = caller.get("/customers/c1/notifications?limit=2&lang=fr")
    assert (2, True, "15227561") == (page["count"], page["hasMore"], page["nextCursor"])
    assert page["notifications"][0] == {
        "id": "15227562",
        "notificationId": "15227562",
        "title": "Congratulations!",
        "body": "message 2",
        "isRead": False,
        "createdAt": "2024-10-16T09:00:00Z",
        "lang": "en",
        "icon": "https://cdn.example/icon.webp",
    }
    rest = caller.get("/customers/c1/notifications?startAfter=15227561")
    assert (1, False, None) == (rest["count"], rest["hasMore"], rest["nextCursor"])
    path = "/customers/c1/notifications/read"
    assert caller.put(path, {"notificationIds": ["15227560"]})["success"]
    assert caller.post(path, {"notificationsIds": [15227561]})["success"]

    def count(query: str) -> Any:
        return caller.get(f"/customers/c1/notifications/count{query}")["count"]

    assert (3, 2, 1) == (count(""), count("?isRead=true"), count("?isRead=false"))
    assert 1 == caller.get("/customers/c1/notifications?isRead=false")["count"]
    assert (422, 3003) == caller.refusal("GET", "/customers/c1/notifications?isRead=1")
    assert (400, 3000) == caller.refusal("PUT", path, {})
    assert (422, 3003) == caller.refusal("PUT", path, {"notificationIds": ["1"]})
    assert (422, 3003) == caller.refusal("PUT", path, {"notificationIds": ["x"]})


def test_the_log_tells_every_row_in_text() -> None:
    caller = Caller()
    caller.post(
        "/customers",
        {"customerId": "c1", "customerAttributes": {"displayName": "A", "mobile": "+1"}},
    )
    caller.order(orderDate="2024-10-06T19:27:33Z", orderId="A")
    caller.manual(points=-30)
    caller.post("/transactions/redeem", caller.redeem_body(points=20))
    page = caller.get("/customers/c1/activities?limit=2")
    assert ["Redemption", "BalanceAdjustment"] == [
        row["activityType"] for row in page["activities"]
    ]
    assert (2.0, None) == tuple(row["actualRedemption"] for row in page["activities"])
    assert [False, True] == [row["isManualActivity"] for row in page["activities"]]
    assert page["hasMore"]
    last = page["activities"][-1]["activityId"]
    row = caller.get(f"/customers/c1/activities?startAfter={last}")["activities"][0]
    assert row["activityDay"] == "Sunday"
    assert row["activityDate"] == "October 6, 2024"
    assert row["activityTime"] == "19:27:33"
    assert ("PaymentReward", "A", "A", "+1", 100, 50, 10.0, 100) == (
        row["activityType"],
        row["transactionId"],
        row["displayName"],
        row["phoneNumber"],
        row["points"],
        row["outstandingPoints"],
        row["paymentRewardAmount"],
        row["rewardPoints"],
    )
    assert 38 == len(row)
    only = caller.get("/customers/c1/activities?activityType=Redemption")
    assert 1 == only["count"] == caller.get("/customers/c1/activities/count")["count"] - 2
    refused = "/customers/c1/activities?activityType=BalanceAdjustment"
    assert (422, 3003) == caller.refusal("GET", refused)


def test_a_social_campaign_is_accepted_once_in_a_while() -> None:
    caller = Caller()
    caller.give(0)
    path, body = "/customers/social-challenges", {"customerId": "c1", "challengeId": 11664}
    assert (202, body) == caller.ask("POST", path, body)
    assert (400, 4000) == caller.refusal("POST", path, body)
    assert 202 == caller.ask("POST", path, body | {"challengeId": 2})[0]
    caller.clock.advance(60)
    assert 202 == caller.ask("POST", path, body)[0]
    assert (404, 4004) == caller.refusal("POST", path, body | {"customerId": "x"})
    assert (422, 3003) == caller.refusal("POST", path, body | {"challengeId": 0})
    headers = {"apikey": KEY, "content-type": "application/json"}
    assert (401, 1006) == caller.refusal("POST", path, body, headers=headers)


def test_a_guest_cannot_refer_before_registering() -> None:
    caller = Caller()
    caller.order("guest", guest=True)
    code = caller.get("/customers/guest")["referralCode"]
    query = f"/referrals/validate?referrerCode={code}"
    assert {"isValid": False} == caller.get(query)
    caller.post("/customers", {"customerId": "a", "referrerCode": code})
    assert not caller.get("/customers/a")["isReferred"]
    caller.post("/customers", {"customerId": "guest"})
    assert {"isValid": True} == caller.get(query)
    caller.post("/customers", {"customerId": "b", "referrerCode": code})
    assert caller.get("/customers/b")["isReferred"]
    assert 1 == caller.get("/customers/guest/referrals/count")["count"]
