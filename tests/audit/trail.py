"""Shorthand for audit tests: act, seal, verify, read."""

from specie import audit
from specie.audit import AuditFilter, AuditRow
from specie.kernel.scope import Scope
from specie.platform.db import Database


async def act(database: Database, scope: Scope, times: int = 1, **changes: object) -> None:
    async with database.begin(scope) as uow:
        for number in range(times):
            values = {"action": "party.rename", "subject": ("party", f"pty_{number}"), "after": {"n": number}}
            await audit.record(uow, **(values | changes))


async def seal(database: Database) -> int:
    total = 0
    while True:
        async with database.system() as uow:
            sealed = await audit.seal_pending(uow, limit=3)
        total += sealed
        if sealed == 0:
            return total


async def fault_of(database: Database, scope: Scope) -> tuple[int, str] | None:
    async with database.begin(scope) as uow:
        found = await audit.verify(uow, scope.tenant_id)
    return (found.n, found.fault) if found else None


async def rows_of(database: Database, scope: Scope, wanted: AuditFilter | None = None) -> list[AuditRow]:
    async with database.begin(scope) as uow:
        return list((await audit.find(uow, wanted or AuditFilter(), None, 100)).items)
