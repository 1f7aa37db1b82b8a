"""A request comes in: who asks for what, may they, does it fit, and is it their turn?"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import count
from typing import Any, Final
from urllib.parse import parse_qsl

from attrs import define, field

from gameball_async.sandbox.areas import ROUTES
from gameball_async.sandbox.program import Program
from gameball_async.sandbox.refusals import OFF, Refusal
from gameball_async.sandbox.routes import Route, Visit
from gameball_async.sandbox.shapes import Misfit, Shape
from gameball_async.sandbox.tenant import Tenant
from gameball_async.sandbox.wire import JsonObject, read_json, write_json
from gameball_async.transport.http import Answer, Request

JSON_HEADERS: Final = {"content-type": "application/json; charset=utf-8"}

_PATH: Final = re.compile(r"/api/v4(\.0|\.1)?/integrations(/.*)", re.ASCII)
_FIRST_ACCOUNT: Final = 2155
_KEY: Final = re.compile(r"[!-~]{1,200}")


@define
class Work:
    """What is left to do for a request that was let in."""

    route: Route
    visit: Visit
    customer: object
    """The customer whom it keeps busy; None for nobody."""

    def leave(self) -> None:
        """Let the customer be written to by others again."""
        self.visit.tenant.busy.discard(self.customer)


@define(eq=False)
class Arrival:
    """A request on its way through the sandbox."""

    request: Request = field(repr=False)
    time: datetime
    path: str
    """Below ``/integrations``, as it travels; the whole path when it is none of ours."""
    query: str
    version: str | None
    """``v4`` or ``v4.1``; None when the path is none of ours."""
    headers: Mapping[str, str] = field(repr=False)

    @property
    def key(self) -> str:
        """The api key, as far as it looks like one."""
        key = self.headers.get("apikey", "")
        return key if _KEY.fullmatch(key) else ""

    @property
    def masked_key(self) -> str:
        """The first four characters of the api key, at most a half of it."""
        return f"{self.key[: min(4, len(self.key) // 2)]}***"


def arrival_of(request: Request, now: datetime) -> Arrival:
    """Take *request* apart."""
    target, _, query = request.target.partition("?")
    match = _PATH.fullmatch(target)
    return Arrival(
        request,
        now,
        match[2] if match else target,
        query,
        None if match is None else "v4.1" if match[1] == ".1" else "v4",
        {name.lower(): value for name, value in request.headers.items()},
    )


class Reception:
    """Lets requests in, or refuses them before they have any effect."""

    def __init__(self, program: Program, new_reference: Callable[[], str]) -> None:
        self._program = program
        self._new_reference = new_reference
        self._tenants: dict[str, Tenant] = {}
        self._request_ids = count(1)

    def tenant(self, key: str) -> Tenant:
        """The account of an api key, opened when it is first seen."""
        tenant = self._tenants.get(key)
        if tenant is None:
            number = _FIRST_ACCOUNT + len(self._tenants)
            tenant = self._tenants[key] = Tenant(self._program, self._new_reference, number)
        return tenant

    def subscribers(self) -> list[Tenant]:
        """The accounts that have webhooks."""
        return [tenant for tenant in self._tenants.values() if tenant.outbox.url is not None]

    def admit(self, arrival: Arrival) -> Answer | Work:
        """The answer of a request that is refused, or else the work that is left."""
        try:
            return self._decide(arrival)
        except Refusal as refusal:
            return self.refused(refusal)

    def refused(self, refusal: Refusal) -> Answer:
        """The answer that says why."""
        body = refusal.envelope(f"sandbox-{next(self._request_ids)}")
        return Answer(refusal.status, JSON_HEADERS, write_json(body))

    def _decide(self, arrival: Arrival) -> Answer | Work:
        route, path = self._find(arrival)
        if not arrival.key:
            raise Refusal(1000, "Unauthorized access. Please authenticate to proceed.")
        tenant = self.tenant(arrival.key)
        if not tenant.windows.admit(route.bucket, arrival.time):
            return self._too_many()
        self._authorize(arrival, tenant, route)
        visit = Visit(tenant, path, _query(arrival, route), _body(arrival, route), arrival.time)
        if self._program.disabled != "no" and route.method != "GET":
            return self._switched_off(route, visit)
        return Work(route, visit, _occupy(tenant, route, visit))

    def _find(self, arrival: Arrival) -> tuple[Route, Mapping[str, str]]:
        """The operation, and its path parameters."""
        method = arrival.request.method
        if arrival.version is None:
            raise Refusal(
                4004,
                f"the sandbox has no {method} {arrival.path}: a path starts with "
                "/api/v4/integrations/, or v4.0 or v4.1 in place of v4",
            )
        if arrival.version < self._program.minimum_version:
            raise Refusal(
                1002, f"the account refuses versions below {self._program.minimum_version}"
            )
        found = ROUTES.find(method, arrival.path)
        if found is None:
            raise Refusal(4004, f"the sandbox has no operation {method} {arrival.path}")
        return found

    def _authorize(self, arrival: Arrival, tenant: Tenant, route: Route) -> None:
        """Check the secret key; the first that an account shows is its own."""
        secret = arrival.headers.get("secretkey", "")
        if secret and tenant.secret is None:
            tenant.secret = secret
        needed = route.secret or arrival.version == "v4.1" or self._program.high_security
        if (secret or needed) and secret != tenant.secret:
            raise Refusal(
                route.secret_code,
                "the secret key is wrong" if secret else "the secret key is missing",
            )

    def _switched_off(self, route: Route, visit: Visit) -> Answer:
        """No effect: an error, or the newer notice without any points (C-89)."""
        if self._program.disabled == "error":
            raise Refusal(6000, OFF["message"])
        named = {name: visit.body[name] for name in ("customerId",) if name in visit.body}
        return Answer(route.status, JSON_HEADERS, write_json({**named, **OFF}))

    def _too_many(self) -> Answer:
        """429, in the dress that the program chose."""
        program = self._program
        headers = {} if program.retry_after is None else {"retry-after": str(program.retry_after)}
        if program.limit_answer == "empty":
            return Answer(429, headers)
        body = {"type": "REQUEST_ERROR", "message": "Too many requests"}
        return Answer(429, headers | JSON_HEADERS, write_json(body))


def _query(arrival: Arrival, route: Route) -> JsonObject:
    """The query, decoded as a form and checked."""
    pairs = parse_qsl(arrival.query, keep_blank_values=True)
    query = dict(pairs)
    if len(query) < len(pairs):
        raise Refusal(3003, "a query parameter is there twice")
    return _checked(route.query, query)


def _body(arrival: Arrival, route: Route) -> JsonObject:
    """The body, decoded and checked."""
    raw = arrival.request.body or b""
    if route.body is None:
        if raw:
            raise Refusal(3003, f"{route.method} {route.path} takes no body", status=400)
        return {}
    if not raw and route.body_optional:
        return {}
    content_type = arrival.headers.get("content-type", "")
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise Refusal(3013, f"content type {content_type!r} is not supported")
    try:
        body = read_json(raw)
    except ValueError as error:
        raise Refusal(3016, f"the body is not JSON: {error}") from None
    return _checked(route.body, body)


def _checked(shape: Shape, value: Any) -> JsonObject:
    """*value*, if it fits *shape*."""
    try:
        return shape.read(value)
    except Misfit as misfit:
        raise misfit.refusal() from None


def _occupy(tenant: Tenant, route: Route, visit: Visit) -> object:
    """Keep the customer of a write busy, unless somebody else does."""
    customer = route.writes(visit)
    if customer is not None:
        if customer in tenant.busy:
            message = "another request for the same customer is in progress"
            raise Refusal(2001, message, status=route.busy_status)
        tenant.busy.add(customer)
    return customer
