"""``/customers/{customerId}/tags``: words on a customer."""

from __future__ import annotations

from typing import Any, Final

from gameball_async.sandbox.limits import CUSTOMERS_POST
from gameball_async.sandbox.refusals import Refusal
from gameball_async.sandbox.routes import Route, Visit, customer_in_path, customer_of_path
from gameball_async.sandbox.shapes import IGNORED, Member, Misfit, Shape, text
from gameball_async.sandbox.wire import JsonObject


def _words(value: Any) -> tuple[str, ...]:
    """One string of words with commas between them (C-38)."""
    words = tuple(word.strip() for word in text(value).split(","))
    if not all(words):
        raise Misfit("must be words with commas between them")
    return words


TAGS: Final = Shape({"tags": Member(_words, required=True)})
_MAYBE: Final = Shape({"tags": Member(_words), "lang": IGNORED})


def add(visit: Visit) -> JsonObject:
    """``POST /customers/{customerId}/tags``."""
    profile = customer_in_path(visit)
    profile.tags = list(dict.fromkeys([*profile.tags, *visit.body["tags"]]))
    return {"success": True, "message": "Tags added successfully"}


def remove(visit: Visit) -> JsonObject:
    """``DELETE /customers/{customerId}/tags``: named in the body, or in the query (C-37)."""
    profile = customer_in_path(visit)
    named = visit.body.get("tags") or visit.query.get("tags")
    if named is None:
        raise Refusal(3000, "tags is missing")
    profile.tags = [tag for tag in profile.tags if tag not in named]
    return {"success": True, "message": "Tags removed successfully"}


def remove_one(visit: Visit) -> JsonObject:
    """``DELETE /customers/{customerId}/tags/{tag}``."""
    profile, tag = customer_in_path(visit), visit.path["tag"]
    if tag not in profile.tags:
        raise Refusal(4004, f"the customer has no tag {tag!r}")
    profile.tags = [its for its in profile.tags if its != tag]
    return {"success": True, "message": "Tag removed successfully"}


ROUTES: Final = (
    Route(
        method="POST",
        path="/customers/{customerId}/tags",
        bucket=CUSTOMERS_POST,
        answer=add,
        body=TAGS,
        writes=customer_of_path,
    ),
    Route(
        method="DELETE",
        path="/customers/{customerId}/tags",
        bucket=CUSTOMERS_POST,
        answer=remove,
        body=_MAYBE,
        body_optional=True,
        query=_MAYBE,
        writes=customer_of_path,
    ),
    Route(
        method="DELETE",
        path="/customers/{customerId}/tags/{tag}",
        bucket=CUSTOMERS_POST,
        answer=remove_one,
        writes=customer_of_path,
    ),
)
