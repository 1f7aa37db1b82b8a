"""What an answer says: a value, or one of the many shapes of a refusal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final, TypeVar, cast
from urllib.parse import urlsplit

import orjson
from attrs import frozen

from gameball_async.errors import (
    ApiError,
    RateLimitedError,
    RedirectError,
    ResponseDecodeError,
    api_error_class,
)
from gameball_async.operation import Operation
from gameball_async.serialization import Drift, decode
from gameball_async.transport.http import Answer, Response
from gameball_async.transport.retry import is_page, looks_like_html, retry_after

T = TypeVar("T")

EXCERPT: Final = 200
"""Characters of a foreign body that an error shows."""
DEPTH: Final = 32
"""Levels of an error body that are kept: a deeper one could not be copied with its error."""

_LONGEST_TEXT: Final = 1000
"""Characters of a message, a request id or a link that an error shows."""
_ROWS: Final[type[list[Any]]] = list

Redact = Callable[[str], str]
"""Takes the keys out of a text."""


def read(
    answer: Answer,
    operation: Operation[T],
    *,
    write: bool,
    redact: Redact,
    on_drift: Callable[[Drift], None] | None,
) -> T | ResponseDecodeError:
    """Decode a 2xx; an answer that cannot be read is returned as the error it means."""
    returns = operation.returns
    if returns is type(None):
        if not answer.body or not is_page(answer):
            return None  # pyright: ignore[reportReturnType] # mypy knows that T is None here
        reason = "is a web page"
    elif answer.oversized:
        reason = "the answer is larger than 32 MiB"
    else:
        try:
            return decode(answer.body, returns, on_drift)
        except ValueError as error:
            reason = str(error)
    return ResponseDecodeError(
        f"the answer cannot be read: {reason}",
        operation=operation.name,
        status=answer.status,
        content_type=answer.headers.get("content-type"),
        excerpt=_excerpt(answer.body, redact),
        outcome_unknown=write,
    )


def required(response: Response[Any], member: object, name: str, kind: type[T]) -> T:
    """A member of an answer that is worth nothing without it.

    Raises:
        ResponseDecodeError: The answer does not have it, or has something else there.
    """
    if isinstance(member, kind) and not isinstance(member, bool):
        return member
    raise ResponseDecodeError(
        f"the answer has no {name}",
        status=response.status,
        content_type=response.headers.get("content-type"),
    )


def required_rows(response: Response[Any], member: object, name: str) -> list[Any]:
    """The rows of an answer that is worth nothing without them; some may have drifted.

    Raises:
        ResponseDecodeError: The answer does not have them, or has something else there.
    """
    return required(response, member, name, _ROWS)


def rows_of(kind: type[T], rows: object) -> list[T]:
    """The rows of an answer that could be read; what drifted is left out."""
    if not isinstance(rows, list):
        return []
    return [row for row in cast("list[object]", rows) if isinstance(row, kind)]


def _excerpt(body: bytes, redact: Redact) -> str:
    """The first characters of a foreign body."""
    return redact(body[: 8 * EXCERPT].decode("utf-8", "replace"))[:EXCERPT]


@frozen
class _Envelope:
    """What the many shapes of an error body have in common."""

    code: int | None = None
    type: str | None = None
    message: str | None = None
    documentation_url: str | None = None
    request_id: str | None = None


def _text(value: object) -> str | None:
    """*value* if it is a text with something in it, and no more of it than anybody reads."""
    return value[:_LONGEST_TEXT] if isinstance(value, str) and value else None


def _code(value: object) -> int | None:
    """A Gameball code; some gateways write numbers as text."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 9:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _first_entry(errors: object) -> str | None:
    """The first complaint of a framework's validation body."""
    while isinstance(errors, dict | list):
        entries = cast("dict[str, Any] | list[Any]", errors)
        errors = next(iter(entries.values() if isinstance(entries, dict) else entries), None)
    return _text(errors)


def _envelope(body: object) -> _Envelope:
    """Read an error body, whichever of the known shapes it has."""
    if not isinstance(body, dict):
        return _Envelope()
    members = cast("dict[str, Any]", body)
    return _Envelope(
        code=_code(members.get("code")),
        type=_text(members.get("type")),
        message=_text(members.get("message"))
        or _text(members.get("title"))
        or _first_entry(members.get("errors")),
        documentation_url=_text(members.get("documentationUrl")),
        request_id=_text(members.get("requestId")),
    )


def _json(body: bytes, redact: Redact) -> object:
    """The body as JSON, or None."""
    try:
        return _redacted(orjson.loads(body), redact, DEPTH)
    except orjson.JSONDecodeError:
        return None


def _redacted(value: object, redact: Redact, depth: int) -> object:
    """*value* without the keys; JSON may have spelled them with escapes, so not before decoding."""
    if isinstance(value, dict | list) and depth == 0:
        return "..."
    if isinstance(value, dict):
        members = cast("dict[str, object]", value)
        return {
            redact(name): _redacted(member, redact, depth - 1) for name, member in members.items()
        }
    if isinstance(value, list):
        return [_redacted(item, redact, depth - 1) for item in cast("list[object]", value)]
    shown = redact(str(value))
    return value if shown == str(value) else shown


def _reason(status: int) -> str:
    """What HTTP calls *status*."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "unexpected HTTP status"


def refusal(answer: Answer, operation: str, *, now: datetime, redact: Redact) -> ApiError:
    """Make the error that a non-2xx answer means.

    Source: docs.gameball.co, "Status and Error Codes".
    """
    text = _excerpt(answer.body, redact)
    body = None if answer.oversized else _json(answer.body, redact)
    envelope = _envelope(body)
    plain = "" if body is not None or looks_like_html(answer) else text.strip()
    details: dict[str, Any] = {
        "status": answer.status,
        "code": envelope.code,
        "type": envelope.type,
        "operation": operation,
        "documentation_url": envelope.documentation_url,
        "request_id": envelope.request_id or _text(redact(answer.headers.get("x-request-id", ""))),
        "body": text if body is None else body,
    }
    message = envelope.message or plain or _reason(answer.status)
    cls = api_error_class(answer.status, envelope.code)
    if cls is RateLimitedError:
        return RateLimitedError(message, retry_after=retry_after(answer.headers, now), **details)
    if cls is RedirectError:
        host = _host(answer.headers.get("location", ""))
        return RedirectError(f"redirected to {host or 'no host'}", host=host, **details)
    return cls(message, **details)


def _host(location: str) -> str | None:
    """The host of a redirect's target."""
    try:
        return urlsplit(location).hostname
    except ValueError:
        return None
