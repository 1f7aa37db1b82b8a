"""``/coupons/automatic``: the promotion that suits a cart best."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from attrs import frozen

from gameball_async.sandbox.checks import check_active
from gameball_async.sandbox.limits import COUPONS
from gameball_async.sandbox.program import Coupon
from gameball_async.sandbox.routes import Route, Visit
from gameball_async.sandbox.shapes import (
    AMOUNT,
    LINE_ITEM,
    MERCHANT,
    MERGE_KEYS,
    NAME,
    Member,
    Shape,
    array_of,
)
from gameball_async.sandbox.wire import JsonObject, echoed, number_of

_CENT: Final = Decimal("0.01")

CART: Final = Shape(
    {
        "customerId": NAME,
        **MERGE_KEYS,
        "cartId": NAME,
        "totalPrice": AMOUNT,
        "totalShipping": AMOUNT,
        "lineItems": Member(array_of(LINE_ITEM.read)),
        "merchant": Member(MERCHANT.read),
    }
)


@frozen
class _Offer:
    """What a promotion would do to the cart."""

    promotion: Coupon
    discount: Decimal
    items: tuple[JsonObject, ...]


def apply(visit: Visit) -> JsonObject:
    """``POST /coupons/automatic``: no promotion is a normal answer."""
    check_active(visit.tenant.known(visit.body))
    offers = [_offer(visit.body, promotion) for promotion in _open(visit)]
    best = max(offers, key=lambda offer: offer.discount, default=None)
    if best is None or not best.discount:
        return {"isApplied": False}
    return {
        "isApplied": True,
        "couponName": best.promotion.code,
        "discountAmount": number_of(best.discount),
        "discountType": best.promotion.type,
        "discountedItems": best.items,
    }


def _open(visit: Visit) -> list[Coupon]:
    """The promotions that are on, for a cart of this value."""
    price, now = visit.body.get("totalPrice", 0), visit.now
    return [
        promotion
        for promotion in visit.program.promotions
        if price >= promotion.min_order_value
        and (promotion.start_date is None or now >= promotion.start_date)
        and (promotion.expiry_date is None or now < promotion.expiry_date)
    ]


def _offer(body: JsonObject, promotion: Coupon) -> _Offer:
    """The discount: of the shipping, of a share of each product, or of a sum."""
    if promotion.type == "shipping":
        return _Offer(promotion, _capped(promotion, Decimal(body.get("totalShipping", 0))), ())
    wanted = promotion.entitled_product_ids
    items = [
        item
        for item in body.get("lineItems", ())
        if wanted is None or item.get("productId") in wanted
    ]
    prices = [
        Decimal(max(0, item.get("price", 0))) * Decimal(item.get("quantity", 1)) for item in items
    ]
    total = sum(prices, Decimal(0))
    if not total:
        return _Offer(promotion, total, ())
    percent = promotion.type == "percentage"
    discount = total * promotion.value / 100 if percent else promotion.value
    least = (promotion.min_reward if percent else None) or Decimal(0)
    discount = min(total, max(_capped(promotion, discount), least)).quantize(_CENT)
    rows: list[JsonObject] = []
    for item, price in zip(items, prices, strict=True):
        part = (discount * price / total).quantize(_CENT)
        rows.append(
            {
                "productId": item.get("productId"),
                "quantity": echoed(item.get("quantity", 1)),
                "price": echoed(item.get("price", 0)),
                "discount": number_of(part),
            }
        )
    return _Offer(promotion, discount, tuple(rows))


def _capped(promotion: Coupon, discount: Decimal) -> Decimal:
    return discount if promotion.capping is None else min(discount, promotion.capping)


ROUTES: Final = (
    Route(
        method="POST",
        path="/coupons/automatic",
        bucket=COUPONS,
        answer=apply,
        body=CART,
        secret=False,
    ),
)
