"""An electronic invoice as UN/CEFACT Cross Industry Invoice (CII), as EN 16931 binds it: what Factur-X embeds.

The schema wants every element in its place, so each function writes one group from top to bottom.
"""

from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

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

_URN = "urn:un:unece:uncefact:data:standard"
_RSM = f"{_URN}:CrossIndustryInvoice:100"
_RAM = f"{_URN}:ReusableAggregateBusinessInformationEntity:100"
_UDT = f"{_URN}:UnqualifiedDataType:100"
_DAY = "102"
_WORDS = Vocabulary(groups=_RAM, values=_RAM)
_part, _say = _WORDS.part, _WORDS.say
_SCHEMES = {Scheme.VAT: "VA", Scheme.LOCAL: "FC"}

for _prefix, _uri in (("rsm", _RSM), ("ram", _RAM), ("udt", _UDT)):
    register_namespace(_prefix, _uri)


def cii(invoice: EInvoice) -> bytes:
    """The invoice as an XML file."""
    root = Element(f"{{{_RSM}}}CrossIndustryInvoice")
    context = SubElement(root, f"{{{_RSM}}}ExchangedDocumentContext")
    _say(_part(context, "GuidelineSpecifiedDocumentContextParameter"), "ID", STANDARD)
    document = SubElement(root, f"{{{_RSM}}}ExchangedDocument")
    _say(document, "ID", invoice.number)
    _say(document, "TypeCode", invoice.type_code)
    _day(document, "IssueDateTime", invoice.issued_on)
    if invoice.note:
        _say(_part(document, "IncludedNote"), "Content", invoice.note)
    trade = SubElement(root, f"{{{_RSM}}}SupplyChainTradeTransaction")
    for line in invoice.lines:
        _line(_part(trade, "IncludedSupplyChainTradeLineItem"), line)
    _agreement(_part(trade, "ApplicableHeaderTradeAgreement"), invoice)
    _part(trade, "ApplicableHeaderTradeDelivery")
    _settlement(_part(trade, "ApplicableHeaderTradeSettlement"), invoice)
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))


def _day(parent: Element, name: str, day: str) -> None:
    said = SubElement(_part(parent, name), f"{{{_UDT}}}DateTimeString", {"format": _DAY})
    said.text = day.replace("-", "")


def _line(item: Element, line: EInvoiceLine) -> None:
    _say(_part(item, "AssociatedDocumentLineDocument"), "LineID", str(line.n))
    _say(_part(item, "SpecifiedTradeProduct"), "Name", line.name)
    price = _part(_part(item, "SpecifiedLineTradeAgreement"), "NetPriceProductTradePrice")
    _say(price, "ChargeAmount", f"{line.price:f}")
    delivery = _part(item, "SpecifiedLineTradeDelivery")
    _say(delivery, "BilledQuantity", f"{line.quantity:f}", unitCode=line.unit_code)
    settlement = _part(item, "SpecifiedLineTradeSettlement")
    tax = _part(settlement, "ApplicableTradeTax")
    _say(tax, "TypeCode", "VAT")
    _category(tax, line.category)
    _say(_part(settlement, "SpecifiedTradeSettlementLineMonetarySummation"), "LineTotalAmount", line.net)


def _category(tax: Element, category: Category) -> None:
    _say(tax, "CategoryCode", category.code)
    if category.code != "O":
        _say(tax, "RateApplicablePercent", f"{category.percent:f}")


def _agreement(agreement: Element, invoice: EInvoice) -> None:
    _say(agreement, "BuyerReference", invoice.reference)
    _party(_part(agreement, "SellerTradeParty"), invoice.seller, invoice.seller_scheme)
    _party(_part(agreement, "BuyerTradeParty"), invoice.buyer, invoice.buyer_scheme)


def _party(party: Element, said: EInvoiceParty, scheme: Scheme | None) -> None:
    """Who somebody is, and by which scheme the tax office knows the number, if by any."""
    _say(party, "Name", said.name)
    # A number that is no VAT identifier still says who it is.
    if said.tax_number and scheme is not Scheme.VAT:
        _say(_part(party, "SpecifiedLegalOrganization"), "ID", said.tax_number)
    address = _part(party, "PostalTradeAddress")
    lines = (*said.address[:2], ", ".join(said.address[2:]))
    for name, text in zip(("LineOne", "LineTwo", "LineThree"), lines, strict=False):
        _say(address, name, text)
    _say(address, "CountryID", said.country)
    if scheme is not None:
        _say(_part(party, "SpecifiedTaxRegistration"), "ID", said.tax_number, schemeID=_SCHEMES[scheme])


def _settlement(settlement: Element, invoice: EInvoice) -> None:
    _say(settlement, "InvoiceCurrencyCode", invoice.currency)
    for part in invoice.taxes:
        _tax(_part(settlement, "ApplicableTradeTax"), part)
    _day(_part(settlement, "SpecifiedTradePaymentTerms"), "DueDateDateTime", invoice.due_on)
    totals = _part(settlement, "SpecifiedTradeSettlementHeaderMonetarySummation")
    _say(totals, "LineTotalAmount", invoice.net)
    _say(totals, "TaxBasisTotalAmount", invoice.net)
    _say(totals, "TaxTotalAmount", invoice.tax, currencyID=invoice.currency)
    _say(totals, "GrandTotalAmount", invoice.total)
    _say(totals, "TotalPrepaidAmount", invoice.paid)
    _say(totals, "DuePayableAmount", invoice.open)


def _tax(tax: Element, part: EInvoiceTax) -> None:
    _say(tax, "CalculatedAmount", part.tax)
    _say(tax, "TypeCode", "VAT")
    _say(tax, "ExemptionReason", part.category.reason)
    _say(tax, "BasisAmount", part.base)
    _category(tax, part.category)
