"""The SQL of letters and reminders."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, exists, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from specie.billing import tables
from specie.billing.letter_model import Letter, LetterId, LetterKind, LetterState, Step
from specie.billing.model import OPEN_STATES, InvoiceId
from specie.kernel.ids import PartyId
from specie.platform.db import UnitOfWork


async def insert_letter(uow: UnitOfWork, letter: Letter) -> bool:
    """Put a letter down; whether it is new, for a step reminds of an invoice once."""
    row = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "id": letter.id.uuid,
        "kind": letter.kind.value,
        "document_id": letter.document_id,
        "customer_id": letter.customer_id.uuid,
        "state": letter.state.value,
        "step": letter.step,
        "tries": letter.tries,
        "error": letter.error,
        "created_at": letter.created_at,
    }
    statement = upsert(tables.letter).values(row).on_conflict_do_nothing().returning(tables.letter.c.id)
    return (await uow.execute(statement)).scalar_one_or_none() is not None


async def letter_by_id(uow: UnitOfWork, letter_id: LetterId, *, lock: bool = False) -> Letter | None:
    """One letter, locked on demand."""
    one = tables.letter.c
    query = select(tables.letter).where(one.tenant_id == uow.scope.tenant_id.uuid, one.id == letter_id.uuid)
    row = (await uow.execute(query.with_for_update() if lock else query)).one_or_none()
    return _letter(row) if row else None


async def update_letter(uow: UnitOfWork, letter: Letter) -> None:
    """Store what became of a letter."""
    one = tables.letter.c
    values = {"state": letter.state.value, "tries": letter.tries, "error": letter.error, "ended_at": letter.ended_at}
    where = (one.tenant_id == uow.scope.tenant_id.uuid, one.id == letter.id.uuid)
    await uow.execute(update(tables.letter).where(*where).values(values))


async def letters_of(uow: UnitOfWork, document_id: UUID) -> list[Letter]:
    """The letters about a document, oldest first."""
    one = tables.letter.c
    query = select(tables.letter).where(one.tenant_id == uow.scope.tenant_id.uuid, one.document_id == document_id)
    return [_letter(row) for row in await uow.execute(query.order_by(one.id))]


async def steps(uow: UnitOfWork) -> list[Step]:
    """When customers are reminded, the earliest first."""
    s = tables.reminder_step.c
    query = select(tables.reminder_step).where(s.tenant_id == uow.scope.tenant_id.uuid).order_by(s.days)
    return [Step(row.days, row.words) for row in await uow.execute(query)]


async def put_steps(uow: UnitOfWork, wanted: Sequence[Step]) -> None:
    """Make these the steps."""
    s, tenant = tables.reminder_step, uow.scope.tenant_id.uuid
    await uow.execute(delete(s).where(s.c.tenant_id == tenant))
    rows = [{"tenant_id": tenant, "days": step.days, "words": step.words} for step in wanted]
    if rows:
        await uow.execute(insert(s).values(rows))


async def begin_runs(uow: UnitOfWork, day: date) -> bool:
    """Say on which day reminders run next, unless they run already; whether it was this that said so."""
    r = tables.reminder_run
    statement = upsert(r).values(tenant_id=uow.scope.tenant_id.uuid, next_on=day).on_conflict_do_nothing()
    return (await uow.execute(statement.returning(r.c.next_on))).scalar_one_or_none() is not None


async def lock_run(uow: UnitOfWork) -> date | None:
    """The day on which reminders run next, locked."""
    r = tables.reminder_run
    query = select(r.c.next_on).where(r.c.tenant_id == uow.scope.tenant_id.uuid).with_for_update()
    return (await uow.execute(query)).scalar_one_or_none()


async def move_run(uow: UnitOfWork, day: date) -> None:
    """Say on which day reminders run next."""
    r = tables.reminder_run
    await uow.execute(update(r).where(r.c.tenant_id == uow.scope.tenant_id.uuid).values(next_on=day))


async def to_remind(uow: UnitOfWork, step: int, due_on: date, limit: int) -> list[tuple[InvoiceId, PartyId]]:
    """Open invoices due on a day that this step has not reminded of, those whose reminders are paused left out."""
    i, one, p = tables.invoice.c, tables.letter.c, tables.reminder_pause.c
    reminded = exists().where(one.tenant_id == i.tenant_id, one.document_id == i.id, one.step == step)
    paused = exists().where(p.tenant_id == i.tenant_id, p.invoice_id == i.id)
    query = select(i.id, i.customer_id).where(
        i.tenant_id == uow.scope.tenant_id.uuid,
        i.state.in_([state.value for state in OPEN_STATES]),
        i.due_on == due_on,
        ~reminded,
        ~paused,
    )
    rows = await uow.execute(query.order_by(i.id).limit(limit))
    return [(InvoiceId(row.id), PartyId(row.customer_id)) for row in rows]


async def is_paused(uow: UnitOfWork, invoice_id: InvoiceId) -> bool:
    """Whether nobody is reminded of an invoice."""
    p = tables.reminder_pause.c
    query = select(p.invoice_id).where(p.tenant_id == uow.scope.tenant_id.uuid, p.invoice_id == invoice_id.uuid)
    return (await uow.execute(query)).scalar_one_or_none() is not None


async def set_paused(uow: UnitOfWork, invoice_id: InvoiceId, *, paused: bool) -> None:
    """Pause the reminders of an invoice, or let them go on."""
    p, key = tables.reminder_pause, {"tenant_id": uow.scope.tenant_id.uuid, "invoice_id": invoice_id.uuid}
    if paused:
        await uow.execute(upsert(p).values(key).on_conflict_do_nothing())
        return
    await uow.execute(delete(p).where(p.c.tenant_id == key["tenant_id"], p.c.invoice_id == key["invoice_id"]))


def _letter(row: Row[Any]) -> Letter:
    return Letter(
        id=LetterId(row.id),
        kind=LetterKind(row.kind),
        document_id=row.document_id,
        customer_id=PartyId(row.customer_id),
        state=LetterState(row.state),
        step=row.step,
        tries=row.tries,
        error=row.error,
        created_at=row.created_at,
        ended_at=row.ended_at,
    )
