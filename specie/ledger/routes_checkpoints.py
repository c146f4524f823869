"""Checkpoints for everybody, and the proof of one entry for those who may read it."""

from base64 import b64encode
from typing import Annotated

from fastapi import Query, Request
from starlette.responses import Response

from specie.kernel.ids import EntryId
from specie.kernel.permissions import Permission
from specie.ledger import checkpoint_store, checkpointing, errors
from specie.ledger.receipts import CheckpointOut, CheckpointsOut, PublicKeyOut, ReceiptOut
from specie.platform.db import Database
from specie.platform.http import ApiRouter, Edge, refuses, requires
from specie.platform.signing import Signer
from specie.platform.wire import id_text

router = ApiRouter(prefix="/ledger", tags=["Ledger"])


@router.get("/checkpoints", response_model=CheckpointsOut)
async def list_checkpoints(
    request: Request,
    after: Annotated[int, Query(ge=0, description="The last number you have")] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> CheckpointsOut:
    """The signed checkpoints in order. Anybody may read and keep them: copies outside make the proofs strong."""
    db: Database = request.app.state.db
    found = await db.run(
        None, lambda uow: checkpoint_store.after(uow, after, limit + 1), label="ledger.list_checkpoints"
    )
    return CheckpointsOut(data=[CheckpointOut.of(one) for one in found[:limit]], has_more=len(found) > limit)


@router.get("/checkpoints/key", response_model=PublicKeyOut)
async def checkpoint_key(request: Request) -> PublicKeyOut:
    """The key by which the signatures are checked. Fetch it once and keep it."""
    signer: Signer = request.app.state.services["signer"]
    return PublicKeyOut(public_key=b64encode(signer.public_key).decode())


@router.get("/entries/{entry_id}/proof", response_model=ReceiptOut)
@refuses(errors.ProofNotReady, errors.EntryAltered)
async def entry_proof(entry_id: str, edge: Edge = requires(Permission.LEDGER_READ)) -> Response:
    """The entry with the proof that it is in a signed checkpoint, as a file that can be checked without us."""
    wanted = id_text(EntryId, entry_id, "entry_id")
    proof = await edge.read(lambda uow: checkpointing.prove(uow, wanted))
    return Response(
        ReceiptOut.of(proof).model_dump_json(indent=2),
        media_type="application/json",
        headers={"Content-Disposition": f"attachment; filename=receipt-{wanted}.json"},
    )
