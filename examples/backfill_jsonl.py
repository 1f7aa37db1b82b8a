"""Record every order of a JSON Lines file: ``python examples/backfill_jsonl.py orders.jsonl``.

A line holds the members of an `Order`: {"customer_id": "id123", "order_id": "A-1",
"order_date": "2024-10-16T08:13:29Z", "total_paid": 99.90}. The keys come from the environment.
What was not recorded is printed. Running it again is safe: what was recorded before counts as done.
"""

import json
import sys
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import gameball_sync as gb


def parse(line: str) -> gb.Order:
    """The order of a line; its numbers stay exact."""
    members = json.loads(line, parse_float=Decimal)
    date, items = members.pop("order_date"), members.pop("line_items", ())
    return gb.Order(
        **members,
        order_date=datetime.fromisoformat(date),
        line_items=[gb.LineItem(**item) for item in items] or None,
    )


def read(path: Path) -> Iterator[gb.Order]:
    """The orders of a file, one line at a time, whatever its size."""
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                order = parse(line)
            except (LookupError, TypeError, ValueError) as error:
                raise ValueError(f"line {number}: {error!r}") from error
            yield order


def show(outcome: gb.BulkOutcome) -> None:
    """Print what needs a look."""
    if outcome.error is not None:
        print(outcome.order.order_id, outcome.result, outcome.error, sep="\t")


if __name__ == "__main__":
    source = read(Path(sys.argv[1]))
    try:
        with gb.GameballClient() as gameball:
            report = gameball.orders.track_many(
                source, on_outcome=show, resend=True, stop_on=gb.AuthenticationError
            )
    except (gb.GameballError, ValueError) as error:  # what was under way has ended all the same
        sys.exit(f"given up: {error}\n{gb.BulkReport.of(error)}")
    print(f"{report.pulled} orders: {report.tracked} new, {report.already_recorded} known,", end="")
    print(f" {report.failed} failed, {report.unknown} unknown")
    sys.exit(0 if report.complete else 1)
