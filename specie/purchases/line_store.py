"""The SQL of the lines of purchases, and of what came back of them."""

from collections.abc import Sequence

from sqlalchemy import func, insert, select

from specie.catalogue import ProductId
from specie.kernel.money import Money
from specie.platform.db import UnitOfWork
from specie.purchases import tables
from specie.purchases.lines import Line, ReturnedLine
from specie.purchases.model import Purchase, PurchaseRefund, PurchaseRefundId


async def insert_lines(uow: UnitOfWork, purchase: Purchase, lines: Sequence[Line]) -> None:
    """Add the lines of a purchase."""
    rows = [
        {
            "tenant_id": uow.scope.tenant_id.uuid,
            "purchase_id": purchase.id.uuid,
            "n": line.n,
            "name": line.name,
            "quantity": line.quantity,
            "amount_minor": line.amount.minor,
            "product_id": line.product_id.uuid if line.product_id else None,
        }
        for line in lines
    ]
    if rows:
        await uow.execute(insert(tables.line).values(rows))


async def lines_of(uow: UnitOfWork, purchase: Purchase) -> list[Line]:
    """The lines of a purchase; none where its merchant told none."""
    x = tables.line.c
    query = select(tables.line).where(x.tenant_id == uow.scope.tenant_id.uuid, x.purchase_id == purchase.id.uuid)
    rows = await uow.execute(query.order_by(x.n))
    currency = purchase.amount.currency
    return [
        Line(
            row.n,
            row.name,
            row.quantity,
            Money(row.amount_minor, currency),
            ProductId(row.product_id) if row.product_id else None,
        )
        for row in rows
    ]


async def insert_returned(uow: UnitOfWork, refund: PurchaseRefund, back: Sequence[ReturnedLine]) -> None:
    """Remember which goods came back with a refund."""
    rows = [
        {
            "tenant_id": uow.scope.tenant_id.uuid,
            "refund_id": refund.id.uuid,
            "purchase_id": refund.purchase_id.uuid,
            "n": each.n,
            "quantity": each.quantity,
            "amount_minor": each.amount.minor,
        }
        for each in back
    ]
    if rows:
        await uow.execute(insert(tables.refund_line).values(rows))


async def came_back(uow: UnitOfWork, purchase: Purchase) -> dict[int, int]:
    """How many pieces of each line have come back so far."""
    x = tables.refund_line.c
    query = select(x.n, func.sum(x.quantity).label("quantity")).where(
        x.tenant_id == uow.scope.tenant_id.uuid, x.purchase_id == purchase.id.uuid
    )
    return {row.n: int(row.quantity) for row in await uow.execute(query.group_by(x.n))}


async def returned_by(uow: UnitOfWork, purchase: Purchase) -> dict[PurchaseRefundId, list[ReturnedLine]]:
    """Which goods came back with each refund of a purchase."""
    x = tables.refund_line.c
    query = select(tables.refund_line).where(x.tenant_id == uow.scope.tenant_id.uuid, x.purchase_id == purchase.id.uuid)
    found: dict[PurchaseRefundId, list[ReturnedLine]] = {}
    for row in await uow.execute(query.order_by(x.refund_id, x.n)):
        amount = Money(row.amount_minor, purchase.amount.currency)
        found.setdefault(PurchaseRefundId(row.refund_id), []).append(ReturnedLine(row.n, row.quantity, amount))
    return found
