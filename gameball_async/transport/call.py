"""One call, end to end: wait, send, decode or raise, maybe again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from random import random
from typing import Any, Final, Generic, Literal, TypeVar

from attrs import define

from gameball_async.config import Options, Priority
from gameball_async.errors import (
    ApiError,
    ClientClosedError,
    DeadlineError,
    GameballError,
    RateLimitedError,
    RateLimitWaitError,
    ResponseDecodeError,
)
from gameball_async.hooks import (
    BucketFrozen,
    CallAbandoned,
    DriftFound,
    LimiterWaited,
    RequestFinished,
    RequestStarted,
    RetryScheduled,
)
from gameball_async.operation import Operation
from gameball_async.serialization import Drift
from gameball_async.transport import answers
from gameball_async.transport.http import Answer, Attempt, Lost, Request, Response, sleep
from gameball_async.transport.lanes import Turn
from gameball_async.transport.limiter import Permit
from gameball_async.transport.progress import Progress, Stranger
from gameball_async.transport.retry import (
    Fate,
    limited_pause,
    pause,
    retry_after,
    worth_repeating,
)
from gameball_async.transport.runtime import Core, Runtime
from gameball_async.transport.slots import Slots
from gameball_async.transport.watch import Guard, Reason

T = TypeVar("T")

LOOK_UP_SHARE: Final = 0.9
"""The part of the time left that a look-up may use: then there is time to say what came of it."""


@define
class Proof(Generic[T]):
    """How a write that may already have happened is recognised."""

    code: int
    """The code of a refusal which means that an earlier attempt landed."""
    bare: Callable[[], T]
    """Makes what to return when that is all that is known."""
    look_up: Callable[[float], Awaitable[T | Literal[Stranger.STRANGER] | None]] | None = None
    """Reads the write back within so many seconds: its receipt, `STRANGER` when the id is
    somebody else's, None when there is nothing to see, which proves nothing."""


class _Unlimited:
    """The permit of a client whose limiter is off."""

    frozen = False

    def sent(self) -> None:
        """Nothing is counted."""

    answered = unanswered = unused = sent


_UNLIMITED: Final = _Unlimited()
_CUT_OFF: Final = Lost(sent=True, kind="CancelledError")


class Call(Guard, Generic[T]):
    """One logical call under way: its attempts, and the gates before each of them."""

    __slots__ = (
        "_answer",
        "_began",
        "_core",
        "_cut",
        "_deadline",
        "_heard",
        "_operation",
        "_options",
        "_permit",
        "_progress",
        "_request",
        "_runtime",
        "_turn",
        "limit",
        "on_wire",
    )

    def __init__(  # noqa: PLR0917 - by position: keywords take half as long again
        self,
        core: Core,
        runtime: Runtime,
        options: Options,
        operation: Operation[T],
        request: Request,
        progress: Progress,
    ) -> None:
        Guard.__init__(self, asyncio.current_task(runtime.loop))
        self._core = core
        self._runtime = runtime
        self._options = options
        self._operation = operation
        self._request = request
        self._progress = progress
        self._heard = core.hooks.wanted(RequestStarted)
        self._deadline = progress.started + options.timeouts.total
        self.limit: float = self._deadline
        self._turn: Turn | None = None
        self._permit: Permit | _Unlimited = _UNLIMITED
        self._cut = False
        self.on_wire: bool = False

    def expire(self) -> None:
        """End the call at its deadline, or its attempt at the read limit."""
        overdue = self.limit >= self._deadline
        self.interrupt(Reason.DEADLINE if overdue else Reason.READ)

    def close(self) -> None:
        """End the call because the client closes."""
        self.interrupt(Reason.CLOSED)

    async def run(self, customer: str | None, proof: Proof[T] | None) -> T:
        """Wait for the customer's lane, then try until there is something to say."""
        runtime = self._runtime
        runtime.watch.add(self)
        try:
            if customer is not None and self._progress.write:
                turn = runtime.lanes.enter(customer, self._options.priority)
                if turn.waits:
                    await self._wait(turn)
                self._turn = turn
            return await self._attempts(proof)
        except asyncio.CancelledError:
            if not self.ours():
                maybe_sent, key = self._progress.maybe_sent, self._progress.key
                self._tell(CallAbandoned, maybe_sent=maybe_sent, key=key)
                raise
        finally:
            runtime.watch.discard(self)
            if self._turn is not None:
                self._leave(self._turn)
        raise self._interrupted()

    async def _wait(self, turn: Turn) -> None:
        """Wait for the customer's lane."""
        began = self._now()
        try:
            await turn.granted()
        finally:
            self._progress.waited += self._now() - began

    def _leave(self, turn: Turn) -> None:
        """Hand the lane on, later if the API may still be working on what was cut off."""
        if self._cut:
            turn.leave_later(self._core.clock)
        else:
            turn.leave()

    async def _attempts(self, proof: Proof[T] | None) -> T:
        """Send until the answer is clear, or no further attempt is allowed."""
        progress, policy, slots = self._progress, self._options.retry, self._runtime.slots
        while True:
            permit = self._permitted()
            if permit is None or not slots.take():
                permit = await self._in_line(permit, slots)
            outcome = await self._exchange(permit, slots)
            if isinstance(outcome, Lost):
                what = progress.lost(outcome, self._now())
            elif 200 <= outcome.status < 300:
                return self._success(outcome)
            else:
                what = progress.answered(outcome, self._refusal(outcome))
                if progress.disputed(what, proof.code if proof else None):
                    return await self._settle(outcome, proof)
            if not worth_repeating(
                what, progress.replay, policy, tried=progress.tried, generals=progress.generals
            ):
                raise progress.ended("no attempt was answered", self._now())
            await self._pause(what)

    def _permitted(self) -> Permit | _Unlimited | None:
        """The right to send, if it is to be had without waiting."""
        if self._core.limiter is None:
            return _UNLIMITED
        return self._core.limiter.try_acquire(self._operation.bucket, self._priority())

    def _priority(self) -> Priority:
        """The call's own, or what it inherits at the head of its lane."""
        return self._options.priority if self._turn is None else self._turn.priority

    async def _in_line(
        self, permit: Permit | _Unlimited | None, slots: Slots
    ) -> Permit | _Unlimited:
        """Wait for the limiter, then for a place; nothing is held while waiting for another."""
        front = self._progress.limited > 0
        while True:
            if permit is None:
                permit = await self._granted(front=front)
            try:
                if not slots.take():
                    await self._slot(slots)
            except BaseException:
                permit.unused()
                raise
            if not permit.frozen:
                return permit
            slots.release()
            permit.unused()  # a 429 came while this call waited for its turn or its slot
            permit, front = None, True

    async def _slot(self, slots: Slots) -> None:
        """Wait for one of the places on the wire."""
        began = self._now()
        try:
            await slots.wait()
        finally:
            self._progress.waited += self._now() - began

    async def _granted(self, *, front: bool) -> Permit:
        """Wait for the rate limit, or fail at once when the wait cannot end in time."""
        limiter, bucket, turn = self._core.limiter, self._operation.bucket, self._turn
        assert limiter is not None, "without one every call is permitted"  # noqa: S101
        began = self._now()
        ticket = limiter.join(bucket, self._priority(), front=front)
        if ticket.earliest > self._deadline:
            ticket.leave()
            raise self._progress.ended(
                "the rate limit has no slot before the deadline",
                began,
                unsent=RateLimitWaitError,
                at_least=ticket.earliest - began,
            )
        if turn is not None:
            turn.on_promotion = ticket.promote
        try:
            return await ticket.granted()
        finally:
            if turn is not None:
                turn.on_promotion = None
            waited = self._now() - began
            self._progress.waited += waited
            self._tell(LimiterWaited, bucket=bucket.value, waited=waited)

    async def _exchange(self, permit: Permit | _Unlimited, slots: Slots) -> Answer | Lost:
        """Send once; however it ends, the permit learns of it and the place is free again."""
        progress = self._progress
        progress.begin()
        if self._heard:
            self._tell(RequestStarted, attempt=progress.attempts)
            self._began = self._now()
        attempt = Attempt(self._options.timeouts.connect, self._connected)
        outcome: Answer | Lost = _CUT_OFF
        self._permit = permit
        permit.sent()
        self.on_wire = True
        try:
            outcome = await self._runtime.transport.send(self._request, attempt)
        except asyncio.CancelledError:
            if self.reason is not Reason.READ or not self.ours():
                progress.cut(sent=attempt.sent)
                self._cut = attempt.sent
                raise
            self.resume()
            outcome = Lost(attempt.sent, "ReadTimeout", Reason.READ.value, timed_out=True)
        except Exception as error:  # noqa: BLE001 - whatever it was, the outcome must be told
            outcome = self._lost(error, sent=attempt.sent)
        finally:
            self.on_wire = False
            self.limit = self._deadline
            self._settle_permit(permit, outcome, sent=attempt.sent)
            slots.release()
        if self._heard:
            self._tell_end(outcome)
        return outcome

    def _connected(self) -> None:
        """From here on the request may arrive: its way is timed anew, and its answer too."""
        self._permit.sent()
        self.limit = min(self._deadline, self._now() + self._options.timeouts.read)
        self._runtime.watch.changed(self)

    def _lost(self, error: Exception, *, sent: bool) -> Lost:
        """A foreign exception, kept as type and text: its traceback holds the headers."""
        text = self._request.redact(str(error))[: answers.EXCERPT]
        return Lost(sent, type(error).__name__, text, timed_out=isinstance(error, TimeoutError))

    def _settle_permit(
        self, permit: Permit | _Unlimited, outcome: Answer | Lost, *, sent: bool
    ) -> None:
        """Tell the limiter how the attempt ended; a 429 freezes the bucket for everybody."""
        if isinstance(outcome, Answer):
            if outcome.status != 429 or not isinstance(permit, Permit):
                permit.answered()
                return
            known = permit.frozen  # another call has told of it
            seconds = permit.refused(retry_after(outcome.headers, self._core.clock.now()))
            if not known:
                bucket = self._operation.bucket.value
                self._tell(BucketFrozen, bucket=bucket, seconds=seconds)
        elif sent:
            permit.unanswered()
        else:
            permit.unused()

    async def _settle(self, answer: Answer, proof: Proof[T] | None) -> T:
        """Find out whether a write that was refused now had happened before."""
        found: T | Literal[Stranger.STRANGER] | None = None
        if proof is not None:
            if proof.look_up is not None:
                found = await self._look_up(proof.look_up)
            if found is None and self._progress.says(proof.code):
                found = proof.bare()
        if found is Stranger.STRANGER:
            raise self._progress.stranger()
        if found is None:
            raise self._progress.unproved(self._now())
        self._answer = answer
        return found

    async def _look_up(
        self, look_up: Callable[[float], Awaitable[T | Literal[Stranger.STRANGER] | None]]
    ) -> T | Literal[Stranger.STRANGER] | None:
        """Read the write back, and be done before the deadline; a failure proves nothing."""
        left = max(LOOK_UP_SHARE * (self._deadline - self._now()), 0.001)
        try:
            return await look_up(left)
        except GameballError:
            return None

    async def _pause(self, what: Fate) -> None:
        """Wait before the next attempt, if there is time for one."""
        progress, core = self._progress, self._core
        if core.closed:
            raise progress.ended("the client was closed", self._now(), unsent=ClientClosedError)
        delay = pause(what, self._options.retry, tried=progress.tried, luck=random())  # noqa: S311 - jitter
        if what is Fate.LIMITED and core.limiter is None:
            last = progress.last
            asked = last.retry_after if isinstance(last, RateLimitedError) else None
            delay = limited_pause(asked, progress.limited)
        if self._now() + delay > self._deadline:
            message = "the deadline leaves no room for another attempt"
            raise progress.ended(message, self._now(), timed_out=True, unsent=DeadlineError)
        error = type(progress.last).__name__
        self._tell(RetryScheduled, attempt=progress.attempts, delay=delay, error=error)
        if delay > 0:
            began = self._now()
            await sleep(core.clock, delay)
            progress.waited += self._now() - began

    def _success(self, answer: Answer) -> T:
        self._answer = answer
        value = answers.read(
            answer,
            self._operation,
            write=self._progress.write,
            redact=self._request.redact,
            on_drift=self._tell_drift,
        )
        if isinstance(value, ResponseDecodeError):
            raise value
        return value

    def response(self, value: T) -> Response[T]:
        """What `run` returned, with what it took."""
        progress, answer = self._progress, self._answer
        return Response(
            value=value,
            status=answer.status,
            headers=answer.headers,
            request_id=answer.headers.get("x-request-id"),
            attempts=progress.attempts,
            waited=progress.waited,
            elapsed=self._now() - progress.started,
            body=answer.body,
        )

    def _refusal(self, answer: Answer) -> ApiError:
        now = self._core.clock.now()
        return answers.refusal(answer, self._operation.name, now=now, redact=self._request.redact)

    def _interrupted(self) -> GameballError:
        """The error of a call that was ended from outside."""
        now = self._now()
        if self.reason is Reason.CLOSED:
            return self._progress.ended("the client was closed", now, unsent=ClientClosedError)
        message = "the deadline passed"
        return self._progress.ended(message, now, timed_out=True, unsent=DeadlineError)

    def _now(self) -> float:
        return self._core.clock.monotonic()

    def _tell(self, kind: type[Any], **facts: Any) -> None:
        self._core.hooks.tell(kind, operation=self._operation.name, **facts)

    def _tell_end(self, outcome: Answer | Lost) -> None:
        answer = outcome if isinstance(outcome, Answer) else None
        self._tell(
            RequestFinished,
            attempt=self._progress.attempts,
            status=answer.status if answer else None,
            request_id=answer.headers.get("x-request-id") if answer else None,
            elapsed=self._now() - self._began,
            error=outcome.kind if isinstance(outcome, Lost) else None,
        )

    def _tell_drift(self, drift: Drift) -> None:
        self._tell(DriftFound, path=drift.path, expected=drift.expected, got=drift.got)
