"""Holds settlements against what was sold, what they posted, and what the bank has paid out for them."""

import sqlite3
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import psycopg

from specie.assay.journal import Operation, Told
from specie.assay.verdict import Verdict, uuid_text

_MADE = """
select s.id::text, s.party_id::text, s.payout_minor, s.beneficiary_id is not null and s.kept_because is null,
       (select coalesce(sum(case when p.debit_account_id = s.account_id then p.amount_minor
                                 when p.credit_account_id = s.account_id then -p.amount_minor else 0 end), 0)::bigint
          from specie.posting p where p.tenant_id = s.tenant_id and p.entry_id = s.entry_id and not p.is_memo)
  from specie.settlement s
"""
# A sale is a posting to what a merchant has pending; each belongs to the settlements whose stretch it lies in.
_TAKEN = """
select e.metadata ->> 'payment_id', count(s.id)
  from specie.journal_entry e
  join specie.posting p on p.tenant_id = e.tenant_id and p.entry_id = e.id and not p.is_memo
  join specie.settlement s on s.tenant_id = p.tenant_id and s.account_id = p.credit_account_id
   and p.credit_version > s.credit_after and p.credit_version <= s.credit_through
 where e.recipe like 'payments.capture@%'
 group by e.id, e.metadata
"""
_ORDERED = """
select x.settlement_id::text, a.reference, p.state
  from specie.settlement_payout x
  join specie.payout p on p.tenant_id = x.tenant_id and p.id = x.payout_id
  left join specie.payout_attempt a on a.tenant_id = p.tenant_id and a.payout_id = p.id
"""
_WAITING = """
select count(*) from specie.settlement_payout x
  join specie.payout p on p.tenant_id = x.tenant_id and p.id = x.payout_id
 where p.state in ('approved', 'sent', 'unknown')
"""


def waiting_payouts(books: psycopg.Connection) -> int:
    """How many payouts of settlements have no end yet."""
    return sum(int(row[0]) for row in books.execute(_WAITING))


def judge_settlements(
    verdict: Verdict, books: psycopg.Connection, operations: list[Operation], provider_book: Path
) -> None:
    """Each sale is settled at most once, each settlement is of what was sold, and leaves by one payout at the bank."""
    asked = {uuid_text(one.asked["merchant_id"]): one for one in operations if one.kind == "settlement"}
    made = {row[0]: row for row in books.execute(_MADE).fetchall() if row[1] in asked}
    for merchant, operation in asked.items():
        verdict.counts["settlements asked for"] += 1
        _judge_asked(verdict, operation, made, [one for one, row in made.items() if row[1] == merchant])
    for settlement, _, payout, _, posted in made.values():
        if payout != posted:
            verdict.find("altered", f"settlement {settlement}: {payout} were settled, {posted} left what was pending")
    for payment, times in books.execute(_TAKEN).fetchall():
        verdict.counts["sales settled"] += 1
        if times > 1:
            verdict.find("doubled", f"payment {payment} was settled {times} times")
    _judge_paid_out(verdict, books, made, provider_book)


def _judge_asked(verdict: Verdict, operation: Operation, made: dict[str, Any], of_merchant: list[str]) -> None:
    what = f"settlement {operation.key}: told {operation.told} {operation.result}, there are {of_merchant}"
    if len(of_merchant) > 1:
        verdict.find("doubled", what)
    elif operation.told is Told.UNKNOWN:
        verdict.find("unsettled", what)
    elif operation.told is Told.REFUSED:
        verdict.find("phantom", what) if of_merchant else None
    elif of_merchant != [uuid_text(operation.result)]:
        verdict.find("lost", what)
    elif made[of_merchant[0]][2] != sum(operation.amounts):
        verdict.find("altered", f"{what}: {sum(operation.amounts)} were sold, {made[of_merchant[0]][2]} settled")


def _judge_paid_out(verdict: Verdict, books: psycopg.Connection, made: dict[str, Any], provider_book: Path) -> None:
    with sqlite3.connect(provider_book) as provider:
        at_bank = dict(provider.execute("select reference, amount from payout where state = 'paid'").fetchall())
    paid: Counter[str] = Counter()
    times: Counter[str] = Counter()
    has_ended: dict[str, bool] = defaultdict(bool)
    for settlement, reference, state in books.execute(_ORDERED).fetchall():
        has_ended[settlement] |= state == "succeeded"
        paid[settlement] += at_bank.get(reference, 0)
        times[settlement] += reference in at_bank
    for settlement, _, payout, leaves, _ in made.values():
        if not leaves or not payout:
            continue
        verdict.counts["settlements paid out"] += times[settlement]
        what = f"settlement {settlement} of {payout}: the bank paid {paid[settlement]} in {times[settlement]} payouts"
        if times[settlement] > 1:
            verdict.find("doubled", what)
        elif times[settlement] and paid[settlement] != payout:
            verdict.find("altered", what)
        elif has_ended[settlement] and not times[settlement]:
            verdict.find("lost", what)
        elif times[settlement] and not has_ended[settlement]:
            verdict.find("unsettled", what)
