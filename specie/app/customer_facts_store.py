"""The SQL of payments and payouts as a customer's timeline shows them."""

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


@dataclass(frozen=True, slots=True)
class Found:
    """A payment or payout in one line."""

    id: UUID
    at: datetime
    reference: str
    state: str
    amount: Money


async def payments(uow: UnitOfWork, parties: Sequence[PartyId], before: Before, limit: int) -> list[Found]:
    """Payments to or by some parties, the newest first."""
    return await _found(uow, _PAYMENTS, parties, before, limit)


async def payouts(uow: UnitOfWork, parties: Sequence[PartyId], before: Before, limit: int) -> list[Found]:
    """Payouts to some parties, the newest first."""
    return await _found(uow, _PAYOUTS, parties, before, limit)


async def _found(uow: UnitOfWork, query: Any, parties: Sequence[PartyId], before: Before, limit: int) -> list[Found]:
    values = {
        "tenant": uow.scope.tenant_id.uuid,
        "parties": [party.uuid for party in parties],
        "at": before[0] if before else None,
        "key": before[1] if before else None,
        "limit": limit,
    }
    return [
        Found(row.id, row.created_at, row.reference, row.state, Money(row.amount_minor, Currency.of(row.currency)))
        for row in await uow.execute(query, values)
    ]
