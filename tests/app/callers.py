"""Callers for tests of the whole application: tenants with users of every role, tokens, keys."""

from dataclasses import dataclass
from datetime import timedelta

import psycopg

from specie.app.wiring import Services, build
from specie.identity import access_store, service
from specie.identity.key_text import new_key
from specie.identity.model import KEY_PERMISSIONS, ApiKey, Role, Tenant
from specie.identity.scopes import system_scope
from specie.identity.service import NewTenant, NewUser
from specie.identity.tokens import AccessClaims
from specie.kernel.clock import machine_now, machine_timestamp
from specie.kernel.ids import ApiKeyId, PartyId, SessionId, UserId
from specie.platform.config import Settings
from specie.platform.db import UnitOfWork

_SESSION = """
insert into specie.session (id, user_id, kind, current_tenant, created_at, seen_at, expires_at, step_up_at, agent)
values (%(id)s, %(user)s, 'token', %(tenant)s, %(now)s, %(now)s, %(later)s, %(now)s, 'test')
"""
_YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Organisation:
    """A live tenant, its sandbox, and one user for each role in the live one."""

    live: Tenant
    sandbox: Tenant
    users: dict[Role, UserId]


async def organisation(services: Services, slug: str) -> Organisation:
    """Found a tenant and give it one user of every role."""
    async with services.db.begin(None) as uow:
        live, sandbox = await service.create_tenant(uow, NewTenant(name=slug, slug=slug))
    users = {}
    async with services.db.begin(system_scope(live)) as uow:
        for role in Role:
            users[role] = await _member(uow, services, slug, role)
    return Organisation(live, sandbox, users)


async def _member(uow: UnitOfWork, services: Services, slug: str, role: Role) -> UserId:
    new = NewUser(email=f"{role.value}@{slug}.example", name=role.value.title())
    user_id = await service.create_user(uow, services.identity, new)
    party_id = PartyId.new() if role.is_limited_to_party else None
    await service.add_member(uow, user_id, role, party_id=party_id)
    return user_id


def token(services: Services, superuser: psycopg.Connection, user_id: UserId, tenant: Tenant, *, age: int = 0) -> str:
    """An access token, minted `age` seconds ago, of a session that has just begun."""
    session_id, now = SessionId.new(), machine_now()
    values = {"id": session_id.uuid, "user": user_id.uuid, "tenant": tenant.id.uuid, "now": now, "later": now + _YEAR}
    superuser.execute(_SESSION, values)
    return services.identity.signer.mint(AccessClaims(session_id, user_id), machine_timestamp() - age)


async def api_key(services: Services, tenant: Tenant, party_id: PartyId | None = None) -> str:
    """A key of the tenant, or of one of its parties, with every right a key can have."""
    text = new_key(tenant.mode)
    now = machine_now()
    made = ApiKey(
        id=ApiKeyId.new().uuid,
        name="test",
        hint=text.hint,
        permissions=tuple(sorted(KEY_PERMISSIONS)),
        party_id=party_id,
        networks=(),
        created_by="test",
        created_at=now,
        expires_at=now + _YEAR,
        revoked_at=None,
        rotated_to=None,
        last_used_at=None,
        last_used_address=None,
    )
    async with services.db.begin(system_scope(tenant)) as uow:
        await access_store.add_api_key(uow, made, services.identity.keys.key_digest(text.secret))
    return text.full


async def sandbox_key(settings: Settings, slug: str) -> str:
    """A key of the sandbox of a new tenant, made outside the running application."""
    services = build(settings)
    try:
        return await api_key(services, (await organisation(services, slug)).sandbox)
    finally:
        await services.db.close()
