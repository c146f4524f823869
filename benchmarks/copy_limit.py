"""The limit: plain COPY of rows like Specie's into tables with the same columns and indexes, without any decision."""

import time
from uuid import uuid4

import psycopg

from benchmarks.measure import Measured

_TABLES = """
drop schema if exists copied cascade;
create schema copied;
create table copied.journal_entry (like specie.journal_entry including indexes including defaults);
create table copied.posting (like specie.posting including indexes including constraints);
create table copied.event (like specie.event including indexes including defaults);
"""


def copy_rows(superuser_url: str, rows: int) -> Measured:
    """Copy so many entries with one posting and one event each, in one transaction; entries per second."""
    with psycopg.connect(superuser_url) as connection:
        connection.execute(_TABLES)
        sources = {table: _binary(connection, table, rows) for table in ("journal_entry", "posting", "event")}
        connection.commit()
        started = time.perf_counter()
        for table, data in sources.items():
            with connection.cursor().copy(f"copy copied.{table} from stdin") as copy:
                copy.write(data)
        connection.commit()
        elapsed = time.perf_counter() - started
    return Measured("COPY of the same rows, same indexes", 1, False, rows / elapsed, elapsed * 1000, elapsed * 1000)


def _binary(connection: psycopg.Connection, table: str, rows: int) -> bytes:
    """Rows that Specie wrote, with new ids, as COPY text."""
    key = "entry_id" if table == "posting" else "id"
    columns = [
        row[0]
        for row in connection.execute(
            "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 order by attnum",
            [f"specie.{table}"],
        )
    ]
    index = columns.index(key)
    blank = columns.index("command_key") if "command_key" in columns else None
    with connection.cursor().copy(f"copy (select * from specie.{table} limit {rows}) to stdout") as copy:
        lines = [bytes(line).decode().rstrip("\n").split("\t") for line in copy]
    for line in lines:
        line[index] = str(uuid4())
        if blank is not None and line[blank] != "\\N":
            line[blank] = str(uuid4())
    return "".join("\t".join(line) + "\n" for line in lines).encode()
