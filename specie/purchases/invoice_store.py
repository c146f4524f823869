"""The SQL of which orders in parts were offered for which invoice."""

from sqlalchemy import insert, select, update

from specie.billing import InvoiceId, ReceiptId
from specie.installments import OrderId
from specie.platform.db import UnitOfWork
from specie.purchases.tables import invoice_order


async def insert_order(uow: UnitOfWork, order_id: OrderId, invoice_id: InvoiceId) -> None:
    """Remember that an order was offered for an invoice."""
    row = {"tenant_id": uow.scope.tenant_id.uuid, "order_id": order_id.uuid, "invoice_id": invoice_id.uuid}
    await uow.execute(insert(invoice_order).values(row))


async def note_receipt(uow: UnitOfWork, order_id: OrderId, receipt_id: ReceiptId) -> None:
    """Remember what paid the invoice as the order began."""
    x = invoice_order.c
    mine = (x.tenant_id == uow.scope.tenant_id.uuid, x.order_id == order_id.uuid)
    await uow.execute(update(invoice_order).where(*mine).values(receipt_id=receipt_id.uuid))


async def invoice_of(uow: UnitOfWork, order_id: OrderId) -> InvoiceId | None:
    """The invoice that an order was offered for."""
    x = invoice_order.c
    query = select(x.invoice_id).where(x.tenant_id == uow.scope.tenant_id.uuid, x.order_id == order_id.uuid)
    found = (await uow.execute(query)).scalar_one_or_none()
    return None if found is None else InvoiceId(found)


async def orders_of(uow: UnitOfWork, invoice_id: InvoiceId) -> list[OrderId]:
    """The orders that were offered for an invoice, the earliest first."""
    x = invoice_order.c
    query = select(x.order_id).where(x.tenant_id == uow.scope.tenant_id.uuid, x.invoice_id == invoice_id.uuid)
    return [OrderId(row.order_id) for row in await uow.execute(query.order_by(x.order_id))]
