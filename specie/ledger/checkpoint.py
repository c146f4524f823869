"""Checkpoints: one signed line about all books of an installation, and the paths that lead from an entry to it.

A checkpoint is a short text that is signed byte for byte. It names the root of a tree with a leaf for every tenant
that has new blocks; such a leaf covers the root of a tree over the hashes of those blocks. Each checkpoint names the
hash of the one before it. So whoever kept one line of an hour can prove any entry sealed until then, and a chain
that has been computed anew no longer fits the line.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from specie.kernel.ids import TenantId
from specie.ledger.seal import merkle_root, micros

HASH_BYTES = 32


@dataclass(frozen=True, slots=True)
class Part:
    """The blocks of one tenant that a checkpoint covers, and which leaf of it is theirs."""

    tenant_id: TenantId
    number: int
    position: int
    first_block: int
    last_block: int


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What an installation said of all its books at a moment; `leaves` are the tenants' hashes one after the other."""

    number: int
    made_at: datetime
    previous_hash: bytes
    leaves: bytes
    public_key: bytes
    signature: bytes

    @property
    def note(self) -> str:
        """The text that is signed."""
        return note(self.number, self.made_at, self.previous_hash, self.leaves)

    @property
    def hash(self) -> bytes:
        """What the next checkpoint refers to."""
        return hashlib.sha256(self.note.encode("ascii")).digest()


def note(number: int, made_at: datetime, previous_hash: bytes, leaves: bytes) -> str:
    """The text of a checkpoint: one fact a line, the time in microseconds since 1970."""
    tenants = split(leaves)
    lines = (
        "specie checkpoint 1",
        f"number {number}",
        f"time {micros(made_at)}",
        f"previous {previous_hash.hex()}",
        f"tenants {len(tenants)}",
        f"root {merkle_root(tenants).hex()}",
    )
    return "\n".join(lines) + "\n"


def tenant_leaf(tenant_id: TenantId, first_block: int, last_block: int, blocks: Sequence[bytes]) -> bytes:
    """The hash that stands for a tenant's blocks since its checkpoint before; `blocks` are their hashes in order."""
    numbers = first_block.to_bytes(8, "big") + last_block.to_bytes(8, "big")
    return hashlib.sha256(b"\x03" + tenant_id.uuid.bytes + numbers + merkle_root(blocks)).digest()


def split(leaves: bytes) -> list[bytes]:
    """The hashes that were written one after the other."""
    return [leaves[start : start + HASH_BYTES] for start in range(0, len(leaves), HASH_BYTES)]


def merkle_path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The hashes beside the way from a leaf up to the root, the lowest first (RFC 6962 §2.1.1)."""
    if len(leaves) <= 1:
        return []
    cut = 1 << (len(leaves) - 1).bit_length() - 1
    if index < cut:
        return [*merkle_path(leaves[:cut], index), merkle_root(leaves[cut:])]
    return [*merkle_path(leaves[cut:], index - cut), merkle_root(leaves[:cut])]
