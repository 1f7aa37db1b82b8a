"""What a web service answers when Gameball refuses or is not there; the services here share it."""

import json
from logging import ERROR, INFO, getLogger
from math import ceil
from typing import Final

from pydantic import ValidationError

import gameball_async as gb

REFUSALS: Final = (gb.GameballError, ValidationError)
UNKNOWN: Final = "it may have happened: post the same again"
NOTHING: Final = "nothing has happened: post the same again"
ANSWERS: Final[tuple[tuple[type[gb.GameballError], int, str], ...]] = (
    (gb.WebhookVerificationError, 403, "this is no new webhook of Gameball"),
    (gb.CouponInvalidError, 409, "a coupon cannot be used"),
    (gb.InsufficientPointsError, 409, "there are not enough points"),
    (gb.DuplicateError, 409, "an order of this id is recorded already"),
    (gb.OutcomeUnknownError, 503, UNKNOWN),
    (gb.ResponseDecodeError, 503, UNKNOWN),
    (gb.RequestError, 503, NOTHING),
    (gb.RateLimitedError, 503, NOTHING),
    (gb.ConcurrentRequestError, 503, NOTHING),
    (gb.NotFoundError, 404, "there is no such thing"),
    (gb.PayloadError, 422, "it is not acceptable"),
    (gb.CustomerError, 422, "the customer does not allow it"),
    (gb.TransactionError, 422, "the ledger does not allow it"),
    (gb.GameballError, 502, "the loyalty program is not available"),
)
"""The first one that fits; the last one is for keys, settings and the plan, which are ours."""


def answer_to(error: Exception) -> tuple[dict[str, object], int, dict[str, str]]:
    """JSON, status and headers. What Gameball said goes to the log, and to nobody outside."""
    if isinstance(error, ValidationError):
        return {"error": json.loads(error.json(include_url=False))}, 422, {}
    status, text = next(row[1:] for row in ANSWERS if isinstance(cause_of(error), row[0]))
    getLogger(__name__).log(ERROR if status >= 500 else INFO, "%s", error)
    body: dict[str, object] = {"error": text}
    if isinstance(error, gb.CouponInvalidError):
        body["reasons"] = error.reasons
    if isinstance(error, gb.OutcomeUnknownError):
        body["id"] = error.key
    if isinstance(error, gb.CheckoutUnknownError):
        names = ("points_hold_reference", "coupons_lock_reference")
        body["redemption"] = {name: it for name in names if (it := getattr(error, name))}
    wait = ceil(error.at_least) if isinstance(error, gb.RateLimitWaitError) else 1
    return body, status, {"Retry-After": str(wait)} if status == 503 else {}


def cause_of(error: Exception) -> Exception:
    """With ``resend=True`` a refusal is of unknown outcome, but repeating it does not help."""
    last = error.last_error if isinstance(error, gb.OutcomeUnknownError) else None
    return last if isinstance(last, gb.ApiError) and last.status < 500 else error
