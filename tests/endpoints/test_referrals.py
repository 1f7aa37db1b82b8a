"""Referral codes: the exact wire format."""

from __future__ import annotations

import pytest

from gameball_async import CustomerNotFoundError, operations as op
from tests.clients import client
from tests.wire import json_reply, refusal, wire


def test_the_operation_is_what_the_table_says_c_35_c_47() -> None:
    operation = op.VALIDATE_REFERRAL
    assert ("GET /referrals/validate", "others") == (operation.name, operation.bucket)
    assert ("read", False, None) == (operation.replay, operation.secret, operation.language)


@pytest.mark.parametrize("valid", [True, False])
async def test_a_code_is_valid_or_not(valid: bool) -> None:
    async with wire(json_reply(isValid=valid)) as server, client(server.url) as gameball:
        found = await gameball.referrals.validate(referrer_code="a+b", for_customer_id="c")
    assert valid is found.is_valid
    assert [
        "GET /api/v4/integrations/referrals/validate?referrerCode=a%2Bb&forCustomerId=c"
    ] == server.targets


async def test_an_unknown_code_may_be_refused() -> None:
    async with wire(refusal(404, 7003)) as server, client(server.url) as gameball:
        with pytest.raises(CustomerNotFoundError):
            await gameball.referrals.validate(referrer_code="no")
    assert server.targets[0].endswith("?referrerCode=no")


async def test_an_empty_code_is_refused_before_anything_is_sent() -> None:
    async with wire() as server, client(server.url) as gameball:
        with pytest.raises(ValueError, match="referrer_code must not be empty"):
            await gameball.referrals.validate(referrer_code="")
    assert [] == server.seen
