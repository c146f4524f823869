"""Every statement on open items: entries of the books, taken in from the account's postings as they come."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, insert, select, text, update

from specie.kernel.ids import EntryId
from specie.kernel.money import Currency, Money
from specie.platform.db import UnitOfWork
from specie.platform.tables import HIDDEN_TENANT
from specie.reconciliation.model import Item, Source
from specie.reconciliation.tables import item, source

_ROWS_AT_ONCE = 1000

# Recording time and version of an account grow together, and the index is by time. What matches have posted is one set
# that is hashed: an entry compared with both columns of every match would cost the square of a statement's lines.
_NEW = text(f"""
    with ours as (
        select x.entry_id from specie.recon_match x
        where x.tenant_id = {HIDDEN_TENANT} and x.source_id = :source and x.entry_id is not null
        union all
        select x.reopen_entry_id from specie.recon_match x
        where x.tenant_id = {HIDDEN_TENANT} and x.source_id = :source and x.reopen_entry_id is not null
    ), mine as (
        select p.entry_id, p.amount_minor, p.business_date from specie.posting p
        where p.tenant_id = {HIDDEN_TENANT} and p.debit_account_id = :account
          and p.recorded_at >= :since and p.debit_version > :seen and p.debit_version <= :until
        union all
        select p.entry_id, -p.amount_minor, p.business_date from specie.posting p
        where p.tenant_id = {HIDDEN_TENANT} and p.credit_account_id = :account
          and p.recorded_at >= :since and p.credit_version > :seen and p.credit_version <= :until
    )
    select m.entry_id, sum(m.amount_minor)::bigint as minor, max(m.business_date) as day,
           e.description, e.metadata
    from mine m join specie.journal_entry e on e.tenant_id = {HIDDEN_TENANT} and e.id = m.entry_id
    where m.entry_id not in (select entry_id from ours)
    group by m.entry_id, e.description, e.metadata having sum(m.amount_minor) <> 0
    order by m.entry_id
""")  # noqa: S608
_HEAD = text("""
    select version, coalesce(last_recorded_at, opened_at) as at, opened_at from specie.account
    where tenant_id = :tenant and id = :account
""")


class NewItem:
    """An entry that is to become an item."""

    def __init__(self, row: Row[Any]) -> None:
        self.entry_id = EntryId(row.entry_id)
        self.minor: int = row.minor
        self.day: date = row.day
        self.title: str = row.description
        self.metadata: Mapping[str, Any] = row.metadata


async def unseen(uow: UnitOfWork, of: Source) -> tuple[list[NewItem], int, Any]:
    """Entries on the account since it was last looked at, and how far that is: version and recording time."""
    mine = {"tenant": uow.scope.tenant_id.uuid, "account": of.account_id.uuid}
    head = (await uow.execute(_HEAD, mine)).one()
    if head.version == of.seen_version:
        return [], head.version, head.at
    window = {"since": of.seen_at or head.opened_at, "seen": of.seen_version, "until": head.version}
    rows = await uow.execute(_NEW, mine | window | {"source": of.id.uuid})
    return [NewItem(row) for row in rows], head.version, head.at


async def keep(
    uow: UnitOfWork, of: Source, found: Sequence[NewItem], known_as: Mapping[EntryId, Sequence[str]]
) -> None:
    """Write items down with everything they are known by."""
    rows = [
        {
            "tenant_id": uow.scope.tenant_id.uuid,
            "source_id": of.id.uuid,
            "entry_id": each.entry_id.uuid,
            "amount_minor": each.minor,
            "day": each.day,
            "refs": sorted(set(known_as.get(each.entry_id, ()))),
            "batch": str(each.metadata.get("batch") or ""),
            "title": each.title,
        }
        for each in found
    ]
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        await uow.execute(insert(item).values(rows[start : start + _ROWS_AT_ONCE]))


async def note_seen(uow: UnitOfWork, of: Source, version: int, at: Any) -> None:
    """Remember how far the account has been looked at."""
    this = (source.c.tenant_id == uow.scope.tenant_id.uuid, source.c.id == of.id.uuid)
    await uow.execute(update(source).where(*this).values(seen_version=version, seen_at=at))


async def open_items(
    uow: UnitOfWork, of: Source, *, before: UUID | None = None, limit: int | None = None
) -> list[Item]:
    """Items no match has taken, newest first; at most `limit + 1`."""
    query = _mine(uow, of).where(item.c.match_id.is_(None)).order_by(item.c.entry_id.desc())
    if before is not None:
        query = query.where(item.c.entry_id < before)
    rows = await uow.execute(query if limit is None else query.limit(limit + 1))
    return [_item(row, of.currency) for row in rows]


async def open_by_ids(uow: UnitOfWork, of: Source, ids: Sequence[EntryId]) -> list[Item]:
    """Those of these items that are open."""
    query = _mine(uow, of).where(item.c.match_id.is_(None), item.c.entry_id.in_([each.uuid for each in ids]))
    return [_item(row, of.currency) for row in await uow.execute(query)]


async def open_total(uow: UnitOfWork, of: Source) -> tuple[int, Money]:
    """How many items are open, and their sum."""
    query = select(func.count(), func.coalesce(func.sum(item.c.amount_minor), 0)).where(
        item.c.tenant_id == uow.scope.tenant_id.uuid, item.c.source_id == of.id.uuid, item.c.match_id.is_(None)
    )
    row: Any = (await uow.execute(query)).one()
    return row[0], Money(int(row[1]), of.currency)


async def is_reversed(uow: UnitOfWork, entry_id: EntryId) -> bool:
    """Whether an entry has been taken back in the books."""
    query = text("select 1 from specie.journal_entry where tenant_id = :tenant and reverses_id = :entry")
    found = await uow.execute(query, {"tenant": uow.scope.tenant_id.uuid, "entry": entry_id.uuid})
    return found.one_or_none() is not None


def _mine(uow: UnitOfWork, of: Source) -> Any:
    return select(item).where(item.c.tenant_id == uow.scope.tenant_id.uuid, item.c.source_id == of.id.uuid)


def _item(row: Row[Any], currency: Currency) -> Item:
    return Item(
        entry_id=EntryId(row.entry_id),
        amount=Money(row.amount_minor, currency),
        day=row.day,
        references=frozenset(row.refs),
        batch=row.batch,
        title=row.title,
    )
