"""An electronic invoice in UBL 2.1, as EN 16931 binds it."""

from xml.etree.ElementTree import Element, register_namespace, tostring

from specie.billing.e_invoice import (
    STANDARD,
    Category,
    EInvoice,
    EInvoiceLine,
    EInvoiceParty,
    EInvoiceTax,
    Scheme,
)
from specie.billing.xml_writing import Vocabulary

_CBC = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
_CAC = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
_INVOICE = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
_WORDS = Vocabulary(groups=_CAC, values=_CBC)
_part, _say = _WORDS.part, _WORDS.say

register_namespace("", _INVOICE)
register_namespace("cac", _CAC)
register_namespace("cbc", _CBC)


def ubl(invoice: EInvoice) -> bytes:
    """The invoice as an XML file."""
    root = Element(f"{{{_INVOICE}}}Invoice")
    _say(root, "CustomizationID", STANDARD)
    _say(root, "ID", invoice.number)
    _say(root, "IssueDate", invoice.issued_on)
    _say(root, "DueDate", invoice.due_on)
    _say(root, "InvoiceTypeCode", invoice.type_code)
    _say(root, "Note", invoice.note)
    _say(root, "DocumentCurrencyCode", invoice.currency)
    _say(root, "BuyerReference", invoice.reference)
    seller, buyer = (_part(_part(root, f"Accounting{role}Party"), "Party") for role in ("Supplier", "Customer"))
    _party(seller, invoice.seller, invoice.seller_scheme)
    _party(buyer, invoice.buyer, invoice.buyer_scheme)
    _taxes(root, invoice)
    _totals(_part(root, "LegalMonetaryTotal"), invoice)
    for line in invoice.lines:
        _line(_part(root, "InvoiceLine"), line, invoice.currency)
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))


def _party(party: Element, said: EInvoiceParty, scheme: Scheme | None) -> None:
    """Who somebody is, and by which scheme the tax office knows the number, if by any."""
    _address(_part(party, "PostalAddress"), said)
    if scheme:
        taxed = _part(party, "PartyTaxScheme")
        _say(taxed, "CompanyID", said.tax_number)
        _say(_part(taxed, "TaxScheme"), "ID", scheme.value)
    legal = _part(party, "PartyLegalEntity")
    _say(legal, "RegistrationName", said.name)
    # A number that is no VAT identifier still says who it is.
    if scheme is not Scheme.VAT:
        _say(legal, "CompanyID", said.tax_number)


def _address(address: Element, said: EInvoiceParty) -> None:
    for name, text in zip(("StreetName", "AdditionalStreetName"), said.address, strict=False):
        _say(address, name, text)
    if rest := ", ".join(said.address[2:]):
        _say(_part(address, "AddressLine"), "Line", rest)
    _say(_part(address, "Country"), "IdentificationCode", said.country)


def _taxes(root: Element, invoice: EInvoice) -> None:
    total = _part(root, "TaxTotal")
    _amount(total, "TaxAmount", invoice.tax, invoice.currency)
    for part in invoice.taxes:
        _subtotal(_part(total, "TaxSubtotal"), part, invoice.currency)


def _subtotal(subtotal: Element, part: EInvoiceTax, currency: str) -> None:
    _amount(subtotal, "TaxableAmount", part.base, currency)
    _amount(subtotal, "TaxAmount", part.tax, currency)
    _category(_part(subtotal, "TaxCategory"), part.category, reason=part.category.reason)


def _category(element: Element, category: Category, *, reason: str = "") -> None:
    _say(element, "ID", category.code)
    if category.code != "O":
        _say(element, "Percent", f"{category.percent:f}")
    _say(element, "TaxExemptionReason", reason)
    _say(_part(element, "TaxScheme"), "ID", "VAT")


def _totals(totals: Element, invoice: EInvoice) -> None:
    _amount(totals, "LineExtensionAmount", invoice.net, invoice.currency)
    _amount(totals, "TaxExclusiveAmount", invoice.net, invoice.currency)
    _amount(totals, "TaxInclusiveAmount", invoice.total, invoice.currency)
    _amount(totals, "PrepaidAmount", invoice.paid, invoice.currency)
    _amount(totals, "PayableAmount", invoice.open, invoice.currency)


def _line(element: Element, line: EInvoiceLine, currency: str) -> None:
    _say(element, "ID", str(line.n))
    _say(element, "InvoicedQuantity", f"{line.quantity:f}", unitCode=line.unit_code)
    _amount(element, "LineExtensionAmount", line.net, currency)
    item = _part(element, "Item")
    _say(item, "Name", line.name)
    _category(_part(item, "ClassifiedTaxCategory"), line.category)
    _amount(_part(element, "Price"), "PriceAmount", f"{line.price:f}", currency)


def _amount(parent: Element, name: str, amount: str, currency: str) -> None:
    _say(parent, name, amount, currencyID=currency)
