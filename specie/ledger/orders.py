"""Keyed postings as callers hand them to the batcher, what becomes of each, and how a decided batch is written."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from psycopg.types.json import Jsonb

from specie.events import NewEvent
from specie.kernel.errors import SpecieError
from specie.kernel.ids import AccountId, EntryId
from specie.kernel.scope import Scope
from specie.ledger import journal
from specie.ledger.decision import Books
from specie.ledger.journal import Command, Outcome
from specie.ledger.model import EntryDraft, JournalEntry
from specie.ledger.store import CommandRecord
from specie.platform import arrays
from specie.platform.basis import Basis
from specie.platform.idempotency import Answer, Fingerprint, lock_number
from specie.platform.pipeline import Statement

EARLIER = """
select command_key, command_fingerprint as fingerprint, id, null as status, null as media_type, null as body
  from specie.journal_entry where tenant_id = %s and command_key = any(%s) and command_key is not null
 union all
select principal || '/' || key, fingerprint, null, status, media_type, body from specie.idempotency
 where tenant_id = %s and (principal, key) in (select * from unnest(%s::text[], %s::text[]))
"""
"""What had been answered under the keys of orders; `earlier_values` stand for its placeholders."""

COMMIT_UNKNOWN = "the connection broke during the commit; ask again with the same key"
"""What callers are told when nobody knows whether their orders were posted."""

_REMEMBER_REFUSALS = """
insert into specie.idempotency (tenant_id, principal, key, fingerprint, status, media_type, body, request_id,
    created_at)
select %s, * from unnest(%s::text[], %s::text[], %s::jsonb[], %s::smallint[], %s::text[], %s::text[], %s::uuid[],
    %s::timestamptz[])
"""


@dataclass(frozen=True, slots=True)
class Order:
    """One keyed posting. `refused` renders the stored answer of a refusal that is a decision.

    It is answered only if each of its `bases` still holds when the accounts are locked. `command_key` is the key as
    stored on the entry: one principal's, so two callers' equal keys never meet.
    """

    scope: Scope
    key: str
    fingerprint: Fingerprint
    draft: EntryDraft
    event: NewEvent
    refused: Callable[[SpecieError], Answer]
    bases: Sequence[Basis] = ()
    command_key: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "command_key", f"{self.scope.principal}/{self.key}")

    @property
    def command(self) -> Command:
        """What the ledger is to decide; the entry becomes the order's own idempotency record."""
        record = CommandRecord(self.command_key, self.fingerprint.parts)
        return Command(self.draft, self.event, self.scope, self.key, record)


@dataclass(frozen=True, slots=True)
class Posted:
    """The entry was written just now."""

    entry: JournalEntry


@dataclass(frozen=True, slots=True)
class PostedBefore:
    """The same order had been posted under this key; read the entry to answer again."""

    entry_id: EntryId


@dataclass(frozen=True, slots=True)
class RefusedBefore:
    """The same order had been refused under this key, with this answer."""

    answer: Answer
    is_replay: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class Refused:
    """The order was refused just now; the answer is stored under its key."""

    answer: Answer
    is_replay: ClassVar[bool] = False


Result = Posted | PostedBefore | Refused | RefusedBefore


class Batch:
    """Orders of one tenant that were decided together: a result for each, and what is to be written."""

    def __init__(self, scope: Scope, books: Books) -> None:
        self.results: list[Result | Exception] = []
        # The first order's scope stands for the tenant; each command carries its own as cause.
        self._scope = scope
        self._books = books
        self._entries: Sequence[tuple[Command, JournalEntry]] = ()
        self._refusals: list[tuple[Order, Answer]] = []

    def decide(self, orders: Sequence[tuple[Order, Command]], now: datetime) -> None:
        """Judge every order in turn."""
        commands = [command for _, command in orders]
        outcomes, self._entries = journal.decide_all(self._books, self._scope, commands, now, keep_going=True)
        self.results = [self._result(order, outcome) for (order, _), outcome in zip(orders, outcomes, strict=True)]

    def _result(self, order: Order, outcome: Outcome) -> Result | Exception:
        if isinstance(outcome, JournalEntry):
            return Posted(outcome)
        if not outcome.is_decision:
            return outcome
        answer = order.refused(outcome)
        self._refusals.append((order, answer))
        return Refused(answer)

    def writing(self) -> list[Statement]:
        """What writes the entries and the refusals that were decisions."""
        entries = journal.writing(self._scope, self._books, self._entries) if self._entries else []
        refusals = [_remembering(self._scope.tenant_id.uuid, self._refusals)] if self._refusals else []
        return entries + refusals


def accounts_of(commands: Iterable[Command]) -> set[AccountId]:
    """Every account that deciding the commands must know."""
    return set[AccountId]().union(*(command.draft.account_ids() for command in commands))


def key_numbers(tenant: UUID, orders: Sequence[Order]) -> arrays.Array:
    """The numbers of the locks of the orders' keys, in the orders' order."""
    return arrays.bigints([lock_number(f"{tenant}/{order.command_key}") for order in orders])


def earlier_values(tenant: UUID, orders: Sequence[Order]) -> list[Any]:
    """What stands for the placeholders of `EARLIER`."""
    commands = arrays.texts([order.command_key for order in orders])
    principals = arrays.texts([order.scope.principal for order in orders])
    keys = arrays.texts([order.key for order in orders])
    return [tenant, commands, tenant, principals, keys]


def _remembering(tenant: UUID, refusals: Sequence[tuple[Order, Answer]]) -> Statement:
    rows = [
        (
            order.scope.principal,
            order.key,
            Jsonb(order.fingerprint.parts),
            answer.status,
            answer.media_type,
            answer.body,
            order.scope.request_id.uuid,
            order.scope.clock.now(),
        )
        for order, answer in refusals
    ]
    return Statement(_REMEMBER_REFUSALS, [tenant, *map(list, zip(*rows, strict=True))])
