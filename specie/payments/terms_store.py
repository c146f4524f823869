"""Every statement on payment terms."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.dialects.postgresql import insert as upsert

from specie.kernel.ids import PartyId
from specie.payments.model import Terms
from specie.payments.tables import terms
from specie.platform.db import UnitOfWork

_TENANT = "tenant"
_FIELDS = (
    *("fee_rate", "fee_fixed", "rounding", "hold_days", "accept_late", "return_urls", "display_name"),
    *("accent_colour", "expiry_seconds", "refund_fee", "methods_off"),
)


async def terms_of(uow: UnitOfWork, party_id: PartyId | None) -> Terms:
    """The terms in force: the merchant's own where set, else the tenant's, else the defaults."""
    rows = await _rows(uow, party_id)
    merged: dict[str, Any] = {}
    for subject in (_TENANT, _subject(party_id)):
        row = rows.get(subject)
        merged |= {name: value for name in _FIELDS if row is not None and (value := getattr(row, name)) is not None}
    for name in ("return_urls", "methods_off"):
        if name in merged:
            merged[name] = tuple(merged[name])
    return Terms(**merged)


async def save_terms(uow: UnitOfWork, party_id: PartyId | None, wanted: Mapping[str, Any]) -> None:
    """Set some of the terms of a merchant, or of the tenant."""
    key = {"tenant_id": uow.scope.tenant_id.uuid, "subject": _subject(party_id)}
    changes = {**wanted, "updated_at": uow.now}
    statement = upsert(terms).values(**key, party_id=party_id.uuid if party_id else None, **changes)
    await uow.execute(statement.on_conflict_do_update(index_elements=["tenant_id", "subject"], set_=changes))


async def sealed_return_key(uow: UnitOfWork, party_id: PartyId) -> tuple[str, bytes] | None:
    """The key that signs a merchant's return links, and whose row it is; None while none has been made."""
    rows = await _rows(uow, party_id)
    for subject in (_subject(party_id), _TENANT):
        row = rows.get(subject)
        if row is not None and row.sealed_return_key is not None:
            return subject, row.sealed_return_key
    return None


def subject_of(party_id: PartyId | None) -> str:
    """The row that holds the terms of a merchant, or of the tenant."""
    return _subject(party_id)


async def _rows(uow: UnitOfWork, party_id: PartyId | None) -> dict[str, Row[Any]]:
    query = select(terms).where(
        terms.c.tenant_id == uow.scope.tenant_id.uuid, terms.c.subject.in_([_TENANT, _subject(party_id)])
    )
    return {row.subject: row for row in await uow.execute(query)}


def _subject(party_id: PartyId | None) -> str:
    return str(party_id) if party_id else _TENANT
