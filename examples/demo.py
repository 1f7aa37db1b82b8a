"""The main job in a minute: orders, points, holds, coupons and the ledger, with both clients.

Everything talks HTTP to a sandbox in this process: no account, no keys, no network.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Generator, Sequence
from contextlib import suppress
from typing import Any, Final, TypeVar, cast

from attrs import evolve
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table
from sample_orders import BAGS, QUOTE, TILL_ORDERS, TRACKED

import gameball_async
import gameball_sync
from gameball_async import Direction, Order, Page, Redemption, Transaction
from gameball_async.sandbox import Coupon, Program, Sandbox

PROGRAM: Final = Program(
    merge="email",
    coupons=(
        Coupon(code="DISCOUNT10", type="percentage", value=10),
        Coupon(code="SUMMER50", type="percentage", value=50, limit_per_customer=1),
        Coupon(code="FREESHIPPING400", type="shipping"),
    ),
)
R = TypeVar("R")

NOTHING: Final = (0, "free")
"""Points held, and the state of a coupon, when nothing is reserved."""
CUSTOMERS: Final = ("id123", "cust_123456789", "15327289462816")
SAME_ID: Final = "Two guides use ORD12345. An account takes an id once, so the bags are ORD12346."
SAME_CUSTOMER: Final = "web77 has the e-mail address of id123: one customer, one balance."
ASYNC_KEY: Final = "demo-async"
SYNC_KEY: Final = "demo-sync"


def story(
    gameball: gameball_async.GameballClient | gameball_sync.GameballClient, steps: Table
) -> Generator[Any, Any, None]:
    """Every ``yield`` is an ``await`` with the async client, and nothing with the blocking one."""
    for where, order in TILL_ORDERS:
        receipt = yield gameball.orders.track(order)
        steps.add_row(f"{order.order_id} {where}", f"+{receipt.rewarded_points}", "50 x 2")
    quote = yield gameball.orders.calculate_cashback(QUOTE)
    steps.add_row(
        "preview of an order", f"({quote.total_points})", "150 + 200, nothing is recorded"
    )

    john = TRACKED.customer_id
    earlier = Order(customer_id=john, email=TRACKED.email, order_id="ORD12344", total_paid=1000)
    receipt = yield gameball.orders.track(earlier)
    steps.add_row("ORD12344 an earlier order", f"+{receipt.rewarded_points}", "1000 paid, no lines")
    hold = yield gameball.transactions.hold(customer_id=john, points_to_hold=1000)
    lock = yield gameball.coupons.validate(customer_id=john, coupons=["DISCOUNT10"], lock=True)
    reserved = Redemption(
        points_hold_reference=hold.hold_reference,
        coupons_lock_reference=lock.lock_reference,
        coupon_codes=["DISCOUNT10"],
    )
    receipt = yield gameball.orders.track(evolve(TRACKED, redemption=reserved))
    used = "held before, DISCOUNT10 locked too"
    steps.add_row("ORD12345 redeems a hold", f"-{receipt.redeemed_points}", used)
    earned = "91 x 2 + 10 shipping = 192 (91.25 each)"
    steps.add_row("         and earns", f"+{receipt.rewarded_points}", earned)

    buyer = BAGS.customer_id
    receipt = yield gameball.orders.track(BAGS)
    earned = "100 x 3 + 10 shipping = 310"
    steps.add_row("ORD12346 three bags", f"+{receipt.rewarded_points}", earned)
    gift = yield gameball.transactions.create_manual(
        customer_id=buyer,
        transaction_id="txn543211",
        username="admin_user",
        reason="Referral bonus",
        points=50,
    )
    steps.add_row("txn543211 by hand", f"+{gift.points}", "Referral bonus")
    hold = yield gameball.transactions.hold(customer_id=buyer, points_to_hold=50)
    reserved = Redemption(points_hold_reference=hold.hold_reference)
    paid = 310 - hold.hold_amount
    order = evolve(BAGS, order_id="ORD12347", order_date=None, total_paid=paid, redemption=reserved)
    receipt = yield gameball.orders.track(order)
    used = yield gameball.transactions.get_hold(hold.hold_reference)
    worth = f"it paid {hold.hold_amount}, and is now {used.state}"
    steps.add_row("ORD12347 redeems a hold", f"-{receipt.redeemed_points}", worth)
    earned = "98 x 3 + 10 shipping = 304 (98.33 each)"
    steps.add_row("         and earns", f"+{receipt.rewarded_points}", earned)
    codes = ["SUMMER50", "FREESHIPPING400"]
    lock = yield gameball.coupons.validate(customer_id=buyer, coupons=codes, lock=True)
    order = evolve(
        BAGS,
        order_id="ORD12348",
        order_date=None,
        total_paid=150,
        total_discount=160,
        total_shipping=0,
        redemption=Redemption(coupons_lock_reference=lock.lock_reference),
    )
    receipt = yield gameball.orders.track(order)
    earned = "50 x 3: half price, shipped free"
    steps.add_row("ORD12348 uses two coupons", f"+{receipt.rewarded_points}", earned)
    again = yield gameball.coupons.validate(customer_id=buyer, coupons=["SUMMER50"])
    steps.add_row("SUMMER50 once more", "", f"refused: {again.coupons[0].reason}")


async def play(calls: Generator[Any, Any, R]) -> R:
    """Await what the generator yields; what it returns."""
    answer = None
    while True:
        try:
            call = calls.send(answer)
        except StopIteration as end:
            return cast("R", end.value)
        answer = await call


def play_blocking(calls: Generator[Any, Any, R]) -> R:
    """The same where what is yielded is the answer."""
    answer = None
    while True:
        try:
            answer = calls.send(answer)
        except StopIteration as end:
            return cast("R", end.value)


class CardDeclinedError(Exception):
    """What a checkout may fail with half-way."""


def reserved(
    gameball: gameball_async.GameballClient | gameball_sync.GameballClient,
    sandbox: Sandbox,
    key: str,
) -> Generator[Any, Any, tuple[int, str]]:
    """The points that the sandbox holds for the buyer, and what it says of a coupon."""
    looked = yield gameball.coupons.validate(customer_id=BAGS.customer_id, coupons=["DISCOUNT10"])
    balance = sandbox.balance(key, BAGS.customer_id)
    return balance.held if balance else 0, looked.coupons[0].reason or "free"


async def decline(gameball: gameball_async.GameballClient, sandbox: Sandbox, steps: Table) -> bool:
    """A checkout that fails half-way; whether it leaves nothing reserved."""
    during = NOTHING
    with suppress(CardDeclinedError):
        async with gameball.checkout(BAGS.customer_id) as checkout:
            await checkout.hold_points(50)
            await checkout.lock_coupons(["DISCOUNT10"])
            during = await play(reserved(gameball, sandbox, ASYNC_KEY))
            raise CardDeclinedError
    after = await play(reserved(gameball, sandbox, ASYNC_KEY))
    return tell_decline(steps, during, after)


def decline_blocking(
    gameball: gameball_sync.GameballClient, sandbox: Sandbox, steps: Table
) -> bool:
    """The same without ``await``."""
    during = NOTHING
    with suppress(CardDeclinedError), gameball.checkout(BAGS.customer_id) as checkout:
        checkout.hold_points(50)
        checkout.lock_coupons(["DISCOUNT10"])
        during = play_blocking(reserved(gameball, sandbox, SYNC_KEY))
        raise CardDeclinedError
    after = play_blocking(reserved(gameball, sandbox, SYNC_KEY))
    return tell_decline(steps, during, after)


def tell_decline(steps: Table, during: tuple[int, str], after: tuple[int, str]) -> bool:
    """Add the rows of the checkout that failed."""
    for step, (points, coupon) in (
        ("a checkout half-way", during),
        ("the card is declined", after),
    ):
        steps.add_row(step, "", f"{points} points held, DISCOUNT10 {coupon}")
    return after == NOTHING != during


def signed(row: Transaction) -> Any:
    """The points of a row: its numbers are positive in both directions."""
    points = row.points or 0
    return -points if row.direction == Direction.DEDUCTION else points


def check(
    console: Console, balances: Table, customer: str, pages: Sequence[Page[Transaction]]
) -> bool:
    """Whether the rows of a customer, newest first, add up to the balance after the newest."""
    rows = [row for page in pages for row in page.items]
    total, balance = sum(signed(row) for row in rows), rows[0].points_balance_after
    tick = "ok" if console.options.ascii_only else "\N{CHECK MARK}"
    verdict = f"[green]{tick}[/]" if total == balance else "[red]differs[/]"
    terms = " ".join(f"{signed(row):+}" for row in reversed(rows))
    balances.add_row(customer, str(len(pages)), terms, str(total), str(balance), verdict)
    return bool(total == balance)


def new_tables() -> tuple[Table, Table]:
    """The two tables that each client fills."""
    steps = Table("Step", "Points", "How they come about", box=SIMPLE, caption=SAME_ID)
    steps.columns[1].justify = "right"
    balances = Table(
        "Customer", "Pages", "Ledger", "Sum", "Balance", "", box=SIMPLE, caption=SAME_CUSTOMER
    )
    return steps, balances


async def with_async_client(sandbox: Sandbox, console: Console) -> bool:
    """The story with `gameball_async`."""
    steps, balances = new_tables()
    async with gameball_async.GameballClient(ASYNC_KEY, "secret", base_url=sandbox.url) as gameball:
        await play(story(gameball, steps))
        kept = await decline(gameball, sandbox, steps)
        for customer in CUSTOMERS:
            paginator = gameball.transactions.list(customer_id=customer, limit=2)
            kept &= check(console, balances, customer, [page async for page in paginator.pages()])
    console.print("[bold]gameball_async[/], with await", steps, balances, "")
    return kept


def with_blocking_client(sandbox: Sandbox, console: Console) -> bool:
    """The same story with `gameball_sync`, in an account of its own."""
    steps, balances = new_tables()
    with gameball_sync.GameballClient(SYNC_KEY, "secret", base_url=sandbox.url) as gameball:
        play_blocking(story(gameball, steps))
        kept = decline_blocking(gameball, sandbox, steps)
        for customer in CUSTOMERS:
            paginator = gameball.transactions.list(customer_id=customer, limit=2)
            kept &= check(console, balances, customer, list(paginator.pages()))
    console.print("[bold]gameball_sync[/], the same without await", steps, balances, "")
    return kept


async def demo(sandbox: Sandbox, console: Console) -> int:
    """Run the story with both clients; 1 when a ledger or a checkout broke its promise."""
    console.print(f"A sandbox listens on {sandbox.url}; each client has its own account.\n")
    kept = await with_async_client(sandbox, console)
    kept &= await asyncio.to_thread(with_blocking_client, sandbox, console)
    requests = len(sandbox.requests)
    if kept:
        console.print(
            f"{requests} requests. Every ledger adds up to its balance, and the checkout that "
            "failed left nothing held and nothing locked."
        )
    else:
        console.print(
            f"[red]{requests} requests. A ledger does not add up to its balance, or the checkout "
            "that failed left something reserved: see above.[/]"
        )
    return 0 if kept else 1


async def main() -> int:
    """Start a sandbox and run the demo against it."""
    async with Sandbox.serve(PROGRAM) as sandbox:
        return await demo(sandbox, Console())


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
