"""Who may send the next request: two lines of waiting calls in front of every bucket."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from math import inf
from types import MappingProxyType
from typing import Any, Final

from gameball_async.config import Bucket, Priority, RateLimits, Window
from gameball_async.errors import ConfigurationError, WrongEventLoopError
from gameball_async.transport.buckets import TURNS, BucketSnapshot, Line, Quota
from gameball_async.transport.http import Clock, SystemClock, Timer

_INTERACTIVE: Final = Priority.INTERACTIVE


class Permit:
    """The right to send one request: one token of every window of its bucket.

    Exactly one of `answered`, `refused`, `unanswered` and `unused` ends it; later ones are ignored.
    """

    __slots__ = ("gate", "sent_at")

    gate: _Gate | None
    """What is told of the ending; None once there was one."""
    sent_at: float | None
    """When the request left; None as long as it did not."""

    def sent(self) -> None:
        """Note that the request is about to leave; the last call counts."""
        if (gate := self.gate) is not None:
            monotonic = gate.monotonic  # called where it lies, it would be looked up anew
            self.sent_at = monotonic()

    def answered(self) -> None:
        """End with a complete answer other than 429: the token is back one window from now."""
        if (gate := self.gate) is not None:
            self.gate = None
            if gate.calm:
                monotonic = gate.monotonic
                gate.answers.append(monotonic())
            else:
                gate.answered(self)

    def refused(self, retry_after: float | None) -> float:
        """End with a 429: the token is back one window from now, and the bucket is frozen.

        Args:
            retry_after: Seconds the API asked to wait, None when it did not say.

        Returns:
            Seconds until a probe may go; 0.0 when an ending has already been told.
        """
        if (gate := self.gate) is None:
            return 0.0
        self.gate = None
        return gate.refused(self, retry_after)

    def unanswered(self) -> None:
        """End without an answer: the token is back one window after the request must be there."""
        if (gate := self.gate) is not None:
            self.gate = None
            gate.unanswered(self, self.sent_at)

    def unused(self) -> None:
        """End without a request: the token is free at once."""
        if (gate := self.gate) is not None:
            self.gate = None
            gate.unused(self)

    @property
    def frozen(self) -> bool:
        """Whether its bucket froze after the grant: hand it back unused and join at the front."""
        gate = self.gate
        return gate is not None and gate.freeze.older(self)


class Ticket(Permit):
    """A place in line, and the permit when its turn has come."""

    __slots__ = ("collected", "earliest", "future", "line")

    line: Line[Ticket] | None
    """Where it waits; None once its turn came or it left."""
    earliest: float
    """Monotonic time: no grant comes before it, unless calls ahead leave or fail."""
    future: asyncio.Future[None]
    """What the call waits for; nobody else ends it."""
    collected: bool
    """Whether the call has its permit."""

    async def granted(self) -> Permit:
        """Wait for the turn.

        A call that is cancelled here leaves the line; a grant it was just given goes to the next.

        Returns:
            The permit, which is now the caller's to end.
        """
        try:
            await self.future
        except BaseException:
            self.leave()
            raise
        self.collected = True
        return self

    def leave(self) -> None:
        """Give up the place, or the grant that was not collected."""
        if (gate := self.gate) is not None and not self.collected:
            if self.line is None:
                self.unused()
            else:
                gate.forget(self, self.line)

    def promote(self) -> None:
        """Join the tail of the interactive line, if it still waits in the background."""
        if (gate := self.gate) is not None and self.line is gate.background:
            gate.promote(self)


def _wake(tickets: Iterable[Ticket]) -> None:
    """Let those go whose turn has come; one that is just being cancelled will hand it on."""
    for ticket in tickets:
        ticket.line = None
        future = ticket.future
        if not future.done():
            future.set_result(None)


class _Gate(Quota):
    """One bucket with the calls that wait for it and the one timer that wakes them."""

    __slots__ = (
        "alarm",
        "background",
        "clock",
        "interactive",
        "loop",
        "monotonic",
        "timer",
    )

    calm: bool
    loop: asyncio.AbstractEventLoop
    """Where calls wait; not set before somebody does."""

    def __init__(self, windows: tuple[Window, ...], clock: Clock, max_transit: float) -> None:
        super().__init__(windows, max_transit)
        self.clock: Clock = clock
        self.monotonic: Callable[[], float] = clock.monotonic
        self.interactive: Line[Ticket] = Line[Ticket]()
        self.background: Line[Ticket] = Line[Ticket]()
        self.timer: Timer | None = None
        self.alarm: float = inf
        """When the timer rings."""

    def attempt(self, priority: Priority) -> Permit | None:
        """Grant at once if nobody must go first and a token is free; no interactive call waits."""
        background = priority is not _INTERACTIVE
        if self.background.live and (background or self._owed()):
            return None
        now = self.monotonic()
        self.settle(now)
        permit = None
        if self.opens(now, paced=background) <= now:
            permit = Permit()
            permit.gate = self
            permit.sent_at = None
            self._spend(permit, now, background=background)
        self.serve(now)
        return permit

    def _owed(self) -> bool:
        """Whether the next grant belongs to a waiting background call."""
        return self.overtaken >= TURNS - 1 and bool(self.background.live)

    def _spend(self, permit: Permit, now: float, *, background: bool) -> None:
        """Spend a token on *permit*; while frozen, it is the probe's."""
        self.spend(now, background=background)
        if self.freeze.closed:
            self.freeze.probe = permit

    def join(self, line: Line[Ticket], ahead: int) -> Ticket:
        """Put a call in *line* behind *ahead* others, all or none; serve it if it may go now."""
        behind = line.live
        now = self.monotonic()
        if self.answers or not behind or now > self.fresh:
            self.settle(now)
        ticket = Ticket()
        ticket.gate = self
        ticket.sent_at = None
        ticket.collected = False
        ticket.future = asyncio.Future()
        if line is self.interactive:
            if not self.first <= ahead < self.beyond:
                self.survey(ahead, now)
            ticket.earliest = self.bound
        else:
            if not behind:
                self.overtaken = 0
            before = self.interactive.live
            ticket.earliest = self.earliest(now, interactive=before, background=ahead)
        line.push(ticket, ahead)
        if not behind:
            self.serve(now)
        return ticket

    def promote(self, ticket: Ticket) -> None:
        """Move a waiting background call to the tail of the interactive line."""
        now = self.monotonic()
        self.settle(now)
        self.background.forget(ticket)
        ahead = self.interactive.live
        ticket.earliest = min(ticket.earliest, self.soonest(ahead, now))
        self.interactive.push(ticket, ahead)
        self.serve(now)

    def forget(self, ticket: Ticket, line: Line[Any]) -> None:
        """Take a call that gave up out of its line."""
        line.forget(ticket)
        ticket.gate = None
        if not self.interactive.live and not self.background.live:
            self._rest()

    def answered(self, permit: Permit) -> None:
        """Book a complete answer; it matters at once if it opens the bucket or sets the timer."""
        now = self.monotonic()
        self.answers.append(now)
        if self.freeze.closed:
            self.freeze.answer(permit, now)
        self._settle_and_serve(now)

    def refused(self, permit: Permit, retry_after: float | None) -> float:
        """Book a 429 and freeze."""
        now = self.monotonic()
        self.answers.append(now)
        pause = self.freeze.refuse(permit, retry_after, now)
        self._settle_and_serve(now)
        return pause

    def unanswered(self, permit: Permit, sent: float | None) -> None:
        """Book a request that may still be on its way."""
        now = self.monotonic()
        self.stray(now if sent is None else sent)
        self.freeze.drop(permit)
        self._settle_and_serve(now)

    def unused(self, permit: Permit) -> None:
        """Book a request that never left."""
        self.refund()
        self.freeze.drop(permit)
        self._settle_and_serve(self.monotonic())

    def _settle_and_serve(self, now: float) -> None:
        self.settle(now)
        self.serve(now)

    def serve(self, now: float) -> None:
        """Grant to all whose turn it is, then set the timer for the next; after `settle`.

        Calls that wait on a closed loop cannot be woken; what a collected coroutine of that loop
        gives back is kept for the next loop.
        """
        self.calm = False
        if self.interactive.live or self.background.live:
            if self.loop.is_closed():
                return
            if not self.background.live and not self.freeze.closed:
                self._serve_many()
        while True:
            if self.interactive.live and not self._owed():
                background = paced = False
            elif self.background.live:
                background, paced = True, not self._owed()
            else:
                self._rest()
                return
            at = self.opens(now, paced=paced)
            if at > now:
                self._wake_at(at, now)
                self.calm = self.steady(at)
                return
            line = self.background if background else self.interactive
            ticket = line.pop()
            self._spend(ticket, now, background=background)
            _wake([ticket])

    def _serve_many(self) -> None:
        """Grant in one go while there are tokens; only interactive calls wait, and all is open."""
        line = self.interactive
        count = min(line.live, *[tokens.free for tokens in self.windows])
        for tokens in self.windows:
            tokens.free -= count
        _wake(line.take(count))

    def _rest(self) -> None:
        """Nobody waits: no timer, and the fast path unless frozen."""
        self._silence()
        if not self.freeze.closed:
            self.lend()

    def _wake_at(self, at: float, now: float) -> None:
        """Make sure that the timer rings at *at* or earlier."""
        if at == inf or (self.timer is not None and self.alarm <= at):
            return
        self._silence()
        try:
            self.timer = self.clock.call_later(at - now, self._ring)
            self.alarm = at
        except RuntimeError:  # no loop runs: a request was ended between two runs of ours
            self.loop.call_soon(self._ring)

    def _silence(self) -> None:
        """Cancel the timer, if there is one."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None

    def show(self, now: float) -> BucketSnapshot:
        """How the bucket stands."""
        self.settle(now)
        self.serve(now)
        lines = {_INTERACTIVE: self.interactive.live, Priority.BACKGROUND: self.background.live}
        return self.snapshot(now, lines)

    def abandon(self) -> None:
        """Forget the waiting calls and the timer, and leave their loop alone."""
        self.interactive = Line[Ticket]()
        self.background = Line[Ticket]()
        self.timer = None

    def _ring(self) -> None:
        """Serve those whose time has come."""
        self.timer = None
        self._settle_and_serve(self.monotonic())


class Limiter:
    """Keeps one account's requests within the API's rate limits; for one event loop at a time."""

    def __init__(
        self,
        rate_limits: RateLimits | None = None,
        *,
        clock: Clock | None = None,
        max_transit: float = 2.0,
    ) -> None:
        """Start with every token free; needs no running loop.

        Args:
            rate_limits: The windows of every bucket; None stands for ``RateLimits.published()``.
            clock: Where time comes from; None stands for the machine's clock.
            max_transit: Seconds within which a request that left reaches the API's counter.

        Raises:
            ConfigurationError: *max_transit* is not a number of seconds.
        """
        if not 0 <= max_transit < inf:
            raise ConfigurationError(f"max_transit must be 0 or more seconds, got {max_transit!r}")
        self._rate_limits = rate_limits or RateLimits.published()
        self._clock = clock or SystemClock()
        self._max_transit = max_transit
        self._loop: asyncio.AbstractEventLoop | None = None
        self._gates = self._new_gates()

    def _new_gates(self) -> dict[Bucket, _Gate]:
        """Every bucket with all its tokens."""
        return {
            bucket: _Gate(windows, self._clock, self._max_transit)
            for bucket, windows in self._rate_limits.windows.items()
        }

    def attach(self) -> None:
        """Bind to the running event loop.

        Raises:
            WrongEventLoopError: It is bound to another loop, which is not closed.
        """
        loop = asyncio.get_running_loop()
        if loop is self._loop:
            return
        if self._loop is not None:
            if not self._loop.is_closed():
                raise WrongEventLoopError(
                    "the limiter belongs to another event loop, which is not closed; "
                    "make one limiter for each loop"
                )
            self._adopt()
        self._loop = loop
        for gate in self._gates.values():
            gate.loop = loop

    def _adopt(self) -> None:
        """Take the tokens over from a loop that is gone, with its waiting calls and requests."""
        old, self._gates = self._gates, self._new_gates()
        now = self._clock.monotonic()
        for bucket, gate in self._gates.items():
            gate.inherit(old[bucket], now)

    def try_acquire(self, bucket: Bucket, priority: Priority) -> Permit | None:
        """Take a permit if that is possible without waiting.

        Returns:
            The permit, or None when the call has to `join` the line.
        """
        gate = self._gates[bucket]
        if gate.credit and priority is _INTERACTIVE:
            gate.credit -= 1
            permit = Permit()  # a constructor with arguments would cost twice as much
            permit.gate = gate
            permit.sent_at = None
            return permit
        return None if gate.interactive.live else gate.attempt(priority)

    def join(self, bucket: Bucket, priority: Priority, *, front: bool = False) -> Ticket:
        """Wait in line.

        Args:
            bucket: What the call counts against.
            priority: Which line of the bucket.
            front: Go to the head of the line: for a call that was answered with 429.

        Returns:
            The place in line.

        Raises:
            WrongEventLoopError: As `attach`.
        """
        if asyncio.get_running_loop() is not self._loop:
            self.attach()
        gate = self._gates[bucket]
        line = gate.interactive if priority is _INTERACTIVE else gate.background
        return gate.join(line, 0 if front else line.live)

    def snapshot(self) -> Mapping[Bucket, BucketSnapshot]:
        """How every bucket stands at this moment."""
        now = self._clock.monotonic()
        return MappingProxyType({bucket: gate.show(now) for bucket, gate in self._gates.items()})

    def reset(self) -> None:
        """Start anew, as in a forked child: fresh tokens, nobody waiting, no loop, no timer."""
        for gate in self._gates.values():
            gate.abandon()
        self._loop = None
        self._gates = self._new_gates()
