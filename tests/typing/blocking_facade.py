"""What type checkers make of the bridge: read by mypy and pyright, never executed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import Final, assert_type

from gameball_async.pagination import Page, Paginator as AsyncPaginator
from gameball_sync._bridge import Facade, blocking, blocking_context, run
from gameball_sync.pagination import Paginator, blocking_pages


class Receipt:
    """What tracking returns."""


class Hold:
    """What holding gives."""


class Orders:
    """The async side."""

    async def track(self, order: str, /, *, resend: bool = False) -> Receipt:
        """Record an order."""
        raise NotImplementedError

    def list(self, *, customer_id: str, limit: int = 200) -> AsyncPaginator[Receipt]:
        """List orders."""
        raise NotImplementedError

    def holding(self, points: int) -> AbstractAsyncContextManager[Hold, bool | None]:
        """Hold points."""
        raise NotImplementedError


class BlockingOrders(Facade[Orders]):
    """The blocking side."""

    __slots__ = ()

    track: Final = blocking(Orders.track)
    list: Final = blocking_pages(Orders.list)
    holding: Final = blocking_context(Orders.holding)


class Others:
    """Another async side, whose methods are not for `BlockingOrders`."""

    async def get(self) -> int:
        """Get a number."""
        raise NotImplementedError


def results(orders: BlockingOrders) -> None:
    """A call gives what the coroutine would; pages and contexts become blocking ones."""
    assert_type(orders.track("A-1"), Receipt)
    assert_type(orders.track("A-1", resend=True), Receipt)
    assert_type(BlockingOrders.track(orders, "A-1"), Receipt)
    assert_type(orders.list(customer_id="c"), Paginator[Receipt])
    assert_type(orders.list(customer_id="c", limit=2).page(), Page[Receipt])
    assert_type(orders.list(customer_id="c").pages(), Iterator[Page[Receipt]])
    assert_type(orders.holding(5), AbstractContextManager[Hold, bool | None])
    for receipt in orders.list(customer_id="c"):
        assert_type(receipt, Receipt)
    for page in orders.list(customer_id="c").pages():
        assert_type(page.items, tuple[Receipt, ...])
        assert_type(page.next_cursor, str | None)
    with orders.holding(5) as hold:
        assert_type(hold, Hold)


def running(aio: Orders) -> None:
    """Running an async function keeps its arguments and its result."""
    assert_type(run(aio.track, "A-1", resend=True), Receipt)
    run(aio.track, "A-1", resnd=True)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def mistakes(orders: BlockingOrders) -> None:
    """What is wrong on the async side is wrong on this one."""
    orders.track(1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    orders.track()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    orders.track(order="A-1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    orders.track("A-1", True)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    orders.list("c")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    orders.list(customer_id=1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    orders.list()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    orders.holding("5")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def awaiting(orders: BlockingOrders) -> None:
    """The blocking side is not awaited."""
    await orders.track("A-1")  # type: ignore[misc]  # pyright: ignore[reportGeneralTypeIssues]
    anext(orders.list(customer_id="c"))  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]


class Mixed(Facade[Orders]):
    """A method of another class is no method of this one."""

    get: Final = blocking(Others.get)


def misplaced(mixed: Mixed) -> None:
    """Said where it is used."""
    mixed.get()  # type: ignore[arg-type]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
