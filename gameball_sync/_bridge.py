"""Turn async methods into blocking ones, with their types intact.

The coroutines of every blocking client of the process run on one event loop, in one daemon thread
that starts with the first call. A call costs one bell, and calls that arrive together cost the
loop one wake-up.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from contextvars import copy_context
from functools import wraps
from types import TracebackType
from typing import (
    Any,
    Concatenate,
    Final,
    Generic,
    ParamSpec,
    Protocol,
    TypeVar,
    cast,
    overload,
)

from gameball_async.errors import OutcomeUnknownError
from gameball_sync._bells import Bell, bell, waker

__all__ = ("Facade", "Method", "aio_of", "blocking", "blocking_context", "run")

A = TypeVar("A")
P = ParamSpec("P")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)

GRACE: Final = 0.2
"""How long an interrupted caller waits for its call to clean up, in seconds."""
_NEEDED: Final = ("threading", "select", "socket", "queue")
"""What must be Python's own under the loop and its executor."""
_PAUSE: Final = 0.05
"""Seconds before a loop that broke off goes on, lest one that is broken takes a processor."""


class _Call(Generic[R]):
    """One coroutine on its way through the loop thread; its bell rings when it is done."""

    __slots__ = ("abandoned", "bell", "context", "coroutine", "error", "result", "task")

    result: R

    def __init__(self, coroutine: Coroutine[Any, Any, R], bell: Bell) -> None:
        self.abandoned = False
        self.bell = bell
        self.context = copy_context()
        self.coroutine = coroutine
        self.error: BaseException | None = None
        self.task: asyncio.Task[None] | None = None
        """Once it has begun; the loop itself holds tasks weakly."""

    async def run(self) -> None:
        """Run the coroutine and keep what comes out, whatever it is."""
        if self.abandoned:
            self.coroutine.close()
        else:
            self.task = asyncio.current_task()
            try:
                self.result = await self.coroutine
            except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
                self.error = error
        self.bell.ring()

    def outcome(self) -> R:
        """Return or raise what came out."""
        error, self.error = self.error, None
        if error is None:
            return self.result
        try:
            if isinstance(error, asyncio.CancelledError):
                raise OutcomeUnknownError("the call was cancelled on its event loop") from None
            raise error
        finally:
            del error  # or it would hold itself, through its traceback


class _LoopThread:
    """The event loop, its thread, and the calls that wait to be started there."""

    __slots__ = ("_armed", "_bells", "_calls", "_leaving", "_wake", "ident", "loop", "thread")

    def __init__(self) -> None:
        self._armed = False
        """Whether a wake-up is on its way."""
        self._bells: list[Bell] = []
        """Those that nobody waits for; there are as many as callers have waited together."""
        self._calls = deque[_Call[Any]]()
        self._leaving = set[asyncio.Task[None]]()
        self.loop = asyncio.new_event_loop()
        self._wake = waker(self.loop, self._start_calls)
        self.thread = threading.Thread(target=self._serve, name="gameball-sync", daemon=True)
        try:
            self.thread.start()
        except RuntimeError:  # no thread is to be had: there are too many, or Python ends
            self.loop.close()
            raise
        self.ident = self.thread.ident

    def _serve(self) -> None:
        """Run the loop for good: a stop, or an exit raised in a callback, ends no other's call."""
        while not self.loop.is_closed():
            try:
                self.loop.run_forever()
            except BaseException as error:  # noqa: BLE001 - nobody is above to raise it to
                self.loop.call_exception_handler(
                    {"message": "the loop of gameball_sync goes on", "exception": error}
                )
                time.sleep(_PAUSE)

    def wait(self, coroutine: Coroutine[Any, Any, R]) -> R:
        """Have *coroutine* run and wait for it; an interrupted wait cancels it."""
        call = _Call(coroutine, self._free_bell())
        try:
            self._calls.append(call)
            if not self._armed:
                self._armed = True
                self._wake()
            call.bell.wait()
        except BaseException:
            self.loop.call_soon_threadsafe(self._cancel, call)
            call.bell.wait_at_most(GRACE)
            raise
        self._bells.append(call.bell)  # one whose wait was interrupted may ring yet
        return call.outcome()

    def _free_bell(self) -> Bell:
        try:
            return self._bells.pop()
        except IndexError:
            return bell()

    def _start_calls(self) -> None:
        """Start every call that waits; on the loop."""
        self._armed = False  # before the first look: a call added later wakes us again
        while self._calls:
            call = self._calls.popleft()
            # Past the loop's task factory, which costs more and may start tasks at once.
            _ = asyncio.Task(call.run(), loop=self.loop, name="gameball_sync", context=call.context)

    def _cancel(self, call: _Call[Any]) -> None:
        """End a call whose caller is gone; on the loop."""
        if call.task is None:
            call.abandoned = True
        else:
            self._leaving.add(call.task)
            call.task.add_done_callback(self._leaving.discard)
            call.task.cancel()
        self._start_calls()  # the caller may have been interrupted before it could wake us


class _Process:
    """This process's loop thread; None before the first call, and in a child after a fork."""

    __slots__ = ("_inherited", "_starting", "loop_thread")

    def __init__(self) -> None:
        self._inherited: list[_LoopThread] = []
        self._starting = threading.Lock()
        self.loop_thread: _LoopThread | None = None

    def start(self) -> _LoopThread:
        """Return the loop thread, started if there is none that lives.

        gevent is looked for each time: it may patch what the loop of earlier calls stands on.
        """
        _refuse_gevent()
        with self._starting:
            if self.loop_thread is None or self.loop_thread.loop.is_closed():
                self.loop_thread = _LoopThread()
            return self.loop_thread

    def after_fork(self) -> None:
        """Begin anew in the child; whoever held the lock has not come along.

        What was inherited stays for ever: closing or collecting it would take the parent's
        sockets out of the epoll that both share.
        """
        self._starting = threading.Lock()
        if self.loop_thread is not None:
            self._inherited.append(self.loop_thread)
            self.loop_thread = None


def _refuse_gevent() -> None:
    """Raise where gevent has replaced what an event loop in a thread stands on: it would stall."""
    monkey = sys.modules.get("gevent.monkey")
    if monkey is None:
        return
    patched = [name for name in _NEEDED if monkey.is_module_patched(name)]
    if patched:
        raise RuntimeError(
            f"gameball_sync runs an event loop in a thread, and gevent has patched "
            f"{', '.join(patched)}: use it in a process without gevent, or call "
            "gevent.monkey.patch_all(thread=False, select=False, socket=False, queue=False)"
        )


_PROCESS: Final = _Process()
if hasattr(os, "register_at_fork"):  # pragma: no branch - Windows does not fork
    os.register_at_fork(after_in_child=_PROCESS.after_fork)


def run(function: Callable[P, Coroutine[Any, Any, R]], /, *args: P.args, **kwargs: P.kwargs) -> R:
    """Run an async function on the loop thread, in a copy of the caller's context, and wait.

    Args:
        function: The async function.
        *args: Its arguments.
        **kwargs: Its keyword arguments.

    Returns:
        What it returns.

    Raises:
        RuntimeError: Called on the loop thread itself, under gevent, or while the interpreter
            shuts down; nothing was run.
        OutcomeUnknownError: It was cancelled on the loop.
    """
    thread = _PROCESS.loop_thread
    if thread is None or thread.loop.is_closed() or "gevent.monkey" in sys.modules:
        thread = _PROCESS.start()
    if threading.get_ident() == thread.ident:
        raise RuntimeError(
            "a blocking call on the loop that would have to run it can never end: in hooks and "
            "callbacks use gameball_async, or hand the call to another thread"
        )
    if sys.is_finalizing():
        raise RuntimeError("the interpreter is shutting down: close the client before that")
    return thread.wait(function(*args, **kwargs))


class Facade(Generic[A]):
    """A blocking view of an async object: the same methods, without ``await``."""

    __slots__ = ("_aio",)

    def __init__(self, aio: A) -> None:
        self._aio = aio


def aio_of(facade: Facade[A]) -> A:
    """The async object behind *facade*."""
    return facade._aio  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - not for users


class Method(Protocol[A, P, R_co]):
    """What a plain function already is: a descriptor that binds itself."""

    @overload
    def __get__(
        self, instance: None, owner: type[Facade[A]], /
    ) -> Callable[Concatenate[Facade[A], P], R_co]: ...
    @overload
    def __get__(self, instance: Facade[A], owner: type[Facade[A]], /) -> Callable[P, R_co]: ...


def blocking(method: Callable[Concatenate[A, P], Coroutine[Any, Any, R]]) -> Method[A, P, R]:
    """Run *method* on the loop thread and wait; Ctrl-C cancels it there."""

    @wraps(method)
    def call(self: Facade[A], /, *args: P.args, **kwargs: P.kwargs) -> R:
        return run(method, aio_of(self), *args, **kwargs)

    return cast("Method[A, P, R]", call)


class _Context(AbstractContextManager[R, bool | None]):
    """An async context manager, entered and left on the loop thread.

    Entering that failed is left at once, as Python would not: it may have been interrupted, by a
    Ctrl-C or a time limit, and leaving waits for what is still cleaned up there.
    """

    __slots__ = ("_context",)

    def __init__(self, context: AbstractAsyncContextManager[R, bool | None]) -> None:
        self._context = context

    def __enter__(self) -> R:
        try:
            return run(self._context.__aenter__)
        except BaseException as error:
            self.__exit__(type(error), error, error.__traceback__)
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
        /,
    ) -> bool | None:
        return run(self._context.__aexit__, kind, error, traceback)


def blocking_context(
    method: Callable[Concatenate[A, P], AbstractAsyncContextManager[R, bool | None]],
) -> Method[A, P, AbstractContextManager[R, bool | None]]:
    """Make ``with`` of what *method* makes for ``async with``.

    Entering and leaving are two tasks, so *method* may not hold a cancel scope in between.
    """

    @wraps(method)
    def call(
        self: Facade[A], /, *args: P.args, **kwargs: P.kwargs
    ) -> AbstractContextManager[R, bool | None]:
        return _Context(method(aio_of(self), *args, **kwargs))

    return cast("Method[A, P, AbstractContextManager[R, bool | None]]", call)
