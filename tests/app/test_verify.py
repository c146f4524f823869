"""Whatever a superuser changes in the books is found: every column of every table, every row lost or slipped in."""

import json
import re
from collections.abc import Awaitable, Callable, Iterator
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from psycopg import sql

from specie import audit, events, ledger
from specie.app.cli.exit_codes import ExitCode
from specie.app.verify import verify
from specie.kernel.ids import AccountId, UserId
from specie.kernel.money import Money
from specie.kernel.scope import Scope
from specie.ledger import budget_service, periods, tables
from specie.platform.db import Database, UnitOfWork
from specie.platform.signing import Signer
from tests.app.test_cli import specie
from tests.ledger.books import open_account, post
from tests.support.scopes import fresh_scope
from tests.support.server import DatabaseUrls, ServerForTests
from tests.support.soundness import Auditor

Finder = Callable[[], Awaitable[bool]]

TABLES = (
    "account",
    "journal_entry",
    "posting",
    "account_day",
    "period_closing",
    "budget",
    "ledger_block",
    "ledger_head",
    "ledger_checkpoint",
    "ledger_checkpoint_part",
    "event",
    "event_number",
    "event_head",
    "audit",
    "audit_seal",
    "audit_head",
)
# What a column of this type is changed to; every change differs from what stood there.
CHANGES = {
    "text": "coalesce({0}, '') || 'x'",
    "uuid": "gen_random_uuid()",
    "bigint": "coalesce({0}, 0) + 1",
    "integer": "coalesce({0}, 0) + 1",
    "smallint": "coalesce({0}, 0) + 1",
    "numeric": "{0} + 1",
    "boolean": "not {0}",
    "date": "coalesce({0}, date '2020-01-01') - 1",
    "timestamp with time zone": "coalesce({0}, timestamptz '2020-01-01') - interval '1 microsecond'",
    "jsonb": "jsonb_build_object('was', {0})",
    "bytea": "sha256({0})",
    "xid8": "'1'::xid8",
}

# An account without postings holds no money and is in no seal, so the tests change one that has some.
# A table of the ledger by which nothing is proved, and why.
PROVES_NOTHING = {
    "balance_monitor": "it says when to tell somebody; no money, limit or closing depends on it",
}

CHOSEN = {"account": "where version > 0"}
# A name is a label that may change; the fingerprint only tells a repeated command from a different one.
NOT_PROVED = {"account": ["name"], "journal_entry": ["command_fingerprint"]}


async def a_sound_book(database: Database) -> Scope:
    """Two currencies, two sealed blocks, a reversal, a frozen and a closed account, sealed audit rows."""
    scope = fresh_scope()
    for code in ("JPY", "KWD"):
        cash = await open_account(database, scope, "asset:cash:one", code, control="asset:cash")
        wallet = await open_account(database, scope, "liability:wallet:one", code, floor=0, control="liability:wallet")
        entries = [await post(database, scope, (cash, wallet, 5), (wallet, cash, 1)) for _ in range(3)]
        async with database.begin(scope) as uow:
            await ledger.reverse(uow, entries[0].id, effective_at=uow.now, reason="a mistake")
            await ledger.freeze(uow, wallet.id, debits=True, credits=False, reason="a doubt")
            await ledger.set_floor(uow, wallet.id, Money(-3, wallet.currency), reason="a credit line")
        await seal(database)
    unused = await open_account(database, scope, "asset:unused", "KWD")
    async with database.begin(scope) as uow:
        await ledger.close_account(uow, unused.id, reason="not needed")
        for verb, day in ((periods.close, "2026-01-31"), (periods.close, "2026-02-28"), (periods.reopen, "2026-01-31")):
            await verb(uow, date.fromisoformat(day), reason="month end")
        for _ in range(2):
            limit = Money.of(1_000, "JPY")
            await budget_service.set_budget(uow, f"user:{UserId.new()}", limit.currency, limit, None)
    await seal(database)
    async with database.system() as uow:
        await ledger.make_checkpoint(uow, await ledger.block_heads(uow), Signer(bytes(32), "checkpoints"))
    return scope


async def seal(database: Database) -> None:
    number = partial(events.number_pending, limit=1000)
    steps: tuple[Callable[[UnitOfWork], Awaitable[Any]], ...] = (number, ledger.seal_pending, audit.seal_pending)
    for step in steps:
        async with database.system() as uow:
            await step(uow)


@pytest.fixture(scope="module")
async def scope(database: Database) -> Scope:
    return await a_sound_book(database)


class Tamperer:
    """A superuser with triggers off; each change can be undone, so that the next one starts from sound books."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection
        connection.execute("set session_replication_role = replica")
        for table in TABLES:
            self._run("create temporary table {0} as table specie.{0}", table)

    def columns(self, table: str) -> list[tuple[str, str]]:
        query = (
            "select column_name, data_type from information_schema.columns"
            " where table_schema = 'specie' and table_name = %s order by ordinal_position"
        )
        return self._connection.execute(query, [table]).fetchall()

    def change(self, table: str, column: str, kind: str) -> bool:
        """Change one column of one row; False when a constraint refuses it."""
        value = sql.SQL(CHANGES[kind]).format(sql.Identifier(column))
        where = sql.SQL(f"where ctid = (select ctid from specie.{table} {CHOSEN.get(table, '')} limit 1)")
        statement = sql.SQL("update specie.{} set {} = {} {}").format(
            sql.Identifier(table), sql.Identifier(column), value, where
        )
        try:
            assert self._connection.execute(statement).rowcount == 1
        except psycopg.errors.IntegrityError:
            return False
        return True

    def lose(self, table: str) -> None:
        self._run(
            f"delete from specie.{{0}} where ctid = (select max(ctid) from specie.{{0}} {CHOSEN.get(table, '')})", table
        )

    def slip_in(self, table: str, changes: str) -> None:
        """Copy one row with some of its columns changed."""
        names = [name for name, _ in self.columns(table)]
        values = dict(part.split("=") for part in changes.split(";"))
        selected = ", ".join(values.get(name, name) for name in names)
        self._run(f"insert into specie.{{0}} select {selected} from specie.{{0}} limit 1", table)

    def undo(self, table: str) -> None:
        self._run("delete from specie.{0}", table)
        self._run("insert into specie.{0} table pg_temp.{0}", table)

    def _run(self, statement: str, table: str) -> None:
        self._connection.execute(sql.SQL(statement).format(sql.Identifier(table)))


@pytest.fixture
def tamper(scope: Scope, superuser_connection: psycopg.Connection) -> Iterator[Tamperer]:
    """Afterwards every table is as it was."""
    tamperer = Tamperer(superuser_connection)
    yield tamperer
    for table in TABLES:
        tamperer.undo(table)


@pytest.fixture
def is_found(auditor: Auditor, database_urls: DatabaseUrls) -> Finder:
    """Whether verifying notices: by an invariant, which a kept connection asks without planning it anew, or a chain."""

    async def found() -> bool:
        return not auditor.is_sound() or not (await verify(database_urls.auditor)).is_sound

    return found


async def test_untouched_books_are_sound(scope: Scope, database_urls: DatabaseUrls) -> None:
    report = await verify(database_urls.auditor)
    assert report.findings == []
    assert report.is_sound
    assert report.tenants == 1
    assert report.counts["entries"] == 8
    assert report.postings == 16


def test_every_table_of_the_ledger_is_proved_or_has_a_reason_why_it_proves_nothing() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in Path(ledger.__file__).parent.glob("*.py"))
    named = set(re.findall(r"(?:from|into|update|join) specie\.(\w+)(?![\w.]* import)", sources))
    named |= {each.name for each in vars(tables).values() if isinstance(each, sa.Table)}
    # These belong to identity and to the platform.
    assert named - {*TABLES, *PROVES_NOTHING} == {"api_key", "idempotency"}


@pytest.mark.breaks_the_books
@pytest.mark.parametrize("table", TABLES)
async def test_a_changed_column_is_found(tamper: Tamperer, is_found: Finder, table: str) -> None:
    missed = []
    for column, kind in tamper.columns(table):
        if not tamper.change(table, column, kind):
            continue
        if not await is_found():
            missed.append(column)
        tamper.undo(table)
    assert missed == NOT_PROVED.get(table, [])


@pytest.mark.breaks_the_books
@pytest.mark.parametrize("table", TABLES)
async def test_a_lost_row_is_found(tamper: Tamperer, is_found: Finder, table: str) -> None:
    tamper.lose(table)
    assert await is_found()


@pytest.mark.breaks_the_books
@pytest.mark.parametrize(
    ("table", "changes"),
    [
        ("journal_entry", "id=gen_random_uuid();command_key=null;reverses_id=null"),
        ("posting", "line=line + 100"),
        ("period_closing", "id=gen_random_uuid();closed_through=null"),
        ("budget", "actor=actor || 'x'"),
        ("account_day", "business_date=business_date + 1"),
        ("ledger_block", "number=number + 100;previous_hash=sha256(hash)"),
        ("ledger_checkpoint", "number=number + 100;previous_hash=sha256(signature)"),
        ("ledger_checkpoint_part", "number=number + 100"),
        ("event_number", "n=n + 100;event_id=gen_random_uuid()"),
        ("audit", "id=gen_random_uuid()"),
        ("audit_seal", "n=n + 100;audit_id=gen_random_uuid();prev_hash=sha256(hash)"),
    ],
)
async def test_a_row_slipped_in_is_found(tamper: Tamperer, is_found: Finder, table: str, changes: str) -> None:
    tamper.slip_in(table, changes)
    assert await is_found()


@pytest.fixture
def variables(database_urls: DatabaseUrls) -> dict[str, str]:
    return {"DATABASE_URL": database_urls.app, "SPECIE_AUDITOR_URL": database_urls.auditor}


def test_the_command_says_green_with_counts(scope: Scope, variables: dict[str, str]) -> None:
    answer = specie("verify", **variables)
    assert answer.returncode == ExitCode.OK
    assert answer.stdout.startswith("✓ The books are sound. ")
    assert "16 postings" in answer.stdout
    told = json.loads(specie("verify", "--json", **variables).stdout)
    assert (told["sound"], told["tenants"], told["postings"]) == (True, 1, 16)


@pytest.mark.breaks_the_books
def test_the_command_names_the_first_wrong_row_and_has_its_own_exit_code(
    scope: Scope, tamper: Tamperer, variables: dict[str, str], superuser_connection: psycopg.Connection
) -> None:
    row = superuser_connection.execute("select id from specie.account where version > 0 limit 1").fetchone()
    assert row is not None
    superuser_connection.execute("update specie.account set balance_minor = balance_minor + 1 where id = %s", row)
    answer = specie("verify", **variables)
    assert answer.returncode == ExitCode.BOOKS_BROKEN
    assert "NOT sound" in answer.stdout
    assert str(AccountId(row[0])) in answer.stdout
    [finding] = json.loads(specie("verify", "--json", **variables).stdout)["findings"]
    assert finding["module"] == "ledger"
    assert finding["rows"][0]["account_id"] == str(AccountId(row[0]))


def test_a_database_without_tables_is_a_schema_behind(postgres_server: ServerForTests) -> None:
    with postgres_server.empty_database() as urls:
        answer = specie("verify", DATABASE_URL=urls.app, SPECIE_AUDITOR_URL=urls.auditor)
    assert answer.returncode == ExitCode.SCHEMA_BEHIND
    assert "specie migrate" in answer.stderr
    assert "select" not in answer.stderr


def test_the_auditor_url_is_asked_for() -> None:
    answer = specie("verify", DATABASE_URL="postgresql://specie_app@127.0.0.1:1/specie")
    assert answer.returncode == ExitCode.SETTINGS
    assert "SPECIE_AUDITOR_URL" in answer.stderr


def test_a_database_that_is_away_has_its_own_exit_code() -> None:
    nowhere = "postgresql://specie_auditor@127.0.0.1:1/specie"
    answer = specie("verify", DATABASE_URL=nowhere, SPECIE_AUDITOR_URL=nowhere)
    assert answer.returncode == ExitCode.DATABASE
    assert "Traceback" not in answer.stderr
