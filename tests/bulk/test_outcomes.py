"""What became of an order, in one word, and of all of them, in figures."""

from __future__ import annotations

import pickle

import pytest

from gameball_async import (
    BulkOutcome,
    BulkReport,
    BulkResult,
    ClientClosedError,
    DuplicateError,
    NotSentError,
    OrderReceipt,
    OutcomeUnknownError,
    OutcomeUnknownTimeoutError,
    ResponseDecodeError,
    WrongEventLoopError,
)
from tests.clients import order


@pytest.mark.parametrize(
    ("receipt", "error", "result"),
    [
        pytest.param(OrderReceipt(), None, "tracked", id="a-receipt"),
        pytest.param(
            OrderReceipt(already_recorded=True), None, "already_recorded", id="an-older-receipt"
        ),
        pytest.param(None, DuplicateError("taken"), "failed", id="the-api-refused"),
        pytest.param(None, NotSentError("no"), "failed", id="nothing-was-sent"),
        pytest.param(None, ClientClosedError("closed"), "failed", id="the-client-was-closed"),
        pytest.param(None, WrongEventLoopError("loop"), "failed", id="another-loop"),
        pytest.param(None, ValueError("no order_date"), "failed", id="it-could-not-be-sent"),
        pytest.param(None, TypeError("no Order"), "failed", id="it-was-no-order"),
        pytest.param(None, OutcomeUnknownError("lost"), "unknown", id="no-answer"),
        pytest.param(None, OutcomeUnknownTimeoutError("late"), "unknown", id="too-late"),
        pytest.param(
            None,
            ResponseDecodeError("?", status=200, outcome_unknown=True),
            "unknown",
            id="an-answer-that-nobody-can-read",
        ),
        pytest.param(None, RuntimeError("?"), "unknown", id="an-error-that-nobody-expects"),
    ],
)
def test_the_result_of_an_order(
    receipt: OrderReceipt | None, error: Exception | None, result: str
) -> None:
    outcome = BulkOutcome(index=0, order=order(), receipt=receipt, error=error)

    assert BulkResult(result) is outcome.result


def test_a_report_counts_every_order_pulled() -> None:
    results = {
        BulkResult.TRACKED: 4,
        BulkResult.ALREADY_RECORDED: 3,
        BulkResult.FAILED: 2,
        BulkResult.UNKNOWN: 1,
    }

    report = BulkReport.counted(15, results)

    assert BulkReport(pulled=15, tracked=4, already_recorded=3, failed=2, unknown=1) == report
    assert 5 == report.under_way


@pytest.mark.parametrize(
    ("report", "complete"),
    [
        pytest.param(BulkReport(), True, id="nothing-was-asked"),
        pytest.param(BulkReport(pulled=3, tracked=2, already_recorded=1), True, id="all-recorded"),
        pytest.param(BulkReport(pulled=3, tracked=2, failed=1), False, id="one-failed"),
        pytest.param(BulkReport(pulled=3, tracked=2, unknown=1), False, id="one-unknown"),
        pytest.param(BulkReport(pulled=3, tracked=2), False, id="one-under-way"),
    ],
)
def test_a_report_is_complete_when_every_order_is_recorded(
    report: BulkReport, *, complete: bool
) -> None:
    assert complete == report.complete


def test_an_error_carries_its_report_through_a_pickle() -> None:
    report, error = BulkReport(pulled=1, failed=1), DuplicateError("taken")
    report.attach(error)

    assert report == BulkReport.of(pickle.loads(pickle.dumps(error)))


def test_the_report_is_found_behind_an_error_that_was_made_of_the_first() -> None:
    report, first = BulkReport(pulled=1), KeyError()
    report.attach(first)
    caused, followed = ValueError(), ValueError()
    caused.__cause__, followed.__context__ = first, first

    assert [report, report] == [BulkReport.of(caused), BulkReport.of(followed)]


def test_an_error_that_ended_no_bulk_call_has_no_report() -> None:
    assert BulkReport.of(ValueError()) is None
    assert BulkReport.of(None) is None


@pytest.mark.timeout(5)
def test_an_error_that_was_raised_from_itself_has_no_report_either() -> None:
    error = ValueError("x")
    error.__cause__ = error
    assert BulkReport.of(error) is None
