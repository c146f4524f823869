"""What a payment's page tells of settlement: when its money was paid over, and what of it; nobody else's."""

from typing import Any

from specie import payments
from specie.kernel.permissions import Permission
from specie.payments import Payment
from specie.platform.db import UnitOfWork
from specie.settlement import coverage_store, service, store
from specie.settlement.model import CoveredPosting, Line
from specie.settlement.service import Shown


async def settlements_of(uow: UnitOfWork, payment: Payment) -> list[dict[str, Any]]:
    """The settlements that took in postings of a payment, the earliest first, as plain values.

    A shared payment is settled to each of its merchants; a merchant sees its own settlements only, and whoever may not
    read settlements sees none.
    """
    if not uow.scope.allows(Permission.SETTLEMENTS_READ):
        return []
    parties = [payment.party_id, *(split.party_id for split in payment.splits)]
    entries = await payments.entry_ids_of(uow, payment.id)
    found = await coverage_store.settled_of_entries(uow, entries, parties, payment.amount.currency)
    made = await store.settlements_by_ids(uow, list(found))
    taken = await store.taken_from(uow, made)
    return [
        _told(shown, found[shown.settlement.id], taken[shown.settlement.id])
        for shown in await service.shown_of(uow, made)
    ]


def _told(shown: Shown, postings: list[CoveredPosting], taken: list[Line]) -> dict[str, Any]:
    made = shown.settlement
    return {
        "settlement_id": str(made.id),
        "merchant_id": str(made.party_id),
        "day": made.day,
        "made_at": made.made_at,
        "status": str(shown.status),
        "payout_id": str(shown.payouts[-1].payout_id) if shown.payouts else None,
        "amount": sum((each.amount for each in postings[1:]), postings[0].amount).as_json(),
        "lines": [
            {
                "cause": str(each.cause),
                "amount": each.amount.as_json(),
                "entry_id": str(each.entry_id),
                "recorded_at": each.recorded_at,
            }
            for each in postings
        ],
        "taken_from_whole": [{"cause": str(each.cause), "amount": each.amount.as_json()} for each in taken],
    }
