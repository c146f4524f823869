"""Damage to one tenant's rows, by hand or by wrong code, that an invariant must notice; nothing of it stays."""

from collections.abc import Awaitable, Callable

import psycopg
from sqlalchemy import text

from specie.kernel.scope import Scope
from specie.platform.db import Database, UnitOfWork


def is_noticed(connection: psycopg.Connection, scope: Scope, query: str, damage: str) -> bool:
    """Whether an invariant that holds for a tenant is broken by a statement, whose own condition may come first."""
    found = f"select exists (select from ({query}) broken where tenant_id = %s)"
    tenant = [scope.tenant_id.uuid]
    assert connection.execute(found, tenant).fetchone() == (False,)  # type: ignore[call-overload]
    ours = f"{damage} {'and' if ' where ' in damage else 'where'} tenant_id = %s"
    with connection.transaction(force_rollback=True):
        assert connection.execute(ours, tenant).rowcount > 0  # type: ignore[call-overload]
        return connection.execute(found, tenant).fetchone() == (True,)  # type: ignore[call-overload]


class _Undone(Exception):
    """Ends a unit of work whose damage must not stay."""


async def is_noticed_after(
    database: Database, scope: Scope, query: str, act: Callable[[UnitOfWork], Awaitable[object]]
) -> bool:
    """Whether an invariant is broken by what a use case has done to a tenant, while a defect is planted."""
    found: list[object] = []
    try:
        async with database.begin(scope) as uow:
            assert not (await uow.execute(text(query))).all()
            await act(uow)
            found = list((await uow.execute(text(query))).all())
            raise _Undone
    except _Undone:
        return bool(found)
