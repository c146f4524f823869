"""Every table of tenants, found in the database itself: fenced with no tenant set, and against another tenant."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from specie.app import selfcheck_store
from specie.kernel.ids import uuid7
from tests.support.server import DatabaseUrls

_TENANT_TABLES = """
select c.relname from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
 where n.nspname = 'specie' and c.relkind in ('r', 'p') order by 1
"""
_COLUMNS = """
select a.attname, format_type(a.atttypid, null), a.attnotnull and not a.atthasdef and a.attidentity = ''
  from pg_attribute a where a.attrelid = %s::regclass and a.attnum > 0 and not a.attisdropped order by a.attnum
"""
_VALUES: dict[str, Any] = {
    "bigint": 1,
    "boolean": False,
    "bytea": b"\0" * 32,
    "date": "2026-01-01",
    "inet": "127.0.0.1",
    "integer": 1,
    "jsonb": "{}",
    "numeric": 1,
    "smallint": 1,
    "text": "x",
    "time without time zone": "00:00",
    "timestamp with time zone": "2026-01-01T00:00:00Z",
    "uuid": UUID(int=1),
}


@pytest.fixture
def as_app(database_urls: DatabaseUrls) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database_urls.app) as connection:
        yield connection
        connection.rollback()


@pytest.fixture(scope="module")
def tenant_tables(database_urls: DatabaseUrls) -> list[str]:
    with psycopg.connect(database_urls.superuser) as connection:
        return [name for (name,) in connection.execute(_TENANT_TABLES)]


def test_the_tables_are_found(tenant_tables: list[str]) -> None:
    assert {"account", "journal_entry", "posting", "idempotency", "audit", "event", "request_log"} <= set(tenant_tables)


def test_row_security_is_forced_on_every_table_of_tenants(database_urls: DatabaseUrls) -> None:
    assert selfcheck_store.read_schema(database_urls.app).unprotected == []


@pytest.mark.breaks_the_books
def test_without_a_tenant_nothing_is_seen(
    tenant_tables: list[str], as_app: psycopg.Connection, superuser_connection: psycopg.Connection
) -> None:
    for table in tenant_tables:
        with _planted(superuser_connection, table, uuid7()):
            assert _count(as_app, table) in (0, None), table


@pytest.mark.breaks_the_books
def test_another_tenant_sees_nothing(
    tenant_tables: list[str], as_app: psycopg.Connection, superuser_connection: psycopg.Connection
) -> None:
    _act_as(as_app, uuid7())
    for table in tenant_tables:
        with _planted(superuser_connection, table, uuid7()):
            assert _count(as_app, table) in (0, None), table


@pytest.mark.breaks_the_books
def test_the_tenant_itself_sees_its_row(
    tenant_tables: list[str], as_app: psycopg.Connection, superuser_connection: psycopg.Connection
) -> None:
    for table in tenant_tables:
        tenant = uuid7()
        _act_as(as_app, tenant)
        with _planted(superuser_connection, table, tenant):
            assert _count(as_app, table) in (1, None), table


@pytest.mark.parametrize("acting_as", [None, uuid7()])
def test_a_row_for_no_tenant_or_another_one_is_refused(
    acting_as: UUID | None, tenant_tables: list[str], as_app: psycopg.Connection
) -> None:
    for table in tenant_tables:
        if acting_as is not None:
            _act_as(as_app, acting_as)
        # A trigger that looks before the policy does may be the one to refuse.
        with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.CheckViolation)):
            as_app.execute(_insert(as_app, table, uuid7()))
        as_app.rollback()


def _act_as(connection: psycopg.Connection, tenant: UUID) -> None:
    connection.execute("select set_config('app.tenant_id', %s, false)", [str(tenant)])


def _count(connection: psycopg.Connection, table: str) -> int | None:
    """How many rows the role sees; None when it may not even ask."""
    query = sql.SQL("select count(*) from specie.{}").format(sql.Identifier(table))
    try:
        with connection.transaction():
            row = connection.execute(query).fetchone()
    except psycopg.errors.InsufficientPrivilege:
        return None
    return row[0] if row else 0


class _planted:  # noqa: N801
    """One row of a table, put there past every check for as long as the block runs."""

    def __init__(self, connection: psycopg.Connection, table: str, tenant: UUID) -> None:
        self._connection = connection
        self._table = table
        self._tenant = tenant

    def __enter__(self) -> None:
        # Triggers and foreign keys rest for this session, and checks are given what they like least to be asked.
        self._connection.execute("set session_replication_role = replica")
        self._drop_checks()
        self._connection.execute(_insert(self._connection, self._table, self._tenant))

    def _drop_checks(self) -> None:
        rows = self._connection.execute(
            "select conname from pg_constraint where conrelid = %s::regclass and contype = 'c'",
            [f"specie.{self._table}"],
        ).fetchall()
        for (name,) in rows:
            self._connection.execute(
                sql.SQL("alter table specie.{} drop constraint {}").format(
                    sql.Identifier(self._table), sql.Identifier(name)
                )
            )

    def __exit__(self, *_: object) -> None:
        self._connection.execute(
            sql.SQL("delete from specie.{} where tenant_id = {}").format(
                sql.Identifier(self._table), sql.Literal(self._tenant)
            )
        )


def _value(kind: str) -> Any:
    return [] if kind.endswith("[]") else _VALUES[kind]


def _insert(connection: psycopg.Connection, table: str, tenant: UUID) -> sql.Composed:
    """A row of this tenant with something of the right type in every column that needs a value."""
    columns = connection.execute(_COLUMNS, [f"specie.{table}"]).fetchall()
    values = {name: _value(kind) for name, kind, needed in columns if needed} | {"tenant_id": tenant}
    return sql.SQL("insert into specie.{} ({}) values ({})").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, values)),
        sql.SQL(", ").join(map(sql.Literal, values.values())),
    )
