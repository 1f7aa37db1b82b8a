"""Customers: the exact wire format, and what they do in an account."""

from __future__ import annotations

import pytest

from gameball_async import CustomerNotFoundError, GameballClient, PayloadError
from gameball_async.sandbox import Sandbox
from tests.clients import API_KEY, QUICK, SECRET_KEY, order
from tests.endpoints.exact import exact


def connect(sandbox: Sandbox) -> GameballClient:
    return GameballClient(API_KEY, SECRET_KEY, base_url=sandbox.url, retry=QUICK)


async def test_a_customer_is_asked_for_by_its_encoded_id() -> None:
    customer, sent = await exact(
        "GET",
        "/customers/jane%20doe%2F1",
        {"gameballId": 7, "customerAttributes": {"utMs": [{"source": "x"}], "city": "Cairo"}},
        lambda g: g.customers.get("jane doe/1"),
    )
    assert None is sent.body
    assert 7 == customer.gameball_id
    assert customer.customer_attributes is not None
    assert "Cairo" == customer.customer_attributes.city
    assert [{"source": "x"}] == customer.customer_attributes.utms, "C-44"


async def test_a_customer_is_taken_out_by_a_put() -> None:
    state, sent = await exact(
        "PUT",
        "/customers/id123/activate",
        {"customerId": "id123", "isActive": False, "stateChanged": True},
        lambda g: g.customers.set_active("id123", False),
    )
    assert {"isActive": False} == sent.body
    assert (False, True) == (state.is_active, state.state_changed)


async def test_who_is_out_neither_earns_nor_redeems() -> None:
    async with Sandbox.serve() as sandbox, connect(sandbox) as gameball:
        with pytest.raises(CustomerNotFoundError):
            await gameball.customers.get("id123")
        with pytest.raises(CustomerNotFoundError):
            await gameball.customers.set_active("id123", is_active=True)
        await gameball.orders.track(order())
        assert "id123" == (await gameball.customers.get("id123")).customer_id
        out = await gameball.customers.set_active("id123", is_active=False)
        again = await gameball.customers.set_active("id123", is_active=False)
        with pytest.raises(PayloadError) as caught:
            await gameball.transactions.hold(customer_id="id123", points_to_hold=1)
    assert (True, False) == (out.state_changed, again.state_changed)
    assert 3009 == caught.value.code
