"""What providers still have to pay over, read from open items and from postings: grouped by day, whatever their number.

A day here is the day something was collected on, by the provider's cut-off. Money that a provider's statement has
confirmed keeps the day of what was confirmed: the statement came later than the money was collected.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import text

from specie.kernel.ids import AccountId, ConnectionId, EntryId
from specie.kernel.money import Currency, Money
from specie.platform.db import UnitOfWork
from specie.reconciliation.model import MoneyState, Source
from specie.reconciliation.postings import clearing_code


def _day_of(moment: str) -> str:
    local = f"({moment} at time zone :zone)"
    # Dates end with the year 9999 for whoever reads them.
    return f"least({local}::date + case when {local}::time > :cut_off then 1 else 0 end, date '9999-12-31')"


def _given_up(match: str) -> str:
    """Whether nothing came for what was matched. Lines that sum to nothing may stand for items that do too."""
    return f"({match}.rule = 'write_off' or ({match}.lines_minor = 0 and {match}.items_minor <> 0))"


# What was taken back has the day of what it takes back, so that the two are nothing on the same day.
_OPEN_BY_DAY = text(f"""
    select coalesce(
               (select max({_day_of("c.effective_at")}) from specie.recon_match m
                join specie.recon_item o on o.tenant_id = m.tenant_id and o.match_id = m.id
                join specie.journal_entry c on c.tenant_id = o.tenant_id and c.id = o.entry_id
                where m.tenant_id = i.tenant_id and m.entry_id = i.entry_id),
               {_day_of("coalesce(r.effective_at, e.effective_at)")}) as day,
           sum(i.amount_minor)::bigint as minor, count(*) as items
    from specie.recon_item i
    join specie.journal_entry e on e.tenant_id = i.tenant_id and e.id = i.entry_id
    left join specie.journal_entry r on r.tenant_id = e.tenant_id and r.id = e.reverses_id
    where i.tenant_id = :tenant and i.source_id = :source and i.match_id is null
    group by 1 having sum(i.amount_minor) <> 0 order by 1
""")  # noqa: S608

_UNTRACKED = text("""
    select a.id, a.code, a.currency, a.balance_minor from specie.account a
    where a.tenant_id = :tenant and a.code like :codes and a.balance_minor <> 0
      and not exists (select from specie.recon_source s where s.tenant_id = a.tenant_id and s.account_id = a.id)
    order by a.code, a.currency
""")

_OF_ENTRIES = text(f"""
    with touched as (
        select p.entry_id, p.debit_account_id as account_id, p.amount_minor from specie.posting p
        where p.tenant_id = :tenant and p.entry_id = any(:entries)
        union all
        select p.entry_id, p.credit_account_id, -p.amount_minor from specie.posting p
        where p.tenant_id = :tenant and p.entry_id = any(:entries)
    ), mine as (
        select t.entry_id, a.id as account_id, a.code, a.currency, sum(t.amount_minor)::bigint as minor
        from touched t join specie.account a on a.tenant_id = :tenant and a.id = t.account_id
        where a.code = any(:codes)
        group by t.entry_id, a.id, a.code, a.currency having sum(t.amount_minor) <> 0
    )
    select n.entry_id, n.account_id, n.code, n.currency, n.minor, e.effective_at,
           case when s.id is null then 'untracked'
                when i.match_id is null then 'expected'
                when {_given_up("m")} then 'written_off'
                when m.lines_minor = 0 then 'arrived'
                when b.match_id is null then 'confirmed'
                when {_given_up("bm")} then 'written_off'
                else 'arrived' end as state
    from mine n
    join specie.journal_entry e on e.tenant_id = :tenant and e.id = n.entry_id
    left join specie.recon_source s on s.tenant_id = :tenant and s.account_id = n.account_id
    left join specie.recon_item i on i.tenant_id = :tenant and i.source_id = s.id and i.entry_id = n.entry_id
    left join specie.recon_match m on m.tenant_id = :tenant and m.id = i.match_id
    left join specie.recon_source k on k.tenant_id = :tenant and k.account_id = s.target_account_id
    left join specie.recon_item b on b.tenant_id = :tenant and b.source_id = k.id and b.entry_id = m.entry_id
    left join specie.recon_match bm on bm.tenant_id = :tenant and bm.id = b.match_id
    order by n.entry_id
""")  # noqa: S608


@dataclass(frozen=True, slots=True)
class OpenDay:
    """What is open of one day of collecting."""

    day: date
    amount: Money
    items: int


@dataclass(frozen=True, slots=True)
class Untracked:
    """A clearing account that no statement is matched with; its code may have been made up by hand."""

    code: str
    account_id: AccountId
    balance: Money


@dataclass(frozen=True, slots=True)
class Collected:
    """What one entry changed about what a provider owes, and how far that money has come."""

    connection_id: ConnectionId
    account_id: AccountId
    entry_id: EntryId
    amount: Money
    at: datetime
    state: MoneyState


async def open_by_day(uow: UnitOfWork, of: Source, day_ends_at: time) -> list[OpenDay]:
    """The open items of a source by the day they were collected on, the earliest first."""
    wanted: dict[str, Any] = {
        "tenant": uow.scope.tenant_id.uuid,
        "source": of.id.uuid,
        "zone": str(uow.scope.clock.zone),
        "cut_off": day_ends_at,
    }
    rows = await uow.execute(_OPEN_BY_DAY, wanted)
    return [OpenDay(row.day, Money(row.minor, of.currency), row.items) for row in rows]


async def untracked(uow: UnitOfWork) -> list[Untracked]:
    """What providers owe on accounts that nothing is matched with."""
    wanted = {"tenant": uow.scope.tenant_id.uuid, "codes": clearing_code("%")}
    return [
        Untracked(row.code, AccountId(row.id), Money(row.balance_minor, Currency.of(row.currency)))
        for row in await uow.execute(_UNTRACKED, wanted)
    ]


async def collected(
    uow: UnitOfWork, entries: Sequence[EntryId], connections: Iterable[ConnectionId]
) -> list[Collected]:
    """What these entries changed about what providers owe, in the order in which they were made."""
    codes = {clearing_code(each): each for each in connections}
    ids = [each.uuid for each in entries]
    wanted = {"tenant": uow.scope.tenant_id.uuid, "entries": ids, "codes": list(codes)}
    return [
        Collected(
            connection_id=codes[row.code],
            account_id=AccountId(row.account_id),
            entry_id=EntryId(row.entry_id),
            amount=Money(row.minor, Currency.of(row.currency)),
            at=row.effective_at,
            state=MoneyState(row.state),
        )
        for row in await uow.execute(_OF_ENTRIES, wanted)
    ]
