"""The SQL of backups: one snapshot that the dump and the manifest share, and what the books held in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from specie.platform.postgres_roles import JOBS_SCHEMA, SCHEMA

_TABLES = """
select n.nspname as schema, c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where n.nspname in (%s, %s) and c.relkind = 'r' and c.relpersistence = 'p' order by 1, 2
"""
_HEADS = "select tenant_id::text, number, encode(hash, 'hex') as hash from specie.ledger_head order by 1"
_REVISION = "select version_num from specie.schema_version"
_CHECKPOINT = "select coalesce(max(number), 0) from specie.ledger_checkpoint"
_SEES_ALL = "select rolsuper or rolbypassrls from pg_roles where rolname = current_user"


@contextmanager
def snapshot(url: str) -> Iterator[tuple[psycopg.Connection[Any], str]]:
    """A read-only transaction at one moment, and the name by which others join it while it lasts."""
    with psycopg.connect(url) as connection:
        connection.execute("set transaction isolation level repeatable read, read only")
        [name] = connection.execute("select pg_export_snapshot()").fetchone() or [""]
        yield connection, name


def sees_everything(connection: psycopg.Connection[Any]) -> bool:
    """Whether the role reads through row security; any other would back up a part and call it all."""
    row = connection.execute(_SEES_ALL).fetchone()
    return bool(row and row[0])


def contents(connection: psycopg.Connection[Any]) -> dict[str, Any]:
    """Revision, rows of every table, the head of every tenant's chain and the last checkpoint."""
    with connection.cursor(row_factory=dict_row) as cursor:
        heads = cursor.execute(_HEADS).fetchall()
    tables = connection.execute(_TABLES, [SCHEMA, JOBS_SCHEMA]).fetchall()
    return {
        "revision": _one(connection, _REVISION),
        "rows": {f"{schema}.{name}": _count(connection, schema, name) for schema, name in tables},
        "heads": heads,
        "checkpoint": _one(connection, _CHECKPOINT),
    }


def _count(connection: psycopg.Connection[Any], schema: str, name: str) -> int:
    query = sql.SQL("select count(*) from {}.{}").format(sql.Identifier(schema), sql.Identifier(name))
    [number] = connection.execute(query).fetchone() or [0]
    return int(number)


def _one(connection: psycopg.Connection[Any], query: Any) -> Any:
    row = connection.execute(query).fetchone()
    return row[0] if row else None
