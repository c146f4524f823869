"""Customers and suppliers from a file: the rules of the form, a look first, all or nobody, and nobody twice."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import psycopg
import pytest
import pytest_asyncio

from specie.kernel.scope import Scope
from specie.parties import import_routes, routes
from specie.platform.db import Database
from tests.parties.conftest import VAULT
from tests.support.asgi import calling
from tests.support.scopes import fresh_scope
from tests.support.workbooks import workbook

GOOD = """Name;Type;Role;E-mail;Phone;Address;Country;NPWP;Notes
Toko Maju;;;maju@example.com;0812 9876 5432;Jl. Merdeka 1;id;01.234.567.8-901.000;ours
Siti Aminah;person;customer+supplier;;;;;;
"""
BAD = """name,kind,roles,email,phone,country
Toko Satu,,,satu@example.com,,
,,,nobody@example.com,,
Toko Dua,shop,,,,
Toko Tiga,,friend,,,
Toko Empat,,,no address,,
Toko Lima,,,,+62 1,
Toko Enam,,,,,IDN
Toko Tujuh,,,SATU@example.com,,
"""


@pytest.fixture
def scope() -> Scope:
    """A fresh tenant."""
    return fresh_scope()


@pytest_asyncio.fixture(loop_scope="session")
async def client(database: Database, scope: Scope) -> AsyncIterator[httpx2.AsyncClient]:
    """Staff of the tenant."""
    services = {"vault": VAULT}
    async with calling(database, scope, [routes.router, import_routes.router], services) as staff:
        yield staff


async def send(
    client: httpx2.AsyncClient, content: str | bytes, status: int, *, look: bool = False, key: str = "", role: str = ""
) -> Any:
    """Send a file; only to look at it, or under a key."""
    answer = await client.post(
        "/party-imports",
        params={"dry_run": "true"} if look else None,
        files={"file": ("people", content if isinstance(content, bytes) else content.encode())},
        data={"role": role} if role else None,
        headers={"Idempotency-Key": key} if key else None,
    )
    assert answer.status_code == status, answer.text
    return answer.json()


async def everybody(client: httpx2.AsyncClient) -> list[dict[str, Any]]:
    """All parties, the oldest first."""
    return list(reversed((await client.get("/parties")).json()["data"]))


async def test_a_file_adds_people_and_companies_as_the_form_does(client: httpx2.AsyncClient) -> None:
    taken = await send(client, GOOD, 201, role="supplier")
    assert taken == {"new": 2, "known": 0, "refused": 0, "rows": []}
    toko, siti = await everybody(client)
    assert (toko["name"], toko["kind"], toko["roles"]) == ("Toko Maju", "company", ["supplier"])
    assert (toko["email"], toko["phone"], toko["country"]) == ("maju@example.com", "+6281298765432", "ID")
    assert (toko["address"], toko["tax_number"]) == ("Jl. Merdeka 1", "01.234.567.8-901.000")
    assert (siti["name"], siti["kind"], siti["roles"]) == ("Siti Aminah", "person", ["customer", "supplier"])
    assert [one["id"] for one in (await client.get("/parties?q=sit%20ami")).json()["data"]] == [siti["id"]]


async def test_a_look_says_of_each_row_why_it_is_refused_and_adds_nobody(client: httpx2.AsyncClient) -> None:
    seen = await send(client, BAD, 200, look=True)
    assert (seen["new"], seen["known"], seen["refused"]) == (1, 0, 7)
    told = [(row["number"], row["field"], row["code"]) for row in seen["rows"]]
    assert told == [
        (3, "name", "field_invalid"),
        (4, "kind", "field_invalid"),
        (5, "roles", "field_invalid"),
        (6, "email", "email_invalid"),
        (7, "phone", "phone_invalid"),
        (8, "country", "field_invalid"),
        (9, "email", "row_repeated"),
        (2, None, None),
    ]
    assert "row 2 has this e-mail already" in [row["problem"] for row in seen["rows"]]
    assert await everybody(client) == []


async def test_a_file_with_a_refused_row_adds_nobody(client: httpx2.AsyncClient) -> None:
    refused = await send(client, BAD, 409)
    assert (refused["code"], refused["refused"]) == ("party_rows_refused", 7)
    assert await everybody(client) == []


@pytest.mark.parametrize("mark", ["email", "phone", "tax_number"])
async def test_whoever_is_here_already_is_left_as_they_are(client: httpx2.AsyncClient, mark: str) -> None:
    known = {"email": "maju@example.com", "phone": "+6281298765432", "tax_number": "012345678901000"}
    here = (await client.post("/parties", json={"name": "Maju", mark: known[mark]})).json()
    seen = await send(client, GOOD, 200, look=True)
    [row] = [each for each in seen["rows"] if each["status"] == "known"]
    assert (row["name"], row["party_id"], row["field"]) == ("Toko Maju", here["id"], mark)
    assert await send(client, GOOD, 201) == {"new": 1, "known": 1, "refused": 0, "rows": []}
    assert [(one["name"], one["version"]) for one in await everybody(client)] == [("Maju", 1), ("Siti Aminah", 1)]


async def test_a_file_sent_again_under_its_key_adds_nobody_twice(client: httpx2.AsyncClient) -> None:
    first = await send(client, GOOD, 201, key="import-1")
    assert await send(client, GOOD, 201, key="import-1") == first
    assert len(await everybody(client)) == 2


async def test_nothing_personal_is_kept_with_the_answer(
    client: httpx2.AsyncClient, superuser_connection: psycopg.Connection
) -> None:
    await send(client, GOOD, 201, key="import-2")
    rows = superuser_connection.execute("select i::text from specie.idempotency i").fetchall()
    assert rows
    assert [text for (text,) in rows if "Toko" in text or "maju" in text] == []


async def test_a_workbook_is_read_like_text(client: httpx2.AsyncClient) -> None:
    content = workbook([["name", "phone"], ["Toko Maju", "+6281298765432"]])
    assert (await send(client, content, 201))["new"] == 1


async def test_what_names_nobody_is_no_such_file(client: httpx2.AsyncClient) -> None:
    assert (await send(client, "email\nmaju@example.com\n", 422))["code"] == "import_file_invalid"
