"""The function that writes a class: its source, with the classes nested in it written in place."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import cached_property
from typing import Any, Final, cast, get_args, get_origin

import attrs
from cattrs import Converter

from gameball_async.models.fields import Extra, Money, Number, wire_name, without_none

__all__ = ("Writer",)

Plain = Callable[[Any, str], Any]
"""Writes a value of any type; the second is the member's name, for errors."""

_READY: Final = frozenset({str, bool, int, Money, Number, Extra})
"""Checked when they were made, and JSON as they are; the decimals in them are written last."""


class Writer:
    """Writes the objects of one class, leaving out every None.

    The function is made when it is first needed: a class may hold itself.
    """

    def __init__(self, cls: type[Any], converter: Converter, plain: Plain) -> None:
        self._cls, self._converter, self._plain = cls, converter, plain

    def __call__(self, value: Any) -> dict[str, Any]:
        """What the converter calls."""
        return self.write(value)

    @cached_property
    def write(self) -> Callable[[Any], dict[str, Any]]:
        """The function itself."""
        source = _Source(self._converter, self._plain)
        lines = ["def write(o0):", *_indented(source.fill(self._cls, 0, ())), "    return d0"]
        exec("\n".join(lines), source.names)  # noqa: S102 - of the names of fields, never of data
        return cast("Callable[[Any], dict[str, Any]]", source.names["write"])


def _indented(lines: Iterable[str]) -> Iterator[str]:
    return (f"    {line}" for line in lines)


def _is_ready(promised: Any) -> bool:
    if get_origin(promised) in {tuple, list}:
        return _is_ready(get_args(promised)[0])
    return promised in _READY


class _Source:
    """Lines of a writer, and in `names` what they refer to.

    ``o0`` is the object, ``d0`` the dict it becomes; what is nested in them are ``o1`` and ``d1``,
    and so on. ``v`` is the value at hand, ``v0``, ``v1``, ... are those of a whole object.
    """

    def __init__(self, converter: Converter, plain: Plain) -> None:
        self.names: dict[str, Any] = {"plain": plain}
        self._hook_of = converter.get_unstructure_hook

    def fill(self, cls: type[Any], depth: int, above: tuple[type, ...]) -> Iterator[str]:
        """Lines that make the dict of an object of *cls*, which is nested in those *above*."""
        attrs.resolve_types(cls)
        required, optional = list[str](), list[tuple[str, str, Any]]()
        for attribute in attrs.fields(cls):
            wire, promised = wire_name(attribute), without_none(attribute.type)
            value = f"o{depth}.{attribute.name}"
            if wire is not None and attribute.default is attrs.NOTHING and _is_ready(promised):
                required.append(f"{wire!r}: {value}")
            elif wire is not None:
                optional.append((wire, value, promised))
        one_by_one = [f"d{depth} = {{{', '.join(required)}}}"]
        for wire, value, promised in optional:
            put = self._put(promised, f"d{depth}[{wire!r}]", wire, depth + 1, (*above, cls))
            one_by_one += [f"if (v := {value}) is not None:", *_indented(put)]
        if optional and all(_is_ready(promised) for _, _, promised in optional):
            yield from _at_once(required, optional, depth)
            yield "else:"
            yield from _indented(one_by_one)
        else:
            yield from one_by_one

    def _put(
        self, promised: Any, target: str, wire: str, depth: int, above: tuple[type, ...]
    ) -> Iterator[str]:
        """Lines that set *target* to ``v``, turned into JSON."""
        otherwise = f"{target} = plain(v, {wire!r})"
        if _is_ready(promised):
            yield f"{target} = v"
        elif get_origin(promised) in {tuple, list}:
            put = self._put(get_args(promised)[0], f"item{depth}", wire, depth + 1, above)
            yield f"list{depth} = []"
            yield "for v in v:"
            yield from _indented(put)
            yield f"    list{depth}.append(item{depth})"
            yield f"{target} = list{depth}"
        elif promised is datetime or (attrs.has(promised) and promised not in above):
            yield f"if v.__class__ is {self._name(promised)}:"
            yield from _indented(self._put_exact(promised, target, depth, above))
            yield f"else: {otherwise}"
        else:
            yield otherwise

    def _put_exact(
        self, cls: type[Any], target: str, depth: int, above: tuple[type, ...]
    ) -> Iterator[str]:
        """As `_put`, for a value that is of the promised class and no heir's."""
        hook = self._hook_of(cls)
        if isinstance(hook, Writer):
            yield f"o{depth} = v"
            yield from self.fill(cls, depth, above)
            yield f"{target} = d{depth}"
        else:
            yield f"{target} = {self._name(hook)}(v)"

    def _name(self, value: Any) -> str:
        name = f"n{len(self.names)}"
        self.names[name] = value
        return name


def _at_once(
    required: list[str], optional: list[tuple[str, str, Any]], depth: int
) -> Iterator[str]:
    """Lines for an object that has everything: a dict made whole need not grow.

    The last field is asked for first, being the one that is left out most.
    """
    given = [f"(v{i} := {value}) is not None" for i, (_, value, _) in enumerate(optional)]
    yield f"if {' and '.join(reversed(given))}:"
    members = [*required, *(f"{wire!r}: v{i}" for i, (wire, _, _) in enumerate(optional))]
    yield f"    d{depth} = {{{', '.join(members)}}}"
