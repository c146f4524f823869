"""Products from CSV and XLSX: the rules of the form, a look before anything is written, a reason for each refusal."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from specie.catalogue import import_file, import_routes, routes
from specie.kernel.ids import RequestId
from specie.platform.db import Database
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


@pytest_asyncio.fixture(loop_scope="session")
async def client(database: Database) -> AsyncIterator[httpx2.AsyncClient]:
    """Staff of a fresh tenant that knows one tax."""
    async with calling(database, fresh_scope(), [routes.router, import_routes.router]) as staff:
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
