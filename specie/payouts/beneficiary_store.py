"""Every statement on beneficiaries."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, insert, or_, select, update

from specie.kernel.ids import ConnectionId, InvalidId, PartyId
from specie.payouts.model import Beneficiary, BeneficiaryId, BeneficiaryState
from specie.payouts.tables import beneficiary
from specie.platform.db import UnitOfWork
from specie.providers import PayoutRail

_SHOWN = [
    column for column in beneficiary.c if column.name not in {"tenant_id", "number_index", "data_key", "sealed_details"}
]


@dataclass(frozen=True, slots=True)
class Sealed:
    """What is kept of an account's number and holder."""

    number_index: bytes = field(repr=False)
    data_key: bytes = field(repr=False)
    details: bytes = field(repr=False)


async def insert_beneficiary(uow: UnitOfWork, new: Beneficiary, sealed: Sealed) -> None:
    """Write an account into its party's book."""
    row = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "id": new.id.uuid,
        "party_id": new.party_id.uuid,
        "rail": new.rail.value,
        "bank_code": new.bank_code,
        "hint": new.hint,
        "label": new.label,
        "state": new.state.value,
        "created_at": new.created_at,
        "usable_from": new.usable_from,
        "version": new.version,
        "number_index": sealed.number_index,
        "data_key": sealed.data_key,
        "sealed_details": sealed.details,
    }
    await uow.execute(insert(beneficiary).values(row))


async def save_beneficiary(uow: UnitOfWork, changed: Beneficiary, details: bytes | None = None) -> None:
    """Write down a new state, with newly sealed details where the bank has told more."""
    values: dict[str, Any] = {
        "state": changed.state.value,
        "version": changed.version,
        "checked_at": changed.checked_at,
        "connection_id": changed.connection_id.uuid if changed.connection_id else None,
    }
    if details is not None:
        values["sealed_details"] = details
    await uow.execute(update(beneficiary).where(*_mine(uow), beneficiary.c.id == changed.id.uuid).values(values))


async def by_id(uow: UnitOfWork, beneficiary_id: BeneficiaryId, *, lock: bool = False) -> Beneficiary | None:
    """One account of the tenant's books, or of the caller's own."""
    query = select(*_SHOWN).where(*_mine(uow), beneficiary.c.id == beneficiary_id.uuid)
    row = (await uow.execute(query.with_for_update() if lock else query)).one_or_none()
    return _beneficiary(row) if row else None


async def by_number(uow: UnitOfWork, party_id: PartyId, number_index: bytes) -> Beneficiary | None:
    """The account with this number in a party's book, unless it has been removed."""
    query = select(*_SHOWN).where(
        *_mine(uow),
        beneficiary.c.party_id == party_id.uuid,
        beneficiary.c.number_index == number_index,
        beneficiary.c.state != BeneficiaryState.REMOVED.value,
    )
    row = (await uow.execute(query)).one_or_none()
    return _beneficiary(row) if row else None


async def sealed_of(uow: UnitOfWork, ids: list[BeneficiaryId]) -> dict[BeneficiaryId, tuple[bytes, bytes]]:
    """The wrapped key and sealed details of these accounts, where they have not been erased."""
    query = select(beneficiary.c.id, beneficiary.c.data_key, beneficiary.c.sealed_details).where(
        *_mine(uow), beneficiary.c.id.in_([each.uuid for each in ids]), beneficiary.c.data_key.is_not(None)
    )
    return {BeneficiaryId(row.id): (row.data_key, row.sealed_details) for row in await uow.execute(query)}


async def find(uow: UnitOfWork, party_id: PartyId | None, before: UUID | None, limit: int) -> list[Beneficiary]:
    """Up to `limit + 1` accounts, newest first, without those removed."""
    query = select(*_SHOWN).where(*_mine(uow), beneficiary.c.state != BeneficiaryState.REMOVED.value)
    if party_id is not None:
        query = query.where(beneficiary.c.party_id == party_id.uuid)
    if before is not None:
        query = query.where(beneficiary.c.id < before)
    rows = await uow.execute(query.order_by(beneficiary.c.id.desc()).limit(limit + 1))
    return [_beneficiary(row) for row in rows]


async def called(uow: UnitOfWork, party_id: PartyId, names: Collection[str]) -> list[Beneficiary]:
    """The accounts of a party whose label, or whose id as text, is one of the names, without those removed."""
    ids = []
    for name in names:
        with suppress(InvalidId):
            ids.append(BeneficiaryId.parse(name).uuid)
    query = select(*_SHOWN).where(
        *_mine(uow),
        beneficiary.c.party_id == party_id.uuid,
        beneficiary.c.state != BeneficiaryState.REMOVED.value,
        or_(beneficiary.c.label.in_(names), beneficiary.c.id.in_(ids)),
    )
    return [_beneficiary(row) for row in await uow.execute(query)]


async def erase(uow: UnitOfWork, party_id: PartyId) -> None:
    """Destroy what is known of a party's accounts, with the keys; that they existed stays."""
    await uow.execute(
        update(beneficiary)
        .where(beneficiary.c.tenant_id == uow.scope.tenant_id.uuid, beneficiary.c.party_id == party_id.uuid)
        .values(
            state=BeneficiaryState.REMOVED.value,
            hint="",
            label="",
            number_index=None,
            data_key=None,
            sealed_details=None,
            version=beneficiary.c.version + 1,
        )
    )


def _mine(uow: UnitOfWork) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [beneficiary.c.tenant_id == uow.scope.tenant_id.uuid]
    if uow.scope.party_id is not None:
        conditions.append(beneficiary.c.party_id == uow.scope.party_id.uuid)
    return conditions


def _beneficiary(row: Row[Any]) -> Beneficiary:
    return Beneficiary(
        id=BeneficiaryId(row.id),
        party_id=PartyId(row.party_id),
        rail=PayoutRail(row.rail),
        bank_code=row.bank_code,
        hint=row.hint,
        label=row.label,
        state=BeneficiaryState(row.state),
        created_at=row.created_at,
        usable_from=row.usable_from,
        version=row.version,
        checked_at=row.checked_at,
        connection_id=ConnectionId(row.connection_id) if row.connection_id else None,
    )
