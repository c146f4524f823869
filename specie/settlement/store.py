"""Every statement on terms, settlements, lines, reserve and the payouts made of settlements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from specie.kernel.ids import AccountId, EntryId, PartyId
from specie.kernel.money import Currency, Money
from specie.payouts import BeneficiaryId, PayoutId
from specie.platform.db import UnitOfWork
from specie.settlement.model import TAKEN, Cause, Coverage, Line, Settlement, SettlementId, Terms
from specie.settlement.tables import line, paid, reserve, settlement, terms


@dataclass(frozen=True, slots=True)
class SettlementFilter:
    """What a list of settlements is narrowed to."""

    party_id: PartyId | None = None
    currency: Currency | None = None
    since: date | None = None
    until: date | None = None


async def put_terms(uow: UnitOfWork, new: Terms) -> None:
    """Set a merchant's terms in a currency."""
    key = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "party_id": new.party_id.uuid,
        "currency": new.currency.code,
    }
    values = {
        "delay_days": new.delay_days,
        "country": new.country,
        "subdivision": new.subdivision,
        "cut_off": new.cut_off,
        "minimum_minor": new.minimum.minor,
        "fee_minor": new.fee.minor,
        "reserve_rate": new.reserve_rate,
        "reserve_days": new.reserve_days,
        "recovery_rate": new.recovery_rate,
        "beneficiary_id": new.beneficiary_id.uuid if new.beneficiary_id else None,
        "next_run_at": new.next_run_at,
        "version": new.version,
        "ended_at": new.ended_at,
        "updated_at": uow.now,
    }
    await uow.execute(upsert(terms).values(key | values).on_conflict_do_update(index_elements=list(key), set_=values))


async def plan_next_run(uow: UnitOfWork, of: Terms, at: datetime) -> None:
    """Remember when the next run is due."""
    await uow.execute(update(terms).where(*_these(uow, of.party_id, of.currency)).values(next_run_at=at))


async def terms_of(uow: UnitOfWork, party_id: PartyId, currency: Currency, *, lock: bool = False) -> Terms | None:
    """A merchant's terms in a currency; with the lock nobody else settles for it until this unit ends."""
    if uow.scope.party_id not in (None, party_id):
        return None
    query = select(terms).where(*_these(uow, party_id, currency))
    row = (await uow.execute(query.with_for_update() if lock else query)).one_or_none()
    return _terms(row) if row else None


async def all_terms(uow: UnitOfWork, after: tuple[UUID, str] | None, limit: int) -> list[Terms]:
    """Up to `limit + 1` terms of the tenant, or of the caller's own party, by party and currency."""
    query = select(terms).where(*_mine(uow, terms.c.tenant_id, terms.c.party_id))
    if after is not None:
        query = query.where(
            (terms.c.party_id > after[0]) | ((terms.c.party_id == after[0]) & (terms.c.currency > after[1]))
        )
    rows = await uow.execute(query.order_by(terms.c.party_id, terms.c.currency).limit(limit + 1))
    return [_terms(row) for row in rows]


async def settled_parties(uow: UnitOfWork, ids: Sequence[PartyId], currency: Currency) -> set[PartyId]:
    """Those of these parties who are paid over by settlement in a currency."""
    query = select(terms.c.party_id).where(
        terms.c.tenant_id == uow.scope.tenant_id.uuid,
        terms.c.party_id.in_([each.uuid for each in ids]),
        terms.c.currency == currency.code,
        terms.c.ended_at.is_(None),
    )
    return {PartyId(row.party_id) for row in await uow.execute(query)}


async def insert_settlement(uow: UnitOfWork, new: Settlement, lines: Sequence[Line]) -> None:
    """Write a settlement down with its lines and what it keeps."""
    tenant = uow.scope.tenant_id.uuid
    covers = new.coverage
    row = {
        "tenant_id": tenant,
        "id": new.id.uuid,
        "party_id": new.party_id.uuid,
        "currency": new.currency.code,
        "day": new.day,
        "account_id": covers.account_id.uuid,
        "credit_after": covers.credit_after,
        "credit_through": covers.credit_through,
        "credit_since": covers.credit_since,
        "debit_after": covers.debit_after,
        "debit_through": covers.debit_through,
        "debit_since": covers.debit_since,
        "cut_off_at": covers.cut_off_at,
        "seen_at": covers.seen_at,
        "payout_minor": new.payout.minor,
        "reserve_minor": new.reserve.minor,
        "reserve_until": new.reserve_until,
        "beneficiary_id": new.beneficiary_id.uuid if new.beneficiary_id else None,
        "kept_because": new.kept_because,
        "entry_id": new.entry_id.uuid,
        "terms_version": new.terms_version,
        "made_by": new.made_by,
        "made_at": new.made_at,
    }
    await uow.execute(insert(settlement).values(row))
    await uow.execute(
        insert(line).values(
            [
                {
                    "tenant_id": tenant,
                    "settlement_id": new.id.uuid,
                    "cause": each.cause.value,
                    "amount_minor": each.amount.minor,
                    "postings": each.count,
                }
                for each in lines
            ]
        )
    )
    if new.reserve.minor > 0:
        kept = {
            "tenant_id": tenant,
            "settlement_id": new.id.uuid,
            "party_id": new.party_id.uuid,
            "currency": new.currency.code,
            "amount_minor": new.reserve.minor,
            "release_on": new.reserve_until,
        }
        await uow.execute(insert(reserve).values(kept))


async def reserve_due(uow: UnitOfWork, of: Terms, day: date) -> tuple[Money, int]:
    """What has waited in reserve long enough, and of how many settlements."""
    query = select(func.coalesce(func.sum(reserve.c.amount_minor), 0), func.count()).where(*_waiting(uow, of, day))
    row: Any = (await uow.execute(query)).one()
    return Money(int(row[0]), of.currency), row[1]


async def release_reserve(uow: UnitOfWork, of: Terms, day: date, released_in: SettlementId) -> None:
    """What has waited long enough is part of a settlement now."""
    await uow.execute(update(reserve).where(*_waiting(uow, of, day)).values(released_in=released_in.uuid))


async def reserve_waiting(uow: UnitOfWork, of: Terms) -> tuple[Money, date | None]:
    """Everything in a merchant's reserve, and when the next of it is free."""
    query = select(func.coalesce(func.sum(reserve.c.amount_minor), 0), func.min(reserve.c.release_on)).where(
        *_waiting(uow, of, None)
    )
    row: Any = (await uow.execute(query)).one()
    return Money(int(row[0]), of.currency), row[1]


async def settlement_by_id(uow: UnitOfWork, settlement_id: SettlementId) -> Settlement | None:
    """One settlement of the tenant, or of the caller's own party."""
    query = select(settlement).where(
        *_mine(uow, settlement.c.tenant_id, settlement.c.party_id), settlement.c.id == settlement_id.uuid
    )
    row = (await uow.execute(query)).one_or_none()
    return _settlement(row) if row else None


async def settlements_by_ids(uow: UnitOfWork, ids: Sequence[SettlementId]) -> list[Settlement]:
    """These settlements as far as they are the caller's own, the earliest first."""
    query = select(settlement).where(
        *_mine(uow, settlement.c.tenant_id, settlement.c.party_id), settlement.c.id.in_([each.uuid for each in ids])
    )
    return [_settlement(row) for row in await uow.execute(query.order_by(settlement.c.id))]


async def settlement_of_day(uow: UnitOfWork, of: Terms, day: date) -> Settlement | None:
    """The settlement of a business day."""
    query = select(settlement).where(*_settled(uow, of), settlement.c.day == day)
    row = (await uow.execute(query)).one_or_none()
    return _settlement(row) if row else None


async def last_settlement(uow: UnitOfWork, of: Terms) -> Settlement | None:
    """The latest settlement that was made, whatever day it was for."""
    query = select(settlement).where(*_settled(uow, of)).order_by(settlement.c.debit_through.desc()).limit(1)
    row = (await uow.execute(query)).one_or_none()
    return _settlement(row) if row else None


async def find_settlements(
    uow: UnitOfWork, wanted: SettlementFilter, before: UUID | None, limit: int
) -> list[Settlement]:
    """Up to `limit + 1` settlements, newest first."""
    query = select(settlement).where(*_mine(uow, settlement.c.tenant_id, settlement.c.party_id), *_matching(wanted))
    if before is not None:
        query = query.where(settlement.c.id < before)
    rows = await uow.execute(query.order_by(settlement.c.id.desc()).limit(limit + 1))
    return [_settlement(row) for row in rows]


async def lines_of(uow: UnitOfWork, of: Settlement) -> list[Line]:
    """A settlement's lines, in the order in which causes are told."""
    query = select(line).where(line.c.tenant_id == uow.scope.tenant_id.uuid, line.c.settlement_id == of.id.uuid)
    found = [
        Line(Cause(row.cause), Money(row.amount_minor, of.currency), row.postings) for row in await uow.execute(query)
    ]
    order = list(Cause)
    return sorted(found, key=lambda each: order.index(each.cause))


async def taken_from(uow: UnitOfWork, found: Sequence[Settlement]) -> dict[SettlementId, list[Line]]:
    """The lines that lower settlements as a whole: what is repaid, kept in reserve and taken as a fee."""
    currencies = {each.id: each.currency for each in found}
    query = select(line).where(
        line.c.tenant_id == uow.scope.tenant_id.uuid,
        line.c.settlement_id.in_([each.uuid for each in currencies]),
        line.c.cause.in_([cause.value for cause in TAKEN]),
    )
    taken: dict[SettlementId, list[Line]] = {each: [] for each in currencies}
    for row in await uow.execute(query.order_by(line.c.cause)):
        of = SettlementId(row.settlement_id)
        taken[of].append(Line(Cause(row.cause), Money(row.amount_minor, currencies[of]), row.postings))
    return taken


async def insert_payout(uow: UnitOfWork, of: SettlementId, number: int, payout_id: PayoutId) -> None:
    """Write down that a payout was made of a settlement."""
    row = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "settlement_id": of.uuid,
        "number": number,
        "payout_id": payout_id.uuid,
        "made_at": uow.now,
    }
    await uow.execute(insert(paid).values(row))


async def payouts_of(uow: UnitOfWork, ids: Sequence[SettlementId]) -> dict[SettlementId, list[tuple[int, PayoutId]]]:
    """The payouts made of settlements, first to last."""
    query = (
        select(paid)
        .where(paid.c.tenant_id == uow.scope.tenant_id.uuid, paid.c.settlement_id.in_([each.uuid for each in ids]))
        .order_by(paid.c.number)
    )
    found: dict[SettlementId, list[tuple[int, PayoutId]]] = {each: [] for each in ids}
    for row in await uow.execute(query):
        found[SettlementId(row.settlement_id)].append((row.number, PayoutId(row.payout_id)))
    return found


def _mine(uow: UnitOfWork, tenant: Any, party: Any) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [tenant == uow.scope.tenant_id.uuid]
    if uow.scope.party_id is not None:
        conditions.append(party == uow.scope.party_id.uuid)
    return conditions


def _these(uow: UnitOfWork, party_id: PartyId, currency: Currency) -> list[ColumnElement[bool]]:
    tenant = uow.scope.tenant_id.uuid
    return [terms.c.tenant_id == tenant, terms.c.party_id == party_id.uuid, terms.c.currency == currency.code]


def _settled(uow: UnitOfWork, of: Terms) -> list[ColumnElement[bool]]:
    mine = _mine(uow, settlement.c.tenant_id, settlement.c.party_id)
    return [*mine, settlement.c.party_id == of.party_id.uuid, settlement.c.currency == of.currency.code]


def _waiting(uow: UnitOfWork, of: Terms, day: date | None) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        reserve.c.tenant_id == uow.scope.tenant_id.uuid,
        reserve.c.party_id == of.party_id.uuid,
        reserve.c.currency == of.currency.code,
        reserve.c.released_in.is_(None),
    ]
    return conditions if day is None else [*conditions, reserve.c.release_on <= day]


def _matching(wanted: SettlementFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.party_id is not None:
        conditions.append(settlement.c.party_id == wanted.party_id.uuid)
    if wanted.currency is not None:
        conditions.append(settlement.c.currency == wanted.currency.code)
    if wanted.since is not None:
        conditions.append(settlement.c.day >= wanted.since)
    if wanted.until is not None:
        conditions.append(settlement.c.day <= wanted.until)
    return conditions


def _terms(row: Row[Any]) -> Terms:
    currency = Currency.of(row.currency)
    return Terms(
        party_id=PartyId(row.party_id),
        currency=currency,
        delay_days=row.delay_days,
        country=row.country,
        subdivision=row.subdivision,
        cut_off=row.cut_off,
        minimum=Money(row.minimum_minor, currency),
        fee=Money(row.fee_minor, currency),
        reserve_rate=row.reserve_rate,
        reserve_days=row.reserve_days,
        recovery_rate=row.recovery_rate,
        beneficiary_id=BeneficiaryId(row.beneficiary_id) if row.beneficiary_id else None,
        next_run_at=row.next_run_at,
        ended_at=row.ended_at,
        version=row.version,
    )


def _settlement(row: Row[Any]) -> Settlement:
    currency = Currency.of(row.currency)
    return Settlement(
        id=SettlementId(row.id),
        party_id=PartyId(row.party_id),
        currency=currency,
        day=row.day,
        coverage=Coverage(
            account_id=AccountId(row.account_id),
            credit_after=row.credit_after,
            credit_through=row.credit_through,
            credit_since=row.credit_since,
            debit_after=row.debit_after,
            debit_through=row.debit_through,
            debit_since=row.debit_since,
            cut_off_at=row.cut_off_at,
            seen_at=row.seen_at,
        ),
        payout=Money(row.payout_minor, currency),
        reserve=Money(row.reserve_minor, currency),
        reserve_until=row.reserve_until,
        beneficiary_id=BeneficiaryId(row.beneficiary_id) if row.beneficiary_id else None,
        kept_because=row.kept_because,
        entry_id=EntryId(row.entry_id),
        terms_version=row.terms_version,
        made_by=row.made_by,
        made_at=row.made_at,
    )
