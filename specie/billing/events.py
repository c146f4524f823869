"""What billing tells: one event for every change an invoice, a payment received or a credit note goes through."""

from typing import Any

from specie.billing.letter_model import Letter
from specie.billing.model import CreditNote, Invoice, Receipt
from specie.billing.recurring_model import Recurring
from specie.events import NewEvent, register_samples

_INVOICE: dict[str, Any] = {
    "invoice_id": "inv_01jx3s5v0q8e5t9m2w4r6y8zab",
    "number": "INV-00042",
    "customer_id": "pty_01jx3s5v0q8e5t9m2w4r6y8zab",
    "state": "issued",
    "total": {"amount": 150_000_000, "currency": "IDR"},
    "issued_on": "2026-11-21",
    "due_on": "2026-12-05",
}
_MONEY = {"amount": 25_000_000, "currency": "IDR"}
_RECEIPT: dict[str, Any] = {
    "receipt_id": "rct_01jx3s5v0q8e5t9m2w4r6y8zab",
    "customer_id": "pty_01jx3s5v0q8e5t9m2w4r6y8zab",
    "amount": _MONEY,
    "method": "bank",
    "payment_id": None,
}
_NOTE: dict[str, Any] = {
    "credit_note_id": "cdn_01jx3s5v0q8e5t9m2w4r6y8zab",
    "number": "CN-00007",
    "invoice_id": "inv_01jx3s5v0q8e5t9m2w4r6y8zab",
    "customer_id": "pty_01jx3s5v0q8e5t9m2w4r6y8zab",
    "amount": _MONEY,
    "reason": "one box was broken",
}
_LETTER: dict[str, Any] = {
    "letter_id": "ltr_01jx3s5v0q8e5t9m2w4r6y8zab",
    "kind": "invoice",
    "document_id": "01990a1b-7d60-7c4e-8f00-000000000000",
    "customer_id": "pty_01jx3s5v0q8e5t9m2w4r6y8zab",
    "error": "",
}
_RECURRING: dict[str, Any] = {
    "recurring_id": "rin_01jx3s5v0q8e5t9m2w4r6y8zab",
    "customer_id": "pty_01jx3s5v0q8e5t9m2w4r6y8zab",
    "period": 4,
    "reason": "a tax rate of the lines is archived",
}
_TYPES: dict[str, tuple[str, dict[str, Any]]] = {
    "invoice.issued": ("An invoice has its number; the customer owes it.", _INVOICE),
    "invoice.brought_in": (
        "An invoice that was open in the system used before is owed here; its total is what was open.",
        {**_INVOICE, "number": "2025/0318", "issued_on": "2025-11-21"},
    ),
    "invoice.part_paid": ("Some of an invoice was paid.", {**_INVOICE, "paid": _MONEY, "open": _MONEY}),
    "invoice.paid": ("Nothing of an invoice is open any more.", {**_INVOICE, "paid": _MONEY, "open": _MONEY}),
    "invoice.voided": (
        "An invoice was credited in full before it was paid, or one that was brought in was withdrawn.",
        {**_INVOICE, "open": _MONEY},
    ),
    "receipt.recorded": ("A customer paid; what pays no invoice yet is the customer's credit.", _RECEIPT),
    "receipt.refunded": ("A customer's credit was paid back.", {"source_id": _RECEIPT["receipt_id"], "amount": _MONEY}),
    "letter.sent": ("A document went to its customer by mail.", _LETTER),
    "letter.given_up": ("A mail with a document could not be sent.", {**_LETTER, "error": "no such mailbox"}),
    "recurring_invoice.paused": ("A period could not be charged; nothing is until it is resumed.", _RECURRING),
    "credit_note.issued": ("An invoice was taken back, in full or in part.", _NOTE),
}

register_samples(_TYPES)


def invoice_event(kind: str, invoice: Invoice, **minor: int) -> NewEvent:
    """`invoice.<kind>`; amounts are given in minor units and told with the invoice's currency."""
    data = {
        "invoice_id": str(invoice.id),
        "number": invoice.number,
        "customer_id": str(invoice.customer_id),
        "state": invoice.state.value,
        "total": _amount(invoice, invoice.total_minor),
        "issued_on": invoice.issued_on.isoformat() if invoice.issued_on else None,
        "due_on": invoice.due_on.isoformat() if invoice.due_on else None,
    }
    told = {name: _amount(invoice, value) for name, value in minor.items()}
    subject = ("invoice", str(invoice.id))
    return NewEvent(f"invoice.{kind}", subject, invoice.version, data | told, party_id=invoice.customer_id)


def receipt_event(receipt: Receipt) -> NewEvent:
    """`receipt.recorded`."""
    data = {
        "receipt_id": str(receipt.id),
        "customer_id": str(receipt.customer_id),
        "amount": {"amount": receipt.amount.minor, "currency": receipt.amount.currency.code},
        "method": receipt.method.value,
        "payment_id": str(receipt.payment_id) if receipt.payment_id else None,
    }
    return NewEvent("receipt.recorded", ("receipt", str(receipt.id)), 1, data, party_id=receipt.customer_id)


def note_event(note: CreditNote) -> NewEvent:
    """`credit_note.issued`."""
    data = {
        "credit_note_id": str(note.id),
        "number": note.number,
        "invoice_id": str(note.invoice_id),
        "customer_id": str(note.customer_id),
        "amount": _amount(note, note.total_minor),
        "reason": note.reason,
    }
    return NewEvent("credit_note.issued", ("credit_note", str(note.id)), 1, data, party_id=note.customer_id)


def recurring_event(kind: str, of: Recurring) -> NewEvent:
    """`recurring_invoice.<kind>`."""
    data = {
        "recurring_id": str(of.id),
        "customer_id": str(of.customer_id),
        "period": of.next_period,
        "reason": of.trouble,
    }
    subject = ("recurring_invoice", str(of.id))
    return NewEvent(f"recurring_invoice.{kind}", subject, of.version, data, party_id=of.customer_id)


def letter_event(letter: Letter) -> NewEvent:
    """`letter.sent` or `letter.given_up`."""
    data = {
        "letter_id": str(letter.id),
        "kind": letter.kind.value,
        "document_id": str(letter.document_id),
        "customer_id": str(letter.customer_id),
        "error": letter.error,
    }
    subject = ("letter", str(letter.id))
    return NewEvent(f"letter.{letter.state.value}", subject, letter.tries, data, party_id=letter.customer_id)


def _amount(of: Invoice | CreditNote, minor: int) -> dict[str, Any]:
    return {"amount": minor, "currency": of.currency.code}
