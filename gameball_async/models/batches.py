"""Batches: a thousand items in one request, and the job that works through them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, cast

from attrs import evolve, field, frozen

from gameball_async.models.events import as_events, refuse_reserved
from gameball_async.models.fields import Events, Money, Number, check, exactly_one
from gameball_async.models.orders import OrderTransaction

MOST_ITEMS: Final = 1000
"""The most items that one batch takes (C-70)."""


@frozen(kw_only=True)
class BalanceAdjustment:
    """A change of one customer's balance."""

    customer_id: str
    amount: Money
    """Points to add, or below zero to deduct. The API does not say whether it means points or
    money (C-71): try it with one customer first."""
    reason: str | None = None

    __attrs_post_init__ = check


@frozen(kw_only=True)
class BatchCashback:
    """Money that one customer spent, to be rewarded."""

    customer_id: str
    transaction_id: str
    """Your id of the reward, unique."""
    transaction_time: datetime
    """Time in your system, another one for each item."""
    amount: Money
    """What the customer spent, in the account's currency."""
    email: str | None = field(default=None, repr=False)
    mobile: str | None = field(default=None, repr=False)

    __attrs_post_init__ = check


@frozen(kw_only=True)
class BatchRedemption:
    """Points of one customer to burn: by value, by number, or what a hold reserved."""

    customer_id: str
    transaction_id: str
    """Your id of the redemption, unique."""
    transaction_time: datetime
    """Time in your system, another one for each item."""
    email: str | None = field(default=None, repr=False)
    mobile: str | None = field(default=None, repr=False)
    amount: Money | None = None
    """Value in the account's currency."""
    points: int | None = None
    hold_reference: str | None = None
    """From `transactions.hold`."""

    def __attrs_post_init__(self) -> None:
        check(self)
        exactly_one(self, "amount", "points", "hold_reference")


@frozen(kw_only=True)
class BatchEvents:
    """Events of one customer, by name, with their metadata."""

    customer_id: str
    events: Events = field(converter=as_events)
    """As in `events.send`."""

    def __attrs_post_init__(self) -> None:
        check(self)
        refuse_reserved(self)


def batch_of(items: Iterable[object], name: str, *kinds: type, wire: str) -> dict[str, list[Any]]:
    """The body of a batch, whose failures can be told apart by one id.

    Args:
        items: What to do, one for each customer or order.
        name: What the caller calls them, for errors.
        *kinds: What an item may be.
        wire: Where an item that is a mapping has its id.

    Raises:
        TypeError: An item, or all of them together, is of another kind.
        ValueError: There are too many or none, or an id is missing or comes twice.
    """
    if isinstance(items, str | Mapping):
        kind = type(cast("object", items)).__name__
        raise TypeError(f"{name}: must be a list, got {kind}")
    listed = list(items)
    if not 1 <= len(listed) <= MOST_ITEMS:
        raise ValueError(f"{name}: a batch takes 1 to {MOST_ITEMS} items, got {len(listed)}")
    seen: set[str] = set()
    for index, item in enumerate(listed):
        where = f"{name}[{index}]"
        if not isinstance(item, kinds):
            expected = " or ".join(kind.__name__ for kind in kinds)
            raise TypeError(f"{where}: must be a {expected}, got {type(item).__name__}")
        who = _id_of(item, wire)
        if not isinstance(who, str) or not who:
            raise ValueError(f"{where}: its {wire} must be a text and not empty")
        if who in seen:
            raise ValueError(
                f"{where}: {who!r} comes twice. A job names its failures by this id alone, so "
                "that the two could not be told apart: put the second one into another batch"
            )
        seen.add(who)
    return {"body": listed}


def _id_of(item: object, wire: str) -> object:
    """What a job calls an item."""
    if isinstance(item, str):
        return item
    if isinstance(item, Mapping):
        return cast("Mapping[str, object]", item).get(wire)
    return getattr(item, "customer_id", None)


class BatchStatus(StrEnum):
    """What became of a job, in either vocabulary and without regard to case (C-69)."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    """All items were tried; some may have failed."""
    FAILED = "failed"
    """Nothing worked."""
    STOPPED = "stopped"

    @classmethod
    def _missing_(cls, value: object) -> "BatchStatus | None":
        folded = str(value).casefold()
        folded = {"pending": "queued", "processing": "running"}.get(folded, folded)
        return next((status for status in cls if status.value == folded), None)


_ENDS: Final = (BatchStatus.COMPLETED, BatchStatus.FAILED, BatchStatus.STOPPED)


@frozen(kw_only=True, weakref_slot=False)
class BatchSuccess:
    """An item that worked."""

    customer_id: str | None = None
    message: str | None = None
    order_id: str | None = None
    """Of `batches.order_transactions` only, as the two members that follow."""
    transactions: list[OrderTransaction] | None = None
    count: int | None = None
    details: dict[str, Any] | None = field(default=None, metadata={"wire": None})
    """The whole row as plain JSON, with what only some operations tell. Not the API's."""


@frozen(kw_only=True, weakref_slot=False)
class BatchFailure:
    """An item that failed."""

    customer_id: str | None = None
    """Of `batches.order_transactions` this is the ORDER's id."""
    message: str | None = field(default=None, metadata={"also": ("error",)})
    """Why."""


@frozen(kw_only=True, weakref_slot=False)
class BatchResponse:
    """What a job has done so far, as one of the two paths tells it."""

    successful: list[BatchSuccess] | None = None
    failed: list[BatchFailure] | None = None
    plain: list[Any] | None = field(default=None, metadata={"wire": "successful"})
    """The successes once more, as plain JSON."""


@frozen(kw_only=True, weakref_slot=False)
class BatchAnswer:
    """What any call on a job is answered, in all shapes at once (C-69)."""

    job_id: int | None = field(default=None, metadata={"also": ("batchId",)})
    operation: str | None = None
    status: BatchStatus | str | None = None
    total_count: Number | None = field(default=None, metadata={"also": ("totalItems",)})
    finished_count: Number | None = field(default=None, metadata={"also": ("processedItems",)})
    error_count: Number | None = field(default=None, metadata={"also": ("failedItems",)})
    progress: Number | None = None
    started_at: datetime | None = None
    created_at: datetime | None = None
    message: str | None = None
    response: BatchResponse | None = None
    results: list[BatchSuccess] | None = None
    plain: list[Any] | None = field(default=None, metadata={"wire": "results"})
    """The results once more, as plain JSON."""
    errors: list[BatchFailure] | None = None


@frozen(kw_only=True, weakref_slot=False)
class BatchJob:
    """A batch under way, or done; both documented shapes are read into this one (C-69)."""

    job_id: int | str | None = None
    operation: str | None = None
    """What the job does, in the API's words."""
    status: BatchStatus | str | None = None
    """None where the answer does not tell it; then ask `batches.get`."""
    total_count: Number | None = None
    finished_count: Number | None = None
    """Items done; in the samples of one shape those that failed are not counted."""
    error_count: Number | None = None
    progress: Number | None = None
    """Told by one of the two shapes; its unit is not documented."""
    started_at: datetime | None = None
    """None as well in jobs that failed at once."""
    created_at: datetime | None = None
    message: str | None = None
    successful: list[BatchSuccess] = field(factory=list[BatchSuccess])
    """So far, while the job is running."""
    failed: list[BatchFailure] = field(factory=list[BatchFailure])

    @property
    def is_over(self) -> bool:
        """Whether the job has ended; a state that nobody documents counts as running."""
        return self.status in _ENDS


def job_of(answer: BatchAnswer, job_id: int | str | None) -> BatchJob:
    """Read an answer, whichever of the two shapes it has.

    Args:
        answer: What the API said.
        job_id: Which job was asked about; None takes the answer's word.

    Returns:
        The job; rows that are no objects have become messages.
    """
    told = answer.response if isinstance(answer.response, BatchResponse) else None
    if told is None:
        told = BatchResponse(successful=answer.results, failed=answer.errors, plain=answer.plain)
    return BatchJob(
        job_id=answer.job_id if job_id is None else job_id,
        operation=answer.operation,
        status=answer.status,
        total_count=answer.total_count,
        finished_count=answer.finished_count,
        error_count=answer.error_count,
        progress=answer.progress,
        started_at=answer.started_at,
        created_at=answer.created_at,
        message=answer.message,
        successful=[
            _success(row, plain)
            for row, plain in zip(_list(told.successful), _list(told.plain), strict=True)
        ],
        failed=[_failure(row) for row in _list(told.failed)],
    )


def _list(rows: object) -> list[Any]:
    """The rows of an answer; something else in their place is kept as one row."""
    if rows is None:
        return []
    return [*cast("list[object]", rows)] if isinstance(rows, list) else [rows]


def _success(row: object, plain: object) -> BatchSuccess:
    if not isinstance(row, BatchSuccess):
        return BatchSuccess(message=str(row))
    details = cast("dict[str, Any]", plain) if isinstance(plain, dict) else None
    return evolve(row, details=details)


def _failure(row: object) -> BatchFailure:
    return row if isinstance(row, BatchFailure) else BatchFailure(message=str(row))
