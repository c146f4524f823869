"""The SQL of purchases, cashback and returns."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, or_, select, update

from specie.cashback import tables
from specie.cashback.model import (
    Accrual,
    AccrualId,
    AccrualState,
    GoodsReturn,
    OfferId,
    Purchase,
    PurchaseId,
    PurchaseState,
)
from specie.kernel.ids import AccountId, PartyId
from specie.kernel.money import Currency, Money
from specie.kernel.pagination import Page
from specie.platform.db import UnitOfWork


@dataclass(frozen=True, slots=True)
class AccrualFilter:
    """What a list of cashback is narrowed to."""

    party_id: PartyId | None = None
    offer_id: OfferId | None = None
    purchase_id: PurchaseId | None = None
    state: str | None = None


@dataclass(frozen=True, slots=True)
class StateSum:
    """What the cashback of one state in one currency comes to."""

    currency: str
    state: str
    kept_minor: int
    expired_minor: int


async def save_purchase(uow: UnitOfWork, purchase: Purchase) -> None:
    """Store a purchase's new state; its row was locked when it was read."""
    p = tables.purchase.c
    where = (p.tenant_id == uow.scope.tenant_id.uuid, p.id == purchase.id.uuid)
    await uow.execute(update(tables.purchase).where(*where).values(purchase_row(purchase)))


async def purchase_told(uow: UnitOfWork, merchant_id: PartyId, source: str, external_id: str) -> Purchase | None:
    """What a merchant has told under an external id."""
    p = tables.purchase.c
    query = select(tables.purchase).where(
        p.tenant_id == uow.scope.tenant_id.uuid,
        p.merchant_id == merchant_id.uuid,
        p.source == source,
        p.external_id == external_id,
    )
    row = (await uow.execute(query)).one_or_none()
    return purchase_of(row) if row else None


async def purchase_by_id(
    uow: UnitOfWork, purchase_id: PurchaseId, *, lock: bool = False, as_merchant: bool = False
) -> Purchase | None:
    """One purchase; a limited caller finds those it made or, unless it has to be the merchant, those it sold."""
    p = tables.purchase.c
    query = select(tables.purchase).where(p.tenant_id == uow.scope.tenant_id.uuid, p.id == purchase_id.uuid)
    if uow.scope.party_id is not None:
        own = uow.scope.party_id.uuid
        query = query.where(p.merchant_id == own if as_merchant else or_(p.merchant_id == own, p.party_id == own))
    row = (await uow.execute(query.with_for_update() if lock else query)).one_or_none()
    return purchase_of(row) if row else None


async def list_purchases(
    uow: UnitOfWork, *, state: str | None, after: tuple[Any, ...] | None, limit: int
) -> Page[Purchase]:
    """Purchases the caller made or sold, the newest first."""
    p = tables.purchase.c
    query = select(tables.purchase).where(p.tenant_id == uow.scope.tenant_id.uuid)
    if uow.scope.party_id is not None:
        own = uow.scope.party_id.uuid
        query = query.where(or_(p.merchant_id == own, p.party_id == own))
    if state is not None:
        query = query.where(p.state == state)
    if after is not None:
        query = query.where(p.id < UUID(after[0]))
    rows = (await uow.execute(query.order_by(p.id.desc()).limit(limit + 1))).all()
    return Page.cut(rows, limit, lambda row: (str(row.id),)).map(purchase_of)


async def purchases_by_ids(uow: UnitOfWork, ids: Sequence[PurchaseId]) -> dict[PurchaseId, Purchase]:
    """Purchases by id, whoever asks."""
    p = tables.purchase.c
    wanted = sorted({each.uuid for each in ids})
    query = select(tables.purchase).where(p.tenant_id == uow.scope.tenant_id.uuid, p.id.in_(wanted))
    return {PurchaseId(row.id): purchase_of(row) for row in await uow.execute(query)}


async def save_accrual(uow: UnitOfWork, accrual: Accrual) -> None:
    """Store cashback's new state; its purchase was locked before."""
    a = tables.accrual.c
    where = (a.tenant_id == uow.scope.tenant_id.uuid, a.id == accrual.id.uuid)
    await uow.execute(update(tables.accrual).where(*where).values(accrual_row(accrual)))


async def accrual_by_id(uow: UnitOfWork, accrual_id: AccrualId) -> Accrual | None:
    """One piece of cashback; a limited caller finds what it gets or gives."""
    a = tables.accrual.c
    query = _accruals(uow).where(a.id == accrual_id.uuid)
    row = (await uow.execute(query)).one_or_none()
    return accrual_of(row) if row else None


async def accruals_by_ids(uow: UnitOfWork, ids: Collection[AccrualId]) -> list[Accrual]:
    """Cashback by id, whoever asks."""
    a = tables.accrual.c
    wanted = [each.uuid for each in ids]
    query = select(tables.accrual).where(a.tenant_id == uow.scope.tenant_id.uuid, a.id.in_(wanted))
    return [accrual_of(row) for row in await uow.execute(query)]


async def accruals_of(uow: UnitOfWork, purchase_id: PurchaseId) -> list[Accrual]:
    """The cashback of a purchase, whoever asks, in the order in which it was given."""
    a = tables.accrual.c
    query = select(tables.accrual).where(a.tenant_id == uow.scope.tenant_id.uuid, a.purchase_id == purchase_id.uuid)
    return [accrual_of(row) for row in await uow.execute(query.order_by(a.id))]


async def list_accruals(
    uow: UnitOfWork, wanted: AccrualFilter, *, after: tuple[Any, ...] | None, limit: int
) -> Page[Accrual]:
    """Cashback the caller gets or gives, the newest first."""
    a = tables.accrual.c
    query = _accruals(uow)
    narrowed = (
        (a.party_id, wanted.party_id),
        (a.offer_id, wanted.offer_id),
        (a.purchase_id, wanted.purchase_id),
    )
    for column, value in narrowed:
        if value is not None:
            query = query.where(column == value.uuid)
    if wanted.state is not None:
        query = query.where(a.state == wanted.state)
    if after is not None:
        query = query.where(a.id < UUID(after[0]))
    rows = (await uow.execute(query.order_by(a.id.desc()).limit(limit + 1))).all()
    return Page.cut(rows, limit, lambda row: (str(row.id),)).map(accrual_of)


async def available_of(uow: UnitOfWork, party_id: PartyId, currency: Currency) -> list[Accrual]:
    """A customer's available cashback in a currency, what runs out first in front."""
    a = tables.accrual.c
    query = select(tables.accrual).where(
        a.tenant_id == uow.scope.tenant_id.uuid,
        a.party_id == party_id.uuid,
        a.currency == currency.code,
        a.state == AccrualState.AVAILABLE.value,
    )
    rows = await uow.execute(query.order_by(a.expires_at.asc().nulls_last(), a.id))
    return [accrual_of(row) for row in rows]


async def sums_by_state(uow: UnitOfWork, party_id: PartyId) -> list[StateSum]:
    """For each currency and state of a customer's cashback, what is kept and what has run out."""
    a = tables.accrual.c
    query = (
        select(a.currency, a.state, func.sum(a.kept_minor).label("kept"), func.sum(a.expired_minor).label("expired"))
        .where(a.tenant_id == uow.scope.tenant_id.uuid, a.party_id == party_id.uuid)
        .group_by(a.currency, a.state)
        .order_by(a.currency, a.state)
    )
    rows = await uow.execute(query)
    return [StateSum(row.currency, row.state, int(row.kept), int(row.expired)) for row in rows]


async def counts_of(uow: UnitOfWork, offer_ids: Sequence[OfferId]) -> dict[OfferId, dict[str, tuple[int, int]]]:
    """For each offer and state of its cashback: how many, and how many minor units are kept."""
    a = tables.accrual.c
    query = (
        select(a.offer_id, a.state, func.count().label("number"), func.sum(a.kept_minor).label("kept"))
        .where(a.tenant_id == uow.scope.tenant_id.uuid, a.offer_id.in_([each.uuid for each in offer_ids]))
        .group_by(a.offer_id, a.state)
    )
    found: dict[OfferId, dict[str, tuple[int, int]]] = {}
    for row in await uow.execute(query):
        found.setdefault(OfferId(row.offer_id), {})[row.state] = (row.number, int(row.kept))
    return found


async def insert_return(uow: UnitOfWork, back: GoodsReturn) -> None:
    """Write a return down."""
    row = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "purchase_id": back.purchase_id.uuid,
        "external_id": back.external_id,
        "amount_minor": back.amount.minor,
        "at": back.at,
    }
    await uow.execute(insert(tables.goods_return).values(row))


async def returns_of(uow: UnitOfWork, purchase: Purchase) -> list[GoodsReturn]:
    """What came back of a purchase, in order."""
    r = tables.goods_return.c
    query = select(tables.goods_return).where(
        r.tenant_id == uow.scope.tenant_id.uuid, r.purchase_id == purchase.id.uuid
    )
    rows = await uow.execute(query.order_by(r.at, r.external_id))
    currency = purchase.amount.currency
    return [GoodsReturn(purchase.id, row.external_id, Money(row.amount_minor, currency), row.at) for row in rows]


def _accruals(uow: UnitOfWork) -> Any:
    a = tables.accrual.c
    query = select(tables.accrual).where(a.tenant_id == uow.scope.tenant_id.uuid)
    if uow.scope.party_id is None:
        return query
    own = uow.scope.party_id.uuid
    return query.where(or_(a.party_id == own, a.merchant_id == own))


def purchase_row(purchase: Purchase) -> dict[str, Any]:
    """A purchase as its row, without tenant and id."""
    return {
        "merchant_id": purchase.merchant_id.uuid,
        "party_id": purchase.party_id.uuid,
        "external_id": purchase.external_id,
        "amount_minor": purchase.amount.minor,
        "returned_minor": purchase.returned.minor,
        "currency": purchase.amount.currency.code,
        "state": purchase.state.value,
        "source": purchase.source,
        "reason": purchase.reason,
        "occurred_at": purchase.occurred_at,
        "created_at": purchase.created_at,
        "version": purchase.version,
    }


def purchase_of(row: Any) -> Purchase:
    """A purchase from its row."""
    currency = Currency.of(row.currency)
    return Purchase(
        id=PurchaseId(row.id),
        merchant_id=PartyId(row.merchant_id),
        party_id=PartyId(row.party_id),
        external_id=row.external_id,
        amount=Money(row.amount_minor, currency),
        returned=Money(row.returned_minor, currency),
        state=PurchaseState(row.state),
        source=row.source,
        occurred_at=row.occurred_at,
        created_at=row.created_at,
        version=row.version,
        reason=row.reason,
    )


def accrual_row(accrual: Accrual) -> dict[str, Any]:
    """Cashback as its row, without tenant and id."""
    return {
        "purchase_id": accrual.purchase_id.uuid,
        "offer_id": accrual.offer_id.uuid,
        "rule_version": accrual.rule_version,
        "party_id": accrual.party_id.uuid,
        "merchant_id": accrual.merchant_id.uuid,
        "account_id": accrual.account.uuid,
        "counter_account_id": accrual.counter.uuid if accrual.counter else None,
        "currency": accrual.granted.currency.code,
        "granted_minor": accrual.granted.minor,
        "room_minor": accrual.room.minor,
        "kept_minor": accrual.kept.minor,
        "borne_minor": accrual.borne.minor,
        "expired_minor": accrual.expired.minor,
        "state": accrual.state.value,
        "working": list(accrual.working),
        "matures_at": accrual.matures_at,
        "expiry_days": accrual.expiry_days,
        "created_at": accrual.created_at,
        "matured_at": accrual.matured_at,
        "expires_at": accrual.expires_at,
        "version": accrual.version,
    }


def accrual_of(row: Any) -> Accrual:
    """Cashback from its row."""
    currency = Currency.of(row.currency)
    return Accrual(
        id=AccrualId(row.id),
        purchase_id=PurchaseId(row.purchase_id),
        offer_id=OfferId(row.offer_id),
        rule_version=row.rule_version,
        party_id=PartyId(row.party_id),
        merchant_id=PartyId(row.merchant_id),
        account=AccountId(row.account_id),
        counter=AccountId(row.counter_account_id) if row.counter_account_id else None,
        granted=Money(row.granted_minor, currency),
        room=Money(row.room_minor, currency),
        kept=Money(row.kept_minor, currency),
        borne=Money(row.borne_minor, currency),
        expired=Money(row.expired_minor, currency),
        state=AccrualState(row.state),
        working=row.working,
        matures_at=row.matures_at,
        expiry_days=row.expiry_days,
        created_at=row.created_at,
        matured_at=row.matured_at,
        expires_at=row.expires_at,
        version=row.version,
    )
