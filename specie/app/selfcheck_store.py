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
# Also those behind foreign keys: a restore or a repair that switched them off leaves nobody to refuse.
_SILENCED = """
select distinct c.relname from pg_trigger t
  join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
 where n.nspname = 'specie' and t.tgenabled not in ('O', 'A')
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
    """What of the schema can be relied on.

    Tables of tenants that are not fenced, tables with a trigger switched off, how many tables the role owns, the
    revision, the database's time.
    """

    unprotected: list[str]
    silenced: list[str]
    owned_tables: int
    revision: str | None
    clock: datetime


def read_schema(url: str) -> SchemaFacts:
    """Connect once and look. Raises psycopg.Error."""
    with psycopg.connect(url, connect_timeout=5, autocommit=True) as connection:
        unprotected = [name for (name,) in connection.execute(_UNPROTECTED)]
        silenced = [name for (name,) in connection.execute(_SILENCED)]
        [facts] = connection.execute(_FACTS).fetchall()
        owned, has_revision, clock = facts
        revision = next((name for (name,) in connection.execute(_REVISION)), None) if has_revision else None
        return SchemaFacts(unprotected, silenced, owned, revision, clock)
