"""What the serving role can see of its own powers and of the schema."""

from dataclasses import dataclass
from datetime import datetime

import psycopg

_UNPROTECTED = """
select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where n.nspname = 'specie' and c.relkind in ('r', 'p')
   and exists (select 1 from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped)
   and not (c.relrowsecurity and c.relforcerowsecurity)
 order by 1
"""
_FACTS = """
select (select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname = 'specie' and pg_get_userbyid(c.relowner) = current_user),
       to_regclass('specie.schema_version') is not null,
       clock_timestamp()
"""
_REVISION = "select version_num from specie.schema_version"


@dataclass(frozen=True, slots=True)
class SchemaFacts:
    """Tables of tenants that are not fenced, how many tables the role owns, the revision, the database's time."""

    unprotected: list[str]
    owned_tables: int
    revision: str | None
    clock: datetime


def read_schema(url: str) -> SchemaFacts:
    """Connect once and look. Raises psycopg.Error."""
    with psycopg.connect(url, connect_timeout=5, autocommit=True) as connection:
        unprotected = [name for (name,) in connection.execute(_UNPROTECTED)]
        [facts] = connection.execute(_FACTS).fetchall()
        owned, has_revision, clock = facts
        revision = next((name for (name,) in connection.execute(_REVISION)), None) if has_revision else None
        return SchemaFacts(unprotected, owned, revision, clock)
