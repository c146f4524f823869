"""The outsider of the trials judges purchases: what was told, and what went from the wallet to the merchant."""

import psycopg
import pytest

from specie.assay.journal import Operation, Told
from specie.assay.spent import judge_purchases
from specie.assay.verdict import Verdict
from tests.purchases.market import Market
from tests.support.server import DatabaseUrls

PAID = 40_000


@pytest.mark.parametrize(
    ("pays", "told", "wanted", "found"),
    [
        (True, Told.DONE, PAID, {}),
        (True, Told.DONE, PAID - 1, {"doubled": 1}),
        (True, Told.DONE, PAID + 1, {"lost": 1}),
        (True, Told.UNKNOWN, PAID, {"unsettled": 1}),
        (True, Told.REFUSED, PAID, {"phantom": 1}),
        (False, Told.DONE, PAID, {"lost": 1}),
        (False, Told.REFUSED, PAID, {}),
    ],
)
async def test_what_was_told_of_a_purchase_is_held_against_what_was_posted(
    market: Market, database_urls: DatabaseUrls, pays: bool, told: Told, wanted: int, found: dict[str, int]
) -> None:
    purchase = await market.ask(PAID)
    if pays:
        await market.pay(purchase, wallet=PAID)
    verdict = Verdict()
    with psycopg.connect(database_urls.auditor) as books:
        operation = Operation("tendered", "key", f"/purchases/{purchase.id}/pay", {}, [wanted], told)
        judge_purchases(verdict, books, [operation])
    assert {cell: len(all_found) for cell, all_found in verdict.findings.items() if all_found} == found
