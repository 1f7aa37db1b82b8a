"""Which member of a body cannot be written as JSON, and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, cast

import orjson

from gameball_async.models.fields import check_number

__all__ = ("refuse_depth", "refuse_unwritable", "under")

_DEEPEST: Final = 200
"""Levels of a caller's own mapping; orjson refuses a little more."""

Dump = Callable[[Any], bytes]
"""Writes a value; raises `orjson.JSONEncodeError`."""


def refuse_unwritable(value: Any, dump: Dump, path: str = "", depth: int = 0) -> None:
    """Raise the error that names the offending member, if one member is to blame.

    Args:
        value: What could not be written.
        dump: What tried it.
        path: Where in the body *value* stands.
        depth: How many levels are above it.

    Raises:
        ValueError: A text, a number or the depth cannot be written.
        TypeError: An object of a foreign type is inside.
    """
    refuse_depth(path, depth)
    if isinstance(value, dict):
        for key, item in cast("dict[object, Any]", value).items():
            here = under(path, key)
            refuse_unwritable(key, dump, here, depth + 1)
            refuse_unwritable(item, dump, here, depth + 1)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(cast("Sequence[Any]", value)):
            refuse_unwritable(item, dump, f"{path}[{index}]", depth + 1)
    elif isinstance(value, float):
        check_number(path, value)
    else:
        _refuse_leaf(value, dump, path)


def _refuse_leaf(value: Any, dump: Dump, path: str) -> None:
    reason = None
    try:
        dump(value)
    except orjson.JSONEncodeError as error:
        reason = str(error)
    if reason is not None:
        kind = ValueError if isinstance(value, str | int) else TypeError
        raise kind(f"{path or 'body'}: {reason}")


def refuse_depth(path: str, depth: int) -> None:
    """Refuse what is nested too deeply."""
    if depth > _DEEPEST:
        raise ValueError(f"{path[:80]}...: is nested deeper than {_DEEPEST} levels")


def under(path: str, key: object) -> str:
    """The path of a member; errors may be printed, so nothing in it may be unprintable."""
    if not isinstance(key, str):
        raise TypeError(f"{path or 'body'}: every key must be a str, got {type(key).__name__}")
    name = key.encode("utf-8", "backslashreplace").decode()
    return f"{path}.{name}" if path else name
