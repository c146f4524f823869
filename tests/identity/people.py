"""Shorthand for identity tests: an installation with one tenant and people in it."""

import uuid
from dataclasses import dataclass
from pathlib import Path

from specie.identity import store
from specie.identity.model import Caller, Role, Tenant
from specie.identity.passwords import PasswordHasher
from specie.identity.scopes import system_scope
from specie.identity.service import NewTenant, NewUser, add_member, create_tenant, create_user
from specie.identity.sign_in import SignIn
from specie.identity.wiring import Identity, build
from specie.kernel.ids import RequestId, TenantId, UserId
from specie.platform.db import Database
from specie.platform.mail import OutboxMailer
from specie.platform.vault import KeyRing

PASSWORD = "correct horse battery staple"
LAPTOP = Caller("203.0.113.7", "a browser")


@dataclass(frozen=True)
class Installation:
    """What identity works with, its database, and one tenant."""

    db: Database
    identity: Identity
    tenant: Tenant


@dataclass(frozen=True)
class Person:
    """Somebody with a password."""

    id: UserId
    email: str


async def install(db: Database, folder: Path) -> Installation:
    """An installation whose hashes are cheap, with a tenant of its own."""
    identity = build(
        signing_key=b"k" * 48,
        ring=KeyRing({1: bytes(range(32))}, 1),
        mailer=OutboxMailer(folder, "specie@example.com"),
        public_url="http://127.0.0.1:8000",
        hasher=PasswordHasher(kibibytes=1024),
    )
    async with db.begin(None) as uow:
        live, _ = await create_tenant(uow, NewTenant("Kopi", f"kopi-{uuid.uuid4().hex[:10]}"))
    return Installation(db, identity, live)


async def person(at: Installation, role: Role = Role.OWNER) -> Person:
    """A member with the usual password."""
    email = f"{uuid.uuid4().hex[:12]}@example.com"
    hashed = await at.identity.hasher.hash(PASSWORD)
    async with at.db.begin(system_scope(at.tenant)) as uow:
        user_id = await create_user(uow, at.identity, NewUser(email, "Sri Wahyuni", hashed))
        await add_member(uow, user_id, role)
    return Person(user_id, email)


def attempt(
    who: Person | str,
    password: str = PASSWORD,
    *,
    code: str | None = None,
    caller: Caller = LAPTOP,
    tenant_id: TenantId | None = None,
) -> SignIn:
    """A try to sign in."""
    email = who if isinstance(who, str) else who.email
    return SignIn(email, password, code, caller, RequestId.new(), tenant_id)


async def has_second_factor(at: Installation, who: Person) -> bool:
    """Whether a second factor is on."""
    async with at.db.begin(None) as uow:
        row = await store.user_by_id(uow, who.id)
    return row is not None and row.totp_enabled
