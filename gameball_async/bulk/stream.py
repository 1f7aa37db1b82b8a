"""What becomes of many orders, one outcome after the other, or as a report in the end."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
from collections.abc import AsyncIterable, Callable, Iterable, Iterator
from typing import Final, Generic, Self, TypeAlias, TypeVar

from gameball_async.bulk.outcomes import BulkOutcome, BulkReport
from gameball_async.bulk.tracking import CUT, Tracking
from gameball_async.models.orders import Order

T = TypeVar("T")

TURN: Final = 0.001
"""Seconds for which a plain iterable may be pulled before everybody else has a turn; one that
takes longer for a single item blocks the loop for that long."""

Listener: TypeAlias = Callable[[BulkOutcome], object]


def check_listener(on_outcome: object) -> None:
    """Refuse what cannot be called, and what would have to be awaited.

    Raises:
        TypeError: It names the argument.
    """
    if on_outcome is None:
        return
    if not callable(on_outcome) or inspect.iscoroutinefunction(on_outcome):
        raise TypeError(
            f"on_outcome must be a plain function, got {on_outcome!r}; where something has to be "
            "awaited for each outcome, iterate over orders.track_stream"
        )


def _refuse_one(orders: object) -> None:
    if not isinstance(orders, AsyncIterable | Iterable):
        raise TypeError(f"orders must be an iterable of Order, got {type(orders).__name__}")


class _Plain(Generic[T]):
    """A plain iterable, pulled on the loop, where everybody else has a turn again and again."""

    __slots__ = ("_items", "_pulling")

    def __init__(self, items: Iterable[T]) -> None:
        self._items: Iterator[T] = iter(items)
        self._pulling = 0.0
        """Seconds spent since the last turn of the others."""

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        if self._pulling > TURN:
            self._pulling = 0.0
            await asyncio.sleep(0)
        clock = asyncio.get_running_loop().time
        began = clock()
        for item in self._items:
            self._pulling += clock() - began
            return item
        raise StopAsyncIteration


class OutcomeStream:
    """What becomes of many orders, as it is known: ``async for outcome in stream``.

    Nothing is pulled and nothing sent before the first outcome is asked for. Orders pulled and
    outcomes not yet taken are never more than ``max_in_flight`` together. A stream that is dropped
    pulls no more; what is under way is finished.
    """

    __slots__ = ("_orders", "tracking")

    def __init__(self, tracking: Tracking, orders: Iterable[Order] | AsyncIterable[Order]) -> None:
        self.tracking: Tracking = tracking
        """What does the work."""
        self._orders = orders
        _refuse_one(orders)

    @property
    def report(self) -> BulkReport:
        """How many orders were pulled so far, and what became of them."""
        return self.tracking.report

    def begin(self) -> None:
        """Start pulling, unless that was done already."""
        tracking, orders = self.tracking, self._orders
        if tracking.feeder is None and not tracking.halted:
            tracking.feed(orders if isinstance(orders, AsyncIterable) else _Plain(orders))

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> BulkOutcome:
        self.begin()
        outcome = await self.tracking.next()
        if outcome is None:
            raise StopAsyncIteration
        return outcome

    async def aclose(self) -> tuple[BulkOutcome, ...]:
        """Pull no more, and give what is under way 5 seconds to finish.

        Returns:
            The outcomes that were not iterated over; what had to be cut off is among them.
        """
        await self.tracking.aclose()
        return tuple(self.tracking.drain())

    def __del__(self) -> None:
        """Pull no more: the consumer is gone."""
        self.tracking.drop()


async def report_of(stream: OutcomeStream, on_outcome: Listener | None) -> BulkReport:
    """Iterate over *stream* to its end, showing each outcome to *on_outcome*.

    However it ends, *on_outcome* sees every outcome, and the error carries the report.
    """
    show = on_outcome or ignore
    try:
        async for outcome in stream:
            show(outcome)
    except (Exception, *CUT) as error:
        again = await _closed(stream)
        show_rest(stream.tracking.drain(), show)
        stream.report.attach(error)
        if again is not None:  # it was thrown into us, so that nothing else links the two
            raise again from error
        raise
    return stream.report


async def _closed(stream: OutcomeStream) -> BaseException | None:
    """Close *stream*; returns what has cut that short."""
    try:
        await stream.tracking.aclose()
    except CUT as again:
        return again
    return None


def show_rest(outcomes: Iterable[BulkOutcome], show: Listener) -> None:
    """Show what was not shown before the error that ends the call; another one is ignored."""
    for outcome in outcomes:
        with contextlib.suppress(Exception):
            show(outcome)


def ignore(outcome: BulkOutcome) -> None:
    """Look at nothing."""
