"""Operations as data: where each one lives, what it takes, and who answers it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, TypeAlias
from urllib.parse import unquote

from attrs import define, field, frozen

from gameball_async.sandbox.ledger import Profile
from gameball_async.sandbox.program import Program
from gameball_async.sandbox.refusals import Refusal
from gameball_async.sandbox.shapes import IGNORED, Shape
from gameball_async.sandbox.tenant import Tenant
from gameball_async.sandbox.wire import JsonObject


@define
class Visit:
    """One request, checked against the shapes of its operation."""

    tenant: Tenant
    path: Mapping[str, str]
    """Decoded path parameters."""
    query: JsonObject
    body: JsonObject
    now: datetime

    @property
    def program(self) -> Program:
        """The account's settings."""
        return self.tenant.program


NO_PARAMETERS: Final = Shape({"lang": IGNORED})
"""Some reads take the language from the query, and none minds it (C-36)."""

Answering: TypeAlias = Callable[[Visit], object]
"""Returns what becomes JSON, or None where no body is documented."""
Writing: TypeAlias = Callable[[Visit], object]


def customer_in_path(visit: Visit) -> Profile:
    """The customer in the path.

    Raises:
        Refusal: 7000, there is no such customer.
    """
    customer_id = visit.path["customerId"]
    profile = visit.tenant.find(customer_id)
    if profile is None:
        raise Refusal(7000, f"customer {customer_id!r} does not exist")
    return profile


def customer_of_path(visit: Visit) -> object:
    """The customer that the path names, known or not."""
    customer_id = visit.path["customerId"]
    return visit.tenant.find(customer_id) or customer_id


def nobody(_: Visit) -> None:
    """A read or a quote: no customer is written to."""


def customer_of_body(visit: Visit) -> object:
    """The customer that the body names, known or not."""
    customer_id = visit.body["customerId"]
    return visit.tenant.find(customer_id, visit.body) or customer_id


@frozen(kw_only=True)
class Route:
    """One operation."""

    method: str
    path: str
    """Below ``/integrations``; ``{name}`` marks a parameter."""
    bucket: str
    answer: Answering
    body: Shape | None = None
    body_optional: bool = False
    """Whether the body may be left out although there can be one."""
    status: int = 200
    query: Shape = NO_PARAMETERS
    secret: bool = True
    """Whether the secret key is needed below v4.1."""
    secret_code: int = 1001
    """The code of a refusal for the secret key (C-74)."""
    writes: Writing = nobody
    """The customer whom this request writes to, whatever stands for it; None exempts."""
    busy_status: int = 422
    """Status of a refusal with code 2001."""
    parts: tuple[str, ...] = field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "parts", tuple(self.path.split("/")[1:]))

    def match(self, parts: Sequence[str]) -> dict[str, str] | None:
        """The decoded path parameters, when *parts* is a path of this operation."""
        found: dict[str, str] = {}
        for ours, theirs in zip(self.parts, parts, strict=True):
            if ours.startswith("{") and theirs:
                found[ours[1:-1]] = unquote(theirs)
            elif ours != theirs:
                return None
        return found


class RouteTable:
    """Finds the operation that a method and a path name; fixed parts win over parameters."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._routes: dict[tuple[str, int], list[Route]] = {}
        for route in sorted(routes, key=lambda route: route.path.count("{")):
            self._routes.setdefault((route.method, len(route.parts)), []).append(route)

    def find(self, method: str, path: str) -> tuple[Route, Mapping[str, str]] | None:
        """The route and its parameters; None when there is no such operation."""
        parts = path.split("/")[1:]
        for route in self._routes.get((method, len(parts)), ()):
            found = route.match(parts)
            if found is not None:
                return route, found
        return None
