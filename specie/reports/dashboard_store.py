"""The SQL of the dashboard: sums of postings and balances, and how attempts ended. A limited caller's are its own."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from specie.kernel.money import Currency, Money
from specie.platform.db import UnitOfWork

# What was collected is what the postings of the payments' entries brought into clearing. Found by payment_by_paid_at
# or payment_by_party_paid_at; each payment's entry by the primary key of postings.
VOLUME = """
select posting.currency, sum(posting.amount_minor)::bigint as minor, count(distinct payment.id) as payments
from specie.payment
join specie.posting on posting.tenant_id = payment.tenant_id and posting.entry_id = payment.entry_id
join specie.account on account.tenant_id = posting.tenant_id and account.id = posting.debit_account_id
 and split_part(account.code, ':', 2) = 'providers' and split_part(account.code, ':', 4) = 'clearing'
where payment.tenant_id = :tenant and payment.paid_at >= :since
  and (cast(:party as uuid) is null or payment.party_id = :party)
group by posting.currency order by posting.currency
"""
# Found by attempt_by_end.
ENDED = """
select c.provider, c.name as connection, date_trunc('hour', t.updated_at, :zone) as hour,
       count(*) filter (where t.state = 'succeeded') as succeeded, count(*) as ended
from specie.payment_attempt t
join specie.provider_connection c on c.tenant_id = t.tenant_id and c.id = t.connection_id
join specie.payment p on p.tenant_id = t.tenant_id and p.id = t.payment_id
where t.tenant_id = :tenant and t.state in ('succeeded', 'failed') and t.updated_at >= :since
  and (cast(:party as uuid) is null or p.party_id = :party)
group by c.provider, c.name, hour order by c.name, hour
"""
_BALANCES = """
select w.currency, sum(available.balance_minor)::bigint as available, sum(pending.balance_minor)::bigint as pending
from specie.wallet w
join specie.account available on available.tenant_id = w.tenant_id and available.id = w.available_account_id
join specie.account pending on pending.tenant_id = w.tenant_id and pending.id = w.pending_account_id
where w.tenant_id = :tenant and (cast(:party as uuid) is null or w.party_id = :party)
group by w.currency order by w.currency
"""
_NEXT_PAYOUT = """
select id, amount_minor, currency, state, created_at from specie.payout
where tenant_id = :tenant and state = any(:open) and (cast(:party as uuid) is null or party_id = :party)
order by id limit 1
"""


@dataclass(frozen=True, slots=True)
class Volume:
    """What was collected in one currency, and by how many payments."""

    amount: Money
    payments: int


@dataclass(frozen=True, slots=True)
class Ended:
    """How attempts at one provider ended within one hour of the tenant's day."""

    provider: str
    connection: str
    hour: datetime
    succeeded: int
    ended: int


@dataclass(frozen=True, slots=True)
class Balances:
    """What all wallets of one currency hold."""

    available: Money
    pending: Money


@dataclass(frozen=True, slots=True)
class OpenPayout:
    """The payout that has been waiting longest."""

    id: UUID
    amount: Money
    state: str
    created_at: datetime


async def volume(uow: UnitOfWork, since: datetime) -> list[Volume]:
    """What was collected since a moment of business time, by currency."""
    rows = await uow.execute(text(VOLUME), _whose(uow) | {"since": since})
    return [Volume(_money(row.minor, row.currency), row.payments) for row in rows]


async def ended(uow: UnitOfWork, since: datetime) -> list[Ended]:
    """How attempts ended since a moment of business time, by provider and hour."""
    values = _whose(uow) | {"since": since, "zone": uow.scope.clock.zone.key}
    return [Ended(**row._mapping) for row in await uow.execute(text(ENDED), values)]


async def balances(uow: UnitOfWork) -> list[Balances]:
    """What the wallets hold now, by currency."""
    rows = await uow.execute(text(_BALANCES), _whose(uow))
    return [Balances(_money(row.available, row.currency), _money(row.pending, row.currency)) for row in rows]


async def next_payout(uow: UnitOfWork, open_states: list[str]) -> OpenPayout | None:
    """The oldest payout in one of the states."""
    row = (await uow.execute(text(_NEXT_PAYOUT), _whose(uow) | {"open": open_states})).one_or_none()
    return OpenPayout(row.id, _money(row.amount_minor, row.currency), row.state, row.created_at) if row else None


def _whose(uow: UnitOfWork) -> dict[str, Any]:
    party = uow.scope.party_id
    return {"tenant": uow.scope.tenant_id.uuid, "party": party.uuid if party else None}


def _money(minor: int, code: str) -> Money:
    return Money(minor, Currency.of(code))
