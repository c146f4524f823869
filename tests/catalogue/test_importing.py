"""Products from CSV and XLSX: the rules of the form, a look before anything is written, a reason for each refusal."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from specie import audit
from specie.catalogue import import_file, import_routes, importing, jobs, routes, service, store
from specie.catalogue.errors import BarcodeTaken
from specie.catalogue.importing import Row
from specie.catalogue.model import Change, Particulars, Product
from specie.kernel.ids import RequestId
from specie.kernel.scope import Scope
from specie.platform.db import Database, UnitOfWork
from specie.platform.jobs import JobContext
from specie.platform.row_files import ImportRefused
from tests.support.asgi import calling
from tests.support.scopes import fresh_scope
from tests.support.workbooks import workbook

FILE = """Name,SKU,Barcode,Price,Currency,Tax,Notes
Kopi Gayo 1 kg,GAYO-1,8991234567890,185000,IDR,PPN,good
Kopi Toraja,TOR-1,,95000.5,idr,,
,NO-NAME,,,,,
Kopi Gayo 1 kg,GAYO-2,,,,,
Twice,gayo-1,,,,,
Bad price,BAD-1,,-5,IDR,,
Bad tax,BAD-2,,,,VAT,
Bad code,BAD-3,!,,,,
No currency,BAD-4,,5,,,
"""


@dataclass
class House:
    """A fresh tenant, whose jobs are run by hand."""

    database: Database
    scope: Scope

    async def carry_out(self, run: Any) -> None:
        """Do the job of a long file."""
        await jobs.import_products(JobContext(self.database, self.scope, {}), run["id"])


@pytest.fixture
def house(database: Database) -> House:
    """A fresh tenant."""
    return House(database, fresh_scope())


@pytest_asyncio.fixture(loop_scope="session")
async def client(house: House) -> AsyncIterator[httpx2.AsyncClient]:
    """Staff of the tenant, which knows one tax."""
    async with calling(house.database, house.scope, [routes.router, import_routes.router]) as staff:
        await staff.post("/tax-rates", json={"name": "PPN", "percent": "11"})
        yield staff


async def send(
    client: httpx2.AsyncClient, content: bytes | str, status: int = 201, *, look: bool = False, **form: str
) -> Any:
    query = {"dry_run": "true"} if look else {}
    files = {"file": ("products", content)}
    headers = {} if look else {"idempotency-key": str(RequestId.new())}
    answer = await client.post("/product-imports", params=query, files=files, data=form, headers=headers)
    assert answer.status_code == status, answer.text
    return answer.json()


async def listed(client: httpx2.AsyncClient) -> list[str]:
    return [each["sku"] for each in (await client.get("/products")).json()["data"]]


async def test_a_file_is_looked_at_row_by_row_before_anything_is_written(client: httpx2.AsyncClient) -> None:
    seen = await send(client, FILE, 200, look=True)
    assert [seen[name] for name in ("new", "changed", "same", "refused")] == [3, 0, 0, 6]
    told = {row["number"]: (row["status"], row["code"], row["field"]) for row in seen["rows"]}
    assert told == {
        2: ("new", None, None),
        3: ("new", None, None),
        4: ("refused", "product_invalid", "name"),
        5: ("new", None, None),
        6: ("refused", "sku_taken", "sku"),
        7: ("refused", "product_invalid", "price"),
        8: ("refused", "product_invalid", "tax"),
        9: ("refused", "product_invalid", "barcode"),
        10: ("refused", "product_invalid", "currency"),
    }
    assert next(row["warning"] for row in seen["rows"] if row["number"] == 5) == "row 2 has the same name"
    assert await listed(client) == []


async def test_a_file_with_refused_rows_is_taken_in_only_when_they_may_be_left_out(client: httpx2.AsyncClient) -> None:
    assert (await send(client, FILE, 409))["code"] == "import_has_errors"
    assert await listed(client) == []
    assert (await send(client, FILE, skip_refused="true"))["new"] == 3
    assert await listed(client) == ["GAYO-1", "GAYO-2", "TOR-1"]
    [gayo] = (await client.get("/products", params={"q": "8991234567890"})).json()["data"]
    assert (gayo["prices"][0]["amount"]["amount"], len(gayo["tax_rate_ids"])) == (18_500_000, 1)


async def test_a_file_sent_again_changes_what_it_says_and_adds_nothing(client: httpx2.AsyncClient) -> None:
    await send(client, "name;sku;unit\nKopi;K1;bag\nTeh;T1;box\n")
    again = await send(client, "name;sku;unit\nKopi Gayo;k1;bag\nTeh;T1;box\n")
    assert [again[name] for name in ("new", "changed", "same", "refused")] == [0, 1, 1, 0]
    assert await listed(client) == ["k1", "T1"]
    taken = await send(client, "name,sku,barcode\nA,A1,111\n")
    assert taken["new"] == 1
    other = await send(client, "name,sku,barcode\nB,B1,111\n", 200, look=True)
    assert other["rows"][0]["code"] == "barcode_taken"


async def test_many_changed_rows_leave_what_changing_each_would_have_left(
    client: httpx2.AsyncClient, house: House
) -> None:
    lines = [f"Kopi {n},K{n},{100 + n},{n},IDR,PPN" for n in range(3)]
    await send(client, "\n".join(["name,sku,barcode,price,currency,tax", *lines]))
    again = await send(client, "name,sku,barcode,price,currency,tax\nTeh 0,K0,200,7,IDR,\nTeh 1,k1,101,,,PPN\n")

    assert (again["changed"], again["refused"]) == (2, 0)
    rows = {row["sku"]: row for row in (await client.get("/products")).json()["data"]}
    assert {
        sku: (row["name"], row["barcode"], row["version"], len(row["tax_rate_ids"])) for sku, row in rows.items()
    } == {
        "K0": ("Teh 0", "200", 2, 0),
        "k1": ("Teh 1", "101", 2, 1),
        "K2": ("Kopi 2", "102", 1, 1),
    }
    assert [rows[sku]["prices"][0]["amount"]["amount"] for sku in ("K0", "k1", "K2")] == [700, 100, 200]
    found = [row["sku"] for row in (await client.get("/products", params={"q": "teh"})).json()["data"]]
    assert found == ["K0", "k1"]
    assert [row["sku"] for row in (await client.get("/products", params={"q": "kopi"})).json()["data"]] == ["K2"]
    async with house.database.begin(house.scope) as uow:
        acts = (await audit.find(uow, audit.AuditFilter(action="catalogue.product.change"), None, 10)).items
        prices = (await audit.find(uow, audit.AuditFilter(action="catalogue.price.set"), None, 10)).items
    named = {tuple(json.loads(text or "")["name"] for text in (act.before, act.after)) for act in acts}
    assert named == {("Kopi 0", "Teh 0"), ("Kopi 1", "Teh 1")}
    assert [json.loads(act.after or "")["amount_minor"] for act in prices] == [700]


async def test_a_change_to_what_somebody_else_has_taken_meanwhile_changes_nothing(
    client: httpx2.AsyncClient, house: House
) -> None:
    await send(client, "name,sku,barcode\nKopi,K1,111\nTeh,T1,222\nGula,G1,\n")
    async with house.database.begin(house.scope) as uow:
        held = await store.holders_of(uow, [("K1", None), ("G1", None)])
    kopi, gula = held["sku:k1"], held["sku:g1"]

    def renamed(product: Product, barcode: str) -> Change:
        said = Particulars(product.kind, "Other", product.sku, product.unit, barcode)
        return Change(product.id, said)

    with pytest.raises(BarcodeTaken):
        async with house.database.begin(house.scope) as uow:
            await service.change_products(uow, [renamed(kopi, "333"), renamed(gula, "222")])
    assert {row["name"] for row in (await client.get("/products")).json()["data"]} == {"Kopi", "Teh", "Gula"}


async def test_a_workbook_says_the_same_as_a_text_file(client: httpx2.AsyncClient) -> None:
    content = workbook([["Name", "SKU", "EAN", "Price", "Currency"], ["Kopi", "K1", 8991234567890.0, 12.5, "EUR"]])
    assert (await send(client, content))["new"] == 1
    [kopi] = (await client.get("/products")).json()["data"]
    assert (kopi["barcode"], kopi["prices"][0]["amount"]) == ("8991234567890", {"amount": 1_250, "currency": "EUR"})


@pytest.mark.parametrize(
    "content",
    [b"", b"name,price\nx,1\n", b"name,sku,sku\nx,1,2\n", b"\xff\xfe\x00", b"PK\x03\x04 no zip", b'name,sku\n"x,1\n'],
)
def test_what_is_no_file_of_products_is_refused(content: bytes) -> None:
    with pytest.raises(ImportRefused) as refused:
        import_file.read(content)
    assert refused.value.code == "import_file_invalid"


async def begin(client: httpx2.AsyncClient, content: str, **form: str) -> Any:
    files = {"file": ("long.csv", content)}
    answer = await client.post("/product-import-runs", files=files, data=form)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def seen(client: httpx2.AsyncClient, run: Any) -> Any:
    answer = await client.get(f"/product-import-runs/{run['id']}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def told(run: Any) -> list[Any]:
    return [run[name] for name in ("status", "done_rows", "new", "changed", "same", "refused")]


def long_file(rows: int) -> str:
    return "name,sku,barcode,price,currency\n" + "".join(f"Kopi {n},K{n},{10**9 + n},1000,IDR\n" for n in range(rows))


async def test_a_long_file_is_taken_in_by_a_job_and_known_again(client: httpx2.AsyncClient, house: House) -> None:
    run = await begin(client, long_file(1_001))
    assert told(run) == ["waiting", 0, 0, 0, 0, 0]
    assert await listed(client) == []
    await house.carry_out(run)
    assert told(await seen(client, run)) == ["done", 1_001, 1_001, 0, 0, 0]
    again = await begin(client, long_file(1_001))
    assert (again["id"], again["is_known"], run["is_known"]) == (run["id"], True, False)
    await house.carry_out(run)
    [only] = (await client.get("/product-import-runs")).json()["data"]
    assert told(only) == ["done", 1_001, 1_001, 0, 0, 0]


async def test_of_a_long_file_with_a_refused_row_nothing_is_taken_in_unless_it_may_be_left_out(
    client: httpx2.AsyncClient, house: House
) -> None:
    late = long_file(1_001) + "Again,k0,,,\n"
    run = await begin(client, late)
    await house.carry_out(run)
    refused = await seen(client, run)
    assert told(refused) == ["refused", 1_002, 1_001, 0, 0, 1]
    assert [(row["number"], row["code"]) for row in refused["rows"]] == [(1003, "sku_taken")]
    assert await listed(client) == []
    other = await begin(client, late, skip_refused="true")
    await house.carry_out(other)
    assert (other["is_known"], told(await seen(client, other))) == (False, ["done", 1_002, 1_001, 0, 0, 1])


async def test_how_far_a_long_file_is_can_be_seen_and_what_is_interrupted_begins_again(
    client: httpx2.AsyncClient, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = await begin(client, long_file(1_001))
    real, parts = importing.take_in, 0

    async def dies_at_the_second(uow: UnitOfWork, rows: Sequence[Row]) -> None:
        nonlocal parts
        parts += 1
        if parts == 2:
            raise asyncio.CancelledError
        await real(uow, rows)

    monkeypatch.setattr(importing, "take_in", dies_at_the_second)
    with pytest.raises(asyncio.CancelledError):
        await house.carry_out(run)
    assert told(await seen(client, run)) == ["waiting", 1_000, 0, 0, 0, 0]
    assert await listed(client) == []
    await house.carry_out(run)
    assert told(await seen(client, run)) == ["done", 1_001, 1_001, 0, 0, 0]


async def test_a_file_that_is_too_long_is_refused_at_once(client: httpx2.AsyncClient) -> None:
    content = "name,sku\n" + "a,b\n" * (import_file.MOST_ROWS + 1)
    answer = await client.post("/product-import-runs", files={"file": ("long.csv", content)})
    assert (answer.status_code, answer.json()["code"], answer.json()["param"]) == (422, "import_file_invalid", "file")
    assert (await client.get("/product-import-runs")).json()["data"] == []
