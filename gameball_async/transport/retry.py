"""Is this failure worth another try, and when? Pure: luck and counts are arguments."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum, auto
from typing import Final

from gameball_async.config import RetryPolicy
from gameball_async.operation import Replay
from gameball_async.transport.http import Answer, Lost

CONCURRENT: Final = 2001
GENERAL: Final = 4500
LONGEST_FREEZE: Final = 300.0
"""Seconds: an absurd Retry-After must not lock a bucket for ever."""


class Fate(Enum):
    """What became of an attempt that did not succeed."""

    NOT_SENT = auto()
    """No byte left this machine, for certain."""
    MAYBE_SENT = auto()
    """It may have had its effect: no answer, half of one, or one that only a gateway wrote.

    A gateway's 408 may be meant for an idle connection, and arrive behind the next request; a
    status outside the classes of HTTP says nothing.
    """
    LIMITED = auto()
    """429: not done; its bucket waits."""
    BUSY = auto()
    """2001: not done, another request of the same customer is running."""
    GENERAL = auto()
    """4500: no cause given."""
    REFUSED = auto()
    """Any other answer: no."""


def fate(outcome: Answer | Lost, code: int | None, *, write: bool) -> Fate:
    """Tell what became of an attempt, from its outcome and the answer's code."""
    if isinstance(outcome, Lost):
        return Fate.MAYBE_SENT if outcome.sent else Fate.NOT_SENT
    if outcome.status == 429:
        return Fate.LIMITED
    if code == CONCURRENT:
        return Fate.BUSY
    foreign = outcome.status == 408 or not 300 <= outcome.status < 500
    if foreign or (write and looks_like_html(outcome)):
        return Fate.MAYBE_SENT
    return Fate.GENERAL if code == GENERAL else Fate.REFUSED


def looks_like_html(answer: Answer) -> bool:
    """Whether a refusal was written by a gateway, and not by the API; redirects always are."""
    return answer.status >= 400 and is_page(answer)


def is_page(answer: Answer) -> bool:
    """Whether an answer is a web page, which the API never sends."""
    content_type = answer.headers.get("content-type", "").lower()
    return "html" in content_type or answer.body.lstrip()[:1] == b"<"


def worth_repeating(
    what: Fate, replay: Replay, policy: RetryPolicy, *, tried: int, generals: int
) -> bool:
    """Whether one more attempt is allowed.

    Args:
        what: What became of the last attempt.
        replay: Whether sending twice has the effect of sending once.
        policy: The most attempts.
        tried: Attempts so far, without those that were answered 429.
        generals: How many of them were answered 4500, the last one included.

    Returns:
        True when the same bytes may be sent again.
    """
    if what is Fate.LIMITED:
        return policy.attempts > 1
    if tried >= policy.attempts:
        return False
    if what is Fate.MAYBE_SENT:
        return replay is not Replay.UNSAFE
    if what is Fate.GENERAL:
        return generals <= 1 and replay in {Replay.READ, Replay.KEYED}
    return what in {Fate.NOT_SENT, Fate.BUSY}


def pause(what: Fate, policy: RetryPolicy, *, tried: int, luck: float) -> float:
    """Seconds to wait before the next attempt: full jitter, or a short wait for a busy customer.

    Args:
        what: What became of the last attempt.
        policy: The first wait's and the longest wait's bounds.
        tried: Attempts so far, without those that were answered 429.
        luck: From 0 to 1.
    """
    if what is Fate.LIMITED:
        return 0.0
    if what is Fate.BUSY:
        return 0.2 + 1.8 * luck
    return luck * min(policy.cap, policy.base * 2.0 ** min(tried - 1, 1000))


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds that an answer asks to wait, from ``Retry-After`` in seconds or as a date."""
    text = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]+(\.[0-9]*)?", text):
        return float(text)
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return max(0.0, (when - now).total_seconds())


def limited_pause(asked: float | None, in_a_row: int) -> float:
    """Seconds to stay away after a 429.

    Args:
        asked: What the answer asked for; never undercut, and at most `LONGEST_FREEZE`.
        in_a_row: How many answers of 429 there were without another in between, at least 1.

    Returns:
        One second doubling to thirty where the answer did not ask for a time.
    """
    if asked is not None:
        return min(max(asked, 1.0), LONGEST_FREEZE)
    return min(2.0 ** (min(in_a_row, 9) - 1), 30.0)
