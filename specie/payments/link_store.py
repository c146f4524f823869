"""Every statement on payment links."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, insert, select, update

from specie.kernel.ids import PartyId, PaymentLinkId, TenantId
from specie.kernel.money import Currency, Money, minor_of
from specie.payments.link_model import PaymentLink
from specie.payments.tables import link_token, payment_link
from specie.platform.db import UnitOfWork


async def insert_link(uow: UnitOfWork, new: PaymentLink, token_digest: bytes) -> None:
    """Store a link and the way from its token to it."""
    tenant_id = uow.scope.tenant_id.uuid
    row = {
        "tenant_id": tenant_id,
        "id": new.id.uuid,
        "party_id": new.party_id.uuid,
        "token": new.token,
        "description": new.description,
        "currency": new.currency.code,
        "amount_minor": minor_of(new.amount),
        "min_minor": minor_of(new.minimum),
        "max_minor": minor_of(new.maximum),
        "is_reusable": new.is_reusable,
        "is_active": new.is_active,
        "expires_at": new.expires_at,
        "uses": new.uses,
        "created_at": new.created_at,
        "updated_at": new.updated_at,
    }
    await uow.execute(insert(payment_link).values(row))
    path = {"token_digest": token_digest, "of_tenant": tenant_id, "link_id": new.id.uuid}
    await uow.execute(insert(link_token).values(path))


async def link_by_id(uow: UnitOfWork, link_id: PaymentLinkId, *, lock: bool = False) -> PaymentLink | None:
    """One link of the tenant, or of the caller's own party."""
    query = select(payment_link).where(*_mine(uow), payment_link.c.id == link_id.uuid)
    row = (await uow.execute(query.with_for_update() if lock else query)).one_or_none()
    return _link(row) if row else None


async def find_links(uow: UnitOfWork, before: UUID | None, limit: int) -> list[PaymentLink]:
    """Up to `limit + 1` links, newest first."""
    query = select(payment_link).where(*_mine(uow))
    if before is not None:
        query = query.where(payment_link.c.id < before)
    rows = await uow.execute(query.order_by(payment_link.c.id.desc()).limit(limit + 1))
    return [_link(row) for row in rows]


async def change_link(uow: UnitOfWork, link_id: PaymentLinkId, wanted: Mapping[str, Any]) -> None:
    """Set some columns of a link."""
    statement = update(payment_link).where(*_mine(uow), payment_link.c.id == link_id.uuid)
    await uow.execute(statement.values(**wanted, updated_at=uow.now))


async def owner_of_token(uow: UnitOfWork, token_digest: bytes) -> tuple[TenantId, PaymentLinkId] | None:
    """Whose link this is. Needs no tenant."""
    row = (await uow.execute(select(link_token).where(link_token.c.token_digest == token_digest))).one_or_none()
    return (TenantId(row.of_tenant), PaymentLinkId(row.link_id)) if row else None


def _mine(uow: UnitOfWork) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [payment_link.c.tenant_id == uow.scope.tenant_id.uuid]
    if uow.scope.party_id is not None:
        conditions.append(payment_link.c.party_id == uow.scope.party_id.uuid)
    return conditions


def _link(row: Row[Any]) -> PaymentLink:
    currency = Currency.of(row.currency)

    def amount(minor: int | None) -> Money | None:
        return None if minor is None else Money(minor, currency)

    return PaymentLink(
        id=PaymentLinkId(row.id),
        party_id=PartyId(row.party_id),
        token=row.token,
        description=row.description,
        currency=currency,
        amount=amount(row.amount_minor),
        minimum=amount(row.min_minor),
        maximum=amount(row.max_minor),
        is_reusable=row.is_reusable,
        is_active=row.is_active,
        expires_at=row.expires_at,
        uses=row.uses,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
