"""Which failures are worth another try, and how soon."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import example, given, settings, strategies as st

from gameball_async.config import RetryPolicy
from gameball_async.operation import Replay
from gameball_async.transport.http import Answer, Lost
from gameball_async.transport.retry import (
    Fate,
    fate,
    limited_pause,
    looks_like_html,
    pause,
    retry_after,
    worth_repeating,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
HTML = {"content-type": "text/html; charset=utf-8"}
JSON = {"content-type": "application/json"}
READ, KEYED, IDEMPOTENT, UNSAFE = Replay
EVERY = {*Replay}
NOBODY = set[Replay]()


# -- what became of an attempt ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "code", "write", "read"),
    [
        pytest.param(Lost(False, "X"), None, Fate.NOT_SENT, Fate.NOT_SENT, id="not-sent"),
        pytest.param(Lost(True, "X"), None, Fate.MAYBE_SENT, Fate.MAYBE_SENT, id="lost"),
        pytest.param(
            Lost(True, "X", timed_out=True), None, Fate.MAYBE_SENT, Fate.MAYBE_SENT, id="timed-out"
        ),
        pytest.param(
            Lost(False, "X", timed_out=True), None, Fate.NOT_SENT, Fate.NOT_SENT, id="no-connection"
        ),
        pytest.param(Answer(429, {}), None, Fate.LIMITED, Fate.LIMITED, id="429"),
        pytest.param(
            Answer(429, HTML, b"<html>"), None, Fate.LIMITED, Fate.LIMITED, id="429-of-a-gateway"
        ),
        pytest.param(Answer(429, JSON), 2001, Fate.LIMITED, Fate.LIMITED, id="429-with-a-code"),
        pytest.param(Answer(422, JSON), 2001, Fate.BUSY, Fate.BUSY, id="2001"),
        pytest.param(Answer(400, JSON), 2001, Fate.BUSY, Fate.BUSY, id="2001-on-activate"),
        pytest.param(Answer(400, JSON), 4500, Fate.GENERAL, Fate.GENERAL, id="4500"),
        pytest.param(
            Answer(500, JSON), 4500, Fate.MAYBE_SENT, Fate.MAYBE_SENT, id="4500-with-a-500"
        ),
        pytest.param(Answer(500, JSON), 5000, Fate.MAYBE_SENT, Fate.MAYBE_SENT, id="500"),
        pytest.param(Answer(502, HTML), None, Fate.MAYBE_SENT, Fate.MAYBE_SENT, id="502"),
        pytest.param(Answer(503, {}), None, Fate.MAYBE_SENT, Fate.MAYBE_SENT, id="503"),
        pytest.param(Answer(504, {}), None, Fate.MAYBE_SENT, Fate.MAYBE_SENT, id="504"),
        pytest.param(
            Answer(408, {}), None, Fate.MAYBE_SENT, Fate.MAYBE_SENT, id="408-of-an-idle-connection"
        ),
        pytest.param(Answer(299, {}), None, Fate.MAYBE_SENT, Fate.MAYBE_SENT, id="below-the-3xx"),
        pytest.param(Answer(300, {}), None, Fate.REFUSED, Fate.REFUSED, id="the-first-of-the-3xx"),
        pytest.param(Answer(499, {}), None, Fate.REFUSED, Fate.REFUSED, id="the-last-of-the-4xx"),
        pytest.param(Answer(403, HTML), None, Fate.MAYBE_SENT, Fate.REFUSED, id="403-in-html"),
        pytest.param(
            Answer(404, {}, b"\n <html>"), None, Fate.MAYBE_SENT, Fate.REFUSED, id="404-in-html"
        ),
        pytest.param(Answer(307, HTML, b"<html>"), None, Fate.REFUSED, Fate.REFUSED, id="redirect"),
        pytest.param(Answer(404, JSON), 9006, Fate.REFUSED, Fate.REFUSED, id="9006"),
        pytest.param(Answer(422, JSON), 9004, Fate.REFUSED, Fate.REFUSED, id="9004"),
        pytest.param(Answer(401, {}), None, Fate.REFUSED, Fate.REFUSED, id="401-without-a-body"),
    ],
)
def test_what_became_of_an_attempt(
    outcome: Answer | Lost, code: int | None, write: Fate, read: Fate
) -> None:
    assert write is fate(outcome, code, write=True)
    assert read is fate(outcome, code, write=False)


@pytest.mark.parametrize(
    ("answer", "html"),
    [
        pytest.param(Answer(400, HTML), True, id="by-its-type"),
        pytest.param(
            Answer(400, {"content-type": "TEXT/HTML"}), True, id="by-its-type-in-capitals"
        ),
        pytest.param(Answer(400, {"content-type": "application/xhtml+xml"}), True, id="xhtml"),
        pytest.param(Answer(400, JSON, b" \r\n\t<!doctype html>"), True, id="by-its-first-sign"),
        pytest.param(Answer(399, HTML, b"<html>"), False, id="redirects-always-are"),
        pytest.param(Answer(400, JSON, b'{"message": "<b>"}'), False, id="json"),
        pytest.param(Answer(400, {}, b""), False, id="nothing"),
        pytest.param(Answer(400, {}, b"a < b"), False, id="text"),
    ],
)
def test_what_a_gateway_wrote(answer: Answer, *, html: bool) -> None:
    assert html is looks_like_html(answer)


# -- is it worth another try --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "repeated"),
    [
        pytest.param(Fate.NOT_SENT, EVERY, id="nothing-was-sent"),
        pytest.param(Fate.MAYBE_SENT, EVERY - {UNSAFE}, id="lost-or-5xx-or-html"),
        pytest.param(Fate.LIMITED, EVERY, id="429"),
        pytest.param(Fate.BUSY, EVERY, id="2001"),
        pytest.param(Fate.GENERAL, {READ, KEYED}, id="4500"),
        pytest.param(Fate.REFUSED, NOBODY, id="any-other-4xx"),
    ],
)
def test_who_may_repeat_what(what: Fate, repeated: set[Replay]) -> None:
    policy = RetryPolicy()
    assert repeated == {
        replay
        for replay in Replay
        if worth_repeating(what, replay, policy, tried=1, generals=what is Fate.GENERAL)
    }


@pytest.mark.parametrize("replay", Replay)
@pytest.mark.parametrize("what", set(Fate) - {Fate.LIMITED})
def test_nothing_is_tried_more_often_than_the_policy_says(what: Fate, replay: Replay) -> None:
    for attempts in (1, 4):
        policy = RetryPolicy(attempts=attempts)
        assert not worth_repeating(what, replay, policy, tried=attempts, generals=1)


@pytest.mark.parametrize("what", [Fate.NOT_SENT, Fate.MAYBE_SENT, Fate.BUSY])
def test_all_attempts_of_the_policy_are_used(what: Fate) -> None:
    assert worth_repeating(what, KEYED, RetryPolicy(attempts=4), tried=3, generals=0)


@pytest.mark.parametrize("replay", Replay)
def test_a_rate_limit_uses_up_the_deadline_and_not_the_attempts(replay: Replay) -> None:
    for tried in (0, 3, 4, 100):
        policy = RetryPolicy(attempts=4)
        assert worth_repeating(Fate.LIMITED, replay, policy, tried=tried, generals=0)
    assert worth_repeating(Fate.LIMITED, replay, RetryPolicy(attempts=2), tried=0, generals=0)


@pytest.mark.parametrize("replay", Replay)
def test_a_policy_of_one_attempt_never_repeats_not_even_a_429(replay: Replay) -> None:
    policy = RetryPolicy(attempts=1)
    assert not worth_repeating(Fate.LIMITED, replay, policy, tried=0, generals=0)


def test_an_error_without_a_cause_is_repeated_once_alone() -> None:
    again = [
        worth_repeating(Fate.GENERAL, READ, RetryPolicy(attempts=9), tried=2, generals=generals)
        for generals in (1, 2, 3)
    ]
    assert [True, False, False] == again


# -- how soon -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "tried", "luck", "seconds"),
    [
        pytest.param(Fate.LIMITED, 1, 1.0, 0.0, id="a-429-waits-for-its-bucket-alone"),
        pytest.param(Fate.BUSY, 1, 0.0, 0.2, id="a-busy-customer-at-least"),
        pytest.param(Fate.BUSY, 9, 1.0, 2.0, id="a-busy-customer-at-most"),
        pytest.param(Fate.NOT_SENT, 1, 0.0, 0.0, id="full-jitter-may-be-nothing"),
        pytest.param(Fate.NOT_SENT, 1, 1.0, 0.5, id="the-first-wait"),
        pytest.param(Fate.MAYBE_SENT, 2, 1.0, 1.0, id="the-second"),
        pytest.param(Fate.MAYBE_SENT, 4, 0.5, 2.0, id="the-fourth-with-half-the-luck"),
        pytest.param(Fate.GENERAL, 7, 1.0, 30.0, id="the-cap"),
        pytest.param(Fate.MAYBE_SENT, 5000, 1.0, 30.0, id="the-cap-after-any-number-of-attempts"),
    ],
)
def test_how_long_to_wait(what: Fate, tried: int, luck: float, seconds: float) -> None:
    assert seconds == pytest.approx(pause(what, RetryPolicy(), tried=tried, luck=luck))


def test_a_policy_sets_the_first_wait_and_the_longest() -> None:
    policy = RetryPolicy(base=2.0, cap=3.0)
    waits = [pause(Fate.NOT_SENT, policy, tried=tried, luck=1.0) for tried in (1, 2)]
    assert [2.0, 3.0] == waits


@settings(deadline=None)
@given(
    st.sampled_from(Fate),
    st.integers(1, 10_000),
    st.floats(0, 1),
    st.floats(0, 1e300, exclude_min=True),
    st.floats(0, 1e300, exclude_min=True),
)
def test_no_wait_is_negative_or_longer_than_the_cap(
    what: Fate, tried: int, luck: float, base: float, cap: float
) -> None:
    seconds = pause(what, RetryPolicy(base=base, cap=cap), tried=tried, luck=luck)
    assert 0 <= seconds <= (2.0 if what is Fate.BUSY else cap)


@pytest.mark.parametrize(
    ("asked", "in_a_row", "seconds"),
    [
        pytest.param(None, 1, 1.0, id="the-first"),
        pytest.param(None, 2, 2.0, id="the-second"),
        pytest.param(None, 5, 16.0, id="the-fifth"),
        pytest.param(None, 6, 30.0, id="at-most-half-a-minute"),
        pytest.param(None, 100_000, 30.0, id="however-many"),
        pytest.param(0.0, 3, 1.0, id="asked-for-none-at-least-a-second"),
        pytest.param(2.5, 1, 2.5, id="asked-for-never-undercut"),
        pytest.param(120.0, 1, 120.0, id="asked-for-longer-than-we-would-wait"),
        pytest.param(301.0, 1, 300.0, id="asked-for-at-most-five-minutes"),
        pytest.param(math.inf, 1, 300.0, id="asked-for-ever"),
    ],
)
def test_how_long_to_stay_away_after_a_429(
    asked: float | None, in_a_row: int, seconds: float
) -> None:
    assert seconds == limited_pause(asked, in_a_row)


# -- Retry-After --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        pytest.param("120", 120.0, id="seconds"),
        pytest.param("  7\t", 7.0, id="seconds-with-blanks"),
        pytest.param("0", 0.0, id="nought"),
        pytest.param("1.5", 1.5, id="a-fraction"),
        pytest.param("2.", 2.0, id="a-bare-point"),
        pytest.param("9" * 400, math.inf, id="absurd"),
        pytest.param("Thu, 01 Jan 2026 00:01:30 GMT", 90.0, id="a-date"),
        pytest.param("Thu, 01 Jan 2026 02:00:10 +0200", 10.0, id="a-date-with-a-zone"),
        pytest.param("Thu, 01 Jan 2026 00:00:20 -0000", 20.0, id="a-date-of-no-zone"),
        pytest.param("Thu, 01 Jan 2026 00:00:20", 20.0, id="a-date-without-a-zone"),
        pytest.param("Wed, 31 Dec 2025 23:59:59 GMT", 0.0, id="a-date-in-the-past"),
        pytest.param("", None, id="empty"),
        pytest.param("   ", None, id="blank"),
        pytest.param("-5", None, id="negative"),
        pytest.param("+5", None, id="signed"),
        pytest.param(".5", None, id="nothing-before-the-point"),
        pytest.param("1e3", None, id="an-exponent"),
        pytest.param("٣", None, id="a-digit-of-another-script"),
        pytest.param("5 s", None, id="with-a-unit"),
        pytest.param("nan", None, id="nan"),
        pytest.param("inf", None, id="inf"),
        pytest.param("Thu, 99 Foo 2026 00:00:00 GMT", None, id="no-date"),
        pytest.param("Thu, 01 Jan 2026 00:00:00 +99999999999999", None, id="an-absurd-zone"),
    ],
)
def test_what_an_answer_asks_to_wait(text: str, seconds: float | None) -> None:
    assert seconds == retry_after({"retry-after": text}, NOW)


def test_an_answer_may_ask_for_nothing() -> None:
    assert retry_after({}, NOW) is None


@settings(deadline=None)
@given(
    st.text()
    | st.text(alphabet="0123456789.+-: ")
    | st.from_regex(r"[A-Z][a-z]{2}, [0-9]{1,3} [A-Z][a-z]{2} [0-9]{1,5} [0-9:]{1,9} [A-Z+0-9-]*")
)
@example(", ")
@example("\x1c")
@example("0 Jan 0 0:0:0 +9999")
def test_no_header_breaks_anything_or_asks_for_less_than_nothing(text: str) -> None:
    seconds = retry_after({"retry-after": text}, NOW)
    assert seconds is None or seconds >= 0


@settings(deadline=None)
@given(st.timedeltas(timedelta(days=-9999), timedelta(days=9999)))
def test_any_date_is_read(distance: timedelta) -> None:
    distance = timedelta(seconds=round(distance.total_seconds()))
    header = {"retry-after": format_datetime(NOW + distance, usegmt=True)}
    assert max(0.0, distance.total_seconds()) == retry_after(header, NOW)
