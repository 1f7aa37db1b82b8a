"""``/batch`` and ``/batches``: the single calls, a thousand at a time, on the sandbox's clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from gameball_async.sandbox.areas.customers import CUSTOMER, shown_balance, upsert
from gameball_async.sandbox.areas.events import EVENT, send
from gameball_async.sandbox.areas.orders import ORDER, track, transactions
from gameball_async.sandbox.areas.redemptions import REDEEM, redeem
from gameball_async.sandbox.areas.rewards import CASHBACK, cashback
from gameball_async.sandbox.checks import check_points
from gameball_async.sandbox.jobs import Doing, Job
from gameball_async.sandbox.ledger import Entry
from gameball_async.sandbox.limits import OTHERS
from gameball_async.sandbox.points import whole_points
from gameball_async.sandbox.refusals import Refusal
from gameball_async.sandbox.routes import Route, Visit
from gameball_async.sandbox.shapes import (
    NAME,
    TEXT,
    TEXTS,
    Member,
    Misfit,
    Reader,
    Shape,
    array_of,
    extra,
    instant,
    integer,
    name,
)
from gameball_async.sandbox.tenant import Tenant
from gameball_async.sandbox.wire import JsonObject

_FIRST_JOB: Final = 123_456
_MOST: Final = 1000

_FLAT: Final = {"name": TEXT, "gender": TEXT, "tags": TEXTS, "custom": Member(extra)}
"""Tutorials put these on the item itself (C-71)."""

BALANCE: Final = Shape({"customerId": NAME})
ADJUSTMENT: Final = Shape(
    {"customerId": NAME, "amount": Member(integer, required=True), "reason": TEXT}
)
DATED_ORDER: Final = Shape({**ORDER.members, "orderDate": Member(instant, required=True)})
FLAT_CUSTOMER: Final = Shape({**CUSTOMER.members, **_FLAT})


def _a_thousand(read: Reader) -> Member:
    """At least one and at most 1,000 items."""
    read_all = array_of(read)

    def read_some(value: Any) -> tuple[Any, ...]:
        if isinstance(value, list) and len(value) > _MOST:  # pyright: ignore[reportUnknownArgumentType] - whatever the items are
            raise Misfit(f"has more than {_MOST} items", code=3011)
        items: tuple[Any, ...] = read_all(value)
        if not items:
            raise Misfit("has no items", code=3000)
        return items

    return Member(read_some, required=True)


def _visit(tenant: Tenant, item: JsonObject, now: datetime) -> Visit:
    return Visit(tenant, {}, {}, item, now)


def _customer(tenant: Tenant, item: JsonObject, now: datetime) -> JsonObject:
    flat: JsonObject = {key: item[key] for key in ("gender", "custom") if key in item}
    if "name" in item:
        flat["displayName"] = item["name"]
    attributes = flat | item.get("customerAttributes", {})
    upsert(_visit(tenant, item | {"customerAttributes": attributes}, now))
    profile = tenant.known(item)
    profile.tags = list(dict.fromkeys([*profile.tags, *item.get("tags", ())]))
    return {"customerId": item["customerId"], "message": "Customer created successfully"}


def _call(
    single: Callable[[Visit], JsonObject], tenant: Tenant, item: JsonObject, now: datetime
) -> JsonObject:
    """One item by the call for one."""
    single(_visit(tenant, item, now))
    return {"customerId": item["customerId"], "message": "Done"}


def _do(
    do: Callable[[Tenant, Any, datetime], JsonObject], tenant: Tenant, item: Any, now: datetime
) -> JsonObject:
    """One item; each is told of by itself."""
    answer = do(tenant, item, now)
    tenant.tell(now)
    return answer


def _order_rows(tenant: Tenant, order_id: str, now: datetime) -> JsonObject:
    visit = Visit(tenant, {"orderId": order_id}, {}, {}, now)
    return {"orderId": order_id, **transactions(visit)}


def _balance(tenant: Tenant, item: JsonObject, now: datetime) -> JsonObject:
    profile = tenant.known(item)
    return {"customerId": item["customerId"], **shown_balance(_visit(tenant, item, now), profile)}


def _adjust(tenant: Tenant, item: JsonObject, now: datetime) -> JsonObject:
    """Add or deduct points; the amount is points (C-71)."""
    profile, points = tenant.known(item), item["amount"]
    if not points:
        raise Refusal(3003, "amount must not be 0")
    moved = whole_points(abs(points))
    entry = Entry(
        type="ManualAccumulation" if points > 0 else "ManualDeduction",
        transaction_id=None,
        customer_id=item["customerId"],
        amount=moved * tenant.program.redemption_factor,
        time=now,
        reason=item.get("reason"),
    )
    if points < 0:
        check_points(profile, moved)
        tenant.ledger.debit(profile, entry, moved)
    else:
        days = tenant.program.points_expiry_days
        expires_at = now + timedelta(days=days) if days else None
        tenant.ledger.credit(profile, entry, moved, expires_at=expires_at)
    return {"customerId": item["customerId"], "message": "Balance adjusted successfully"}


def _customer_id(item: JsonObject) -> str:
    return str(item["customerId"])


def _start(
    operation: str, do: Callable[[Tenant, Any, datetime], JsonObject], visit: Visit
) -> JsonObject:
    """Queue a job; a failed order of a list of ids is called by its id."""
    tenant = visit.tenant
    number = _FIRST_JOB + len(tenant.jobs)
    doing: Doing = partial(_do, do, tenant)
    name_of = str if do is _order_rows else _customer_id
    job = Job(number, f"{operation} Batch Job", visit.now, visit.body["body"], doing, name_of)
    tenant.jobs[number] = job
    _later(tenant, job, visit.now)
    return {"jobId": number}


def _later(tenant: Tenant, job: Job, now: datetime) -> None:
    due = now + timedelta(seconds=tenant.program.batch_seconds)
    tenant.ledger.at(due, partial(_step, tenant, job, due))


def _step(tenant: Tenant, job: Job, now: datetime) -> None:
    if job.step(now):
        _later(tenant, job, now)


def _job(visit: Visit) -> Job:
    """The job in the path."""
    asked = visit.path["jobId"]
    job = next((job for job in visit.tenant.jobs.values() if str(job.id) == asked), None)
    if job is None:
        raise Refusal(4004, f"batch job {asked!r} not found")
    return job


def get(visit: Visit) -> JsonObject:
    """``GET /batch/{jobId}`` (C-68, C-69)."""
    return _job(visit).as_batch()


def stop(visit: Visit) -> None:
    """``DELETE /batch/{jobId}``; no body is documented."""
    _job(visit).stop()


def get_status(visit: Visit) -> JsonObject:
    """``GET /batches/{batchId}/status``: the same job in the other shape (C-68, C-69)."""
    return _job(visit).as_batches()


def stop_status(visit: Visit) -> JsonObject:
    """``POST /batches/{batchId}/stop``."""
    job = _job(visit)
    job.stop()
    return {"batchId": str(job.id), "status": job.status, "message": "Batch stopped"}


def _creation(
    path: str, operation: str, read: Reader, do: Callable[[Tenant, Any, datetime], JsonObject]
) -> Route:
    return Route(
        method="POST",
        path=f"/batch/{path}",
        bucket=OTHERS,
        answer=partial(_start, operation, do),
        body=Shape({"body": _a_thousand(read)}),
    )


ROUTES: Final = (
    _creation("customers", "Customer Creation", FLAT_CUSTOMER.read, _customer),
    _creation("orders", "Order Tracking", DATED_ORDER.read, partial(_call, track)),
    _creation("orders/transactions", "Order Transactions", name, _order_rows),
    _creation("balance-inquiry", "Balance Inquiry", BALANCE.read, _balance),
    _creation("balance-adjustment", "Balance Adjustment", ADJUSTMENT.read, _adjust),
    _creation("cashback", "Cashback", CASHBACK.read, partial(_call, cashback)),
    _creation("redeem", "Redemption", REDEEM.read, partial(_call, redeem)),
    _creation("events", "Events", EVENT.read, partial(_call, send)),
    Route(method="GET", path="/batch/{jobId}", bucket=OTHERS, answer=get),
    Route(method="DELETE", path="/batch/{jobId}", bucket=OTHERS, answer=stop),
    Route(method="GET", path="/batches/{jobId}/status", bucket=OTHERS, answer=get_status),
    Route(method="POST", path="/batches/{jobId}/stop", bucket=OTHERS, answer=stop_status),
)
