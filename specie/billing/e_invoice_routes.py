"""Invoices as files that the customer's program reads."""

from typing import Annotated

from fastapi import Query, Response

from specie.billing import document, errors
from specie.billing.e_invoice import of_document
from specie.billing.model import InvoiceId
from specie.billing.ubl import ubl
from specie.kernel.permissions import Permission
from specie.platform.http import ApiRouter, Edge, refuses, requires
from specie.platform.wire import id_text

router = ApiRouter(prefix="/billing", tags=["Billing"])

Country = Annotated[str, Query(pattern="^[A-Z]{2}$", description="Where the customer is (ISO 3166); default: as you")]


@router.get("/invoices/{invoice_id}/ubl", response_class=Response)
@refuses(errors.InvoiceMissing, errors.EInvoiceImpossible)
async def export_invoice(
    invoice_id: str, edge: Edge = requires(Permission.BILLING_READ), buyer_country: Country | None = None
) -> Response:
    """An issued invoice as an electronic one: UBL 2.1 after EN 16931."""
    wanted = id_text(InvoiceId, invoice_id, "invoice_id")
    found = await edge.read(lambda uow: document.read(uow, edge.service("vault"), wanted))
    content = ubl(of_document(found, buyer_country))
    headers = {
        "Content-Disposition": f'attachment; filename="{found.found.invoice.name}.xml"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, headers=headers, media_type="application/xml")
