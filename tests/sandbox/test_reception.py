"""Who may come in, and what does not fit: keys, paths, bodies, and rate limits."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from gameball_async.sandbox import Program, Sandbox
from gameball_async.sandbox.limits import PUBLISHED
from gameball_async.transport.http import Request
from tests.sandbox.caller import HEADERS, KEY, NOW, SECRET, Caller, made

ORDER = {"customerId": "c1", "orderId": "A", "totalPaid": 1}


@pytest.mark.parametrize("version", ["v4", "v4.0", "v4.1"])
def test_every_version_of_the_path_leads_to_the_same_account(version: str) -> None:
    caller = Caller()
    caller.post("/orders", ORDER, version=version)
    assert 1 == caller.points()[0]


@pytest.mark.parametrize(
    ("method", "target"),
    [
        pytest.param("GET", "/api/v4/integrations/locks/x", id="unknown-operation"),
        pytest.param("DELETE", "/api/v4/integrations/orders", id="unknown-method"),
        pytest.param("DELETE", "/api/v4/integrations/orders/A/transactions", id="phantom"),
        pytest.param("POST", "/api/v4/integrations/orders/", id="slash-at-the-end"),
        pytest.param("GET", "/api/v4/integrations/customers/", id="no-id"),
        pytest.param("POST", "/api/v4/orders", id="no-integrations"),
        pytest.param("POST", "/api/v3.0/integrations/orders", id="old-version"),
        pytest.param("POST", "/api/v4.2/integrations/orders", id="new-version"),
        pytest.param("POST", "/x/api/v4/integrations/orders", id="something-before"),
        pytest.param("GET", "", id="nothing"),
    ],
)
def test_unknown_paths_are_loud(method: str, target: str) -> None:
    answer = Sandbox().handle(Request(method, target, HEADERS), NOW)
    body = json.loads(answer.body)
    assert (404, 4004) == (answer.status, body["code"])
    assert f"{method} " in body["message"]


def test_the_envelope_has_five_members() -> None:
    status, body = Caller().ask("GET", "/nowhere")
    assert 404 == status
    assert body == {
        "code": 4004,
        "type": "GENERAL_ERROR",
        "message": "the sandbox has no operation GET /nowhere",
        "documentationUrl": "https://docs.gameball.co/api-reference/introduction",
        "requestId": "sandbox-1",
    }


def test_bytes_that_are_no_text_do_not_break_the_envelope() -> None:
    assert (404, 4004) == Caller().refusal("GET", "/\udcff")


@pytest.mark.parametrize(
    ("headers", "version", "path", "refusal"),
    [
        pytest.param({}, "v4", "/transactions", 1000, id="no-key"),
        pytest.param({"apikey": ""}, "v4", "/transactions", 1000, id="empty-key"),
        pytest.param({"apikey": "a b"}, "v4", "/transactions", 1000, id="no-such-key-can-be"),
        pytest.param({"apikey": KEY}, "v4", "/transactions", 1001, id="no-secret"),
        pytest.param({"apikey": KEY, "secretkey": "x"}, "v4", "/transactions", 1001, id="wrong"),
        pytest.param({"apikey": KEY}, "v4.1", "/customers/c1", 1001, id="v4.1-needs-it-always"),
        pytest.param(
            {"apikey": KEY, "secretkey": "x"}, "v4", "/customers/c1", 1001, id="wrong-in-vain"
        ),
    ],
)
def test_refused_keys(headers: dict[str, str], version: str, path: str, refusal: int) -> None:
    caller = Caller()
    caller.order()
    assert (401, refusal) == caller.refusal("GET", path, headers=headers, version=version)


def test_some_operations_need_the_api_key_alone() -> None:
    caller = Caller()
    caller.give(0)
    caller.get("/customers/c1", headers={"apikey": KEY})
    headers = {"apikey": KEY, "content-type": "application/json"}
    caller.post("/orders/cashback", {"totalPaid": 1}, headers=headers)


def test_a_secure_account_needs_the_secret_everywhere() -> None:
    caller = Caller(high_security=True)
    assert (401, 1001) == caller.refusal("GET", "/customers/c1", headers={"apikey": KEY})


def test_header_names_have_no_case() -> None:
    headers = {
        "APIKey": KEY,
        "SecretKey": SECRET,
        "Content-Type": "Application/JSON; charset=utf-8",
    }
    Caller().post("/orders", ORDER, headers=headers)


def test_the_first_secret_of_an_account_is_its_own() -> None:
    caller = Caller()
    caller.give(0)
    headers = {"apikey": KEY, "secretkey": "other"}
    caller.get("/customers/c1", headers=headers)
    assert (401, 1001) == caller.refusal("GET", "/transactions")
    caller.get("/transactions", headers=headers)


def test_accounts_know_nothing_of_each_other() -> None:
    caller = Caller()
    caller.order(orderId="A")
    other = HEADERS | {"apikey": "another"}
    assert {"count": 0} == caller.get("/transactions/count", headers=other)
    caller.post("/orders", ORDER, headers=other)
    balance = caller.sandbox.balance("another", "c1")
    assert balance is not None
    assert (1, 100) == (balance.total, caller.points()[0])


@pytest.mark.parametrize("version", ["v4", "v4.0"])
def test_an_account_may_refuse_old_versions(version: str) -> None:
    caller = Caller(minimum_version="v4.1")
    assert (403, 1002) == caller.refusal("GET", "/transactions", version=version)
    caller.get("/transactions", version="v4.1")


@pytest.mark.parametrize(
    ("body", "refusal", "word"),
    [
        pytest.param(b"", (400, 3016), "JSON", id="empty"),
        pytest.param(b"{", (400, 3016), "JSON", id="torn"),
        pytest.param(b'{"a": NaN}', (400, 3016), "JSON", id="nan"),
        pytest.param(b'{"a": "\\ud800"}', (400, 3016), "JSON", id="half-a-pair"),
        pytest.param(b'{"a": "\xff"}', (400, 3016), "JSON", id="not-utf-8"),
        pytest.param(b"[" * 2000 + b"]" * 2000, (400, 3016), "JSON", id="deep"),
        pytest.param(b"[" * 1000 + b"]" * 1000, (400, 3016), "JSON", id="as-deep-as-orjson-goes"),
        pytest.param(b"[]", (422, 3003), "the body", id="array"),
        pytest.param({"totalPaid": "1"}, (422, 3003), "totalPaid", id="money-as-text"),
        pytest.param({"totalPaid": True}, (422, 3003), "totalPaid", id="money-as-flag"),
        pytest.param({"totalPaid": -1}, (422, 3003), "totalPaid", id="negative-money"),
        pytest.param({"totalPaid": 10**15}, (422, 3003), "totalPaid", id="too-much-money"),
        pytest.param({"totalPaid": None}, (422, 3001), "totalPaid", id="null-where-required"),
        pytest.param({"customerId": ""}, (422, 3003), "customerId", id="empty-id"),
        pytest.param({"customerId": 7}, (422, 3003), "customerId", id="id-as-number"),
        pytest.param({"guest": "no"}, (422, 3003), "guest", id="flag-as-text"),
        pytest.param({"extra": []}, (422, 3003), "extra", id="extra-as-array"),
        pytest.param({"extra": {"a": []}}, (422, 3003), "extra.a", id="extra-holds-an-array"),
        pytest.param({"extra": {"a": None}}, (422, 3003), "extra.a", id="extra-holds-null"),
        pytest.param({"lineItems": {}}, (422, 3003), "lineItems", id="lines-as-object"),
        pytest.param(
            {"lineItems": [{}, {"quantity": "2"}]}, (422, 3003), "lineItems.[1].quantity",
            id="a-path-into-a-line",
        ),
        pytest.param(
            {"lineItems": [{"quantity": -2}]}, (422, 3003), "quantity", id="negative-quantity"
        ),
        pytest.param({"lineItems": [{"tags": 1}]}, (422, 3003), "tags", id="tags-as-number"),
        pytest.param({"merchant": {"id": "m"}}, (400, 3003), "merchant.id", id="unknown-inside"),
        pytest.param({"total_paid": 1}, (400, 3003), "total_paid", id="unknown-member"),
        pytest.param(
            {"cashbackConfigurations": {"returnWindow": 7301}}, (422, 3003), "returnWindow",
            id="window-too-long",
        ),
        pytest.param(
            {"cashbackConfigurations": {"returnWindow": -1}}, (422, 3003), "returnWindow",
            id="window-below-zero",
        ),
        pytest.param({"orderDate": "2024-10-16T08:13:29"}, (422, 3003), "orderDate", id="no-zone"),
        pytest.param({"orderDate": "2024-10-16T08:13:29+02:00"}, (422, 3003), "", id="not-utc"),
        pytest.param({"orderDate": "2024-02-30T08:13:29Z"}, (422, 3003), "", id="no-such-day"),
        pytest.param({"orderDate": "2024-10-16"}, (422, 3003), "orderDate", id="a-bare-day"),
        pytest.param({"orderDate": 1729066409}, (422, 3003), "orderDate", id="seconds"),
    ],
)  # fmt: skip
def test_bodies_that_do_not_fit(body: Any, refusal: tuple[int, int], word: str) -> None:
    caller = Caller()
    sent = body if isinstance(body, bytes) else ORDER | body
    assert refusal == caller.refusal("POST", "/orders", sent)
    assert word in caller.ask("POST", "/orders", sent)[1]["message"]


@pytest.mark.parametrize("name", ["customerId", "orderId", "totalPaid"])
def test_a_missing_member_is_3000(name: str) -> None:
    body = {key: value for key, value in ORDER.items() if key != name}
    assert (400, 3000) == Caller().refusal("POST", "/orders", body)


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/jsonx"])
def test_a_body_must_be_called_json(content_type: str | None) -> None:
    headers = {"apikey": KEY, "secretkey": SECRET}
    if content_type:
        headers["content-type"] = content_type
    assert (415, 3013) == Caller().refusal("POST", "/orders", ORDER, headers=headers)


def test_an_operation_without_a_body_takes_none() -> None:
    assert (400, 3003) == Caller().refusal("GET", "/transactions", {})


def test_a_query_where_there_is_none_is_refused_but_for_the_language() -> None:
    caller = Caller()
    assert (400, 3003) == caller.refusal("POST", "/orders?x=1", ORDER)
    caller.post("/orders?lang=en", ORDER)


@pytest.mark.parametrize(
    ("money", "shown"),
    [
        pytest.param("0.1234567890123456789012345678", None, id="28-digits"),
        pytest.param("123456789012345.67", None, id="two-decimals"),
        pytest.param("100", "100.0", id="whole"),
        pytest.param("1.50", "1.5", id="trailing-zero"),
        pytest.param("1E+2", "100.0", id="exponent"),
        pytest.param("0", "0.0", id="zero"),
    ],
)
def test_money_is_kept_to_the_last_digit(money: str, shown: str | None) -> None:
    caller = Caller()
    body = f'{{"customerId": "c", "orderId": "A", "totalPaid": {money}}}'.encode()
    caller.post("/orders", body)
    answer = caller.answer("GET", "/orders/A/transactions").body
    assert f'"amount":{shown or money},'.encode() in answer


@pytest.mark.parametrize("money", ["1.00000000000000000000000000001", "1e-29", "1e999999999"])
def test_money_that_no_ledger_can_hold_is_refused(money: str) -> None:
    body = f'{{"customerId": "c", "orderId": "A", "totalPaid": {money}}}'.encode()
    assert Caller().refusal("POST", "/orders", body) in {(422, 3003), (400, 3016)}


def test_times_lose_what_is_beyond_microseconds() -> None:
    caller = Caller()
    caller.order(orderDate="2024-10-16T08:13:29.123456789Z")
    assert "2024-10-16T08:13:29.123456" == caller.rows()[0]["transactionTime"]
    body = caller.order_body(orderDate="2024-10-16T08:13:29.1234561Z")
    assert (422, 9003) == caller.refusal("POST", "/orders", body)


CALLS = [
    pytest.param("GET", "/transactions", "Transactions GET", id="list"),
    pytest.param("GET", "/transactions/count", "Transactions GET", id="count"),
    pytest.param("GET", "/transactions/hold/x", "Transactions GET", id="get-hold"),
    pytest.param("POST", "/transactions/hold", "Transactions POST", id="hold"),
    pytest.param("DELETE", "/transactions/hold/x", "Transactions POST", id="release"),
    pytest.param("POST", "/transactions/manual", "Transactions POST", id="manual"),
    pytest.param("POST", "/coupons/validate", "Coupons", id="validate"),
    pytest.param("DELETE", "/coupons/x", "Coupons", id="unlock"),
    pytest.param("GET", "/customers/x", "Customers GET", id="customer"),
    pytest.param("PUT", "/customers/x/activate", "Customers POST", id="activate"),
    pytest.param("POST", "/orders", "Orders (Tracking)", id="order"),
    pytest.param("GET", "/orders/x/transactions", "Orders (Tracking)", id="order-rows"),
    pytest.param("POST", "/orders/cashback", "Orders (Cashback)", id="quote"),
]


@pytest.mark.parametrize(("method", "path", "bucket"), CALLS)
def test_both_windows_of_every_bucket(method: str, path: str, bucket: str) -> None:
    """A burst fills the second, bursts fill the half minute, and both slide."""
    caller = Caller(limits="documented")
    burst, quota = PUBLISHED[bucket]

    def spend() -> int:
        """Requests until the first 429."""
        return next(n for n in range(20_000) if caller.answer(method, path).status == 429)

    spent: list[int] = []
    moment = 0
    while sum(spent) < quota:
        spent.append(spend())
        caller.clock.advance(0.999)
        assert 0 == spend()
        caller.clock.advance(0.001)
        moment += 1
    assert [burst] * (quota // burst) == spent
    caller.clock.advance(30 - moment - 0.001)
    assert 0 == spend()
    caller.clock.advance(0.001)
    assert burst == spend()


def test_limits_can_be_scaled_and_count_for_each_account_and_bucket() -> None:
    caller = Caller(limits=0.1)
    statuses = [caller.answer("GET", "/transactions").status for _ in range(4)]
    assert [200, 200, 200, 429] == statuses
    caller.post("/orders", ORDER)
    other = HEADERS | {"apikey": "another"}
    assert 200 == caller.answer("GET", "/transactions", headers=other).status


def test_a_scaled_limit_is_at_least_one() -> None:
    caller = Caller(limits=0.001)
    assert [200, 429] == [caller.answer("GET", "/transactions").status for _ in range(2)]


def test_limits_are_off_by_default() -> None:
    caller = Caller()
    assert {200} == {caller.answer("GET", "/transactions").status for _ in range(400)}


def test_a_429_is_empty_and_silent_unless_the_program_says_otherwise() -> None:
    quiet, loud = Caller(limits=0.001), Caller(limits=0.001, limit_answer="json", retry_after=7)
    for caller in (quiet, loud):
        caller.get("/transactions")
    answer = quiet.answer("GET", "/transactions")
    assert ({}, b"") == (answer.headers, answer.body)
    answer = loud.answer("GET", "/transactions")
    assert "7" == answer.headers["retry-after"]
    assert "Too many requests" == json.loads(answer.body)["message"]


def test_the_log_remembers_what_was_asked_and_masks_the_key() -> None:
    caller = Caller()
    caller.order(paid=1.25, orderId="A")
    caller.answer("GET", "/transactions?limit=2")
    caller.answer("GET", "/nowhere", headers={})
    order, listing, nowhere = caller.sandbox.requests
    assert ("POST", "/orders", "", 200, "gb_t***") == (
        order.method,
        order.path,
        order.query,
        order.status,
        order.tenant,
    )
    assert {"customerId": "c1", "orderId": "A", "totalPaid": Decimal("1.25")} == order.body
    assert (NOW, "limit=2", None) == (listing.time, listing.query, listing.body)
    assert ("***", 404) == (nowhere.tenant, nowhere.status)
    assert KEY not in repr(caller.sandbox.requests)
    assert SECRET not in repr(caller.sandbox.requests)  # fmt: skip


def test_the_log_forgets_the_oldest() -> None:
    sandbox = Sandbox(Program(), log_size=2)
    for path in ("/a", "/b", "/c"):
        sandbox.handle(made("GET", path), NOW + timedelta(seconds=1))
    assert ["/b", "/c"] == [record.path for record in sandbox.requests]


def test_two_sandboxes_make_up_the_same_references_from_the_same_seed() -> None:
    references = []
    for seed in (1, 1, 2):
        caller = Caller()
        caller.sandbox = Sandbox(Program(), clock=caller.clock, seed=seed)
        caller.give(1)
        references.append(caller.hold(1))
    assert references[0] == references[1] != references[2]


def test_a_given_ledger_can_be_read_without_a_request() -> None:
    caller = Caller()
    caller.give(5)
    caller.order(paid=7)
    assert caller.rows() == caller.sandbox.ledger(KEY, "c1")
    assert [] == caller.sandbox.ledger(KEY, "nobody")
    assert caller.sandbox.balance(KEY, "nobody") is None


WRITES = [
    pytest.param("/orders", {"orderId": "A", "totalPaid": 1}, id="order"),
    pytest.param("/events", {"events": {"a": {}}}, id="event"),
    pytest.param("/orders/cashback", {"totalPaid": 1}, id="quote"),
]


@pytest.mark.parametrize(("path", "more"), WRITES)
def test_a_program_that_is_off_refuses_writes(path: str, more: Any) -> None:
    """C-89: the error of the table."""
    caller = Caller(disabled="error")
    body = {"customerId": "c1", **more}
    assert (422, 6000) == caller.refusal("POST", path, body)
    assert "CONFIGURATIONS_ERROR" == caller.ask("POST", path, body)[1]["type"]
    assert (400, 3003) == caller.refusal("POST", path, body | {"nonsense": 1})


@pytest.mark.parametrize(("path", "more"), WRITES)
def test_a_program_that_is_off_may_say_so_in_a_normal_answer(path: str, more: Any) -> None:
    """C-89: the newer way, without points and without effect."""
    caller = Caller(disabled="notice")
    before = caller.image()
    assert {
        "customerId": "c1",
        "gameballStatus": "disabled",
        "message": "Gameball is disabled for this account",
        "learnMore": "https://help.gameball.co/",
    } == caller.post(path, {"customerId": "c1", **more})
    assert before == caller.image()
    assert "customerId" not in caller.post("/orders/cashback", {"totalPaid": 1})


@pytest.mark.parametrize(
    ("disabled", "status"), [("no", None), ("error", "disabled"), ("notice", "disabled")]
)
def test_a_balance_says_whether_the_program_is_off(disabled: str, status: str | None) -> None:
    caller = Caller(disabled=disabled)
    caller.give(5)
    balance = caller.get("/customers/c1/balance")
    assert (5, status) == (balance["totalPointsBalance"], balance.get("gameballStatus"))


def test_a_social_campaign_keeps_its_status_when_the_program_is_off() -> None:
    caller = Caller(disabled="notice")
    body = {"customerId": "c1", "challengeId": 1}
    assert 202 == caller.ask("POST", "/customers/social-challenges", body)[0]
