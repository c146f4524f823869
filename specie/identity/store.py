"""Statements on tenants, users and memberships."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, insert, select, text, true, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError

from specie.identity.errors import AlreadyMember, EmailTaken, SlugTaken
from specie.identity.model import Branding, Membership, Role, Tenant
from specie.identity.tables import app_user, membership, membership_lookup, tenant, tenant_lookup, totp
from specie.kernel.ids import PartyId, TenantId, UserId
from specie.kernel.scope import Mode
from specie.platform.db import Database, UnitOfWork

_TENANT_OF = "select * from specie.tenant_of(%(tenant_id)s)"
_TENANT_OF_SLUG = """
select t.* from specie.tenant_lookup l, specie.tenant_of(l.of_tenant) t where l.slug = %(slug)s
"""
_FIRST_TENANT = """
select t.* from (
    select of_tenant from specie.tenant_lookup where mode = %(mode)s order by created_at, of_tenant limit 1
) l, specie.tenant_of(l.of_tenant) t
"""
_HAS_TENANTS = "select exists (select from specie.tenant_lookup) as has_tenants"
_TENANTS_AFTER = text("""
select t.* from (
    select of_tenant from specie.tenant_lookup where of_tenant > :after order by of_tenant limit :limit
) l, specie.tenant_of(l.of_tenant) t
order by t.id
""")
_MEMBERSHIPS_OF = text("select * from specie.memberships_of(:user_id)")
_CONSTRAINTS = {
    "tenant_lookup_pkey": SlugTaken,
    "app_user_email": EmailTaken,
    "membership_once": AlreadyMember,
}


@dataclass(frozen=True, slots=True)
class UserRow:
    """A user as stored: personal data sealed, the hash of the password, whether a second factor is on."""

    id: UUID
    data_key: bytes | None = field(repr=False)
    email_sealed: bytes = field(repr=False)
    name_sealed: bytes = field(repr=False)
    password_hash: str | None = field(repr=False)
    is_disabled: bool
    totp_enabled: bool


def _tenant(row: Row[Any]) -> Tenant:
    return Tenant(
        id=TenantId(row.id),
        slug=row.slug,
        name=row.name,
        mode=Mode(row.mode),
        twin_id=TenantId(row.twin_id),
        time_zone=row.time_zone,
        cut_off=row.cut_off,
        branding=Branding(**row.branding),
        created_at=row.created_at,
        offset=timedelta(seconds=row.offset_seconds),
    )


def _first_tenant(rows: Sequence[Row[Any]]) -> Tenant | None:
    return _tenant(rows[0]) if rows else None


async def ask_tenant(db: Database, tenant_id: UUID) -> Tenant | None:
    """A tenant by id, before there is a scope."""
    return _first_tenant(await db.ask(_TENANT_OF, {"tenant_id": tenant_id}))


async def ask_tenant_by_slug(db: Database, slug: str) -> Tenant | None:
    """A tenant by its short name, before there is a scope."""
    return _first_tenant(await db.ask(_TENANT_OF_SLUG, {"slug": slug}))


async def ask_first_tenant(db: Database, mode: Mode) -> Tenant | None:
    """The installation's oldest tenant of a mode, before there is a scope."""
    return _first_tenant(await db.ask(_FIRST_TENANT, {"mode": mode.value}))


async def tenant_by_id(uow: UnitOfWork, tenant_id: UUID) -> Tenant | None:
    """A tenant by id, whichever one this unit acts in."""
    found = await uow.connection.exec_driver_sql(_TENANT_OF, {"tenant_id": tenant_id})
    return _first_tenant(found.all())


async def tenants_after(uow: UnitOfWork, after: UUID, limit: int) -> list[Tenant]:
    """Up to `limit + 1` tenants of the installation in the order of their ids."""
    return [_tenant(row) for row in await uow.execute(_TENANTS_AFTER, {"after": after, "limit": limit + 1})]


async def add_tenant(uow: UnitOfWork, made: Tenant) -> None:
    """Insert a tenant into the one this unit acts in, which is itself. Raises SlugTaken."""
    look_up = {"slug": made.slug, "of_tenant": made.id.uuid, "mode": made.mode.value, "created_at": made.created_at}
    await _insert(uow, insert(tenant_lookup).values(look_up))
    row = {
        "id": made.id.uuid,
        "slug": made.slug,
        "name": made.name,
        "mode": made.mode.value,
        "twin_id": made.twin_id.uuid,
        "time_zone": made.time_zone,
        "cut_off": made.cut_off,
        "branding": _branding(made.branding),
        "created_at": made.created_at,
    }
    await uow.execute(insert(tenant).values(row))


async def change_tenant(uow: UnitOfWork, changed: Tenant) -> None:
    """Write a tenant's name, zone, cut-off and branding."""
    values = {
        "name": changed.name,
        "time_zone": changed.time_zone,
        "cut_off": changed.cut_off,
        "branding": _branding(changed.branding),
    }
    await uow.execute(update(tenant).where(tenant.c.id == uow.scope.tenant_id.uuid).values(values))


def _branding(branding: Branding) -> dict[str, str]:
    return {"primary_colour": branding.primary_colour, "accent_colour": branding.accent_colour}


_USER = (
    *(app_user.c.id, app_user.c.data_key, app_user.c.email_sealed, app_user.c.name_sealed),
    *(app_user.c.password_hash, app_user.c.is_disabled),
    totp.c.confirmed_at.is_not(None).label("totp_enabled"),
)
_USERS = app_user.outerjoin(totp, totp.c.user_id == app_user.c.id)


async def user_by_email(uow: UnitOfWork, email_index: bytes) -> UserRow | None:
    """The user with this address."""
    query = select(*_USER).select_from(_USERS).where(app_user.c.email_index == email_index)
    row = (await uow.execute(query)).one_or_none()
    return UserRow(**row._mapping) if row else None


async def user_by_id(uow: UnitOfWork, user_id: UserId) -> UserRow | None:
    """The user with this id."""
    query = select(*_USER).select_from(_USERS).where(app_user.c.id == user_id.uuid)
    row = (await uow.execute(query)).one_or_none()
    return UserRow(**row._mapping) if row else None


async def add_user(uow: UnitOfWork, values: dict[str, Any]) -> None:
    """Insert a user. Raises EmailTaken."""
    await _insert(uow, insert(app_user).values(values))


async def set_password(uow: UnitOfWork, user_id: UserId, password_hash: str, at: datetime | None) -> None:
    """Replace the hash; `at` is None when the same password was merely hashed again."""
    values: dict[str, Any] = {"password_hash": password_hash}
    if at is not None:
        values["password_changed_at"] = at
    await uow.execute(update(app_user).where(app_user.c.id == user_id.uuid).values(values))


async def memberships_of(uow: UnitOfWork, user_id: UserId) -> list[Membership]:
    """A user's memberships in all tenants: live ones first, then by age."""
    rows = (await uow.execute(_MEMBERSHIPS_OF, {"user_id": user_id.uuid})).all()
    found = [
        Membership(
            id=row.id,
            tenant_id=TenantId(row.tenant_id),
            tenant_name=row.tenant_name,
            mode=Mode(row.mode),
            role=Role(row.role),
            party_id=PartyId(row.party_id) if row.party_id else None,
            created_at=row.created_at,
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (one.mode is not Mode.LIVE, one.created_at, one.id))


async def add_membership(
    uow: UnitOfWork, row_id: UUID, user_id: UserId, role: Role, party_id: PartyId | None, invited_name: bytes | None
) -> None:
    """Make a user a member of this unit's tenant. Raises AlreadyMember.

    `invited_name` is what the inviter calls somebody with an account, sealed, until they come.
    """
    tenant_uuid = uow.scope.tenant_id.uuid
    values = {
        "tenant_id": tenant_uuid,
        "id": row_id,
        "user_id": user_id.uuid,
        "role": role.value,
        "party_id": party_id.uuid if party_id else None,
        "created_at": uow.now,
        "invited_name": invited_name,
    }
    await _insert(uow, insert(membership).values(values))
    look_up = upsert(membership_lookup).values(user_id=user_id.uuid, of_tenant=tenant_uuid)
    await uow.execute(look_up.on_conflict_do_nothing())


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A membership of this unit's tenant with its user as stored."""

    id: UUID
    role: Role
    party_id: PartyId | None
    created_at: datetime
    user: UserRow
    invited_name: bytes | None = field(default=None, repr=False)


_MEMBER = (
    membership.c.id.label("member_id"),
    *(membership.c.role, membership.c.party_id, membership.c.created_at.label("member_since")),
    membership.c.invited_name,
    *_USER,
)
_MEMBERS = membership.join(app_user, app_user.c.id == membership.c.user_id).outerjoin(
    totp, totp.c.user_id == app_user.c.id
)


def _member(row: Row[Any]) -> MemberRow:
    return MemberRow(
        id=row.member_id,
        role=Role(row.role),
        party_id=PartyId(row.party_id) if row.party_id else None,
        created_at=row.member_since,
        user=UserRow(**{name: row._mapping[name] for name in UserRow.__dataclass_fields__}),
        invited_name=row.invited_name,
    )


async def members(uow: UnitOfWork, before: UUID | None, limit: int) -> list[MemberRow]:
    """Up to `limit + 1` members of the tenant, newest first."""
    conditions = [membership.c.tenant_id == uow.scope.tenant_id.uuid]
    conditions.append(membership.c.id < before if before else true())
    query = select(*_MEMBER).select_from(_MEMBERS).where(*conditions).order_by(membership.c.id.desc())
    return [_member(row) for row in await uow.execute(query.limit(limit + 1))]


async def members_by_users(uow: UnitOfWork, users: Sequence[UUID]) -> list[MemberRow]:
    """The members of the tenant among these users."""
    conditions = (membership.c.tenant_id == uow.scope.tenant_id.uuid, membership.c.user_id.in_(users))
    return [_member(row) for row in await uow.execute(select(*_MEMBER).select_from(_MEMBERS).where(*conditions))]


async def members_of_party(uow: UnitOfWork, party_id: PartyId) -> list[MemberRow]:
    """Whoever acts for one party of the tenant."""
    conditions = (membership.c.tenant_id == uow.scope.tenant_id.uuid, membership.c.party_id == party_id.uuid)
    return [_member(row) for row in await uow.execute(select(*_MEMBER).select_from(_MEMBERS).where(*conditions))]


async def forget_user(uow: UnitOfWork, user_id: UserId, nobodys_index: bytes) -> None:
    """Destroy a user's key and password; `nobodys_index` takes the place of what the address was found by."""
    values = {"data_key": None, "email_index": nobodys_index, "password_hash": None, "is_disabled": True}
    await uow.execute(update(app_user).where(app_user.c.id == user_id.uuid).values(values))


async def member(uow: UnitOfWork, row_id: UUID) -> MemberRow | None:
    """One member of the tenant, locked until the unit ends."""
    query = (
        select(*_MEMBER)
        .select_from(_MEMBERS)
        .where(membership.c.tenant_id == uow.scope.tenant_id.uuid, membership.c.id == row_id)
        .with_for_update(of=membership)
    )
    row = (await uow.execute(query)).one_or_none()
    return _member(row) if row else None


async def set_member(uow: UnitOfWork, row_id: UUID, role: Role, party_id: PartyId | None) -> None:
    """Change a member's role and party."""
    values = {"role": role.value, "party_id": party_id.uuid if party_id else None}
    await uow.execute(update(membership).where(*_this_member(uow, row_id)).values(values))


async def forget_invited_name(uow: UnitOfWork, user_id: UserId) -> None:
    """The user has come to this unit's tenant and is called by their own name from now on."""
    theirs = (membership.c.tenant_id == uow.scope.tenant_id.uuid, membership.c.user_id == user_id.uuid)
    invited = membership.c.invited_name.is_not(None)
    await uow.execute(update(membership).where(*theirs, invited).values(invited_name=None))


async def remove_member(uow: UnitOfWork, row_id: UUID, user_id: UserId) -> None:
    """Take a membership of the tenant away."""
    await uow.execute(delete(membership).where(*_this_member(uow, row_id)))
    of_tenant = membership_lookup.c.of_tenant == uow.scope.tenant_id.uuid
    await uow.execute(delete(membership_lookup).where(membership_lookup.c.user_id == user_id.uuid, of_tenant))


def _this_member(uow: UnitOfWork, row_id: UUID) -> tuple[Any, ...]:
    return (membership.c.tenant_id == uow.scope.tenant_id.uuid, membership.c.id == row_id)


async def lock_owners(uow: UnitOfWork) -> int:
    """How many owners the tenant has; none can come or go until the unit ends."""
    owners = select(membership.c.id).where(
        membership.c.tenant_id == uow.scope.tenant_id.uuid, membership.c.role == Role.OWNER.value
    )
    return len((await uow.execute(owners.order_by(membership.c.id).with_for_update())).all())


async def has_tenants(db: Database) -> bool:
    """Whether the installation has any tenant yet."""
    return bool((await db.ask(_HAS_TENANTS))[0].has_tenants)


async def _insert(uow: UnitOfWork, statement: Any) -> None:
    """Insert, turning a named constraint into its refusal; the rest of the unit stays usable."""
    try:
        async with uow.savepoint():
            await uow.execute(statement)
    except IntegrityError as error:
        name = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
        refusal = _CONSTRAINTS.get(str(name))
        if refusal is None:
            raise
        raise refusal from None
