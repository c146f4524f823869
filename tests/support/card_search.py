"""Looking for the number of a card wherever an installation keeps something."""

import re
from pathlib import Path

import psycopg
from psycopg import sql

_TABLES = """
select table_schema, table_name from information_schema.tables
where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')
"""


def tables_with(connection: psycopg.Connection, digits: str) -> list[str]:
    """The tables that hold the digits in any column of any row, however they are grouped."""
    grouped = "[ -]?".join(digits)
    found = []
    for schema, table in connection.execute(_TABLES).fetchall():
        name = sql.Identifier(schema, table)
        query = sql.SQL("select 1 from {} t where t::text ~ %s limit 1").format(name)
        if connection.execute(query, (grouped,)).fetchone():
            found.append(f"{schema}.{table}")
    return found


def files_with(folder: Path, digits: str) -> list[str]:
    """The files below a folder that hold the digits, however they are grouped."""
    grouped = re.compile("[ -]?".join(digits).encode())
    return [str(path) for path in sorted(folder.rglob("*")) if path.is_file() and grouped.search(path.read_bytes())]
