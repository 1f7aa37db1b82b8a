"""What does writing an order cost, next to pydantic?

Ours is `encode(to_wire(order))`, which is what every call does with its body. Theirs is
``model_dump_json(by_alias=True, exclude_none=True)``. Both leave out what was not given, and both
hold the order ready; in a second row both also build it first, from values of the same types, and
check them while they do.

It is fair, or kinder to them: the text that pydantic returns is not turned into bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import orjson
import pydantic
from pydantic.alias_generators import to_camel

from benchmarks.bench import Bench
from benchmarks.payloads import order, order_members
from benchmarks.rounds import Contest, Goal, Row, repeated
from gameball_async.serialization import encode, to_wire


class _Model(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(alias_generator=to_camel, populate_by_name=True)


class ModelBranch(_Model):
    """A branch, for pydantic."""

    unique_id: str
    name: str | None = None


class ModelMerchant(_Model):
    """A merchant, for pydantic."""

    unique_id: str | None = None
    name: str | None = None
    branch: ModelBranch | None = None


class ModelLine(_Model):
    """A line of an order, for pydantic."""

    product_id: str | None = None
    quantity: float | None = None
    price: float | None = None
    sku: str | None = None
    tags: tuple[str, ...] | None = None
    category: tuple[str, ...] | None = None
    weight: float | None = None
    vendor: str | None = None
    collection: tuple[str, ...] | None = None
    title: str | None = None
    taxes: float | None = None
    discount: float | None = None
    extra: dict[str, str | float] | None = None


class ModelRedemption(_Model):
    """A redemption, for pydantic."""

    points_hold_reference: str | None = None
    coupons_lock_reference: str | None = None
    coupon_codes: tuple[str, ...] | None = None


class ModelOrder(_Model):
    """An order, for pydantic."""

    customer_id: str
    order_id: str
    total_paid: float
    email: str | None = None
    mobile: str | None = None
    order_date: datetime | None = None
    total_price: float | None = None
    total_discount: float | None = None
    total_shipping: float | None = None
    total_tax: float | None = None
    line_items: tuple[ModelLine, ...] | None = None
    redemption: ModelRedemption | None = None
    extra: dict[str, str | float] | None = None
    merchant: ModelMerchant | None = None
    guest: bool | None = None
    channel: str | None = None
    cart_id: str | None = None
    cashback_configurations: dict[str, int] | None = None
    referrer_code: str | None = None


def _model_order() -> ModelOrder:
    """The sample order, built as `payloads.order` builds ours."""
    return ModelOrder(
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
        line_items=(_model_line(),),
        redemption=ModelRedemption(
            points_hold_reference="HOLD123",
            coupons_lock_reference="LOCK123",
            coupon_codes=("DISCOUNT10",),
        ),
        extra={"paymentMethod": "CREDIT CARD"},
        merchant=ModelMerchant(
            unique_id="MERCH001",
            name="TechGadgetStore",
            branch=ModelBranch(unique_id="BRANCH001", name="Downtown Branch"),
        ),
        guest=False,
        channel="online",
        cart_id="CART98765",
    )


def _model_line() -> ModelLine:
    return ModelLine(
        price=100,
        quantity=2,
        product_id="PROD98765",
        sku="SKU98765",
        tags=("electronics", "smartphone"),
        category=("mobile phones",),
        weight=0.5,
        vendor="TechVendor",
        collection=("latest gadgets",),
        title="Smartphone XYZ",
        taxes=7.5,
        discount=25,
        extra={"subClass": "SUBCLASS123"},
    )


def _write(model: ModelOrder) -> str:
    return model.model_dump_json(by_alias=True, exclude_none=True)


@contextmanager
def contest(bench: Bench) -> Iterator[Contest]:
    """The sample order, to JSON."""
    mine, other = order("cust_123456789"), _model_order()
    sample = order_members("cust_123456789")
    assert sample == orjson.loads(encode(to_wire(mine)))
    written = {**orjson.loads(_write(other)), "orderDate": sample["orderDate"]}
    assert sample == written
    times = bench.size(5000)
    rival = "pydantic model_dump_json"
    yield Contest(
        {
            "ours": repeated(lambda: encode(to_wire(mine)), times),
            "pydantic": repeated(lambda: _write(other), times),
            "ours, built": repeated(lambda: encode(to_wire(order("cust_123456789"))), times),
            "pydantic, built": repeated(lambda: _write(_model_order()), times),
        },
        [
            Row(
                question="encode an order",
                rival=rival,
                ours="ours",
                theirs="pydantic",
                goal=Goal(8, 0.65, left_at=0.80),
            ),
            Row(
                question="build and encode an order",
                rival=rival,
                ours="ours, built",
                theirs="pydantic, built",
            ),
        ],
    )
