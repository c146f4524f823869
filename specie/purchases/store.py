"""The SQL of purchases, their legs and refunds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from specie.billing import CreditNoteId
from specie.installments import OrderId
from specie.kernel.ids import AccountId, EntryId, HoldId, PartyId, PaymentId, WalletId
from specie.kernel.money import Currency, Money
from specie.kernel.pagination import Page
from specie.payments import RefundId as PaymentRefundId
from specie.platform.db import UnitOfWork
from specie.purchases import tables
from specie.purchases.model import (
    Leg,
    Purchase,
    PurchaseId,
    PurchaseRefund,
    PurchaseRefundId,
    PurchaseState,
    RefundLeg,
    TenderKind,
)


@dataclass(frozen=True, slots=True)
class PurchaseFilter:
    """What a list of purchases is narrowed to; None does not narrow. Moments are those of completion."""

    state: str | None = None
    party_id: PartyId | None = None
    since: datetime | None = None
    until: datetime | None = None


async def insert_purchase(uow: UnitOfWork, purchase: Purchase) -> bool:
    """Add a purchase unless the merchant has used its reference; whether it was added."""
    statement = upsert(tables.purchase).values(_row(uow, purchase))
    statement = statement.on_conflict_do_nothing(constraint="purchase_reference_once")
    return (await uow.execute(statement.returning(tables.purchase.c.id))).scalar_one_or_none() is not None


async def save_purchase(uow: UnitOfWork, purchase: Purchase) -> None:
    """Store a purchase's new state; its row was locked when it was read."""
    p = tables.purchase.c
    where = (p.tenant_id == uow.scope.tenant_id.uuid, p.id == purchase.id.uuid)
    await uow.execute(update(tables.purchase).where(*where).values(_row(uow, purchase)))


async def purchase_by_id(uow: UnitOfWork, purchase_id: PurchaseId, *, lock: bool = False) -> Purchase | None:
    """One purchase that the caller makes or sells, locked on demand."""
    query = _visible(uow).where(tables.purchase.c.id == purchase_id.uuid)
    row = (await uow.execute(query.with_for_update() if lock else query)).one_or_none()
    return _purchase(row) if row else None


async def purchase_of_payment(uow: UnitOfWork, payment_id: PaymentId) -> tuple[PurchaseId, int] | None:
    """Which purchase a payment pays a part of, and in which attempt."""
    x = tables.leg.c
    query = select(x.purchase_id, x.attempt).where(
        x.tenant_id == uow.scope.tenant_id.uuid, x.payment_id == payment_id.uuid
    )
    row = (await uow.execute(query)).one_or_none()
    return (PurchaseId(row.purchase_id), row.attempt) if row else None


async def purchase_of_order(uow: UnitOfWork, order_id: OrderId) -> PurchaseId | None:
    """Which purchase an order in parts pays a part of."""
    x = tables.leg.c
    query = select(x.purchase_id).where(x.tenant_id == uow.scope.tenant_id.uuid, x.order_id == order_id.uuid)
    found = (await uow.execute(query)).scalar_one_or_none()
    return None if found is None else PurchaseId(found)


async def purchases(uow: UnitOfWork, wanted: PurchaseFilter, before: UUID | None, limit: int) -> Page[Purchase]:
    """Purchases the caller makes or sells, newest first."""
    p = tables.purchase.c
    query = _visible(uow)
    if wanted.state is not None:
        query = query.where(p.state == wanted.state)
    if wanted.party_id is not None:
        own = wanted.party_id.uuid
        query = query.where(or_(p.merchant_id == own, p.customer_id == own))
    if wanted.since is not None:
        query = query.where(p.completed_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(p.completed_at < wanted.until)
    if before is not None:
        query = query.where(p.id < before)
    rows = (await uow.execute(query.order_by(p.id.desc()).limit(limit + 1))).all()
    return Page.cut(rows, limit, lambda row: (str(row.id),)).map(_purchase)


async def insert_legs(uow: UnitOfWork, purchase: Purchase, legs: Sequence[Leg]) -> None:
    """Add the legs of a purchase's attempt."""
    rows = [
        {
            "tenant_id": uow.scope.tenant_id.uuid,
            "purchase_id": purchase.id.uuid,
            "attempt": purchase.attempt,
            "n": leg.n,
            "kind": leg.kind.value,
            "amount_minor": leg.amount.minor,
            "wallet_id": leg.wallet_id.uuid if leg.wallet_id else None,
            "hold_ids": [hold.uuid for hold in leg.hold_ids],
            "order_id": leg.order_id.uuid if leg.order_id else None,
            "payment_id": leg.payment_id.uuid if leg.payment_id else None,
        }
        for leg in legs
    ]
    await uow.execute(insert(tables.leg).values(rows))


async def note_entry(uow: UnitOfWork, purchase: Purchase, leg: Leg, entry_id: EntryId) -> None:
    """Remember the entry that paid a leg."""
    x = tables.leg.c
    where = (
        x.tenant_id == uow.scope.tenant_id.uuid,
        x.purchase_id == purchase.id.uuid,
        x.attempt == purchase.attempt,
        x.n == leg.n,
    )
    await uow.execute(update(tables.leg).where(*where).values(entry_id=entry_id.uuid))


async def legs_of(uow: UnitOfWork, found: Sequence[Purchase]) -> dict[PurchaseId, list[Leg]]:
    """The legs of each purchase's latest attempt, with one statement."""
    legs: dict[PurchaseId, list[Leg]] = {each.id: [] for each in found}
    latest = {each.id: (each.attempt, each.amount.currency) for each in found}
    x = tables.leg.c
    query = select(tables.leg).where(
        x.tenant_id == uow.scope.tenant_id.uuid, x.purchase_id.in_([each.id.uuid for each in found])
    )
    for row in await uow.execute(query.order_by(x.purchase_id, x.n)):
        attempt, currency = latest[PurchaseId(row.purchase_id)]
        if row.attempt == attempt:
            legs[PurchaseId(row.purchase_id)].append(_leg(row, currency))
    return legs


async def insert_refund(uow: UnitOfWork, refund: PurchaseRefund) -> None:
    """Add a refund with its legs."""
    row = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "id": refund.id.uuid,
        "purchase_id": refund.purchase_id.uuid,
        "amount_minor": refund.amount.minor,
        "taken_back_minor": refund.taken_back.minor,
        "reason": refund.reason,
        "created_at": refund.created_at,
        "created_by": refund.created_by,
        "entry_id": refund.entry_id.uuid,
        "credit_note_id": refund.credit_note_id.uuid if refund.credit_note_id else None,
    }
    await uow.execute(insert(tables.refund).values(row))
    legs = [
        {
            "tenant_id": uow.scope.tenant_id.uuid,
            "refund_id": refund.id.uuid,
            "n": leg.n,
            "amount_minor": leg.amount.minor,
            "entry_id": leg.entry_id.uuid,
            "payment_refund_id": leg.payment_refund_id.uuid if leg.payment_refund_id else None,
        }
        for leg in refund.legs
    ]
    await uow.execute(insert(tables.refund_leg).values(legs))


async def send_again(uow: UnitOfWork, refund_id: PurchaseRefundId, n: int, leg: RefundLeg) -> None:
    """Store that a leg goes back by another refund at the provider, because the one before has failed."""
    x = tables.refund_leg.c
    where = (x.tenant_id == uow.scope.tenant_id.uuid, x.refund_id == refund_id.uuid, x.n == n)
    again = leg.payment_refund_id.uuid if leg.payment_refund_id else None
    values = {"entry_id": leg.entry_id.uuid, "payment_refund_id": again}
    await uow.execute(update(tables.refund_leg).where(*where).values(values))


async def refunds_of(uow: UnitOfWork, found: Sequence[Purchase]) -> dict[PurchaseId, list[PurchaseRefund]]:
    """The refunds of each purchase with their legs, oldest first, with two statements."""
    currencies = {each.id: each.amount.currency for each in found}
    refunds: dict[PurchaseId, list[PurchaseRefund]] = {each.id: [] for each in found}
    r, x = tables.refund.c, tables.refund_leg.c
    tenant = uow.scope.tenant_id.uuid
    query = select(tables.refund).where(r.tenant_id == tenant, r.purchase_id.in_([each.uuid for each in currencies]))
    rows = (await uow.execute(query.order_by(r.id))).all()
    legs: dict[UUID, list[Any]] = {row.id: [] for row in rows}
    lines = select(tables.refund_leg).where(x.tenant_id == tenant, x.refund_id.in_(list(legs)))
    for line in await uow.execute(lines.order_by(x.refund_id, x.n)):
        legs[line.refund_id].append(line)
    for row in rows:
        purchase_id = PurchaseId(row.purchase_id)
        refunds[purchase_id].append(_refund(row, legs[row.id], currencies[purchase_id]))
    return refunds


def _visible(uow: UnitOfWork) -> Select[Any]:
    p = tables.purchase.c
    query = select(tables.purchase).where(p.tenant_id == uow.scope.tenant_id.uuid)
    party = uow.scope.party_id
    return query if party is None else query.where(or_(p.merchant_id == party.uuid, p.customer_id == party.uuid))


def _row(uow: UnitOfWork, purchase: Purchase) -> dict[str, Any]:
    return {
        "tenant_id": uow.scope.tenant_id.uuid,
        "id": purchase.id.uuid,
        "merchant_id": purchase.merchant_id.uuid,
        "customer_id": purchase.customer_id.uuid if purchase.customer_id else None,
        "taken_on": purchase.taken_on,
        "sells_goods": purchase.sells_goods,
        "reference": purchase.reference,
        "title": purchase.title,
        "amount_minor": purchase.amount.minor,
        "currency": purchase.amount.currency.code,
        "state": purchase.state.value,
        "tenders": [kind.value for kind in purchase.tenders],
        "attempt": purchase.attempt,
        "failure": purchase.failure,
        "version": purchase.version,
        "created_at": purchase.created_at,
        "expires_at": purchase.expires_at,
        "completed_at": purchase.completed_at,
        "entry_id": purchase.entry_id.uuid if purchase.entry_id else None,
        "returnable_account_id": purchase.returnable.uuid if purchase.returnable else None,
    }


def _purchase(row: Row[Any]) -> Purchase:
    return Purchase(
        id=PurchaseId(row.id),
        merchant_id=PartyId(row.merchant_id),
        customer_id=PartyId(row.customer_id) if row.customer_id else None,
        reference=row.reference,
        title=row.title,
        amount=Money(row.amount_minor, Currency.of(row.currency)),
        state=PurchaseState(row.state),
        attempt=row.attempt,
        version=row.version,
        created_at=row.created_at,
        expires_at=row.expires_at,
        failure=row.failure,
        completed_at=row.completed_at,
        entry_id=EntryId(row.entry_id) if row.entry_id else None,
        returnable=AccountId(row.returnable_account_id) if row.returnable_account_id else None,
        tenders=[TenderKind(kind) for kind in row.tenders],
        taken_on=row.taken_on,
        sells_goods=row.sells_goods,
    )


def _leg(row: Row[Any], currency: Currency) -> Leg:
    return Leg(
        n=row.n,
        kind=TenderKind(row.kind),
        amount=Money(row.amount_minor, currency),
        wallet_id=WalletId(row.wallet_id) if row.wallet_id else None,
        hold_ids=[HoldId(each) for each in row.hold_ids],
        order_id=OrderId(row.order_id) if row.order_id else None,
        payment_id=PaymentId(row.payment_id) if row.payment_id else None,
        entry_id=EntryId(row.entry_id) if row.entry_id else None,
    )


def _refund(row: Row[Any], legs: Sequence[Row[Any]], currency: Currency) -> PurchaseRefund:
    return PurchaseRefund(
        id=PurchaseRefundId(row.id),
        purchase_id=PurchaseId(row.purchase_id),
        amount=Money(row.amount_minor, currency),
        taken_back=Money(row.taken_back_minor, currency),
        reason=row.reason,
        created_at=row.created_at,
        created_by=row.created_by,
        entry_id=EntryId(row.entry_id),
        credit_note_id=CreditNoteId(row.credit_note_id) if row.credit_note_id else None,
        legs=[
            RefundLeg(
                leg.n,
                Money(leg.amount_minor, currency),
                EntryId(leg.entry_id),
                PaymentRefundId(leg.payment_refund_id) if leg.payment_refund_id else None,
            )
            for leg in legs
        ],
    )
