"""Cashback: what merchants promise their customers for buying, out of money they have paid in before.

Owns activated merchants, offers with every version of their terms, purchases, the cashback these bring and what came
back. An offer's budget, cashback on its way and every cap are accounts with floors, so nothing can be given twice.
"""

from specie.cashback.booking import find_purse, purse_of
from specie.cashback.errors import MerchantInactive, OfferMissing, PurchaseMissing
from specie.cashback.events import CATALOGUE, CashbackEvent
from specie.cashback.following import PART_OF_PURCHASE, payment_settled
from specie.cashback.invariants import INVARIANTS

# Imported so that every process that schedules this work also knows it.
from specie.cashback.jobs import mature_job
from specie.cashback.joining import earn, earned, give_back, of_party_by
from specie.cashback.merchants import follow_verification
from specie.cashback.model import PURSE, Accrual, Offer, OfferId, Purchase, PurchaseId

__all__ = [
    "CATALOGUE",
    "INVARIANTS",
    "PART_OF_PURCHASE",
    "PURSE",
    "Accrual",
    "CashbackEvent",
    "MerchantInactive",
    "Offer",
    "OfferId",
    "OfferMissing",
    "Purchase",
    "PurchaseId",
    "PurchaseMissing",
    "earn",
    "earned",
    "find_purse",
    "follow_verification",
    "give_back",
    "mature_job",
    "of_party_by",
    "payment_settled",
    "purse_of",
]
