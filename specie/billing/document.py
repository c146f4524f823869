"""An invoice as its customer reads it: words and written amounts, for the page and for the printed form."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal

from specie import parties
from specie.billing import paid_store, store
from specie.billing.heading import letterhead_on
from specie.billing.invoicing import TABLE, Standing, standing
from specie.billing.model import OPEN_STATES, CreditNote, Invoice, InvoiceId, Letterhead, Line, TaxPart
from specie.kernel.money import Currency, Money
from specie.parties import Addressee
from specie.platform.db import UnitOfWork
from specie.platform.vault import KeyRing

_LOCALE = "en"
_WRITTEN_WHOLE = frozenset({"IDR"})
"""Currencies whose minor unit nobody writes unless it is there."""


@dataclass(frozen=True, slots=True)
class Charged:
    """What a document charges, in minor units, and to whom."""

    to: Addressee
    currency: Currency
    includes_tax: bool
    reference: str
    note: str
    lines: Sequence[Line]
    taxes: Sequence[TaxPart]
    net_minor: int
    total_minor: int


@dataclass(frozen=True, slots=True)
class Document:
    """Everything that stands on an invoice."""

    found: Standing
    head: Letterhead
    charged: Charged
    day: date
    notes: Sequence[CreditNote] = ()

    @property
    def colour(self) -> str:
        """The house's colour."""
        return self.head.colour

    @property
    def is_open(self) -> bool:
        """Whether something is asked for."""
        return self.found.invoice.state in OPEN_STATES

    @property
    def is_late(self) -> bool:
        """Whether it is asked for after its day."""
        return self.found.is_late(self.day)


async def read(uow: UnitOfWork, ring: KeyRing, invoice_id: InvoiceId) -> Document:
    """An invoice with all that stands on it. Raises InvoiceMissing."""
    found = await standing(uow, invoice_id)
    invoice = found.invoice
    to = await parties.addressee_on(uow, ring, invoice.customer_id, TABLE, str(invoice_id), invoice.billed_to)
    charged = Charged(
        to=to,
        currency=invoice.currency,
        includes_tax=invoice.includes_tax,
        reference=invoice.reference,
        note=invoice.note,
        lines=await store.lines_of(uow, invoice_id),
        taxes=await store.taxes_of(uow, invoice_id),
        net_minor=invoice.net_minor,
        total_minor=invoice.total_minor,
    )
    notes = await paid_store.notes_of(uow, invoice_id)
    head = await letterhead_on(uow, invoice.letterhead)
    return Document(found, head, charged, uow.business_date, notes)


def written(minor: int, currency: Currency) -> str:
    """An amount as people write it, with the currency's code; decimals nobody writes appear only when not zero."""
    is_whole = currency.code in _WRITTEN_WHOLE and minor % 10**currency.exponent == 0
    digits = 0 if is_whole else currency.exponent
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return f"{currency.code} {format_decimal(Money(minor, currency).major(), pattern, locale=_LOCALE)}"


def told(document: Document) -> dict[str, Any]:
    """The words of an invoice, all as text, in the order of its lines."""
    invoice, currency = document.found.invoice, document.found.invoice.currency
    # Of one that was withdrawn nothing is open, and nothing was paid.
    paid = 0 if invoice.withdrawn_id else invoice.total_minor - document.found.open_minor
    issued_on, due_on, left = day_words(invoice.issued_on), day_words(invoice.due_on), document.found.open_minor
    dated = "Invoice of" if invoice.is_brought_in else "Issued"
    return (
        sheet(document.head, document.charged)
        | _stands_for(invoice)
        | {
            "number": invoice.number or "Draft",
            "facts": [(dated, issued_on), ("Due", due_on), ("To pay", written(left, currency))],
            "dated": dated,
            "issued_on": issued_on,
            "due_on": due_on,
            "state": _state(document),
            "paid": written(paid, currency) if paid and invoice.number else "",
            "open": written(left, currency),
            "credit_notes": [
                {"number": one.number, "total": written(one.total_minor, currency)} for one in document.notes
            ],
        }
    )


def _stands_for(invoice: Invoice) -> dict[str, str]:
    """What kind of document it is: of an invoice issued elsewhere only the account is stated."""
    if not invoice.is_brought_in:
        return {"kind": "Deposit invoice" if invoice.is_deposit else "Invoice", "to": "Billed to"}
    return {
        "kind": "Statement of account",
        "to": "Account of",
        "net": "",
        "notice": f"This is not a tax invoice. It states what is open of invoice {invoice.name} of "
        f"{day_words(invoice.issued_on)}, which was sent to you then.",
    }


def sheet(head: Letterhead, charged: Charged) -> dict[str, Any]:
    """The words that every document has, all as text."""
    currency = charged.currency
    return {
        "seller": head.seller,
        "address": head.address.splitlines(),
        "tax_number": head.tax_number,
        "footer": head.footer,
        "customer": charged.to.name,
        "customer_address": post_lines(charged.to, head.country),
        "customer_tax_number": charged.to.tax_number,
        "reference": charged.reference,
        "note": charged.note,
        "includes_tax": charged.includes_tax,
        "lines": [_line(line, currency) for line in charged.lines],
        "net": written(charged.net_minor, currency),
        "taxes": [
            {"name": part.name, "base": written(part.base_minor, currency), "tax": written(part.tax_minor, currency)}
            for part in charged.taxes
        ],
        "total": written(charged.total_minor, currency),
        "paid": "",
        "open": "",
        "notice": "",
    }


def post_lines(to: Addressee, home: str) -> list[str]:
    """The lines below a name: the address, and the country where post does not find it without."""
    abroad = [_country(to.country)] if to.country and to.country != home else []
    return [*to.address.splitlines(), *abroad]


def _country(code: str) -> str:
    name: str = Locale.parse(_LOCALE).territories.get(code, code)
    return name


def _line(line: Line, currency: Currency) -> dict[str, str]:
    off = f"{(line.discount * 100).normalize():f}" if line.discount else ""
    return {
        "description": line.description,
        "quantity": f"{line.quantity:f} {line.unit}".strip(),
        "price": written(line.unit_price_minor, currency),
        "discount": f"−{off}%" if off else "",
        "taxes": ", ".join(_rate(part) for part in line.taxes),
        "net": written(line.net_minor, currency),
    }


def _rate(part: TaxPart) -> str:
    return f"{(part.rate * Decimal(100)).normalize():f}%"


def day_words(day: date | None) -> str:
    """A day as people write it; nothing for none."""
    return format_date(day, "d MMMM yyyy", locale=_LOCALE) if day else ""


def _state(document: Document) -> str:
    if document.is_late:
        return "overdue"
    return document.found.invoice.state.value
