"""What can be imported: every name exists, is documented, and costs nothing until it is used."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

from gameball_async import models

# As modules that could hold anything: type checkers are told what users may import, no more.
gameball_async = importlib.import_module("gameball_async")
gameball_sync = importlib.import_module("gameball_sync")

ROOT = Path(__file__).parent.parent
PACKAGES = ("gameball_async", "gameball_sync")
MODULES = sorted(
    path for package in PACKAGES for path in (ROOT / package).rglob("*.py") if path.is_file()
)


def typing_imports(package: str) -> dict[str, list[str]]:
    """What ``if TYPE_CHECKING:`` imports, under the names of its homes; each under its own name."""
    tree = ast.parse((ROOT / package / "__init__.py").read_text(encoding="utf-8"))
    guarded = next(it for it in tree.body if isinstance(it, ast.If))
    imports = [it for it in guarded.body if isinstance(it, ast.ImportFrom)]
    assert all(
        it.asname in {it.name, None if it.name == "*" else ""} for im in imports for it in im.names
    )
    return {
        (it.module or "").removeprefix(f"{package}."): sorted(alias.name for alias in it.names)
        for it in imports
    }


@pytest.mark.parametrize("name", gameball_async.__all__)
def test_every_name_exists_and_is_documented(name: str) -> None:
    value = getattr(gameball_async, name)

    if inspect.isclass(value):
        assert (value.__dict__["__doc__"] or "").strip()
        assert value.__module__.startswith("gameball_async.")


def test_names_are_sorted_and_none_comes_twice() -> None:
    homes = [name for names in gameball_async._HOMES.values() for name in names.split()]

    assert tuple(sorted(homes)) == gameball_async.__all__
    assert len(set(homes)) == len(homes)


def test_type_checkers_are_told_the_same_homes() -> None:
    homes = {home: sorted(names.split()) for home, names in gameball_async._HOMES.items()}

    assert homes == typing_imports("gameball_async")


@pytest.mark.parametrize("package", PACKAGES)
@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_type_checkers_refuse_a_name_that_there_is_not(
    checker: str, package: str, tmp_path: Path
) -> None:
    pytest.importorskip(checker, reason="the lint extra is not installed")
    (tmp_path / "typo.py").write_text(
        f"from {package} import GameballClient, Odrer\n\nprint(GameballClient, Odrer)\n"
    )
    options = ["--config-file", "", "--cache-dir", str(ROOT / ".mypy_cache" / "readme")]
    command = [sys.executable, "-m", checker, *(options if checker == "mypy" else ())]

    ran = subprocess.run(
        [*command, "typo.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert 1 == ran.returncode
    assert "Odrer" in ran.stdout


@pytest.mark.parametrize("package", PACKAGES)
def test_dir_shows_every_name_before_it_is_used(package: str) -> None:
    module = importlib.import_module(package)

    assert set(module.__all__) <= set(dir(module))


@pytest.mark.parametrize("package", PACKAGES)
def test_an_unknown_name_is_an_attribute_error(package: str) -> None:
    with pytest.raises(AttributeError, match=f"module '{package}' has no attribute 'Orders'"):
        importlib.import_module(package).Orders  # noqa: B018


def test_the_blocking_twin_offers_the_same_names() -> None:
    assert set(gameball_async.__all__) == set(gameball_sync.__all__)


def test_type_checkers_are_told_the_same_names_of_the_twin() -> None:
    own = {home: [name] for name, home in gameball_sync._OWN.items()}
    rest = sorted({*gameball_async.__all__} - {*gameball_sync._OWN})

    assert {"gameball_async": rest, **own} == typing_imports("gameball_sync")


@pytest.mark.parametrize("name", gameball_sync.__all__)
def test_every_name_of_the_twin_exists(name: str) -> None:
    ours, theirs = getattr(gameball_sync, name), getattr(gameball_async, name)

    blocking = {"Checkout", "GameballClient", "Paginator"}
    assert (name in blocking) == (ours is not theirs)


@pytest.mark.parametrize(
    "path", [pytest.param(path, id=str(path.relative_to(ROOT))) for path in MODULES]
)
def test_every_module_opens_with_one_line_that_says_its_job(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    first, _, rest = docstring.partition("\n")

    assert re.fullmatch(r"\S.*[.?]", first)
    assert rest == "" or rest.startswith("\n")


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("import gameball_async", id="import-of-the-package"),
        pytest.param("from gameball_async import Order", id="import-of-a-model"),
        pytest.param(
            "from gameball_async import GameballClient; GameballClient('key', 'secret')",
            id="a-new-client",
        ),
        pytest.param("import gameball_sync", id="import-of-the-twin"),
        pytest.param("from gameball_sync import Order", id="import-of-a-model-from-the-twin"),
        pytest.param(
            "from gameball_sync import GameballClient; GameballClient('key', 'secret')",
            id="a-new-blocking-client",
        ),
        pytest.param("import gameball_async.sandbox", id="import-of-the-sandbox"),
    ],
)
def test_aiohttp_is_not_imported_before_it_is_needed(code: str) -> None:
    shown = "import sys; print('aiohttp' in sys.modules)"

    ran = subprocess.run(
        [sys.executable, "-c", f"{code}; {shown}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert "False" == ran.stdout.strip()


def test_importing_the_package_imports_none_of_its_modules() -> None:
    code = "import sys, gameball_async; print(*(m for m in sys.modules if 'gameball_async.' in m))"

    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert "" == ran.stdout.strip()


def test_a_file_of_models_that_there_is_not_is_told_by_its_name() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        getattr(models, "nothing")  # noqa: B009 - checkers would see it
