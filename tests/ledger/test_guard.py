"""The guard in the database: a posting that does not follow from its accounts is refused whoever inserts it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from specie import events
from specie.events import NewEvent
from specie.kernel.ids import EntryId
from specie.ledger import Account
from specie.platform.db import Database
from tests.ledger.books import balance, open_account, post
from tests.support.scopes import fresh_scope


class Inserter:
    """Writes raw posting rows as the application's role would by mistake."""

    def __init__(self, connection: psycopg.Connection[Any], cash: Account, wallet: Account) -> None:
        self.connection = connection
        self.row: dict[str, Any] = {
            "tenant_id": None,
            "entry_id": uuid4(),
            "line": 0,
            "debit_account_id": cash.id.uuid,
            "credit_account_id": wallet.id.uuid,
            "currency": "IDR",
            "amount_minor": 50,
            "debit_version": 2,
            "credit_version": 2,
            "debit_balance_minor": 150,
            "credit_balance_minor": 150,
            "debit_floor_minor": None,
            "credit_floor_minor": 0,
            "is_memo": False,
            "recorded_at": "2099-01-01T00:00:00Z",
            "business_date": "2099-01-01",
        }

    def insert(self, *changes: dict[str, Any]) -> None:
        rows = [{**self.row, **change} for change in changes or ({},)]
        names = sql.SQL(", ").join(map(sql.Identifier, self.row))
        values = sql.SQL("({})").format(sql.SQL(", ").join(sql.Placeholder() for _ in self.row))
        statement = sql.SQL("insert into specie.posting ({}) values {}").format(
            names, sql.SQL(", ").join(values for _ in rows)
        )
        self.connection.execute(statement, [value for row in rows for value in row.values()])


@pytest.fixture
async def books(database: Database) -> Any:
    scope = fresh_scope()
    cash = await open_account(database, scope, "asset:cash")
    wallet = await open_account(database, scope, "liability:wallet", floor=0)
    await post(database, scope, (cash, wallet, 100))
    return scope, cash, wallet


@pytest.fixture
def raw(database: Database, books: Any) -> Iterator[Inserter]:
    scope, cash, wallet = books
    with psycopg.connect(database.app_url) as connection:
        connection.execute("select set_config('app.tenant_id', %s, false)", [str(scope.tenant_id.uuid)])
        inserter = Inserter(connection, cash, wallet)
        inserter.row["tenant_id"] = scope.tenant_id.uuid
        yield inserter


async def test_a_raw_insert_that_follows_moves_both_balances(database: Database, books: Any, raw: Inserter) -> None:
    scope, cash, wallet = books
    raw.insert()
    raw.connection.execute(
        "insert into specie.journal_entry values (%s, %s, 'test.raw@1', '', '2099-01-01T00:00:00Z',"
        " '2099-01-01T00:00:00Z', '2099-01-01', 'test', %s, null, null, null, null, null, null, '{}')",
        [raw.row["tenant_id"], raw.row["entry_id"], uuid4()],
    )
    raw.connection.commit()
    async with database.begin(scope) as uow:
        told = NewEvent("ledger.entry.posted", ("entry", str(EntryId(raw.row["entry_id"]))), 1, {})
        await events.record(uow, replace(told, id=raw.row["entry_id"]))
    assert (await balance(database, scope, cash), await balance(database, scope, wallet)) == (150, 150)


@pytest.mark.parametrize(
    "change",
    [
        {"debit_version": 1},
        {"debit_version": 3},
        {"credit_version": 1},
        {"debit_balance_minor": 149},
        {"credit_balance_minor": 151},
        {"amount_minor": 49},
        {"credit_floor_minor": None},
        {"credit_floor_minor": -10},
        {"debit_floor_minor": 0},
        {"currency": "USD"},
        {"is_memo": True},
        {"recorded_at": "2000-01-01T00:00:00Z"},
        {"debit_account_id": uuid4()},
    ],
    ids=lambda change: next(iter(change)),
)
async def test_a_raw_insert_that_does_not_follow_is_refused(
    database: Database, books: Any, raw: Inserter, change: dict[str, Any]
) -> None:
    scope, cash, wallet = books
    with pytest.raises(psycopg.errors.CheckViolation):
        raw.insert(change)
    raw.connection.rollback()
    assert (await balance(database, scope, cash), await balance(database, scope, wallet)) == (100, 100)


@pytest.mark.parametrize("amount", [0, -5])
async def test_an_amount_is_above_zero(raw: Inserter, amount: int) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        raw.insert({"amount_minor": amount})


async def test_below_the_floor_is_refused_even_with_the_right_arithmetic(books: Any, raw: Inserter) -> None:
    _, cash, wallet = books
    overdraw = {
        "debit_account_id": wallet.id.uuid,
        "credit_account_id": cash.id.uuid,
        "amount_minor": 101,
        "debit_balance_minor": -1,
        "credit_balance_minor": -1,
        "debit_floor_minor": 0,
        "credit_floor_minor": None,
    }
    with pytest.raises(psycopg.errors.CheckViolation):
        raw.insert(overdraw)


async def test_a_hole_between_two_rows_of_one_statement_is_refused(raw: Inserter) -> None:
    second = {
        "line": 1,
        "debit_version": 4,
        "credit_version": 3,
        "debit_balance_minor": 200,
        "credit_balance_minor": 200,
    }
    with pytest.raises(psycopg.errors.CheckViolation):
        raw.insert({}, second)


async def test_without_a_tenant_nothing_can_be_inserted(database: Database, raw: Inserter) -> None:
    raw.connection.execute("select set_config('app.tenant_id', '', false)")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        raw.insert()
