"""Servers that fork: a client used before the fork works in the parent and in every worker."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import aiohttp
import pytest
from attrs import define

from gameball_async.sandbox import Fault, Program, Sandbox
from tests.clients import API_KEY, SECRET_KEY, until

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.timeout(90),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks here"),
]
ROOT = Path(__file__).parent.parent

WEB = """
import os
from gameball_sync import GameballClient, Order
gameball = GameballClient()
gameball.orders.track(Order(customer_id="parent", order_id="parent", total_paid=1))

def app(environ, start_response):
    number = environ["PATH_INFO"].strip("/")
    gameball.orders.track(Order(customer_id=number, order_id=number, total_paid=1))
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(os.getpid()).encode()]
"""

TASKS = """
import os
from pathlib import Path
from celery import Celery
from gameball_sync import GameballClient, Order
gameball = GameballClient()
gameball.orders.track(Order(customer_id="parent", order_id=f"parent-{os.getpid()}", total_paid=1))
app = Celery("tasks")
queue = Path(__file__).parent / "queue"
queue.mkdir(exist_ok=True)
app.conf.broker_url = "filesystem://"
app.conf.broker_transport_options = {
    "data_folder_in": str(queue), "data_folder_out": str(queue), "control_folder": str(queue),
    "polling_interval": 0.02,
}
app.conf.worker_prefetch_multiplier = 1

@app.task(name="reward")
def reward(number):
    gameball.orders.track(Order(customer_id=f"c{number}", order_id=f"o{number}", total_paid=1))
    (Path(__file__).parent / f"done-{number}").write_text(str(os.getpid()))
"""

ENQUEUE = """
from tasks import reward
for number in range(12):
    reward.delay(number)
"""


@define
class Started:
    """A process that a test has started, with its children in a group of their own."""

    process: asyncio.subprocess.Process
    log: Path

    async def end(self) -> None:
        """Ask it to stop, and its group to be gone."""
        try:
            os.killpg(self.process.pid, signal.SIGTERM)
            async with asyncio.timeout(8):
                await self.process.wait()
        except (TimeoutError, ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
            await self.process.wait()


async def _start(
    folder: Path, sandbox: Sandbox, *arguments: str, extra: Mapping[str, str] | None = None
) -> Started:
    log = folder / "log"
    environment = {
        **os.environ,
        "PYTHONPATH": f"{ROOT}{os.pathsep}{folder}",
        "GAMEBALL_BASE_URL": sandbox.url,
        "GAMEBALL_API_KEY": API_KEY,
        "GAMEBALL_SECRET_KEY": SECRET_KEY,
        **(extra or {}),
    }
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *arguments,
            cwd=folder,
            env=environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    return Started(process, log)


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox.serve(Program()) as it:
        yield it


def _rewarded(sandbox: Sandbox, customers: list[str]) -> list[int | None]:
    balances = [sandbox.balance(API_KEY, customer) for customer in customers]
    return [None if it is None else int(it.total) for it in balances]


async def test_gunicorn_workers_preloaded_with_a_used_client_all_work(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    pytest.importorskip("gunicorn")
    (tmp_path / "web.py").write_text(WEB, "utf-8")
    options = ("--preload", "--workers", "2", "--bind", "127.0.0.1:0", "--worker-class", "sync")
    server = await _start(tmp_path, sandbox, "-m", "gunicorn", *options, "web:app")
    try:
        await until(lambda: b"Listening at: http://" in server.log.read_bytes(), 20)
        url = server.log.read_text("utf-8").split("Listening at: ")[1].split()[0]
        workers = set[str]()
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:

            async def ask(number: int) -> None:
                async with session.get(f"{url}/{number}") as answer:
                    assert 200 == answer.status
                    workers.add(await answer.text())

            sandbox.fault(Fault.slow(0.2, path="/orders", times=4))
            for batch in range(5):
                await asyncio.gather(*(ask(4 * batch + n) for n in range(4)))
    finally:
        await server.end()
    assert 2 == len(workers)
    assert [1] * 21 == _rewarded(sandbox, ["parent", *map(str, range(20))])
    assert "Traceback" not in server.log.read_text("utf-8")


async def test_celery_workers_forked_from_a_used_client_all_work(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    pytest.importorskip("celery")
    (tmp_path / "tasks.py").write_text(TASKS, "utf-8")
    quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat")
    command = ("-m", "celery", "-A", "tasks", "worker", "-c", "2", *quiet)
    worker = await _start(tmp_path, sandbox, *command)
    try:
        sandbox.fault(Fault.slow(0.3, path="/orders", times=4))
        shop = await _start(tmp_path, sandbox, "-c", ENQUEUE)
        assert 0 == await shop.process.wait(), shop.log.read_text("utf-8")
        done = [tmp_path / f"done-{number}" for number in range(12)]
        await until(lambda: all(it.exists() for it in done), 40)
    finally:
        await worker.end()
    assert 2 == len({it.read_text("ascii") for it in done})
    assert [1] * 12 == _rewarded(sandbox, [f"c{number}" for number in range(12)])
