"""Billing: invoices and credit notes numbered without gaps, what customers pay, and which document it pays.

Owns the documents a business sends. What is open of one is the balance of its own account, and so is what a customer
has left from a payment or a credit note; nothing is kept twice.
"""

from specie.billing.ageing_model import Ages, OpenDocument, PartyAges, ages_of
from specie.billing.ageing_store import documents_of
from specie.billing.bringing import WITHDRAWAL, BringIn, bring_in
from specie.billing.collecting import business_party, keeper, payment_settled, request_all, request_payment
from specie.billing.crediting import before_credit, credit, follow_credit
from specie.billing.delivering import deliver, delivered, keep_aside
from specie.billing.delivering import issue as issue_and_deliver
from specie.billing.document import Charged, day_words, sheet, written
from specie.billing.errors import (
    InvoiceCannotMove,
    InvoiceEmpty,
    InvoiceKept,
    InvoiceMissing,
    LineInvalid,
    LinkMissing,
    NoAddress,
    NothingToPay,
    TooManyLetters,
)
from specie.billing.figures import figures_of
from specie.billing.heading import freeze_letterhead, letterhead_on
from specie.billing.invariants import INVARIANTS
from specie.billing.invoicing import (
    Standing,
    WriteInvoice,
    digest,
    draft,
    issue,
    new_token,
    set_profile,
    standings,
    still_owes,
)
from specie.billing.jobs import run_day as reminder_job
from specie.billing.letter_model import Content, Letter, LetterId, LetterKind, Step
from specie.billing.letter_routes import LetterOut
from specie.billing.letter_store import letters_of
from specie.billing.mailing import compose_as, mail_invoice
from specie.billing.mailing import request as request_letter
from specie.billing.model import (
    OPEN_STATES,
    CreditNoteId,
    Figures,
    Invoice,
    InvoiceId,
    InvoiceState,
    Letterhead,
    Line,
    LineDraft,
    Method,
    Profile,
    Receipt,
    ReceiptId,
    SalesOrderId,
    TaxPart,
)
from specie.billing.paid_store import currencies_of_customer, receipts
from specie.billing.pdf import printed
from specie.billing.postings import money_account, receivable_code
from specie.billing.public import pdf_answer, public_page, template_of
from specie.billing.receiving import Receive, credits_of, receive
from specie.billing.recurring import Recur, coming
from specie.billing.recurring import begin as begin_recurring
from specie.billing.recurring_model import Handling, RecurringId, Rhythm, Terms, Unit, line_from_json, line_to_json
from specie.billing.reminding import set_steps
from specie.billing.schemas import FiguresOut, InvoiceLineIn, InvoiceLineOut, InvoiceTaxOut, drafts
from specie.billing.selling import entries_of, entries_of_note, kept_by, sell, settle, take_back, worth
from specie.billing.stating_store import StatedInvoice, credit_stated, invoices_stated
from specie.billing.store import InvoiceFilter, invoices, invoices_by_ids, known_numbers, open_of_customer, profile

__all__ = [
    "INVARIANTS",
    "OPEN_STATES",
    "WITHDRAWAL",
    "Ages",
    "BringIn",
    "Charged",
    "Content",
    "CreditNoteId",
    "Figures",
    "FiguresOut",
    "Handling",
    "Invoice",
    "InvoiceCannotMove",
    "InvoiceEmpty",
    "InvoiceFilter",
    "InvoiceId",
    "InvoiceKept",
    "InvoiceLineIn",
    "InvoiceLineOut",
    "InvoiceMissing",
    "InvoiceState",
    "InvoiceTaxOut",
    "Letter",
    "LetterId",
    "LetterKind",
    "LetterOut",
    "Letterhead",
    "Line",
    "LineDraft",
    "LineInvalid",
    "LinkMissing",
    "Method",
    "NoAddress",
    "NothingToPay",
    "OpenDocument",
    "PartyAges",
    "Profile",
    "Receipt",
    "ReceiptId",
    "Receive",
    "Recur",
    "RecurringId",
    "Rhythm",
    "SalesOrderId",
    "Standing",
    "StatedInvoice",
    "Step",
    "TaxPart",
    "Terms",
    "TooManyLetters",
    "Unit",
    "WriteInvoice",
    "ages_of",
    "before_credit",
    "begin_recurring",
    "bring_in",
    "business_party",
    "coming",
    "compose_as",
    "credit",
    "credit_stated",
    "credits_of",
    "currencies_of_customer",
    "day_words",
    "deliver",
    "delivered",
    "digest",
    "documents_of",
    "draft",
    "drafts",
    "entries_of",
    "entries_of_note",
    "figures_of",
    "follow_credit",
    "freeze_letterhead",
    "invoices",
    "invoices_by_ids",
    "invoices_stated",
    "issue",
    "issue_and_deliver",
    "keep_aside",
    "keeper",
    "kept_by",
    "known_numbers",
    "letterhead_on",
    "letters_of",
    "line_from_json",
    "line_to_json",
    "mail_invoice",
    "money_account",
    "new_token",
    "open_of_customer",
    "payment_settled",
    "pdf_answer",
    "printed",
    "profile",
    "public_page",
    "receipts",
    "receivable_code",
    "receive",
    "reminder_job",
    "request_all",
    "request_letter",
    "request_payment",
    "sell",
    "set_profile",
    "set_steps",
    "settle",
    "sheet",
    "standings",
    "still_owes",
    "take_back",
    "template_of",
    "worth",
    "written",
]
