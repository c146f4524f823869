"""The SQL of saved ways to pay."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select, insert, select, update

from specie.kernel.ids import ConnectionId, PartyId
from specie.payments.method_model import MethodId, MethodState, SavedMethod
from specie.payments.tables import method
from specie.platform.db import UnitOfWork
from specie.providers import ChargeKind


async def insert_method(uow: UnitOfWork, new: SavedMethod) -> None:
    """Add a method."""
    row = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "id": new.id.uuid,
        "party_id": new.party_id.uuid,
        "connection_id": new.connection_id.uuid,
        "kind": new.kind.value,
        "label": new.label,
        "state": new.state.value,
        "token": new.token,
        "provider_ref": new.provider_ref,
        "page_url": new.page_url,
        "scenario": new.scenario,
        "failure": new.failure,
        "consent": dict(new.consent),
        "created_at": new.created_at,
        "updated_at": new.updated_at,
    }
    await uow.execute(insert(method).values(row))


async def save_method(uow: UnitOfWork, changed: SavedMethod) -> None:
    """Store how a method stands now."""
    where = (method.c.tenant_id == uow.scope.tenant_id.uuid, method.c.id == changed.id.uuid)
    state = {
        "state": changed.state.value,
        "token": changed.token,
        "provider_ref": changed.provider_ref,
        "page_url": changed.page_url,
        "label": changed.label,
        "failure": changed.failure,
    }
    await uow.execute(update(method).where(*where).values(**state, updated_at=uow.now))


async def note_charge(uow: UnitOfWork, method_id: MethodId, failure: str | None) -> None:
    """Keep with a method why the last charge to it failed; nothing when it did not."""
    where = (method.c.tenant_id == uow.scope.tenant_id.uuid, method.c.id == method_id.uuid)
    active = method.c.state == MethodState.ACTIVE.value
    await uow.execute(update(method).where(*where, active).values(failure=failure, updated_at=uow.now))


async def method_by_id(uow: UnitOfWork, method_id: MethodId, *, lock: bool = False) -> SavedMethod | None:
    """One method the caller may see."""
    query = _visible(uow).where(method.c.id == method_id.uuid)
    row = (await uow.execute(query.with_for_update() if lock else query)).one_or_none()
    return _method(row) if row else None


async def methods_of(uow: UnitOfWork, parties: Sequence[PartyId]) -> list[SavedMethod]:
    """The methods of some parties that are not removed, newest first: the newest active one is charged."""
    query = _visible(uow).where(
        method.c.party_id.in_([one.uuid for one in parties]), method.c.state != MethodState.REMOVED.value
    )
    return [_method(row) for row in await uow.execute(query.order_by(method.c.id.desc()))]


async def remove_methods(uow: UnitOfWork, party_id: PartyId) -> list[MethodId]:
    """Remove every method of a party, with its label. Returns those of which its provider is still to be told."""
    where = (method.c.tenant_id == uow.scope.tenant_id.uuid, method.c.party_id == party_id.uuid)
    gone = {"state": MethodState.REMOVED.value, "page_url": None, "label": "Removed", "updated_at": uow.now}
    known = (method.c.token.is_not(None) | method.c.provider_ref.is_not(None)).label("known")
    rows = await uow.execute(update(method).where(*where).values(**gone).returning(method.c.id, known))
    return [MethodId(row.id) for row in rows if row.known]


def _visible(uow: UnitOfWork) -> Select[Any]:
    query = select(method).where(method.c.tenant_id == uow.scope.tenant_id.uuid)
    party = uow.scope.party_id
    return query if party is None else query.where(method.c.party_id == party.uuid)


def _method(row: Row[Any]) -> SavedMethod:
    return SavedMethod(
        id=MethodId(row.id),
        party_id=PartyId(row.party_id),
        connection_id=ConnectionId(row.connection_id),
        kind=ChargeKind(row.kind),
        label=row.label,
        state=MethodState(row.state),
        consent=row.consent,
        created_at=row.created_at,
        updated_at=row.updated_at,
        token=row.token,
        provider_ref=row.provider_ref,
        page_url=row.page_url,
        scenario=row.scenario,
        failure=row.failure,
    )
