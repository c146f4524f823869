"""The SQL of what other modules know of a customer, as its timeline shows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from specie.crm import Before
from specie.kernel.ids import PartyId
from specie.kernel.money import Currency, Money
from specie.platform.db import UnitOfWork

# Each side is found by an index of its own; whoever pays is known by the keyed hash of the address.
_PAYMENTS = text("""
select distinct id, created_at, reference, state, amount_minor, currency from (
    (select id, created_at, reference, state, amount_minor, currency from specie.payment
      where tenant_id = :tenant and party_id = any(:parties)
        and (cast(:at as timestamptz) is null or (created_at, id) < (:at, cast(:key as uuid)))
      order by created_at desc, id desc limit :limit)
    union all
    (select p.id, p.created_at, p.reference, p.state, p.amount_minor, p.currency from specie.payment p
       join specie.party customer on customer.tenant_id = p.tenant_id and customer.id = any(:parties)
        and customer.email_index = p.customer_email_index
      where p.tenant_id = :tenant
        and (cast(:at as timestamptz) is null or (p.created_at, p.id) < (:at, cast(:key as uuid)))
      order by p.created_at desc, p.id desc limit :limit)
) found order by created_at desc, id desc limit :limit
""")
_PAYOUTS = text("""
select id, created_at, reference, state, amount_minor, currency from specie.payout
 where tenant_id = :tenant and party_id = any(:parties)
   and (cast(:at as timestamptz) is null or (created_at, id) < (:at, cast(:key as uuid)))
 order by created_at desc, id desc limit :limit
""")

# Documents: what each is called, what it comes to, and the id of whatever shows it.
_DOCUMENTS = {
    "quote": """
        select id, id as opens, created_at, number as reference, state, total_minor as amount_minor, currency
          from specie.sales_quote where customer_id = any(:parties)""",
    "order": """
        select id, id as opens, created_at, number as reference, state, net_minor + tax_minor as amount_minor, currency
          from specie.sales_order where customer_id = any(:parties)""",
    "invoice": """
        select id, id as opens, created_at, coalesce(number, '') as reference, state, total_minor as amount_minor,
               currency
          from specie.billing_invoice where customer_id = any(:parties)""",
    "credit_note": """
        select id, invoice_id as opens, created_at, number as reference, null as state,
               net_minor + tax_minor as amount_minor, currency
          from specie.billing_credit_note where customer_id = any(:parties)""",
    "receipt": """
        select id, entry_id as opens, created_at, reference, method as state, amount_minor, currency
          from specie.billing_receipt where customer_id = any(:parties)""",
    "bill": """
        select id, id as opens, created_at, number as reference, state, net_minor + tax_minor as amount_minor, currency
          from specie.payables_bill where supplier_id = any(:parties)""",
    "message": """
        select id, document_id as opens, created_at, kind as reference, state, null as amount_minor, null as currency
          from specie.billing_letter where customer_id = any(:parties)""",
}
_REFUNDED = """
    select r.entry_id as id, r.entry_id as opens, r.created_at, r.reason as reference, r.method as state,
           r.amount_minor, source.currency
      from (
        select tenant_id, id, currency from specie.billing_receipt where customer_id = any(:parties)
        union all
        select tenant_id, id, currency from specie.billing_credit_note where customer_id = any(:parties)
        union all
        select tenant_id, id, currency from specie.billing_invoice where customer_id = any(:parties) and is_deposit
      ) source join specie.billing_refund r on r.tenant_id = source.tenant_id and r.source_id = source.id"""
_PAGE = """
select * from ({found} and {of}tenant_id = :tenant) found
 where cast(:at as timestamptz) is null or (created_at, id) < (:at, cast(:key as uuid))
 order by created_at desc, id desc limit :limit
"""
DOCUMENTS = {kind: text(_PAGE.format(found=found, of="")) for kind, found in _DOCUMENTS.items()} | {
    "refund": text(_PAGE.format(found=f"{_REFUNDED} where true", of="r."))
}
"""The query of each kind of document: up to `limit` rows that come before a moment and key."""


@dataclass(frozen=True, slots=True)
class Found:
    """A payment, payout or document in one line; `opens` is the id of what shows it."""

    id: UUID
    at: datetime
    reference: str
    state: str | None
    amount: Money | None
    opens: UUID


async def payments(uow: UnitOfWork, parties: Sequence[PartyId], before: Before, limit: int) -> list[Found]:
    """Payments to or by some parties, the newest first."""
    return await _found(uow, _PAYMENTS, parties, before, limit)


async def payouts(uow: UnitOfWork, parties: Sequence[PartyId], before: Before, limit: int) -> list[Found]:
    """Payouts to some parties, the newest first."""
    return await _found(uow, _PAYOUTS, parties, before, limit)


async def documents(uow: UnitOfWork, kind: str, parties: Sequence[PartyId], before: Before, limit: int) -> list[Found]:
    """Documents of one kind for some parties, the newest first."""
    return await _found(uow, DOCUMENTS[kind], parties, before, limit)


async def _found(uow: UnitOfWork, query: Any, parties: Sequence[PartyId], before: Before, limit: int) -> list[Found]:
    values = {
        "tenant": uow.scope.tenant_id.uuid,
        "parties": [party.uuid for party in parties],
        "at": before[0] if before else None,
        "key": before[1] if before else None,
        "limit": limit,
    }
    return [_one(row) for row in await uow.execute(query, values)]


def _one(row: Any) -> Found:
    amount = None if row.amount_minor is None else Money(row.amount_minor, Currency.of(row.currency))
    return Found(row.id, row.created_at, row.reference, row.state, amount, getattr(row, "opens", row.id))
