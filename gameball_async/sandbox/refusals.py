"""Why the sandbox refuses a request: the vendor's codes, their statuses and their envelopes."""

from __future__ import annotations

from typing import Final

from gameball_async.sandbox.wire import JsonObject

STATUSES: Final = {
    1000: 401,
    1001: 401,
    1002: 403,
    1006: 401,
    2001: 422,
    3000: 400,
    3001: 422,
    3003: 422,
    3004: 400,
    3009: 422,
    3011: 422,
    3013: 415,
    3015: 423,
    3016: 400,
    4000: 400,
    4004: 404,
    6000: 422,
    7000: 404,
    8000: 403,
    9000: 422,
    9001: 422,
    9002: 404,
    9003: 422,
    9004: 422,
    9005: 404,
    9006: 404,
    9007: 422,
    9008: 422,
}
"""HTTP status of each code. Source: docs.gameball.co, "Status and Error Codes"."""

_TYPES: Final = {
    1: "AUTHENTICATION_ERROR",
    2: "REQUEST_ERROR",
    3: "PAYLOAD_ERROR",
    4: "GENERAL_ERROR",
    6: "CONFIGURATIONS_ERROR",
    7: "CUSTOMER_ERROR",
    8: "SUBSCRIPTION_ERROR",
    9: "TRANSACTIONS_ERROR",
}

OFF: Final = {
    "gameballStatus": "disabled",
    "message": "Gameball is disabled for this account",
    "learnMore": "https://help.gameball.co/",
}
"""What answers say while the program is off."""


class Refusal(Exception):  # noqa: N818 - an answer, not a fault of the sandbox
    """The request is refused and has no effect."""

    def __init__(self, code: int, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status: int = STATUSES[code] if status is None else status

    def envelope(self, request_id: str) -> JsonObject:
        """The body of the answer."""
        return {
            "code": self.code,
            "type": _TYPES[self.code // 1000],
            "message": self.message.encode(errors="backslashreplace").decode(),
            "documentationUrl": "https://docs.gameball.co/api-reference/introduction",
            "requestId": request_id,
        }


class PlainRefusal(Refusal):
    """A refusal in the older envelope, which repeats the status and has no code (C-72)."""

    def __init__(self, message: str) -> None:
        super().__init__(3003, message, status=400)

    def envelope(self, request_id: str) -> JsonObject:  # noqa: ARG002 - this shape has none
        """The body of the answer."""
        return {"error": self.status, "message": self.message}
