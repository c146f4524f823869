"""Disputes over HTTP."""

from starlette.responses import Response

from specie.kernel.permissions import Permission
from specie.payments import disputes, errors
from specie.payments.dispute_model import DisputeId
from specie.payments.dispute_schemas import DisputeOut, EvidenceIn
from specie.platform.http import ApiRouter, Edge, refuses, requires
from specie.platform.wire import id_text

router = ApiRouter(prefix="/disputes", tags=["Disputes"])


@router.get("/{dispute_id}", response_model=DisputeOut)
@refuses(errors.DisputeMissing)
async def show_dispute(dispute_id: str, edge: Edge = requires(Permission.PAYMENTS_READ)) -> DisputeOut:
    """One dispute."""
    wanted = id_text(DisputeId, dispute_id, "dispute_id")
    return DisputeOut.of(await edge.read(lambda uow: disputes.get_dispute(uow, wanted)))


@router.post("/{dispute_id}/evidence", response_model=DisputeOut)
@refuses(errors.DisputeMissing, errors.DisputeDecided)
async def add_evidence(
    dispute_id: str, body: EvidenceIn, edge: Edge = requires(Permission.PAYMENTS_MANAGE)
) -> Response:
    """Keep what speaks for the merchant, to be handed in with the provider's form."""
    wanted = id_text(DisputeId, dispute_id, "dispute_id")
    return await edge.write(lambda uow: disputes.add_evidence(uow, wanted, body.note), DisputeOut.of)
