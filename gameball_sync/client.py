"""The blocking client: the async one behind a bridge, without logic of its own."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from types import TracebackType
from typing import Any, Concatenate, Final, NoReturn, ParamSpec, Self, cast

from gameball_async import client as aio
from gameball_async.config import Priority, RetryPolicy, Timeouts
from gameball_async.transport.limiter import Limiter
from gameball_sync._bridge import Facade, blocking, run
from gameball_sync._endpoints import (
    Batches,
    Configurations,
    Coupons,
    Customers,
    Events,
    Leaderboard,
    Orders,
    Payments,
    Referrals,
    Transactions,
)
from gameball_sync.checkout import Checkout

P = ParamSpec("P")


def _settings_of(
    init: Callable[Concatenate[aio.GameballClient, P], None],
) -> Callable[[Callable[..., None]], Callable[Concatenate[Any, P], None]]:
    """Give a constructor the signature and the docstring of the async client's."""

    def dress(own: Callable[..., None]) -> Callable[Concatenate[Any, P], None]:
        return cast("Callable[Concatenate[Any, P], None]", wraps(init)(own))

    return dress


class GameballClient(Facade[aio.GameballClient]):
    """Gameball for blocking code: one client per process, used by any number of threads.

    Every call runs on one private event loop in a thread of its own, shared by all clients of the
    process, and blocks the caller until it is done.
    """

    __slots__ = (
        "batches",
        "configurations",
        "coupons",
        "customers",
        "events",
        "leaderboard",
        "orders",
        "payments",
        "referrals",
        "transactions",
    )

    customers: Customers
    events: Events
    orders: Orders
    payments: Payments
    transactions: Transactions
    coupons: Coupons
    batches: Batches
    configurations: Configurations
    leaderboard: Leaderboard
    referrals: Referrals

    @_settings_of(aio.GameballClient.__init__)
    def __init__(self, *args: Any, **settings: Any) -> None:
        try:
            client = aio.GameballClient(*args, **settings)
        finally:
            del args, settings  # error trackers show the locals of frames that fail
        super().__init__(client)
        self._attach()

    def _attach(self) -> None:
        """Hang the blocking endpoint classes on the async ones."""
        self.customers = Customers(self._aio.customers)
        self.events = Events(self._aio.events)
        self.orders = Orders(self._aio.orders)
        self.payments = Payments(self._aio.payments)
        self.transactions = Transactions(self._aio.transactions)
        self.coupons = Coupons(self._aio.coupons)
        self.batches = Batches(self._aio.batches)
        self.configurations = Configurations(self._aio.configurations)
        self.leaderboard = Leaderboard(self._aio.leaderboard)
        self.referrals = Referrals(self._aio.referrals)

    send: Final = blocking(aio.GameballClient.send)

    def checkout(
        self, customer_id: str, *, email: str | None = None, mobile: str | None = None
    ) -> Checkout:
        """Begin a checkout: preview, hold points, lock coupons, place the order.

        Args:
            customer_id: Your id of the customer.
            email: The merge key of an account that merges by e-mail.
            mobile: The merge key of an account that merges by phone.

        Returns:
            The checkout, for a ``with`` block at whose end nothing stays reserved.
        """
        return Checkout(self._aio.checkout(customer_id, email=email, mobile=mobile))

    def with_options(
        self,
        *,
        timeouts: Timeouts | None = None,
        retry: RetryPolicy | None = None,
        priority: Priority | str | None = None,
        language: str | None = None,
    ) -> Self:
        """A cheap copy with other options for its calls; it shares everything else.

        Args:
            timeouts: Seconds for a call and its parts.
            retry: How often to try.
            priority: ``interactive`` or ``background``, where calls wait for the rate limit.
            language: Language of texts.

        Returns:
            The copy. Closing it does nothing: the client it came from owns the connections.

        Raises:
            ConfigurationError: An option is wrong; it names the option.
        """
        copy = object.__new__(type(self))
        copy._aio = self._aio.with_options(
            timeouts=timeouts, retry=retry, priority=priority, language=language
        )
        copy._attach()
        return copy

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the client: calls that wait fail, calls on the wire get 5 seconds."""
        run(self._aio.aclose)

    @property
    def limiter(self) -> Limiter | None:
        """The rate limiter, for its `snapshot()` or to share it; None when it is off."""
        return self._aio.limiter

    def __repr__(self) -> str:
        return repr(getattr(self, "_aio", "a blocking GameballClient that could not be made"))

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def __reduce__(self) -> NoReturn:
        self._aio.__reduce__()
