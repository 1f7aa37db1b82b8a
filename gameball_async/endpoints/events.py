"""Events: tell what customers do, or ask what it would earn."""

from __future__ import annotations

from attrs import frozen

from gameball_async import operations as op
from gameball_async.models.events import EventsPreview, EventsPreviewRequest, EventsRequest
from gameball_async.models.fields import Events as EventsByName
from gameball_async.models.transactions import Success
from gameball_async.transport.caller import Caller


@frozen
class Events:
    """Operations on events."""

    _caller: Caller

    async def send(
        self,
        *,
        customer_id: str,
        events: EventsByName,
        email: str | None = None,
        mobile: str | None = None,
    ) -> Success:
        """Tell what a customer did; campaigns reward it a little later.

        Each call counts, so that it is not repeated when its answer was lost.

        Args:
            customer_id: Your id of the customer, who is created when unknown.
            events: Names, case-sensitive, and metadata, e.g. ``{"write_review": {"stars": 5}}``;
                texts, numbers or lists of them. Unknown names are learned.
            email: The merge key of an account that merges by e-mail.
            mobile: The merge key of an account that merges by phone.

        Returns:
            That the events were taken.

        Raises:
            ValueError: There is no event, or one is ``place_order``, which `orders.track` sends.
            ConfigurationDisabledError: The program is switched off.
            OutcomeUnknownError: No clear answer; sent again, the events may count twice.

        Source: POST /events
        """
        request = EventsRequest(customer_id=customer_id, events=events, email=email, mobile=mobile)
        return await self._caller.value(op.SEND_EVENTS, body=request)

    async def preview_rewards(
        self,
        *,
        customer_id: str,
        events: EventsByName,
        email: str | None = None,
        mobile: str | None = None,
    ) -> EventsPreview:
        """Ask what events would earn; nothing is recorded, and no customer is created.

        Args:
            customer_id: Your id of the customer, who must exist and be active.
            events: As for `send`.
            email: Locates the customer as well.
            mobile: Locates the customer as well.

        Returns:
            The points in total, and what each campaign would do. Campaign names are in the
            client's language, where there is one.

        Raises:
            NotFoundError: There is no such customer.
            RequestError: No answer; repeat the call.

        Source: POST /events/reward-preview
        """
        request = EventsPreviewRequest(
            customer_id=customer_id, events=events, email=email, mobile=mobile
        )
        return await self._caller.value(op.PREVIEW_EVENT_REWARDS, body=request)
