"""``/transactions/refund``: earned points go, redeemed points come back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from gameball_async.sandbox.checks import check_new_id, check_time
from gameball_async.sandbox.ledger import Row
from gameball_async.sandbox.limits import TRANSACTIONS_POST
from gameball_async.sandbox.originals import Original, Returned, Reversal
from gameball_async.sandbox.purchases import entry_of
from gameball_async.sandbox.refusals import Refusal
from gameball_async.sandbox.routes import Route, Visit, customer_of_body
from gameball_async.sandbox.shapes import (
    LINE_ITEM,
    MERCHANT,
    MERGE_KEYS,
    NAME,
    Member,
    Misfit,
    Shape,
    amount,
    array_of,
    instant,
)
from gameball_async.sandbox.wire import JsonObject, number_of, shown


def _positive(value: Any) -> Decimal:
    """Money above zero."""
    checked = Decimal(amount(value))
    if not checked:
        raise Misfit("must be above zero")
    return checked


REFUND: Final = Shape(
    {
        "customerId": NAME,
        **MERGE_KEYS,
        "refundTransactionId": NAME,
        "reverseTransactionId": NAME,
        "transactionTime": Member(instant, required=True),
        "refundAmount": Member(_positive),
        "merchant": Member(MERCHANT.read),
        "lineItems": Member(array_of(LINE_ITEM.read)),
    }
)


def refund(visit: Visit) -> JsonObject:
    """``POST /transactions/refund``: everything is checked before anything is stored."""
    tenant, body = visit.tenant, visit.body
    check_new_id(tenant, body["refundTransactionId"])
    original = _original(visit)
    if body["transactionTime"] != original.time:
        check_time(original.profile, body["transactionTime"], visit.now)
    money, items = body.get("refundAmount"), _items(visit)
    original.check_returned(items)

    tenant.remember(original.profile, body)
    tenant.transaction_ids.add(body["refundTransactionId"])
    original.profile.times.add(body["transactionTime"])
    reversal = original.reverse(money, items, visit.now)
    row = _book(visit, original, reversal)
    if original.order_id is not None:
        fired = {
            "refund_id": body["refundTransactionId"],
            "refunded_amount": reversal.money,
            "refunded_points": reversal.points,
            "order_id": original.order_id,
        }
        tenant.fire(original.profile, "order_refunded", fired, visit.now)
    return {
        "gameballTransactionId": str(row.id),
        "refundTransactionId": body["refundTransactionId"],
        "refundAmount": shown(reversal.money),
        "refundEquivalentPoints": (
            reversal.points
            if visit.program.refund_equivalent_as == "points"
            else number_of(reversal.money / original.factor)
        ),
    }


def _original(visit: Visit) -> Original:
    """What is to be reversed; the time may be its time or that of the refund (C-17)."""
    tenant, wanted = visit.tenant, visit.body["reverseTransactionId"]
    profile = tenant.known(visit.body)
    original = tenant.originals.get(wanted)
    if original is None and wanted in tenant.transaction_ids:
        raise Refusal(9000, f"transaction {wanted!r} cannot be reversed")
    if original is None or original.profile is not profile:
        raise Refusal(9005, f"transaction {wanted!r} not found")
    if original.is_cancelled:
        raise Refusal(9001, f"transaction {wanted!r} is cancelled already")
    return original


def _items(visit: Visit) -> list[Returned]:
    """The products that come back; without a total, each needs its price."""
    items: list[Returned] = []
    for item in visit.body.get("lineItems", ()):
        needed = ["productId"] if "refundAmount" in visit.body else ["productId", "price"]
        for name in needed:
            if name not in item:
                raise Refusal(3000, f"lineItems: {name} is missing")
        items.append(Returned(item["productId"], item.get("quantity", 1), item.get("price")))
    return items


def _book(visit: Visit, original: Original, reversal: Reversal) -> Row:
    """Write the rows and return the first one."""
    body, ledger, profile = visit.body, visit.tenant.ledger, original.profile
    cause = entry_of(visit, body["refundTransactionId"], body["transactionTime"], reversal.paid)
    cancel = cause.listed_by(original.order_id, "Cancel", "Cancel")
    rows: list[Row] = []
    if reversal.cancelled and original.lot is not None:
        rows.append(ledger.take_back(profile, cancel, reversal.cancelled, original.lot))
    word = "Refund" if reversal.is_whole else "PartialRefund"
    given = cause.listed_by(original.order_id, "Refund", word)
    for portion in reversal.returned:
        entry = given.of("Refund", portion.points * original.factor)
        row = ledger.credit(profile, entry, portion.points, expires_at=portion.expires_at)
        rows.append(row)
    return rows[0] if rows else ledger.unrewarded(profile, cancel)


ROUTES: Final = (
    Route(
        method="POST",
        path="/transactions/refund",
        bucket=TRANSACTIONS_POST,
        answer=refund,
        body=REFUND,
        writes=customer_of_body,
    ),
)
