"""A batch decided ahead: from where its accounts stood last, while the batches before it are still being written.

A process that posts again and again to the same accounts knows where they stand without asking: where its own last
postings left them. So it decides at once, and sends what it decided behind what is on its way. The server writes it
only where every account is as it was taken to be, no key has been seen and every basis holds; otherwise nothing is
written and the batch is decided anew, under locks. What is remembered therefore decides nothing by itself.
"""

from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from operator import attrgetter
from uuid import UUID

import psycopg

from specie.kernel.ids import AccountId
from specie.ledger import budgets, store
from specie.ledger.budget_store import OF_GIVERS
from specie.ledger.decision import Books, Standing
from specie.ledger.journal import Command, allowances_of
from specie.ledger.model import Account
from specie.ledger.orders import (
    COMMIT_UNKNOWN,
    EARLIER,
    Batch,
    Order,
    Result,
    accounts_of,
    earlier_values,
    key_numbers,
)
from specie.platform import arrays
from specie.platform.crashpoints import crash_point
from specie.platform.db import CommitUnknown
from specie.platform.driver import Driver
from specie.platform.pipeline import Pipe, Statement, is_cut_off

_PIPES = 2
_MOST_REMEMBERED = 20_000
# What allowances get back is read for so long ahead: an entry is recorded no earlier than the last one of each of its
# accounts, and those decided meanwhile move them on.
_SOON = timedelta(seconds=1)
_MOST_TRIES = 3
# After so many batches in a row that had to be decided anew, doubling up to the most, the next are decided under locks.
_MOST_HELD_OFF = 63
# The order of the ids, told without asking them about each other.
_BY_NUMBER = attrgetter("uuid.int")
# Whoever holds an account for longer than this has changed it, most likely; and those behind wait as well.
_OPTIONS = "-c TimeZone=UTC -c lock_timeout=100 -c statement_timeout=30000"

_KEYS_ARE_FREE = """
select specie.proved(bool_and(pg_try_advisory_xact_lock(number))), set_config('app.tenant_id', %s, true)
  from unnest(%s::bigint[]) as k (number)
"""
# A statement of its own, so that its snapshot is taken after the keys' locks. A budget is drawn on under locks only.
_NOTHING_EARLIER = f"""
select specie.proved(not exists ({EARLIER}) and not exists (select from specie.budget b where {OF_GIVERS}))
"""  # noqa: S608
# Rows are locked in the order of their ids everywhere. This is all that a refusal depends on, and refusals are held
# against no account otherwise; of postings the trigger that moves the balance proves version, currency and time too.
_ACCOUNTS_STAND = """
select specie.proved(bool_and(is_plain)
                 and array_agg(balance_minor order by id) = %s::bigint[]
                 and array_agg(floor_minor order by id) = %s::bigint[])
  from (select id, balance_minor, floor_minor,
               not (debits_frozen or credits_frozen or owner_frozen or is_monitored) and closed_at is null as is_plain
          from specie.account where tenant_id = %s and id = any(%s::uuid[])
         order by id for no key update) as locked
"""


class _Memory:
    """Where a tenant's accounts stand after all that was decided ahead, and whether that has been borne out lately."""

    def __init__(self) -> None:
        self.books = Books({}, {})
        self._setbacks = 0
        self._held_off = 0

    def holds_off(self) -> bool:
        """Whether the next batch had better be decided under locks; asking counts it."""
        if not self._held_off:
            return False
        self._held_off -= 1
        return True

    def borne_out(self) -> None:
        """A batch was written as it had been decided."""
        self._setbacks = 0

    def set_back(self) -> None:
        """A batch cannot be decided ahead, most likely the next cannot either: locks have it for a while."""
        self._setbacks += 1
        self._held_off = min(2**self._setbacks - 1, _MOST_HELD_OFF)


class Ahead:
    """Decides batches ahead, for every tenant of a process. Connects when it is first needed."""

    def __init__(self, url: str) -> None:
        self._driver = Driver(url, _OPTIONS)
        self._pipes = [Pipe(url, options=_OPTIONS) for _ in range(_PIPES)]
        # The tenant that posted longest ago comes first.
        self._memories: OrderedDict[UUID, _Memory] = OrderedDict()

    async def close(self) -> None:
        """Hear out what is on its way, then disconnect."""
        for pipe in self._pipes:
            await pipe.close()
        await self._driver.close()

    async def post(self, tenant: UUID, orders: Sequence[Order]) -> list[Result | Exception] | None:
        """Each order's result after the commit; None when nothing was written and locks have to decide.

        Raises CommitUnknown when the connection breaks, and Unavailable or psycopg.Error when there is none.
        """
        memory, commands = self._memory(tenant), [order.command for order in orders]
        wanted = sorted(accounts_of(commands), key=_BY_NUMBER)
        results = None
        try:
            # A day of one's own may fall into a period that is being closed; locks decide that.
            if memory.holds_off() or any(command.draft.effective_at is not None for command in commands):
                return None
            pipe = self._pipes[tenant.int % _PIPES]
            await pipe.open()
            now = orders[0].scope.clock.now()
            if not await self._inform(tenant, memory.books, commands, wanted, now):
                memory.set_back()
                return None
            # From here to the sending nothing is waited for: batches are sent in the order in which they are decided.
            results = await _written(pipe, memory, orders, commands, wanted, now)
            return results
        finally:
            if results is None:
                memory.books.forget(wanted)

    @property
    def remembered(self) -> int:
        """How many accounts are remembered, of all tenants."""
        return sum(memory.books.size for memory in self._memories.values())

    def _memory(self, tenant: UUID) -> _Memory:
        memory = self._memories.setdefault(tenant, _Memory())
        self._memories.move_to_end(tenant)
        return memory

    async def _inform(
        self, tenant: UUID, books: Books, commands: Sequence[Command], wanted: Sequence[AccountId], now: datetime
    ) -> bool:
        """Read what is not known yet; whether everything is known now that decides the commands."""
        await self._learn(tenant, books, wanted)
        allowances, soon = sorted(allowances_of(commands)), now + _SOON
        for _ in range(_MOST_TRIES):
            if books.unknown(wanted):
                return False
            if not allowances:
                return True
            # While that is read, another batch may be decided that takes the same back.
            used = books.uses(allowances)
            rows = await self._driver.ask(store.releasing(tenant, used, now, soon), str(tenant))
            if not books.unknown(wanted) and books.uses(allowances) == used:
                books.release(store.released_in(rows, [account for account, _ in used]))
                return (books.last_recorded_at(wanted) or now) <= soon
        return False

    async def _learn(self, tenant: UUID, books: Books, wanted: Sequence[AccountId]) -> None:
        """Read the accounts that are not known, and forget the tenants of longest ago if it is too much."""
        unknown = books.unknown(wanted)
        if not unknown:
            return
        accounts = store.accounts_in(await self._driver.ask(store.reading(tenant, unknown), str(tenant)))
        books.take_in(account for account in accounts.values() if _is_plain(account))
        excess = self.remembered - _MOST_REMEMBERED
        while excess > 0:
            _, forgotten = self._memories.popitem(last=False)
            excess -= forgotten.books.size


async def _written(
    pipe: Pipe,
    memory: _Memory,
    orders: Sequence[Order],
    commands: Sequence[Command],
    wanted: Sequence[AccountId],
    now: datetime,
) -> list[Result | Exception] | None:
    """Decide, send, and wait for the commit; None when the server found that something is not so."""
    scope, books = orders[0].scope, memory.books
    proofs = _proofs(orders, commands, [books.standing(account_id) for account_id in wanted])
    batch = Batch(scope, books)
    batch.decide(list(zip(orders, commands, strict=True)), now)
    try:
        crash_point("ledger.ahead.commit.before")
        await pipe.send([*proofs, *batch.writing()])
    except psycopg.Error as error:
        if is_cut_off(error):
            raise CommitUnknown(COMMIT_UNKNOWN) from error
        memory.set_back()
        return None
    crash_point("ledger.ahead.commit.after")
    memory.borne_out()
    return batch.results


def _is_plain(account: Account) -> bool:
    """Whether nothing but balance and floor decides; what `_ACCOUNTS_STAND` asks of its row."""
    is_frozen = account.debits_frozen or account.credits_frozen or account.owner_frozen
    return not is_frozen and not account.is_monitored and account.closed_at is None


def _proofs(orders: Sequence[Order], commands: Sequence[Command], standings: Sequence[Standing]) -> list[Statement]:
    """Fail the transaction unless keys, stored answers, budgets, accounts and bases are as they were taken to be.

    `standings` are those of the accounts before the batch, in the order of their ids.
    """
    scope = orders[0].scope
    tenant, by = scope.tenant_id.uuid, budgets.givers(scope, commands)
    hands = [tenant, arrays.texts(list(by.actors)), arrays.uuids(list(by.keys))]
    held: dict[str, list[tuple[UUID, str]]] = {}
    for basis in (basis for order in orders for basis in order.bases):
        held.setdefault(basis.query, []).extend(basis.versions.items())
    return [
        Statement(_KEYS_ARE_FREE, [str(tenant), key_numbers(tenant, orders)]),
        Statement(_NOTHING_EARLIER, [*earlier_values(tenant, orders), *hands]),
        _accounts_stand(tenant, standings),
        *(_basis_holds(tenant, query, rows) for query, rows in held.items()),
    ]


def _accounts_stand(tenant: UUID, standings: Sequence[Standing]) -> Statement:
    balances = arrays.bigints([standing.balance_minor for standing in standings])
    floors = arrays.bigints([standing.floor_minor for standing in standings])
    ids = arrays.uuids([standing.account.id.uuid for standing in standings])
    return Statement(_ACCOUNTS_STAND, [balances, floors, tenant, ids])


def _basis_holds(tenant: UUID, query: str, rows: Sequence[tuple[UUID, str]]) -> Statement:
    ids, versions = zip(*rows, strict=True)
    return Statement(_holding(query), [arrays.uuids(ids), arrays.texts(versions), tenant, arrays.uuids(ids)])


@cache
def _holding(query: str) -> str:
    return f"""
    select specie.proved(not exists (
        select from unnest(%s::uuid[], %s::text[]) as held (id, version)
          left join ({query}) as row on row.id = held.id
         where row.version is distinct from held.version))
    """  # noqa: S608
