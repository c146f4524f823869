"""Every statement on the tables of providers."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, select, update

from specie.kernel.ids import CallbackId, ConnectionId, TenantId
from specie.platform import arrays
from specie.platform.db import Database, UnitOfWork
from specie.platform.pipeline import Statement, pipelined
from specie.providers.pay_over import PayOver
from specie.providers.records import CallbackRow, CallbackState, Connection, SealedCallback, SealedConnection
from specie.providers.tables import callback, callback_path, connection

_OWNER_OF_PATH = "select of_tenant, connection_id from specie.callback_path where token_digest = %(token_digest)s"
_CONNECTION = f"""
select {", ".join(column.name for column in connection.c)} from specie.provider_connection
 where tenant_id = %(tenant_id)s and id = %(id)s
"""  # noqa: S608

_INSERT_CALLBACKS = """
insert into specie.provider_callback (tenant_id, id, connection_id, event_key, method, received_at, stored_at,
    size_bytes, body_sha256, sealed_body, sealed_envelope, state, attempts, facts)
select %s, * from unnest(%s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::timestamptz[], %s::timestamptz[],
    %s::int[], %s::bytea[], %s::bytea[], %s::bytea[], %s::text[], %s::int[], %s::jsonb[])
on conflict on constraint callback_once do nothing
returning id
"""


async def insert_connection(uow: UnitOfWork, sealed: SealedConnection, token_digest: bytes) -> None:
    """Store a connection and the way from its callback address to it."""
    shown, tenant_id = sealed.shown, uow.scope.tenant_id.uuid
    row = {
        "tenant_id": tenant_id,
        "id": shown.id.uuid,
        "provider": shown.provider,
        "name": shown.name,
        "active": shown.active,
        "priority": shown.priority,
        "timeout_ms": shown.timeout_ms,
        "sealed_key": sealed.sealed_key,
        "sealed_credentials": sealed.sealed_credentials,
        "created_at": shown.created_at,
        "updated_at": shown.updated_at,
    }
    await uow.execute(insert(connection).values(row))
    path = {"token_digest": token_digest, "of_tenant": tenant_id, "connection_id": shown.id.uuid}
    await uow.execute(insert(callback_path).values(path))


async def change_connection(uow: UnitOfWork, connection_id: ConnectionId, wanted: Mapping[str, Any]) -> None:
    """Set some columns of a connection."""
    statement = update(connection).where(
        connection.c.tenant_id == uow.scope.tenant_id.uuid, connection.c.id == connection_id.uuid
    )
    await uow.execute(statement.values(**wanted, updated_at=uow.now))


async def set_pay_over(uow: UnitOfWork, connection_id: ConnectionId, terms: PayOver | None) -> None:
    """Keep when a provider pays over; None when nobody can say any more."""
    values = {
        "pay_over_days": terms.days if terms else None,
        "pay_over_cut_off": terms.cut_off if terms else None,
        "pay_over_country": terms.country if terms else None,
        "pay_over_subdivision": terms.subdivision if terms else None,
    }
    await change_connection(uow, connection_id, values)


async def connection_by_id(uow: UnitOfWork, connection_id: ConnectionId) -> SealedConnection | None:
    """One connection, secrets sealed."""
    query = select(connection).where(
        connection.c.tenant_id == uow.scope.tenant_id.uuid, connection.c.id == connection_id.uuid
    )
    row = (await uow.execute(query)).one_or_none()
    return _sealed(row) if row else None


async def ask_connection(db: Database, tenant_id: TenantId, connection_id: ConnectionId) -> SealedConnection | None:
    """One connection, secrets sealed, asked for by itself and not in a transaction."""
    rows = await db.ask(_CONNECTION, {"tenant_id": tenant_id.uuid, "id": connection_id.uuid}, tenant=tenant_id)
    return _sealed(rows[0]) if rows else None


async def active_connections(uow: UnitOfWork) -> list[SealedConnection]:
    """Active connections, the highest priority first."""
    query = (
        select(connection)
        .where(connection.c.tenant_id == uow.scope.tenant_id.uuid, connection.c.active)
        .order_by(connection.c.priority.desc(), connection.c.id)
    )
    return [_sealed(row) for row in await uow.execute(query)]


async def connections(uow: UnitOfWork) -> list[Connection]:
    """All connections, oldest first."""
    query = select(connection).where(connection.c.tenant_id == uow.scope.tenant_id.uuid).order_by(connection.c.id)
    return [_sealed(row).shown for row in await uow.execute(query)]


async def find_connections(uow: UnitOfWork, after: UUID | None, limit: int) -> list[Connection]:
    """Up to `limit + 1` connections after the one of this id, oldest first."""
    query = select(connection).where(connection.c.tenant_id == uow.scope.tenant_id.uuid)
    if after is not None:
        query = query.where(connection.c.id > after)
    rows = await uow.execute(query.order_by(connection.c.id).limit(limit + 1))
    return [_sealed(row).shown for row in rows]


async def ask_owner_of_path(db: Database, token_digest: bytes) -> tuple[TenantId, ConnectionId] | None:
    """Whose callback address this is, before there is a scope."""
    rows = await db.ask(_OWNER_OF_PATH, {"token_digest": token_digest})
    return (TenantId(rows[0].of_tenant), ConnectionId(rows[0].connection_id)) if rows else None


async def insert_callbacks(uow: UnitOfWork, found: Sequence[SealedCallback]) -> set[CallbackId]:
    """Store callbacks that have just come, with one statement. Returns those whose event key was new."""
    rows = [each.row for each in found]
    columns = [
        arrays.uuids([row.id.uuid for row in rows]),
        arrays.uuids([row.connection_id.uuid for row in rows]),
        arrays.texts([row.event_key for row in rows]),
        arrays.texts([row.method for row in rows]),
        arrays.moments([row.received_at for row in rows]),
        arrays.moments([row.stored_at for row in rows]),
        arrays.integers([row.size_bytes for row in rows]),
        arrays.binaries([row.body_sha256 for row in rows]),
        arrays.binaries([each.body for each in found]),
        arrays.binaries([each.envelope for each in found]),
        arrays.texts([row.state.value for row in rows]),
        arrays.integers([row.attempts for row in rows]),
        arrays.documents([list(row.facts) for row in rows]),
    ]
    statement = Statement(_INSERT_CALLBACKS, [uow.scope.tenant_id.uuid, *columns])
    [inserted] = await pipelined(await uow.raw(), [statement])
    return {CallbackId(row.id) for row in inserted}


async def callback_by_id(uow: UnitOfWork, callback_id: CallbackId, *, lock: bool = False) -> CallbackRow | None:
    """One callback without its bytes."""
    query = select(callback).where(callback.c.tenant_id == uow.scope.tenant_id.uuid, callback.c.id == callback_id.uuid)
    row = (await uow.execute(query.with_for_update() if lock else query)).one_or_none()
    return _callback(row) if row else None


async def sealed_parts(uow: UnitOfWork, callback_id: CallbackId) -> tuple[bytes, bytes] | None:
    """The sealed body and envelope; None once they have been cleaned away."""
    query = select(callback.c.sealed_body, callback.c.sealed_envelope).where(
        callback.c.tenant_id == uow.scope.tenant_id.uuid, callback.c.id == callback_id.uuid
    )
    row = (await uow.execute(query)).one()
    return (row.sealed_body, row.sealed_envelope) if row.sealed_body is not None else None


async def callbacks(
    uow: UnitOfWork, *, states: Sequence[str], reference: str | None, before: UUID | None, limit: int
) -> list[CallbackRow]:
    """Up to `limit + 1` callbacks, newest first; `reference` is ours or the provider's."""
    query = select(callback).where(callback.c.tenant_id == uow.scope.tenant_id.uuid)
    if states:
        query = query.where(callback.c.state.in_(states))
    if reference:
        ours, theirs = [{"reference": reference}], [{"provider_ref": reference}]
        query = query.where(callback.c.facts.contains(ours) | callback.c.facts.contains(theirs))
    if before:
        query = query.where(callback.c.id < before)
    rows = await uow.execute(query.order_by(callback.c.id.desc()).limit(limit + 1))
    return [_callback(row) for row in rows]


async def settle_callback(
    uow: UnitOfWork,
    callback_id: CallbackId,
    *,
    state: CallbackState,
    reason: str | None,
    facts: Sequence[Mapping[str, Any]],
) -> None:
    """Write down how processing a callback ended."""
    statement = update(callback).where(
        callback.c.tenant_id == uow.scope.tenant_id.uuid, callback.c.id == callback_id.uuid
    )
    changes: dict[str, Any] = {
        "state": state.value,
        "reason": reason,
        "processed_at": uow.now,
        "attempts": callback.c.attempts + 1,
    }
    if facts:
        changes["facts"] = list(facts)
    await uow.execute(statement.values(**changes))


async def erase_bytes(uow: UnitOfWork, stored_before: datetime) -> int:
    """Erase bodies and envelopes of finished callbacks; the rows stay, so that a very late double stays one."""
    statement = (
        update(callback)
        .where(
            callback.c.tenant_id == uow.scope.tenant_id.uuid,
            callback.c.state.in_([state.value for state in (CallbackState.PROCESSED, CallbackState.IGNORED)]),
            callback.c.stored_at < stored_before,
            callback.c.sealed_body.is_not(None),
        )
        .values(sealed_body=None, sealed_envelope=None)
    )
    return (await uow.execute(statement)).rowcount


def _sealed(row: Row[Any]) -> SealedConnection:
    shown = Connection(
        ConnectionId(row.id),
        row.provider,
        row.name,
        row.active,
        row.priority,
        row.timeout_ms,
        row.created_at,
        row.updated_at,
        _pay_over(row),
    )
    return SealedConnection(shown, row.sealed_key, row.sealed_credentials)


def _pay_over(row: Row[Any]) -> PayOver | None:
    if row.pay_over_days is None:
        return None
    return PayOver(row.pay_over_days, row.pay_over_cut_off, row.pay_over_country, row.pay_over_subdivision)


def _callback(row: Row[Any]) -> CallbackRow:
    return CallbackRow(
        id=CallbackId(row.id),
        connection_id=ConnectionId(row.connection_id),
        event_key=row.event_key,
        method=row.method,
        received_at=row.received_at,
        stored_at=row.stored_at,
        size_bytes=row.size_bytes,
        body_sha256=row.body_sha256,
        state=CallbackState(row.state),
        reason=row.reason,
        attempts=row.attempts,
        facts=row.facts,
        processed_at=row.processed_at,
    )
