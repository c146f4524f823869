"""An invoice as its customer reads it: words and written amounts, for the page and for the printed form."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal

from specie import identity, parties
from specie.billing import store
from specie.billing.invoicing import Standing, standing
from specie.billing.model import OPEN_STATES, InvoiceId, Line, Profile, TaxPart
from specie.kernel.errors import NotFound
from specie.kernel.money import Currency, Money
from specie.platform.db import UnitOfWork
from specie.platform.vault import KeyRing

_LOCALE = "en"
_PLAIN_COLOUR = "#1f4fd8"
_WRITTEN_WHOLE = frozenset({"IDR"})
"""Currencies whose minor unit nobody writes unless it is there."""


@dataclass(frozen=True, slots=True)
class Document:
    """Everything that stands on an invoice."""

    found: Standing
    profile: Profile
    seller: str
    colour: str
    customer: str
    lines: list[Line]
    taxes: list[TaxPart]
    day: date

    @property
    def is_open(self) -> bool:
        """Whether something is asked for."""
        return self.found.invoice.state in OPEN_STATES

    @property
    def is_late(self) -> bool:
        """Whether it is asked for after its day."""
        due_on = self.found.invoice.due_on
        return self.is_open and due_on is not None and due_on < self.day


async def read(uow: UnitOfWork, ring: KeyRing, invoice_id: InvoiceId) -> Document:
    """An invoice with all that stands on it. Raises InvoiceMissing."""
    found = await standing(uow, invoice_id)
    customer_id = found.invoice.customer_id
    name, colour = await _house(uow)
    profile = await store.profile(uow)
    return Document(
        found=found,
        profile=profile,
        seller=profile.name or name,
        colour=colour,
        customer=(await parties.names(uow, ring, [customer_id])).get(customer_id, ""),
        lines=await store.lines_of(uow, invoice_id),
        taxes=await store.taxes_of(uow, invoice_id),
        day=uow.business_date,
    )


async def _house(uow: UnitOfWork) -> tuple[str, str]:
    try:
        tenant = await identity.own_tenant(uow)
    except NotFound:
        return "", _PLAIN_COLOUR
    return tenant.name, tenant.branding.primary_colour


def written(minor: int, currency: Currency) -> str:
    """An amount as people write it, with the currency's code; decimals nobody writes appear only when not zero."""
    is_whole = currency.code in _WRITTEN_WHOLE and minor % 10**currency.exponent == 0
    digits = 0 if is_whole else currency.exponent
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return f"{currency.code} {format_decimal(Money(minor, currency).major(), pattern, locale=_LOCALE)}"


def told(document: Document) -> dict[str, Any]:
    """The words of the document, all as text, in the order of its lines."""
    invoice, profile = document.found.invoice, document.profile

    def amount(minor: int) -> str:
        return written(minor, invoice.currency)

    paid = invoice.total_minor - document.found.open_minor
    return {
        "number": invoice.number or "Draft",
        "seller": document.seller,
        "address": profile.address.splitlines(),
        "tax_number": profile.tax_number,
        "footer": profile.footer,
        "customer": document.customer,
        "reference": invoice.reference,
        "note": invoice.note,
        "issued_on": _day(invoice.issued_on),
        "due_on": _day(invoice.due_on),
        "state": _state(document),
        "includes_tax": invoice.includes_tax,
        "lines": [_line(line, invoice.currency) for line in document.lines],
        "net": amount(invoice.net_minor),
        "taxes": [
            {"name": part.name, "base": amount(part.base_minor), "tax": amount(part.tax_minor)}
            for part in document.taxes
        ],
        "total": amount(invoice.total_minor),
        "paid": amount(paid) if paid and invoice.number else "",
        "open": amount(document.found.open_minor),
    }


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


def _day(day: date | None) -> str:
    return format_date(day, "d MMMM yyyy", locale=_LOCALE) if day else ""


def _state(document: Document) -> str:
    if document.is_late:
        return "overdue"
    return document.found.invoice.state.value
