"""A portal as its customer reads it: words and written amounts, all as text."""

from typing import Any

from specie.billing import Invoice, Receipt, Standing, day_words, written
from specie.portal.model import Overview, Owed
from specie.sales import Quote


def told(overview: Overview) -> dict[str, Any]:
    """The words of a portal, each list in the order of the overview."""
    head = overview.head
    return {
        "seller": head.seller,
        "address": head.address.splitlines(),
        "tax_number": head.tax_number,
        "footer": head.footer,
        "customer": overview.customer,
        "owed": [_owed(each, overview) for each in overview.owed],
        "offered": [_offer(each) for each in overview.offered],
        "settled": [_settled(each) for each in overview.settled],
        "older": str(overview.settled[-1].id) if overview.older else "",
        "received": [_received(each) for each in overview.received],
    }


def _owed(owed: Owed, overview: Overview) -> dict[str, Any]:
    late, currency = owed.late_minor(overview.day), owed.currency
    return {
        "currency": currency.code,
        "open": written(owed.open_minor, currency),
        "late": written(late, currency) if late else "",
        "credit": written(owed.credit_minor, currency) if owed.credit_minor else "",
        "invoices": [_asking(each, overview) for each in owed.invoices],
    }


def _asking(found: Standing, overview: Overview) -> dict[str, str]:
    state = "overdue" if found.is_late(overview.day) else found.invoice.state.value
    return _line(found.invoice) | {"state": state, "open": written(found.open_minor, found.invoice.currency)}


def _settled(invoice: Invoice) -> dict[str, str]:
    return _line(invoice) | {"state": invoice.state.value}


def _line(invoice: Invoice) -> dict[str, str]:
    return {
        "number": invoice.number or "",
        "path": f"/invoice/{invoice.token}",
        "issued_on": day_words(invoice.issued_on),
        "due_on": day_words(invoice.due_on),
        "total": written(invoice.total_minor, invoice.currency),
    }


def _offer(quote: Quote) -> dict[str, str]:
    return {
        "number": quote.number,
        "path": f"/quote/{quote.token}",
        "valid_until": day_words(quote.valid_until),
        "total": written(quote.total_minor, quote.currency),
    }


def _received(receipt: Receipt) -> dict[str, str]:
    return {
        "on": day_words(receipt.received_on),
        "amount": written(receipt.amount.minor, receipt.amount.currency),
        "reference": receipt.reference,
    }
