"""A tenant of whom the planner knows nothing yet is read as well as one that it knows."""

from datetime import UTC, datetime
from uuid import uuid4

import psycopg
from sqlalchemy import text

from specie import ledger
from specie.kernel.money import Money
from specie.ledger import EntryDraft, Leg
from specie.platform.db import Database
from specie.settlement.coverage_store import OWED
from tests.ledger.books import TEST, open_account
from tests.support.scopes import fresh_scope

_EVER, _NOW = datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


async def test_what_a_young_tenant_is_owed_is_found_entry_by_entry(
    database: Database, superuser_connection: psycopg.Connection
) -> None:
    known = fresh_scope()
    bank = await open_account(database, known, "asset:bank")
    pending = await open_account(database, known, "liability:pending")
    leg = Leg(bank.id, pending.id, Money(5, bank.currency))
    async with database.begin(known) as uow:
        await ledger.post_many(uow, [EntryDraft(TEST, [leg]) for _ in range(1000)])
    superuser_connection.execute("analyze specie.journal_entry, specie.posting")

    through = {"credit_after": 0, "credit_through": 9, "debit_after": 0, "debit_through": 9}
    since = {"credit_since": _EVER, "debit_since": _EVER, "cut_off_at": _NOW, "seen_at": _NOW}
    async with database.begin(fresh_scope()) as uow:
        asked = {"tenant": uow.scope.tenant_id.uuid, "account": uuid4(), **through, **since}
        plan = "\n".join(row[0] for row in await uow.execute(text(f"explain {OWED}"), asked))

    assert "journal_entry_pkey" in plan
    assert "entry_by_request" not in plan
