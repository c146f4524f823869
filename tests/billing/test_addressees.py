"""Documents name their customer as it stood when they were issued, until it is forgotten."""

from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from specie import parties
from specie.billing import credit_document, document, invoicing
from specie.billing.errors import CreditNoteMissing
from specie.billing.model import CreditNoteId, Invoice, Profile
from specie.billing.paid_routes import router
from specie.billing.routes_pages import pages
from specie.kernel.scope import Scope
from specie.platform.db import Database
from specie.platform.vault import Unsealable
from tests.billing.office import Office, open_office
from tests.support.asgi import calling
from tests.wallets.purses import VAULT

THERE = {"name": "Café Zoë", "address": "12 rue des Lilas\n75019 Paris", "country": "FR", "tax_number": "FR40303265045"}
MOVED = {"name": "Zoë & Fils", "address": "1 quai Voltaire\n75007 Paris", "tax_number": "FR99999999999"}


async def office_selling_to(database: Database, known: dict[str, str]) -> Office:
    office = await open_office(database, "EUR")
    await office.run(lambda uow: invoicing.set_profile(uow, Profile("Kopi", country="ID")))
    await know(office, known)
    return office


async def know(office: Office, known: dict[str, str]) -> None:
    await office.run(lambda uow: parties.change_party(uow, VAULT, office.customer, known))


async def says(office: Office, invoice: Invoice) -> dict[str, Any]:
    return document.told(await office.run(lambda uow: document.read(uow, VAULT, invoice.id)))


def who(told: dict[str, Any]) -> tuple[str, list[str], str]:
    return told["customer"], told["customer_address"], told["customer_tax_number"]


AS_ISSUED = ("Café Zoë", ["12 rue des Lilas", "75019 Paris", "France"], "FR40303265045")


async def test_an_invoice_keeps_its_customer_as_issued_while_a_draft_follows(database: Database) -> None:
    office = await office_selling_to(database, THERE)
    issued, draft = await office.issued(), await office.drafted()
    await know(office, MOVED)
    assert who(await says(office, issued)) == AS_ISSUED
    assert who(await says(office, draft))[0] == "Zoë & Fils"
    # A credit note is a document of its own day.
    note = await office.credit(issued)
    told = credit_document.told(await office.run(lambda uow: credit_document.read(uow, VAULT, note.id)))
    assert who(told) == ("Zoë & Fils", ["1 quai Voltaire", "75007 Paris", "France"], "FR99999999999")


async def test_at_home_the_country_is_not_part_of_the_address(database: Database) -> None:
    office = await office_selling_to(database, THERE | {"country": "ID"})
    assert who(await says(office, await office.issued()))[1] == ["12 rue des Lilas", "75019 Paris"]


async def test_a_forgotten_customer_is_gone_from_old_documents_and_may_still_be_credited(database: Database) -> None:
    office = await office_selling_to(database, THERE)
    invoice = await office.issued()
    await office.receive(invoice.total_minor)
    assert await office.run(lambda uow: parties.erase(uow, office.customer, reason="asked for it")) is None
    assert who(await says(office, invoice)) == ("erased", [], "")
    note = await office.credit(invoice)
    told = credit_document.told(await office.run(lambda uow: credit_document.read(uow, VAULT, note.id)))
    assert who(told) == ("erased", [], "")


async def test_a_credit_note_is_printed_with_what_it_takes_back(database: Database, tmp_path: Path) -> None:
    office = await office_selling_to(database, THERE)
    note = await office.credit(await office.issued())
    async with calling(office.database, office.scope, [router], {"vault": VAULT}) as client:
        answer = await client.get(f"/billing/credit-notes/{note.id}/pdf")
        missing = await client.get(f"/billing/credit-notes/{CreditNoteId.new()}/pdf")
    assert (answer.headers["content-type"], missing.json()["code"]) == ("application/pdf", CreditNoteMissing.code)
    paper = tmp_path / "note.pdf"
    paper.write_bytes(answer.content)
    text = PdfReader(paper).pages[0].extract_text()
    assert all(word in text for word in (note.number, "12 rue des Lilas", "France", "FR40303265045", "EUR 1,110.00"))


@pytest.mark.parametrize("number", ["CN-99999", "INV-00001"])
async def test_only_the_credit_notes_of_an_invoice_are_found_at_its_address(database: Database, number: str) -> None:
    office = await office_selling_to(database, THERE)
    invoice = await office.issued()
    note = await office.credit(invoice)
    found = await office.run(lambda uow: credit_document.read_numbered(uow, VAULT, invoice.id, note.number))
    assert found.note.id == note.id
    with pytest.raises(CreditNoteMissing):
        await office.run(lambda uow: credit_document.read_numbered(uow, VAULT, invoice.id, number))


async def test_the_customer_finds_what_was_taken_back_on_the_invoices_page(database: Database) -> None:
    office = await office_selling_to(database, THERE)
    invoice, other = await office.issued(), await office.issued()
    note = await office.credit(invoice)

    async def scope_for_job(*_: object) -> Scope:
        return office.scope

    services = {"vault": VAULT, "scope_for_job": scope_for_job}
    async with calling(office.database, office.scope, [pages], services) as client:
        page = (await client.get(f"/invoice/{invoice.token}")).text
        path = f"/credit-notes/{note.number}/pdf"
        found, elsewhere = [await client.get(f"/invoice/{each.token}{path}") for each in (invoice, other)]
    assert all(words in page for words in (path, "75019 Paris", "France", "Tax number FR40303265045"))
    assert (found.headers["content-type"], elsewhere.status_code) == ("application/pdf", 404)


async def test_what_is_kept_with_a_document_opens_only_there(database: Database) -> None:
    office = await office_selling_to(database, THERE)
    first, second = await office.issued(), await office.issued()
    with pytest.raises(Unsealable):
        await office.run(
            lambda uow: parties.addressee_on(
                uow, VAULT, office.customer, invoicing.TABLE, str(second.id), first.billed_to
            )
        )
