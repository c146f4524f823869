"""The database roles of the platform and the database they share.

The server's first role is a superuser, and superusers see through row security; so nothing connects as it
except this set-up. The four other roles are ordinary: none may bypass row security.
"""

from collections.abc import Mapping

import psycopg
from psycopg import sql

SUPERUSER = "specie_super"
OWNER = "specie_owner"
APP = "specie_app"
SYSTEM = "specie_system"
AUDITOR = "specie_auditor"
ROLES = (OWNER, APP, SYSTEM, AUDITOR)

SCHEMA = "specie"
JOBS_SCHEMA = "jobs"
# Any constant will do: it serialises concurrent set-ups of one server.
_SETUP_LOCK = 7_301_114


def bootstrap(superuser_url: str, *, database: str, passwords: Mapping[str, str]) -> None:
    """Create or repair the roles, the database and its two schemas. Safe to repeat.

    `superuser_url` names any database of the server; `passwords` holds one password per role in ROLES.
    """
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(%s)", [_SETUP_LOCK])
        for role in ROLES:
            _prepare_role(connection, role, passwords[role])
        create_database(connection, database)
    with psycopg.connect(superuser_url, dbname=database, autocommit=True) as connection:
        _prepare_schemas(connection, database)


def create_database(connection: psycopg.Connection, database: str, template: str = "template0") -> None:
    """Create a database owned by the owner role unless it exists. The connection must be in autocommit."""
    found = connection.execute("select 1 from pg_database where datname = %s", [database]).fetchone()
    if found:
        return
    connection.execute(
        sql.SQL("create database {} owner {} template {}").format(
            sql.Identifier(database), sql.Identifier(OWNER), sql.Identifier(template)
        )
    )


def drop_database(admin_url: str, database: str) -> None:
    """Drop a database with everything in it and whoever is connected to it; nothing happens when there is none."""
    with psycopg.connect(admin_url, autocommit=True) as connection:
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(database)))


def _prepare_role(connection: psycopg.Connection, role: str, password: str) -> None:
    name = sql.Identifier(role)
    if not connection.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone():
        connection.execute(sql.SQL("create role {}").format(name))
    # Only the verifier is sent, so that no statement log can hold a password.
    verifier = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
    connection.execute(
        sql.SQL("alter role {} login nosuperuser nobypassrls nocreatedb nocreaterole noreplication password {}").format(
            name, sql.Literal(verifier.decode())
        )
    )
    path = sql.SQL(", ").join([sql.Identifier(SCHEMA), sql.Identifier(JOBS_SCHEMA)])
    connection.execute(sql.SQL("alter role {} set search_path = {}").format(name, path))
    if role == AUDITOR:
        connection.execute(sql.SQL("alter role {} set default_transaction_read_only = on").format(name))


def _prepare_schemas(connection: psycopg.Connection, database: str) -> None:
    roles = sql.SQL(", ").join(map(sql.Identifier, ROLES))
    connection.execute(sql.SQL("revoke all on database {} from public").format(sql.Identifier(database)))
    connection.execute(sql.SQL("grant connect, temporary on database {} to {}").format(sql.Identifier(database), roles))
    connection.execute("revoke create on schema public from public")
    connection.execute("create extension if not exists pg_stat_statements with schema public")
    for schema in (SCHEMA, JOBS_SCHEMA):
        name = sql.Identifier(schema)
        connection.execute(
            sql.SQL("create schema if not exists {} authorization {}").format(name, sql.Identifier(OWNER))
        )
        connection.execute(sql.SQL("grant usage on schema {} to {}").format(name, roles))
