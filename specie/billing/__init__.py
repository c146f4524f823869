"""Billing: invoices and credit notes numbered without gaps, what customers pay, and which document it pays.

Owns the documents a business sends. What is open of one is the balance of its own account, and so is what a customer
has left from a payment or a credit note; nothing is kept twice.
"""

from specie.billing.collecting import keeper, payment_settled, request_payment
from specie.billing.crediting import credit
from specie.billing.document import Charged, Letterhead, day_words, letterhead, sheet, written
from specie.billing.errors import InvoiceCannotMove, InvoiceEmpty, InvoiceMissing, LineInvalid, LinkMissing
from specie.billing.figures import LineDraft, figures_of
from specie.billing.invariants import INVARIANTS
from specie.billing.invoicing import Standing, WriteInvoice, digest, draft, issue, set_profile, standings, still_owes
from specie.billing.model import (
    Figures,
    Invoice,
    InvoiceId,
    InvoiceState,
    Line,
    Method,
    Profile,
    ReceiptId,
    SalesOrderId,
    TaxPart,
)
from specie.billing.pdf import printed
from specie.billing.receiving import Receive, receive
from specie.billing.routes_pages import ink_on, page_headers, pdf_answer, stylesheet_path
from specie.billing.schemas import FiguresOut, InvoiceLineIn, InvoiceLineOut, InvoiceTaxOut, drafts
from specie.billing.store import invoices_by_ids, profile

__all__ = [
    "INVARIANTS",
    "Charged",
    "Figures",
    "FiguresOut",
    "Invoice",
    "InvoiceCannotMove",
    "InvoiceEmpty",
    "InvoiceId",
    "InvoiceLineIn",
    "InvoiceLineOut",
    "InvoiceMissing",
    "InvoiceState",
    "InvoiceTaxOut",
    "Letterhead",
    "Line",
    "LineDraft",
    "LineInvalid",
    "LinkMissing",
    "Method",
    "Profile",
    "ReceiptId",
    "Receive",
    "SalesOrderId",
    "Standing",
    "TaxPart",
    "WriteInvoice",
    "credit",
    "day_words",
    "digest",
    "draft",
    "drafts",
    "figures_of",
    "ink_on",
    "invoices_by_ids",
    "issue",
    "keeper",
    "letterhead",
    "page_headers",
    "payment_settled",
    "pdf_answer",
    "printed",
    "profile",
    "receive",
    "request_payment",
    "set_profile",
    "sheet",
    "standings",
    "still_owes",
    "stylesheet_path",
    "written",
]
