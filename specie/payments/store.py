"""Every statement on payments, attempts, booked charges, state changes and exceptions."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from specie.kernel.ids import (
    AccountId,
    AttemptId,
    CallbackId,
    ConnectionId,
    EntryId,
    PartyId,
    PaymentId,
    PaymentLinkId,
    PrefixedId,
)
from specie.kernel.money import Currency, Money, minor_of
from specie.payments.capture_model import CaptureId
from specie.payments.dispute_model import DisputeId
from specie.payments.method_model import MethodId
from specie.payments.model import (
    LIVE_ATTEMPTS,
    Attempt,
    AttemptState,
    CaptureMode,
    ExceptionId,
    Payment,
    PaymentException,
    PaymentKind,
    PaymentState,
    Split,
    StateChange,
    reference_of,
)
from specie.payments.refund_model import RefundId
from specie.payments.search_store import PaymentFilter, matching
from specie.payments.tables import attempt, payment, payment_exception, provider_charge, state_change
from specie.platform.db import UnitOfWork
from specie.providers import Action, CaptureFact, ChargeKind, ProviderFact

_SUBJECTS: dict[str, type[PrefixedId]] = {
    "payment": PaymentId,
    "attempt": AttemptId,
    "refund": RefundId,
    "capture": CaptureId,
    "dispute": DisputeId,
}
_LIVE = [state.value for state in LIVE_ATTEMPTS]


async def insert_payment(uow: UnitOfWork, new: Payment, customer: Mapping[str, bytes | None]) -> bool:
    """Insert with what was told of the customer unless the reference is taken; whether it was inserted."""
    row = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "id": new.id.uuid,
        "kind": new.kind.value,
        "party_id": new.party_id.uuid,
        "reference": new.reference,
        "amount_minor": new.amount.minor,
        "currency": new.amount.currency.code,
        "description": new.description,
        "state": new.state.value,
        "version": new.version,
        "created_at": new.created_at,
        "expires_at": new.expires_at,
        "return_url": new.return_url,
        "link_id": new.link_id.uuid if new.link_id else None,
        "metadata": dict(new.metadata),
        "splits": [{"party_id": str(split.party_id), "amount_minor": split.amount.minor} for split in new.splits],
        **customer,
        "paid_late": False,
        "capture_mode": new.capture_mode.value,
        "country": new.country,
        "method_id": new.method_id.uuid if new.method_id else None,
    }
    statement = upsert(payment).values(row).on_conflict_do_nothing(constraint="payment_reference_once")
    return (await uow.execute(statement.returning(payment.c.id))).one_or_none() is not None


async def payment_by_id(uow: UnitOfWork, payment_id: PaymentId, *, lock: bool = False) -> Payment | None:
    """One payment of the tenant, or of the caller's own party."""
    query = select(payment).where(*_mine(uow), payment.c.id == payment_id.uuid)
    row = (await uow.execute(query.with_for_update() if lock else query)).one_or_none()
    return _payment(row) if row else None


async def payment_by_reference(uow: UnitOfWork, party_id: PartyId, kind: PaymentKind, reference: str) -> Payment | None:
    """The payment of a natural key."""
    query = select(payment).where(
        *_mine(uow),
        payment.c.party_id == party_id.uuid,
        payment.c.kind == kind.value,
        payment.c.reference == reference,
    )
    row = (await uow.execute(query)).one_or_none()
    return _payment(row) if row else None


async def latest_of_link(uow: UnitOfWork, link_id: PaymentLinkId) -> Payment | None:
    """The newest payment a link made."""
    query = select(payment).where(*_mine(uow), payment.c.link_id == link_id.uuid).order_by(payment.c.id.desc())
    row = (await uow.execute(query.limit(1))).one_or_none()
    return _payment(row) if row else None


async def sealed_customers(uow: UnitOfWork, ids: Sequence[PaymentId]) -> dict[PaymentId, tuple[bytes, bytes]]:
    """The wrapped key and sealed data of the customers of these payments, where there are any."""
    query = select(payment.c.id, payment.c.customer_key, payment.c.sealed_customer).where(
        *_mine(uow), payment.c.id.in_([each.uuid for each in ids]), payment.c.sealed_customer.is_not(None)
    )
    return {PaymentId(row.id): (row.customer_key, row.sealed_customer) for row in await uow.execute(query)}


async def find_payments(uow: UnitOfWork, wanted: PaymentFilter, before: UUID | None, limit: int) -> list[Payment]:
    """Up to `limit + 1` payments, newest first."""
    return [_payment(row) for row in await uow.execute(search_query(uow, wanted, before, limit))]


def search_query(uow: UnitOfWork, wanted: PaymentFilter, before: UUID | None, limit: int) -> Select[Any]:
    """The statement of `find_payments`."""
    query = select(payment).where(*_mine(uow), *matching(uow.scope.tenant_id, wanted))
    if before is not None:
        query = query.where(payment.c.id < before)
    return query.order_by(payment.c.id.desc()).limit(limit + 1)


async def save_payment(uow: UnitOfWork, changed: Payment) -> None:
    """Write down a payment's new state and figures."""
    statement = update(payment).where(*_mine(uow), payment.c.id == changed.id.uuid)
    await uow.execute(
        statement.values(
            state=changed.state.value,
            version=changed.version,
            paid_at=changed.paid_at,
            paid_late=changed.paid_late,
            entry_id=changed.entry_id.uuid if changed.entry_id else None,
            platform_fee_minor=minor_of(changed.platform_fee),
            provider_fee_minor=minor_of(changed.provider_fee),
            net_minor=minor_of(changed.net),
            held_until=changed.held_until,
            released_at=changed.released_at,
            failure=changed.failure,
            refundable_account_id=changed.refundable_account.uuid if changed.refundable_account else None,
            collected_minor=minor_of(changed.collected),
            authorized_until=changed.authorized_until,
            capturable_account_id=changed.capturable_account.uuid if changed.capturable_account else None,
        )
    )


async def insert_attempt(uow: UnitOfWork, new: Attempt) -> None:
    """Write down the intent to order a charge."""
    row = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "id": new.id.uuid,
        "payment_id": new.payment_id.uuid,
        "connection_id": new.connection_id.uuid,
        "number": new.number,
        "kind": new.kind.value,
        "state": new.state.value,
        "reference": reference_of(new.id),
        "tries": 0,
        "created_at": new.created_at,
        "updated_at": new.updated_at,
    }
    await uow.execute(insert(attempt).values(row))


async def save_attempt(uow: UnitOfWork, changed: Attempt) -> None:
    """Write down an attempt's new state."""
    statement = update(attempt).where(_tenant(uow, attempt.c.tenant_id), attempt.c.id == changed.id.uuid)
    await uow.execute(
        statement.values(
            state=changed.state.value,
            provider_ref=changed.provider_ref,
            action=changed.action.as_json() if changed.action else None,
            reason=changed.reason,
            error_class=changed.error_class,
            updated_at=uow.now,
        )
    )


async def lease_attempt(uow: UnitOfWork, attempt_id: AttemptId, now: datetime, until: datetime) -> Attempt | None:
    """Take the right to call the provider, until a machine time; None when somebody else has it or it is done."""
    statement = (
        update(attempt)
        .where(
            _tenant(uow, attempt.c.tenant_id),
            attempt.c.id == attempt_id.uuid,
            attempt.c.state == AttemptState.CREATED.value,
            or_(attempt.c.leased_until.is_(None), attempt.c.leased_until < now),
        )
        .values(leased_until=until, tries=attempt.c.tries + 1)
        .returning(*attempt.c)
    )
    row = (await uow.execute(statement)).one_or_none()
    return _attempt(row) if row else None


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


async def attempts_of(uow: UnitOfWork, payment_id: PaymentId) -> list[Attempt]:
    """A payment's attempts, first to last."""
    query = (
        select(attempt)
        .where(_tenant(uow, attempt.c.tenant_id), attempt.c.payment_id == payment_id.uuid)
        .order_by(attempt.c.number)
    )
    return [_attempt(row) for row in await uow.execute(query)]


async def is_charge_booked(uow: UnitOfWork, connection_id: ConnectionId, provider_ref: str) -> bool:
    """Whether this charge has been booked."""
    query = select(provider_charge.c.entry_id).where(
        _tenant(uow, provider_charge.c.tenant_id),
        provider_charge.c.connection_id == connection_id.uuid,
        provider_charge.c.provider_ref == provider_ref,
    )
    return (await uow.execute(query)).one_or_none() is not None


async def insert_charge(
    uow: UnitOfWork, made: Attempt, fact: ProviderFact | CaptureFact, amount: Money, entry_id: EntryId, disposition: str
) -> None:
    """Write down that a provider's charge is booked; the key allows it once."""
    row = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "connection_id": fact.connection_id.uuid,
        "provider_ref": fact.provider_ref,
        "payment_id": made.payment_id.uuid,
        "attempt_id": made.id.uuid,
        "amount_minor": amount.minor,
        "currency": amount.currency.code,
        "disposition": disposition,
        "entry_id": entry_id.uuid,
        "booked_at": uow.now,
    }
    await uow.execute(insert(provider_charge).values(row))


async def record_change(
    uow: UnitOfWork,
    *,
    machine: str,
    subject_id: UUID,
    payment_id: PaymentId,
    from_state: str | None,
    to_state: str,
    cause: str,
    callback_id: CallbackId | None,
) -> None:
    """Append one step; the payment's row is locked, so numbers follow each other."""
    last = select(func.coalesce(func.max(state_change.c.seq), 0) + 1).where(
        _tenant(uow, state_change.c.tenant_id), state_change.c.subject_id == subject_id
    )
    row = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "subject_id": subject_id,
        "seq": last.scalar_subquery(),
        "machine": machine,
        "payment_id": payment_id.uuid,
        "from_state": from_state,
        "to_state": to_state,
        "at": uow.now,
        "cause": cause,
        "callback_id": callback_id.uuid if callback_id else None,
    }
    await uow.execute(insert(state_change).values(row))


async def changes_of(uow: UnitOfWork, payment_id: PaymentId) -> list[StateChange]:
    """Every step of a payment and its attempts, oldest first."""
    c = state_change.c
    query = (
        select(state_change)
        .where(_tenant(uow, c.tenant_id), c.payment_id == payment_id.uuid)
        .order_by(c.at, c.machine, c.subject_id, c.seq)
    )
    return [_change(row) for row in await uow.execute(query)]


async def insert_exception(uow: UnitOfWork, new: PaymentException) -> None:
    """Open an exception."""
    row = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "id": new.id.uuid,
        "payment_id": new.payment_id.uuid,
        "attempt_id": new.attempt_id.uuid if new.attempt_id else None,
        "kind": new.kind,
        "facts": dict(new.facts),
        "opened_at": new.opened_at,
    }
    await uow.execute(insert(payment_exception).values(row))


async def has_open_exception(uow: UnitOfWork, attempt_id: AttemptId, kind: str) -> bool:
    """Whether the same thing already waits for a person."""
    c = payment_exception.c
    query = select(c.id).where(
        _tenant(uow, c.tenant_id), c.attempt_id == attempt_id.uuid, c.kind == kind, c.closed_at.is_(None)
    )
    return (await uow.execute(query.limit(1))).one_or_none() is not None


async def exceptions(
    uow: UnitOfWork, *, payment_id: PaymentId | None, is_open: bool | None, before: UUID | None, limit: int
) -> list[PaymentException]:
    """Up to `limit + 1` exceptions, newest first."""
    c = payment_exception.c
    query = select(payment_exception).where(_tenant(uow, c.tenant_id), _of_mine(uow))
    if payment_id is not None:
        query = query.where(c.payment_id == payment_id.uuid)
    if is_open is not None:
        query = query.where(c.closed_at.is_(None) if is_open else c.closed_at.is_not(None))
    if before is not None:
        query = query.where(c.id < before)
    return [_exception(row) for row in await uow.execute(query.order_by(c.id.desc()).limit(limit + 1))]


async def close_exception(uow: UnitOfWork, exception_id: ExceptionId, note: str) -> PaymentException | None:
    """Mark an open exception as dealt with; None when there is none."""
    c = payment_exception.c
    statement = (
        update(payment_exception)
        .where(_tenant(uow, c.tenant_id), _of_mine(uow), c.id == exception_id.uuid, c.closed_at.is_(None))
        .values(closed_at=uow.now, closed_by=str(uow.scope.actor), note=note)
        .returning(*c)
    )
    row = (await uow.execute(statement)).one_or_none()
    return _exception(row) if row else None


def _tenant(uow: UnitOfWork, column: ColumnElement[Any]) -> ColumnElement[bool]:
    return column == uow.scope.tenant_id.uuid


def _mine(uow: UnitOfWork) -> list[ColumnElement[bool]]:
    conditions = [_tenant(uow, payment.c.tenant_id)]
    if uow.scope.party_id is not None:
        conditions.append(payment.c.party_id == uow.scope.party_id.uuid)
    return conditions


def _of_mine(uow: UnitOfWork) -> ColumnElement[bool]:
    return payment_exception.c.payment_id.in_(select(payment.c.id).where(*_mine(uow)))


def _payment(row: Row[Any]) -> Payment:
    currency = Currency.of(row.currency)

    def amount(minor: int | None) -> Money | None:
        return None if minor is None else Money(minor, currency)

    return Payment(
        id=PaymentId(row.id),
        kind=PaymentKind(row.kind),
        party_id=PartyId(row.party_id),
        reference=row.reference,
        amount=Money(row.amount_minor, currency),
        description=row.description,
        state=PaymentState(row.state),
        version=row.version,
        created_at=row.created_at,
        expires_at=row.expires_at,
        return_url=row.return_url,
        link_id=PaymentLinkId(row.link_id) if row.link_id else None,
        metadata=row.metadata,
        splits=[
            Split(PartyId.parse(split["party_id"]), Money(split["amount_minor"], currency)) for split in row.splits
        ],
        paid_at=row.paid_at,
        paid_late=row.paid_late,
        entry_id=EntryId(row.entry_id) if row.entry_id else None,
        platform_fee=amount(row.platform_fee_minor),
        provider_fee=amount(row.provider_fee_minor),
        net=amount(row.net_minor),
        held_until=row.held_until,
        released_at=row.released_at,
        failure=row.failure,
        refundable_account=AccountId(row.refundable_account_id) if row.refundable_account_id else None,
        capture_mode=CaptureMode(row.capture_mode),
        collected=amount(row.collected_minor),
        authorized_until=row.authorized_until,
        country=row.country,
        method_id=MethodId(row.method_id) if row.method_id else None,
        capturable_account=AccountId(row.capturable_account_id) if row.capturable_account_id else None,
    )


def _attempt(row: Row[Any]) -> Attempt:
    return Attempt(
        id=AttemptId(row.id),
        payment_id=PaymentId(row.payment_id),
        connection_id=ConnectionId(row.connection_id),
        number=row.number,
        kind=ChargeKind(row.kind),
        state=AttemptState(row.state),
        tries=row.tries,
        created_at=row.created_at,
        updated_at=row.updated_at,
        provider_ref=row.provider_ref,
        action=Action.from_json(row.action) if row.action else None,
        reason=row.reason,
        error_class=row.error_class,
    )


def _change(row: Row[Any]) -> StateChange:
    subject = _SUBJECTS[row.machine](row.subject_id)
    callback_id = CallbackId(row.callback_id) if row.callback_id else None
    return StateChange(str(subject), row.machine, row.seq, row.from_state, row.to_state, row.at, row.cause, callback_id)


def _exception(row: Row[Any]) -> PaymentException:
    return PaymentException(
        id=ExceptionId(row.id),
        payment_id=PaymentId(row.payment_id),
        attempt_id=AttemptId(row.attempt_id) if row.attempt_id else None,
        kind=row.kind,
        facts=row.facts,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        closed_by=row.closed_by,
        note=row.note,
    )


def concerns(party_id: PartyId, email: bytes | None, phone: bytes | None) -> ColumnElement[bool]:
    """Whether a payment is a party's own, or has its customer's address or number."""
    found = [payment.c.party_id == party_id.uuid]
    found += [payment.c.customer_email_index == email] if email else []
    found += [payment.c.customer_phone_index == phone] if phone else []
    return or_(*found)


async def erase_customers(uow: UnitOfWork, party_id: PartyId, email: bytes | None, phone: bytes | None) -> None:
    """Delete the sealed customer data, keys and hashes of a party's payments, and of those it was the customer of."""
    tenants = payment.c.tenant_id == uow.scope.tenant_id.uuid
    nothing = dict.fromkeys(("customer_key", "sealed_customer", "customer_email_index", "customer_phone_index"))
    known = payment.c.sealed_customer.is_not(None)
    await uow.execute(update(payment).where(tenants, concerns(party_id, email, phone), known).values(nothing))
