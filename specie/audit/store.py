"""Every statement on the audit tables."""

from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Text,
    and_,
    cast,
    delete,
    func,
    insert,
    or_,
    select,
    text,
    tuple_,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from specie.audit.model import FIRST_HASH, AuditFilter, AuditRow, Seal
from specie.audit.tables import audit, audit_head, audit_pending, audit_seal
from specie.platform import arrays
from specie.platform.db import UnitOfWork

_SEALER_LOCK = 7_301_201

# One statement for the row and its place in the sealer's queue: a single round trip for the caller.
_RECORD = text("""
with row as (
    insert into specie.audit (tenant_id, id, at, actor, action, subject_kind, subject_id, before, after,
                              reason, request_id, session_id, idempotency_key)
    values (:tenant_id, :id, :at, :actor, :action, :subject_kind, :subject_id, :before, :after,
            :reason, :request_id, :session_id, :idempotency_key)
    returning tenant_id, id
)
insert into specie.audit_pending (tenant_id, audit_id) select tenant_id, id from row
""")

_RECORD_MANY = """
with row as (
    insert into specie.audit (tenant_id, at, actor, action, request_id, session_id, idempotency_key,
                              id, subject_kind, subject_id, before, after)
    select %(tenant_id)s, %(at)s, %(actor)s, %(action)s, %(request_id)s, %(session_id)s, %(idempotency_key)s, act.*
    from unnest(%(ids)s::uuid[], %(kinds)s::text[], %(subjects)s::text[], %(before)s::text[], %(after)s::text[]) as act
    returning tenant_id, id
)
insert into specie.audit_pending (tenant_id, audit_id) select tenant_id, id from row
"""

_COLUMNS = (*(column for column in audit.c if column.name != "txid"), cast(audit.c.txid, Text).label("txid"))
_SEALED_ROWS = audit.outerjoin(
    audit_seal, and_(audit_seal.c.tenant_id == audit.c.tenant_id, audit_seal.c.audit_id == audit.c.id)
)


async def add(uow: UnitOfWork, values: dict[str, Any]) -> None:
    """Append one row and queue it for sealing."""
    await uow.execute(_RECORD, values)


async def add_many(uow: UnitOfWork, who: dict[str, Any], rows: Sequence[dict[str, Any]]) -> None:
    """Append rows that share who, when and which act, and queue them for sealing."""
    columns = {
        "ids": arrays.uuids([row["id"] for row in rows]),
        "kinds": arrays.texts([row["subject_kind"] for row in rows]),
        "subjects": arrays.texts([row["subject_id"] for row in rows]),
        "before": arrays.texts([row["before"] for row in rows]),
        "after": arrays.texts([row["after"] for row in rows]),
    }
    await (await uow.raw()).execute(_RECORD_MANY, who | columns)


async def page(uow: UnitOfWork, wanted: AuditFilter, before_id: UUID | None, limit: int) -> list[AuditRow]:
    """Up to `limit + 1` rows of the tenant, newest first, older than `before_id`."""
    conditions = [audit.c.tenant_id == uow.scope.tenant_id.uuid, *_conditions(wanted)]
    if before_id is not None:
        conditions.append(audit.c.id < before_id)
    query = (
        select(*_COLUMNS, audit_seal.c.n)
        .select_from(_SEALED_ROWS)
        .where(*conditions)
        .order_by(audit.c.id.desc())
        .limit(limit + 1)
    )
    return [AuditRow(**row._mapping) for row in await uow.execute(query)]


def _conditions(wanted: AuditFilter) -> list[ColumnElement[bool]]:
    equal = {
        audit.c.action: wanted.action,
        audit.c.subject_kind: wanted.subject_kind,
        audit.c.subject_id: wanted.subject_id,
        audit.c.actor: wanted.actor,
    }
    found: list[ColumnElement[bool]] = [column == value for column, value in equal.items() if value is not None]
    if wanted.since is not None:
        found.append(audit.c.at >= wanted.since)
    if wanted.until is not None:
        found.append(audit.c.at < wanted.until)
    if wanted.q:
        searched = (audit.c.action, audit.c.subject_id, audit.c.reason, audit.c.before, audit.c.after)
        found.append(or_(*(column.icontains(wanted.q, autoescape=True) for column in searched)))
    return found


async def become_sealer(uow: UnitOfWork) -> bool:
    """Whether this transaction is the only sealer until it ends."""
    return bool((await uow.execute(select(func.pg_try_advisory_xact_lock(_SEALER_LOCK)))).scalar_one())


async def claim_pending(uow: UnitOfWork, limit: int) -> list[AuditRow]:
    """Take up to `limit` committed rows out of the queue, ordered by tenant and time."""
    oldest = (
        select(audit_pending.c.tenant_id, audit_pending.c.audit_id)
        .order_by(audit_pending.c.audit_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    claimed = delete(audit_pending).where(tuple_(audit_pending.c.tenant_id, audit_pending.c.audit_id).in_(oldest))
    taken = claimed.returning(audit_pending.c.tenant_id, audit_pending.c.audit_id).cte("taken")
    query = (
        select(*_COLUMNS)
        .join(taken, and_(taken.c.tenant_id == audit.c.tenant_id, taken.c.audit_id == audit.c.id))
        .order_by(audit.c.tenant_id, audit.c.id)
    )
    return [AuditRow(**row._mapping) for row in await uow.execute(query)]


async def lock_head(uow: UnitOfWork, tenant_id: UUID) -> tuple[int, bytes]:
    """Number and hash of the tenant's last seal; nobody else can append until this transaction ends."""
    query = select(audit_head.c.n, audit_head.c.hash).where(audit_head.c.tenant_id == tenant_id).with_for_update()
    row = (await uow.execute(query)).one_or_none()
    return (row.n, bytes(row.hash)) if row else (0, FIRST_HASH)


async def append_seals(uow: UnitOfWork, seals: Sequence[Seal]) -> None:
    """Append seals of one tenant in order and move its head to the last."""
    rows = [
        {"tenant_id": s.tenant_id, "n": s.n, "audit_id": s.audit_id, "prev_hash": s.prev_hash, "hash": s.hash}
        for s in seals
    ]
    await uow.execute(insert(audit_seal), rows)
    last = seals[-1]
    head = upsert(audit_head).values(tenant_id=last.tenant_id, n=last.n, hash=last.hash)
    moved = {"n": head.excluded.n, "hash": head.excluded.hash}
    await uow.execute(head.on_conflict_do_update(index_elements=[audit_head.c.tenant_id], set_=moved))


async def chain(uow: UnitOfWork, tenant_id: UUID, batch: int = 1000) -> AsyncIterator[tuple[Seal, AuditRow | None]]:
    """Every seal of a tenant in order of its number, with the row it stands for where that still exists."""
    after = 0
    while rows := await _chain_part(uow, tenant_id, after, batch):
        for row in rows:
            yield row
        after = rows[-1][0].n


async def _chain_part(uow: UnitOfWork, tenant_id: UUID, after: int, limit: int) -> list[tuple[Seal, AuditRow | None]]:
    seal_columns = [column.label(f"seal_{column.name}") for column in audit_seal.c]
    joined = audit_seal.outerjoin(
        audit, and_(audit.c.tenant_id == audit_seal.c.tenant_id, audit.c.id == audit_seal.c.audit_id)
    )
    query = (
        select(*seal_columns, *_COLUMNS)
        .select_from(joined)
        .where(audit_seal.c.tenant_id == tenant_id, audit_seal.c.n > after)
        .order_by(audit_seal.c.n)
        .limit(limit)
    )
    return [_linked(row._mapping) for row in await uow.execute(query)]


def _linked(row: Any) -> tuple[Seal, AuditRow | None]:
    seal = Seal(**{column.name: row[f"seal_{column.name}"] for column in audit_seal.c})
    if row["id"] is None:
        return seal, None
    return seal, AuditRow(**{column.name: row[column.name] for column in audit.c})


async def head(uow: UnitOfWork, tenant_id: UUID) -> tuple[int, bytes] | None:
    """Number and hash the tenant's chain should end with, without a lock."""
    query = select(audit_head.c.n, audit_head.c.hash).where(audit_head.c.tenant_id == tenant_id)
    row = (await uow.execute(query)).one_or_none()
    return (row.n, bytes(row.hash)) if row else None
