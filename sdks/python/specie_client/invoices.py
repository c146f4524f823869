"""Invoices, from the draft to the money."""

from __future__ import annotations

from collections.abc import Sequence

from specie_client.calls import Call, Listing, call, given, path
from specie_client.types import Amount, Invoice, InvoiceLine, PayLink


def draft(
    *,
    customer_id: str,
    currency: str,
    lines: Sequence[InvoiceLine],
    includes_tax: bool | None = None,
    due_days: int | None = None,
    reference: str | None = None,
    note: str | None = None,
) -> Call[Invoice]:
    """Write a draft. Prices hold the tax already when `includes_tax`."""
    body = {
        "customer_id": customer_id,
        "currency": currency,
        "lines": lines,
        "includes_tax": includes_tax,
        "due_days": due_days,
        "reference": reference,
        "note": note,
    }
    return call("POST", "/billing/invoices", body=body)


def issue(invoice_id: str) -> Call[Invoice]:
    """Give a draft its number and post it. It can no longer be changed, only credited."""
    return call("POST", path("/billing/invoices/{}/issue", invoice_id))


def get(invoice_id: str) -> Call[Invoice]:
    """One invoice."""
    return call("GET", path("/billing/invoices/{}", invoice_id))


def pdf(invoice_id: str) -> Call[bytes]:
    """The invoice as PDF."""
    return call("GET", path("/billing/invoices/{}/pdf", invoice_id))


def ubl(invoice_id: str, *, buyer_country: str | None = None) -> Call[bytes]:
    """The issued invoice as an electronic one: UBL 2.1 after EN 16931."""
    return call("GET", path("/billing/invoices/{}/ubl", invoice_id), {"buyer_country": buyer_country})


def each(
    *,
    state: str | None = None,
    customer_id: str | None = None,
    overdue: bool | None = None,
    q: str | None = None,
    limit: int = 100,
) -> Listing[Invoice]:
    """Invoices, the newest first."""
    late = None if overdue is None else str(overdue).lower()
    query = {"state": state, "customer_id": customer_id, "overdue": late, "q": q, "limit": limit}
    return Listing("/billing/invoices", given(query))


def pay_link(invoice_id: str, *, amount: Amount | None = None) -> Call[PayLink]:
    """A payment for what is open of an invoice, or for a part of it."""
    return call("POST", path("/billing/invoices/{}/pay-link", invoice_id), body={"amount": amount})


def credit(invoice_id: str, *, reason: str) -> Call[Invoice]:
    """Credit all that is left of an invoice."""
    return call("POST", path("/billing/invoices/{}/credit-notes", invoice_id), body={"reason": reason})
