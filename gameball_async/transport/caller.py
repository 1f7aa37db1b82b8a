"""What endpoint classes call through: from an operation and its arguments to a call."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from typing import Any, TypeVar

import attrs
from attrs import frozen

from gameball_async.config import Options
from gameball_async.operation import Operation, Replay
from gameball_async.serialization import encode, timestamp, to_wire
from gameball_async.transport.call import Call, Proof
from gameball_async.transport.encode import path as path_of, query as query_of, subject
from gameball_async.transport.http import Request, Response
from gameball_async.transport.progress import Progress
from gameball_async.transport.runtime import STAMPS, Core

T = TypeVar("T")


@frozen
class Caller:
    """What endpoint classes call through: a client's core, and the options of this copy."""

    core: Core
    options: Options

    async def send(
        self,
        operation: Operation[T],
        *,
        path: Mapping[str, object] | None = None,
        query: Mapping[str, object] | None = None,
        body: object = None,
    ) -> Response[T]:
        """Perform one operation; see `GameballClient.send`."""
        call, customer = self._call(operation, path, query, body)
        return call.response(await call.run(customer, None))

    def value(
        self,
        operation: Operation[T],
        *,
        path: Mapping[str, object] | None = None,
        query: Mapping[str, object] | None = None,
        body: object = None,
        replay: Replay | None = None,
        proof: Proof[T] | None = None,
        resend: bool = False,
    ) -> Coroutine[Any, Any, T]:
        """Perform one operation and return what the answer says; to be awaited at once.

        Args:
            operation: What to call.
            path: The ids in its path.
            query: Its query parameters.
            body: A model, or a mapping in the wire's spelling.
            replay: What sending this one twice does, if not what the operation says.
            proof: How a write that may have happened already is recognised.
            resend: An earlier process may have sent the same write.
        """
        call, customer = self._call(operation, path, query, body, replay, resend=resend)
        return call.run(customer, proof)

    def _call(
        self,
        operation: Operation[T],
        path: Mapping[str, object] | None,
        query: Mapping[str, object] | None,
        body: object,
        replay: Replay | None = None,
        *,
        resend: bool = False,
    ) -> tuple[Call[T], str | None]:
        """A call that is ready to run, and the customer whose lane it goes through."""
        core, name = self.core, operation.name
        core.require_secret(name, needed=operation.secret)
        runtime = core.runtime(name)
        request, key, customer = self._draft(operation, path, query, body)
        progress = Progress(name, replay or operation.replay, key, core.clock.monotonic())
        progress.resend = resend
        call = Call(core, runtime, self.options, operation, request, progress)
        return call, customer

    def within(self, seconds: float) -> Caller:
        """The same, with no more than *seconds* for a call."""
        timeouts = attrs.evolve(self.options.timeouts, total=seconds)
        return Caller(self.core, attrs.evolve(self.options, timeouts=timeouts))

    def spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run *work* as a task that ends with the client."""
        return self.core.runtime().spawn(work)

    def _draft(
        self,
        operation: Operation[Any],
        path: Mapping[str, object] | None,
        query: Mapping[str, object] | None,
        body: object,
    ) -> tuple[Request, str | None, str | None]:
        """The request of a call, its natural key and its customer.

        A model that does not say when it happened is stamped here, once for all attempts.
        """
        core, language = self.core, self.options.language
        if operation.language == "query":
            query = {"lang": language, **(query or {})}
        payload = None if body is None else to_wire(body)
        stamp = operation.stamp
        if stamp and payload and stamp not in payload and not isinstance(body, Mapping):
            payload[stamp] = timestamp(STAMPS.next(core.clock.now()))
        request = Request(
            operation.method,
            core.address.prefix + path_of(operation, path) + query_of(query),
            core.headers(
                has_body=payload is not None,
                language=language if operation.language == "header" else None,
            ),
            None if payload is None else encode(payload),
        )
        return request, *subject(operation, payload, path)
