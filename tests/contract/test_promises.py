"""What the client does where the API's sources disagree, as far as no other test says so."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from inspect import signature
from typing import Any

import pytest

from gameball_async import (
    ApiError,
    AuthenticationError,
    Branch,
    CashbackRule,
    Coupon,
    CouponKind,
    CustomerError,
    CustomerProfile,
    GameballClient,
    LineItem,
    NotFoundError,
    OutcomeUnknownError,
    PayloadError,
    Payment,
    Redemption,
    RedemptionRules,
    TransactionTimeError,
)
from gameball_async.endpoints.movements import Movements
from gameball_async.endpoints.orders import Orders
from gameball_async.errors import api_error_class
from gameball_async.models.kinds import Kind, Record, Rows
from gameball_async.pagination import Paginator
from gameball_async.serialization import decode, to_wire
from tests.clients import client, order
from tests.contract.test_answers import ANSWERED, kind_of
from tests.contract.test_operations import OURS
from tests.endpoints.exact import exact
from tests.wire import Drop, Reply, json_reply, refusal, wire

# -- money and points ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("figure", "exactly"), [("10", 10), ("0.0", Decimal("0.0")), ("0.5", Decimal("0.5"))]
)
def test_a_reward_factor_is_passed_on_and_never_computed(figure: str, exactly: Any) -> None:
    """C-05: with 1 and 20 one sample says 0.0, which fits no formula."""
    body = f'{{"amountRewardThreshold": 1, "rewardWalletFactor": 20, "rewardFactor": {figure}}}'
    assert exactly == decode(body.encode(), CashbackRule).reward_factor


def records(kind: Kind) -> list[Record]:
    if isinstance(kind, Rows):
        return records(kind.item)
    if not isinstance(kind, Record):
        return []
    return [kind, *(it for member in kind.members for it in records(member.kind))]


def test_points_of_an_answer_may_have_decimals() -> None:
    """C-06: 192.0 and 9.5 come where the tables say integer."""
    answers = [kind_of(OURS[name]) for name in ANSWERED]
    found = {
        f"{record.expected}.{member.name}": member.kind.expected
        for kind in answers
        for record in records(kind)
        for member in record.members
        if member.name.split("_")[-1] == "points" and member.name != "show_points"
    }
    assert 20 < len(found)
    assert {"Number"} == {*found.values()}


def test_points_of_a_request_are_whole() -> None:
    """C-06."""
    calls: list[Callable[..., Any]] = [
        Movements.redeem,
        Movements.create_manual,
        Movements.send_otp,
    ]
    assert ["int | None"] * 3 == [signature(it).parameters["points"].annotation for it in calls]


async def test_what_was_paid_is_sent_as_paid_and_never_derived() -> None:
    """C-07: one guide describes totalPaid as the price before discounts."""
    _, sent = await exact(
        "POST",
        "/orders",
        {},
        lambda g: g.orders.track(order(total_paid=90, total_price=100, total_discount=10)),
    )
    assert (90, 100, 10) == tuple(
        sent.body[it] for it in ("totalPaid", "totalPrice", "totalDiscount")
    )


def test_the_worth_of_a_point_is_what_the_configuration_says() -> None:
    """C-10: 0.1, 0.05 and 25.0 are all in the samples."""
    body = b'{"redemptionFactor": 0.05, "redemptionRules": [{"valueOfPoint": 25.0}]}'
    rules = decode(body, RedemptionRules)
    assert Decimal("0.05") == rules.redemption_factor
    assert rules.redemption_rules is not None
    assert 25 == rules.redemption_rules[0].value_of_point


async def test_points_given_by_hand_expire_after_days_and_never_on_a_date() -> None:
    """C-13: 1 to 3000 days, or left out; one changelog has a date as well."""

    def give(days: int | None) -> Callable[[GameballClient], Any]:
        members: dict[str, Any] = {"customer_id": "c", "transaction_id": "t"}
        return lambda g: g.transactions.create_manual(
            **members, username="u", reason="r", points=1, expiry_after=days
        )

    for days in (1, 3000, None):
        _, sent = await exact("POST", "/transactions/manual", {}, give(days))
        assert days == sent.body.get("expiryAfter")
        assert "expiryDate" not in sent.body
    for days in (0, 3001):
        with pytest.raises(ValueError, match="expiry_after"):
            await exact("POST", "/transactions/manual", {}, give(days))
    assert "expiry_date" not in signature(Movements.create_manual).parameters


# -- names and vocabularies -----------------------------------------------------------------------


def test_lines_travel_by_the_names_of_the_tables_and_with_lists() -> None:
    """C-19, C-20, C-21: tag, productSku, productName and a bare collection stand elsewhere."""
    line = LineItem(sku="s", tags=["t"], collection=["1"], category=["k"], title="T")
    assert {
        "sku": "s",
        "tags": ("t",),
        "category": ("k",),
        "collection": ("1",),
        "title": "T",
    } == to_wire(line)
    with pytest.raises(TypeError, match=r"LineItem\.collection: must be a list or tuple"):
        LineItem(collection="1")


@pytest.mark.parametrize("channel", ["online", "in-store", "pos", "web", "a marketplace"])
def test_any_channel_is_sent(channel: str) -> None:
    """C-22: free text in one source, four words in another."""
    payment = Payment(customer_id="c", payment_id="p", total_paid=1, channel=channel)
    assert channel == to_wire(order(channel=channel))["channel"] == to_wire(payment)["channel"]


def test_a_branch_needs_its_id() -> None:
    """C-23."""
    with pytest.raises(TypeError, match="unique_id"):
        Branch(name="Main street")  # type: ignore[call-arg]
    with pytest.raises(ValueError, match=r"Branch\.unique_id: must not be empty"):
        Branch(unique_id="")


def test_a_redemption_travels_by_the_names_of_the_tables() -> None:
    """C-26: lockReference, holdReference and discountCodes stand in snippets and tutorials."""
    redemption = Redemption(
        points_hold_reference="h", coupons_lock_reference="l", coupon_codes=["A"]
    )
    assert {
        "pointsHoldReference": "h",
        "couponsLockReference": "l",
        "couponCodes": ("A",),
    } == to_wire(redemption)


async def test_a_referrer_may_come_with_an_order() -> None:
    """C-31."""
    _, sent = await exact(
        "POST", "/orders", {}, lambda g: g.orders.track(order(referrer_code="R1"))
    )
    assert "R1" == sent.body["referrerCode"]
    assert "referrerCode" not in to_wire(order())


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (CouponKind.FREE_SHIPPING, "shipping|Free Shipping|free_shipping|FreeShipping"),
        (CouponKind.FREE_SHIPPING, "free_shipping_settings"),
        (CouponKind.FIXED_DISCOUNT, "fixed|Fixed|fixed_discount|Fixed Discount"),
        (CouponKind.FIXED_RATE_DISCOUNT, "Fixed Rate Discount|fixed_rate_discount"),
        (CouponKind.FIXED_RATE_DISCOUNT, "fixed_rate_settings"),
        (CouponKind.PERCENTAGE_DISCOUNT, "percentage|Percentage|percentage_discount"),
        (CouponKind.PERCENTAGE_DISCOUNT, "percentage_discount_settings"),
        (CouponKind.FREE_PRODUCT, "product|Free Product|free_product|free_product_settings"),
        (CouponKind.BUY_X_GET_Y, "buyXgetY"),
        (CouponKind.PERCENTAGE_FEES, "percentage-fees|Percentage-based Fees Discount"),
        (CouponKind.FIXED_CASHBACK, "fixed-cashback"),
        (CouponKind.PERCENTAGE_CASHBACK, "percentage-cashback|Percentage-based Cashback"),
        (CouponKind.CUSTOM, "custom|Custom"),
        (None, "0||moon|settings"),
    ],
)
def test_every_word_for_a_coupons_type_means_one_kind(kind: CouponKind | None, words: str) -> None:
    """C-54: the answers keep their words, and one function reads them all."""
    for word in words.split("|"):
        assert kind is CouponKind.of(word)
        assert word == decode(f'{{"type": "{word}"}}'.encode(), Coupon).type
    assert CouponKind.of(None) is None


async def test_a_release_tells_codes_whether_rows_are_texts_or_objects() -> None:
    """C-58: by DELETE, and never by the POST of a tutorial."""
    for rows in (["A", "B"], [{"code": "A"}, {"code": "B"}]):
        done, _ = await exact(
            "DELETE", "/coupons/l-1", {"releasedCoupons": rows}, lambda g: g.coupons.release("l-1")
        )
        assert ["A", "B"] == done.released_coupons


async def test_coupons_of_a_customer_keep_what_only_some_pages_know() -> None:
    """C-60."""
    row = {"code": "A", "isPromotion": True, "isUsed": False, "displayName": {"en": "Ten"}, "x": 1}
    listed, _ = await exact(
        "GET", "/customers/c/coupons", {"coupons": [row]}, lambda g: g.customers.coupons("c")
    )
    assert listed.coupons is not None
    coupon = listed.coupons[0]
    assert (True, False, {"en": "Ten"}) == (
        coupon.is_promotion,
        coupon.is_used,
        coupon.display_name,
    )


# -- answers ------------------------------------------------------------------------------------


async def test_a_created_customer_is_read_in_either_shape() -> None:
    """C-43."""
    for answer in ({"gameballId": 5}, {"customerId": "c", "name": "Jo", "createdAt": "2024-10-16"}):
        made, _ = await exact(
            "POST",
            "/customers",
            answer,
            lambda g: g.customers.upsert(CustomerProfile(customer_id="c")),
        )
        assert (answer.get("gameballId"), answer.get("name")) == (
            made.gameball_id,
            made.display_name,
        )


async def test_a_balance_of_other_members_is_a_balance_without_ours() -> None:
    """C-45: an older tutorial has pointsBalance; `expand` is sent as documented."""
    balance, sent = await exact(
        "GET",
        "/customers/c/balance?expand=tier%2Creferrals",
        {"pointsBalance": 1500, "pointsValue": 75.0},
        lambda g: g.customers.balance("c", expand=["tier", "referrals"]),
    )
    assert balance.total_points_balance is None
    assert sent.url.endswith("expand=tier,referrals")


async def test_a_referral_link_is_passed_on_whole() -> None:
    """C-48: its parameter has four names."""
    link = "https://shop.example/?GbReferral=R1&ref=x"
    customer, _ = await exact(
        "GET",
        "/customers/c",
        {"referralLink": link, "referralCode": "R1"},
        lambda g: g.customers.get("c"),
    )
    assert (link, "R1") == (customer.referral_link, customer.referral_code)


async def test_the_rows_of_an_order_come_at_once() -> None:
    """C-64: a point-of-sale page calls them paged, and has other members."""
    found, _ = await exact(
        "GET",
        "/orders/A-1/transactions",
        {"transactions": [{"equivalentPoints": 192.0}, {"type": "points_earned"}], "count": 2},
        lambda g: g.orders.transactions("A-1"),
    )
    assert found.transactions is not None
    assert [Decimal(192), None] == [it.equivalent_points for it in found.transactions]
    assert ["self", "order_id"] == [*signature(Orders.transactions).parameters]
    assert not isinstance(found, Paginator)


@pytest.mark.parametrize(
    "call",
    [
        lambda g: g.orders.track(order()),
        lambda g: g.orders.calculate_cashback(order()),
        lambda g: g.payments.track(Payment(customer_id="c", payment_id="p", total_paid=1)),
        lambda g: g.payments.calculate_cashback(
            Payment(customer_id="c", payment_id="p", total_paid=1)
        ),
        lambda g: g.customers.balance("c"),
    ],
    ids=["order", "order-quote", "payment", "payment-quote", "balance"],
)
async def test_a_disabled_program_is_told_by_the_answer_or_refused(call: Any) -> None:
    """C-89: 200 with a status and no points, or 6000."""
    off = json_reply(gameballStatus="disabled", message="off", learnMore="https://x.example")
    async with wire(off, refusal(422, 6000)) as server, client(server.url) as gameball:
        assert "disabled" == (await call(gameball)).gameball_status
        with pytest.raises(ApiError) as caught:
            await call(gameball)
    assert ("ConfigurationDisabledError", 6000) == (type(caught.value).__name__, caught.value.code)


# -- addresses, keys and errors -------------------------------------------------------------------


async def test_the_version_of_the_path_is_v4_and_can_be_another() -> None:
    """C-33: the guides of the time say v4, the pages of today v4.0."""
    async with wire() as server:
        for version in (None, "v4.0", "v4.1"):
            given = {} if version is None else {"api_version": version}
            async with client(server.url, **given) as gameball:
                await gameball.events.send(customer_id="c", events={"visit": None})
        assert [f"POST /api/{it}/integrations/events" for it in ("v4", "v4.0", "v4.1")] == (
            server.targets
        )


@pytest.mark.parametrize("prefix", ["gb_test_", "gb_live_", "test_", "live_", ""])
async def test_a_key_is_sent_as_it_is_whatever_it_begins_with(prefix: str) -> None:
    """C-81."""
    key, secret = f"{prefix}0123456789", f"{prefix}secret-0123"
    async with (
        wire() as server,
        client(server.url, api_key=key, secret_key=secret) as gameball,
    ):
        await gameball.customers.get("c")
    assert (key, secret) == (server.seen[0].headers["apikey"], server.seen[0].headers["secretkey"])


@pytest.mark.parametrize(
    ("kind", "refusals"),
    [
        pytest.param(AuthenticationError, [(401, 1001), (401, 1006)], id="no-secret-C-74"),
        pytest.param(PayloadError, [(400, 3000), (412, 2000)], id="no-customer-C-76"),
        pytest.param(CustomerError, [(422, 7002), (422, 7005)], id="already-referred-C-77"),
        pytest.param(NotFoundError, [(404, 7000), (404, 4004)], id="no-such-customer-C-78"),
    ],
)
def test_what_means_the_same_is_of_one_class(
    kind: type[ApiError], refusals: list[tuple[int, int]]
) -> None:
    """C-74, C-76, C-77, C-78."""
    assert all(issubclass(api_error_class(*it), kind) for it in refusals)


@pytest.mark.parametrize(
    "body",
    [
        b'{"code": 3000, "type": "Payload Error", "message": "no"}',
        b'{"code": 3000, "type": "PAYLOAD_ERROR", "message": "no"}',
        b'{"error": 400, "message": "no"}',
        b'{"title": "no", "status": 400, "errors": {}}',
        b"no",
    ],
)
async def test_every_shape_of_a_refusal_has_a_class_and_a_message(body: bytes) -> None:
    """C-72, C-73: the spelling of the type changes nothing."""
    async with wire(Reply(400, body)) as server, client(server.url) as gameball:
        with pytest.raises(PayloadError) as caught:
            await gameball.customers.get("c")
    assert ("no", 3000 if b"3000" in body else None) == (caught.value.message, caught.value.code)


async def test_claims_of_third_parties_change_nothing() -> None:
    """C-85: 9003 is no success, a lost one is not either, and the customer's hash is asked for."""
    async with wire(refusal(422, 9003)) as server, client(server.url) as gameball:
        with pytest.raises(TransactionTimeError):
            await gameball.orders.track(order())
    async with wire(Drop(), refusal(422, 9003)) as server, client(server.url) as gameball:
        with pytest.raises(OutcomeUnknownError):
            await gameball.orders.track(order())
    proof, _ = await exact(
        "GET", "/customers/c/hash", {"hash": "123456"}, lambda g: g.customers.hash("c")
    )
    assert "123456" == proof.hash


@pytest.mark.parametrize("customer_id", ["c", "jo@example.com", "+4915112345678", "9" * 100])
def test_any_id_of_a_customer_is_taken_and_a_long_one_is_a_finding(customer_id: str) -> None:
    """C-90: some operations take 100 characters at most."""
    short = order(customer_id=customer_id)
    long = order(customer_id=customer_id.ljust(101, "x"))
    assert customer_id == to_wire(short)["customerId"]
    assert () == short.findings()
    assert [("long_customer_id", "customer_id")] == [(it.code, it.path) for it in long.findings()]
    assert "101 characters, and some operations take at most 100" == long.findings()[0].message
