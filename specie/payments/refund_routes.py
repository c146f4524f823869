"""Refunds over HTTP."""

from typing import Annotated, Any

from fastapi import Query
from starlette.responses import Response

from specie.approvals import Approval
from specie.kernel.ids import PaymentId
from specie.kernel.pagination import Page
from specie.kernel.permissions import Permission, Verification
from specie.ledger import AccountFrozen, InsufficientFunds
from specie.payments import errors, refund_approval, refund_booking, refund_store, refunding, refunds, service
from specie.payments.detail import postings_shown
from specie.payments.refund_model import Refund, RefundId, RefundState
from specie.payments.refund_schemas import RefundAsked, RefundIn, RefundMade, RefundOut, refund_fields
from specie.platform.db import UnitOfWork
from specie.platform.http import ApiRouter, Edge, refuses, requires
from specie.platform.jobs import JobContext
from specie.platform.wire import Amount, ListOf, SearchText, id_text, states_text

router = ApiRouter(tags=["Refunds"])

_LIST = "refunds"

Limit = Annotated[int, Query(ge=1, le=100)]


@router.post("/payments/{payment_id}/refunds", status_code=201, response_model=RefundMade | RefundAsked)
@refuses(
    errors.PaymentMissing,
    errors.RefundImpossible,
    errors.PaymentDisputed,
    errors.RefundTooLarge,
    errors.RefundWaits,
    InsufficientFunds,
    AccountFrozen,
)
async def create_refund(
    payment_id: str, body: RefundIn, edge: Edge = requires(Permission.PAYMENTS_MANAGE, verification=Verification.ANY)
) -> Response:
    """Give back all or a part of a payment. The money is reserved at once and sent right after.

    When the refunds of the payment go above the tenant's line, nothing moves: the answer has the status
    `needs_approval`, and a second person decides.
    """
    wanted = id_text(PaymentId, payment_id, "payment_id")
    amount = body.amount.money() if body.amount else None

    async def work(uow: UnitOfWork) -> RefundMade | RefundAsked:
        made = await refund_approval.request(uow, edge.service("providers"), wanted, amount, body.reason)
        if isinstance(made, Approval):
            return RefundAsked.of(made)
        payment = await service.get_payment(uow, wanted)
        return RefundMade(
            **refund_fields(made.refund),
            postings=await postings_shown(uow, made.entry),
            refundable_after=Amount.of(await refund_booking.refundable(uow, payment)),
        )

    return await edge.money(work, lambda made: made)


@router.get("/refunds", response_model=ListOf[RefundOut])
async def list_refunds(
    edge: Edge = requires(Permission.PAYMENTS_READ),
    status: SearchText | None = None,
    payment_id: SearchText | None = None,
    limit: Limit = 20,
    cursor: str | None = None,
) -> Any:
    """Refunds, newest first."""
    key = edge.cursor(_LIST, cursor)
    before = RefundId.parse(str(key[0])) if key else None
    of_payment = id_text(PaymentId, payment_id, "payment_id") if payment_id else None
    states = states_text(RefundState, status, "status")

    async def read(uow: UnitOfWork) -> Page[Refund]:
        rows = await refund_store.find_refunds(uow, states=states, payment_id=of_payment, before=before, limit=limit)
        return Page.cut(rows, limit, key=lambda refund: (str(refund.id),))

    return edge.page(_LIST, await edge.read(read), RefundOut.of)


@router.get("/refunds/{refund_id}", response_model=RefundOut)
@refuses(errors.RefundMissing)
async def show_refund(refund_id: str, edge: Edge = requires(Permission.PAYMENTS_READ)) -> RefundOut:
    """One refund."""
    wanted = id_text(RefundId, refund_id, "refund_id")
    return RefundOut.of(await edge.read(lambda uow: refunds.get_refund(uow, wanted)))


@router.post("/refunds/{refund_id}/check", response_model=RefundOut)
@refuses(errors.RefundMissing)
async def check_refund(refund_id: str, edge: Edge = requires(Permission.PAYMENTS_READ)) -> Response:
    """Ask the provider now."""
    wanted = id_text(RefundId, refund_id, "refund_id")
    if not edge.dry_run:
        context = JobContext(edge.db, edge.scope, edge.request.app.state.services)
        await refunding.check(context, wanted)
    return await edge.write(lambda uow: refunds.get_refund(uow, wanted), RefundOut.of)
