"""What the fields of the models are made of, and which values cannot be sent."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Any, Final, Union, cast, get_args, get_origin

import attrs

Number = int | Decimal
"""A number of an answer: exact, whole on the wire is `int`, anything else `Decimal`."""
Money = int | float | Decimal
"""A number of a request, money in the shop's currency where nothing else is said."""
Extra = Mapping[str, str | Money]
"""Free data: flat, texts and numbers only."""
Free = Mapping[str, Any]
"""Free data of any kind and depth."""
Events = Mapping[str, Mapping[str, str | Money | Sequence[str | Money]] | None]
"""Events by name, with metadata: texts, numbers, or lists of them."""

MOST_DIGITS: Final = 28
"""Digits of a `Decimal`, before and behind the point together."""
_LEAST: Final = -(2**63)
_MOST: Final = 2**63 - 1


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def wire_name(attribute: "attrs.Attribute[Any]") -> str | None:
    """The member's name in JSON; None for a field that is not the API's."""
    name: str | None = attribute.metadata.get("wire", _camel(attribute.name))
    return name


def as_tuple(values: Any) -> Any:
    """Keep any sequence as a tuple; leave what is none to `check`, which knows the field."""
    if values.__class__ is tuple:
        return values  # most are, and asking for a Sequence takes long
    if values.__class__ is list or (
        isinstance(values, Sequence) and not isinstance(values, (str, bytes, bytearray))
    ):
        return tuple(cast("Sequence[object]", values))
    return values


def as_texts(values: Sequence[str] | None) -> tuple[str, ...] | None:
    """`as_tuple` for texts that may be left out; the usual cases first, for they are many."""
    if values is None:
        return None
    texts: tuple[str, ...] = tuple(values) if values.__class__ is list else as_tuple(values)
    return texts


def as_copy(values: Extra | None) -> Extra | None:
    """Keep a private copy, so that a retry sends what the first attempt sent."""
    if values is None:
        return None
    if values.__class__ is dict:
        return {**values}
    copied: Extra = _copied(values)
    return copied


def _copied(values: Any) -> Any:
    mapping = isinstance(values, Mapping)
    return dict(cast("Mapping[object, object]", values)) if mapping else values


def _wrong_type(where: str, promised: str, value: object) -> TypeError:
    return TypeError(f"{where}: must be {promised}, got {type(value).__name__}")


def _check_text(where: str, value: object) -> None:
    if not isinstance(value, str):
        raise _wrong_type(where, "a str", value)


def _check_id(where: str, value: object) -> None:
    _check_text(where, value)
    if not value:
        raise ValueError(f"{where}: must not be empty")


def _check_flag(where: str, value: object) -> None:
    raise _wrong_type(where, "a bool", value)  # no class but bool is one: the test said it all


def _check_whole(where: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _wrong_type(where, "an int", value)
    if not _LEAST <= value <= _MOST:
        raise ValueError(f"{where}: does not fit into 64 bit")


def _check_decimal(where: str, value: Decimal) -> None:
    _, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        raise ValueError(f"{where}: must be finite, got {value}")  # noqa: TRY004 - NaN, infinity
    if max(len(digits), -exponent, len(digits) + exponent) > MOST_DIGITS:
        raise ValueError(f"{where}: has more than {MOST_DIGITS} digits")


def check_number(where: str, value: object) -> None:
    """Refuse what is no number of JSON: NaN, infinity, too many digits, a bool."""
    if isinstance(value, Decimal):
        _check_decimal(where, value)
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{where}: must be finite, got {value}")
    elif isinstance(value, int) and not isinstance(value, bool):
        _check_whole(where, value)
    else:
        raise _wrong_type(where, "an int, a float or a Decimal", value)


def check_moment(where: str, value: object) -> None:
    """Refuse what is no instant: a naive datetime, or one that UTC cannot express."""
    if not isinstance(value, datetime):
        raise _wrong_type(where, "a datetime", value)
    if value.utcoffset() is None:
        raise ValueError(f"{where}: must have a time zone, such as datetime.now(UTC) has")
    try:
        value.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{where}: lies outside the years 1 to 9999 in UTC") from None


def _members(where: str, value: object) -> Iterator[tuple[str, object]]:
    """The members of a mapping, each with the place that errors name."""
    if not isinstance(value, Mapping):
        raise _wrong_type(where, "a mapping", value)
    for key, item in cast("Mapping[object, object]", value).items():
        if not isinstance(key, str):
            raise _wrong_type(f"{where}: every key", "a str", key)
        yield f"{where}[{key!r}]", item


def _check_plain(where: str, value: object) -> None:
    if isinstance(value, str):
        return
    if isinstance(value, bool) or not isinstance(value, Money):
        raise _wrong_type(where, "a str or a number", value)
    check_number(where, value)


def _check_extra(where: str, value: object) -> None:
    for here, item in _members(where, value):
        _check_plain(here, item)


def _check_events(where: str, value: object) -> None:
    for here, metadata in _members(where, value):
        for there, item in _members(here, metadata):
            for one in cast("list[object]", item) if isinstance(item, list | tuple) else (item,):
                _check_plain(there, one)
    if not value or "" in cast("Mapping[str, object]", value):
        raise ValueError(f"{where}: must hold events, none of them without a name")


def _check_free(where: str, value: object) -> None:
    tuple(_members(where, value))


def _check_nothing(_where: str, _value: object) -> None:
    """Anything may be here; what has no form on the wire is refused when it is written."""


Check = Callable[[str, object], None]


def _check_instance(of: type) -> Check:
    def check_instance(where: str, value: object) -> None:
        if not isinstance(value, of):
            raise _wrong_type(where, f"a {of.__name__}", value)

    return check_instance


def _check_each(one: Check) -> Check:
    def check_each(where: str, value: object) -> None:
        if not isinstance(value, tuple):
            raise _wrong_type(where, "a list or tuple", value)
        for index, item in enumerate(cast("tuple[object, ...]", value)):
            one(f"{where}[{index}]", item)

    return check_each


_TEXTS: Final = frozenset({str})
_WHOLE: Final = f"v.__class__ is int and {_LEAST} <= v <= {_MOST}"
_CHECKS: Final[Mapping[Any, tuple[Check, str]]] = {
    str: (_check_text, "v.__class__ is str"),
    bool: (_check_flag, "v.__class__ is bool"),
    int: (_check_whole, _WHOLE),
    Money: (check_number, f"v.__class__ is float and v - v == 0.0 or {_WHOLE}"),
    datetime: (check_moment, "v.__class__ is datetime and v.tzinfo is UTC"),
    Extra: (_check_extra, "v.__class__ is dict and all_text(map(type, (*v, *v.values())))"),
    Free: (_check_free, "v.__class__ is dict and all_text(map(type, v))"),
    Any: (_check_nothing, "True"),
    Events: (_check_events, "False"),
}
"""For each type its full check, and the source of a quick test that no wrong value passes."""


def without_none(annotation: Any) -> Any:
    """``X`` for ``X | None``, anything else as it is."""
    if get_origin(annotation) not in {Union, UnionType}:
        return annotation
    members = tuple(member for member in get_args(annotation) if member is not NoneType)
    return Union[members]  # noqa: UP007 - the members are known at run time only


def _checks_of(annotation: Any, names: dict[str, Any]) -> tuple[Check, str]:
    """The full check and the quick test of a field's type; *names* is what the test may use."""
    if annotation in _CHECKS:
        return _CHECKS[annotation]
    if get_origin(annotation) is tuple:
        item = get_args(annotation)[0]
        names[f"all_{item.__name__}"] = frozenset({item}).issuperset
        quick = f"v.__class__ is tuple and all_{item.__name__}(map(type, v))"
        return _check_each(_checks_of(item, names)[0]), quick
    names[annotation.__name__] = annotation
    return _check_instance(annotation), f"v.__class__ is {annotation.__name__}"


@cache
def _checker(cls: type) -> Callable[[Any], None]:
    """Write one function that checks every field of *cls*: a call per field costs too much."""
    names: dict[str, Any] = {"datetime": datetime, "UTC": UTC, "all_text": _TEXTS.issuperset}
    lines = ["def check(self):"]
    attrs.resolve_types(cls)
    for attribute in attrs.fields(cls):
        name = attribute.name
        full, quick = _checks_of(without_none(attribute.type), names)
        required = attribute.default is attrs.NOTHING
        if required and full is _check_text:
            full, quick = _check_id, f"v and {quick}"
        names[f"check_{name}"] = full
        given = "" if required else "v is not None and "
        where = f"{cls.__name__}.{name}"
        lines.append(f"    v = self.{name}")
        lines.append(f"    if {given}not ({quick}): check_{name}({where!r}, v)")
    exec("\n".join(lines), names)  # noqa: S102 - the text is made of field names of our classes
    check: Callable[[Any], None] = names["check"]
    return check


def check(request: Any) -> None:
    """Refuse what cannot be sent, naming the field; set as a request's `__attrs_post_init__`.

    Raises:
        TypeError: A field holds something of another kind.
        ValueError: A field's value has no form on the wire, or a required id is empty.
    """
    _checker(request.__class__)(request)


def exactly_one(request: Any, *names: str) -> None:
    """Refuse a request that has several of the fields, or none.

    Raises:
        ValueError: Naming the fields in question.
    """
    given = [name for name in names if getattr(request, name) is not None]
    if len(given) != 1:
        kind = type(request).__name__
        got = " and ".join(given) or "none"
        raise ValueError(f"{kind}.{names[0]}: give exactly one of {', '.join(names)}, got {got}")


def within(request: Any, name: str, least: int, most: int, unit: str) -> None:
    """Refuse a whole number out of its documented range.

    Raises:
        ValueError: Naming the field and the range.
    """
    value = getattr(request, name)
    if value is not None and not least <= value <= most:
        where = f"{type(request).__name__}.{name}"
        raise ValueError(f"{where}: must be {least} to {most} {unit}, got {value}")
