"""Referrals: a customer's code, and who came by it; no I/O, no clock."""

from dataclasses import dataclass
from datetime import datetime

from specie.cashback.model import PurchaseId
from specie.kernel.ids import PartyId


@dataclass(frozen=True, slots=True)
class ReferralCode:
    """What a customer gives to friends, to buy at one merchant."""

    code: str
    merchant_id: PartyId
    party_id: PartyId
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Referral:
    """Somebody who came to a merchant by another's code; `purchase_id` is the first purchase, with which both earn."""

    merchant_id: PartyId
    party_id: PartyId
    referrer_id: PartyId
    code: str
    at: datetime
    purchase_id: PurchaseId | None = None
