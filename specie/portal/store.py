"""The SQL of portals."""

from sqlalchemy import delete, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from specie.kernel.ids import PartyId, TenantId
from specie.platform.db import UnitOfWork
from specie.portal import tables
from specie.portal.model import Portal


async def insert_portal(uow: UnitOfWork, portal: Portal, token_digest: bytes) -> bool:
    """Open a portal and the way to it; whether the customer had none."""
    tenant, customer = uow.scope.tenant_id.uuid, portal.customer_id.uuid
    row = {"tenant_id": tenant, "customer_id": customer, "token": portal.token, "opened_at": portal.opened_at}
    statement = upsert(tables.portal).values(row).on_conflict_do_nothing().returning(tables.portal.c.token)
    if (await uow.execute(statement)).scalar_one_or_none() is None:
        return False
    path = {"token_digest": token_digest, "of_tenant": tenant, "customer_id": customer}
    await uow.execute(insert(tables.link).values(path))
    return True


async def portal_of(uow: UnitOfWork, customer_id: PartyId) -> Portal | None:
    """A customer's portal."""
    p = tables.portal.c
    query = select(tables.portal).where(p.tenant_id == uow.scope.tenant_id.uuid, p.customer_id == customer_id.uuid)
    row = (await uow.execute(query)).one_or_none()
    return Portal(customer_id, row.token, row.opened_at) if row else None


async def delete_portal(uow: UnitOfWork, customer_id: PartyId) -> str | None:
    """Take a customer's portal away; the token it had, if there was one."""
    p = tables.portal.c
    where = (p.tenant_id == uow.scope.tenant_id.uuid, p.customer_id == customer_id.uuid)
    return (await uow.execute(delete(tables.portal).where(*where).returning(p.token))).scalar_one_or_none()


async def delete_link(uow: UnitOfWork, token_digest: bytes) -> None:
    """Take the way to a portal away."""
    await uow.execute(delete(tables.link).where(tables.link.c.token_digest == token_digest))


async def owner_of_token(uow: UnitOfWork, token_digest: bytes) -> tuple[TenantId, PartyId] | None:
    """Whose portal this is. Needs no tenant."""
    row = (await uow.execute(select(tables.link).where(tables.link.c.token_digest == token_digest))).one_or_none()
    return (TenantId(row.of_tenant), PartyId(row.customer_id)) if row else None
