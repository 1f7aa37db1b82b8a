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

from gameball_async import Bucket, RateLimits, errors, operations
from gameball_async.operations import Operation, Replay
from gameball_async.sandbox import Coupon, Program, Sandbox

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

    assert {name for name in errors.__all__ if name.endswith("Error")} == named


def replay_row(replay: Replay) -> str:
    row = re.search(rf"^\| {replay.value} \| (.*?) \|", README, re.MULTILINE)
    assert row is not None
    return row[1]


@pytest.mark.parametrize(
    ("operation", "method"),
    [
        pytest.param(operations.GET_CUSTOMER, "customers.get", id="get-customer"),
        pytest.param(operations.SET_CUSTOMER_ACTIVE, "customers.set_active", id="set-active"),
        pytest.param(operations.TRACK_ORDER, "orders.track", id="track"),
        pytest.param(operations.CALCULATE_ORDER_CASHBACK, "orders.calculate_cashback", id="quote"),
        pytest.param(operations.LIST_ORDER_TRANSACTIONS, "orders.transactions", id="order-rows"),
        pytest.param(operations.HOLD_POINTS, "transactions.hold", id="hold"),
        pytest.param(operations.GET_HOLD, "get_hold", id="get-hold"),
        pytest.param(operations.RELEASE_HOLD, "transactions.release_hold", id="release-hold"),
        pytest.param(operations.LIST_TRANSACTIONS, "transactions.list", id="list"),
        pytest.param(operations.COUNT_TRANSACTIONS, "count", id="count"),
        pytest.param(
            operations.CREATE_MANUAL_TRANSACTION, "transactions.create_manual", id="manual"
        ),
        pytest.param(operations.VALIDATE_COUPONS, "coupons.validate", id="validate"),
        pytest.param(operations.RELEASE_COUPONS, "coupons.release", id="release-coupons"),
    ],
)
def test_the_table_of_repetitions_has_every_call_in_its_class(
    operation: Operation[object], method: str
) -> None:
    assert f"`{method}`" in replay_row(operation.replay)


def test_no_operation_is_missing_from_the_table_of_repetitions() -> None:
    ours = [it for it in vars(operations).values() if isinstance(it, Operation)]
    calls = [call for replay in Replay for call in re.findall(r"`[a-z_.]+`", replay_row(replay))]
    arguments = {"`lock`", "`order_id`", "`transaction_id`"}

    assert len(ours) == len(set(calls) - arguments)


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
