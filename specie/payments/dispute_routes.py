"""Disputes over HTTP."""

from typing import Annotated, Any, Literal

from fastapi import File, Query, UploadFile
from starlette.responses import Response

from specie.approvals import Approval
from specie.kernel.permissions import Permission, Verification
from specie.payments import acceptances, dispute_store, disputes, errors, evidence
from specie.payments.dispute_model import DisputeId, DisputeState
from specie.payments.dispute_schemas import (
    AcceptanceAsked,
    DisputeAcceptIn,
    DisputeOut,
    EvidenceFileOut,
    EvidenceFilesOut,
    EvidenceIn,
)
from specie.payments.evidence import EvidenceCabinet
from specie.payments.evidence_model import EvidenceFile, EvidenceFileId
from specie.platform.db import UnitOfWork
from specie.platform.files import MAX_FILE_BYTES, FileRefused, FileTooLarge
from specie.platform.http import ApiRouter, Edge, refuses, requires
from specie.platform.storage import Note
from specie.platform.uploads import download
from specie.platform.wire import ListOf, id_text

router = ApiRouter(prefix="/disputes", tags=["Disputes"])

_LIST = "disputes"
_STATES = {"open": DisputeState.CREATED, "won": DisputeState.WON, "lost": DisputeState.LOST}
_FROZEN = (errors.DisputeDecided, errors.EvidenceSubmitted, errors.DisputeAccepted)


@router.get("", response_model=ListOf[DisputeOut])
async def list_disputes(
    edge: Edge = requires(Permission.PAYMENTS_READ),
    status: Literal["open", "won", "lost"] | None = None,
    submitted: Annotated[
        bool | None, Query(description="Whether the evidence was handed in or the dispute accepted")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: str | None = None,
) -> Any:
    """Disputes of all payments, those that must be answered first at the top; a merchant sees its own."""
    after, state = edge.cursor(_LIST, cursor), _STATES[status] if status else None
    page = await edge.read(
        lambda uow: dispute_store.find_disputes(uow, state=state, is_submitted=submitted, after=after, limit=limit)
    )
    return edge.page(_LIST, page, DisputeOut.of)


@router.get("/{dispute_id}", response_model=DisputeOut)
@refuses(errors.DisputeMissing)
async def show_dispute(dispute_id: str, edge: Edge = requires(Permission.PAYMENTS_READ)) -> DisputeOut:
    """One dispute."""
    wanted = id_text(DisputeId, dispute_id, "dispute_id")
    return DisputeOut.of(await edge.read(lambda uow: disputes.get_dispute(uow, wanted)))


@router.post("/{dispute_id}/evidence", response_model=DisputeOut)
@refuses(errors.DisputeMissing, *_FROZEN)
async def add_evidence(
    dispute_id: str, body: EvidenceIn, edge: Edge = requires(Permission.PAYMENTS_MANAGE)
) -> Response:
    """Keep what speaks for the merchant, to be handed in with the provider's form."""
    wanted = id_text(DisputeId, dispute_id, "dispute_id")
    return await edge.write(lambda uow: disputes.add_evidence(uow, wanted, body.note), DisputeOut.of)


@router.post("/{dispute_id}/submit", response_model=DisputeOut)
@refuses(errors.DisputeMissing, errors.EvidenceEmpty, *_FROZEN)
async def submit_evidence(dispute_id: str, edge: Edge = requires(Permission.PAYMENTS_MANAGE)) -> Response:
    """Note that the evidence was handed in with the provider's form; it does not change any more."""
    wanted = id_text(DisputeId, dispute_id, "dispute_id")
    return await edge.write(lambda uow: evidence.submit(uow, wanted), DisputeOut.of)


@router.post("/{dispute_id}/accept", response_model=DisputeOut | AcceptanceAsked)
@refuses(errors.DisputeMissing, *_FROZEN, errors.AcceptanceImpossible, errors.AcceptanceWaits)
async def accept_dispute(
    dispute_id: str,
    body: DisputeAcceptIn,
    edge: Edge = requires(Permission.PAYMENTS_MANAGE, verification=Verification.ANY),
) -> Response:
    """Give in: the customer keeps the money. The provider is told right after, and the dispute is then lost.

    Above the tenant's line for refunds nothing happens yet: the answer has the status `needs_approval`, and a second
    person decides.
    """
    wanted = id_text(DisputeId, dispute_id, "dispute_id")

    async def work(uow: UnitOfWork) -> DisputeOut | AcceptanceAsked:
        made = await acceptances.request(uow, edge.service("providers"), wanted, body.reason)
        return AcceptanceAsked.of(made) if isinstance(made, Approval) else DisputeOut.of(made)

    return await edge.money(work, lambda made: made, status=200)


@router.get("/{dispute_id}/files", response_model=EvidenceFilesOut)
@refuses(errors.DisputeMissing)
async def list_evidence_files(dispute_id: str, edge: Edge = requires(Permission.PAYMENTS_READ)) -> EvidenceFilesOut:
    """The files of a dispute's evidence, the earliest first."""
    wanted = id_text(DisputeId, dispute_id, "dispute_id")
    found = await edge.read(lambda uow: evidence.files_of(uow, edge.service("vault"), wanted))
    return EvidenceFilesOut(data=[EvidenceFileOut.of(file) for file in found])


@router.post("/{dispute_id}/files", status_code=201, response_model=EvidenceFileOut)
@refuses(errors.DisputeMissing, *_FROZEN, errors.TooManyEvidenceFiles, FileRefused, FileTooLarge)
async def attach_evidence_file(
    dispute_id: str,
    file: Annotated[UploadFile, File(description="JPEG, PNG or PDF of at most 10 MB")],
    edge: Edge = requires(Permission.PAYMENTS_MANAGE, rehearsable=False),
) -> Response:
    """Keep a file that speaks for the merchant; pictures are drawn anew, PDF files with active content are refused."""
    wanted = id_text(DisputeId, dispute_id, "dispute_id")
    earlier = await edge.earlier()
    if earlier is not None:
        return earlier

    async def write(work: Note[EvidenceFile]) -> Response:
        return await edge.write(work, EvidenceFileOut.of, status=201)

    data = await file.read(MAX_FILE_BYTES + 1)
    return await _cabinet(edge).attach(edge.scope, wanted, file.filename or "", data, write)


@router.get("/files/{evidence_file_id}", response_class=Response)
@refuses(errors.EvidenceFileMissing)
async def download_evidence_file(evidence_file_id: str, edge: Edge = requires(Permission.PAYMENTS_MANAGE)) -> Response:
    """A file of a dispute's evidence, as a download; each look is audited."""
    wanted = id_text(EvidenceFileId, evidence_file_id, "evidence_file_id")
    file, content = await _cabinet(edge).open(edge.scope, wanted)
    return download(file.id, file.media_type, content)


@router.delete("/files/{evidence_file_id}", response_model=EvidenceFileOut)
@refuses(errors.EvidenceFileMissing, *_FROZEN)
async def remove_evidence_file(
    evidence_file_id: str, edge: Edge = requires(Permission.PAYMENTS_MANAGE, rehearsable=False)
) -> EvidenceFileOut:
    """Take a file away for good, as long as the evidence has not been handed in."""
    wanted = id_text(EvidenceFileId, evidence_file_id, "evidence_file_id")
    return EvidenceFileOut.of(await _cabinet(edge).remove(edge.scope, wanted))


def _cabinet(edge: Edge) -> EvidenceCabinet:
    return EvidenceCabinet(edge.db, edge.service("vault"), edge.service("storage"))
