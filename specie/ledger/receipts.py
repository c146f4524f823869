"""Wire shapes of checkpoints and receipts. A receipt is checked without us by `tools/verify_receipt.py`."""

from base64 import b64encode
from datetime import datetime
from typing import Annotated

from pydantic import Field

from specie.ledger import seal
from specie.ledger.checkpoint import Checkpoint
from specie.ledger.checkpointing import Proof
from specie.platform.http import Schema

Hashes = Annotated[list[str], Field(description="The hashes beside the way up to the root, the lowest first")]
_KEY = "The Ed25519 key that signs the checkpoints of this installation, 32 bytes in base64"


class PublicKeyOut(Schema):
    """By what a checkpoint's signature is checked. Keep it where we cannot change it."""

    public_key: Annotated[str, Field(description=_KEY)]


class CheckpointOut(Schema):
    """One signed line about all books; `note` is signed byte for byte."""

    number: int
    made_at: datetime
    hash: Annotated[str, Field(description="SHA-256 of the note; the next checkpoint names it")]
    note: str
    signature: Annotated[str, Field(description="Ed25519 over the note, in base64")]
    public_key: Annotated[str, Field(description=_KEY)]

    @classmethod
    def of(cls, checkpoint: Checkpoint) -> "CheckpointOut":
        """The wire form; the file in the storage is the same."""
        return cls(
            number=checkpoint.number,
            made_at=checkpoint.made_at,
            hash=checkpoint.hash.hex(),
            note=checkpoint.note,
            signature=b64encode(checkpoint.signature).decode(),
            public_key=b64encode(checkpoint.public_key).decode(),
        )


class CheckpointsOut(Schema):
    """Checkpoints in order."""

    data: list[CheckpointOut]
    has_more: bool


class ReceiptBlock(Schema):
    """The block that sealed the entry, and the way from the entry's event to its root."""

    number: int
    first_n: int
    last_n: int
    entries: int
    previous_hash: str
    sealed_at: Annotated[str, Field(description="Microseconds since 1970")]
    path: Hashes


class ReceiptBlocks(Schema):
    """The tenant's blocks that the checkpoint covers, and the way from the block to their root."""

    first: int
    last: int
    path: Hashes


class ReceiptCheckpoint(Schema):
    """The checkpoint, and the way from the tenant's leaf to its root."""

    position: int
    path: Hashes
    note: str
    signature: str
    public_key: str


class ReceiptOut(Schema):
    """An entry with the proof that it is in a signed checkpoint."""

    receipt: Annotated[int, Field(description="The version of this form")] = 1
    tenant_id: str
    entry: Annotated[dict[str, str | None], Field(description="Every sealed field of the entry, as text")]
    postings: list[dict[str, str | None]]
    event_n: Annotated[int, Field(description="The number of the entry's event in the feed")]
    event_digest: str
    block: ReceiptBlock
    blocks: ReceiptBlocks
    checkpoint: ReceiptCheckpoint

    @classmethod
    def of(cls, proof: Proof) -> "ReceiptOut":
        """The wire form of a proof."""
        return cls(
            tenant_id=str(proof.part.tenant_id),
            entry=dict(zip(seal.ENTRY_FIELDS, seal.entry_fields(proof.entry), strict=True)),
            postings=[
                dict(zip(seal.POSTING_FIELDS, seal.posting_fields(posting, proof.identities), strict=True))
                for posting in proof.entry.postings
            ],
            event_n=proof.n,
            event_digest=proof.event_digest.hex(),
            block=_block(proof),
            blocks=ReceiptBlocks(
                first=proof.part.first_block, last=proof.part.last_block, path=_hexes(proof.part_path)
            ),
            checkpoint=_checkpoint(proof),
        )


def _block(proof: Proof) -> ReceiptBlock:
    block = proof.block
    return ReceiptBlock(
        number=block.number,
        first_n=block.first_n,
        last_n=block.last_n,
        entries=block.entries,
        previous_hash=block.previous_hash.hex(),
        sealed_at=seal.micros(block.sealed_at),
        path=_hexes(proof.block_path),
    )


def _checkpoint(proof: Proof) -> ReceiptCheckpoint:
    signed = CheckpointOut.of(proof.checkpoint)
    return ReceiptCheckpoint(
        position=proof.part.position,
        path=_hexes(proof.tenant_path),
        note=signed.note,
        signature=signed.signature,
        public_key=signed.public_key,
    )


def _hexes(hashes: list[bytes]) -> list[str]:
    return [found.hex() for found in hashes]
