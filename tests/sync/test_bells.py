"""Bells: both kinds wake alike, and no bell ends a wait that it was not rung for."""

from __future__ import annotations

import asyncio
import errno
import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gameball_sync import _bells, _bridge
from gameball_sync._bells import Bell, DescriptorBell, LockBell, bell, waker
from gameball_sync._bridge import run

needs_eventfd = pytest.mark.skipif(not hasattr(os, "eventfd"), reason="only Linux has eventfd")

KINDS = [
    pytest.param(lambda: DescriptorBell(os.eventfd(0)), id="descriptor", marks=needs_eventfd),
    pytest.param(LockBell, id="lock"),
]
needs_signals = pytest.mark.skipif(
    sys.platform == "win32", reason="a thread cannot be signalled on Windows"
)
each_kind = pytest.mark.parametrize("make", KINDS)


async def nothing() -> None:
    pass


def refuse(*_: object) -> int:
    raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))


def later(act: Callable[[], object]) -> threading.Timer:
    timer = threading.Timer(0.05, act)
    timer.start()
    return timer


@each_kind
def test_a_bell_wakes_who_waits_and_who_comes_later_again_and_again(
    make: Callable[[], Bell],
) -> None:
    rung: list[int] = []
    bell = make()

    def ring() -> None:
        rung.append(1)
        bell.ring()

    for round_ in range(1, 3):
        timer = later(ring)
        bell.wait()
        assert round_ == len(rung)
        timer.join()

    bell.ring()
    bell.wait()


@each_kind
def test_a_wait_with_an_end_is_over_when_the_bell_rings_or_at_its_end(
    make: Callable[[], Bell],
) -> None:
    quiet, rung = make(), make()
    began = time.monotonic()
    quiet.wait_at_most(0.05)
    assert 0.04 < time.monotonic() - began

    timer = later(rung.ring)
    began = time.monotonic()
    rung.wait_at_most(20)
    assert 10 > time.monotonic() - began
    timer.join()


def test_a_wait_in_slices_does_not_end_with_a_slice(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows, where a lock does not let Ctrl-C in."""
    monkeypatch.setattr(_bells, "SLICE", 0.001)
    rung: list[int] = []
    bell = LockBell()

    def ring() -> None:
        rung.append(1)
        bell.ring()

    timer = later(ring)
    bell.wait()
    assert [1] == rung
    timer.join()


@needs_eventfd
def test_a_bell_that_nobody_has_any_more_closes_its_descriptor() -> None:
    bell = DescriptorBell(os.eventfd(0))
    descriptor = bell.descriptor
    os.fstat(descriptor)

    del bell

    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)


@needs_eventfd
def test_a_program_that_execs_another_leaves_it_no_bell() -> None:
    made = bell()
    assert isinstance(made, DescriptorBell)
    assert not os.get_inheritable(made.descriptor)


def test_a_system_without_eventfd_has_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "eventfd", raising=False)

    assert isinstance(bell(), LockBell)


def test_where_no_descriptor_is_to_be_had_there_are_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "eventfd", refuse, raising=False)

    assert isinstance(bell(), LockBell)


@needs_eventfd
def test_where_many_descriptors_are_open_bells_take_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lowest = os.eventfd(0)
    os.close(lowest)

    monkeypatch.setattr(_bells, "HIGHEST", lowest)
    assert isinstance(bell(), DescriptorBell)
    monkeypatch.setattr(_bells, "HIGHEST", lowest - 1)
    assert isinstance(bell(), LockBell)
    again = os.eventfd(0)
    os.close(again)
    assert lowest == again


@pytest.mark.parametrize(
    "eventfd",
    [pytest.param(getattr(os, "eventfd", None), marks=needs_eventfd, id="descriptor"), refuse],
)
def test_a_loop_is_woken_from_any_thread_as_often_as_it_is_told(
    eventfd: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "eventfd", eventfd, raising=False)
    loop = asyncio.new_event_loop()
    wake = waker(loop, loop.stop)

    for _ in range(2):
        timer = later(wake)
        loop.run_forever()
        timer.join()
    before = loop.time()
    loop.call_later(0.05, loop.stop)
    loop.run_forever()

    assert 0.04 < loop.time() - before, "a bell that was heard is silent"
    loop.close()


@needs_eventfd
def test_where_there_are_descriptors_a_loop_is_not_woken_asyncios_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loop = asyncio.new_event_loop()
    monkeypatch.setattr(loop, "call_soon_threadsafe", refuse)

    waker(loop, loop.stop)()
    loop.run_forever()

    loop.close()


@needs_eventfd
def test_a_loop_thread_that_could_not_start_leaves_no_descriptor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def descriptors() -> list[str]:
        gc.collect()
        return sorted(entry.name for entry in Path("/proc/self/fd").iterdir())

    def cannot_start(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    before = descriptors()
    monkeypatch.setattr(threading.Thread, "start", cannot_start)
    with pytest.raises(RuntimeError, match="can't start"):
        _bridge._Process().start()

    assert before == descriptors()


# The bells of a loop thread


def test_calls_in_turn_share_a_bell_and_calls_under_way_together_do_not() -> None:
    met = asyncio.Barrier(3)

    async def meet() -> None:
        async with asyncio.timeout(10):
            await met.wait()

    run(nothing)
    thread = _bridge._PROCESS.loop_thread
    assert thread is not None
    thread._bells.clear()

    for _ in range(3):
        run(nothing)
    assert 1 == len(thread._bells)

    with ThreadPoolExecutor(3) as pool:
        for meeting in [pool.submit(run, meet) for _ in range(3)]:
            meeting.result()
    assert 3 == len({*thread._bells})


def signal_later(number: signal.Signals) -> None:
    """Have a signal find the main thread in its wait; on the loop."""
    main = threading.main_thread().ident
    assert main is not None
    asyncio.get_running_loop().call_later(0.05, signal.pthread_kill, main, number)


@needs_signals
def test_a_signals_handler_may_call_while_its_thread_waits_for_another_call() -> None:
    """The wait goes on when the handler is done, and is not taken in by what ended its call."""
    handled = asyncio.Event()

    async def work() -> str:
        signal_later(signal.SIGUSR1)
        async with asyncio.timeout(10):
            await handled.wait()
        await asyncio.sleep(0.05)
        return "worked"

    async def handle() -> None:
        handled.set()

    previous = signal.signal(signal.SIGUSR1, lambda *_: run(handle))
    try:
        assert "worked" == run(work)
    finally:
        signal.signal(signal.SIGUSR1, previous)


@needs_signals
def test_an_interrupted_call_that_ends_late_does_not_end_the_wait_for_another() -> None:
    over = asyncio.Event()

    async def linger() -> None:
        signal_later(signal.SIGINT)
        try:
            await asyncio.sleep(60)
        finally:
            await over.wait()

    async def work() -> str:
        over.set()
        await asyncio.sleep(0.1)
        return "worked"

    with pytest.raises(KeyboardInterrupt):
        run(linger)

    assert "worked" == run(work)
