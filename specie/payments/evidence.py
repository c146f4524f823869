"""Files of a dispute's evidence: cleaned, sealed under the merchant's key, stored, and frozen once handed in."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

from specie import audit, parties
from specie.kernel.ids import PartyId
from specie.kernel.scope import Scope
from specie.parties import Pen
from specie.payments import dispute_store, disputes, evidence_store
from specie.payments.dispute_model import Dispute, DisputeId
from specie.payments.errors import EvidenceEmpty, EvidenceFileMissing, TooManyEvidenceFiles
from specie.payments.evidence_model import MOST_AN_HOUR, MOST_FILES, EvidenceFile, EvidenceFileId
from specie.platform.db import Database, UnitOfWork
from specie.platform.files import CleanFile, sanitise
from specie.platform.storage import FileStorage, Write
from specie.platform.vault import KeyRing, Unsealable

T = TypeVar("T")


class EvidenceCabinet:
    """Where the files of one process are kept."""

    def __init__(self, db: Database, vault: KeyRing, storage: FileStorage) -> None:
        self._db = db
        self._vault = vault
        self._storage = storage

    async def attach(
        self, scope: Scope, dispute_id: DisputeId, declared_name: str, data: bytes, write: Write[EvidenceFile, T]
    ) -> T:
        """Keep a file and answer what `write`, which commits its row, does; without a row the file is taken away again.

        Raises DisputeMissing, DisputeDecided, EvidenceSubmitted, DisputeAccepted, TooManyEvidenceFiles, FileRefused or
        FileTooLarge.
        """
        pen = await self._db.run(
            scope, lambda uow: _room(uow, self._vault, dispute_id), label="payments.evidence_file.room"
        )
        clean = await asyncio.to_thread(sanitise, data, declared_name)
        file_id = EvidenceFileId.new()
        key = f"evidence/{scope.tenant_id.uuid}/{file_id.uuid}"
        sealed = pen.close(evidence_store.TABLE, str(file_id), "content", clean.data)
        return await self._storage.put_with_row(
            key, sealed, lambda uow: _keep(uow, self._vault, dispute_id, file_id, clean, key), write
        )

    async def open(self, scope: Scope, file_id: EvidenceFileId) -> tuple[EvidenceFile, bytes]:
        """A file with its content; each look is audited. Raises EvidenceFileMissing."""
        file, pen = await self._db.run(
            scope, lambda uow: _admit(uow, self._vault, file_id), label="payments.evidence_file.open"
        )
        try:
            sealed = await self._storage.get(file.storage_key)
            return file, pen.open(evidence_store.TABLE, str(file_id), "content", sealed)
        except Unsealable:
            raise EvidenceFileMissing("the merchant has been erased") from None

    async def remove(self, scope: Scope, file_id: EvidenceFileId) -> EvidenceFile:
        """Take a file away for good.

        Raises EvidenceFileMissing, DisputeDecided, EvidenceSubmitted or DisputeAccepted.
        """
        file = await self._db.run(
            scope, lambda uow: _forget(uow, self._vault, file_id), label="payments.evidence_file.remove"
        )
        # Without its row nothing names the file; what a failure leaves behind is sealed and never found.
        await self._storage.delete(file.storage_key)
        return file


async def files_of(uow: UnitOfWork, vault: KeyRing, dispute_id: DisputeId) -> list[EvidenceFile]:
    """A dispute's files, the earliest first. Raises DisputeMissing."""
    dispute = await disputes.get_dispute(uow, dispute_id)
    return await evidence_store.files_of(uow, dispute, await _pen(uow, vault, dispute.merchant_id))


async def submit(uow: UnitOfWork, dispute_id: DisputeId) -> Dispute:
    """Note that the evidence has been handed in at the provider: from now on it stays as it is.

    Raises DisputeMissing, DisputeDecided, EvidenceSubmitted, DisputeAccepted, or EvidenceEmpty where there is nothing
    to hand in.
    """
    dispute = await disputes.answerable(uow, dispute_id)
    number = await evidence_store.count_files(uow, dispute_id)
    if not dispute.evidence and number == 0:
        raise EvidenceEmpty("keep a note or a file first")
    submitted = replace(dispute, submitted_at=uow.now, submitted_by=str(uow.scope.actor))
    await dispute_store.save_dispute(uow, submitted)
    await audit.record(
        uow, action="dispute.submit", subject=("payment", str(dispute.payment_id)), after=_about(dispute, files=number)
    )
    return submitted


async def _room(uow: UnitOfWork, vault: KeyRing, dispute_id: DisputeId) -> Pen:
    dispute = await disputes.answerable(uow, dispute_id)
    if await evidence_store.count_files(uow, dispute_id) >= MOST_FILES:
        raise TooManyEvidenceFiles(f"at most {MOST_FILES} files are kept of a dispute")
    lately = await evidence_store.count_lately(uow, dispute.merchant_id, since=uow.now - timedelta(hours=1))
    if lately >= MOST_AN_HOUR:
        raise TooManyEvidenceFiles(f"at most {MOST_AN_HOUR} files of a merchant can be uploaded within an hour")
    return await _pen(uow, vault, dispute.merchant_id)


async def _keep(
    uow: UnitOfWork, vault: KeyRing, dispute_id: DisputeId, file_id: EvidenceFileId, clean: CleanFile, key: str
) -> EvidenceFile:
    # Asked again, with the payment locked: the dispute may have been decided while the file was cleaned.
    pen = await _room(uow, vault, dispute_id)
    dispute = await disputes.get_dispute(uow, dispute_id)
    made = EvidenceFile(
        id=file_id,
        dispute_id=dispute_id,
        name=clean.display_name,
        media_type=clean.media_type,
        size=len(clean.data),
        storage_key=key,
        created_at=uow.now,
        created_by=str(uow.scope.actor),
    )
    await evidence_store.insert_file(uow, made, pen)
    await _record(uow, "attach", dispute, made)
    return made


async def _admit(uow: UnitOfWork, vault: KeyRing, file_id: EvidenceFileId) -> tuple[EvidenceFile, Pen]:
    dispute, file, pen = await _found(uow, vault, file_id)
    await _record(uow, "view", dispute, file)
    return file, pen


async def _forget(uow: UnitOfWork, vault: KeyRing, file_id: EvidenceFileId) -> EvidenceFile:
    known, _, _ = await _found(uow, vault, file_id)
    await disputes.answerable(uow, known.id)
    # Read again behind the payment's lock: of removals that arrive together one finds the file.
    dispute, file, _ = await _found(uow, vault, file_id)
    await evidence_store.delete_file(uow, file_id)
    await _record(uow, "remove", dispute, file)
    return file


async def _found(uow: UnitOfWork, vault: KeyRing, file_id: EvidenceFileId) -> tuple[Dispute, EvidenceFile, Pen]:
    known = await evidence_store.merchant_of_file(uow, file_id)
    if known is not None:
        pen = await _pen(uow, vault, known[1])
        file = await evidence_store.file_by_id(uow, file_id, pen)
        if file is not None:
            return await disputes.get_dispute(uow, known[0]), file, pen
    raise EvidenceFileMissing(f"there is no file {file_id}")


async def _pen(uow: UnitOfWork, vault: KeyRing, merchant_id: PartyId) -> Pen:
    return (await parties.pens(uow, vault, [merchant_id]))[merchant_id]


async def _record(uow: UnitOfWork, what: str, dispute: Dispute, file: EvidenceFile) -> None:
    about = _about(dispute) | {"media_type": file.media_type}
    await audit.record(uow, action=f"dispute_file.{what}", subject=("dispute_file", str(file.id)), after=about)


def _about(dispute: Dispute, **more: int) -> dict[str, str | int]:
    return {"payment_id": str(dispute.payment_id), "dispute_id": str(dispute.id), **more}
