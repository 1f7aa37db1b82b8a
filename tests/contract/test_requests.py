"""Everything that can be asked for is sent as described, and nothing else is."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from tests.clients import API_KEY, SECRET_KEY
from tests.contract.calls import LANGUAGE, Sent, all_blocking_calls, all_calls, names
from tests.contract.document import Described, described, members, original, undescribed
from tests.contract.merged import merged
from tests.contract.test_operations import NOT_DESCRIBED, NOT_OURS, OURS

NOT_DESCRIBED_MEMBERS: Mapping[str, set[str]] = {
    "POST /orders": {"referrerCode"},  # of the point-of-sale and web guides (C-31)
    "POST /events": {"email", "mobile"},  # of the omni-channel guide (C-32)
    "POST /batch/orders": {  # only four are listed; any of a single order is accepted (C-71)
        *("email", "mobile", "totalPrice", "totalDiscount", "totalShipping", "totalTax"),
        *("lineItems", "redemption", "extra", "merchant", "guest", "channel", "cartId"),
        *("cashbackConfigurations", "referrerCode"),
    },
}
"""What we send although the description does not have it."""


@pytest.fixture(scope="module")
def sent() -> Sequence[Sent]:
    original("openapi.json")
    return asyncio.run(all_calls())


def of(sent: Sequence[Sent], name: str) -> list[Sent]:
    """The requests for one operation; a job is asked about on two paths."""
    if name in NOT_DESCRIBED:
        method, _, path = name.partition(" ")
        start = path.partition("{")[0]
        return [it for it in sent if it.method == method and start in it.path and it.body is None]
    return [it for it in sent if it.operation is not None and it.operation.name == name]


def paths(value: Any, path: str = "") -> Iterator[str]:
    """The path of every member of a body."""
    if isinstance(value, dict):
        for name, item in value.items():
            here = f"{path}.{name}".lstrip(".")
            yield here
            yield from paths(item, here)
    elif isinstance(value, list):
        for item in value:
            yield from paths(item, f"{path}[]")


def bodies(requests: Sequence[Sent]) -> set[str]:
    return {path for it in requests for path in paths(it.body)}


def parameters(requests: Sequence[Sent]) -> set[tuple[str, str]]:
    queries = {("query", name) for it in requests for name in it.query}
    return queries | {("header", "lang") for it in requests if it.headers.get("lang") == LANGUAGE}


def schema(it: Described) -> Any:
    return it.body or {}


@pytest.mark.parametrize("name", sorted({*OURS}))
def test_every_member_and_parameter_of_any_source_is_sent(sent: Sequence[Sent], name: str) -> None:
    """C-36: the language travels as a header or in the query, as the operation has it."""
    requests = of(sent, name)
    assert requests
    assert set() == merged()[name].request - bodies(requests)
    assert merged()[name].parameters == parameters(requests)


@pytest.mark.parametrize("name", sorted({*OURS} - {*NOT_DESCRIBED}))
def test_what_is_sent_is_what_the_description_has(sent: Sequence[Sent], name: str) -> None:
    it, requests = described()[name], of(sent, name)
    assert set() == set(members(schema(it))) - bodies(requests)
    assert {place for place in it.parameters if place[0] != "path"} == parameters(requests)
    assert all((request.body is None) == (it.body is None) for request in requests)
    more = {path for request in requests for path in undescribed(schema(it), request.body)}
    assert NOT_DESCRIBED_MEMBERS.get(name, set()) == {path.removeprefix("body[].") for path in more}


@pytest.mark.parametrize("name", sorted({*OURS} - {*NOT_DESCRIBED}))
def test_what_is_sent_obeys_the_schema(sent: Sequence[Sent], name: str) -> None:
    it = described()[name]
    for request in of(sent, name):
        assert [] == (it.complaints(request.body) if it.body is not None else [])


def test_a_body_that_breaks_the_schema_is_noticed() -> None:
    """The proof that the validator reads the references, the formats and the limits."""
    broken = {
        "POST /customers": {"email": 5},
        "POST /orders": {"customerId": "c", "orderDate": "yesterday", "channel": "moon"},
        "POST /orders/cashback": {"totalPaid": "10", "totalDiscount": -1, "totalShipping": 0},
    }
    complaints = {name: described()[name].complaints(body) for name, body in broken.items()}
    assert {"$.email: 5 is not of type 'string'", "$: 'customerId' is a required property"} == {
        *complaints["POST /customers"]
    }
    assert "$.orderDate: 'yesterday' is not a 'date-time'" in complaints["POST /orders"]
    assert any(it.startswith("$.channel: 'moon'") for it in complaints["POST /orders"])
    assert 2 == len([it for it in complaints["POST /orders/cashback"] if "$.total" in it])


def test_both_keys_go_with_every_request_under_their_documented_names(
    sent: Sequence[Sent],
) -> None:
    """C-34, C-35."""
    for request in sent:
        assert API_KEY == request.headers["apikey"]
        assert SECRET_KEY == request.headers["secretkey"]
        assert not {"webkey", "transactionkey"} & {it.lower() for it in request.headers}


def test_every_method_is_called(sent: Sequence[Sent]) -> None:
    assert {*names()} == {it.call for it in sent}


def test_the_blocking_twin_sends_the_same(sent: Sequence[Sent]) -> None:
    assert sent == all_blocking_calls()


def test_nothing_that_is_left_out_is_ever_asked_for(sent: Sequence[Sent]) -> None:
    asked = {it.operation.name for it in sent if it.operation is not None}
    assert set() == asked & {*NOT_OURS}
    assert {*OURS} - {*NOT_DESCRIBED} == asked
