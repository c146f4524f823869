"""Sealing numbered entries into blocks, and proving the blocks against the entries."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from specie import events
from specie.kernel.ids import EntryId, TenantId
from specie.ledger import seal, seal_store
from specie.ledger.leaf_store import Leaf, Leaves
from specie.ledger.seal_store import Block
from specie.platform.db import UnitOfWork

_BLOCK_EVENTS = 1000


@dataclass(frozen=True, slots=True)
class ChainFault:
    """The first thing that is wrong in a tenant's chain."""

    tenant_id: TenantId
    block: int
    fault: str


async def seal_pending(uow: UnitOfWork) -> int:
    """Seal what has been numbered since, at most one block a tenant; needs a system unit of work. Returns how many."""
    if not await seal_store.become_sealer(uow):
        return 0
    made = 0
    for tenant_id, last_n in (await events.heads(uow)).items():
        made += await _seal_next(uow, tenant_id, last_n)
    return made


async def _seal_next(uow: UnitOfWork, tenant_id: TenantId, last_n: int) -> int:
    head = await seal_store.last_block(uow, tenant_id)
    sealed_to = head.last_n if head else 0
    if last_n <= sealed_to:
        return 0
    leaves = await Leaves(uow, tenant_id).after(sealed_to, min(_BLOCK_EVENTS, last_n - sealed_to))
    block = _block_over(uow, tenant_id, head, leaves)
    await seal_store.append(uow, block)
    return 1


def _block_over(uow: UnitOfWork, tenant_id: TenantId, head: Block | None, leaves: Sequence[Leaf]) -> Block:
    entries = sum(1 for leaf in leaves if isinstance(leaf.of, EntryId))
    first_n = head.last_n + 1 if head else 1
    last_n = first_n + len(leaves) - 1
    previous = head.hash if head else seal.GENESIS
    root = seal.merkle_root([leaf.hash for leaf in leaves])
    sealed_at = uow.now
    return Block(
        tenant_id=tenant_id,
        number=head.number + 1 if head else 1,
        first_n=first_n,
        last_n=last_n,
        entries=entries,
        previous_hash=previous,
        merkle_root=root,
        leaves=b"".join(leaf.hash for leaf in leaves),
        hash=seal.block_hash(previous, first_n, last_n, entries, root, sealed_at),
        sealed_at=sealed_at,
    )


async def verify_chain(uow: UnitOfWork, tenant_id: TenantId) -> ChainFault | None:
    """Recompute a tenant's chain from the entries; the first block that does not follow, or None."""
    previous: Block | None = None
    leaves = Leaves(uow, tenant_id)
    async for block in _walk(uow, tenant_id):
        fault = await _fault_of(leaves, block, previous)
        if fault is not None:
            return ChainFault(tenant_id, block.number, fault)
        previous = block
    return None


async def _walk(uow: UnitOfWork, tenant_id: TenantId) -> AsyncIterator[Block]:
    after = 0
    while found := await seal_store.blocks(uow, tenant_id, after, 100):
        for block in found:
            yield block
        after = found[-1].number


async def _fault_of(leaves: Leaves, block: Block, previous: Block | None) -> str | None:
    if block.number != (previous.number + 1 if previous else 1):
        return "a block is missing before it"
    if block.previous_hash != (previous.hash if previous else seal.GENESIS):
        return "it does not follow the block before it"
    if block.first_n != (previous.last_n + 1 if previous else 1):
        return "its range of events does not follow the block before it"
    if block.hash != seal.block_hash(
        block.previous_hash, block.first_n, block.last_n, block.entries, block.merkle_root, block.sealed_at
    ):
        return "its hash is not that of its content"
    count = block.last_n - block.first_n + 1
    return _leaf_fault(block, count, await leaves.after(block.first_n - 1, count))


def _leaf_fault(block: Block, count: int, leaves: Sequence[Leaf]) -> str | None:
    sealed = [block.leaves[start : start + 32] for start in range(0, len(block.leaves), 32)]
    if len(sealed) != count or seal.merkle_root(sealed) != block.merkle_root:
        return "its leaves are not those of its root"
    for sealed_hash, leaf in zip(sealed, leaves, strict=False):
        if sealed_hash != leaf.hash:
            return f"{leaf.of} is not what was sealed"
    if len(leaves) != count:
        return f"it sealed {count} events, {len(leaves)} are there"
    return None
