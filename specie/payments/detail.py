"""Gathers everything there is to one payment, for the page that tells its whole story."""

from collections.abc import Sequence
from typing import Any

from specie import ledger, providers
from specie.kernel.ids import PaymentId
from specie.payments import (
    authorizations,
    capture_store,
    dispute_store,
    extras,
    refund_booking,
    refund_store,
    route_store,
    service,
    store,
)
from specie.payments.capture_model import capture_reference
from specie.payments.model import reference_of
from specie.payments.refund_model import reference_of as refund_reference
from specie.payments.schemas import Detail
from specie.platform.db import UnitOfWork
from specie.platform.vault import KeyRing
from specie.providers import CallbackRow

_MOST_CALLBACKS = 50


async def gather(uow: UnitOfWork, ring: KeyRing, payment_id: PaymentId, *, public_url: str) -> Detail:
    """A payment with its way, tries, refunds, postings and what was said about it. Raises PaymentMissing."""
    payment = await service.get_payment(uow, payment_id)
    attempts = await store.attempts_of(uow, payment_id)
    refunds = await refund_store.refunds_of(uow, payment_id)
    captures = await capture_store.captures_of(uow, payment_id)
    references = [
        *(reference_of(each.id) for each in attempts),
        *(refund_reference(each.id) for each in refunds),
        *(capture_reference(each.id) for each in captures),
    ]
    entries = [await ledger.get_entry(uow, entry_id) for entry_id in await refund_store.entry_ids_of(uow, payment_id)]
    customers = await service.open_customers(uow, ring, [payment_id])
    names = await extras.party_names(uow, [payment.party_id, *(split.party_id for split in payment.splits)])
    path = await extras.checkout_path(uow, payment)
    return Detail(
        payment=payment,
        checkout_url=f"{public_url}{path}" if path else None,
        customer=customers.get(payment_id),
        names=names,
        attempts=attempts,
        timeline=await store.changes_of(uow, payment_id),
        exceptions=await store.exceptions(uow, payment_id=payment_id, is_open=None, before=None, limit=_MOST_CALLBACKS),
        callbacks=await _callbacks(uow, references),
        entries=await ledger.entries_told(uow, entries),
        refunds=refunds,
        captures=captures,
        disputes=await dispute_store.disputes_of(uow, payment_id),
        routing=await route_store.choices_of(uow, payment_id),
        capturable=await authorizations.capturable(uow, payment),
        refundable=await refund_booking.refundable(uow, payment),
        extras=await extras.details(uow, payment),
    )


async def _callbacks(uow: UnitOfWork, references: Sequence[str]) -> list[CallbackRow]:
    found: dict[str, CallbackRow] = {}
    for reference in references:
        rows = await providers.find_callbacks(uow, states=(), reference=reference, before=None, limit=_MOST_CALLBACKS)
        found |= {str(row.id): row for row in rows}
    return sorted(found.values(), key=lambda row: str(row.id), reverse=True)


async def postings_shown(uow: UnitOfWork, entry: ledger.JournalEntry) -> list[dict[str, Any]]:
    """An entry's postings with the codes of their accounts."""
    [told] = await ledger.entries_told(uow, [entry])
    shown: list[dict[str, Any]] = told["postings"]
    return shown
