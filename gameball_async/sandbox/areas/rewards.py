"""``/transactions/cashback`` and activation: points for money, and the end of their waiting."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from gameball_async.sandbox.checks import check_active, check_new_id, check_time
from gameball_async.sandbox.limits import TRANSACTIONS_POST
from gameball_async.sandbox.originals import Original
from gameball_async.sandbox.points import earn
from gameball_async.sandbox.purchases import RETURN_WINDOW, entry_of, reward
from gameball_async.sandbox.refusals import Refusal
from gameball_async.sandbox.routes import Route, Visit, customer_of_body
from gameball_async.sandbox.shapes import (
    MERCHANT,
    MERGE_KEYS,
    NAME,
    Member,
    Shape,
    amount,
    instant,
)
from gameball_async.sandbox.wire import JsonObject, shown

CASHBACK: Final = Shape(
    {
        "customerId": NAME,
        **MERGE_KEYS,
        "transactionId": NAME,
        "transactionTime": Member(instant, required=True),
        "amount": Member(amount, required=True),
        "merchant": Member(MERCHANT.read),
        "configurations": RETURN_WINDOW,
    }
)


def cashback(visit: Visit) -> JsonObject:
    """``POST /transactions/cashback``: what the money earns, as an order of that total would."""
    tenant, body, program = visit.tenant, visit.body, visit.program
    check_new_id(tenant, body["transactionId"])
    profile = tenant.known(body)
    check_active(profile)
    check_time(profile, body["transactionTime"], visit.now)
    earning = earn({"totalPaid": body["amount"]}, program, visit.now)

    tenant.remember(profile, body)
    tenant.transaction_ids.add(body["transactionId"])
    profile.times.add(body["transactionTime"])
    entry = entry_of(visit, body["transactionId"], body["transactionTime"], body["amount"])
    days = body.get("configurations", {}).get("returnWindow")
    row = (
        reward(visit, profile, entry, earning.points, days)
        if earning.points
        else tenant.ledger.unrewarded(profile, entry)
    )
    tenant.originals[body["transactionId"]] = Original(
        profile,
        body["transactionTime"],
        None,
        paid=Decimal(body["amount"]),
        factor=program.redemption_factor,
        lot=row.lot,
        base_left=earning.base_points,
        extra_left=earning.points - earning.base_points,
    )
    return {
        "customerId": body["customerId"],
        "gameballTransactionId": row.id,
        "rewardAmount": shown(earning.points * program.redemption_factor),
        "rewardEquivalentPoints": earning.points,
    }


def activate(visit: Visit) -> JsonObject:
    """``PUT /transactions/{transactionId}/activate``: end the return window now."""
    tenant, transaction_id = visit.tenant, visit.path["transactionId"]
    if transaction_id not in tenant.transaction_ids:
        raise Refusal(9002, f"transaction {transaction_id!r} not found")
    original = tenant.originals.get(transaction_id)
    lot = original.lot if original else None
    if original is None or lot is None or lot.row.status != "Pending" or not lot.left:
        raise Refusal(3004, f"transaction {transaction_id!r} has no pending points")
    return {
        "pointsActivated": tenant.ledger.activate(original.profile, lot, visit.now),
        "gameballTransactionId": lot.row.id,
        "clientTransactionId": transaction_id,
    }


def _customer_of_transaction(visit: Visit) -> object:
    original = visit.tenant.originals.get(visit.path["transactionId"])
    return original.profile if original else None


ROUTES: Final = (
    Route(
        method="POST",
        path="/transactions/cashback",
        bucket=TRANSACTIONS_POST,
        answer=cashback,
        body=CASHBACK,
        writes=customer_of_body,
    ),
    Route(
        method="PUT",
        path="/transactions/{transactionId}/activate",
        bucket=TRANSACTIONS_POST,
        answer=activate,
        writes=_customer_of_transaction,
    ),
)
