"""Which settings are taken, which are refused, and that a refusal names the setting."""

from __future__ import annotations

import math
import ssl
import sys
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any

import attrs
import pytest
from hypothesis import given, settings, strategies as st

from gameball_async.config import (
    MAX_BODY,
    Bucket,
    Credentials,
    Network,
    Options,
    Priority,
    RateLimits,
    RetryPolicy,
    Timeouts,
    Window,
    check_language,
    read_base_url,
    read_credentials,
    read_proxy,
)
from gameball_async.errors import ConfigurationError

API_KEY = "api-key-0123456789"
SECRET_KEY = "secret-key-9876543210"


def raising(error: BaseException) -> Callable[[], str]:
    def fetch() -> str:
        raise error

    return fetch


def refused(setting: Callable[[], object]) -> ConfigurationError:
    """The error of a setting; nothing foreign may hang on it."""
    with pytest.raises(ConfigurationError) as caught:
        setting()
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    return caught.value


# -- numbers ------------------------------------------------------------------------------------

NO_NUMBERS = [0, -1, -0.5, math.nan, math.inf, -math.inf, True, "5", None, 10**400, 1j, [1]]
NUMBERS: list[tuple[type[Any], str]] = [
    (Timeouts, "total"),
    (Timeouts, "connect"),
    (Timeouts, "read"),
    (RetryPolicy, "base"),
    (RetryPolicy, "cap"),
]


@pytest.mark.parametrize("value", NO_NUMBERS, ids=repr)
@pytest.mark.parametrize(("kind", "name"), NUMBERS)
def test_a_time_must_be_a_finite_number_above_zero(
    kind: type[Any], name: str, value: object
) -> None:
    error = refused(lambda: kind(**{name: value}))
    assert f"{kind.__name__}.{name} must be a finite number above 0, got {value!r}" == str(error)


@pytest.mark.parametrize("value", [1, 0.001, sys.float_info.max, 10**300])
@pytest.mark.parametrize(("kind", "name"), NUMBERS)
def test_any_other_time_is_taken(kind: type[Any], name: str, value: float) -> None:
    assert value == getattr(kind(**{name: value}), name)


@pytest.mark.parametrize("value", [0, -1, 1.0, math.nan, math.inf, True, "5", None], ids=repr)
@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda value: RetryPolicy(attempts=value), "RetryPolicy.attempts"),
        (lambda value: Network(max_in_flight=value), "Network.max_in_flight"),
        (lambda value: Window(value, 1.0), "Window.limit"),
    ],
    ids=["attempts", "max_in_flight", "limit"],
)
def test_a_count_must_be_a_whole_number_of_at_least_one(
    make: Callable[[Any], object], name: str, value: object
) -> None:
    error = refused(lambda: make(value))
    assert f"{name} must be a whole number of at least 1, got {value!r}" == str(error)


def test_counts_of_one_and_more_are_taken() -> None:
    assert 1 == RetryPolicy(attempts=1).attempts
    assert 1 == Network(max_in_flight=1).max_in_flight
    assert Window(1, 0.5) == Window(limit=1, seconds=0.5)
    assert "Window.seconds" in str(refused(lambda: Window(1, 0)))


def test_the_defaults_are_the_documented_ones() -> None:
    assert (60, 5, 30) == attrs.astuple(Timeouts())
    assert (4, 0.5, 30) == attrs.astuple(RetryPolicy())
    assert (None, None, 64) == attrs.astuple(Network())
    assert Options(
        timeouts=Timeouts(), retry=RetryPolicy(), priority=Priority.INTERACTIVE, language=None
    ) == Options()  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "value"),
    [(Timeouts, 60.0), (RetryPolicy, 4), (Options, Timeouts()), (Network, None)],
)
def test_settings_are_named_where_they_are_given(kind: type[Any], value: object) -> None:
    with pytest.raises(TypeError, match="positional"):
        kind(value)


def test_an_answer_may_have_32_mebibytes() -> None:
    assert 33_554_432 == MAX_BODY


# -- rate limits --------------------------------------------------------------------------------


def limits(table: RateLimits) -> dict[str, list[int]]:
    return {
        bucket.value: [window.limit for window in windows]
        for bucket, windows in table.windows.items()
    }


def test_the_published_table_is_the_vendors() -> None:
    burst = [30, 360]
    table = RateLimits.published()
    assert {
        "transactions_read": burst,
        "transactions_write": burst,
        "coupons": burst,
        "customers_read": [100, 1200],
        "customers_write": burst,
        "events": [100, 1200],
        "orders": burst,
        "order_cashback": [1000, 15_000],
        "others": burst,
    } == limits(table)
    assert {(1.0, 30.0)} == {
        tuple(window.seconds for window in windows) for windows in table.windows.values()
    }


@pytest.mark.parametrize(
    ("share", "orders"),
    [
        pytest.param(1, [30, 360], id="one-process"),
        pytest.param(1 / 4, [7, 90], id="a-quarter-is-rounded-down"),
        pytest.param(1 / 3, [10, 120], id="a-third"),
    ],
)
def test_a_share_is_a_part_of_every_window(share: float, orders: list[int]) -> None:
    assert orders == limits(RateLimits.published(share))["orders"]
    assert 1.0 == RateLimits.published(share).windows[Bucket.ORDERS][0].seconds


def test_a_share_of_less_than_one_request_is_one_request_in_a_longer_window() -> None:
    per_second, per_half_minute = RateLimits.published(1 / 60).windows[Bucket.ORDERS]
    assert (1, 2.0) == (per_second.limit, per_second.seconds)
    assert (6, 30.0) == (per_half_minute.limit, per_half_minute.seconds)


@pytest.mark.parametrize("share", [True, 0, 2, 1.0001, -0.5, math.nan, math.inf, "1/4", None])
def test_what_is_no_share_is_refused(share: Any) -> None:
    error = refused(lambda: RateLimits.published(share))
    assert str(error).startswith("share must be above 0 and at most 1")
    assert str(error).endswith(repr(share))


@settings(deadline=None)
@given(st.floats(1e-6, 1))
def test_a_share_never_takes_more_than_its_part_and_never_nothing(share: float) -> None:
    whole, part = RateLimits.published().windows, RateLimits.published(share).windows
    for bucket in whole:
        for most, taken in zip(whole[bucket], part[bucket], strict=True):
            assert taken.limit >= 1
            rate = most.limit / most.seconds * share
            assert taken.limit / taken.seconds <= rate * (1 + 1e-9)


def test_single_buckets_can_be_overridden() -> None:
    published = RateLimits.published()
    changed = published.override(orders=(Window(60, 1), Window(720, 30)), events=(Window(5, 1),))
    assert {
        **limits(published),
        "orders": [60, 720],
        "events": [5],
    } == limits(changed)
    assert [30, 360] == limits(published)["orders"]


def test_an_override_of_a_bucket_that_does_not_exist_names_it_and_those_that_do() -> None:
    error = refused(lambda: RateLimits.published().override(order=(Window(1, 1),)))
    assert str(error).startswith(
        "rate_limits.order is no bucket; there are transactions_read, transactions_write, "
    )


@pytest.mark.parametrize(
    "windows",
    [(), [], None, Window(1, 1), (Window(1, 1), 5), ("x",), "ab", 5],
    ids=["no", "none-in-a-list", "none", "a-bare-window", "one-and-a-number", "text", "str", "int"],
)
def test_a_bucket_needs_windows(windows: Any) -> None:
    error = refused(lambda: RateLimits.published().override(orders=windows))
    assert "rate_limits.orders needs a tuple of at least one Window" == str(error)


def test_a_table_needs_every_bucket() -> None:
    table: dict[Bucket, Any] = dict.fromkeys(Bucket, (Window(1, 1),))
    del table[Bucket.COUPONS]
    assert "rate_limits.coupons needs" in str(refused(lambda: RateLimits(table)))


def test_a_table_may_name_its_buckets_in_words() -> None:
    table: dict[Any, Any] = dict.fromkeys(map(str, Bucket), (Window(1, 1),))
    assert [Bucket] * 9 == [type(bucket) for bucket in RateLimits(table).windows]


def test_a_table_is_a_private_and_read_only_copy() -> None:
    windows = [Window(1, 1)]
    given: dict[Bucket, Any] = dict.fromkeys(Bucket, windows)
    table = RateLimits(given)
    windows.append(Window(9, 9))
    given.clear()
    assert (Window(1, 1),) == table.windows[Bucket.ORDERS]
    with pytest.raises(TypeError):
        table.windows[Bucket.ORDERS] = ()  # type: ignore[index]


@pytest.mark.parametrize(
    ("factor", "orders"), [(2, [60, 720]), (0.5, [15, 180]), (0.01, [1, 3]), (0.0001, [1, 1])]
)
def test_a_table_can_be_scaled(factor: float, orders: list[int]) -> None:
    table = RateLimits.published().scaled(factor)
    assert orders == limits(table)["orders"]
    assert [1.0, 30.0] == [window.seconds for window in table.windows[Bucket.ORDERS]]


@pytest.mark.parametrize("factor", [0, -1, math.nan, math.inf, True, "2"])
def test_what_is_no_factor_is_refused(factor: Any) -> None:
    error = refused(lambda: RateLimits.published().scaled(factor))
    assert f"factor must be a finite number above 0, got {factor!r}" == str(error)


# -- keys ---------------------------------------------------------------------------------------


def test_arguments_are_taken_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAMEBALL_API_KEY", "from-outside")
    monkeypatch.setenv("GAMEBALL_SECRET_KEY", "secret-from-outside")
    given = read_credentials(API_KEY, SECRET_KEY)
    assert {"apikey": API_KEY, "secretkey": SECRET_KEY} == given.headers()
    found = read_credentials(None, None)
    assert {"apikey": "from-outside", "secretkey": "secret-from-outside"} == found.headers()


def test_an_empty_variable_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAMEBALL_SECRET_KEY", "")
    assert read_credentials(API_KEY, None).secret_key is None
    monkeypatch.setenv("GAMEBALL_API_KEY", "")
    assert "api_key is missing" in str(refused(lambda: read_credentials(None, SECRET_KEY)))


def test_an_empty_argument_is_a_mistake_and_not_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAMEBALL_API_KEY", API_KEY)
    monkeypatch.setenv("GAMEBALL_SECRET_KEY", SECRET_KEY)
    assert "api_key is empty" == str(refused(lambda: read_credentials("", None)))
    assert "secret_key is empty" == str(refused(lambda: read_credentials(None, "")))


def test_a_secret_key_is_not_needed() -> None:
    assert {"apikey": API_KEY} == read_credentials(API_KEY, None).headers()


def test_a_missing_api_key_says_how_to_pass_one() -> None:
    error = refused(lambda: read_credentials(None, None))
    assert "api_key is missing: pass api_key= or set GAMEBALL_API_KEY" == str(error)


NO_KEYS: list[tuple[Any, str]] = [
    ("with blank-8642", "holds a character that no key has"),
    ("new\nline-8642", "holds a character that no key has"),
    ("carriage\rreturn-8642", "holds a character that no key has"),
    ("null\0-8642", "holds a character that no key has"),
    ("del\x7f-8642", "holds a character that no key has"),
    ("naïve-key-8642", "holds a character that no key has"),
    (b"bytes-8642", "must be a str, got bytes"),
    (8642, "must be a str, got int"),
]


def locals_of(error: BaseException) -> str:
    """What an error tracker would show of the package's frames."""
    texts: list[str] = []
    tb: TracebackType | None = error.__traceback__
    while tb is not None:
        if "/tests/" not in tb.tb_frame.f_code.co_filename:
            texts.append(repr({**tb.tb_frame.f_locals}))
        tb = tb.tb_next
    assert texts
    return " ".join(texts)


@pytest.mark.parametrize(("key", "reason"), NO_KEYS)
@pytest.mark.parametrize("name", ["api_key", "secret_key"])
@pytest.mark.parametrize("fetched", [False, True], ids=["given", "fetched"])
def test_what_cannot_be_a_key_is_refused_by_name_and_never_shown(
    name: str, key: Any, reason: str, *, fetched: bool
) -> None:
    keys: dict[str, Any] = {"api_key": API_KEY, "secret_key": SECRET_KEY}
    keys[name] = (lambda: key) if fetched else key
    error = refused(lambda: read_credentials(**keys).headers())
    assert str(error).startswith(f"{name} {reason}")
    for text in (str(error), repr(error), locals_of(error)):
        assert "8642" not in text
        assert API_KEY not in text
        assert SECRET_KEY not in text


@pytest.mark.parametrize("first_and_last", ["!key", "key~"])
def test_every_visible_character_of_ascii_may_be_in_a_key(first_and_last: str) -> None:
    assert first_and_last == read_credentials(first_and_last, None).api_key


def test_a_callable_key_is_asked_for_each_call() -> None:
    keys = iter(["first", "second"])
    credentials = read_credentials(lambda: next(keys), lambda: SECRET_KEY)
    assert {"apikey": "first", "secretkey": SECRET_KEY} == credentials.headers()
    assert {"apikey": "second", "secretkey": SECRET_KEY} == credentials.headers()


@pytest.mark.parametrize(
    "error", [OSError(API_KEY), ConfigurationError(API_KEY)], ids=["OSError", "ConfigurationError"]
)
@pytest.mark.parametrize("name", ["api_key", "secret_key"])
def test_a_callable_that_raises_is_told_by_type_alone(name: str, error: Exception) -> None:
    keys: dict[str, Any] = {"api_key": API_KEY, "secret_key": SECRET_KEY, name: raising(error)}
    credentials = read_credentials(**keys)
    told = refused(credentials.headers)
    assert f"{name}: the callable raised {type(error).__name__}" == str(told)


def test_a_callable_alone_that_raises_is_named_too() -> None:
    told = refused(read_credentials(raising(OSError(API_KEY)), None).headers)
    assert "api_key: the callable raised OSError" == str(told)


def test_what_ends_the_program_goes_through_a_callable() -> None:
    with pytest.raises(KeyboardInterrupt):
        read_credentials(raising(KeyboardInterrupt()), None).headers()


@pytest.mark.parametrize(
    ("api_key", "secret_key", "fixed"),
    [
        (API_KEY, None, True),
        (API_KEY, SECRET_KEY, True),
        (lambda: API_KEY, SECRET_KEY, False),
        (API_KEY, lambda: SECRET_KEY, False),
    ],
    ids=["one", "both", "a-callable-api-key", "a-callable-secret-key"],
)
def test_keys_are_fixed_unless_one_is_a_callable(
    api_key: Any, secret_key: Any, *, fixed: bool
) -> None:
    assert fixed is read_credentials(api_key, secret_key).fixed


def test_no_repr_shows_a_key() -> None:
    assert "Credentials(api_key=***, secret_key=None)" == repr(Credentials(API_KEY, None))
    assert "Credentials(api_key=***, secret_key=***)" == repr(Credentials(API_KEY, SECRET_KEY))
    proxied = Network(proxy="http://user:password@proxy")
    assert "password" not in repr(proxied)


# -- where the API is ---------------------------------------------------------------------------


def test_the_api_is_at_its_documented_address() -> None:
    assert "https://api.gameball.co/api/v4/integrations" == read_base_url(None, None)


def test_the_address_is_read_from_the_environment_when_it_is_not_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GAMEBALL_BASE_URL", "https://gameball.example")
    monkeypatch.setenv("GAMEBALL_API_VERSION", "v4.1")
    assert "https://gameball.example/api/v4.1/integrations" == read_base_url(None, None)
    assert "https://given.example/api/v5/integrations" == read_base_url(
        "https://given.example", "v5"
    )
    assert "base_url" in str(refused(lambda: read_base_url("", None)))
    assert "api_version" in str(refused(lambda: read_base_url(None, "")))


def test_empty_variables_leave_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAMEBALL_BASE_URL", "")
    monkeypatch.setenv("GAMEBALL_API_VERSION", "")
    assert "https://api.gameball.co/api/v4/integrations" == read_base_url(None, None)


@pytest.mark.parametrize(
    ("url", "before"),
    [
        pytest.param("https://h", "https://h", id="https"),
        pytest.param("HTTPS://H", "HTTPS://H", id="upper-case"),
        pytest.param("https://h/", "https://h", id="trailing-slash-dropped"),
        pytest.param("https://h/gate/way//", "https://h/gate/way", id="prefix-kept"),
        pytest.param("https://h:8443", "https://h:8443", id="port"),
        pytest.param("https://h/!~", "https://h/!~", id="every-visible-character"),
        pytest.param("https://[2001:db8::1]:1", "https://[2001:db8::1]:1", id="ipv6"),
        pytest.param("http://localhost:8080", "http://localhost:8080", id="localhost"),
        pytest.param("http://LOCALHOST", "http://LOCALHOST", id="upper-case-localhost"),
        pytest.param("http://127.0.0.1:1", "http://127.0.0.1:1", id="127.0.0.1"),
        pytest.param("http://127.8.9.10", "http://127.8.9.10", id="127.x"),
        pytest.param("http://[::1]:99", "http://[::1]:99", id="loopback-of-ipv6"),
    ],
)
def test_these_addresses_are_taken(url: str, before: str) -> None:
    assert f"{before}/api/v4/integrations" == read_base_url(url, "v4")


CLEAR = "plain http:// would send the keys in clear to another machine"
MORE = "it must hold neither user, query nor fragment"
NO_URL = "it must start with http:// or https:// and name a host"
CHARACTERS = "it must be a str without blanks, control characters and others outside ASCII"
MALFORMED = "its host or its port is malformed"
PROXY_MORE = "it must hold neither path, query nor fragment"
PROXY_CLEAR = "the plain http:// of base_url would send the keys in clear to another machine"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        pytest.param("http://api.gameball.co", CLEAR, id="http"),
        pytest.param("http://10.0.0.1", CLEAR, id="http-to-a-private-network"),
        pytest.param("http://0.0.0.0", CLEAR, id="http-to-any"),
        pytest.param("http://[2001:db8::1]", CLEAR, id="http-to-ipv6"),
        pytest.param("http://127.0.0.1.evil.example", CLEAR, id="http-to-a-lookalike"),
        pytest.param("http://localhost.evil.example", CLEAR, id="http-to-another-lookalike"),
        pytest.param("http://2130706433", CLEAR, id="http-to-a-number"),
        pytest.param("https://user@h", MORE, id="user"),
        pytest.param("https://user:hunter2@h", MORE, id="user-and-password"),
        pytest.param("https://@h", MORE, id="empty-user"),
        pytest.param("http://localhost@evil.example", MORE, id="user-that-looks-like-a-host"),
        pytest.param("https://h?x=1", MORE, id="query"),
        pytest.param("https://h/p?", MORE, id="empty-query"),
        pytest.param("https://h#top", MORE, id="fragment"),
        pytest.param("https://h/#", MORE, id="empty-fragment"),
        pytest.param("", NO_URL, id="empty"),
        pytest.param("https://", NO_URL, id="no-host"),
        pytest.param("https:///path", NO_URL, id="no-host-but-a-path"),
        pytest.param("https://:443", NO_URL, id="no-host-but-a-port"),
        pytest.param("api.gameball.co", NO_URL, id="no-scheme"),
        pytest.param("ftp://h", NO_URL, id="ftp"),
        pytest.param("localhost:8080", NO_URL, id="host-taken-for-a-scheme"),
        pytest.param("https://h\n", CHARACTERS, id="newline"),
        pytest.param("https://h/a\tb", CHARACTERS, id="tab"),
        pytest.param(" https://h", CHARACTERS, id="blank-before"),
        pytest.param("https://h/a b", CHARACTERS, id="blank"),
        pytest.param("https://h\x7f", CHARACTERS, id="delete"),
        pytest.param("https://gämeball.example", CHARACTERS, id="unicode"),
        pytest.param(5, CHARACTERS, id="int"),
        pytest.param(b"https://h", CHARACTERS, id="bytes"),
        pytest.param("https://h:port", MALFORMED, id="port-is-a-word"),
        pytest.param("https://h:99999", MALFORMED, id="port-out-of-range"),
        pytest.param("https://user:hunter2", MALFORMED, id="password-taken-for-a-port"),
        pytest.param("https://[::1", MALFORMED, id="half-a-bracket"),
    ],
)
def test_these_addresses_are_refused_and_not_shown(url: Any, reason: str) -> None:
    error = refused(lambda: read_base_url(url, "v4"))
    assert f"base_url cannot be used: {reason}" == str(error)


@pytest.mark.parametrize("version", ["v4", "v4.0", "v4.1", "v12.34"])
def test_these_versions_are_taken(version: str) -> None:
    assert f"https://h/api/{version}/integrations" == read_base_url("https://h", version)


@pytest.mark.parametrize(
    "version", ["4", "v", "V4", "v4.", "v4.1.2", "v4/../v3", "v4\n", " v4", "v٤", 4.0, "latest"]
)
def test_these_versions_are_refused(version: Any) -> None:
    error = refused(lambda: read_base_url("https://h", version))
    assert f"api_version must look like v4, v4.0 or v4.1, got {version!r}" == str(error)


# -- options and network ------------------------------------------------------------------------


@pytest.mark.parametrize("language", [None, "en", "ar", "pt-BR", "zh_Hant", "a" * 35])
def test_these_languages_are_taken(language: str | None) -> None:
    assert language == check_language(language)
    assert language == Options(language=language).language


@pytest.mark.parametrize("language", ["", "en\r\nx: y", "e n", "a" * 36, "é", "en;q=1", 5, b"en"])
def test_these_languages_are_refused(language: Any) -> None:
    error = refused(lambda: Options(language=language))
    assert f"language must be a code such as 'en' or 'ar', got {language!r}" == str(error)


@pytest.mark.parametrize("value", ["background", Priority.BACKGROUND], ids=["word", "member"])
def test_a_priority_may_be_its_word(value: str) -> None:
    assert Options(priority=value).priority is Priority.BACKGROUND


@pytest.mark.parametrize("value", ["urgent", "", None, 1, ["background"]])
def test_another_priority_is_refused(value: Any) -> None:
    error = refused(lambda: Options(priority=value))
    assert f"priority must be one of interactive, background, got {value!r}" == str(error)


@pytest.mark.parametrize(
    ("kind", "settings", "message"),
    [
        (Options, {"timeouts": 60}, "timeouts must be a Timeouts, got int"),
        (Options, {"timeouts": None}, "timeouts must be a Timeouts, got NoneType"),
        (Options, {"retry": 3}, "retry must be a RetryPolicy, got int"),
        (Network, {"ssl_context": False}, "ssl_context must be a SSLContext, got bool"),
    ],
)
def test_a_setting_of_the_wrong_type_is_named(
    kind: type[Any], settings: Mapping[str, object], message: str
) -> None:
    assert message == str(refused(lambda: kind(**settings)))


def test_a_network_takes_what_it_documents() -> None:
    context = ssl.create_default_context()
    network = Network(ssl_context=context, proxy="http://p", max_in_flight=2)
    assert (context, "http://p", 2) == (network.ssl_context, network.proxy, network.max_in_flight)


def _without_host_names() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    return context


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), id="a-servers-own"),
        pytest.param(
            lambda: ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), id="the-wrong-purpose"
        ),
        pytest.param(_without_host_names, id="any-host-name"),
    ],
)
def test_a_context_that_does_not_verify_is_refused(make: Callable[[], ssl.SSLContext]) -> None:
    error = refused(lambda: Network(ssl_context=make()))
    assert "ssl_context must verify certificates and host names" in str(error)


# -- the proxy ----------------------------------------------------------------------------------

THERE = "https://h/api/v4/integrations"
HERE = "http://127.0.0.1:1/api/v4/integrations"
ENVIRONMENT = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.mark.parametrize(
    ("proxy", "base_url"),
    [
        pytest.param(None, THERE, id="none"),
        pytest.param("http://p:3128", THERE, id="usual"),
        pytest.param("https://p/", THERE, id="itself-behind-tls"),
        pytest.param("http://user:hunter2@p:3128", THERE, id="with-a-password"),
        pytest.param("http://[::1]:3128", HERE, id="on-this-machine"),
    ],
)
def test_these_proxies_are_taken(proxy: str | None, base_url: str) -> None:
    assert proxy == read_proxy(proxy, base_url, trust_env=False)


@pytest.mark.parametrize(
    ("proxy", "base_url", "reason"),
    [
        pytest.param(5, THERE, CHARACTERS, id="int"),
        pytest.param("http://p\r\nX: y", THERE, CHARACTERS, id="header-injection"),
        pytest.param("p:3128", THERE, NO_URL, id="no-scheme"),
        pytest.param("", THERE, NO_URL, id="empty"),
        pytest.param("socks5://p", THERE, NO_URL, id="socks"),
        pytest.param("http://user:hunter2", THERE, MALFORMED, id="password-taken-for-a-port"),
        pytest.param("http://p/hunter2", THERE, PROXY_MORE, id="path"),
        pytest.param("http://p?hunter2", THERE, PROXY_MORE, id="query"),
        pytest.param("http://p#hunter2", THERE, PROXY_MORE, id="fragment"),
        pytest.param("http://user:hunter2@p", HERE, PROXY_CLEAR, id="keys-in-clear"),
        pytest.param("https://p", HERE, PROXY_CLEAR, id="keys-in-clear-behind-the-proxy"),
    ],
)
def test_these_proxies_are_refused_and_not_shown(proxy: Any, base_url: str, reason: str) -> None:
    error = refused(lambda: read_proxy(proxy, base_url, trust_env=False))
    assert f"proxy cannot be used: {reason}" == str(error)


@pytest.mark.usefixtures("_no_proxies")
@pytest.mark.parametrize(
    ("variables", "given", "base_url", "proxy"),
    [
        pytest.param({}, None, THERE, None, id="none"),
        pytest.param({"HTTPS_PROXY": ""}, None, THERE, None, id="empty"),
        pytest.param({"HTTPS_PROXY": "http://p"}, None, THERE, "http://p", id="read"),
        pytest.param({"https_proxy": "http://p"}, None, THERE, "http://p", id="in-small-letters"),
        pytest.param({"HTTPS_PROXY": "http://p"}, "http://q", THERE, "http://q", id="given-first"),
        pytest.param(
            {"HTTPS_PROXY": "http://p", "NO_PROXY": "h"}, None, THERE, None, id="excepted"
        ),
        pytest.param(
            {"HTTPS_PROXY": "http://p", "NO_PROXY": "x"}, None, THERE, "http://p", id="others"
        ),
        pytest.param({"HTTP_PROXY": "http://p"}, None, THERE, None, id="for-another-scheme"),
        pytest.param({"HTTP_PROXY": "http://p"}, None, HERE, None, id="never-for-loopback"),
    ],
)
def test_the_environments_proxy_is_read_when_it_may_be(
    variables: dict[str, str],
    given: str | None,
    base_url: str,
    proxy: str | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert proxy == read_proxy(given, base_url, trust_env=True)
    assert given == read_proxy(given, base_url, trust_env=False)


@pytest.mark.usefixtures("_no_proxies")
def test_an_unusable_proxy_of_the_environment_is_loud(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "socks5://user:hunter2@p")
    error = refused(lambda: read_proxy(None, THERE, trust_env=True))
    assert f"the proxy of the environment cannot be used: {NO_URL}" == str(error)


@pytest.mark.parametrize("value", ["yes", None, 1])
def test_trust_is_a_bool(value: Any) -> None:
    error = refused(lambda: read_proxy(None, THERE, trust_env=value))
    assert f"trust_env must be a bool, got {type(value).__name__}" == str(error)
