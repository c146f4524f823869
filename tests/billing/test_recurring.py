"""A recurring invoice charges each period once, on its day by the business's clock, until it is paused or ends."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from specie import billing
from specie.billing import jobs, recurring, recurring_store, store
from specie.billing.errors import RecurringCannotMove, RecurringUnfit
from specie.billing.model import Invoice
from specie.billing.recurring_model import Handling, Recurring, RecurringState, Rhythm, Run, Terms, Unit
from specie.billing.store import InvoiceFilter
from specie.billing.tables import recurring as billing_recurring
from specie.catalogue import pricing
from specie.kernel.money import Currency
from specie.platform.db import Database, UnitOfWork
from specie.platform.jobs import JobContext
from specie.platform.tables import due
from tests.billing.office import Office, line, open_office
from tests.wallets.purses import VAULT


@pytest.fixture
async def office(database: Database) -> Office:
    return await open_office(database)


async def _begin(office: Office, handling: Handling = Handling.ISSUE, **rhythm: Any) -> Recurring:
    said = Rhythm(rhythm.pop("unit", Unit.MONTH), 1, rhythm.pop("starts_on", office.day), **rhythm)
    terms = Terms([replace(line(100_000), taxes=(office.vat,))], handling, reference="Rent")
    command = recurring.Recur(office.customer, office.currency, said, terms)
    return await office.run(lambda uow: recurring.begin(uow, command))


async def _run(office: Office, of: Recurring, period: int) -> None:
    context = JobContext(office.database, office.scope, {"vault": VAULT})
    await jobs.charge_period(context, recurring_id=str(of.id), period=period)


async def _look(office: Office, of: Recurring) -> tuple[Recurring, list[Run]]:
    async def work(uow: UnitOfWork) -> tuple[Recurring, list[Run]]:
        return await recurring.get(uow, of.id), await recurring_store.runs_of(uow, of.id, 100)

    return await office.run(work)


async def _invoices(office: Office) -> Sequence[Invoice]:
    return (await office.run(lambda uow: store.invoices(uow, InvoiceFilter(), None, 100))).items


async def _planned(office: Office, of: Recurring) -> list[int]:
    async def work(uow: UnitOfWork) -> list[int]:
        query = select(due.c.payload["period"].as_integer()).where(
            due.c.kind == recurring.RUN_PERIOD, due.c.payload["recurring_id"].as_string() == str(of.id)
        )
        return sorted((await uow.execute(query)).scalars())

    return await office.run(work)


def test_every_period_is_counted_from_the_first_day_so_that_month_ends_stay_month_ends() -> None:
    monthly = Rhythm(Unit.MONTH, 1, date(2027, 10, 31), ends_on=date(2028, 2, 29))
    days = [date(2027, 10, 31), date(2027, 11, 30), date(2027, 12, 31), date(2028, 1, 31), date(2028, 2, 29)]
    assert [monthly.next_day(n) for n in range(6)] == [*days, None]
    assert monthly.span(0) == (date(2027, 10, 31), date(2027, 11, 29))
    assert Rhythm(Unit.YEAR, 1, date(2028, 2, 29)).day(1) == date(2029, 2, 28)
    assert Rhythm(Unit.YEAR, 2, date(2028, 2, 29)).day(2) == date(2032, 2, 29)
    assert Rhythm(Unit.WEEK, 2, date(2027, 12, 27)).day(1) == date(2028, 1, 10)
    assert monthly.first_from(0, date(2027, 12, 1)) == 2


async def test_each_period_gets_one_numbered_invoice_however_often_and_by_however_many_it_is_run(
    office: Office,
) -> None:
    made = await _begin(office)
    assert await _planned(office, made) == [0]
    await asyncio.gather(*(_run(office, made, 0) for _ in range(3)))
    await _run(office, made, 0)
    office.pass_days(40)
    await _run(office, made, 1)
    found, runs = await _look(office, made)
    assert [run.period for run in runs] == [1, 0]
    assert (found.next_period, found.next_on) == (2, found.rhythm.day(2))
    assert sorted(one.number or "" for one in await _invoices(office)) == ["INV-00001", "INV-00002"]
    assert await office.open(*await _invoices(office)) == [111_000, 111_000]
    assert (await _invoices(office))[0].note.startswith("For ")


async def test_a_worker_that_dies_before_its_commit_leaves_no_invoice_and_no_gap(office: Office) -> None:
    made = await _begin(office)

    async def dies(uow: UnitOfWork) -> None:
        assert await recurring.run_period(uow, VAULT, made.id, 0) is not None
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await office.run(dies)
    assert (await _look(office, made))[1] == []
    assert await _invoices(office) == []
    await _run(office, made, 0)
    [invoice] = await _invoices(office)
    assert invoice.number == "INV-00001"


async def test_nothing_is_charged_while_it_is_paused_and_it_goes_on_with_or_without_what_was_left_out(
    office: Office,
) -> None:
    made = await _begin(office)
    await _run(office, made, 0)
    await office.run(lambda uow: recurring.pause(uow, made.id))
    with pytest.raises(RecurringCannotMove) as refused:
        await office.run(lambda uow: recurring.pause(uow, made.id))
    assert refused.value.code == "recurring_invoice_state"
    office.pass_days(65)
    await _run(office, made, 1)
    assert len(await _invoices(office)) == 1
    back = await office.run(lambda uow: recurring.resume(uow, made.id))
    assert (back.next_period, back.next_on) == (3, made.rhythm.day(3))
    await office.run(lambda uow: recurring.pause(uow, made.id))
    office.pass_days(65)
    caught = await office.run(lambda uow: recurring.resume(uow, made.id, catch_up=True))
    assert caught.next_period == 3
    await _run(office, made, 3)
    await _run(office, made, 4)
    assert [run.period for run in (await _look(office, made))[1]] == [4, 3, 0]


async def test_what_cannot_be_charged_pauses_it_and_says_why(office: Office) -> None:
    made = await _begin(office)
    await office.run(lambda uow: pricing.archive_tax_rate(uow, office.vat))
    await _run(office, made, 0)
    found, runs = await _look(office, made)
    assert (found.state, found.next_period, runs) == (RecurringState.PAUSED, 0, [])
    assert "archived" in found.trouble
    assert await _invoices(office) == []
    [told] = await office.told("recurring_invoice.paused")
    assert told["recurring_id"] == str(made.id)
    terms = replace(made.terms, lines=[replace(made.terms.lines[0], taxes=())])
    await office.run(lambda uow: recurring.change(uow, made.id, terms, office.currency))
    resumed = await office.run(lambda uow: recurring.resume(uow, made.id))
    assert (resumed.trouble, resumed.state) == ("", RecurringState.ACTIVE)
    await _run(office, made, 0)
    assert await office.open(*await _invoices(office)) == [100_000]


async def test_it_ends_after_its_last_day_or_when_it_is_told_to(office: Office) -> None:
    short = await _begin(office, Handling.DRAFT, unit=Unit.WEEK, ends_on=office.day + timedelta(days=7))
    await _run(office, short, 0)
    # The business's day was moved, say, after this had been planned: no period is charged before it begins.
    await _run(office, short, 1)
    assert len((await _look(office, short))[1]) == 1
    office.pass_days(7)
    await _run(office, short, 1)
    found, runs = await _look(office, short)
    assert (found.state, found.next_on, len(runs)) == (RecurringState.ENDED, None, 2)
    assert [one.number for one in await _invoices(office)] == [None, None]
    other = await _begin(office)
    assert await office.run(lambda uow: billing.still_owes(uow, office.customer)) == "a recurring invoice goes on"
    await office.run(lambda uow: recurring.end(uow, other.id))
    await _run(office, other, 0)
    assert len(await _invoices(office)) == 2
    with pytest.raises(RecurringCannotMove):
        await office.run(lambda uow: recurring.resume(uow, other.id))
    assert await office.run(lambda uow: billing.still_owes(uow, office.customer)) is None


async def test_it_begins_today_or_later_and_charges_something(office: Office) -> None:
    with pytest.raises(RecurringUnfit) as early:
        await _begin(office, starts_on=office.day - timedelta(days=1))
    assert (early.value.code, early.value.param) == ("recurring_invoice_invalid", "starts_on")
    with pytest.raises(RecurringUnfit) as short:
        await _begin(office, ends_on=office.day - timedelta(days=1))
    assert short.value.param == "ends_on"
    terms = Terms([replace(line(0), taxes=())])
    command = recurring.Recur(office.customer, office.currency, Rhythm(Unit.MONTH, 1, office.day), terms)
    with pytest.raises(RecurringUnfit):
        await office.run(lambda uow: recurring.begin(uow, command))

    async def count(uow: UnitOfWork) -> int:
        return (await uow.execute(select(func.count()).select_from(billing_recurring))).scalar_one()

    assert await office.run(count) == 0


async def test_it_goes_on_in_the_currency_it_was_begun_in(office: Office) -> None:
    made = await _begin(office)
    other = next(code for code in ("USD", "IDR") if code != office.currency.code)
    with pytest.raises(RecurringUnfit) as refused:
        await office.run(lambda uow: recurring.change(uow, made.id, made.terms, Currency.of(other)))
    assert (refused.value.param, (await _look(office, made))[0].version) == ("currency", made.version)
