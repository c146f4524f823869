"""Billing: invoices and credit notes numbered without gaps, what customers pay, and which document it pays.

Owns the documents a business sends. What is open of one is the balance of its own account, and so is what a customer
has left from a payment or a credit note; nothing is kept twice.
"""

from specie.billing.collecting import keeper, payment_settled, request_payment
from specie.billing.crediting import credit
from specie.billing.errors import InvoiceMissing, LinkMissing
from specie.billing.figures import LineDraft
from specie.billing.invariants import INVARIANTS
from specie.billing.invoicing import WriteInvoice, draft, issue, set_profile, still_owes
from specie.billing.model import Invoice, InvoiceId, InvoiceState, Method, Profile, ReceiptId
from specie.billing.receiving import Receive, receive

__all__ = [
    "INVARIANTS",
    "Invoice",
    "InvoiceId",
    "InvoiceMissing",
    "InvoiceState",
    "LineDraft",
    "LinkMissing",
    "Method",
    "Profile",
    "ReceiptId",
    "Receive",
    "WriteInvoice",
    "credit",
    "draft",
    "issue",
    "keeper",
    "payment_settled",
    "receive",
    "request_payment",
    "set_profile",
    "still_owes",
]
