"""Migrations: complete in one go, repeatable, and safe to start twice at once."""

from concurrent.futures import ProcessPoolExecutor
from datetime import date
from multiprocessing import get_context
from uuid import uuid4

import psycopg
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, text

from migrations.helpers import for_each_tenant
from specie.platform import migrate
from tests.support.server import DatabaseUrls, ServerForTests


def test_a_fresh_test_database_has_nothing_pending(database_urls: DatabaseUrls) -> None:
    assert migrate.pending(database_urls.owner) == []
    assert migrate.current(database_urls.owner) is not None


def test_upgrading_twice_applies_nothing_the_second_time(database_urls: DatabaseUrls) -> None:
    assert migrate.upgrade(database_urls.owner) == []


def test_an_empty_database_has_everything_pending(postgres_server: ServerForTests) -> None:
    with postgres_server.empty_database() as urls:
        assert migrate.current(urls.owner) is None
        pending = migrate.pending(urls.owner)
        assert pending[0] == "0001"
        assert migrate.upgrade(urls.owner) == pending
        assert migrate.current(urls.owner) == pending[-1]


def test_two_upgrades_at_once_apply_each_migration_once(postgres_server: ServerForTests) -> None:
    processes = ProcessPoolExecutor(2, get_context("spawn"))
    with postgres_server.empty_database() as urls, processes:
        list(processes.map(migrate.upgrade, [urls.owner, urls.owner]))
        assert migrate.pending(urls.owner) == []


def test_a_migration_writes_for_each_tenant_though_row_security_holds_for_the_owner(
    database_urls: DatabaseUrls, superuser_connection: psycopg.Connection
) -> None:
    tenants = {uuid4(), uuid4()}
    for tenant in tenants:
        superuser_connection.execute(
            "insert into specie.tenant_lookup (slug, of_tenant, mode, created_at) values (%s, %s, 'live', now())",
            [f"t-{tenant.hex}", tenant],
        )
    engine = create_engine(database_urls.owner.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        for_each_tenant("""
        insert into specie.due (tenant_id, due_at, kind, payload)
        values (specie.app_tenant(), '2000-01-01T00:00:00Z', 'test', '{}')
        """)
        assert connection.execute(text("select count(*) from specie.due")).scalar() == 0
    engine.dispose()
    rows = superuser_connection.execute("select tenant_id from specie.due where kind = 'test'").fetchall()
    assert {tenant for (tenant,) in rows} == tenants
    superuser_connection.execute("delete from specie.due where kind = 'test'")
    superuser_connection.execute("delete from specie.tenant_lookup where of_tenant = any(%s)", [[*tenants]])


def test_a_password_with_a_percent_sign_is_no_obstacle() -> None:
    config = migrate.alembic_config("postgresql://specie_owner:p%25w@db/specie")
    assert config.attributes["url"] == "postgresql+psycopg://specie_owner:p%25w@db/specie"


def test_every_tenant_table_forces_row_security(superuser_connection: psycopg.Connection) -> None:
    unprotected = superuser_connection.execute(
        """
        select c.relname from pg_class c
        join pg_namespace n on n.oid = c.relnamespace
        join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
        where n.nspname = 'specie' and c.relkind in ('r', 'p') and not c.relispartition
          and not (c.relrowsecurity and c.relforcerowsecurity)
        """
    ).fetchall()
    assert unprotected == []


_ACCOUNT = (
    "insert into specie.account (tenant_id, id, code, type, currency, exponent, name, opened_at, balance_minor)"
    " values (%s, %s, 'asset:billing:receivable:' || %s, 'asset', 'IDR', 2, '', now(), %s)"
)


def test_accounts_of_documents_that_older_processes_opened_become_leaves(postgres_server: ServerForTests) -> None:
    tenant, paid, owed, later = uuid4(), uuid4(), uuid4(), uuid4()
    with postgres_server.empty_database() as urls:
        migrate.upgrade(urls.owner, "0072")
        with psycopg.connect(urls.superuser) as connection:
            connection.execute("insert into specie.tenant_lookup values ('kopi', %s, 'live', now())", [tenant])
            for account, balance in ((paid, 0), (owed, 40)):
                connection.execute(_ACCOUNT, [tenant, account, account, balance])
                connection.execute(
                    "insert into specie.account_day values (%s, %s, '2026-03-01', 100, 0), (%s, %s, '2026-03-09', 0,"
                    " %s)",
                    [tenant, account, tenant, account, 100 - balance],
                )
        migrate.upgrade(urls.owner)
        with psycopg.connect(urls.superuser) as connection:
            connection.execute(_ACCOUNT, [tenant, later, later, 0])
            rows = connection.execute("select id, control, first_on, settled_on from specie.account").fetchall()
    receivable, first = "asset:billing:receivable", date(2026, 3, 1)
    assert set(rows) == {
        (paid, receivable, first, date(2026, 3, 9)),
        (owed, receivable, first, None),
        (later, receivable, None, None),
    }
