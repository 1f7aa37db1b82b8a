"""``/customers/social-challenges``: a campaign that a customer has achieved elsewhere."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from gameball_async.sandbox.limits import CUSTOMERS_POST
from gameball_async.sandbox.refusals import Refusal
from gameball_async.sandbox.routes import Route, Visit, customer_of_body
from gameball_async.sandbox.shapes import MERGE_KEYS, NAME, Member, Shape, whole_between
from gameball_async.sandbox.wire import JsonObject

_WINDOW: Final = timedelta(minutes=1)
"""The vendor's is short and of unstated length."""

ACHIEVED: Final = Shape(
    {
        "customerId": NAME,
        **MERGE_KEYS,
        "challengeId": Member(whole_between(1, 2**31 - 1), required=True),
    }
)


def achieve(visit: Visit) -> JsonObject:
    """``POST /customers/social-challenges``: 202; an unknown customer is 4004 (C-78)."""
    tenant, body = visit.tenant, visit.body
    profile = tenant.find(body["customerId"], body)
    if profile is None:
        raise Refusal(4004, "customer does not exist")
    before = profile.achieved.get(body["challengeId"])
    if before is not None and visit.now < before + _WINDOW:
        raise Refusal(4000, "can't send this action multiple times")
    tenant.remember(profile, body)
    profile.achieved[body["challengeId"]] = visit.now
    return {"customerId": body["customerId"], "challengeId": body["challengeId"]}


ROUTES: Final = (
    Route(
        method="POST",
        path="/customers/social-challenges",
        bucket=CUSTOMERS_POST,
        answer=achieve,
        body=ACHIEVED,
        status=202,
        secret_code=1006,
        writes=customer_of_body,
    ),
)
