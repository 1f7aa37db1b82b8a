"""The leaderboard: who is ahead."""

from attrs import field, frozen

from gameball_async.models.fields import Number


@frozen(kw_only=True, weakref_slot=False)
class LeaderboardRow:
    """A customer's place."""

    display_name: str | None = field(default=None, repr=False)
    customer_id: str | None = field(default=None, metadata={"also": ("playerUniqueId",)})
    """Your id; a tutorial calls it playerUniqueId (C-53)."""
    progress: Number | None = None
    """Points or score."""
    rank: Number | None = None
    """1 is best."""
    tier_name: str | None = None
    tier_icon: str | None = None


@frozen(kw_only=True, weakref_slot=False)
class LeaderboardRanking:
    """The board, best first; not paged."""

    leaderboard: list[LeaderboardRow] | None = None
    customer_rank: Number | None = None
    """Place of the customer asked for."""
    customers_count: int | None = None
    """Customers on the board."""
