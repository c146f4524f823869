"""What is counted before a trial and after it, by nobody of the service: sums of postings, and the bank's own book.

A figure is one row of whole numbers. The queries are written down here and nowhere else; they read what was posted
and never what the service has added up.
"""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg

from specie.assay.verdict import uuid_text


@dataclass(frozen=True, slots=True)
class Figure:
    """A row of numbers in `books` or at the `bank`; `names` are looked up in the ground and stand for the marks."""

    about: str
    book: str
    query: str
    names: tuple[str, ...] = ()


Ends = Mapping[Figure, tuple[int, ...]]
"""By how much each figure must have moved when everything has come to its end."""

_SUM = (
    "(select coalesce(sum(case when p.credit_account_id = {account} then p.amount_minor else -p.amount_minor end), 0)"
    " from specie.posting p where not p.is_memo and {account} in (p.credit_account_id, p.debit_account_id))"
)


_POSTED = (
    "select coalesce(sum(case when p.credit_account_id = a.id then p.amount_minor else -p.amount_minor end), 0)"
    " from specie.account a join specie.posting p on a.id in (p.credit_account_id, p.debit_account_id)"
    " where a.currency = 'IDR' and a.code {}"
)
_OWNED = " and a.owner_party_id = %s"


def purse(name: str) -> Figure:
    """What somebody's first purse has available, and what is on its way to it; minor units."""
    sums = ", ".join(_SUM.format(account=f"w.{side}_account_id") for side in ("available", "pending"))
    query = f"select {sums} from specie.wallet w where w.id = %s"
    return Figure(f"the purse of {name}", "books", query, (name,))


def cashback_of(party: str) -> Figure:
    """What somebody has of cashback, all purses together."""
    query = (
        f"select coalesce(sum({_SUM.format(account='w.available_account_id')}), 0)::bigint"
        " from specie.wallet w where w.party_id = %s and w.purpose = 'cashback'"
    )
    return Figure(f"the cashback of {party}", "books", query, (party,))


def owed_in_parts(party: str) -> Figure:
    """What somebody owes for purchases in parts."""
    return Figure(f"the debt of {party}", "books", _POSTED.format("like 'asset:installments:%%'") + _OWNED, (party,))


def owed_to(party: str) -> Figure:
    """What a supplier is owed for its bills."""
    query = _POSTED.format("like 'liability:payables:owed:%%'") + _OWNED
    return Figure(f"what is owed to {party}", "books", query, (party,))


def account(code: str) -> Figure:
    """What the ledger's accounts with such a code hold together, credits less debits."""
    return Figure(f"the accounts {code}", "books", _POSTED.format(f"like '{code.replace('%', '%%')}'"))


def rows(about: str, query: str, *names: str) -> Figure:
    """Numbers of a query over the books, for what is counted and not posted."""
    return Figure(about, "books", query, names)


def paid_out(number: str) -> Figure:
    """How many payouts the bank has taken for an account number, and how much of them it has not sent back."""
    query = (
        "select count(*), coalesce(sum(amount) filter (where state = 'paid'), 0) from payout"
        f" where number = '{number}' and state <> 'failed'"
    )
    return Figure(f"payouts to {number} at the bank", "bank", query)


def collected(about: str) -> Figure:
    """How many charges the bank has taken of customers for something, and how much at once."""
    query = f"select count(*), coalesce(sum(amount), 0) from charge where description = '{about}' and state = 'paid'"
    return Figure(f"charges for {about} at the bank", "bank", query)


def collected_for(beginning: str) -> Figure:
    """How many charges the bank has taken for things whose names begin so, and how much at once."""
    query = (
        "select count(*), coalesce(sum(amount), 0) from charge"
        f" where description like '{beginning}%' and state = 'paid'"
    )
    return Figure(f"charges for {beginning} … at the bank", "bank", query)


def charges_in(state: str, about: str) -> Figure:
    """How many charges for something the bank still has in a state, and how much they are of."""
    query = f"select count(*), coalesce(sum(amount), 0) from charge where description = '{about}' and state = '{state}'"
    return Figure(f"{state} charges for {about} at the bank", "bank", query)


def done_to(about: str, kind: str) -> Figure:
    """How many captures, refunds or disputes the bank has made of the charges for something, and their sum."""
    query = (
        "select count(*), coalesce(sum(o.amount), 0) from operation o join charge c on c.id = o.charge_id"
        f" where c.description = '{about}' and o.kind = '{kind}'"
        " and o.state not in ('pending', 'failed')"
    )
    return Figure(f"{kind}s for {about} at the bank", "bank", query)


def read(figure: Figure, ground: Mapping[str, str], auditor_url: str, bank_book: Path) -> tuple[int, ...]:
    """A figure as it stands now."""
    given = [uuid_text(ground[name]) for name in figure.names]
    if figure.book == "bank":
        with sqlite3.connect(bank_book) as bank:
            row = bank.execute(figure.query, given).fetchone()
    else:
        with psycopg.connect(auditor_url) as books:
            row = books.execute(figure.query, given).fetchone()  # type: ignore[call-overload]
    return tuple(map(int, row))
