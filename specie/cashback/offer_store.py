"""The SQL of merchants and offers."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import namedtuple_row
from sqlalchemy import Select, and_, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from specie.cashback import tables, terms_form
from specie.cashback.model import (
    Audience,
    CashbackMerchant,
    FundedBy,
    MerchantState,
    Offer,
    OfferId,
    OfferState,
    Terms,
)
from specie.kernel.ids import AccountId, PartyId
from specie.kernel.money import Currency, Money
from specie.kernel.pagination import Page
from specie.platform import arrays
from specie.platform.db import UnitOfWork

MOST_OFFERS = 100
"""At most so many offers are asked for one purchase, in their order of priority."""

# The purchases' merchants have to be active themselves. Each offer comes once, however many purchases it fits. How many
# are asked is written out: as a parameter the server could not tell that few are read, and would sort all there are.
_FITTING = f"""
with fit as (
    select asked.nth, o.id
    from unnest(%s::uuid[], %s::text[], %s::bigint[], %s::timestamptz[], %s::text[])
         with ordinality as asked (merchant_id, currency, minor, at, audiences, nth)
    join specie.cashback_merchant m
      on m.tenant_id = %s and m.party_id = asked.merchant_id and m.state = 'active'
    cross join lateral (
        select o.id from specie.cashback_offer o
        where o.tenant_id = m.tenant_id and o.merchant_id = asked.merchant_id and o.currency = asked.currency
          and o.state = 'active' and o.minimum_minor <= asked.minor
          and o.starts_at <= asked.at and (o.ends_at is null or o.ends_at > asked.at)
          and o.audience = any(string_to_array(asked.audiences, ' '))
        order by o.priority, o.id limit {MOST_OFFERS}) o
), each_once as (
    select id, array_agg(nth) as fits from fit group by id
)
select o.*, t.terms::text as terms, f.fits from each_once f
  join specie.cashback_offer o on o.tenant_id = %s and o.id = f.id
  join specie.cashback_offer_terms t
    on t.tenant_id = o.tenant_id and t.offer_id = o.id and t.rule_version = o.rule_version
 order by o.priority, o.id
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Ask:
    """What offers are looked up by: who sold for how much and when, and for which audiences."""

    merchant_id: PartyId
    amount: Money
    at: datetime
    audiences: Sequence[Audience] = (Audience.EVERYONE,)


async def insert_merchant(uow: UnitOfWork, merchant: CashbackMerchant) -> bool:
    """Add a merchant that applies; whether it is new."""
    row = {"tenant_id": uow.scope.tenant_id.uuid, **_merchant_row(merchant)}
    statement = upsert(tables.merchant).values(row).on_conflict_do_nothing().returning(tables.merchant.c.party_id)
    return (await uow.execute(statement)).scalar_one_or_none() is not None


async def merchant_of(uow: UnitOfWork, party_id: PartyId, *, lock: bool = False) -> CashbackMerchant | None:
    """A merchant's activation, whoever asks."""
    m = tables.merchant.c
    query = select(tables.merchant).where(m.tenant_id == uow.scope.tenant_id.uuid, m.party_id == party_id.uuid)
    row = (await uow.execute(query.with_for_update() if lock else query)).one_or_none()
    return _merchant(row) if row else None


async def save_merchant(uow: UnitOfWork, merchant: CashbackMerchant) -> None:
    """Store a merchant's new state; its row was locked when it was read."""
    m = tables.merchant.c
    where = (m.tenant_id == uow.scope.tenant_id.uuid, m.party_id == merchant.party_id.uuid)
    await uow.execute(update(tables.merchant).where(*where).values(_merchant_row(merchant)))


async def list_merchants(
    uow: UnitOfWork, *, state: str | None, after: tuple[Any, ...] | None, limit: int
) -> Page[CashbackMerchant]:
    """Merchants the caller may see, the newest first."""
    m = tables.merchant.c
    query = select(tables.merchant).where(m.tenant_id == uow.scope.tenant_id.uuid)
    if uow.scope.party_id is not None:
        query = query.where(m.party_id == uow.scope.party_id.uuid)
    if state is not None:
        query = query.where(m.state == state)
    if after is not None:
        query = query.where(m.party_id < UUID(after[0]))
    rows = (await uow.execute(query.order_by(m.party_id.desc()).limit(limit + 1))).all()
    return Page.cut(rows, limit, lambda row: (str(row.party_id),)).map(_merchant)


async def offers_by_state(uow: UnitOfWork, merchants: Sequence[PartyId]) -> dict[PartyId, dict[str, int]]:
    """How many offers each merchant has in each state."""
    o = tables.offer.c
    query = (
        select(o.merchant_id, o.state, func.count().label("number"))
        .where(o.tenant_id == uow.scope.tenant_id.uuid, o.merchant_id.in_([each.uuid for each in merchants]))
        .group_by(o.merchant_id, o.state)
    )
    found: dict[PartyId, dict[str, int]] = {}
    for row in await uow.execute(query):
        found.setdefault(PartyId(row.merchant_id), {})[row.state] = row.number
    return found


async def insert_offer(uow: UnitOfWork, offer: Offer) -> None:
    """Add an offer with its first terms."""
    row = {"tenant_id": uow.scope.tenant_id.uuid, "id": offer.id.uuid, **_offer_row(offer)}
    await uow.execute(insert(tables.offer).values(row))
    await insert_terms(uow, offer)


async def insert_terms(uow: UnitOfWork, offer: Offer) -> None:
    """Keep the terms of an offer's rule version for ever."""
    row = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "offer_id": offer.id.uuid,
        "rule_version": offer.rule_version,
        "terms": terms_form.stored(offer.terms),
        "at": uow.now,
        "actor": str(uow.scope.actor),
    }
    await uow.execute(insert(tables.offer_terms).values(row))


async def save_offer(uow: UnitOfWork, offer: Offer) -> None:
    """Store an offer's new state and terms; its row was locked when it was read."""
    o = tables.offer.c
    where = (o.tenant_id == uow.scope.tenant_id.uuid, o.id == offer.id.uuid)
    await uow.execute(update(tables.offer).where(*where).values(_offer_row(offer)))


async def offer_by_id(uow: UnitOfWork, offer_id: OfferId, *, lock: bool = False) -> Offer | None:
    """One offer; a caller limited to a party finds only its own."""
    query = _visible(uow).where(tables.offer.c.id == offer_id.uuid)
    row = (await uow.execute(query.with_for_update(of=tables.offer) if lock else query)).one_or_none()
    return offer_of(row) if row else None


async def offer_under(uow: UnitOfWork, offer_id: OfferId, rule_version: int) -> Offer:
    """An offer with the terms it had under a rule version, whoever asks."""
    row = (await uow.execute(_with_terms(uow, rule_version).where(tables.offer.c.id == offer_id.uuid))).one()
    return offer_of(row)


async def offer_names(uow: UnitOfWork, ids: Sequence[OfferId]) -> dict[OfferId, str]:
    """The names of offers, whoever asks."""
    o = tables.offer.c
    query = select(o.id, o.name).where(
        o.tenant_id == uow.scope.tenant_id.uuid, o.id.in_(sorted({each.uuid for each in ids}))
    )
    return {OfferId(row.id): row.name for row in await uow.execute(query)}


async def list_offers(
    uow: UnitOfWork, *, state: str | None, merchant_id: PartyId | None, after: tuple[Any, ...] | None, limit: int
) -> Page[Offer]:
    """Offers the caller may see, the newest first."""
    o = tables.offer.c
    query = _visible(uow)
    if state is not None:
        query = query.where(o.state == state)
    if merchant_id is not None:
        query = query.where(o.merchant_id == merchant_id.uuid)
    if after is not None:
        query = query.where(o.id < UUID(after[0]))
    rows = (await uow.execute(query.order_by(o.id.desc()).limit(limit + 1))).all()
    return Page.cut(rows, limit, lambda row: (str(row.id),)).map(offer_of)


async def fitting(uow: UnitOfWork, asks: Sequence[Ask]) -> list[list[Offer]]:
    """For each ask the active offers of an active merchant that fit it, in order of priority, at most `MOST_OFFERS`.

    Asked of the driver itself: this is what every purchase begins with.
    """
    tenant = uow.scope.tenant_id.uuid
    columns = [
        arrays.uuids([each.merchant_id.uuid for each in asks]),
        arrays.texts([each.amount.currency.code for each in asks]),
        arrays.bigints([each.amount.minor for each in asks]),
        arrays.moments([each.at for each in asks]),
        arrays.texts([" ".join(each.audiences) for each in asks]),
    ]
    found: list[list[Offer]] = [[] for _ in asks]
    async with (await uow.raw()).cursor(row_factory=namedtuple_row) as cursor:
        await cursor.execute(_FITTING, [*columns, tenant, tenant], binary=True)
        rows: Sequence[Any] = await cursor.fetchall()
        for row in rows:
            # Every purchase asks, and most of them for the same offers.
            offer = _offer(row, terms_form.read_text(row.terms, Currency.of(row.currency)))
            for nth in row.fits:
                found[nth - 1].append(offer)
    return found


async def merchants_of(uow: UnitOfWork, ids: Collection[PartyId]) -> dict[PartyId, CashbackMerchant]:
    """The activations of merchants, whoever asks."""
    m = tables.merchant.c
    wanted = [each.uuid for each in ids]
    query = select(tables.merchant).where(m.tenant_id == uow.scope.tenant_id.uuid, m.party_id.in_(wanted))
    return {PartyId(row.party_id): _merchant(row) for row in await uow.execute(query)}


def offer_of(row: Any) -> Offer:
    """An offer from its row, joined with its terms."""
    return _offer(row, terms_form.read(row.terms, Currency.of(row.currency)))


def _offer(row: Any, terms: Terms) -> Offer:
    return Offer(
        id=OfferId(row.id),
        merchant_id=PartyId(row.merchant_id),
        name=row.name,
        funded_by=FundedBy(row.funded_by),
        state=OfferState(row.state),
        terms=terms,
        rule_version=row.rule_version,
        budget=AccountId(row.budget_account_id),
        source=AccountId(row.source_account_id),
        total=AccountId(row.total_account_id),
        version=row.version,
        created_at=row.created_at,
        created_by=row.created_by,
    )


def _visible(uow: UnitOfWork) -> Select[Any]:
    query = _with_terms(uow, None)
    if uow.scope.party_id is None:
        return query
    return query.where(tables.offer.c.merchant_id == uow.scope.party_id.uuid)


def _with_terms(uow: UnitOfWork, rule_version: int | None) -> Select[Any]:
    o, t = tables.offer, tables.offer_terms
    wanted = o.c.rule_version if rule_version is None else rule_version
    same = and_(t.c.tenant_id == o.c.tenant_id, t.c.offer_id == o.c.id, t.c.rule_version == wanted)
    return select(o, t.c.terms).join(t, same).where(o.c.tenant_id == uow.scope.tenant_id.uuid)


def _merchant_row(merchant: CashbackMerchant) -> dict[str, Any]:
    return {
        "party_id": merchant.party_id.uuid,
        "state": merchant.state.value,
        "reason": merchant.reason,
        "version": merchant.version,
        "applied_at": merchant.applied_at,
        "updated_at": merchant.updated_at,
    }


def _merchant(row: Any) -> CashbackMerchant:
    return CashbackMerchant(
        PartyId(row.party_id), MerchantState(row.state), row.reason, row.version, row.applied_at, row.updated_at
    )


def _offer_row(offer: Offer) -> dict[str, Any]:
    return {
        "merchant_id": offer.merchant_id.uuid,
        "name": offer.name,
        "currency": offer.terms.currency.code,
        "funded_by": offer.funded_by.value,
        "state": offer.state.value,
        "rule_version": offer.rule_version,
        "priority": offer.terms.priority,
        "minimum_minor": offer.terms.minimum.minor,
        "starts_at": offer.terms.starts_at,
        "ends_at": offer.terms.ends_at,
        "budget_account_id": offer.budget.uuid,
        "source_account_id": offer.source.uuid,
        "total_account_id": offer.total.uuid,
        "version": offer.version,
        "created_at": offer.created_at,
        "created_by": offer.created_by,
        "audience": offer.terms.audience.value,
    }
