"""Between our values and JSON: snake_case here, camelCase there.

Each class gets one function that reads it and one that writes it, built on first use and
registered with `converter`, so that a hook registered there before wins over ours.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from functools import partial
from operator import itemgetter
from types import UnionType
from typing import Any, Final, TypeVar, Union, cast, get_args, get_origin

import attrs
import orjson
from cattrs import Converter
from cattrs.gen import make_dict_structure_fn, override

from gameball_async.models.fields import check_moment, check_number, wire_name, without_none
from gameball_async.models.kinds import (
    KINDS,
    QUICK_NAMES,
    Drift,
    Kind,
    Member,
    Record,
    Rows,
    Seen,
    open_enum,
    rows,
    rows_inside,
    unreadable,
)
from gameball_async.unwritable import refuse_depth, refuse_unwritable, under
from gameball_async.writers import Writer

__all__ = ("Drift", "converter", "decode", "encode", "timestamp", "to_wire", "wire_name")

T = TypeVar("T")

converter: Final = Converter(detailed_validation=False)
"""Where hooks for other types, or other hooks for ours, are registered before the first use."""


def _read_foreign(hook: Callable[[Any, Any], Any], kind: Any, value: Any, seen: Seen) -> Any:
    """What a hook makes of it that is not ours, and may raise whatever it likes."""
    try:
        return hook(value, kind)
    except Exception:  # noqa: BLE001 - one member must not cost the rest of the answer
        return unreadable(value, seen)


def _kind_of(annotation: Any) -> Kind:
    """How the converter reads a type: by one of our functions, or by somebody else's hook."""
    promised = without_none(annotation)
    hook = converter.get_structure_hook(promised)
    if isinstance(hook, Kind):
        return hook
    name = getattr(promised, "__name__", str(promised))
    return Kind(name, partial(_read_foreign, hook, promised))


def _member(attribute: "attrs.Attribute[Any]") -> Member:
    wire, options = wire_name(attribute), attribute.metadata
    kind = _kind_of(attribute.type)
    if isinstance(kind, Rows) and "inside" in options:
        kind = rows_inside(options["inside"], kind.item)
    keys = () if wire is None else (wire, *options.get("also", ()))
    return Member(attribute.name, keys, kind, attribute.default, "rare" in options)


def _is_plain(cls: type[Any]) -> bool:
    """Whether filling the fields is all that the class's constructor would do."""
    return not hasattr(cls, "__attrs_post_init__") and all(
        not a.converter
        and not a.validator
        and (a.default is None or a.metadata.get("wire", "") is None)
        for a in attrs.fields(cls)
    )


def _twin(cls: type[Any]) -> type | None:
    """A subclass that is not frozen, or None where the class would notice or refuse it.

    Filling it and changing its class at last is twice as fast as the frozen class's `__init__`.
    """
    if any("__init_subclass__" in vars(base) for base in cls.__mro__[:-1]):
        return None
    body: dict[str, Any] = {"__slots__": ()}
    body |= {name: getattr(object, name) for name in ("__init__", "__setattr__", "__delattr__")}
    try:
        twin = type(cls.__name__, (cls,), body)
        twin().__class__ = cls
    except TypeError:
        return None
    return twin


def _pick_lines(members: Sequence[Member], names: dict[str, Any]) -> Iterator[str]:
    """Lines that put each member's raw value into ``v0``, ``v1``, ..., absent ones as None."""
    usual = {i: m.keys[0] for i, m in enumerate(members) if m.keys and not m.rare}
    if usual:
        # orjson keeps the keys it made, and a key that is the very one in the dict is found soonest
        kept = {key: key for key in orjson.loads(orjson.dumps(dict.fromkeys(usual.values())))}
        names["pick"] = itemgetter(*(kept[key] for key in usual.values()))
        yield f"    try: {', '.join(f'v{i}' for i in usual)} = pick(o)"
        yield "    except KeyError:"
        yield "        get = o.get"
        yield from (f"        v{i} = get({key!r})" for i, key in usual.items())
    for i, member in enumerate(members):
        if member.rare:
            yield f"    v{i} = o.get({member.keys[0]!r})"
        for key in member.keys[1:]:
            yield f"    if v{i} is None: v{i} = o.get({key!r})"


def _value_lines(
    members: Sequence[Member], targets: Sequence[str], names: dict[str, Any]
) -> Iterator[str]:
    """Lines that set the targets to what the raw values mean; *names* gets what they refer to."""
    for i, (member, target) in enumerate(zip(members, targets, strict=True)):
        names |= {f"read{i}": member.kind.read, f"aid{i}": member.kind.aid}
        quick = member.kind.quick
        if not member.keys:
            names[f"v{i}"] = member.default
            quick = "{to} = {v}"
        source = quick.format(to=target, v=f"v{i}", read=f"read{i}", aid=f"aid{i}")
        yield from (f"    {line}" for line in source.splitlines())


def _compile_reader(cls: type[Any], members: Sequence[Member]) -> Callable[[Any, Seen], Any]:
    """Write the function that reads one object into *cls*."""
    twin = _twin(cls)
    names: dict[str, Any] = {"cls": cls, "new": twin, "unreadable": unreadable, **QUICK_NAMES}
    if twin is None:
        targets = [f"w{i}" for i in range(len(members))]
        pairs = zip(attrs.fields(cls), targets, strict=True)
        begin = []
        end = [f"    return cls({', '.join(f'{a.alias}={target}' for a, target in pairs)})"]
    else:
        targets = [f"made.{member.name}" for member in members]
        begin, end = ["    made = new()"], ["    made.__class__ = cls", "    return made"]
    lines = [
        "def read(o, seen):",
        "    if o.__class__ is not dict: return unreadable(o, seen)",
        *_pick_lines(members, names),
        *begin,
        *_value_lines(members, targets, names),
        *end,
    ]
    exec("\n".join(lines), names)  # noqa: S102 - made of the names of fields, never of data
    return cast("Callable[[Any, Seen], Any]", names["read"])


@converter.register_structure_hook_factory(attrs.has)
def _record(cls: type[Any]) -> Callable[[Any, Any], Any]:
    """The reader of a class: our generated one, else cattrs' with our names."""
    attrs.resolve_types(cls)
    if not _is_plain(cls):
        renames: dict[str, Any] = {a.name: override(rename=wire_name(a)) for a in attrs.fields(cls)}
        return make_dict_structure_fn(cls, converter, _cattrs_detailed_validation=False, **renames)
    members = tuple(_member(a) for a in attrs.fields(cls))
    return Record(cls.__name__, _compile_reader(cls, members), members=members)


def _is_open_enum(annotation: Any) -> bool:
    if get_origin(annotation) not in {Union, UnionType}:
        return False
    first, *rest = get_args(annotation)
    return rest == [str] and isinstance(first, type) and issubclass(first, Enum)


@converter.register_structure_hook_factory(_is_open_enum)
def _open_enum(annotation: Any) -> Kind:
    return open_enum(get_args(annotation)[0])


def _is_list(annotation: Any) -> bool:
    origin: Any = get_origin(annotation)
    return origin is list


@converter.register_structure_hook_factory(_is_list)
def _list_of(annotation: Any) -> Kind:
    return rows(_kind_of(get_args(annotation)[0]))


@converter.register_structure_hook_factory(
    lambda annotation: without_none(annotation) != annotation
)
def _optional(annotation: Any) -> Callable[[Any, Any], Any]:
    kind = _kind_of(annotation)
    return lambda value, _: None if value is None else kind(value)


@converter.register_structure_hook_factory(lambda annotation: annotation in KINDS)
def _leaf(annotation: Any) -> Kind:
    return KINDS[annotation]


for _type in (str, bool, int):  # which cattrs would read by its own rules
    converter.register_structure_hook(_type, KINDS[_type])

_readers: Final[dict[Any, Kind]] = {}


def decode(body: bytes, returns: type[T], on_drift: Callable[[Drift], None] | None = None) -> T:
    """Read a JSON body as *returns*, keeping what can be read.

    Args:
        body: The answer's body.
        returns: The class it is documented to be; ``dict`` or ``Any`` for the plain JSON.
        on_drift: Told about each member that cannot be read as its type; the member keeps its
            raw value.

    Returns:
        An instance of *returns*.

    Raises:
        ValueError: The body is no JSON, or of another shape altogether. The text says why and
            holds nothing of the body.
    """
    kind = _readers.get(returns)
    if kind is None:
        kind = _readers[returns] = _kind_of(returns)
    try:
        raw = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        reason = error.msg  # the error itself holds the whole body, so it is not passed on
    else:
        seen: Seen = []
        value: T = kind.read(raw, seen)
        if seen:
            _report(kind.drifts(raw, ""), on_drift)
        return value
    raise ValueError(f"is not JSON: {reason}")


def _report(drifts: Iterator[Drift], on_drift: Callable[[Drift], None] | None) -> None:
    """Tell about each drift; one of the whole body is an error."""
    for drift in drifts:
        if not drift.path:
            raise ValueError(f"is a JSON {drift.got}, not a {drift.expected}")
        if on_drift is not None:
            on_drift(drift)


# --- Writing --------------------------------------------------------------------------------


_TWO: Final = tuple(f"{number:02}" for number in range(60))
_THREE: Final = tuple(f"{number:03}" for number in range(1000))
"""Digits, two and three of them: looked up, an instant takes a third of what isoformat takes."""


def timestamp(moment: datetime) -> str:
    """An instant as it travels.

    Args:
        moment: With a time zone.

    Returns:
        ``2024-10-16T08:13:29.290Z``: UTC, cut to milliseconds.

    Raises:
        ValueError: There is no time zone, or the instant lies outside the years of UTC.
    """
    if moment.tzinfo is not UTC:
        check_moment("timestamp", moment)
        moment = moment.astimezone(UTC)
    year, two = moment.year, _TWO
    return (
        f"{year if year > 999 else f'{year:04}'}-{two[moment.month]}-{two[moment.day]}"
        f"T{two[moment.hour]}:{two[moment.minute]}:{two[moment.second]}"
        f".{_THREE[moment.microsecond // 1000]}Z"
    )


def _exact(value: Decimal) -> orjson.Fragment:
    """All digits, no exponent."""
    return orjson.Fragment(format(value, "f"))


converter.register_unstructure_hook(date, date.isoformat)
converter.register_unstructure_hook(datetime, timestamp)
converter.register_unstructure_hook(Decimal, _exact)


def _plain(value: Any, path: str, depth: int = 0) -> Any:
    """A value of any type as JSON has it, at any depth; *path* is for the errors."""
    refuse_depth(path, depth)
    if isinstance(value, Mapping):
        result: dict[str, Any] = {}
        for key, item in cast("Mapping[object, Any]", value).items():
            here = under(path, key)
            result[str.__str__(cast("str", key))] = _plain(item, here, depth + 1)
        return result
    if isinstance(value, list | tuple):
        items = cast("Sequence[Any]", value)
        return [_plain(item, f"{path}[{i}]", depth + 1) for i, item in enumerate(items)]
    if isinstance(value, datetime):
        check_moment(path, value)
    elif isinstance(value, float | Decimal):
        check_number(path, value)
    return converter.unstructure(value)


@converter.register_unstructure_hook_factory(attrs.has)
def _writer(cls: type[Any]) -> Writer:
    return Writer(cls, converter, _plain)


_writers: Final[dict[type, Callable[[Any], dict[str, Any]]]] = {}


def to_wire(value: Any) -> dict[str, Any]:
    """A request as the members of its JSON object.

    Args:
        value: One of our models, whose None is left out; or a mapping of the wire's own names,
            which travels as it is, None included.

    Returns:
        Members for `encode`; decimals are exact, instants are texts.

    Raises:
        TypeError: *value* is neither.
        ValueError: A value inside a mapping cannot be sent; the text names its path.
    """
    write = _writers.get(value.__class__)
    if write is None:
        if isinstance(value, Mapping):
            members: dict[str, Any] = _plain(value, "")
            return members
        if not attrs.has(value.__class__):
            raise TypeError(f"a body is a model or a mapping, got {type(value).__name__}")
        hook = converter.get_unstructure_hook(value.__class__)
        write = _writers[value.__class__] = hook.write if isinstance(hook, Writer) else hook
    return write(value)


_OPTIONS: Final = orjson.OPT_PASSTHROUGH_DATETIME


def encode(payload: Any) -> bytes:
    """Members as the bytes of a body.

    Args:
        payload: What `to_wire` returned.

    Returns:
        JSON in UTF-8.

    Raises:
        ValueError: A text, a number or the depth cannot be written; the text names the path.
        TypeError: An object of a foreign type is inside.
    """
    try:
        return b"%b" % orjson.dumps(payload, _late, _OPTIONS)  # a copy: orjson's own keeps 8 KiB
    except orjson.JSONEncodeError as error:
        reason = str(error)
    refuse_unwritable(payload, partial(orjson.dumps, default=_late, option=_OPTIONS))
    raise ValueError(f"body: {reason}")


def _late(value: Any) -> Any:
    """What orjson asks about a type that it does not know: a decimal, an instant, a model."""
    if isinstance(value, float):
        return float(value)
    known = converter.unstructure(value)
    if known is value:
        raise TypeError
    return known
