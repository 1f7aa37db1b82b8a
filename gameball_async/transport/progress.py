"""What a call knows about its attempts, and which error is true of all of them. Pure."""

from __future__ import annotations

from enum import Enum
from typing import Any

from gameball_async.errors import (
    ApiError,
    DuplicateError,
    GameballError,
    NotSentError,
    OutcomeUnknownError,
    OutcomeUnknownTimeoutError,
    RequestError,
    RequestTimeoutError,
)
from gameball_async.operation import Replay
from gameball_async.transport.http import Answer, Lost
from gameball_async.transport.retry import Fate, fate


class Stranger(Enum):
    """What a look-up returns when the id is somebody else's."""

    STRANGER = "somebody else's"


class Progress:
    """The state of one logical call between its attempts."""

    __slots__ = (
        "_left",
        "_operation",
        "attempts",
        "generals",
        "key",
        "last",
        "limited",
        "maybe_sent",
        "refused",
        "replay",
        "resend",
        "started",
        "tried",
        "waited",
        "write",
    )

    def __init__(self, operation: str, replay: Replay, key: str | None, started: float) -> None:
        self._operation = operation
        self.replay: Replay = replay
        self.write: bool = replay is not Replay.READ
        self.key: str | None = key
        self.resend: bool = False
        """Whether an earlier process may have sent the same write."""
        self.started: float = started
        self.waited: float = 0.0
        self.attempts: int = 0
        self.tried: int = 0
        """Attempts that count against the policy: all but those answered 429."""
        self.limited: int = 0
        """Answers of 429 in a row."""
        self.generals: int = 0
        """Answers of 4500."""
        self.maybe_sent: bool = False
        """Whether an attempt of a write may have had its effect without a clear answer."""
        self._left = False
        self.last: GameballError | None = None
        """What the last attempt ended with."""
        self.refused: ApiError | None = None
        """The last refusal among the attempts."""

    def begin(self) -> None:
        """Count an attempt."""
        self.attempts += 1
        self.tried += 1

    def cut(self, *, sent: bool) -> None:
        """Note that the attempt was aborted on this side."""
        self._left |= sent
        self.maybe_sent |= sent and self.write

    def lost(self, outcome: Lost, now: float) -> Fate:
        """Note an attempt without an answer."""
        kind: type[RequestError] = NotSentError
        if outcome.sent:
            kind = RequestTimeoutError if outcome.timed_out else RequestError
        cause = f"{outcome.kind}: {outcome.text}" if outcome.text else outcome.kind
        self.last = kind("no answer", cause=cause, **self.facts(now))
        self._left |= outcome.sent
        return self._count(fate(outcome, None, write=self.write))

    def answered(self, answer: Answer, refused: ApiError) -> Fate:
        """Note an answer that is no success."""
        self.last = self.refused = refused
        self._left = True
        return self._count(fate(answer, refused.code, write=self.write))

    def _count(self, what: Fate) -> Fate:
        self.maybe_sent |= what is Fate.MAYBE_SENT and self.write
        self.generals += what is Fate.GENERAL
        if what is Fate.LIMITED:
            self.limited += 1
            self.tried -= 1
        else:
            self.limited = 0
        return what

    def disputed(self, what: Fate, landed: int | None) -> bool:
        """Whether a refusal may only mean that an earlier attempt has happened already.

        Args:
            what: What became of the last attempt.
            landed: The code that a repetition of a done write is refused with, if there is one.

        Returns:
            True when the refusal must not be believed before the write was looked up; until then
            the outcome is unknown, however the look-up is cut off.
        """
        if not self.write or what not in {Fate.REFUSED, Fate.GENERAL}:
            return False
        self.maybe_sent |= self.resend or (self.generals > 0 and self.says(landed))
        return self.maybe_sent

    def says(self, landed: int | None) -> bool:
        """Whether the last refusal has the code *landed*."""
        return landed is not None and self.refused is not None and self.refused.code == landed

    def facts(self, now: float) -> dict[str, Any]:
        """What every error of a call tells."""
        return {
            "operation": self._operation,
            "attempts": self.attempts,
            "waited": self.waited,
            "elapsed": now - self.started,
        }

    def stranger(self) -> DuplicateError:
        """The error of a write whose id turned out to be somebody else's."""
        refused = self.refused
        return DuplicateError(
            "the id belongs to another transaction, of another time or amount",
            status=refused.status if refused else 0,
            code=refused.code if refused else None,
            request_id=refused.request_id if refused else None,
            operation=self._operation,
        )

    def unproved(self, now: float) -> GameballError:
        """The error of a write that may have happened, where nothing shows whether it has."""
        return self.ended("an earlier attempt may have happened, and nothing proves it", now)

    def ended(
        self,
        message: str,
        now: float,
        *,
        timed_out: bool = False,
        unsent: type[NotSentError] = NotSentError,
        **extra: Any,
    ) -> GameballError:
        """The error that is true of the whole call, not only of its last attempt.

        Args:
            message: Why there is no further attempt.
            now: Monotonic time.
            timed_out: Whether time ended the call.
            unsent: The class for a call of which nothing left.
            **extra: Further facts for *unsent*.
        """
        last, refused = self.last, self.refused
        timed_out = timed_out or isinstance(last, RequestTimeoutError)
        if self.maybe_sent:
            unknown = OutcomeUnknownTimeoutError if timed_out else OutcomeUnknownError
            return unknown(message, key=self.key, last_error=last, **self.facts(now))
        if isinstance(last, ApiError):
            return last
        if self.write and refused is not None:
            return refused
        cause = last.cause if isinstance(last, RequestError) else None
        if self._left:
            lost = RequestTimeoutError if timed_out else RequestError
            return lost(message, cause=cause, **self.facts(now))
        return unsent(message, cause=cause, **extra, **self.facts(now))
