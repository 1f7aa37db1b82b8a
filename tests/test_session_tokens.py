"""Session tokens: what the vendor's servers will read, proved by a second library."""

from __future__ import annotations

import base64
import hmac
import json
import sys
import traceback
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, cast

import pytest
from hypothesis import given, strategies as st
from jwcrypto.jwe import JWE  # type: ignore[import-untyped]
from jwcrypto.jwk import JWK  # type: ignore[import-untyped]
from jwcrypto.jws import JWS  # type: ignore[import-untyped]

import gameball_sync
from gameball_async import ConfigurationError, SessionClaims, SessionTokens

KEY = "0123456789abcdefghijklmnopqrstuv"
OTHER = "x" * 32
END = datetime(2026, 5, 1, 14, 0, tzinfo=UTC)
TOKENS = SessionTokens(KEY)


def parsed(text: str) -> dict[str, Any]:
    return dict(json.loads(text))


def secret(key: bytes) -> JWK:
    return JWK(kty="oct", k=base64.urlsafe_b64encode(key).rstrip(b"=").decode())


def opened(token: str, key: bytes = KEY.encode()) -> tuple[dict[str, Any], ...]:
    """Outer header, inner header and claims, by the second library."""
    outer = JWE(algs=["A256KW", "A256CBC-HS512"])
    outer.deserialize(token, key=secret(key))
    within = JWS()
    within.allowed_algs = ["HS256"]
    within.deserialize(outer.payload.decode(), key=secret(key))
    headers = outer.objects["protected"], within.objects["protected"]
    return parsed(headers[0]), parsed(headers[1]), parsed(within.payload)


def sealed(text: str, key: str = KEY, enc: str = "A256CBC-HS512") -> str:
    """The outer layer by the second library, with the `cty` that the vendor's .NET code adds."""
    header = json.dumps({"alg": "A256KW", "enc": enc, "cty": "JWT"})
    token = JWE(text, protected=header)
    token.add_recipient(secret(key.encode()))
    return str(token.serialize(compact=True))


def inner(payload: bytes, key: str = KEY) -> str:
    token = JWS(payload)
    token.add_signature(secret(key.encode()), protected='{"alg":"HS256","typ":"JWT"}')
    return str(token.serialize(compact=True))


def test_a_token_is_a_signed_one_inside_an_encrypted_one() -> None:
    token = TOKENS.issue(
        "id123", expires_at=END, customer_email="jane@example.com", customer_mobile="+4912345"
    )

    assert 5 == len(token.split("."))
    assert opened(token) == (
        {"alg": "A256KW", "enc": "A256CBC-HS512"},
        {"alg": "HS256", "typ": "JWT"},
        {
            "customerId": "id123",
            "exp": 1777644000,
            "customerEmail": "jane@example.com",
            "customerMobile": "+4912345",
        },
    )


def test_what_is_left_out_is_not_in_the_token() -> None:
    claims = opened(TOKENS.issue("id123", expires_at=END))[2]

    assert {"customerId": "id123", "exp": 1777644000} == claims


@pytest.mark.parametrize(
    "end",
    [
        pytest.param(END + timedelta(microseconds=999_999), id="never-later-than-asked"),
        pytest.param(END.astimezone(timezone(timedelta(hours=3))), id="in-another-zone"),
    ],
)
def test_the_end_travels_in_whole_seconds(end: datetime) -> None:
    assert 1777644000 == opened(TOKENS.issue("id123", expires_at=end))[2]["exp"]


def test_a_derived_key_stands_in_for_the_secret() -> None:
    """C-82."""
    derived = bytes(range(32))
    tokens = SessionTokens(derived_key=derived)
    token = tokens.issue("id123", expires_at=END)

    assert "id123" == opened(token, derived)[2]["customerId"]
    assert SessionClaims(customer_id="id123", expires_at=END) == tokens.decode(token)


@given(
    customer_id=st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
    email=st.none() | st.text(st.characters(exclude_categories=["Cs"])),
    mobile=st.none() | st.text(st.characters(exclude_categories=["Cs"])),
    seconds=st.integers(0, 10**9),
)
def test_decode_reads_what_issue_made_and_so_does_the_second_library(
    customer_id: str, email: str | None, mobile: str | None, seconds: int
) -> None:
    end = END + timedelta(seconds=seconds)
    token = TOKENS.issue(customer_id, expires_at=end, customer_email=email, customer_mobile=mobile)

    expected = SessionClaims(
        customer_id=customer_id, expires_at=end, customer_email=email, customer_mobile=mobile
    )
    assert expected == TOKENS.decode(token)
    assert customer_id == opened(token)[2]["customerId"]


def test_decode_reads_a_token_of_the_second_library() -> None:
    payload = b'{"customerId":"id123","exp":1777644000,"nbf":1,"iat":1,"customerMobile":"+49"}'

    expected = SessionClaims(customer_id="id123", expires_at=END, customer_mobile="+49")
    assert expected == TOKENS.decode(sealed(inner(payload)))


def test_two_tokens_of_one_customer_differ() -> None:
    first, second = (TOKENS.issue("id123", expires_at=END) for _ in range(2))

    assert first != second


# --- Keys -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        pytest.param({}, "either secret_key or derived_key", id="none"),
        pytest.param(
            {"secret_key": KEY, "derived_key": b"d" * 32}, "either secret_key or", id="both"
        ),
        pytest.param(
            {"secret_key": "hush" * 5 + "hu"}, "exactly 32 bytes, got 22: A256KW", id="too-short"
        ),
        pytest.param({"secret_key": "hush" * 8 + "h"}, "got 33", id="too-long"),
        pytest.param({"secret_key": ""}, "got 0", id="empty"),
        pytest.param({"secret_key": "hush" * 7 + "huß"}, "outside ASCII", id="no-ascii"),
        pytest.param({"secret_key": b"h" * 32}, "secret_key must be a str, got bytes", id="bytes"),
        pytest.param({"derived_key": b"hush"}, "32 bytes, got 4", id="derived-too-short"),
        pytest.param({"derived_key": b""}, "32 bytes, got 0", id="derived-empty"),
        pytest.param({"derived_key": b"hush" * 9}, "32 bytes, got 36", id="derived-too-long"),
        pytest.param({"derived_key": KEY}, "derived_key must be bytes, got str", id="text"),
    ],
)
def test_a_key_that_a256kw_does_not_take_is_refused_with_the_reason(
    arguments: dict[str, Any], reason: str
) -> None:
    """C-82."""
    with pytest.raises(ConfigurationError, match=reason) as caught:
        SessionTokens(**arguments)

    assert "hush" not in str(caught.value)
    assert "hush" not in shown(caught.value)
    assert KEY not in shown(caught.value)


def shown(error: BaseException) -> str:
    """The traceback, and the locals of the frames of ours as error trackers show them."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    ours = [frame for frame in frames if "/tests/" not in frame.f_code.co_filename]
    assert ours
    return " ".join(repr(frame.f_locals) for frame in ours)


def test_the_reason_says_what_to_do_about_it() -> None:
    with pytest.raises(ConfigurationError, match=r"Ask Gameball .* pass the result as derived_key"):
        SessionTokens("a-secret-of-22-letters")


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "joserfc", None)

    with pytest.raises(ImportError, match=r"gameball-async\[session-tokens\]") as caught:
        SessionTokens(KEY)
    assert "joserfc" == caught.value.name
    assert KEY not in shown(caught.value)


# --- Claims ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "error", "reason"),
    [
        pytest.param({"customer_id": ""}, ValueError, "customer_id: must not be empty", id="id"),
        pytest.param({"customer_id": 7}, TypeError, "customer_id: must be a str", id="a-number"),
        pytest.param(
            {"customer_id": "\ud800"}, ValueError, "customerId", id="an-id-that-cannot-be-written"
        ),
        pytest.param(
            {"expires_at": datetime(2026, 5, 1)},  # noqa: DTZ001 - that is the point
            ValueError,
            "expires_at: must have a time zone",
            id="a-naive-end",
        ),
        pytest.param({"expires_at": 7200}, TypeError, "expires_at: must be a datetime", id="int"),
        pytest.param({"customer_email": 7}, TypeError, "customer_email: must be a str", id="email"),
        pytest.param({"customer_mobile": 7}, TypeError, "customer_mobile: must be", id="mobile"),
    ],
)
def test_what_cannot_be_claimed_is_refused(
    arguments: dict[str, Any], error: type[Exception], reason: str
) -> None:
    with pytest.raises(error, match=reason):
        TOKENS.issue(**{"customer_id": "id123", "expires_at": END, **arguments})


def test_no_repr_shows_a_key_or_what_identifies_a_person() -> None:
    claims = SessionClaims(
        customer_id="id123", expires_at=END, customer_email="jane@", customer_mobile="+49"
    )

    assert "jane@" not in repr(claims)
    assert "+49" not in repr(claims)
    assert KEY not in repr(TOKENS)


GOOD = b'{"customerId":"id123","exp":1777644000}'
UNSIGNED = base64.urlsafe_b64encode(GOOD).rstrip(b"=").decode()


def signed_with_hs512() -> str:
    """By hand, because the second library wants longer keys for it."""
    text = base64.urlsafe_b64encode(b'{"alg":"HS512"}').decode().rstrip("=") + f".{UNSIGNED}"
    signature = base64.urlsafe_b64encode(hmac.digest(KEY.encode(), text.encode(), "sha512"))
    return f"{text}.{signature.decode().rstrip('=')}"


@pytest.mark.parametrize(
    "token",
    [
        pytest.param("", id="nothing"),
        pytest.param("a.b.c.d.e", id="no-token"),
        pytest.param(inner(GOOD), id="not-encrypted"),
        pytest.param(sealed(inner(GOOD), OTHER), id="encrypted-with-another-key"),
        pytest.param(sealed(inner(GOOD), enc="A256GCM"), id="encrypted-in-another-way"),
        pytest.param(sealed(inner(GOOD, OTHER)), id="signed-with-another-key"),
        pytest.param(sealed(GOOD.decode()), id="not-signed"),
        pytest.param(sealed(f"eyJhbGciOiJub25lIn0.{UNSIGNED}."), id="signed-by-nobody"),
        pytest.param(sealed(signed_with_hs512()), id="signed-in-another-way"),
        pytest.param(sealed(""), id="encrypted-nothing"),
        pytest.param(sealed(inner(b"{}")), id="no-claims"),
        pytest.param(sealed(inner(b"no JSON")), id="no-json"),
        pytest.param(sealed(inner(b'{"customerId":"","exp":1}')), id="an-empty-id"),
        pytest.param(cast("str", None), id="none"),
    ],
)
def test_what_was_not_made_with_this_key_is_not_decoded(token: str) -> None:
    with pytest.raises(ValueError, match="is no session token made with this key") as caught:
        TOKENS.decode(token)

    assert (None, None) == (caught.value.__cause__, caught.value.__context__)


@pytest.mark.parametrize("part", range(5))
def test_a_token_that_was_changed_is_not_decoded(part: int) -> None:
    parts = TOKENS.issue("id123", expires_at=END).split(".")
    parts[part] = ("B" if parts[part][0] == "A" else "A") + parts[part][1:]

    with pytest.raises(ValueError, match="is no session token"):
        TOKENS.decode(".".join(parts))


def test_the_blocking_package_has_the_same_tokens() -> None:
    assert gameball_sync.SessionTokens is SessionTokens
