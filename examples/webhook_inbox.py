"""Take every webhook once, and again when the work it brings has failed; the services share it."""

from __future__ import annotations

from collections.abc import Mapping
from logging import getLogger

from gameball_async import ProfileUpdated, WebhookEvent, WebhookMemory, WebhookVerifier

log = getLogger(__name__)


def work(event: WebhookEvent) -> None:
    """What you do with it. Be quick, or leave it to a queue: Gameball waits for the answer."""
    match event:
        case ProfileUpdated(customer_id=customer, data=profile) if profile is not None:
            log.info("%s has %s points", customer, profile.activated_points)
        case _:
            log.info("nothing to do for %s", event.event)


class Inbox:
    """One per process. Several share their memory through something of yours: ``seen=``."""

    def __init__(self, secret_key: str) -> None:
        self._memory = WebhookMemory()
        self._verifier = WebhookVerifier(secret_key, seen=self._memory)

    def take(self, raw_body: bytes, headers: Mapping[str, str]) -> None:
        """Check the bytes as received and do the work.

        Raises:
            WebhookVerificationError: Not of Gameball, too old, or taken before: answer 403.
        """
        event = self._verifier.verify(raw_body, headers)
        try:
            work(event)
        except Exception:
            self._memory.discard(event.digest)  # Gameball delivers it again in five minutes
            raise
