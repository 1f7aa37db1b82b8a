"""Orders: the exact wire format, and what they do in an account."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from orjson import loads

from gameball_async import (
    Branch,
    CashbackQuote,
    CashbackQuoteLine,
    DuplicateError,
    EventPreview,
    GameballClient,
    LineItem,
    Merchant,
    NotFoundError,
    Order,
    OrderPreview,
    OrderQuote,
    OutcomeUnknownError,
    Redemption,
    TransactionNotFoundError,
    TransactionTimeError,
)
from gameball_async.sandbox import Fault, Program, Sandbox
from gameball_async.serialization import encode, to_wire
from tests.clients import API_KEY, QUICK, SECRET_KEY, client, order
from tests.endpoints.exact import exact
from tests.wire import Drop, json_reply, wire

FULL = Order(
    customer_id="cust_123456789",
    email="john.doe@example.com",
    mobile="+1234567890",
    order_id="ORD12345",
    order_date=datetime(2024, 10, 16, 8, 13, 29, 290_000, UTC),
    total_paid=250.75,
    total_price=300,
    total_discount=50,
    total_shipping=10,
    total_tax=15,
    line_items=[
        LineItem(
            price=100,
            quantity=2,
            product_id="PROD98765",
            sku="SKU98765",
            tags=["electronics", "smartphone"],
            category=["mobile phones"],
            weight=0.5,
            vendor="TechVendor",
            collection=["latest gadgets"],
            title="Smartphone XYZ",
            taxes=7.5,
            discount=25,
            extra={"subClass": "SUBCLASS123"},
        )
    ],
    redemption=Redemption(
        points_hold_reference="HOLD123",
        coupons_lock_reference="LOCK123",
        coupon_codes=["DISCOUNT10"],
    ),
    extra={"paymentMethod": "CREDIT CARD"},
    merchant=Merchant(
        unique_id="MERCH001",
        name="TechGadgetStore",
        branch=Branch(unique_id="BRANCH001", name="Downtown Branch"),
    ),
    guest=False,
    channel="online",
    cart_id="CART98765",
)


async def test_an_order_travels_as_the_guide_shows_it() -> None:
    answer = {
        "customerId": "cust_123456789",
        "redeemedPoints": 1000,
        "rewardedPoints": 101,
        "lineItems": [
            {"productId": "PROD98765", "quantity": 2, "decimalPoints": 91.25, "points": 91}
        ],
    }
    receipt, sent = await exact("POST", "/orders", answer, lambda g: g.orders.track(FULL))
    line = {
        "price": 100,
        "quantity": 2,
        "productId": "PROD98765",
        "sku": "SKU98765",
        "tags": ["electronics", "smartphone"],
        "category": ["mobile phones"],
        "weight": 0.5,
        "vendor": "TechVendor",
        "collection": ["latest gadgets"],
        "title": "Smartphone XYZ",
        "taxes": 7.5,
        "discount": 25,
        "extra": {"subClass": "SUBCLASS123"},
    }
    assert {
        "customerId": "cust_123456789",
        "email": "john.doe@example.com",
        "mobile": "+1234567890",
        "orderId": "ORD12345",
        "orderDate": "2024-10-16T08:13:29.290Z",
        "totalPaid": 250.75,
        "totalPrice": 300,
        "totalDiscount": 50,
        "totalShipping": 10,
        "totalTax": 15,
        "lineItems": [line],
        "redemption": {
            "pointsHoldReference": "HOLD123",
            "couponsLockReference": "LOCK123",
            "couponCodes": ["DISCOUNT10"],
        },
        "extra": {"paymentMethod": "CREDIT CARD"},
        "merchant": {
            "uniqueId": "MERCH001",
            "name": "TechGadgetStore",
            "branch": {"uniqueId": "BRANCH001", "name": "Downtown Branch"},
        },
        "guest": False,
        "channel": "online",
        "cartId": "CART98765",
    } == sent.body
    assert (101, 1000) == (receipt.rewarded_points, receipt.redeemed_points)
    assert receipt.line_items is not None
    assert Decimal("91.25") == receipt.line_items[0].decimal_points


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param(order(total_paid=350), id="an-order"),
        pytest.param(
            OrderQuote(
                customer_id="id123",
                total_paid=350,
                line_items=[LineItem(product_id="197765", quantity=2, price=50)],
            ),
            id="a-quote",
        ),
    ],
)
async def test_a_quote_sends_what_it_knows_and_zeros_for_what_is_required_c24(
    asked: Order | OrderQuote,
) -> None:
    quote, sent = await exact(
        "POST",
        "/orders/cashback",
        {"totalPoints": 19000},
        lambda g: g.orders.calculate_cashback(asked),
    )
    assert {
        "customerId": "id123",
        "totalPaid": 350,
        "totalDiscount": 0,
        "totalShipping": 0,
        "lineItems": [{"productId": "197765", "quantity": 2, "price": 50}],
    } == sent.body
    assert 19000 == quote.total_points


PREVIEW = {
    "customerId": "1214",
    "customerFound": True,
    "totalPoints": 270,
    "totalCoupons": 1,
    "cashback": {
        "totalPoints": 120,
        "totalScore": 120,
        "lineItems": [{"productId": "P-100", "campaignImpactWalletFactor": 0.6}],
    },
    "eventRewards": {"eventName": "place_order", "valid": True, "totalPoints": 150},
}


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param(FULL, id="an-order"),
        pytest.param(
            OrderQuote(
                customer_id="cust_123456789",
                email="john.doe@example.com",
                mobile="+1234567890",
                total_paid=250.75,
                total_price=300,
                total_discount=50,
                total_shipping=10,
                total_tax=15,
                line_items=FULL.line_items,
                merchant=FULL.merchant,
                channel="online",
                extra={"paymentMethod": "CREDIT CARD"},
            ),
            id="a-quote",
        ),
    ],
)
async def test_a_preview_of_rewards_sends_what_it_knows_c04(asked: Order | OrderQuote) -> None:
    found, sent = await exact(
        "POST", "/orders/reward-preview", PREVIEW, lambda g: g.orders.preview_rewards(asked)
    )
    only_of_orders = {"orderId", "orderDate", "redemption", "guest", "cartId"}
    whole = loads(encode(to_wire(FULL)))
    assert {name: it for name, it in whole.items() if name not in only_of_orders} == sent.body
    assert (
        OrderPreview(
            customer_id="1214",
            customer_found=True,
            total_points=270,
            total_coupons=1,
            cashback=CashbackQuote(
                total_points=120,
                total_score=120,
                line_items=[
                    CashbackQuoteLine(
                        product_id="P-100", campaign_impact_wallet_factor=Decimal("0.6")
                    )
                ],
            ),
            event_rewards=EventPreview(event_name="place_order", valid=True, total_points=150),
        )
        == found
    )


async def test_a_preview_of_rewards_requires_what_was_paid_alone_c24() -> None:
    """A quote does not tell what only a preview knows."""
    little = OrderQuote(total_paid=5, total_tax=1, channel="pos", extra={"k": 1})
    _, sent = await exact(
        "POST", "/orders/reward-preview", {}, lambda g: g.orders.preview_rewards(little)
    )
    assert {"totalPaid": 5, "totalTax": 1, "channel": "pos", "extra": {"k": 1}} == sent.body
    _, sent = await exact(
        "POST", "/orders/cashback", {}, lambda g: g.orders.calculate_cashback(little)
    )
    assert {"totalPaid": 5, "totalDiscount": 0, "totalShipping": 0} == sent.body


async def test_a_preview_of_rewards_needs_no_secret_and_is_asked_again_in_ones_language() -> None:
    async with (
        wire(Drop(), json_reply(customerFound=False, eventRewards=None)) as server,
        client(server.url, secret_key=None, language="fr") as gameball,
    ):
        found = await gameball.orders.preview_rewards(OrderQuote(total_paid=5))
        assert (False, None) == (found.customer_found, found.event_rewards)
        assert ["fr", "fr"] == [seen.headers.get("lang") for seen in server.seen]


async def test_the_rows_of_an_order_are_asked_for_by_its_encoded_id() -> None:
    row = {"transactionDate": "2024-10-16T08:13:29.29", "equivalentPoints": 192.0}
    found, sent = await exact(
        "GET",
        "/orders/ORD%2F1/transactions",
        {"transactions": [row], "count": 1},
        lambda g: g.orders.transactions("ORD/1"),
    )
    assert None is sent.body
    assert found.transactions is not None
    assert 192 == found.transactions[0].equivalent_points
    assert datetime(2024, 10, 16, 8, 13, 29, 290_000, UTC) == found.transactions[0].transaction_date


def connect(sandbox: Sandbox) -> GameballClient:
    return GameballClient(API_KEY, SECRET_KEY, base_url=sandbox.url, retry=QUICK)


async def test_an_order_earns_and_is_read_back() -> None:
    async with Sandbox.serve() as sandbox, connect(sandbox) as gameball:
        receipt = await gameball.orders.track(order())
        rows = (await gameball.orders.transactions("A-1")).transactions
        quote = await gameball.orders.calculate_cashback(order())
    assert 100 == receipt.rewarded_points == quote.total_points
    assert receipt.redeemed_points is None
    assert rows is not None
    assert [("PaymentReward", 100, 100)] == [
        (row.transaction_type, row.amount, row.equivalent_points) for row in rows
    ]


async def test_refusals_of_the_account_have_their_classes() -> None:
    async with Sandbox.serve() as sandbox, connect(sandbox) as gameball:
        await gameball.orders.track(order())
        with pytest.raises(DuplicateError):
            await gameball.orders.track(order())
        with pytest.raises(TransactionTimeError):
            await gameball.orders.track(order("A-2"))
        held = Redemption(points_hold_reference="no-such-hold")
        with pytest.raises(TransactionNotFoundError):
            await gameball.orders.track(order("A-3", order_date=None, redemption=held))
        with pytest.raises(NotFoundError):
            await gameball.orders.transactions("A-3")


@pytest.mark.parametrize("kind", ["before", "after"])
async def test_an_order_whose_connection_broke_counts_once(kind: str) -> None:
    async with Sandbox.serve() as sandbox, connect(sandbox) as gameball:
        sandbox.fault(Fault.dropped(method="POST", path="/orders", after=kind == "after", times=1))
        receipt = await gameball.orders.track(order())
        page = await gameball.transactions.list(customer_id="id123").page()
    assert 100 == receipt.rewarded_points
    assert receipt.already_recorded == (kind == "after")
    assert 1 == len(page.items)


async def test_a_redeeming_order_whose_answer_was_lost_is_read_back_whole() -> None:
    """The first attempt has consumed the hold: its repetition must not be believed."""
    async with Sandbox.serve(Program()) as sandbox, connect(sandbox) as gameball:
        await gameball.orders.track(order("A-0", order_date=None))
        hold = await gameball.transactions.hold(customer_id="id123", points_to_hold=50)
        sandbox.fault(Fault.dropped(method="POST", path="/orders", after=True, times=1))
        receipt = await gameball.orders.track(
            order(total_paid=95, redemption=Redemption(points_hold_reference=hold.hold_reference))
        )
        points = [row.points async for row in gameball.transactions.list(customer_id="id123")]
    assert (True, 50) == (receipt.already_recorded, receipt.redeemed_points)
    assert 3 == len(points)


async def test_an_unsafe_write_that_was_lost_is_left_to_the_caller() -> None:
    async with Sandbox.serve() as sandbox, connect(sandbox) as gameball:
        await gameball.orders.track(order())
        sandbox.fault(Fault.dropped(method="POST", path="/transactions/hold", after=True, times=1))
        with pytest.raises(OutcomeUnknownError):
            await gameball.transactions.hold(customer_id="id123", points_to_hold=50)
        posts = [seen for seen in sandbox.requests if seen.path.endswith("/hold")]
    assert 1 == len(posts)
