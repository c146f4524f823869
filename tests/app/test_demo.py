"""The demo: made once by its command, sound, with something to see in every list."""

import asyncio
import json
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from specie import events
from specie.app import demo
from specie.app.api import create_app
from specie.app.backup import place_keys, write_keys
from specie.app.cli.database import pointed_at
from specie.app.cli.exit_codes import ExitCode
from specie.app.tenant_archive import take_in, write_archive
from specie.app.wiring import build
from specie.identity.scopes import scope_for_job
from specie.kernel import ids
from specie.kernel.ids import RequestId, TenantId
from specie.platform.config import Settings
from specie.platform.postgres import EmbeddedPostgres
from specie.platform.postgres_roles import SUPERUSER
from specie.reports.parts import PARTS
from specie.reports.service import explain
from tests.app.test_cli import specie
from tests.reports.test_trace import no_deliveries
from tests.support.asgi import running
from tests.support.server import ServerForTests
from tests.support.settings import unhurried
from tests.support.soundness import broken_invariants
from tests.support.state import reachable_folder


@dataclass(frozen=True)
class Made:
    """An installation with the demo, whose database runs again."""

    settings: Settings
    logins: list[dict[str, str]]
    books: psycopg.Connection


@pytest.fixture(scope="module")
def empty() -> Iterator[Path]:
    """The state folder of an installation that has no database yet."""
    with reachable_folder() as state:
        yield state


@pytest.fixture(scope="module")
def made(empty: Path) -> Iterator[Made]:
    """What `specie demo` made of it."""
    answer = specie("demo", "--yes", "--json", SPECIE_STATE=str(empty))
    assert answer.returncode == ExitCode.OK, answer.stderr
    server = EmbeddedPostgres(empty)
    assert not server.adopt()
    server.start()
    settings = pointed_at(server, Settings(state=empty, _env_file=None))
    try:
        with psycopg.connect(server.url(SUPERUSER), autocommit=True) as books:
            yield Made(settings, json.loads(answer.stdout)["logins"], books)
    finally:
        server.stop()


def test_the_command_asks_before_it_deletes_anything(empty: Path) -> None:
    assert specie("demo", "--json", SPECIE_STATE=str(empty)).returncode == ExitCode.USAGE


async def test_a_second_seeding_changes_nothing_and_tells_the_same(made: Made) -> None:
    count = "select count(*) from specie.journal_entry"
    before = made.books.execute(count).fetchone()
    assert await demo.seed(made.settings) == made.logins
    assert made.books.execute(count).fetchone() == before
    assert broken_invariants(made.settings.auditor_url) == []


def test_the_command_of_the_container_fills_the_database_it_is_given_and_deletes_nothing(made: Made) -> None:
    given = {"SPECIE_STATE": str(made.settings.state), "DATABASE_URL": made.settings.database_url}
    count = "select count(*) from specie.journal_entry"
    before = made.books.execute(count).fetchone()
    answer = specie("demo", "--fill", "--json", **given, SPECIE_SYSTEM_URL=made.settings.system_url)
    assert (answer.returncode, json.loads(answer.stdout)["logins"]) == (ExitCode.OK, made.logins)
    assert made.books.execute(count).fetchone() == before


def test_there_are_no_demo_data_in_production(tmp_path: Path) -> None:
    given = {"DATABASE_URL": "postgresql://specie_app@nowhere/specie", "SPECIE_BASE_URL": "https://pay.example"}
    secrets = {"SPECIE_SECRET_KEY": "s" * 32, "SPECIE_MASTER_KEY": "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="}
    given |= {"SPECIE_STATE": str(tmp_path), "SPECIE_ENVIRONMENT": "production", **secrets}
    answer = specie("demo", "--fill", **given)
    assert (answer.returncode, "no demo data" in answer.stderr) == (ExitCode.SETTINGS, True)


SELDOM_MADE = {
    *("bkc", "dbn", "dsf", "key", "ltr", "oim", "pim", "pme", "pob", "prb", "rte", "ses", "spo", "trf", "usr", "view"),
    *("acct", "cb", "evt", "req", "txn"),
}
"""Kinds that the demo makes none of, or that are found by records of their own."""
SUBJECTS = """
select distinct on (told.prefix) told.prefix, told.subject_id, told.tenant_id
  from (select tenant_id, subject_id, split_part(subject_id, '_', 1) as prefix from specie.event
        union all
        select tenant_id, subject_id, split_part(subject_id, '_', 1) from specie.audit) told
 where told.subject_id ~ '^[a-z]+_[0-9a-z]{26}$'
"""


async def test_a_thing_of_every_kind_in_the_demo_can_be_explained(made: Made) -> None:
    known = made.books.execute(SUBJECTS).fetchall()
    assert set(ids.prefixes()) - PARTS.keys() - SELDOM_MADE == {prefix for prefix, *_ in known} - SELDOM_MADE
    services = build(made.settings)
    # The worker numbers what is told; the demo has run without one.
    while await events.publish(services.db):
        pass
    for _, text, tenant in known:
        scope = await scope_for_job(services.db, TenantId(tenant), "test", RequestId.new())
        async with services.db.begin(scope) as uow:
            found = await explain(uow, text, no_deliveries)
        assert found.acts or found.events or found.entries, text
    await services.db.close()


def test_there_is_a_login_for_each_role_and_two_keys_of_the_sandbox(made: Made) -> None:
    assert [login["role"] for login in made.logins] == [
        *("owner", "admin", "finance", "operator", "sales", "viewer", "merchant", "customer", "customer"),
        *("customer waiting for review", "API key of the merchant", "API key of the sandbox"),
    ]
    assert all(login["api_key"].startswith("spc_test_") for login in made.logins[-2:])


def test_the_secrets_are_made_for_this_installation_and_readable_by_its_owner_alone(made: Made) -> None:
    kept = made.settings.state / "secrets" / "demo.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    passwords = json.loads(kept.read_text())["passwords"]
    assert {login["password"] for login in made.logins if "password" in login} == set(passwords.values())
    assert len(set(passwords.values())) == len(passwords)


def test_payments_stand_in_every_state(made: Made) -> None:
    states = {state for (state,) in made.books.execute("select distinct state from specie.payment")}
    assert states >= {"pending", "paid", "failed", "expired", "cancelled"}


def test_business_goes_back_ninety_days_in_three_currencies(made: Made) -> None:
    row = made.books.execute(
        "select max(business_date) - min(business_date), count(distinct business_date) from specie.journal_entry"
    ).fetchone()
    assert row is not None
    assert row[0] >= 88
    assert row[1] > 40
    wallets = made.books.execute(
        "select count(distinct currency) from specie.account"
        " where code like 'liability:wallets:%' and balance_minor > 0"
    ).fetchone()
    assert wallets == (3,)


_SAME_ANSWERS = (
    *("/wallets?limit=100", "/ledger/trial-balance", "/ledger/accounts?limit=100", "/events?limit=100", "/parties"),
    *("/payments?limit=100", "/payouts", "/billing/invoices", "/statements", "/settlements", "/stock/movements"),
    *("/installments/orders", "/cashback/offers", "/purchases", "/crm/customers", "/audit", "/webhook-endpoints"),
)


async def test_all_of_it_moves_to_an_empty_installation(
    made: Made, postgres_server: ServerForTests, tmp_path: Path
) -> None:
    server = EmbeddedPostgres(made.settings.state)
    assert server.adopt()
    superuser = server.url(SUPERUSER, "specie")
    archive = tmp_path / "tenant.tar.gz"
    written = await asyncio.to_thread(write_archive, made.settings, superuser, "warung-kopi", archive)
    write_keys(made.settings, tmp_path / "keys")
    place_keys(tmp_path / "there", tmp_path / "keys")
    name = postgres_server.create_database()
    urls = postgres_server.urls(name)
    there = unhurried(urls, tmp_path / "there", host=made.settings.host, port=made.settings.port)
    try:
        taken = await take_in(there, urls.superuser, archive)
        assert taken.report.is_sound
        assert taken.rows == written.rows
        assert taken.files == written.files > 0
        here = unhurried_urls(made)
        assert await asyncio.to_thread(answers, there, made) == await asyncio.to_thread(answers, here, made)
    finally:
        postgres_server.drop_database(name)


def unhurried_urls(made: Made) -> Settings:
    limits = dict.fromkeys(("rate_limit_address", "rate_limit_actor"), 1000000)
    return made.settings.model_copy(update=limits)


def answers(settings: Settings, made: Made) -> dict[str, Any]:
    """What the key of the sandbox is told by an installation; it is the same key at both."""
    headers = {"Authorization": f"Bearer {made.logins[-1]['api_key']}"}
    with running(create_app(settings), "http://127.0.0.1:8000") as client:
        told = {path: client.get(f"/api/v1{path}", headers=headers) for path in _SAME_ANSWERS}
    assert {path: answer.status_code for path, answer in told.items()} == dict.fromkeys(_SAME_ANSWERS, 200)
    # A cursor is bound to the moment it was made.
    return {path: answer.json() | {"next_cursor": None} for path, answer in told.items()}


def test_the_command_leaves_a_running_and_a_given_database_alone(made: Made) -> None:
    assert specie("demo", "--yes", SPECIE_STATE=str(made.settings.state)).returncode == ExitCode.DATABASE
    assert made.books.execute("select 1").fetchone() == (1,)
    given = specie("demo", "--yes", DATABASE_URL="postgresql://specie_app@127.0.0.1:1/specie")
    assert given.returncode == ExitCode.SETTINGS
