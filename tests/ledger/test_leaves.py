"""Leaves of a control account on any day: what held something then, whatever came before and after."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from specie import ledger
from specie.kernel.ids import PartyId
from specie.kernel.money import Currency
from specie.kernel.scope import Scope
from specie.ledger import Account, AccountSpec, AccountType
from specie.platform.db import Database
from tests.ledger.books import draft, open_account
from tests.support.scopes import fresh_scope

CONTROL = "asset:owed"
IDR = Currency.of("IDR")


@dataclass
class Owed:
    """Books with leaves under one control account, which move on days of March 2026."""

    database: Database
    scope: Scope
    sales: Account

    async def leaf(self, name: str, currency: Currency = IDR, owner: PartyId | None = None) -> Account:
        spec = AccountSpec(f"{CONTROL}:{name}", AccountType.ASSET, currency, owner, control=CONTROL)
        async with self.database.begin(self.scope) as uow:
            return await ledger.open_account(uow, spec)

    async def move(self, leaf: Account, day: int, minor: int) -> None:
        """More is owed, or less when below zero."""
        sides = (leaf, self.sales, minor) if minor > 0 else (self.sales, leaf, -minor)
        entry = replace(draft(sides), effective_at=datetime(2026, 3, day, 12, tzinfo=UTC))
        async with self.database.begin(self.scope) as uow:
            await ledger.post(uow, entry)

    async def on(self, day: int, owner: PartyId | None = None) -> dict[UUID, int]:
        async with self.database.begin(self.scope) as uow:
            leaf = ledger.leaves(uow, CONTROL, IDR, date(2026, 3, day), owner)
            rows = await uow.execute(select(leaf.c.account_id, leaf.c.debit_minor))
            return {row.account_id: row.debit_minor for row in rows}


@pytest.fixture
async def owed(database: Database) -> Owed:
    scope = fresh_scope()
    return Owed(database, scope, await open_account(database, scope, "income:sales"))


async def test_a_leaf_is_there_from_its_first_day_until_it_is_settled(owed: Owed) -> None:
    leaf = await owed.leaf("one")
    await owed.move(leaf, 10, 100)
    await owed.move(leaf, 20, -40)
    await owed.move(leaf, 25, -60)
    seen = [(await owed.on(day)).get(leaf.id.uuid) for day in (9, 10, 19, 20, 24, 25, 30)]
    assert seen == [None, 100, 100, 60, 60, None, None]


async def test_what_is_written_later_of_an_earlier_day_counts_on_that_day(owed: Owed) -> None:
    leaf = await owed.leaf("one")
    await owed.move(leaf, 10, 100)
    await owed.move(leaf, 20, -100)
    await owed.move(leaf, 5, 7)
    await owed.move(leaf, 6, -7)
    seen = [(await owed.on(day)).get(leaf.id.uuid) for day in (4, 5, 6, 10, 20)]
    assert seen == [None, 7, None, 100, None]


async def test_a_leaf_that_was_settled_and_is_owed_again_is_there_again(owed: Owed) -> None:
    leaf = await owed.leaf("one")
    for day, minor in ((10, 100), (12, -100), (15, 100)):
        await owed.move(leaf, day, minor)
    assert [(await owed.on(day)).get(leaf.id.uuid) for day in (11, 12, 14, 15, 30)] == [100, None, None, 100, 100]


async def test_leaves_are_of_one_currency_and_on_demand_of_one_owner(owed: Owed) -> None:
    owner = PartyId.new()
    mine, other = await owed.leaf("mine", owner=owner), await owed.leaf("other")
    for leaf in (mine, other):
        await owed.move(leaf, 10, 100)
    dollars = await owed.leaf("dollars", Currency.of("USD"))
    sales = await open_account(owed.database, owed.scope, "income:sales", "USD")
    await replace(owed, sales=sales).move(dollars, 10, 100)
    assert await owed.on(10, owner) == {mine.id.uuid: 100}
    assert set(await owed.on(10)) == {mine.id.uuid, other.id.uuid}


async def test_an_account_of_another_branch_is_no_leaf(owed: Owed) -> None:
    spec = AccountSpec("asset:cash:till", AccountType.ASSET, IDR, control=CONTROL)
    with pytest.raises(IntegrityError, match="account_is_under_its_control"):
        async with owed.database.begin(owed.scope) as uow:
            await ledger.open_account(uow, spec)


@pytest.mark.parametrize("column", ["control = null", "first_on = null", "settled_on = '2026-03-01'"])
async def test_the_application_cannot_change_a_leaf_s_days(owed: Owed, column: str) -> None:
    with psycopg.connect(owed.database.app_url) as connection:
        connection.execute("select set_config('app.tenant_id', %s, true)", [str(owed.scope.tenant_id.uuid)])
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(f"update specie.account set {column}")
