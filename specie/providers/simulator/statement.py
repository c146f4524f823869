"""The simulator's statement: everything that has changed what it holds, in the order in which it happened."""

from collections.abc import Iterator
from typing import Any

from specie.providers.simulator.book_store import Book
from specie.providers.simulator.operation_rules import Operation, OperationKind


def lines(book: Book, account: str, since: int, until: int) -> list[dict[str, Any]]:
    """An account's lines of a window; they add up to what its balance has changed by."""
    made = [*_charges(book, account), *_operations(book, account), *_payouts(book, account)]
    within = (line for line in made if since <= line["occurred_at"] < until)
    return sorted(within, key=lambda line: (line["occurred_at"], line["key"]))


def _charges(book: Book, account: str) -> Iterator[dict[str, Any]]:
    for charge in book.charges_of(account):
        if charge.state == "paid" and not charge.is_manual:
            names = (charge.id, "charge", charge.reference, charge.id)
            yield _line(*names, charge.amount, charge.fee, charge.currency, charge.occurred_at)


def _operations(book: Book, account: str) -> Iterator[dict[str, Any]]:
    for done in book.operations.of_account(account):
        if done.kind == OperationKind.DISPUTE:
            yield from _dispute(done)
        elif done.state == "done":
            amount = done.amount if done.kind == OperationKind.CAPTURE else -done.amount
            names = (done.id, done.kind, done.reference or None, done.id)
            yield _line(*names, amount, done.fee or 0, done.currency, done.occurred_at)


def _dispute(done: Operation) -> Iterator[dict[str, Any]]:
    """The fee when it opens, the amount once it is lost."""
    yield _line(f"{done.id}_fee", "fee", None, done.id, 0, done.fee or 0, done.currency, done.created_at)
    if done.state == "lost":
        yield _line(done.id, "dispute", None, done.id, -done.amount, 0, done.currency, done.occurred_at)


def _payouts(book: Book, account: str) -> Iterator[dict[str, Any]]:
    """What left, and what came back of it without the fee."""
    for paid in book.payouts.all():
        if paid.account != account or paid.state not in ("paid", "returned"):
            continue
        about, is_back = (paid.reference, paid.id), paid.state == "returned"
        left_at = paid.created_at if is_back else paid.occurred_at
        yield _line(paid.id, "payout", *about, -paid.amount, paid.fee, paid.currency, left_at)
        if is_back:
            yield _line(f"{paid.id}_back", "payout", *about, paid.amount, 0, paid.currency, paid.occurred_at)


def _line(
    key: str, kind: str, reference: str | None, own: str, gross: int, fee: int, currency: str, at: int | None
) -> dict[str, Any]:
    return {
        "key": key,
        "kind": kind,
        "reference": reference,
        "provider_ref": own,
        "gross": gross,
        "fee": fee,
        "net": gross - fee,
        "currency": currency,
        "occurred_at": at or 0,
    }
