"""Batches: a thousand items in one request, and the jobs that work through them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from attrs import frozen

from gameball_async import operations as op
from gameball_async.errors import (
    ApiError,
    RateLimitWaitError,
    RequestTimeoutError,
    ResponseDecodeError,
)
from gameball_async.models.batches import (
    BalanceAdjustment,
    BatchAnswer,
    BatchCashback,
    BatchEvents,
    BatchJob,
    BatchRedemption,
    batch_of,
    job_of,
)
from gameball_async.models.customers import CustomerProfile
from gameball_async.models.orders import Order
from gameball_async.operation import Operation
from gameball_async.transport.answers import EXCERPT
from gameball_async.transport.caller import Caller
from gameball_async.transport.http import sleep

LONGEST_PAUSE: Final = 30.0
"""Seconds between two looks at a job that takes long."""
_NO_SUCH_PATH: Final = (404, 405)


def _check_seconds(name: str, value: object) -> None:
    """Refuse a time that is no number above zero."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name} must be a number of seconds, got {type(value).__name__}")
    if not 0 < value < float("inf"):
        raise ValueError(f"{name} must be a finite number above 0, got {value}")


def _id_of(job: BatchJob | int | str) -> int | str:
    """The id of a job, given as either."""
    if not isinstance(job, BatchJob):
        return job
    if job.job_id is None:
        raise ValueError("job has no job_id, so that nobody can ask about it")
    return job.job_id


@frozen
class Batches:
    """Operations on batches.

    A job names its failures by the customer alone, so that every customer comes once in a batch;
    and the API takes at most 1000 items at once.
    """

    _caller: Caller

    async def customers(self, items: Iterable[CustomerProfile | Mapping[str, Any]]) -> BatchJob:
        """Create or update customers.

        Args:
            items: The customers, each once; a mapping in the wire's spelling travels as it is.

        Returns:
            The job, of which only the id is known.

        Raises:
            ValueError: There are too many or none, or a customer comes twice.
            OutcomeUnknownError: No clear answer; sent again it is another job, which does the
                same once more.

        Source: POST /batch/customers
        """
        body = batch_of(items, "items", CustomerProfile, Mapping, wire="customerId")
        return await self._create(op.BATCH_CUSTOMERS, body)

    async def orders(self, items: Iterable[Order]) -> BatchJob:
        """Record orders. `orders.track_many` tells more: of each order what it earned, and why not.

        Args:
            items: The orders, each with its date, and one for each customer.

        Returns:
            The job, of which only the id is known.

        Raises:
            ValueError: There are too many or none, a customer comes twice, or an order has no
                `order_date`.
            OutcomeUnknownError: No clear answer; sent again it is another job, in which what was
                recorded fails as a duplicate.

        Source: POST /batch/orders
        """
        listed = list(items)
        body = batch_of(listed, "items", Order, wire="customerId")
        for index, order in enumerate(listed):
            if order.order_date is None:
                raise ValueError(f"items[{index}].order_date: a batch needs the date of each order")
        return await self._create(op.BATCH_ORDERS, body)

    async def order_transactions(self, order_ids: Iterable[str]) -> BatchJob:
        """Fetch the ledger rows of orders.

        Args:
            order_ids: Your ids of the orders, each once; case matters.

        Returns:
            The job, of which only the id is known. When it is over, `successful` has the rows by
            `order_id`, and the `customer_id` of `failed` is the ORDER's id.

        Raises:
            ValueError: There are too many or none, or an order comes twice.
            OutcomeUnknownError: No clear answer; repeat the call.

        Source: POST /batch/orders/transactions
        """
        body = batch_of(order_ids, "order_ids", str, wire="order id")
        return await self._create(op.BATCH_ORDER_TRANSACTIONS, body)

    async def balances(self, customer_ids: Iterable[str]) -> BatchJob:
        """Read balances.

        Args:
            customer_ids: Your ids of the customers, each once.

        Returns:
            The job, of which only the id is known. When it is over, each row of `successful` has
            the figures in `details`: their names are not documented.

        Raises:
            ValueError: There are too many or none, or a customer comes twice.
            OutcomeUnknownError: No clear answer; repeat the call.

        Source: POST /batch/balance-inquiry
        """
        body = batch_of(customer_ids, "customer_ids", str, wire="customerId")
        body["body"] = [{"customerId": customer_id} for customer_id in body["body"]]
        return await self._create(op.BATCH_BALANCES, body)

    async def adjust_balances(self, items: Iterable[BalanceAdjustment]) -> BatchJob:
        """Add points to balances, or deduct them. No id of yours keeps it from happening twice.

        Args:
            items: The adjustments, one for each customer.

        Returns:
            The job, of which only the id is known.

        Raises:
            ValueError: There are too many or none, or a customer comes twice.
            OutcomeUnknownError: No clear answer; sent again, the balances may change twice. Look
                at one of them first.

        Source: POST /batch/balance-adjustment
        """
        body = batch_of(items, "items", BalanceAdjustment, wire="customerId")
        return await self._create(op.BATCH_ADJUST_BALANCES, body)

    async def cashback(self, items: Iterable[BatchCashback]) -> BatchJob:
        """Reward money that customers spent.

        Args:
            items: The rewards, one for each customer.

        Returns:
            The job, of which only the id is known.

        Raises:
            ValueError: There are too many or none, or a customer comes twice.
            OutcomeUnknownError: No clear answer; sent again with the same ids it is another job,
                in which what was rewarded fails as a duplicate.

        Source: POST /batch/cashback
        """
        body = batch_of(items, "items", BatchCashback, wire="customerId")
        return await self._create(op.BATCH_CASHBACK, body)

    async def redeem(self, items: Iterable[BatchRedemption]) -> BatchJob:
        """Burn points of customers.

        Args:
            items: The redemptions, one for each customer.

        Returns:
            The job, of which only the id is known.

        Raises:
            ValueError: There are too many or none, or a customer comes twice.
            OutcomeUnknownError: No clear answer; sent again with the same ids it is another job,
                in which what was redeemed fails as a duplicate.

        Source: POST /batch/redeem
        """
        body = batch_of(items, "items", BatchRedemption, wire="customerId")
        return await self._create(op.BATCH_REDEEM, body)

    async def events(self, items: Iterable[BatchEvents]) -> BatchJob:
        """Tell what customers did.

        Args:
            items: The events, one item for each customer.

        Returns:
            The job, of which only the id is known.

        Raises:
            ValueError: There are too many or none, or a customer comes twice.
            OutcomeUnknownError: No clear answer; sent again, the events may count twice.

        Source: POST /batch/events
        """
        body = batch_of(items, "items", BatchEvents, wire="customerId")
        return await self._create(op.BATCH_EVENTS, body)

    async def get(self, job_id: int | str) -> BatchJob:
        """Look at a job.

        The API has two paths for it. Where one does not know the job the other is asked, and the
        client remembers which of them answered.

        Args:
            job_id: As the call that made the job returned it.

        Returns:
            The job, with what it has done so far.

        Raises:
            NotFoundError: There is no such job.
            RequestError: No answer; repeat the call.

        Source: GET /batch/{jobId}, GET /batches/{batchId}/status
        """
        return job_of(await self._ask(job_id, op.GET_BATCH, op.GET_BATCH_STATUS), job_id)

    async def stop(self, job_id: int | str) -> BatchJob:
        """Stop a job. What it has done already stays done.

        Args:
            job_id: As the call that made the job returned it.

        Returns:
            The job; one of the two paths does not tell its `status`, so look with `get`.

        Raises:
            NotFoundError: There is no such job.
            OutcomeUnknownError: No clear answer; repeat the call, or look with `get`.

        Source: DELETE /batch/{jobId}, POST /batches/{batchId}/stop
        """
        answer = await self._ask(job_id, op.DELETE_BATCH, op.STOP_BATCH)
        return job_of(answer or BatchAnswer(), job_id)

    async def wait(
        self,
        job: BatchJob | int | str,
        *,
        timeout: float = 600.0,  # noqa: ASYNC109 - the job goes on: only the looking ends
        poll: float = 1.0,
    ) -> BatchJob:
        """Look at a job until it is over: seldom while it takes long, and within the rate limit.

        Args:
            job: The job, or its id.
            timeout: Seconds after which to give up; the job goes on, and can be waited for again.
            poll: Seconds between the first two looks; the pause doubles up to 30 seconds.

        Returns:
            The job: completed, failed or stopped. A completed one may have failures.

        Raises:
            RequestTimeoutError: It is not over, or the rate limit has no slot for a look in time;
                a state that nobody documents counts as running.
            NotFoundError: There is no such job.

        Source: GET /batch/{jobId}, GET /batches/{batchId}/status
        """
        _check_seconds("timeout", timeout)
        _check_seconds("poll", poll)
        job_id = _id_of(job)
        clock = self._caller.core.clock
        deadline = clock.monotonic() + timeout
        pause, longest = poll, max(poll, LONGEST_PAUSE)
        while True:
            seen, at_least = await self._look(job_id, deadline - clock.monotonic())
            if seen.is_over:
                return seen
            left = deadline - clock.monotonic()
            rest = max(min(pause, max(left / 2, poll)), at_least)
            if rest >= left:
                raise RequestTimeoutError(
                    f"job {job_id} is not over within {timeout:g} s: {seen.status}",
                    operation=op.GET_BATCH.name,
                )
            await sleep(clock, rest)
            pause = min(2 * pause, longest)

    async def _look(self, job_id: int | str, seconds: float) -> tuple[BatchJob, float]:
        """The job, and how long the rate limit asks to wait at least before it can be seen."""
        try:
            return await self._within(seconds).get(job_id), 0.0
        except RateLimitWaitError as error:
            return BatchJob(job_id=job_id), error.at_least

    def _within(self, seconds: float) -> Batches:
        """The same, with no more than *seconds* for a call."""
        longest = min(self._caller.options.timeouts.total, seconds)
        return Batches(self._caller.within(max(longest, 0.001)))

    async def _create(self, operation: Operation[BatchAnswer], body: object) -> BatchJob:
        """Start a job; one without an id could never be asked about."""
        response = await self._caller.send(operation, body=body)
        job_id = response.value.job_id
        if isinstance(job_id, int | str) and not isinstance(job_id, bool):
            return job_of(response.value, job_id)
        raise ResponseDecodeError(
            "the answer has no jobId",
            operation=operation.name,
            status=response.status,
            content_type=response.headers.get("content-type"),
            excerpt=response.body[:EXCERPT].decode("utf-8", "replace"),
            outcome_unknown=True,
        )

    async def _ask(
        self, job_id: int | str, guides: Operation[Any], described: Operation[Any]
    ) -> Any:
        """Ask on the path that answered last, and on the other one where it does not exist."""
        ways = [(guides, {"job_id": job_id}), (described, {"batch_id": job_id})]
        if self._caller.core.described_jobs:
            ways.reverse()
        (first, path), (second, other) = ways
        try:
            return await self._caller.value(first, path=path)
        except ApiError as error:
            if error.status not in _NO_SUCH_PATH:
                raise
            refused = error
        try:
            answer = await self._caller.value(second, path=other)
        except ApiError as error:
            raise (refused if error.status in _NO_SUCH_PATH else error) from None
        self._caller.core.described_jobs = second is described
        return answer
