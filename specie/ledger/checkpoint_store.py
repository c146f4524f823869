"""The SQL of checkpoints: made by the sweeping role, read by everybody; a tenant's parts only by that tenant."""

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import and_, func, insert, select

from specie.kernel.ids import TenantId
from specie.ledger import tables
from specie.ledger.checkpoint import HASH_BYTES, Checkpoint, Part
from specie.ledger.seal_store import Block
from specie.platform.db import UnitOfWork
from specie.platform.idempotency import lock_number


async def become_signer(uow: UnitOfWork) -> bool:
    """Whether this transaction is the only one making a checkpoint."""
    lock = select(func.pg_try_advisory_xact_lock(lock_number("ledger.checkpoint")))
    return bool((await uow.execute(lock)).scalar_one())


async def last(uow: UnitOfWork) -> Checkpoint | None:
    """The newest checkpoint."""
    query = select(tables.checkpoint).order_by(tables.checkpoint.c.number.desc()).limit(1)
    row = (await uow.execute(query)).mappings().one_or_none()
    return Checkpoint(**row) if row else None


async def after(uow: UnitOfWork, number: int, limit: int) -> list[Checkpoint]:
    """Checkpoints in order, after a number."""
    c = tables.checkpoint.c
    query = select(tables.checkpoint).where(c.number > number).order_by(c.number).limit(limit)
    return [Checkpoint(**row) for row in (await uow.execute(query)).mappings()]


async def append(uow: UnitOfWork, checkpoint: Checkpoint, parts: Sequence[Part]) -> None:
    """Keep a checkpoint; a second one after the same predecessor breaks a unique constraint."""
    await uow.execute(insert(tables.checkpoint).values(asdict(checkpoint)))
    rows = [{**asdict(part), "tenant_id": part.tenant_id.uuid} for part in parts]
    if rows:
        await uow.execute(insert(tables.checkpoint_part), rows)


async def heads(uow: UnitOfWork) -> dict[TenantId, int]:
    """The number of each tenant's last block."""
    h = tables.head.c
    return {TenantId(row.tenant_id): row.number for row in await uow.execute(select(h.tenant_id, h.number))}


async def covered(uow: UnitOfWork) -> dict[TenantId, int]:
    """The last block of each tenant that a checkpoint covers."""
    p = tables.checkpoint_part.c
    query = select(p.tenant_id, func.max(p.last_block).label("block")).group_by(p.tenant_id)
    return {TenantId(row.tenant_id): row.block for row in await uow.execute(query)}


async def block_hashes(uow: UnitOfWork, tenant_id: TenantId, first: int, last_: int) -> list[bytes]:
    """The hashes of a tenant's blocks from one number to another, in order."""
    b = tables.block.c
    query = select(b.hash).where(b.tenant_id == tenant_id.uuid, b.number.between(first, last_)).order_by(b.number)
    return [bytes(found) for found in (await uow.execute(query)).scalars()]


async def parts(uow: UnitOfWork, tenant_id: TenantId, after_number: int, limit: int) -> list[tuple[Part, bytes]]:
    """A tenant's parts in order, each with the leaf at its place in the checkpoint."""
    p, c = tables.checkpoint_part.c, tables.checkpoint.c
    leaf = func.substring(c.leaves, p.position * HASH_BYTES + 1, HASH_BYTES).label("leaf")
    query = (
        select(tables.checkpoint_part, leaf)
        .join(tables.checkpoint, c.number == p.number)
        .where(p.tenant_id == tenant_id.uuid, p.number > after_number)
        .order_by(p.number)
        .limit(limit)
    )
    return [(_part(tenant_id, row), bytes(row.leaf)) for row in await uow.execute(query)]


async def block_with(uow: UnitOfWork, tenant_id: TenantId, n: int) -> Block | None:
    """The block that sealed a numbered event."""
    b = tables.block.c
    query = select(tables.block).where(b.tenant_id == tenant_id.uuid, b.last_n >= n, b.first_n <= n).order_by(b.last_n)
    row = (await uow.execute(query.limit(1))).mappings().one_or_none()
    return Block(**{**row, "tenant_id": tenant_id}) if row else None


async def covering(uow: UnitOfWork, tenant_id: TenantId, block: int) -> tuple[Part, Checkpoint] | None:
    """The checkpoint that covers a block of a tenant, with the tenant's part in it."""
    p, c = tables.checkpoint_part.c, tables.checkpoint.c
    query = (
        select(tables.checkpoint_part, *(column for column in c if column.name != "number"))
        .join(tables.checkpoint, and_(c.number == p.number))
        .where(p.tenant_id == tenant_id.uuid, p.first_block <= block, p.last_block >= block)
    )
    row = (await uow.execute(query)).one_or_none()
    if row is None:
        return None
    signed = Checkpoint(row.number, row.made_at, row.previous_hash, row.leaves, row.public_key, row.signature)
    return _part(tenant_id, row), signed


def _part(tenant_id: TenantId, row: object) -> Part:
    return Part(tenant_id, row.number, row.position, row.first_block, row.last_block)  # type: ignore[attr-defined]
