"""What a role can find out about the database it is connected to, for start-up checks and `specie doctor`."""

from collections.abc import Mapping
from dataclasses import dataclass

import psycopg

# A server that answers "on" here loses no committed row when it crashes.
DURABILITY_SETTINGS = ("fsync", "full_page_writes", "synchronous_commit")


@dataclass(frozen=True, slots=True)
class DatabaseFacts:
    """One connection's view: the server, its durability and the powers of the role."""

    server_version: str
    major_version: int
    role: str
    sees_through_row_security: bool
    durability: Mapping[str, str]


def read_facts(url: str) -> DatabaseFacts:
    """Connect once and look. Raises psycopg.OperationalError when the server does not answer in 5 seconds."""
    with psycopg.connect(url, connect_timeout=5, autocommit=True) as connection:
        row = connection.execute(
            "select rolname, rolsuper or rolbypassrls from pg_roles where rolname = current_user"
        ).fetchone()
        role, powerful = row if row else ("", False)
        durability: dict[str, str] = dict(
            connection.execute(
                "select name, setting from pg_settings where name = any(%s)", [list(DURABILITY_SETTINGS)]
            ).fetchall()
        )
        return DatabaseFacts(
            server_version=connection.info.parameter_status("server_version") or "",
            major_version=connection.info.server_version // 10000,
            role=role,
            sees_through_row_security=powerful,
            durability=durability,
        )
