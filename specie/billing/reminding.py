"""Reminders: on each business day, every step looks at the open invoices whose due date is so many days away."""

from collections.abc import Sequence
from datetime import date, timedelta

from specie import audit
from specie.billing import letter_store, mailing
from specie.billing.errors import StepsUnfit
from specie.billing.invoicing import get, note
from specie.billing.letter_model import Step
from specie.billing.model import Invoice, InvoiceId
from specie.platform import due
from specie.platform.db import UnitOfWork

RUN_DAY = "billing.reminders.day"
PAGE = 200


async def set_steps(uow: UnitOfWork, wanted: Sequence[Step]) -> list[Step]:
    """Say when customers are reminded and in which words; none ends it. Raises StepsUnfit for a day named twice."""
    days = [step.days for step in wanted]
    if len(set(days)) != len(days):
        raise StepsUnfit("two steps are on the same day", param="steps")
    await letter_store.put_steps(uow, wanted)
    await audit.record(uow, action="reminders.set", subject=("tenant", str(uow.scope.tenant_id)), after={"days": days})
    day = uow.business_date
    if wanted and await letter_store.begin_runs(uow, day):
        await _schedule(uow, day)
    return await letter_store.steps(uow)


async def _schedule(uow: UnitOfWork, day: date) -> None:
    first = uow.scope.clock.end_of(day - timedelta(days=1)) + timedelta(microseconds=1)
    await due.schedule(uow, kind=RUN_DAY, at=first, payload={"day": day.isoformat()})


async def run_page(uow: UnitOfWork, day: date) -> int:
    """Put some of a day's reminders on their way, each once. Returns how many; 0 when there are none left."""
    made = 0
    for step in await letter_store.steps(uow):
        found = await letter_store.to_remind(uow, step.days, day - timedelta(days=step.days), PAGE - made)
        for invoice_id, customer_id in found:
            made += await mailing.put(uow, mailing.reminder(uow, invoice_id, customer_id, step.days))
        if made >= PAGE:
            break
    return made


async def finish_day(uow: UnitOfWork, day: date) -> bool:
    """Count a day as run and plan the next, once; whether it was this run that did."""
    planned = await letter_store.lock_run(uow)
    if planned is None or planned > day:
        return False
    await letter_store.move_run(uow, day + timedelta(days=1))
    await _schedule(uow, day + timedelta(days=1))
    return True


async def set_paused(uow: UnitOfWork, invoice_id: InvoiceId, *, paused: bool) -> Invoice:
    """Pause the reminders of an invoice, or let them go on. Raises InvoiceMissing."""
    invoice = await get(uow, invoice_id, lock=True)
    await letter_store.set_paused(uow, invoice_id, paused=paused)
    await note(uow, "pause_reminders" if paused else "resume_reminders", invoice, {})
    return invoice
