"""Every statement on disputes."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, Select, func, insert, literal, or_, select, tuple_, update

from specie.kernel.ids import AccountId, AttemptId, ConnectionId, PartyId, PaymentId
from specie.kernel.money import Currency, Money
from specie.kernel.pagination import Page
from specie.payments.dispute_model import Dispute, DisputeId, DisputeState
from specie.payments.tables import dispute
from specie.platform.db import UnitOfWork

# Where disputes stand that must be answered by no known time: after all others.
_NO_END = datetime(9999, 1, 1, tzinfo=UTC)


async def insert_dispute(uow: UnitOfWork, new: Dispute) -> None:
    """Write down a dispute."""
    await uow.execute(
        insert(dispute).values(
            tenant_id=uow.scope.tenant_id.uuid,
            id=new.id.uuid,
            payment_id=new.payment_id.uuid,
            merchant_id=new.merchant_id.uuid,
            attempt_id=new.attempt_id.uuid,
            connection_id=new.connection_id.uuid,
            provider_ref=new.provider_ref,
            amount_minor=new.amount.minor,
            fee_minor=new.fee.minor,
            currency=new.amount.currency.code,
            reason=new.reason,
            state=new.state.value,
            is_from_pending=new.is_from_pending,
            account_id=new.account_id.uuid,
            opened_at=new.opened_at,
            updated_at=new.updated_at,
            answer_by=new.answer_by,
        )
    )


async def save_dispute(uow: UnitOfWork, changed: Dispute) -> None:
    """Write down a dispute's new state and evidence."""
    mine = (dispute.c.tenant_id == uow.scope.tenant_id.uuid, dispute.c.id == changed.id.uuid)
    values = {
        "state": changed.state.value,
        "evidence": changed.evidence,
        "evidence_by": changed.evidence_by,
        "submitted_at": changed.submitted_at,
        "submitted_by": changed.submitted_by,
        "accepted_at": changed.accepted_at,
        "accepted_by": changed.accepted_by,
        "acceptance_failure": changed.acceptance_failure,
        "updated_at": uow.now,
    }
    await uow.execute(update(dispute).where(*mine).values(**values))


async def lease_acceptance(uow: UnitOfWork, of: DisputeId, now: datetime, until: datetime) -> Dispute | None:
    """Take the right to tell of an acceptance, until a machine time; None when another has it or nothing is to tell."""
    statement = (
        update(dispute)
        .where(
            dispute.c.tenant_id == uow.scope.tenant_id.uuid,
            dispute.c.id == of.uuid,
            dispute.c.state == DisputeState.CREATED.value,
            dispute.c.accepted_at.is_not(None),
            or_(dispute.c.acceptance_leased_until.is_(None), dispute.c.acceptance_leased_until < now),
        )
        .values(acceptance_leased_until=until, acceptance_tries=dispute.c.acceptance_tries + 1)
        .returning(*dispute.c)
    )
    row = (await uow.execute(statement)).one_or_none()
    return _dispute(row) if row else None


async def end_lease(uow: UnitOfWork, of: DisputeId) -> None:
    """Give the right to tell back."""
    mine = (dispute.c.tenant_id == uow.scope.tenant_id.uuid, dispute.c.id == of.uuid)
    await uow.execute(update(dispute).where(*mine).values(acceptance_leased_until=None))


async def dispute_by_id(uow: UnitOfWork, dispute_id: DisputeId) -> Dispute | None:
    """One dispute of the tenant, or of the caller's own party."""
    row = (await uow.execute(_mine(uow).where(dispute.c.id == dispute_id.uuid))).one_or_none()
    return _dispute(row) if row else None


async def dispute_told_of(uow: UnitOfWork, connection_id: ConnectionId, provider_ref: str) -> Dispute | None:
    """The dispute a provider names."""
    query = _mine(uow).where(dispute.c.connection_id == connection_id.uuid, dispute.c.provider_ref == provider_ref)
    row = (await uow.execute(query)).one_or_none()
    return _dispute(row) if row else None


async def disputes_of(uow: UnitOfWork, payment_id: PaymentId) -> list[Dispute]:
    """A payment's disputes, first to last."""
    query = _mine(uow).where(dispute.c.payment_id == payment_id.uuid).order_by(dispute.c.id)
    return [_dispute(row) for row in await uow.execute(query)]


async def find_disputes(
    uow: UnitOfWork,
    *,
    state: DisputeState | None,
    is_submitted: bool | None,
    after: tuple[Any, ...] | None,
    limit: int,
) -> Page[Dispute]:
    """Disputes of the tenant, or of the caller's own party: those to be answered first come first."""
    by = func.coalesce(dispute.c.answer_by, literal(_NO_END))
    query = _mine(uow)
    if state is not None:
        query = query.where(dispute.c.state == state.value)
    if is_submitted is not None:
        answered = or_(dispute.c.submitted_at.is_not(None), dispute.c.accepted_at.is_not(None))
        query = query.where(answered == is_submitted)
    if after is not None:
        place = (literal(datetime.fromisoformat(after[0])), literal(DisputeId.parse(after[1]).uuid))
        query = query.where(tuple_(by, dispute.c.id) > tuple_(*place))
    rows = await uow.execute(query.order_by(by, dispute.c.id).limit(limit + 1))
    found = [_dispute(row) for row in rows]
    return Page.cut(found, limit, lambda each: ((each.answer_by or _NO_END).isoformat(), str(each.id)))


async def disputed(uow: UnitOfWork, ids: Sequence[PaymentId]) -> set[PaymentId]:
    """Those of these payments that have an open dispute."""
    query = select(dispute.c.payment_id).where(
        dispute.c.tenant_id == uow.scope.tenant_id.uuid,
        dispute.c.payment_id.in_([each.uuid for each in ids]),
        dispute.c.state == DisputeState.CREATED.value,
    )
    return {PaymentId(row.payment_id) for row in await uow.execute(query)} if ids else set()


def _mine(uow: UnitOfWork) -> Select[Any]:
    query = select(dispute).where(dispute.c.tenant_id == uow.scope.tenant_id.uuid)
    own = uow.scope.party_id
    return query if own is None else query.where(dispute.c.merchant_id == own.uuid)


def _dispute(row: Row[Any]) -> Dispute:
    currency = Currency.of(row.currency)
    return Dispute(
        id=DisputeId(row.id),
        payment_id=PaymentId(row.payment_id),
        merchant_id=PartyId(row.merchant_id),
        attempt_id=AttemptId(row.attempt_id),
        connection_id=ConnectionId(row.connection_id),
        provider_ref=row.provider_ref,
        amount=Money(row.amount_minor, currency),
        fee=Money(row.fee_minor, currency),
        reason=row.reason,
        state=DisputeState(row.state),
        is_from_pending=row.is_from_pending,
        account_id=AccountId(row.account_id),
        opened_at=row.opened_at,
        updated_at=row.updated_at,
        answer_by=row.answer_by,
        evidence=row.evidence,
        evidence_by=row.evidence_by,
        submitted_at=row.submitted_at,
        submitted_by=row.submitted_by,
        accepted_at=row.accepted_at,
        accepted_by=row.accepted_by,
        acceptance_failure=row.acceptance_failure,
        acceptance_tries=row.acceptance_tries,
    )
