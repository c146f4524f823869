"""Numbers of documents without a gap, by series; each module that numbers has a table of its own for them."""

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import insert as upsert

from specie.platform.db import UnitOfWork


async def next_number(uow: UnitOfWork, table: Table, series: str) -> int:
    """The next number of a series, from 1. The series stays locked until the commit, so that none is ever left out."""
    statement = upsert(table).values(tenant_id=uow.scope.tenant_id.uuid, series=series, last_n=1)
    statement = statement.on_conflict_do_update(
        index_elements=["tenant_id", "series"], set_={"last_n": table.c.last_n + 1}
    )
    return int((await uow.execute(statement.returning(table.c.last_n))).scalar_one())
