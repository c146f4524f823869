"""Closed periods: earlier effective dates are refused, facts are not, and each change is on record."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pytest

from specie import ledger
from specie.kernel.scope import Scope
from specie.ledger import Account, EntryDraft, JournalEntry, periods
from specie.ledger.errors import PeriodClosed, PeriodNotOver, PeriodOrder
from specie.ledger.invariants import INVARIANTS
from specie.platform.db import Database
from tests.ledger.books import balance, draft, open_account
from tests.support.scopes import fresh_scope

JANUARY = date(2026, 1, 31)


@pytest.fixture
async def books(database: Database) -> tuple[Scope, Account, Account]:
    scope = fresh_scope(zone="Asia/Jakarta")
    return scope, await open_account(database, scope, "asset:cash"), await open_account(database, scope, "equity:own")


async def close(database: Database, scope: Scope, through: date) -> periods.Periods:
    async with database.begin(scope) as uow:
        return await periods.close(uow, through, reason="month end")


async def reopen(database: Database, scope: Scope, through: date | None) -> periods.Periods:
    async with database.begin(scope) as uow:
        return await periods.reopen(uow, through, reason="late invoice")


async def post_at(database: Database, books: Any, moment: datetime, *, is_fact: bool = False) -> JournalEntry:
    scope, cash, own = books
    plain = draft((cash, own, 100))
    entry = EntryDraft(plain.recipe, plain.legs, effective_at=moment, is_fact=is_fact)
    async with database.begin(scope) as uow:
        return await ledger.post(uow, entry)


async def test_an_entry_effective_in_a_closed_period_is_refused_and_nothing_moves(
    database: Database, books: Any
) -> None:
    await close(database, books[0], JANUARY)
    with pytest.raises(PeriodClosed) as refused:
        await post_at(database, books, datetime(2026, 1, 31, 12, tzinfo=UTC))
    assert (refused.value.param, refused.value.facts["closed_through"]) == ("effective_at", "2026-01-31")
    assert await balance(database, books[0], books[1]) == 0


async def test_the_tenants_own_zone_decides_which_day_it_is(database: Database, books: Any) -> None:
    await close(database, books[0], JANUARY)
    # Six in the evening in UTC is the first of February in Jakarta.
    entry = await post_at(database, books, datetime(2026, 1, 31, 18, tzinfo=UTC))
    assert entry.business_date == date(2026, 2, 1)


async def test_a_fact_of_a_closed_period_is_posted_with_the_date_of_its_recording(
    database: Database, books: Any
) -> None:
    await close(database, books[0], JANUARY)
    entry = await post_at(database, books, datetime(2026, 1, 5, tzinfo=UTC), is_fact=True)
    assert entry.effective_at == entry.recorded_at
    assert await balance(database, books[0], books[1]) == 100


async def test_a_reversal_may_not_go_back_into_a_closed_period(database: Database, books: Any) -> None:
    entry = await post_at(database, books, datetime(2026, 1, 5, tzinfo=UTC))
    await close(database, books[0], JANUARY)
    with pytest.raises(PeriodClosed):
        async with database.begin(books[0]) as uow:
            await ledger.reverse(uow, entry.id, effective_at=entry.effective_at, reason="keyed twice")
    assert await balance(database, books[0], books[1]) == 100


async def test_a_reopened_period_takes_entries_again(database: Database, books: Any) -> None:
    await close(database, books[0], JANUARY)
    await reopen(database, books[0], date(2025, 12, 31))
    await post_at(database, books, datetime(2026, 1, 5, tzinfo=UTC))
    assert await balance(database, books[0], books[1]) == 100


async def test_every_change_stays_on_record_the_newest_first(database: Database, books: Any) -> None:
    scope = books[0]
    await close(database, scope, JANUARY)
    standing = await reopen(database, scope, None)
    assert standing.closed_through is None
    assert [(one.closed_through, one.reason, one.actor) for one in standing.history] == [
        (None, "late invoice", str(scope.actor)),
        (JANUARY, "month end", str(scope.actor)),
    ]


async def test_a_day_that_is_not_over_cannot_be_closed(database: Database, books: Any) -> None:
    scope = books[0]
    async with database.begin(scope) as uow:
        standing = await periods.standing(uow)
        today = scope.clock.business_date(uow.now)
    assert standing.closable_through in (today - timedelta(days=1), today - timedelta(days=2))
    with pytest.raises(PeriodNotOver):
        await close(database, scope, today)


async def test_closing_goes_forward_and_reopening_goes_back(database: Database, books: Any) -> None:
    scope = books[0]
    with pytest.raises(PeriodOrder):
        await reopen(database, scope, None)
    await close(database, scope, JANUARY)
    with pytest.raises(PeriodOrder):
        await close(database, scope, JANUARY)
    with pytest.raises(PeriodOrder):
        await reopen(database, scope, JANUARY)


async def test_closing_waits_for_whoever_posts_with_a_date_of_their_own(database: Database, books: Any) -> None:
    scope, cash, own = books
    plain = draft((cash, own, 100))
    dated = EntryDraft(plain.recipe, plain.legs, effective_at=datetime(2026, 1, 5, tzinfo=UTC))
    async with database.begin(scope) as posting:
        await ledger.post(posting, dated)
        with pytest.raises(Exception, match="lock timeout"):
            async with database.begin(scope) as closing:
                await (await closing.raw()).execute("set local lock_timeout = '200ms'")
                await periods.close(closing, JANUARY, reason="month end")


@pytest.mark.breaks_the_books
async def test_an_entry_smuggled_into_a_closed_period_is_found(
    database: Database, superuser_connection: psycopg.Connection, books: Any
) -> None:
    entry = await post_at(database, books, datetime(2026, 2, 5, tzinfo=UTC))
    await close(database, books[0], JANUARY)
    later = await post_at(database, books, datetime(2026, 2, 6, tzinfo=UTC))
    change = "update specie.journal_entry set business_date = '2026-01-05' where id = any(%s)"
    superuser_connection.execute(change, [[entry.id.uuid, later.id.uuid]])
    query = INVARIANTS["nothing was recorded into a period while its books were closed"]
    broken = superuser_connection.execute(query).fetchall()
    assert [row[1] for row in broken if row[0] == books[0].tenant_id.uuid] == [later.id.uuid]
