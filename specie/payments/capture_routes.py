"""Captures over HTTP."""

from starlette.responses import Response

from specie.kernel.ids import PaymentId
from specie.kernel.permissions import Permission, Verification
from specie.payments import captures, errors
from specie.payments.capture_schemas import CaptureIn, CaptureOut
from specie.payments.schemas import PaymentOut
from specie.platform.http import ApiRouter, Edge, refuses, requires
from specie.platform.wire import id_text

router = ApiRouter(tags=["Captures"])


@router.post("/payments/{payment_id}/captures", status_code=201, response_model=CaptureOut)
@refuses(errors.PaymentMissing, errors.CaptureImpossible, errors.CaptureTooLarge)
async def create_capture(
    payment_id: str, body: CaptureIn, edge: Edge = requires(Permission.PAYMENTS_MANAGE, verification=Verification.ANY)
) -> Response:
    """Take all or a part of an authorised payment. A final capture lets the rest go."""
    wanted = id_text(PaymentId, payment_id, "payment_id")
    amount = body.amount.money() if body.amount else None
    return await edge.money(lambda uow: captures.request(uow, wanted, amount, is_final=body.final), CaptureOut.of)


@router.post("/payments/{payment_id}/void", response_model=PaymentOut)
@refuses(errors.PaymentMissing, errors.CaptureImpossible, errors.ChargeUnknown)
async def void_payment(payment_id: str, edge: Edge = requires(Permission.PAYMENTS_MANAGE)) -> Response:
    """Let go of what has not been captured. What was captured stays; without any the payment is cancelled."""
    wanted = id_text(PaymentId, payment_id, "payment_id")
    return await edge.write(lambda uow: captures.request_void(uow, wanted), PaymentOut.of)
