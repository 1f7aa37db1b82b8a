"""Webhooks: what happens is told, signed, in order, and again when nobody took it."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from gameball_async.sandbox import Program, Sandbox, SandboxClock
from tests.sandbox.caller import KEY, NOW, SECRET, Caller, made

URL = "http://127.0.0.1:9/gameball"
HOUR = 3600


class Letters(Caller):
    """An account with webhooks; nobody posts them, so that tests can read them."""

    def __init__(self, **program: Any) -> None:
        super().__init__(webhook_url=URL, **program)
        self.get("/transactions/count")  # shows the secret key

    def take(self, status: int | None = 200) -> list[Any]:
        """Take out everything that is due, and answer it with *status*."""
        while (delivery := self.sandbox.take_webhook()) is not None:
            self.sandbox.answered(delivery, status)
        taken = [record.body for record in self.sandbox.webhooks]
        self.sandbox.webhooks.clear()
        return taken

    def points_told(self) -> list[tuple[str, int, int, int]]:
        """Customer, activated, pending and total points of each profile that was told."""
        return [
            (
                letter["customer_id"],
                letter["data"]["activated_points"],
                letter["data"]["pending_points"],
                letter["data"]["total_points"],
            )
            for letter in self.take()
        ]


# --- What is told ---------------------------------------------------------------------------


def test_a_profile_is_told_in_the_members_of_the_documentation() -> None:
    caller = Letters(return_window_days=14)
    attributes = {"email": "arya@example.com", "mobile": "+20100"}
    caller.post("/customers", {"customerId": "c1", "customerAttributes": attributes})
    caller.give(90)
    caller.take()
    caller.order(paid=10)
    assert [
        {
            "event": "customer.profile.updated",
            "client_id": "2155",
            "customer_id": "c1",
            "gb_customer_id": 15327001,
            "created_at": "2024-10-16T09:00:00.002Z",
            "data": {
                "email": "arya@example.com",
                "mobile_number": "+20100",
                "tier_name": "Basic",
                "tier_order": 1,
                "referral_code": "GB15327001",
                "referral_link": "https://shop.example/?referralCode=GB15327001",
                "activated_points": 90,
                "pending_points": 10,
                "total_points": 100,
            },
        }
    ] == caller.take()


def test_a_message_is_told_with_its_texts() -> None:
    caller = Letters()
    caller.give(0)
    caller.take()
    caller.sandbox.notify(KEY, "c1", "Bravo!", "Félicitations")
    (letter,) = caller.take()
    assert ("customer.notification.push", "2155", "c1", 15327001, "2024-10-16T09:00:00.001Z") == (
        letter["event"],
        letter["client_id"],
        letter["customer_id"],
        letter["gb_customer_id"],
        letter["created_at"],
    )
    assert [
        {
            "local": "en",
            "icon": "https://cdn.example/icon.webp",
            "title": "Bravo!",
            "body": "Félicitations",
        }
    ] == letter["data"]


@pytest.mark.parametrize(
    ("wanted", "titles"), [(False, []), (True, ["Well done!"])], ids=["unless-wanted", "when-asked"]
)
def test_customers_get_a_message_about_points(wanted: bool, titles: list[str]) -> None:
    caller = Letters(notify_of_points=wanted, points_name="Stars")
    caller.order(paid=100)
    caller.order(paid=0)
    pushed = [it for it in caller.take() if it["event"] == "customer.notification.push"]
    assert titles == [it["data"][0]["title"] for it in pushed]
    listed = caller.get("/customers/c1/notifications")["notifications"]
    assert ["You have earned 100 Stars."] * len(titles) == [it["body"] for it in listed]


def test_every_movement_of_points_is_told_with_the_balance_after_it() -> None:
    caller = Letters()
    caller.order(orderId="A")
    caller.post("/transactions/redeem", caller.redeem_body(points=30))
    caller.manual(points=5)
    caller.refund("A", refundAmount=20)
    told = [("c1", points, 0, points) for points in (100, 70, 75, 55)]
    assert told == caller.points_told()


def test_what_changes_nothing_in_a_profile_is_not_told() -> None:
    """Points of a hold are neither spent nor gone."""
    caller = Letters()
    caller.order()
    caller.take()
    reference = caller.hold(10)
    caller.delete(f"/transactions/hold/{reference}")
    caller.post("/customers", {"customerId": "c1", "customerAttributes": {"city": "Cairo"}})
    caller.post("/events", {"customerId": "c1", "events": {"seen": {}}})
    caller.order(paid=0)
    caller.refusal("POST", "/transactions/redeem", caller.redeem_body(points=101))
    assert [] == caller.take()
    caller.post("/customers", {"customerId": "c1", "customerAttributes": {"email": "a@x"}})
    assert ["a@x"] == [letter["data"]["email"] for letter in caller.take()]


def test_what_time_does_to_points_is_told_thing_by_thing() -> None:
    """Pending for a day, expired a day later: two webhooks, although nobody asked in between."""
    caller = Letters(return_window_days=1, points_expiry_days=1)
    caller.order()
    caller.clock.advance(2 * 24 * HOUR)
    assert [("c1", 0, 100, 100), ("c1", 100, 0, 100), ("c1", 0, 0, 0)] == caller.points_told()


def test_a_batch_is_told_item_by_item() -> None:
    caller = Letters()
    caller.give(0)
    caller.take()
    adjustment = {"customerId": "c1", "amount": 5}
    caller.post("/batch/balance-adjustment", {"body": [adjustment, adjustment]})
    caller.clock.advance(2)
    assert [("c1", 5, 0, 5), ("c1", 10, 0, 10)] == caller.points_told()


def test_who_has_left_is_told_of_no_more() -> None:
    caller = Letters(return_window_days=1)
    caller.order()
    caller.take()
    caller.answer("DELETE", "/customers/c1")
    caller.clock.advance(25 * HOUR)
    assert [] == caller.take()


def test_a_merged_customer_is_called_by_the_first_id() -> None:
    caller = Letters(merge="email")
    caller.post("/customers", {"customerId": "web", "email": "a@x"})
    caller.order("pos", email="a@x")
    assert [("web", 0, 0, 0), ("web", 100, 0, 100)] == caller.points_told()


def test_two_webhooks_are_never_alike_even_when_time_stands_still() -> None:
    """Up and down again: a receiver must not take the third for a repetition of the first."""
    caller = Letters()
    caller.give(0)
    caller.manual(points=5)
    caller.manual(points=-5)
    first, _, third = caller.take()
    assert first["data"] == third["data"]
    assert ("2024-10-16T09:00:00.000Z", "2024-10-16T09:00:00.002Z") == (
        first["created_at"],
        third["created_at"],
    )


# --- To whom, and signed how ----------------------------------------------------------------


def test_nothing_is_kept_for_an_account_without_a_url() -> None:
    caller = Caller()
    caller.order()
    caller.sandbox.subscribe(KEY, URL)
    caller.hold(10)
    assert None is caller.sandbox.take_webhook()
    caller.order()
    delivery = caller.sandbox.take_webhook()
    assert delivery is not None
    assert URL == delivery.url


def test_an_account_is_signed_for_when_it_has_shown_its_secret_key() -> None:
    sandbox = Sandbox(Program(webhook_url=URL), clock=SandboxClock(NOW))
    sandbox.give(KEY, "c1", 1)
    assert None is sandbox.take_webhook()
    sandbox.handle(made("GET", "/transactions/count"), NOW)
    delivery = sandbox.take_webhook()
    assert delivery is not None
    signature = hashlib.sha1(delivery.body + b":" + SECRET.encode()).hexdigest()
    assert {
        "Content-Type": "application/json; charset=utf-8",
        "X-GB-Signature": signature,
        "X-GB-Webhook-Version": "v4",
    } == delivery.headers
    assert b'":"' in delivery.body
    assert SECRET not in repr(delivery)


def test_every_account_has_its_own_number_and_url() -> None:
    caller = Letters()
    caller.sandbox.give("other", "c1", 1)
    caller.sandbox.subscribe("other", "http://localhost:9/other")
    caller.sandbox.give("other", "c1", 1)
    caller.answer("GET", "/transactions/count", headers={"apikey": "other", "secretkey": "its"})
    caller.order()
    told: list[Any] = []
    while (delivery := caller.sandbox.take_webhook()) is not None:
        record = delivery.outbox.answered(delivery, 200, NOW)
        told.append((record.body["client_id"], delivery.url))
    assert [
        ("2155", URL),
        ("2156", URL),
        ("2156", "http://localhost:9/other"),
    ] == sorted(told)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8000/gameball",
        "http://127.8.8.8/",
        "http://localhost",
        "https://[::1]:8443/a?b=c",
    ],
)
def test_webhooks_go_to_this_machine(url: str) -> None:
    assert url == Program(webhook_url=url).webhook_url


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example/gameball",
        "http://10.0.0.1/",
        "http://0.0.0.0/",
        "http://localhost.example/",
        "http://127.0.0.1.example/",
        "http://127.0.0.1@hooks.example/",
        "http://hooks.example@127.0.0.1/",
        "http://hooks.example\\@localhost/",
        "http:///gameball",
        "ftp://127.0.0.1/",
        "127.0.0.1:8000",
        "",
    ],
)
def test_webhooks_go_nowhere_else(url: str) -> None:
    with pytest.raises(ValueError, match="webhook"):
        Program(webhook_url=url)
    with pytest.raises(ValueError, match="webhook"):
        Sandbox().subscribe(KEY, url)


# --- When it is not taken -------------------------------------------------------------------


@pytest.mark.parametrize("status", [None, 199, 300, 404, 500])
def test_a_webhook_that_is_not_taken_comes_after_5_20_and_60_minutes(status: int | None) -> None:
    caller = Letters()
    caller.order()
    told: list[Any] = []
    for minutes in (0, 5, 20, 60, 24 * 60):
        caller.clock.advance(minutes * 60 - 1 if minutes else 0)
        assert minutes == 0 or caller.take(status) == []
        caller.clock.advance(1 if minutes else 0)
        told += caller.take(status)
    assert 4 == len(told)
    assert [told[0]] * 4 == told


@pytest.mark.parametrize("status", [200, 204, 299])
def test_a_webhook_that_was_taken_does_not_come_again(status: int) -> None:
    caller = Letters()
    caller.order()
    assert 1 == len(caller.take(status))
    caller.clock.advance(24 * HOUR)
    assert [] == caller.take()


def test_the_log_tells_of_every_attempt() -> None:
    caller = Letters()
    caller.order()
    for status, seconds in ((500, 300), (None, 1200), (200, 0)):
        delivery = caller.sandbox.take_webhook()
        assert delivery is not None
        caller.sandbox.answered(delivery, status)
        caller.clock.advance(seconds)
    assert [
        (URL, 1, 500, "09:00:00", "09:05:00"),
        (URL, 2, None, "09:05:00", "09:25:00"),
        (URL, 3, 200, "09:25:00", None),
    ] == [
        (
            record.url,
            record.attempt,
            record.status,
            f"{record.time:%H:%M:%S}",
            record.retry_at and f"{record.retry_at:%H:%M:%S}",
        )
        for record in caller.sandbox.webhooks
    ]
