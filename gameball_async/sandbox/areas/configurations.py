"""``/configurations``: the rates of the program, and the account's own coupon engine."""

from __future__ import annotations

from typing import Final

from gameball_async.sandbox.limits import OTHERS
from gameball_async.sandbox.routes import Route, Visit
from gameball_async.sandbox.shapes import (
    FLAG,
    IGNORED,
    NAME,
    TEXT,
    Member,
    Shape,
    array_of,
    one_of,
    text,
)
from gameball_async.sandbox.wire import JsonObject, shown

OF_CUSTOMER: Final = Shape({"customerId": TEXT, "lang": IGNORED})

_PAIRS: Final = Member(
    array_of(
        Shape(
            {
                "key": NAME,
                "value": Member(text, required=True),
            }
        ).read
    )
)
ENGINE: Final = Shape(
    {
        "url": NAME,
        "method": Member(one_of("POST", "PUT", "GET").read, required=True),
        "queryParams": _PAIRS,
        "headers": _PAIRS,
        "payload": TEXT,
        "couponMapping": Member(
            Shape(dict.fromkeys(("fixed", "percentage", "freeProduct", "freeShipping"), TEXT)).read
        ),
        "enableFreeProduct": FLAG,
        "enableFixedRate": FLAG,
        "enableFreeShipping": FLAG,
        "enablePercentage": FLAG,
        "platforms": Member(array_of(Shape({"displayName": NAME, "value": NAME}).read)),
    }
)

ENGINE_EXAMPLE: Final[JsonObject] = {
    "url": "https://api.mywebsite.com/coupons",
    "method": "POST",
    "queryParams": [{"key": "appId", "value": "12345"}],
    "headers": [{"key": "Authorization", "value": "Bearer token"}],
    "payload": '{ "couponCode": "DISCOUNT10" }',
    "couponMapping": {
        "fixed": "fixed_discount",
        "percentage": "percentage_discount",
        "freeProduct": "free_product",
        "freeShipping": "free_delivery",
    },
    "enableFreeProduct": True,
    "enableFixedRate": True,
    "enableFreeShipping": True,
    "enablePercentage": True,
    "platforms": [],
}


def cashback(visit: Visit) -> JsonObject:
    """``GET /configurations/cashback``: one rate for everybody, its percentage as in C-05."""
    program = visit.program
    rate = program.reward_wallet_factor / program.amount_reward_threshold
    rule = {
        "amountRewardThreshold": shown(program.amount_reward_threshold),
        "rewardWalletFactor": shown(program.reward_wallet_factor),
        "rewardRankFactor": shown(1),
        "rewardFactor": shown(rate * program.redemption_factor * 100),
    }
    return {"defaultCashbackRule": rule, "tierCashbackRules": []}


def redemption(visit: Visit) -> JsonObject:
    """``GET /configurations/redemption``: the value of a point means that of the coupon (C-10)."""
    program = visit.program
    rules = [
        {
            "id": int(rule) if rule.isdecimal() else rule,
            "pointsToRedeem": points,
            "valueOfPoint": shown(points * program.redemption_factor),
            "ruleType": "fixed_rate_settings",
            "coupon": {
                "couponType": "fixed_rate_discount",
                "discountValue": shown(points * program.redemption_factor),
            },
            "image": None,
            "creationDate": "2025-02-10T10:12:16.783408",
            "isActive": True,
        }
        for rule, points in program.redemption_rules.items()
    ]
    return {"redemptionFactor": shown(program.redemption_factor), "redemptionRules": rules}


def engine(visit: Visit) -> JsonObject:
    """``GET /configurations/coupon``: what was put there, else the documented example."""
    return visit.tenant.coupon_engine or ENGINE_EXAMPLE


def update_engine(visit: Visit) -> None:
    """``PUT /configurations/coupon``; no body is documented."""
    visit.tenant.coupon_engine = visit.body


ROUTES: Final = (
    Route(
        method="GET",
        path="/configurations/cashback",
        bucket=OTHERS,
        answer=cashback,
        query=OF_CUSTOMER,
        secret=False,
    ),
    Route(
        method="GET",
        path="/configurations/redemption",
        bucket=OTHERS,
        answer=redemption,
        query=OF_CUSTOMER,
        secret=False,
    ),
    Route(method="GET", path="/configurations/coupon", bucket=OTHERS, answer=engine),
    Route(
        method="PUT",
        path="/configurations/coupon",
        bucket=OTHERS,
        answer=update_engine,
        body=ENGINE,
    ),
)
