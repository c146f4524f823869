"""The ledger's reading SQL: entries, statements, balances as of a time."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Subquery,
    and_,
    cast,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONPATH
from sqlalchemy.engine import Row

from specie.kernel.ids import AccountId, CallbackId, EntryId, InvalidId, PartyId, RequestId, TenantId, first_uuid7
from specie.kernel.money import Currency, Money
from specie.kernel.pagination import Page
from specie.ledger import tables
from specie.ledger.controls import without_journals
from specie.ledger.model import Account, JournalEntry, Posting, Side
from specie.ledger.store import account_of
from specie.platform.db import UnitOfWork

_CALLBACKS_LEAD_TO = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One posting as one account sees it, with the balance after it."""

    entry_id: EntryId
    line: int
    version: int
    side: Side
    amount: Money
    balance: Money
    other_account: AccountId
    recipe: str
    description: str
    effective_at: datetime
    recorded_at: datetime
    metadata: dict[str, Any]


async def entry(uow: UnitOfWork, entry_id: EntryId) -> JournalEntry | None:
    """One entry with its postings in order."""
    found = await entries_by_ids(uow, uow.scope.tenant_id, [entry_id.uuid])
    return found.get(entry_id.uuid)


async def entries_by_ids(uow: UnitOfWork, tenant_id: TenantId, ids: Sequence[UUID]) -> dict[UUID, JournalEntry]:
    """The entries of some ids of one tenant, with their postings; ids of other things are left out."""
    c = tables.journal_entry.c
    query = select(tables.journal_entry).where(c.tenant_id == tenant_id.uuid, c.id.in_(ids))
    rows = (await uow.execute(query)).all()
    postings = await _postings(uow, tenant_id, [row.id for row in rows])
    return {row.id: entry_of(row, postings[row.id]) for row in rows}


async def entries_by_request(uow: UnitOfWork, request_id: RequestId, limit: int = 100) -> list[JournalEntry]:
    """The first entries that a request, and the jobs it started, posted in this tenant, oldest first."""
    c = tables.journal_entry.c
    query = select(tables.journal_entry).where(c.tenant_id == uow.scope.tenant_id.uuid, c.request_id == request_id.uuid)
    rows = (await uow.execute(query.order_by(c.id).limit(limit))).all()
    postings = await _postings(uow, uow.scope.tenant_id, [row.id for row in rows])
    return [entry_of(row, postings[row.id]) for row in rows]


async def entries_by_callback(uow: UnitOfWork, callback_id: CallbackId, received_at: datetime) -> list[JournalEntry]:
    """The entries that a provider's message led to within two days of its coming, oldest first.

    Their ids grow with the time; what has led to one is in no order of its own.
    """
    c = tables.journal_entry.c
    days = c.id.between(first_uuid7(received_at), first_uuid7(received_at + _CALLBACKS_LEAD_TO))
    wanted = [c.tenant_id == uow.scope.tenant_id.uuid, days, c.callback_id == callback_id.uuid]
    rows = (await uow.execute(select(tables.journal_entry).where(*wanted).order_by(c.id))).all()
    postings = await _postings(uow, uow.scope.tenant_id, [row.id for row in rows])
    return [entry_of(row, postings[row.id]) for row in rows]


async def entry_ids_of_account(uow: UnitOfWork, account_id: AccountId, limit: int = 100) -> list[EntryId]:
    """The first entries that moved an account, oldest first: for accounts made for one thing, which see few."""
    p = tables.posting.c
    sides = (
        select(p.entry_id).where(p.tenant_id == uow.scope.tenant_id.uuid, side == account_id.uuid)
        for side in (p.debit_account_id, p.credit_account_id)
    )
    found = union_all(*sides).subquery()
    rows = await uow.execute(select(found.c.entry_id).distinct().order_by(found.c.entry_id).limit(limit))
    return [EntryId(row.entry_id) for row in rows]


async def entries(
    uow: UnitOfWork, *, after: tuple[Any, ...] | None, limit: int, recipe: str | None = None
) -> Page[JournalEntry]:
    """Entries of the tenant, the newest id first."""
    c = tables.journal_entry.c
    query = select(tables.journal_entry).where(c.tenant_id == uow.scope.tenant_id.uuid)
    if recipe is not None:
        query = query.where(c.recipe.startswith(recipe, autoescape=True))
    if after is not None:
        query = query.where(c.id < UUID(after[0]))
    rows = (await uow.execute(query.order_by(c.id.desc()).limit(limit + 1))).all()
    postings = await _postings(uow, uow.scope.tenant_id, [row.id for row in rows])
    page = Page.cut(rows, limit, lambda row: (str(row.id),))
    return page.map(lambda row: entry_of(row, postings[row.id]))


async def reversal_of(uow: UnitOfWork, entry_id: EntryId) -> EntryId | None:
    """The entry that reverses this one, if any."""
    c = tables.journal_entry.c
    query = select(c.id).where(c.tenant_id == uow.scope.tenant_id.uuid, c.reverses_id == entry_id.uuid)
    found = (await uow.execute(query)).scalar_one_or_none()
    return EntryId(found) if found else None


async def reversed_among(uow: UnitOfWork, ids: Collection[EntryId]) -> set[EntryId]:
    """Those of these entries that have been reversed."""
    c = tables.journal_entry.c
    query = select(c.reverses_id).where(
        c.tenant_id == uow.scope.tenant_id.uuid, c.reverses_id.in_([each.uuid for each in ids])
    )
    return {EntryId(found) for found in (await uow.execute(query)).scalars()}


async def by_command(uow: UnitOfWork, command_key: str) -> Row[Any] | None:
    """The entry row a batched command wrote, by `principal/key`."""
    c = tables.journal_entry.c
    query = select(tables.journal_entry).where(c.tenant_id == uow.scope.tenant_id.uuid, c.command_key == command_key)
    return (await uow.execute(query)).one_or_none()


async def entry_by_command(uow: UnitOfWork, principal: str, key: str) -> JournalEntry | None:
    """The entry that is itself the record of a principal's idempotency key: a single posting of a batch."""
    row = await by_command(uow, f"{principal}/{key}")
    return await entry(uow, EntryId(row.id)) if row else None


async def fingerprint_by_command(uow: UnitOfWork, principal: str, key: str) -> dict[str, str] | None:
    """What the request asked whose single posting is the record of this key, or None."""
    row = await by_command(uow, f"{principal}/{key}")
    return row.command_fingerprint if row else None


async def accounts(
    uow: UnitOfWork,
    *,
    prefix: str | None = None,
    owner: PartyId | None = None,
    journals: bool = False,
    after: tuple[Any, ...] | None = None,
    limit: int = 100,
) -> Page[Account]:
    """Accounts by code and currency; with `journals` only open ones that take postings by hand."""
    c = tables.account.c
    query = select(tables.account).where(c.tenant_id == uow.scope.tenant_id.uuid)
    if prefix is not None:
        query = query.where(or_(c.code == prefix, c.code.startswith(prefix.rstrip(":") + ":", autoescape=True)))
    if owner is not None:
        query = query.where(c.owner_party_id == owner.uuid)
    if journals:
        query = query.where(c.closed_at.is_(None), c.code.op("!~")(without_journals()))
    if after is not None:
        query = query.where(tuple_(c.code, c.currency) > tuple_(literal(after[0]), literal(after[1])))
    rows = (await uow.execute(query.order_by(c.code, c.currency).limit(limit + 1))).mappings().all()
    return Page.cut(rows, limit, lambda row: (row["code"], row["currency"])).map(account_of)


async def accounts_by_ids(uow: UnitOfWork, ids: Sequence[AccountId]) -> dict[AccountId, Account]:
    """The accounts of some ids."""
    c = tables.account.c
    wanted = [account_id.uuid for account_id in ids]
    query = select(tables.account).where(c.tenant_id == uow.scope.tenant_id.uuid, c.id.in_(wanted))
    return {AccountId(row["id"]): account_of(row) for row in (await uow.execute(query)).mappings()}


async def accounts_with_code(uow: UnitOfWork, code: str) -> list[Account]:
    """The accounts of one code, one for each currency, by currency."""
    c = tables.account.c
    query = select(tables.account).where(c.tenant_id == uow.scope.tenant_id.uuid, c.code == code).order_by(c.currency)
    return [account_of(row) for row in (await uow.execute(query)).mappings()]


async def accounts_by_codes(uow: UnitOfWork, codes: Collection[str]) -> dict[tuple[str, str], Account]:
    """The accounts that have one of these codes, by code and currency."""
    c = tables.account.c
    query = select(tables.account).where(c.tenant_id == uow.scope.tenant_id.uuid, c.code.in_(codes))
    found = [account_of(row) for row in (await uow.execute(query)).mappings()]
    return {(account.code, account.currency.code): account for account in found}


async def holds_money_of(uow: UnitOfWork, party_id: PartyId, codes: Sequence[str]) -> bool:
    """Whether an account that a party owns, with a code that begins in one of these ways, has a balance."""
    c = tables.account.c
    begins = or_(*(c.code.startswith(code, autoescape=True) for code in codes))
    query = select(c.id).where(
        c.tenant_id == uow.scope.tenant_id.uuid, c.owner_party_id == party_id.uuid, c.balance_minor != 0, begins
    )
    return (await uow.execute(query.limit(1))).first() is not None


async def statement(
    uow: UnitOfWork,
    account: Account,
    *,
    after: tuple[Any, ...] | None,
    limit: int,
    since: datetime | None = None,
    until: datetime | None = None,
    only: Side | None = None,
    containing: str | None = None,
) -> Page[StatementLine]:
    """The account's postings, or those on one side, the newest first.

    `since` (inclusive) and `until` (exclusive) are recording times. `containing` keeps entries whose description or
    note holds the text, or that have exactly it as their id or among their metadata; it looks through this account's
    postings only, from the newest on.
    """
    wanted = [only] if only else list(Side)
    sides = [_side(uow, account, side, after, limit, since, until, containing) for side in wanted]
    union = union_all(*(select(side.subquery()) for side in sides)).subquery()
    entry_table = tables.journal_entry
    query = (
        select(
            union, entry_table.c.recipe, entry_table.c.description, entry_table.c.effective_at, entry_table.c.metadata
        )
        .join(
            entry_table,
            and_(entry_table.c.tenant_id == uow.scope.tenant_id.uuid, entry_table.c.id == union.c.entry_id),
        )
        .order_by(union.c.version.desc())
        .limit(limit + 1)
    )
    rows = (await uow.execute(query)).all()
    page = Page.cut(rows, limit, lambda row: (row.recorded_at.isoformat(), row.version))
    return page.map(lambda row: _statement_line(row, account.currency))


def _side(
    uow: UnitOfWork,
    account: Account,
    side: Side,
    after: tuple[Any, ...] | None,
    limit: int,
    since: datetime | None,
    until: datetime | None,
    containing: str | None,
) -> Select[Any]:
    p = tables.posting.c
    mine, version, balance, other = (
        (p.debit_account_id, p.debit_version, p.debit_balance_minor, p.credit_account_id)
        if side is Side.DEBIT
        else (p.credit_account_id, p.credit_version, p.credit_balance_minor, p.debit_account_id)
    )
    query = select(
        p.entry_id,
        p.line,
        version.label("version"),
        literal(side.value).label("side"),
        p.amount_minor,
        balance.label("balance_minor"),
        other.label("other_account_id"),
        p.recorded_at,
    ).where(p.tenant_id == uow.scope.tenant_id.uuid, mine == account.id.uuid)
    if after is not None:
        query = query.where(tuple_(p.recorded_at, version) < (datetime.fromisoformat(after[0]), after[1]))
    if since is not None:
        query = query.where(p.recorded_at >= since)
    if until is not None:
        query = query.where(p.recorded_at < until)
    if containing is not None:
        e = tables.journal_entry.c
        same = and_(e.tenant_id == p.tenant_id, e.id == p.entry_id)
        query = query.join(tables.journal_entry, same).where(_holds(containing))
    return query.order_by(p.recorded_at.desc(), version.desc()).limit(limit + 1)


def _holds(wanted: str) -> ColumnElement[bool]:
    e = tables.journal_entry.c
    note = e.metadata["note"].astext
    reference = func.jsonb_path_exists(
        e.metadata, cast("$.* ? (@ == $wanted)", JSONPATH), func.jsonb_build_object("wanted", literal(wanted))
    )
    found = [e.description.icontains(wanted, autoescape=True), note.icontains(wanted, autoescape=True), reference]
    with suppress(InvalidId):
        found.append(e.id == EntryId.parse(wanted).uuid)
    return or_(*found)


def _statement_line(row: Row[Any], currency: Currency) -> StatementLine:
    return StatementLine(
        entry_id=EntryId(row.entry_id),
        line=row.line,
        version=row.version,
        side=Side(row.side),
        amount=Money(row.amount_minor, currency),
        balance=Money(row.balance_minor, currency),
        other_account=AccountId(row.other_account_id),
        recipe=row.recipe,
        description=row.description,
        effective_at=row.effective_at,
        recorded_at=row.recorded_at,
        metadata=row.metadata,
    )


async def balance_recorded_by(uow: UnitOfWork, account: Account, moment: datetime) -> Money:
    """The balance that was on record at a recording time: one look-up on each side, the higher version counts."""
    page = await statement(uow, account, after=(moment.isoformat(), Money.MAX_MINOR), limit=1)
    return page.items[0].balance if page.items else Money.zero(account.currency)


async def balance_effective_by(uow: UnitOfWork, account: Account, day: date) -> Money:
    """The balance of everything effective up to the end of a business date, as known now."""
    d = tables.account_day.c
    query = select(func.coalesce(func.sum(d.debit_minor - d.credit_minor), 0)).where(
        d.tenant_id == uow.scope.tenant_id.uuid, d.account_id == account.id.uuid, d.business_date <= day
    )
    debit_minor = int((await uow.execute(query)).scalar_one())
    return Money(debit_minor if account.type.debit_normal else -debit_minor, account.currency)


def leaves(uow: UnitOfWork, control: str, currency: Currency, day: date, owner: PartyId | None = None) -> Subquery:
    """The leaves of a control account that held something at the end of a business date: `account_id`, `debit_minor`.

    For the SQL of modules that join what the leaves were made for. Read are only accounts that had moved by then and
    were not settled for good, so that neither what is long settled nor what came later costs anything.
    """
    a, d, tenant = tables.account.c, tables.account_day.c, uow.scope.tenant_id.uuid
    moved = select(a.id).where(
        a.tenant_id == tenant, a.control == control, a.currency == currency.code, a.first_on <= day
    )
    if owner is not None:
        moved = moved.where(a.owner_party_id == owner.uuid)
    # Each half is one range of the index; an `or` of them would be a filter over everything that had moved by then.
    found = union_all(moved.where(a.settled_on.is_(None)), moved.where(a.settled_on > day)).subquery("moved")
    # Lateral, because the planner believes that many more are found, and would add up every account there is.
    held = (
        select(cast(func.sum(d.debit_minor - d.credit_minor), BigInteger).label("debit_minor"))
        .where(d.tenant_id == tenant, d.account_id == found.c.id, d.business_date <= day)
        .lateral("held")
    )
    query = select(found.c.id.label("account_id"), held.c.debit_minor).join_from(found, held, true())
    return query.where(held.c.debit_minor != 0).subquery("leaf")


async def _postings(uow: UnitOfWork, tenant_id: TenantId, entry_ids: Sequence[UUID]) -> dict[UUID, list[Posting]]:
    p, d = tables.posting.c, tables.account.alias("debited")
    query = (
        select(tables.posting, d.c.exponent)
        .join(d, and_(d.c.tenant_id == p.tenant_id, d.c.id == p.debit_account_id))
        .where(p.tenant_id == tenant_id.uuid, p.entry_id.in_(entry_ids))
        .order_by(p.entry_id, p.line)
    )
    found: dict[UUID, list[Posting]] = {entry_id: [] for entry_id in entry_ids}
    for row in await uow.execute(query):
        found[row.entry_id].append(_posting_of(row))
    return found


def _posting_of(row: Row[Any]) -> Posting:
    currency = Currency(row.currency, row.exponent)

    def money(minor: int | None) -> Money | None:
        return None if minor is None else Money(minor, currency)

    return Posting(
        line=row.line,
        debit=AccountId(row.debit_account_id),
        credit=AccountId(row.credit_account_id),
        amount=Money(row.amount_minor, currency),
        debit_version=row.debit_version,
        credit_version=row.credit_version,
        debit_balance=Money(row.debit_balance_minor, currency),
        credit_balance=Money(row.credit_balance_minor, currency),
        debit_floor=money(row.debit_floor_minor),
        credit_floor=money(row.credit_floor_minor),
        is_memo=row.is_memo,
    )


def entry_of(row: Row[Any], postings: list[Posting]) -> JournalEntry:
    """An entry row and its postings as a value."""
    return JournalEntry(
        id=EntryId(row.id),
        recipe=row.recipe,
        description=row.description,
        effective_at=row.effective_at,
        recorded_at=row.recorded_at,
        business_date=row.business_date,
        actor=row.actor,
        request_id=row.request_id,
        postings=postings,
        idempotency_key=row.idempotency_key,
        reverses=EntryId(row.reverses_id) if row.reverses_id else None,
        callback_id=row.callback_id,
        approver=row.approver,
        metadata=row.metadata,
    )
