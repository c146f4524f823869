"""Every statement on hosted pages."""

from typing import Any

from sqlalchemy import Row, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from specie.checkout.model import Checkout
from specie.checkout.tables import checkout, checkout_token
from specie.kernel.ids import CheckoutId, PaymentId, TenantId
from specie.platform.db import UnitOfWork


async def insert_checkout(uow: UnitOfWork, new: Checkout, token_digest: bytes) -> bool:
    """Store a page and the way to it, unless the payment has one; whether it was stored."""
    tenant_id = uow.scope.tenant_id.uuid
    row = {
        "tenant_id": tenant_id,
        "id": new.id.uuid,
        "payment_id": new.payment_id.uuid,
        "token": new.token,
        "created_at": uow.now,
        "expires_at": new.expires_at,
    }
    statement = upsert(checkout).values(row).on_conflict_do_nothing(constraint="checkout_one_per_payment")
    if (await uow.execute(statement.returning(checkout.c.id))).one_or_none() is None:
        return False
    path = {"token_digest": token_digest, "of_tenant": tenant_id, "checkout_id": new.id.uuid}
    await uow.execute(insert(checkout_token).values(path))
    return True


async def checkout_of(uow: UnitOfWork, payment_id: PaymentId) -> Checkout | None:
    """A payment's page."""
    query = select(checkout).where(
        checkout.c.tenant_id == uow.scope.tenant_id.uuid, checkout.c.payment_id == payment_id.uuid
    )
    row = (await uow.execute(query)).one_or_none()
    return _checkout(row) if row else None


async def checkout_by_id(uow: UnitOfWork, checkout_id: CheckoutId) -> Checkout | None:
    """One page."""
    query = select(checkout).where(checkout.c.tenant_id == uow.scope.tenant_id.uuid, checkout.c.id == checkout_id.uuid)
    row = (await uow.execute(query)).one_or_none()
    return _checkout(row) if row else None


async def owner_of_token(uow: UnitOfWork, token_digest: bytes) -> tuple[TenantId, CheckoutId] | None:
    """Whose page this is. Needs no tenant."""
    query = select(checkout_token).where(checkout_token.c.token_digest == token_digest)
    row = (await uow.execute(query)).one_or_none()
    return (TenantId(row.of_tenant), CheckoutId(row.checkout_id)) if row else None


def _checkout(row: Row[Any]) -> Checkout:
    return Checkout(CheckoutId(row.id), PaymentId(row.payment_id), row.token, row.expires_at)
