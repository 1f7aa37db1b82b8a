"""JSON, numbers and times as they cross the wire, read and written exactly."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from decimal import (
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    Inexact,
    InvalidOperation,
    Overflow,
)
from typing import Any, Final, TypeAlias

import orjson

JsonObject: TypeAlias = dict[str, Any]

EXACT: Final = Context(
    prec=160, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation, DivisionByZero, Overflow]
)
"""Wide enough for any product of the numbers that a request may hold."""

_DIGITS: Final = 28
_SHOWN: Final = Context(prec=_DIGITS, rounding=ROUND_HALF_EVEN, traps=[])
_STRICT: Final = Context(prec=_DIGITS, traps=[Inexact, InvalidOperation, Overflow])
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|\+00:00)", re.ASCII)


def read_json(body: bytes) -> Any:
    """Decode *body* with every number exact: an int or a Decimal, never a float.

    Raises:
        ValueError: It is not JSON as RFC 8259 has it.
    """
    try:
        orjson.loads(body)  # knows no NaN and no half of a surrogate pair, which json lets pass
        return json.loads(body, parse_float=Decimal)
    except (ArithmeticError, RecursionError) as error:
        raise ValueError(str(error)) from error


def write_json(value: object) -> bytes:
    """Encode *value* as compact JSON."""
    return orjson.dumps(value)


def is_manageable(number: int | Decimal) -> bool:
    """Whether *number* has at most 28 digits and the size of an amount, below 10**15."""
    try:
        size = _STRICT.plus(Decimal(number)).adjusted()
    except ArithmeticError:
        return False
    return -_DIGITS <= size < 15


def plain(number: Decimal) -> str:
    """Digits without exponent or trailing zeros: ``5``, ``91.25``."""
    return format(_SHOWN.normalize(number), "f")


def shown(number: int | Decimal) -> orjson.Fragment:
    """A JSON number with at least one decimal, as the API prints money: ``10.0``, ``91.25``."""
    text = plain(Decimal(number))
    return orjson.Fragment(text if "." in text else f"{text}.0")


def number_of(number: Decimal | None) -> int | orjson.Fragment | None:
    """A JSON number without needless decimals: ``50``, ``7.5``; nothing is null."""
    if number is None:
        return None
    return int(number) if number == int(number) else shown(number)


def echoed(number: int | Decimal) -> int | orjson.Fragment:
    """A JSON number as it was sent: ``2``, ``2.5``."""
    return number if isinstance(number, int) else shown(number)


def read_time(text: str) -> datetime | None:
    """The instant that *text* names in UTC, ISO 8601; None when it names none."""
    if _TIME.fullmatch(text) is None:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def written(time: datetime) -> str:
    """*time* without zone and without trailing zeros: ``2024-10-16T08:13:29.29``."""
    text = time.astimezone(UTC).replace(tzinfo=None).isoformat()
    return text.rstrip("0") if "." in text else text


def written_or_none(time: datetime | None) -> str | None:
    """*time* as `written`, and nothing as null."""
    return None if time is None else written(time)


def in_microseconds(time: datetime) -> str:
    """*time* without zone and with six decimals: ``2024-10-16T08:11:24.675401``."""
    return time.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")


def in_milliseconds(time: datetime) -> str:
    """*time* as webhooks have it, with three decimals: ``2024-11-12T19:02:24.631Z``."""
    plain_time = time.astimezone(UTC).replace(tzinfo=None)
    return f"{plain_time.isoformat(timespec='milliseconds')}Z"


def zulu(time: datetime | None) -> str | None:
    """*time* as coupons and jobs have it: ``2024-10-20T14:16:00Z``; nothing as null."""
    return None if time is None else f"{written(time)}Z"


def without_nulls(members: JsonObject, *, keep: bool) -> JsonObject:
    """*members*, with nulls only where the account sends them (C-03)."""
    if keep:
        return members
    return {name: value for name, value in members.items() if value is not None}
