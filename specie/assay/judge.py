"""Holds what clients were told, what the provider did and what receivers got against the books.

It reads the database with SQL of its own and adds up by itself. Every finding is a sentence about one operation.
"""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString

import psycopg

from specie.assay.given_back import judge_refunds, waiting_refunds
from specie.assay.journal import Operation, Told, read_back
from specie.assay.mixed import judge_mixed
from specie.assay.settled import judge_settlements, waiting_payouts
from specie.assay.spent import judge_payouts, judge_purchases, waiting_paid_out
from specie.assay.verdict import Verdict, uuid_text

_OPEN: dict[str, LiteralString] = {
    "events without a number": "select count(*) from specie.event_unnumbered",
    "scheduled transfers that are due": (
        "select count(*) from specie.scheduled_transfer where state = 'scheduled' and due_at < current_timestamp"
    ),
    "holds that have run out": (
        "select count(*) from specie.hold where state = 'held' and expires_at < current_timestamp"
    ),
    "callbacks not worked on": "select count(*) from specie.provider_callback where state = 'received'",
    "events not fanned out": (
        "select count(*) from specie.event_number n"
        " join specie.webhook_position p on p.tenant_id = n.tenant_id and n.n > p.last_n"
    ),
    "webhooks under way": (
        "select count(*) from specie.webhook_delivery"
        " where state = 'sending' or (state = 'pending' and next_at < current_timestamp)"
    ),
    "attempts without an outcome": (
        "select count(*) from specie.payment_attempt where state in ('created', 'unknown')"
    ),
}
"""What somebody has to see to, by a sentence for people."""

_BY_KEY = {"transfer", "hold", "capture", "release", "bulk", "issue", "banked"}


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where the outside books are, and how to read ours. `loose_transfers` is what there was before the run."""

    operations: list[Operation]
    oddities: list[str]
    journal: Path
    provider_book: Path
    receiver_book: Path
    auditor_url: str
    endpoints: dict[str, str]
    loose_transfers: int


# The provider goes on while it is judged: what came a moment ago may still wait to be worked on.
_INBOX = """
select event_key,
       case when state = 'received' and received_at > now() - interval '10 seconds' then 'fresh' else state end
  from specie.provider_callback
"""


def judge(evidence: Evidence) -> Verdict:
    """Sort every operation into told × books, and hold the provider's and the receivers' books against ours."""
    verdict = Verdict(operations=len(evidence.operations))
    verdict.findings["odd"] += evidence.oddities
    _require_whole_journal(verdict, evidence)
    for operation in evidence.operations:
        reason = f" {operation.result}" if operation.told is Told.REFUSED else ""
        verdict.told[f"{operation.kind} {operation.told}{reason}"] += 1
        verdict.retried += operation.tries > 1
    with psycopg.connect(evidence.auditor_url) as books:
        books.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        _judge_entries(verdict, books, evidence.operations)
        _judge_scheduled(verdict, books, evidence)
        _judge_payments_made(verdict, books, evidence.operations)
        _judge_money_in(verdict, books, evidence.provider_book)
        judge_settlements(verdict, books, evidence.operations, evidence.provider_book)
        judge_refunds(verdict, books, evidence.operations, evidence.provider_book)
        judge_payouts(verdict, books, evidence.operations, evidence.provider_book)
        judge_purchases(verdict, books, evidence.operations)
        judge_mixed(verdict, books, evidence.operations)
        judge_houses(verdict, books, evidence.operations)
        _judge_callbacks(verdict, books, evidence.provider_book)
        _judge_webhooks(verdict, books, evidence)
    return verdict


def judge_copy(auditor_url: str, operations: list[Operation]) -> Verdict:
    """Hold what was told before a copy of the books was begun against that copy."""
    verdict = Verdict(operations=len(operations))
    with psycopg.connect(auditor_url) as books:
        _judge_entries(verdict, books, operations)
        _judge_payments_made(verdict, books, operations)
    return verdict


def loose_transfers(auditor_url: str) -> int:
    """Transfers without a client's key that no scheduled transfer explains: the demo's own."""
    with psycopg.connect(auditor_url) as books:
        return _loose(books)


def still_open(auditor_url: str, provider_book: Path) -> Counter[str]:
    """How many things of each kind have still to come to their end by themselves; nothing when all is drained."""
    paid = {reference for reference, _, _ in _collected(provider_book)}
    with psycopg.connect(auditor_url, connect_timeout=5) as books:
        booked = books.execute(
            "select a.reference from specie.provider_charge c"
            " join specie.payment_attempt a on a.tenant_id = c.tenant_id and a.id = c.attempt_id"
        )
        left = Counter({what: _number(books, query) for what, query in _OPEN.items()})
        left["refunds without an outcome"] = waiting_refunds(books)
        left["payouts of settlements under way"] = waiting_payouts(books)
        left["payouts under way"] = waiting_paid_out(books)
        left["charges collected and not booked"] = len(paid.difference(row[0] for row in booked))
    return +left


def _require_whole_journal(verdict: Verdict, evidence: Evidence) -> None:
    """The judge must have before it what the clients have on the disk."""
    written = {line["key"] for line in read_back(evidence.journal) if line["moment"] == "intend"}
    missing = written.symmetric_difference(operation.key for operation in evidence.operations)
    if missing:
        verdict.find("odd", f"the judge was given other operations than the clients wrote down: {sorted(missing)[:5]}")


def _judge_entries(verdict: Verdict, books: psycopg.Connection, operations: list[Operation]) -> None:
    """Every key moved exactly its amounts, once, or nothing."""
    moved: dict[str, list[int]] = defaultdict(list)
    rows = books.execute(
        "select e.idempotency_key, p.amount_minor from specie.journal_entry e"
        " join specie.posting p on p.tenant_id = e.tenant_id and p.entry_id = e.id and not p.is_memo"
        " where e.idempotency_key is not null"
    )
    for key, amount in rows:
        moved[key].append(amount)
    for operation in operations:
        if operation.kind in _BY_KEY:
            verdict.counts["judged by key"] += 1
            _judge_entry(verdict, operation, sorted(moved[operation.key]))


def _judge_entry(verdict: Verdict, operation: Operation, moved: list[int]) -> None:
    wanted = sorted(operation.amounts)
    what = f"{operation.kind} {operation.key}: told {operation.told}, wanted {wanted[:3]}, the books moved {moved[:6]}"
    if len(moved) > len(wanted):
        verdict.find("doubled", what)
    elif operation.told is Told.UNKNOWN:
        verdict.find("unsettled", what)
    elif operation.told is Told.REFUSED and moved:
        verdict.find("phantom", what)
    elif operation.told is Told.DONE and len(moved) < len(wanted):
        verdict.find("lost", what)
    elif operation.told is Told.DONE and moved != wanted:
        verdict.find("altered", what)


def judge_houses(verdict: Verdict, books: psycopg.Connection, operations: list[Operation]) -> None:
    """What one tenant's clients asked for lies in that tenant, and nothing of it in another."""
    query = "select idempotency_key, tenant_id::text from specie.journal_entry where idempotency_key is not null"
    written: dict[str, set[str]] = defaultdict(set)
    for key, tenant in books.execute(query):
        written[key].add(tenant)
    tenants: dict[str, set[str]] = defaultdict(set)
    for operation in operations:
        tenants[operation.house] |= written[operation.key]
    verdict.counts["tenants that posted"] = sum(map(bool, tenants.values()))
    for house, found in tenants.items():
        elsewhere = set[str]().union(*(others for other, others in tenants.items() if other != house))
        if len(found) > 1 or found & elsewhere:
            verdict.find("odd", f"what {house or 'the first tenant'} asked for was posted in {sorted(found)}")


def _judge_scheduled(verdict: Verdict, books: psycopg.Connection, evidence: Evidence) -> None:
    """Every transfer promised for later was made once or refused in the end, and none was made unasked."""
    rows = books.execute(
        "select t.id::text, t.state, t.amount_minor, p.amount_minor,"
        " t.due_at < current_timestamp - interval '10 seconds'"
        " from specie.scheduled_transfer t left join specie.posting p"
        " on p.tenant_id = t.tenant_id and p.entry_id = t.entry_id and not p.is_memo"
    ).fetchall()
    found = {row[0]: row for row in rows}
    for operation in evidence.operations:
        if operation.kind != "scheduled":
            continue
        verdict.counts["scheduled"] += 1
        what = f"scheduled {operation.key} {operation.result}: told {operation.told}"
        if operation.told is Told.UNKNOWN:
            verdict.find("unsettled", what)
        if operation.told is not Told.DONE:
            continue
        row = found.get(uuid_text(operation.result))
        if row is None:
            verdict.find("lost", what)
        elif row[1] == "scheduled" and row[4]:
            verdict.find("unsettled", f"{what}, and its time is long past")
        elif row[1] == "completed" and (row[3] is None or row[2] != row[3]):
            verdict.find("altered", f"{what}: {row[2]} was promised, {row[3]} moved")
    unexplained = _loose(books) - evidence.loose_transfers
    if unexplained:
        verdict.find("doubled", f"{unexplained} transfers were made that no client and no schedule asked for")


def _loose(books: psycopg.Connection) -> int:
    return _number(
        books,
        "select (select count(*) from specie.journal_entry"
        "   where recipe like 'wallets.transfer@%' and idempotency_key is null)"
        " - (select count(*) from specie.scheduled_transfer where state = 'completed')",
    )


def _number(books: psycopg.Connection, query: LiteralString) -> int:
    return sum(int(row[0]) for row in books.execute(query))


def _judge_payments_made(verdict: Verdict, books: psycopg.Connection, operations: list[Operation]) -> None:
    """Every payment that was ordered is there once under its reference; a refused one is not."""
    ids: dict[str, list[str]] = defaultdict(list)
    for reference, payment in books.execute("select reference, id::text from specie.payment"):
        ids[reference].append(payment)
    for operation in operations:
        if operation.kind not in {"payment", "top_up", "sale"}:
            continue
        verdict.counts["payments ordered"] += 1
        verdict.judge_made(operation, ids[operation.asked["reference"]])


# What was authorised first is collected by its captures, in as many parts as there were.
_COLLECTED = """
select reference, amount, currency from charge where state = 'paid' and is_manual = 0
 union all
select c.reference, o.amount, o.currency from operation o join charge c on c.id = o.charge_id
 where o.kind = 'capture' and o.state not in ('pending', 'failed')
"""


def _judge_money_in(verdict: Verdict, books: psycopg.Connection, provider_book: Path) -> None:
    """Every charge the provider collected is booked once, with its amount; nothing else is."""
    with sqlite3.connect(provider_book) as provider:
        paid = provider.execute(_COLLECTED).fetchall()
    payment_of: dict[str, str] = dict(
        books.execute("select reference, payment_id::text from specie.payment_attempt").fetchall()
    )
    collected: Counter[tuple[str, str]] = Counter()
    parts: Counter[tuple[str, str]] = Counter()
    for reference, amount, currency in paid:
        payment = payment_of.get(reference, f"an unknown attempt {reference}")
        collected[payment, currency] += amount
        parts[payment, currency] += 1
    booked, entries = _booked(books)
    verdict.counts["charges collected"] = len(paid)
    for (payment, currency), amount in collected.items():
        found = booked.pop((payment, currency), 0)
        what = f"payment {payment}: {amount} {currency} was collected, {found} booked"
        if not found:
            verdict.find("lost", what)
        elif found > amount or entries[payment, currency] > parts[payment, currency]:
            verdict.find("doubled", what)
        elif found != amount:
            verdict.find("altered", what)
    for (payment, currency), found in booked.items():
        verdict.find("phantom", f"payment {payment}: {found} {currency} booked, nothing collected")


def _collected(provider_book: Path) -> list[tuple[str, int, str]]:
    with sqlite3.connect(provider_book) as provider:
        return provider.execute("select reference, amount, currency from charge where state = 'paid'").fetchall()


def _booked(books: psycopg.Connection) -> tuple[Counter[tuple[str, str]], Counter[tuple[str, str]]]:
    """What providers owe us for each payment, gross, and in how many entries that was booked."""
    booked: Counter[tuple[str, str]] = Counter()
    entries: Counter[tuple[str, str]] = Counter()
    rows = books.execute(
        "select e.metadata ->> 'payment_id', p.currency, sum(p.amount_minor)::bigint"
        "  from specie.journal_entry e"
        "  join specie.posting p on p.tenant_id = e.tenant_id and p.entry_id = e.id"
        "  join specie.account d on d.tenant_id = p.tenant_id and d.id = p.debit_account_id"
        "       and d.code like 'asset:providers:%:clearing'"
        " where e.recipe like 'payments.capture@%' or e.recipe like 'payments.suspense@%'"
        " group by e.id, e.metadata, p.currency"
    )
    for payment, currency, amount in rows:
        booked[uuid_text(payment), currency] += amount
        entries[uuid_text(payment), currency] += 1
    return booked, entries


def _judge_callbacks(verdict: Verdict, books: psycopg.Connection, provider_book: Path) -> None:
    """Every callback we took with a 2xx is in the inbox and came to an end."""
    with sqlite3.connect(provider_book) as provider:
        taken = [
            row[0]
            for row in provider.execute(
                "select distinct event_id from callback where state = 'delivered' and last_status between 200 and 299"
            )
        ]
    inbox: dict[str, str] = dict(books.execute(_INBOX).fetchall())
    verdict.counts["callbacks taken"] = len(taken)
    for event in taken:
        state = inbox.get(event)
        if state is None:
            verdict.find("lost", f"callback {event} was taken and is not in the inbox")
        elif state == "received":
            verdict.find("unsettled", f"callback {event} was taken and never worked on")


def _judge_webhooks(verdict: Verdict, books: psycopg.Connection, evidence: Evidence) -> None:
    """Every event since an endpoint was made has reached it, signed, and the same bytes each time."""
    got = _received(verdict, read_back(evidence.receiver_book) if evidence.receiver_book.exists() else [])
    for path, endpoint in evidence.endpoints.items():
        for event, state, is_overdue in _owed(books, uuid_text(endpoint)):
            verdict.counts["webhooks owed"] += 1
            if event in got[path]:
                continue
            what = f"event {event} to {path}: {state}, and it never arrived"
            if state in {"delivered", "dead", None}:
                verdict.find("lost", what)
            elif is_overdue:
                verdict.find("unsettled", what)


def _received(verdict: Verdict, lines: Iterable[dict[str, Any]]) -> dict[str, set[str]]:
    got: dict[str, set[str]] = defaultdict(set)
    digests: dict[tuple[str, str], str] = {}
    for line in lines:
        verdict.counts["webhooks received"] += 1
        if not line["signed"]:
            verdict.find("odd", f"webhook {line['message']} to {line['path']} is not signed with its secret")
        seen = digests.setdefault((line["path"], line["message"]), line["digest"])
        if seen != line["digest"]:
            verdict.find("altered", f"webhook {line['message']} to {line['path']} came with other bytes")
        if line["status"] < 300:
            # A message goes by the id of the event it tells of.
            got[line["path"]].add(uuid_text(line["message"]))
    return got


def _owed(books: psycopg.Connection, endpoint: str) -> list[tuple[str, str | None, bool]]:
    """Events numbered after the first that the endpoint was sent, each with the state of its delivery."""
    return books.execute(
        "select n.event_id::text, d.state, coalesce(d.next_at < current_timestamp - interval '10 seconds', false)"
        "  from specie.webhook_endpoint w"
        "  join specie.webhook_position o on o.tenant_id = w.tenant_id"
        "  join specie.event_number n on n.tenant_id = w.tenant_id and n.n <= o.last_n and n.n >= ("
        "       select min(f.n) from specie.webhook_delivery f"
        "        where f.tenant_id = w.tenant_id and f.endpoint_id = w.id)"
        "  left join specie.webhook_delivery d"
        "       on d.tenant_id = n.tenant_id and d.endpoint_id = w.id and d.event_id = n.event_id"
        " where w.id = %s",
        [endpoint],
    ).fetchall()
