"""Orders under way: at most so many at once, and one customer's in their order."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter, deque
from collections.abc import AsyncIterable, Awaitable, Callable
from typing import Any, Final

import anyio

from gameball_async.bulk.outcomes import BulkOutcome, BulkReport, BulkResult
from gameball_async.errors import ClientClosedError, NotSentError, OutcomeUnknownError
from gameball_async.models.orders import Order, OrderReceipt

GRACE: Final = 5.0
"""Seconds that orders under way get to finish when a bulk call is cancelled or closed."""
CUT: Final = (asyncio.CancelledError, KeyboardInterrupt, SystemExit)
"""What ends a task from outside."""

StopOn = type[Exception] | tuple[type[Exception], ...]


def _refuse_window(max_in_flight: object) -> None:
    number = max_in_flight if isinstance(max_in_flight, int) else 0
    if isinstance(max_in_flight, bool) or number < 1:
        raise ValueError(f"max_in_flight must be a whole number above 0, got {max_in_flight!r}")


def _classes(stop_on: StopOn) -> tuple[type[Exception], ...]:
    classes = stop_on if isinstance(stop_on, tuple) else (stop_on,)
    kind: Any
    for kind in classes:
        if not isinstance(kind, type) or not issubclass(kind, Exception):
            raise TypeError(f"stop_on must be a class of exceptions or a tuple of them: {kind!r}")
    return classes


class Tracking:
    """The one owner of what a bulk call has pulled and not told yet.

    A customer's next order starts when the one before it has ended, however it ended.
    """

    __slots__ = (
        "_check",
        "_error",
        "_fed",
        "_finished",
        "_lines",
        "_loop",
        "_news",
        "_pulled",
        "_results",
        "_room",
        "_stamp_dates",
        "_stop_on",
        "_tasks",
        "_track",
        "_under_way",
        "feeder",
        "halted",
        "window",
    )

    def __init__(
        self,
        track: Callable[[Order], Awaitable[OrderReceipt]],
        *,
        check: Callable[[], object],
        max_in_flight: int,
        stop_on: StopOn,
        stamp_dates: bool,
    ) -> None:
        """Set up; nothing is pulled and nothing sent.

        Args:
            track: Records one order.
            check: Raises what every order would fail with alike.
            max_in_flight: The most orders pulled and not told.
            stop_on: Errors after which nothing more is started.
            stamp_dates: Whether an order without a date may become one of this moment.
        """
        _refuse_window(max_in_flight)
        self.window: int = max_in_flight
        self.halted: bool = False
        """Whether nothing more is started."""
        self.feeder: asyncio.Task[None] | None = None
        self._check = check
        self._track = track
        self._stamp_dates = stamp_dates
        self._stop_on: tuple[type[Exception], ...] = (ClientClosedError, *_classes(stop_on))
        self._error: BaseException | None = None
        """Raised when everything has been told."""
        self._fed = False
        """Whether the source has nothing more."""
        self._finished = deque[BulkOutcome]()
        self._lines: dict[str, deque[tuple[int, Order]]] = {}
        """By customer: the orders behind the one under way."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._news = asyncio.Event()
        self._room = asyncio.Event()
        self._pulled = 0
        self._results = Counter[BulkResult]()
        self._tasks = set[asyncio.Task[None]]()
        self._under_way = 0

    @property
    def report(self) -> BulkReport:
        """How it stands."""
        return BulkReport.counted(self._pulled, self._results)

    @property
    def finished(self) -> int:
        """Outcomes that wait to be taken; may be asked from any thread."""
        return len(self._finished)

    def begin(self) -> None:
        """Bind to the running loop; raise what every order would fail with."""
        self._check()
        self._loop = asyncio.get_running_loop()

    def feed(self, orders: AsyncIterable[Order]) -> None:
        """Pull *orders* in a task of its own, as long as there is room."""
        self.begin()
        self.feeder = self._spawn(self._feed(orders))
        self.feeder.add_done_callback(self._stop_feeding)

    def _spawn(self, work: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _feed(self, orders: AsyncIterable[Order]) -> None:
        async for order in orders:
            self.admit(order)
            while self._under_way >= self.window:
                self._room.clear()
                await self._room.wait()

    def _stop_feeding(self, feeder: asyncio.Task[None]) -> None:
        self.end(asyncio.CancelledError() if feeder.cancelled() else feeder.exception())

    def end(self, error: BaseException | None = None) -> None:
        """Take notice that the source has ended, or raised *error*."""
        self._fed = True
        if not self.halted:
            self._error = error
        self._news.set()

    def admit(self, order: Order) -> None:
        """Start an order that was pulled, or put it behind the same customer's."""
        index = self._pulled
        self._pulled += 1
        self._under_way += 1
        flaw = self._flaw(index, order)
        if flaw is not None:
            self._tell(BulkOutcome(index=index, order=order, error=flaw))
        elif order.customer_id in self._lines:
            self._lines[order.customer_id].append((index, order))
        else:
            line = self._lines[order.customer_id] = deque(((index, order),))
            _ = self._spawn(self._serve(order.customer_id, line))

    def _flaw(self, index: int, order: object) -> Exception | None:
        """Why an order is not sent."""
        if not isinstance(order, Order):
            return TypeError(f"orders[{index}] must be an Order, got {type(order).__name__}")
        if order.order_date is None and not self._stamp_dates:
            return ValueError(
                f"order {order.order_id!r} has no order_date, and a history must not become today: "
                "set it, or pass stamp_dates=True"
            )
        return None

    async def _serve(self, customer: str, line: deque[tuple[int, Order]]) -> None:
        """Track one customer's orders until none is left."""
        try:
            while line:
                self._tell(await self._outcome(*line.popleft()))
        finally:
            del self._lines[customer]

    async def _outcome(self, index: int, order: Order) -> BulkOutcome:
        """Track one order; whatever happens is an outcome."""
        if self.halted:
            return BulkOutcome(index=index, order=order, error=_not_started())
        try:
            return BulkOutcome(index=index, order=order, receipt=await self._track(order))
        except Exception as error:  # noqa: BLE001 - told, and raised where `stop_on` says so
            return BulkOutcome(index=index, order=order, error=error)
        except CUT as error:
            self.halt(error)
            return BulkOutcome(index=index, order=order, error=_cut_off(order, error))

    def _tell(self, outcome: BulkOutcome) -> None:
        self._results[outcome.result] += 1
        self._finished.append(outcome)
        if self._stops(outcome.error):
            self.halt(outcome.error)
        self._news.set()

    def _stops(self, error: BaseException | None) -> bool:
        """Whether `stop_on` names *error*, or what the last attempt behind it ended with."""
        last = error.last_error if isinstance(error, OutcomeUnknownError) else None
        return isinstance(error, self._stop_on) or isinstance(last, self._stop_on)

    def halt(self, error: BaseException | None = None) -> None:
        """Pull no more and start no more; raise *error* when everything has been told."""
        if self.halted:
            return
        self.halted = True
        self._error = self._error or error
        if self.feeder is None:
            self._fed = True
        else:
            self.feeder.cancel()

    async def next(self) -> BulkOutcome | None:
        """Wait for an outcome.

        Returns:
            The outcome; None when everything has been told.
        """
        while not self._finished:
            if self._fed and not self._lines:
                self._raise()
                return None
            self._news.clear()
            await self._news.wait()
        self._free(1)
        return self._finished.popleft()

    async def take(self) -> list[BulkOutcome]:
        """Wait for an outcome and return all there are; none when everything has been told."""
        outcome = await self.next()
        return [] if outcome is None else [outcome, *self.drain()]

    def drain(self) -> list[BulkOutcome]:
        """Return the outcomes that wait to be taken."""
        outcomes = [*self._finished]
        self._finished.clear()
        self._free(len(outcomes))
        return outcomes

    def _free(self, places: int) -> None:
        self._under_way -= places
        self._room.set()

    def _raise(self) -> None:
        """Raise, once, what has ended the call."""
        error, self._error = self._error, None
        if error is not None:
            self.report.attach(error)
            raise error

    async def aclose(self, grace: float = GRACE) -> None:
        """Start no more, give what is under way *grace* seconds, then cut it off."""
        self.halt()
        with anyio.CancelScope(shield=True):
            try:
                await self._wait(grace)
            finally:
                for task in self._tasks:
                    task.cancel()
                await self._wait(None)
                self._tell_unstarted()

    async def _wait(self, seconds: float | None) -> None:
        if self._tasks:
            await asyncio.wait({*self._tasks}, timeout=seconds)

    def _tell_unstarted(self) -> None:
        """Tell of orders whose task was cut off before its first step."""
        for line in self._lines.values():
            for index, order in line:
                self._tell(BulkOutcome(index=index, order=order, error=_not_started()))
        self._lines.clear()

    def drop(self) -> None:
        """Start no more, because nobody asks any more; may be called from any thread."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed, and everything with it
                self._loop.call_soon_threadsafe(self.halt)


def _cut_off(order: Order, error: BaseException) -> OutcomeUnknownError:
    message = f"the call was cut off by {type(error).__name__}"
    return OutcomeUnknownError(message, operation="POST /orders", key=order.order_id)


def _not_started() -> NotSentError:
    return NotSentError("the bulk call ended before this order's turn", operation="POST /orders")
