"""The books as an hledger journal, read by a reader that shares nothing with the writer; a cent off is refused."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from specie import ledger
from specie.app.export import Format, read_books, write
from specie.kernel.clock import machine_now
from specie.kernel.ids import TenantId
from specie.kernel.scope import Scope
from specie.platform.db import Database
from tests.ledger.books import draft, open_account, post
from tests.support.hledger import Refused, balances, read
from tests.support.scopes import fresh_scope
from tests.support.server import DatabaseUrls

MINOR = {"IDR": 1_500_050, "JPY": 1500, "KWD": 1501}
WILD = "a; comment?\n2020-01-01 * not a transaction\n    asset:cash  5 IDR | (x)"


@pytest.fixture(scope="module")
async def books(database: Database) -> Scope:
    """Three currencies, an unused account, memo accounts, an entry of long ago, and a text that looks like more."""
    scope = fresh_scope(zone="Asia/Jakarta")
    for code, minor in MINOR.items():
        clearing = await open_account(database, scope, "asset:provider_clearing:sim.1", code)
        wallet = await open_account(database, scope, "liability:purses:wal_01-x:available", code, floor=0)
        await post(database, scope, (clearing, wallet, minor))
        await post(database, scope, (wallet, clearing, minor // 2))
    equity = await open_account(database, scope, "equity:never_used", "KWD")
    room = await open_account(database, scope, "memo:room", "IDR", floor=0)
    await post(database, scope, (room, await open_account(database, scope, "memo:source", "IDR"), 77))
    moment = machine_now() - timedelta(days=400)
    old = replace(draft((clearing, equity, 5)), description=WILD, effective_at=moment)
    async with database.begin(scope) as uow:
        await ledger.post(uow, old)
    return scope


async def exported(urls: DatabaseUrls, tenant: TenantId | None) -> str:
    pieces: list[str] = []
    async with read_books(urls.auditor, tenant) as read_:
        await write(read_, Format.HLEDGER, pieces.append)
    return "".join(pieces)


@pytest.fixture
async def text(books: Scope, database_urls: DatabaseUrls) -> str:
    return await exported(database_urls, books.tenant_id)


async def test_a_journal_adds_up_to_the_trial_balance(database: Database, books: Scope, text: str) -> None:
    told = balances(read(text))
    async with database.begin(books) as uow:
        day = machine_now().date().replace(year=9999)
        lines = await ledger.branches(uow, ledger.MONEY_TYPES, until=day, depth=8)
    assert told == {
        (line.code, line.currency.code): Decimal(line.debit_minor).scaleb(-line.currency.exponent) for line in lines
    }
    assert "memo" not in text


def test_every_account_and_currency_has_one_assertion_after_the_last_entry(text: str) -> None:
    found = read(text)
    asserted = [(each.account, each.commodity) for each in found[-1].postings]
    assert sorted(asserted) == sorted(balances(found))
    assert all(each.asserted is not None for each in found[-1].postings)
    assert found[-1].day > max(each.day for each in found[:-1])


def test_a_text_that_looks_like_a_journal_stays_a_description(text: str) -> None:
    [old] = [each for each in read(text) if "not a transaction" in each.description]
    assert [each.amount for each in old.postings] == [Decimal("0.005"), Decimal("-0.005")]
    assert old.code.startswith("txn_")


def _asserted(text: str) -> str:
    return re.sub(r"= (\d+)\.(\d\d) IDR", lambda found: f"= {found[1]}.{int(found[2]) ^ 1:02} IDR", text, count=1)


def _posted(text: str) -> str:
    return re.sub(r"  (\d+) JPY\n", lambda found: f"  {int(found[1]) + 1} JPY\n", text, count=1)


def _undeclared(text: str) -> str:
    return re.sub(r"account liability:purses\S+  ;.*\n", "", text, count=1)


@pytest.mark.parametrize("changed", [_asserted, _posted, _undeclared])
def test_what_is_changed_in_a_journal_is_refused(text: str, changed: Callable[[str], str]) -> None:
    other = changed(text)
    assert other != text
    with pytest.raises(Refused):
        read(other)


async def test_all_tenants_go_into_one_journal(database: Database, books: Scope, database_urls: DatabaseUrls) -> None:
    other = fresh_scope()
    cash = await open_account(database, other, "asset:provider_clearing:sim.1", "JPY")
    await post(database, other, (cash, await open_account(database, other, "equity:opening", "JPY"), 5))
    names = {name for name, _ in balances(read(await exported(database_urls, None)))}
    assert {f"asset:{each.tenant_id}:provider_clearing:sim.1" for each in (books, other)} <= names
