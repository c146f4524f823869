"""Every statement on batches and their lines."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, insert, select, update

from specie.kernel.ids import PartyId, WalletId
from specie.kernel.money import Money
from specie.payouts.batch_model import Batch, BatchState, Line
from specie.payouts.model import BatchId, BeneficiaryId, PayoutId
from specie.payouts.tables import batch, batch_line
from specie.platform.db import UnitOfWork


async def insert_batch(uow: UnitOfWork, new: Batch, lines: Sequence[Line]) -> None:
    """Write a batch down with its lines."""
    tenant = uow.scope.tenant_id.uuid
    row = {
        "tenant_id": tenant,
        "id": new.id.uuid,
        "party_id": new.party_id.uuid,
        "wallet_id": new.wallet_id.uuid,
        "name": new.name,
        "state": new.state.value,
        "currency": new.total.currency.code,
        "total_minor": new.total.minor,
        "created_at": new.created_at,
        "created_by": new.created_by,
        "version": new.version,
    }
    await uow.execute(insert(batch).values(row))
    for line in lines:
        await uow.execute(insert(batch_line).values({"tenant_id": tenant, "batch_id": new.id.uuid} | _values(line)))


def _values(line: Line) -> dict[str, Any]:
    return {
        "number": line.number,
        "beneficiary_id": line.beneficiary_id.uuid if line.beneficiary_id else None,
        "reference": line.reference,
        "amount_minor": line.amount.minor if line.amount is not None else None,
        "fee_minor": line.fee.minor if line.fee is not None else None,
        "description": line.description,
        "problem": line.problem,
        "payout_id": line.payout_id.uuid if line.payout_id else None,
    }


async def save_batch(uow: UnitOfWork, changed: Batch) -> None:
    """Write down a batch's new state."""
    values = {"state": changed.state.value, "version": changed.version, "started_at": changed.started_at}
    await uow.execute(update(batch).where(*_mine(uow), batch.c.id == changed.id.uuid).values(values))


async def save_line(uow: UnitOfWork, batch_id: BatchId, line: Line) -> None:
    """Write down what became of a line."""
    this = (
        batch_line.c.tenant_id == uow.scope.tenant_id.uuid,
        batch_line.c.batch_id == batch_id.uuid,
        batch_line.c.number == line.number,
    )
    values = {"problem": line.problem, "payout_id": line.payout_id.uuid if line.payout_id else None}
    await uow.execute(update(batch_line).where(*this).values(values))


async def batch_by_id(uow: UnitOfWork, batch_id: BatchId, *, lock: bool = False) -> Batch | None:
    """One batch of the tenant, or of the caller's own party."""
    query = select(batch).where(*_mine(uow), batch.c.id == batch_id.uuid)
    row = (await uow.execute(query.with_for_update() if lock else query)).one_or_none()
    return _batch(row) if row else None


async def find_batches(uow: UnitOfWork, before: UUID | None, limit: int) -> list[Batch]:
    """Up to `limit + 1` batches, newest first."""
    query = select(batch).where(*_mine(uow))
    if before is not None:
        query = query.where(batch.c.id < before)
    return [_batch(row) for row in await uow.execute(query.order_by(batch.c.id.desc()).limit(limit + 1))]


async def lines_of(uow: UnitOfWork, found: Batch) -> list[Line]:
    """A batch's lines in the order of the file."""
    query = select(batch_line).where(
        batch_line.c.tenant_id == uow.scope.tenant_id.uuid, batch_line.c.batch_id == found.id.uuid
    )
    rows = await uow.execute(query.order_by(batch_line.c.number))
    return [_line(row, found) for row in rows]


def _mine(uow: UnitOfWork) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [batch.c.tenant_id == uow.scope.tenant_id.uuid]
    if uow.scope.party_id is not None:
        conditions.append(batch.c.party_id == uow.scope.party_id.uuid)
    return conditions


def _batch(row: Row[Any]) -> Batch:
    return Batch(
        id=BatchId(row.id),
        party_id=PartyId(row.party_id),
        wallet_id=WalletId(row.wallet_id),
        name=row.name,
        state=BatchState(row.state),
        total=Money.of(row.total_minor, row.currency),
        created_at=row.created_at,
        created_by=row.created_by,
        version=row.version,
        started_at=row.started_at,
    )


def _line(row: Row[Any], found: Batch) -> Line:
    currency = found.total.currency
    return Line(
        number=row.number,
        beneficiary_id=BeneficiaryId(row.beneficiary_id) if row.beneficiary_id else None,
        reference=row.reference,
        amount=Money(row.amount_minor, currency) if row.amount_minor is not None else None,
        fee=Money(row.fee_minor, currency) if row.fee_minor is not None else None,
        description=row.description,
        problem=row.problem,
        payout_id=PayoutId(row.payout_id) if row.payout_id else None,
    )
