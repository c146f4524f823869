"""Alembic's entry: every migration runs as the owner role, one transaction for each revision."""

from alembic import context
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Connection
from sqlalchemy.pool import NullPool

from specie.platform.migrate import VERSION_TABLE
from specie.platform.postgres_roles import SCHEMA

# Any constant will do: two processes starting at once must not migrate at once.
MIGRATION_LOCK = 7_301_115
# Better to fail and be run again than to queue every request behind a waiting lock.
LOCK_TIMEOUT = "set lock_timeout = '5s'"


def configure(**target: object) -> None:
    context.configure(
        version_table=VERSION_TABLE,
        version_table_schema=SCHEMA,
        transaction_per_migration=True,
        **target,
    )


def run_on(connection: Connection) -> None:
    connection.execute(text("select pg_advisory_lock(:key)"), {"key": MIGRATION_LOCK})
    connection.execute(text(LOCK_TIMEOUT))
    # Both outlive this commit; the migrations then open their own transactions.
    connection.commit()
    configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()


def main() -> None:
    url = context.config.attributes["url"]
    if context.is_offline_mode():
        configure(url=url, literal_binds=True)
        context.execute(LOCK_TIMEOUT)
        with context.begin_transaction():
            context.run_migrations()
        return
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        run_on(connection)


main()
