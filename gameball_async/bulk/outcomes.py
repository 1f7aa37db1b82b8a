"""What became of each of many orders, and of all of them together."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from attrs import frozen

from gameball_async.errors import ApiError, NotSentError, WrongEventLoopError
from gameball_async.models.orders import Order, OrderReceipt

_NOTHING_HAPPENED: Final = (ApiError, NotSentError, WrongEventLoopError, TypeError, ValueError)
"""Errors that are certain; after any other one the order may be recorded."""
_REPORT: Final = "bulk_report"
"""The attribute of an error that holds the report of the bulk call it ended."""


class BulkResult(StrEnum):
    """What became of an order."""

    TRACKED = "tracked"
    """It is recorded now."""
    ALREADY_RECORDED = "already_recorded"
    """An earlier attempt had recorded it; its figures were read back from the ledger."""
    FAILED = "failed"
    """It is not recorded by this call, for certain: it was refused, or never sent."""
    UNKNOWN = "unknown"
    """It may be recorded; send it again with ``resend=True``."""


@frozen(kw_only=True)
class BulkOutcome:
    """What became of one order: a receipt or an error."""

    index: int
    """Its place in the input, counted from 0."""
    order: Order
    """The very object that was pulled."""
    receipt: OrderReceipt | None = None
    error: BaseException | None = None
    """What `orders.track` raises, or why the order was not sent; None when it is recorded."""

    @property
    def result(self) -> BulkResult:
        """What became of it, in one word."""
        if self.error is not None:
            certain = isinstance(self.error, _NOTHING_HAPPENED)
            return BulkResult.FAILED if certain else BulkResult.UNKNOWN
        if self.receipt is not None and self.receipt.already_recorded:
            return BulkResult.ALREADY_RECORDED
        return BulkResult.TRACKED


@frozen(kw_only=True)
class BulkReport:
    """How many orders a bulk call has pulled, and what became of them."""

    pulled: int = 0
    """Orders taken from the input."""
    tracked: int = 0
    already_recorded: int = 0
    failed: int = 0
    """Refused or never sent; `BulkOutcome.error` tells which."""
    unknown: int = 0
    """May be recorded; send them again with ``resend=True``."""

    @classmethod
    def counted(cls, pulled: int, results: Mapping[BulkResult, int]) -> BulkReport:
        """A report of so many orders with these results."""
        return cls(pulled=pulled, **{result.value: results[result] for result in BulkResult})

    @property
    def under_way(self) -> int:
        """Orders pulled that have no outcome yet; 0 once the call has ended."""
        return self.pulled - self.tracked - self.already_recorded - self.failed - self.unknown

    @property
    def complete(self) -> bool:
        """Whether every order pulled is recorded."""
        return self.pulled == self.tracked + self.already_recorded

    @staticmethod
    def of(error: BaseException | None) -> BulkReport | None:
        """The report of the bulk call that *error* has ended.

        Args:
            error: What the call raised, or an error that was made of it, as `asyncio.timeout`
                makes one.

        Returns:
            The report; None when *error* has ended no bulk call.
        """
        seen: set[int] = set()  # an error may have been raised from itself
        while error is not None and id(error) not in seen:
            report = vars(error).get(_REPORT)
            if isinstance(report, BulkReport):
                return report
            seen.add(id(error))
            error = error.__cause__ or error.__context__
        return None

    def attach(self, error: BaseException) -> None:
        """Let *error* carry this report."""
        vars(error)[_REPORT] = self
