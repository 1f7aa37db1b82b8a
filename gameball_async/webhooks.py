"""Is it from Gameball, and what does it say? Bytes in, event out.

The signature is the SHA-1 of the payload, a colon and the secret key. Whether the payload is the
body as sent or what `JSON.stringify` makes of it is not documented clearly (C-80), so both count.

Source: docs.gameball.co, "Webhooks".
"""

import hashlib
import hmac
import math
import re
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import EllipsisType
from typing import Any, Final, Protocol, TypeAlias, cast

import attrs
from attrs import evolve, field, frozen

from gameball_async.errors import ConfigurationError, WebhookVerificationError
from gameball_async.models.fields import Number
from gameball_async.serialization import decode
from gameball_async.stringify import is_deep, stringified

__all__ = (
    "CustomerNotification",
    "ProfileUpdated",
    "SeenWebhooks",
    "UnknownWebhook",
    "WebhookEvent",
    "WebhookMemory",
    "WebhookNotification",
    "WebhookProfile",
    "WebhookVerifier",
)

SIGNATURE_HEADER: Final = "x-gb-signature"
MAX_WEBHOOK: Final = 1024 * 1024
"""The largest body that is looked at, in bytes; real ones have a few hundred."""
_DEEPEST: Final = 64
_DAY: Final = 24 * 60 * 60.0
"""In seconds."""


# --- What it says ---------------------------------------------------------------------------


def _as_written(_cls: type, fields: "list[attrs.Attribute[Any]]") -> "list[attrs.Attribute[Any]]":
    """Webhooks are written in snake_case, unlike the rest of the API."""
    return [it if "wire" in it.metadata else it.evolve(metadata={"wire": it.name}) for it in fields]


@frozen(kw_only=True, weakref_slot=False, field_transformer=_as_written)
class WebhookNotification:
    """A notification in one language."""

    local: str | None = None
    """The language's code, ``en``; the API spells it so."""
    icon: str | None = None
    """Address of an image."""
    title: str | None = None
    body: str | None = None


@frozen(kw_only=True, weakref_slot=False, field_transformer=_as_written)
class WebhookProfile:
    """A customer's profile after a change."""

    email: str | None = field(default=None, repr=False)
    mobile_number: str | None = field(default=None, repr=False)
    tier_name: str | None = None
    tier_order: int | None = None
    """The tier's rank."""
    referral_code: str | None = None
    referral_link: str | None = None
    activated_points: Number | None = None
    """Points that can be spent, after the transaction that was the occasion."""
    pending_points: Number | None = None
    total_points: Number | None = None
    """Both together."""


@frozen(kw_only=True, weakref_slot=False, field_transformer=_as_written)
class CustomerNotification:
    """Topic ``customer.notification.push``: tell the customer something."""

    event: str | None = None
    client_id: str | None = None
    """The account."""
    customer_id: str | None = None
    """Your id of the customer."""
    gb_customer_id: int | None = None
    """Gameball's id of the customer."""
    created_at: datetime | None = None
    data: list[WebhookNotification] | None = None
    """The same notification, once per language."""
    digest: bytes = field(default=b"", eq=False, repr=False, metadata={"wire": None})
    """SHA-256 of the signed text, the same for every delivery: a key to find repetitions by."""


@frozen(kw_only=True, weakref_slot=False, field_transformer=_as_written)
class ProfileUpdated:
    """Topic ``customer.profile.updated``: points, tier or contact data have changed."""

    event: str | None = None
    client_id: str | None = None
    """The account."""
    customer_id: str | None = None
    """Your id of the customer."""
    gb_customer_id: int | None = None
    """Gameball's id of the customer."""
    created_at: datetime | None = None
    data: WebhookProfile | None = None
    digest: bytes = field(default=b"", eq=False, repr=False, metadata={"wire": None})
    """SHA-256 of the signed text, the same for every delivery: a key to find repetitions by."""


@frozen(kw_only=True, weakref_slot=False, field_transformer=_as_written)
class UnknownWebhook:
    """A topic that this version does not know; signed all the same."""

    event: str | None = None
    created_at: datetime | None = None
    payload: Mapping[str, Any] | None = field(default=None, repr=False, metadata={"wire": None})
    """Everything that was sent, under the names of the wire."""
    digest: bytes = field(default=b"", eq=False, repr=False, metadata={"wire": None})
    """SHA-256 of the signed text, the same for every delivery: a key to find repetitions by."""


WebhookEvent: TypeAlias = CustomerNotification | ProfileUpdated | UnknownWebhook
"""What `WebhookVerifier.verify` returns."""

# Half of a surrogate pair is legal in JSON, and in no text that Python could write anywhere.
_ESCAPES: Final = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)


def _read_event(form: bytes) -> WebhookEvent | str:
    """The event in a text whose signature is right, or why it cannot be read."""
    legible = _ESCAPES.sub(lambda found: rb"\ufffd" if found[1] else found[0], form)
    digest = hashlib.sha256(form).digest()
    try:
        payload = decode(legible, dict[str, Any])
    except ValueError:
        return "the body holds a number that is none"
    match payload.get("event"):
        case "customer.notification.push":
            return evolve(decode(legible, CustomerNotification), digest=digest)
        case "customer.profile.updated":
            return evolve(decode(legible, ProfileUpdated), digest=digest)
        case _:
            return evolve(decode(legible, UnknownWebhook), payload=payload, digest=digest)


# --- Is it from Gameball --------------------------------------------------------------------


class Headers(Protocol):
    """The headers of a request, of any framework and of `dict`."""

    def items(self) -> Iterable[tuple[str, str]]:
        """Names, in any case, and values."""
        ...


class Calendar(Protocol):
    """Where the time of day comes from; a client's `Clock` is one."""

    def now(self) -> datetime:
        """The time of day, with a time zone."""
        ...


class _Today:
    """The machine's own clock."""

    __slots__ = ()

    @staticmethod
    def now() -> datetime:
        return datetime.now(UTC)


class SeenWebhooks(Protocol):
    """Remembers which webhooks were taken; several processes share one."""

    def add(self, digest: bytes) -> bool:
        """Remember the 32 bytes of *digest*, at once and for everybody.

        Args:
            digest: SHA-256 of the signed text; `digest` of the event.

        Returns:
            True when it is new, False when it was remembered already.
        """
        ...


def _is_length(seconds: object) -> bool:
    """Whether it is a finite number above zero."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return False
    return 0 < seconds < math.inf


def _seconds(given: timedelta | float) -> float:
    """A length of time in seconds."""
    seconds = given.total_seconds() if isinstance(given, timedelta) else given
    if not _is_length(seconds):
        raise ConfigurationError(
            f"tolerance must be a timedelta or seconds, finite and above 0, got {given!r}"
        )
    return float(seconds)


class WebhookMemory:
    """The webhooks that this process has taken, for as long as they could be repeated."""

    __slots__ = ("_clock", "_keep", "_lock", "_most", "_taken")

    def __init__(
        self,
        tolerance: timedelta | float = _DAY,
        *,
        most: int = 100_000,
        clock: Calendar | None = None,
    ) -> None:
        """Begin empty.

        Args:
            tolerance: That of the verifier, in seconds unless it is a timedelta.
            most: Webhooks that are remembered; the oldest make room for the newest.
            clock: That of the verifier.

        Raises:
            ConfigurationError: *tolerance* or *most* is out of range.
        """
        if isinstance(most, bool) or most < 1:
            raise ConfigurationError(f"most must be a whole number of at least 1, got {most!r}")
        # A webhook from the future is taken one tolerance early and can come one late.
        self._keep = 2 * _seconds(tolerance)
        self._most = most
        self._clock: Calendar = _Today() if clock is None else clock
        self._taken: OrderedDict[bytes, float] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """How many are remembered."""
        return len(self._taken)

    def add(self, digest: bytes) -> bool:
        """Remember *digest*; True when it is new."""
        now = self._clock.now().timestamp()
        with self._lock:
            self._forget_before(now - self._keep)
            if digest in self._taken:
                return False
            self._taken[digest] = now
            if len(self._taken) > self._most:
                self._taken.popitem(last=False)
            return True

    def discard(self, digest: bytes) -> None:
        """Forget *digest*, so that the next delivery is taken: this one could not be handled."""
        with self._lock:
            self._taken.pop(digest, None)

    def _forget_before(self, moment: float) -> None:
        while self._taken and next(iter(self._taken.values())) < moment:
            self._taken.popitem(last=False)


def _key_flaw(key: object) -> str | None:
    """Why *key* cannot be a secret key, in words that do not show it."""
    if not isinstance(key, str):
        return f"secret_key must be a str, got {type(key).__name__}"
    if not key:
        return "secret_key is empty: anybody could sign with it"
    if not all("!" <= char <= "~" for char in key):
        return "secret_key holds a blank, a control character or one outside ASCII: no key does"
    return None


def _several(secret_key: object) -> tuple[object, ...]:
    """The secret keys, of which there is one as a rule."""
    if isinstance(secret_key, list | tuple):
        return tuple(cast("Sequence[object]", secret_key))
    return (secret_key,)


def _keys_flaw(secret_key: object) -> str | None:
    keys = _several(secret_key)
    flaws = [flaw for flaw in map(_key_flaw, keys) if flaw] if keys else ["secret_key is missing"]
    return flaws[0] if flaws else None


def _signature(headers: Headers) -> bytes | str:
    """The signature that a request claims, or why it claims none."""
    found = [value for name, value in headers.items() if name.lower() == SIGNATURE_HEADER]
    if not found:
        return "there is no header X-GB-Signature"
    if len(found) > 1:
        return "there is more than one header X-GB-Signature"
    text = found[0].strip(' "')  # the vendor's pages print quotes around it (C-80)
    if re.fullmatch(r"[0-9a-fA-F]{40}", text) is None:
        return "X-GB-Signature is not 40 hexadecimal digits; webhooks must be of version V4"
    return bytes.fromhex(text)


def _body_flaw(raw_body: object) -> str | None:
    """What is passed instead of the bytes, and where they are."""
    if isinstance(raw_body, bytes):
        return None
    return (
        f"raw_body must be the bytes as received, got {type(raw_body).__name__}: pass "
        "await request.read() in aiohttp, await request.body() in Starlette and FastAPI, "
        "request.body in Django, request.get_data() in Flask"
    )


class WebhookVerifier:
    """Takes webhooks of Gameball and refuses everything else. Threads may share it."""

    __slots__ = ("_clock", "_keys", "_seen", "_tolerance")

    def __init__(
        self,
        secret_key: str | Sequence[str],
        *,
        tolerance: timedelta | float = _DAY,
        seen: SeenWebhooks | EllipsisType | None = ...,
        clock: Calendar | None = None,
    ) -> None:
        """Take the settings.

        Args:
            secret_key: The account's secret key; several while one replaces the other.
            tolerance: How far a webhook's `created_at` may be from now, in seconds unless it is
                a timedelta. Gameball repeats a delivery for 85 minutes.
            seen: Remembers what was taken. Left out it is a `WebhookMemory` of its own; None
                takes every delivery, and the caller finds repetitions by the event's `digest`.
            clock: Where the time of day comes from; by default the machine.

        Raises:
            ConfigurationError: A key is empty or none at all, or the tolerance is out of range.
        """
        flaw = _keys_flaw(secret_key)
        if flaw is not None:
            del secret_key  # error trackers show the locals of the frame that raises
            raise ConfigurationError(flaw)
        self._keys = tuple(f":{key}".encode() for key in _several(secret_key))
        self._tolerance = _seconds(tolerance)
        self._clock: Calendar = _Today() if clock is None else clock
        memory = WebhookMemory(self._tolerance, clock=clock) if seen is ... else seen
        self._seen: SeenWebhooks | None = memory

    def verify(self, raw_body: bytes, headers: Headers) -> WebhookEvent:
        """Check a request and read it.

        Args:
            raw_body: The body as received, before anything parsed it.
            headers: The request's headers, of any framework.

        Returns:
            The event; an `UnknownWebhook` for a topic of the future.

        Raises:
            TypeError: *raw_body* is not bytes; the text names the right call of your framework.
            WebhookVerificationError: Not signed with your key, malformed, too large, too old, or
                taken before. Answer 4xx and ignore it.

        Source: docs.gameball.co, "Webhooks".
        """
        flaw = _body_flaw(raw_body)
        if flaw is not None:
            del raw_body, headers  # error trackers show the locals of the frame that raises
            raise TypeError(flaw)
        outcome = self._taken(raw_body, headers)
        if isinstance(outcome, str):
            del raw_body, headers
            raise WebhookVerificationError(outcome)
        return outcome

    def _taken(self, body: bytes, headers: Headers) -> WebhookEvent | str:
        """The event, or why it is not taken."""
        event = self._read(body, headers)
        return event if isinstance(event, str) else self._refusal(event) or event

    def _read(self, body: bytes, headers: Headers) -> WebhookEvent | str:
        """The event, or why there is none."""
        if len(body) > MAX_WEBHOOK:
            return f"the body is larger than {MAX_WEBHOOK} bytes"
        claimed = _signature(headers)
        if isinstance(claimed, str):
            return claimed
        if is_deep(body, _DEEPEST):
            return f"the body is nested deeper than {_DEEPEST} levels"
        again = stringified(body)
        if again is None:
            return "the body is no JSON object in UTF-8"
        signed = self._signed(claimed, (again, body))
        if signed is None:
            return "the signature is not that of the body and your secret key"
        return _read_event(signed)

    def _signed(self, claimed: bytes, forms: Sequence[bytes]) -> bytes | None:
        """The last form that was signed with one of the keys; always compares them all."""
        signed = None
        for form in forms:
            for key in self._keys:
                ours = hashlib.sha1(form + key).digest()  # noqa: S324 - the vendor's choice
                if hmac.compare_digest(ours, claimed):
                    signed = form
        return signed

    def _refusal(self, event: WebhookEvent) -> str | None:
        """Why a signed event is not taken now."""
        created = event.created_at
        if isinstance(created, datetime):
            if abs((self._clock.now() - created).total_seconds()) > self._tolerance:
                return f"created_at is more than {self._tolerance:g} seconds from now"
        elif not isinstance(event, UnknownWebhook):
            return "created_at is no time, so that its age is unknown"
        if self._seen is not None and not self._seen.add(event.digest):
            return "the same webhook was taken before"
        return None
