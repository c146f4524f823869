"""What payables tells: bills that are owed or held, payments made, debit notes."""

from typing import Any

from specie.events import NewEvent, register_samples
from specie.payables.model import Bill, DebitNote, Payment

_MONEY = {"amount": 25_000_000, "currency": "IDR"}
_BILL: dict[str, Any] = {
    "bill_id": "bil_01jx3s5v0q8e5t9m2w4r6y8zab",
    "number": "BILL-00042",
    "their_number": "F-2026-118",
    "supplier_id": "pty_01jx3s5v0q8e5t9m2w4r6y8zab",
    "state": "open",
    "total": _MONEY,
    "due_on": "2026-12-05",
}
_NOTE: dict[str, Any] = {
    "debit_note_id": "dbn_01jx3s5v0q8e5t9m2w4r6y8zab",
    "number": "DN-00007",
    "bill_id": "bil_01jx3s5v0q8e5t9m2w4r6y8zab",
    "supplier_id": "pty_01jx3s5v0q8e5t9m2w4r6y8zab",
    "amount": _MONEY,
    "reason": "two sacks were wet",
}
_PAYMENT: dict[str, Any] = {
    "supplier_payment_id": "spm_01jx3s5v0q8e5t9m2w4r6y8zab",
    "supplier_id": "pty_01jx3s5v0q8e5t9m2w4r6y8zab",
    "amount": _MONEY,
    "method": "bank",
}
_TYPES: dict[str, tuple[str, dict[str, Any]]] = {
    "bill.posted": ("A supplier's bill is owed: it matched its order and what came, or was accepted.", _BILL),
    "bill.brought_in": (
        "A bill that was owed in the system used before is owed here; its total is what was owed.",
        {**_BILL, "number": "F-2026-118"},
    ),
    "bill.held": ("A supplier's bill does not match; nothing of it is owed.", {**_BILL, "state": "held"}),
    "bill.part_paid": ("Some of a bill was paid.", {**_BILL, "owed": _MONEY}),
    "bill.paying": (
        "What was owed of a bill is on its way.",
        {**_BILL, "state": "paying", "amount": _MONEY},
    ),
    "bill.reopened": ("The payout for a bill failed or came back: it is owed again.", {**_BILL, "owed": _MONEY}),
    "bill.paid": ("Nothing of a bill is owed any more.", {**_BILL, "owed": _MONEY}),
    "bill.voided": (
        "A bill was taken back in full before it was paid, or one that was brought in was withdrawn.",
        {**_BILL, "owed": _MONEY},
    ),
    "debit_note.issued": ("A bill was taken back, in full or in part.", _NOTE),
    "supplier_payment.recorded": ("A supplier was paid; what pays no bill yet was paid in advance.", _PAYMENT),
}

register_samples(_TYPES)


def bill_event(kind: str, bill: Bill, **minor: int) -> NewEvent:
    """`bill.<kind>`; amounts are given in minor units and told with the bill's currency."""
    code = bill.currency.code
    data = {
        "bill_id": str(bill.id),
        "number": bill.number,
        "their_number": bill.their_number,
        "supplier_id": str(bill.supplier_id),
        "state": bill.state.value,
        "total": {"amount": bill.total_minor, "currency": code},
        "due_on": bill.due_on.isoformat(),
    }
    told = {name: {"amount": value, "currency": code} for name, value in minor.items()}
    return NewEvent(f"bill.{kind}", ("bill", str(bill.id)), bill.version, data | told, party_id=bill.supplier_id)


def note_event(note: DebitNote) -> NewEvent:
    """`debit_note.issued`."""
    data = {
        "debit_note_id": str(note.id),
        "number": note.number,
        "bill_id": str(note.bill_id),
        "supplier_id": str(note.supplier_id),
        "amount": {"amount": note.net_minor + note.tax_minor, "currency": note.currency.code},
        "reason": note.reason,
    }
    return NewEvent("debit_note.issued", ("debit_note", str(note.id)), 1, data, party_id=note.supplier_id)


def payment_event(made: Payment) -> NewEvent:
    """`supplier_payment.recorded`."""
    data = {
        "supplier_payment_id": str(made.id),
        "supplier_id": str(made.supplier_id),
        "amount": {"amount": made.amount.minor, "currency": made.amount.currency.code},
        "method": made.method,
    }
    subject = ("supplier_payment", str(made.id))
    return NewEvent("supplier_payment.recorded", subject, 1, data, party_id=made.supplier_id)
