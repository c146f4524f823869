"""Money that customers pay: it pays what it is allocated to, never twice, and what is left is theirs."""

import asyncio
import contextlib
from collections.abc import Coroutine, Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from specie.billing import invoicing, paid_store, receiving
from specie.billing.errors import (
    AllocatesTooMuch,
    AllocationMismatch,
    CreditsTooMuch,
    InvoiceCannotMove,
    RefundsTooMuch,
)
from specie.billing.model import CreditNote, Invoice, InvoiceState, Method, Receipt
from specie.kernel.errors import SpecieError
from specie.platform.db import Database
from tests.billing.office import Office, line, open_office
from tests.support.soundness import Auditor


async def _states(office: Office, *invoices: Invoice) -> list[InvoiceState]:
    return [(await office.look(each.id)).invoice.state for each in invoices]


async def test_one_payment_pays_several_invoices_in_part_and_the_rest_stays_the_customers(database: Database) -> None:
    office = await open_office(database)
    first, second = await office.issued(line(1_000, taxes=[])), await office.issued(line(2_000, taxes=[]))
    paid = await office.receive(2_500, [(first, 1_000), (second, 500)])
    assert await office.open(first, second) == [0, 1_500]
    assert await _states(office, first, second) == [InvoiceState.PAID, InvoiceState.PART_PAID]
    assert (await office.left(paid), await office.books("asset:bank:billing")) == (1_000, 2_500)
    # What is left pays a later invoice when it is used.
    third = await office.issued(line(400, taxes=[]))
    await office.run(lambda uow: receiving.use_credit(uow, third.id))
    assert (await office.open(third), await office.left(paid)) == ([0], 600)
    assert [each["open"]["amount"] for each in await office.told("invoice.paid")] == [0, 0]
    with pytest.raises(RefundsTooMuch):
        await office.run(lambda uow: receiving.refund(uow, paid.id, office.money(601), Method.BANK, "asked"))
    await office.run(lambda uow: receiving.refund(uow, paid.id, office.money(600), Method.BANK, "asked"))
    assert (await office.left(paid), await office.books("asset:bank:billing")) == (0, 1_900)


async def test_money_without_directions_pays_what_has_been_owed_longest(database: Database) -> None:
    office = await open_office(database)
    late = await office.issued(line(300, taxes=[]), due_days=30)
    soon = await office.issued(line(300, taxes=[]), due_days=3)
    paid = await office.receive(400)
    assert (await office.open(soon, late), await office.left(paid)) == ([0, 200], 0)


async def test_money_that_does_not_fit_is_refused_and_nothing_of_it_is_kept(database: Database) -> None:
    office = await open_office(database)
    invoice, draft = await office.issued(line(1_000, taxes=[])), await office.drafted()
    stranger = await office.another_customer()
    refusals: Sequence[tuple[type[SpecieError], Coroutine[Any, Any, Receipt]]] = (
        (AllocatesTooMuch, office.receive(5_000, [(invoice, 1_001)])),
        (AllocatesTooMuch, office.receive(500, [(invoice, 501)])),
        (AllocationMismatch, office.receive(500, [(invoice, 0)])),
        (AllocationMismatch, office.receive(500, [(invoice, 500)], customer=stranger)),
        (InvoiceCannotMove, office.receive(500, [(draft, 500)])),
    )
    for error, attempt in refusals:
        with pytest.raises(error):
            await attempt
    assert await office.open(invoice) == [1_000]
    assert await office.books("asset:bank:billing") == 0


async def test_payments_that_race_for_an_invoice_pay_it_once(database: Database) -> None:
    office = await open_office(database)
    invoice = await office.issued(line(1_000, taxes=[]))
    outcomes = await asyncio.gather(*(office.receive(400, [(invoice, 400)]) for _ in range(5)), return_exceptions=True)
    assert sum(isinstance(each, AllocatesTooMuch) for each in outcomes) == 3
    assert await office.open(invoice) == [200]
    # One payment that races for several invoices is not used twice either.
    others = [await office.issued(line(500, taxes=[])) for _ in range(3)]
    paid = await office.receive(600, [])
    tries = [
        office.run(
            lambda uow, one=each: receiving.allocate(uow, paid_store.source_of(paid), [(one.id, office.money(300))])
        )
        for each in others
    ]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(each, AllocatesTooMuch) for each in outcomes) == 1
    assert (await office.left(paid), sorted(await office.open(*others))) == (0, [200, 200, 500])


async def test_a_credit_note_over_an_unpaid_invoice_voids_it(database: Database) -> None:
    office = await open_office(database)
    invoice = await office.issued(line(10_000), line(333, "3"))
    note = await office.credit(invoice)
    assert (note.number, note.total_minor, await office.left(note)) == ("CN-00001", invoice.total_minor, 0)
    found = await office.look(invoice.id)
    assert (found.invoice.state, found.open_minor, found.creditable_minor) == (InvoiceState.VOID, 0, 0)
    assert await office.books("income:billing:sales") == await office.books(f"liability:billing:tax:{office.vat}") == 0
    with pytest.raises(CreditsTooMuch):
        await office.credit(invoice)
    assert len(await office.told("invoice.voided")) == 1


async def test_credit_by_line_lowers_what_is_open_first_and_then_is_the_customers(database: Database) -> None:
    office = await open_office(database)
    invoice = await office.issued(line(1_000, "3"), line(500))
    await office.receive(invoice.total_minor - 1_000, [(invoice, invoice.total_minor - 1_000)])
    one = await office.credit(invoice, {1: Decimal("1.5")})
    assert (one.net_minor, one.tax_minor, await office.left(one)) == (1_500, 165, 665)
    assert await _states(office, invoice) == [InvoiceState.PAID]
    with pytest.raises(CreditsTooMuch) as refused:
        await office.credit(invoice, {1: Decimal("1.6")})
    assert refused.value.facts["most"] == "1.5"
    rest = await office.credit(invoice)
    assert one.total_minor + rest.total_minor == invoice.total_minor
    assert await office.books("income:billing:sales") == await office.books(f"liability:billing:tax:{office.vat}") == 0


async def test_credit_notes_that_race_take_back_no_more_than_was_invoiced(database: Database) -> None:
    office = await open_office(database)
    invoice = await office.issued(line(1_000, "2", taxes=[]))
    outcomes = await asyncio.gather(
        *(office.credit(invoice, {1: Decimal(1)}) for _ in range(4)), return_exceptions=True
    )
    assert sum(isinstance(each, CreditsTooMuch) for each in outcomes) == 2
    assert (await office.look(invoice.id)).creditable_minor == 0


async def test_the_ages_of_any_day_are_what_the_books_held_then(database: Database) -> None:
    office = await open_office(database)
    first = await office.issued(line(1_000, taxes=[]), due_days=5)
    begun = office.day
    await office.issued(line(500, taxes=[]), due_days=60)
    office.pass_days(6)
    await office.receive(300, [(first, 300)])
    office.pass_days(40)
    await office.credit(first)
    seen = {0: (1_500, 0, 0), 6: (500, 700, 0), 46: (500, 0, 0)}
    for days, (not_due, to_30, to_60) in seen.items():
        day = begun.fromordinal(begun.toordinal() + days)
        ages = await office.ages(day)
        assert (ages.buckets["not_due"], ages.buckets["1_30"], ages.buckets["31_60"]) == (not_due, to_30, to_60)
        assert ages.total == ages.control == sum(one.total for one in ages.parties)
    later = await office.ages(begun.fromordinal(begun.toordinal() + 45))
    assert (later.buckets["31_60"], later.total, later.control) == (700, 1_200, 1_200)


_STEP = st.tuples(st.sampled_from(["issue", "receive", "use", "credit", "refund", "wait"]), st.integers(1, 3_000))


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(_STEP, min_size=4, max_size=14))
async def test_whatever_happens_documents_and_books_agree(
    database: Database, auditor: Auditor, steps: list[tuple[str, int]]
) -> None:
    office = await open_office(database)
    invoices, sources = [await office.issued(line(1_234, "1.5"))], list[Receipt | CreditNote]()
    for act, size in steps:
        with contextlib.suppress(AllocatesTooMuch, CreditsTooMuch, RefundsTooMuch, InvoiceCannotMove):
            await _act(office, act, size, invoices, sources)
    ages = await office.ages()
    assert ages.total == ages.control == sum(await office.open(*invoices))
    assert auditor.broken() == []


async def _act(
    office: Office, act: str, size: int, invoices: list[Invoice], sources: list[Receipt | CreditNote]
) -> None:
    invoice = invoices[size % len(invoices)]
    if act == "issue":
        invoices.append(await office.issued(line(size, "1.25"), line(7, "3", "0.33")))
    elif act == "receive":
        sources.append(await office.receive(size, None if size % 2 else [(invoice, size // 2 + 1)]))
    elif act == "use":
        await office.run(lambda uow: receiving.use_credit(uow, invoice.id))
    elif act == "credit":
        sources.append(await office.credit(invoice, {1: Decimal("0.4")} if size % 2 else None))
    elif act == "refund" and sources:
        source = sources[size % len(sources)].id
        await office.run(lambda uow: receiving.refund(uow, source, office.money(size), Method.CASH, "asked"))
    elif act == "wait":
        office.pass_days(size % 20)


async def test_who_still_has_an_invoice_to_pay_is_not_forgotten(database: Database) -> None:
    office = await open_office(database)
    invoice = await office.issued()
    assert await office.run(lambda uow: invoicing.still_owes(uow, office.customer)) == "an invoice is still open"
    await office.receive(invoice.total_minor)
    assert await office.run(lambda uow: invoicing.still_owes(uow, office.customer)) is None
