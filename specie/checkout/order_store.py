"""Every statement on the pages of purchases."""

from typing import Any

from sqlalchemy import Row, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from specie.checkout.order_model import OrderPage
from specie.checkout.tables import order_page, order_page_token
from specie.kernel.ids import TenantId
from specie.platform.db import UnitOfWork
from specie.purchases import PurchaseId


async def insert_page(uow: UnitOfWork, new: OrderPage, token_digest: bytes) -> bool:
    """Store a page and the way to it, unless the purchase has one; whether it was stored."""
    tenant_id = uow.scope.tenant_id.uuid
    row = {
        "tenant_id": tenant_id,
        "purchase_id": new.purchase_id.uuid,
        "token": new.token,
        "created_at": uow.now,
        "expires_at": new.expires_at,
    }
    statement = upsert(order_page).values(row).on_conflict_do_nothing()
    if (await uow.execute(statement.returning(order_page.c.purchase_id))).one_or_none() is None:
        return False
    way = {"token_digest": token_digest, "of_tenant": tenant_id, "purchase_id": new.purchase_id.uuid}
    await uow.execute(insert(order_page_token).values(way))
    return True


async def page_of(uow: UnitOfWork, purchase_id: PurchaseId) -> OrderPage | None:
    """A purchase's page."""
    p = order_page.c
    query = select(order_page).where(p.tenant_id == uow.scope.tenant_id.uuid, p.purchase_id == purchase_id.uuid)
    row = (await uow.execute(query)).one_or_none()
    return _page(row) if row else None


async def owner_of_token(uow: UnitOfWork, token_digest: bytes) -> tuple[TenantId, PurchaseId] | None:
    """Whose page this is. Needs no tenant."""
    query = select(order_page_token).where(order_page_token.c.token_digest == token_digest)
    row = (await uow.execute(query)).one_or_none()
    return (TenantId(row.of_tenant), PurchaseId(row.purchase_id)) if row else None


def _page(row: Row[Any]) -> OrderPage:
    return OrderPage(PurchaseId(row.purchase_id), row.token, row.expires_at)
