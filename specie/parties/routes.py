"""Parties, their verification and documents over HTTP."""

import json
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import File, Form, Query, UploadFile
from starlette.responses import Response

from specie.approvals import Approval
from specie.kernel.ids import DocumentId, PartyId
from specie.kernel.permissions import Permission
from specie.parties import documents, erasing, errors, review, service
from specie.parties.documents import Files
from specie.parties.finding import SEARCHED
from specie.parties.model import Document, KycEvent, KycState, Party, PartyKind
from specie.parties.schemas import (
    ApprovalIn,
    DocumentOut,
    DocumentRef,
    DocumentsOut,
    ErasureAsked,
    ErasureIn,
    ErasureOut,
    KnownFields,
    KycAsked,
    LinkOut,
    PartyIn,
    PartyOut,
    PartyRef,
    ReasonIn,
)
from specie.platform.db import UnitOfWork
from specie.platform.files import MAX_FILE_BYTES, FileRefused, FileTooLarge
from specie.platform.http import ApiRouter, Edge, refuses, requires
from specie.platform.idempotency import Answer
from specie.platform.storage import Note
from specie.platform.uploads import download
from specie.platform.vault import KeyRing
from specie.platform.wire import ListOf, SearchText, id_text

router = ApiRouter(tags=["Parties"])

Limit = Annotated[int, Query(ge=1, le=100)]
_KNOWN = (errors.EmailInvalid, errors.PhoneInvalid, errors.BirthDateInvalid)


def _vault(edge: Edge) -> KeyRing:
    vault: KeyRing = edge.service("vault")
    return vault


def _files(edge: Edge) -> Files:
    return Files(edge.db, _vault(edge), edge.service("storage"))


async def _answer(edge: Edge, work: Callable[[UnitOfWork], Awaitable[Party]], *, status: int = 200) -> Response:
    """The party, while what is kept under the request's key is only its id: nothing personal outside the seal."""
    if edge.dry_run or edge.key() is None:
        return await edge.write(work, PartyOut.of, status=status)
    kept = await edge.write(work, PartyRef.of, status=status)
    return kept if kept.status_code != status else await _opened(edge, kept)


async def _opened(edge: Edge, kept: Response) -> Response:
    party_id = PartyId.parse(PartyRef.model_validate_json(bytes(kept.body)).id)
    party = await edge.read(lambda uow: service.get_party(uow, _vault(edge), party_id))
    answer = Answer(kept.status_code, PartyOut.of(party).model_dump_json())
    return edge.answer(answer, replayed="Idempotent-Replayed" in kept.headers)


@router.post("/parties", status_code=201, response_model=PartyOut)
@refuses(*_KNOWN)
async def create_party(body: PartyIn, edge: Edge = requires(Permission.PARTIES_WRITE)) -> Response:
    """Add a person or company."""
    kind = PartyKind(body.kind)
    return await _answer(
        edge,
        lambda uow: service.create_party(uow, _vault(edge), kind=kind, roles=body.roles, known=body.known()),
        status=201,
    )


@router.get("/parties", response_model=ListOf[PartyOut])
async def list_parties(
    edge: Edge = requires(Permission.PARTIES_READ),
    kyc_state: KycState | None = None,
    role: SearchText | None = None,
    q: Annotated[SearchText | None, Query(description=SEARCHED)] = None,
    limit: Limit = 20,
    cursor: str | None = None,
) -> dict[str, Any]:
    """Parties, the newest first; a merchant or customer sees itself."""
    after = edge.cursor("parties", cursor)
    page = await edge.read(
        lambda uow: service.list_parties(
            uow, _vault(edge), kyc_state=kyc_state, role=role, after=after, limit=limit, text=q
        )
    )
    return edge.page("parties", page, PartyOut.of)


@router.get("/kyc/queue", response_model=ListOf[PartyOut])
async def kyc_queue(
    edge: Edge = requires(Permission.KYC_REVIEW), limit: Limit = 20, cursor: str | None = None
) -> dict[str, Any]:
    """Verifications that wait for a reviewer."""
    after = edge.cursor("kyc", cursor)
    page = await edge.read(
        lambda uow: service.list_parties(
            uow, _vault(edge), kyc_state=KycState.SUBMITTED, role=None, after=after, limit=limit
        )
    )
    return edge.page("kyc", page, PartyOut.of)


@router.get("/parties/{party_id}", response_model=PartyOut)
async def get_party(party_id: str, edge: Edge = requires(Permission.PARTIES_READ)) -> PartyOut:
    """One party."""
    wanted = id_text(PartyId, party_id, "party_id")
    return PartyOut.of(await edge.read(lambda uow: service.get_party(uow, _vault(edge), wanted)))


@router.patch("/parties/{party_id}", response_model=PartyOut)
@refuses(errors.KycCannotMove, *_KNOWN)
async def change_party(party_id: str, body: KnownFields, edge: Edge = requires(Permission.KYC_SUBMIT)) -> Response:
    """Change what is known of a party; changing what was reviewed asks for a new review."""
    wanted = id_text(PartyId, party_id, "party_id")
    return await _answer(edge, lambda uow: service.change_party(uow, _vault(edge), wanted, body.known()))


@router.post("/parties/{party_id}/kyc", response_model=PartyOut)
@refuses(errors.KycCannotMove, errors.KycIncomplete, *_KNOWN)
async def submit_kyc(party_id: str, body: KnownFields, edge: Edge = requires(Permission.KYC_SUBMIT)) -> Response:
    """Hand a verification in for review."""
    wanted = id_text(PartyId, party_id, "party_id")
    return await _answer(edge, lambda uow: service.submit_kyc(uow, _vault(edge), wanted, body.known()))


@router.post("/parties/{party_id}/kyc/approve", response_model=PartyOut | KycAsked)
@refuses(errors.KycCannotMove, errors.KycWaits)
async def approve_kyc(
    party_id: str, body: ApprovalIn, edge: Edge = requires(Permission.KYC_REVIEW, step_up=True)
) -> Response:
    """Approve a verification.

    Where the tenant wants two people for it, nothing changes yet: the answer has the status `needs_approval`.
    """
    wanted = id_text(PartyId, party_id, "party_id")
    return await _verdict(edge, wanted, KycEvent.APPROVE, body.reason)


@router.post("/parties/{party_id}/kyc/reject", response_model=PartyOut | KycAsked)
@refuses(errors.KycCannotMove, errors.KycWaits)
async def reject_kyc(
    party_id: str, body: ReasonIn, edge: Edge = requires(Permission.KYC_REVIEW, step_up=True)
) -> Response:
    """Reject a verification, saying why; or ask a second person to, as with `approve`."""
    wanted = id_text(PartyId, party_id, "party_id")
    return await _verdict(edge, wanted, KycEvent.REJECT, body.reason)


async def _verdict(edge: Edge, party_id: PartyId, verdict: KycEvent, reason: str | None) -> Response:
    is_open = edge.dry_run or edge.key() is None

    async def work(uow: UnitOfWork) -> PartyOut | PartyRef | KycAsked:
        made = await review.decide(uow, _vault(edge), party_id, verdict, reason)
        if isinstance(made, Approval):
            return KycAsked.of(made)
        return PartyOut.of(made) if is_open else PartyRef.of(made)

    answer = await edge.write(work, lambda made: made)
    is_party = not is_open and answer.status_code == 200 and "approval_id" not in json.loads(bytes(answer.body))
    return await _opened(edge, answer) if is_party else answer


@router.get("/parties/{party_id}/erasure", response_model=ErasureOut)
async def preview_erasure(party_id: str, edge: Edge = requires(Permission.PARTIES_ERASE)) -> ErasureOut:
    """What erasing a party would forget, what has to stay, and why it cannot be done now if it cannot."""
    wanted = id_text(PartyId, party_id, "party_id")
    return ErasureOut.of(await edge.read(lambda uow: erasing.preview(uow, _vault(edge), wanted)))


@router.post("/parties/{party_id}/erase", response_model=PartyOut | ErasureAsked)
@refuses(errors.PartyNotErasable, errors.ErasureWaits, errors.ReasonNamesPerson)
async def erase_party(
    party_id: str, body: ErasureIn, edge: Edge = requires(Permission.PARTIES_ERASE, step_up=True)
) -> Response:
    """Forget somebody for good: nothing personal can be read any more, while books and proofs stay whole.

    Where the tenant wants two people for it, nothing happens yet: the answer has the status `needs_approval`.
    """
    wanted = id_text(PartyId, party_id, "party_id")
    if not edge.dry_run and await edge.earlier() is None:
        await edge.read(lambda uow: erasing.note_refusal(uow, _vault(edge), wanted))

    async def work(uow: UnitOfWork) -> PartyOut | ErasureAsked:
        made = await erasing.erase(uow, _vault(edge), wanted, body.reason)
        return ErasureAsked.of(made) if isinstance(made, Approval) else PartyOut.of(made)

    return await edge.write(work, lambda made: made)


@router.post("/parties/{party_id}/documents", status_code=201, response_model=DocumentOut)
@refuses(FileRefused, FileTooLarge, errors.TooManyDocuments, errors.DocumentMissing)
async def upload_document(
    party_id: str,
    file: Annotated[UploadFile, File(description="JPEG, PNG or PDF of at most 10 MB")],
    kind: Annotated[str, Form(max_length=40)] = "identity",
    edge: Edge = requires(Permission.KYC_SUBMIT, rehearsable=False),
) -> Response:
    """Upload a document; pictures are drawn anew, PDF files with active content are refused."""
    wanted = id_text(PartyId, party_id, "party_id")
    kept = await edge.earlier() or await _uploaded(edge, wanted, kind, file)
    if kept.status_code != 201:
        return kept
    document_id = DocumentId.parse(DocumentRef.model_validate_json(bytes(kept.body)).id)
    document = await edge.read(lambda uow: documents.get_document(uow, _vault(edge), document_id))
    answer = Answer(201, DocumentOut.of(document).model_dump_json())
    return edge.answer(answer, replayed="Idempotent-Replayed" in kept.headers)


async def _uploaded(edge: Edge, party_id: PartyId, kind: str, file: UploadFile) -> Response:
    async def write(note: Note[Document]) -> Response:
        return await edge.write(note, lambda made: DocumentRef(id=str(made.id)), status=201)

    data, name = await file.read(MAX_FILE_BYTES + 1), file.filename or ""
    return await documents.upload_by(
        write, _files(edge), edge.scope, party_id, kind=kind, declared_name=name, data=data
    )


@router.get("/parties/{party_id}/documents", response_model=DocumentsOut)
async def list_documents(party_id: str, edge: Edge = requires(Permission.PARTIES_READ)) -> DocumentsOut:
    """A party's documents."""
    wanted = id_text(PartyId, party_id, "party_id")
    found = await edge.read(lambda uow: documents.list_documents(uow, _vault(edge), wanted))
    return DocumentsOut(data=[DocumentOut.of(document) for document in found])


@router.post("/documents/{document_id}/link", response_model=LinkOut)
@refuses(errors.DocumentMissing)
async def link_document(document_id: str, edge: Edge = requires(Permission.PARTIES_READ)) -> Response:
    """A link with which the caller may fetch the document once within a minute."""
    wanted = id_text(DocumentId, document_id, "document_id")
    return await edge.write(
        lambda uow: documents.make_link(uow, wanted),
        lambda token: LinkOut(
            url=f"/api/v1/documents/{document_id}/content?token={token}", expires_in=documents.LINK_SECONDS
        ),
    )


@router.get("/documents/{document_id}/content", response_class=Response)
async def document_content(
    document_id: str, token: Annotated[str, Query(max_length=100)], edge: Edge = requires(Permission.PARTIES_READ)
) -> Response:
    """The document itself, as a download; each look is audited."""
    wanted = id_text(DocumentId, document_id, "document_id")
    document, content = await documents.open_document(_files(edge), edge.scope, wanted, token)
    return download(document.id, document.media_type, content)
