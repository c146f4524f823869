"""The ledger's writing SQL: accounts, locks, and the set-based insert of decided entries.

The posting path uses the driver itself, one statement per table whatever the number of entries. PostgreSQL refuses
`COPY FROM` into a table with row security, so rows travel as arrays. What can travel with other statements is given as
a statement, and what comes back is read by a function of its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import RowMapping

from specie.kernel.ids import AccountId, PartyId
from specie.kernel.money import Currency, Money, minor_of
from specie.ledger import tables
from specie.ledger.budget_store import OF_GIVERS
from specie.ledger.model import Account, AccountSpec, AccountType, JournalEntry, Posting, Released
from specie.platform import arrays
from specie.platform.db import UnitOfWork
from specie.platform.idempotency import lock_number
from specie.platform.pipeline import Connection, Rows, Statement, pipelined

_COLUMNS = (
    "id, code, type, currency, exponent, owner_party_id, name, floor_minor, debits_frozen, credits_frozen,"
    " window_seconds, closed_at, balance_minor, version, last_recorded_at, owner_frozen,"
    " is_monitored"
)
_COLUMN_NAMES = _COLUMNS.split(", ")
_TYPES = {kind.value: kind for kind in AccountType}
# Rows are locked in the order of their ids everywhere, so two entries can never wait for each other.
_LOCK = f"""
select {_COLUMNS} from specie.account
 where tenant_id = %s and id = any(%s::uuid[]) order by id for no key update
"""  # noqa: S608
# The accounts of the budgets that a batch may draw on are locked along with its own: the server knows them by then.
_LOCK_WITH_BUDGETS = f"""
select {_COLUMNS} from specie.account
 where tenant_id = %s and id = any(%s::uuid[] || array(
       select unnest(array[b.source_account_id, b.day_account_id, b.month_account_id])
         from specie.budget b where {OF_GIVERS}))
 order by id for no key update
"""  # noqa: S608
_READ = f"select {_COLUMNS} from specie.account where tenant_id = %s and id = any(%s::uuid[])"  # noqa: S608
# What has aged out by now is one sum; what will soon is told apart, by the moment of its use.
_RELEASED = """
select p.credit_account_id as account_id, greatest(p.recorded_at, span.until) as used_at,
       sum(p.amount_minor)::bigint as amount_minor
  from unnest(%s::uuid[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[])
       as span (account_id, after, until, soon)
  join specie.posting p on p.tenant_id = %s and p.credit_account_id = span.account_id
   and p.recorded_at > span.after and p.recorded_at <= span.soon
 group by 1, 2
"""
# Who posts with a date of its own and who closes a period wait for each other, so that neither overlooks the other.
_CLOSED_THROUGH = """
select closed_through from specie.period_closing where tenant_id = %s order by id desc limit 1
"""
_INSERT_ENTRIES = """
insert into specie.journal_entry (tenant_id, id, recipe, description, effective_at, recorded_at, business_date, actor,
    request_id, idempotency_key, command_key, command_fingerprint, reverses_id, callback_id, approver, metadata)
select %s, * from unnest(%s::uuid[], %s::text[], %s::text[], %s::timestamptz[], %s::timestamptz[], %s::date[],
    %s::text[], %s::uuid[], %s::text[], %s::text[], %s::jsonb[], %s::uuid[], %s::uuid[], %s::text[], %s::jsonb[])
"""
_INSERT_POSTINGS = """
insert into specie.posting (tenant_id, entry_id, line, debit_account_id, credit_account_id, currency, amount_minor,
    debit_version, credit_version, debit_balance_minor, credit_balance_minor, debit_floor_minor, credit_floor_minor,
    is_memo, recorded_at, business_date)
select %s, * from unnest(%s::uuid[], %s::int[], %s::uuid[], %s::uuid[], %s::text[], %s::bigint[], %s::bigint[],
    %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::boolean[], %s::timestamptz[], %s::date[])
"""


async def insert_account(uow: UnitOfWork, account_id: AccountId, spec: AccountSpec) -> bool:
    """Insert unless code and currency are taken; whether it was inserted."""
    row = _account_row(uow, account_id, spec)
    statement = insert(tables.account).values(row).on_conflict_do_nothing().returning(tables.account.c.id)
    return (await uow.execute(statement)).scalar_one_or_none() is not None


async def insert_accounts(
    uow: UnitOfWork, new: Sequence[tuple[AccountId, AccountSpec]], *, unless_taken: bool = False
) -> None:
    """Insert accounts, with one statement: of codes that nobody else can have taken, or of those nobody has taken."""
    statement = insert(tables.account)
    rows = [_account_row(uow, account_id, spec) for account_id, spec in new]
    await uow.execute(statement.on_conflict_do_nothing() if unless_taken else statement, rows)


def _account_row(uow: UnitOfWork, account_id: AccountId, spec: AccountSpec) -> dict[str, Any]:
    return {
        "tenant_id": uow.scope.tenant_id.uuid,
        "id": account_id.uuid,
        "code": spec.code,
        "type": spec.type.value,
        "currency": spec.currency.code,
        "exponent": spec.currency.exponent,
        "owner_party_id": spec.owner.uuid if spec.owner else None,
        "name": spec.name,
        "floor_minor": spec.floor.minor if spec.floor is not None else None,
        "window_seconds": spec.window_seconds,
        "control": spec.control,
        "opened_at": uow.now,
    }


async def account_by_code(uow: UnitOfWork, code: str, currency: Currency) -> Account | None:
    """The account of a code and currency."""
    c = tables.account.c
    query = select(tables.account).where(
        c.tenant_id == uow.scope.tenant_id.uuid, c.code == code, c.currency == currency.code
    )
    row = (await uow.execute(query)).mappings().one_or_none()
    return account_of(row) if row else None


async def account_by_id(uow: UnitOfWork, account_id: AccountId, *, lock: bool = False) -> Account | None:
    """One account, locked against postings and changes when asked."""
    c = tables.account.c
    query = select(tables.account).where(c.tenant_id == uow.scope.tenant_id.uuid, c.id == account_id.uuid)
    if lock:
        query = query.with_for_update(key_share=True)
    row = (await uow.execute(query)).mappings().one_or_none()
    return account_of(row) if row else None


async def change_account(uow: UnitOfWork, account_id: AccountId, **values: Any) -> None:
    """Set floor, freezes, name or closing time of an account locked before."""
    c = tables.account.c
    where = (c.tenant_id == uow.scope.tenant_id.uuid, c.id == account_id.uuid)
    await uow.execute(update(tables.account).where(*where).values(values))


async def entries_of_tenant(uow: UnitOfWork) -> int:
    """How many entries the tenant has written."""
    query = select(func.count()).where(tables.journal_entry.c.tenant_id == uow.scope.tenant_id.uuid)
    return int((await uow.execute(query)).scalar_one())


async def lock_accounts(connection: Connection, tenant: UUID, ids: Iterable[AccountId]) -> dict[AccountId, Account]:
    """Read accounts under row locks, in the order of their ids. Unknown ids are simply missing."""
    [rows] = await pipelined(connection, [Statement(_LOCK, [tenant, _uuids(ids)])])
    return accounts_in(rows)


def account_locks(tenant: UUID, ids: Iterable[AccountId], actors: Iterable[str], keys: Iterable[UUID]) -> Statement:
    """Locks and reads accounts, and those of the budgets of actors and of API keys; `accounts_in` takes the answer."""
    budgets = [tenant, arrays.texts(list(actors)), arrays.uuids(list(keys))]
    return Statement(_LOCK_WITH_BUDGETS, [tenant, _uuids(ids), *budgets])


def reading(tenant: UUID, ids: Iterable[AccountId]) -> Statement:
    """Reads accounts as they are, without locks; `accounts_in` takes the answer."""
    return Statement(_READ, [tenant, _uuids(ids)])


def _uuids(ids: Iterable[AccountId]) -> arrays.Array:
    return arrays.uuids([account_id.uuid for account_id in ids])


def accounts_in(rows: Rows) -> dict[AccountId, Account]:
    """The accounts that a statement has read."""
    accounts = [_account(row) for row in rows]
    return {account.id: account for account in accounts}


async def released(
    connection: Connection, tenant: UUID, used: Iterable[tuple[Account, datetime | None]], now: datetime, soon: datetime
) -> dict[AccountId, list[Released]]:
    """What each rolling allowance gets back since it was last used: by now, and from now until soon."""
    allowances = list(used)
    [rows] = await pipelined(connection, [releasing(tenant, allowances, now, soon)]) if allowances else [[]]
    return released_in(rows, [account for account, _ in allowances])


def releasing(
    tenant: UUID, used: Iterable[tuple[Account, datetime | None]], now: datetime, soon: datetime
) -> Statement:
    """Reads what allowances get back, each with the time of its last use; `released_in` takes the answer."""
    spans: list[tuple[UUID, datetime, datetime, datetime]] = []
    for account, last_used_at in used:
        if account.window_seconds is not None and last_used_at is not None:
            window = timedelta(seconds=account.window_seconds)
            spans.append((account.id.uuid, last_used_at - window, now - window, soon - window))
    ids = arrays.uuids([span[0] for span in spans])
    moments = [arrays.moments([span[nth] for span in spans]) for nth in (1, 2, 3)]  # type: ignore[misc]
    return Statement(_RELEASED, [ids, *moments, tenant])


def released_in(rows: Rows, allowances: Sequence[Account]) -> dict[AccountId, list[Released]]:
    """What a statement has read for the allowances."""
    found: dict[AccountId, list[Released]] = {account.id: [] for account in allowances}
    known = {account.id.uuid: account for account in allowances}
    for row in rows:
        account = known[row.account_id]
        at = row.used_at + timedelta(seconds=account.window_seconds or 0)
        found[account.id].append(Released(at, Money(row.amount_minor, account.currency)))
    return found


async def closed_through(connection: Connection, tenant: UUID) -> date | None:
    """The last business date whose books are closed; until this transaction ends nobody closes or reopens more."""
    lock = Statement("select pg_advisory_xact_lock_shared(%s::bigint)", [period_lock(tenant)])
    _, rows = await pipelined(connection, [lock, Statement(_CLOSED_THROUGH, [tenant])])
    return rows[0].closed_through if rows else None


def period_lock(tenant: UUID) -> int:
    """The number of the lock between posting with a date of one's own and closing a period."""
    return lock_number(f"ledger.period/{tenant}")


def insertions(
    tenant: UUID, entries: Sequence[JournalEntry], commands: Mapping[UUID, "CommandRecord"]
) -> list[Statement]:
    """Write decided entries and their postings, two statements in all; the trigger moves the balances."""
    records = [commands.get(entry.id.uuid, _NO_COMMAND) for entry in entries]
    heads = [
        tenant,
        arrays.uuids([entry.id.uuid for entry in entries]),
        arrays.texts([entry.recipe for entry in entries]),
        arrays.texts([entry.description for entry in entries]),
        arrays.moments([entry.effective_at for entry in entries]),
        arrays.moments([entry.recorded_at for entry in entries]),
        arrays.days([entry.business_date for entry in entries]),
        arrays.texts([entry.actor for entry in entries]),
        arrays.uuids([entry.request_id for entry in entries]),
        arrays.texts([entry.idempotency_key for entry in entries]),
        arrays.texts([record.key for record in records]),
        arrays.documents([record.fingerprint for record in records]),
        arrays.uuids([entry.reverses.uuid if entry.reverses else None for entry in entries]),
        arrays.uuids([entry.callback_id for entry in entries]),
        arrays.texts([entry.approver for entry in entries]),
        arrays.documents([entry.metadata for entry in entries]),
    ]
    lines = [(entry, line) for entry in entries for line in entry.postings]
    return [Statement(_INSERT_ENTRIES, heads), Statement(_INSERT_POSTINGS, _posting_columns(tenant, lines))]


def _posting_columns(tenant: UUID, lines: Sequence[tuple[JournalEntry, Posting]]) -> list[Any]:
    postings = [line for _, line in lines]
    return [
        tenant,
        arrays.uuids([entry.id.uuid for entry, _ in lines]),
        arrays.integers([line.line for line in postings]),
        arrays.uuids([line.debit.uuid for line in postings]),
        arrays.uuids([line.credit.uuid for line in postings]),
        arrays.texts([line.amount.currency.code for line in postings]),
        arrays.bigints([line.amount.minor for line in postings]),
        arrays.bigints([line.debit_version for line in postings]),
        arrays.bigints([line.credit_version for line in postings]),
        arrays.bigints([line.debit_balance.minor for line in postings]),
        arrays.bigints([line.credit_balance.minor for line in postings]),
        arrays.bigints([minor_of(line.debit_floor) for line in postings]),
        arrays.bigints([minor_of(line.credit_floor) for line in postings]),
        arrays.booleans([line.is_memo for line in postings]),
        arrays.moments([entry.recorded_at for entry, _ in lines]),
        arrays.days([entry.business_date for entry, _ in lines]),
    ]


class CommandRecord:
    """The key and fingerprint a batched entry keeps as its own idempotency record."""

    __slots__ = ("fingerprint", "key")

    def __init__(self, key: str | None, fingerprint: dict[str, str] | None) -> None:
        self.key = key
        self.fingerprint = fingerprint


_NO_COMMAND = CommandRecord(None, None)


def account_of(row: Mapping[str, Any] | RowMapping) -> Account:
    """An account row as a value."""
    return _account([row[name] for name in _COLUMN_NAMES])


def _account(row: Sequence[Any]) -> Account:
    """An account from the values of `_COLUMNS`; the exponent is the one it was opened with."""
    account_id, code, kind, currency_code, exponent, owner, name, floor_minor, *rest = row
    debits_frozen, credits_frozen, window_seconds, closed_at, balance_minor, *latest = rest
    version, last_recorded_at, owner_frozen, is_monitored = latest
    currency = _currency(currency_code, exponent)
    return Account(
        AccountId(account_id),
        code,
        _TYPES[kind],
        currency,
        None if owner is None else PartyId(owner),
        name,
        None if floor_minor is None else Money(floor_minor, currency),
        debits_frozen,
        credits_frozen,
        window_seconds,
        closed_at,
        Money(balance_minor, currency),
        version,
        last_recorded_at,
        owner_frozen,
        is_monitored,
    )


@cache
def _currency(code: str, exponent: int) -> Currency:
    return Currency(code, exponent)
