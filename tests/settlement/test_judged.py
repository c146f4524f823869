"""The outsider of the trials judges settlements: what was told, what was sold, and what the bank has paid."""

import sqlite3
from pathlib import Path

import psycopg
import pytest

from specie.assay.journal import Operation, Told
from specie.assay.settled import judge_settlements
from specie.assay.verdict import Verdict
from tests.settlement.desk import MONDAY, Desk
from tests.settlement.test_paying_out import SALE, settled_to, shown
from tests.support.server import DatabaseUrls

SOLD = 100_000


async def settled(desk: Desk, urls: DatabaseUrls, bank: Path, told: Told, *sold: int, result: str = "") -> Verdict:
    """A merchant that has sold 100,000 is settled, and one client says what it was told of that."""
    await desk.agree(delay_days=0)
    await desk.sell(SOLD)
    made = await desk.at(MONDAY, 18).settle()
    assert made is not None
    asked = {"merchant_id": str(desk.merchant), "currency": "IDR"}
    operation = Operation("settlement", "key", "/settlements", asked, list(sold), told, result or str(made.id))
    return judged(operation, urls, bank, {})


def judged(operation: Operation, urls: DatabaseUrls, bank: Path, paid: dict[str, int]) -> Verdict:
    """What is found when the bank has paid so much under such references."""
    with sqlite3.connect(bank) as book:
        book.execute("create table payout (reference text, amount integer, state text)")
        book.executemany("insert into payout values (?, ?, 'paid')", paid.items())
    verdict = Verdict()
    with psycopg.connect(urls.auditor) as books:
        judge_settlements(verdict, books, [operation], bank)
    return verdict


def cells(verdict: Verdict) -> dict[str, int]:
    return {cell: len(found) for cell, found in verdict.findings.items() if found}


async def test_a_settlement_of_what_was_sold_is_in_order(
    desk: Desk, database_urls: DatabaseUrls, tmp_path: Path
) -> None:
    verdict = await settled(desk, database_urls, tmp_path / "book.db", Told.DONE, SOLD - 1, 1)
    assert (cells(verdict), verdict.counts["settlements asked for"]) == ({}, 1)
    assert verdict.counts["sales settled"] >= 1


@pytest.mark.parametrize(
    ("told", "sold", "cell"),
    [(Told.DONE, SOLD + 1, "altered"), (Told.UNKNOWN, SOLD, "unsettled"), (Told.REFUSED, SOLD, "phantom")],
)
async def test_what_was_told_otherwise_is_found(
    desk: Desk, database_urls: DatabaseUrls, tmp_path: Path, told: Told, sold: int, cell: str
) -> None:
    assert cells(await settled(desk, database_urls, tmp_path / "book.db", told, sold)) == {cell: 1}


async def test_a_settlement_that_nobody_has_is_lost(desk: Desk, database_urls: DatabaseUrls, tmp_path: Path) -> None:
    nowhere = f"stl_{'0' * 26}"
    found = await settled(desk, database_urls, tmp_path / "book.db", Told.DONE, SOLD, result=nowhere)
    assert cells(found) == {"lost": 1}


@pytest.mark.parametrize(("at_bank", "found"), [(SALE, {}), (SALE + 1, {"altered": 1}), (0, {"lost": 1})])
async def test_what_leaves_is_held_against_the_bank(
    desk: Desk, database_urls: DatabaseUrls, tmp_path: Path, at_bank: int, found: dict[str, int]
) -> None:
    made, till = await settled_to(desk, "7890")
    [paid] = (await shown(desk, made)).payouts
    await till.ends(paid.payout_id, "succeeded")
    with psycopg.connect(database_urls.auditor) as books:
        query = "select reference from specie.payout_attempt where payout_id = %s"
        [reference] = books.execute(query, [paid.payout_id.uuid]).fetchone() or [""]
    asked = {"merchant_id": str(desk.merchant), "currency": "IDR"}
    operation = Operation("settlement", "key", "/settlements", asked, [SALE], Told.DONE, str(made.id))
    verdict = judged(operation, database_urls, tmp_path / "book.db", {reference: at_bank} if at_bank else {})
    assert cells(verdict) == found
