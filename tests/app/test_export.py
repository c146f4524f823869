"""The books as plain text: an independent program agrees with every balance, and says no when one is a cent off."""

import csv
import io
import json
import re
import subprocess
import sys
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
from beancount import loader
from beancount.core import data as directives
from hypothesis import given
from hypothesis import strategies as st

from specie import ledger
from specie.app.cli.exit_codes import ExitCode
from specie.app.export import Format, Totals, read_books, write
from specie.app.export.names import account_code, beancount_name
from specie.kernel.clock import machine_now
from specie.kernel.ids import TenantId
from specie.kernel.money import currencies
from specie.kernel.scope import Scope
from specie.platform.db import Database
from tests.app.test_cli import specie
from tests.ledger.books import draft, open_account, post
from tests.support.scopes import fresh_scope
from tests.support.server import DatabaseUrls

BEAN_CHECK = Path(sys.executable).with_name("bean-check")
MINOR = {"IDR": 1_500_050, "JPY": 1500, "KWD": 1501}


@pytest.fixture(scope="module")
async def books(database: Database) -> Scope:
    """A tenant with three currencies, memo accounts, an unused account, a reversal of sorts and awkward texts."""
    scope = fresh_scope(zone="Asia/Jakarta")
    for code, minor in MINOR.items():
        clearing = await open_account(database, scope, "asset:provider_clearing:sim.1", code)
        wallet = await open_account(database, scope, "liability:purses:wal_01-x:available", code, floor=0)
        fees = await open_account(database, scope, "income:fees", code)
        await post(database, scope, (clearing, wallet, minor), (wallet, fees, minor // 10))
        await post(database, scope, (wallet, clearing, minor // 2))
    await open_account(database, scope, "equity:never_used", "KWD")
    room = await open_account(database, scope, "memo:room", "IDR", floor=0)
    source = await open_account(database, scope, "memo:source", "IDR")
    await post(database, scope, (room, source, 77))
    return scope


async def exported(urls: DatabaseUrls, tenant: TenantId | None, kind: Format = Format.BEANCOUNT) -> tuple[str, Totals]:
    pieces: list[str] = []
    async with read_books(urls.auditor, tenant) as read:
        totals = await write(read, kind, pieces.append)
    return "".join(pieces), totals


@pytest.fixture
async def text(books: Scope, database_urls: DatabaseUrls) -> str:
    return (await exported(database_urls, books.tenant_id))[0]


def bean_check(text: str, folder: Path) -> subprocess.CompletedProcess[str]:
    file = folder / "books.beancount"
    file.write_text(text, encoding="utf-8")
    return subprocess.run([BEAN_CHECK, file], capture_output=True, text=True, check=False)


def test_bean_check_accepts_the_books_of_one_tenant(text: str, tmp_path: Path) -> None:
    checked = bean_check(text, tmp_path)
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


async def test_bean_check_accepts_all_tenants_in_one_file(
    database: Database, books: Scope, database_urls: DatabaseUrls, tmp_path: Path
) -> None:
    other = fresh_scope()
    cash = await open_account(database, other, "asset:provider_clearing:sim.1", "JPY")
    equity = await open_account(database, other, "equity:opening", "JPY")
    await post(database, other, (cash, equity, 5))
    whole, totals = await exported(database_urls, None)
    checked = bean_check(whole, tmp_path)
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")
    assert totals.tenants == 2


ONE_OFF = {"IDR": Decimal("0.01"), "JPY": Decimal(1), "KWD": Decimal("0.001")}


@pytest.mark.parametrize("currency", ONE_OFF)
@pytest.mark.parametrize("sign", [1, -1])
def test_one_minor_unit_off_in_a_balance_is_refused(text: str, tmp_path: Path, currency: str, sign: int) -> None:
    line = next(line for line in text.splitlines() if " balance Assets" in line and line.endswith(f" {currency}"))
    amount = line.split()[3]
    changed = line.replace(f" {amount} ", f" {Decimal(amount) + sign * ONE_OFF[currency]} ")
    checked = bean_check(text.replace(line, changed), tmp_path)
    assert checked.returncode == 1
    assert "Balance failed" in checked.stdout + checked.stderr


@pytest.mark.parametrize("currency", ONE_OFF)
def test_one_minor_unit_off_in_a_posting_is_refused(text: str, tmp_path: Path, currency: str) -> None:
    line = next(line for line in text.splitlines() if line.startswith("  Assets") and line.endswith(f" {currency}"))
    amount = line.split()[1]
    changed = line.replace(f" {amount} ", f" {Decimal(amount) + ONE_OFF[currency]} ")
    assert bean_check(text.replace(line, changed, 1), tmp_path).returncode == 1


def test_every_account_and_currency_has_one_balance_assertion(
    books: Scope, text: str, superuser_connection: psycopg.Connection
) -> None:
    kept = superuser_connection.execute(
        "select code, currency from specie.account where tenant_id = %s and type <> 'memo'", [books.tenant_id.uuid]
    ).fetchall()
    asserted = re.findall(r"^\S+ balance (\S+) \S+ ~ 0 (\S+)$", text, re.MULTILINE)
    assert sorted((account_code(name), currency) for name, currency in asserted) == sorted(kept)


async def test_beancount_adds_up_to_the_trial_balance(database: Database, books: Scope, text: str) -> None:
    entries, errors, _ = loader.load_string(text)
    assert errors == []
    totals: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for entry in entries:
        for posting in entry.postings if isinstance(entry, directives.Transaction) else ():
            totals[account_code(posting.account), posting.units.currency] += posting.units.number
    async with database.begin(books) as uow:
        day = machine_now().date().replace(year=9999)
        lines = await ledger.branches(uow, ledger.MONEY_TYPES, until=day, depth=8)
    expected = {
        (line.code, line.currency.code): Decimal(line.debit_minor).scaleb(-line.currency.exponent) for line in lines
    }
    assert totals == expected


def test_an_entry_carries_its_cause_and_memo_accounts_stay_out(books: Scope, text: str) -> None:
    assert text.count('* "test.move@1"') == 2 * len(MINOR)
    assert len(set(re.findall(r'entry: "(txn_\w+)"', text))) == 2 * len(MINOR)
    assert f'actor: "{books.actor}"' in text
    assert "memo" not in text.lower()


async def test_entries_before_the_opening_of_their_account_and_wild_descriptions_are_accepted(
    database: Database, database_urls: DatabaseUrls, tmp_path: Path
) -> None:
    scope = fresh_scope()
    cash = await open_account(database, scope, "asset:cash", "KWD")
    equity = await open_account(database, scope, "equity:opening", "KWD")
    wild = 'a "quote", a \\ and\nmany\n' + "lines\n" * 100
    backdated = replace(draft((cash, equity, 5)), description=wild, effective_at=machine_now() - timedelta(days=400))
    async with database.begin(scope) as uow:
        await ledger.post(uow, backdated)
    text, _ = await exported(database_urls, scope.tenant_id)
    assert bean_check(text, tmp_path).returncode == 0


async def test_a_tenant_without_accounts_gives_an_empty_file(database_urls: DatabaseUrls, tmp_path: Path) -> None:
    text, totals = await exported(database_urls, TenantId.new())
    assert bean_check(text, tmp_path).returncode == 0
    assert totals.entries == 0


async def test_csv_has_a_line_per_posting_and_disarms_formulas(
    database: Database, books: Scope, database_urls: DatabaseUrls
) -> None:
    scope = fresh_scope()
    cash = await open_account(database, scope, "asset:cash", "KWD")
    equity = await open_account(database, scope, "equity:opening", "KWD")
    async with database.begin(scope) as uow:
        await ledger.post(uow, replace(draft((cash, equity, 5)), description="=1+1"))
    text, _ = await exported(database_urls, scope.tenant_id, Format.CSV)
    [row] = csv.DictReader(io.StringIO(text))
    assert (row["debit"], row["credit"], row["amount"], row["currency"]) == (
        "asset:cash",
        "equity:opening",
        "0.005",
        "KWD",
    )
    assert row["description"] == "'=1+1"


CODES = st.from_regex(
    re.compile(r"(asset|liability|equity|income|expense)(:[a-z0-9_.-]+){1,4}", re.ASCII), fullmatch=True
)
NAME = re.compile(r"(Assets|Liabilities|Equity|Income|Expenses)(:[A-Z0-9][A-Za-z0-9-]*)+")


@given(CODES)
def test_names_obey_beancount_and_turn_back_into_their_codes(code: str) -> None:
    assert NAME.fullmatch(beancount_name(code))
    assert account_code(beancount_name(code)) == code
    owned = beancount_name(code, str(TenantId.new()))
    assert NAME.fullmatch(owned)
    assert account_code(owned, has_owner=True) == code


def test_every_currency_is_a_commodity_to_beancount() -> None:
    pattern = re.compile(r"[A-Z][A-Z0-9'._-]{0,22}[A-Z0-9]")
    assert all(pattern.fullmatch(currency.code) for currency in currencies().values())


@pytest.fixture
def variables(database_urls: DatabaseUrls) -> dict[str, str]:
    return {"DATABASE_URL": database_urls.app, "SPECIE_AUDITOR_URL": database_urls.auditor}


def test_the_command_writes_a_whole_file_and_reports_control_totals(
    books: Scope, variables: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "out.beancount"
    answer = specie("export", "beancount", "--tenant", str(books.tenant_id), "--out", str(file), "--json", **variables)
    assert answer.returncode == ExitCode.OK, answer.stderr
    assert bean_check(file.read_text(), tmp_path).returncode == 0
    told = json.loads(answer.stdout)
    assert told["entries"] == 2 * len(MINOR)
    assert told["debits_minor"] == {code: minor + minor // 10 + minor // 2 for code, minor in MINOR.items()}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["books.beancount", "out.beancount"]


def test_without_a_file_the_books_go_to_standard_output(books: Scope, variables: dict[str, str], text: str) -> None:
    answer = specie("export", "beancount", "--tenant", str(books.tenant_id), **variables)
    assert answer.stdout == text


@pytest.mark.parametrize("arguments", [["ubl"], ["csv", "--json"], ["csv", "--tenant", "pay_1"]])
def test_a_wrong_command_line_is_a_usage_error(variables: dict[str, str], arguments: list[str]) -> None:
    assert specie("export", *arguments, **variables).returncode == ExitCode.USAGE
