"""Every statement on captures."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, insert, or_, select, update

from specie.kernel.ids import AttemptId, ConnectionId, PaymentId
from specie.kernel.money import Currency, Money
from specie.payments.capture_model import Capture, CaptureId, CaptureState, capture_reference
from specie.payments.tables import capture
from specie.platform.db import UnitOfWork

_UNSURE = (CaptureState.CREATED.value, CaptureState.UNKNOWN.value)


async def insert_capture(uow: UnitOfWork, new: Capture) -> None:
    """Write down a capture."""
    row = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "id": new.id.uuid,
        "payment_id": new.payment_id.uuid,
        "attempt_id": new.attempt_id.uuid,
        "connection_id": new.connection_id.uuid,
        "amount_minor": new.amount.minor,
        "currency": new.amount.currency.code,
        "is_final": new.is_final,
        "state": new.state.value,
        "reference": capture_reference(new.id),
        "tries": 0,
        "created_at": new.created_at,
        "updated_at": new.updated_at,
    }
    await uow.execute(insert(capture).values(row))


async def save_capture(uow: UnitOfWork, changed: Capture) -> None:
    """Write down a capture's new state."""
    values = {"state": changed.state.value, "provider_ref": changed.provider_ref, "failure": changed.failure}
    await uow.execute(update(capture).where(*_one(uow, changed.id)).values(**values, updated_at=uow.now))


async def lease_capture(uow: UnitOfWork, capture_id: CaptureId, now: datetime, until: datetime) -> Capture | None:
    """Take the right to order a capture, until a machine time; None when somebody else has it or it is decided."""
    free = or_(capture.c.leased_until.is_(None), capture.c.leased_until < now)
    statement = update(capture).where(*_one(uow, capture_id), capture.c.state.in_(_UNSURE), free)
    taken = statement.values(leased_until=until, tries=capture.c.tries + 1).returning(*capture.c)
    row = (await uow.execute(taken)).one_or_none()
    return _capture(row) if row else None


async def end_lease(uow: UnitOfWork, capture_id: CaptureId) -> None:
    """Give the right to order back."""
    await uow.execute(update(capture).where(*_one(uow, capture_id)).values(leased_until=None))


async def capture_by_id(uow: UnitOfWork, capture_id: CaptureId) -> Capture | None:
    """One capture."""
    row = (await uow.execute(select(capture).where(*_one(uow, capture_id)))).one_or_none()
    return _capture(row) if row else None


async def capture_by_reference(uow: UnitOfWork, connection_id: ConnectionId, reference: str) -> Capture | None:
    """The capture a provider names by our reference."""
    query = select(capture).where(
        capture.c.tenant_id == uow.scope.tenant_id.uuid,
        capture.c.connection_id == connection_id.uuid,
        capture.c.reference == reference,
    )
    row = (await uow.execute(query)).one_or_none()
    return _capture(row) if row else None


async def captures_of(uow: UnitOfWork, payment_id: PaymentId) -> list[Capture]:
    """A payment's captures, first to last."""
    tenant = capture.c.tenant_id == uow.scope.tenant_id.uuid
    query = select(capture).where(tenant, capture.c.payment_id == payment_id.uuid).order_by(capture.c.id)
    return [_capture(row) for row in await uow.execute(query)]


def _one(uow: UnitOfWork, capture_id: CaptureId) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return capture.c.tenant_id == uow.scope.tenant_id.uuid, capture.c.id == capture_id.uuid


def _capture(row: Row[Any]) -> Capture:
    return Capture(
        id=CaptureId(row.id),
        payment_id=PaymentId(row.payment_id),
        attempt_id=AttemptId(row.attempt_id),
        connection_id=ConnectionId(row.connection_id),
        amount=Money(row.amount_minor, Currency.of(row.currency)),
        is_final=row.is_final,
        state=CaptureState(row.state),
        tries=row.tries,
        created_at=row.created_at,
        updated_at=row.updated_at,
        provider_ref=row.provider_ref,
        failure=row.failure,
    )
