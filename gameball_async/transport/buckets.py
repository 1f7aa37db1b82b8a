"""When may the next request start, and whose is it? Arithmetic and order: no clock, no waiting."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Mapping
from heapq import heappop, heappush
from math import inf
from types import MappingProxyType
from typing import Any, Final, Generic, Protocol, TypeVar

from attrs import frozen

from gameball_async.config import Priority, Window

SLACK: Final = 0.002
"""Seconds added to every window. One millisecond is for servers that stamp whole ones and count
both edges of their window; the other is for clocks that run 30 millionths apart for 30 s."""
BACKGROUND_SHARE: Final = 0.9
"""The part of the sustained rate that background calls may use."""
LAG: Final = 0.02
"""Seconds of lateness that the background pace makes up for; an idle past earns no more."""
TURNS: Final = 20
"""A waiting background call gets at least every so many-th grant."""
FIRST_FREEZE: Final = 1.0
"""Seconds; the shortest freeze, whatever ``Retry-After`` says."""
LONGEST_STEP: Final = 30.0
"""Seconds; where the doubling ends."""
LONGEST_FREEZE: Final = 300.0
"""Seconds; a longer ``Retry-After`` is not believed."""
BLUR: Final = 0.01
"""Seconds by which what a burst of calls is told may be early, which saves reckoning for each."""
SPARE: Final = 8
"""Dead places that a line may hold beyond its living ones before it is swept."""


def reserve(window: Window) -> int:
    """How many tokens of *window* are never given to background calls."""
    if window.seconds < 2:
        return min(5, window.limit // 6)
    return min(30, window.limit // 12)


@frozen
class WindowSnapshot:
    """One window of a bucket, at one moment."""

    limit: int
    seconds: float
    free: int
    """Requests that could start now, as far as this window is concerned."""


@frozen
class BucketSnapshot:
    """One bucket, at one moment."""

    windows: tuple[WindowSnapshot, ...]
    waiting: Mapping[Priority, int]
    """Calls in line."""
    frozen_for: float
    """Seconds until a 429 is over; 0.0 when there is none."""
    probing: bool
    """The freeze is over, and all wait for one request to be answered well."""


class Tokens:
    """One window of one bucket: `limit` tokens, each of them free, on the wire or on its way back.

    A token that is used comes back one window after its request is known to have been counted.
    So the server sees each token at most once in any window, whatever the network delays.
    """

    __slots__ = ("free", "limit", "reserve", "returns", "seconds", "span", "strays")

    def __init__(self, window: Window) -> None:
        self.limit: int = window.limit
        self.seconds: float = window.seconds
        self.span: float = window.seconds + SLACK
        self.reserve: int = reserve(window)
        self.free: int = window.limit
        self.returns: list[float] = []
        """When tokens come back; in order, because answers are noted as they come."""
        self.strays: list[float] = []
        """A heap: when the tokens of unanswered requests come back."""

    def collect(self, answers: list[float], now: float) -> None:
        """Schedule the return of the tokens *answers* tell of; free every token that is due."""
        returns, strays = self.returns, self.strays
        if answers:
            span = self.span
            returns.extend([at + span for at in answers])
        if returns and returns[0] <= now:
            due = bisect_right(returns, now)
            self.free += due
            del returns[:due]
        while strays and strays[0] <= now:
            heappop(strays)
            self.free += 1

    def due(self) -> float:
        """When the next token comes back; infinite while all that are gone are on the wire."""
        at = self.returns[0] if self.returns else inf
        return min(at, self.strays[0]) if self.strays else at

    def nth(self, after: int, now: float, tight: Tokens) -> float:
        """A lower bound of the time of the grant that comes *after* so many from now on.

        A long window opens for many at once, whom the *tight* one then lets through by and by.

        Every grant takes a token for one window or longer, and a request that is on the wire
        keeps its token for at least one window from now. The slack is left out, to be on the safe
        side of rounding.
        """
        rank = after - self.free
        if rank < 0:
            return now
        at = 0.0
        limit = self.limit
        if rank >= limit:
            rounds = rank // limit
            rank -= rounds * limit
            at = rounds * self.seconds
        last = self._back(rank, now)
        if rank >= tight.limit:
            behind = rank // tight.limit
            first = self._back(rank - behind * tight.limit, now) + behind * tight.seconds
            last = max(last, first)
        return at + last

    def _back(self, rank: int, now: float) -> float:
        """A lower bound of when the token is back that comes after *rank* others."""
        returns = self.returns
        if self.strays:
            rank -= len(self.strays)
            if rank < 0:
                return min(now + self.seconds, self.due())
        return returns[rank] if rank < len(returns) else now + self.seconds


class Freeze:
    """What 429 does to a bucket: closed for a while, then one probe, then open again."""

    __slots__ = ("closed", "probe", "refusals", "until")

    def __init__(self) -> None:
        self.closed: bool = False
        self.until: float = -inf
        """When the probe may go."""
        self.probe: object = None
        """The permit of the one request that may be on its way while closed.

        Every other permit that has not ended was granted before the freeze.
        """
        self.refusals: int = 0
        """Freezes in a row, without a good answer to a probe."""

    def ends(self) -> float:
        """When the next request may go, in the past if open; infinite while a probe is out."""
        return inf if self.probe is not None else self.until

    def older(self, permit: object) -> bool:
        """Whether it is closed, and *permit* was granted before."""
        return self.closed and permit is not self.probe

    def refuse(self, permit: object, retry_after: float | None, now: float) -> float:
        """Take note of a 429 and return the seconds until the probe."""
        late = self.older(permit)
        if retry_after is not None:
            pause = min(LONGEST_FREEZE, max(FIRST_FREEZE, retry_after))
        elif late:
            pause = 0.0
        else:
            pause = min(LONGEST_STEP, FIRST_FREEZE * 2 ** min(self.refusals, 10))
        if not late:
            self.closed = True
            self.refusals += 1
        self.until = max(self.until, now + pause)
        self.drop(permit)
        return self.until - now

    def answer(self, permit: object, now: float) -> None:
        """Open the bucket when it was the probe that was answered.

        Not before the end of the freeze: a refusal that came in late may have moved it.
        """
        if permit is self.probe:
            self.probe = None
            self.refusals = 0
            self.closed = now < self.until

    def drop(self, permit: object) -> None:
        """Let another probe go when this one told nothing."""
        if permit is self.probe:
            self.probe = None


class Place(Protocol):
    """What stands in a line."""

    line: Line[Any] | None
    """Where it waits; None once its turn came or it left."""


P = TypeVar("P", bound=Place)


class Line(Generic[P]):
    """First come, first served; places that were left are skipped later."""

    __slots__ = ("live", "places")

    def __init__(self) -> None:
        self.live: int = 0
        """How many wait."""
        self.places: deque[P] = deque[P]()

    def push(self, place: P, ahead: int) -> None:
        """Let *place* wait behind all, or at the head if none are *ahead*."""
        place.line = self
        self.live += 1
        if ahead:
            self.places.append(place)
        else:
            self.places.appendleft(place)

    def take(self, count: int) -> list[P]:
        """The first *count* that still wait; there must be as many."""
        if len(self.places) > self.live:
            return [self.pop() for _ in range(count)]
        self.live -= count
        popleft = self.places.popleft
        return [popleft() for _ in range(count)]

    def pop(self) -> P:
        """The first that still waits; there must be one."""
        while (place := self.places.popleft()).line is not self:
            pass
        self.live -= 1
        return place

    def forget(self, place: P) -> None:
        """Let *place* be skipped, and sweep when most of the line is dead."""
        place.line = None
        self.live -= 1
        if len(self.places) > 2 * self.live + SPARE:
            self.places = deque([kept for kept in self.places if kept.line is self])


class Quota:
    """One bucket: its windows, its freeze and its background pace.

    While nobody waits, tokens are lent to the fast path in one lump: `credit` counts what is left
    of it and `answers` collects when answers came. `settle` folds both into the windows.
    """

    __slots__ = (
        "answers",
        "beyond",
        "bound",
        "calm",
        "credit",
        "first",
        "freeze",
        "fresh",
        "interval",
        "lent",
        "max_transit",
        "overtaken",
        "pace",
        "tight",
        "windows",
    )

    def __init__(self, windows: tuple[Window, ...], max_transit: float) -> None:
        self.windows: tuple[Tokens, ...] = tuple(Tokens(window) for window in windows)
        self.max_transit: float = max_transit
        self.tight: Tokens = min(self.windows, key=lambda tokens: tokens.span)
        self.interval: float = 1 / (BACKGROUND_SHARE * min(w.limit / w.seconds for w in windows))
        self.pace: float = -inf
        """When the next background call may go."""
        self.overtaken: int = 0
        """Interactive grants since the last background one; begins anew with the first in line."""
        self.freeze: Freeze = Freeze()
        self.credit: int = 0
        self.lent: int = 0
        self.calm: bool = False
        """An answer need only be noted: it can neither open the bucket nor be waited for."""
        self.answers: list[float] = []
        self.bound: float = -inf
        """What `survey` found for `first` calls ahead and more, up to `beyond`."""
        self.first: int = 0
        self.beyond: int = 0
        """With so many ahead it has to be found anew; 0 after `settle`, which comes before every
        change that lets calls go sooner."""
        self.fresh: float = -inf
        """How long it may be told if nothing happens."""

    def settle(self, now: float) -> None:
        """End the fast path and bring every window up to date."""
        self.beyond = 0
        self.fresh = now + BLUR
        spent = self.lent - self.credit
        self.lent = self.credit = 0
        answers = self.answers
        for tokens in self.windows:
            tokens.free -= spent
            tokens.collect(answers, now)
        answers.clear()

    def lend(self) -> None:
        """Open the fast path; only after `settle`, while nobody waits and nothing is frozen."""
        self.lent = self.credit = min([tokens.free for tokens in self.windows])
        self.calm = True

    def opens(self, now: float, *, paced: bool) -> float:
        """When the next call may go: at once if that is not after *now*.

        Infinite when only the end of a request can tell. For background calls (*paced*) it may be
        early: they ask again.
        """
        at = max(now, self.freeze.ends())
        if paced:
            at = max(at, self.pace)
        for tokens in self.windows:
            if tokens.free <= (tokens.reserve if paced else 0):
                at = max(at, tokens.due())
        return at

    def steady(self, at: float) -> bool:
        """Whether no answer can let the next call go before *at*, which `opens` told.

        Tokens come back in the order of the answers: a new one overtakes only those of lost
        requests. The answer to a probe opens a bucket, but nobody can tell when.
        """
        return at < inf and not any(tokens.strays for tokens in self.windows)

    def spend(self, now: float, *, background: bool) -> None:
        """Take a token of every window."""
        for tokens in self.windows:
            tokens.free -= 1
        if background:
            self.pace = max(self.pace, now - LAG) + self.interval
            self.overtaken = 0
        else:
            self.overtaken += 1

    def stray(self, sent: float) -> None:
        """Schedule the return of the token of a request that may still be on its way."""
        for tokens in self.windows:
            heappush(tokens.strays, sent + self.max_transit + tokens.span)

    def refund(self) -> None:
        """Free the token of a request that never left."""
        for tokens in self.windows:
            tokens.free += 1

    def soonest(self, ahead: int, now: float) -> float:
        """A lower bound of the grant that comes after so many from now on, in all windows.

        It is that of an interactive call with so many of its kind *ahead*, if none of them
        leaves: background calls cannot delay it for sure. After `settle`.
        """
        at, tight = self.freeze.until, self.tight
        for tokens in self.windows:
            opens = tokens.nth(ahead, now, tight)
            if opens > at:  # noqa: PLR1730 - a call of max costs far more
                at = opens
        return at

    def survey(self, ahead: int, now: float) -> None:
        """Set `bound` to `soonest`; the second of a burst asks for all who may go at once with it.

        It holds for them because nobody goes before those ahead. Tokens on the wire may move it,
        and so it does not last.
        """
        burst = ahead == self.beyond
        self.bound = self.soonest(ahead, now)
        self.first, self.beyond = ahead, ahead + 1
        if burst:
            last = ahead + (self.tight.free - ahead - 1) % self.tight.limit
            if self.soonest(last, now) <= self.bound + BLUR:
                self.beyond = last + 1

    def earliest(self, now: float, *, interactive: int, background: int) -> float:
        """As `soonest`, of a background call with so many of both kinds ahead."""
        turns = (TURNS - 1) * (background + 1) - self.overtaken
        at = self.soonest(background + min(interactive, turns), now)
        last = TURNS - (0 if background else self.overtaken)
        owed = self.soonest(background + last - 1, now)
        return max(at, min(self.pace + background * self.interval - SLACK, owed))

    def snapshot(self, now: float, waiting: Mapping[Priority, int]) -> BucketSnapshot:
        """How the bucket stands, in values that do not change; after `settle`."""
        return BucketSnapshot(
            windows=tuple(WindowSnapshot(t.limit, t.seconds, t.free) for t in self.windows),
            waiting=MappingProxyType(waiting),
            frozen_for=max(0.0, self.freeze.until - now),
            probing=self.freeze.closed and self.freeze.until <= now,
        )

    def inherit(self, old: Quota, now: float) -> None:
        """Go on where *old* ends, whose requests on the wire will never be reported."""
        old.settle(now)
        self.pace, self.freeze = old.pace, old.freeze
        self.freeze.probe = None
        for mine, his in zip(self.windows, old.windows, strict=True):
            mine.free, mine.strays = his.free, his.strays.copy()
            mine.returns.extend(his.returns)
            lost = mine.limit - mine.free - len(mine.returns) - len(mine.strays)
            for _ in range(lost):
                heappush(mine.strays, now + self.max_transit + mine.span)
