"""What JavaScript's `JSON.stringify(JSON.parse(body))` makes of a body, byte for byte.

Source: ECMA-262, "JSON.parse", "JSON.stringify", "Number::toString" and "OrdinaryOwnPropertyKeys".
"""

import json
import math
import re
from collections.abc import Iterable
from typing import Any, Final

__all__ = ("is_deep", "stringified")


class _Number(str):
    """A number as JavaScript prints it."""

    __slots__ = ()


def _whole(literal: str) -> _Number:
    """A number without point and exponent; up to 15 digits a double holds it exactly."""
    return _Number(literal) if len(literal) <= 15 and literal != "-0" else _double(literal)


def _double(literal: str) -> _Number:
    """ECMAScript's Number::toString of the nearest double; JSON has null for infinity."""
    value = float(literal)
    if value == 0:
        return _Number("0")
    if math.isinf(value):
        return _Number("null")
    mantissa, _, power = repr(abs(value)).partition("e")  # the shortest that reads as the same
    before, _, after = mantissa.partition(".")
    text = _placed((before + after).rstrip("0"), len(before) + int(power or 0))
    return _Number(f"-{text}" if value < 0 else text)


def _placed(digits: str, point: int) -> str:
    """The digits with the decimal point behind the first *point* of them."""
    if len(digits) <= point <= 21:
        return digits.ljust(point, "0")
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"0.{'0' * -point}{digits}"
    mantissa = f"{digits[0]}.{digits[1:]}" if len(digits) > 1 else digits
    return f"{mantissa}e{point - 1:+d}"


def _no_constant(_name: str) -> None:
    """NaN and Infinity, which are Python's idea of JSON alone."""
    raise ValueError


_parse: Final = json.JSONDecoder(
    parse_int=_whole, parse_float=_double, parse_constant=_no_constant
).decode
_quote: Final = json.JSONEncoder(ensure_ascii=False).encode
_CONSTANTS: Final = {None: "null", True: "true", False: "false"}
_INDEX: Final = re.compile(r"0|[1-9][0-9]{0,9}")
_LARGEST_INDEX: Final = 2**32 - 2
_HALF_PAIR: Final = re.compile("[\ud800-\udfff]")


def _is_index(key: str) -> bool:
    return _INDEX.fullmatch(key) is not None and int(key) <= _LARGEST_INDEX


def _keys_in_order(members: dict[str, Any]) -> Iterable[str]:
    """As JavaScript lists them: array indices first, ascending, then the rest as they came."""
    return dict.fromkeys((*sorted(filter(_is_index, members), key=int), *members))


def _write(value: Any) -> str:
    kind = value.__class__
    if kind is str:
        return _quote(value)
    if kind is _Number:
        return str(value)
    if kind is list:
        return f"[{','.join(map(_write, value))}]"
    if kind is dict:
        order = _keys_in_order(value)
        return f"{{{','.join(f'{_quote(key)}:{_write(value[key])}' for key in order)}}}"
    return _CONSTANTS[value]


def _stringify(value: Any) -> bytes:
    """`JSON.stringify` of what `_parse` made of a text, in UTF-8."""
    return _HALF_PAIR.sub(lambda half: f"\\u{ord(half[0]):x}", _write(value)).encode()


# Texts as a whole, so that a bracket in one does not count; an unfinished one ends the search.
_BRACKETS: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|([\[{])|([\]}])', re.DOTALL)


def is_deep(body: bytes, most: int) -> bool:
    """Whether brackets are nested deeper than any webhook; the parsers would run out of stack."""
    depth = 0
    for found in _BRACKETS.finditer(body):
        depth += (found[1] is not None) - (found[2] is not None)
        if depth > most:
            return True
    return False


def stringified(body: bytes) -> bytes | None:
    """`JSON.stringify(JSON.parse(body))`, or None where the body is no JSON object."""
    try:
        value = _parse(body.decode())
    except ValueError:
        return None
    return _stringify(value) if value.__class__ is dict else None
