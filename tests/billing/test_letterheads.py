"""Documents keep the letterhead they were issued under: what is printed years later is what was sent."""

from typing import Any

import psycopg
import pytest

from specie.billing import credit_document, document, invoicing
from specie.billing.e_invoice import EInvoiceParty, of_document
from specie.billing.model import CreditNote, Invoice, Profile
from specie.billing.routes_pages import pages
from specie.kernel.scope import Scope
from specie.platform.db import Database
from tests.billing.office import Office, open_office
from tests.support.asgi import calling
from tests.wallets.purses import VAULT

THEN = Profile("Kopi Senja", "Jl. Braga 1\nBandung", "01.234", "Thank you", country="ID")
NOW = Profile("Senja Raya", "Jl. Thamrin 9\nJakarta", "99.876", "See you", country="SG")
AS_ISSUED = ("Kopi Senja", ["Jl. Braga 1", "Bandung"], "01.234", "Thank you")
AS_NOW = ("Senja Raya", ["Jl. Thamrin 9", "Jakarta"], "99.876", "See you")


async def appear(office: Office, profile: Profile) -> None:
    await office.run(lambda uow: invoicing.set_profile(uow, profile))


async def printed(office: Office, invoice: Invoice) -> tuple[Any, ...]:
    return who(document.told(await office.run(lambda uow: document.read(uow, VAULT, invoice.id))))


async def printed_note(office: Office, note: CreditNote) -> tuple[Any, ...]:
    return who(credit_document.told(await office.run(lambda uow: credit_document.read(uow, VAULT, note.id))))


def who(told: dict[str, Any]) -> tuple[Any, ...]:
    return told["seller"], told["address"], told["tax_number"], told["footer"]


@pytest.fixture
async def office(database: Database) -> Office:
    office = await open_office(database, "EUR")
    await appear(office, THEN)
    return office


async def test_what_was_issued_keeps_its_letterhead_while_a_draft_follows(office: Office) -> None:
    issued, draft = await office.issued(), await office.drafted()
    note = await office.credit(issued)
    await appear(office, NOW)
    assert (await printed(office, issued), await printed_note(office, note)) == (AS_ISSUED, AS_ISSUED)
    assert await printed(office, draft) == AS_NOW


async def test_a_credit_note_has_the_letterhead_of_its_own_day(office: Office) -> None:
    invoice = await office.issued()
    await appear(office, NOW)
    note = await office.credit(invoice)
    assert (await printed(office, invoice), await printed_note(office, note)) == (AS_ISSUED, AS_NOW)


async def test_programs_and_the_public_page_are_told_the_same_letterhead(office: Office) -> None:
    invoice = await office.issued()
    await appear(office, NOW)
    seller = of_document(await office.run(lambda uow: document.read(uow, VAULT, invoice.id)), None).seller
    assert seller == EInvoiceParty("Kopi Senja", ("Jl. Braga 1", "Bandung"), "ID", "01.234")

    async def scope_for_job(*_: object) -> Scope:
        return office.scope

    services = {"vault": VAULT, "scope_for_job": scope_for_job}
    async with calling(office.database, office.scope, [pages], services) as client:
        page = (await client.get(f"/invoice/{invoice.token}")).text
    assert "Jl. Braga 1" in page
    assert "Senja Raya" not in page


async def test_what_was_issued_before_letterheads_were_kept_shows_the_present_one(
    office: Office, superuser_connection: psycopg.Connection
) -> None:
    invoice = await office.issued()
    superuser_connection.execute("update specie.billing_invoice set letterhead = null where id = %s", [invoice.id.uuid])
    await appear(office, NOW)
    assert await printed(office, invoice) == AS_NOW


async def test_a_letterhead_is_kept_once_however_many_documents_have_it(
    office: Office, superuser_connection: psycopg.Connection
) -> None:
    first, second = await office.issued(), await office.issued()
    await appear(office, NOW)
    third = await office.issued()
    kept = superuser_connection.execute(
        "select count(*) from specie.billing_letterhead where tenant_id = %s", [office.scope.tenant_id.uuid]
    ).fetchone()
    assert first.letterhead == second.letterhead != third.letterhead
    assert kept == (2,)
