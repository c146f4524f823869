"""The outsider of the trials judges payouts: what was told, what the books say, and what the bank has paid."""

import sqlite3
from pathlib import Path

import psycopg
import pytest

from specie import payouts
from specie.assay.journal import Operation, Told
from specie.assay.spent import judge_payouts
from specie.assay.verdict import Verdict
from specie.payouts import store
from specie.providers import Handling
from tests.payouts.till import Till
from tests.support.server import DatabaseUrls

AMOUNT = 10_000_000


async def paid_out(till: Till) -> tuple[Operation, str]:
    """A payout that has arrived, as its client was told of it, and the reference the bank knows it by."""
    payout_id = await till.ask(AMOUNT)
    made = await till.ends(payout_id, "succeeded")
    [at_bank] = await till.book()
    asked = {"reference": made.reference, "amount": {"amount": AMOUNT, "currency": "IDR"}}
    operation = Operation("pay_out", "key", "/server/payouts", asked, told=Told.DONE, result=str(payout_id))
    return operation, at_bank["reference"]


def judged(urls: DatabaseUrls, bank: Path, operation: Operation, paid: dict[str, int]) -> dict[str, int]:
    """How much is found in each cell when the bank has paid so much under such references."""
    with sqlite3.connect(bank) as book:
        book.execute("create table payout (reference text, amount integer, state text)")
        book.executemany("insert into payout values (?, ?, 'paid')", paid.items())
    verdict = Verdict()
    with psycopg.connect(urls.auditor) as books:
        judge_payouts(verdict, books, [operation], bank)
    return {cell: len(found) for cell, found in verdict.findings.items() if found}


@pytest.mark.parametrize(
    ("told", "wanted", "paid", "found"),
    [
        (Told.DONE, AMOUNT, AMOUNT, {}),
        (Told.DONE, AMOUNT, None, {"lost": 1}),
        (Told.DONE, AMOUNT, AMOUNT + 1, {"altered": 1}),
        (Told.DONE, AMOUNT + 1, AMOUNT, {"altered": 1}),
        (Told.UNKNOWN, AMOUNT, AMOUNT, {"unsettled": 1}),
        (Told.REFUSED, AMOUNT, AMOUNT, {"phantom": 1}),
    ],
)
async def test_what_was_told_of_a_payout_is_held_against_both_books(
    till: Till,
    database_urls: DatabaseUrls,
    tmp_path: Path,
    told: Told,
    wanted: int,
    paid: int | None,
    found: dict[str, int],
) -> None:
    operation, reference = await paid_out(till)
    operation.told, operation.asked["amount"]["amount"] = told, wanted
    at_bank = {} if paid is None else {reference: paid}
    assert judged(database_urls, tmp_path / "book.db", operation, at_bank) == found


async def test_what_left_after_the_end_is_no_loss_while_it_waits_in_suspense(
    till: Till, database_urls: DatabaseUrls, tmp_path: Path
) -> None:
    payout_id = await till.ask(AMOUNT, scenario="decline")
    failed = await till.ends(payout_id, "failed")
    [at_bank] = await till.book()
    asked = {"reference": failed.reference, "amount": {"amount": AMOUNT, "currency": "IDR"}}
    operation = Operation("pay_out", "key", "/server/payouts", asked, told=Told.DONE, result=str(payout_id))
    reference = at_bank["reference"]
    assert judged(database_urls, tmp_path / "before.db", operation, {reference: AMOUNT}) == {"lost": 1}

    async with till.shop.db.begin(till.shop.scope) as uow:
        [attempt] = await store.attempts_of(uow, payout_id)
        assert await payouts.apply(uow, till.arrived(attempt, AMOUNT)) is Handling.APPLIED

    assert judged(database_urls, tmp_path / "after.db", operation, {reference: AMOUNT}) == {}
