"""Every setting, in frozen values; the only reader of the environment."""

from __future__ import annotations

import ipaddress
import os
import re
import ssl
import sys
from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, TypeVar, cast
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies, proxy_bypass

import attrs
from attrs import field, frozen

from gameball_async.errors import ConfigurationError

DEFAULT_BASE_URL: Final = "https://api.gameball.co"
MAX_BODY: Final = 32 * 1024 * 1024
"""The largest answer that is read, in bytes."""

T = TypeVar("T")

Key = str | Callable[[], str]


class Bucket(StrEnum):
    """What the API counts together when it limits rates."""

    TRANSACTIONS_READ = "transactions_read"
    TRANSACTIONS_WRITE = "transactions_write"
    COUPONS = "coupons"
    CUSTOMERS_READ = "customers_read"
    CUSTOMERS_WRITE = "customers_write"
    EVENTS = "events"
    ORDERS = "orders"
    ORDER_CASHBACK = "order_cashback"
    OTHERS = "others"


class Priority(StrEnum):
    """Who goes first when calls wait for the rate limit."""

    INTERACTIVE = "interactive"
    """Somebody is waiting for the answer."""
    BACKGROUND = "background"
    """Bulk work: leaves room for interactive calls."""


def _above_zero(value: object) -> bool:
    """Whether *value* is a number above zero, and one that a float can hold."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return 0 < value <= sys.float_info.max


def positive(instance: object, attribute: attrs.Attribute[float], value: object) -> None:
    """Refuse anything but a finite number above zero."""
    if not _above_zero(value):
        name = f"{type(instance).__name__}.{attribute.name}"
        raise ConfigurationError(f"{name} must be a finite number above 0, got {value!r}")


def whole(instance: object, attribute: attrs.Attribute[int], value: object) -> None:
    """Refuse anything but a whole number of at least one."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        name = f"{type(instance).__name__}.{attribute.name}"
        raise ConfigurationError(f"{name} must be a whole number of at least 1, got {value!r}")


@frozen
class Window:
    """At most `limit` requests in any stretch of `seconds`."""

    limit: int = field(validator=whole)
    seconds: float = field(validator=positive)


@frozen(kw_only=True)
class Timeouts:
    """How long to wait, in seconds."""

    total: float = field(default=60.0, validator=positive)
    """The whole call: every wait and every attempt together."""
    connect: float = field(default=5.0, validator=positive)
    """One attempt's name look-up, connection and TLS handshake."""
    read: float = field(default=30.0, validator=positive)
    """One attempt's complete answer, counted from a ready connection."""


@frozen(kw_only=True)
class RetryPolicy:
    """How often to try, and how long to wait in between: full jitter below ``base * 2**n``."""

    attempts: int = field(default=4, validator=whole)
    """The most requests one call makes, the first one included; 1 never repeats."""
    base: float = field(default=0.5, validator=positive)
    """The first wait is at most this long, in seconds."""
    cap: float = field(default=30.0, validator=positive)
    """No wait is longer than this, in seconds."""


_BURST: Final = (30, 360)
_PUBLISHED: Final[Mapping[Bucket, tuple[int, int]]] = {
    Bucket.TRANSACTIONS_READ: _BURST,
    Bucket.TRANSACTIONS_WRITE: _BURST,
    Bucket.COUPONS: _BURST,
    Bucket.CUSTOMERS_READ: (100, 1200),
    Bucket.CUSTOMERS_WRITE: _BURST,
    Bucket.EVENTS: (100, 1200),
    Bucket.ORDERS: _BURST,
    Bucket.ORDER_CASHBACK: (1000, 15_000),
    Bucket.OTHERS: _BURST,
}


def _shared(limit: int, seconds: float, share: float) -> Window:
    """A part of a window; a part of less than one request is one request in a longer window."""
    part = limit * share
    return Window(int(part), seconds) if part >= 1 else Window(1, seconds / part)


def _windows(bucket: Bucket, given: object) -> tuple[Window, ...]:
    """The windows of one bucket, of which there must be one."""
    windows = cast("list[object]", [*given] if isinstance(given, tuple | list) else [])
    checked = tuple(window for window in windows if isinstance(window, Window))
    if not checked or len(checked) < len(windows):
        raise ConfigurationError(f"rate_limits.{bucket} needs a tuple of at least one Window")
    return checked


def _read_only(
    table: Mapping[Bucket, tuple[Window, ...]],
) -> Mapping[Bucket, tuple[Window, ...]]:
    """A private, immutable copy, with every bucket in it and nothing else."""
    for name in table:
        if name not in tuple(Bucket):
            names = ", ".join(Bucket)
            raise ConfigurationError(f"rate_limits.{name} is no bucket; there are {names}")
    return MappingProxyType({bucket: _windows(bucket, table.get(bucket)) for bucket in Bucket})


@frozen
class RateLimits:
    """How many requests each bucket takes in each of its windows."""

    windows: Mapping[Bucket, tuple[Window, ...]] = field(converter=_read_only)

    @classmethod
    def published(cls, share: float = 1.0) -> RateLimits:
        """The vendor's table, every window times *share*.

        Args:
            share: This process's part of the account's quota, above 0 and at most 1: four worker
                processes of one account take ``1/4`` each.

        Returns:
            The limits of one process.

        Raises:
            ConfigurationError: *share* is out of range.

        Source: docs.gameball.co, "Rate Limiting".
        """
        if not _above_zero(share) or share > 1:
            raise ConfigurationError(
                f"share must be above 0 and at most 1 (four workers: 1/4), got {share!r}"
            )
        return cls(
            {
                bucket: (_shared(per_second, 1.0, share), _shared(per_half_minute, 30.0, share))
                for bucket, (per_second, per_half_minute) in _PUBLISHED.items()
            }
        )

    def override(self, **windows: tuple[Window, ...]) -> RateLimits:
        """A copy with other windows for single buckets, named as in `Bucket`.

        Args:
            **windows: ``orders=(Window(60, 1), Window(720, 30))``.

        Returns:
            The changed copy.

        Raises:
            ConfigurationError: A bucket of that name does not exist, or gets no window.
        """
        return RateLimits(dict(self.windows) | cast("dict[Bucket, tuple[Window, ...]]", windows))

    def scaled(self, factor: float) -> RateLimits:
        """A copy with every limit times *factor*, for accounts with other contracts.

        Raises:
            ConfigurationError: *factor* is not a finite number above zero.
        """
        if not _above_zero(factor):
            raise ConfigurationError(f"factor must be a finite number above 0, got {factor!r}")
        return RateLimits(
            {
                bucket: tuple(Window(max(1, int(w.limit * factor)), w.seconds) for w in windows)
                for bucket, windows in self.windows.items()
            }
        )


def _flaw(name: str, key: object) -> str | None:
    """Why *key* cannot travel as a header, in words that do not show it."""
    if not isinstance(key, str):
        return f"{name} must be a str, got {type(key).__name__}"
    if not key:
        return f"{name} is empty"
    if not all("!" <= char <= "~" for char in key):
        return (
            f"{name} holds a character that no key has: a blank, a control character, "
            "or one outside ASCII"
        )
    return None


def _read_key(name: str, key: Key) -> str:
    """The key's value now; a callable's own exception is told by its type alone."""
    if isinstance(key, str):
        return key
    try:
        value = key()
        flaw = _flaw(name, value)
    except Exception as error:  # noqa: BLE001 - the text could hold the secret
        flaw = f"{name}: the callable raised {type(error).__name__}"
    else:
        if flaw is None:
            return value
        del value  # error trackers show the locals of the frame that raises
    raise ConfigurationError(flaw)


@frozen(repr=False)
class Credentials:
    """The two keys, or callables that fetch them; never shown."""

    api_key: Key
    secret_key: Key | None

    def __repr__(self) -> str:
        """Whether there is a secret key, and nothing more."""
        return f"Credentials(api_key=***, secret_key={'***' if self.secret_key else None})"

    @property
    def fixed(self) -> bool:
        """True when neither key is a callable."""
        return not callable(self.api_key) and not callable(self.secret_key)

    def headers(self) -> dict[str, str]:
        """Read the keys and return them as headers; both when both are known."""
        if self.secret_key is None:
            return {"apikey": _read_key("api_key", self.api_key)}
        # Both at once: a local that holds one key would be shown when the other cannot be read.
        return {
            "apikey": _read_key("api_key", self.api_key),
            "secretkey": _read_key("secret_key", self.secret_key),
        }


def _setting(given: T | None, variable: str) -> T | str | None:
    """What was given, else what the environment says; an empty variable says nothing."""
    return (os.environ.get(variable) or None) if given is None else given


def _fixed_flaw(name: str, key: Key | None) -> str | None:
    """What is wrong with a key that is known already."""
    return None if key is None or callable(key) else _flaw(name, key)


def read_credentials(api_key: Key | None, secret_key: Key | None) -> Credentials:
    """Put the keys together from the arguments and the environment.

    Raises:
        ConfigurationError: There is no api key, or a key cannot be a header.
    """
    api_key = _setting(api_key, "GAMEBALL_API_KEY")
    secret_key = _setting(secret_key, "GAMEBALL_SECRET_KEY")
    flaw = _fixed_flaw("api_key", api_key) or _fixed_flaw("secret_key", secret_key)
    if api_key is not None and flaw is None:
        return Credentials(api_key, secret_key)
    del api_key, secret_key  # error trackers show the locals of the frame that raises
    raise ConfigurationError(flaw or "api_key is missing: pass api_key= or set GAMEBALL_API_KEY")


def _is_loopback(host: str) -> bool:
    """Whether *host* cannot be another machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def read_base_url(base_url: str | None, api_version: str | None) -> str:
    """Put together everything before ``/orders``, from the arguments and the environment.

    Returns:
        ``https://api.gameball.co/api/v4/integrations`` by default.

    Raises:
        ConfigurationError: The URL or the version cannot be used, or would send keys in clear.
    """
    url = _setting(base_url, "GAMEBALL_BASE_URL")
    url = DEFAULT_BASE_URL if url is None else url
    version = _setting(api_version, "GAMEBALL_API_VERSION")
    version = "v4" if version is None else version
    if re.fullmatch(r"v[0-9]+(\.[0-9]+)?", str(version)) is None:
        raise ConfigurationError(f"api_version must look like v4, v4.0 or v4.1, got {version!r}")
    flaw = _url_flaw(url)
    if flaw is not None:
        raise ConfigurationError(f"base_url cannot be used: {flaw}")
    return f"{url.rstrip('/')}/api/{version}/integrations"


def _split(url: object) -> SplitResult | str:
    """The parts of an ``http://`` or ``https://`` URL, or why it is none."""
    if not isinstance(url, str) or not all("!" <= char <= "~" for char in url):
        return "it must be a str without blanks, control characters and others outside ASCII"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "its host or its port is malformed"
    if parts.scheme not in {"http", "https"} or not host:
        return "it must start with http:// or https:// and name a host"
    return parts


def _url_flaw(url: object) -> str | None:
    """Why keys may not be sent to *url*."""
    parts = _split(url)
    if isinstance(parts, str):
        return parts
    if "@" in parts.netloc or "?" in str(url) or "#" in str(url):
        return "it must hold neither user, query nor fragment"
    if parts.scheme == "http" and not _is_loopback(parts.hostname or ""):
        return "plain http:// would send the keys in clear to another machine"
    return None


def check_language(language: object) -> str | None:
    """Return *language* if it can be a header, else raise an error naming it."""
    if language is None:
        return None
    if not isinstance(language, str) or re.fullmatch(r"[A-Za-z0-9_-]{1,35}", language) is None:
        raise ConfigurationError(f"language must be a code such as 'en' or 'ar', got {language!r}")
    return language


def _priority(value: str) -> Priority:
    if value in tuple(Priority):
        return Priority(value)
    raise ConfigurationError(f"priority must be one of {', '.join(Priority)}, got {value!r}")


def _instance(kind: type) -> Callable[[object, attrs.Attribute[Any], object], None]:
    """A validator that refuses anything but a *kind*, and names the setting."""

    def check(_instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
        if not isinstance(value, kind):
            raise ConfigurationError(
                f"{attribute.name} must be a {kind.__name__}, got {type(value).__name__}"
            )

    return check


@frozen(kw_only=True)
class Options:
    """What `with_options` changes: the settings of a call that share nothing."""

    timeouts: Timeouts = field(factory=Timeouts, validator=_instance(Timeouts))
    retry: RetryPolicy = field(factory=RetryPolicy, validator=_instance(RetryPolicy))
    priority: Priority = field(default=Priority.INTERACTIVE, converter=_priority)
    language: str | None = field(default=None, converter=check_language)


def _verifies(_instance: object, _attribute: object, context: ssl.SSLContext) -> None:
    """Refuse a context that takes anybody for the API: no setting does that by accident."""
    if context.verify_mode is ssl.CERT_NONE or not context.check_hostname:
        raise ConfigurationError(
            "ssl_context must verify certificates and host names; "
            "begin with ssl.create_default_context() and load what else it may trust"
        )


@frozen(kw_only=True)
class Network:
    """How the pool reaches the API."""

    ssl_context: ssl.SSLContext | None = field(
        default=None,
        validator=attrs.validators.optional(
            attrs.validators.and_(_instance(ssl.SSLContext), _verifies)
        ),
    )
    proxy: str | None = field(default=None, repr=False)
    """As `read_proxy` returns it."""
    max_in_flight: int = field(default=64, validator=whole)


def read_proxy(proxy: str | None, base_url: str, *, trust_env: object) -> str | None:
    """The proxy on the way to *base_url*: the one given, else, if asked to, the environment's.

    Args:
        proxy: The argument.
        base_url: As `read_base_url` returns it.
        trust_env: Whether ``HTTPS_PROXY`` and ``NO_PROXY`` are read. They lead nowhere from a
            plain ``http://``, which does not leave this machine.

    Raises:
        ConfigurationError: The proxy cannot be used, or would see keys in clear.
    """
    if not isinstance(trust_env, bool):
        raise ConfigurationError(f"trust_env must be a bool, got {type(trust_env).__name__}")
    name, target = "proxy", urlsplit(base_url)
    if proxy is None and trust_env and target.scheme == "https" and not proxy_bypass(target.netloc):
        name, proxy = "the proxy of the environment", getproxies().get("https") or None
    flaw = None if proxy is None else _proxy_flaw(proxy, target.scheme)
    if flaw is None:
        return proxy
    del proxy  # it may hold a password, and error trackers show the locals of the frame that raises
    raise ConfigurationError(f"{name} cannot be used: {flaw}")


def _proxy_flaw(proxy: object, scheme: str) -> str | None:
    """Why requests to a *scheme* may not go through *proxy*."""
    parts = _split(proxy)
    if isinstance(parts, str):
        return parts
    if parts.path.strip("/") or parts.query or parts.fragment:
        return "it must hold neither path, query nor fragment"
    if scheme == "http" and not _is_loopback(parts.hostname or ""):
        return "the plain http:// of base_url would send the keys in clear to another machine"
    return None
