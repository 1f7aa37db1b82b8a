"""How each type of an answer is read: whatever comes, and never with an exception."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Context, Decimal
from enum import Enum
from functools import partial
from typing import Any, Final

import orjson
from attrs import evolve, field, frozen

from gameball_async.models.fields import Extra, Money, Number

Seen = list[None]
"""Grows by one for each member that could not be read."""


@frozen
class Drift:
    """A member of an answer that is not what is documented; the value kept is the raw one."""

    path: str
    """E.g. ``transactions[3].points``, in the wire's words."""
    expected: str
    got: str
    """The Python name of the JSON type that came; never the value."""


def unreadable(value: Any, seen: Seen) -> Any:
    """Keep the raw value, and remember that it is one."""
    seen.append(None)
    return value


def _read_text(value: Any, seen: Seen) -> Any:
    """A text; a number becomes its text."""
    if value.__class__ is str:
        return value
    return str(value) if value.__class__ in {int, float} else unreadable(value, seen)


def _read_flag(value: Any, seen: Seen) -> Any:
    return value if value.__class__ is bool else unreadable(value, seen)


def _read_mapping(value: Any, seen: Seen) -> Any:
    return value if value.__class__ is dict else unreadable(value, seen)


def _read_anything(value: Any, _seen: Seen) -> Any:
    return value


_exact: Final = Context(prec=17).create_decimal
"""`Decimal` of a float's text, which has 17 digits at most, in less time."""
_LARGEST_EXACT: Final = 2**53
_PLAIN_NUMBER: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


def _read_number(value: Any, seen: Seen) -> Any:
    """An exact number; a text that is one is taken for it."""
    if value.__class__ is int:
        return value
    if value.__class__ is float:
        return _exact(orjson.dumps(value).decode())  # as repr, in a third of the time
    if value.__class__ is str and len(value) <= 64 and (form := _PLAIN_NUMBER.fullmatch(value)):
        return Decimal(value) if form[1] else int(value)
    return unreadable(value, seen)


def _read_whole(value: Any, seen: Seen) -> Any:
    """A whole number, whether or not the wire wrote it as ``5.0`` or ``"5"``."""
    if value.__class__ is float and value.is_integer() and abs(value) <= _LARGEST_EXACT:
        return int(value)
    number = _read_number(value, [])
    return number if number.__class__ is int else unreadable(value, seen)


_parse: Final = datetime.fromisoformat


def _read_instant(value: Any, seen: Seen) -> Any:
    """An aware instant in UTC, cut to microseconds; without a zone it means UTC (C-16)."""
    if value.__class__ is str:
        try:
            moment = _parse(value)
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        except (ValueError, OverflowError):
            pass
    return unreadable(value, seen)


def _read_choice(choices: type[Enum], value: Any, seen: Seen) -> Any:
    """A member of *choices*; another text stays as it is."""
    text = _read_text(value, seen)
    try:
        return choices(text) if text.__class__ is str else text
    except ValueError:
        return text


QUICK_NAMES: Final[Mapping[str, Any]] = {"exact": _exact, "dumps": orjson.dumps}


@frozen
class Kind:
    """How a type is read: `read` takes whatever comes, `quick` what is promised, or None.

    `quick` is source: it sets ``{to}`` from ``{v}`` with ``{aid}``, or with ``{read}`` if need be.
    It may use `QUICK_NAMES` as well.
    """

    expected: str
    read: Callable[[Any, Seen], Any]
    quick: str = "{to} = None if {v} is None else {read}({v}, seen)"
    aid: Any = None

    def drifts(self, value: Any, path: str) -> Iterator[Drift]:
        """Look again at a value of which a part could not be read, and tell where."""
        unread: Seen = []
        self.read(value, unread)
        if unread:
            yield Drift(path, self.expected, type(value).__name__)

    def __call__(self, value: Any, _annotation: Any = None) -> Any:
        """What cattrs calls for a class that is not read by a function of ours."""
        unread: Seen = []
        result = self.read(value, unread)
        if unread:
            drift = next(self.drifts(value, ""))
            raise ValueError(f"{drift.path}: is a JSON {drift.got}, not a {drift.expected}")
        return result


def _as_is(name: str, otherwise: str = "{read}({v}, seen)") -> str:
    return f"{{to}} = {{v}} if {{v}} is None or {{v}}.__class__ is {name} else {otherwise}"


_NUMBER: Final = Kind(
    "Number",
    _read_number,
    _as_is("int", "exact(dumps({v}).decode()) if {v}.__class__ is float else {read}({v}, seen)"),
)
_INSTANT: Final = Kind(
    "datetime",
    _read_instant,
    """try: {to} = None if {v} is None else {read}({v}, seen) if "Z" in {v} else {aid}({v} + "Z")
except (ValueError, TypeError): {to} = {read}({v}, seen)""",
    _parse,
)
_MAPPING: Final = Kind("dict", _read_mapping, _as_is("dict"))
KINDS: Final[Mapping[Any, Kind]] = {
    str: Kind("str", _read_text, _as_is("str")),
    bool: Kind("bool", _read_flag, _as_is("bool")),
    int: Kind("int", _read_whole, _as_is("int")),
    datetime: _INSTANT,
    Any: Kind("Any", _read_anything, "{to} = {v}"),
    **dict.fromkeys((Number, Money), _NUMBER),
    **dict.fromkeys((dict, dict[str, Any], Extra), _MAPPING),
}


def open_enum(choices: type[Enum]) -> Kind:
    """Known texts become members, unknown ones stay texts."""
    known = {None: None, **{member.value: member for member in choices}}
    quick = """try: {to} = {aid}[{v}]
except (KeyError, TypeError): {to} = {read}({v}, seen)"""
    return Kind(choices.__name__, partial(_read_choice, choices), quick, known)


def _read_rows(item: Kind, value: Any, seen: Seen) -> Any:
    if value.__class__ is list:
        read = item.read
        return [read(row, seen) for row in value]
    if value.__class__ is dict and isinstance(item, Record):
        return [item.read(value, seen)]
    return unreadable(value, seen)


@frozen
class Rows(Kind):
    """A list, or the lone object that stands for a list of one (C-55)."""

    item: Kind = field(kw_only=True)

    def drifts(self, value: Any, path: str) -> Iterator[Drift]:
        """Where in the list."""
        if value.__class__ is list:
            for index, row in enumerate(value):
                yield from self.item.drifts(row, f"{path}[{index}]")
        elif value.__class__ is dict and isinstance(self.item, Record):
            yield from self.item.drifts(value, path)
        else:
            yield Drift(path, self.expected, type(value).__name__)


def rows(item: Kind) -> Rows:
    """A list of what *item* reads."""
    some = "[{aid}(row, seen) for row in {v}] if {v}.__class__ is list else {read}({v}, seen)"
    quick = f"{{to}} = None if {{v}} is None else {some}"
    read = partial(_read_rows, item)
    return Rows(f"list[{item.expected}]", read, quick, item.read, item=item)


def _read_inside(name: str, item: Kind, value: Any, seen: Seen) -> Any:
    return item.read(value.get(name, value) if value.__class__ is dict else value, seen)


def rows_inside(name: str, item: Kind) -> Rows:
    """A list of what *item* reads, or of objects that hold it under *name*."""
    return rows(evolve(item, read=partial(_read_inside, name, item)))


@frozen
class Member:
    """One field of a class and the member of JSON it comes from."""

    name: str
    keys: tuple[str, ...]
    """The member's name, and the names it has elsewhere; empty when it is not the API's."""
    kind: Kind
    default: Any
    rare: bool

    def pick(self, members: Mapping[str, Any]) -> Any:
        """Its value in an object: the first that is neither absent nor null."""
        return next((v for key in self.keys if (v := members.get(key)) is not None), None)


@frozen
class Record(Kind):
    """An object of JSON, read into a class of ours."""

    members: Sequence[Member] = field(kw_only=True)

    def drifts(self, value: Any, path: str) -> Iterator[Drift]:
        """Which members."""
        if value.__class__ is not dict:
            yield Drift(path, self.expected, type(value).__name__)
            return
        for member in self.members:
            raw = member.pick(value)
            if raw is not None:
                yield from member.kind.drifts(raw, f"{path}.{member.keys[0]}".lstrip("."))
