"""The SQL of recurring invoices."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, insert, select, update

from specie.billing import tables
from specie.billing.model import InvoiceId
from specie.billing.recurring_model import (
    Handling,
    Recurring,
    RecurringId,
    RecurringState,
    Rhythm,
    Run,
    Terms,
    Unit,
    line_from_json,
    line_to_json,
)
from specie.kernel.ids import PartyId
from specie.kernel.money import Currency
from specie.kernel.pagination import Page
from specie.platform.db import UnitOfWork

PAGE = 1000
"""How many recurring invoices are read at once where all are wanted."""


async def insert_recurring(uow: UnitOfWork, made: Recurring) -> None:
    """Add a recurring invoice."""
    await uow.execute(insert(tables.recurring).values(_row(uow, made)))


async def update_recurring(uow: UnitOfWork, now: Recurring) -> None:
    """Store a recurring invoice as it is now; the row was locked when it was read."""
    r = tables.recurring.c
    where = (r.tenant_id == uow.scope.tenant_id.uuid, r.id == now.id.uuid)
    await uow.execute(update(tables.recurring).where(*where).values(_row(uow, now)))


async def recurring_by_id(uow: UnitOfWork, recurring_id: RecurringId, *, lock: bool = False) -> Recurring | None:
    """One recurring invoice the caller may see, locked on demand."""
    query = _visible(uow).where(tables.recurring.c.id == recurring_id.uuid)
    row = (await uow.execute(query.with_for_update() if lock else query)).one_or_none()
    return _recurring(row) if row else None


async def all_recurring(uow: UnitOfWork, state: str | None, before: UUID | None, limit: int) -> Page[Recurring]:
    """Recurring invoices the caller may see, newest first."""
    r, query = tables.recurring.c, _visible(uow)
    if state is not None:
        query = query.where(r.state == state)
    if before is not None:
        query = query.where(r.id < before)
    rows = (await uow.execute(query.order_by(r.id.desc()).limit(limit + 1))).all()
    return Page.cut(rows, limit, lambda row: (str(row.id),)).map(_recurring)


async def due_by(
    uow: UnitOfWork, currency: Currency, until: date, usual: int, after: RecurringId | None
) -> list[Recurring]:
    """Those that go on and whose next invoice is due by a day, oldest first, a page after the last one seen.

    `usual` is how many days customers have where a recurring invoice names none.
    """
    r = tables.recurring.c
    query = _visible(uow).where(
        r.currency == currency.code,
        r.state == RecurringState.ACTIVE.value,
        r.next_on + func.coalesce(r.due_days, usual) <= until,
    )
    if after is not None:
        query = query.where(r.id > after.uuid)
    return [_recurring(row) for row in await uow.execute(query.order_by(r.id).limit(PAGE))]


async def goes_on_for(uow: UnitOfWork, customer_id: PartyId) -> bool:
    """Whether a customer has a recurring invoice that has not ended."""
    r = tables.recurring.c
    query = _visible(uow).where(r.customer_id == customer_id.uuid, r.state != RecurringState.ENDED.value).limit(1)
    return (await uow.execute(query)).first() is not None


async def insert_run(uow: UnitOfWork, recurring_id: RecurringId, run: Run) -> None:
    """Remember the invoice of a period; a second one of the same period is refused by the database."""
    row = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "recurring_id": recurring_id.uuid,
        "period": run.period,
        "starts_on": run.starts_on,
        "invoice_id": run.invoice_id.uuid,
        "made_at": run.made_at,
    }
    await uow.execute(insert(tables.recurring_run).values(row))


async def runs_of(uow: UnitOfWork, recurring_id: RecurringId, limit: int) -> list[Run]:
    """The latest periods that were charged, newest first."""
    r = tables.recurring_run.c
    query = select(tables.recurring_run).where(
        r.tenant_id == uow.scope.tenant_id.uuid, r.recurring_id == recurring_id.uuid
    )
    rows = await uow.execute(query.order_by(r.period.desc()).limit(limit))
    return [Run(row.period, row.starts_on, InvoiceId(row.invoice_id), row.made_at) for row in rows]


async def charged(uow: UnitOfWork, ids: Sequence[RecurringId]) -> dict[RecurringId, int]:
    """How many periods of each were charged; one without any is left out."""
    r = tables.recurring_run.c
    query = select(r.recurring_id, func.count().label("n")).where(
        r.tenant_id == uow.scope.tenant_id.uuid, r.recurring_id.in_([each.uuid for each in ids])
    )
    return {RecurringId(row.recurring_id): row.n for row in await uow.execute(query.group_by(r.recurring_id))}


def _visible(uow: UnitOfWork) -> Select[Any]:
    r, party = tables.recurring.c, uow.scope.party_id
    query = select(tables.recurring).where(r.tenant_id == uow.scope.tenant_id.uuid)
    return query if party is None else query.where(r.customer_id == party.uuid)


_PLAIN = ("next_period", "next_on", "trouble", "version", "created_at")
_SAID = ("includes_tax", "due_days", "reference", "note")


def _row(uow: UnitOfWork, made: Recurring) -> dict[str, Any]:
    return {
        "tenant_id": uow.scope.tenant_id.uuid,
        "id": made.id.uuid,
        "customer_id": made.customer_id.uuid,
        "currency": made.currency.code,
        "state": made.state.value,
        "unit": made.rhythm.unit.value,
        "every": made.rhythm.every,
        "starts_on": made.rhythm.starts_on,
        "ends_on": made.rhythm.ends_on,
        "handling": made.terms.handling.value,
        "lines": [line_to_json(line) for line in made.terms.lines],
        **{name: getattr(made.terms, name) for name in _SAID},
        **{name: getattr(made, name) for name in _PLAIN},
    }


def _recurring(row: Row[Any]) -> Recurring:
    return Recurring(
        id=RecurringId(row.id),
        customer_id=PartyId(row.customer_id),
        currency=Currency.of(row.currency),
        state=RecurringState(row.state),
        rhythm=Rhythm(Unit(row.unit), row.every, row.starts_on, row.ends_on),
        terms=Terms(
            lines=[line_from_json(line) for line in row.lines],
            handling=Handling(row.handling),
            **{name: getattr(row, name) for name in _SAID},
        ),
        **{name: getattr(row, name) for name in _PLAIN},
    )
