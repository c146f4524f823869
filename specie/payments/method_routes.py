"""Saved ways to pay over HTTP."""

from starlette.responses import Response

from specie import parties
from specie.kernel.ids import PartyId
from specie.kernel.permissions import Permission
from specie.payments import errors, method_store, saving
from specie.payments.method_model import MethodId
from specie.payments.method_schemas import MethodIn, MethodOut, MethodsOut
from specie.platform.db import UnitOfWork
from specie.platform.http import ApiRouter, Edge, refuses, requires
from specie.platform.wire import id_text

router = ApiRouter(prefix="/payment-methods", tags=["Payment methods"])


@router.post("", status_code=201, response_model=MethodOut)
@refuses(errors.MerchantRequired, errors.MethodUnavailable, parties.PartyMissing)
async def save_payment_method(body: MethodIn, edge: Edge = requires(Permission.PAYMENTS_CREATE)) -> Response:
    """Have the provider keep a customer's way to pay; it is active once the provider has said so."""
    toolbox, command = edge.service("providers"), body.command()
    return await edge.write(lambda uow: saving.save(uow, toolbox, command), MethodOut.of, status=201)


@router.get("", response_model=MethodsOut)
async def list_payment_methods(party_id: str, edge: Edge = requires(Permission.PAYMENTS_READ)) -> MethodsOut:
    """A customer's saved ways to pay, newest first; the newest active one is charged."""
    owner = id_text(PartyId, party_id, "party_id")
    toolbox = edge.service("providers")

    async def look(uow: UnitOfWork) -> MethodsOut:
        found, kinds = await method_store.methods_of(uow, [owner]), await saving.kinds_kept(uow, toolbox)
        return MethodsOut(data=[MethodOut.of(each) for each in found], can_save=[str(kind) for kind in kinds])

    return await edge.read(look)


@router.post("/{method_id}/remove", response_model=MethodOut)
@refuses(errors.MethodMissing)
async def remove_payment_method(method_id: str, edge: Edge = requires(Permission.PAYMENTS_CREATE)) -> Response:
    """Charge a saved way to pay no more. What was charged stays."""
    wanted = id_text(MethodId, method_id, "method_id")
    return await edge.write(lambda uow: saving.remove(uow, wanted), MethodOut.of)
