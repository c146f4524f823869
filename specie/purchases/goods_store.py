"""The SQL of what purchases sell of the business's own catalogue."""

from dataclasses import dataclass

from sqlalchemy import insert, select, update

from specie.billing import InvoiceId, LineDraft, line_from_json, line_to_json
from specie.catalogue import Rounding
from specie.platform.db import UnitOfWork
from specie.purchases import tables
from specie.purchases.model import Purchase, PurchaseId
from specie.stock import WarehouseId


@dataclass(frozen=True, slots=True)
class Goods:
    """Lines of an invoice as they were agreed, where their goods leave from, and the invoice once there is one.

    Once it is opened every line has its price, and `rounding` is how the taxes were rounded then.
    """

    lines: tuple[LineDraft, ...]
    warehouse_id: WarehouseId | None = None
    includes_tax: bool = False
    rounding: Rounding = Rounding.LINE
    invoice_id: InvoiceId | None = None


async def insert_goods(uow: UnitOfWork, purchase: Purchase, goods: Goods) -> None:
    """Add what a purchase sells."""
    row = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "purchase_id": purchase.id.uuid,
        "warehouse_id": goods.warehouse_id.uuid if goods.warehouse_id else None,
        "includes_tax": goods.includes_tax,
        "rounding": goods.rounding.value,
        "lines": [line_to_json(line) for line in goods.lines],
    }
    await uow.execute(insert(tables.goods).values(row))


async def goods_of(uow: UnitOfWork, purchase: Purchase) -> Goods:
    """What a purchase that sells goods sells."""
    g = tables.goods.c
    query = select(tables.goods).where(g.tenant_id == uow.scope.tenant_id.uuid, g.purchase_id == purchase.id.uuid)
    row = (await uow.execute(query)).one()
    return Goods(
        lines=tuple(line_from_json(each) for each in row.lines),
        warehouse_id=WarehouseId(row.warehouse_id) if row.warehouse_id else None,
        includes_tax=row.includes_tax,
        rounding=Rounding(row.rounding),
        invoice_id=InvoiceId(row.invoice_id) if row.invoice_id else None,
    )


async def note_invoice(uow: UnitOfWork, purchase: Purchase, invoice_id: InvoiceId) -> None:
    """Remember the invoice of a purchase."""
    g = tables.goods.c
    mine = (g.tenant_id == uow.scope.tenant_id.uuid, g.purchase_id == purchase.id.uuid)
    await uow.execute(update(tables.goods).where(*mine).values(invoice_id=invoice_id.uuid, stock_cause=str(invoice_id)))


async def purchase_of_invoice(uow: UnitOfWork, invoice_id: InvoiceId) -> PurchaseId | None:
    """The purchase that made an invoice."""
    g = tables.goods.c
    query = select(g.purchase_id).where(g.tenant_id == uow.scope.tenant_id.uuid, g.invoice_id == invoice_id.uuid)
    found = (await uow.execute(query)).scalar_one_or_none()
    return None if found is None else PurchaseId(found)
