"""Holds what clients were told, and what the provider did, against the books. Shares no code with the service."""

import sqlite3
import uuid
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from tests.faults.journal import Operation, Told


@dataclass(slots=True)
class Verdict:
    """What was counted, and every violation found."""

    operations: int = 0
    told: Counter[str] = field(default_factory=Counter)
    retried: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    phantom: list[str] = field(default_factory=list)
    unsettled: list[str] = field(default_factory=list)
    altered: list[str] = field(default_factory=list)

    @property
    def violations(self) -> list[str]:
        """Everything that must not be."""
        return [*self.lost, *self.doubled, *self.phantom, *self.unsettled, *self.altered]


def judge(operations: list[Operation], auditor_url: str, simulator_book: Path) -> Verdict:
    """Sort every operation into told × books, and every paid charge into provider × books."""
    verdict = Verdict(operations=len(operations))
    with psycopg.connect(auditor_url) as books:
        transfers = _transfers(books)
        for operation in operations:
            verdict.told[
                f"{operation.kind} {operation.told} {operation.result if operation.told != 'done' else ''}"
            ] += 1
            verdict.retried += operation.tries > 1
            if operation.kind == "transfer":
                _judge_transfer(verdict, operation, transfers.get(operation.key, []))
        _judge_payments(verdict, books, simulator_book)
    return verdict


def _transfers(books: psycopg.Connection) -> dict[str, list[int]]:
    """The amounts each idempotency key moved."""
    found: dict[str, list[int]] = {}
    rows = books.execute(
        "select e.idempotency_key, p.amount_minor from specie.journal_entry e"
        " join specie.posting p on p.tenant_id = e.tenant_id and p.entry_id = e.id and not p.is_memo"
        " where e.recipe like 'wallets.transfer@%' and e.idempotency_key is not null"
    )
    for key, amount in rows:
        found.setdefault(key, []).append(amount)
    return found


def _judge_transfer(verdict: Verdict, operation: Operation, moved: list[int]) -> None:
    name = f"transfer {operation.key}: told {operation.told}, the books moved {moved}"
    if len(moved) > 1:
        verdict.doubled.append(name)
    elif operation.told is Told.UNKNOWN:
        verdict.unsettled.append(name)
    elif operation.told is Told.DONE and not moved:
        verdict.lost.append(name)
    elif operation.told is Told.REFUSED and moved:
        verdict.phantom.append(name)
    elif moved and moved != [operation.asked["amount"]["amount"]]:
        verdict.altered.append(name)


def _judge_payments(verdict: Verdict, books: psycopg.Connection, simulator_book: Path) -> None:
    """Every charge the provider collected is booked once, with its amount; nothing else is."""
    with sqlite3.connect(simulator_book) as provider:
        paid = provider.execute("select reference, amount from charge where state = 'paid'").fetchall()
    payment_of = {
        reference: str(payment)
        for reference, payment in books.execute("select reference, payment_id from specie.payment_attempt")
    }
    collected: Counter[str] = Counter()
    for reference, amount in paid:
        collected[payment_of[reference]] += amount
    booked, entries = _booked(books)
    for payment, amount in collected.items():
        found = booked.pop(payment, 0)
        if not found:
            verdict.lost.append(f"payment {payment}: {amount} was collected and is not in the books")
        elif found > amount or entries[payment] > 1:
            verdict.doubled.append(f"payment {payment}: {amount} was collected, {found} booked")
        elif found != amount:
            verdict.altered.append(f"payment {payment}: {amount} was collected, {found} booked")
    verdict.phantom += [f"payment {payment}: {found} booked, nothing collected" for payment, found in booked.items()]


def _booked(books: psycopg.Connection) -> tuple[Counter[str], Counter[str]]:
    """What providers owe us for each payment, gross, and in how many entries that was booked."""
    booked: Counter[str] = Counter()
    entries: Counter[str] = Counter()
    rows = books.execute(
        "select e.metadata ->> 'payment_id', sum(p.amount_minor)::bigint"
        "  from specie.journal_entry e"
        "  join specie.posting p on p.tenant_id = e.tenant_id and p.entry_id = e.id"
        "  join specie.account d on d.tenant_id = p.tenant_id and d.id = p.debit_account_id"
        "       and d.code like 'asset:providers:%:clearing'"
        " where e.recipe like 'payments.capture@%' or e.recipe like 'payments.suspense@%'"
        " group by e.id, e.metadata"
    )
    for payment, amount in rows:
        booked[_uuid_text(payment)] += amount
        entries[_uuid_text(payment)] += 1
    return booked, entries


def _uuid_text(prefixed: str) -> str:
    """The uuid behind an id such as `pay_…`, by the published alphabet and nothing of the service."""
    value = 0
    for character in prefixed.rpartition("_")[2]:
        value = value << 5 | "0123456789abcdefghjkmnpqrstvwxyz".index(character)
    return str(uuid.UUID(int=value))
