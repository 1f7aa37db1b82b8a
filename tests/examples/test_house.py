"""What holds for all examples: short, found from the README, and run by a test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.examples.shop_front import EXAMPLES

README = (EXAMPLES.parent / "README.md").read_text(encoding="utf-8")
DEMO = {"demo", "sample_orders"}  # what `make demo` runs: a story, not for copying
SHARED = {"shop", "webhook_inbox"}  # run by the tests of the services
NAMES = sorted({path.stem for path in EXAMPLES.glob("*.py")} - DEMO)


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_short_and_linked_from_the_readme(name: str) -> None:
    lines = (EXAMPLES / f"{name}.py").read_text(encoding="utf-8").splitlines()

    assert len(lines) < 60
    assert f"(examples/{name}.py)" in README


@pytest.mark.parametrize("name", sorted({*NAMES} - SHARED))
def test_an_example_is_run_by_a_test_of_its_own(name: str) -> None:
    assert (Path(__file__).parent / f"test_{name}.py").is_file()
