"""The SQL of sealed blocks; read and written across tenants by the sweeping role, read by the auditor."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Text, cast, func, insert, select
from sqlalchemy.dialects import postgresql

from specie.kernel.ids import AccountId, TenantId
from specie.ledger import tables
from specie.platform.db import UnitOfWork
from specie.platform.idempotency import lock_number


@dataclass(frozen=True, slots=True)
class Block:
    """One link of a tenant's chain: the events `first_n` to `last_n`, of which `entries` are journal entries.

    `leaves` are the events' hashes one after the other, so that an altered one can be named.
    """

    tenant_id: TenantId
    number: int
    first_n: int
    last_n: int
    entries: int
    previous_hash: bytes
    merkle_root: bytes
    leaves: bytes
    hash: bytes
    sealed_at: datetime


async def become_sealer(uow: UnitOfWork) -> bool:
    """Whether this transaction is the only one sealing."""
    lock = select(func.pg_try_advisory_xact_lock(lock_number("ledger.sealer")))
    return bool((await uow.execute(lock)).scalar_one())


async def account_identities(uow: UnitOfWork, tenant_id: TenantId, ids: Collection[AccountId]) -> dict[AccountId, str]:
    """What an account is from its opening on, as one text each; its name is a label and may change."""
    a = tables.account.c
    parts = (a.code, a.type, a.currency, a.exponent, a.owner_party_id, a.window_seconds, a.opened_at)
    identity = cast(func.jsonb_build_array(*parts), Text)
    query = select(a.id, identity.label("identity")).where(
        a.tenant_id == tenant_id.uuid, a.id.in_([one.uuid for one in ids])
    )
    return {AccountId(row.id): row.identity for row in await uow.execute(query)}


async def last_block(uow: UnitOfWork, tenant_id: TenantId) -> Block | None:
    """The head of a tenant's chain."""
    b = tables.block.c
    query = select(tables.block).where(b.tenant_id == tenant_id.uuid).order_by(b.number.desc()).limit(1)
    row = (await uow.execute(query)).mappings().one_or_none()
    return Block(**{**row, "tenant_id": tenant_id}) if row else None


async def blocks(uow: UnitOfWork, tenant_id: TenantId, after: int, limit: int) -> list[Block]:
    """Blocks of a tenant in order, after a number."""
    b = tables.block.c
    query = select(tables.block).where(b.tenant_id == tenant_id.uuid, b.number > after).order_by(b.number).limit(limit)
    return [Block(**{**row, "tenant_id": tenant_id}) for row in (await uow.execute(query)).mappings()]


async def append(uow: UnitOfWork, block: Block) -> None:
    """Add a block and move the head to it; a second one after the same predecessor breaks a unique constraint."""
    row = {
        "tenant_id": block.tenant_id.uuid,
        "number": block.number,
        "first_n": block.first_n,
        "last_n": block.last_n,
        "entries": block.entries,
        "previous_hash": block.previous_hash,
        "merkle_root": block.merkle_root,
        "leaves": block.leaves,
        "hash": block.hash,
        "sealed_at": block.sealed_at,
    }
    await uow.execute(insert(tables.block).values(row))
    end = {"number": block.number, "hash": block.hash}
    head = postgresql.insert(tables.head).values(tenant_id=block.tenant_id.uuid, **end)
    await uow.execute(head.on_conflict_do_update(index_elements=["tenant_id"], set_=end))
