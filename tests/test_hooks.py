"""What listeners and the log are told, and what they can never break."""

from __future__ import annotations

import logging
from typing import Any

import attrs
import pytest
from attrs import frozen

from gameball_async import hooks as events
from gameball_async.hooks import (
    LOGGER,
    BucketFrozen,
    CallAbandoned,
    DriftFound,
    Event,
    Hooks,
    LimiterWaited,
    ReleaseFailed,
    RequestFinished,
    RequestStarted,
    RetryScheduled,
)

SAMPLES: dict[type[Event], dict[str, Any]] = {
    RequestStarted: {"attempt": 1},
    RequestFinished: {
        "attempt": 1,
        "status": 422,
        "request_id": "r-1",
        "elapsed": 0.5,
        "error": "DuplicateError",
    },
    RetryScheduled: {"attempt": 1, "delay": 0.25, "error": "ServerError"},
    LimiterWaited: {"bucket": "orders", "waited": 1.5},
    BucketFrozen: {"bucket": "orders", "seconds": 30.0},
    CallAbandoned: {"maybe_sent": True, "key": "A-1"},
    ReleaseFailed: {"reference": "h-1", "error": "OutcomeUnknownError"},
    DriftFound: {"path": "transactions[3].points", "expected": "int", "got": "string"},
}


class Ear(list[Event]):
    """A listener that remembers; being a list, it cannot be hashed."""

    def __call__(self, event: Event) -> None:
        self.append(event)


class DeafError(Exception):
    """What a broken listener raises."""


class Broken:
    """A listener that raises, and counts how often it was asked."""

    __hash__ = None  # type: ignore[assignment] # like every mutable class that compares by value

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, _event: Event) -> None:
        self.asked += 1
        raise DeafError("api-key-0123456789")


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    """The log shows warnings and what is worse, unless a test asks for more."""
    caplog.set_level(logging.WARNING, LOGGER.name)


def explode(**_facts: Any) -> Event:
    raise AssertionError("an event was built and nobody listens")


# -- who listens --------------------------------------------------------------------------------


def test_no_event_is_built_when_nobody_listens() -> None:
    kind: Any = explode
    Hooks(()).tell(kind, operation="GET /orders")
    with pytest.raises(AssertionError, match="nobody listens"):
        Hooks((print,)).tell(kind, operation="GET /orders")


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_listener_hears_every_kind(kind: type[Event]) -> None:
    ear = Ear()
    hooks = Hooks((ear,))
    assert hooks.wanted(kind)
    hooks.tell(kind, operation="POST /orders", **SAMPLES[kind])
    assert [kind(operation="POST /orders", **SAMPLES[kind])] == ear


def test_all_listeners_hear_in_their_order() -> None:
    heard: list[str] = []
    hooks = Hooks((lambda _: heard.append("first"), lambda _: heard.append("second")))
    hooks.tell(RequestStarted, operation="GET /orders", attempt=1)
    assert ["first", "second"] == heard


# -- the log ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "level"),
    [
        (RequestStarted, logging.DEBUG),
        (RequestFinished, logging.DEBUG),
        (LimiterWaited, logging.DEBUG),
        (RetryScheduled, logging.INFO),
        (CallAbandoned, logging.INFO),
        (DriftFound, logging.INFO),
        (BucketFrozen, logging.WARNING),
        (ReleaseFailed, logging.WARNING),
    ],
)
def test_the_log_has_every_kind_at_its_level(
    kind: type[Event], level: int, caplog: pytest.LogCaptureFixture
) -> None:
    hooks = Hooks(())
    for enabled in (level, level + 1):
        caplog.set_level(enabled, LOGGER.name)
        assert (enabled == level) is hooks.wanted(kind)
        hooks.tell(kind, operation="POST /orders", **SAMPLES[kind])
    [record] = caplog.records
    assert (LOGGER.name, level) == (record.name, record.levelno)
    facts = {"operation": "POST /orders", **SAMPLES[kind]}
    assert f"{kind.__name__} {facts}" == record.getMessage()


def test_the_log_keeps_to_its_level_though_somebody_listens(
    caplog: pytest.LogCaptureFixture,
) -> None:
    Hooks((print,)).tell(RequestStarted, operation="POST /orders", attempt=1)
    assert [] == caplog.records


def test_the_package_is_silent_where_logging_is_not_set_up() -> None:
    assert "gameball_async" == LOGGER.name
    assert any(isinstance(one, logging.NullHandler) for one in LOGGER.handlers)


@frozen
class Fuse:
    """Raises at whoever looks at it."""

    def __getattribute__(self, name: str) -> object:
        raise AssertionError(f"{name} was looked at")


def test_what_the_log_will_not_show_is_not_put_into_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    hooks = Hooks((lambda _: None,))
    hooks.tell(RequestStarted, operation="POST /orders", attempt=Fuse())
    assert [] == caplog.records
    caplog.set_level(logging.DEBUG, LOGGER.name)
    hooks.tell(RequestStarted, operation="POST /orders", attempt=Fuse())
    assert ["a hook raised AssertionError and is ignored"] == caplog.messages


# -- broken listeners ---------------------------------------------------------------------------


def test_a_listener_that_raises_is_logged_once_and_ignored(
    caplog: pytest.LogCaptureFixture,
) -> None:
    broken, ear = Broken(), Ear()
    hooks = Hooks((broken, ear))
    for attempt in (1, 2, 3):
        hooks.tell(RequestStarted, operation="GET /orders", attempt=attempt)
    assert 3 == broken.asked == len(ear)
    [record] = caplog.records
    assert logging.ERROR == record.levelno
    assert "a hook raised DeafError and is ignored" == record.getMessage()
    assert record.exc_info is None, "the frames of the exception may hold anything"


def test_each_broken_listener_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    hooks = Hooks((Broken(), Broken()))
    for attempt in (1, 2):
        hooks.tell(RequestStarted, operation="GET /orders", attempt=attempt)
    assert 2 == len(caplog.records)


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
def test_what_ends_the_program_is_no_broken_listener(kind: type[BaseException]) -> None:
    def stop(_event: Event) -> None:
        raise kind

    with pytest.raises(kind):
        Hooks((stop,)).tell(RequestStarted, operation="GET /orders", attempt=1)


# -- what events hold ---------------------------------------------------------------------------


def kinds() -> list[type[Event]]:
    return [*Event.__subclasses__()]


def test_every_kind_is_sampled_and_public() -> None:
    assert {*SAMPLES} == {kind for kind in kinds() if kind.__module__ == events.__name__}
    assert {kind.__name__ for kind in SAMPLES} | {"Event", "Hook", "Hooks"} == {*events.__all__}


ALLOWED = {
    "operation", "attempt", "status", "request_id", "elapsed", "error", "delay", "bucket",
    "waited", "seconds", "maybe_sent", "key", "path", "expected", "got", "reference",
}  # fmt: skip
"""`CallAbandoned.key` is an order or transaction id, not a secret."""


@pytest.mark.parametrize("kind", SAMPLES)
def test_an_event_holds_nothing_but_allowed_facts(kind: type[Event]) -> None:
    names = {field.name for field in attrs.fields(kind)}
    assert set() == names - ALLOWED
    assert {"operation", *SAMPLES[kind]} == names


@pytest.mark.parametrize("kind", SAMPLES)
def test_facts_are_named_where_an_event_is_made(kind: type[Any]) -> None:
    with pytest.raises(TypeError, match="positional"):
        kind(*SAMPLES[kind].values(), operation="POST /orders")


@pytest.mark.parametrize("kind", SAMPLES)
def test_events_are_frozen(kind: type[Event]) -> None:
    event = kind(operation="POST /orders", **SAMPLES[kind])
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        event.operation = "GET /orders"  # type: ignore[misc]


def test_a_finished_request_has_no_error_unless_told_so() -> None:
    facts = {name: value for name, value in SAMPLES[RequestFinished].items() if name != "error"}
    assert RequestFinished(operation="GET /orders", **facts).error is None
