"""The SQL of archives: which rows a tenant owns, copied out at one moment and copied in past the triggers."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, LiteralString
from uuid import UUID

import psycopg
from psycopg import sql

from specie.kernel.ids import TenantId
from specie.platform.postgres_roles import JOBS_SCHEMA, SCHEMA

Books = psycopg.AsyncConnection[Any]
JOBS = f"{JOBS_SCHEMA}.procrastinate_jobs"
# Who is signed in, who tried in vain, and what the installation signs over all of its tenants stay behind; the
# others are part of every installation.
LEFT_OUT = frozenset(
    {
        *("session", "refresh_token", "password_reset", "login_throttle", "sso_attempt"),
        *("ledger_checkpoint", "ledger_checkpoint_part"),
        *("payment_edge", "payout_edge", "schema_version"),
    }
)
# By whose rows a table is chosen that has neither of the two usual columns.
_OWNED_BY: dict[str, LiteralString] = {
    "tenant": "id = any({tenants})",
    "app_user": "id in (select user_id from specie.membership where tenant_id = any({tenants}))",
    "totp": "user_id in (select user_id from specie.membership where tenant_id = any({tenants}))",
    "recovery_code": "user_id in (select user_id from specie.membership where tenant_id = any({tenants}))",
}
_WAITING: LiteralString = "status in ('todo', 'doing') and args ->> 'tenant_id' = any({names})"
# What a job is begun with again; its number and its tries are the installation's.
_JOB_COLUMNS = ["queue_name", "task_name", "priority", "lock", "queueing_lock", "args", "scheduled_at"]

_COLUMNS = """
select c.relname as name, array_agg(a.attname order by a.attnum) filter (where a.attgenerated = '') as columns
  from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
 where c.relnamespace = 'specie'::regnamespace and c.relkind = 'r' and c.relpersistence = 'p'
 group by 1 order by 1
"""
_KEY = """
select a.attname as name, a.atttypid = 'text'::regtype as is_text
  from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)
 where i.indrelid = %s::regclass and i.indisprimary order by a.attnum
"""
_TENANTS = """
select t.id, t.slug, t.name, t.mode from specie.tenant t
 where t.slug = %(slug)s or t.twin_id = (select id from specie.tenant where slug = %(slug)s) order by t.mode, t.id
"""
_HEADS = """
select tenant_id::text as tenant, number, encode(hash, 'hex') as hash from specie.ledger_head
 where tenant_id = any(%s) order by 1
"""
_FEEDS = "select tenant_id::text as tenant, max(n) as n from specie.event_number where tenant_id = any(%s) group by 1"
_FOREIGN = """
select k.conrelid::regclass::text as source, k.confrelid::regclass::text as target, k.conname as name,
       (select array_agg(a.attname order by u.place) from unnest(k.conkey) with ordinality u (number, place)
          join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.number) as columns,
       (select array_agg(a.attname order by u.place) from unnest(k.confkey) with ordinality u (number, place)
          join pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.number) as others
  from pg_constraint k where k.contype = 'f' and k.connamespace = 'specie'::regnamespace order by 1, 3
"""
_SEQUENCES = """
select c.relname as name, a.attname as column, pg_get_serial_sequence('specie.' || c.relname, a.attname) as sequence
  from pg_attribute a join pg_class c on c.oid = a.attrelid
 where c.relnamespace = 'specie'::regnamespace and a.attidentity <> '' and not a.attisdropped
"""
# The same values are the same text wherever they are read.
_PLAIN = """
set local timezone = 'UTC'; set local datestyle = 'ISO, YMD'; set local intervalstyle = 'iso_8601';
set local bytea_output = 'hex'; set local extra_float_digits = 1; set local search_path = specie, jobs;
set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0
"""


class RowsUnfit(Exception):
    """Rows that the database does not take."""


class TableUnknown(Exception):
    """A table that nobody has said of whether a tenant owns rows in it."""


@dataclass(frozen=True, slots=True)
class Owned:
    """A table of which tenants own rows, by its name with the schema, and its columns in the order of the file."""

    name: str
    columns: list[str]
    which: LiteralString
    order: sql.Composable

    def query(self, tenants: Sequence[UUID]) -> sql.Composed:
        """The tenants' rows, in an order that is the same everywhere."""
        schema, _, table = self.name.partition(".")
        names = [str(TenantId(tenant)) for tenant in tenants]
        which = sql.SQL(self.which).format(tenants=sql.Literal(list(tenants)), names=sql.Literal(names))
        return sql.SQL("select {} from {} where {} order by {}").format(
            _listed(self.columns), sql.Identifier(schema, table), which, self.order
        )


@asynccontextmanager
async def moment(url: str) -> AsyncIterator[Books]:
    """A read-only transaction that sees one moment, however long it takes."""
    async with await psycopg.AsyncConnection.connect(url) as connection:
        await connection.set_isolation_level(psycopg.IsolationLevel.REPEATABLE_READ)
        await connection.set_read_only(True)
        await settle(connection)
        yield connection


async def settle(connection: Books) -> None:
    """Make values read alike everywhere for this transaction, which may take its time."""
    await connection.execute(_PLAIN)


async def sees_everything(connection: Books) -> bool:
    """Whether the role is a superuser: only such a role sees every row and may leave triggers out."""
    return bool(await _one(connection, "select rolsuper from pg_roles where rolname = current_user"))


async def revision(connection: Books) -> str:
    """The schema's version."""
    return str(await _one(connection, "select version_num from specie.schema_version"))


async def tenants_named(connection: Books, slug: str) -> list[dict[str, Any]]:
    """A tenant with its sandbox, or a sandbox with its tenant."""
    cursor = await connection.execute(_TENANTS, {"slug": slug})
    return [{"id": row[0], "slug": row[1], "name": row[2], "mode": row[3]} for row in await cursor.fetchall()]


async def owned_tables(connection: Books) -> list[Owned]:
    """Every table with rows of tenants. Raises TableUnknown."""
    rows = await (await connection.execute(_COLUMNS)).fetchall()
    found = [await _owned(connection, name, columns) for name, columns in rows if name not in LEFT_OUT]
    return [*found, Owned(JOBS, _JOB_COLUMNS, _WAITING, sql.SQL("id"))]


async def _owned(connection: Books, name: str, columns: list[str]) -> Owned:
    which = _OWNED_BY.get(name)
    if which is None and "tenant_id" in columns:
        which = "tenant_id = any({tenants})"
    if which is None and "of_tenant" in columns:
        which = "of_tenant = any({tenants})"
    if which is None:
        raise TableUnknown(f"say in tenant_archive whether a tenant owns rows of {name}")
    key = await (await connection.execute(_KEY, [f"{SCHEMA}.{name}"])).fetchall()
    # Texts sort differently under other rules of language.
    parts = [
        sql.SQL('{} collate "C"').format(sql.Identifier(column)) if is_text else sql.Identifier(column)
        for column, is_text in key
    ]
    return Owned(f"{SCHEMA}.{name}", columns, which, sql.SQL(", ").join(parts))


async def lines(connection: Books, table: Owned, tenants: Sequence[UUID]) -> AsyncIterator[bytes]:
    """The tenants' rows as lines of CSV, as they come."""
    copy = sql.SQL("copy ({}) to stdout (format csv)").format(table.query(tenants))
    async with connection.cursor() as cursor, cursor.copy(copy) as rows:
        async for line in rows:
            yield bytes(line)


async def file_keys(connection: Books, tables: Sequence[Owned], tenants: Sequence[UUID]) -> list[str]:
    """The keys of the files that the tenants' rows name."""
    found: set[str] = set()
    for table in tables:
        if "storage_key" not in table.columns:
            continue
        query = sql.SQL("select storage_key from ({}) named where storage_key is not null").format(table.query(tenants))
        found |= {row[0] for row in await (await connection.execute(query)).fetchall()}
    return sorted(found)


async def ends(connection: Books, tenants: Sequence[UUID]) -> dict[str, Any]:
    """Where the chains of blocks and the feeds end."""
    heads = await (await connection.execute(_HEADS, [list(tenants)])).fetchall()
    feeds = await (await connection.execute(_FEEDS, [list(tenants)])).fetchall()
    return {"heads": [list(row) for row in heads], "feeds": sorted(list(row) for row in feeds)}


async def is_empty(connection: Books) -> bool:
    """Whether the installation has no tenant; nobody can make one until this transaction ends."""
    await connection.execute("lock table specie.tenant in exclusive mode")
    return not await _one(connection, "select exists (select 1 from specie.tenant)")


async def leave_triggers_out(connection: Books) -> None:
    """Rows are taken as they were decided once; what triggers would refuse is proved afterwards."""
    await connection.execute("set local session_replication_role = replica")


async def copy_in(connection: Books, name: str, columns: list[str], pieces: Iterable[bytes]) -> None:
    """Insert rows of CSV, which come in pieces of any length. Raises RowsUnfit."""
    schema, _, table = name.partition(".")
    copy = sql.SQL("copy {} ({}) from stdin (format csv)").format(sql.Identifier(schema, table), _listed(columns))
    try:
        async with connection.cursor() as cursor, cursor.copy(copy) as rows:
            for piece in pieces:
                await rows.write(piece)
    except psycopg.Error as error:
        raise RowsUnfit(f"{name}: {error}") from error


async def go_on_numbering(connection: Books) -> None:
    """Numbers that the database gives follow those that came in."""
    for table, column, sequence in await (await connection.execute(_SEQUENCES)).fetchall():
        query = sql.SQL("select setval({}, coalesce(max({}), 0) + 1, false) from {}").format(
            sql.Literal(sequence), sql.Identifier(column), sql.Identifier(SCHEMA, table)
        )
        await connection.execute(query)


async def dangling(connection: Books) -> str | None:
    """The first reference that leads nowhere, by its name; None when all lead somewhere."""
    for source, target, name, columns, others in await (await connection.execute(_FOREIGN)).fetchall():
        given = sql.SQL(" and ").join(sql.SQL("s.{} is not null").format(sql.Identifier(each)) for each in columns)
        same = sql.SQL(" and ").join(
            sql.SQL("s.{} = t.{}").format(sql.Identifier(mine), sql.Identifier(other))
            for mine, other in zip(columns, others, strict=True)
        )
        query = sql.SQL(
            "select exists (select 1 from {} s where {} and not exists (select 1 from {} t where {}))"
        ).format(_table(source), given, _table(target), same)
        if await _one(connection, query):
            return f"{source}: {name}"
    return None


def _table(name: str) -> sql.Composed:
    return sql.Composed([sql.Identifier(SCHEMA, name.rpartition(".")[2])])


def _listed(columns: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))


async def _one(connection: Books, query: Any) -> Any:
    row = await (await connection.execute(query)).fetchone()
    return row[0] if row else None
