"""The leaves of many numbered events at once: what `seal.leaf` says of each, without an object for every row.

Sealing and verifying go through every posting, so here the server writes numbers and times as text and each account's
fields are put together once. `seal.leaf` remains the definition; receipts are made by it.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from specie import events
from specie.kernel.ids import AccountId, EntryId, EventId, TenantId
from specie.ledger import seal_store
from specie.ledger.seal import field
from specie.platform.db import UnitOfWork

_NOTHING = field(None)
_NO_METADATA = field("{}")
# How many accounts' fields are kept in memory; beyond that they are looked up again.
_MOST_ACCOUNTS = 50_000

_ENTRIES = """
select id, recipe, description, (extract(epoch from effective_at) * 1000000)::bigint::text,
       (extract(epoch from recorded_at) * 1000000)::bigint::text, to_char(business_date, 'YYYY-MM-DD'), actor,
       request_id::text, idempotency_key, reverses_id, callback_id::text, approver, metadata::text
  from specie.journal_entry where tenant_id = %s and id = any(%s::uuid[])
"""
_POSTINGS = """
select entry_id, debit_account_id, credit_account_id, line::text, currency, amount_minor::text, debit_version::text,
       credit_version::text, debit_balance_minor::text, credit_balance_minor::text, debit_floor_minor::text,
       credit_floor_minor::text, is_memo
  from specie.posting where tenant_id = %s and entry_id = any(%s::uuid[]) order by entry_id, line
"""


@dataclass(frozen=True, slots=True)
class Leaf:
    """The hash that stands for one event, and what it is the event of."""

    of: EntryId | EventId
    hash: bytes


class Leaves:
    """Leaves of one tenant's events, block after block; accounts met before are not looked up again."""

    def __init__(self, uow: UnitOfWork, tenant_id: TenantId) -> None:
        self._uow = uow
        self._tenant_id = tenant_id
        self._accounts: dict[UUID, tuple[bytes, bytes]] = {}

    async def after(self, n: int, count: int) -> list[Leaf]:
        """The leaves of up to `count` events after a number, in order."""
        digests = await events.digests(self._uow, self._tenant_id, n, count)
        connection = await self._uow.raw()
        values = [self._tenant_id.uuid, list(digests)]
        entries = await (await connection.execute(_ENTRIES, values)).fetchall()
        postings = await (await connection.execute(_POSTINGS, values)).fetchall()
        await self._look_up(postings)
        content = {row[0]: [_entry_bytes(row)] for row in entries}
        for row in postings:
            # A posting without its entry belongs to no leaf; an invariant finds it.
            if (parts := content.get(row[0])) is not None:
                parts.append(self._posting_bytes(row))
        return [_leaf(event_id, digest, content.get(event_id)) for event_id, digest in digests.items()]

    async def _look_up(self, postings: Sequence[tuple[Any, ...]]) -> None:
        if len(self._accounts) > _MOST_ACCOUNTS:
            self._accounts.clear()
        missing = {side for row in postings for side in (row[1], row[2])} - self._accounts.keys()
        if not missing:
            return
        ids = [AccountId(one) for one in missing]
        identities = await seal_store.account_identities(self._uow, self._tenant_id, ids)
        for account_id in ids:
            self._accounts[account_id.uuid] = (field(str(account_id)), field(identities.get(account_id)))

    def _posting_bytes(self, row: tuple[Any, ...]) -> bytes:
        debit, debit_identity = self._accounts[row[1]]
        credit, credit_identity = self._accounts[row[2]]
        return b"".join(
            (
                field(row[3]),
                debit,
                credit,
                *[field(value) for value in row[4:12]],
                field(str(row[12])),
                debit_identity,
                credit_identity,
            )
        )


def _entry_bytes(row: tuple[Any, ...]) -> bytes:
    return b"".join(
        (
            field(str(EntryId(row[0]))),
            *[field(value) for value in row[1:9]],
            field(str(EntryId(row[9]))) if row[9] else _NOTHING,
            field(row[10]),
            field(row[11]),
            _NO_METADATA if row[12] == "{}" else _metadata(row[12]),
        )
    )


def _metadata(text: str) -> bytes:
    return field(json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"), ensure_ascii=False))


def _leaf(event_id: UUID, digest: bytes, parts: list[bytes] | None) -> Leaf:
    of = EventId(event_id) if parts is None else EntryId(event_id)
    return Leaf(of, hashlib.sha256(b"\x00" + digest + b"".join(parts or ())).digest())
