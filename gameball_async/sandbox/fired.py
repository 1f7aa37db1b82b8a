"""The events that orders, payments and refunds fire by themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from gameball_async.sandbox.wire import JsonObject

_LINE_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "weight": ("weight", "Weight"),
    "vendor": ("vendor", "product_vendor"),
    "sku": ("sku", "product_sku"),
    "title": ("title",),
    "tag": ("tag", "Tag"),
    "category": ("category", "product_category"),
    "collection": ("collection", "collection_id"),
    "productId": ("product_id",),
}
"""Member of a line item to keys of the event: those of the order guide come first (C-27)."""

_OTHER_NAMES: Final = {"tags": "tag", "productSku": "sku", "productName": "title"}
"""Members that requests may spell in two ways (C-19, C-20, C-21)."""

_SEVERAL: Final = {"tag", "category", "collection"}
"""Members of which a line may have more than one."""


def place_order(order: JsonObject) -> JsonObject:
    """The metadata of ``place_order``: one array for each member of the lines, extras as keys."""
    items: Sequence[JsonObject] = order.get("lineItems", ())
    named = order.get("redemption", {})
    event = {
        **order.get("extra", {}),
        "order_id": order["orderId"],
        "total_paid": order["totalPaid"],
        "total_price": order.get("totalPrice"),
        "total_discount": order.get("totalDiscount"),
        "cart_id": order.get("cartId"),
        "source": order.get("channel"),
        "total_items": sum(item.get("quantity", 1) for item in items),
        "unique_items": len({item.get("productId") for item in items}),
        "has_points_redemption": "pointsHoldReference" in named,
        "has_coupon_redemption": bool({"couponsLockReference", "couponCodes"} & set(named)),
        **_of_lines(items),
    }
    return {key: value for key, value in event.items() if value is not None}


def _of_lines(items: Iterable[JsonObject]) -> JsonObject:
    """What the lines say, in their order."""
    said: dict[str, list[Any]] = {}
    for item in items:
        for member, value in item.items():
            name = _OTHER_NAMES.get(member, member)
            for key in _LINE_KEYS.get(name, ()):
                said.setdefault(key, []).extend(value if name in _SEVERAL else [value])
    return dict(said)


def payment_processed(payment: JsonObject) -> JsonObject:
    """The metadata of ``payment_processed``: what the payment says about itself (C-29)."""
    said = {key: value for key, value in payment.items() if isinstance(value, str | int | Decimal)}
    return {**payment.get("extra", {}), **said}
