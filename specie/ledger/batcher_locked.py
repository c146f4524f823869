"""A batch decided under locks: keys first, then stored answers and budgets, then accounts; then all of it is written.

This is how any batch can be decided, whatever its orders are and whoever else moves its accounts.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import psycopg

from specie.kernel.ids import AccountId, EntryId
from specie.kernel.scope import Scope
from specie.ledger import budgets, journal, store
from specie.ledger.decision import Books
from specie.ledger.journal import Command
from specie.ledger.model import Account
from specie.ledger.orders import (
    COMMIT_UNKNOWN,
    EARLIER,
    Batch,
    Order,
    PostedBefore,
    RefusedBefore,
    Result,
    accounts_of,
    earlier_values,
    key_numbers,
)
from specie.platform import arrays
from specie.platform.basis import Basis, Outdated
from specie.platform.crashpoints import crash_point
from specie.platform.db import CommitUnknown
from specie.platform.idempotency import Answer, KeyInProgress, KeyReused
from specie.platform.pipeline import Connection, Rows, Statement, is_cut_off, pipelined

_LOCK_KEYS = """
select nth, pg_try_advisory_xact_lock(number) as granted, set_config('app.tenant_id', %s, true)
  from unnest(%s::bigint[]) with ordinality as k (number, nth)
"""


async def post(connection: Connection, tenant: UUID, orders: Sequence[Order]) -> list[Result | Exception]:
    """Each order's result, in their order, after the commit. Raises psycopg.Error and CommitUnknown."""
    results, batch = await _decide(connection, tenant, orders)
    try:
        # Rows and commit travel together; the server takes them in this order or not at all.
        crash_point("ledger.batch.commit.before")
        await pipelined(connection, [*batch.writing(), Statement("commit")])
    except psycopg.OperationalError as error:
        if not is_cut_off(error):
            raise
        raise CommitUnknown(COMMIT_UNKNOWN) from error
    crash_point("ledger.batch.commit.after")
    return results


async def _decide(
    connection: Connection, tenant: UUID, orders: Sequence[Order]
) -> tuple[list[Result | Exception], Batch]:
    """In one order everywhere, and in one trip."""
    scope, commands = orders[0].scope, [order.command for order in orders]
    by = budgets.givers(scope, commands)
    wanted = accounts_of(commands)
    statements = [
        Statement("begin"),
        Statement(_LOCK_KEYS, [str(tenant), key_numbers(tenant, orders)]),
        # A statement of its own, so that its snapshot is taken after the keys' locks.
        Statement(EARLIER, earlier_values(tenant, orders)),
        budgets.known_to(scope, by),
        store.account_locks(tenant, wanted, by.actors, by.keys),
        *_versions(tenant, orders),
    ]
    _, locked_keys, earlier, asked, locked, *standing = await pipelined(connection, statements)
    limited, accounts = budgets.attached(asked, scope, commands), store.accounts_in(locked)
    if limited is not commands and not accounts_of(limited) - wanted <= accounts.keys():
        # A budget ended between the two statements; what it drew on is there as long as its row was seen.
        accounts |= await store.lock_accounts(connection, tenant, accounts_of(limited))
    known = _known(orders, locked_keys, earlier, {row.id: row.version for rows in standing for row in rows})
    fresh = [each for each, result in zip(zip(orders, limited, strict=True), known, strict=True) if result is None]
    batch = await _judged(connection, scope, fresh, accounts)
    decided = iter(batch.results)
    return [next(decided) if result is None else result for result in known], batch


async def _judged(
    connection: Connection,
    scope: Scope,
    fresh: Sequence[tuple[Order, Command]],
    accounts: Mapping[AccountId, Account],
) -> Batch:
    if not fresh:
        return Batch(scope, Books({}, {}))
    books, now = await journal.books_of(connection, scope, [command for _, command in fresh], accounts)
    batch = Batch(scope, books)
    batch.decide(fresh, now)
    return batch


def _versions(tenant: UUID, orders: Sequence[Order]) -> list[Statement]:
    """What the orders' bases are now: a statement for each kind of rows."""
    wanted: dict[str, set[UUID]] = {}
    for order in orders:
        for basis in order.bases:
            wanted.setdefault(basis.query, set()).update(basis.versions)
    return [Statement(query, [tenant, arrays.uuids(list(ids))]) for query, ids in wanted.items()]


def _known(
    orders: Sequence[Order], locked_keys: Rows, earlier: Rows, versions: Mapping[UUID, str]
) -> list[Result | Exception | None]:
    """For each order: somebody else holds its key, it was answered before, it is outdated, or None when it is new."""
    granted = [row.granted for row in sorted(locked_keys)]
    answered = {row.command_key: row for row in earlier}
    return [
        _answered(order, answered.get(order.command_key), versions) if free else KeyInProgress()
        for order, free in zip(orders, granted, strict=True)
    ]


def _answered(order: Order, row: Any | None, versions: Mapping[UUID, str]) -> Result | Exception | None:
    if not all(_stands(basis, versions) for basis in order.bases):
        return Outdated()
    if row is None:
        return None
    reused = _reused(order, row.fingerprint)
    if reused is not None:
        return reused
    if row.id is not None:
        return PostedBefore(EntryId(row.id))
    return RefusedBefore(Answer(row.status, row.body, row.media_type))


def _stands(basis: Basis, versions: Mapping[UUID, str]) -> bool:
    return all(versions.get(each) == version for each, version in basis.versions.items())


def _reused(order: Order, parts: dict[str, str]) -> Exception | None:
    differing = order.fingerprint.differences(parts)
    if not differing:
        return None
    return KeyReused(f"the first request differs in: {', '.join(differing)}", differs=differing)
