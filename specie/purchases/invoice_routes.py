"""Invoices in installments over HTTP."""

from starlette.responses import Response

from specie import billing, installments, wallets
from specie.billing import InvoiceId
from specie.kernel.permissions import Permission
from specie.platform.db import UnitOfWork
from specie.platform.http import ApiRouter, Edge, refuses, requires
from specie.platform.wire import id_text
from specie.purchases import invoice_plans
from specie.purchases.invoice_schemas import InvoiceInPartsIn, InvoiceInPartsOut

router = ApiRouter(prefix="/billing/invoices", tags=["Billing"])


@router.get("/{invoice_id}/installments", response_model=InvoiceInPartsOut)
@refuses(billing.InvoiceMissing)
async def show_invoice_in_parts(invoice_id: str, edge: Edge = requires(Permission.BILLING_READ)) -> InvoiceInPartsOut:
    """The plans that could pay what is open, and the orders that were made for the invoice."""
    wanted = id_text(InvoiceId, invoice_id, "invoice_id")
    return InvoiceInPartsOut.of(await edge.read(lambda uow: invoice_plans.look(uow, wanted)))


@router.post("/{invoice_id}/installments", status_code=201, response_model=InvoiceInPartsOut)
@refuses(
    billing.InvoiceMissing,
    billing.NothingToPay,
    installments.PlanMissing,
    installments.PlanEnded,
    installments.AmountOutsidePlan,
    installments.OrderReferenceTaken,
    wallets.WalletCurrency,
)
async def offer_invoice_in_parts(
    invoice_id: str, body: InvoiceInPartsIn, edge: Edge = requires(Permission.BILLING_WRITE)
) -> Response:
    """Offer the customer to pay what is open in parts.

    The customer accepts the order like any other, with its credit line; in that commit the invoice is paid. What it
    costs is what `POST /installments/preview` says of the plan and the open amount.
    """
    wanted, plan_id = id_text(InvoiceId, invoice_id, "invoice_id"), body.plan()

    async def work(uow: UnitOfWork) -> InvoiceInPartsOut:
        await invoice_plans.offer(uow, wanted, plan_id)
        return InvoiceInPartsOut.of(await invoice_plans.look(uow, wanted))

    return await edge.write(work, lambda made: made, status=201)
