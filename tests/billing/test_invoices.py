"""Invoices: what is sent is what was posted, numbers have no gaps, and nothing issued changes."""

import asyncio

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from specie import catalogue
from specie.billing import invoicing, store
from specie.billing.errors import InvoiceCannotMove, InvoiceEmpty, InvoiceMissing, LineInvalid
from specie.billing.model import InvoiceState
from specie.platform.db import Database, UnitOfWork
from tests.billing.office import VAT, line, open_office
from tests.wallets.purses import VAULT


async def test_an_issued_invoice_is_owed_to_the_last_cent_of_its_lines(database: Database) -> None:
    office = await open_office(database)
    levy = (await office.run(lambda uow: catalogue.add_tax_rate(uow, "Levy 1%", 10_000))).id
    draft = await office.drafted(line(33_333, "2.5", "0.1"), line(10_000, taxes=[VAT, levy]), line(999, taxes=[]))
    # 2.5 × 333.33 is 833.33, a tenth of it 83.33; every step is rounded half up.
    assert (draft.net_minor, draft.tax_minor, draft.total_minor) == (75_000 + 10_000 + 999, 8_250 + 1_100 + 100, 95_449)
    assert (draft.state, draft.number) == (InvoiceState.DRAFT, None)
    assert await office.books("income:billing:sales") == 0
    issued = await office.issue(draft)
    assert (issued.state, issued.number, issued.issued_on) == (InvoiceState.ISSUED, "INV-00001", office.day)
    assert (await office.look(issued.id)).open_minor == 95_449
    assert await office.books("income:billing:sales") == 85_999
    assert await office.books(f"liability:billing:tax:{office.vat}") == 9_350
    assert await office.books(f"liability:billing:tax:{levy}") == 100
    assert [each["number"] for each in await office.told("invoice.issued")] == ["INV-00001"]


async def test_prices_that_have_their_tax_in_them_sum_to_what_they_say(database: Database) -> None:
    office = await open_office(database)
    issued = await office.issued(line(11_100), line(9_999, "3"), includes_tax=True)
    assert (issued.total_minor, issued.net_minor) == (11_100 + 29_997, 10_000 + 27_024)
    assert await office.books(f"liability:billing:tax:{office.vat}") == issued.tax_minor == 4_073


async def test_numbers_have_no_gap_however_many_are_issued_at_once_or_fail(database: Database) -> None:
    office = await open_office(database)
    drafts = [await office.drafted() for _ in range(8)]

    async def fails(uow: UnitOfWork) -> None:
        await invoicing.issue(uow, VAULT, drafts[7].id)
        raise RuntimeError("the connection is gone")

    outcomes = await asyncio.gather(
        *(office.issue(each) for each in drafts[:7]), office.run(fails), return_exceptions=True
    )
    issued = [each.n for each in outcomes if not isinstance(each, BaseException) and each is not None]
    assert sorted(n for n in issued if n is not None) == list(range(1, 8))
    assert (await office.issue(drafts[7])).number == "INV-00008"
    with pytest.raises(InvoiceCannotMove):
        await office.issue(drafts[7])
    assert await office.books("income:billing:sales") == 800_000


async def test_an_invoice_that_could_not_be_is_refused_and_posts_nothing(database: Database) -> None:
    office = await open_office(database)
    wrong = {
        "lines.0.unit_price": line(-1),
        "lines.0.quantity": line(1, "-2"),
        "lines.0.discount": line(1, discount="1.01"),
        "lines.0.taxes": line(1, taxes=[VAT, VAT]),
    }
    for param, bad in wrong.items():
        with pytest.raises(LineInvalid) as refused:
            await office.drafted(bad)
        assert refused.value.param == param
    for empty in (await office.drafted(line(0)), await office.drafted(line(100, discount="1"))):
        with pytest.raises(InvoiceEmpty):
            await office.issue(empty)
    assert (await office.issued()).number == "INV-00001"


async def test_a_draft_may_change_and_go_and_what_was_issued_may_not(database: Database) -> None:
    office = await open_office(database)
    draft = await office.drafted()
    changed = await office.run(lambda uow: invoicing.change(uow, draft.id, office.says(line(500, taxes=[]), note="hi")))
    assert (changed.total_minor, changed.note, changed.version) == (500, "hi", 2)
    gone = await office.drafted()
    await office.run(lambda uow: invoicing.discard(uow, gone.id))
    with pytest.raises(InvoiceMissing):
        await office.look(gone.id)
    issued = await office.issue(changed)
    for act in (
        lambda uow: invoicing.change(uow, issued.id, office.says()),
        lambda uow: invoicing.discard(uow, issued.id),
    ):
        with pytest.raises(InvoiceCannotMove):
            await office.run(act)
    tampering = (
        "update specie.billing_line set net_minor = 1 where invoice_id = :id",
        "delete from specie.billing_line where invoice_id = :id",
        "update specie.billing_invoice set total_minor = 1, net_minor = 1 where id = :id",
    )
    for statement in tampering:
        with pytest.raises(IntegrityError):
            await office.run(lambda uow, sql=statement: uow.execute(text(sql), {"id": issued.id.uuid}))
    assert await office.open(issued) == [500]


async def test_a_commit_whose_lines_do_not_total_what_was_posted_fails(database: Database) -> None:
    office = await open_office(database)
    draft = await office.drafted(line(500, taxes=[]))

    async def cheats(uow: UnitOfWork) -> None:
        await uow.execute(
            text("update specie.billing_line set net_minor = 499 where invoice_id = :id"), {"id": draft.id.uuid}
        )
        await invoicing.issue(uow, VAULT, draft.id)

    with pytest.raises((IntegrityError, psycopg.errors.CheckViolation)):
        await office.run(cheats)
    assert await office.books("income:billing:sales") == 0
    assert (await office.look(draft.id)).invoice.state is InvoiceState.DRAFT


async def test_a_customer_sees_its_own_issued_invoices_only(database: Database) -> None:
    office = await open_office(database)
    stranger = await office.another_customer()
    draft, issued = await office.drafted(), await office.issued()
    seen = await office.run(lambda uow: store.invoices(uow, store.InvoiceFilter(), None, 10), party=office.customer)
    assert [each.id for each in seen.items] == [issued.id]
    for invoice, party in ((draft, office.customer), (issued, stranger)):
        with pytest.raises(InvoiceMissing):
            await office.run(lambda uow, one=invoice: invoicing.standing(uow, one.id), party=party)
