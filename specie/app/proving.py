"""The hourly proof: everything is added up again, and only sound books get a signed checkpoint."""

import json
from datetime import timedelta
from functools import partial

from specie import ledger
from specie.app.verify import Report, verify
from specie.kernel.clock import machine_now
from specie.ledger import Checkpoint
from specie.ledger.receipts import CheckpointOut
from specie.platform.crashpoints import crash_point
from specie.platform.db import Database
from specie.platform.signing import Signer
from specie.platform.storage import FileMissing, FileStorage

PURPOSE = "checkpoints"
"""What the signing key is derived for."""

_FOLDER = "checkpoints"


async def is_due(db: Database, interval: timedelta) -> bool:
    """Whether the last checkpoint is older than the interval; the first is due with the first sealed block."""
    async with db.system() as uow:
        last = await ledger.last_checkpoint(uow)
        heads = await ledger.block_heads(uow)
        crash_point("worker.checkpoint_look.commit.before")
    return bool(heads) if last is None else machine_now() - last.made_at >= interval


async def prove_and_sign(
    db: Database, auditor_url: str, signer: Signer, storage: FileStorage
) -> tuple[Report, Checkpoint | None]:
    """Verify everything and sign what was verified; nothing is signed when anything is wrong.

    The checkpoint is None then, and while another process makes one. Files that a crash kept from being written are
    written too. Raises Unavailable when the database or the storage does not answer.
    """
    report = await verify(auditor_url, signer.public_key)
    if not report.is_sound:
        return report, None
    async with db.system() as uow:
        made = await ledger.make_checkpoint(uow, report.heads, signer)
        crash_point("worker.checkpoint.commit.before")
    await publish(db, storage)
    return report, made


async def publish(db: Database, storage: FileStorage) -> int:
    """Write every checkpoint since the last one that is in the storage, a file each. Returns how many."""
    last = await db.run(None, ledger.last_checkpoint, label="app.last_checkpoint")
    number = last.number if last else 0
    while number and not await _is_stored(storage, number):
        number -= 1
    written = 0
    while True:
        found = await db.run(
            None, partial(ledger.checkpoints_after, number=number, limit=500), label="app.publish_checkpoints"
        )
        for checkpoint in found:
            await storage.put(_key(checkpoint.number), file_of(checkpoint))
            written += 1
        if not found:
            return written
        number = found[-1].number


def file_of(checkpoint: Checkpoint) -> bytes:
    """The bytes of a checkpoint's file: what the public route shows of it."""
    return json.dumps(CheckpointOut.of(checkpoint).model_dump(mode="json"), indent=2).encode()


async def _is_stored(storage: FileStorage, number: int) -> bool:
    try:
        await storage.get(_key(number))
    except FileMissing:
        return False
    return True


def _key(number: int) -> str:
    return f"{_FOLDER}/{number:010d}"
