"""The SQL of open amounts by age, on any day, from the ledger's day totals."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import text

from specie.billing.model import InvoiceId
from specie.kernel.ids import PartyId
from specie.platform.db import UnitOfWork

_OPEN = text("""
select i.id, i.customer_id, i.number, i.due_on, sum(d.debit_minor - d.credit_minor)::bigint as open_minor
  from specie.billing_invoice i
  join specie.account_day d
       on d.tenant_id = i.tenant_id and d.account_id = i.account_id and d.business_date <= :day
 where i.tenant_id = :tenant and i.currency = :currency
   and (cast(:customer as uuid) is null or i.customer_id = :customer)
 group by i.tenant_id, i.id
having sum(d.debit_minor - d.credit_minor) <> 0
 order by i.due_on, i.id
""")

_CONTROL = text("""
select coalesce(sum(d.debit_minor - d.credit_minor), 0)::bigint
  from specie.account a
  join specie.account_day d on d.tenant_id = a.tenant_id and d.account_id = a.id and d.business_date <= :day
 where a.tenant_id = :tenant and a.currency = :currency and a.code like 'asset:billing:receivable:%'
   and (cast(:customer as uuid) is null or a.owner_party_id = :customer)
""")


@dataclass(frozen=True, slots=True)
class OpenRow:
    """What was open of one invoice."""

    invoice_id: InvoiceId
    customer_id: PartyId
    number: str
    due_on: date
    open_minor: int


async def open_on(uow: UnitOfWork, currency: str, day: date, customer_id: PartyId | None) -> list[OpenRow]:
    """What was open at the end of a business date, the longest due first."""
    rows = await uow.execute(_OPEN, _named(uow, currency, day, customer_id))
    return [
        OpenRow(InvoiceId(row.id), PartyId(row.customer_id), row.number, row.due_on, row.open_minor) for row in rows
    ]


async def control(uow: UnitOfWork, currency: str, day: date, customer_id: PartyId | None) -> int:
    """What the accounts of receivables held at the end of a business date, in minor units."""
    return int((await uow.execute(_CONTROL, _named(uow, currency, day, customer_id))).scalar_one())


def _named(uow: UnitOfWork, currency: str, day: date, customer_id: PartyId | None) -> dict[str, object]:
    return {
        "tenant": uow.scope.tenant_id.uuid,
        "currency": currency,
        "day": day,
        "customer": customer_id.uuid if customer_id else None,
    }
