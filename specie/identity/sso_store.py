"""The SQL of single sign-on."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from specie.identity.model import Role
from specie.identity.sso_model import SsoProvider
from specie.identity.tables import session, sso_attempt, sso_provider, sso_subject
from specie.kernel.ids import SessionId, UserId
from specie.platform.db import UnitOfWork
from specie.platform.vault import KeyRing, Place


async def provider(uow: UnitOfWork, ring: KeyRing) -> SsoProvider | None:
    """The tenant's provider with its secret opened."""
    tenant = uow.scope.tenant_id
    row = (await uow.execute(select(sso_provider).where(sso_provider.c.tenant_id == tenant.uuid))).one_or_none()
    if row is None:
        return None
    return SsoProvider(
        name=row.name,
        issuer=row.issuer,
        client_id=row.client_id,
        client_secret=ring.unwrap(row.client_secret, _secret_place(uow)).decode(),
        domains=tuple(row.domains),
        role=Role(row.role) if row.role else None,
        is_enabled=row.is_enabled,
        version=row.version,
    )


async def save_provider(uow: UnitOfWork, ring: KeyRing, known: SsoProvider) -> None:
    """Store the tenant's provider, its secret sealed."""
    values = {
        "name": known.name,
        "issuer": known.issuer,
        "client_id": known.client_id,
        "client_secret": ring.wrap(known.client_secret.encode(), _secret_place(uow)),
        "domains": list(known.domains),
        "role": known.role.value if known.role else None,
        "is_enabled": known.is_enabled,
        "version": known.version,
        "updated_at": uow.now,
    }
    statement = upsert(sso_provider).values({"tenant_id": uow.scope.tenant_id.uuid} | values)
    await uow.execute(statement.on_conflict_do_update(index_elements=["tenant_id"], set_=values))


async def remove_provider(uow: UnitOfWork) -> None:
    """Forget the tenant's provider."""
    await uow.execute(delete(sso_provider).where(sso_provider.c.tenant_id == uow.scope.tenant_id.uuid))


def _secret_place(uow: UnitOfWork) -> Place:
    return Place(str(uow.scope.tenant_id), "sso_provider", str(uow.scope.tenant_id), "client_secret")


async def user_of_subject(uow: UnitOfWork, issuer: str, subject: bytes) -> UserId | None:
    """Whom the issuer has meant by this subject before."""
    c = sso_subject.c
    query = select(c.user_id).where(c.tenant_id == uow.scope.tenant_id.uuid, c.issuer == issuer, c.subject == subject)
    found = (await uow.execute(query)).scalar_one_or_none()
    return UserId(found) if found else None


async def link_subject(uow: UnitOfWork, issuer: str, subject: bytes, user_id: UserId) -> bool:
    """Remember whom the issuer means by this subject; False when it means this user by another one already."""
    row = {
        "tenant_id": uow.scope.tenant_id.uuid,
        "issuer": issuer,
        "subject": subject,
        "user_id": user_id.uuid,
        "linked_at": uow.now,
    }
    await uow.execute(upsert(sso_subject).values(row).on_conflict_do_nothing())
    return await user_of_subject(uow, issuer, subject) == user_id


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """A sign-in under way."""

    tenant: UUID
    sealed: bytes


async def add_attempt(uow: UnitOfWork, digest: bytes, row: AttemptRow, now: datetime, expires_at: datetime) -> None:
    """Remember a sign-in that begins; those that were never finished are cleared away."""
    await uow.execute(delete(sso_attempt).where(sso_attempt.c.expires_at < now))
    values = {"digest": digest, "of_tenant": row.tenant, "sealed": row.sealed, "expires_at": expires_at}
    await uow.execute(insert(sso_attempt).values(values))


async def take_attempt(uow: UnitOfWork, digest: bytes, now: datetime) -> AttemptRow | None:
    """A sign-in under way, which is thereby used up; None when it is unknown, used or too old."""
    c = sso_attempt.c
    statement = delete(sso_attempt).where(c.digest == digest).returning(c.of_tenant, c.sealed, c.expires_at)
    row = (await uow.execute(statement)).one_or_none()
    return AttemptRow(row.of_tenant, row.sealed) if row is not None and row.expires_at > now else None


async def tenant_of_session(uow: UnitOfWork, session_id: SessionId) -> UUID | None:
    """The tenant whose provider opened a session; None for one that a password opened."""
    query = select(session.c.sso_tenant).where(session.c.id == session_id.uuid)
    return (await uow.execute(query)).scalar_one_or_none()
