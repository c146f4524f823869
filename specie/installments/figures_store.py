"""The SQL of figures over many orders."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import text

from specie.kernel.ids import PartyId
from specie.platform.db import UnitOfWork

# Within a kind the oldest line is paid first, so what is open of a line is what the later lines leave of the balance.
_AGES = text("""
with line as (
    select o.id, l.n, l.due_on, l.principal_minor, l.interest_minor, l.fee_minor,
           p.balance_minor as principal_left, i.balance_minor as interest_left, f.balance_minor as fee_left,
           sum(l.principal_minor) over later as principal_later, sum(l.interest_minor) over later as interest_later,
           sum(l.fee_minor) over later as fee_later
      from specie.installment_order o
      join specie.installment_line l on l.tenant_id = o.tenant_id and l.order_id = o.id and l.schedule = o.schedule
      join specie.account p on p.tenant_id = o.tenant_id and p.id = o.principal_account_id
      join specie.account i on i.tenant_id = o.tenant_id and i.id = o.interest_account_id
      join specie.account f on f.tenant_id = o.tenant_id and f.id = o.fee_account_id
     where o.tenant_id = :tenant and o.state = 'active' and o.currency = :currency
       and (cast(:merchant as uuid) is null or o.merchant_id = :merchant)
    window later as (partition by o.id order by l.n desc rows between unbounded preceding and 1 preceding)
), opened as (
    select id, cast(:day as date) - due_on as days_late,
           least(principal_minor, greatest(principal_left - coalesce(principal_later, 0), 0))
           + least(interest_minor, greatest(interest_left - coalesce(interest_later, 0), 0))
           + least(fee_minor, greatest(fee_left - coalesce(fee_later, 0), 0)) as open_minor
      from line
)
select days_late, count(*) as parts, array_agg(distinct id) as orders, sum(open_minor)::bigint as open_minor
  from opened
 where open_minor > 0
 group by days_late
""")

_PENALTIES = text("""
select coalesce(sum(a.balance_minor), 0)::bigint
  from specie.installment_order o
  join specie.account a on a.tenant_id = o.tenant_id and a.id = o.penalty_account_id
 where o.tenant_id = :tenant and o.state = 'active' and o.currency = :currency
   and (cast(:merchant as uuid) is null or o.merchant_id = :merchant)
""")

_SETTLEMENT = text("""
select e.merchant_id, p.currency,
       count(distinct e.order_id) filter (where e.kind = 'accepted') as orders,
       coalesce(sum(p.amount_minor) filter (
           where e.kind = 'accepted' and d.code like 'asset:installments:%principal'), 0)::bigint as bought_minor,
       coalesce(sum(p.amount_minor) filter (
           where c.code = 'income:installments:merchant_fees'), 0)::bigint as fees_minor,
       coalesce(sum(p.amount_minor) filter (
           where e.kind = 'returned' and d.code like 'liability:wallets:%'), 0)::bigint as returned_minor,
       coalesce(sum(p.amount_minor) filter (
           where e.kind in ('accepted', 'paid') and d.code like 'liability:wallets:%'), 0)::bigint as collected_minor,
       coalesce(sum(p.amount_minor) filter (where d.code = 'expense:installments:charged_off'), 0)::bigint
           as charged_off_minor
  from specie.installment_entry e
  join specie.posting p on p.tenant_id = e.tenant_id and p.entry_id = e.entry_id and not p.is_memo
  join specie.account d on d.tenant_id = p.tenant_id and d.id = p.debit_account_id
  join specie.account c on c.tenant_id = p.tenant_id and c.id = p.credit_account_id
 where e.tenant_id = :tenant and e.business_date = :day
   and (cast(:merchant as uuid) is null or e.merchant_id = :merchant)
 group by e.merchant_id, p.currency
 order by e.merchant_id, p.currency
""")


@dataclass(frozen=True, slots=True)
class AgeRow:
    """Open parts due so many days ago (below zero: to come), and the orders they belong to."""

    days_late: int
    parts: int
    orders: frozenset[UUID]
    open_minor: int


@dataclass(frozen=True, slots=True)
class SettlementRow:
    """A merchant's day in one currency, in minor units, as the postings of its orders say."""

    merchant_id: PartyId
    currency: str
    orders: int
    bought_minor: int
    fees_minor: int
    returned_minor: int
    collected_minor: int
    charged_off_minor: int

    @property
    def net_minor(self) -> int:
        """What the merchant's wallet gained, or lost when more came back than was bought."""
        return self.bought_minor - self.fees_minor - self.returned_minor


async def ages(uow: UnitOfWork, merchant_id: PartyId | None, currency: str, day: date) -> list[AgeRow]:
    """Open parts of running orders by the number of days since each was due."""
    rows = await uow.execute(_AGES, _named(uow, merchant_id) | {"currency": currency, "day": day})
    return [AgeRow(row.days_late, row.parts, frozenset(row.orders), row.open_minor) for row in rows]


async def open_penalties(uow: UnitOfWork, merchant_id: PartyId | None, currency: str) -> int:
    """Late fees that are open."""
    found = await uow.execute(_PENALTIES, _named(uow, merchant_id) | {"currency": currency})
    return int(found.scalar_one())


async def settlement(uow: UnitOfWork, day: date, merchant_id: PartyId | None) -> list[SettlementRow]:
    """What the entries of a business day did for each merchant."""
    rows = await uow.execute(_SETTLEMENT, _named(uow, merchant_id) | {"day": day})
    return [
        SettlementRow(
            merchant_id=PartyId(row.merchant_id),
            currency=row.currency,
            orders=row.orders,
            bought_minor=row.bought_minor,
            fees_minor=row.fees_minor,
            returned_minor=row.returned_minor,
            collected_minor=row.collected_minor,
            charged_off_minor=row.charged_off_minor,
        )
        for row in rows
    ]


def _named(uow: UnitOfWork, merchant_id: PartyId | None) -> dict[str, object]:
    return {"tenant": uow.scope.tenant_id.uuid, "merchant": merchant_id.uuid if merchant_id else None}
