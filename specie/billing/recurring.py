"""Recurring invoices: begun, charged period by period, paused, resumed and ended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from specie import audit, parties
from specie.billing import delivering, invoicing, mailing, recurring_store, store
from specie.billing.document import day_words
from specie.billing.errors import LineInvalid, RecurringMissing, RecurringUnfit
from specie.billing.events import recurring_event
from specie.billing.figures import Grounds, figures_of, grounds_of
from specie.billing.invoicing import WriteInvoice
from specie.billing.model import Figures, Invoice
from specie.billing.recurring_model import Handling, Recurring, RecurringId, RecurringState, Rhythm, Run, Terms
from specie.events import record
from specie.kernel.ids import PartyId
from specie.kernel.money import Currency
from specie.platform import due
from specie.platform.db import UnitOfWork
from specie.platform.vault import KeyRing

RUN_PERIOD = "billing.recurring.period"
# Its coming days are days of a calendar too.
_LAST_YEAR = 2999


@dataclass(frozen=True, slots=True)
class Recur:
    """What is to be charged again and again."""

    customer_id: PartyId
    currency: Currency
    rhythm: Rhythm
    terms: Terms


async def begin(uow: UnitOfWork, command: Recur) -> Recurring:
    """Charge something from a day on, again and again.

    Raises RecurringUnfit, PartyMissing or what `figures_of` raises.
    """
    if command.rhythm.starts_on.year > _LAST_YEAR:
        raise RecurringUnfit("begin earlier", param="starts_on")
    if command.rhythm.starts_on < uow.business_date:
        raise RecurringUnfit("the first day is today or later", param="starts_on")
    if command.rhythm.ends_on is not None and command.rhythm.ends_on < command.rhythm.starts_on:
        raise RecurringUnfit("the last day is not before the first", param="ends_on")
    if command.customer_id not in await parties.tiers(uow, [command.customer_id]):
        raise parties.PartyMissing(f"there is no party {command.customer_id}", param="customer_id")
    await _require_chargeable(uow, command.terms, command.currency, command.customer_id)
    made = Recurring(
        id=RecurringId.new(),
        customer_id=command.customer_id,
        currency=command.currency,
        state=RecurringState.ACTIVE,
        rhythm=command.rhythm,
        next_period=0,
        next_on=command.rhythm.starts_on,
        terms=command.terms,
        created_at=uow.now,
    )
    await recurring_store.insert_recurring(uow, made)
    await _plan(uow, made)
    await _note(uow, "begin", made, {"starts_on": made.rhythm.starts_on.isoformat()})
    return made


async def _require_chargeable(uow: UnitOfWork, terms: Terms, currency: Currency, customer_id: PartyId) -> None:
    figures = await figures_of(uow, terms.lines, currency, includes_tax=terms.includes_tax, customer_id=customer_id)
    if figures.total_minor <= 0:
        raise RecurringUnfit("write a line that charges something", param="lines")


async def change(uow: UnitOfWork, recurring_id: RecurringId, terms: Terms, currency: Currency) -> Recurring:
    """Say what the coming invoices charge; whom, in which currency and when stays as it was begun.

    Raises RecurringMissing, RecurringCannotMove, RecurringUnfit or what `figures_of` raises.
    """
    before = await get(uow, recurring_id, lock=True)
    before.require(RecurringState.ACTIVE, RecurringState.PAUSED)
    if currency.code != before.currency.code:
        raise RecurringUnfit(f"it charges in {before.currency}", param="currency")
    await _require_chargeable(uow, terms, before.currency, before.customer_id)
    return await _move(uow, "change", replace(before, terms=terms))


@dataclass(frozen=True, slots=True)
class Today:
    """What an invoice would charge today, and why none could be charged; that is empty where one could.

    A line that no price list prices any more then counts nothing.
    """

    figures: Figures
    trouble: str = ""


async def today(uow: UnitOfWork, found: Sequence[Recurring]) -> list[Today]:
    """What an invoice of each would charge today, as agreed: also when a tax rate was archived since."""
    lines = [line for each in found for line in each.terms.lines]
    grounds = await grounds_of(uow, lines, list({each.customer_id for each in found}), agreed=True)
    return [_today(grounds, each) for each in found]


def _today(grounds: Grounds, of: Recurring) -> Today:
    lines, includes_tax = of.terms.lines, of.terms.includes_tax
    try:
        figures = grounds.figures(lines, of.currency, includes_tax=includes_tax, customer_id=of.customer_id)
        return Today(figures)
    except LineInvalid as refused:
        shown = grounds.figures(lines, of.currency, includes_tax=includes_tax, customer_id=of.customer_id, unpriced=0)
        return Today(shown, refused.detail)


@dataclass(frozen=True, slots=True)
class Coming:
    """An invoice that will be charged, with the day on which it is due; or why none could be, and then no amount."""

    due_on: date
    of: Recurring
    minor: int
    trouble: str = ""


async def coming(uow: UnitOfWork, currency: Currency, until: date) -> list[Coming]:
    """What recurring invoices will charge that is due by a day; one that could not charge today is told once."""
    found = list[Coming]()
    usual = (await store.profile(uow)).due_days
    page = await recurring_store.due_by(uow, currency, until, usual, None)
    while page:
        for each, now in zip(page, await today(uow, page), strict=True):
            found += _coming(each, now, usual, until)
        page = await recurring_store.due_by(uow, currency, until, usual, page[-1].id)
    return found


def _coming(each: Recurring, now: Today, usual: int, until: date) -> list[Coming]:
    waits = timedelta(days=usual if each.terms.due_days is None else each.terms.due_days)
    days = _due_days(each, waits, until)
    if now.trouble:
        return [Coming(day, each, 0, now.trouble) for day in days[:1]]
    return [Coming(day, each, now.figures.total_minor) for day in days]


def _due_days(each: Recurring, waits: timedelta, until: date) -> list[date]:
    """The days up to a last one on which the invoices from the next one on are due."""
    days, period = list[date](), each.next_period
    while (day := each.rhythm.next_day(period)) is not None and day + waits <= until:
        days.append(day + waits)
        period += 1
    return days


async def pause(uow: UnitOfWork, recurring_id: RecurringId) -> Recurring:
    """Charge nothing until it is resumed. Raises RecurringMissing or RecurringCannotMove."""
    before = await get(uow, recurring_id, lock=True)
    before.require(RecurringState.ACTIVE)
    return await _move(uow, "pause", replace(before, state=RecurringState.PAUSED))


async def resume(uow: UnitOfWork, recurring_id: RecurringId, *, catch_up: bool = False) -> Recurring:
    """Go on: with the first period from today on, or, to `catch_up`, with each one that was left out as well.

    Raises RecurringMissing or RecurringCannotMove.
    """
    before = await get(uow, recurring_id, lock=True)
    before.require(RecurringState.PAUSED)
    period = before.next_period
    if not catch_up:
        period = before.rhythm.first_from(period, uow.business_date)
    after = await _move(uow, "resume", _at(replace(before, state=RecurringState.ACTIVE, trouble=""), period))
    await _plan(uow, after)
    return after


async def end(uow: UnitOfWork, recurring_id: RecurringId) -> Recurring:
    """Charge nothing any more, for good. Raises RecurringMissing or RecurringCannotMove."""
    before = await get(uow, recurring_id, lock=True)
    before.require(RecurringState.ACTIVE, RecurringState.PAUSED)
    return await _move(uow, "end", replace(before, state=RecurringState.ENDED, next_on=None))


async def run_period(uow: UnitOfWork, ring: KeyRing, recurring_id: RecurringId, period: int) -> Invoice | None:
    """Charge a period that has begun, once, and plan the next; None when that was done or is not wanted any more.

    Everything is one commit: a worker that dies leaves the period uncharged and its work in the queue. Raises what
    drafting, issuing, giving out the goods and mailing raise; the caller then pauses it with `stumble`.
    """
    before = await get(uow, recurring_id, lock=True)
    if before.state is not RecurringState.ACTIVE or before.next_period != period:
        return None
    if before.next_on is not None and before.next_on > uow.business_date:
        # The business's day has been moved since this was planned; the period has not begun by its new calendar.
        await _plan(uow, before)
        return None
    invoice = await _charge(uow, ring, before)
    run = Run(period, before.rhythm.day(period), invoice.id, uow.now)
    await recurring_store.insert_run(uow, recurring_id, run)
    after = _at(replace(before, version=before.version + 1), period + 1)
    await recurring_store.update_recurring(uow, after)
    await _plan(uow, after)
    await _note(uow, "charge", after, {"period": period, "invoice_id": str(invoice.id)})
    return invoice


async def _charge(uow: UnitOfWork, ring: KeyRing, of: Recurring) -> Invoice:
    first, last = of.rhythm.span(of.next_period)
    terms = of.terms
    said = WriteInvoice(
        customer_id=of.customer_id,
        currency=of.currency,
        lines=terms.lines,
        includes_tax=terms.includes_tax,
        due_days=terms.due_days,
        reference=terms.reference,
        note="\n".join(filter(None, [f"For {day_words(first)} to {day_words(last)}", terms.note])),
    )
    invoice = await invoicing.draft(uow, said)
    if terms.handling is Handling.DRAFT:
        return invoice
    invoice = await delivering.issue_alone(uow, ring, invoice.id)
    if terms.handling is Handling.MAIL:
        await mailing.mail_invoice(uow, ring, invoice.id)
    return invoice


async def stumble(uow: UnitOfWork, recurring_id: RecurringId, period: int, reason: str) -> Recurring | None:
    """Pause one whose period could not be charged, and say why; None when it has gone on or was paused since."""
    before = await get(uow, recurring_id, lock=True)
    if before.state is not RecurringState.ACTIVE or before.next_period != period:
        return None
    after = await _move(uow, "stumble", replace(before, state=RecurringState.PAUSED, trouble=reason))
    await record(uow, recurring_event("paused", after))
    return after


async def get(uow: UnitOfWork, recurring_id: RecurringId, *, lock: bool = False) -> Recurring:
    """One recurring invoice the caller may see. Raises RecurringMissing."""
    found = await recurring_store.recurring_by_id(uow, recurring_id, lock=lock)
    if found is None:
        raise RecurringMissing(f"there is no recurring invoice {recurring_id}")
    return found


def _at(now: Recurring, period: int) -> Recurring:
    next_on = now.rhythm.next_day(period)
    state = now.state if next_on is not None else RecurringState.ENDED
    return replace(now, next_period=period, next_on=next_on, state=state)


async def _plan(uow: UnitOfWork, now: Recurring) -> None:
    if now.next_on is None:
        return
    begins = uow.scope.clock.end_of(now.next_on - timedelta(days=1)) + timedelta(microseconds=1)
    payload = {"recurring_id": str(now.id), "period": now.next_period}
    await due.schedule(uow, kind=RUN_PERIOD, at=begins, payload=payload)


async def _move(uow: UnitOfWork, act: str, after: Recurring) -> Recurring:
    moved = replace(after, version=after.version + 1)
    await recurring_store.update_recurring(uow, moved)
    await _note(uow, act, moved, {"state": moved.state.value, "next_period": moved.next_period})
    return moved


async def _note(uow: UnitOfWork, act: str, of: Recurring, after: Mapping[str, Any]) -> None:
    subject = ("recurring_invoice", str(of.id))
    await audit.record(uow, action=f"recurring_invoice.{act}", subject=subject, after=after)
