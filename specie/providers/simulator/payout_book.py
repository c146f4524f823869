"""The part of the simulator's book that tells of payouts: what left, to whom, and whether it came back."""

import sqlite3
from dataclasses import asdict, astuple, replace

from specie.providers.simulator.payout_rules import SimulatedPayout

_SCHEMA = """
create table if not exists payout (
    id text primary key, account text not null, reference text not null, amount integer not null,
    currency text not null, rail text not null, bank_code text not null, number text not null, name text not null,
    state text not null, fee integer not null, callback_url text not null, created_at integer not null,
    occurred_at integer, unique (account, reference)
) strict;
create table if not exists payout_key (
    account text not null, key text not null, body text not null, payout_id text not null, primary key (account, key)
) strict;
"""


class PayoutBook:
    """Payouts on the disk, over the connection of the whole book."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._db.executescript(_SCHEMA)

    def forget_keys(self) -> None:
        """Forget every idempotency key."""
        self._db.execute("delete from payout_key")

    def key_of(self, account: str, key: str) -> tuple[str, str] | None:
        """The body and payout an idempotency key stands for."""
        query = "select body, payout_id from payout_key where account = ? and key = ?"
        row = self._db.execute(query, (account, key)).fetchone()
        return (row["body"], row["payout_id"]) if row else None

    def add(self, payout: SimulatedPayout, key: str, body: str) -> None:
        """Write down an order, under its key where it has one."""
        columns = ", ".join(asdict(payout))
        marks = ", ".join("?" * len(astuple(payout)))
        self._db.execute("begin immediate")
        self._db.execute(f"insert into payout ({columns}) values ({marks})", astuple(payout))  # noqa: S608
        if key:
            self._db.execute("insert into payout_key values (?, ?, ?, ?)", (payout.account, key, body, payout.id))
        self._db.execute("commit")

    def by_reference(self, account: str, reference: str) -> SimulatedPayout | None:
        """An account's payout by the reference it was ordered with."""
        query = "select * from payout where account = ? and reference = ?"
        return _payout(self._db.execute(query, (account, reference)).fetchone())

    def by_id(self, payout_id: str) -> SimulatedPayout | None:
        """A payout by the simulator's own id."""
        return _payout(self._db.execute("select * from payout where id = ?", (payout_id,)).fetchone())

    def set_state(self, payout: SimulatedPayout, state: str, occurred_at: int) -> SimulatedPayout:
        """Write down what became of a payout."""
        self._db.execute("update payout set state = ?, occurred_at = ? where id = ?", (state, occurred_at, payout.id))
        return replace(payout, state=state, occurred_at=occurred_at)

    def all(self) -> list[SimulatedPayout]:
        """Every payout, for comparing."""
        rows = self._db.execute("select * from payout order by created_at, id")
        return [payout for row in rows if (payout := _payout(row)) is not None]


def _payout(row: sqlite3.Row | None) -> SimulatedPayout | None:
    return SimulatedPayout(**dict(row)) if row else None
