"""What other modules add to a customer's timeline: payments of and by them, and money paid out to them."""

from collections.abc import Sequence

from specie.app import customer_facts_store as store
from specie.crm import Before, Fact
from specie.kernel.ids import PartyId, PaymentId
from specie.payouts import PayoutId
from specie.platform.db import UnitOfWork


async def payments(uow: UnitOfWork, parties: Sequence[PartyId], before: Before, limit: int) -> list[Fact]:
    """Payments that these parties collect, put into their own wallets, or made with their address."""
    rows = await store.payments(uow, parties, before, limit)
    return [
        Fact("payment", str(PaymentId(row.id)), row.id, row.at, row.reference, row.amount, row.state) for row in rows
    ]


async def payouts(uow: UnitOfWork, parties: Sequence[PartyId], before: Before, limit: int) -> list[Fact]:
    """Money that leaves to these parties' bank accounts."""
    rows = await store.payouts(uow, parties, before, limit)
    return [Fact("payout", str(PayoutId(row.id)), row.id, row.at, row.reference, row.amount, row.state) for row in rows]
