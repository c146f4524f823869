"""The nightly copies of the books: one of a day and format, sealed where they lie, gone after their time."""

import gzip
import hashlib
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest

from specie.app import nightly_books
from specie.app.wiring import Services, build
from specie.identity.scopes import system_scope
from specie.kernel.scope import Scope
from specie.platform.config import Settings
from specie.platform.db import Database
from specie.platform.jobs import JobContext
from tests.app.callers import api_key, organisation
from tests.ledger.books import open_account, post
from tests.support.hledger import read


@pytest.fixture(scope="module")
async def services(settings: Settings) -> AsyncIterator[Services]:
    made = build(settings)
    yield made
    await made.db.close()


@pytest.fixture(scope="module")
async def tenants(services: Services, database: Database) -> tuple[Scope, Scope, str]:
    """A tenant with an entry, its sandbox without any, and a key of the first."""
    made = await organisation(services, "nightly")
    scope, empty = system_scope(made.live), system_scope(made.sandbox)
    cash = await open_account(database, scope, "asset:cash")
    await post(database, scope, (cash, await open_account(database, scope, "equity:opening"), 12_345))
    return scope, empty, await api_key(services, made.live)


@pytest.fixture
def accountant(client: httpx2.Client, tenants: tuple[Scope, Scope, str]) -> Iterator[httpx2.Client]:
    client.headers["Authorization"] = f"Bearer {tenants[2]}"
    yield client
    del client.headers["Authorization"]


async def night(services: Services, scope: Scope) -> None:
    await nightly_books.copy_books(JobContext(services.db, scope, services.by_name()))


def listed(client: httpx2.Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get("/api/v1/books-copies").json()["data"]
    return found


def stored(settings: Settings) -> list[Path]:
    return [path for path in (settings.state / "files" / "books").glob("*/*") if path.is_file()]


async def test_a_day_has_one_copy_of_each_format_and_what_is_taken_adds_up(
    services: Services, settings: Settings, tenants: tuple[Scope, Scope, str], accountant: httpx2.Client
) -> None:
    scope, empty, _ = tenants
    for each in (scope, scope, empty):
        await night(services, each)

    rows = {row["format"]: row for row in listed(accountant)}
    assert sorted(rows) == ["beancount", "hledger"]
    assert len(stored(settings)) == 2
    taken = accountant.get(f"/api/v1/books-copies/{rows['hledger']['id']}/file")
    journal = gzip.decompress(taken.content)
    assert taken.headers["Content-Disposition"].endswith('.journal.gz"')
    assert (len(journal), hashlib.sha256(journal).hexdigest()) == (rows["hledger"]["size"], rows["hledger"]["sha256"])
    assert [posting.amount for posting in read(journal.decode())[0].postings] == [Decimal("123.45"), Decimal("-123.45")]
    # Where they lie nobody reads them.
    assert all(b"\x1f\x8b" not in path.read_bytes()[:40] for path in stored(settings))
    audited = accountant.get("/api/v1/audit", params={"action": "books_copy.take"}).json()["data"]
    assert [row["subject"]["id"] for row in audited] == [rows["hledger"]["id"]]


async def test_copies_older_than_their_days_are_taken_away_with_their_files(
    services: Services,
    settings: Settings,
    tenants: tuple[Scope, Scope, str],
    accountant: httpx2.Client,
    superuser_connection: psycopg.Connection,
) -> None:
    scope = tenants[0]
    await night(services, scope)
    [one, other] = listed(accountant)
    first_kept = scope.clock.business_date(scope.clock.now()) - timedelta(days=settings.books_copy_days - 1)
    days = {one["format"]: first_kept, other["format"]: first_kept - timedelta(days=1)}
    # The program itself never changes a copy.
    for name, day in days.items():
        where = [day, name, scope.tenant_id.uuid]
        superuser_connection.execute(
            "update specie.books_copy set business_date = %s where format = %s and tenant_id = %s", where
        )

    await night(services, scope)

    kept = [(row["format"], row["business_date"]) for row in listed(accountant)]
    assert (other["format"], days[other["format"]].isoformat()) not in kept
    assert (one["format"], first_kept.isoformat()) in kept
    assert len(stored(settings)) == len(kept) == 3
    gone = accountant.get(f"/api/v1/books-copies/{other['id']}/file")
    assert (gone.status_code, gone.json()["code"]) == (404, "books_copy_unknown")
