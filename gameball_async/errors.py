"""What can go wrong, and which class says so.

::

    GameballError
    ├── ConfigurationError (ValueError)   a bad or missing setting; nothing was sent
    ├── RequestError                      no answer; raised itself for a read whose answer was lost
    │   ├── RequestTimeoutError           ... because time ran out (TimeoutError)
    │   ├── NotSentError                  certain: no attempt left this machine
    │   │   ├── RateLimitWaitError        no slot before the deadline
    │   │   ├── DeadlineError             the deadline passed while waiting (TimeoutError)
    │   │   └── ClientClosedError
    │   └── OutcomeUnknownError           a write left and was not answered clearly
    │       ├── OutcomeUnknownTimeoutError   ... because time ran out (TimeoutError)
    │       └── CheckoutUnknownError      an order was placed, or not; nothing was released
    │           └── CheckoutUnknownTimeoutError   ... because time ran out (TimeoutError)
    ├── ApiError                          the API answered and refused
    │   ├── AuthenticationError  PermissionDeniedError  NotFoundError  PayloadError
    │   ├── ConfigurationDisabledError  CustomerError  SubscriptionError  ConcurrentRequestError
    │   ├── TransactionError
    │   │   └── DuplicateError  TransactionTimeError  InsufficientPointsError
    │   ├── CustomerNotFoundError  TransactionNotFoundError  EventNotFoundError   NotFoundError too
    │   └── RateLimitedError  RedirectError  ServerError
    ├── CouponInvalidError                a coupon cannot be used; one reason per code
    ├── ResponseDecodeError               a 2xx that cannot be read
    ├── PaginationError                   a list that cannot be walked
    ├── WrongEventLoopError
    └── WebhookVerificationError

Every error pickles and copies, and none holds a key or a foreign traceback.

Source: docs.gameball.co, "Status and Error Codes".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final


def _rebuild(cls: type[GameballError], args: tuple[object, ...], state: dict[str, Any]) -> object:
    """Make an error again from its parts, without running its constructor."""
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class GameballError(Exception):
    """Anything this package raises on its own account."""

    def __init__(
        self, message: str = "", *, operation: str | None = None, cursor: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.operation = operation
        """Method and path template, e.g. ``POST /orders``; None outside a call."""
        self.cursor = cursor
        """Where ``start_after=`` resumes an interrupted list; None outside paging."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.args, dict(self.__dict__))

    def _details(self) -> list[str]:
        """What `str()` shows in brackets behind the message."""
        return []

    def __str__(self) -> str:
        subject = f"{self.operation}: " if self.operation else ""
        details = ", ".join(self._details())
        return f"{subject}{self.message}{f' ({details})' if details else ''}"


class ConfigurationError(GameballError, ValueError):
    """A setting is missing or wrong; nothing was sent. Mend the setting it names."""


class WrongEventLoopError(GameballError):
    """The object belongs to another event loop, which is alive. Make one client per loop."""


class WebhookVerificationError(GameballError):
    """The request was not signed by Gameball with your key. Answer 4xx and ignore it."""


class PaginationError(GameballError):
    """The API's pages do not lead to an end; `cursor` is where the walk stopped."""


class CouponInvalidError(GameballError):
    """A coupon cannot be used; `reasons` tells why, code by code."""

    def __init__(
        self,
        message: str = "",
        *,
        reasons: Mapping[str, str] | None = None,
        operation: str | None = None,
    ) -> None:
        super().__init__(message, operation=operation)
        self.reasons: dict[str, str] = dict(reasons or {})
        """Coupon code to reason, in the API's words."""


class RequestError(GameballError):
    """No complete answer. Raised itself for a read, which is safe to repeat."""

    def __init__(
        self,
        message: str = "",
        *,
        operation: str | None = None,
        attempts: int = 0,
        waited: float = 0.0,
        elapsed: float = 0.0,
        cause: str | None = None,
    ) -> None:
        super().__init__(message, operation=operation)
        self.attempts = attempts
        """Requests that were started on the wire."""
        self.waited = waited
        """Seconds spent waiting in line: lane, limiter, slot and back-off."""
        self.elapsed = elapsed
        """Seconds from the start of the call to this error."""
        self.cause = cause
        """Type and text of the foreign exception behind this error, if any."""

    def _details(self) -> list[str]:
        return [
            f"attempts {self.attempts}",
            f"waited {self.waited:.3f} s of {self.elapsed:.3f} s",
            *([self.cause] if self.cause else []),
        ]


class RequestTimeoutError(RequestError, TimeoutError):
    """A read was not answered in time; it is safe to repeat."""


class NotSentError(RequestError):
    """No attempt left this machine, for certain: nothing changed, repeat it at will."""


class RateLimitWaitError(NotSentError):
    """The rate limit has no slot before the deadline; wait `at_least` seconds, or use less."""

    def __init__(self, message: str = "", *, at_least: float = 0.0, **details: Any) -> None:
        super().__init__(message, **details)
        self.at_least = at_least
        """A lower bound of the wait, in seconds."""


class DeadlineError(NotSentError, TimeoutError):
    """The deadline passed while the call was waiting for its turn; nothing was sent."""


class ClientClosedError(NotSentError):
    """The client was closed before the call could be sent. Make a new client."""


class OutcomeUnknownError(RequestError):
    """A write left and was not answered clearly: it may have happened, or not.

    Do not invent a new id. Repeat the call with the same id (and ``resend=True`` where there is
    one), or look the id up.
    """

    def __init__(
        self,
        message: str = "",
        *,
        key: str | None = None,
        last_error: GameballError | None = None,
        **details: Any,
    ) -> None:
        super().__init__(message, **details)
        self.key = key
        """The id in question (order id, transaction id); None where the API knows none."""
        self.last_error = last_error
        """What the last attempt ended with."""

    def _details(self) -> list[str]:
        return [
            *([f"id {self.key!r}"] if self.key is not None else []),
            *super()._details(),
            *([f"last error: {self.last_error}"] if self.last_error is not None else []),
        ]


class OutcomeUnknownTimeoutError(OutcomeUnknownError, TimeoutError):
    """A write left and time ran out before a clear answer; see `OutcomeUnknownError`."""


class CheckoutUnknownError(OutcomeUnknownError):
    """An order may have been placed, and may have used what the checkout had reserved.

    Nothing was released. Place the same order again with ``resend=True``, in the same checkout or
    later with these references; what is not used lapses by itself.
    """

    def __init__(
        self,
        message: str = "",
        *,
        points_hold_reference: str | None = None,
        coupons_lock_reference: str | None = None,
        **details: Any,
    ) -> None:
        super().__init__(message, **details)
        self.points_hold_reference = points_hold_reference
        """The hold that was not released; None when there was none."""
        self.coupons_lock_reference = coupons_lock_reference
        """The lock that was not released; None when there was none."""


class CheckoutUnknownTimeoutError(CheckoutUnknownError, OutcomeUnknownTimeoutError):
    """The same, because time ran out before a clear answer."""


class ResponseDecodeError(GameballError):
    """A 2xx whose body is not what is documented. It is not retried."""

    def __init__(
        self,
        message: str = "",
        *,
        operation: str | None = None,
        status: int = 0,
        content_type: str | None = None,
        excerpt: str = "",
        outcome_unknown: bool = False,
    ) -> None:
        super().__init__(message, operation=operation)
        self.status = status
        self.content_type = content_type
        self.excerpt = excerpt
        """The first 200 characters of the body."""
        self.outcome_unknown = outcome_unknown
        """True on a write: it has probably happened, and nothing confirms it."""

    def _details(self) -> list[str]:
        return [
            f"status {self.status}",
            f"content type {self.content_type}",
            *(["outcome unknown"] if self.outcome_unknown else []),
            f"body starts {self.excerpt!r}",
        ]


class ApiError(GameballError):
    """The API answered and refused; the request had no effect."""

    def __init__(
        self,
        message: str = "",
        *,
        status: int = 0,
        code: int | None = None,
        type: str | None = None,  # noqa: A002 - the wire's word
        operation: str | None = None,
        documentation_url: str | None = None,
        request_id: str | None = None,
        body: object = None,
    ) -> None:
        super().__init__(message, operation=operation)
        self.status = status
        """HTTP status."""
        self.code = code
        """Gameball's code, e.g. 9004; None when the body had none."""
        self.type = type
        """The category in the API's words; spelled in several ways, so compare `code`."""
        self.documentation_url = documentation_url
        self.request_id = request_id
        """Quote it when you write to Gameball's support."""
        self.body = body
        """The decoded JSON body, or its text."""

    def _details(self) -> list[str]:
        return [
            f"status {self.status}",
            *([f"code {self.code}"] if self.code is not None else []),
            *([f"request id {self.request_id}"] if self.request_id else []),
        ]


class AuthenticationError(ApiError):
    """The api key or the secret key is missing, wrong or expired."""


class PermissionDeniedError(ApiError):
    """The account may not do this."""


class NotFoundError(ApiError):
    """There is no such thing."""


class PayloadError(ApiError):
    """The request is not acceptable as it is."""


class ConfigurationDisabledError(ApiError):
    """The program, or the part of it that this call needs, is switched off."""


class CustomerError(ApiError):
    """The customer, or a referral of the customer, does not allow it."""


class SubscriptionError(ApiError):
    """The account's plan does not include this."""


class TransactionError(ApiError):
    """The ledger does not allow it."""


class DuplicateError(TransactionError):
    """The id is already recorded, by somebody else or by an earlier call."""


class TransactionTimeError(TransactionError):
    """Another transaction of the customer has exactly this time."""


class InsufficientPointsError(TransactionError):
    """The spendable balance is too small."""


class ConcurrentRequestError(ApiError):
    """Another request for the same customer is running; nothing was done."""


class CustomerNotFoundError(NotFoundError, CustomerError):
    """There is no such customer (or referral code). Create it, then make a new attempt."""


class TransactionNotFoundError(NotFoundError, TransactionError):
    """There is no such transaction or hold."""


class EventNotFoundError(NotFoundError, PayloadError):
    """There is no such event."""


class RateLimitedError(ApiError):
    """The API answered 429, and the deadline leaves no room to wait for it to pass."""

    def __init__(
        self, message: str = "", *, retry_after: float | None = None, **details: Any
    ) -> None:
        super().__init__(message, **details)
        self.retry_after = retry_after
        """Seconds the API asked to wait; None when it did not say."""


class RedirectError(ApiError):
    """The API answered with a redirect, which is never followed: it would leak the keys."""

    def __init__(self, message: str = "", *, host: str | None = None, **details: Any) -> None:
        super().__init__(message, **details)
        self.host = host
        """The host that the redirect points to."""


class ServerError(ApiError):
    """The API, or a gateway in front of it, failed."""


CODES: Final[Mapping[int, type[ApiError]]] = {
    code: kind
    for kind, codes in (
        (AuthenticationError, (1000, 1001, 1006)),
        (PermissionDeniedError, (1002, 6003)),
        (ConcurrentRequestError, (2001,)),
        (PayloadError, (2000, *range(3000, 3017))),
        (EventNotFoundError, (3017,)),
        (ApiError, (4000, 4500)),
        (NotFoundError, (4004,)),
        (ServerError, (5000, 5003)),
        (ConfigurationDisabledError, (6000, 6001, 6002)),
        (CustomerNotFoundError, (7000, 7003)),
        (CustomerError, (7001, 7002, 7004, 7005, 7006)),
        (SubscriptionError, (8000,)),
        (TransactionError, (9000, 9001, 9007)),
        (TransactionNotFoundError, (9002, 9005, 9006)),
        (TransactionTimeError, (9003,)),
        (DuplicateError, (9004,)),
        (InsufficientPointsError, (9008,)),
    )
    for code in codes
}
"""Every documented code; 1006 stands on one page only (C-74)."""

_CATEGORIES: Final[Mapping[int, type[ApiError]]] = {
    1: AuthenticationError,
    3: PayloadError,
    5: ServerError,
    6: ConfigurationDisabledError,
    7: CustomerError,
    8: SubscriptionError,
    9: TransactionError,
}
_STATUSES: Final[Mapping[int, type[ApiError]]] = {
    400: PayloadError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    412: PayloadError,
    415: PayloadError,
    422: PayloadError,
    423: PayloadError,
}


def api_error_class(status: int, code: int | None) -> type[ApiError]:
    """Choose the class of a refusal: by its code first, by its HTTP status second.

    A 429 and a redirect are told by the status alone. An unknown four-digit code belongs to the
    category of its first digit; shorter codes are of older API versions and mean nothing here.
    """
    if status == 429:
        return RateLimitedError
    if 300 <= status < 400:
        return RedirectError
    if code is not None:
        known = CODES.get(code) or (None if status == 404 else _CATEGORIES.get(code // 1000))
        if known is not None:
            return known
    if status >= 500:
        return ServerError
    return _STATUSES.get(status, ApiError)
