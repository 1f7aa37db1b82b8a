"""The bridge across processes: forks, spawns, exits; each case is a Python of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PREAMBLE = """
import asyncio, gc, multiprocessing, os, signal, sys, threading, time
from gameball_sync import _bridge
from gameball_sync._bridge import run

async def echo(value):
    await asyncio.sleep(0)
    return value

def child_ends_well(pid):
    _, status = os.waitpid(pid, 0)
    assert 0 == os.waitstatus_to_exitcode(status), status
"""

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")


def python(script: str, tmp_path: Path, *, seconds: float = 30) -> subprocess.CompletedProcess[str]:
    """Run *script* in a Python that makes warnings errors and hides nothing."""
    file = tmp_path / "script.py"
    file.write_text(PREAMBLE + script)
    return subprocess.run(
        [
            *(sys.executable, "-X", "dev", "-W", "error"),
            *("-W", "ignore:This process:DeprecationWarning"),  # Python 3.12 on forks with threads
            str(file),
        ],
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )


def runs_clean(script: str, tmp_path: Path) -> None:
    """Assert that *script* ends well and writes nothing to its error output."""
    done = python(script, tmp_path)
    assert (0, "") == (done.returncode, done.stderr)


# Forks

SERVED = """
class Echo(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport
    def data_received(self, data):
        self.transport.write(data)

class Asker(asyncio.Protocol):
    def data_received(self, data):
        self.answered.set_result(data)

async def serve():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Echo, "127.0.0.1", 0)
    transport, asker = await loop.create_connection(Asker, *server.sockets[0].getsockname())
    return server, transport, asker

async def ask(connection, word):
    _, transport, asker = connection
    asker.answered = asyncio.get_running_loop().create_future()
    transport.write(word)
    async with asyncio.timeout(10):
        return await asker.answered

async def leave(connection):
    server, transport, _ = connection
    transport.close()
    server.close()
    await asyncio.sleep(0.01)

connection = run(serve)
assert b"before" == run(ask, connection, b"before")
"""


@needs_fork
@pytest.mark.parametrize(
    "end",
    [
        pytest.param("os._exit(0)", id="the-child-leaves-at-once"),
        pytest.param("sys.exit(0)", id="the-child-finalizes"),
    ],
)
def test_parent_and_child_both_work_after_a_fork(end: str, tmp_path: Path) -> None:
    """Whatever the child collects, the parent's sockets stay in the epoll they share."""
    runs_clean(
        SERVED
        + f"""
parents = _bridge._PROCESS.loop_thread
pid = os.fork()
if pid == 0:
    del connection, parents
    gc.collect()
    assert _bridge._PROCESS.loop_thread is None
    assert 1 == run(echo, 1)
    gc.collect()
    {end}
child_ends_well(pid)
assert b"after" == run(ask, connection, b"after")
assert parents is _bridge._PROCESS.loop_thread
run(leave, connection)
""",
        tmp_path,
    )


@needs_fork
def test_a_grandchild_works_too(tmp_path: Path) -> None:
    runs_clean(
        """
assert 1 == run(echo, 1)
pid = os.fork()
if pid == 0:
    assert 2 == run(echo, 2)
    pid = os.fork()
    if pid == 0:
        assert 3 == run(echo, 3)
        assert 2 == len(_bridge._PROCESS._inherited)
        os._exit(0)
    child_ends_well(pid)
    os._exit(0)
child_ends_well(pid)
""",
        tmp_path,
    )


@needs_fork
def test_a_fork_before_the_first_call_inherits_nothing(tmp_path: Path) -> None:
    runs_clean(
        """
pid = os.fork()
assert 1 == run(echo, 1)
assert [] == _bridge._PROCESS._inherited
if pid:
    child_ends_well(pid)
""",
        tmp_path,
    )


@needs_fork
def test_a_lock_that_another_thread_held_at_the_fork_does_not_stop_the_child(
    tmp_path: Path,
) -> None:
    runs_clean(
        """
held, release = threading.Event(), threading.Event()
def hold():
    with _bridge._PROCESS._starting:
        held.set()
        release.wait(20)
thread = threading.Thread(target=hold)
thread.start()
held.wait(20)
pid = os.fork()
if pid == 0:
    signal.alarm(10)
    assert 1 == run(echo, 1)
    os._exit(0)
child_ends_well(pid)
release.set()
thread.join()
assert 2 == run(echo, 2)
""",
        tmp_path,
    )


@needs_fork
def test_forks_amid_the_calls_of_other_threads_disturb_nobody(tmp_path: Path) -> None:
    runs_clean(
        """
over = threading.Event()
def call_often():
    while not over.is_set():
        assert 5 == run(echo, 5)
threads = [threading.Thread(target=call_often) for _ in range(4)]
for thread in threads:
    thread.start()
for _ in range(10):
    pid = os.fork()
    if pid == 0:
        signal.alarm(10)
        assert 1 == run(echo, 1)
        gc.collect()
        os._exit(0)
    child_ends_well(pid)
over.set()
for thread in threads:
    thread.join()
""",
        tmp_path,
    )


@needs_fork
def test_a_child_forked_on_the_loop_thread_can_call(tmp_path: Path) -> None:
    runs_clean(
        """
async def fork():
    pid = os.fork()
    if pid == 0:
        signal.alarm(10)
        assert 1 == run(echo, 1)
        os._exit(0)
    return pid
child_ends_well(run(fork))
assert 2 == run(echo, 2)
""",
        tmp_path,
    )


@pytest.mark.parametrize("method", [pytest.param("fork", marks=needs_fork), "spawn"])
def test_multiprocessing_workers_call_on_a_loop_of_their_own(method: str, tmp_path: Path) -> None:
    runs_clean(
        f"""
def work(value):
    return run(echo, value)
if __name__ == "__main__":
    assert 1 == run(echo, 1)
    with multiprocessing.get_context({method!r}).Pool(2) as pool:
        assert [0, 1, 2, 3] == pool.map(work, range(4))
        pool.close()
        pool.join()
    assert 2 == run(echo, 2)
""",
        tmp_path,
    )


# Exits


def test_a_process_ends_although_calls_are_under_way(tmp_path: Path) -> None:
    runs_clean(
        """
began = threading.Event()
async def sleep():
    began.set()
    await asyncio.sleep(600)
threading.Thread(target=run, args=(sleep,), daemon=True).start()
assert began.wait(20)
""",
        tmp_path,
    )


def test_a_thread_that_still_calls_is_let_finish(tmp_path: Path) -> None:
    done = python(
        """
began = threading.Event()
async def work():
    began.set()
    await asyncio.sleep(0.2)
    print("finished")
threading.Thread(target=run, args=(work,)).start()
assert began.wait(20)
""",
        tmp_path,
    )

    assert (0, "finished\n", "") == (done.returncode, done.stdout, done.stderr)


def test_a_call_while_the_interpreter_shuts_down_is_refused_and_does_not_hang(
    tmp_path: Path,
) -> None:
    done = python(
        """
class Late:
    def __init__(self):
        self.run, self.echo, self.write = run, echo, os.write
    def __del__(self):
        try:
            self.run(self.echo, 1)
        except RuntimeError as error:
            self.write(1, str(error).encode())
late = Late()
run(echo, 1)
""",
        tmp_path,
    )

    assert (0, "") == (done.returncode, done.stderr)
    assert "shutting down" in done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT is POSIX's")
def test_ctrl_c_ends_a_script_that_waits_for_a_call(tmp_path: Path) -> None:
    done = python(
        """
async def work():
    loop = asyncio.get_running_loop()
    loop.call_later(0.1, os.kill, os.getpid(), signal.SIGINT)
    try:
        await asyncio.sleep(600)
    finally:
        print("cancelled", flush=True)
run(work)
""",
        tmp_path,
    )

    assert (-2, "cancelled\n") == (done.returncode, done.stdout)
    assert done.stderr.rstrip().endswith("KeyboardInterrupt")


# Notebooks


def test_a_call_works_while_another_loop_runs_in_the_callers_thread(tmp_path: Path) -> None:
    runs_clean(
        """
async def cell():
    return run(echo, 5)
assert 5 == asyncio.run(cell())
""",
        tmp_path,
    )
