"""Purchases: one total that a customer pays with several tenders, whole or not at all, and that comes back as it came.

Owns purchases, their legs and refunds. Each tender sets its part aside in its own module's accounts; what may still
be given back is an account as well. The order of commits is the payment's: whatever the provider's answer brings,
every leg posts with it or none does.
"""

from specie.purchases.buying import choose_again, in_person, pay_in_person
from specie.purchases.detail import Possible, Preview, possible, preview
from specie.purchases.errors import PurchaseCannotMove, PurchaseExpired, PurchaseMissing
from specie.purchases.following import keeper, order_keeper, payment_ended, payment_paid, purchase_of
from specie.purchases.goods import refuse_credit
from specie.purchases.goods_store import Goods
from specie.purchases.invariants import INVARIANTS
from specie.purchases.invoice_plans import begun as order_begun

# Imported so that every process that schedules this work also knows it.
from specie.purchases.jobs import look_job
from specie.purchases.keys import set_vault
from specie.purchases.lines import Line, LineBack
from specie.purchases.model import Leg, Purchase, PurchaseId, PurchaseState, TenderKind, Wish
from specie.purchases.page import set_page
from specie.purchases.refunding import KIND as REFUND_KIND
from specie.purchases.refunding import WantedRefund, refunds_of
from specie.purchases.refunding import decided as refund_decided
from specie.purchases.refunding import request as request_refund
from specie.purchases.service import OpenPurchase, legs_of, open_purchase, pay, still_held
from specie.purchases.service import get as get_purchase
from specie.purchases.store import PurchaseFilter
from specie.purchases.store import purchases as find

__all__ = [
    "INVARIANTS",
    "REFUND_KIND",
    "Goods",
    "Leg",
    "Line",
    "LineBack",
    "OpenPurchase",
    "Possible",
    "Preview",
    "Purchase",
    "PurchaseCannotMove",
    "PurchaseExpired",
    "PurchaseFilter",
    "PurchaseId",
    "PurchaseMissing",
    "PurchaseState",
    "TenderKind",
    "WantedRefund",
    "Wish",
    "choose_again",
    "find",
    "get_purchase",
    "in_person",
    "keeper",
    "legs_of",
    "look_job",
    "open_purchase",
    "order_begun",
    "order_keeper",
    "pay",
    "pay_in_person",
    "payment_ended",
    "payment_paid",
    "possible",
    "preview",
    "purchase_of",
    "refund_decided",
    "refunds_of",
    "refuse_credit",
    "request_refund",
    "set_page",
    "set_vault",
    "still_held",
]
