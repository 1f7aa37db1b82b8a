"""Print a customer's points, row by row: ``python examples/ledger.py CUSTOMER_ID``.

The keys come from GAMEBALL_API_KEY and GAMEBALL_SECRET_KEY.
"""

import sys

from gameball_sync import Direction, GameballClient, GameballError


def show(customer_id: str) -> None:
    """Print the rows, newest first, as the pages come in; then the balance."""
    with GameballClient() as gameball:
        for row in gameball.transactions.list(customer_id=customer_id):
            sign = "-" if row.direction == Direction.DEDUCTION else "+"
            moved = f"{sign}{row.points}"
            print(row.transaction_time, row.type, moved, row.points_balance_after, sep="\t")
        balance = gameball.customers.balance(customer_id)
    print(f"{balance.available_points_balance} points can be spent")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    try:
        show(sys.argv[1])
    except GameballError as error:
        sys.exit(str(error))
