"""The dashboard's queries find their rows by index in a table that has outgrown its history."""

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from specie.platform.postgres_roles import APP
from specie.reports import dashboard_store
from tests.support.scopes import fresh_scope

# What is made here is never committed, so nothing has to fit together but what the planner looks at.
ROWS = """
insert into specie.payment (tenant_id, id, kind, party_id, reference, amount_minor, currency, description, state,
       version, created_at, expires_at, metadata, splits, paid_late, capture_mode, paid_at, entry_id,
       platform_fee_minor, provider_fee_minor, net_minor)
select %(tenant)s, uuidv7(), 'merchant', uuidv7(), n::text, n, 'IDR', '', 'paid', 1, now(), now(), '{}', '[]', false,
       'automatic', now() - n * interval '1 hour', uuidv7(), 0, 0, n
  from generate_series(1, 5000) n;
insert into specie.payment_attempt (tenant_id, id, payment_id, connection_id, number, kind, state, reference,
       created_at, updated_at)
select tenant_id, uuidv7(), id, uuidv7(), 1, 'charge', 'succeeded', reference, paid_at, paid_at from specie.payment;
analyze specie.payment, specie.payment_attempt
"""


@pytest.mark.parametrize(
    ("query", "column"), [(dashboard_store.VOLUME, "paid_at"), (dashboard_store.ENDED, "updated_at")]
)
def test_the_queries_read_the_time_asked_for_and_not_the_history(
    superuser_connection: psycopg.Connection, query: str, column: str
) -> None:
    scope = fresh_scope()
    tenant = scope.tenant_id.uuid
    values = {"tenant": tenant, "party": None, "since": scope.clock.now(), "zone": "UTC"}
    compiled = str(text(query).compile(dialect=postgresql.psycopg.dialect()))
    with superuser_connection.transaction(force_rollback=True):
        superuser_connection.execute("set local session_replication_role = replica")
        for statement in ROWS.split(";\n"):
            superuser_connection.execute(statement, {"tenant": tenant} if "%(tenant)s" in statement else None)
        superuser_connection.execute(f"set local role {APP}")
        superuser_connection.execute("select set_config('app.tenant_id', %s, true)", [str(tenant)])
        plan = [row[0] for row in superuser_connection.execute(f"explain {compiled}", values)]
    assert [line for line in plan if "Index Cond" in line and f"{column} >=" in line], "\n".join(plan)
