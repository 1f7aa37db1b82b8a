"""The client: owns the transport, and hangs the endpoint classes on it."""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Mapping
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn, Self, TypeVar

import attrs

from gameball_async.config import (
    Key,
    Network,
    Options,
    Priority,
    RateLimits,
    RetryPolicy,
    Timeouts,
    read_base_url,
    read_credentials,
    read_proxy,
)
from gameball_async.errors import ConfigurationError
from gameball_async.hooks import Hook, Hooks
from gameball_async.operation import Operation
from gameball_async.transport.caller import Caller
from gameball_async.transport.http import Clock, Response, SystemClock, Transport
from gameball_async.transport.limiter import Limiter
from gameball_async.transport.runtime import Address, Core

if TYPE_CHECKING:
    from gameball_async.checkout import Checkout
    from gameball_async.endpoints.batches import Batches
    from gameball_async.endpoints.configurations import Configurations
    from gameball_async.endpoints.coupons import Coupons
    from gameball_async.endpoints.customers import Customers
    from gameball_async.endpoints.events import Events
    from gameball_async.endpoints.leaderboard import Leaderboard
    from gameball_async.endpoints.orders import Orders
    from gameball_async.endpoints.payments import Payments
    from gameball_async.endpoints.referrals import Referrals
    from gameball_async.endpoints.transactions import Transactions

T = TypeVar("T")


def _limiter(limiter: object, rate_limits: object, clock: Clock) -> Limiter | None:
    """The limiter given, else one of the client's own, else none."""
    if limiter is not None:
        if not isinstance(limiter, Limiter):
            raise ConfigurationError(f"limiter must be a Limiter, got {type(limiter).__name__}")
        return limiter
    if rate_limits is None:
        return None
    if not isinstance(rate_limits, RateLimits):
        raise ConfigurationError(
            f"rate_limits must be RateLimits or None, got {type(rate_limits).__name__}"
        )
    return Limiter(rate_limits, clock=clock)


def _listeners(hooks: Iterable[Hook]) -> Hooks:
    """The listeners, each of them callable."""
    listeners = tuple(hooks)
    for listener in listeners:
        if not callable(listener):
            raise ConfigurationError(f"hooks must be callables, got {type(listener).__name__}")
    return Hooks(listeners)


class GameballClient:
    """Gameball for asyncio: one client per process and event loop, used by any number of tasks.

    Constructing it sends nothing and needs no running loop.
    """

    def __init__(
        self,
        api_key: Key | None = None,
        secret_key: Key | None = None,
        *,
        base_url: str | None = None,
        api_version: str | None = None,
        timeouts: Timeouts = Timeouts(),  # noqa: B008 - frozen
        retry: RetryPolicy = RetryPolicy(),  # noqa: B008 - frozen
        rate_limits: RateLimits | None = RateLimits.published(),  # noqa: B008 - frozen
        limiter: Limiter | None = None,
        max_in_flight: int = 64,
        hooks: Iterable[Hook] = (),
        language: str | None = None,
        ssl_context: ssl.SSLContext | None = None,
        proxy: str | None = None,
        trust_env: bool = False,
        transport: Transport | None = None,
        clock: Clock | None = None,
    ) -> None:
        """Set up a client.

        Args:
            api_key: Your api key, or a callable that returns it and is asked for each call; None
                reads ``GAMEBALL_API_KEY``.
            secret_key: The same for the secret key and ``GAMEBALL_SECRET_KEY``; an operation that
                needs it fails before anything is sent when there is none.
            base_url: None reads ``GAMEBALL_BASE_URL``, else ``https://api.gameball.co``. Plain
                ``http://`` is for loopback alone.
            api_version: None reads ``GAMEBALL_API_VERSION``, else ``v4``.
            timeouts: Seconds for a whole call, for connecting, and for one attempt's answer.
            retry: How often to try, and how long to wait in between.
            rate_limits: The account's limits; None switches the limiter off. Several processes of
                one account share them: ``RateLimits.published(share=1/4)`` for four.
            limiter: One limiter for several clients of one account on one event loop.
            max_in_flight: The most requests on the wire at once.
            hooks: Callables that receive events; see `gameball_async.hooks`.
            language: Language of texts, e.g. ``en``, where an operation knows languages.
            ssl_context: Trust something else than the system's certificates; one that does not
                verify is refused.
            proxy: URL of an HTTP proxy, ``http://user:password@host:3128``. It sees the host that
                is called and nothing else: TLS goes through it to the API.
            trust_env: Take the proxy from ``HTTPS_PROXY``, unless ``NO_PROXY`` names the host. A
                netrc is never read.
            transport: Send requests in another way.
            clock: Take the time from elsewhere.

        Raises:
            ConfigurationError: A setting is missing or wrong; it names the setting.
        """
        try:
            credentials = read_credentials(api_key, secret_key)
            url = read_base_url(base_url, api_version)
            network = Network(ssl_context=ssl_context, max_in_flight=max_in_flight)
            network = attrs.evolve(network, proxy=read_proxy(proxy, url, trust_env=trust_env))
        finally:
            # Error trackers show the locals of frames that fail, and a proxy may have a password.
            del api_key, secret_key, proxy
        self._options = Options(timeouts=timeouts, retry=retry, language=language)
        own_clock = clock if clock is not None else SystemClock()
        self._core = Core(
            credentials=credentials,
            address=Address.of(url),
            network=network,
            limiter=_limiter(limiter, rate_limits, own_clock),
            hooks=_listeners(hooks),
            transport=transport,
            clock=own_clock,
        )
        self._owner = True
        self._caller = Caller(self._core, self._options)

    # Each is loaded when it is used: all of them take longer than the rest of the client.

    @cached_property
    def customers(self) -> Customers:
        """Operations on customers."""
        from gameball_async.endpoints.customers import Customers  # noqa: PLC0415

        return Customers(self._caller)

    @cached_property
    def events(self) -> Events:
        """Operations on events."""
        from gameball_async.endpoints.events import Events  # noqa: PLC0415

        return Events(self._caller)

    @cached_property
    def orders(self) -> Orders:
        """Operations on orders."""
        from gameball_async.endpoints.orders import Orders  # noqa: PLC0415

        return Orders(self._caller)

    @cached_property
    def payments(self) -> Payments:
        """Operations on payments."""
        from gameball_async.endpoints.payments import Payments  # noqa: PLC0415

        return Payments(self._caller)

    @cached_property
    def transactions(self) -> Transactions:
        """Operations on transactions."""
        from gameball_async.endpoints.transactions import Transactions  # noqa: PLC0415

        return Transactions(self._caller)

    @cached_property
    def coupons(self) -> Coupons:
        """Operations on coupons."""
        from gameball_async.endpoints.coupons import Coupons  # noqa: PLC0415

        return Coupons(self._caller)

    @cached_property
    def batches(self) -> Batches:
        """Operations on batches."""
        from gameball_async.endpoints.batches import Batches  # noqa: PLC0415

        return Batches(self._caller)

    @cached_property
    def configurations(self) -> Configurations:
        """Operations on configurations."""
        from gameball_async.endpoints.configurations import Configurations  # noqa: PLC0415

        return Configurations(self._caller)

    @cached_property
    def leaderboard(self) -> Leaderboard:
        """Operations on leaderboard."""
        from gameball_async.endpoints.leaderboard import Leaderboard  # noqa: PLC0415

        return Leaderboard(self._caller)

    @cached_property
    def referrals(self) -> Referrals:
        """Operations on referrals."""
        from gameball_async.endpoints.referrals import Referrals  # noqa: PLC0415

        return Referrals(self._caller)

    async def send(
        self,
        operation: Operation[T],
        *,
        path: Mapping[str, object] | None = None,
        query: Mapping[str, object] | None = None,
        body: object = None,
    ) -> Response[T]:
        """Perform any operation: one of `gameball_async.operations`, or one of your own.

        Args:
            operation: What to call, and how it may be repeated.
            path: The ids in its path, by name; each stays one segment whatever it holds.
            query: Its query parameters; what is None is left out.
            body: A model, or a mapping in the wire's spelling.

        Returns:
            The decoded value with status, headers, attempts and timings.

        Raises:
            ValueError: Something in `path`, `query` or `body` cannot be sent; it is named.
            ApiError: The API refused.
            RequestError: There was no clear answer; see its subclasses.
        """
        return await self._caller.send(operation, path=path, query=query, body=body)

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
        from gameball_async.checkout import Checkout  # noqa: PLC0415

        return Checkout(self._caller, customer_id, email=email, mobile=mobile)

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
        given = {
            "timeouts": timeouts,
            "retry": retry,
            "priority": priority,
            "language": language,
        }
        changes: dict[str, Any] = {name: it for name, it in given.items() if it is not None}
        copy = object.__new__(type(self))
        copy._core, copy._owner = self._core, False
        copy._options = attrs.evolve(self._options, **changes)
        copy._caller = Caller(copy._core, copy._options)
        return copy

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the client: calls that wait fail, calls on the wire get 5 seconds.

        Raises:
            WrongEventLoopError: The client is in use on another event loop, which is alive.
        """
        if self._owner:
            await self._core.aclose()

    @property
    def limiter(self) -> Limiter | None:
        """The rate limiter, for its `snapshot()` or to share it; None when it is off."""
        return self._core.limiter

    def __repr__(self) -> str:
        core = getattr(self, "_core", None)  # a client that could not be made is shown as well
        where = "" if core is None else f"{core.address.origin}{core.address.prefix}"
        return f"GameballClient({where})"

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a GameballClient holds keys and connections; make one in each process")
