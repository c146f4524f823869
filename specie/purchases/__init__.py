"""Purchases: one total that a customer pays with several tenders, whole or not at all, and that comes back as it came.

Owns purchases, their legs and refunds. Each tender sets its part aside in its own module's accounts; what may still
be given back is an account as well. The order of commits is the payment's: whatever the provider's answer brings,
every leg posts with it or none does.
"""

from specie.purchases.following import keeper, payment_ended, payment_paid
from specie.purchases.invariants import INVARIANTS

# Imported so that every process that schedules this work also knows it.
from specie.purchases.jobs import look_job
from specie.purchases.lines import Line, LineBack
from specie.purchases.model import Purchase, PurchaseId, PurchaseState, TenderKind, Wish
from specie.purchases.refunding import KIND as REFUND_KIND
from specie.purchases.refunding import WantedRefund, refunds_of
from specie.purchases.refunding import decided as refund_decided
from specie.purchases.refunding import request as request_refund
from specie.purchases.service import OpenPurchase, legs_of, open_purchase, pay
from specie.purchases.store import PurchaseFilter
from specie.purchases.store import purchases as find

__all__ = [
    "INVARIANTS",
    "REFUND_KIND",
    "Line",
    "LineBack",
    "OpenPurchase",
    "Purchase",
    "PurchaseFilter",
    "PurchaseId",
    "PurchaseState",
    "TenderKind",
    "WantedRefund",
    "Wish",
    "find",
    "keeper",
    "legs_of",
    "look_job",
    "open_purchase",
    "pay",
    "payment_ended",
    "payment_paid",
    "refund_decided",
    "refunds_of",
    "request_refund",
]
