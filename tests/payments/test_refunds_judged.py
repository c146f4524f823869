"""The outsider of the trials judges refunds: what was told, what was collected, and what went back at the provider."""

import sqlite3
from pathlib import Path

import psycopg
import pytest

from specie.assay.given_back import judge_refunds
from specie.assay.journal import Operation, Told
from specie.assay.judge import judge_houses
from specie.assay.verdict import Verdict, uuid_text
from tests.payments.test_refunds import decided, paid, refund
from tests.support.server import DatabaseUrls
from tests.support.shop import Shop, new_tenant

PART, SOLD = 400_000, 1_500_000


async def refunded(shop: Shop) -> tuple[str, str, str]:
    """A payment of which a part has gone back, the refund, and the reference the provider knows the payment by."""
    payment = await paid(shop)
    made = (await refund(shop, payment, PART)).json()["id"]
    await decided(shop, made, "succeeded")
    [attempt] = await shop.book()
    return str(payment), made, attempt["reference"]


def judged(
    urls: DatabaseUrls, bank: Path, operation: Operation, reference: str, back: int, brought: int
) -> dict[str, int]:
    """What is found about the operation's own payment; other tests have left theirs here."""
    with sqlite3.connect(bank) as book:
        book.execute("create table charge (reference text, amount integer, state text)")
        book.execute("insert into charge values (?, ?, 'paid')", [reference, brought])
        book.execute("create table operation (charge_reference, amount, currency, kind, state)")
        book.execute("insert into operation values (?, ?, 'IDR', 'refund', 'succeeded')", [reference, back])
    verdict = Verdict()
    with psycopg.connect(urls.auditor) as books:
        judge_refunds(verdict, books, [operation], bank)
    payment = uuid_text(operation.path.split("/")[2])
    about = {cell: [what for what in found if payment in what] for cell, found in verdict.findings.items()}
    return {cell: len(found) for cell, found in about.items() if found}


@pytest.mark.parametrize(
    ("told", "minor", "back", "brought", "found"),
    [
        (Told.DONE, PART, PART, SOLD, {}),
        (Told.DONE, PART + 1, PART, SOLD, {"altered": 1}),
        (Told.UNKNOWN, PART, PART, SOLD, {"unsettled": 1}),
        (Told.REFUSED, PART, PART, SOLD, {"phantom": 1}),
        (Told.DONE, PART, PART + 1, SOLD, {"lost": 1}),
        (Told.DONE, PART, PART - 1, SOLD, {"phantom": 1}),
        (Told.DONE, PART, PART, PART - 1, {"doubled": 1}),
    ],
)
async def test_what_was_told_of_a_refund_is_held_against_both_books(
    shop: Shop,
    database_urls: DatabaseUrls,
    tmp_path: Path,
    told: Told,
    minor: int,
    back: int,
    brought: int,
    found: dict[str, int],
) -> None:
    payment, made, reference = await refunded(shop)
    path = f"/payments/{payment}/refunds"
    operation = Operation("give_back", "key", path, {}, [minor], told, made if told is Told.DONE else "")
    assert judged(database_urls, tmp_path / "book.db", operation, reference, back, brought) == found


async def test_what_one_tenant_asked_for_lies_with_no_other(running: Shop, database_urls: DatabaseUrls) -> None:
    keys = []
    with psycopg.connect(database_urls.auditor) as books:
        for house in ("one", "other"):
            shop = await new_tenant(running)
            await refund(shop, await paid(shop), PART)
            query = "select idempotency_key from specie.journal_entry where tenant_id = %s and idempotency_key <> ''"
            keys += [(house, row[0]) for row in books.execute(query, [shop.tenant_id.uuid])]
        assert {house for house, _ in keys} == {"one", "other"}
        for mixed, cells in ((False, []), (True, ["odd", "odd"])):
            verdict = Verdict()
            asked = [Operation("give_back", key, "", {}, house=house) for house, key in keys]
            asked += [Operation("give_back", keys[-1][1], "", {}, house="one")] if mixed else []
            judge_houses(verdict, books, asked)
            assert [cell for cell, found in verdict.findings.items() for _ in found] == cells
