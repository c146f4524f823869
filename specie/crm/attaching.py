"""Files about customers: cleaned, sealed under the customer's key and stored; only the house sees them."""

import asyncio
from typing import TypeVar

from specie import audit, parties
from specie.crm import customer_store, opening, tables
from specie.crm.errors import FileMissing
from specie.crm.model import CrmFile, CrmFileId
from specie.kernel.ids import PartyId
from specie.kernel.scope import Scope
from specie.parties import Pen
from specie.platform.db import Database, UnitOfWork
from specie.platform.files import CleanFile, sanitise
from specie.platform.storage import FileStorage, Write
from specie.platform.vault import KeyRing, Unsealable

_TABLE = "crm_file"
T = TypeVar("T")


class Cabinet:
    """Where the files of one process are kept."""

    def __init__(self, db: Database, vault: KeyRing, storage: FileStorage) -> None:
        self._db = db
        self._vault = vault
        self._storage = storage

    async def attach(
        self, scope: Scope, party_id: PartyId, declared_name: str, data: bytes, write: Write[CrmFile, T]
    ) -> T:
        """Keep a file about a customer and answer what `write`, which commits its row, does.

        Raises PartyMissing, MergedAway, FileRefused or FileTooLarge.
        """
        pen = await self._db.run(scope, lambda uow: opening.pen_for(uow, self._vault, party_id), label="crm.file_pen")
        clean = await asyncio.to_thread(sanitise, data, declared_name)
        file_id = CrmFileId.new()
        key = f"crm/{scope.tenant_id.uuid}/{file_id.uuid}"
        sealed = pen.close(_TABLE, str(file_id), "content", clean.data)
        return await self._storage.put_with_row(
            key, sealed, lambda uow: _keep(uow, self._vault, party_id, file_id, clean, key), write
        )

    async def open(self, scope: Scope, file_id: CrmFileId) -> tuple[CrmFile, bytes]:
        """A file with its content; each look is audited. Raises FileMissing."""
        file, pen = await self._db.run(scope, lambda uow: _admit(uow, self._vault, file_id), label="crm.file_open")
        try:
            sealed = await self._storage.get(file.storage_key)
            return file, pen.open(_TABLE, str(file_id), "content", sealed)
        except Unsealable:
            raise FileMissing("the customer has been erased") from None


async def file_of(uow: UnitOfWork, vault: KeyRing, file_id: CrmFileId) -> CrmFile:
    """What is known of a file. Raises FileMissing."""
    row = await customer_store.one(uow, tables.file, file_id.uuid)
    if row is None:
        raise FileMissing(f"there is no file {file_id}")
    return (await opening.files(uow, vault, [row]))[0]


async def _keep(
    uow: UnitOfWork, vault: KeyRing, party_id: PartyId, file_id: CrmFileId, clean: CleanFile, key: str
) -> CrmFile:
    # Asked again: the customer may have been merged or erased while the file was cleaned.
    pen = await opening.pen_for(uow, vault, party_id)
    values = {
        "id": file_id.uuid,
        "party_id": party_id.uuid,
        "sealed_for": party_id.uuid,
        "name": pen.close(_TABLE, str(file_id), "name", clean.display_name.encode()),
        "media_type": clean.media_type,
        "size": len(clean.data),
        "storage_key": key,
        "created_at": uow.now,
        "created_by": str(uow.scope.actor),
    }
    await customer_store.add(uow, tables.file, values)
    told = {"party_id": str(party_id), "media_type": clean.media_type}
    await audit.record(uow, action="crm_file.attach", subject=("crm_file", str(file_id)), after=told)
    return (await opening.files(uow, vault, [values]))[0]


async def _admit(uow: UnitOfWork, vault: KeyRing, file_id: CrmFileId) -> tuple[CrmFile, Pen]:
    file = await file_of(uow, vault, file_id)
    await audit.record(uow, action="crm_file.view", subject=("crm_file", str(file_id)))
    return file, (await parties.pens(uow, vault, [file.sealed_for]))[file.sealed_for]
