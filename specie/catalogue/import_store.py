"""Every statement on long files of products that are taken in in the background."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from specie.catalogue.model import ImportRun, ProductImportId, RunState
from specie.catalogue.tables import product_import as t
from specie.platform.db import UnitOfWork
from specie.platform.idempotency import lock_number

_SHOWN = [column for column in t.c if column.name not in {"tenant_id", "digest", "content"}]


async def lock(uow: UnitOfWork) -> None:
    """Let one long file at a time come in."""
    number = lock_number(f"product-import/{uow.scope.tenant_id.uuid}")
    await uow.execute(select(func.pg_advisory_xact_lock(number)))


async def insert_run(uow: UnitOfWork, new: ImportRun, digest: bytes, content: bytes) -> bool:
    """Write a file down that waits for its turn, unless it has been; whether it was new."""
    row = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "id": new.id.uuid,
        "name": new.name,
        "digest": digest,
        "content": content,
        "skips_refused": new.skips_refused,
        "state": new.state.value,
        "total_rows": new.total_rows,
        "created_at": new.created_at,
        "created_by": new.created_by,
    }
    statement = upsert(t).values(row).on_conflict_do_nothing().returning(t.c.id)
    return (await uow.execute(statement)).scalar_one_or_none() is not None


async def run_by_id(uow: UnitOfWork, run_id: ProductImportId) -> ImportRun | None:
    """One file and what came of it."""
    row = (await uow.execute(select(*_SHOWN).where(*_this(uow, run_id)))).one_or_none()
    return _run(row) if row else None


async def run_by_digest(uow: UnitOfWork, digest: bytes) -> ImportRun | None:
    """The same file, where it waits or has been taken in."""
    mine = (t.c.tenant_id == uow.scope.tenant_id.uuid, t.c.digest == digest, t.c.state != RunState.REFUSED.value)
    row = (await uow.execute(select(*_SHOWN).where(*mine))).one_or_none()
    return _run(row) if row else None


async def find_runs(uow: UnitOfWork, before: UUID | None, limit: int) -> list[ImportRun]:
    """Up to `limit + 1` files, the newest first."""
    query = select(*_SHOWN).where(t.c.tenant_id == uow.scope.tenant_id.uuid)
    if before is not None:
        query = query.where(t.c.id < before)
    return [_run(row) for row in await uow.execute(query.order_by(t.c.id.desc()).limit(limit + 1))]


async def content_of(uow: UnitOfWork, run_id: ProductImportId) -> bytes | None:
    """What the file holds, while it waits."""
    found = (await uow.execute(select(t.c.content).where(*_this(uow, run_id)))).scalar_one_or_none()
    return bytes(found) if found is not None else None


async def note_progress(uow: UnitOfWork, run_id: ProductImportId, done_rows: int) -> None:
    """Write down how far a file is."""
    await uow.execute(update(t).where(*_this(uow, run_id)).values(done_rows=done_rows))


async def finish(
    uow: UnitOfWork,
    run_id: ProductImportId,
    state: RunState,
    counts: Mapping[Any, int],
    told: Sequence[Mapping[str, Any]],
    problem: str | None = None,
) -> None:
    """Write down what came of a file that waits; what it held is let go."""
    values: dict[str, Any] = {
        "state": state.value,
        "content": None,
        "counts": {str(fate): number for fate, number in counts.items()},
        "told": [dict(each) for each in told],
        "problem": problem,
        "finished_at": uow.now,
    }
    if state is RunState.DONE:
        values["done_rows"] = t.c.total_rows
    waits = (*_this(uow, run_id), t.c.state == RunState.WAITING.value)
    await uow.execute(update(t).where(*waits).values(values))


def _this(uow: UnitOfWork, run_id: ProductImportId) -> tuple[Any, ...]:
    return (t.c.tenant_id == uow.scope.tenant_id.uuid, t.c.id == run_id.uuid)


def _run(row: Row[Any]) -> ImportRun:
    return ImportRun(
        id=ProductImportId(row.id),
        name=row.name,
        skips_refused=row.skips_refused,
        state=RunState(row.state),
        total_rows=row.total_rows,
        done_rows=row.done_rows,
        counts=row.counts,
        told=row.told,
        problem=row.problem,
        created_at=row.created_at,
        created_by=row.created_by,
        finished_at=row.finished_at,
    )
