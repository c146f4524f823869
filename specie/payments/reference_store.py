"""Under which names a provider knows the money of an entry."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from specie.kernel.ids import AttemptId, EntryId
from specie.payments.model import reference_of
from specie.payments.refund_model import RefundId
from specie.payments.refund_model import reference_of as refund_reference_of
from specie.payments.tables import provider_charge
from specie.platform.db import UnitOfWork

_MOST_AT_ONCE = 5000


async def references_of(uow: UnitOfWork, about: Mapping[EntryId, Mapping[str, Any]]) -> dict[EntryId, list[str]]:
    """Our references and the provider's, for entries of payments and refunds given with their metadata."""
    found: dict[EntryId, list[str]] = {}
    ids = list(about)
    for start in range(0, len(ids), _MOST_AT_ONCE):
        query = select(provider_charge.c.entry_id, provider_charge.c.provider_ref, provider_charge.c.attempt_id).where(
            provider_charge.c.tenant_id == uow.scope.tenant_id.uuid,
            provider_charge.c.entry_id.in_([each.uuid for each in ids[start : start + _MOST_AT_ONCE]]),
        )
        for row in await uow.execute(query):
            found[EntryId(row.entry_id)] = [row.provider_ref, reference_of(AttemptId(row.attempt_id))]
    for entry_id, metadata in about.items():
        if "refund_id" in metadata:
            found.setdefault(entry_id, []).append(refund_reference_of(RefundId.parse(metadata["refund_id"])))
    return found
