"""Under which names a provider knows the money of an entry."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Table, select

from specie.kernel.ids import AttemptId, EntryId
from specie.payments.capture_model import CaptureId, capture_reference
from specie.payments.dispute_model import DisputeId
from specie.payments.model import reference_of
from specie.payments.refund_model import RefundId
from specie.payments.refund_model import reference_of as refund_reference_of
from specie.payments.tables import capture, dispute, provider_charge, refund
from specie.platform.db import UnitOfWork

_MOST_AT_ONCE = 5000


async def references_of(uow: UnitOfWork, about: Mapping[EntryId, Mapping[str, Any]]) -> dict[EntryId, list[str]]:
    """Our references and the provider's, for entries of payments, refunds and disputes given with their metadata."""
    found: dict[EntryId, list[str]] = {}
    ids = list(about)
    for start in range(0, len(ids), _MOST_AT_ONCE):
        query = _charges().where(
            provider_charge.c.tenant_id == uow.scope.tenant_id.uuid,
            provider_charge.c.entry_id.in_([each.uuid for each in ids[start : start + _MOST_AT_ONCE]]),
        )
        for row in await uow.execute(query):
            found[EntryId(row.entry_id)] = [row.provider_ref, reference_of(AttemptId(row.attempt_id))]
            if row.capture_id is not None:
                found[EntryId(row.entry_id)].append(capture_reference(CaptureId(row.capture_id)))
    refunds = {entry_id: RefundId.parse(told["refund_id"]) for entry_id, told in about.items() if "refund_id" in told}
    disputes = {each: DisputeId.parse(told["dispute_id"]) for each, told in about.items() if "dispute_id" in told}
    theirs = await _provider_refs(uow, refund, [each.uuid for each in refunds.values()])
    theirs |= await _provider_refs(uow, dispute, [each.uuid for each in disputes.values()])
    for entry_id, refund_id in refunds.items():
        found.setdefault(entry_id, []).append(refund_reference_of(refund_id))
    for entry_id, own in (refunds | disputes).items():
        found.setdefault(entry_id, []).extend(theirs.get(own.uuid, ()))
    return found


def _charges() -> Select[Any]:
    """What providers have charged; a part of an authorisation has a reference of its own."""
    same = (capture.c.tenant_id == provider_charge.c.tenant_id) & (capture.c.attempt_id == provider_charge.c.attempt_id)
    joined = provider_charge.outerjoin(capture, same & (capture.c.provider_ref == provider_charge.c.provider_ref))
    charged = (provider_charge.c.entry_id, provider_charge.c.provider_ref, provider_charge.c.attempt_id)
    return select(*charged, capture.c.id.label("capture_id")).select_from(joined)


async def _provider_refs(uow: UnitOfWork, table: Table, ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """The provider's own names of refunds or disputes, as far as it has told them."""
    found: dict[UUID, list[str]] = {}
    for start in range(0, len(ids), _MOST_AT_ONCE):
        query = select(table.c.id, table.c.provider_ref).where(
            table.c.tenant_id == uow.scope.tenant_id.uuid,
            table.c.id.in_(ids[start : start + _MOST_AT_ONCE]),
            table.c.provider_ref.is_not(None),
        )
        found |= {row.id: [row.provider_ref] for row in await uow.execute(query)}
    return found
