"""Connections: a tenant's credentials at a provider, sealed, and the secret address its callbacks come to."""

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import EllipsisType
from typing import Any

from specie import audit
from specie.kernel.ids import ConnectionId, TenantId
from specie.kernel.scope import Mode
from specie.platform import vault
from specie.platform.db import Database, UnitOfWork
from specie.platform.outbound import OutboundClient
from specie.platform.vault import KeyRing, Place
from specie.providers import adapters, store
from specie.providers.errors import ConnectionMissing, CredentialsInvalid, LiveOnly, ProviderUnconfirmed, SandboxOnly
from specie.providers.model import Installation, ProviderAdapter
from specie.providers.pay_over import PayOver
from specie.providers.records import Connection, SealedConnection

_TOKEN_BYTES = 24
_TABLE = "provider_connection"


@dataclass(frozen=True, slots=True)
class Toolbox:
    """What calling a provider takes; `app` makes one per process and serves it as `providers`."""

    vault: KeyRing = field(repr=False)
    outbound: OutboundClient
    installation: Installation


@dataclass(frozen=True, slots=True)
class ProviderLink:
    """An opened connection: an adapter with its credentials, ready to build calls. Keep it out of logs."""

    connection_id: ConnectionId
    adapter: ProviderAdapter = field(repr=False)
    callback_url: str = field(repr=False)
    timeout_ms: int
    data_key: bytes = field(repr=False)


def digest(token: str) -> bytes:
    """What the look-up table keeps of a secret path."""
    return hashlib.sha256(token.encode()).digest()


def place(tenant_id: TenantId, connection_id: ConnectionId, column: str) -> Place:
    """Where a connection's secret lives."""
    return Place(str(tenant_id), _TABLE, str(connection_id), column)


async def connect(
    uow: UnitOfWork,
    toolbox: Toolbox,
    *,
    provider: str,
    name: str,
    credentials: Mapping[str, Any],
    priority: int = 0,
    timeout_ms: int = 10_000,
) -> Connection:
    """Keep a tenant's credentials at a provider.

    Raises ProviderUnknown, CredentialsInvalid, SandboxOnly, LiveOnly or ProviderUnconfirmed.
    """
    connection_id = ConnectionId.new()
    adapter = adapters.build(provider, connection_id, credentials, toolbox.installation)
    require_place(adapter, uow.scope.mode)
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    kept = {"credentials": adapter.credentials(), "callback_token": token}
    tenant_id, key = uow.scope.tenant_id, vault.new_key()
    shown = Connection(connection_id, provider, name, True, priority, timeout_ms, uow.now, uow.now)
    sealed = SealedConnection(
        shown,
        toolbox.vault.wrap(key, place(tenant_id, connection_id, "key")),
        vault.seal(key, json.dumps(kept).encode(), place(tenant_id, connection_id, "credentials")),
    )
    await store.insert_connection(uow, sealed, digest(token))
    await audit.record(
        uow,
        action="provider.connect",
        subject=("connection", str(connection_id)),
        after={"provider": provider, "name": name, "priority": priority},
    )
    return shown


def require_place(adapter: ProviderAdapter, mode: Mode) -> None:
    """Let real money meet real books and confirmed dialects only.

    Raises SandboxOnly, LiveOnly or ProviderUnconfirmed.
    """
    dialect = adapter.dialect
    if mode is Mode.LIVE and not dialect.confirmed:
        raise ProviderUnconfirmed(f"{dialect.title}: {'; '.join(dialect.unconfirmed)}", param="provider")
    if mode is Mode.LIVE and adapter.sandbox_only:
        raise SandboxOnly(f"this moves no real money; connect {dialect.title} in the sandbox", param="provider")
    if mode is Mode.SANDBOX and not adapter.sandbox_only:
        raise LiveOnly("these credentials move real money; connect them in a live tenant", param="provider")


async def change(
    uow: UnitOfWork,
    toolbox: Toolbox,
    connection_id: ConnectionId,
    *,
    active: bool | None = None,
    name: str | None = None,
    priority: int | None = None,
    timeout_ms: int | None = None,
    pays_over: PayOver | EllipsisType | None = ...,
) -> Connection:
    """Rename, switch on or off, or re-order a connection, or say when it pays over: None takes what was said back.

    Raises ConnectionMissing, CountryUnknown, and what `connect` raises.
    """
    before = await get_connection(uow, connection_id)
    if active and not before.active:
        # What was confirmed when it was connected may be doubted since.
        require_place((await open_link(uow, toolbox, connection_id)).adapter, uow.scope.mode)
    offered = {"active": active, "name": name, "priority": priority, "timeout_ms": timeout_ms}
    wanted = {field: value for field, value in offered.items() if value is not None}
    if not wanted and isinstance(pays_over, EllipsisType):
        return before
    await store.change_connection(uow, connection_id, wanted)
    told_before, told = {}, {}
    if not isinstance(pays_over, EllipsisType):
        told_before, told = _told(before.pays_over), _told(pays_over)
        if pays_over is not None:
            pays_over.require_known()
        await store.set_pay_over(uow, connection_id, pays_over)
    await audit.record(
        uow,
        action="provider.change",
        subject=("connection", str(connection_id)),
        before={field: getattr(before, field) for field in wanted} | told_before,
        after=wanted | told,
    )
    return await get_connection(uow, connection_id)


async def replace_credentials(
    uow: UnitOfWork, toolbox: Toolbox, connection_id: ConnectionId, credentials: Mapping[str, Any]
) -> None:
    """Let new credentials take the place of all the old ones, for the same account; the callback address stays.

    Raises ConnectionMissing, and what `connect` raises; CredentialsInvalid also for those of another environment.
    """
    sealed = await store.connection_by_id(uow, connection_id)
    if sealed is None:
        raise ConnectionMissing(f"there is no connection {connection_id}")
    key, kept = _unsealed(uow.scope.tenant_id, sealed, toolbox)
    adapter = adapters.build(sealed.shown.provider, connection_id, credentials, toolbox.installation)
    require_place(adapter, uow.scope.mode)
    fitting = adapter.credentials()
    if fitting.get("environment") != kept["credentials"].get("environment"):
        # What is on its way would be asked about where nobody has heard of it.
        raise CredentialsInvalid("a connection keeps its environment: connect the other one anew", param="credentials")
    changed = json.dumps(kept | {"credentials": fitting}).encode()
    where = place(uow.scope.tenant_id, connection_id, "credentials")
    await store.change_connection(uow, connection_id, {"sealed_credentials": vault.seal(key, changed, where)})
    await audit.record(uow, action="provider.credentials", subject=("connection", str(connection_id)))


def _told(terms: PayOver | None) -> dict[str, Any]:
    return {"pays_over": terms.told() if terms else None}


async def get_connection(uow: UnitOfWork, connection_id: ConnectionId) -> Connection:
    """One connection. Raises ConnectionMissing."""
    sealed = await store.connection_by_id(uow, connection_id)
    if sealed is None:
        raise ConnectionMissing(f"there is no connection {connection_id}")
    return sealed.shown


async def open_link(uow: UnitOfWork, toolbox: Toolbox, connection_id: ConnectionId) -> ProviderLink:
    """A connection with its credentials opened, to use after this unit of work. Raises ConnectionMissing."""
    sealed = await store.connection_by_id(uow, connection_id)
    if sealed is None:
        raise ConnectionMissing(f"there is no connection {connection_id}")
    return _opened(uow.scope.tenant_id, sealed, toolbox)


async def ask_link(db: Database, toolbox: Toolbox, tenant_id: TenantId, connection_id: ConnectionId) -> ProviderLink:
    """A connection with its credentials opened, asked for by itself. Raises ConnectionMissing."""
    sealed = await store.ask_connection(db, tenant_id, connection_id)
    if sealed is None:
        raise ConnectionMissing(f"there is no connection {connection_id}")
    return _opened(tenant_id, sealed, toolbox)


async def active_links(uow: UnitOfWork, toolbox: Toolbox) -> list[ProviderLink]:
    """Every active connection, the preferred ones first."""
    sealed = await store.active_connections(uow)
    return [_opened(uow.scope.tenant_id, one, toolbox) for one in sealed]


def _opened(tenant_id: TenantId, sealed: SealedConnection, toolbox: Toolbox) -> ProviderLink:
    shown = sealed.shown
    key, kept = _unsealed(tenant_id, sealed, toolbox)
    adapter = adapters.build(shown.provider, shown.id, kept["credentials"], toolbox.installation)
    callback_url = f"{toolbox.installation.public_url}/api/v1/callbacks/{kept['callback_token']}"
    return ProviderLink(shown.id, adapter, callback_url, shown.timeout_ms, key)


def _unsealed(tenant_id: TenantId, sealed: SealedConnection, toolbox: Toolbox) -> tuple[bytes, dict[str, Any]]:
    """The connection's own key, and what is kept under it: the credentials and the token of its callback address."""
    key = toolbox.vault.unwrap(sealed.sealed_key, place(tenant_id, sealed.shown.id, "key"))
    kept = vault.open_sealed(key, sealed.sealed_credentials, place(tenant_id, sealed.shown.id, "credentials"))
    return key, json.loads(kept)
