"""Somebody who may log in, made or let in again by whoever runs the installation, and not by a member of a tenant."""

from dataclasses import dataclass, field

from specie.app.wiring import Services, build
from specie.identity import service, store
from specie.identity.model import Role, Tenant
from specie.identity.passwords import require_strong
from specie.identity.scopes import system_scope
from specie.identity.secrets import normalised_email
from specie.identity.service import NewTenant, NewUser
from specie.kernel.errors import NotFound
from specie.kernel.ids import MembershipId, PartyId, UserId
from specie.parties import get_party
from specie.platform.config import Settings
from specie.platform.crashpoints import crash_point


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who is to be made, with which role, in the tenant of this short name.

    With `found` there is no such tenant yet: it and its sandbox are made under that name.
    """

    email: str = field(repr=False)
    name: str = field(repr=False)
    password: str = field(repr=False)
    role: Role
    tenant: str
    found: str = ""
    party_id: PartyId | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """Who was made, where, and as what."""

    user_id: UserId
    member_id: MembershipId
    tenant: Tenant


async def create_user(settings: Settings, wanted: Wanted) -> Made:
    """Make the user, and the tenant if asked for, in one transaction each.

    Raises NotFound, SlugTaken, EmailTaken, PasswordTooWeak or InvalidField.
    """
    require_strong(wanted.password, [wanted.email, wanted.name, wanted.tenant])
    service.require_email(wanted.email)
    services = build(settings)
    async with services.running():
        hashed = await services.identity.hasher.hash(wanted.password)
        tenant = await _tenant(services, wanted)
        return await _member(services, wanted, tenant, hashed)


async def remove_second_factor(settings: Settings, email: str, slug: str) -> MembershipId:
    """Take the second factor from somebody who has lost it, in one transaction.

    Raises NotFound or TotpNotEnrolled.
    """
    services = build(settings)
    async with services.running():
        tenant = await _known_tenant(services, slug)
        async with services.db.begin(system_scope(tenant, "cli")) as uow:
            index = services.identity.keys.email_index(normalised_email(email))
            user = await store.user_by_email(uow, index)
            found = await store.members_by_users(uow, [user.id]) if user else []
            if not found:
                raise NotFound(f"nobody with this address works in {slug}")
            member_id = MembershipId(found[0].id)
            await service.remove_second_factor(uow, member_id)
            crash_point("new_user.factor.removed")
    return member_id


async def _tenant(services: Services, wanted: Wanted) -> Tenant:
    if wanted.found:
        async with services.db.begin(None) as uow:
            live, _ = await service.create_tenant(uow, NewTenant(wanted.found, wanted.tenant))
            crash_point("new_user.tenant.made")
        return live
    return await _known_tenant(services, wanted.tenant)


async def _known_tenant(services: Services, slug: str) -> Tenant:
    tenant = await store.ask_tenant_by_slug(services.db, slug)
    if tenant is None:
        raise NotFound(f"there is no tenant {slug}")
    return tenant


async def _member(services: Services, wanted: Wanted, tenant: Tenant, hashed: str) -> Made:
    async with services.db.begin(system_scope(tenant, "cli")) as uow:
        if wanted.party_id is not None:
            await get_party(uow, services.vault, wanted.party_id)
        new = NewUser(wanted.email, wanted.name, hashed)
        user_id = await service.create_user(uow, services.identity, new)
        member_id = await service.add_member(uow, user_id, wanted.role, party_id=wanted.party_id)
        crash_point("new_user.member.made")
    return Made(user_id, member_id, tenant)
