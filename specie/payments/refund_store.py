"""Every statement on refunds and on the journal entries of a payment."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, insert, or_, select, update

from specie.kernel.ids import AccountId, AttemptId, ConnectionId, EntryId, PartyId, PaymentId
from specie.kernel.money import Currency, Money
from specie.payments.refund_model import Origin, Parts, Refund, RefundId, RefundState, reference_of
from specie.payments.tables import payment_entry, provider_charge, refund
from specie.platform.db import UnitOfWork

_UNSURE = (RefundState.CREATED.value, RefundState.UNKNOWN.value)


async def insert_refund(uow: UnitOfWork, new: Refund) -> None:
    """Write down a refund."""
    row = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "id": new.id.uuid,
        "payment_id": new.payment_id.uuid,
        "merchant_id": new.merchant_id.uuid,
        "attempt_id": new.attempt_id.uuid,
        "connection_id": new.connection_id.uuid,
        "amount_minor": new.amount.minor,
        "currency": new.amount.currency.code,
        "reason": new.reason,
        "origin": new.origin.value,
        "state": new.state.value,
        "reference": reference_of(new.id),
        "provider_ref": new.provider_ref,
        "parts": _stored(new.parts),
        "is_from_pending": new.is_from_pending,
        "account_id": new.account_id.uuid if new.account_id else None,
        "tries": 0,
        "created_at": new.created_at,
        "updated_at": new.updated_at,
        "created_by": new.created_by,
    }
    await uow.execute(insert(refund).values(row))


async def save_refund(uow: UnitOfWork, changed: Refund) -> None:
    """Write down a refund's new state."""
    statement = update(refund).where(_tenant(uow), refund.c.id == changed.id.uuid)
    await uow.execute(
        statement.values(
            state=changed.state.value,
            provider_ref=changed.provider_ref,
            failure=changed.failure,
            updated_at=uow.now,
        )
    )


async def lease_refund(uow: UnitOfWork, refund_id: RefundId, now: datetime, until: datetime) -> Refund | None:
    """Take the right to order a refund, until a machine time; None when somebody else has it or it is decided."""
    statement = (
        update(refund)
        .where(
            _tenant(uow),
            refund.c.id == refund_id.uuid,
            refund.c.state.in_(_UNSURE),
            or_(refund.c.leased_until.is_(None), refund.c.leased_until < now),
        )
        .values(leased_until=until, tries=refund.c.tries + 1)
        .returning(*refund.c)
    )
    row = (await uow.execute(statement)).one_or_none()
    return _refund(row) if row else None


async def end_lease(uow: UnitOfWork, refund_id: RefundId) -> None:
    """Give the right to order back."""
    await uow.execute(update(refund).where(_tenant(uow), refund.c.id == refund_id.uuid).values(leased_until=None))


async def refund_by_id(uow: UnitOfWork, refund_id: RefundId) -> Refund | None:
    """One refund of the tenant, or of the caller's own party."""
    row = (await uow.execute(_mine(uow).where(refund.c.id == refund_id.uuid))).one_or_none()
    return _refund(row) if row else None


async def refund_told_of(
    uow: UnitOfWork, connection_id: ConnectionId, reference: str, provider_ref: str
) -> Refund | None:
    """The refund a provider names by our reference or by its own."""
    named = refund.c.provider_ref == provider_ref
    if reference:
        named = or_(named, refund.c.reference == reference)
    query = select(refund).where(_tenant(uow), refund.c.connection_id == connection_id.uuid, named)
    row = (await uow.execute(query.limit(1))).one_or_none()
    return _refund(row) if row else None


async def refunds_of(uow: UnitOfWork, payment_id: PaymentId) -> list[Refund]:
    """A payment's refunds, first to last."""
    query = select(refund).where(_tenant(uow), refund.c.payment_id == payment_id.uuid).order_by(refund.c.id)
    return [_refund(row) for row in await uow.execute(query)]


async def find_refunds(
    uow: UnitOfWork, *, states: Sequence[str], payment_id: PaymentId | None, before: RefundId | None, limit: int
) -> list[Refund]:
    """Up to `limit + 1` refunds, newest first."""
    query = _mine(uow)
    if states:
        query = query.where(refund.c.state.in_(list(states)))
    if payment_id is not None:
        query = query.where(refund.c.payment_id == payment_id.uuid)
    if before is not None:
        query = query.where(refund.c.id < before.uuid)
    return [_refund(row) for row in await uow.execute(query.order_by(refund.c.id.desc()).limit(limit + 1))]


async def refunded_sums(uow: UnitOfWork, ids: Sequence[PaymentId]) -> dict[PaymentId, int]:
    """Minor units given back, or on their way back, of each of these payments that has any."""
    query = (
        select(refund.c.payment_id, func.sum(refund.c.amount_minor).label("minor"))
        .where(
            _tenant(uow),
            refund.c.payment_id.in_([each.uuid for each in ids]),
            refund.c.state != RefundState.FAILED.value,
        )
        .group_by(refund.c.payment_id)
    )
    return {PaymentId(row.payment_id): int(row.minor) for row in await uow.execute(query)} if ids else {}


async def note_entry(uow: UnitOfWork, payment_id: PaymentId, entry_id: EntryId) -> None:
    """Remember that an entry was posted for a payment."""
    row = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "payment_id": payment_id.uuid,
        "entry_id": entry_id.uuid,
        "at": uow.now,
    }
    await uow.execute(insert(payment_entry).values(row))


async def entry_ids_of(uow: UnitOfWork, payment_id: PaymentId) -> list[EntryId]:
    """Every journal entry of a payment, in the order they were made."""
    tenant = uow.scope.tenant_id.uuid
    charges = select(provider_charge.c.entry_id).where(
        provider_charge.c.tenant_id == tenant, provider_charge.c.payment_id == payment_id.uuid
    )
    others = select(payment_entry.c.entry_id).where(
        payment_entry.c.tenant_id == tenant, payment_entry.c.payment_id == payment_id.uuid
    )
    found = {EntryId(row.entry_id) for row in await uow.execute(charges.union(others))}
    return sorted(found, key=lambda entry_id: entry_id.uuid)


def _tenant(uow: UnitOfWork) -> ColumnElement[bool]:
    return refund.c.tenant_id == uow.scope.tenant_id.uuid


def _mine(uow: UnitOfWork) -> Select[Any]:
    query = select(refund).where(_tenant(uow))
    own = uow.scope.party_id
    return query if own is None else query.where(refund.c.merchant_id == own.uuid)


def _stored(parts: Parts) -> dict[str, Any]:
    return {
        "merchant_minor": parts.merchant.minor,
        "platform_fee_minor": parts.platform_fee.minor,
        "others": [{"party_id": str(party), "amount_minor": part.minor} for party, part in parts.others.items()],
    }


def _refund(row: Row[Any]) -> Refund:
    currency = Currency.of(row.currency)
    parts = Parts(
        merchant=Money(row.parts["merchant_minor"], currency),
        platform_fee=Money(row.parts["platform_fee_minor"], currency),
        others={PartyId.parse(each["party_id"]): Money(each["amount_minor"], currency) for each in row.parts["others"]},
    )
    return Refund(
        id=RefundId(row.id),
        payment_id=PaymentId(row.payment_id),
        merchant_id=PartyId(row.merchant_id),
        attempt_id=AttemptId(row.attempt_id),
        connection_id=ConnectionId(row.connection_id),
        amount=Money(row.amount_minor, currency),
        reason=row.reason,
        origin=Origin(row.origin),
        state=RefundState(row.state),
        parts=parts,
        is_from_pending=row.is_from_pending,
        account_id=AccountId(row.account_id) if row.account_id else None,
        tries=row.tries,
        created_at=row.created_at,
        updated_at=row.updated_at,
        created_by=row.created_by,
        provider_ref=row.provider_ref,
        failure=row.failure,
    )
