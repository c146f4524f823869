"""Statements are sums of the books: they agree with each other on any day, and files hold what the view shows."""

import csv
import io
import zipfile
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from specie import ledger
from specie.kernel.clock import machine_now
from specie.kernel.money import Money
from specie.kernel.scope import Scope
from specie.ledger import Account, AccountType, EntryDraft, Leg, Recipe
from specie.platform.db import Database
from specie.reports import statement_store as store
from specie.reports.statement_model import balance_sheet, profit_and_loss
from specie.reports.statement_routes import router
from specie.reports.statement_store import Period
from tests.ledger.books import open_account
from tests.support.asgi import calling
from tests.support.scopes import fresh_scope

CODES = (
    "asset:bank",
    "asset:providers:test:clearing",
    "asset:lent:one",
    "liability:owed:one",
    "liability:deposits:one",
    "liability:deposits:two",
    "equity:opening",
    "income:fees",
    "expense:providers",
)
# Of leaves only those that can have moved are looked at.
CONTROLS = {"asset:lent:one": "asset:lent", "liability:owed:one": "liability:owed"}
RESULT = (AccountType.INCOME, AccountType.EXPENSE)
MONEY = (AccountType.ASSET, AccountType.LIABILITY, AccountType.EQUITY, *RESULT)
TODAY = machine_now().astimezone(UTC).date()


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


@dataclass
class Books:
    """Accounts of every type in a fresh tenant."""

    database: Database
    scope: Scope
    accounts: dict[tuple[str, str], Account]

    async def post(self, debit: str, credit: str, minor: int, days: int, currency: str = "IDR") -> None:
        """Post an entry effective so many days ago."""
        sides = (self.accounts[debit, currency].id, self.accounts[credit, currency].id)
        at = datetime.combine(ago(days), datetime.min.time(), UTC) + timedelta(minutes=1)
        draft = EntryDraft(
            recipe=Recipe("test.move", 1), legs=[Leg(*sides, Money.of(minor, currency))], effective_at=at
        )
        async with self.database.begin(self.scope) as uow:
            await ledger.post(uow, draft)


async def open_books(database: Database, currencies: tuple[str, ...] = ("IDR",)) -> Books:
    scope = fresh_scope()
    made = {
        (code, each): await open_account(database, scope, code, each, control=CONTROLS.get(code))
        for code in CODES
        for each in currencies
    }
    return Books(database, scope, made)


POSTINGS = st.lists(
    st.tuples(
        st.sampled_from(CODES),
        st.sampled_from(CODES),
        st.integers(1, 10**9),
        st.integers(0, 12),
        st.sampled_from(["IDR", "JPY"]),
    ).filter(lambda one: one[0] != one[1]),
    min_size=1,
    max_size=12,
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(postings=POSTINGS, cuts=st.lists(st.integers(0, 13), min_size=2, max_size=4, unique=True))
async def test_assets_are_liabilities_equity_and_result_on_every_day_and_periods_add_up(
    database: Database, postings: list[Any], cuts: list[int]
) -> None:
    books = await open_books(database, ("IDR", "JPY"))
    for debit, credit, minor, days, currency in postings:
        await books.post(debit, credit, minor, days, currency)
    async with database.begin(books.scope) as uow:
        for days in range(14):
            shown = balance_sheet(await store.movements(uow, MONEY, Period(None, ago(days)), None, 2))
            assert all(part.difference.minor == 0 for part in shown)
            earned = profit_and_loss(await store.movements(uow, RESULT, Period(None, ago(days)), None, 2))
            results = {part.currency: part.result.minor for part in earned if part.result.minor}
            assert {part.currency: part.result.minor for part in shown if part.result.minor} == results
        edges = [ago(days) for days in sorted(cuts, reverse=True)]
        whole: dict[str, int] = {}
        for since, until in pairwise(edges):
            part = Period(since + timedelta(days=1), until)
            for one in profit_and_loss(await store.movements(uow, RESULT, part, None, 3)):
                whole[one.currency.code] = whole.get(one.currency.code, 0) + one.result.minor
        period = Period(edges[0] + timedelta(days=1), edges[-1])
        together = profit_and_loss(await store.movements(uow, RESULT, period, None, 1))
        assert {code: minor for code, minor in whole.items() if minor} == {
            one.currency.code: one.result.minor for one in together if one.result.minor
        }
        moved = await store.movements(uow, MONEY, period, Period(None, edges[0]), 4)
        for line in moved:
            account = books.accounts[line.code, line.currency.code]
            before, after = [await ledger.balance_effective_by(uow, account, day) for day in (edges[0], edges[-1])]
            assert (line.compared, line.amount, line.account_id) == (before, after - before, account.id)
        assert sum(each.amount.minor * (1 if each.type.debit_normal else -1) for each in moved) == 0
        for line in (await store.general_ledger(uow, period, prefix=None, currency=None, after=None, limit=99)).items:
            account = books.accounts[line.code, line.opening.currency.code]
            assert line.closing == await ledger.balance_effective_by(uow, account, period.until)


async def test_what_was_lent_and_has_come_back_is_on_the_sheets_of_the_days_between(database: Database) -> None:
    books = await open_books(database)
    await books.post("asset:lent:one", "asset:bank", 700, 5)
    await books.post("asset:bank", "asset:lent:one", 700, 3)

    async def lent(days: int, compared: int) -> list[tuple[int, int]]:
        async with database.begin(books.scope) as uow:
            found = await store.movements(uow, MONEY, Period(None, ago(days)), Period(None, ago(compared)), 2)
        return [(one.amount.minor, one.compared.minor) for one in found if one.code == "asset:lent"]

    assert await lent(4, 6) == [(700, 0)]
    assert await lent(3, 5) == [(0, 700)]
    assert await lent(0, 3) == []


@pytest.fixture
def period() -> dict[str, str]:
    return {"since": str(ago(5)), "until": str(TODAY)}


async def ask(books: Books, path: str, query: dict[str, str]) -> httpx2.Response:
    async with calling(books.database, books.scope, [router]) as client:
        return await client.get(f"/reports/{path}", params=query)


async def test_a_statement_is_compared_with_an_earlier_period_and_each_line_opens_its_postings(
    database: Database, period: dict[str, str]
) -> None:
    books = await open_books(database)
    await books.post("asset:bank", "income:fees", 1_000, 8)
    await books.post("asset:bank", "income:fees", 3_000, 2)
    await books.post("expense:providers", "asset:bank", 500, 1)
    compared = {"compare_since": str(ago(11)), "compare_until": str(ago(6))}
    [shown] = (await ask(books, "profit-and-loss", period | compared)).json()["currencies"]
    [line] = shown["income"]["lines"]
    assert (line["amount"]["amount"], line["compared"]["amount"]) == (3_000, 1_000)
    assert (shown["result"]["amount"], shown["compared_result"]["amount"]) == (2_500, 1_000)
    rows = (await ask(books, "general-ledger", period | {"prefix": line["code"]})).json()["data"]
    assert [(row["opening"]["amount"], row["credit"]["amount"], row["closing"]["amount"]) for row in rows] == [
        (1_000, 3_000, 4_000)
    ]
    postings = (await ask(books, f"general-ledger/{line['account_id']}/postings", period)).json()["data"]
    assert [(one["credit"]["amount"], one["business_date"]) for one in postings] == [(3_000, str(ago(2)))]
    sheet = (await ask(books, "balance-sheet", {"as_of": str(ago(2)), "compare_as_of": str(ago(6))})).json()
    [part] = sheet["currencies"]
    assert (sheet["balanced"], part["assets"]["total"]["amount"], part["compared_result"]["amount"]) == (
        True,
        4_000,
        1_000,
    )


async def test_files_hold_exactly_what_the_view_shows(database: Database, period: dict[str, str]) -> None:
    books = await open_books(database, ("IDR", "JPY"))
    await books.post("asset:bank", "income:fees", 123_456, 2)
    await books.post("asset:bank", "income:fees", 789, 2, "JPY")
    await books.post("expense:providers", "liability:deposits:one", 1_001, 1)
    seen = (await ask(books, "profit-and-loss", period)).json()["currencies"]
    wanted = [
        (part["currency"], line["code"], line["amount"]["amount"])
        for part in seen
        for side in ("income", "expense")
        for line in part[side]["lines"]
    ]
    answer = await ask(books, "profit-and-loss/file", period)
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    exponents = {"IDR": 100, "JPY": 1}
    told = [
        (row["Currency"], row["Line"], round(float(row["Amount"]) * exponents[row["Currency"]]))
        for row in rows
        if row["Section"] != "result" and row["Line"] != "Total"
    ]
    assert told == wanted
    for path, query in (
        ("profit-and-loss", period),
        ("balance-sheet", {"as_of": str(TODAY)}),
        ("trial-balance", {"as_of": str(TODAY)}),
        ("general-ledger", period),
    ):
        written = (await ask(books, f"{path}/file", query)).text
        book = (await ask(books, f"{path}/file", query | {"format": "xlsx"})).content
        assert cells(book) == [
            [_number(cell) for cell in row if cell != ""] for row in csv.reader(io.StringIO(written))
        ], path


async def test_a_file_of_the_trial_balance_has_each_balance_on_its_side_and_totals_of_each_currency(
    database: Database,
) -> None:
    books = await open_books(database, ("IDR", "JPY"))
    await books.post("asset:bank", "income:fees", 123_456, 2)
    await books.post("asset:bank", "income:fees", 789, 2, "JPY")
    await books.post("expense:providers", "asset:bank", 1_001, 1)
    answer = await ask(books, "trial-balance/file", {"as_of": str(TODAY)})
    assert answer.text.splitlines() == [
        "Account,Type,Currency,Debit,Credit",
        "asset:bank,asset,IDR,1224.55,",
        "expense:providers,expense,IDR,10.01,",
        "income:fees,income,IDR,,1234.56",
        "Total,,IDR,1234.56,1234.56",
        "asset:bank,asset,JPY,789,",
        "income:fees,income,JPY,,789",
        "Total,,JPY,789,789",
    ]
    as_of_then = (await ask(books, "trial-balance/file", {"as_of": str(ago(2)), "depth": "1"})).text.splitlines()
    assert as_of_then[1:4] == ["asset,asset,IDR,1234.56,", "income,income,IDR,,1234.56", "Total,,IDR,1234.56,1234.56"]


def cells(book: bytes) -> list[list[Any]]:
    """The first sheet of a workbook, read by what the format says and not by the library that wrote it."""
    from xml.etree import ElementTree

    space = {"s": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        texts = ElementTree.fromstring(archive.read("xl/sharedStrings.xml"))
        strings = ["".join(one.itertext()) for one in texts.findall("s:si", space)]
        sheet = ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml"))
    found = []
    for row in sheet.iterfind(".//s:row", space):
        read: list[Any] = []
        for cell in row.findall("s:c", space):
            value = cell.findtext("s:v", "", space)
            read.append(strings[int(value)] if cell.get("t") == "s" else float(value))
        found.append(read)
    return found


def _number(cell: str) -> Any:
    try:
        return float(cell)
    except ValueError:
        return cell


async def test_a_period_that_ends_before_it_begins_is_refused(database: Database) -> None:
    books = await open_books(database)
    for path, query in (
        ("profit-and-loss", {"since": str(TODAY), "until": str(ago(1))}),
        ("profit-and-loss", {"since": str(ago(1)), "until": str(TODAY), "compare_since": str(ago(9))}),
        ("general-ledger", {"since": str(TODAY), "until": str(ago(1))}),
    ):
        answer = await ask(books, path, query)
        assert (answer.status_code, answer.json()["code"]) == (422, "period_invalid")
