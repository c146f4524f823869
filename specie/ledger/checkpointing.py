"""Making checkpoints of proved books, proving entries by them, and proving the checkpoints against the blocks."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from specie import events
from specie.kernel.ids import AccountId, EntryId, TenantId
from specie.ledger import checkpoint_store, seal, seal_store, service
from specie.ledger.checkpoint import Checkpoint, Part, merkle_path, note, split, tenant_leaf
from specie.ledger.errors import EntryAltered, ProofNotReady
from specie.ledger.model import JournalEntry
from specie.ledger.seal_store import Block
from specie.ledger.sealing import ChainFault
from specie.platform.db import UnitOfWork
from specie.platform.signing import Signer, is_signed

_PAGE = 500


@dataclass(frozen=True, slots=True)
class Proof:
    """Everything by which a stranger checks one entry against a signed checkpoint, without us."""

    entry: JournalEntry
    identities: Mapping[AccountId, str]
    event_digest: bytes
    n: int
    block: Block
    block_path: list[bytes]
    part: Part
    part_path: list[bytes]
    tenant_path: list[bytes]
    checkpoint: Checkpoint


async def make_checkpoint(uow: UnitOfWork, heads: Mapping[TenantId, int], signer: Signer) -> Checkpoint | None:
    """Sign the blocks of every tenant up to the given numbers, which the caller has just proved.

    Needs a system unit of work. Returns None while another process is at it.
    """
    if not await checkpoint_store.become_signer(uow):
        return None
    before = await checkpoint_store.last(uow)
    number = before.number + 1 if before else 1
    parts, leaves = await _parts(uow, number, heads)
    previous = before.hash if before else seal.GENESIS
    signature = signer.sign(note(number, uow.now, previous, leaves).encode("ascii"))
    made = Checkpoint(number, uow.now, previous, leaves, signer.public_key, signature)
    await checkpoint_store.append(uow, made, parts)
    return made


async def _parts(uow: UnitOfWork, number: int, heads: Mapping[TenantId, int]) -> tuple[list[Part], bytes]:
    covered = await checkpoint_store.covered(uow)
    parts: list[Part] = []
    leaves: list[bytes] = []
    for tenant_id in sorted(heads, key=lambda tenant: tenant.uuid):
        first, last = covered.get(tenant_id, 0) + 1, heads[tenant_id]
        if last < first:
            continue
        hashes = await checkpoint_store.block_hashes(uow, tenant_id, first, last)
        parts.append(Part(tenant_id, number, len(parts), first, last))
        leaves.append(tenant_leaf(tenant_id, first, last, hashes))
    return parts, b"".join(leaves)


async def verify_checkpoints(uow: UnitOfWork, public_key: bytes | None) -> str | None:
    """What is wrong with the first checkpoint that does not follow or is not signed, or None.

    With `public_key` each must be signed by it; without, each by the key it names.
    """
    previous: Checkpoint | None = None
    async for checkpoint in _walk(uow):
        if checkpoint.number != (previous.number + 1 if previous else 1):
            return f"a checkpoint is missing before checkpoint {checkpoint.number}"
        if checkpoint.previous_hash != (previous.hash if previous else seal.GENESIS):
            return f"checkpoint {checkpoint.number} does not follow the one before it"
        if public_key is not None and checkpoint.public_key != public_key:
            return f"checkpoint {checkpoint.number} names another key than this installation's"
        if not is_signed(checkpoint.public_key, checkpoint.signature, checkpoint.note.encode("ascii")):
            return f"checkpoint {checkpoint.number} is not signed as it stands"
        previous = checkpoint
    return None


async def _walk(uow: UnitOfWork) -> AsyncIterator[Checkpoint]:
    number = 0
    while found := await checkpoint_store.after(uow, number, _PAGE):
        for checkpoint in found:
            yield checkpoint
        number = found[-1].number


async def verify_parts(uow: UnitOfWork, tenant_id: TenantId) -> ChainFault | None:
    """The first block of a tenant's chain that is not what a checkpoint signed, or None.

    The blocks themselves must have been proved; here a chain that was computed anew is found.
    """
    covered, number = 0, 0
    while found := await checkpoint_store.parts(uow, tenant_id, number, _PAGE):
        for part, leaf in found:
            hashes = await checkpoint_store.block_hashes(uow, tenant_id, part.first_block, part.last_block)
            follows = part.first_block == covered + 1
            if not follows or leaf != tenant_leaf(tenant_id, part.first_block, part.last_block, hashes):
                return ChainFault(tenant_id, part.first_block, f"checkpoint {part.number} has signed other blocks")
            covered, number = part.last_block, part.number
    return None


async def prove(uow: UnitOfWork, entry_id: EntryId) -> Proof:
    """The proof that an entry is in a signed checkpoint. Raises NotFound, ProofNotReady, EntryAltered."""
    entry = await service.get_entry(uow, entry_id)
    tenant_id = uow.scope.tenant_id
    n = await events.number_of(uow, tenant_id, entry_id.uuid)
    block = await checkpoint_store.block_with(uow, tenant_id, n) if n else None
    signed = await checkpoint_store.covering(uow, tenant_id, block.number) if block else None
    if n is None or block is None or signed is None:
        raise ProofNotReady("its proof is ready after the next checkpoint", param="entry_id")
    part, checkpoint = signed
    digest = (await events.digests(uow, tenant_id, n - 1, 1))[entry_id.uuid]
    sides = {side for posting in entry.postings for side in (posting.debit, posting.credit)}
    identities = await seal_store.account_identities(uow, tenant_id, sides)
    leaves = split(block.leaves)
    if seal.leaf(digest, entry, identities) != leaves[n - block.first_n]:
        raise EntryAltered(param="entry_id", block=block.number)
    hashes = await checkpoint_store.block_hashes(uow, tenant_id, part.first_block, part.last_block)
    return Proof(
        entry=entry,
        identities=identities,
        event_digest=digest,
        n=n,
        block=block,
        block_path=merkle_path(leaves, n - block.first_n),
        part=part,
        part_path=merkle_path(hashes, block.number - part.first_block),
        tenant_path=merkle_path(split(checkpoint.leaves), part.position),
        checkpoint=checkpoint,
    )
