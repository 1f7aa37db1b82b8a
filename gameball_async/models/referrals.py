"""Referrals: codes with which customers recommend."""

from attrs import frozen


@frozen(kw_only=True, weakref_slot=False)
class ReferralValidation:
    """Whether a referral code may be used."""

    is_valid: bool | None = None
    """It exists, belongs to somebody else, and may be used."""
