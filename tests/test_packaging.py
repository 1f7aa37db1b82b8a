"""What is shipped: both packages, typed, and nothing else."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("gameball_async", "gameball_sync")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> ZipFile:
    pytest.importorskip("build", reason="the lint extra is not installed")
    folder = tmp_path_factory.mktemp("dist")
    built = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT],
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    (path,) = folder.glob("*.whl")
    return ZipFile(path)


def test_the_wheel_holds_both_packages_and_the_licence_and_nothing_else(wheel: ZipFile) -> None:
    modules = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.suffix == ".py" or path.name == "py.typed"
    }
    about = f"gameball_async-{PROJECT['version']}.dist-info"
    facts = {f"{about}/{name}" for name in ("METADATA", "RECORD", "WHEEL", "licenses/LICENSE")}

    assert sorted(modules | facts) == sorted(wheel.namelist())


@pytest.mark.parametrize("package", PACKAGES)
def test_both_packages_say_that_they_are_typed(wheel: ZipFile, package: str) -> None:
    assert f"{package}/py.typed" in wheel.namelist()


@pytest.mark.parametrize("package", PACKAGES)
def test_every_checker_knows_the_type_of_every_name_that_users_see(package: str) -> None:
    pytest.importorskip("pyright", reason="the lint extra is not installed")
    pyright = (sys.executable, "-m", "pyright", "--outputjson")
    folder = Path(sys.executable).parent  # --verifytypes asks the first python on the path
    verified = subprocess.run(
        [*pyright, "--ignoreexternal", "--verifytypes", package],
        env={**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    found = json.loads(verified.stdout)["typeCompleteness"]
    flaws = [symbol["name"] for symbol in found["symbols"] if not symbol["isTypeKnown"]]

    assert 200 < len(found["symbols"])
    assert (1, []) == (found["completenessScore"], flaws)


def test_nothing_is_installed_beside_the_two_packages(wheel: ZipFile) -> None:
    top = {name.partition("/")[0] for name in wheel.namelist()}

    assert {*PACKAGES, f"gameball_async-{PROJECT['version']}.dist-info"} == top


def test_the_installed_version_is_the_project_s() -> None:
    assert PROJECT["version"] == version("gameball-async")


def test_the_changelog_begins_with_what_is_not_released_yet() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    first, *released = re.findall(r"^## \[(.*?)\]", changelog, re.MULTILINE)

    assert "Unreleased" == first
    assert released[:1] in ([], [PROJECT["version"]])


def test_the_demo_the_examples_the_checks_and_the_benchmarks_have_extras_of_their_own() -> None:
    own = {"benchmarks", "demo", "examples", "lint", "session-tokens", "test"}
    assert own == set(PROJECT["optional-dependencies"])
