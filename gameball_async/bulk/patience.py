"""How the calls of a bulk call wait: for as long as the rate limit makes them."""

from __future__ import annotations

from typing import Any, Final

from attrs import evolve

from gameball_async.config import Priority
from gameball_async.operation import Operation
from gameball_async.transport.caller import Caller

PATIENCE: Final = 86_400.0
"""Seconds that one call may take. They are spent in line for the rate limit alone: attempts and
the waits between them are bounded by the client's own timers and retry policy."""


def patient(caller: Caller, priority: Priority | str) -> Caller:
    """*caller* with this priority, and no deadline but `PATIENCE`.

    Raises:
        ConfigurationError: There is no such priority.
    """
    options = evolve(caller.within(PATIENCE).options, priority=priority)
    return Caller(caller.core, options)


def check(caller: Caller, operation: Operation[Any]) -> None:
    """Find out before the first call what each of them would fail with.

    Raises:
        ConfigurationError: The operation needs the secret key, and there is none.
        ClientClosedError: The client was closed.
        WrongEventLoopError: The client is in use on another loop, which is alive.
    """
    caller.core.require_secret(operation.name, needed=operation.secret)
    caller.core.runtime(operation.name)
