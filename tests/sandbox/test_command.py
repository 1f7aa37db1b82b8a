"""``python -m gameball_async.sandbox``: the URL first, then service until a signal."""

from __future__ import annotations

import json
import os
import runpy
import signal
import subprocess
import sys
import threading
import urllib.request
from typing import Any

import pytest

from tests.sandbox.caller import HEADERS


def count_at(url: str) -> Any:
    target = f"{url}/api/v4/integrations/transactions/count"
    with urllib.request.urlopen(
        urllib.request.Request(target, headers=HEADERS), timeout=10
    ) as answer:
        return json.loads(answer.read())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["term", "int"])
def test_the_command_prints_its_url_and_ends_well(number: signal.Signals) -> None:
    command = [
        sys.executable,
        "-m",
        "gameball_async.sandbox",
        "--port",
        "0",
        "--limits",
        "documented",
    ]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout is not None
        url = run.stdout.readline().strip()
        assert url.startswith("http://127.0.0.1:")
        assert {"count": 0} == count_at(url)
        run.send_signal(number)
        rest, complaints = run.communicate(timeout=10)
        assert (0, "", "") == (run.returncode, rest, complaints)


class Screen:
    """What the command prints; the first line is answered with a request and a signal."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.counts: list[Any] = []
        self._watch = threading.Thread(target=self._call)

    def write(self, text: str) -> int:
        self.lines.append(text)
        if len(self.lines) == 1:
            self._watch.start()
        return len(text)

    def flush(self) -> None:
        """Nothing is kept back."""

    def _call(self) -> None:
        self.counts = [count_at(self.lines[0]), *([self._status()] if self.again else [])]
        os.kill(os.getpid(), signal.SIGTERM)

    again = False

    def _status(self) -> int:
        with pytest.raises(urllib.error.HTTPError) as caught:
            count_at(self.lines[0])
        assert "5" == caught.value.headers["retry-after"]
        caught.value.close()
        return caught.value.code


def test_the_command_takes_the_programs_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    screen.again = True
    options = ["--limits", "0.001", "--retry-after", "5", "--latency", "0.01"]
    monkeypatch.setattr(sys, "argv", ["sandbox", *options])
    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.delitem(sys.modules, "gameball_async.sandbox.__main__", raising=False)
    runpy.run_module("gameball_async.sandbox", run_name="__main__")
    assert [{"count": 0}, 429] == screen.counts


def test_an_unknown_limit_is_an_error_of_usage() -> None:
    from gameball_async.sandbox.__main__ import read_arguments

    with pytest.raises(SystemExit):
        read_arguments(["--limits", "many"])
    assert "off" == read_arguments([]).limits


def test_webhooks_of_the_command_stay_on_this_machine() -> None:
    from gameball_async.sandbox.__main__ import read_arguments

    with pytest.raises(SystemExit):
        read_arguments(["--webhook-url", "https://hooks.example/"])
    options = read_arguments(["--webhook-url", "http://localhost:9/"])
    assert "http://localhost:9/" == options.webhook_url
