"""Under which names a provider knows the money of an entry."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select, union_all

from specie.kernel.ids import AttemptId, EntryId
from specie.payouts.model import reference_of
from specie.payouts.tables import payout, provider_payout
from specie.platform.db import UnitOfWork

_MOST_AT_ONCE = 5000


async def references_of(uow: UnitOfWork, ids: Sequence[EntryId]) -> dict[EntryId, list[str]]:
    """Our references and the provider's, for those of these entries that are payouts, or what came back of one."""
    found: dict[EntryId, list[str]] = {}
    for start in range(0, len(ids), _MOST_AT_ONCE):
        asked = [each.uuid for each in ids[start : start + _MOST_AT_ONCE]]
        for row in await uow.execute(union_all(_left(uow, asked), _came_back(uow, asked))):
            found[EntryId(row.entry_id)] = [row.provider_ref, reference_of(AttemptId(row.attempt_id))]
    return found


def _left(uow: UnitOfWork, ids: Sequence[UUID]) -> Select[Any]:
    return select(provider_payout.c.entry_id, provider_payout.c.provider_ref, provider_payout.c.attempt_id).where(
        provider_payout.c.tenant_id == uow.scope.tenant_id.uuid, provider_payout.c.entry_id.in_(ids)
    )


def _came_back(uow: UnitOfWork, ids: Sequence[UUID]) -> Select[Any]:
    """A payout that came back has one charge that went through."""
    returned = payout.c.return_entry_id.label("entry_id")
    same = (payout.c.tenant_id == provider_payout.c.tenant_id) & (payout.c.id == provider_payout.c.payout_id)
    return (
        select(returned, provider_payout.c.provider_ref, provider_payout.c.attempt_id)
        .select_from(payout.join(provider_payout, same))
        .where(
            payout.c.tenant_id == uow.scope.tenant_id.uuid,
            payout.c.return_entry_id.in_(ids),
            provider_payout.c.disposition == "payout",
        )
    )
