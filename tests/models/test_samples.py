"""The API's own examples through our models, with every oddity that they show."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import pytest

from gameball_async.models.coupons import (
    CombinesWith,
    Coupon,
    CouponValidation,
    CouponValidationRequest,
)
from gameball_async.models.orders import (
    Branch,
    CashbackQuote,
    CashbackQuoteLine,
    LineItem,
    Merchant,
    Order,
    OrderQuote,
    OrderReceipt,
    OrderReceiptLine,
    Redemption,
    quote_of,
)
from gameball_async.models.transactions import (
    Direction,
    Hold,
    HoldRequest,
    ManualTransaction,
    ManualTransactionRequest,
    Transaction,
    TransactionCount,
    TransactionPage,
    TransactionStatus,
    TransactionType,
)
from gameball_async.serialization import decode, encode, to_wire
from tests.models import samples

ORIGINALS = Path(__file__).parents[3] / "shared" / "api" / "samples"
ORDERED_AT = datetime(2024, 10, 16, 8, 13, 29, 290_000, tzinfo=UTC)


def sent(request: object) -> Any:
    """What the API would receive."""
    return json.loads(encode(to_wire(request)))


@pytest.mark.parametrize("name", samples.FILES)
def test_the_fixtures_say_what_the_original_files_say(name: str) -> None:
    original = ORIGINALS / f"{name}.json"
    if not original.is_file():
        pytest.skip(f"the original of {name} is not here: our fixture stands alone")
    assert json.loads(original.read_text()) == samples.FILES[name]


def test_no_original_is_left_without_a_fixture() -> None:
    if not ORIGINALS.is_dir():
        pytest.skip("the originals are not here: our fixtures stand alone")
    assert {path.stem for path in ORIGINALS.glob("*.json")} == set(samples.FILES)


def sample_order() -> Order:
    return Order(
        customer_id="cust_123456789",
        email="john.doe@example.com",
        mobile="+1234567890",
        order_id="ORD12345",
        order_date=ORDERED_AT,
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


@pytest.mark.parametrize(
    ("request_", "sample"),
    [
        pytest.param(sample_order(), samples.TRACK_ORDER, id="an-order-with-everything"),
        pytest.param(
            Order(
                customer_id="15327289462816",
                order_id="ORD12345",
                order_date=ORDERED_AT,
                total_paid=310,
                total_price=310,
                total_shipping=10,
                line_items=[
                    LineItem(
                        price=100,
                        quantity=3,
                        product_id="PROD98765",
                        sku="SKU98765",
                        title="Hoxton Bag",
                        category=["Bags"],
                        collection=["Summer 2024"],
                    )
                ],
            ),
            samples.CHECKOUT_ORDER,
            id="the-order-of-the-checkout-guide",
        ),
        pytest.param(
            HoldRequest(
                customer_id="cust_abc12345xyz67890",
                transaction_time=datetime(2024, 10, 11, 16, 15, 15, 71_000, tzinfo=UTC),
                points_to_hold=50,
            ),
            samples.HOLD,
            id="a-hold",
        ),
        pytest.param(
            CouponValidationRequest(
                customer_id="cust_abc12345xyz67890",
                coupons=["SUMMER50", "FREESHIPPING400"],
                lock=True,
            ),
            samples.COUPONS,
            id="coupons-to-lock",
        ),
        pytest.param(
            Redemption(coupon_codes=["DISCOUNT10", "FREESHIP2024"]),
            samples.COUPON_CODES,
            id="coupon-codes",
        ),
    ],
)
def test_a_sample_request_is_what_our_model_sends(request_: object, sample: dict[str, Any]) -> None:
    assert sample == sent(request_)


@pytest.mark.parametrize(
    ("redemption", "sample"),
    [
        pytest.param(
            Redemption(points_hold_reference="a2a199ad-86f3-45c4-8253-7aaee50e4798"),
            samples.ORDER_WITH_HOLD,
            id="a-hold",
        ),
        pytest.param(
            Redemption(coupons_lock_reference="a2a199ad-86f3-45c4-8253-7aaee50e4798"),
            samples.ORDER_WITH_LOCK,
            id="a-lock",
        ),
    ],
)
def test_an_order_redeems_a_reference(redemption: Redemption, sample: dict[str, Any]) -> None:
    order = Order(customer_id="c", order_id="o", total_paid=1, redemption=redemption)
    assert sample["redemption"] == sent(order)["redemption"]


def test_free_data_is_sent_as_it_is() -> None:
    order = Order(customer_id="c", order_id="o", total_paid=1, extra=samples.EXTRA)
    assert samples.EXTRA == sent(order)["extra"]


def answer(sample: dict[str, Any], returns: type[Any]) -> Any:
    """A sample as the API answers it, with nothing unreadable in it."""
    drifts: list[object] = []
    value = decode(orjson.dumps(sample), returns, drifts.append)
    assert drifts == []
    return value


def test_order_rows_are_per_unit_and_do_not_add_up_to_the_rewarded_points() -> None:
    """C-01: 182.5 / 2 = 91.25; 101 = 91 + 10 ignores the quantity."""
    receipt = answer(samples.TRACK_ORDER_ANSWER, OrderReceipt)
    expected = OrderReceipt(
        customer_id="cust_123456789",
        redeemed_points=1000,
        rewarded_points=101,
        line_items=[
            OrderReceiptLine(
                product_id="PROD98765",
                quantity=2,
                decimal_points=Decimal("91.25"),
                points=91,
                score=0,
            ),
            OrderReceiptLine(
                product_id="Shipping",
                quantity=1,
                decimal_points=Decimal("10.0"),
                points=10,
                score=0,
            ),
        ],
    )
    assert expected == receipt
    assert receipt.already_recorded is False


def test_a_null_and_an_absent_member_are_both_none() -> None:
    """C-03: redeemedPoints is null, the score is left out."""
    receipt = answer(samples.CHECKOUT_ORDER_ANSWER, OrderReceipt)
    assert receipt.redeemed_points is None
    assert [None, None] == [line.score for line in receipt.line_items]
    assert 310 == receipt.rewarded_points


def test_a_receipt_may_have_almost_nothing() -> None:
    assert OrderReceipt(redeemed_points=50) == answer(samples.ORDER_WITH_HOLD_ANSWER, OrderReceipt)


def test_a_receipt_in_the_words_of_the_point_of_sale_guides_is_read() -> None:
    """C-30."""
    sample = {"orderId": "o", "pointsEarned": 9.5, "pointsRedeemed": 3, "status": "completed"}
    expected = OrderReceipt(
        order_id="o", rewarded_points=Decimal("9.5"), redeemed_points=3, status="completed"
    )
    assert expected == answer(sample, OrderReceipt)


def test_a_quote_sends_zeros_that_the_sample_leaves_out_and_spells_sku_as_the_tables_do() -> None:
    """C-20, C-24."""
    quote = OrderQuote(
        customer_id="cust_12345abc",
        total_paid=350,
        total_price=350,
        line_items=[
            LineItem(product_id="875511", price=150, quantity=1),
            LineItem(price=200, quantity=1, sku="sku123"),
        ],
    )
    expected = {
        **samples.QUOTE,
        "totalDiscount": 0,
        "totalShipping": 0,
        "lineItems": [
            samples.QUOTE["lineItems"][0],
            {"price": 200, "quantity": 1, "sku": "sku123"},
        ],
    }
    assert expected == sent(quote_of(quote))


def test_the_quote_of_an_order_sends_only_what_a_quote_knows() -> None:
    """C-24."""
    unknown = {"orderId", "orderDate", "totalTax", "redemption"}
    unknown |= {"extra", "guest", "channel", "cartId"}
    expected = {k: v for k, v in samples.TRACK_ORDER.items() if k not in unknown}
    assert expected == sent(quote_of(sample_order()))


def test_quote_rows_come_without_campaign_product_or_factor() -> None:
    """C-02, C-03: 150 x 20 is not 15000, because the campaign is left out."""
    expected = CashbackQuote(
        total_points=19000,
        line_items=[
            CashbackQuoteLine(
                product_id="875511",
                quantity=1,
                total_decimal_points=Decimal("15000.0"),
                total_points=15000,
                reward_wallet_factor=Decimal("20.0"),
            ),
            CashbackQuoteLine(quantity=1, total_decimal_points=4000, total_points=4000),
        ],
    )
    assert expected == answer(samples.QUOTE_ANSWER, CashbackQuote)


def test_a_hold_amount_is_a_text_and_becomes_a_number() -> None:
    """C-08."""
    expected = Hold(
        customer_id="cust_abc12345xyz67890",
        hold_amount=5,
        hold_equivalent_points=50,
        hold_reference="a2a199ad-86f3-45c4-8253-7aaee50e4798",
    )
    assert expected == answer(samples.HOLD_ANSWER, Hold)


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        pytest.param("2", 2, id="text-of-get"),
        pytest.param("10.00", Decimal("10.00"), id="text-of-the-point-of-sale-guide"),
        pytest.param(20.0, Decimal("20.0"), id="number-of-the-tutorial"),
        pytest.param(None, None, id="null-of-the-old-tutorial"),
    ],
)
def test_every_spelling_of_a_hold_amount_is_read(amount: object, expected: object) -> None:
    """C-08."""
    assert expected == answer({"holdAmount": amount}, Hold).hold_amount


def test_a_lock_expires_at_seven_digits_of_a_second_and_arrays_may_be_null() -> None:
    """C-16: cut to microseconds."""
    validation = answer(samples.COUPONS_ANSWER, CouponValidation)
    shipping = Coupon(
        code="FREESHIPPING400",
        type="shipping",
        value=0,
        usage_limit=200,
        limit_per_customer=5,
        start_date=datetime(2024, 10, 20, 14, 22, tzinfo=UTC),
        expiry_date=datetime(2025, 6, 29, 14, 16, tzinfo=UTC),
        capping=250,
        min_order_value=400,
        combines_with=CombinesWith(
            order_discounts=True, product_discounts=False, shipping_discounts=True
        ),
    )
    assert shipping == validation.coupons[1]
    assert ["prod_abc123", "prod_xyz456"] == validation.coupons[0].entitled_product_ids
    assert datetime(2024, 10, 20, 16, 22, 0, 824_928, tzinfo=UTC) == validation.date_to_expire
    assert (True, "74e20fc6bf7a4970ad3c125b1713194f") == (
        validation.valid,
        validation.lock_reference,
    )


def test_a_transaction_has_a_text_id_no_zone_and_positive_points_in_both_directions() -> None:
    """C-11, C-16, C-40: newest first, both rows at the same instant."""
    page = answer(samples.TRANSACTIONS_ANSWER, TransactionPage)
    instant = datetime(2024, 10, 13, 17, 11, 0, 249_000, tzinfo=UTC)
    expected = Transaction(
        transaction_id="txn123456",
        gameball_transaction_id="11034736",
        type=TransactionType.CANCEL,
        direction=Direction.DEDUCTION,
        customer_id="cust_12345abc",
        points=10,
        amount=Decimal("10.0"),
        transaction_time=instant,
        status=TransactionStatus.ACTIVE,
        is_coupon_used=False,
        merchant_name="MERCH1234",
        branch_name="BRANCH123",
        reason="trx reason",
        expiry_date=datetime(2025, 10, 13, 17, 11, 0, 249_000, tzinfo=UTC),
        points_balance_before=1164,
        points_balance_after=1154,
    )
    assert expected == page.transactions[0]
    assert ["11034736", "11034735"] == [row.gameball_transaction_id for row in page.transactions]
    assert [("-", 10), ("+", 100)] == [(row.direction, row.points) for row in page.transactions]
    assert [instant, instant] == [row.transaction_time for row in page.transactions]
    assert (2, True) == (page.count, page.has_more)


def test_the_family_wallet_members_are_read_where_they_come() -> None:
    """C-67."""
    row = {"familyRedemptionAmount": 1.5, "familyRedemptionPoints": 15}
    expected = Transaction(family_redemption_amount=Decimal("1.5"), family_redemption_points=15)
    assert expected == answer(row, Transaction)


def test_a_count_is_a_number() -> None:
    assert TransactionCount(count=240) == answer(samples.COUNT_ANSWER, TransactionCount)


def test_a_manual_entry_answers_another_id_and_the_ledger_id_as_a_number() -> None:
    """C-11, C-15."""
    expected = ManualTransaction(
        customer_id="cust_abc12345xyz67890",
        gameball_transaction_id="11035201",
        transaction_id="txn54321221",
        points=50,
        amount=Decimal("5.0"),
    )
    assert expected == answer(samples.MANUAL_ANSWER, ManualTransaction)


def test_a_manual_entry_with_points_and_a_zero_amount_sends_the_points_alone() -> None:
    """C-12: the sample sends both, the API wants exactly one and reads zero as absent."""
    request = ManualTransactionRequest(
        customer_id="cust_abc12345xyz67890",
        transaction_id="txn543211",
        transaction_time=datetime(2024, 10, 11, 15, 54, 10, 944_000, tzinfo=UTC),
        username="admin_user",
        reason="Referral bonus",
        points=50,
        amount=0,
    )
    expected = {name: value for name, value in samples.MANUAL.items() if name != "amount"}
    assert expected == sent(request)
