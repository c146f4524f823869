"""The SQL of plans, orders and schedules."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from specie.installments import tables
from specie.installments.model import (
    Component,
    Open,
    Order,
    OrderAccounts,
    OrderId,
    OrderState,
    Plan,
    PlanId,
    Quote,
    QuoteId,
    Terms,
)
from specie.installments.schedule import Line, LineKind
from specie.kernel.ids import AccountId, EntryId, PartyId, uuid7
from specie.kernel.money import Currency, Money
from specie.kernel.pagination import Page
from specie.platform.db import UnitOfWork


@dataclass(frozen=True, slots=True)
class Charged:
    """A late fee: for the part due on which day, how much, charged on which day."""

    due_on: date
    amount_minor: int
    charged_on: date


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an order's schedule: why it was made, when and by whom."""

    schedule: int
    reason: str
    made_at: datetime
    actor: str


async def insert_plan(uow: UnitOfWork, plan: Plan) -> None:
    """Add a plan."""
    row = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "id": plan.id.uuid,
        "merchant_id": plan.merchant_id.uuid,
        "name": plan.name,
        "currency": plan.currency.code,
        "terms": plan.terms.to_json(),
        "is_active": plan.is_active,
        "version": plan.version,
        "created_at": plan.created_at,
    }
    await uow.execute(insert(tables.plan).values(row))


async def usual_allocation(uow: UnitOfWork, merchant_id: PartyId) -> tuple[Component, ...] | None:
    """In which order a merchant's plans usually pay what is owed; None where nobody has said."""
    u = tables.usual.c
    query = select(u.allocation).where(u.tenant_id == uow.scope.tenant_id.uuid, u.merchant_id == merchant_id.uuid)
    found = (await uow.execute(query)).scalar_one_or_none()
    return None if found is None else tuple(Component(each) for each in found)


async def put_usual_allocation(uow: UnitOfWork, merchant_id: PartyId, allocation: Sequence[Component]) -> None:
    """Store a merchant's usual order."""
    row = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "merchant_id": merchant_id.uuid,
        "allocation": [each.value for each in allocation],
    }
    statement = upsert(tables.usual).values(row)
    u = tables.usual.c
    changed = {"allocation": statement.excluded.allocation}
    await uow.execute(statement.on_conflict_do_update(index_elements=[u.tenant_id, u.merchant_id], set_=changed))


async def end_plan(uow: UnitOfWork, plan: Plan) -> None:
    """Store that a plan is no longer offered."""
    p = tables.plan.c
    where = (p.tenant_id == uow.scope.tenant_id.uuid, p.id == plan.id.uuid)
    await uow.execute(update(tables.plan).where(*where).values(is_active=plan.is_active, version=plan.version))


async def plan_by_id(uow: UnitOfWork, plan_id: PlanId) -> Plan | None:
    """One plan; a merchant's own limit does not apply, because customers read what merchants offer."""
    p = tables.plan.c
    query = select(tables.plan).where(p.tenant_id == uow.scope.tenant_id.uuid, p.id == plan_id.uuid)
    row = (await uow.execute(query)).one_or_none()
    return _plan(row) if row else None


async def plans(
    uow: UnitOfWork, merchant_id: PartyId | None, active: bool | None, before: UUID | None, limit: int
) -> Page[Plan]:
    """Plans, newest first."""
    p = tables.plan.c
    query = select(tables.plan).where(p.tenant_id == uow.scope.tenant_id.uuid)
    if merchant_id is not None:
        query = query.where(p.merchant_id == merchant_id.uuid)
    if active is not None:
        query = query.where(p.is_active.is_(active))
    if before is not None:
        query = query.where(p.id < before)
    rows = (await uow.execute(query.order_by(p.id.desc()).limit(limit + 1))).all()
    return Page.cut(rows, limit, lambda row: (str(row.id),)).map(_plan)


async def insert_order(uow: UnitOfWork, order: Order) -> bool:
    """Add an order unless the merchant has used its reference; whether it was added."""
    statement = upsert(tables.order).values(_order_row(uow, order))
    statement = statement.on_conflict_do_nothing(constraint="installment_reference_once")
    return (await uow.execute(statement.returning(tables.order.c.id))).scalar_one_or_none() is not None


async def update_order(uow: UnitOfWork, order: Order) -> None:
    """Store an order's new state; the row was locked when it was read."""
    o = tables.order.c
    where = (o.tenant_id == uow.scope.tenant_id.uuid, o.id == order.id.uuid)
    await uow.execute(update(tables.order).where(*where).values(_order_row(uow, order)))


async def order_by_id(uow: UnitOfWork, order_id: OrderId, *, lock: bool = False) -> Order | None:
    """One order the caller may see, locked on demand."""
    query = _visible(uow).where(tables.order.c.id == order_id.uuid)
    row = (await uow.execute(query.with_for_update() if lock else query)).one_or_none()
    return _order(row) if row else None


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """What a list of orders is narrowed to; None does not narrow. `late` are those with a step of lateness."""

    state: str | None = None
    merchant_id: PartyId | None = None
    customer_id: PartyId | None = None
    late: bool = False
    due_by: date | None = None


async def orders(uow: UnitOfWork, wanted: OrderFilter, before: UUID | None, limit: int) -> Page[Order]:
    """Orders the caller may see, newest first."""
    o = tables.order.c
    query = _visible(uow)
    if wanted.state is not None:
        query = query.where(o.state == wanted.state)
    if wanted.merchant_id is not None:
        query = query.where(o.merchant_id == wanted.merchant_id.uuid)
    if wanted.customer_id is not None:
        query = query.where(o.customer_id == wanted.customer_id.uuid)
    if wanted.late:
        query = query.where(o.bucket > 0)
    if wanted.due_by is not None:
        query = query.where(_has_line_due(wanted.due_by))
    if before is not None:
        query = query.where(o.id < before)
    rows = (await uow.execute(query.order_by(o.id.desc()).limit(limit + 1))).all()
    return Page.cut(rows, limit, lambda row: (str(row.id),)).map(_order)


def _has_line_due(day: date) -> ColumnElement[bool]:
    o, one = tables.order.c, tables.line.c
    return (
        select(one.n)
        .where(one.tenant_id == o.tenant_id, one.order_id == o.id, one.schedule == o.schedule, one.due_on == day)
        .exists()
    )


async def to_act(uow: UnitOfWork, day: date, limit: int) -> list[Order]:
    """Running orders on which something is due to happen by a day, locked."""
    o = tables.order.c
    query = (
        select(tables.order)
        .where(o.tenant_id == uow.scope.tenant_id.uuid, o.act_on <= day)
        .order_by(o.act_on, o.id)
        .limit(limit)
        .with_for_update()
    )
    return [_order(row) for row in await uow.execute(query)]


async def expired_offers(uow: UnitOfWork, at: datetime, limit: int) -> list[Order]:
    """Offers nobody accepted in time, locked."""
    o = tables.order.c
    query = (
        select(tables.order)
        .where(o.tenant_id == uow.scope.tenant_id.uuid, o.state == OrderState.OFFERED.value, o.expires_at <= at)
        .order_by(o.id)
        .limit(limit)
        .with_for_update()
    )
    return [_order(row) for row in await uow.execute(query)]


async def insert_schedule(uow: UnitOfWork, order: Order, lines: Sequence[Line], reason: str) -> None:
    """Add the lines of an order's version `order.schedule`."""
    key = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "order_id": order.id.uuid,
        "schedule": order.schedule,
    }
    about = {"reason": reason, "made_at": uow.now, "actor": str(uow.scope.actor)}
    await uow.execute(insert(tables.schedule).values(**key, **about))
    rows = [
        key
        | {
            "n": line.n,
            "kind": line.kind.value,
            "due_on": line.due_on,
            "principal_minor": line.principal,
            "interest_minor": line.interest,
            "fee_minor": line.fee,
        }
        for line in lines
    ]
    if rows:
        await uow.execute(insert(tables.line).values(rows))


async def lines_of(uow: UnitOfWork, orders: Sequence[Order]) -> dict[OrderId, list[Line]]:
    """The lines in force of each order, with one statement."""
    found: dict[OrderId, list[Line]] = {order.id: [] for order in orders}
    one, o = tables.line.c, tables.order.c
    joined = tables.line.join(
        tables.order, (o.tenant_id == one.tenant_id) & (o.id == one.order_id) & (o.schedule == one.schedule)
    )
    query = select(*tables.line.c).select_from(joined)
    query = query.where(
        one.tenant_id == uow.scope.tenant_id.uuid, one.order_id.in_([order.id.uuid for order in orders])
    )
    for row in await uow.execute(query.order_by(one.order_id, one.n)):
        found[OrderId(row.order_id)].append(_line(row))
    return found


async def lines_of_by(uow: UnitOfWork, orders: Sequence[Order], until: datetime) -> dict[OrderId, list[Line]]:
    """The lines that were in force before a moment; nothing of an order that had none by then."""
    one, s, tenant = tables.line.c, tables.schedule.c, uow.scope.tenant_id.uuid
    latest = (
        select(s.order_id, func.max(s.schedule).label("schedule"))
        .where(s.tenant_id == tenant, s.order_id.in_([order.id.uuid for order in orders]), s.made_at < until)
        .group_by(s.order_id)
        .subquery()
    )
    same = (one.tenant_id == tenant) & (latest.c.order_id == one.order_id) & (latest.c.schedule == one.schedule)
    query = select(latest.c.order_id.label("of"), *one).select_from(latest.outerjoin(tables.line, same))
    found: dict[OrderId, list[Line]] = {}
    for row in await uow.execute(query.order_by(latest.c.order_id, one.n)):
        # What came back whole has a version without any line.
        found.setdefault(OrderId(row.of), []).extend([_line(row)] if row.n is not None else [])
    return found


async def versions_of(uow: UnitOfWork, order_id: OrderId) -> list[Version]:
    """The versions an order's schedule has had, oldest first."""
    s = tables.schedule.c
    query = select(tables.schedule).where(s.tenant_id == uow.scope.tenant_id.uuid, s.order_id == order_id.uuid)
    rows = await uow.execute(query.order_by(s.schedule))
    return [Version(row.schedule, row.reason, row.made_at, row.actor) for row in rows]


async def note_entries(uow: UnitOfWork, day: date, entries: Sequence[tuple[Order, EntryId, str]]) -> None:
    """Remember which entries belong to which orders."""
    rows = [
        {
            "tenant_id": uow.scope.tenant_id.uuid,
            "order_id": order.id.uuid,
            "entry_id": entry_id.uuid,
            "merchant_id": order.merchant_id.uuid,
            "kind": kind,
            "business_date": day,
        }
        for order, entry_id, kind in entries
    ]
    if rows:
        await uow.execute(insert(tables.entry).values(rows))


async def entries_of(uow: UnitOfWork, order_id: OrderId) -> list[EntryId]:
    """The entries of an order, oldest first."""
    e = tables.entry.c
    query = select(e.entry_id).where(e.tenant_id == uow.scope.tenant_id.uuid, e.order_id == order_id.uuid)
    return [EntryId(row.entry_id) for row in await uow.execute(query.order_by(e.entry_id))]


async def insert_late_fees(uow: UnitOfWork, charged: Sequence[tuple[Order, Charged]]) -> None:
    """Remember late fees."""
    rows = [
        {
            "tenant_id": uow.scope.tenant_id.uuid,
            "order_id": order.id.uuid,
            "due_on": fee.due_on,
            "amount_minor": fee.amount_minor,
            "charged_on": fee.charged_on,
        }
        for order, fee in charged
    ]
    if rows:
        await uow.execute(insert(tables.late_fee).values(rows))


async def late_fees_of(uow: UnitOfWork, orders: Sequence[OrderId]) -> dict[OrderId, list[Charged]]:
    """The late fees charged on each order."""
    found: dict[OrderId, list[Charged]] = {order_id: [] for order_id in orders}
    f = tables.late_fee.c
    query = select(tables.late_fee).where(
        f.tenant_id == uow.scope.tenant_id.uuid, f.order_id.in_([one.uuid for one in orders])
    )
    for row in await uow.execute(query.order_by(f.due_on)):
        found[OrderId(row.order_id)].append(Charged(row.due_on, row.amount_minor, row.charged_on))
    return found


async def put_pause(uow: UnitOfWork, order_id: OrderId, from_on: date, until_on: date) -> None:
    """Remember a pause; a second one of the same day changes nothing of the first."""
    row = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "order_id": order_id.uuid,
        "from_on": from_on,
        "until_on": until_on,
    }
    await uow.execute(upsert(tables.pause).values(row).on_conflict_do_nothing())


async def pauses_of(uow: UnitOfWork, orders: Sequence[OrderId]) -> dict[OrderId, list[tuple[date, date]]]:
    """The pauses of each order: from the first day to the day on which it ends."""
    found: dict[OrderId, list[tuple[date, date]]] = {order_id: [] for order_id in orders}
    p = tables.pause.c
    query = select(tables.pause).where(
        p.tenant_id == uow.scope.tenant_id.uuid, p.order_id.in_([one.uuid for one in orders])
    )
    for row in await uow.execute(query.order_by(p.from_on)):
        found[OrderId(row.order_id)].append((row.from_on, row.until_on))
    return found


async def insert_return(uow: UnitOfWork, order_id: OrderId, lowered: int, excess: int, reason: str) -> None:
    """Remember a return."""
    row = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "id": uuid7(),
        "order_id": order_id.uuid,
        "amount_minor": lowered + excess,
        "lowered_minor": lowered,
        "excess_minor": excess,
        "reason": reason,
        "returned_at": uow.now,
    }
    await uow.execute(insert(tables.return_).values(row))


async def insert_quote(uow: UnitOfWork, quote: Quote) -> None:
    """Remember a payoff quote."""
    row = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "id": quote.id.uuid,
        "order_id": quote.order_id.uuid,
        "order_version": quote.order_version,
        "valid_on": quote.valid_on,
        "principal_minor": quote.pays.principal,
        "interest_minor": quote.pays.interest,
        "fee_minor": quote.pays.fee,
        "penalty_minor": quote.pays.penalty,
        "rebate_minor": quote.rebate_minor,
        "given_back_minor": quote.given_back_minor,
    }
    await uow.execute(insert(tables.quote).values(row))


async def quote_by_id(uow: UnitOfWork, quote_id: QuoteId) -> Quote | None:
    """One quote."""
    q = tables.quote.c
    query = select(tables.quote).where(q.tenant_id == uow.scope.tenant_id.uuid, q.id == quote_id.uuid)
    row = (await uow.execute(query)).one_or_none()
    if row is None:
        return None
    return Quote(
        id=QuoteId(row.id),
        order_id=OrderId(row.order_id),
        order_version=row.order_version,
        valid_on=row.valid_on,
        pays=Open(row.principal_minor, row.interest_minor, row.fee_minor, row.penalty_minor),
        rebate_minor=row.rebate_minor,
        given_back_minor=row.given_back_minor,
    )


async def count_by_state(uow: UnitOfWork, merchant_id: PartyId | None, currency: str) -> dict[str, int]:
    """How many orders are in each state."""
    o = tables.order.c
    query = select(o.state, func.count().label("orders")).where(
        o.tenant_id == uow.scope.tenant_id.uuid, o.currency == currency
    )
    if merchant_id is not None:
        query = query.where(o.merchant_id == merchant_id.uuid)
    return {row.state: row.orders for row in await uow.execute(query.group_by(o.state))}


def _visible(uow: UnitOfWork) -> Select[Any]:
    o = tables.order.c
    query = select(tables.order).where(o.tenant_id == uow.scope.tenant_id.uuid)
    party = uow.scope.party_id
    return query if party is None else query.where(or_(o.merchant_id == party.uuid, o.customer_id == party.uuid))


def _order_row(uow: UnitOfWork, order: Order) -> dict[str, Any]:
    kept = order.accounts
    accounts = {f"{name}_account_id": getattr(kept, name).uuid if kept else None for name in tables.ACCOUNTS}
    return accounts | {
        "tenant_id": uow.scope.tenant_id.uuid,
        "id": order.id.uuid,
        "plan_id": order.plan_id.uuid,
        "merchant_id": order.merchant_id.uuid,
        "customer_id": order.customer_id.uuid,
        "reference": order.reference,
        "title": order.title,
        "currency": order.currency.code,
        "amount_minor": order.amount.minor,
        "terms": order.terms.to_json(),
        "state": order.state.value,
        "version": order.version,
        "schedule": order.schedule,
        "created_at": order.created_at,
        "expires_at": order.expires_at,
        "starts_on": order.starts_on,
        "consent": order.consent,
        "earned_through": order.earned_through,
        "act_on": order.act_on,
        "paused_until": order.paused_until,
        "tries": order.tries,
        "bucket": order.bucket,
        "ended_at": order.ended_at,
    }


def _order(row: Row[Any]) -> Order:
    found = {name: getattr(row, f"{name}_account_id") for name in tables.ACCOUNTS}
    has_accounts = found["principal"] is not None
    return Order(
        id=OrderId(row.id),
        plan_id=PlanId(row.plan_id),
        merchant_id=PartyId(row.merchant_id),
        customer_id=PartyId(row.customer_id),
        reference=row.reference,
        title=row.title,
        amount=Money(row.amount_minor, Currency.of(row.currency)),
        terms=Terms.from_json(row.terms),
        state=OrderState(row.state),
        version=row.version,
        schedule=row.schedule,
        created_at=row.created_at,
        expires_at=row.expires_at,
        starts_on=row.starts_on,
        accounts=OrderAccounts(**{name: AccountId(each) for name, each in found.items()}) if has_accounts else None,
        consent=row.consent,
        earned_through=row.earned_through,
        act_on=row.act_on,
        paused_until=row.paused_until,
        tries=row.tries,
        bucket=row.bucket,
        ended_at=row.ended_at,
    )


def _plan(row: Row[Any]) -> Plan:
    return Plan(
        id=PlanId(row.id),
        merchant_id=PartyId(row.merchant_id),
        name=row.name,
        currency=Currency.of(row.currency),
        terms=Terms.from_json(row.terms),
        is_active=row.is_active,
        version=row.version,
        created_at=row.created_at,
    )


def _line(row: Row[Any]) -> Line:
    return Line(
        n=row.n,
        kind=LineKind(row.kind),
        due_on=row.due_on,
        principal=row.principal_minor,
        interest=row.interest_minor,
        fee=row.fee_minor,
    )
