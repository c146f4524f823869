"""Under which names a provider knows the money of an entry."""

from collections.abc import Sequence

from sqlalchemy import select

from specie.kernel.ids import AttemptId, EntryId
from specie.payouts.model import reference_of
from specie.payouts.tables import provider_payout
from specie.platform.db import UnitOfWork

_MOST_AT_ONCE = 5000


async def references_of(uow: UnitOfWork, ids: Sequence[EntryId]) -> dict[EntryId, list[str]]:
    """Our references and the provider's, for those of these entries that are payouts."""
    found: dict[EntryId, list[str]] = {}
    for start in range(0, len(ids), _MOST_AT_ONCE):
        query = select(provider_payout.c.entry_id, provider_payout.c.provider_ref, provider_payout.c.attempt_id).where(
            provider_payout.c.tenant_id == uow.scope.tenant_id.uuid,
            provider_payout.c.entry_id.in_([each.uuid for each in ids[start : start + _MOST_AT_ONCE]]),
        )
        for row in await uow.execute(query):
            found[EntryId(row.entry_id)] = [row.provider_ref, reference_of(AttemptId(row.attempt_id))]
    return found
