"""Whom the client talks to: certificates, host names and proxies, on the wire."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from gameball_async import NotSentError, OutcomeUnknownError, RetryPolicy, Timeouts
from tests.certificates import Authority
from tests.clients import API_KEY, SECRET_KEY, client
from tests.proxy import proxy
from tests.wire import Drop, json_reply, wire

COUNT = json_reply(count=1)
ONCE = RetryPolicy(attempts=1)
BASIC = b"Basic dXNlcjpodW50ZXIy"
"""``user:hunter2``."""


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


async def _refused(url: str, context: ssl.SSLContext | None, proxy_url: str | None = None) -> str:
    """Why a client cannot send to *url*."""
    quick = Timeouts(connect=0.5)
    async with client(
        url, ssl_context=context, proxy=proxy_url, retry=ONCE, timeouts=quick
    ) as gameball:
        with pytest.raises(NotSentError) as caught:
            await gameball.transactions.hold(customer_id="c", points_to_hold=1)
    return caught.value.cause or ""


# -- certificates -------------------------------------------------------------------------------


async def test_a_server_that_nobody_vouches_for_is_sent_nothing(authority: Authority) -> None:
    async with wire(COUNT, tls=authority.serving("127.0.0.1")) as server:
        assert "ClientConnectorCertificateError" in await _refused(server.url, None)
        assert [] == server.seen


async def test_a_certificate_that_is_trusted_explicitly_is_accepted(authority: Authority) -> None:
    async with (
        wire(COUNT, tls=authority.serving("127.0.0.1")) as server,
        client(server.url, ssl_context=authority.trusting()) as gameball,
    ):
        assert 1 == await gameball.transactions.count()
        assert 1 == await gameball.transactions.count()
        assert 1 == server.connections


async def test_another_servers_certificate_is_refused(authority: Authority) -> None:
    async with wire(COUNT, tls=authority.serving("localhost", "10.0.0.1")) as server:
        assert "certificate" in await _refused(server.url, authority.trusting())
        assert [] == server.seen
        by_name = server.url.replace("127.0.0.1", "localhost")
        async with client(by_name, ssl_context=authority.trusting()) as gameball:
            assert 1 == await gameball.transactions.count()


async def test_an_expired_certificate_is_refused(authority: Authority) -> None:
    async with wire(COUNT, tls=authority.serving("127.0.0.1", expired=True)) as server:
        assert "expired" in await _refused(server.url, authority.trusting())
        assert [] == server.seen


async def test_a_server_without_tls_is_sent_nothing(authority: Authority) -> None:
    async with wire(COUNT) as server:
        secure = server.url.replace("http:", "https:")
        assert "ConnectionTimeoutError" in await _refused(secure, authority.trusting())
        assert [] == server.seen


async def test_an_answer_lost_behind_tls_is_as_unknown_as_any(authority: Authority) -> None:
    async with (
        wire(Drop(), tls=authority.serving("127.0.0.1")) as server,
        client(server.url, ssl_context=authority.trusting()) as gameball,
    ):
        with pytest.raises(OutcomeUnknownError):
            await gameball.transactions.hold(customer_id="c", points_to_hold=1)
        assert 1 == len(server.seen)


# -- proxies ------------------------------------------------------------------------------------


@pytest.mark.parametrize("behind_tls", [False, True], ids=["http-proxy", "https-proxy"])
@pytest.mark.parametrize("fixed", [True, False], ids=["plain-keys", "callable-keys"])
async def test_a_proxy_sees_where_a_call_goes_and_nothing_of_it(
    authority: Authority, *, fixed: bool, behind_tls: bool
) -> None:
    tls = authority.serving("127.0.0.1") if behind_tls else None
    async with (
        wire(COUNT, tls=authority.serving("127.0.0.1")) as server,
        proxy(tls=tls) as way,
        client(
            server.url,
            api_key=API_KEY if fixed else lambda: API_KEY,
            proxy=way.url.replace("://", "://user:hunter2@"),
            ssl_context=authority.trusting(),
        ) as gameball,
    ):
        assert 1 == await gameball.transactions.count()
        assert 1 == await gameball.transactions.count()
    assert [f"CONNECT {server.url.removeprefix('https://')} HTTP/1.1"] == way.first_lines
    assert BASIC in way.heads[0]
    clear = (way.heads[0] + way.tunnelled).lower()
    assert [] == [word for word in (API_KEY, SECRET_KEY, "apikey") if word.encode() in clear]
    assert {API_KEY} == {seen.headers["apikey"] for seen in server.seen}
    assert {SECRET_KEY} == {seen.headers["secretkey"] for seen in server.seen}
    assert {None} == {seen.headers.get("proxy-authorization") for seen in server.seen}


async def test_behind_a_proxy_the_targets_certificate_is_verified(authority: Authority) -> None:
    async with wire(COUNT, tls=authority.serving("localhost")) as server, proxy() as way:
        assert "certificate" in await _refused(server.url, authority.trusting(), way.url)
        assert "certificate" in await _refused(server.url, None, way.url)
        assert 2 == len(way.heads)
        assert [] == server.seen


async def test_a_proxy_behind_tls_is_verified_too(authority: Authority) -> None:
    async with (
        wire(COUNT, tls=authority.serving("127.0.0.1")) as server,
        proxy(tls=authority.serving("localhost")) as way,
    ):
        assert "certificate" in await _refused(server.url, authority.trusting(), way.url)
        assert [] == way.heads


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", id="no-password"),
        pytest.param(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno", id="forbidden"),
        pytest.param(b"HTTP/1.1 302 Found\r\nLocation: http://elsewhere/\r\n\r\n", id="redirect"),
        pytest.param(b"HTTP/1.1 502 Bad Gateway\r\n\r\n", id="no-way-on"),
        pytest.param(b"\x00garbage\r\n\r\n", id="garbage"),
        pytest.param(b"", id="nothing"),
    ],
)
async def test_a_proxy_that_grants_no_tunnel_means_that_nothing_was_sent(
    authority: Authority, answer: bytes
) -> None:
    async with wire(COUNT, tls=authority.serving("127.0.0.1")) as server, proxy(answer) as way:
        cause = await _refused(server.url, authority.trusting(), way.url)
        assert 0 == server.connections
    assert "hunter2" not in cause


async def test_a_proxy_that_is_not_there_means_that_nothing_was_sent(authority: Authority) -> None:
    async with wire(COUNT, tls=authority.serving("127.0.0.1")) as server:
        async with proxy() as way:
            gone = way.url.replace("://", "://user:hunter2@")
        cause = await _refused(server.url, authority.trusting(), gone)
        assert "ClientProxyConnectionError" in cause
        assert "hunter2" not in cause
        assert 0 == server.connections


async def test_a_loopback_target_may_be_called_through_a_loopback_proxy() -> None:
    async with (
        wire(COUNT) as server,
        proxy() as way,
        client(server.url, proxy=way.url) as gameball,
    ):
        assert 1 == await gameball.transactions.count()
        where = f"{server.url}/api/v4/integrations/transactions/count"
        assert [f"GET {where} HTTP/1.1"] == way.first_lines
        assert [f"GET {where}"] == server.targets


# -- the environment ----------------------------------------------------------------------------


@pytest.mark.parametrize("asked", [False, True], ids=["not-asked", "asked"])
async def test_the_environments_proxy_is_used_only_when_asked_for(
    authority: Authority, monkeypatch: pytest.MonkeyPatch, *, asked: bool
) -> None:
    async with wire(COUNT, tls=authority.serving("127.0.0.1")) as server, proxy() as way:
        for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, way.url)
            monkeypatch.setenv(name.lower(), way.url)
        monkeypatch.setenv("no_proxy", "")
        async with client(
            server.url, trust_env=asked, ssl_context=authority.trusting()
        ) as gameball:
            assert 1 == await gameball.transactions.count()
        assert asked == bool(way.heads)


@pytest.mark.parametrize("asked", [False, True], ids=["not-asked", "asked"])
async def test_a_netrc_is_never_read(
    tmp_path: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch, *, asked: bool
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login user password hunter2\n", encoding="utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    async with (
        wire(COUNT, tls=authority.serving("127.0.0.1")) as server,
        client(server.url, trust_env=asked, ssl_context=authority.trusting()) as gameball,
    ):
        assert 1 == await gameball.transactions.count()
        assert "authorization" not in server.seen[0].headers
