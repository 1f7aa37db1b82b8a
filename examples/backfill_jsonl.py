"""Record every order of a JSON Lines file: ``python examples/backfill_jsonl.py orders.jsonl``.

A line holds the members of an `Order`: {"customer_id": "id123", "order_id": "A-1",
"order_date": "2024-10-16T08:13:29Z", "total_paid": 99.90}. The keys come from the environment.
What was not recorded is printed. Running it again is safe: what was recorded before counts as done.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from gameball_sync import (
    AuthenticationError,
    BulkOutcome,
    BulkReport,
    GameballClient,
    LineItem,
    Order,
)


def read(path: Path) -> Iterator[Order]:
    """The orders of a file, one line at a time, whatever its size."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            members = json.loads(line, parse_float=Decimal)
            date, items = members.pop("order_date"), members.pop("line_items", ())
            yield Order(
                **members,
                order_date=datetime.fromisoformat(date),
                line_items=[LineItem(**item) for item in items] or None,
            )


def show(outcome: BulkOutcome) -> None:
    """Print what needs a look."""
    if outcome.error is not None:
        print(outcome.order.order_id, outcome.result, outcome.error, sep="\t")


def backfill(path: Path) -> BulkReport:
    """Record the orders; wrong keys end it at once, and anything else is told order by order."""
    with GameballClient() as gameball:
        return gameball.orders.track_many(
            read(path), on_outcome=show, resend=True, stop_on=AuthenticationError
        )


if __name__ == "__main__":
    report = backfill(Path(sys.argv[1]))
    print(
        f"{report.pulled} orders: {report.tracked} new, {report.already_recorded} known,", end=" "
    )
    print(f"{report.failed} failed, {report.unknown} unknown")
    sys.exit(0 if report.complete else 1)
