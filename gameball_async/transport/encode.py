"""From a call's arguments to one HTTP request, before anything is sent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote

from gameball_async.models.fields import check_moment
from gameball_async.operation import Operation
from gameball_async.serialization import timestamp

_PARAMETER: Final = re.compile(r"\{(\w+)\}")
_CAMEL: Final = re.compile(r"_([a-z0-9])")


@lru_cache(maxsize=512)
def camel(name: str) -> str:
    """``start_after`` in the wire's spelling: ``startAfter``; names already so spelled stay."""
    return _CAMEL.sub(lambda match: match[1].upper(), name)


def path_id(name: str, value: object) -> str:
    """Encode an id so that it stays one segment of a path, whatever it holds.

    Raises:
        ValueError: It is empty, or a server could read a step up or down the path into it.
        TypeError: It is neither a str nor an int.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a str, got {type(value).__name__}")
    if not value:
        raise ValueError(f"{name} is empty")
    if any(part in {".", ".."} for part in re.split(r"[/\\]", value)):
        raise ValueError(f"{name} {value!r} would lead to another endpoint")
    return _quoted(name, value)


def _quoted(name: str, value: str) -> str:
    """Percent-encode everything outside the unreserved characters."""
    try:
        return quote(value, safe="")
    except UnicodeEncodeError:
        pass
    raise ValueError(f"{name} holds half a surrogate pair, which cannot be sent")


def path(operation: Operation[Any], given: Mapping[str, object] | None) -> str:
    """Fill in the parameters of an operation's path.

    Args:
        operation: Its path template.
        given: The ids by name, in snake_case or in the wire's spelling.

    Raises:
        ValueError: One is missing, unknown or cannot be sent.
        TypeError: One is not a str.
    """
    if not given and "{" not in operation.path:
        return operation.path
    values = {camel(name): (name, value) for name, value in (given or {}).items()}
    if len(values) < len(given or {}):
        raise ValueError(f"{operation.name} got a path parameter in two spellings")

    def fill(match: re.Match[str]) -> str:
        name = camel(match[1])
        if name not in values:
            raise ValueError(f"{operation.name} needs the path parameter {match[1]!r}")
        return path_id(*values.pop(name))

    filled = _PARAMETER.sub(fill, operation.path)
    for name, _ in values.values():
        raise ValueError(f"{operation.name} has no path parameter {name!r}")
    return filled


def query(given: Mapping[str, object] | None) -> str:
    """Write a query string; what is None is left out.

    ``+`` travels as ``%2B``: a plus in a query means a blank.
    """
    if not given:
        return ""
    parts = [
        f"{quote(camel(name), safe='')}={_quoted(name, _text(name, value))}"
        for name, value in given.items()
        if value is not None
    ]
    return f"?{'&'.join(parts)}" if parts else ""


def _text(name: str, value: object) -> str:
    """One query value as text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        check_moment(name, value)
        return timestamp(value)
    if isinstance(value, str):
        return value  # not str(value): of an enum that would be its name
    if isinstance(value, int | float | Decimal):
        return str(value)
    raise TypeError(f"{name} must be a str or a number, got {type(value).__name__}")


def subject(
    operation: Operation[Any],
    payload: Mapping[str, Any] | None,
    given: Mapping[str, object] | None,
) -> tuple[str | None, str | None]:
    """Whom and what a call is about, as its body or its path says.

    Returns:
        The id that makes a repetition harmless, and the customer whose writes must not overlap.
    """
    members: Mapping[str, Any] = payload if payload is not None else {}
    key = members.get(operation.key) if operation.key is not None else None
    customer = members.get("customerId")
    if customer is None and given:
        customer = given.get("customer_id", given.get("customerId"))
    return None if key is None else str(key), None if customer is None else str(customer)
