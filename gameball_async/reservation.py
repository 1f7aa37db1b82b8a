"""What was reserved is given back, however the code between fails or is cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, Generic, TypeVar, cast

import anyio
from attrs import define, field, frozen

from gameball_async.errors import (
    GameballError,
    NotFoundError,
    OutcomeUnknownError,
    ResponseDecodeError,
)
from gameball_async.hooks import ReleaseFailed
from gameball_async.transport.caller import Caller
from gameball_async.transport.http import Clock

T = TypeVar("T")

PATIENCE: Final = 5.0
"""Seconds: how long a cancelled caller waits for an answer, and how long giving back may take."""
LAPSES: Final = "what was reserved cannot be released without its reference: it lapses by itself"


def is_unknown(failure: BaseException | None) -> bool:
    """Whether after *failure* of a write it may have happened; a cancellation tells nothing."""
    if isinstance(failure, ResponseDecodeError):
        return failure.outcome_unknown
    return isinstance(failure, OutcomeUnknownError | asyncio.CancelledError)


def leaves_unknown(error: BaseException) -> bool:
    """Whether *error* is such a failure, was raised from one, or is a group that holds one."""
    seen: set[int] = set()
    left: list[BaseException | None] = [error]
    while left:
        one = left.pop()
        if one is None or id(one) in seen:
            continue
        if isinstance(one, GameballError) and is_unknown(one):
            return True
        seen.add(id(one))
        left.append(one.__cause__)
        if isinstance(one, BaseExceptionGroup):
            left += cast("BaseExceptionGroup[BaseException]", one).exceptions
    return False


def failure_of(task: asyncio.Task[Any]) -> BaseException | None:
    """What *task* ended with; None when it has a result."""
    return asyncio.CancelledError() if task.cancelled() else task.exception()


def without_reference(operation: str, reference: object) -> ResponseDecodeError | None:
    """The error of an answer that reserves something and does not say what; None when it does."""
    if isinstance(reference, str) and reference:
        return None
    return ResponseDecodeError(
        f"the answer has no reference; {LAPSES}",
        operation=operation,
        status=200,
        outcome_unknown=True,
    )


async def ended(
    task: asyncio.Task[Any], clock: Clock, patience: float = PATIENCE
) -> asyncio.CancelledError | None:
    """Wait until *task* is done, even when the caller is cancelled meanwhile.

    Args:
        task: What to wait for; it is no part of the caller, so nothing of the caller's ends it.
        clock: Where time comes from.
        patience: Seconds that a cancelled caller still waits; then it cancels *task*.

    Returns:
        The caller's cancellation, which the caller must raise in the end; None without one.
    """

    def give_up() -> None:
        task.cancel()

    try:
        await asyncio.wait([task])
    except asyncio.CancelledError as cancelled:
        timer = clock.call_later(patience, give_up)
        with anyio.CancelScope(shield=True):  # anyio repeats its cancellation, asyncio does not
            while not task.done():
                with suppress(asyncio.CancelledError):
                    await asyncio.wait([task])
        timer.cancel()
        return cancelled
    return None


async def through(work: Callable[[], Coroutine[Any, Any, T]], clock: Clock) -> T:
    """Run *work* to its end; the caller learns only afterwards that it was cancelled meanwhile.

    Args:
        work: What to run; it limits its own time.
        clock: Where time comes from.

    Returns:
        What it returns.

    Raises:
        CancelledError: The caller was cancelled; *work* is done all the same.
    """
    task = asyncio.create_task(work())
    cancelled = await ended(task, clock, 3 * PATIENCE)
    if task.cancelled():  # a loop that shuts down cancels every task that it finds
        task = asyncio.create_task(work())
        cancelled = await ended(task, clock, 3 * PATIENCE) or cancelled
    if cancelled is not None:
        raise cancelled
    return task.result()


@frozen(kw_only=True)
class Terms(Generic[T]):
    """How something is reserved and given back."""

    take: Callable[[], Coroutine[Any, Any, T]]
    reference_of: Callable[[T], object]
    objection: Callable[[T], GameballError | None]
    """Why an answer is of no use; None when it is."""
    give_back: Callable[[str, float], Coroutine[Any, Any, object]]
    """Gives a reference back within so many seconds."""
    operation: str
    """What gives it back, as events name it."""


@define(eq=False)
class Reserved(Generic[T]):
    """Something reserved for the time of an ``async with``, and given back at its end."""

    _caller: Caller
    _terms: Terms[T]
    reference: str | None = field(default=None, init=False)
    """What there is to give back."""
    _is_begun: bool = field(default=False, init=False)
    _turn: asyncio.Lock = field(factory=asyncio.Lock, init=False)
    """Entering that was interrupted in a thread may still clean up."""

    async def __aenter__(self) -> T:
        """Reserve; cancelled meanwhile it waits for the answer and gives back what came.

        Returns:
            The API's answer.

        Raises:
            RuntimeError: It was begun before: its reference would be lost.
        """
        if self._is_begun:
            raise RuntimeError("this block was begun before: make another one")
        self._is_begun = True
        async with self._turn:
            task = asyncio.create_task(self._terms.take())
            cancelled = await ended(task, self._caller.core.clock)
            error = self._learn(task, cancelled)
            if error is None:
                return task.result()
            if self.reference is not None:
                await self._give_back_because_of(error)
                self.reference = None
            raise error

    def _learn(
        self, task: asyncio.Task[T], cancelled: asyncio.CancelledError | None
    ) -> BaseException | None:
        """Take notice of an answer; returns what keeps it from being used."""
        failure = failure_of(task)
        if failure is not None:
            if isinstance(failure, GameballError) and is_unknown(failure):
                failure.message = f"{failure.message}; {LAPSES}"
            if cancelled is not None and is_unknown(failure):
                cancelled.add_note(f"no answer came: {LAPSES}")
            return cancelled or failure
        answer = task.result()
        reference = self._terms.reference_of(answer)
        if isinstance(reference, str) and reference:
            self.reference = reference
        return cancelled or self._terms.objection(answer)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Give back, unless the body failed without knowing whether it was used."""
        async with self._turn:
            if self.reference is not None:
                await self._leave(error)

    async def _leave(self, error: BaseException | None) -> None:
        if error is None:
            failure = await through(self.release, self._caller.core.clock)
            if failure is not None:
                raise failure
        elif leaves_unknown(error):
            error.add_note(f"{self.reference} was not released: what may have happened may use it")
        else:
            await self._give_back_because_of(error)

    async def _give_back_because_of(self, error: BaseException) -> None:
        """Give back; a failure is told with *error* and does not hide it."""
        failure = await through(self.release, self._caller.core.clock)
        if failure is not None:
            error.add_note(f"{self.reference} could not be released: {failure}")

    async def release(self, seconds: float = PATIENCE) -> Exception | None:
        """Give back what there is, if anything, and tell the hooks when that fails.

        Args:
            seconds: How long it may take.

        Returns:
            What went wrong; what is not there any more was used or has lapsed, which is fine.
        """
        if self.reference is None:
            return None
        try:
            with suppress(NotFoundError):
                await self._terms.give_back(self.reference, seconds)
        except Exception as error:  # noqa: BLE001 - whatever it is, the body's own error comes first
            self._caller.core.hooks.tell(
                ReleaseFailed,
                operation=self._terms.operation,
                reference=self.reference,
                error=type(error).__name__,
            )
            return error
        self.reference = None
        return None
