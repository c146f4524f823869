"""What Specie is compared with, on the same server: one transaction per transfer, with row locks.

The tables are the usual ones (account, transfer, two entry rows with a running balance), the guarantees fewer: no
idempotency, no tenant, no cause, no floor history.
"""

import random
from uuid import uuid4

import psycopg
import psycopg_pool

ACCOUNTS = 10_000

_SCHEMA = """
drop schema if exists peer cascade;
create schema peer;
create table peer.account (id int primary key, balance bigint not null check (balance >= 0)) with (fillfactor = 70);
create table peer.transfer (id uuid primary key, debit int not null, credit int not null, amount bigint not null,
    created_at timestamptz not null default now());
create table peer.entry (id bigint generated always as identity primary key, transfer_id uuid not null,
    account_id int not null, amount bigint not null, balance bigint not null);
create index entry_by_account on peer.entry (account_id, id);
grant all on schema peer to specie_app;
grant all on all tables in schema peer to specie_app;
grant all on all sequences in schema peer to specie_app;
"""


def prepare(superuser_url: str) -> None:
    """Make the peer's tables, with every account well funded."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        connection.execute(_SCHEMA)
        connection.execute(
            "insert into peer.account select id, 1000000000 from generate_series(0, %s) as id", [ACCOUNTS - 1]
        )
        connection.execute("analyze")


def pair(hot: bool) -> tuple[int, int]:
    """Two different accounts; the second is always the same one in a hot run."""
    debit, credit = random.sample(range(1, ACCOUNTS), 2)
    return debit, 0 if hot else credit


class RowLocks:
    """One transfer, one transaction, raw driver: lock both rows in order, move, write, commit."""

    def __init__(self, url: str, connections: int = 32) -> None:
        self._pool = psycopg_pool.AsyncConnectionPool(url, min_size=connections, max_size=connections, open=False)

    async def open(self) -> None:
        await self._pool.open(wait=True)

    async def close(self) -> None:
        await self._pool.close()

    async def transfer(self, debit: int, credit: int, amount: int) -> None:
        async with self._pool.connection() as connection:
            found = await connection.execute(
                "select id, balance from peer.account where id = any(%s) order by id for update", [[debit, credit]]
            )
            balances = dict(await found.fetchall())
            if balances[debit] < amount:
                raise RuntimeError("insufficient funds")
            move = "update peer.account set balance = balance + %s where id = %s"
            await connection.execute(move, [-amount, debit])
            await connection.execute(move, [amount, credit])
            transfer = uuid4()
            await connection.execute(
                "insert into peer.transfer (id, debit, credit, amount) values (%s, %s, %s, %s)",
                [transfer, debit, credit, amount],
            )
            await connection.execute(
                "insert into peer.entry (transfer_id, account_id, amount, balance)"
                " values (%s, %s, %s, %s), (%s, %s, %s, %s)",
                [
                    *(transfer, debit, -amount, balances[debit] - amount),
                    *(transfer, credit, amount, balances[credit] + amount),
                ],
            )
