"""What a client tells its listeners: frozen events, and the log they are written to."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Final

import attrs
from attrs import frozen

__all__ = (
    "BucketFrozen",
    "CallAbandoned",
    "DriftFound",
    "Event",
    "Hook",
    "Hooks",
    "LimiterWaited",
    "ReleaseFailed",
    "RequestFinished",
    "RequestStarted",
    "RetryScheduled",
)

LOGGER: Final = logging.getLogger("gameball_async")
LOGGER.addHandler(logging.NullHandler())


@frozen(kw_only=True)
class Event:
    """Something that happened to a call; never holds a key or a body."""

    operation: str
    """Method and path template, e.g. ``POST /orders``."""


@frozen(kw_only=True)
class RequestStarted(Event):
    """An attempt is about to leave."""

    attempt: int


@frozen(kw_only=True)
class RequestFinished(Event):
    """An attempt ended: with an answer, or without one."""

    attempt: int
    status: int | None
    """HTTP status; None when there was no complete answer."""
    request_id: str | None
    elapsed: float
    """Seconds on the wire."""
    error: str | None = None
    """The type of what went wrong; None after a 2xx."""


@frozen(kw_only=True)
class RetryScheduled(Event):
    """An attempt failed and another one follows."""

    attempt: int
    """The attempt that failed."""
    delay: float
    """Seconds until the next one may start."""
    error: str


@frozen(kw_only=True)
class LimiterWaited(Event):
    """A call had to wait for the rate limit."""

    bucket: str
    waited: float
    """Seconds."""


@frozen(kw_only=True)
class BucketFrozen(Event):
    """The API answered 429: its bucket is frozen for everybody. Told once for each freeze."""

    bucket: str
    seconds: float


@frozen(kw_only=True)
class CallAbandoned(Event):
    """A call was cancelled by its caller."""

    maybe_sent: bool
    """Whether a request may have reached the API and had its effect."""
    key: str | None
    """The order or transaction id in question, where the operation has one."""


@frozen(kw_only=True)
class DriftFound(Event):
    """A member of an answer was not of its documented type; its raw value was kept."""

    path: str
    """For example ``transactions[3].points``."""
    expected: str
    got: str


@frozen(kw_only=True)
class ReleaseFailed(Event):
    """Something reserved could not be given back; it lapses by itself."""

    reference: str
    """Of the hold or of the lock."""
    error: str
    """The type of what went wrong."""


Hook = Callable[[Event], object]

_LEVELS: Final[dict[type[Event], int]] = {
    BucketFrozen: logging.WARNING,
    CallAbandoned: logging.INFO,
    DriftFound: logging.INFO,
    ReleaseFailed: logging.WARNING,
    RetryScheduled: logging.INFO,
}


def _level(kind: type[Event]) -> int:
    return _LEVELS.get(kind, logging.DEBUG)


def _log(event: Event) -> None:
    """Write *event* to the log, all of its fields: events hold only what may be shown."""
    level = _level(type(event))
    if LOGGER.isEnabledFor(level):
        LOGGER.log(level, "%s %s", type(event).__name__, attrs.asdict(event))


class Hooks:
    """The listeners of one client; a listener that raises is logged once and ignored.

    No event is built unless somebody listens.
    """

    __slots__ = ("_failed", "_listeners")

    def __init__(self, listeners: tuple[Hook, ...]) -> None:
        self._listeners = (*listeners, _log)
        self._failed: set[int] = set()

    def wanted(self, kind: type[Event]) -> bool:
        """Whether anybody would see an event of this kind."""
        return len(self._listeners) > 1 or LOGGER.isEnabledFor(_level(kind))

    def tell(self, kind: type[Event], **facts: Any) -> None:
        """Make an event and show it, if anybody listens."""
        if self.wanted(kind):
            self._show(kind(**facts))

    def _show(self, event: Event) -> None:
        """Show *event* to every listener."""
        for listener in self._listeners:
            try:
                listener(event)
            except Exception as error:  # noqa: BLE001 - a listener never breaks a call
                if id(listener) not in self._failed:  # a listener need not be hashable
                    self._failed.add(id(listener))
                    name = type(error).__name__
                    LOGGER.error("a hook raised %s and is ignored", name)  # noqa: TRY400 - its frames may hold anything
