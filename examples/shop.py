"""What a shop posts to its loyalty service, checked by pydantic; the services here share it."""

from decimal import Decimal
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, Field

from gameball_async import Order, OrderReceipt, Redemption


class Purchase(BaseModel):
    """A paid order. Whoever posts it again posts the same, `order_date` included."""

    customer_id: str = Field(min_length=1)
    order_id: str = Field(min_length=1)
    order_date: AwareDatetime
    total_paid: Decimal = Field(ge=0, max_digits=28)
    redemption: dict[Literal["points_hold_reference", "coupons_lock_reference"], str] = {}
    """Out of the answer 503 to a basket: posted with it, as an order, it is completed."""

    def order(self) -> Order:
        """The same as Gameball is told it."""
        redemption = Redemption(**self.redemption) if self.redemption else None
        return Order(
            customer_id=self.customer_id,
            order_id=self.order_id,
            order_date=self.order_date,
            total_paid=self.total_paid,
            redemption=redemption,
        )


class Basket(Purchase):
    """An order that is about to be paid, with what has made it cheaper."""

    points: int = Field(default=0, ge=0)
    coupons: list[str] = []


class Receipt(BaseModel, from_attributes=True):
    """What the shop is told."""

    rewarded_points: Decimal | None
    redeemed_points: Decimal | None
    already_recorded: bool


def told(receipt: OrderReceipt) -> dict[str, Any]:
    """A receipt as JSON; points are exact, and text therefore."""
    return Receipt.model_validate(receipt).model_dump(mode="json")
