"""Every statement on the files of disputes."""

from typing import Any

from sqlalchemy import Row, Select, delete, func, insert, select

from specie.kernel.ids import PartyId
from specie.parties import Pen
from specie.payments.dispute_model import Dispute, DisputeId
from specie.payments.evidence_model import EvidenceFile, EvidenceFileId
from specie.payments.tables import dispute, evidence_file
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


async def count_files(uow: UnitOfWork, of: DisputeId) -> int:
    """How many files a dispute has."""
    query = select(func.count()).where(
        evidence_file.c.tenant_id == uow.scope.tenant_id.uuid, evidence_file.c.dispute_id == of.uuid
    )
    return int((await uow.execute(query)).scalar_one())


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
