"""Many orders without ``await``: pulled and told in the caller's thread, tracked on the loop."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterable, Callable, Coroutine, Iterable, Iterator
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Self, TypeVar, cast

from gameball_async.bulk import stream as aio
from gameball_async.bulk.outcomes import BulkOutcome, BulkReport
from gameball_async.bulk.tracking import CUT, GRACE, Tracking
from gameball_async.models.orders import Order
from gameball_sync._bridge import Facade, Method, aio_of, run

__all__ = ("OutcomeStream", "blocking_report", "blocking_stream")

A = TypeVar("A")
P = ParamSpec("P")


async def _begin(stream: aio.OutcomeStream, *, feed: bool) -> asyncio.AbstractEventLoop:
    """Start, with a task that pulls or without one."""
    if feed:
        stream.begin()
    else:
        stream.tracking.begin()
    return asyncio.get_running_loop()


class _Inlet:
    """A plain iterable, pulled in the caller's thread and handed to the loop order by order.

    One wake-up serves all that is handed over before the loop gets to look: a wake-up for each
    order would cost a third of what tracking it costs.
    """

    __slots__ = ("_armed", "_handed", "_loop", "_orders", "_tracking", "ended")

    def __init__(self, tracking: Tracking, orders: Iterator[Order]) -> None:
        self._armed = False
        """Whether a wake-up is on its way."""
        self._handed = deque[Order]()
        self._orders = orders
        self._tracking = tracking
        self.ended: bool = False
        """Whether there is nothing more to pull."""

    def open(self, loop: asyncio.AbstractEventLoop) -> None:
        """Say on which loop the orders are wanted."""
        self._loop = loop

    def pull(self) -> bool:
        """Hand over the next order; False when there is none, or none is wanted any more."""
        try:
            if not self._tracking.halted:
                for order in self._orders:
                    self._hand_over(order)
                    return True
        except Exception as error:  # noqa: BLE001 - raised when what is under way has finished
            self._end(error)
        else:
            self._end(None)
        return False

    def _end(self, error: Exception | None) -> None:
        self.ended = True
        self._loop.call_soon_threadsafe(self._tracking.end, error)

    def _hand_over(self, order: Order) -> None:
        self._handed.append(order)
        if not self._armed:
            self._armed = True
            self._loop.call_soon_threadsafe(self._admit_all)

    def _admit_all(self) -> None:
        """Admit what was handed over; on the loop."""
        self._armed = False  # before the first look: what comes later wakes us again
        while self._handed:
            self._tracking.admit(self._handed.popleft())


class OutcomeStream:
    """What becomes of many orders, as it is known: ``for outcome in stream``.

    Nothing is pulled and nothing sent before the first outcome is asked for. Orders pulled and
    outcomes not yet taken are never more than ``max_in_flight`` together. A plain iterable is
    pulled in the thread that iterates, so it may block and may call `gameball_sync` itself. A
    stream that is dropped pulls no more; what is under way is finished.
    """

    __slots__ = ("_aio", "_begun", "_inlet", "_outcomes", "_under_way")

    def __init__(self, stream: aio.OutcomeStream, orders: object) -> None:
        self._aio = stream
        self._begun = False
        self._inlet: _Inlet | None = None
        if not isinstance(orders, AsyncIterable):
            self._inlet = _Inlet(stream.tracking, iter(cast("Iterable[Order]", orders)))
        self._outcomes = deque[BulkOutcome]()
        self._under_way = 0

    @property
    def report(self) -> BulkReport:
        """How many orders were pulled so far, and what became of them."""
        return self._aio.report

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> BulkOutcome:
        self._begin()
        while not self._outcomes:
            if self._aio.tracking.finished or not self._pull():
                run(self._take)
                if not self._outcomes:
                    raise StopIteration
        self._under_way -= 1
        return self._outcomes.popleft()

    async def _take(self) -> None:
        """Put what there is where `close` finds it, though the caller be interrupted meanwhile."""
        self._outcomes.extend(await self._aio.tracking.take())

    def _begin(self) -> None:
        if not self._begun:
            loop = run(_begin, self._aio, feed=self._inlet is None)
            if self._inlet is not None:
                self._inlet.open(loop)
            self._begun = True

    def _pull(self) -> bool:
        """Pull an order; False when there is nothing to do but to wait."""
        inlet = self._inlet
        if inlet is None or inlet.ended or self._under_way >= self._aio.tracking.window:
            return False
        pulled = inlet.pull()
        self._under_way += pulled
        return pulled

    def close(self) -> tuple[BulkOutcome, ...]:
        """Pull no more, and give what is under way 5 seconds to finish.

        Returns:
            The outcomes that were not iterated over; what had to be cut off is among them.
        """
        self.end(GRACE)
        return self.rest()

    def end(self, grace: float) -> None:
        """Pull no more, and give what is under way *grace* seconds to finish."""
        run(self._aio.tracking.aclose, grace)

    def rest(self) -> tuple[BulkOutcome, ...]:
        """Take the outcomes that were not iterated over."""
        rest = (*self._outcomes, *self._aio.tracking.drain())
        self._outcomes.clear()
        return rest


def _report_of(stream: OutcomeStream, on_outcome: aio.Listener | None) -> BulkReport:
    """Iterate over *stream* to its end; an interrupt cuts off what is under way."""
    show = on_outcome or aio.ignore
    try:
        for outcome in stream:
            show(outcome)
    except (Exception, *CUT) as error:
        try:
            stream.end(GRACE if isinstance(error, Exception) else 0)
        finally:  # a second interrupt comes with the first as its context
            aio.show_rest(stream.rest(), show)
            stream.report.attach(error)
        raise
    return stream.report


def blocking_report(
    method: Callable[Concatenate[A, P], Coroutine[Any, Any, BulkReport]],
    streaming: Callable[..., aio.OutcomeStream],
) -> Method[A, P, BulkReport]:
    """Make a blocking call of *method*: the stream of *streaming*, iterated to its end."""

    @wraps(method)
    def call(
        self: Facade[A],
        /,
        orders: Any,
        *,
        on_outcome: aio.Listener | None = None,
        **options: Any,
    ) -> BulkReport:
        aio.check_listener(on_outcome)
        stream = OutcomeStream(streaming(aio_of(self), orders, **options), orders)
        return _report_of(stream, on_outcome)

    return cast("Method[A, P, BulkReport]", call)


def blocking_stream(
    method: Callable[Concatenate[A, P], aio.OutcomeStream],
) -> Method[A, P, OutcomeStream]:
    """Make a plain iterator of what *method* makes for ``async for``."""

    @wraps(method)
    def call(self: Facade[A], /, *args: P.args, **kwargs: P.kwargs) -> OutcomeStream:
        stream = method(aio_of(self), *args, **kwargs)
        return OutcomeStream(stream, args[0] if args else kwargs["orders"])

    return cast("Method[A, P, OutcomeStream]", call)
