"""The bridge: what a blocking call promises, whoever calls it and however it ends."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import inspect
import logging
import os
import signal
import sys
import threading
import time
import traceback
import types
import weakref
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from contextvars import ContextVar

import pytest

from gameball_async.errors import OutcomeUnknownError, ServerError
from gameball_sync import _bells, _bridge
from gameball_sync._bridge import Facade, blocking, blocking_context, run

WORD = ContextVar("WORD", default="none")


@pytest.fixture(
    autouse=True,
    scope="module",
    params=[
        pytest.param(
            "descriptors",
            marks=pytest.mark.skipif(not hasattr(os, "eventfd"), reason="only Linux has them"),
        ),
        "locks",
    ],
)
def _bells_of_both_kinds(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every promise holds on systems without eventfd, too."""
    with pytest.MonkeyPatch.context() as system:
        if request.param == "locks":
            system.delattr(os, "eventfd", raising=False)
            system.setattr(_bridge._PROCESS, "loop_thread", None)
        yield
        if request.param == "locks":
            retire(loop_thread())


async def echo(value: int, *, times: int = 1) -> int:
    await asyncio.sleep(0)
    return value * times


async def fail(error: BaseException) -> None:
    raise error


def loop_thread() -> _bridge._LoopThread:
    """The loop thread of this process, started if need be."""
    run(echo, 0)
    thread = _bridge._PROCESS.loop_thread
    assert thread is not None
    return thread


@contextlib.contextmanager
def interrupted_by(number: signal.Signals, when: threading.Event) -> Iterator[None]:
    """Send a signal to the main thread once *when* is set and it has had time to block."""
    main = threading.main_thread().ident
    assert main is not None

    def interrupt() -> None:
        assert when.wait(10)
        time.sleep(0.05)
        signal.pthread_kill(main, number)

    thread = threading.Thread(target=interrupt)
    thread.start()
    try:
        yield
    finally:
        thread.join()


needs_signals = pytest.mark.skipif(
    sys.platform == "win32", reason="a thread cannot be signalled on Windows"
)


# What comes back


def test_a_call_returns_what_its_coroutine_returns() -> None:
    assert 6 == run(echo, 3, times=2)


def test_an_error_comes_back_itself_and_shows_where_it_was_raised() -> None:
    error = ServerError("down")

    with pytest.raises(ServerError) as caught:
        run(fail, error)

    frames = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert error is caught.value
    assert ("test_an_error_comes_back_itself_and_shows_where_it_was_raised", "fail") == (
        frames[0],
        frames[-1],
    )
    assert (None, None) == (error.__cause__, error.__context__)


@pytest.mark.parametrize("error", [SystemExit, KeyboardInterrupt, ZeroDivisionError])
def test_whatever_a_call_raises_ends_that_call_alone(error: type[BaseException]) -> None:
    thread = loop_thread()

    with pytest.raises(error):
        run(fail, error())

    assert 1 == run(echo, 1)
    assert thread is loop_thread()


def test_an_error_that_was_caught_keeps_nothing_alive() -> None:
    """No cycle through the traceback: what the call held is gone with the error."""

    class Held:
        pass

    async def fail_holding() -> None:
        held = Held()
        gone.append(weakref.ref(held))
        raise ServerError("down")

    gone: list[weakref.ref[Held]] = []
    gc.disable()
    try:
        with contextlib.suppress(ServerError):
            run(fail_holding)
        run(echo, 0)
        assert gone[0]() is None
    finally:
        gc.enable()


def test_a_call_that_is_cancelled_on_the_loop_says_that_its_outcome_is_unknown() -> None:
    with pytest.raises(OutcomeUnknownError, match="cancelled") as caught:
        run(fail, asyncio.CancelledError())

    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_a_wrong_argument_is_told_before_anything_runs() -> None:
    with pytest.raises(TypeError, match="missing 1 required positional argument"):
        run(echo)  # type: ignore[call-arg]


# Who calls


def test_a_call_runs_in_a_copy_of_its_callers_context() -> None:
    async def change() -> str:
        found = WORD.get()
        WORD.set("changed in the loop")
        return found

    token = WORD.set("set by the caller")
    try:
        assert "set by the caller" == run(change)
        assert "set by the caller" == WORD.get()
    finally:
        WORD.reset(token)


def test_many_threads_get_their_own_answers() -> None:
    def call_often(start: int) -> list[int]:
        return [run(echo, number) for number in range(start, start + 200)]

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(call_often, range(0, 16_000, 1000)))

    assert [list(range(start, start + 200)) for start in range(0, 16_000, 1000)] == answers


def test_calls_of_several_threads_are_under_way_together() -> None:
    met = asyncio.Barrier(4)

    async def meet() -> None:
        async with asyncio.timeout(10):
            await met.wait()

    with ThreadPoolExecutor(4) as pool:
        for meeting in [pool.submit(run, meet) for _ in range(4)]:
            meeting.result()


def test_calls_that_arrive_together_share_a_wake_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a rule one for all; a thread held up between queue and wake-up may add its own."""
    thread, blocked = loop_thread(), threading.Event()
    deadline = time.monotonic() + 10
    wake = thread._wake
    woken: list[int] = []

    def wait_for_four() -> None:
        blocked.set()
        while len(thread._calls) < 4 and time.monotonic() < deadline:
            pass

    def count() -> None:
        woken.append(1)
        wake()

    thread.loop.call_soon_threadsafe(wait_for_four)
    assert blocked.wait(10)
    monkeypatch.setattr(thread, "_wake", count)
    with ThreadPoolExecutor(4) as pool:
        assert [0, 1, 2, 3] == list(pool.map(lambda number: run(echo, number), range(4)))
    assert 1 <= len(woken) < 4


def test_the_process_has_one_loop_in_one_daemon_thread() -> None:
    async def where() -> tuple[asyncio.AbstractEventLoop, threading.Thread]:
        return asyncio.get_running_loop(), threading.current_thread()

    with ThreadPoolExecutor(4) as pool:
        places = {call.result() for call in [pool.submit(run, where) for _ in range(8)]}

    ((loop, thread),) = places
    assert (loop_thread().loop, loop_thread().thread) == (loop, thread)
    assert thread.daemon


def test_threads_that_make_the_first_call_together_start_one_loop_thread() -> None:
    process, gate = _bridge._Process(), threading.Barrier(8)

    def start() -> _bridge._LoopThread:
        gate.wait(10)
        return process.start()

    with ThreadPoolExecutor(8) as pool:
        threads = {call.result() for call in [pool.submit(start) for _ in range(8)]}

    assert 1 == len(threads)
    retire(threads.pop())


def test_a_call_on_the_loop_thread_is_refused_at_once_and_not_run() -> None:
    ran: list[int] = []

    async def inner() -> None:
        ran.append(1)

    async def outer() -> None:
        run(inner)

    with pytest.raises(RuntimeError, match="use gameball_async, or hand the call to another"):
        run(outer)
    assert [] == ran


def test_waiting_in_slices_gives_the_same_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows, where a lock does not let Ctrl-C in."""
    monkeypatch.setattr(_bells, "SLICE", 0.001)

    async def slowly() -> int:
        await asyncio.sleep(0.05)
        return 7

    assert 7 == run(slowly)


# The caller is interrupted


@needs_signals
def test_ctrl_c_cancels_the_call_and_lets_it_clean_up_before_it_surfaces() -> None:
    began, cleaned = threading.Event(), threading.Event()

    async def work() -> None:
        began.set()
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.01)
            cleaned.set()

    with pytest.raises(KeyboardInterrupt), interrupted_by(signal.SIGINT, began):
        run(work)

    assert cleaned.is_set()
    assert 1 == run(echo, 1)


@needs_signals
def test_any_exception_of_a_signals_handler_cancels_the_call() -> None:
    began, cancelled = threading.Event(), threading.Event()

    class Alarm(BaseException):
        pass

    def ring(*_: object) -> None:
        raise Alarm

    async def work() -> None:
        began.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    previous = signal.signal(signal.SIGUSR1, ring)
    try:
        with pytest.raises(Alarm), interrupted_by(signal.SIGUSR1, began):
            run(work)
    finally:
        signal.signal(signal.SIGUSR1, previous)
    assert cancelled.wait(10)


@needs_signals
def test_ctrl_c_does_not_wait_for_a_cleanup_that_takes_long_and_does_not_lose_it() -> None:
    """The task outlives its caller, even where nothing but itself holds what it waits for."""
    began, cleaned = threading.Event(), threading.Event()
    release: list[weakref.ref[asyncio.Future[None]]] = []

    async def work() -> None:
        began.set()
        try:
            await asyncio.sleep(60)
        finally:
            gate = asyncio.get_running_loop().create_future()
            release.append(weakref.ref(gate))
            await gate
            cleaned.set()

    with pytest.raises(KeyboardInterrupt), interrupted_by(signal.SIGINT, began):
        run(work)
    assert not cleaned.is_set()
    gc.collect()
    gate = release[0]()
    assert gate is not None

    loop_thread().loop.call_soon_threadsafe(gate.set_result, None)

    assert cleaned.wait(10)
    run(echo, 0)
    assert set() == loop_thread()._leaving


@needs_signals
def test_a_call_whose_caller_left_before_it_began_is_never_run() -> None:
    loop, blocked, release = loop_thread().loop, threading.Event(), threading.Event()
    deadline = time.monotonic() + 10
    ran: list[int] = []

    async def work() -> None:
        ran.append(1)

    def block() -> None:
        blocked.set()
        while not release.is_set() and time.monotonic() < deadline:
            pass

    loop.call_soon_threadsafe(block)
    with pytest.raises(KeyboardInterrupt), interrupted_by(signal.SIGINT, blocked):
        run(work)
    release.set()
    run(echo, 0)
    gc.collect()

    assert [] == ran


@needs_signals
def test_a_caller_interrupted_before_it_could_wake_the_loop_does_not_stall_the_others() -> None:
    thread, ready = loop_thread(), threading.Event()
    thread._armed = True  # what an interrupt just before the wake-up leaves behind
    ready.set()

    with pytest.raises(KeyboardInterrupt), interrupted_by(signal.SIGINT, ready):
        run(echo, 1)

    assert 2 == run(echo, 2)


# The loop thread


def retire(thread: _bridge._LoopThread) -> None:
    """End a loop thread as nothing outside a test can: close its loop between two runs."""

    def leave() -> None:
        raise SystemExit

    thread.loop.set_exception_handler(lambda loop, _: loop.close())
    thread.loop.call_soon_threadsafe(leave)
    thread.thread.join(10)
    assert not thread.thread.is_alive()


def test_a_loop_that_is_stopped_goes_on() -> None:
    loop = loop_thread().loop

    async def stop_and_go_on() -> int:
        loop.stop()
        await asyncio.sleep(0.01)
        return 3

    assert 3 == run(stop_and_go_on)
    assert loop is loop_thread().loop


def test_an_exit_raised_in_a_callback_ends_nobody_elses_call(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def leave() -> None:
        raise SystemExit(3)

    async def go_on() -> int:
        asyncio.get_running_loop().call_soon(leave)
        await asyncio.sleep(0.01)
        return 4

    with caplog.at_level(logging.ERROR, "asyncio"):
        assert 4 == run(go_on)
    assert ["the loop of gameball_sync goes on"] == [
        record.getMessage().splitlines()[0] for record in caplog.records
    ]


def test_after_the_loop_thread_died_the_next_call_starts_another() -> None:
    dead = loop_thread()
    retire(dead)

    assert 8 == run(echo, 8)
    assert dead is not loop_thread()


def test_where_no_thread_is_to_be_had_nothing_is_left_and_a_later_call_may_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    process = _bridge._Process()

    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as full:
        full.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError, match="can't start new thread"):
            process.start()
    gc.collect()
    assert process.loop_thread is None
    retire(process.start())


def test_a_child_keeps_what_it_inherited_and_starts_a_thread_of_its_own() -> None:
    """The rest is told by forks that are real, in `test_bridge_processes`."""
    process = _bridge._Process()
    process.after_fork()
    assert [] == process._inherited
    inherited = process.start()

    process.after_fork()

    own = process.start()
    assert [inherited] == process._inherited
    assert inherited is not own
    retire(inherited)
    retire(own)


def test_a_call_while_the_interpreter_shuts_down_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "is_finalizing", lambda: True)

    with pytest.raises(RuntimeError, match="shutting down"):
        run(echo, 1)


def test_a_loop_that_is_broken_for_good_does_not_take_a_processor() -> None:
    broken = _bridge._Process().start()
    complaints: list[object] = []

    def give_up_in_the_end(loop: asyncio.AbstractEventLoop, context: object) -> None:
        complaints.append(context)
        if time.monotonic() > deadline:
            loop.close()

    def break_off() -> None:
        broken.loop.call_soon(break_off)
        raise SystemExit

    deadline = time.monotonic() + 0.3
    broken.loop.set_exception_handler(give_up_in_the_end)
    broken.loop.call_soon_threadsafe(break_off)
    broken.thread.join(10)

    assert not broken.thread.is_alive()
    assert 1 < len(complaints) < 20


@pytest.mark.parametrize("patched", ["threading", "select", "socket", "queue", "os"])
def test_what_gevent_must_not_patch_is_refused_with_advice(
    patched: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkey = types.ModuleType("gevent.monkey")
    monkey.is_module_patched = lambda name: name == patched  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "gevent.monkey", monkey)
    process = _bridge._Process()

    if patched == "os":
        retire(process.start())
    else:
        with pytest.raises(RuntimeError, match=rf"patched {patched}: .*patch_all\("):
            process.start()
        assert process.loop_thread is None


# Facades


class Orders:
    """The async side."""

    def __init__(self, factor: int) -> None:
        self.factor = factor
        self.events: list[str] = []

    async def track(self, order: int, /, *, resend: bool = False) -> int:
        """Record a placed order."""
        await asyncio.sleep(0)
        return -order if resend else order * self.factor

    @asynccontextmanager
    async def holding(self, points: int) -> AsyncIterator[int]:
        """Hold points for a while."""
        self.events.append("held")
        try:
            yield points * self.factor
        except ZeroDivisionError:
            self.events.append("forgiven")
        finally:
            await asyncio.sleep(0)
            self.events.append("released")


class BlockingOrders(Facade[Orders]):
    """The blocking side."""

    __slots__ = ()

    track = blocking(Orders.track)
    holding = blocking_context(Orders.holding)


@pytest.fixture
def orders() -> BlockingOrders:
    return BlockingOrders(Orders(10))


def test_a_method_of_a_facade_runs_the_async_method(orders: BlockingOrders) -> None:
    assert (40, -4) == (orders.track(4), orders.track(4, resend=True))
    assert 20 == BlockingOrders.track(orders, 2)


@pytest.mark.parametrize("name", ["track", "holding"])
def test_a_method_of_a_facade_looks_like_the_async_one(name: str) -> None:
    ours, theirs = getattr(BlockingOrders, name), getattr(Orders, name)

    assert inspect.signature(theirs) == inspect.signature(ours)
    assert (theirs.__doc__, theirs.__name__) == (ours.__doc__, ours.__name__)
    assert inspect.isfunction(ours)
    assert not inspect.iscoroutinefunction(ours)
    assert not asyncio.iscoroutinefunction(ours)
    bound = inspect.signature(getattr(BlockingOrders(Orders(1)), name))
    assert list(inspect.signature(theirs).parameters)[1:] == list(bound.parameters)


def test_a_facade_holds_nothing_but_its_async_object(orders: BlockingOrders) -> None:
    assert not hasattr(orders, "__dict__")


def test_a_context_is_entered_and_left_on_the_loop(orders: BlockingOrders) -> None:
    with orders.holding(5) as held:
        assert 50 == held
        assert ["held"] == _bridge.aio_of(orders).events
    assert ["held", "released"] == _bridge.aio_of(orders).events


def test_a_context_is_left_by_an_error_which_goes_on(orders: BlockingOrders) -> None:
    error = ServerError("down")

    with pytest.raises(ServerError) as caught, orders.holding(5):
        raise error

    assert error is caught.value
    assert ["held", "released"] == _bridge.aio_of(orders).events


def test_a_context_can_keep_an_error_to_itself(orders: BlockingOrders) -> None:
    def divide() -> None:
        raise ZeroDivisionError

    with orders.holding(5):
        divide()
    assert ["held", "forgiven", "released"] == _bridge.aio_of(orders).events
