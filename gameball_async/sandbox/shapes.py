"""The shape of bodies and queries, member by member, and the check against it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, TypeAlias, cast

from attrs import field, frozen

from gameball_async.sandbox.refusals import Refusal
from gameball_async.sandbox.wire import JsonObject, is_manageable, read_time

Reader: TypeAlias = Callable[[Any], Any]
"""Takes a JSON value that is not null; returns it checked, or raises `Misfit`."""


class Misfit(Exception):  # noqa: N818 - becomes a refusal
    """A value does not fit; `path` grows from the inside out."""

    def __init__(self, text: str, *, code: int = 3003, status: int | None = None) -> None:
        super().__init__(text)
        self.text = text
        self.code = code
        self.status = status
        self.path: list[str] = []

    def inside(self, name: str) -> Misfit:
        """The same misfit, seen from one level further out."""
        self.path.insert(0, name)
        return self

    def refusal(self) -> Refusal:
        """What the caller is told."""
        where = ".".join(self.path) or "the body"
        return Refusal(self.code, f"{where} {self.text}", status=self.status)


@frozen
class Member:
    """One member of an object."""

    read: Reader | None
    """None ignores whatever is there."""
    required: bool = False


@frozen
class Shape:
    """The members that an object may have; any other is refused by name."""

    members: Mapping[str, Member]
    required: tuple[str, ...] = field(init=False)

    def __attrs_post_init__(self) -> None:
        needed = tuple(name for name, member in self.members.items() if member.required)
        object.__setattr__(self, "required", needed)

    def read(self, value: Any) -> JsonObject:
        """The members of *value* that are there and not null, checked."""
        if not isinstance(value, dict):
            raise Misfit("must be an object")
        found: JsonObject = {}
        for name, raw in cast("JsonObject", value).items():
            self._read_member(name, raw, found)
        for name in self.required:
            if name not in found:
                raise Misfit("is missing", code=3000).inside(name)
        return found

    def _read_member(self, name: str, raw: Any, found: JsonObject) -> None:
        """Put one member into *found*."""
        member = self.members.get(name)
        if member is None:
            raise Misfit("is not a member of this request", status=400).inside(name)
        if raw is None:
            if member.required:
                raise Misfit("must not be null", code=3001).inside(name)
        elif member.read is not None:
            try:
                found[name] = member.read(raw)
            except Misfit as misfit:
                raise misfit.inside(name) from None


def text(value: Any) -> str:
    """A string."""
    if not isinstance(value, str):
        raise Misfit("must be a string")
    return value


def name(value: Any) -> str:
    """A string that is not empty."""
    if not text(value).strip():
        raise Misfit("must not be empty")
    return str(value)


def flag(value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise Misfit("must be true or false")
    return value


def number(value: Any) -> int | Decimal:
    """An exact number of either sign."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise Misfit("must be a number")
    if not is_manageable(value):
        raise Misfit("has more than 28 digits, or is too large")
    return value


def amount(value: Any) -> int | Decimal:
    """An exact number of at least zero."""
    checked = number(value)
    if checked < 0:
        raise Misfit("must not be negative")
    return checked


def integer(value: Any) -> int:
    """A whole number of either sign."""
    checked = number(value)
    if checked != int(checked):
        raise Misfit("must be a whole number")
    return int(checked)


def whole_between(low: int, high: int) -> Reader:
    """A whole number from *low* to *high*."""

    def read(value: Any) -> int:
        checked = integer(value)
        if not low <= checked <= high:
            raise Misfit(f"must be from {low} to {high}")
        return checked

    return read


def one_of(*words: str) -> Member:
    """A query value out of a fixed set."""

    def read(value: Any) -> str:
        if value not in words:
            raise Misfit(f"must be one of {', '.join(words)}, not {value!r}")
        return text(value)

    return Member(read)


def instant(value: Any) -> Any:
    """A time in UTC, ISO 8601."""
    time = read_time(text(value))
    if time is None:
        raise Misfit("must be a UTC time such as 2024-10-16T08:13:29.290Z")
    return time


def rule_id(value: Any) -> str:
    """The id of a redemption rule, a string or a number (C-61)."""
    return value if isinstance(value, str) else str(integer(value))


def array_of(read: Reader) -> Reader:
    """An array whose items all fit *read*."""

    def read_all(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise Misfit("must be an array")
        items: list[Any] = []
        for position, item in enumerate(cast("Sequence[Any]", value)):
            try:
                items.append(read(item))
            except Misfit as misfit:
                raise misfit.inside(f"[{position}]") from None
        return tuple(items)

    return read_all


_all_texts = array_of(text)


def texts(value: Any) -> tuple[str, ...]:
    """Several strings, or a bare one (C-21)."""
    found: tuple[str, ...] = (value,) if isinstance(value, str) else _all_texts(value)
    return found


def extra(value: Any) -> JsonObject:
    """Free keys with strings and numbers."""
    if not isinstance(value, dict):
        raise Misfit("must be an object")
    members = cast("JsonObject", value)
    for key, item in members.items():
        if not isinstance(item, str):
            try:
                number(item)
            except Misfit:
                raise Misfit("must be a string or a number").inside(key) from None
    return members


IGNORED: Final = Member(None)
TEXT: Final = Member(text)
TEXTS: Final = Member(texts)
FLAG: Final = Member(flag)
AMOUNT: Final = Member(amount)
INSTANT: Final = Member(instant)
NAME: Final = Member(name, required=True)

MERGE_KEYS: Final[Mapping[str, Member]] = {"email": TEXT, "mobile": TEXT}

MERCHANT: Final = Shape(
    {
        "uniqueId": TEXT,
        "name": TEXT,
        "branch": Member(Shape({"uniqueId": TEXT, "name": TEXT}).read),
    }
)

LINE_ITEM: Final = Shape(
    {
        "productId": TEXT,
        "quantity": AMOUNT,
        "price": Member(number),
        "sku": TEXT,
        "productSku": TEXT,
        "tags": TEXTS,
        "tag": TEXTS,
        "category": TEXTS,
        "weight": AMOUNT,
        "vendor": TEXT,
        "collection": TEXTS,
        "title": TEXT,
        "productName": TEXT,
        "taxes": AMOUNT,
        "discount": AMOUNT,
        "extra": Member(extra),
    }
)
