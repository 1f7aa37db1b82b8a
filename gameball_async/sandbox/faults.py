"""Failures to order: which request they strike, how often, before or after its effect."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Final, TypedDict, Unpack

import attrs
from attrs import define, field, frozen

from gameball_async.transport.http import Answer

_JSON: Final = {"content-type": "application/json"}
_HTML: Final = b"<html><body><h1>503 Service Unavailable</h1></body></html>"


@frozen
class Cut:
    """An answer that does not arrive whole: the first half of it, or nothing at all."""

    answer: Answer | None = None


class Where(TypedDict, total=False):
    """Which requests a fault strikes, and how long they take."""

    method: str
    """Upper case, or ``*``."""
    path: str
    """Below ``/integrations``, as it travels; ``*`` stands for anything."""
    times: int | None
    """How many requests; None for all."""
    seconds: float
    """Latency on top of the sandbox's own."""


@frozen(kw_only=True)
class Fault:
    """A rule: what happens to matching requests. Make one with the class methods."""

    method: str = "*"
    path: str = "*"
    times: int | None = field(
        default=None, validator=attrs.validators.optional(attrs.validators.ge(1))
    )
    seconds: float = field(default=0.0, validator=attrs.validators.ge(0))
    before: bool = False
    """Whether the request is stopped before it has any effect."""
    reply: Answer | None = None
    """Answer with this instead; None keeps the real one."""
    half: bool = False
    """Whether the answer breaks off in the middle of its body."""
    drop: bool = False
    """Whether the connection closes without an answer."""

    @classmethod
    def slow(
        cls, seconds: float, *, method: str = "*", path: str = "*", times: int | None = None
    ) -> Fault:
        """Take *seconds* more; the effect comes at their end."""
        return cls(method=method, path=path, times=times, seconds=seconds)

    @classmethod
    def dropped(cls, *, after: bool = False, **where: Unpack[Where]) -> Fault:
        """Close the connection without an answer."""
        return cls(before=not after, drop=True, **where)

    @classmethod
    def truncated(cls, **where: Unpack[Where]) -> Fault:
        """Break the answer off after half its body; the request has had its effect."""
        return cls(half=True, **where)

    @classmethod
    def garbage(cls, *, after: bool = True, **where: Unpack[Where]) -> Fault:
        """Answer 200 with something that is not JSON."""
        return cls(before=not after, reply=Answer(200, _JSON, b"{not json"), **where)

    @classmethod
    def too_many_requests(
        cls, *, retry_after: int | str | None = None, **where: Unpack[Where]
    ) -> Fault:
        """Answer 429 before the effect, with or without ``Retry-After``."""
        headers = {} if retry_after is None else {"retry-after": str(retry_after)}
        return cls(before=True, reply=Answer(429, headers), **where)

    @classmethod
    def unavailable(cls, *, after: bool = False, **where: Unpack[Where]) -> Fault:
        """Answer 503 with HTML, as a gateway does."""
        reply = Answer(503, {"content-type": "text/html"}, _HTML)
        return cls(before=not after, reply=reply, **where)

    @classmethod
    def answered(
        cls,
        status: int,
        body: bytes = b"",
        *,
        headers: Mapping[str, str] | None = None,
        after: bool = False,
        **where: Unpack[Where],
    ) -> Fault:
        """Answer whatever you like, before or after the effect."""
        reply = Answer(status, _JSON if headers is None else headers, body)
        return cls(before=not after, reply=reply, **where)

    def bend(self, answer: Answer | None) -> Answer | Cut:
        """What becomes of the real *answer*; None where there is none."""
        if self.drop:
            return Cut()
        outcome = self.reply or answer
        if outcome is None:
            return Cut()
        return Cut(outcome) if self.half else outcome


@define(eq=False)
class Planted:
    """A fault at work in a sandbox."""

    fault: Fault
    _faults: list[Planted] = field(repr=False)
    hits: int = 0
    """Requests it has struck."""

    def strikes(self, method: str, path: str) -> bool:
        """Whether the fault wants a request to *path*."""
        fault = self.fault
        return (
            (fault.times is None or self.hits < fault.times)
            and fault.method in {"*", method}
            and fnmatchcase(path, fault.path)
        )

    def remove(self) -> None:
        """Take the fault away; a second time does nothing."""
        if self in self._faults:
            self._faults.remove(self)


def strike(faults: list[Planted], method: str, path: str) -> Fault | None:
    """The first fault that wants the request; it has struck once more then."""
    for planted in faults:
        if planted.strikes(method, path):
            planted.hits += 1
            return planted.fault
    return None
