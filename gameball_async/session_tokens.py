"""Customer session tokens, for widgets and SDKs: a signed token inside an encrypted one.

Source: docs.gameball.co, "Session Tokens".
"""

from datetime import UTC, datetime
from importlib.util import find_spec
from typing import Final

import orjson
from attrs import field, frozen

from gameball_async.errors import ConfigurationError
from gameball_async.models.fields import check
from gameball_async.serialization import encode

__all__ = ("SessionClaims", "SessionTokens")

_KEY_BYTES: Final = 32
_MISSING: Final = "session tokens need joserfc: pip install 'gameball-async[session-tokens]'"
_SIGNED: Final = {"alg": "HS256", "typ": "JWT"}
_SEALED: Final = {"alg": "A256KW", "enc": "A256CBC-HS512"}


@frozen(kw_only=True)
class SessionClaims:
    """Whose session it is, and until when."""

    customer_id: str
    """Your id of the customer; the widget's ``playerUniqueId``."""
    expires_at: datetime
    """Travels in whole seconds, rounded down."""
    customer_email: str | None = field(default=None, repr=False)
    customer_mobile: str | None = field(default=None, repr=False)

    __attrs_post_init__ = check


def _secret_flaw(secret: object) -> str | None:
    """Why a secret key is no key of 32 bytes, in words that do not show it."""
    if not isinstance(secret, str):
        return f"secret_key must be a str, got {type(secret).__name__}"
    if not secret.isascii():
        return "secret_key holds a character outside ASCII: no key does"
    if len(secret) == _KEY_BYTES:
        return None
    return (
        f"secret_key must have exactly 32 bytes, got {len(secret)}: A256KW, which encrypts the "
        "tokens, takes no other key. Ask Gameball for a secret of 32 characters, or for the way "
        "in which they derive a key from yours, and pass the result as derived_key"
    )


def _derived_flaw(derived: object) -> str | None:
    if not isinstance(derived, bytes):
        return f"derived_key must be bytes, got {type(derived).__name__}"
    return (
        None
        if len(derived) == _KEY_BYTES
        else f"derived_key must have 32 bytes, got {len(derived)}"
    )


def _key_flaw(secret: object, derived: object) -> str | None:
    if (secret is None) == (derived is None):
        return "give either secret_key or derived_key"
    return _secret_flaw(secret) if derived is None else _derived_flaw(derived)


class SessionTokens:
    """Issues the tokens with which a widget or an SDK acts for one customer.

    Issue one at login and whenever your own session is prolonged or changes its account, and drop
    it at logout. Never store one, and never issue one outside your server.
    """

    __slots__ = ("_key",)

    def __init__(self, secret_key: str | None = None, *, derived_key: bytes | None = None) -> None:
        """Take the key, with which tokens are both signed and encrypted.

        Args:
            secret_key: The account's secret key. The algorithm takes 32 bytes and nothing else,
                and Gameball documents no way to get there from other lengths (C-82).
            derived_key: 32 bytes instead, if you know how Gameball derives them from your secret.

        Raises:
            ConfigurationError: There is no key of 32 bytes; the text has the reason.
            ImportError: The extra ``session-tokens`` is not installed.

        Source: docs.gameball.co, "Session Tokens".
        """
        flaw = _key_flaw(secret_key, derived_key)
        if flaw or find_spec("joserfc") is None:
            del secret_key, derived_key  # error trackers show the locals of the frame that raises
            raise ConfigurationError(flaw) if flaw else ImportError(_MISSING, name="joserfc")
        from joserfc.jwk import OctKey  # noqa: PLC0415 - an extra

        self._key = OctKey.import_key(derived_key or (secret_key or "").encode())

    def issue(
        self,
        customer_id: str,
        *,
        expires_at: datetime,
        customer_email: str | None = None,
        customer_mobile: str | None = None,
    ) -> str:
        """Make the token of one customer.

        Args:
            customer_id: Your id of the customer; the widget's ``playerUniqueId``.
            expires_at: With a time zone, and not later than the end of your own session.
            customer_email: Where customers are told apart by e-mail as well.
            customer_mobile: The same for the mobile number.

        Returns:
            The token in its compact form: five parts of base64url with dots between them.

        Raises:
            TypeError: An argument is of another type; the text names it.
            ValueError: *customer_id* is empty, or *expires_at* has no time zone.

        Source: docs.gameball.co, "Session Tokens".
        """
        from joserfc import jwe, jws  # noqa: PLC0415 - an extra

        claims = SessionClaims(
            customer_id=customer_id,
            expires_at=expires_at,
            customer_email=customer_email,
            customer_mobile=customer_mobile,
        )
        signed = jws.serialize_compact(_SIGNED, _written(claims), self._key, [_SIGNED["alg"]])
        return jwe.encrypt_compact(_SEALED, signed, self._key, [*_SEALED.values()])

    def decode(self, token: str) -> SessionClaims:
        """Read a token again, in a test of your own; expired ones as well.

        Args:
            token: What `issue` returned.

        Returns:
            What it says.

        Raises:
            ValueError: It is no token that was made with this key.
        """
        from joserfc import jwe, jws  # noqa: PLC0415 - an extra

        try:
            signed = jwe.decrypt_compact(token, self._key, [*_SEALED.values()]).plaintext
            inner = jws.deserialize_compact(signed or b"", self._key, [_SIGNED["alg"]])
            return _read(inner.payload)
        except Exception as error:  # noqa: BLE001 - the library raises what it likes
            kind = type(error).__name__
        raise ValueError(f"is no session token made with this key: {kind}")


def _written(claims: SessionClaims) -> bytes:
    """The claims in the names of the wire, without those left out."""
    members = {
        "customerId": claims.customer_id,
        "exp": int(claims.expires_at.timestamp()),
        "customerEmail": claims.customer_email,
        "customerMobile": claims.customer_mobile,
    }
    return encode({name: value for name, value in members.items() if value is not None})


def _read(payload: bytes) -> SessionClaims:
    members = orjson.loads(payload)
    return SessionClaims(
        customer_id=members["customerId"],
        expires_at=datetime.fromtimestamp(members["exp"], UTC),
        customer_email=members.get("customerEmail"),
        customer_mobile=members.get("customerMobile"),
    )
