"""Books of any size, made set-wise by the server and accepted by `specie verify`.

One entry is posted by the ledger itself; the others repeat its shape with accounts, versions, balances and times that
follow from one another. The guard on postings, the publisher and the sealer work on them as on any others.
"""

from datetime import timedelta

import psycopg

from benchmarks.books import IDR, RECIPE
from specie import events, ledger
from specie.kernel.ids import TenantId
from specie.kernel.money import Money
from specie.kernel.scope import Scope
from specie.ledger import AccountSpec, AccountType, EntryDraft, Leg
from specie.platform.db import Database

ACCOUNTS = 1000
_CHUNK = 50_000
# A month of days at a million postings.
STEP = timedelta(seconds=2.5)

_MADE = """
create temporary table made on commit drop as
with account as (
    select id, version, balance_minor, row_number() over (order by code) - 1 as place
      from specie.account where tenant_id = %(tenant)s and code like 'asset:grown%%'
), planned as (
    select i, uuidv7() as entry_id, 1 + i %% 97 as amount,
           i %% %(accounts)s as debit, (i + 1 + (i / %(accounts)s) %% (%(accounts)s - 1)) %% %(accounts)s as credit
      from generate_series(%(first)s::bigint, %(last)s::bigint) as i
), side as (
    select i, debit as place, amount as change, true as is_debit from planned
    union all
    select i, credit, -amount, false from planned
), walked as (
    select side.i, side.is_debit, account.id,
           account.version + row_number() over walk as version,
           account.balance_minor + sum(side.change) over walk as balance
      from side join account using (place)
    window walk as (partition by side.place order by side.i)
), base as (
    select e.*, %(start)s::timestamptz as start from specie.journal_entry e
     where e.tenant_id = %(tenant)s and e.id = %(sample)s
)
select planned.i, planned.entry_id, planned.amount, base.start + planned.i * %(step)s::interval as at,
       d.id as debit, d.version as debit_version, d.balance::bigint as debit_balance,
       c.id as credit, c.version as credit_version, c.balance::bigint as credit_balance
  from planned cross join base
  join walked d on d.i = planned.i and d.is_debit
  join walked c on c.i = planned.i and not c.is_debit
"""
_ENTRIES = """
insert into specie.journal_entry (tenant_id, id, recipe, description, effective_at, recorded_at, business_date, actor,
                                  request_id, metadata)
select %(tenant)s, made.entry_id, e.recipe, e.description, made.at, made.at, (made.at at time zone 'UTC')::date,
       e.actor, e.request_id, e.metadata
  from made cross join specie.journal_entry e
 where e.tenant_id = %(tenant)s and e.id = %(sample)s order by made.i
"""
_POSTINGS = """
insert into specie.posting (tenant_id, entry_id, line, debit_account_id, credit_account_id, currency, amount_minor,
                            debit_version, credit_version, debit_balance_minor, credit_balance_minor, is_memo,
                            recorded_at, business_date)
select %(tenant)s, entry_id, 0, debit, credit, 'IDR', amount, debit_version, credit_version, debit_balance,
       credit_balance, false, at, (at at time zone 'UTC')::date
  from made order by i
"""
_EVENTS = """
with told as (
    insert into specie.event (tenant_id, id, type, schema_version, subject_kind, subject_id, subject_version, data,
                              party_id, actor, request_id, occurred_at, recorded_at)
    select e.tenant_id, made.entry_id, e.type, e.schema_version, e.subject_kind, made.entry_id::text, e.subject_version,
           e.data, e.party_id, e.actor, e.request_id, made.at, made.at
      from made cross join specie.event e
     where e.tenant_id = %(tenant)s and e.id = %(sample)s
)
insert into specie.event_unnumbered (tenant_id, event_id) select %(tenant)s, entry_id from made order by i
"""


class Grown:
    """One tenant's books, which can be made larger."""

    def __init__(self, database: Database, scope: Scope, superuser_url: str) -> None:
        self.scope = scope
        self.postings = 0
        self._database = database
        self._url = superuser_url
        self._values: dict[str, object] = {}

    async def begin(self) -> None:
        """Open the accounts and post the entry that the others repeat."""
        async with self._database.begin(self.scope) as uow:
            opened = [
                await ledger.open_account(uow, AccountSpec(f"asset:grown{n:04}", AccountType.ASSET, IDR))
                for n in range(ACCOUNTS)
            ]
            first, second = opened[0], opened[1]
            entry = await ledger.post(uow, EntryDraft(RECIPE, [Leg(first.id, second.id, Money(5, IDR))]))
        self.postings = 1
        self._values = {
            "tenant": self.tenant.uuid,
            "sample": entry.id.uuid,
            "start": entry.recorded_at,
            "accounts": ACCOUNTS,
            "step": STEP,
        }

    @property
    def tenant(self) -> TenantId:
        """Whose books they are."""
        return self.scope.tenant_id

    async def grow_to(self, postings: int) -> None:
        """Add postings up to the number, number their events, seal them, and tell the planner."""
        while self.postings < postings:
            last = min(postings - 1, self.postings + _CHUNK - 1)
            with psycopg.connect(self._url) as connection:
                # The guard on postings runs as the owner, who is fenced to one tenant as well.
                connection.execute("select set_config('app.tenant_id', %s, true)", [str(self.tenant.uuid)])
                for statement in (_MADE, _ENTRIES, _POSTINGS, _EVENTS):
                    connection.execute(statement, self._values | {"first": self.postings, "last": last})
            self.postings = last + 1
            await self._number()
        await self._seal()
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute("vacuum analyze")

    async def _number(self) -> None:
        while True:
            async with self._database.system() as uow:
                if not await events.number_pending(uow, 10_000):
                    return

    async def _seal(self) -> None:
        while True:
            async with self._database.system() as uow:
                if not await ledger.seal_pending(uow):
                    return
