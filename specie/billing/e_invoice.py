"""What an electronic invoice after EN 16931 says, apart from its syntax.

The standard knows one tax category on each line, two decimals in amounts, and wants to know the countries and who the
seller is for the tax office. What does not fit is refused with every reason at once.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import groupby

from specie.billing.document import Document
from specie.billing.errors import EInvoiceImpossible
from specie.billing.model import Line
from specie.kernel.money import Currency

STANDARD = "urn:cen.eu:en16931:2017"
_COMMERCIAL_INVOICE = "380"
_PREPAYMENT = "386"
_UNWRITABLE = re.compile("[^\\t\\n\\r\\u0020-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")
_MOST_DECIMALS = 2
_PRICE_DECIMALS = Decimal("0.000001")
UNITS = {
    "bag": "XBG", "box": "XBX", "day": "DAY", "days": "DAY", "g": "GRM", "h": "HUR", "hour": "HUR", "hours": "HUR",
    "kg": "KGM", "km": "KMT", "l": "LTR", "litre": "LTR", "m": "MTR", "m2": "MTK", "m²": "MTK", "m3": "MTQ",
    "m³": "MTQ", "month": "MON", "months": "MON", "pc": "H87", "pcs": "H87", "piece": "H87", "pieces": "H87",
    "t": "TNE", "week": "WEE", "weeks": "WEE", "year": "ANN", "years": "ANN",
}  # fmt: skip
_ONE = "C62"
# Greece is GR in addresses and EL in tax numbers.
_VAT_PREFIXES = {"GR": "EL"}


@dataclass(frozen=True, slots=True)
class Category:
    """A tax category of the standard: S at a rate, Z at none beside others, O when nothing here is taxed at all."""

    code: str
    percent: Decimal

    @property
    def reason(self) -> str:
        """Why there is no tax, where the standard asks."""
        return "Not subject to VAT" if self.code == "O" else ""


class Scheme(StrEnum):
    """What a tax number is for the tax office: a VAT identifier, or one of its own."""

    VAT = "VAT"
    LOCAL = "TAX"


@dataclass(frozen=True, slots=True)
class EInvoiceLine:
    """A line; `price` is for one unit, after discounts and before tax."""

    n: int
    name: str
    quantity: Decimal
    unit_code: str
    price: Decimal
    net: str
    category: Category


@dataclass(frozen=True, slots=True)
class EInvoiceTax:
    """What one category comes to on the whole invoice."""

    category: Category
    base: str
    tax: str


@dataclass(frozen=True, slots=True)
class EInvoiceParty:
    """Who sells or buys."""

    name: str
    address: tuple[str, ...]
    country: str
    tax_number: str

    @property
    def is_vat_number(self) -> bool:
        """Whether the tax number is a VAT identifier, which begins with its country."""
        return self.tax_number.startswith(_VAT_PREFIXES.get(self.country, self.country))


@dataclass(frozen=True, slots=True)
class EInvoice:
    """Everything that is said, amounts as decimal text in the invoice's currency."""

    number: str
    issued_on: str
    due_on: str
    currency: str
    reference: str
    note: str
    seller: EInvoiceParty
    buyer: EInvoiceParty
    lines: tuple[EInvoiceLine, ...]
    taxes: tuple[EInvoiceTax, ...]
    net: str
    tax: str
    total: str
    paid: str
    open: str
    is_deposit: bool = False

    @property
    def type_code(self) -> str:
        """Which kind of invoice it is."""
        return _PREPAYMENT if self.is_deposit else _COMMERCIAL_INVOICE

    @property
    def is_taxed(self) -> bool:
        """Whether tax is spoken of at all: who is outside of it names no tax number."""
        return any(part.category.code != "O" for part in self.taxes)

    @property
    def seller_scheme(self) -> Scheme | None:
        """What the seller's tax number is."""
        if not self.is_taxed:
            return None
        return Scheme.VAT if self.seller.is_vat_number else Scheme.LOCAL

    @property
    def buyer_scheme(self) -> Scheme | None:
        """What the buyer's is: the standard asks buyers for a VAT identifier only."""
        return Scheme.VAT if self.is_taxed and self.buyer.is_vat_number else None


def writable(text: str) -> str:
    """A text as XML can hold it: without control characters, which it cannot even escape."""
    return _UNWRITABLE.sub("", text)


def of_document(document: Document, buyer_country: str | None) -> EInvoice:
    """The electronic form of an issued invoice.

    The buyer is where its address says, unless `buyer_country` does; with neither, in the seller's country.

    Raises EInvoiceImpossible with all reasons.
    """
    reasons = list(_reasons(document))
    if reasons:
        raise EInvoiceImpossible("; ".join(reasons), reasons=reasons)
    invoice, head = document.found.invoice, document.head
    currency, is_taxed = invoice.currency, bool(document.charged.taxes)
    open_minor, to = document.found.open_minor, document.charged.to
    return EInvoice(
        number=invoice.name,
        issued_on=invoice.issued_on.isoformat() if invoice.issued_on else "",
        due_on=invoice.due_on.isoformat() if invoice.due_on else "",
        currency=currency.code,
        reference=invoice.reference,
        note=invoice.note,
        seller=_party(head.seller, head.address, head.country, head.tax_number),
        buyer=_party(to.name, to.address, buyer_country or to.country or head.country, to.tax_number),
        lines=tuple(_line(line, currency, is_taxed=is_taxed) for line in document.charged.lines),
        taxes=tuple(_taxes(document.charged.lines, currency, is_taxed=is_taxed)),
        net=_decimal(invoice.net_minor, currency),
        tax=_decimal(invoice.tax_minor, currency),
        total=_decimal(invoice.total_minor, currency),
        paid=_decimal(invoice.total_minor - open_minor, currency),
        open=_decimal(open_minor, currency),
        is_deposit=invoice.is_deposit,
    )


def _reasons(document: Document) -> Iterator[str]:
    head, invoice = document.head, document.found.invoice
    if invoice.number is None:
        yield "issue the invoice first"
    if invoice.is_brought_in:
        yield "it was issued in the system used before, and so is its electronic form"
    if not head.country:
        yield "its letterhead names no country"
    if not head.tax_number:
        yield "its letterhead names no tax number"
    if not head.seller:
        yield "its letterhead names no business"
    if not document.charged.to.name:
        yield "the customer has no name"
    if invoice.currency.exponent > _MOST_DECIMALS:
        yield f"{invoice.currency.code} has more than two decimals"
    yield from (f"line {line.n} has more than one tax" for line in document.charged.lines if len(line.taxes) > 1)


def _party(name: str, address: str, country: str, tax_number: str) -> EInvoiceParty:
    return EInvoiceParty(name, tuple(address.splitlines()), country, tax_number.replace(" ", ""))


def _line(line: Line, currency: Currency, *, is_taxed: bool) -> EInvoiceLine:
    net = Decimal(line.net_minor).scaleb(-currency.exponent)
    return EInvoiceLine(
        n=line.n,
        name=line.description,
        quantity=line.quantity,
        unit_code=UNITS.get(line.unit.strip().lower(), _ONE),
        price=(net / line.quantity).quantize(_PRICE_DECIMALS) if line.quantity else net,
        net=_decimal(line.net_minor, currency),
        category=_category(line, is_taxed=is_taxed),
    )


def _category(line: Line, *, is_taxed: bool) -> Category:
    rate = line.taxes[0].rate if line.taxes else Decimal(0)
    if rate:
        return Category("S", (rate * 100).normalize())
    return Category("Z" if is_taxed else "O", Decimal(0))


def _taxes(lines: Sequence[Line], currency: Currency, *, is_taxed: bool) -> Iterator[EInvoiceTax]:
    """Sums of the lines by category, so that they add up whatever the taxes are called."""

    def category(line: Line) -> Category:
        return _category(line, is_taxed=is_taxed)

    def order(line: Line) -> tuple[str, Decimal]:
        found = category(line)
        return found.code, found.percent

    for _, group in groupby(sorted(lines, key=order), key=order):
        alike = list(group)
        base, tax = sum(line.net_minor for line in alike), sum(line.tax_minor for line in alike)
        yield EInvoiceTax(category(alike[0]), _decimal(base, currency), _decimal(tax, currency))


def _decimal(minor: int, currency: Currency) -> str:
    return f"{Decimal(minor).scaleb(-currency.exponent):f}"
