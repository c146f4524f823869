"""The SQL of what a customer's invoices say for a period that is over: read by recording time, so that it stays so."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text

from specie.billing.model import InvoiceId
from specie.kernel.ids import PartyId
from specie.kernel.money import Currency
from specie.platform.db import UnitOfWork

# The last posting of an account before a moment, on either side: the higher version is what it held then.
_HELD = """
    select x.held from (
        (select p.debit_version as version, p.debit_balance_minor as held from specie.posting p
          where p.tenant_id = a.tenant_id and p.debit_account_id = a.id and p.recorded_at < :until
          order by p.recorded_at desc, p.debit_version desc limit 1)
        union all
        (select p.credit_version, p.credit_balance_minor from specie.posting p
          where p.tenant_id = a.tenant_id and p.credit_account_id = a.id and p.recorded_at < :until
          order by p.recorded_at desc, p.credit_version desc limit 1)
    ) x order by x.version desc limit 1
"""

_INVOICES = text(f"""
    with mine as (
        select i.id, i.number, i.issued_on, i.due_on, i.total_minor, h.held as open_minor,
               exists (select from specie.posting p where p.tenant_id = a.tenant_id and p.debit_account_id = a.id
                          and p.recorded_at >= :since and p.recorded_at < :until) as is_new,
               s.paid_minor, s.withdrawn_minor + n.noted_minor as credited_minor,
               n.noted_minor - s.cancelled_minor as to_credit_minor, s.postings, n.notes
          from specie.billing_invoice i
          join specie.account a on a.tenant_id = i.tenant_id and a.id = i.account_id
          join lateral ({_HELD}) h on true
         cross join lateral (
               select count(*) as notes, coalesce(sum(c.net_minor + c.tax_minor), 0) as noted_minor
                 from specie.billing_credit_note c
                 join specie.journal_entry e on e.tenant_id = c.tenant_id and e.id = c.entry_id
                where c.tenant_id = i.tenant_id and c.invoice_id = i.id
                  and e.recorded_at >= :since and e.recorded_at < :until) n
         cross join lateral (
               select count(*) as postings,
                      coalesce(sum(p.amount_minor) filter (where x.is_withdrawn), 0) as withdrawn_minor,
                      coalesce(sum(p.amount_minor) filter (where x.is_cancelled), 0) as cancelled_minor,
                      coalesce(sum(p.amount_minor) filter (where not x.is_withdrawn and not x.is_cancelled), 0)
                          as paid_minor
                 from specie.posting p
                 left join specie.billing_allocation al on al.tenant_id = p.tenant_id and al.entry_id = p.entry_id
                 left join specie.billing_credit_note c
                   on c.tenant_id = al.tenant_id and al.source_kind = 'credit_note' and c.id = al.source_id
                -- Taken back by a credit note of its own (another invoice's pays it), or as a whole where it had been
                -- brought in by mistake.
                cross join lateral (
                      select coalesce(c.invoice_id = i.id, false) as is_cancelled,
                             p.entry_id is not distinct from i.withdrawn_id as is_withdrawn) x
                where p.tenant_id = a.tenant_id and p.credit_account_id = a.id
                  and p.recorded_at >= :since and p.recorded_at < :until) s
         where i.tenant_id = :tenant and i.customer_id = :customer and i.currency = :currency
    )
    select * from mine where open_minor <> 0 or is_new or postings > 0 or notes > 0 order by due_on, number
""")  # noqa: S608

_CREDIT = text(f"""
    select coalesce(sum(h.held), 0)::bigint from specie.account a
      join lateral ({_HELD}) h on true
     where a.tenant_id = :tenant and a.owner_party_id = :customer and a.currency = :currency
       and (a.code like 'liability:billing:credits:%' or a.code like 'liability:billing:deposits:%')
""")  # noqa: S608


@dataclass(frozen=True, slots=True)
class StatedInvoice:
    """One invoice of a period: what paid and credited it meanwhile, and what was open at the end. Minor units.

    What of the credited had been paid asks for nothing less: it went `to_credit` of the customer. So what was open
    before, with what is new, less paid and credited but for that, is what is open at the end. One that was brought in
    and withdrawn counts as credited: nobody paid it.
    """

    invoice_id: InvoiceId
    number: str
    issued_on: date
    due_on: date
    total_minor: int
    is_new: bool
    paid_minor: int
    credited_minor: int
    to_credit_minor: int
    open_minor: int


async def invoices_stated(
    uow: UnitOfWork, customer_id: PartyId, currency: Currency, since: datetime, until: datetime
) -> list[StatedInvoice]:
    """A customer's invoices that came, moved or were still open in a period, the longest due first."""
    rows = await uow.execute(_INVOICES, _named(uow, customer_id, currency, until) | {"since": since})
    return [
        StatedInvoice(
            invoice_id=InvoiceId(row.id),
            number=row.number,
            issued_on=row.issued_on,
            due_on=row.due_on,
            total_minor=row.total_minor,
            is_new=row.is_new,
            paid_minor=int(row.paid_minor),
            credited_minor=int(row.credited_minor),
            to_credit_minor=int(row.to_credit_minor),
            open_minor=row.open_minor,
        )
        for row in rows
    ]


async def credit_stated(uow: UnitOfWork, customer_id: PartyId, currency: Currency, until: datetime) -> int:
    """What a customer had paid or been credited and not used by a moment, in minor units; deposits are part of it."""
    return int((await uow.execute(_CREDIT, _named(uow, customer_id, currency, until))).scalar_one())


def _named(uow: UnitOfWork, customer_id: PartyId, currency: Currency, until: datetime) -> dict[str, object]:
    return {
        "tenant": uow.scope.tenant_id.uuid,
        "customer": customer_id.uuid,
        "currency": currency.code,
        "until": until,
    }
