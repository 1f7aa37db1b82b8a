"""Customers: who they are, their coupons, tags and notifications."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from gameball_async import operations as op
from gameball_async.endpoints import customer_lists as lists
from gameball_async.endpoints.evidence import MAX_LIMIT
from gameball_async.endpoints.ledger import check_limit
from gameball_async.endpoints.progress import Progress
from gameball_async.errors import (
    CustomerNotFoundError,
    NotFoundError,
    OutcomeUnknownError,
    PayloadError,
)
from gameball_async.models.customers import (
    Customer,
    CustomerActivation,
    CustomerActivationRequest,
    CustomerCoupons,
    CustomerDetails,
    CustomerHash,
    CustomerProfile,
    CustomerUpsert,
    Notification,
    NotificationsReadRequest,
    SocialCampaignAchievement,
    SocialCampaignRequest,
    TagsRequest,
    joined,
    trimmed,
)
from gameball_async.models.transactions import Success
from gameball_async.pagination import Paginator
from gameball_async.transport.answers import required
from gameball_async.transport.call import Proof

_DONE = Success(success=True)


@frozen
class Customers(Progress):
    """Operations on customers."""

    async def upsert(self, profile: CustomerProfile) -> CustomerUpsert:
        """Create a customer, or update the one with this id.

        Args:
            profile: What you know; attributes that are left out keep what is stored.

        Returns:
            Gameball's own id of the customer.

        Raises:
            CustomerError: The customer was recommended already, or the code is not allowed.
            PayloadError: A value is not acceptable, or the e-mail belongs to somebody else.
            OutcomeUnknownError: No clear answer; repeat the call, it does the same once more.

        Source: POST /customers
        """
        return await self._caller.value(op.UPSERT_CUSTOMER, body=profile)

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
        return await self._caller.value(op.GET_CUSTOMER, path=path)

    async def details(self, customer_id: str) -> CustomerDetails:
        """Get a customer with personal data.

        Args:
            customer_id: Your id of the customer.

        Returns:
            What Gameball knows; every member may be None.

        Raises:
            CustomerNotFoundError: There is no such customer.
            RequestError: No answer; repeat the call.

        Source: GET /customers/{customerId}/details
        """
        path = {"customer_id": customer_id}
        return await self._caller.value(op.GET_CUSTOMER_DETAILS, path=path)

    async def delete(self, customer_id: str) -> None:
        """Delete a customer; the ledger keeps the rows. Nothing brings the customer back.

        Args:
            customer_id: Your id of the customer. The parent of a family wallet takes it along.

        Raises:
            CustomerNotFoundError: There is no such customer.
            OutcomeUnknownError: No clear answer; repeat the call, it does the same once more.

        Source: DELETE /customers/{customerId}
        """
        try:
            await self._caller.value(op.DELETE_CUSTOMER, path={"customer_id": customer_id})
        except OutcomeUnknownError as error:
            if not isinstance(error.last_error, CustomerNotFoundError):
                raise

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
        return await self._caller.value(
            op.SET_CUSTOMER_ACTIVE,
            path={"customer_id": customer_id},
            body=CustomerActivationRequest(is_active=is_active),
        )

    async def coupons(self, customer_id: str) -> CustomerCoupons:
        """List every coupon of a customer: usable, used and expired.

        Args:
            customer_id: Your id of the customer.

        Returns:
            The coupons; trust `is_available_to_use`.

        Raises:
            CustomerNotFoundError: There is no such customer.
            RequestError: No answer; repeat the call.

        Source: GET /customers/{customerId}/coupons
        """
        path = {"customer_id": customer_id}
        return await self._caller.value(op.LIST_CUSTOMER_COUPONS, path=path)

    async def achieve_social_campaign(
        self,
        *,
        customer_id: str,
        challenge_id: int,
        email: str | None = None,
        mobile: str | None = None,
    ) -> SocialCampaignAchievement:
        """Tell that a customer did what a social campaign asks for.

        Args:
            customer_id: Your id of the customer, who must exist.
            challenge_id: A campaign of the type Social Activities.
            email: The merge key of an account that merges by e-mail.
            mobile: The merge key of an account that merges by phone.

        Returns:
            That it was accepted; the reward follows within minutes, if it is due.

        Raises:
            NotFoundError: There is no such customer.
            ApiError: With code 4000: it was told a moment ago already.
            OutcomeUnknownError: No clear answer; a repetition may be told apart, or may count.

        Source: POST /customers/social-challenges
        """
        request = SocialCampaignRequest(
            customer_id=customer_id, challenge_id=challenge_id, email=email, mobile=mobile
        )
        return await self._caller.value(op.ACHIEVE_SOCIAL_CAMPAIGN, body=request)

    async def hash(self, customer_id: str) -> CustomerHash:
        """Get the rotating digits which prove that a customer is present.

        Args:
            customer_id: Your id of the customer.

        Returns:
            Six digits for one hold or redemption; never store them.

        Raises:
            CustomerNotFoundError: There is no such customer.
            RequestError: No answer; repeat the call.

        Source: GET /customers/{customerId}/hash
        """
        path = {"customer_id": customer_id}
        return await self._caller.value(op.GET_CUSTOMER_HASH, path=path)

    async def add_tags(self, customer_id: str, tags: Sequence[str]) -> Success:
        """Attach tags to a customer.

        Args:
            customer_id: Your id of the customer.
            tags: The tags; a tag cannot hold a comma (C-38).

        Returns:
            That it is done.

        Raises:
            CustomerNotFoundError: There is no such customer.
            OutcomeUnknownError: No clear answer; repeat the call, it does the same once more.

        Source: POST /customers/{customerId}/tags
        """
        path, request = {"customer_id": customer_id}, TagsRequest(tags=joined("tags", tags))
        return await self._caller.value(op.ADD_TAGS, path=path, body=request)

    async def remove_tags(self, customer_id: str, tags: Sequence[str]) -> Success:
        """Take tags away from a customer.

        Where a proxy strips the body of the DELETE, each tag is removed by a call of its own.

        Args:
            customer_id: Your id of the customer.
            tags: The tags; a tag cannot hold a comma (C-38).

        Returns:
            That it is done.

        Raises:
            CustomerNotFoundError: There is no such customer.
            NotFoundError: One by one, and the customer has none of the tags.
            OutcomeUnknownError: No clear answer; repeat the call, it does the same once more.

        Source: DELETE /customers/{customerId}/tags
        """
        names = trimmed("tags", tags)
        path, request = {"customer_id": customer_id}, TagsRequest(tags=",".join(names))
        try:
            return await self._caller.value(op.REMOVE_TAGS, path=path, body=request)
        except (PayloadError, OutcomeUnknownError) as error:
            refused = error.last_error if isinstance(error, OutcomeUnknownError) else error
            if not isinstance(refused, PayloadError) or refused.code != 3000:
                raise
        return await self._remove_one_by_one(customer_id, names)

    async def _remove_one_by_one(self, customer_id: str, tags: Sequence[str]) -> Success:
        """Remove each tag by its own path; a tag that is not there is as good as removed (C-37)."""
        done, missing = list[Success](), list[NotFoundError]()
        for tag in tags:
            try:
                done.append(await self.remove_tag(customer_id, tag))
            except CustomerNotFoundError:
                raise
            except NotFoundError as error:
                missing.append(error)
        if not done:
            raise missing[0]
        return done[-1]

    async def remove_tag(self, customer_id: str, tag: str) -> Success:
        """Take one tag away from a customer.

        Args:
            customer_id: Your id of the customer.
            tag: The tag.

        Returns:
            That it is done.

        Raises:
            NotFoundError: There is no such customer, or the customer has no such tag.
            OutcomeUnknownError: No clear answer; repeat the call, it does the same once more.

        Source: DELETE /customers/{customerId}/tags/{tag}
        """
        path = {"customer_id": customer_id, "tag": joined("tag", (tag,))}
        proof = Proof(4004, lambda: _DONE)
        return await self._caller.value(op.REMOVE_TAG, path=path, proof=proof)

    def notifications(
        self,
        customer_id: str,
        *,
        is_read: bool | None = None,
        limit: int = MAX_LIMIT,
        start_after: str | int | None = None,
        prefetch: bool = True,
    ) -> Paginator[Notification]:
        """List a customer's notifications, newest first, page by page.

        Args:
            customer_id: Your id of the customer.
            is_read: True for those that were read, False for the others, None for all.
            limit: Rows per request, 1 to 200.
            start_after: The `id` of the notification to go on after.
            prefetch: Fetch the next page while you work on this one.

        Returns:
            An iterator over the rows; nothing is sent before it is used. A failure in the middle
            carries `cursor`, where ``start_after=`` goes on.

        Raises:
            ValueError: `limit` or `start_after` is out of range.

        Source: GET /customers/{customerId}/notifications
        """
        return lists.notifications(
            self._caller,
            customer_id,
            {"is_read": is_read, "limit": check_limit(limit)},
            start_after=lists.check_cursor(start_after),
            prefetch=prefetch,
        )

    async def notifications_count(self, customer_id: str, *, is_read: bool | None = None) -> int:
        """Count a customer's notifications.

        Args:
            customer_id: Your id of the customer.
            is_read: True for those that were read, False for the others, None for all.

        Returns:
            How many match, over all pages.

        Raises:
            CustomerNotFoundError: There is no such customer.
            ResponseDecodeError: The answer has no count.
            RequestError: No answer; repeat the call.

        Source: GET /customers/{customerId}/notifications/count
        """
        path, query = {"customer_id": customer_id}, {"is_read": is_read}
        response = await self._caller.send(op.COUNT_NOTIFICATIONS, path=path, query=query)
        return required(response, response.value.count, "count", int)

    async def mark_notifications_read(
        self, customer_id: str, notification_ids: Sequence[str]
    ) -> Success:
        """Mark notifications of a customer as read.

        Args:
            customer_id: Your id of the customer.
            notification_ids: Each the `id` of a notification.

        Returns:
            That it is done.

        Raises:
            CustomerNotFoundError: There is no such customer.
            OutcomeUnknownError: No clear answer; repeat the call, it does the same once more.

        Source: PUT /customers/{customerId}/notifications/read
        """
        path = {"customer_id": customer_id}
        request = NotificationsReadRequest(notification_ids=notification_ids)
        return await self._caller.value(op.MARK_NOTIFICATIONS_READ, path=path, body=request)
