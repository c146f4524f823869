"""Documents: cleaned, sealed under the party's key, stored, and shown through links that work once."""

import asyncio
import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy.engine import Row

from specie import audit
from specie.kernel.clock import machine_now
from specie.kernel.ids import DocumentId, PartyId
from specie.kernel.scope import Scope
from specie.parties import sealing, store
from specie.parties.errors import DocumentMissing, PartyMissing, TooManyDocuments
from specie.parties.model import Document
from specie.platform.db import Database, UnitOfWork
from specie.platform.files import sanitise
from specie.platform.storage import FileStorage, Note, Write
from specie.platform.vault import KeyRing, Unsealable

MOST_DOCUMENTS = 20
MOST_BYTES = 100_000_000
MOST_AN_HOUR = 10
LINK_SECONDS = 60
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Files:
    """What storing and showing files needs."""

    db: Database
    vault: KeyRing
    storage: FileStorage


async def upload(
    files: Files, scope: Scope, party_id: PartyId, *, kind: str, declared_name: str, data: bytes
) -> Document:
    """Store a document and commit its row. Raises what `upload_by` raises."""

    async def write(note: Note[Document]) -> Document:
        return await files.db.run(scope, note, label="parties.document_upload")

    return await upload_by(write, files, scope, party_id, kind=kind, declared_name=declared_name, data=data)


async def upload_by(
    write: Write[Document, T],
    files: Files,
    scope: Scope,
    party_id: PartyId,
    *,
    kind: str,
    declared_name: str,
    data: bytes,
) -> T:
    """Clean a document, seal it, write the file, and answer what `write`, which commits its row, does.

    Raises PartyMissing, TooManyDocuments, FileRefused or FileTooLarge.
    """
    key = await files.db.run(scope, lambda uow: _key_with_room(uow, files, party_id), label="parties.document_room")
    clean = await asyncio.to_thread(sanitise, data, declared_name)
    document_id = DocumentId.new()
    storage_key = f"documents/{scope.tenant_id.uuid}/{document_id.uuid}"
    sealed = sealing.seal_file(key, scope.tenant_id, str(document_id), clean.data)

    async def note(uow: UnitOfWork) -> Document:
        # Asked again with the party locked: uploads that arrive together must not all find the same room.
        await _key_with_room(uow, files, party_id, lock=True, size=len(clean.data))
        document = Document(
            document_id,
            party_id,
            kind,
            clean.media_type,
            clean.display_name,
            len(clean.data),
            storage_key,
            uow.now,
        )
        await _insert(uow, key, document)
        return document

    return await files.storage.put_with_row(storage_key, sealed, note, write)


async def _key_with_room(
    uow: UnitOfWork, files: Files, party_id: PartyId, *, lock: bool = False, size: int = 0
) -> bytes:
    rows = await store.party_rows(uow, [party_id.uuid], lock=lock)
    key = sealing.unwrapped(files.vault, uow.scope.tenant_id, party_id, rows[0].wrapped) if rows else None
    if key is None:
        raise PartyMissing(f"there is no party {party_id}")
    number, total = await store.count_documents(uow, party_id)
    if number >= MOST_DOCUMENTS or total + size > MOST_BYTES:
        raise TooManyDocuments(f"at most {MOST_DOCUMENTS} documents of {MOST_BYTES // 1_000_000} MB in all are kept")
    lately, _ = await store.count_documents(uow, party_id, since=uow.now - timedelta(hours=1))
    if lately >= MOST_AN_HOUR:
        raise TooManyDocuments(f"at most {MOST_AN_HOUR} documents can be uploaded within an hour")
    return key


async def _insert(uow: UnitOfWork, key: bytes, document: Document) -> None:
    values = {
        "id": document.id.uuid,
        "party_id": document.party_id.uuid,
        "kind": document.kind,
        "media_type": document.media_type,
        "name": sealing.seal_text(key, uow.scope.tenant_id, str(document.id), document.name),
        "size": document.size,
        "storage_key": document.storage_key,
        "uploaded_at": document.uploaded_at,
    }
    await store.insert_document(uow, values)
    await audit.record(
        uow,
        action="document.upload",
        subject=("document", str(document.id)),
        after={"party_id": str(document.party_id), "kind": document.kind, "media_type": document.media_type},
    )


async def get_document(uow: UnitOfWork, vault: KeyRing, document_id: DocumentId) -> Document:
    """What is known of a document. Raises DocumentMissing."""
    row = await store.document(uow, document_id)
    owner = await store.party_rows(uow, [row.party_id]) if row is not None else []
    if row is None or not owner:
        raise DocumentMissing(f"there is no document {document_id}")
    key = sealing.unwrapped(vault, uow.scope.tenant_id, PartyId(row.party_id), owner[0].wrapped)
    return _document(uow, key, row)


async def list_documents(uow: UnitOfWork, vault: KeyRing, party_id: PartyId) -> list[Document]:
    """A party's documents. Raises PartyMissing."""
    rows = await store.party_rows(uow, [party_id.uuid])
    if not rows:
        raise PartyMissing(f"there is no party {party_id}")
    key = sealing.unwrapped(vault, uow.scope.tenant_id, party_id, rows[0].wrapped)
    return [_document(uow, key, row) for row in await store.documents(uow, party_id)]


async def make_link(uow: UnitOfWork, document_id: DocumentId) -> str:
    """A token with which this session may see the document once within a minute. Raises DocumentMissing."""
    if await store.document(uow, document_id) is None:
        raise DocumentMissing(f"there is no document {document_id}")
    token = secrets.token_urlsafe(32)
    expires_at = machine_now() + timedelta(seconds=LINK_SECONDS)
    await store.insert_link(uow, _digest(token), document_id, expires_at)
    return token


async def open_document(files: Files, scope: Scope, document_id: DocumentId, token: str) -> tuple[Document, bytes]:
    """Use a link up and return the document with its content; each look is audited. Raises DocumentMissing."""

    async def admit(uow: UnitOfWork) -> tuple[Document, bytes | None]:
        row = await store.document(uow, document_id)
        if row is None or not await store.use_link(uow, _digest(token), document_id, machine_now()):
            raise DocumentMissing("ask for a fresh link")
        await audit.record(uow, action="document.view", subject=("document", str(document_id)))
        party_id = PartyId(row.party_id)
        owner = (await store.party_rows(uow, [row.party_id]))[0]
        key = sealing.unwrapped(files.vault, scope.tenant_id, party_id, owner.wrapped)
        return _document(uow, key, row), key

    document, key = await files.db.run(scope, admit, label="parties.document_view")
    sealed = await files.storage.get(document.storage_key)
    try:
        return document, sealing.open_file(key, scope.tenant_id, str(document_id), sealed)
    except Unsealable:
        raise DocumentMissing("the document has been erased") from None


def _document(uow: UnitOfWork, key: bytes | None, row: Row[Any]) -> Document:
    document_id = DocumentId(row.id)
    return Document(
        id=document_id,
        party_id=PartyId(row.party_id),
        kind=row.kind,
        media_type=row.media_type,
        name=sealing.open_text(key, uow.scope.tenant_id, str(document_id), row.name),
        size=row.size,
        storage_key=row.storage_key,
        uploaded_at=row.uploaded_at,
    )


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
