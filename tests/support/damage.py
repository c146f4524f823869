"""Damage to one tenant's rows that an invariant must notice; nothing of it stays."""

import psycopg

from specie.kernel.scope import Scope


def is_noticed(connection: psycopg.Connection, scope: Scope, query: str, damage: str) -> bool:
    """Whether an invariant that holds for a tenant is broken by a statement, whose own condition may come first."""
    found = f"select exists (select from ({query}) broken where tenant_id = %s)"
    tenant = [scope.tenant_id.uuid]
    assert connection.execute(found, tenant).fetchone() == (False,)  # type: ignore[call-overload]
    ours = f"{damage} {'and' if ' where ' in damage else 'where'} tenant_id = %s"
    with connection.transaction(force_rollback=True):
        assert connection.execute(ours, tenant).rowcount > 0  # type: ignore[call-overload]
        return connection.execute(found, tenant).fetchone() == (True,)  # type: ignore[call-overload]
