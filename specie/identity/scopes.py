"""The only place where a Scope is made."""

from dataclasses import replace
from datetime import time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from specie.identity import store
from specie.identity.access_store import KeyAccess, SessionAccess
from specie.identity.model import ROLE_PERMISSIONS, Role, Tenant
from specie.kernel.clock import BusinessClock
from specie.kernel.errors import NotFound
from specie.kernel.ids import ApiKeyId, PartyId, RequestId, SessionId, TenantId, UserId
from specie.kernel.permissions import Permission
from specie.kernel.scope import Actor, ActorKind, Mode, Scope
from specie.platform.db import Database


def system_scope(tenant: Tenant, name: str = "specie", request_id: RequestId | None = None) -> Scope:
    """Specie itself acting in a tenant: set-up, the command line, demo data."""
    return _automatic(tenant, Actor(ActorKind.SYSTEM, name), request_id or RequestId.new())


async def scope_for_job(db: Database, tenant_id: TenantId, name: str, request_id: RequestId) -> Scope:
    """The scope of a job in its tenant, with the clock as it stands now. Raises NotFound for no such tenant."""
    tenant = await store.ask_tenant(db, tenant_id.uuid)
    if tenant is None:
        raise NotFound(f"there is no tenant {tenant_id}")
    return _automatic(tenant, Actor(ActorKind.JOB, name), request_id)


def _automatic(tenant: Tenant, actor: Actor, request_id: RequestId) -> Scope:
    return Scope(
        tenant_id=tenant.id,
        mode=tenant.mode,
        actor=actor,
        permissions=frozenset(Permission),
        clock=tenant.clock,
        request_id=request_id,
    )


def whole_tenant(scope: Scope) -> Scope:
    """The same caller, no longer limited to its own party: for a step that joins several parties' things.

    Whoever widens a scope has decided before, in the narrow one, that the caller may take this step.
    """
    return replace(scope, party_id=None)


def limited_to(scope: Scope, party_id: PartyId) -> Scope:
    """The same caller, who sees what is one party's own and nothing else."""
    return replace(scope, party_id=party_id)


def user_scope(tenant: Tenant, user_id: UserId, role: Role, request_id: RequestId) -> Scope:
    """A user acting in a tenant before there is a session: registering, logging in."""
    return Scope(
        tenant_id=tenant.id,
        mode=tenant.mode,
        actor=Actor(ActorKind.USER, str(user_id)),
        permissions=ROLE_PERMISSIONS[role],
        clock=tenant.clock,
        request_id=request_id,
    )


def session_scope(access: SessionAccess, role: Role, request_id: RequestId) -> Scope:
    """A user acting through a session."""
    return Scope(
        tenant_id=TenantId(access.tenant_id),
        mode=Mode(access.mode),
        actor=Actor(ActorKind.USER, str(UserId(access.user_id))),
        permissions=ROLE_PERMISSIONS[role],
        clock=_clock(access.time_zone, access.cut_off, access.offset_seconds),
        party_id=_party(access.party_id),
        session_id=SessionId(access.session_id),
        request_id=request_id,
    )


def key_scope(access: KeyAccess, request_id: RequestId) -> Scope:
    """A server acting with an API key."""
    return Scope(
        tenant_id=TenantId(access.tenant_id),
        mode=Mode(access.mode),
        actor=Actor(ActorKind.API_KEY, str(ApiKeyId(access.key_id))),
        permissions=frozenset(Permission(name) for name in access.permissions),
        clock=_clock(access.time_zone, access.cut_off, access.offset_seconds),
        party_id=_party(access.party_id),
        request_id=request_id,
    )


def _clock(zone: str, cut_off: time, offset_seconds: int) -> BusinessClock:
    return BusinessClock(ZoneInfo(zone), cut_off, timedelta(seconds=offset_seconds))


def _party(party_id: UUID | None) -> PartyId | None:
    return PartyId(party_id) if party_id else None
