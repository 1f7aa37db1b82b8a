"""The Celery task, in a real prefork worker whose queue delivers a message twice."""

from __future__ import annotations

import asyncio
import importlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from attrs import define

from gameball_async import Bucket, ClientClosedError
from gameball_async.sandbox import Fault, Sandbox
from tests.clients import API_KEY, SECRET_KEY, until
from tests.examples.shop_front import EXAMPLES, points

celery_signals = pytest.importorskip("celery.signals", reason="the examples extra is missing")
pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="asks Linux for pids")

QUEUE = """
from pathlib import Path
from celery_task import app, reward
queue = Path(__file__).parent / "queue"
queue.mkdir(exist_ok=True)
app.conf.broker_url = "filesystem://"
app.conf.broker_transport_options = {
    "data_folder_in": str(queue),
    "data_folder_out": str(queue),
    "control_folder": str(queue),
    "polling_interval": 0.05,
}
app.conf.worker_lost_wait = 0.1
"""
ENQUEUE = """
from shop_queue import reward
reward.delay("id123", "A-1", "2024-10-16T08:13:29Z", "70.50")
"""


@define
class Worker:
    """A worker with one process that runs tasks."""

    process: asyncio.subprocess.Process
    log: Path

    def says(self, text: str) -> bool:
        return text in self.log.read_text(encoding="utf-8")

    def children(self) -> list[int]:
        pid = self.process.pid
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()
        return [int(child) for child in found]


async def python(folder: Path, *arguments: str, **environment: str) -> asyncio.subprocess.Process:
    """Start it where the queue is; what it says goes to a file."""
    keyless = {name: text for name, text in os.environ.items() if not name.startswith("GAMEBALL_")}
    with (folder / "log").open("a") as log:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, *arguments),
            cwd=folder,
            env={**keyless, "PYTHONPATH": f"{EXAMPLES}{os.pathsep}{folder}", **environment},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


@pytest.fixture
async def worker(sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[Worker]:
    (tmp_path / "shop_queue.py").write_text(QUEUE, encoding="utf-8")
    quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat")
    command = ("celery", "-A", "shop_queue", "worker", "-l", "info", "-c", "1", *quiet)
    process = await python(
        *(tmp_path, "-m", *command),
        GAMEBALL_BASE_URL=sandbox.url,
        GAMEBALL_API_KEY=API_KEY,
        GAMEBALL_SECRET_KEY=SECRET_KEY,
    )
    yield Worker(process, tmp_path / "log")
    os.killpg(process.pid, signal.SIGKILL)  # asked politely, it would take five seconds
    await process.wait()


async def test_a_message_that_comes_again_after_its_worker_died_rewards_once(
    worker: Worker, sandbox: Sandbox, tmp_path: Path
) -> None:
    slow = sandbox.fault(Fault.slow(0.3, path="/orders", times=1))
    shop = await python(tmp_path, "-c", ENQUEUE)
    assert 0 == await shop.wait(), "whoever only enqueues needs no keys"
    await until(lambda: slow.hits, seconds=20)
    for child in worker.children():
        os.kill(child, signal.SIGKILL)
    await until(lambda: worker.says("succeeded in"), seconds=20)
    posts = [request.status for request in sandbox.requests if request.method == "POST"]

    assert 1 == posts.count(200)
    assert 1 < len(posts), "it was delivered twice"
    assert (170, 0) == points(sandbox)


def test_the_client_of_a_process_has_its_share_and_is_closed_at_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.syspath_prepend(EXAMPLES)
    monkeypatch.setenv("GAMEBALL_API_KEY", API_KEY)
    monkeypatch.setenv("GAMEBALL_SECRET_KEY", SECRET_KEY)
    monkeypatch.setenv("PROCESSES", "6")
    example = importlib.import_module("celery_task")
    example.client.cache_clear()
    celery_signals.worker_process_shutdown.send(sender=None)  # nothing was made
    client = example.client()
    limits = [window.limit for window in client.limiter.snapshot()[Bucket.ORDERS].windows]

    celery_signals.worker_process_shutdown.send(sender=None)

    assert client is example.client()
    assert [5, 60] == limits, "a sixth of 30 a second and of 360 in 30 seconds"
    with pytest.raises(ClientClosedError):
        client.customers.balance("id123")


async def test_what_may_pass_is_tried_again(sandbox: Sandbox) -> None:
    example = importlib.import_module("celery_task")
    example.client.cache_clear()
    order = ("id123", "A-1", "2024-10-16T08:13:29Z", "70.50")
    sandbox.fault(Fault.garbage(path="/orders", times=1))

    done = await asyncio.to_thread(example.reward.apply, order)
    await asyncio.to_thread(example.client().close)

    assert "SUCCESS" == done.state
    assert (170, 0) == points(sandbox)
