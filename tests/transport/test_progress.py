"""The error of a call is true of all its attempts, whatever they were."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from attrs import frozen
from hypothesis import given, settings, strategies as st

from gameball_async.errors import (
    ApiError,
    ClientClosedError,
    ConcurrentRequestError,
    DeadlineError,
    DuplicateError,
    GameballError,
    NotSentError,
    OutcomeUnknownError,
    OutcomeUnknownTimeoutError,
    RateLimitedError,
    RateLimitWaitError,
    RequestError,
    RequestTimeoutError,
    ServerError,
    api_error_class,
)
from gameball_async.operation import Replay
from gameball_async.transport.http import Answer, Lost
from gameball_async.transport.progress import Progress
from gameball_async.transport.retry import Fate

READ, KEYED, _IDEMPOTENT, UNSAFE = Replay


def progress_of(
    replay: Replay = KEYED, *, key: str | None = "A-1", resend: bool = False
) -> Progress:
    progress = Progress("POST /orders", replay, key, 100.0)
    progress.resend = resend
    return progress


# -- what attempts there are --------------------------------------------------------------------


@frozen
class Kind:
    """One way in which an attempt can end, and what that means."""

    name: str
    play: Callable[[Progress], Fate | None]
    left: bool
    """Whether a byte left this machine."""
    unclear: bool
    """Whether a write may have happened without a clear answer."""
    late: bool = False
    """Whether time ended it."""
    refusal: type[ApiError] | None = None


def lost(*, sent: bool, timed_out: bool = False) -> Callable[[Progress], Fate]:
    return lambda progress: progress.lost(Lost(sent, "Gone", "by the peer", timed_out), 101.0)


def answered(status: int, code: int | None, body: bytes = b"{}") -> Callable[[Progress], Fate]:
    def play(progress: Progress) -> Fate:
        error = api_error_class(status, code)("no", status=status, code=code, request_id="r-1")
        return progress.answered(Answer(status, {}, body), error)

    return play


def answer(
    name: str, status: int, code: int | None = None, body: bytes = b"{}", *, unclear: bool = False
) -> Kind:
    return Kind(
        name,
        answered(status, code, body),
        left=True,
        unclear=unclear,
        refusal=api_error_class(status, code),
    )


NOT_SENT = Kind("not sent", lost(sent=False), left=False, unclear=False)
NO_CONNECTION = Kind(
    "no connection in time", lost(sent=False, timed_out=True), left=False, unclear=False
)
LOST = Kind("lost", lost(sent=True), left=True, unclear=True)
TOO_LATE = Kind("timed out", lost(sent=True, timed_out=True), left=True, unclear=True, late=True)
CUT_OFF = Kind("cut off", lambda progress: progress.cut(sent=True), left=True, unclear=True)
CUT_BEFORE = Kind(
    "cut off before", lambda progress: progress.cut(sent=False), left=False, unclear=False
)
LIMITED = answer("429", 429)
BUSY = answer("2001", 422, 2001)
GENERAL = answer("4500", 400, 4500)
DUPLICATE = answer("9004", 422, 9004)
DOWN = answer("503", 503, 5003, unclear=True)
GATEWAY = answer("gateway HTML", 403, None, b"<html>", unclear=True)
KINDS = [
    NOT_SENT, NO_CONNECTION, LOST, TOO_LATE, CUT_OFF, CUT_BEFORE, LIMITED, BUSY, GENERAL,
    DUPLICATE, DOWN, GATEWAY,
]  # fmt: skip


def play(progress: Progress, *history: Kind) -> Progress:
    for kind in history:
        progress.begin()
        kind.play(progress)
    return progress


# -- how it ends --------------------------------------------------------------------------------


@settings(deadline=None)
@given(
    st.sampled_from(Replay),
    st.lists(st.sampled_from(KINDS), max_size=6),
    st.booleans(),
    st.sampled_from([NotSentError, DeadlineError, ClientClosedError, RateLimitWaitError]),
)
def test_the_last_word_is_true_of_the_whole_call(
    replay: Replay, history: list[Kind], timed_out: bool, unsent: type[NotSentError]
) -> None:
    progress = play(progress_of(replay), *history)
    error = progress.ended("why", 107.5, timed_out=timed_out, unsent=unsent)

    write, left = replay is not READ, any(kind.left for kind in history)
    unclear = write and any(kind.unclear for kind in history)
    assert unclear is isinstance(error, OutcomeUnknownError)
    assert (not left) is isinstance(error, NotSentError)
    if not left:
        assert unsent is type(error)
    if isinstance(error, RequestError):
        assert ("POST /orders", len(history), 7.5) == (
            error.operation,
            error.attempts,
            error.elapsed,
        )
        if left:
            late = timed_out or last_answered(history).late
            assert late is isinstance(error, TimeoutError)
    else:
        assert type(error) in {kind.refusal for kind in history}


def last_answered(history: list[Kind]) -> Kind:
    """The last attempt that was not cut off on this side: that tells nothing more."""
    return ([NOT_SENT] + [kind for kind in history if kind not in {CUT_OFF, CUT_BEFORE}])[-1]


@pytest.mark.parametrize(
    ("replay", "history", "kind"),
    [
        pytest.param(READ, (), NotSentError, id="nothing-was-tried"),
        pytest.param(READ, (NOT_SENT, NOT_SENT), NotSentError, id="nothing-left"),
        pytest.param(KEYED, (NO_CONNECTION,), NotSentError, id="no-connection"),
        pytest.param(READ, (LOST,), RequestError, id="a-read-lost"),
        pytest.param(READ, (LOST, NOT_SENT), RequestError, id="a-read-lost-and-then-not-sent"),
        pytest.param(READ, (TOO_LATE,), RequestTimeoutError, id="a-read-timed-out"),
        pytest.param(READ, (TOO_LATE, LOST), RequestError, id="a-read-lost-in-the-end"),
        pytest.param(READ, (CUT_OFF,), RequestError, id="a-read-cut-off"),
        pytest.param(READ, (DOWN,), ServerError, id="a-read-refused-by-a-server-that-is-down"),
        pytest.param(READ, (DOWN, LOST), RequestError, id="a-read-lost-after-a-503"),
        pytest.param(READ, (DOWN, NOT_SENT), RequestError, id="a-read-not-sent-after-a-503"),
        pytest.param(KEYED, (LOST,), OutcomeUnknownError, id="a-write-lost"),
        pytest.param(UNSAFE, (LOST,), OutcomeUnknownError, id="an-unsafe-write-lost"),
        pytest.param(KEYED, (TOO_LATE,), OutcomeUnknownTimeoutError, id="a-write-timed-out"),
        pytest.param(KEYED, (DOWN,), OutcomeUnknownError, id="a-write-and-a-server-that-is-down"),
        pytest.param(KEYED, (GATEWAY,), OutcomeUnknownError, id="a-write-answered-by-a-gateway"),
        pytest.param(KEYED, (CUT_OFF,), OutcomeUnknownError, id="a-write-cut-off"),
        pytest.param(KEYED, (LOST, NOT_SENT), OutcomeUnknownError, id="lost-then-not-sent"),
        pytest.param(KEYED, (LOST, LIMITED), OutcomeUnknownError, id="lost-then-429"),
        pytest.param(KEYED, (LOST, BUSY), OutcomeUnknownError, id="lost-then-2001"),
        pytest.param(KEYED, (LOST, DUPLICATE), OutcomeUnknownError, id="lost-then-9004"),
        pytest.param(KEYED, (LIMITED,), RateLimitedError, id="limited"),
        pytest.param(KEYED, (BUSY, LIMITED), RateLimitedError, id="the-last-refusal-counts"),
        pytest.param(KEYED, (LIMITED, BUSY), ConcurrentRequestError, id="the-last-refusal"),
        pytest.param(KEYED, (LIMITED, NOT_SENT), RateLimitedError, id="a-write-limited-not-sent"),
        pytest.param(READ, (LIMITED, NOT_SENT), RequestError, id="a-read-limited-then-not-sent"),
        pytest.param(KEYED, (LIMITED, CUT_BEFORE), RateLimitedError, id="limited-then-cut-before"),
        pytest.param(KEYED, (DUPLICATE,), DuplicateError, id="refused"),
    ],
)
def test_how_a_call_ends(replay: Replay, history: tuple[Kind, ...], kind: type[Exception]) -> None:
    assert kind is type(play(progress_of(replay), *history).ended("why", 101.0))


@pytest.mark.parametrize(
    ("replay", "history", "kind"),
    [
        pytest.param(READ, (), DeadlineError, id="nothing-left"),
        pytest.param(READ, (LOST,), RequestTimeoutError, id="a-read-lost"),
        pytest.param(READ, (CUT_OFF,), RequestTimeoutError, id="a-read-cut-off"),
        pytest.param(KEYED, (CUT_OFF,), OutcomeUnknownTimeoutError, id="a-write-cut-off"),
        pytest.param(KEYED, (CUT_BEFORE,), DeadlineError, id="a-write-cut-off-before-it-left"),
        pytest.param(KEYED, (LIMITED,), RateLimitedError, id="limited"),
    ],
)
def test_how_a_deadline_ends_a_call(
    replay: Replay, history: tuple[Kind, ...], kind: type[Exception]
) -> None:
    progress = play(progress_of(replay), *history)
    error = progress.ended("why", 101.0, timed_out=True, unsent=DeadlineError)
    assert kind is type(error)
    assert issubclass(kind, TimeoutError) is (kind is not RateLimitedError)


def test_an_unknown_outcome_tells_all_that_is_known() -> None:
    progress = play(progress_of(key="A-1"), LOST, DUPLICATE)
    progress.waited = 0.5
    error = progress.ended("why", 107.5)
    assert isinstance(error, OutcomeUnknownError)
    assert {
        "operation": "POST /orders",
        "cursor": None,
        "message": "why",
        "attempts": 2,
        "waited": 0.5,
        "elapsed": 7.5,
        "cause": None,
        "key": "A-1",
        "last_error": progress.last,
    } == vars(error)
    assert isinstance(error.last_error, DuplicateError)


def test_a_lost_answer_tells_what_was_behind_it() -> None:
    progress = play(progress_of(READ), LOST)
    last, error = progress.last, progress.ended("why", 101.0)
    assert isinstance(last, RequestError)
    assert isinstance(error, RequestError)
    assert "no answer" == last.message
    assert "Gone: by the peer" == last.cause == error.cause
    assert (1, 1.0) == (last.attempts, last.elapsed)


def test_a_foreign_exception_without_a_text_is_told_by_its_type() -> None:
    progress = progress_of()
    progress.lost(Lost(False, "Gone"), 101.0)
    error = progress.ended("why", 101.0)
    assert isinstance(error, NotSentError)
    assert "Gone" == error.cause


@pytest.mark.parametrize(
    ("kind", "last"),
    [(NOT_SENT, NotSentError), (LOST, RequestError), (TOO_LATE, RequestTimeoutError)],
    ids=["not-sent", "lost", "timed-out"],
)
def test_the_last_error_has_the_type_of_its_attempt(kind: Kind, last: type[Exception]) -> None:
    assert last is type(play(progress_of(), kind).last)
    assert NotSentError is type(play(progress_of(), NO_CONNECTION).last)


def test_a_wait_that_is_too_long_says_how_long_it_is() -> None:
    error = progress_of().ended("why", 101.0, unsent=RateLimitWaitError, at_least=12.5)
    assert isinstance(error, RateLimitWaitError)
    assert (12.5, "why", None) == (error.at_least, error.message, error.cause)


# -- counting -----------------------------------------------------------------------------------


@pytest.mark.parametrize("replay", Replay)
def test_a_call_begins_with_nothing_but_what_it_is(replay: Replay) -> None:
    progress = progress_of(replay, key="A-1", resend=True)
    assert (replay, replay is not READ, "A-1", True, 100.0) == (
        progress.replay,
        progress.write,
        progress.key,
        progress.resend,
        progress.started,
    )
    assert (0.0, False, None, None) == (
        progress.waited,
        progress.maybe_sent,
        progress.last,
        progress.refused,
    )
    assert {"attempts": 0, "tried": 0, "limited": 0, "generals": 0} == counts(progress)


def counts(progress: Progress) -> dict[str, int]:
    return {name: getattr(progress, name) for name in ("attempts", "tried", "limited", "generals")}


def test_attempts_are_counted_and_429s_apart() -> None:
    progress = play(progress_of(), LIMITED, LIMITED)
    assert {"attempts": 2, "tried": 0, "limited": 2, "generals": 0} == counts(progress)
    play(progress, GENERAL, NOT_SENT, GENERAL)
    assert {"attempts": 5, "tried": 3, "limited": 0, "generals": 2} == counts(progress)
    play(progress, LIMITED)
    assert {"attempts": 6, "tried": 3, "limited": 1, "generals": 2} == counts(progress)


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        (NOT_SENT, Fate.NOT_SENT),
        (LOST, Fate.MAYBE_SENT),
        (DOWN, Fate.MAYBE_SENT),
        (GATEWAY, Fate.MAYBE_SENT),
        (LIMITED, Fate.LIMITED),
        (BUSY, Fate.BUSY),
        (GENERAL, Fate.GENERAL),
        (DUPLICATE, Fate.REFUSED),
    ],
    ids=lambda value: value.name.replace(" ", "-"),
)
def test_an_attempt_is_told_for_what_it_is(kind: Kind, what: Fate) -> None:
    progress = progress_of()
    progress.begin()
    assert what is kind.play(progress)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name.replace(" ", "-"))
def test_only_a_write_can_have_happened_unnoticed(kind: Kind) -> None:
    assert kind.unclear is play(progress_of(KEYED), kind).maybe_sent
    assert not play(progress_of(READ), kind).maybe_sent


# -- believing a refusal ------------------------------------------------------------------------

BELIEVED, DISPUTED = False, True


@pytest.mark.parametrize(
    ("history", "landed", "disputed"),
    [
        pytest.param((DUPLICATE,), 9004, BELIEVED, id="a-first-attempt"),
        pytest.param((LOST, DUPLICATE), 9004, DISPUTED, id="after-a-lost-one"),
        pytest.param((LOST, DUPLICATE), None, DISPUTED, id="after-a-lost-one-without-a-proof"),
        pytest.param((DOWN, DUPLICATE), 9004, DISPUTED, id="after-a-503"),
        pytest.param((LOST, GENERAL), 9004, DISPUTED, id="4500-after-a-lost-one"),
        pytest.param((LOST, LIMITED), 9004, BELIEVED, id="429-after-a-lost-one"),
        pytest.param((LOST, BUSY), 9004, BELIEVED, id="2001-after-a-lost-one"),
        pytest.param((LOST, LOST), 9004, BELIEVED, id="no-answer-is-no-refusal"),
        pytest.param((NOT_SENT, DUPLICATE), 9004, BELIEVED, id="after-one-that-never-left"),
        pytest.param((LIMITED, DUPLICATE), 9004, BELIEVED, id="after-a-429"),
        pytest.param((GENERAL,), 9004, BELIEVED, id="4500-at-first"),
        pytest.param((GENERAL, DUPLICATE), 9004, DISPUTED, id="after-a-4500-that-had-landed"),
        pytest.param((GENERAL, DUPLICATE), 9006, BELIEVED, id="after-a-4500-with-another-code"),
        pytest.param((GENERAL, DUPLICATE), None, BELIEVED, id="after-a-4500-without-a-proof"),
    ],
)
def test_which_refusals_of_a_write_are_believed(
    history: tuple[Kind, ...], landed: int | None, *, disputed: bool
) -> None:
    *before, last = history
    progress = play(progress_of(), *before)
    progress.begin()
    what = last.play(progress)
    assert what is not None
    assert disputed is progress.disputed(what, landed)


@pytest.mark.parametrize(
    ("kind", "disputed"),
    [(DUPLICATE, DISPUTED), (GENERAL, DISPUTED), (LIMITED, BELIEVED), (BUSY, BELIEVED)],
    ids=["9004", "4500", "429", "2001"],
)
def test_a_resent_write_is_treated_as_a_repetition(kind: Kind, *, disputed: bool) -> None:
    progress = progress_of(resend=True)
    what = kind.play(progress)
    assert what is not None
    assert disputed is progress.disputed(what, None)


@pytest.mark.parametrize(
    ("history", "resend", "unknown"),
    [
        ((DUPLICATE,), True, True),
        ((GENERAL, DUPLICATE), False, True),
        ((DUPLICATE,), False, False),
        ((LIMITED, BUSY, DUPLICATE), False, False),
    ],
    ids=["resent", "general", "first", "not-done"],
)
def test_what_is_disputed_is_unknown_until_it_was_looked_up(
    history: tuple[Kind, ...], *, resend: bool, unknown: bool
) -> None:
    progress = play(progress_of(resend=resend), *history)
    assert unknown is progress.disputed(Fate.REFUSED, 9004)
    assert unknown is progress.maybe_sent
    assert unknown is isinstance(progress.ended("cut off", 101.0), OutcomeUnknownError)


def test_a_refusal_of_a_read_is_always_believed() -> None:
    progress = play(progress_of(READ, resend=True), LOST, GENERAL, DUPLICATE)
    assert not progress.disputed(Fate.REFUSED, 9004)


@pytest.mark.parametrize(
    ("history", "landed", "says"),
    [
        ((), 9004, False),
        ((LOST,), 9004, False),
        ((DUPLICATE,), 9004, True),
        ((DUPLICATE,), 9006, False),
        ((DUPLICATE,), None, False),
        ((LIMITED,), None, False),
        ((DUPLICATE, LOST), 9004, True),
    ],
    ids=["nothing", "lost", "the-code", "another", "no-code-asked", "no-code-at-all", "before"],
)
def test_whether_the_last_refusal_has_a_code(
    history: tuple[Kind, ...], landed: int | None, *, says: bool
) -> None:
    assert says is play(progress_of(), *history).says(landed)


# -- after a look-up ----------------------------------------------------------------------------


def facts_of(error: ApiError) -> tuple[Any, ...]:
    return error.status, error.code, error.request_id, error.operation


def test_somebody_elses_id_is_a_duplicate_with_the_facts_of_the_refusal() -> None:
    stranger = play(progress_of(), LOST, DUPLICATE).stranger()
    assert DuplicateError is type(stranger)
    assert (422, 9004, "r-1", "POST /orders") == facts_of(stranger)
    assert "the id belongs to another transaction, of another time or amount" == stranger.message


def test_somebody_elses_id_without_a_refusal_is_a_duplicate_too() -> None:
    assert (0, None, None, "POST /orders") == facts_of(progress_of().stranger())


@pytest.mark.parametrize("history", [(LOST, DUPLICATE), (DUPLICATE,)], ids=["lost", "resent"])
def test_a_write_that_nothing_proves_is_unknown(history: tuple[Kind, ...]) -> None:
    progress = play(progress_of(resend=True), *history)
    assert progress.disputed(Fate.REFUSED, 9004)
    error: GameballError = progress.unproved(107.5)
    assert OutcomeUnknownError is type(error)
    assert isinstance(error, OutcomeUnknownError)
    assert ("A-1", 7.5) == (error.key, error.elapsed)
    assert "an earlier attempt may have happened, and nothing proves it" == error.message
    assert isinstance(error.last_error, DuplicateError)
    assert progress.maybe_sent
