"""The README's promises: its code runs and type-checks, its facts are those of the code."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from anyio.from_thread import start_blocking_portal

from gameball_async import Bucket, RateLimits, errors
from gameball_async.operation import Replay
from gameball_async.sandbox import Coupon, Program, Sandbox
from tests import operation_table

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROGRAM = Program(coupons=(Coupon(code="SUMMER50", type="percentage", value=50),))


def fenced(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


BLOCKS = fenced("python")


@pytest.fixture(scope="module")
def sandbox_url() -> Iterator[str]:
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(Sandbox.serve(PROGRAM)) as sandbox,
    ):
        yield sandbox.url


def title(block: str) -> str:
    """The heading above a block."""
    above = README[: README.index(block)]
    return str(re.findall(r"^## (.*)$", above, re.MULTILINE)[-1]).lower().replace(" ", "-")


@pytest.mark.parametrize("block", [pytest.param(block, id=title(block)) for block in BLOCKS])
def test_code_that_readers_will_paste_runs(
    block: str, sandbox_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GAMEBALL_BASE_URL", sandbox_url)
    monkeypatch.setenv("GAMEBALL_API_KEY", f"readme-{BLOCKS.index(block)}")
    monkeypatch.setenv("GAMEBALL_SECRET_KEY", "readme-secret")

    exec(compile(block, "README.md", "exec", dont_inherit=True), {"__name__": "readme"})


@pytest.mark.timeout(180)
def test_code_that_readers_will_paste_type_checks(tmp_path: Path) -> None:
    pytest.importorskip("mypy", reason="the lint extra is not installed")
    for number, block in enumerate(BLOCKS):
        (tmp_path / f"block_{number}.py").write_text(block, encoding="utf-8")
    mypy = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--config-file", ""]
    cache = ROOT / ".mypy_cache" / "readme"

    checked = subprocess.run(
        [*mypy, "--cache-dir", str(cache), str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert ("", 0) == (checked.stdout, checked.returncode)


def test_the_error_tree_is_the_one_that_the_code_draws() -> None:
    drawn = inspect.getdoc(errors) or ""
    tree = textwrap.dedent(drawn.split("::\n")[1].split("\n\nEvery")[0]).strip()

    assert [tree] == [block.strip() for block in fenced("text")]


def test_the_error_tree_is_the_one_that_python_sees() -> None:
    (tree,) = fenced("text")
    named = set(re.findall(r"\b[A-Z][A-Za-z]+Error\b", tree)) - {"ValueError", "TimeoutError"}

    assert {name for name in vars(errors) if name.endswith("Error")} == named


def test_the_table_of_operations_is_the_one_that_the_code_makes() -> None:
    assert operation_table.table() == operation_table.written(), "python -m tests.operation_table"


def test_every_operation_has_a_method_in_both_packages() -> None:
    assert "| - |" not in operation_table.table()


def test_every_replay_class_is_explained() -> None:
    for replay in Replay:
        assert re.search(rf"^\| {replay.value} \| \S", README, re.MULTILINE)


@pytest.mark.parametrize(
    ("bucket", "row"),
    [
        pytest.param(Bucket.ORDERS, r"\| orders, .* \| 30 \| 360 \|", id="orders"),
        pytest.param(Bucket.CUSTOMERS_READ, r"\| customer reads.* \| 100 \| 1,200 \|", id="reads"),
        pytest.param(
            Bucket.ORDER_CASHBACK, r"\| order cashback.* \| 1,000 \| 15,000 \|", id="previews"
        ),
    ],
)
def test_the_published_limits_are_those_that_are_kept(bucket: Bucket, row: str) -> None:
    second, half_minute = RateLimits.published().windows[bucket]

    found = re.search(row, README)

    assert found is not None
    assert found[0].endswith(f"| {second.limit:,} | {half_minute.limit:,} |")


def test_the_first_example_about_limits_shares_them_between_workers() -> None:
    assert "RateLimits.published(share=1 / 4)" in README
    assert README.index("share=1 / 4") < README.index("priority=Priority.BACKGROUND")
