"""The simulator's book of what was done to charges after they were paid."""

import sqlite3
import uuid
from dataclasses import asdict, astuple, replace

from specie.providers.simulator.operation_rules import Operation

SCHEMA = """
create table if not exists operation (
    id text primary key, kind text not null, account text not null, charge_id text not null,
    charge_reference text not null, reference text not null, amount integer not null, currency text not null,
    state text not null, outcome text not null, is_silent integer not null, callback_url text not null,
    created_at integer not null, finishes_at integer, occurred_at integer, fee integer
) strict;
create unique index if not exists operation_reference on operation (account, kind, reference) where reference <> '';
create index if not exists operation_of_charge on operation (charge_id);
"""


class OperationBook:
    """The part of the book that holds operations."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._db.executescript(SCHEMA)

    def add(self, operation: Operation) -> None:
        """Write down a new operation."""
        columns = ", ".join(asdict(operation))
        marks = ", ".join("?" * len(astuple(operation)))
        self._db.execute(f"insert into operation ({columns}) values ({marks})", astuple(operation))  # noqa: S608

    def by_reference(self, account: str, kind: str, reference: str) -> Operation | None:
        """An account's operation by the reference it was ordered with."""
        query = "select * from operation where account = ? and kind = ? and reference = ?"
        row = self._db.execute(query, (account, kind, reference)).fetchone()
        return _operation(row) if row else None

    def by_id(self, operation_id: str) -> Operation | None:
        """An operation by the simulator's own id."""
        row = self._db.execute("select * from operation where id = ?", (operation_id,)).fetchone()
        return _operation(row) if row else None

    def of_charge(self, charge_id: str) -> list[Operation]:
        """Everything done to a charge, in order."""
        rows = self._db.execute("select * from operation where charge_id = ? order by created_at, id", (charge_id,))
        return [_operation(row) for row in rows]

    def of_account(self, account: str) -> list[Operation]:
        """Everything done to an account's charges, in order."""
        rows = self._db.execute("select * from operation where account = ? order by created_at, id", (account,))
        return [_operation(row) for row in rows]

    def ripe(self, now: int) -> list[Operation]:
        """Pending operations whose time has come."""
        query = "select * from operation where state = 'pending' and finishes_at <= ? order by finishes_at"
        return [_operation(row) for row in self._db.execute(query, (now,))]

    def set_state(self, operation: Operation, state: str, now: int) -> Operation:
        """Write down what became of it."""
        self._db.execute("update operation set state = ?, occurred_at = ? where id = ?", (state, now, operation.id))
        return replace(operation, state=state, occurred_at=now)

    def operations(self) -> list[Operation]:
        """The whole book, for comparing."""
        return [_operation(row) for row in self._db.execute("select * from operation order by created_at, id")]


def new_operation_id(kind: str) -> str:
    """An id of the simulator's own making."""
    return f"{kind[:3]}_{uuid.uuid4().hex}"


def _operation(row: sqlite3.Row) -> Operation:
    fields = dict(row)
    return Operation(**(fields | {"is_silent": bool(fields["is_silent"])}))
