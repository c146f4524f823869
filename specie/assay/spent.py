"""Holds payouts and purchases against what clients were told, what the bank paid and what was posted."""

import sqlite3
from collections import defaultdict
from pathlib import Path
from typing import Any, LiteralString

import psycopg

from specie.assay.journal import Operation, Told
from specie.assay.verdict import Verdict, uuid_text

_PAYOUTS = """
select p.reference, p.id::text, p.amount_minor, p.state,
       coalesce(array_agg(a.reference) filter (where a.id is not null), '{}'),
       (select coalesce(sum(v.amount_minor), 0)::bigint from specie.provider_payout v
         where v.tenant_id = p.tenant_id and v.payout_id = p.id and v.disposition = 'suspense')
  from specie.payout p
  left join specie.payout_attempt a on a.tenant_id = p.tenant_id and a.payout_id = p.id
 group by p.tenant_id, p.id
"""
_WAITING: LiteralString = """
select count(*) from specie.payout where reference like 'assay-%' and state in ('approved', 'sent', 'unknown')
"""
# What left somebody's hold for a merchant; limits are memos and move nothing.
_HANDED_OVER = """
select e.metadata ->> 'purchase_id', sum(p.amount_minor)::bigint
  from specie.journal_entry e
  join specie.posting p on p.tenant_id = e.tenant_id and p.entry_id = e.id and not p.is_memo
 where e.recipe like 'purchases.hand_over@%'
 group by 1
"""


def waiting_paid_out(books: psycopg.Connection) -> int:
    """How many payouts of the trial's server have no end yet."""
    return sum(int(row[0]) for row in books.execute(_WAITING))


def judge_payouts(
    verdict: Verdict, books: psycopg.Connection, operations: list[Operation], provider_book: Path
) -> None:
    """Each payout that was told to be done is there once, and the bank has paid it once or never, as the books say."""
    asked = [one for one in operations if one.kind == "pay_out"]
    made: dict[str, list[Any]] = defaultdict(list)
    for reference, *row in books.execute(_PAYOUTS).fetchall():
        made[reference].append(row)
    with sqlite3.connect(provider_book) as provider:
        at_bank = dict(provider.execute("select reference, amount from payout where state = 'paid'").fetchall())
    for operation in asked:
        verdict.counts["payouts asked for"] += 1
        found = made[operation.asked["reference"]]
        verdict.judge_made(operation, [row[0] for row in found])
        for _, amount, state, references, set_aside in found:
            paid = [at_bank[one] for one in references if one in at_bank]
            verdict.counts["payouts paid"] += len(paid)
            verdict.counts["payouts set aside"] += set_aside > 0
            # What left after the end waits in suspense for a person, who was told.
            left = (amount if state == "succeeded" else 0) + set_aside
            _judge_at_bank(verdict, operation, (amount, state, left), paid)


def _judge_at_bank(verdict: Verdict, operation: Operation, in_books: tuple[int, str, int], paid: list[int]) -> None:
    wanted, (amount, state, left) = operation.asked["amount"]["amount"], in_books
    what = f"payout {operation.result} of {wanted}, {state}: the bank paid {paid}, in the books {left} left"
    if len(paid) > 1:
        verdict.find("doubled", what)
    elif amount != wanted or paid not in ([], [wanted]):
        verdict.find("altered", what)
    elif state in {"approved", "sent", "unknown"}:
        verdict.find("unsettled", what)
    elif sum(paid) != left:
        verdict.find("lost", what)


def judge_purchases(verdict: Verdict, books: psycopg.Connection, operations: list[Operation]) -> None:
    """What was paid from a wallet went to the merchant once and whole, and what was refused did not."""
    states: dict[str, str] = dict(books.execute("select id::text, state from specie.purchase").fetchall())
    moved_for = {uuid_text(purchase): moved for purchase, moved in books.execute(_HANDED_OVER).fetchall()}
    for operation in operations:
        if operation.kind != "tendered":
            continue
        verdict.counts["purchases paid"] += 1
        purchase = uuid_text(operation.path.split("/")[2])
        state, moved, wanted = states.get(purchase, "missing"), moved_for.get(purchase, 0), sum(operation.amounts)
        what = f"purchase {operation.key}: told {operation.told}, it is {state}, {moved} moved instead of {wanted}"
        if moved > wanted:
            verdict.find("doubled", what)
        elif operation.told is Told.UNKNOWN:
            verdict.find("unsettled", what)
        elif operation.told is Told.REFUSED and moved:
            verdict.find("phantom", what)
        elif operation.told is Told.DONE and (state, moved) != ("completed", wanted):
            verdict.find("lost", what)
