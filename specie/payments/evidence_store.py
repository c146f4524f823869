"""Every statement on the files of disputes."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, delete, func, insert, select, update

from specie.kernel.ids import PartyId
from specie.parties import Contact, Pen
from specie.payments import store
from specie.payments.dispute_model import Dispute, DisputeId, DisputeState
from specie.payments.evidence_model import EvidenceFile, EvidenceFileId
from specie.payments.tables import dispute, evidence_file, payment
from specie.platform.db import UnitOfWork

TABLE = "payment_dispute_file"


async def insert_file(uow: UnitOfWork, new: EvidenceFile, pen: Pen) -> None:
    """Write a file's row; its name is sealed like its content."""
    await uow.execute(
        insert(evidence_file).values(
            tenant_id=uow.scope.tenant_id.uuid,
            id=new.id.uuid,
            dispute_id=new.dispute_id.uuid,
            name=pen.close(TABLE, str(new.id), "name", new.name.encode()),
            media_type=new.media_type,
            size_bytes=new.size,
            storage_key=new.storage_key,
            created_at=new.created_at,
            created_by=new.created_by,
        )
    )


async def delete_file(uow: UnitOfWork, file_id: EvidenceFileId) -> None:
    """Forget a file."""
    await uow.execute(
        delete(evidence_file).where(
            evidence_file.c.tenant_id == uow.scope.tenant_id.uuid, evidence_file.c.id == file_id.uuid
        )
    )


async def has_open_dispute(uow: UnitOfWork, party_id: PartyId, contact: Contact) -> bool:
    """Whether the bank still decides about a payment of a party, as its merchant or its customer."""
    query = _about(uow, party_id, contact).where(dispute.c.state == DisputeState.CREATED.value).limit(1)
    return (await uow.execute(query)).one_or_none() is not None


async def forget_evidence(uow: UnitOfWork, party_id: PartyId, contact: Contact) -> list[str]:
    """Forget the notes and files of decided disputes about a party's payments. Returns where the files' bytes are."""
    decided = _about(uow, party_id, contact).where(dispute.c.state != DisputeState.CREATED.value)
    ids = [row.id for row in await uow.execute(decided)]
    notes = (dispute.c.tenant_id == uow.scope.tenant_id.uuid, dispute.c.id.in_(ids), dispute.c.evidence.is_not(None))
    await uow.execute(update(dispute).where(*notes).values(evidence=None))
    files = (evidence_file.c.tenant_id == uow.scope.tenant_id.uuid, evidence_file.c.dispute_id.in_(ids))
    gone = await uow.execute(delete(evidence_file).where(*files).returning(evidence_file.c.storage_key))
    return sorted(row.storage_key for row in gone)


def _about(uow: UnitOfWork, party_id: PartyId, contact: Contact) -> Select[Any]:
    return (
        select(dispute.c.id)
        .join(payment, (payment.c.tenant_id == dispute.c.tenant_id) & (payment.c.id == dispute.c.payment_id))
        .where(
            dispute.c.tenant_id == uow.scope.tenant_id.uuid,
            store.concerns(party_id, contact.email_index, contact.phone_index),
        )
    )


async def count_files(uow: UnitOfWork, of: DisputeId) -> int:
    """How many files a dispute has."""
    query = select(func.count()).where(
        evidence_file.c.tenant_id == uow.scope.tenant_id.uuid, evidence_file.c.dispute_id == of.uuid
    )
    return int((await uow.execute(query)).scalar_one())


async def count_lately(uow: UnitOfWork, merchant_id: PartyId, since: datetime) -> int:
    """How many files of a merchant's disputes were kept since a moment."""
    lately = (dispute.c.merchant_id == merchant_id.uuid, evidence_file.c.created_at > since)
    return int((await uow.execute(select(func.count()).select_from(_mine(uow).where(*lately).subquery()))).scalar_one())


async def merchant_of_file(uow: UnitOfWork, file_id: EvidenceFileId) -> tuple[DisputeId, PartyId] | None:
    """The dispute a file is about and its merchant, under whose key it is sealed; None for another party's."""
    row = (await uow.execute(_mine(uow).where(evidence_file.c.id == file_id.uuid))).one_or_none()
    return (DisputeId(row.dispute_id), PartyId(row.merchant_id)) if row else None


async def files_of(uow: UnitOfWork, of: Dispute, pen: Pen) -> list[EvidenceFile]:
    """A dispute's files, the earliest first."""
    query = _mine(uow).where(evidence_file.c.dispute_id == of.id.uuid).order_by(evidence_file.c.id)
    return [_file(row, pen) for row in await uow.execute(query)]


async def file_by_id(uow: UnitOfWork, file_id: EvidenceFileId, pen: Pen) -> EvidenceFile | None:
    """One file of the tenant, or of the caller's own party."""
    row = (await uow.execute(_mine(uow).where(evidence_file.c.id == file_id.uuid))).one_or_none()
    return _file(row, pen) if row else None


def _mine(uow: UnitOfWork) -> Select[Any]:
    query = (
        select(evidence_file, dispute.c.merchant_id)
        .join(
            dispute,
            (dispute.c.tenant_id == evidence_file.c.tenant_id) & (dispute.c.id == evidence_file.c.dispute_id),
        )
        .where(evidence_file.c.tenant_id == uow.scope.tenant_id.uuid)
    )
    own = uow.scope.party_id
    return query if own is None else query.where(dispute.c.merchant_id == own.uuid)


def _file(row: Row[Any], pen: Pen) -> EvidenceFile:
    file_id = EvidenceFileId(row.id)
    return EvidenceFile(
        id=file_id,
        dispute_id=DisputeId(row.dispute_id),
        name=pen.text(TABLE, str(file_id), "name", row.name),
        media_type=row.media_type,
        size=row.size_bytes,
        storage_key=row.storage_key,
        created_at=row.created_at,
        created_by=row.created_by,
    )
