"""Whatever is asked, in whatever order: the books agree with themselves."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from gameball_async.sandbox import Campaign
from tests.sandbox.caller import KEY, Caller

HOUR = 3600
CUSTOMERS = st.sampled_from(["c1", "c2"])


class Books(RuleBasedStateMachine):
    """Two customers who buy, pay, hold, redeem, return, and wait."""

    def __init__(self) -> None:
        super().__init__()
        self.caller = Caller(
            points_expiry_days=2,
            hold_minutes=36 * 60,
            redemption_rules={"7": 15},
            campaigns=(Campaign(id=1, name="half more", multiplier=1.5, product_ids={"P"}),),
        )
        self.ids: list[str] = ["unknown"]
        self.holds: list[str] = ["unknown"]
        self.bodies: list[dict[str, Any]] = []
        for name in ("c1", "c2"):
            self.caller.give(0, name)

    def send(self, path: str, body: Any) -> tuple[int, Any]:
        """Post, and see that a refusal leaves no trace."""
        before = self.caller.image()
        status, answer = self.caller.ask("POST", path, body)
        assert status < 500
        if status != 200:
            assert before == self.caller.image()
        return status, answer

    @rule(
        customer=CUSTOMERS,
        paid=st.decimals(0, 200, places=2),
        days=st.integers(0, 2),
        hold=st.data(),
    )
    def order(self, customer: str, paid: Decimal, days: int, hold: st.DataObject) -> None:
        body = self.caller.order_body(
            customer, float(paid), cashbackConfigurations={"returnWindow": days}
        )
        if hold.draw(st.booleans()):
            reference = hold.draw(st.sampled_from(self.holds))
            body["redemption"] = {"pointsHoldReference": reference}
        status, answer = self.send("/orders", body)
        if status == 200:
            self.bodies.append(body)
            self.ids.append(body["orderId"])
            assert int(paid) == answer["rewardedPoints"]

    @rule(customer=CUSTOMERS, points=st.integers(-150, 150), days=st.integers(0, 3))
    def move(self, customer: str, points: int, days: int) -> None:
        body = self.caller.manual_body(customer, points=points)
        if points > 0:
            body["expiryAfter"] = days
        available = self.caller.points(customer)[3]
        status, _ = self.send("/transactions/manual", body)
        assert (status == 200) is (points != 0 and -points <= available)

    @rule(customer=CUSTOMERS, points=st.integers(1, 120))
    def hold(self, customer: str, points: int) -> None:
        available = self.caller.points(customer)[3]
        body = self.caller.hold_body(customer, pointsToHold=points)
        status, answer = self.send("/transactions/hold", body)
        assert (status == 200) is (points <= available)
        if status == 200:
            self.holds.append(answer["holdReference"])

    @rule(customer=CUSTOMERS, units=st.integers(1, 3), shipping=st.integers(0, 9))
    def order_lines(self, customer: str, units: int, shipping: int) -> None:
        item = {"productId": "P", "price": 7.5, "quantity": units}
        more = {"lineItems": [item], "totalShipping": shipping}
        paid = 7.5 * units + shipping
        body = self.caller.order_body(customer, paid, **more)
        status, answer = self.send("/orders", body)
        assert (200, 11 * units + shipping) == (status, answer["rewardedPoints"])
        self.ids.append(body["orderId"])

    @rule(customer=CUSTOMERS, paid=st.integers(0, 100), hold=st.data())
    def pay(self, customer: str, paid: int, hold: st.DataObject) -> None:
        body = self.caller.redeem_body(customer)
        payment = {
            "customerId": customer,
            "paymentId": body["transactionId"],
            "paymentDate": body["transactionTime"],
            "totalPaid": paid,
            "redemption": {"pointsHoldReference": hold.draw(st.sampled_from(self.holds))},
        }
        if hold.draw(st.booleans()):
            del payment["redemption"]
        if self.send("/payments", payment)[0] == 200:
            self.ids.append(body["transactionId"])

    @rule(customer=CUSTOMERS, amount=st.integers(0, 90), days=st.integers(0, 2))
    def reward(self, customer: str, amount: int, days: int) -> None:
        body = self.caller.redeem_body(
            customer, amount=amount, configurations={"returnWindow": days}
        )
        assert 200 == self.send("/transactions/cashback", body)[0]
        self.ids.append(body["transactionId"])

    @rule(customer=CUSTOMERS, points=st.integers(1, 120))
    def redeem(self, customer: str, points: int) -> None:
        available = self.caller.points(customer)[3]
        body = self.caller.redeem_body(customer, points=points)
        status, _ = self.send("/transactions/redeem", body)
        assert (status == 200) is (points <= available)
        if status == 200:
            self.ids.append(body["transactionId"])

    @rule(customer=CUSTOMERS)
    def buy_coupon(self, customer: str) -> None:
        available = self.caller.points(customer)[3]
        body = {"customerId": customer, "ruleId": 7}
        assert (available >= 15) is (self.send("/coupons/predefined", body)[0] == 200)

    @rule(customer=CUSTOMERS, original=st.data(), amount=st.integers(0, 120))
    def refund(self, customer: str, original: st.DataObject, amount: int) -> None:
        wanted = original.draw(st.sampled_from(self.ids))
        body = self.caller.refund_body(wanted, customer)
        if original.draw(st.booleans()):
            body["refundAmount"] = amount
        if original.draw(st.booleans()):
            body["lineItems"] = [{"productId": "P", "price": 7.5, "quantity": 1}]
        before = self.caller.points(customer)
        status, answer = self.send("/transactions/refund", body)
        if status == 200:
            change = abs(self.caller.points(customer)[0] - before[0])
            assert change <= answer["refundEquivalentPoints"]

    @rule(original=st.data())
    def activate(self, original: st.DataObject) -> None:
        wanted = original.draw(st.sampled_from(self.ids))
        self.caller.ask("PUT", f"/transactions/{wanted}/activate")

    @rule(customer=CUSTOMERS, points=st.integers(-50, 50))
    def adjust(self, customer: str, points: int) -> None:
        body = {"body": [{"customerId": customer, "amount": points}]}
        assert 200 == self.send("/batch/balance-adjustment", body)[0]
        self.caller.clock.advance(2)

    @rule(hold=st.data())
    def release(self, hold: st.DataObject) -> None:
        reference = hold.draw(st.sampled_from(self.holds))
        self.caller.ask("DELETE", f"/transactions/hold/{reference}")

    @rule(body=st.data())
    def repeat(self, body: st.DataObject) -> None:
        if self.bodies:
            repeated = body.draw(st.sampled_from(self.bodies))
            assert 9004 == self.send("/orders", repeated)[1]["code"]

    @rule(hours=st.floats(0.01, 30))
    def wait(self, hours: float) -> None:
        self.caller.clock.advance(hours * HOUR)

    @invariant()
    def the_books_agree(self) -> None:
        for customer in ("c1", "c2"):
            rows = list(reversed(self.caller.rows(customer)))
            total, pending, held, available = self.caller.points(customer)
            signed = [row["points"] if row["direction"] == "+" else -row["points"] for row in rows]
            assert total == sum(signed)
            balance = 0
            for row, change in zip(rows, signed, strict=True):
                assert (balance, balance + change) == (
                    row["pointsBalanceBefore"],
                    row["pointsBalanceAfter"],
                )
                balance += change
                assert row["points"] > 0
            assert max(0, total - pending - held) == available
            self.the_lots_agree(customer)
            shown = self.caller.get(f"/customers/{customer}/balance")
            assert (total, pending) == (shown["totalPointsBalance"], shown["pendingPoints"])
            states = [
                self.caller.ask("GET", f"/transactions/hold/{reference}")[1]
                for reference in self.holds
            ]
            assert held == sum(
                hold["holdEquivalentPoints"]
                for hold in states
                if hold.get("state") == "active" and hold["customerId"] == customer
            )

    def the_lots_agree(self, customer: str) -> None:
        """What is left of each earning adds up to the balance, less what is owed."""
        profile = self.caller.sandbox._settled(KEY).known({"customerId": customer})
        lots = [row.lot for row in profile.rows if row.lot]
        pending = sum(lot.left for lot in lots if lot.row.status == "Pending")
        active = sum(lot.left for lot in lots if lot.row.status != "Pending")
        assert profile.balance.pending == pending
        assert profile.balance.active == active - profile.debt
        assert not (active and profile.debt)
        assert all(lot.left >= 0 for lot in lots)

    @invariant()
    def the_lists_agree(self) -> None:
        everybody = self.caller.get("/transactions/count")["count"]
        each = [
            self.caller.get(f"/transactions/count?customerId={name}")["count"]
            for name in ("c1", "c2")
        ]
        assert everybody == sum(each)


Books.TestCase.settings = settings(
    max_examples=25,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


@pytest.mark.timeout(60)
class TestBooks(Books.TestCase):  # type: ignore[valid-type, misc]
    """The machine, for pytest."""
