"""Batch jobs: what waits, what is done, and how far it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

from attrs import define, field

from gameball_async.sandbox.refusals import Refusal
from gameball_async.sandbox.wire import JsonObject, zulu

Doing: TypeAlias = Callable[[Any, datetime], JsonObject]
"""Does one item as of a time; returns what its success says, or raises `Refusal`."""

_STEP: Final = 100


@define(eq=False)
class Job:
    """A batch under way."""

    id: int
    operation: str
    created_at: datetime
    items: Sequence[Any]
    do: Doing
    name_of: Callable[[Any], str]
    """What a failed item is called by."""
    status: Literal["queued", "running", "completed", "failed", "stopped"] = "queued"
    started_at: datetime | None = None
    done: int = 0
    successful: list[JsonObject] = field(factory=list[JsonObject])
    failed: list[JsonObject] = field(factory=list[JsonObject])

    def step(self, now: datetime) -> bool:
        """Go on; returns whether there will be another step."""
        if self.status == "queued":
            self.status, self.started_at = "running", now
            return True
        if self.status != "running":
            return False
        for item in self.items[self.done : self.done + _STEP]:
            self._do(item, now)
        self.done += len(self.items[self.done : self.done + _STEP])
        if self.done < len(self.items):
            return True
        self.status = "completed" if self.successful else "failed"
        return False

    def _do(self, item: Any, now: datetime) -> None:
        try:
            self.successful.append(self.do(item, now))
        except Refusal as refusal:
            self.failed.append({"customerId": self.name_of(item), "message": refusal.message})

    def stop(self) -> None:
        """End the job where it is; what is done stays done."""
        if self.status in {"queued", "running"}:
            self.status = "stopped"

    def as_batch(self) -> JsonObject:
        """The job as ``GET /batch/{jobId}`` has it (C-69)."""
        begun = self.started_at is not None
        return {
            "operation": self.operation,
            "errorCount": len(self.failed),
            "totalCount": len(self.items) if begun else 0,
            "finishedCount": len(self.successful),
            "startedAt": None if self.status == "failed" else zulu(self.started_at),
            "createdAt": zulu(self.created_at),
            "status": self.status,
            "response": {"successful": self.successful, "failed": self.failed} if begun else None,
        }

    def as_batches(self) -> JsonObject:
        """The job as ``GET /batches/{batchId}/status`` has it (C-69)."""
        words = {"queued": "pending", "running": "processing"}
        return {
            "batchId": str(self.id),
            "status": words.get(self.status, self.status),
            "progress": 100 * self.done // len(self.items),
            "totalItems": len(self.items),
            "processedItems": self.done,
            "failedItems": len(self.failed),
            "results": self.successful,
            "errors": self.failed,
        }
