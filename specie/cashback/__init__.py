"""Cashback: what merchants promise their customers for buying, out of money they have paid in before.

Owns activated merchants, offers with every version of their terms, purchases, the cashback these bring and what came
back. An offer's budget, cashback on its way and every cap are accounts with floors, so nothing can be given twice.
"""

from specie.cashback.errors import MerchantInactive, OfferMissing, PurchaseMissing
from specie.cashback.events import CATALOGUE, CashbackEvent
from specie.cashback.following import payment_settled
from specie.cashback.invariants import INVARIANTS
from specie.cashback.merchants import follow_verification
from specie.cashback.model import PURSE, Offer, OfferId, Purchase, PurchaseId

__all__ = [
    "CATALOGUE",
    "INVARIANTS",
    "PURSE",
    "CashbackEvent",
    "MerchantInactive",
    "Offer",
    "OfferId",
    "OfferMissing",
    "Purchase",
    "PurchaseId",
    "PurchaseMissing",
    "follow_verification",
    "payment_settled",
]
