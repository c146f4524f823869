"""Tenants, users and memberships: making them, changing them, and telling the modules above."""

import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import time
from typing import TypeVar
from uuid import UUID
from zoneinfo import available_timezones

from specie import audit, events
from specie.identity import access_store, store
from specie.identity import events as facts
from specie.identity.errors import LastOwner, OwnSecondFactor, RoleTooHigh, TotpNotEnrolled, WorksElsewhere
from specie.identity.model import ROLE_PERMISSIONS, Branding, Member, Membership, Role, Tenant
from specie.identity.scopes import system_scope
from specie.identity.secrets import masked_email, normalised_email, seal_text
from specie.identity.store import MemberRow
from specie.identity.wiring import Identity
from specie.kernel.clock import machine_now
from specie.kernel.errors import InvalidField, NotFound
from specie.kernel.ids import MembershipId, PartyId, TenantId, UserId
from specie.kernel.pagination import Page
from specie.kernel.permissions import Permission
from specie.kernel.scope import ActorKind, Mode, Scope
from specie.platform import jobs
from specie.platform.db import UnitOfWork

C = TypeVar("C")
TELL_FACTOR_REMOVED = "identity.tell_second_factor_removed"

_EMAIL = re.compile(r"[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]{1,190}\.[^@\s.\x00-\x1f]{1,63}")


@dataclass(frozen=True, slots=True)
class NewTenant:
    """What a tenant is made of; its sandbox gets the same with `-sandbox` behind the slug."""

    name: str
    slug: str
    time_zone: str = "UTC"
    cut_off: time = time(0, 0)
    branding: Branding = field(default_factory=Branding)


@dataclass(frozen=True, slots=True)
class NewUser:
    """Somebody who may log in. Without a hash they first set a password by a reset link.

    The telephone number is their party's, when signing up makes one.
    """

    email: str = field(repr=False)
    name: str = field(repr=False)
    password_hash: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class RegisteredUser:
    """Who has just signed up; `party_id` is set as soon as a subscriber has made the party."""

    user_id: UserId
    email: str = field(repr=False)
    name: str = field(repr=False)
    phone: str | None = field(default=None, repr=False)
    party_id: PartyId | None = None


UserRegistered = Callable[[UnitOfWork, RegisteredUser], Awaitable[PartyId | None]]
TenantCreated = Callable[[UnitOfWork, Tenant], Awaitable[None]]

_user_registered: list[UserRegistered] = []
_tenant_created: list[TenantCreated] = []


def on_user_registered(callback: UserRegistered) -> None:
    """Run `callback` in the unit of work of every registration, in the order of these calls.

    One that makes the person's party returns its id; it goes into the membership and on to later callbacks.
    """
    _add_once(_user_registered, callback)


def on_tenant_created(callback: TenantCreated) -> None:
    """Run `callback` in the unit of work that makes a tenant, acting in that tenant; once each for live and sandbox."""
    _add_once(_tenant_created, callback)


def _add_once(callbacks: list[C], callback: C) -> None:
    if callback not in callbacks:
        callbacks.append(callback)


async def create_tenant(uow: UnitOfWork, new: NewTenant) -> tuple[Tenant, Tenant]:
    """Make a live tenant and its sandbox; needs no tenant of its own. Raises SlugTaken or InvalidField."""
    require_time_zone(new.time_zone)
    live_id, sandbox_id = TenantId.new(), TenantId.new()
    live = Tenant(live_id, new.slug, new.name, Mode.LIVE, sandbox_id, new.time_zone, new.cut_off, new.branding, uow.now)
    sandbox = replace(live, id=sandbox_id, slug=f"{new.slug}-sandbox", mode=Mode.SANDBOX, twin_id=live_id)
    for tenant in (live, sandbox):
        await _found_tenant(uow, tenant)
    return live, sandbox


async def _found_tenant(uow: UnitOfWork, tenant: Tenant) -> None:
    async with uow.acting_as(system_scope(tenant)) as inside:
        await store.add_tenant(inside, tenant)
        after = {"name": tenant.name, "slug": tenant.slug, "mode": tenant.mode.value}
        await audit.record(inside, action="tenant.create", subject=("tenant", str(tenant.id)), after=after)
        await events.record(inside, facts.tenant_created(tenant))
        for callback in _tenant_created:
            await callback(inside, tenant)


def require_time_zone(name: str) -> None:
    """Raise InvalidField for a zone the IANA database does not know."""
    if name not in available_timezones():
        raise InvalidField("use a name of the IANA time zone database, such as Asia/Jakarta", param="time_zone")


async def change_tenant(uow: UnitOfWork, **changes: object) -> Tenant:
    """Change name, time_zone, cut_off or branding of the caller's tenant."""
    tenant = await own_tenant(uow)
    changed = replace(tenant, **changes)  # type: ignore[arg-type]
    require_time_zone(changed.time_zone)
    await store.change_tenant(uow, changed)
    before = {name: getattr(tenant, name) for name in changes}
    subject = ("tenant", str(tenant.id))
    await audit.record(uow, action="tenant.change", subject=subject, before=before, after=changes)
    return changed


async def own_tenant(uow: UnitOfWork) -> Tenant:
    """The tenant this unit acts in. Raises NotFound when it does not exist."""
    tenant = await store.tenant_by_id(uow, uow.scope.tenant_id.uuid)
    if tenant is None:
        raise NotFound("there is no such tenant")
    return tenant


async def list_tenants(uow: UnitOfWork, after: UUID | None, limit: int) -> Page[Tenant]:
    """All tenants of the installation, oldest first; for the platform's admin."""
    rows = await store.tenants_after(uow, after or UUID(int=0), limit)
    return Page.cut(rows, limit, key=lambda tenant: (str(tenant.id.uuid),))


def require_email(email: str) -> str:
    """The normalised address. Raises InvalidField for what cannot be one."""
    normal = normalised_email(email)
    if not _EMAIL.fullmatch(normal):
        raise InvalidField("this is not an e-mail address", param="email")
    return normal


async def create_user(uow: UnitOfWork, identity: Identity, new: NewUser) -> UserId:
    """Make a user of the installation, without any membership. Raises EmailTaken or InvalidField."""
    email = require_email(new.email)
    user_id = UserId.new()
    key, wrapped = identity.keys.new_data_key(user_id.uuid)
    values = {
        "id": user_id.uuid,
        "email_index": identity.keys.email_index(email),
        "data_key": wrapped,
        "email_sealed": seal_text(key, email, user_id.uuid, "email"),
        "name_sealed": seal_text(key, new.name, user_id.uuid, "name"),
        "password_hash": new.password_hash,
        "created_at": uow.now,
    }
    await store.add_user(uow, values)
    return user_id


async def add_member(
    uow: UnitOfWork,
    user_id: UserId,
    role: Role,
    *,
    party_id: PartyId | None = None,
    invited_name: bytes | None = None,
) -> MembershipId:
    """Make a user a member of this unit's tenant; staff become members of its sandbox too.

    Raises AlreadyMember, RoleTooHigh, or InvalidField for a party role without a party.
    """
    require_may_give(uow.scope, role)
    if role.is_limited_to_party and party_id is None:
        raise InvalidField(f"a {role} acts for a party; name it", param="party_id")
    member_id = await _join(uow, user_id, role, party_id, invited_name)
    tenant = await own_tenant(uow)
    if not role.is_limited_to_party and tenant.mode is Mode.LIVE:
        await _join_sandbox(uow, tenant, user_id, role, invited_name)
    return member_id


async def invite(uow: UnitOfWork, identity: Identity, new: NewUser, role: Role, party_id: PartyId | None) -> Member:
    """Make a person a member, with a new account unless the address has one.

    Whoever has an account is called what the inviter typed until they come, so that an invitation tells nobody how
    they are called elsewhere. Raises what `create_user` and `add_member` raise.
    """
    row = await store.user_by_email(uow, identity.keys.email_index(normalised_email(new.email)))
    user_id = UserId(row.id) if row else await create_user(uow, identity, new)
    typed = identity.keys.seal_again(row.data_key, new.name, row.id, "invited_name") if row and row.data_key else None
    member_id = await add_member(uow, user_id, role, party_id=party_id, invited_name=typed)
    return await get_member(uow, identity, member_id)


async def _join(
    uow: UnitOfWork, user_id: UserId, role: Role, party_id: PartyId | None, invited_name: bytes | None = None
) -> MembershipId:
    member_id = MembershipId.new()
    await store.add_membership(uow, member_id.uuid, user_id, role, party_id, invited_name)
    after = {"user_id": str(user_id), "role": role.value, "party_id": str(party_id) if party_id else None}
    await audit.record(uow, action="member.add", subject=("member", str(member_id)), after=after)
    return member_id


async def _join_sandbox(uow: UnitOfWork, live: Tenant, user_id: UserId, role: Role, invited_name: bytes | None) -> None:
    sandbox = await store.tenant_by_id(uow, live.twin_id.uuid)
    if sandbox is None or any(m.tenant_id == live.twin_id for m in await store.memberships_of(uow, user_id)):
        return
    async with uow.acting_as(system_scope(sandbox, request_id=uow.scope.request_id)) as inside:
        await _join(inside, user_id, role, None, invited_name)


def require_may_give(scope: Scope, role: Role) -> None:
    """Nobody makes somebody mightier than themselves; Specie itself may. Raises RoleTooHigh."""
    if scope.actor.kind is ActorKind.SYSTEM:
        return
    missing = ROLE_PERMISSIONS[role] - scope.permissions
    if missing:
        raise RoleTooHigh(f"your own role lacks {min(missing)}", permission=str(min(missing)))


async def members(uow: UnitOfWork, identity: Identity, before: UUID | None, limit: int) -> Page[Member]:
    """The tenant's members, newest first."""
    rows = await store.members(uow, before, limit)
    return Page.cut(rows, limit, key=lambda row: (str(row.id),)).map(lambda row: _opened(identity, row))


async def members_by_users(uow: UnitOfWork, identity: Identity, users: Sequence[UserId]) -> list[Member]:
    """The tenant's members among these users."""
    rows = await store.members_by_users(uow, [user.uuid for user in users])
    return [_opened(identity, row) for row in rows]


async def get_member(uow: UnitOfWork, identity: Identity, member_id: MembershipId) -> Member:
    """One member. Raises NotFound."""
    return _opened(identity, await _member(uow, member_id))


def _opened(identity: Identity, row: MemberRow) -> Member:
    user = identity.opened(row.user)
    if row.invited_name is not None:
        # How somebody secures their account is nobody's business either before they have come.
        name = identity.keys.open_text(row.user.data_key, row.invited_name, row.user.id, "invited_name")
        user = replace(user, name=name, totp_enabled=False)
    return Member(row.id, user, row.role, row.party_id, row.created_at)


async def _member(uow: UnitOfWork, member_id: MembershipId) -> MemberRow:
    row = await store.member(uow, member_id.uuid)
    if row is None:
        raise NotFound("there is no such member")
    return row


async def change_role(uow: UnitOfWork, member_id: MembershipId, role: Role, party_id: PartyId | None) -> None:
    """Give a member another role. Raises NotFound, RoleTooHigh, LastOwner or InvalidField."""
    row = await _member(uow, member_id)
    for involved in (row.role, role):
        require_may_give(uow.scope, involved)
    if role.is_limited_to_party and party_id is None:
        raise InvalidField(f"a {role} acts for a party; name it", param="party_id")
    if row.role is Role.OWNER and role is not Role.OWNER:
        await _require_another_owner(uow)
    await store.set_member(uow, member_id.uuid, role, party_id)
    subject = ("member", str(member_id))
    before, after = {"role": row.role.value}, {"role": role.value}
    await audit.record(uow, action="member.change", subject=subject, before=before, after=after)


async def remove_member(uow: UnitOfWork, member_id: MembershipId) -> None:
    """Take a membership away; the user's sessions in this tenant stop at once. Raises NotFound or LastOwner."""
    row = await _member(uow, member_id)
    require_may_give(uow.scope, row.role)
    if row.role is Role.OWNER:
        await _require_another_owner(uow)
    await store.remove_member(uow, member_id.uuid, UserId(row.user.id))
    before = {"user_id": str(UserId(row.user.id)), "role": row.role.value}
    await audit.record(uow, action="member.remove", subject=("member", str(member_id)), before=before)


async def remove_second_factor(uow: UnitOfWork, member_id: MembershipId) -> None:
    """Let a member in again who has lost the phone and the recovery codes: the password is enough once more.

    Their sessions end and they are told by mail. Only for people of this organisation alone, for a login is the same
    everywhere; Specie itself may for all. Raises NotFound, RoleTooHigh, OwnSecondFactor, WorksElsewhere or
    TotpNotEnrolled.
    """
    row = await _member(uow, member_id)
    user_id = UserId(row.user.id)
    require_may_give(uow.scope, row.role)
    await _require_ours(uow, user_id)
    if not row.user.totp_enabled:
        raise TotpNotEnrolled("the person logs in with the password alone")
    await access_store.remove_totp(uow, user_id)
    await access_store.end_sessions(uow, user_id, "second_factor_removed", machine_now())
    before = {"user_id": str(user_id)}
    await audit.record(uow, action="member.totp_remove", subject=("member", str(member_id)), before=before)
    await jobs.defer(uow, TELL_FACTOR_REMOVED, user_id=str(user_id), at=machine_now().isoformat())


async def _require_ours(uow: UnitOfWork, user_id: UserId) -> None:
    """Whoever could weaken the login of somebody else's people would reach into the other organisation with it."""
    scope = uow.scope
    if scope.actor.kind is ActorKind.SYSTEM:
        return
    if scope.actor.id == str(user_id):
        raise OwnSecondFactor("switch it off under your own account, with a code or a recovery code")
    ours = {scope.tenant_id} | ({(await own_tenant(uow)).twin_id} if scope.mode is Mode.LIVE else set())
    if any(one.tenant_id not in ours for one in await store.memberships_of(uow, user_id)):
        raise WorksElsewhere("whoever runs the installation removes it: specie user remove-second-factor")


async def _require_another_owner(uow: UnitOfWork) -> None:
    if await store.lock_owners(uow) < 2:
        raise LastOwner("make somebody else an owner first")


async def register(uow: UnitOfWork, identity: Identity, new: NewUser) -> UserId:
    """Sign a customer up in this unit's tenant, together with whatever the subscribers make for them."""
    user_id = await create_user(uow, identity, new)
    person = RegisteredUser(user_id, require_email(new.email), new.name, new.phone)
    for callback in _user_registered:
        party_id = await callback(uow, person)
        if party_id is not None:
            person = replace(person, party_id=party_id)
    await _join(uow, user_id, Role.CUSTOMER, person.party_id)
    after = {"email": masked_email(person.email)}
    await audit.record(uow, action="user.register", subject=("user", str(user_id)), after=after)
    await events.record(uow, facts.user_registered(user_id, person.party_id))
    return user_id


async def memberships(uow: UnitOfWork, user_id: UserId) -> list[Membership]:
    """A user's memberships in all tenants."""
    return await store.memberships_of(uow, user_id)


def permissions_beyond(scope: Scope, wanted: Iterable[Permission]) -> list[Permission]:
    """Which of the permissions the caller does not have, sorted."""
    return sorted(set(wanted) - scope.permissions)
