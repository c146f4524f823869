"""Exceptions about a source as a whole: one of a kind is open at a time, renewed when what is wrong has changed."""

from dataclasses import replace

from specie import audit, events
from specie.kernel.money import Money
from specie.platform.db import UnitOfWork
from specie.reconciliation import exception_store
from specie.reconciliation.events import exception_told
from specie.reconciliation.model import ExceptionKind, ReconException, ReconExceptionId, Source


async def renew(
    uow: UnitOfWork, source: Source, kind: ExceptionKind, amount: Money, expected: Money | None, about: str
) -> tuple[ReconException, bool]:
    """The open exception of a kind with these amounts, and whether it is new; another before it is resolved.

    Owner, note and age go over to the new one: somebody looks after it already. The source must be locked.
    """
    known = await exception_store.open_standing(uow, source, kind)
    if known is not None and (known.amount, known.expected, known.about) == (amount, expected, about):
        return known, False
    if known is not None:
        await _end(uow, known, "another difference")
    opened = ReconException(
        id=ReconExceptionId.new(),
        source_id=source.id,
        kind=kind,
        line_id=None,
        entry_id=None,
        amount=amount,
        expected=expected,
        about=about,
        opened_at=known.opened_at if known is not None else uow.now,
        owner=known.owner if known is not None else None,
        note=known.note if known is not None else "",
    )
    await exception_store.insert_exceptions(uow, [opened])
    await events.record(uow, exception_told("opened", opened))
    return opened, True


async def resolve(uow: UnitOfWork, source: Source, kind: ExceptionKind, how: str) -> None:
    """Nothing of this kind is wrong any more."""
    known = await exception_store.open_standing(uow, source, kind)
    if known is not None:
        await _end(uow, known, how)


async def _end(uow: UnitOfWork, known: ReconException, how: str) -> None:
    done = replace(known, resolved_at=uow.now, resolution=how, version=known.version + 1)
    await exception_store.save(uow, done)
    await events.record(uow, exception_told("resolved", done))
    await audit.record(
        uow,
        action="reconciliation_exception.resolve",
        subject=("reconciliation_exception", str(known.id)),
        after={"resolution": how},
    )
