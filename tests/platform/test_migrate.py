"""Migrations: complete in one go, repeatable, and safe to start twice at once."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import psycopg

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
