"""Webhooks: what Gameball signed is taken once and in time, everything else is refused."""

from __future__ import annotations

import copy
import hashlib
import hmac
import json
import pickle
import threading
import time
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import TracebackType
from typing import Any, cast

import pytest
from aiohttp import ClientSession, web
from hypothesis import given, strategies as st
from multidict import CIMultiDict

import gameball_sync
from gameball_async import (
    ConfigurationError,
    CustomerNotification,
    ProfileUpdated,
    SystemClock,
    UnknownWebhook,
    WebhookEvent,
    WebhookMemory,
    WebhookNotification,
    WebhookProfile,
    WebhookVerificationError,
    WebhookVerifier,
)

KEY = "a-secret-key-of-the-account"
NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
STAMP = "2026-05-01T11:59:58.297Z"
NOTIFICATION = {
    "event": "customer.notification.push",
    "client_id": "77",
    "customer_id": "cust-9",
    "gb_customer_id": 4321,
    "created_at": STAMP,
    "data": [
        {"local": "en", "icon": "https://example.com/i.webp", "title": "Hi", "body": "Points!"},
        {"local": "fr", "icon": None, "title": "Félicitations", "body": "Bravo 😀"},
    ],
}
PROFILE = {
    "event": "customer.profile.updated",
    "client_id": "77",
    "customer_id": "cust-9",
    "gb_customer_id": 4321,
    "created_at": STAMP,
    "data": {
        "email": "jane@example.com",
        "mobile_number": "+4912345",
        "tier_name": "gold",
        "tier_order": 2,
        "referral_code": "JANE",
        "referral_link": "https://example.com/r/JANE",
        "activated_points": 90.5,
        "pending_points": 10,
        "total_points": 100.5,
    },
}


class Wrist:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> datetime:
        return self.time


def compact(payload: object) -> bytes:
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def signed(body: bytes, key: str = KEY) -> dict[str, str]:
    signature = hashlib.sha1(body + b":" + key.encode()).hexdigest()
    return {"X-GB-Signature": signature, "X-GB-Webhook-Version": "v4"}


def verifier(*keys: str, **settings: Any) -> WebhookVerifier:
    return WebhookVerifier(keys or KEY, **{"clock": Wrist(), **settings})


def taken(payload: object, **settings: Any) -> WebhookEvent:
    body = compact(payload)
    return verifier(**settings).verify(body, signed(body))


def refusal(body: bytes, headers: Mapping[str, str], **settings: Any) -> str:
    with pytest.raises(WebhookVerificationError) as caught:
        verifier(**settings).verify(body, headers)
    return str(caught.value)


# --- What it says ---------------------------------------------------------------------------


def test_a_notification_is_read_in_every_language() -> None:
    expected = CustomerNotification(
        event="customer.notification.push",
        client_id="77",
        customer_id="cust-9",
        gb_customer_id=4321,
        created_at=datetime(2026, 5, 1, 11, 59, 58, 297_000, tzinfo=UTC),
        data=[
            WebhookNotification(
                local="en", icon="https://example.com/i.webp", title="Hi", body="Points!"
            ),
            WebhookNotification(local="fr", title="Félicitations", body="Bravo 😀"),
        ],
    )

    assert expected == taken(NOTIFICATION)


def test_a_profile_is_read_with_exact_numbers() -> None:
    expected = ProfileUpdated(
        event="customer.profile.updated",
        client_id="77",
        customer_id="cust-9",
        gb_customer_id=4321,
        created_at=datetime(2026, 5, 1, 11, 59, 58, 297_000, tzinfo=UTC),
        data=WebhookProfile(
            email="jane@example.com",
            mobile_number="+4912345",
            tier_name="gold",
            tier_order=2,
            referral_code="JANE",
            referral_link="https://example.com/r/JANE",
            activated_points=Decimal("90.5"),
            pending_points=10,
            total_points=Decimal("100.5"),
        ),
    )

    assert expected == taken(PROFILE)


def test_an_unknown_topic_keeps_everything_that_was_sent() -> None:
    payload = {"event": "customer.moved", "created_at": STAMP, "data": {"city": ["Cairo", 1]}}

    event = taken(payload)

    assert isinstance(event, UnknownWebhook)
    assert payload == event.payload
    assert "customer.moved" == event.event
    assert datetime(2026, 5, 1, 11, 59, 58, 297_000, tzinfo=UTC) == event.created_at


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"event": "customer.moved"}, id="no-time"),
        pytest.param({"event": None, "created_at": "yesterday"}, id="a-time-of-another-kind"),
        pytest.param({"event": ["customer.profile.updated"]}, id="a-topic-of-another-kind"),
    ],
)
def test_an_unknown_topic_promises_no_member(payload: dict[str, object]) -> None:
    event = taken(payload)

    assert isinstance(event, UnknownWebhook)
    assert payload == event.payload


def test_members_may_be_missing_unknown_or_null() -> None:
    payload = {
        "event": "customer.profile.updated",
        "created_at": STAMP,
        "data": {"tier_name": None, "tags": ["new"]},
        "version": 5,
    }

    event = taken(payload)

    assert isinstance(event, ProfileUpdated)
    assert (None, WebhookProfile()) == (event.customer_id, event.data)


def test_a_member_of_another_kind_costs_nothing_else() -> None:
    event: Any = taken({**PROFILE, "gb_customer_id": "many", "data": [1]})

    assert isinstance(event, ProfileUpdated)
    kept: object = (event.gb_customer_id, event.data, event.customer_id)
    assert ("many", [1], "cust-9") == kept


def test_an_emoji_that_was_cut_in_half_is_no_reason_to_lose_the_event() -> None:
    text = compact({**NOTIFICATION, "data": [{"title": "TITLE", "body": "BODY"}]}).decode()
    body = (
        text.replace("TITLE", r"\ud83d\ude00 \\ud83d").replace("BODY", r"Hi \uD83d \uDe00").encode()
    )

    event = verifier().verify(body, signed(body))

    assert isinstance(event, CustomerNotification)
    assert [WebhookNotification(title=r"😀 \ud83d", body="Hi \ufffd \ufffd")] == event.data
    assert hashlib.sha256(body).digest() == event.digest


def test_the_digest_is_that_of_the_signed_text_and_no_part_of_the_event() -> None:
    event = taken(PROFILE)

    assert hashlib.sha256(compact(PROFILE)).digest() == event.digest
    assert hashlib.sha256(compact({})).digest() == taken({}).digest
    assert hashlib.sha256(compact(NOTIFICATION)).digest() == taken(NOTIFICATION).digest


# --- Is it from Gameball --------------------------------------------------------------------


def test_the_bytes_as_sent_may_be_what_was_signed() -> None:
    """C-80."""
    body = b'{ "event" : "x", "n" : 100.0 }'
    event = verifier().verify(body, signed(body))

    assert isinstance(event, UnknownWebhook)
    assert hashlib.sha256(body).digest() == event.digest


def test_what_javascript_writes_again_may_be_what_was_signed() -> None:
    """C-80. The event is read from the text that was signed."""
    body = rb'{ "n" : 100.0, "7": -0, "n" : 1E2, "event" : "\u00e9\/" }'
    form = '{"7":0,"n":100,"event":"é/"}'.encode()

    event = verifier().verify(body, signed(form))

    assert isinstance(event, UnknownWebhook)
    assert hashlib.sha256(form).digest() == event.digest
    assert [("7", 0), ("n", 100), ("event", "é/")] == [*(event.payload or {}).items()]


def headers_with(text: bytes) -> dict[str, str]:
    return {"X-GB-Signature": hashlib.sha1(text).hexdigest()}


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        pytest.param(compact(PROFILE), signed(compact(PROFILE), "other"), id="another-key"),
        pytest.param(
            compact(PROFILE).replace(b"90.5", b"99.5"), signed(compact(PROFILE)), id="another-body"
        ),
        pytest.param(compact(PROFILE), headers_with(compact(PROFILE)), id="no-key-in-it"),
        pytest.param(
            compact(PROFILE), headers_with(compact(PROFILE) + KEY.encode()), id="no-colon-in-it"
        ),
        pytest.param(
            compact(PROFILE),
            {"X-GB-Signature": hmac.new(KEY.encode(), compact(PROFILE), "sha1").hexdigest()},
            id="an-hmac",
        ),
    ],
)
def test_another_signature_is_refused(body: bytes, headers: dict[str, str]) -> None:
    assert "the signature is not that of the body and your secret key" == refusal(body, headers)


@given(st.binary(min_size=1, max_size=4), st.integers(0, len(compact(PROFILE))))
def test_no_byte_can_be_put_in(more: bytes, place: int) -> None:
    body = compact(PROFILE)
    changed = body[:place] + more + body[place:]

    try:
        event = verifier().verify(changed, signed(body))
    except WebhookVerificationError:
        return
    assert more.strip() == b""
    assert hashlib.sha256(body).digest() == event.digest


def test_during_a_rotation_either_key_is_right() -> None:
    body = compact(PROFILE)
    both = verifier("new-key", KEY, seen=None)

    for key in (KEY, "new-key"):
        assert isinstance(both.verify(body, signed(body, key)), ProfileUpdated)
    with pytest.raises(WebhookVerificationError):
        both.verify(body, signed(body, "old-key"))


@pytest.mark.parametrize(
    "name", ["X-GB-Signature", "x-gb-signature", "X-Gb-Signature", "X-GB-SIGNATURE"]
)
@pytest.mark.parametrize(
    "form",
    [
        pytest.param("{}", id="lower-case"),
        pytest.param('"{}"', id="in-quotes-as-printed-C-80"),
        pytest.param(" {} ", id="with-blanks"),
    ],
)
def test_headers_are_found_in_any_case(name: str, form: str) -> None:
    body = compact(PROFILE)
    signature = signed(body)["X-GB-Signature"]

    for text in (signature, signature.upper()):
        headers = {"Host": "example.com", name: form.format(text)}
        assert isinstance(verifier().verify(body, headers), ProfileUpdated)


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        pytest.param({}, "there is no header X-GB-Signature", id="none"),
        pytest.param(
            CIMultiDict([("X-GB-Signature", "a" * 40), ("x-gb-signature", "b" * 40)]),
            "there is more than one header X-GB-Signature",
            id="two",
        ),
        *(
            pytest.param({"X-GB-Signature": text}, "version V4", id=name)
            for name, text in {
                "empty": "",
                "short": "a" * 39,
                "long": "a" * 41,
                "no-hex": "g" * 40,
                "other-digits": "٣" * 40,
                "blanks-inside": "aa " * 20,
                "base64-of-version-3": "DhVXf8Fj5Xy2jPpPp2kTWu8G4iU=",
                "a-line-more": "a" * 40 + "\n",
            }.items()
        ),
    ],
)
def test_a_missing_or_malformed_signature_is_refused(
    headers: Mapping[str, str], reason: str
) -> None:
    assert reason in refusal(compact(PROFILE), headers)


# --- Bodies ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        pytest.param('{"a":1}', "str", id="a-text"),
        pytest.param({"a": 1}, "dict", id="a-dict"),
        pytest.param(None, "NoneType", id="none"),
        pytest.param(bytearray(b"{}"), "bytearray", id="bytes-that-change"),
    ],
)
def test_anything_but_bytes_is_a_type_error_that_names_the_right_call(
    body: object, kind: str
) -> None:
    with pytest.raises(TypeError) as caught:
        verifier().verify(cast("bytes", body), {})

    text = str(caught.value)
    assert f"got {kind}:" in text
    for call in (
        "await request.read() in aiohttp",
        "await request.body() in Starlette and FastAPI",
    ):
        assert call in text
    for call in ("request.body in Django", "request.get_data() in Flask"):
        assert call in text


def padded(size: int) -> bytes:
    body = compact({"event": "x", "pad": ""})
    return body.replace(b'""', b'"' + b"p" * (size - len(body)) + b'"')


def test_a_body_of_a_mebibyte_is_read_and_no_byte_more() -> None:
    largest, larger = padded(1024 * 1024), padded(1024 * 1024 + 1)

    assert isinstance(verifier().verify(largest, signed(largest)), UnknownWebhook)
    assert "the body is larger than 1048576 bytes" == refusal(larger, signed(larger))


def test_a_body_of_64_levels_is_read_and_no_level_more() -> None:
    deepest = b'{"a":' + b"[" * 63 + b"]" * 63 + b"}"
    deeper = b'{"a":' + b"[" * 64 + b"]" * 64 + b"}"

    assert isinstance(verifier().verify(deepest, signed(deepest)), UnknownWebhook)
    assert "the body is nested deeper than 64 levels" == refusal(deeper, signed(deeper))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(b"", "no JSON object", id="nothing"),
        pytest.param(b"event=x", "no JSON object", id="a-form"),
        pytest.param(b"[1]", "no JSON object", id="a-list"),
        pytest.param(b'{"a":NaN}', "no JSON object", id="not-a-number"),
        pytest.param(b'{"a":"\xff"}', "no JSON object", id="not-utf-8"),
        pytest.param(b'{"a":1e999}', "a number that is none", id="infinity"),
    ],
)
def test_a_signed_body_that_says_nothing_is_refused(body: bytes, reason: str) -> None:
    assert reason in refusal(body, signed(body))


# --- Age and repetition ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("age", "fits"),
    [
        pytest.param(timedelta(hours=24), True, id="a-day-old"),
        pytest.param(timedelta(hours=24, milliseconds=1), False, id="a-day-and-more"),
        pytest.param(timedelta(hours=-24), True, id="a-day-ahead"),
        pytest.param(timedelta(hours=-24, milliseconds=-1), False, id="more-than-a-day-ahead"),
    ],
)
@pytest.mark.parametrize("topic", ["customer.profile.updated", "customer.moved"])
def test_a_webhook_is_taken_for_a_day(topic: str, age: timedelta, fits: bool) -> None:
    body = compact({"event": topic, "created_at": (NOW - age).isoformat()})

    if fits:
        assert topic == verifier().verify(body, signed(body)).event
    else:
        assert "created_at is more than 86400 seconds from now" == refusal(body, signed(body))


@pytest.mark.parametrize(
    "tolerance",
    [pytest.param(60, id="seconds"), pytest.param(timedelta(minutes=1), id="timedelta")],
)
def test_the_tolerance_is_a_setting(tolerance: timedelta | float) -> None:
    body = compact({"event": "x", "created_at": (NOW - timedelta(seconds=61)).isoformat()})

    assert "more than 60 seconds" in refusal(body, signed(body), tolerance=tolerance)


@pytest.mark.parametrize(
    "created",
    [
        pytest.param({}, id="missing"),
        pytest.param({"created_at": None}, id="null"),
        pytest.param({"created_at": "yesterday"}, id="no-time"),
        pytest.param({"created_at": 1777636798}, id="a-number"),
    ],
)
@pytest.mark.parametrize("topic", ["customer.profile.updated", "customer.notification.push"])
def test_a_known_topic_whose_age_cannot_be_told_is_refused(
    topic: str, created: dict[str, object]
) -> None:
    body = compact({"event": topic, **created})

    assert "created_at is no time" in refusal(body, signed(body))


def test_the_machine_s_clock_counts_where_none_is_given() -> None:
    def body(moment: datetime) -> bytes:
        return compact({"event": "x", "created_at": moment.isoformat()})

    now, old = body(datetime.now(UTC)), body(datetime.now(UTC) - timedelta(hours=25))
    for ours in (WebhookVerifier(KEY), WebhookVerifier(KEY, clock=SystemClock())):
        ours.verify(now, signed(now))
        with pytest.raises(WebhookVerificationError, match="created_at"):
            ours.verify(old, signed(old))


def test_the_same_webhook_is_taken_once() -> None:
    ours, body = verifier(), compact(PROFILE)
    ours.verify(body, signed(body))

    for again in (body, body + b" ", json.dumps(PROFILE).encode()):
        with pytest.raises(WebhookVerificationError, match="taken before"):
            ours.verify(again, signed(body))

    other = compact({**PROFILE, "customer_id": "cust-10"})
    assert isinstance(ours.verify(other, signed(other)), ProfileUpdated)


def test_a_refused_webhook_is_not_remembered() -> None:
    clock = Wrist()
    ours, body = verifier(clock=clock), compact(PROFILE)
    with pytest.raises(WebhookVerificationError, match="signature"):
        ours.verify(body, signed(body, "forged"))
    clock.time = NOW + timedelta(days=2)
    with pytest.raises(WebhookVerificationError, match="created_at"):
        ours.verify(body, signed(body))
    clock.time = NOW

    assert isinstance(ours.verify(body, signed(body)), ProfileUpdated)


def test_without_a_memory_every_delivery_is_taken() -> None:
    ours, body = verifier(seen=None), compact(PROFILE)

    assert ours.verify(body, signed(body)) == ours.verify(body, signed(body))


def test_a_store_of_your_own_decides() -> None:
    class Store:
        def __init__(self) -> None:
            self.asked: list[bytes] = []

        def add(self, digest: bytes) -> bool:
            self.asked.append(digest)
            return len(self.asked) == 1

    store, body = Store(), compact(PROFILE)
    verifier(seen=store).verify(body, signed(body))

    assert "taken before" in refusal(body, signed(body), seen=store)
    assert 2 * [hashlib.sha256(body).digest()] == store.asked


def test_an_event_that_could_not_be_handled_can_be_forgotten() -> None:
    clock = Wrist()
    memory = WebhookMemory(clock=clock)
    ours, body = verifier(seen=memory, clock=clock), compact(PROFILE)
    memory.discard(ours.verify(body, signed(body)).digest)
    memory.discard(b"unheard of")

    assert isinstance(ours.verify(body, signed(body)), ProfileUpdated)
    with pytest.raises(WebhookVerificationError):
        ours.verify(body, signed(body))


def test_a_webhook_from_the_future_cannot_be_repeated_while_its_time_fits() -> None:
    clock = Wrist()
    ours = verifier(clock=clock, tolerance=60)
    body = compact({"event": "x", "created_at": (NOW + timedelta(seconds=60)).isoformat()})
    ours.verify(body, signed(body))

    for seconds in (1, 61, 119, 120, 121, 500):
        clock.time = NOW + timedelta(seconds=seconds)
        with pytest.raises(WebhookVerificationError):
            ours.verify(body, signed(body))


def test_a_webhook_without_a_time_is_remembered_for_twice_the_tolerance() -> None:
    clock = Wrist()
    ours, body = verifier(clock=clock, tolerance=60), compact({"event": "x"})
    ours.verify(body, signed(body))
    clock.time = NOW + timedelta(seconds=120)
    with pytest.raises(WebhookVerificationError, match="taken before"):
        ours.verify(body, signed(body))
    clock.time = NOW + timedelta(seconds=121)

    assert isinstance(ours.verify(body, signed(body)), UnknownWebhook)


def test_a_memory_forgets_what_is_too_old_to_be_repeated() -> None:
    clock = Wrist()
    memory = WebhookMemory(60, clock=clock)
    assert memory.add(b"first")
    clock.time += timedelta(seconds=60)
    assert memory.add(b"second")
    clock.time += timedelta(seconds=60)
    assert [False, False, 2] == [memory.add(b"first"), memory.add(b"second"), len(memory)]
    clock.time += timedelta(seconds=1)
    assert [True, False, 2] == [memory.add(b"first"), memory.add(b"second"), len(memory)]


def test_a_full_memory_forgets_the_oldest() -> None:
    memory = WebhookMemory(most=2, clock=Wrist())
    assert [True, True, True] == [memory.add(name) for name in (b"a", b"b", b"c")]
    assert [False, False, True] == [memory.add(name) for name in (b"b", b"c", b"a")]
    assert 2 == len(memory)


def test_a_memory_for_one_knows_the_last() -> None:
    memory = WebhookMemory(most=1, clock=Wrist())
    assert [True, False, True, True] == [memory.add(name) for name in (b"a", b"a", b"b", b"a")]


class Slow(bytes):
    """Lets other threads in wherever it is looked up."""

    __slots__ = ()

    def __hash__(self) -> int:
        time.sleep(0.002)
        return super().__hash__()


def test_of_many_threads_one_is_the_first() -> None:
    memory, answers = WebhookMemory(), list[bool]()
    start = threading.Barrier(8)

    def deliver() -> None:
        start.wait()
        answers.append(memory.add(Slow(b"digest")))

    threads = [threading.Thread(target=deliver) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [False] * 7 + [True] == sorted(answers)


# --- Settings -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        pytest.param("", "secret_key is empty", id="empty"),
        pytest.param(("good-key", ""), "secret_key is empty", id="one-of-them-empty"),
        pytest.param((), "secret_key is missing", id="none-of-them"),
        pytest.param(None, "must be a str, got NoneType", id="none"),
        pytest.param(b"bytes", "must be a str, got bytes", id="bytes"),
        pytest.param(["good-key", 7], "must be a str, got int", id="one-of-them-a-number"),
        pytest.param("hush-hush\n", "no key does", id="a-line-end"),
        pytest.param("hush-hush\x7f", "no key does", id="a-control-character"),
        pytest.param("hush-hüsh", "no key does", id="outside-ascii"),
    ],
)
def test_what_is_no_key_is_refused_without_showing_it(keys: Any, reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason) as caught:
        WebhookVerifier(keys)

    for text in (str(caught.value), frames_of(caught.value)):
        assert "hush" not in text
        assert "good-key" not in text


@pytest.mark.parametrize("tolerance", [0, -1, float("nan"), float("inf"), True, "60", None])
def test_a_tolerance_that_is_none_is_refused(tolerance: Any) -> None:
    for make in (
        lambda: WebhookVerifier(KEY, tolerance=tolerance),
        lambda: WebhookMemory(tolerance),
    ):
        with pytest.raises(ConfigurationError, match="tolerance must be"):
            make()


@pytest.mark.parametrize("most", [0, -1, True])
def test_a_memory_for_nothing_is_refused(most: int) -> None:
    with pytest.raises(ConfigurationError, match="most must be"):
        WebhookMemory(most=most)


def test_several_verifiers_share_no_memory() -> None:
    body = compact(PROFILE)

    for _ in range(2):
        assert isinstance(verifier().verify(body, signed(body)), ProfileUpdated)


def test_the_blocking_package_has_the_same_verifier() -> None:
    assert gameball_sync.WebhookVerifier is WebhookVerifier


# --- Nothing comes out ----------------------------------------------------------------------


def frames_of(error: BaseException) -> str:
    """The locals of the frames behind an error, as an error tracker shows them."""
    texts: list[str] = []
    tb: TracebackType | None = error.__traceback__
    while tb is not None:
        if "/tests/" not in tb.tb_frame.f_code.co_filename:
            texts.append(repr(tb.tb_frame.f_locals))
        tb = tb.tb_next
    assert texts
    return " ".join(texts)


def wrong_key() -> None:
    body = compact(PROFILE)
    verifier().verify(body, signed(body, "other"))


def twice() -> None:
    ours, body = verifier(), compact(PROFILE)
    for _ in range(2):
        ours.verify(body, signed(body))


def a_dict() -> None:
    verifier().verify(cast("bytes", PROFILE), {})


@pytest.mark.parametrize("fail", [wrong_key, twice, a_dict])
def test_no_error_holds_a_key_or_a_body(fail: Any) -> None:
    with pytest.raises((WebhookVerificationError, TypeError)) as caught:
        fail()

    error = caught.value
    assert (None, None) == (error.__cause__, error.__context__)
    texts = (str(error), repr(error), frames_of(error), repr(pickle.dumps(error)))
    for text in (*texts, repr(copy.copy(error)), "".join(traceback.format_exception(error))):
        assert KEY not in text
        assert "jane@" not in text


def test_no_repr_shows_a_key_or_what_identifies_a_person() -> None:
    event = taken(PROFILE)
    unknown = taken({**PROFILE, "event": "customer.moved"})

    assert KEY not in repr(verifier())
    for text in (repr(event), repr(unknown)):
        assert "jane@" not in text
        assert "+49" not in text


# --- In a framework -------------------------------------------------------------------------


async def test_it_works_behind_a_real_request() -> None:
    """The body and the headers of aiohttp, over a socket."""
    ours, events = verifier(), list[WebhookEvent]()

    async def receive(request: web.Request) -> web.Response:
        try:
            events.append(ours.verify(await request.read(), request.headers))
        except WebhookVerificationError:
            return web.Response(status=403)
        return web.Response()

    app = web.Application()
    app.router.add_post("/hook", receive)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    try:
        await site.start()
        body = compact(NOTIFICATION)
        async with ClientSession() as session:
            statuses = []
            for headers in (signed(body, "forged"), signed(body), signed(body)):
                async with session.post(f"{site.name}/hook", data=body, headers=headers) as answer:
                    statuses.append(answer.status)
    finally:
        await runner.cleanup()

    assert [403, 200, 403] == statuses
    assert ["customer.notification.push"] == [event.event for event in events]
