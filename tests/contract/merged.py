"""The pages, the guides and the description merged into one list, with a table per operation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from attrs import frozen

from tests.contract.document import original

_ROW = re.compile(r"^\| `([^`]+)` \| (.*?) \|", re.MULTILINE)
_SHARED = re.compile(r'<a id="(shared-\w+)"></a>\n(.*?)(?=\n<a id=|\n# |\n## )', re.DOTALL)
_SECTION = re.compile(r"^## (\d+)\. .*?(?=^## |^# |\Z)", re.MULTILINE | re.DOTALL)
_INDEX = re.compile(r"^\| (\d+) \| ([A-Z]+) \| `(/[^`]*)` \| .*? \| (KS?)\b", re.MULTILINE)


@cache
def _shared() -> dict[str, str]:
    return dict(_SHARED.findall(original("operations.md")))


def _members(table: str, before: str = "") -> Iterator[str]:
    """The paths of a table's first column, and of the tables that it refers to."""
    for name, kind in _ROW.findall(table):
        path = f"{before}.{name}".lstrip(".")
        if not path.endswith(("[]", "{*}")):
            yield path
        if link := re.search(r"\(#(shared-\w+)\)", kind):
            rows = "[]" if kind.startswith("array") and not path.endswith("[]") else ""
            left_out = re.findall(r"without `(\w+)`", kind)
            inside = _members(_shared()[link[1]], f"{path}{rows}")
            yield from (it for it in inside if not set(it.split(".")) & set(left_out))


@frozen
class Merged:
    """One operation as all sources together have it."""

    number: int
    method: str
    path: str
    secret: bool
    section: str

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    def _under(self, title: str) -> str:
        """The table below a title, up to the next one."""
        return self.section.partition(f"**{title}**")[2].partition("\n**")[0]

    @property
    def parameters(self) -> set[tuple[str, str]]:
        rows = re.findall(r"^\| (\w+) \| `(\w+)` \|", self._under("Parameters"), re.MULTILINE)
        return {(where, name) for where, name in rows if where != "path"}

    @property
    def request(self) -> set[str]:
        return set(_members(self._under("Request body")))

    @property
    def answer(self) -> set[str]:
        return set(_members(self._under("Response")))


def merged() -> dict[str, Merged]:
    """Every operation by its name."""
    text = original("operations.md")
    sections = {it[1]: it[0] for it in _SECTION.finditer(text)}
    found = [
        Merged(int(number), method, path, secret == "KS", sections[number])
        for number, method, path, secret in _INDEX.findall(text)
    ]
    return {it.name: it for it in found}
