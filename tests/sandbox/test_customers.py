"""The profile of a customer, and opting in and out."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.caller import Caller


def test_a_customer_without_orders() -> None:
    caller = Caller()
    caller.give(0, "a/b+c@x")
    customer = caller.get("/customers/a%2Fb%2Bc%40x")
    assert ("a/b+c@x", {}, False) == (
        customer["customerId"],
        customer["customerAttributes"],
        customer["isReferred"],
    )
    assert customer["referralLink"].endswith(f"?referralCode={customer['referralCode']}")


def test_a_customer_with_orders() -> None:
    caller = Caller()
    caller.order(paid=10.5, orderDate="2024-10-01T00:00:00Z")
    caller.order(paid=0.25)
    assert caller.get("/customers/c1")["customerAttributes"] == {
        "totalSpent": 10.75,
        "lastOrderDate": "2024-10-16T09:00:00",
        "totalOrders": 2,
    }


def test_an_unknown_customer_is_7000() -> None:
    caller = Caller()
    assert (404, 7000) == caller.refusal("GET", "/customers/nobody")
    body = {"isActive": True}
    assert (404, 7000) == caller.refusal("PUT", "/customers/nobody/activate", body)


def test_opting_out_and_in_says_whether_it_changed_anything() -> None:
    caller = Caller()
    caller.order()

    def opt(active: object) -> Any:
        return caller.ask("PUT", "/customers/c1/activate", {"isActive": active})[1]

    assert opt(active=True) == {"customerId": "c1", "isActive": True, "stateChanged": False}
    assert opt(active=False) == {"customerId": "c1", "isActive": False, "stateChanged": True}
    assert opt(active=False) == {"customerId": "c1", "isActive": False, "stateChanged": False}
    assert opt(active=True) == {"customerId": "c1", "isActive": True, "stateChanged": True}
    caller.order()


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        pytest.param({}, (400, 3000), id="absent"),
        pytest.param({"isActive": None}, (422, 3001), id="null"),
        pytest.param({"isActive": "no"}, (422, 3003), id="text"),
    ],
)
def test_refused_activations(body: Any, refusal: tuple[int, int]) -> None:
    caller = Caller()
    caller.give(0)
    assert refusal == caller.refusal("PUT", "/customers/c1/activate", body)
