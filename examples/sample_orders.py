"""The orders of the API's guides, as this package's models."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from attrs import evolve

from gameball_async import Branch, LineItem, Merchant, Order, OrderQuote

PLACED: Final = datetime(2024, 10, 16, 8, 13, 29, 290_000, tzinfo=UTC)

AT_THE_TILL: Final = Order(
    customer_id="id123",
    order_id="POS-1",
    total_paid=100,
    line_items=[LineItem(product_id="197765", quantity=2, price=50)],
)
AMAZING_BRAND: Final = Merchant(
    unique_id="m_001",
    name="Amazing brand",
    branch=Branch(unique_id="b_001", name="central park"),
)
TILL_ORDERS: Final = (
    ("at the till", AT_THE_TILL),
    ("in a branch", evolve(AT_THE_TILL, order_id="POS-2", merchant=AMAZING_BRAND)),
    ("with e-mail", evolve(AT_THE_TILL, order_id="POS-3", email="jane.roe@example.com")),
    (
        "online, same e-mail",
        evolve(AT_THE_TILL, order_id="WEB-4", customer_id="web77", email="jane.roe@example.com"),
    ),
)
TRACKED: Final = Order(
    customer_id="cust_123456789",
    email="john.doe@example.com",
    mobile="+1234567890",
    order_id="ORD12345",
    order_date=PLACED,
    total_paid=Decimal("250.75"),
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
            weight=Decimal("0.5"),
            vendor="TechVendor",
            collection=["latest gadgets"],
            title="Smartphone XYZ",
            taxes=Decimal("7.5"),
            discount=25,
            extra={"subClass": "SUBCLASS123"},
        )
    ],
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
BAGS: Final = Order(
    customer_id="15327289462816",
    order_id="ORD12346",  # ORD12345 in the guide, which is taken: an account has an id once
    order_date=PLACED,
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
)
QUOTE: Final = OrderQuote(
    customer_id="cust_12345abc",
    total_paid=350,
    total_price=350,
    line_items=[
        LineItem(product_id="875511", price=150, quantity=1),
        LineItem(sku="sku123", price=200, quantity=1),
    ],
)
