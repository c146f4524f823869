"""The SQL of `verify`: broken rows, tenants and counts, read in the auditor's snapshot."""

from typing import Any

from sqlalchemy import text

from specie.kernel.ids import TenantId
from specie.platform.db import UnitOfWork

_TENANTS = """
select tenant_id from specie.event_head
 union select tenant_id from specie.ledger_block
 union select tenant_id from specie.ledger_head
 union select tenant_id from specie.audit_head
 union select tenant_id from specie.audit_seal
 order by 1
"""
_COUNTS = """
select (select count(*) from specie.account) as accounts,
       (select count(*) from specie.journal_entry) as entries,
       (select count(*) from specie.posting) as postings,
       (select count(*) from specie.ledger_block) as blocks,
       (select count(*) from specie.audit) as audit_rows
"""


async def broken_rows(uow: UnitOfWork, query: str, limit: int) -> list[dict[str, Any]]:
    """The first rows an invariant's query returns, as columns by name."""
    # These queries take no parameters, and account codes in them are full of colons.
    rows = (await uow.execute(text(query.replace(":", "\\:")))).mappings().fetchmany(limit)
    return [dict(row) for row in rows]


async def tenants(uow: UnitOfWork) -> list[TenantId]:
    """Every tenant with something numbered or sealed."""
    return [TenantId(row.tenant_id) for row in await uow.execute(text(_TENANTS))]


async def counts(uow: UnitOfWork) -> dict[str, int]:
    """How much there is to prove: accounts, entries, postings, blocks, audit rows."""
    return dict((await uow.execute(text(_COUNTS))).mappings().one())
