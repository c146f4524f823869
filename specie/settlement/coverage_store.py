"""What a merchant is owed, read from the postings of its pending account: set-wise, whatever their number.

Recording time and version of an account grow together and its index is by time, so each query reads exactly the
postings of its range. The postings that settlements make themselves are no cause to settle again.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, text

from specie.kernel.ids import AccountId, EntryId, PartyId
from specie.kernel.money import Currency, Money
from specie.platform.db import UnitOfWork
from specie.platform.tables import HIDDEN_TENANT
from specie.settlement.model import (
    Cause,
    Coverage,
    CoveredPosting,
    Owed,
    Settlement,
    SettlementId,
    cause_of,
)

# The first settlement reads from the very first posting.
_EVER = datetime(1970, 1, 1, tzinfo=UTC)

_HEAD = text("""
    select version, coalesce(last_recorded_at, opened_at) as seen_at from specie.account
    where tenant_id = :tenant and id = :account
""")

# The latest version of either side at or before the cut-off: two look-ups at the ends of the indexes.
_AT_CUT_OFF = text("""
    select greatest(
        (select debit_version from specie.posting
         where tenant_id = :tenant and debit_account_id = :account and recorded_at <= :cut_off
         order by recorded_at desc, debit_version desc limit 1),
        (select credit_version from specie.posting
         where tenant_id = :tenant and credit_account_id = :account and recorded_at <= :cut_off
         order by recorded_at desc, credit_version desc limit 1)) as version
""")

COVERED = f"""
    select p.entry_id, p.line, p.recorded_at, true as is_credit, p.credit_version as version, p.amount_minor
    from specie.posting p
    where p.tenant_id = {HIDDEN_TENANT} and p.credit_account_id = :account
      and p.recorded_at >= :credit_since and p.recorded_at <= :cut_off_at
      and p.credit_version > :credit_after and p.credit_version <= :credit_through
    union all
    select p.entry_id, p.line, p.recorded_at, false, p.debit_version, p.amount_minor
    from specie.posting p
    where p.tenant_id = {HIDDEN_TENANT} and p.debit_account_id = :account
      and p.recorded_at >= :debit_since and p.recorded_at <= :seen_at
      and p.debit_version > :debit_after and p.debit_version <= :debit_through
"""  # noqa: S608

OWED = f"""
    with covered as ({COVERED})
    select split_part(e.recipe, '@', 1) as recipe, c.is_credit,
           sum(c.amount_minor)::bigint as minor, count(*) as postings
    from covered c join specie.journal_entry e on e.tenant_id = {HIDDEN_TENANT} and e.id = c.entry_id
    where e.recipe not like 'settlement.%'
    group by 1, 2 order by 1, 2
"""  # noqa: S608

_PAGE = f"""
    with covered as ({COVERED})
    select c.*, e.recipe, e.description, e.metadata ->> 'payment_id' as payment_id,
           e.metadata ->> 'purchase_id' as purchase_id, e.metadata ->> 'order_id' as order_id
    from covered c join specie.journal_entry e on e.tenant_id = {HIDDEN_TENANT} and e.id = c.entry_id
    where e.recipe not like 'settlement.%' and c.version > :after
    order by c.version limit :limit
"""  # noqa: S608

# Versions alone decide what a settlement took in; a party has one settlement a day, so its own are few.
_OF_ENTRIES = text("""
    with touched as (
        select p.entry_id, p.line, p.recorded_at, true as is_credit, p.credit_version as version, p.amount_minor,
               p.credit_account_id as account_id
        from specie.posting p where p.tenant_id = :tenant and p.entry_id = any(:entries)
        union all
        select p.entry_id, p.line, p.recorded_at, false, p.debit_version, p.amount_minor, p.debit_account_id
        from specie.posting p where p.tenant_id = :tenant and p.entry_id = any(:entries)
    )
    select s.id as settlement_id, t.*, e.recipe, e.description, e.metadata ->> 'payment_id' as payment_id,
           e.metadata ->> 'purchase_id' as purchase_id, e.metadata ->> 'order_id' as order_id
    from specie.settlement s
    join touched t on t.account_id = s.account_id and case when t.is_credit
        then t.version > s.credit_after and t.version <= s.credit_through
        else t.version > s.debit_after and t.version <= s.debit_through end
    join specie.journal_entry e on e.tenant_id = s.tenant_id and e.id = t.entry_id
    where s.tenant_id = :tenant and s.party_id = any(:parties) and s.currency = :currency
    order by s.id, t.version
""")


async def coverage(uow: UnitOfWork, account_id: AccountId, last: Settlement | None, cut_off: datetime) -> Coverage:
    """Which postings of a pending account a settlement made now takes in, after those of the last one."""
    mine = {"tenant": uow.scope.tenant_id.uuid, "account": account_id.uuid}
    head = (await uow.execute(_HEAD, mine)).one()
    due = (await uow.execute(_AT_CUT_OFF, mine | {"cut_off": cut_off})).scalar_one()
    before = last.coverage if last is not None else None
    credit_after = before.credit_through if before else 0
    return Coverage(
        account_id=account_id,
        credit_after=credit_after,
        # An earlier settlement may have had a later cut-off: what it took in stays with it.
        credit_through=max(credit_after, min(due or 0, head.version)),
        # Whatever came after was either recorded after the cut-off, or later than all that had been seen.
        credit_since=min(before.cut_off_at, before.seen_at) if before else _EVER,
        debit_after=before.debit_through if before else 0,
        debit_through=head.version,
        debit_since=before.seen_at if before else _EVER,
        cut_off_at=max(cut_off, before.cut_off_at) if before else cut_off,
        seen_at=head.seen_at,
    )


async def owed(uow: UnitOfWork, covers: Coverage, currency: Currency) -> list[Owed]:
    """What the covered postings come to, by cause."""
    sums: dict[Cause, tuple[int, int]] = {}
    for row in await uow.execute(text(OWED), _range(uow, covers)):
        cause = cause_of(row.recipe, is_credit=row.is_credit)
        minor, count = sums.get(cause, (0, 0))
        signed = row.minor if row.is_credit else -row.minor
        sums[cause] = (minor + signed, count + row.postings)
    return [Owed(cause, Money(minor, currency), count) for cause, (minor, count) in sums.items()]


async def covered_postings(uow: UnitOfWork, of: Settlement, after: int, limit: int) -> list[CoveredPosting]:
    """Up to `limit + 1` of the postings a settlement took in, in the order in which they were recorded."""
    wanted = _range(uow, of.coverage) | {"after": after, "limit": limit + 1}
    return [_posting(row, of.currency) for row in await uow.execute(text(_PAGE), wanted)]


async def settled_of_entries(
    uow: UnitOfWork, entries: Sequence[EntryId], parties: Sequence[PartyId], currency: Currency
) -> dict[SettlementId, list[CoveredPosting]]:
    """What the settlements of these parties took in of these entries, the earliest settlement first."""
    wanted = {
        "tenant": uow.scope.tenant_id.uuid,
        "entries": [each.uuid for each in entries],
        "parties": [each.uuid for each in parties],
        "currency": currency.code,
    }
    found: dict[SettlementId, list[CoveredPosting]] = {}
    for row in await uow.execute(_OF_ENTRIES, wanted):
        found.setdefault(SettlementId(row.settlement_id), []).append(_posting(row, currency))
    return found


def _range(uow: UnitOfWork, covers: Coverage) -> dict[str, Any]:
    return {
        "tenant": uow.scope.tenant_id.uuid,
        "account": covers.account_id.uuid,
        "credit_since": covers.credit_since,
        "cut_off_at": covers.cut_off_at,
        "credit_after": covers.credit_after,
        "credit_through": covers.credit_through,
        "debit_since": covers.debit_since,
        "seen_at": covers.seen_at,
        "debit_after": covers.debit_after,
        "debit_through": covers.debit_through,
    }


def _posting(row: Row[Any], currency: Currency) -> CoveredPosting:
    return CoveredPosting(
        entry_id=EntryId(row.entry_id),
        line=row.line,
        version=row.version,
        cause=cause_of(row.recipe, is_credit=row.is_credit),
        amount=Money(row.amount_minor if row.is_credit else -row.amount_minor, currency),
        description=row.description,
        recorded_at=row.recorded_at,
        payment_id=row.payment_id,
        purchase_id=row.purchase_id,
        order_id=row.order_id,
    )
