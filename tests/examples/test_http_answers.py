"""What a service answers when Gameball refuses, or does not answer."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

from gameball_async import (
    AuthenticationError,
    CheckoutUnknownError,
    ConcurrentRequestError,
    ConfigurationError,
    CouponInvalidError,
    CustomerNotFoundError,
    DuplicateError,
    GameballError,
    InsufficientPointsError,
    NotSentError,
    OutcomeUnknownError,
    PayloadError,
    PermissionDeniedError,
    RateLimitedError,
    RateLimitWaitError,
    RedirectError,
    RequestTimeoutError,
    ResponseDecodeError,
    ServerError,
    SubscriptionError,
    TransactionNotFoundError,
    WebhookVerificationError,
)
from tests.examples.shop_front import EXAMPLES


@pytest.fixture
def answer_to(monkeypatch: pytest.MonkeyPatch) -> Any:
    pytest.importorskip("pydantic", reason="the examples extra is not installed")
    monkeypatch.syspath_prepend(EXAMPLES)
    return importlib.import_module("http_answers").answer_to


@pytest.mark.parametrize(
    ("status", "kinds"),
    [
        pytest.param(403, [WebhookVerificationError], id="forbidden"),
        pytest.param(404, [CustomerNotFoundError, TransactionNotFoundError], id="not-found"),
        pytest.param(
            409, [CouponInvalidError, DuplicateError, InsufficientPointsError], id="conflict"
        ),
        pytest.param(422, [PayloadError], id="unacceptable"),
        pytest.param(
            502,
            [
                *(AuthenticationError, ConfigurationError, PermissionDeniedError, RedirectError),
                *(ServerError, SubscriptionError),
            ],
            id="not-the-caller-s-fault",
        ),
        pytest.param(
            503,
            [
                *(CheckoutUnknownError, ConcurrentRequestError, NotSentError, OutcomeUnknownError),
                *(RateLimitedError, RateLimitWaitError, RequestTimeoutError, ResponseDecodeError),
            ],
            id="repeat-it",
        ),
    ],
)
def test_every_error_has_a_status_and_tells_nothing_of_what_gameball_said(
    answer_to: Any, status: int, kinds: list[type[GameballError]]
) -> None:
    for kind in kinds:
        body, answered, headers = answer_to(kind("internal"))

        assert (kind, status) == (kind, answered)
        assert (status == 503) == ("Retry-After" in headers)
        assert "internal" not in str(body)


def test_an_unknown_outcome_names_the_id_and_what_is_still_reserved(answer_to: Any) -> None:
    unknown = CheckoutUnknownError(key="A-1", points_hold_reference="h", coupons_lock_reference="l")
    body, _, headers = answer_to(unknown)

    assert "A-1" == body["id"]
    assert {"points_hold_reference": "h", "coupons_lock_reference": "l"} == body["redemption"]
    assert {"Retry-After": "1"} == headers


def test_a_refusal_of_what_may_have_been_sent_before_is_answered_as_that_refusal(
    answer_to: Any,
) -> None:
    refused = OutcomeUnknownError(key="A-1", last_error=PayloadError(status=422))
    failed = OutcomeUnknownError(key="A-1", last_error=ServerError(status=500))

    assert (422, "A-1") == (answer_to(refused)[1], answer_to(refused)[0]["id"])
    assert 503 == answer_to(failed)[1]


def test_a_full_rate_limit_says_when_to_come_again(answer_to: Any) -> None:
    assert {"Retry-After": "8"} == answer_to(RateLimitWaitError(at_least=7.2))[2]
