"""Recording acts, sealing them in the background, and proving that nobody changed them since."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

from specie.audit import store
from specie.audit.model import (
    FIRST_HASH,
    Act,
    AuditFault,
    AuditFilter,
    AuditRow,
    Seal,
    canonical_json,
    seal_hash,
)
from specie.kernel.ids import AuditId, TenantId
from specie.kernel.pagination import Page
from specie.platform.db import UnitOfWork


async def record(
    uow: UnitOfWork,
    *,
    action: str,
    subject: tuple[str, str],
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str | None = None,
) -> AuditId:
    """Append who did what to which thing; commits with the change itself.

    `subject` is kind and id as text. `before` and `after` hold only what changed, and personal data in them
    is already masked: these rows are kept for ever and read by every auditor.
    """
    row_id = AuditId.new()
    what = {**_what(row_id, subject, before, after), "reason": reason}
    await store.add(uow, {**_who(uow, action), **what})
    return row_id


async def record_many(uow: UnitOfWork, action: str, acts: Sequence[Act]) -> None:
    """As `record` for many acts of one kind, in one statement."""
    rows = [_what(AuditId.new(), act.subject, act.before, act.after) for act in acts]
    if rows:
        await store.add_many(uow, _who(uow, action), rows)


def _who(uow: UnitOfWork, action: str) -> dict[str, Any]:
    scope = uow.scope
    return {
        "tenant_id": scope.tenant_id.uuid,
        "at": uow.now,
        "actor": str(scope.actor),
        "action": action,
        "request_id": scope.request_id.uuid,
        "session_id": scope.session_id.uuid if scope.session_id else None,
        "idempotency_key": uow.idempotency_key,
    }


def _what(
    row_id: AuditId, subject: tuple[str, str], before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> dict[str, Any]:
    return {
        "id": row_id.uuid,
        "subject_kind": subject[0],
        "subject_id": subject[1],
        "before": canonical_json(before),
        "after": canonical_json(after),
    }


async def find(uow: UnitOfWork, wanted: AuditFilter, before_id: UUID | None, limit: int) -> Page[AuditRow]:
    """A page of the tenant's audit rows, newest first."""
    rows = await store.page(uow, wanted, before_id, limit)
    return Page.cut(rows, limit, key=lambda row: (str(row.id),))


async def seal_pending(uow: UnitOfWork, *, limit: int = 1000) -> int:
    """Number and chain up to `limit` committed rows, tenant by tenant. Needs a system unit of work.

    Returns how many; 0 also when another process is sealing.
    """
    if not await store.become_sealer(uow):
        return 0
    rows = await store.claim_pending(uow, limit)
    for tenant_id, group in groupby(rows, key=lambda row: row.tenant_id):
        n, last_hash = await store.lock_head(uow, tenant_id)
        await store.append_seals(uow, _chained(list(group), n, last_hash))
    return len(rows)


def _chained(rows: Sequence[AuditRow], n: int, prev_hash: bytes) -> list[Seal]:
    seals = []
    for row in rows:
        n += 1
        seal = Seal(row.tenant_id, n, row.id, prev_hash, seal_hash(row, n, prev_hash))
        prev_hash = seal.hash
        seals.append(seal)
    return seals


async def verify(uow: UnitOfWork, tenant_id: TenantId) -> AuditFault | None:
    """Recompute the tenant's chain and return its first fault, or None. Reads only."""
    n, last_hash = 0, FIRST_HASH
    async for seal, row in store.chain(uow, tenant_id.uuid):
        n += 1
        wrong = _wrong_link(seal, row, n, last_hash)
        if wrong:
            return AuditFault(n, seal.audit_id, wrong)
        last_hash = seal.hash
    head = await store.head(uow, tenant_id.uuid)
    if head != ((n, last_hash) if n else None):
        return AuditFault(n + 1, None, "the chain does not end where its head says")
    return None


def _wrong_link(seal: Seal, row: AuditRow | None, n: int, prev_hash: bytes) -> str | None:
    if seal.n != n:
        return f"number {n} is missing"
    if seal.prev_hash != prev_hash:
        return "the seal does not follow the one before it"
    if row is None:
        return "the row is gone"
    if seal.hash != seal_hash(row, n, prev_hash):
        return "the row is not what was sealed"
    return None
