"""Signing in and staying in: passwords, second factors, sessions and rotating refresh tokens.

Hashing happens between units of work, never inside one. Every way of being wrong counts, and none tells whether
the address is known.
"""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from uuid import UUID

from specie import audit
from specie.identity import access_store, codes, model, scopes, store
from specie.identity.errors import (
    CredentialsInvalid,
    NoMembership,
    SecondFactorInvalid,
    SecondFactorRequired,
    SessionRevoked,
)
from specie.identity.model import Caller, Membership
from specie.identity.secrets import normalised_email, place, text_of
from specie.identity.store import UserRow
from specie.identity.tokens import AccessClaims
from specie.identity.wiring import Identity
from specie.kernel.clock import machine_now, machine_timestamp
from specie.kernel.errors import RateLimited
from specie.kernel.ids import RequestId, SessionId, TenantId, UserId
from specie.platform import vault
from specie.platform.db import Database, UnitOfWork

SESSION_LASTS = timedelta(days=30)
REFRESH_LASTS = timedelta(days=30)
FAMILY_LASTS = timedelta(days=90)
_GRACE = timedelta(seconds=20)
_MOST_SESSIONS = 20
_TOTP_FAILURES = 5
_TOTP_PAUSE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class SignIn:
    """What somebody signs in with, from where, and into which tenant if they say so."""

    email: str = field(repr=False)
    password: str = field(repr=False)
    code: str | None = field(repr=False)
    caller: Caller
    request_id: RequestId
    tenant_id: TenantId | None = None


@dataclass(frozen=True, slots=True)
class Started:
    """A fresh session: its id and secret, whose it is and in which tenant."""

    session_id: SessionId
    secret: str = field(repr=False)
    user: UserRow = field(repr=False)
    membership: Membership


@dataclass(frozen=True, slots=True)
class Tokens:
    """An access token and the refresh token that follows it up."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)


async def sign_in(db: Database, identity: Identity, attempt: SignIn, kind: str) -> Started:
    """Check password and second factor and start a session of kind `browser` or `token`.

    Raises CredentialsInvalid, SecondFactorRequired, SecondFactorInvalid, NoMembership, RateLimited or HasherBusy.
    """
    user, wait = await _admit(db, identity, attempt)
    if wait and not attempt.code:
        raise _closed(wait)
    try:
        known = await _judge(db, identity, attempt, user)
    except (CredentialsInvalid, SecondFactorRequired, SecondFactorInvalid):
        if wait:
            raise _closed(wait) from None
        raise
    if wait and not known.totp_enabled:
        raise _closed(wait)

    async def start(uow: UnitOfWork) -> Started:
        await access_store.forgive(uow, *_throttle_keys(identity, attempt))
        return await start_session(uow, identity, known, attempt, kind)

    return await db.run(None, start, label="identity.sign_in")


async def _judge(db: Database, identity: Identity, attempt: SignIn, user: UserRow | None) -> UserRow:
    """The user whose password and, where it is on, second factor the attempt shows; a failure counts."""
    matches = await identity.hasher.matches(user.password_hash if user else None, attempt.password)
    if user is None or not matches or user.is_disabled:
        await _count_failure(db, identity, attempt)
        raise CredentialsInvalid("check the e-mail address and the password")
    if user.totp_enabled:
        await require_second_factor(db, identity, UserId(user.id), attempt.code)
    if user.password_hash and identity.hasher.is_outdated(user.password_hash):
        await _rehash(db, identity, user, attempt.password)
    return user


def _closed(seconds: int) -> RateLimited:
    return RateLimited("too many failures; wait before the next try", retry_after=seconds)


async def _admit(db: Database, identity: Identity, attempt: SignIn) -> tuple[UserRow | None, int]:
    """The user, and for how many seconds the account is closed to all but its password together with its code.

    That way round no stranger can keep the owner out, and a made-up code opens nothing. Raises RateLimited for a
    network that has failed too often.
    """

    async def look(uow: UnitOfWork) -> tuple[UserRow | None, int]:
        now = machine_now()
        account_key, address_key = _throttle_keys(identity, attempt)
        address = await access_store.lock_throttle(uow, address_key, now)
        account = await access_store.lock_throttle(uow, account_key, now)
        if address is not None and address.is_blocked(now):
            raise _closed(address.retry_after(now))
        user = await store.user_by_email(uow, identity.keys.email_index(normalised_email(attempt.email)))
        return user, account.retry_after(now) if account is not None and account.is_blocked(now) else 0

    return await db.run(None, look, label="identity.admit")


async def _count_failure(db: Database, identity: Identity, attempt: SignIn) -> None:
    async def count(uow: UnitOfWork) -> None:
        now = machine_now()
        account_key, address_key = _throttle_keys(identity, attempt)
        address = await access_store.lock_throttle(uow, address_key, now)
        account = await access_store.lock_throttle(uow, account_key, now)
        await access_store.put_throttle(uow, address_key, model.address_failed(address, now))
        await access_store.put_throttle(uow, account_key, model.account_failed(account, now))

    await db.run(None, count, label="identity.count_failure")


async def admit_stranger(db: Database, identity: Identity, caller: Caller) -> None:
    """Raise RateLimited for a network that has failed too often to be told anything more."""
    key = identity.keys.throttle_key("network", _network(caller.address).encode())

    async def look(uow: UnitOfWork) -> None:
        now = machine_now()
        state = await access_store.lock_throttle(uow, key, now)
        if state is not None and state.is_blocked(now):
            raise _closed(state.retry_after(now))

    await db.run(None, look, label="identity.admit_stranger")


async def count_stranger(db: Database, identity: Identity, caller: Caller) -> None:
    """Count what a network has got wrong without naming an account, such as signing up with a known address."""
    key = identity.keys.throttle_key("network", _network(caller.address).encode())

    async def count(uow: UnitOfWork) -> None:
        now = machine_now()
        state = await access_store.lock_throttle(uow, key, now)
        await access_store.put_throttle(uow, key, model.address_failed(state, now))

    await db.run(None, count, label="identity.count_stranger")


def _throttle_keys(identity: Identity, attempt: SignIn) -> tuple[bytes, bytes]:
    email = normalised_email(attempt.email).encode()
    network = _network(attempt.caller.address)
    return identity.keys.throttle_key("account", email), identity.keys.throttle_key("network", network.encode())


def _network(address: str | None) -> str:
    """One IPv4 address, or the /64 an IPv6 subscriber owns."""
    if address is None:
        return "unknown"
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    return str(parsed) if parsed.version == 4 else str(ip_network(f"{parsed}/64", strict=False))


async def _rehash(db: Database, identity: Identity, user: UserRow, password: str) -> None:
    fresh = await identity.hasher.hash(password)
    await db.run(None, lambda uow: store.set_password(uow, UserId(user.id), fresh, None), label="identity.rehash")


async def start_session(
    uow: UnitOfWork,
    identity: Identity,
    user: UserRow,
    attempt: SignIn,
    kind: str,
    *,
    sso_tenant: TenantId | None = None,
    is_proven: bool = True,
) -> Started:
    """Start a session for somebody who has shown who they are; not `is_proven`: sensitive acts ask once more.

    A session that the provider of `sso_tenant` opened works there alone. Raises NoMembership.
    """
    membership = _chosen(await store.memberships_of(uow, UserId(user.id)), attempt.tenant_id)
    session_id, secret, now = SessionId.new(), text_of(secrets.token_bytes(32)), machine_now()
    values = {
        "id": session_id.uuid,
        "user_id": user.id,
        "kind": kind,
        "digest": identity.keys.token_digest(secret) if kind == "browser" else None,
        "current_tenant": membership.tenant_id.uuid,
        "created_at": now,
        "seen_at": now,
        "expires_at": now + (SESSION_LASTS if kind == "browser" else FAMILY_LASTS),
        "step_up_at": now if is_proven else now - SESSION_LASTS,
        "sso_tenant": sso_tenant.uuid if sso_tenant else None,
        "address": attempt.caller.address,
        "agent": attempt.caller.agent,
    }
    await access_store.add_session(uow, values)
    await access_store.end_oldest_sessions(uow, UserId(user.id), _MOST_SESSIONS, now)
    await _note(uow, UserId(user.id), membership, "session.start", session_id, attempt.request_id)
    return Started(session_id, secret, user, membership)


def _chosen(memberships: list[Membership], wanted: TenantId | None) -> Membership:
    found = [one for one in memberships if wanted is None or one.tenant_id == wanted]
    if not found:
        raise NoMembership("you are not a member there" if wanted else "you are not a member anywhere")
    return found[0]


async def _note(
    uow: UnitOfWork, user_id: UserId, at: Membership, action: str, session_id: SessionId, request_id: RequestId
) -> None:
    tenant = await store.tenant_by_id(uow, at.tenant_id.uuid)
    if tenant is None:
        return
    async with uow.acting_as(scopes.user_scope(tenant, user_id, at.role, request_id)) as acting:
        await store.forget_invited_name(acting, user_id)
        await audit.record(acting, action=action, subject=("session", str(session_id)))


async def require_second_factor(db: Database, identity: Identity, user_id: UserId, code: str | None) -> None:
    """Use a code or recovery code up. Raises SecondFactorRequired, or SecondFactorInvalid, which counts."""
    if not code:
        raise SecondFactorRequired("send the code of your authenticator app, or a recovery code")
    if await _use_code(db, identity, user_id, code.strip()) or await _use_recovery(db, identity, user_id, code):
        return

    async def count(uow: UnitOfWork) -> None:
        await access_store.fail_totp(uow, user_id, machine_now(), limit=_TOTP_FAILURES, pause=_TOTP_PAUSE)

    await db.run(None, count, label="identity.count_code")
    raise SecondFactorInvalid("the code is wrong, too old or was used before")


async def _use_code(db: Database, identity: Identity, user_id: UserId, code: str) -> bool:
    async def use(uow: UnitOfWork) -> bool:
        row = await access_store.totp_of(uow, user_id)
        user = await store.user_by_id(uow, user_id)
        if row is None or user is None:
            return False
        step = codes.matching_step(_seed(identity, user, row.seed_sealed), code, machine_timestamp())
        return step is not None and await access_store.use_totp_step(uow, user_id, step, machine_now())

    return await db.run(None, use, label="identity.use_code")


def _seed(identity: Identity, user: UserRow, sealed: bytes) -> bytes:
    key = identity.keys.ring.unwrap(user.data_key, place(user.id, "data_key"))
    return vault.open_sealed(key, sealed, place(user.id, "totp"))


def sealed_seed(identity: Identity, user: UserRow, seed: bytes) -> bytes:
    """A second factor's seed, sealed for its row."""
    key = identity.keys.ring.unwrap(user.data_key, place(user.id, "data_key"))
    return vault.seal(key, seed, place(user.id, "totp"))


async def _use_recovery(db: Database, identity: Identity, user_id: UserId, text: str) -> bool:
    read = codes.read_recovery_code(text)
    if read is None:
        return False
    number, code = read
    stored = await db.run(
        None, lambda uow: access_store.recovery_hash(uow, user_id, number), label="identity.recovery_hash"
    )
    if not await identity.hasher.matches(stored, code):
        return False
    return await db.run(
        None,
        lambda uow: access_store.use_recovery_code(uow, user_id, number, machine_now()),
        label="identity.use_recovery",
    )


async def issue_tokens(db: Database, identity: Identity, started: Started) -> Tokens:
    """The first pair of tokens of a session."""
    refresh = text_of(secrets.token_bytes(32))

    async def keep(uow: UnitOfWork) -> None:
        expires_at = machine_now() + REFRESH_LASTS
        await access_store.add_refresh_token(
            uow, identity.keys.token_digest(refresh), started.session_id.uuid, expires_at
        )

    await db.run(None, keep, label="identity.issue_tokens")
    return _tokens(identity, started.session_id.uuid, started.user.id, refresh)


def _tokens(identity: Identity, session_id: UUID, user_id: UUID, refresh: str) -> Tokens:
    claims = AccessClaims(SessionId(session_id), UserId(user_id))
    return Tokens(identity.signer.mint(claims, machine_timestamp()), refresh)


async def refresh_tokens(db: Database, identity: Identity, token: str, caller: Caller, request_id: RequestId) -> Tokens:
    """Exchange a refresh token for the next pair.

    The same token again within 20 seconds from the same client gets the same successor: an answer may be lost. Later,
    or from another client, somebody has a copy: the whole family ends. Raises SessionRevoked.
    """

    async def exchange(uow: UnitOfWork) -> Tokens | None:
        now, digest, client = machine_now(), identity.keys.token_digest(token), _client(caller)
        successor = identity.keys.successor(token)
        session_id = await access_store.use_refresh_token(uow, digest, now, client)
        if session_id is not None:
            return await _follow(uow, identity, session_id, successor, now)
        return await _again(uow, identity, digest, client, successor, now, request_id)

    tokens = await db.run(None, exchange, label="identity.refresh")
    if tokens is None:
        raise SessionRevoked("log in again")
    return tokens


async def _follow(
    uow: UnitOfWork, identity: Identity, session_id: UUID, successor: str, now: datetime
) -> Tokens | None:
    running = await access_store.running_session(uow, session_id)
    if running is None or running.expires_at <= now:
        return None
    expires_at = min(now + REFRESH_LASTS, running.expires_at)
    await access_store.add_refresh_token(uow, identity.keys.token_digest(successor), session_id, expires_at)
    return _tokens(identity, session_id, running.user_id, successor)


async def _again(
    uow: UnitOfWork,
    identity: Identity,
    digest: bytes,
    client: bytes,
    successor: str,
    now: datetime,
    request_id: RequestId,
) -> Tokens | None:
    found = await access_store.find_refresh_token(uow, digest)
    if found is None or found.used_at is None:
        return None
    running = await access_store.running_session(uow, found.session_id)
    if running is None:
        return None
    if found.used_by == client and now - found.used_at <= _GRACE:
        return _tokens(identity, found.session_id, running.user_id, successor)
    user_id, session_id = UserId(running.user_id), SessionId(found.session_id)
    await access_store.end_sessions(uow, user_id, "refresh_reuse", now, only=session_id)
    for membership in await store.memberships_of(uow, user_id):
        if membership.tenant_id.uuid == running.current_tenant:
            await _note(uow, user_id, membership, "session.refresh_reuse", session_id, request_id)
    return None


def _client(caller: Caller) -> bytes:
    return hashlib.sha256(f"{_network(caller.address)}\0{caller.agent}".encode()).digest()
