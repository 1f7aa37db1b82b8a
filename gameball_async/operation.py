"""What an endpoint is to a call: where it lives, what it returns, and how it may be treated."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import cached_property
from types import FunctionType
from typing import Generic, Literal, TypeVar, cast

from attrs import Factory, field, frozen
from attrs.validators import matches_re

from gameball_async.config import Bucket

T = TypeVar("T")


class Replay(StrEnum):
    """What sending the same request twice does."""

    READ = "read"
    """Nothing: it changes nothing."""
    KEYED = "keyed"
    """Nothing more: an id of yours makes the API refuse the second one."""
    IDEMPOTENT = "idempotent"
    """Nothing more: the state after it is the same."""
    UNSAFE = "unsafe"
    """It happens twice."""


def _default_replay(operation: Operation[object]) -> Replay:
    """A GET is a read, whatever is not named is unsafe."""
    return Replay.READ if operation.method == "GET" else Replay.UNSAFE


def _name(operation: Operation[object]) -> str:
    return f"{operation.method} {operation.path}"


@frozen
class Operation(Generic[T]):
    """One endpoint: where it lives, what it returns, and how it may be treated."""

    method: str = field(validator=matches_re("[A-Z]+"))
    path: str = field(validator=matches_re(r'/[!"$-~]*'))
    """Below ``/integrations``; ``{name}`` marks a parameter."""
    _returns: type[T] | Callable[[], type[T]]
    bucket: Bucket = Bucket.OTHERS
    replay: Replay = field(
        default=Factory(_default_replay, takes_self=True), converter=Replay, kw_only=True
    )
    secret: bool = field(default=True, kw_only=True)
    """Whether the secret key is needed whatever the version and the account's settings are."""
    key: str | None = field(default=None, kw_only=True)
    """The body member, in the wire's spelling, whose id makes a repetition harmless."""
    stamp: str | None = field(default=None, kw_only=True)
    """The body member that tells when it happened; a model's is filled in when it is None."""
    language: Literal["header", "query"] | None = field(default=None, kw_only=True)
    """How the call's language travels, where the operation knows languages."""

    name: str = field(init=False, repr=False, default=Factory(_name, takes_self=True))
    """How errors and events call it, e.g. ``POST /orders``."""

    @cached_property
    def returns(self) -> type[T]:
        """A model, ``dict`` for plain JSON, or ``type(None)`` where no body is documented.

        Given as a function it is made on first use, so that a process loads the models it needs.
        """
        given = self._returns
        return cast("type[T]", given() if isinstance(given, FunctionType) else given)
