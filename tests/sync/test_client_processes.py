"""Both clients in processes of their own: forks, start methods, exits, signals, notebooks, gevent.

Each case is a Python in development mode that makes warnings errors, against a server in this one.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.test_loops import served
from tests.wire import Action, Reply, Seen, Stall, Wire, json_reply

ROWS = [{"transactionId": n, "customerId": "c", "amount": 1} for n in range(3)]
PREAMBLE = """
import asyncio, atexit, contextlib, gc, logging, multiprocessing, os, signal, sys, threading, time
import gameball_async, gameball_sync
from gameball_async import RetryPolicy, Timeouts

logging.getLogger("asyncio").setLevel(logging.ERROR)  # it warns when a machine is slow
URL = os.environ["SERVER"]

def blocking(**settings):
    return gameball_sync.GameballClient("api-key", "secret-key", base_url=URL, **settings)

def awaiting(**settings):
    return gameball_async.GameballClient("api-key", "secret-key", base_url=URL, **settings)

def in_a_child(work, end):
    pid = os.fork()
    if pid == 0:
        signal.alarm(20)
        work()
        gc.collect()
        end(0)
    assert 0 == os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

def stuck(client):
    threading.Thread(target=client.customers.get, args=("stall",), daemon=True).start()
    time.sleep(0.2)
"""

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
needs_signals = pytest.mark.skipif(sys.platform == "win32", reason="SIGINT is POSIX's")


def script(seen: Seen) -> Action:
    if "stall" in seen.target:
        return Stall()
    if seen.target.endswith("/orders"):
        return json_reply(customerId="id123", rewardedPoints=1)
    return json_reply(count=1, transactions=ROWS, hasMore=True, nextCursor=ROWS[-1])


@pytest.fixture
def server() -> Iterator[Wire]:
    with served() as it:
        it.script = script
        yield it


def python(
    code: str, server: Wire, tmp_path: Path, *options: str
) -> subprocess.CompletedProcess[str]:
    """Run *code*; a hang ends the test and not the suite."""
    file = tmp_path / "script.py"
    file.write_text(PREAMBLE + code, "utf-8")
    return subprocess.run(
        [
            *(sys.executable, "-X", "dev", "-W", "error"),
            *("-W", "ignore:This process:DeprecationWarning"),  # Python 3.12 on forks with threads
            *(*options, str(file)),
        ],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env={
            **os.environ,
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "SERVER": server.url,
        },
    )


def runs_clean(code: str, server: Wire, tmp_path: Path) -> None:
    done = python(code, server, tmp_path)
    assert (0, "", "") == (done.returncode, done.stderr, done.stdout)


# Forks

ENDS = [
    pytest.param("os._exit", id="the-child-leaves-at-once"),
    pytest.param("sys.exit", id="the-child-finalizes"),
]


@needs_fork
@pytest.mark.parametrize("end", ENDS)
def test_before_in_the_midst_and_after_of_use_both_sides_of_a_fork_call(
    end: str, server: Wire, tmp_path: Path
) -> None:
    runs_clean(
        f"""
client = blocking()
def call():
    assert 1 == client.transactions.count()
in_a_child(call, {end})
call()
in_a_child(call, {end})
call()
stuck(client)
in_a_child(call, {end})
call()
in_a_child(lambda: None, {end})
call()
""",
        server,
        tmp_path,
    )
    # three children with a connection each; the parent's, and that of the call that is stuck
    assert 5 == server.connections


@needs_fork
@pytest.mark.thorough
@pytest.mark.parametrize("end", ENDS)
def test_a_child_forked_inside_a_coroutine_leaves_its_parent_the_connection(
    end: str, server: Wire, tmp_path: Path
) -> None:
    """A child that exits in the ordinary way ends the loop that it inherited, as `asyncio.run`."""
    runs_clean(
        f"""
client = awaiting()
def child():
    assert 1 == asyncio.run(client.transactions.count())
in_a_child(child, {end})
async def main():
    assert 1 == await client.transactions.count()
    for work in child, child, lambda: None:
        in_a_child(work, {end})
        assert 1 == await client.transactions.count()
    await client.aclose()
asyncio.run(main())
""",
        server,
        tmp_path,
    )
    # that of the parent, and those of three children which called
    assert 4 == server.connections


@needs_fork
@pytest.mark.thorough
def test_a_call_under_way_in_the_parent_gets_its_answer_whatever_the_child_does(
    server: Wire, tmp_path: Path
) -> None:
    server.script = lambda seen: (
        Reply(body=b'{"customerId": "slow"}', delay=0.5) if "slow" in seen.target else script(seen)
    )
    runs_clean(
        """
client = awaiting()
def child():
    assert 1 == asyncio.run(client.transactions.count())
async def main():
    call = asyncio.create_task(client.customers.get("slow"))
    assert 1 == await client.transactions.count()
    for _ in range(2):
        in_a_child(child, os._exit)
    assert "slow" == (await call).customer_id
    await client.aclose()
asyncio.run(main())
""",
        server,
        tmp_path,
    )


@pytest.mark.thorough
@pytest.mark.parametrize(
    "method",
    [
        pytest.param("fork", marks=needs_fork),
        "spawn",
        pytest.param("forkserver", marks=needs_fork),
    ],
)
def test_a_client_is_made_in_each_process_and_handed_to_none(
    method: str, server: Wire, tmp_path: Path
) -> None:
    runs_clean(
        f"""
def work(number):
    with blocking() as client:
        count = client.transactions.count()
    return count + asyncio.run(once())
async def once():
    async with awaiting() as client:
        return await client.transactions.count()
def use(client):
    return client.transactions.count()
if __name__ == "__main__":
    assert 2 == work(0)
    context = multiprocessing.get_context({method!r})
    with context.Pool(2) as pool:
        assert [2] * 4 == pool.map(work, range(4))
        for make in blocking, awaiting:
            try:
                pool.apply(use, (make(),))
                raise AssertionError
            except TypeError as error:
                assert "make one in each process" in str(error), error
        pool.close()
        pool.join()
    assert 2 == work(0)
""",
        server,
        tmp_path,
    )


# Exits


@pytest.mark.parametrize(
    ("end", "code"),
    [
        ("pass", 0),
        pytest.param("sys.exit(3)", 3, marks=pytest.mark.thorough),
        pytest.param("stuck(client); sys.exit(3)", 3, marks=pytest.mark.thorough),
        pytest.param("stuck(client); os._exit(4)", 4, marks=pytest.mark.thorough),
        pytest.param("next(iter(client.transactions.list())); del client", 0, id="half-a-walk"),
    ],
)
def test_a_process_ends_without_a_word_although_its_client_is_open(
    end: str, code: int, server: Wire, tmp_path: Path
) -> None:
    began = time.monotonic()
    done = python(
        f"client = blocking()\nassert 1 == client.transactions.count()\n{end}", server, tmp_path
    )
    assert (code, "", "") == (done.returncode, done.stderr, done.stdout)
    assert time.monotonic() - began < 10


@pytest.mark.thorough
def test_a_script_that_fails_tells_its_own_failure_alone(server: Wire, tmp_path: Path) -> None:
    done = python(
        "client = blocking()\nclient.transactions.count()\nstuck(client)\n1 / 0", server, tmp_path
    )
    assert 1 == done.returncode
    assert 1 == done.stderr.count("Traceback")
    assert done.stderr.rstrip().endswith("ZeroDivisionError: division by zero")


def test_calls_and_the_close_that_wait_for_the_exit_still_work(
    server: Wire, tmp_path: Path
) -> None:
    runs_clean(
        """
client = blocking()
assert 1 == client.transactions.count()
atexit.register(client.close)
def flush():
    assert 1 == client.transactions.count()
atexit.register(flush)
""",
        server,
        tmp_path,
    )
    assert 2 == len(server.seen)


@pytest.mark.thorough
def test_the_first_call_of_all_at_the_exit_works_or_says_that_there_is_no_thread(
    server: Wire, tmp_path: Path
) -> None:
    """Python 3.12 starts none at that time."""
    done = python(
        """
client = blocking()
def flush():
    try:
        print(client.transactions.count())
    except RuntimeError as error:
        print(error)
atexit.register(flush)
""",
        server,
        tmp_path,
    )
    refused = "can't create new thread at interpreter shutdown\n"
    expected = refused if sys.version_info[:2] == (3, 12) else "1\n"
    assert (0, "", expected) == (done.returncode, done.stderr, done.stdout)


# Ctrl-C


@needs_signals
@pytest.mark.parametrize(
    "work",
    [
        pytest.param("client.customers.get('stall')", id="blocking"),
        pytest.param(
            "asyncio.run(awaiting().customers.get('stall'))",
            id="async",
            marks=pytest.mark.thorough,
        ),
    ],
)
def test_ctrl_c_ends_a_call_on_the_wire_and_the_script(
    work: str, server: Wire, tmp_path: Path
) -> None:
    done = python(
        f"""
client = blocking()
client.transactions.count()  # so that the call below is on the wire, and not loading aiohttp
def interrupt():
    time.sleep(0.3)
    began.append(time.monotonic())
    os.kill(os.getpid(), signal.SIGINT)
began = []
threading.Thread(target=interrupt).start()
try:
    {work}
finally:
    print(time.monotonic() - began[0] < 0.5)
""",
        server,
        tmp_path,
    )
    assert (-signal.SIGINT, "True\n") == (done.returncode, done.stdout)
    assert done.stderr.rstrip().endswith("KeyboardInterrupt")


@needs_signals
@pytest.mark.thorough
def test_after_ctrl_c_the_client_goes_on_and_the_server_sees_the_call_hang_up(
    server: Wire, tmp_path: Path
) -> None:
    runs_clean(
        """
told = []
client = blocking(hooks=[lambda event: told.append(type(event).__name__)])
for _ in range(3):
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
    with contextlib.suppress(KeyboardInterrupt):
        client.customers.get("stall")
        raise AssertionError
assert 3 == told.count("CallAbandoned"), told
assert 1 == client.transactions.count()
client.close()
""",
        server,
        tmp_path,
    )
    assert 4 == len(server.seen)


# Development mode


def test_a_working_day_of_both_clients_causes_no_warning(server: Wire, tmp_path: Path) -> None:
    runs_clean(
        """
from gameball_async import Order

def orders(prefix):
    return [Order(customer_id=f"c{n % 3}", order_id=f"{prefix}{n}", total_paid=1) for n in range(9)]

def blocking_day():
    with blocking() as client:
        for order in orders("b"):
            client.orders.track(order)
        assert 3 == client.orders.track_many(orders("m")[:3], stamp_dates=True).tracked
        for row in client.transactions.list():
            break
        with contextlib.suppress(gameball_async.RequestError):
            client.with_options(timeouts=Timeouts(total=0.2)).customers.get("stall")
        assert 1 == client.transactions.count()

async def async_day():
    async with awaiting() as client:
        await asyncio.gather(*map(client.orders.track, orders("a")))
        report = await client.orders.track_many(orders("n")[:3], stamp_dates=True)
        assert 3 == report.tracked
        async for row in client.transactions.list():
            break
        with contextlib.suppress(gameball_async.RequestError):
            await client.with_options(timeouts=Timeouts(total=0.2)).customers.get("stall")
        call = asyncio.create_task(client.customers.get("stall"))
        await asyncio.sleep(0.1)
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
        assert 1 == await client.transactions.count()

blocking_day()
asyncio.run(async_day())
blocking_day()
gc.collect()
""",
        server,
        tmp_path,
    )


# Notebooks


def test_a_cell_that_runs_on_a_loop_uses_both_clients(server: Wire, tmp_path: Path) -> None:
    """As Jupyter runs them: every cell on the one loop of the kernel's main thread."""
    runs_clean(
        """
async def kernel():
    here, there = awaiting(), blocking()
    for _ in range(3):
        assert 1 == there.transactions.count()
        assert 1 == await here.transactions.count()
    there.close()
    await here.aclose()
asyncio.run(kernel())
""",
        server,
        tmp_path,
    )


# gevent


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("before", "told"),
    [
        pytest.param(
            "monkey.patch_all()", "RuntimeError threading, select, socket, queue:", id="all"
        ),
        pytest.param(
            "monkey.patch_all(thread=False)",
            "RuntimeError select, socket, queue:",
            id="but-threads",
        ),
        pytest.param(
            "blocking().transactions.count(); monkey.patch_all()",
            "RuntimeError threading, select, socket, queue:",
            id="after-the-first-call",
        ),
        pytest.param(
            "monkey.patch_all(thread=False, select=False, socket=False, queue=False)",
            "[1, 1, 1, 1, 1]",
            id="as-advised",
        ),
    ],
)
def test_the_blocking_client_under_gevent_works_or_says_at_once_what_is_wrong(
    before: str, told: str, server: Wire, tmp_path: Path
) -> None:
    pytest.importorskip("gevent")
    done = python(
        f"""
from gevent import monkey
import gevent
{before}
client = blocking()
began = time.monotonic()
try:
    jobs = [gevent.spawn(client.transactions.count) for _ in range(5)]
    client.transactions.count()
    print([job.get() for job in jobs])
except RuntimeError as error:
    assert time.monotonic() - began < 1
    print("RuntimeError", str(error).partition("patched ")[2])
""",
        server,
        tmp_path,
        *("-W", "ignore"),
    )
    assert told in done.stdout, done.stderr
    assert 0 == done.returncode


@pytest.mark.thorough
def test_the_async_client_works_where_gevent_has_patched_everything(
    server: Wire, tmp_path: Path
) -> None:
    pytest.importorskip("gevent")
    done = python(
        """
from gevent import monkey
monkey.patch_all()
async def main():
    async with awaiting() as client:
        return await client.transactions.count()
print(asyncio.run(main()))
""",
        server,
        tmp_path,
        *("-W", "ignore"),
    )
    assert (0, "1\n") == (done.returncode, done.stdout)
