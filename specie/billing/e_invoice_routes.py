"""Invoices as files that the customer's program reads."""

import asyncio
from typing import Annotated

from fastapi import Query, Response

from specie.billing import document, errors
from specie.billing.cii import cii
from specie.billing.document import Document
from specie.billing.e_invoice import of_document
from specie.billing.factur_x import factur_x
from specie.billing.model import InvoiceId
from specie.billing.ubl import ubl
from specie.kernel.permissions import Permission
from specie.platform.http import ApiRouter, Edge, refuses, requires
from specie.platform.wire import id_text

router = ApiRouter(prefix="/billing", tags=["Billing"])

Country = Annotated[
    str,
    Query(pattern="^[A-Z]{2}$", description="Where the customer is (ISO 3166); default: as addressed, else as you"),
]


@router.get("/invoices/{invoice_id}/ubl", response_class=Response)
@refuses(errors.InvoiceMissing, errors.EInvoiceImpossible)
async def export_invoice(
    invoice_id: str, edge: Edge = requires(Permission.BILLING_READ), buyer_country: Country | None = None
) -> Response:
    """An issued invoice as an electronic one: UBL 2.1 after EN 16931."""
    found = await _read(edge, invoice_id)
    return _file(ubl(of_document(found, buyer_country)), f"{found.found.invoice.name}.xml", "application/xml")


@router.get("/invoices/{invoice_id}/factur-x", response_class=Response)
@refuses(errors.InvoiceMissing, errors.EInvoiceImpossible)
async def export_factur_x(
    invoice_id: str, edge: Edge = requires(Permission.BILLING_READ), buyer_country: Country | None = None
) -> Response:
    """An issued invoice as PDF with the electronic one inside: Factur-X (ZUGFeRD), profile EN 16931."""
    found = await _read(edge, invoice_id)
    xml = cii(of_document(found, buyer_country))
    content = await asyncio.to_thread(factur_x, document.told(found), found.colour, xml)
    return _file(content, f"{found.found.invoice.name}.pdf", "application/pdf")


async def _read(edge: Edge, invoice_id: str) -> Document:
    wanted = id_text(InvoiceId, invoice_id, "invoice_id")
    return await edge.read(lambda uow: document.read(uow, edge.service("vault"), wanted))


def _file(content: bytes, name: str, media_type: str) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, headers=headers, media_type=media_type)
