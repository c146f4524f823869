"""Statements on what lets somebody in: sessions, refresh tokens, API keys, second factors, throttles."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, case, delete, func, insert, or_, select, true, update
from sqlalchemy.dialects.postgresql import insert as upsert

from specie.identity.model import ApiKey, SessionInfo, Throttle
from specie.identity.tables import (
    api_key,
    api_key_lookup,
    login_throttle,
    password_reset,
    recovery_code,
    refresh_token,
    session,
    totp,
)
from specie.kernel.ids import PartyId, SessionId, UserId
from specie.kernel.permissions import Permission
from specie.platform.db import Database, UnitOfWork

_KEYS_ACCESS = """
select asked.nth, found.*
  from unnest(%(digests)s::bytea[], %(addresses)s::inet[]) with ordinality as asked (digest, address, nth),
       lateral specie.key_admission(asked.digest, %(now)s, asked.address) as found
"""
# The transactions that wrote them are the versions of a key, its tenant and the tenant's clock: whatever changes what a
# caller may do, by whichever way, changes one of them.
KEY_VERSIONS = """
select k.id, concat_ws('/', k.xmin, t.xmin, c.xmin) as version
  from specie.api_key k
  join specie.tenant t on t.id = k.tenant_id
  left join specie.tenant_clock c on c.tenant_id = k.tenant_id
 where k.tenant_id = %s and k.id = any(%s)
"""
_SESSIONS_ACCESS = """
select asked.nth, found.*, factor.confirmed_at is not null as has_second_factor,
       opened.sso_tenant is not null and (opened.sso_tenant = found.tenant_id or found.mode = 'sandbox')
         as is_by_provider
  from unnest(%(ids)s::uuid[], %(digests)s::bytea[]) with ordinality as asked (id, digest, nth)
 cross join lateral specie.session_access(asked.id, asked.digest, %(now)s) as found
  join specie.session as opened on opened.id = found.session_id
  left join specie.totp as factor on factor.user_id = found.user_id
"""


@dataclass(frozen=True, slots=True)
class KeyAccess:
    """What one look-up finds out about an API key and its tenant; `version` is what `KEY_VERSIONS` tells of them."""

    tenant_id: UUID
    mode: str
    time_zone: str
    cut_off: time
    offset_seconds: int
    key_id: UUID
    permissions: Sequence[str]
    party_id: UUID | None
    is_revoked: bool
    is_expired: bool
    address_allowed: bool
    expires_at: datetime
    version: str


@dataclass(frozen=True, slots=True)
class SessionAccess:
    """What one look-up finds out about a session, its user's role and the tenant it is in."""

    session_id: UUID
    user_id: UUID
    kind: str
    tenant_id: UUID
    mode: str
    time_zone: str
    cut_off: time
    offset_seconds: int
    role: str | None
    party_id: UUID | None
    is_ended: bool
    is_expired: bool
    step_up_at: datetime
    has_second_factor: bool
    is_by_provider: bool


KeyQuestion = tuple[bytes, str | None]
"""The digest of an API key and the address it is used from."""


async def ask_keys(db: Database, now: datetime, asked: Sequence[KeyQuestion]) -> dict[KeyQuestion, KeyAccess]:
    """Find keys by digest and calling address, in one round trip; notes each one's use at most once a minute."""
    # In one order everywhere: noting a use locks the key, and two processes must not wait for each other.
    questions = sorted(asked, key=lambda question: question[0])
    digests, addresses = zip(*questions, strict=True)
    rows = await db.ask(_KEYS_ACCESS, {"digests": list(digests), "addresses": list(addresses), "now": now})
    return {questions[row.nth - 1]: KeyAccess(**_without_nth(row)) for row in rows}


async def ask_sessions(
    db: Database, now: datetime, asked: Sequence[tuple[UUID | None, bytes | None]]
) -> dict[tuple[UUID | None, bytes | None], SessionAccess]:
    """Find sessions by their cookies' digests, or token sessions by their ids, in one round trip."""
    ids, digests = zip(*asked, strict=True)
    rows = await db.ask(_SESSIONS_ACCESS, {"ids": list(ids), "digests": list(digests), "now": now})
    return {asked[row.nth - 1]: SessionAccess(**_without_nth(row)) for row in rows}


def _without_nth(row: Any) -> dict[str, Any]:
    return {name: value for name, value in row._asdict().items() if name != "nth"}


async def add_session(uow: UnitOfWork, values: dict[str, Any]) -> None:
    """Insert a session."""
    await uow.execute(insert(session).values(values))


async def end_oldest_sessions(uow: UnitOfWork, user_id: UserId, keep: int, now: datetime) -> None:
    """End all but the newest `keep` running sessions of a user."""
    newest = (
        select(session.c.id)
        .where(session.c.user_id == user_id.uuid, session.c.ended_at.is_(None))
        .order_by(session.c.created_at.desc(), session.c.id.desc())
        .limit(keep)
    )
    older = [session.c.user_id == user_id.uuid, session.c.ended_at.is_(None), session.c.id.not_in(newest)]
    await uow.execute(update(session).where(*older).values(ended_at=now, end_reason="too_many"))


async def end_sessions(
    uow: UnitOfWork,
    user_id: UserId,
    reason: str,
    now: datetime,
    *,
    only: SessionId | None = None,
    but: SessionId | None = None,
) -> int:
    """End a user's running sessions: all, only one, or all but one. Returns how many ended."""
    conditions = [session.c.user_id == user_id.uuid, session.c.ended_at.is_(None)]
    if only is not None:
        conditions.append(session.c.id == only.uuid)
    if but is not None:
        conditions.append(session.c.id != but.uuid)
    ended = await uow.execute(update(session).where(*conditions).values(ended_at=now, end_reason=reason))
    return int(ended.rowcount)


async def forget_sessions(uow: UnitOfWork, user_id: UserId, now: datetime) -> None:
    """End all of a user's sessions, and keep of none where it was opened or with what."""
    theirs = session.c.user_id == user_id.uuid
    await end_sessions(uow, user_id, "erased", now)
    await uow.execute(update(session).where(theirs).values(address=None, agent=""))


async def sessions_of(uow: UnitOfWork, user_id: UserId, now: datetime) -> list[SessionInfo]:
    """A user's running sessions, newest first."""
    query = (
        select(session)
        .where(session.c.user_id == user_id.uuid, session.c.ended_at.is_(None), session.c.expires_at > now)
        .order_by(session.c.created_at.desc(), session.c.id.desc())
    )
    return [_session(row) for row in await uow.execute(query)]


def _session(row: Row[Any]) -> SessionInfo:
    address = str(row.address) if row.address else None
    return SessionInfo(SessionId(row.id), row.kind, row.created_at, row.seen_at, row.expires_at, address, row.agent)


async def change_session(uow: UnitOfWork, session_id: SessionId, values: dict[str, Any]) -> None:
    """Write a session's tenant, cookie digest or moment of step-up."""
    await uow.execute(update(session).where(session.c.id == session_id.uuid).values(values))


async def running_session(uow: UnitOfWork, session_id: UUID) -> Row[Any] | None:
    """User, tenant, start and end of a session, locked; None when it has ended."""
    query = (
        select(session.c.user_id, session.c.current_tenant, session.c.created_at, session.c.expires_at)
        .where(session.c.id == session_id, session.c.ended_at.is_(None))
        .with_for_update()
    )
    return (await uow.execute(query)).one_or_none()


async def session_owner(uow: UnitOfWork, session_id: UUID) -> Row[Any]:
    """User and tenant of a session, running or not."""
    query = select(session.c.user_id, session.c.current_tenant).where(session.c.id == session_id)
    return (await uow.execute(query)).one()


async def add_refresh_token(uow: UnitOfWork, digest: bytes, session_id: UUID, expires_at: datetime) -> None:
    """Insert a refresh token of a session."""
    row = {"digest": digest, "session_id": session_id, "expires_at": expires_at}
    await uow.execute(insert(refresh_token).values(row))


async def use_refresh_token(uow: UnitOfWork, digest: bytes, now: datetime, client: bytes) -> UUID | None:
    """Consume an unused token; its session's id for exactly one of any number of callers, None for the others."""
    unused = [refresh_token.c.digest == digest, refresh_token.c.used_at.is_(None), refresh_token.c.expires_at > now]
    used = update(refresh_token).where(*unused).values(used_at=now, used_by=client)
    return (await uow.execute(used.returning(refresh_token.c.session_id))).scalar_one_or_none()


async def find_refresh_token(uow: UnitOfWork, digest: bytes) -> Row[Any] | None:
    """A refresh token, used or not."""
    return (await uow.execute(select(refresh_token).where(refresh_token.c.digest == digest))).one_or_none()


def _key(row: Row[Any]) -> ApiKey:
    return ApiKey(
        id=row.id,
        name=row.name,
        hint=row.hint,
        permissions=tuple(Permission(name) for name in row.permissions),
        party_id=PartyId(row.party_id) if row.party_id else None,
        networks=tuple(str(network) for network in row.networks),
        created_by=row.created_by,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        rotated_to=row.rotated_to,
        last_used_at=row.last_used_at,
        last_used_address=str(row.last_used_address) if row.last_used_address else None,
    )


def _own_keys(uow: UnitOfWork) -> list[Any]:
    """The keys a caller may see: of its tenant, and of its own party where it is limited to one."""
    conditions = [api_key.c.tenant_id == uow.scope.tenant_id.uuid]
    if uow.scope.party_id is not None:
        conditions.append(api_key.c.party_id == uow.scope.party_id.uuid)
    return conditions


async def api_keys(uow: UnitOfWork, before: UUID | None, limit: int) -> list[ApiKey]:
    """Up to `limit + 1` of the caller's keys, newest first."""
    older = api_key.c.id < before if before else true()
    query = select(api_key).where(*_own_keys(uow), older).order_by(api_key.c.id.desc()).limit(limit + 1)
    return [_key(row) for row in await uow.execute(query)]


async def lock_api_key(uow: UnitOfWork, key_id: UUID) -> ApiKey | None:
    """One of the caller's keys, locked until the unit ends."""
    query = select(api_key).where(*_own_keys(uow), api_key.c.id == key_id).with_for_update()
    row = (await uow.execute(query)).one_or_none()
    return _key(row) if row else None


async def maker_of_key(uow: UnitOfWork, key_id: UUID) -> str | None:
    """The actor who made a key of the tenant, whoever asks."""
    query = select(api_key.c.created_by).where(api_key.c.tenant_id == uow.scope.tenant_id.uuid, api_key.c.id == key_id)
    return (await uow.execute(query)).scalar_one_or_none()


async def revoke_keys_of(uow: UnitOfWork, party_id: PartyId, now: datetime) -> None:
    """End the keys that act for a party."""
    theirs = (api_key.c.tenant_id == uow.scope.tenant_id.uuid, api_key.c.party_id == party_id.uuid)
    await uow.execute(update(api_key).where(*theirs, api_key.c.revoked_at.is_(None)).values(revoked_at=now))


async def networks_of_key(uow: UnitOfWork, key_id: UUID) -> list[str]:
    """The networks from which a key of the tenant may be used; none listed means from anywhere."""
    query = select(api_key.c.networks).where(api_key.c.tenant_id == uow.scope.tenant_id.uuid, api_key.c.id == key_id)
    return [str(network) for network in (await uow.execute(query)).scalar_one_or_none() or ()]


async def add_api_key(uow: UnitOfWork, made: ApiKey, digest: bytes) -> None:
    """Insert a key and the look-up from its digest."""
    tenant_uuid = uow.scope.tenant_id.uuid
    row = {
        "tenant_id": tenant_uuid,
        "id": made.id,
        "digest": digest,
        "name": made.name,
        "hint": made.hint,
        "permissions": [str(permission) for permission in made.permissions],
        "party_id": made.party_id.uuid if made.party_id else None,
        "networks": list(made.networks),
        "created_by": made.created_by,
        "created_at": made.created_at,
        "expires_at": made.expires_at,
    }
    await uow.execute(insert(api_key).values(row))
    await uow.execute(insert(api_key_lookup).values(digest=digest, of_tenant=tenant_uuid, key_id=made.id))


async def change_api_key(uow: UnitOfWork, key_id: UUID, values: dict[str, Any]) -> None:
    """Write a key's end or its successor."""
    one = [api_key.c.tenant_id == uow.scope.tenant_id.uuid, api_key.c.id == key_id]
    await uow.execute(update(api_key).where(*one).values(values))


async def totp_of(uow: UnitOfWork, user_id: UserId) -> Row[Any] | None:
    """A user's second factor, confirmed or not."""
    return (await uow.execute(select(totp).where(totp.c.user_id == user_id.uuid))).one_or_none()


async def put_totp(uow: UnitOfWork, user_id: UserId, seed_sealed: bytes) -> None:
    """Start an enrolment afresh."""
    fresh = {"seed_sealed": seed_sealed, "confirmed_at": None, "last_step": 0, "failures": 0, "blocked_until": None}
    statement = upsert(totp).values(user_id=user_id.uuid, **fresh)
    await uow.execute(statement.on_conflict_do_update(index_elements=[totp.c.user_id], set_=fresh))


async def use_totp_step(uow: UnitOfWork, user_id: UserId, step: int, now: datetime) -> bool:
    """Compare-and-set the last used step: true for exactly one of any number of callers with the same code."""
    free = or_(totp.c.blocked_until.is_(None), totp.c.blocked_until <= now)
    used = update(totp).where(totp.c.user_id == user_id.uuid, totp.c.last_step < step, free)
    return bool((await uow.execute(used.values(last_step=step, failures=0, blocked_until=None))).rowcount)


async def confirm_totp(uow: UnitOfWork, user_id: UserId, now: datetime) -> None:
    """Switch an enrolled second factor on."""
    await uow.execute(update(totp).where(totp.c.user_id == user_id.uuid).values(confirmed_at=now))


async def fail_totp(uow: UnitOfWork, user_id: UserId, now: datetime, *, limit: int, pause: timedelta) -> None:
    """Count a wrong code; at the limit codes are refused for a while and the count starts again."""
    full = totp.c.failures + 1 >= limit
    values = {
        "failures": case((full, 0), else_=totp.c.failures + 1),
        "blocked_until": case((full, now + pause), else_=totp.c.blocked_until),
    }
    free = or_(totp.c.blocked_until.is_(None), totp.c.blocked_until <= now)
    await uow.execute(update(totp).where(totp.c.user_id == user_id.uuid, free).values(values))


async def remove_totp(uow: UnitOfWork, user_id: UserId) -> None:
    """Delete a second factor and its recovery codes."""
    await uow.execute(delete(totp).where(totp.c.user_id == user_id.uuid))
    await uow.execute(delete(recovery_code).where(recovery_code.c.user_id == user_id.uuid))


async def put_recovery_codes(uow: UnitOfWork, user_id: UserId, hashes: Sequence[str]) -> None:
    """Replace all recovery codes."""
    await uow.execute(delete(recovery_code).where(recovery_code.c.user_id == user_id.uuid))
    rows = [{"user_id": user_id.uuid, "number": number, "hash": value} for number, value in enumerate(hashes)]
    await uow.execute(insert(recovery_code), rows)


async def recovery_hash(uow: UnitOfWork, user_id: UserId, number: int) -> str | None:
    """The hash of an unused recovery code."""
    query = select(recovery_code.c.hash).where(*_unused_code(user_id, number))
    return (await uow.execute(query)).scalar_one_or_none()


async def use_recovery_code(uow: UnitOfWork, user_id: UserId, number: int, now: datetime) -> bool:
    """Consume a recovery code: true for exactly one of any number of callers."""
    used = update(recovery_code).where(*_unused_code(user_id, number)).values(used_at=now)
    return bool((await uow.execute(used)).rowcount)


def _unused_code(user_id: UserId, number: int) -> tuple[Any, ...]:
    mine = recovery_code.c.user_id == user_id.uuid
    return (mine, recovery_code.c.number == number, recovery_code.c.used_at.is_(None))


async def add_reset(uow: UnitOfWork, digest: bytes, user_id: UserId, expires_at: datetime) -> None:
    """Insert a reset link; those sent before stop working."""
    now_used = update(password_reset).where(
        password_reset.c.user_id == user_id.uuid, password_reset.c.used_at.is_(None)
    )
    await uow.execute(now_used.values(used_at=uow.now))
    await uow.execute(insert(password_reset).values(digest=digest, user_id=user_id.uuid, expires_at=expires_at))


async def use_reset(uow: UnitOfWork, digest: bytes, now: datetime) -> UserId | None:
    """Consume a reset link and return whose it is; None when it is unknown, used or too old."""
    valid = [password_reset.c.digest == digest, password_reset.c.used_at.is_(None), password_reset.c.expires_at > now]
    used = update(password_reset).where(*valid).values(used_at=now).returning(password_reset.c.user_id)
    found = (await uow.execute(used)).scalar_one_or_none()
    return UserId(found) if found else None


async def lock_throttle(uow: UnitOfWork, key: bytes, now: datetime) -> Throttle | None:
    """A counter, locked until the unit ends; None when it has not counted anything yet."""
    fresh = upsert(login_throttle).values(key=key, failures=0, since=now).on_conflict_do_nothing()
    await uow.execute(fresh)
    row = (await uow.execute(select(login_throttle).where(login_throttle.c.key == key).with_for_update())).one()
    return Throttle(row.failures, row.since, row.blocked_until) if row.failures else None


async def put_throttle(uow: UnitOfWork, key: bytes, state: Throttle) -> None:
    """Write a locked counter."""
    values = {"failures": state.failures, "since": state.since, "blocked_until": state.blocked_until}
    await uow.execute(update(login_throttle).where(login_throttle.c.key == key).values(values))


async def forgive(uow: UnitOfWork, account_key: bytes, address_key: bytes) -> None:
    """After a success: forget the account's failures and give the network its attempt back."""
    cleared = {"failures": 0, "blocked_until": None}
    await uow.execute(update(login_throttle).where(login_throttle.c.key == account_key).values(cleared))
    less = func.greatest(login_throttle.c.failures - 1, 0)
    await uow.execute(update(login_throttle).where(login_throttle.c.key == address_key).values(failures=less))
