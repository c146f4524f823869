"""The dashboard's queries find their rows by index: in a fresh database, where the planner knows of no sizes."""

import pytest
from sqlalchemy import text

from specie.platform.db import Database
from specie.reports import dashboard_store
from tests.support.scopes import fresh_scope


@pytest.mark.parametrize(
    ("query", "column"), [(dashboard_store.VOLUME, "paid_at"), (dashboard_store.ENDED, "updated_at")]
)
async def test_the_queries_read_the_time_asked_for_and_not_the_history(
    database: Database, query: str, column: str
) -> None:
    scope = fresh_scope()
    async with database.begin(scope) as uow:
        await uow.execute(text("set local enable_seqscan = off"))
        values = {"tenant": scope.tenant_id.uuid, "party": None, "since": uow.now, "zone": "UTC"}
        named = {name: value for name, value in values.items() if f":{name}" in query}
        plan = [row[0] for row in await uow.execute(text(f"explain {query}"), named)]
    assert [line for line in plan if "Index Cond" in line and f"{column} >=" in line], "\n".join(plan)
