"""A checkout: preview, hold points, lock coupons, place the order, and leave nothing reserved."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Self, TypeVar

from attrs import evolve

from gameball_async.endpoints.coupons import Coupons
from gameball_async.endpoints.orders import Orders
from gameball_async.endpoints.transactions import Transactions
from gameball_async.errors import (
    CheckoutUnknownError,
    CheckoutUnknownTimeoutError,
    DuplicateError,
    GameballError,
    RequestError,
)
from gameball_async.models.coupons import CouponValidation
from gameball_async.models.fields import Money
from gameball_async.models.orders import CashbackQuote, Order, OrderQuote, OrderReceipt, Redemption
from gameball_async.models.transactions import Hold
from gameball_async.reservation import PATIENCE, Reserved, ended, failure_of, is_unknown, through
from gameball_async.transport.caller import Caller

Q = TypeVar("Q", bound=Order | OrderQuote)


class Checkout:
    """One customer's way to the till; what it reserves ends in an order, or is given back.

    It works inside its ``async with`` (blocking: ``with``), one step at a time. Leaving without
    `place`, by an error or a cancellation too, releases the points and the coupons within 5
    seconds. Two things cannot be released, and are told: what was reserved without an answer,
    and what an order of unknown outcome may have used.
    """

    __slots__ = (
        "_caller",
        "_email",
        "_hold",
        "_is_open",
        "_is_placed",
        "_is_unknown",
        "_lock",
        "_mobile",
        "_turn",
        "customer_id",
    )

    def __init__(
        self, caller: Caller, customer_id: str, *, email: str | None, mobile: str | None
    ) -> None:
        self.customer_id: str = customer_id
        self._caller = caller
        self._email = email
        self._mobile = mobile
        self._hold: Reserved[Hold] | None = None
        self._lock: Reserved[CouponValidation] | None = None
        self._is_open = False
        self._is_placed = False
        self._is_unknown = False
        self._turn = asyncio.Lock()
        """Whose step it is. One that was interrupted in a thread may still clean up."""

    async def __aenter__(self) -> Self:
        """Begin; nothing is sent."""
        if self._is_open or self._is_placed:
            raise RuntimeError("this checkout was begun before: make another one")
        self._is_open = True
        return self

    async def preview(self, order: Order | OrderQuote) -> CashbackQuote:
        """Calculate what an order would earn; nothing is recorded.

        Args:
            order: The order to be placed, or what is known of it so far.

        Returns:
            The points the order would earn, in total and by product.

        Raises:
            ValueError: The order is another customer's.
            ConfigurationDisabledError: Cashback is switched off.
            RequestError: No answer; repeat the call.

        Source: POST /orders/cashback
        """
        return await Orders(self._caller).calculate_cashback(self._own(order))

    async def hold_points(
        self,
        points_to_hold: int | None = None,
        *,
        amount_to_hold: Money | None = None,
        rule_id: str | None = None,
        transaction_time: datetime | None = None,
        otp: str | None = None,
        ignore_otp: bool | None = None,
        hash: str | None = None,  # noqa: A002 - the wire's word
    ) -> Hold:
        """Reserve points for the order; a second time releases the first hold before.

        Args:
            points_to_hold: Points; exactly one of points_to_hold, amount_to_hold and rule_id.
            amount_to_hold: Money, in the account's currency.
            rule_id: A redemption rule.
            transaction_time: When it happened in your system; None is the moment of the call.
            otp: The one-time password, where the account asks for one.
            ignore_otp: Skip the one-time password.
            hash: The rotating six digits that prove that the customer is present.

        Returns:
            The hold; `place` redeems it.

        Raises:
            InsufficientPointsError: The spendable balance is too small.
            CustomerNotFoundError: There is no such customer.
            OutcomeUnknownError: No clear answer: what was held cannot be released, and lapses by
                itself.

        Source: POST /transactions/hold
        """
        async with self._turn:
            await self._replace(self._hold)
            reserved = Transactions(self._caller).holding(
                customer_id=self.customer_id,
                points_to_hold=points_to_hold,
                amount_to_hold=amount_to_hold,
                rule_id=rule_id,
                transaction_time=transaction_time,
                otp=otp,
                ignore_otp=ignore_otp,
                hash=hash,
                email=self._email,
                mobile=self._mobile,
            )
            hold = await reserved.__aenter__()
            self._hold = reserved
            return hold

    async def lock_coupons(
        self,
        coupons: Sequence[str],
        *,
        lock_duration: int | None = None,
        merchant_id: str | None = None,
        collection_id: str | None = None,
        collections_ids: Sequence[str] | None = None,
        total_purchase_amount: Money | None = None,
    ) -> CouponValidation:
        """Reserve coupons for the order; a second time releases the first lock before.

        Args:
            coupons: The codes.
            lock_duration: Minutes to reserve; None is the account's setting.
            merchant_id: Where the coupons are tied to merchants.
            collection_id: Where the coupons are tied to collections.
            collections_ids: The same for several collections.
            total_purchase_amount: The purchase's value, for coupons with a minimum.

        Returns:
            The coupons, all of them usable; `place` redeems them.

        Raises:
            CouponInvalidError: A coupon cannot be used; `reasons` tells why, and nothing stays
                locked.
            NotFoundError: There is no such code, or no such customer.
            OutcomeUnknownError: No clear answer: what was locked cannot be released, and lapses
                by itself.

        Source: POST /coupons/validate
        """
        async with self._turn:
            await self._replace(self._lock)
            reserved = Coupons(self._caller).locking(
                customer_id=self.customer_id,
                coupons=coupons,
                lock_duration=lock_duration,
                merchant_id=merchant_id,
                collection_id=collection_id,
                collections_ids=collections_ids,
                total_purchase_amount=total_purchase_amount,
                email=self._email,
                mobile=self._mobile,
            )
            validation = await reserved.__aenter__()
            self._lock = reserved
            return validation

    async def place(self, order: Order, *, resend: bool = False) -> OrderReceipt:
        """Place the order, which uses up the points held and the coupons locked.

        A cancelled caller waits up to 5 seconds for the outcome, so that it is known what to
        release.

        Args:
            order: The order, without references: a copy with those of this checkout is sent.
            resend: This order may have been sent already; see `orders.track`.

        Returns:
            The points earned and redeemed.

        Raises:
            ValueError: The order is another customer's, or redeems something else.
            CheckoutUnknownError: No clear answer: nothing is released, and the error tells the
                references. Repeat with ``resend=True``.
            OutcomeUnknownError: The same, where nothing was reserved.
            ApiError: Refused; leaving the checkout releases everything.
            NotSentError: Nothing was sent; repeat the call.

        Source: POST /orders
        """
        async with self._turn:
            self._check_open()
            filled = self._redeeming(self._own(order))
            task = asyncio.create_task(Orders(self._caller).track(filled, resend=resend))
            cancelled = await ended(task, self._caller.core.clock)
            error = self._learn(task, filled, resend=resend)
            if cancelled is not None:
                placed = f"order {order.order_id!r} was placed"
                cancelled.add_note(placed if error is None else f"{placed}, or not: {error}")
                raise cancelled
            if error is not None:
                raise error
            return task.result()

    def _learn(
        self, task: asyncio.Task[OrderReceipt], order: Order, *, resend: bool
    ) -> BaseException | None:
        """Take notice of how placing ended; returns what there is to raise."""
        failure = failure_of(task)
        if is_unknown(failure):
            return self._unknown(failure, order)
        if failure is None:
            self._is_placed, self._is_unknown = True, False
            if not task.result().already_recorded:  # else by an earlier order, perhaps
                self._hold = self._lock = None
        elif resend and isinstance(failure, DuplicateError):  # looked up: another order has the id
            self._is_unknown = False
        return failure

    def _unknown(self, failure: BaseException | None, order: Order) -> BaseException | None:
        """The error that tells what is not released; *failure* where nothing was reserved."""
        hold, lock = self._references()
        if hold is None and lock is None:
            return failure
        self._is_unknown = True
        facts = failure if isinstance(failure, RequestError) else RequestError()
        timed_out = isinstance(failure, TimeoutError)
        kind = CheckoutUnknownTimeoutError if timed_out else CheckoutUnknownError
        return kind(
            f"the order may have been placed; nothing was released: hold {hold}, lock {lock}",
            points_hold_reference=hold,
            coupons_lock_reference=lock,
            key=order.order_id,
            last_error=failure if isinstance(failure, GameballError) else None,
            operation="POST /orders",
            attempts=facts.attempts,
            waited=facts.waited,
            elapsed=facts.elapsed,
            cause=facts.cause,
        )

    def _own(self, order: Q) -> Q:
        """*order* as this customer's, refused when it is another's."""
        if order.customer_id not in {None, self.customer_id}:
            raise ValueError(
                f"order.customer_id: must be {self.customer_id!r}, whose checkout this is, "
                f"got {order.customer_id!r}"
            )
        return evolve(
            order,
            customer_id=self.customer_id,
            email=order.email or self._email,
            mobile=order.mobile or self._mobile,
        )

    def _redeeming(self, order: Order) -> Order:
        """A copy of *order* with the references of what is reserved."""
        names = ("points_hold_reference", "coupons_lock_reference")
        ours = dict(zip(names, self._references(), strict=True))
        given = {name: reference for name, reference in ours.items() if reference is not None}
        if not given:
            return order
        redemption = order.redemption or Redemption()
        for name, reference in given.items():
            if getattr(redemption, name) not in {None, reference}:
                raise ValueError(f"order.redemption.{name}: is not what this checkout reserved")
        return evolve(order, redemption=evolve(redemption, **given))

    def _references(self) -> tuple[str | None, str | None]:
        """Of the hold and of the lock."""
        hold, lock = self._hold, self._lock
        return hold.reference if hold else None, lock.reference if lock else None

    def _check_open(self) -> None:
        """Refuse a step outside the block, or after the order."""
        if not self._is_open:
            raise RuntimeError("a checkout works inside its own with block only")
        if self._is_placed:
            raise RuntimeError("the order is placed: begin another checkout")

    async def _replace(self, reserved: Reserved[Any] | None) -> None:
        """Give back what a new reservation replaces; raises what goes wrong."""
        self._check_open()
        if self._is_unknown:
            raise RuntimeError("an order may be using what is reserved: place it with resend=True")
        if reserved is not None:
            failure = await through(reserved.release, self._caller.core.clock)
            if failure is not None:
                raise failure

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Give back what no order has used."""
        failures = await through(self._give_back, self._caller.core.clock)
        for failure in failures:
            if error is not None:
                error.add_note(f"not released, it lapses by itself: {failure}")
            elif not self._is_placed:
                raise failure

    async def _give_back(self) -> list[Exception]:
        """Release the hold, then the lock: the API refuses two writes of a customer at once."""
        async with self._turn:
            self._is_open = False
            if self._is_unknown:
                return []
            kept = [it for it in (self._hold, self._lock) if it is not None]
            failures = [await it.release(PATIENCE / len(kept)) for it in kept]
            return [failure for failure in failures if failure is not None]
