"""The book of accounts over HTTP."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from specie.kernel.errors import Unavailable
from specie.kernel.ids import PartyId
from specie.kernel.pagination import Page
from specie.kernel.permissions import Permission
from specie.payouts import beneficiaries, beneficiary_store, errors, sending
from specie.payouts.beneficiaries import NewBeneficiary
from specie.payouts.model import BeneficiaryId
from specie.payouts.routes import job_context, require_person
from specie.payouts.schemas import BeneficiaryIn, BeneficiaryOut, BeneficiaryRef
from specie.platform.db import UnitOfWork
from specie.platform.http import ApiRouter, Edge, refuses, requires
from specie.platform.idempotency import Answer
from specie.platform.vault import KeyRing
from specie.platform.wire import ListOf, id_text

router = ApiRouter(prefix="/beneficiaries", tags=["Payouts"])

_LIST = "beneficiaries"
Limit = Annotated[int, Query(ge=1, le=100)]


@router.post("", status_code=201, response_model=BeneficiaryOut)
@refuses(errors.PayoutPartyRequired, errors.BeneficiaryTaken, errors.PayoutUnavailable, errors.SignedRouteRequired)
async def add_beneficiary(
    body: BeneficiaryIn, edge: Edge = requires(Permission.PAYOUTS_CREATE, step_up=True)
) -> Response:
    """Write an account into a party's book and ask the bank whose it is."""
    require_person(edge)
    new = NewBeneficiary(body.party(), body.kind, body.bank_code, body.number, body.label)
    ring = _vault(edge)
    kept = await edge.write(lambda uow: beneficiaries.add(uow, ring, new), BeneficiaryRef.of, status=201)
    if kept.status_code != 201:
        return kept
    wanted = BeneficiaryId.parse(BeneficiaryRef.model_validate_json(bytes(kept.body)).id)
    await _inquire(edge, wanted)
    shown = await edge.read(lambda uow: _shown(uow, edge, wanted))
    answer = Answer(201, shown.model_dump_json())
    return edge.answer(answer, replayed="Idempotent-Replayed" in kept.headers)


@router.get("", response_model=ListOf[BeneficiaryOut])
async def list_beneficiaries(
    edge: Edge = requires(Permission.PAYOUTS_READ),
    party_id: str | None = None,
    limit: Limit = 20,
    cursor: str | None = None,
) -> Any:
    """Accounts, newest first; a merchant or customer sees its own."""
    party = id_text(PartyId, party_id, "party_id") if party_id else None
    key = edge.cursor(_LIST, cursor)
    before = UUID(key[0]) if key else None

    async def read(uow: UnitOfWork) -> Page[BeneficiaryOut]:
        rows = await beneficiary_store.find(uow, party, before, limit)
        page = Page.cut(rows, limit, key=lambda found: (str(found.id.uuid),))
        details = await beneficiaries.details_of(uow, _vault(edge), [each.id for each in page.items])
        return page.map(lambda each: BeneficiaryOut.of(each, details.get(each.id)))

    return edge.page(_LIST, await edge.read(read), lambda shown: shown)


@router.get("/{beneficiary_id}", response_model=BeneficiaryOut)
@refuses(errors.BeneficiaryMissing)
async def show_beneficiary(beneficiary_id: str, edge: Edge = requires(Permission.PAYOUTS_READ)) -> BeneficiaryOut:
    """One account."""
    wanted = id_text(BeneficiaryId, beneficiary_id, "beneficiary_id")
    return await edge.read(lambda uow: _shown(uow, edge, wanted))


@router.post("/{beneficiary_id}/check", response_model=BeneficiaryOut)
@refuses(errors.BeneficiaryMissing, errors.PayoutUnavailable)
async def check_beneficiary(beneficiary_id: str, edge: Edge = requires(Permission.PAYOUTS_CREATE)) -> BeneficiaryOut:
    """Ask the bank again whose account it is."""
    wanted = id_text(BeneficiaryId, beneficiary_id, "beneficiary_id")
    await _inquire(edge, wanted)
    return await edge.read(lambda uow: _shown(uow, edge, wanted))


@router.delete("/{beneficiary_id}", response_model=BeneficiaryRef)
@refuses(errors.BeneficiaryMissing, errors.SignedRouteRequired)
async def remove_beneficiary(
    beneficiary_id: str, edge: Edge = requires(Permission.PAYOUTS_CREATE, step_up=True)
) -> Response:
    """Take an account out of the book."""
    require_person(edge)
    wanted = id_text(BeneficiaryId, beneficiary_id, "beneficiary_id")
    return await edge.write(lambda uow: beneficiaries.remove(uow, wanted), BeneficiaryRef.of)


async def _inquire(edge: Edge, wanted: BeneficiaryId) -> None:
    if edge.dry_run:
        return
    try:
        await sending.inquire(job_context(edge), wanted)
    except Unavailable:
        # The account is in the book as one that is being checked; the queue goes on asking.
        return


async def _shown(uow: UnitOfWork, edge: Edge, wanted: BeneficiaryId) -> BeneficiaryOut:
    found = await beneficiaries.get(uow, wanted)
    details = await beneficiaries.details_of(uow, _vault(edge), [wanted])
    return BeneficiaryOut.of(found, details.get(wanted))


def _vault(edge: Edge) -> KeyRing:
    vault: KeyRing = edge.service("vault")
    return vault
