"""Customers: look one up, take one in or out."""

from __future__ import annotations

from attrs import frozen

from gameball_async import operations as op
from gameball_async.models.customers import (
    Customer,
    CustomerActivation,
    CustomerActivationRequest,
)
from gameball_async.transport.caller import Caller


@frozen
class Customers:
    """Operations on customers."""

    _caller: Caller

    async def get(self, customer_id: str) -> Customer:
        """Get a customer, without personal data.

        Args:
            customer_id: Your id of the customer.

        Returns:
            What Gameball knows; every member may be None.

        Raises:
            CustomerNotFoundError: There is no such customer; the first order creates one.
            RequestError: No answer; repeat the call.

        Source: GET /customers/{customerId}
        """
        path = {"customer_id": customer_id}
        return (await self._caller.send(op.GET_CUSTOMER, path=path)).value

    async def set_active(self, customer_id: str, is_active: bool) -> CustomerActivation:  # noqa: FBT001 - the body is this one flag
        """Take a customer into the program, or out of it.

        While out, a customer neither earns nor redeems; the history stays.

        Args:
            customer_id: Your id of the customer.
            is_active: True to take the customer in.

        Returns:
            The state after the call, and whether the call changed it.

        Raises:
            CustomerNotFoundError: There is no such customer; this call never creates one.
            OutcomeUnknownError: No clear answer; repeat the call, it does the same once more.

        Source: PUT /customers/{customerId}/activate
        """
        response = await self._caller.send(
            op.SET_CUSTOMER_ACTIVE,
            path={"customer_id": customer_id},
            body=CustomerActivationRequest(is_active=is_active),
        )
        return response.value
