"""Whatever is asked, in whatever order: the books agree with themselves."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.sandbox.caller import Caller

HOUR = 3600
CUSTOMERS = st.sampled_from(["c1", "c2"])


class Books(RuleBasedStateMachine):
    """Two customers who order, hold, release, and wait."""

    def __init__(self) -> None:
        super().__init__()
        self.caller = Caller(points_expiry_days=2, hold_minutes=36 * 60)
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
            assert total == sum(signed) >= 0
            balance = 0
            for row, change in zip(rows, signed, strict=True):
                assert (balance, balance + change) == (
                    row["pointsBalanceBefore"],
                    row["pointsBalanceAfter"],
                )
                balance += change
                assert row["points"] > 0
            assert max(0, total - pending - held) == available
            waiting = [row["points"] for row in rows if row["status"] == "Pending"]
            assert sum(waiting) == pending
            states = [
                self.caller.ask("GET", f"/transactions/hold/{reference}")[1]
                for reference in self.holds
            ]
            assert held == sum(
                hold["holdEquivalentPoints"]
                for hold in states
                if hold.get("state") == "active" and hold["customerId"] == customer
            )

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
