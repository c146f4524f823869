"""Holds refunds against what clients were told, what was collected, and what the provider's book says went back."""

import sqlite3
from collections import Counter, defaultdict
from pathlib import Path
from typing import LiteralString

import psycopg

from specie.assay.journal import Operation, Told
from specie.assay.verdict import Verdict, uuid_text

_REFUNDS = "select id::text, payment_id::text, amount_minor, currency, state, origin from specie.payment_refund"
_WAITING: LiteralString = "select count(*) from specie.payment_refund where state in ('created', 'pending', 'unknown')"
_WENT_BACK = """
select charge_reference, amount, currency from operation where kind = 'refund' and state not in ('pending', 'failed')
"""
Row = tuple[str, str, int, str, str, str]


def waiting_refunds(books: psycopg.Connection) -> int:
    """How many refunds have no end yet."""
    return sum(int(row[0]) for row in books.execute(_WAITING))


def judge_refunds(
    verdict: Verdict, books: psycopg.Connection, operations: list[Operation], provider_book: Path
) -> None:
    """Each refund was asked for once and made once, and no payment gave back more than it had brought."""
    rows: list[Row] = books.execute(_REFUNDS).fetchall()
    asked = [one for one in operations if one.kind == "give_back"]
    _judge_asked(verdict, asked, rows)
    _judge_at_provider(verdict, books, rows, provider_book)


def _judge_asked(verdict: Verdict, asked: list[Operation], rows: list[Row]) -> None:
    made = {row[0]: row for row in rows}
    of_payment: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        of_payment[row[1]].add(row[0])
    told: dict[str, set[str]] = defaultdict(set)
    in_doubt: set[str] = set()
    for operation in asked:
        verdict.counts["refunds asked for"] += 1
        payment = uuid_text(operation.path.split("/")[2])
        told[payment] |= {uuid_text(operation.result)} if operation.told is Told.DONE else set()
        what = f"refund {operation.key} of {payment}: told {operation.told} {operation.result}"
        if operation.told is Told.UNKNOWN:
            in_doubt.add(payment)
            verdict.find("unsettled", what)
        elif operation.told is Told.DONE:
            found = made.get(uuid_text(operation.result))
            if found is None:
                verdict.find("lost", what)
            elif found[2] != sum(operation.amounts):
                verdict.find("altered", f"{what}: {sum(operation.amounts)} were asked for, {found[2]} go back")
    for payment, done in told.items():
        unasked = of_payment[payment] - done
        if unasked and payment not in in_doubt:
            verdict.find("phantom", f"payment {payment}: refunds {sorted(unasked)} that nobody was told were done")


def _judge_at_provider(verdict: Verdict, books: psycopg.Connection, rows: list[Row], provider_book: Path) -> None:
    with sqlite3.connect(provider_book) as provider:
        went = provider.execute(_WENT_BACK).fetchall()
        collected = provider.execute("select reference, amount from charge where state <> 'failed'").fetchall()
    payment_of: dict[str, str] = dict(
        books.execute("select reference, payment_id::text from specie.payment_attempt").fetchall()
    )
    there: Counter[tuple[str, str]] = Counter()
    for reference, amount, currency in went:
        there[payment_of.get(reference, f"an unknown attempt {reference}"), currency] += amount
    here: Counter[tuple[str, str]] = Counter()
    for _, payment, amount, currency, state, _ in rows:
        here[payment, currency] += amount if state == "succeeded" else 0
    brought: Counter[str] = Counter()
    for reference, amount in collected:
        brought[payment_of.get(reference, "")] += amount
    verdict.counts["refunds made"] += len(went)
    for payment, currency in there.keys() | here.keys():
        gave, booked = there[payment, currency], here[payment, currency]
        what = f"payment {payment}: {gave} {currency} went back at the provider, {booked} are booked"
        if gave > booked:
            verdict.find("lost", what)
        elif gave < booked:
            verdict.find("phantom", what)
        if gave > brought[payment]:
            verdict.find("doubled", f"{what}, and it had brought {brought[payment]}")
