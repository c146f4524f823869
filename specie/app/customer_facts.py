"""What other modules add to a customer's timeline: payments, payouts, and the documents between the two sides."""

from collections.abc import Sequence

from specie.app import customer_facts_store as store
from specie.app.customer_facts_store import Found
from specie.billing import CreditNoteId, InvoiceId, LetterId, LetterKind, ReceiptId, SalesOrderId
from specie.crm import Before, Fact, FactsOf
from specie.kernel.ids import EntryId, PartyId, PaymentId, PrefixedId
from specie.payables import BillId
from specie.payouts import PayoutId
from specie.platform.db import UnitOfWork
from specie.sales import QuoteId

# The id of a document of each kind, and of what shows it: a credit note stands on its invoice, money on its entry.
_IDS: dict[str, tuple[type[PrefixedId], type[PrefixedId]]] = {
    "quote": (QuoteId, QuoteId),
    "order": (SalesOrderId, SalesOrderId),
    "invoice": (InvoiceId, InvoiceId),
    "credit_note": (CreditNoteId, InvoiceId),
    "receipt": (ReceiptId, EntryId),
    "refund": (EntryId, EntryId),
    "bill": (BillId, BillId),
    "message": (LetterId, InvoiceId),
}
# What each kind of mail is called, and what shows what it was about.
_MESSAGES: dict[LetterKind, tuple[str, type[PrefixedId]]] = {
    LetterKind.INVOICE: ("The invoice", InvoiceId),
    LetterKind.QUOTE: ("The quote", QuoteId),
    LetterKind.REMINDER: ("A reminder", InvoiceId),
    LetterKind.PORTAL: ("The address of their page", PartyId),
}


async def payments(uow: UnitOfWork, parties: Sequence[PartyId], before: Before, limit: int) -> list[Fact]:
    """Payments that these parties collect, put into their own wallets, or made with their address."""
    rows = await store.payments(uow, parties, before, limit)
    return [
        Fact("payment", str(PaymentId(row.id)), row.id, row.at, row.reference, row.amount, row.state) for row in rows
    ]


async def payouts(uow: UnitOfWork, parties: Sequence[PartyId], before: Before, limit: int) -> list[Fact]:
    """Money that leaves to these parties' bank accounts."""
    rows = await store.payouts(uow, parties, before, limit)
    return [Fact("payout", str(PayoutId(row.id)), row.id, row.at, row.reference, row.amount, row.state) for row in rows]


def documents(kind: str) -> FactsOf:
    """Where documents of one kind are found: quotes, orders, invoices, credit notes, receipts, refunds, bills, mail."""

    async def found(uow: UnitOfWork, parties: Sequence[PartyId], before: Before, limit: int) -> list[Fact]:
        return [_document(kind, row) for row in await store.documents(uow, kind, parties, before, limit)]

    return found


DOCUMENTS = tuple(_IDS)


def _document(kind: str, row: Found) -> Fact:
    own, shown = _IDS[kind]
    title = row.reference
    if kind == "message":
        title, shown = _MESSAGES[LetterKind(row.reference)]
    return Fact(kind, str(own(row.id)), row.id, row.at, title, row.amount, row.state, opens=str(shown(row.opens)))
