"""Every statement on requests for approval and on their lines."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from specie.approvals.model import Approval, ApprovalLine, ApprovalState
from specie.approvals.tables import approval, approval_line, approval_rule
from specie.kernel.ids import ApprovalId, PartyId
from specie.kernel.money import Currency, Money
from specie.platform.db import UnitOfWork


async def insert_approval(uow: UnitOfWork, new: Approval) -> None:
    """Write a request down."""
    row = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "id": new.id.uuid,
        "kind": new.kind,
        "subject_kind": new.subject[0],
        "subject_id": new.subject[1],
        "amount_minor": new.amount.minor if new.amount is not None else None,
        "currency": new.amount.currency.code if new.amount is not None else None,
        "party_id": new.party_id.uuid if new.party_id else None,
        "before": dict(new.before),
        "after": dict(new.after),
        "note": new.note,
        "state": new.state.value,
        "asked_by": new.asked_by,
        "maker": new.maker,
        "asked_at": new.asked_at,
        "expires_at": new.expires_at,
        "version": new.version,
    }
    await uow.execute(insert(approval).values(row))


async def save_approval(uow: UnitOfWork, changed: Approval) -> None:
    """Write down how a request ended."""
    this = (approval.c.tenant_id == uow.scope.tenant_id.uuid, approval.c.id == changed.id.uuid)
    await uow.execute(
        update(approval)
        .where(*this)
        .values(
            state=changed.state.value,
            version=changed.version,
            checker=changed.checker,
            decided_at=changed.decided_at,
            reason=changed.reason,
        )
    )


async def approval_by_id(uow: UnitOfWork, approval_id: ApprovalId, *, lock: bool = False) -> Approval | None:
    """One request, locked against other decisions if so asked."""
    query = select(approval).where(approval.c.tenant_id == uow.scope.tenant_id.uuid, approval.c.id == approval_id.uuid)
    row = (await uow.execute(query.with_for_update() if lock else query)).one_or_none()
    return _approval(row) if row else None


async def open_about(uow: UnitOfWork, subject: tuple[str, str]) -> Approval | None:
    """The open request about a thing, locked."""
    query = select(approval).where(
        approval.c.tenant_id == uow.scope.tenant_id.uuid,
        approval.c.subject_kind == subject[0],
        approval.c.subject_id == subject[1],
        approval.c.state == ApprovalState.OPEN.value,
    )
    row = (await uow.execute(query.with_for_update())).one_or_none()
    return _approval(row) if row else None


async def find_approvals(
    uow: UnitOfWork,
    *,
    states: list[str],
    kind: str | None,
    before: UUID | None,
    limit: int,
    subject_id: str | None = None,
) -> list[Approval]:
    """Up to `limit + 1` requests, newest first; `subject_id` keeps those about one thing."""
    query = select(approval).where(approval.c.tenant_id == uow.scope.tenant_id.uuid)
    if states:
        query = query.where(approval.c.state.in_(states))
    if kind:
        query = query.where(approval.c.kind == kind)
    if subject_id:
        query = query.where(approval.c.subject_id == subject_id)
    if before is not None:
        query = query.where(approval.c.id < before)
    rows = await uow.execute(query.order_by(approval.c.id.desc()).limit(limit + 1))
    return [_approval(row) for row in rows]


async def line(uow: UnitOfWork, kind: str, currency: Currency) -> ApprovalLine | None:
    """The line of a kind of act in a currency."""
    query = select(approval_line).where(
        approval_line.c.tenant_id == uow.scope.tenant_id.uuid,
        approval_line.c.kind == kind,
        approval_line.c.currency == currency.code,
    )
    row = (await uow.execute(query)).one_or_none()
    return _line(row) if row else None


async def lines(uow: UnitOfWork) -> list[ApprovalLine]:
    """Every line of the tenant."""
    query = select(approval_line).where(approval_line.c.tenant_id == uow.scope.tenant_id.uuid)
    rows = await uow.execute(query.order_by(approval_line.c.kind, approval_line.c.currency))
    return [_line(row) for row in rows]


async def put_line(uow: UnitOfWork, new: ApprovalLine) -> None:
    """Set a line."""
    row = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "kind": new.kind,
        "currency": new.above.currency.code,
        "above_minor": new.above.minor,
        "updated_at": uow.now,
    }
    statement = upsert(approval_line).values(row)
    await uow.execute(
        statement.on_conflict_do_update(
            index_elements=["tenant_id", "kind", "currency"],
            set_={"above_minor": statement.excluded.above_minor, "updated_at": statement.excluded.updated_at},
        )
    )


async def drop_line(uow: UnitOfWork, kind: str, currency: Currency) -> None:
    """Remove a line; nothing of this kind needs a second person any more."""
    await uow.execute(
        delete(approval_line).where(
            approval_line.c.tenant_id == uow.scope.tenant_id.uuid,
            approval_line.c.kind == kind,
            approval_line.c.currency == currency.code,
        )
    )


async def rules(uow: UnitOfWork) -> list[str]:
    """The kinds of decisions that always need a second person."""
    query = select(approval_rule.c.kind).where(approval_rule.c.tenant_id == uow.scope.tenant_id.uuid)
    return sorted((await uow.execute(query)).scalars())


async def put_rule(uow: UnitOfWork, kind: str) -> None:
    """From now on a kind of decision needs a second person."""
    row = {"tenant_id": uow.scope.tenant_id.uuid, "kind": kind, "set_at": uow.now}
    await uow.execute(upsert(approval_rule).values(row).on_conflict_do_nothing())


async def drop_rule(uow: UnitOfWork, kind: str) -> None:
    """From now on one person is enough."""
    await uow.execute(
        delete(approval_rule).where(approval_rule.c.tenant_id == uow.scope.tenant_id.uuid, approval_rule.c.kind == kind)
    )


def _line(row: Row[Any]) -> ApprovalLine:
    return ApprovalLine(row.kind, Money.of(row.above_minor, row.currency))


def _approval(row: Row[Any]) -> Approval:
    return Approval(
        id=ApprovalId(row.id),
        kind=row.kind,
        subject=(row.subject_kind, row.subject_id),
        amount=Money.of(row.amount_minor, row.currency) if row.amount_minor is not None else None,
        party_id=PartyId(row.party_id) if row.party_id else None,
        before=row.before,
        after=row.after,
        note=row.note,
        state=ApprovalState(row.state),
        asked_by=row.asked_by,
        maker=row.maker,
        asked_at=row.asked_at,
        expires_at=row.expires_at,
        version=row.version,
        checker=row.checker,
        decided_at=row.decided_at,
        reason=row.reason,
    )
