"""Every statement on payouts, attempts, what providers paid out, and changes of state."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from specie.kernel.ids import (
    AttemptId,
    CallbackId,
    ConnectionId,
    EntryId,
    HoldId,
    InvalidId,
    PartyId,
    WalletId,
)
from specie.kernel.money import Money
from specie.payouts.model import (
    Attempt,
    AttemptState,
    BatchId,
    BeneficiaryId,
    Payout,
    PayoutId,
    State,
    Step,
    reference_of,
)
from specie.payouts.tables import attempt, payout, provider_payout, state_change
from specie.platform.db import UnitOfWork
from specie.platform.searching import begins
from specie.providers import PayoutFact


@dataclass(frozen=True, slots=True)
class PayoutFilter:
    """What a list of payouts is narrowed to; `q` finds ids and beginnings of references."""

    states: Sequence[str] = ()
    party_id: PartyId | None = None
    batch_id: BatchId | None = None
    attention: bool = False
    q: str | None = None


async def insert_payout(uow: UnitOfWork, new: Payout) -> bool:
    """Insert unless the reference is taken; whether it was inserted."""
    row = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "id": new.id.uuid,
        "party_id": new.party_id.uuid,
        "wallet_id": new.wallet_id.uuid,
        "beneficiary_id": new.beneficiary_id.uuid,
        "hold_id": new.hold_id.uuid,
        "batch_id": new.batch_id.uuid if new.batch_id else None,
        "reference": new.reference,
        "amount_minor": new.amount.minor,
        "fee_minor": new.fee.minor,
        "currency": new.amount.currency.code,
        "description": new.description,
        "state": new.state.value,
        "version": new.version,
        "source": new.source,
        "requested_by": new.requested_by,
        "needs_approval": new.needs_approval,
        "metadata": dict(new.metadata),
        "created_at": new.created_at,
        "updated_at": new.updated_at,
    }
    statement = upsert(payout).values(row).on_conflict_do_nothing(constraint="payout_reference_once")
    return (await uow.execute(statement.returning(payout.c.id))).one_or_none() is not None


async def save_payout(uow: UnitOfWork, changed: Payout) -> None:
    """Write down a payout's new state and figures."""
    await uow.execute(
        update(payout)
        .where(*_mine(uow), payout.c.id == changed.id.uuid)
        .values(
            state=changed.state.value,
            version=changed.version,
            updated_at=uow.now,
            ended_at=changed.ended_at,
            entry_id=changed.entry_id.uuid if changed.entry_id else None,
            return_entry_id=changed.return_entry_id.uuid if changed.return_entry_id else None,
            provider_fee_minor=changed.provider_fee.minor if changed.provider_fee is not None else None,
            failure=changed.failure,
            attention=changed.attention,
        )
    )


async def payout_by_id(uow: UnitOfWork, payout_id: PayoutId, *, lock: bool = False) -> Payout | None:
    """One payout of the tenant, or of the caller's own party."""
    query = select(payout).where(*_mine(uow), payout.c.id == payout_id.uuid)
    row = (await uow.execute(query.with_for_update() if lock else query)).one_or_none()
    return _payout(row) if row else None


async def states_of(uow: UnitOfWork, ids: Sequence[PayoutId]) -> dict[PayoutId, State]:
    """The states of some payouts of the tenant, or of the caller's own party."""
    query = select(payout.c.id, payout.c.state).where(*_mine(uow), payout.c.id.in_([each.uuid for each in ids]))
    return {PayoutId(row.id): State(row.state) for row in await uow.execute(query)}


async def payout_by_reference(uow: UnitOfWork, party_id: PartyId, reference: str) -> Payout | None:
    """The payout of a natural key."""
    query = select(payout).where(*_mine(uow), payout.c.party_id == party_id.uuid, payout.c.reference == reference)
    row = (await uow.execute(query)).one_or_none()
    return _payout(row) if row else None


async def find_payouts(uow: UnitOfWork, wanted: PayoutFilter, before: UUID | None, limit: int) -> list[Payout]:
    """Up to `limit + 1` payouts, newest first."""
    query = select(payout).where(*_mine(uow), *_matching(wanted))
    if before is not None:
        query = query.where(payout.c.id < before)
    rows = await uow.execute(query.order_by(payout.c.id.desc()).limit(limit + 1))
    return [_payout(row) for row in rows]


async def insert_attempt(uow: UnitOfWork, new: Attempt, called_at: datetime) -> None:
    """Write down the intent to send, before anything is sent."""
    row = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "id": new.id.uuid,
        "payout_id": new.payout_id.uuid,
        "connection_id": new.connection_id.uuid,
        "number": new.number,
        "state": new.state.value,
        "reference": reference_of(new.id),
        "tries": new.tries,
        "leased_until": new.leased_until,
        "called_at": called_at,
        "created_at": new.created_at,
        "updated_at": new.updated_at,
    }
    await uow.execute(insert(attempt).values(row))


async def save_attempt(uow: UnitOfWork, changed: Attempt) -> None:
    """Write down an attempt's new state."""
    await uow.execute(
        update(attempt)
        .where(_tenant(uow, attempt.c.tenant_id), attempt.c.id == changed.id.uuid)
        .values(
            state=changed.state.value,
            provider_ref=changed.provider_ref,
            reason=changed.reason,
            tries=changed.tries,
            leased_until=changed.leased_until,
            updated_at=uow.now,
        )
    )


async def attempt_by_id(uow: UnitOfWork, attempt_id: AttemptId) -> Attempt | None:
    """One attempt."""
    query = select(attempt).where(_tenant(uow, attempt.c.tenant_id), attempt.c.id == attempt_id.uuid)
    row = (await uow.execute(query)).one_or_none()
    return _attempt(row) if row else None


async def attempt_by_reference(uow: UnitOfWork, connection_id: ConnectionId, reference: str) -> Attempt | None:
    """The attempt a provider names, if it was made over that connection."""
    query = select(attempt).where(
        _tenant(uow, attempt.c.tenant_id),
        attempt.c.connection_id == connection_id.uuid,
        attempt.c.reference == reference,
    )
    row = (await uow.execute(query)).one_or_none()
    return _attempt(row) if row else None


async def attempts_of(uow: UnitOfWork, payout_id: PayoutId) -> list[Attempt]:
    """A payout's attempts, first to last."""
    query = select(attempt).where(_tenant(uow, attempt.c.tenant_id), attempt.c.payout_id == payout_id.uuid)
    return [_attempt(row) for row in await uow.execute(query.order_by(attempt.c.number))]


async def calls_since(uow: UnitOfWork, connection_id: ConnectionId, since: datetime) -> int:
    """How many attempts were called over a connection since a machine time."""
    query = select(func.count()).where(
        _tenant(uow, attempt.c.tenant_id),
        attempt.c.connection_id == connection_id.uuid,
        attempt.c.called_at > since,
    )
    return int((await uow.execute(query)).scalar_one())


async def is_booked(uow: UnitOfWork, connection_id: ConnectionId, provider_ref: str) -> bool:
    """Whether what a provider paid out has been posted."""
    query = select(provider_payout.c.entry_id).where(
        _tenant(uow, provider_payout.c.tenant_id),
        provider_payout.c.connection_id == connection_id.uuid,
        provider_payout.c.provider_ref == provider_ref,
    )
    return (await uow.execute(query)).one_or_none() is not None


async def insert_provider_payout(
    uow: UnitOfWork, made: Attempt, fact: PayoutFact, amount: Money, entry_id: EntryId, disposition: str
) -> None:
    """Write down that what a provider paid out is booked; the key allows it once."""
    row = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "connection_id": fact.connection_id.uuid,
        "provider_ref": fact.provider_ref,
        "payout_id": made.payout_id.uuid,
        "attempt_id": made.id.uuid,
        "amount_minor": amount.minor,
        "currency": amount.currency.code,
        "disposition": disposition,
        "entry_id": entry_id.uuid,
        "booked_at": uow.now,
    }
    await uow.execute(insert(provider_payout).values(row))


async def entry_ids_of(uow: UnitOfWork, payout_id: PayoutId) -> list[EntryId]:
    """The journal entries with which money left for a payout."""
    query = (
        select(provider_payout.c.entry_id)
        .where(_tenant(uow, provider_payout.c.tenant_id), provider_payout.c.payout_id == payout_id.uuid)
        .order_by(provider_payout.c.booked_at)
    )
    return [EntryId(row.entry_id) for row in await uow.execute(query)]


async def record_change(
    uow: UnitOfWork,
    payout_id: PayoutId,
    *,
    machine: str,
    subject_id: UUID,
    from_state: str | None,
    to_state: str,
    cause: str,
    callback_id: CallbackId | None,
) -> None:
    """Append one step; the payout's row is locked, so numbers follow each other."""
    last = select(func.coalesce(func.max(state_change.c.seq), 0) + 1).where(
        _tenant(uow, state_change.c.tenant_id), state_change.c.subject_id == subject_id
    )
    row = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "subject_id": subject_id,
        "seq": last.scalar_subquery(),
        "machine": machine,
        "payout_id": payout_id.uuid,
        "from_state": from_state,
        "to_state": to_state,
        "at": uow.now,
        "cause": cause,
        "callback_id": callback_id.uuid if callback_id else None,
    }
    await uow.execute(insert(state_change).values(row))


async def changes_of(uow: UnitOfWork, payout_id: PayoutId) -> list[Step]:
    """Every step of a payout and its attempts, oldest first."""
    query = (
        select(state_change)
        .where(_tenant(uow, state_change.c.tenant_id), state_change.c.payout_id == payout_id.uuid)
        .order_by(state_change.c.at, state_change.c.machine.desc(), state_change.c.seq)
    )
    return [_step(row) for row in await uow.execute(query)]


def _mine(uow: UnitOfWork) -> list[ColumnElement[bool]]:
    conditions = [_tenant(uow, payout.c.tenant_id)]
    if uow.scope.party_id is not None:
        conditions.append(payout.c.party_id == uow.scope.party_id.uuid)
    return conditions


def _tenant(uow: UnitOfWork, column: Any) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = column == uow.scope.tenant_id.uuid
    return condition


def _matching(wanted: PayoutFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.states:
        conditions.append(payout.c.state.in_(list(wanted.states)))
    if wanted.party_id is not None:
        conditions.append(payout.c.party_id == wanted.party_id.uuid)
    if wanted.batch_id is not None:
        conditions.append(payout.c.batch_id == wanted.batch_id.uuid)
    if wanted.attention:
        conditions.append(payout.c.attention.is_not(None))
    if wanted.q:
        conditions.append(_search(wanted.q))
    return conditions


def _search(text: str) -> ColumnElement[bool]:
    found = begins(payout.c.reference_key, text)
    try:
        return or_(found, payout.c.id == PayoutId.parse(text).uuid)
    except InvalidId:
        return found


def _payout(row: Row[Any]) -> Payout:
    def money(minor: int) -> Money:
        return Money.of(minor, row.currency)

    return Payout(
        id=PayoutId(row.id),
        party_id=PartyId(row.party_id),
        wallet_id=WalletId(row.wallet_id),
        beneficiary_id=BeneficiaryId(row.beneficiary_id),
        hold_id=HoldId(row.hold_id),
        reference=row.reference,
        amount=money(row.amount_minor),
        fee=money(row.fee_minor),
        description=row.description,
        state=State(row.state),
        version=row.version,
        source=row.source,
        requested_by=row.requested_by,
        created_at=row.created_at,
        updated_at=row.updated_at,
        batch_id=BatchId(row.batch_id) if row.batch_id else None,
        metadata=row.metadata,
        needs_approval=row.needs_approval,
        entry_id=EntryId(row.entry_id) if row.entry_id else None,
        return_entry_id=EntryId(row.return_entry_id) if row.return_entry_id else None,
        provider_fee=money(row.provider_fee_minor) if row.provider_fee_minor is not None else None,
        ended_at=row.ended_at,
        failure=row.failure,
        attention=row.attention,
    )


def _attempt(row: Row[Any]) -> Attempt:
    return Attempt(
        id=AttemptId(row.id),
        payout_id=PayoutId(row.payout_id),
        connection_id=ConnectionId(row.connection_id),
        number=row.number,
        state=AttemptState(row.state),
        tries=row.tries,
        created_at=row.created_at,
        updated_at=row.updated_at,
        leased_until=row.leased_until,
        provider_ref=row.provider_ref,
        reason=row.reason,
    )


def _step(row: Row[Any]) -> Step:
    is_payout = row.machine == "payout"
    subject = PayoutId(row.subject_id) if is_payout else AttemptId(row.subject_id)
    callback_id = CallbackId(row.callback_id) if row.callback_id else None
    return Step(row.machine, str(subject), row.seq, row.from_state, row.to_state, row.at, row.cause, callback_id)
