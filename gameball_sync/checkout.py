"""The blocking checkout: one line per step, everything else is the async one's."""

from __future__ import annotations

from types import TracebackType
from typing import Final, Self

from gameball_async import checkout as aio
from gameball_sync._bridge import Facade, blocking, run


class Checkout(Facade[aio.Checkout]):
    """One customer's way to the till; what it reserves ends in an order, or is given back.

    It works inside its ``with``, one step at a time. Leaving without `place`, by an error or a
    Ctrl-C too, releases the points and the coupons within 5 seconds. Two things cannot be
    released, and are told: what was reserved without an answer, and what an order of unknown
    outcome may have used.
    """

    __slots__ = ()

    preview: Final = blocking(aio.Checkout.preview)
    hold_points: Final = blocking(aio.Checkout.hold_points)
    lock_coupons: Final = blocking(aio.Checkout.lock_coupons)
    place: Final = blocking(aio.Checkout.place)

    @property
    def customer_id(self) -> str:
        """Whose checkout this is."""
        return self._aio.customer_id

    def __enter__(self) -> Self:
        run(self._aio.__aenter__)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        run(self._aio.__aexit__, kind, error, traceback)
