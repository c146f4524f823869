"""A person's own account: sessions, password, second factor."""

import secrets
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from specie import audit
from specie.identity import access_store, codes, sign_in, store
from specie.identity.errors import (
    CredentialsInvalid,
    ResetInvalid,
    TotpAlreadyOn,
    TotpNotEnrolled,
)
from specie.identity.model import account_failed
from specie.identity.passwords import require_strong
from specie.identity.secrets import normalised_email, text_of
from specie.identity.store import UserRow
from specie.identity.wiring import Identity
from specie.kernel.clock import machine_now
from specie.kernel.errors import NotFound, RateLimited, Unauthenticated
from specie.kernel.ids import SessionId, UserId
from specie.kernel.scope import ActorKind, Scope
from specie.platform.db import Database, UnitOfWork
from specie.platform.mail import MailNotSent, MailTemplate

_log = structlog.get_logger(__name__)
RESET_LASTS = timedelta(minutes=30)
_RESET_MAIL = MailTemplate(
    subject="Choose a new password",
    text=(
        "Somebody, probably you, asked for a new password.\n\n"
        "Open this address within half an hour:\n{{ url }}\n\n"
        "If it was not you, nothing has changed and nothing needs to be done.\n"
    ),
)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator app needs, shown once."""

    seed: str = field(repr=False)
    uri: str = field(repr=False)


def user_of(scope: Scope) -> UserId:
    """The person behind a scope. Raises Unauthenticated for a server's key."""
    if scope.actor.kind is not ActorKind.USER:
        raise Unauthenticated("sign in as a person")
    return UserId.parse(scope.actor.id)


async def end_session(uow: UnitOfWork, session_id: SessionId, reason: str) -> None:
    """End one of the caller's own sessions. Raises NotFound."""
    ended = await access_store.end_sessions(uow, user_of(uow.scope), reason, machine_now(), only=session_id)
    if not ended:
        raise NotFound(f"there is no session {session_id}")
    await audit.record(uow, action="session.end", subject=("session", str(session_id)), reason=reason)


async def change_password(db: Database, identity: Identity, scope: Scope, current: str, fresh: str) -> None:
    """Change the password and end every other session. Raises CredentialsInvalid, RateLimited or PasswordTooWeak."""
    user_id = user_of(scope)
    user = await _user(db, user_id)
    await _require_password(db, identity, scope, user, current)
    opened = identity.opened(user)
    require_strong(fresh, [opened.email, opened.name])
    hashed = await identity.hasher.hash(fresh)

    async def change(uow: UnitOfWork) -> None:
        await store.set_password(uow, user_id, hashed, machine_now())
        await access_store.end_sessions(uow, user_id, "password_changed", machine_now(), but=scope.session_id)
        await audit.record(uow, action="user.password", subject=("user", str(user_id)))

    await db.run(scope, change, label="identity.change_password")


async def _user(db: Database, user_id: UserId) -> UserRow:
    user = await db.run(None, lambda uow: store.user_by_id(uow, user_id), label="identity.user")
    if user is None:
        raise NotFound(f"there is no user {user_id}")
    return user


async def _require_password(db: Database, identity: Identity, scope: Scope, user: UserRow, password: str) -> None:
    """Whoever holds a session without being its owner must not guess the password through it.

    Failures are counted on the session, so that no stranger can close this way to the owner.
    """
    key = identity.keys.throttle_key("session", str(scope.session_id).encode())

    async def look(uow: UnitOfWork) -> None:
        state, now = await access_store.lock_throttle(uow, key, machine_now()), machine_now()
        if state is not None and state.is_blocked(now):
            raise RateLimited("too many failures; wait before the next try", retry_after=state.retry_after(now))

    async def count(uow: UnitOfWork) -> None:
        state, now = await access_store.lock_throttle(uow, key, machine_now()), machine_now()
        await access_store.put_throttle(uow, key, account_failed(state, now))

    await db.run(None, look, label="identity.admit_password")
    if not await identity.hasher.matches(user.password_hash, password):
        await db.run(None, count, label="identity.count_password")
        raise CredentialsInvalid("the password is wrong")


async def request_reset(db: Database, identity: Identity, email: str) -> None:
    """Send a reset link if the address is known. Who asked learns neither that nor whether the mail went out."""
    token = text_of(secrets.token_bytes(32))

    async def keep(uow: UnitOfWork) -> str | None:
        user = await store.user_by_email(uow, identity.keys.email_index(normalised_email(email)))
        if user is None or user.is_disabled:
            return None
        await access_store.add_reset(
            uow, identity.keys.token_digest(token), UserId(user.id), machine_now() + RESET_LASTS
        )
        return identity.opened(user).email

    to = await db.run(None, keep, label="identity.request_reset")
    if to is not None:
        url = f"{identity.public_url}/reset-password/?token={token}"
        try:
            await identity.mailer.send(_RESET_MAIL.to(to, {"url": url}))
        except MailNotSent as error:
            _log.warning("reset_mail_not_sent", reason=str(error), permanent=error.permanent)


async def reset_password(db: Database, identity: Identity, token: str, fresh: str) -> None:
    """Set a password by a reset link, once; every session ends, the second factor stays on.

    Raises ResetInvalid or PasswordTooWeak.
    """
    require_strong(fresh)
    hashed = await identity.hasher.hash(fresh)

    async def change(uow: UnitOfWork) -> bool:
        user_id = await access_store.use_reset(uow, identity.keys.token_digest(token), machine_now())
        if user_id is None:
            return False
        await store.set_password(uow, user_id, hashed, machine_now())
        await access_store.end_sessions(uow, user_id, "password_reset", machine_now())
        return True

    if not await db.run(None, change, label="identity.reset_password"):
        raise ResetInvalid("ask for a new link")


async def enrol_totp(db: Database, identity: Identity, scope: Scope) -> Enrolment:
    """Start a second factor; it counts once a code confirms it. Raises TotpAlreadyOn."""
    user_id = user_of(scope)
    user = await _user(db, user_id)
    if user.totp_enabled:
        raise TotpAlreadyOn("switch it off first")
    seed = codes.new_seed()

    async def keep(uow: UnitOfWork) -> None:
        await access_store.put_totp(uow, user_id, sign_in.sealed_seed(identity, user, seed))

    await db.run(scope, keep, label="identity.enrol_totp")
    email = identity.opened(user).email
    return Enrolment(codes.seed_text(seed), codes.enrolment_uri(seed, email, "Specie"))


async def confirm_totp(db: Database, identity: Identity, scope: Scope, code: str) -> list[str]:
    """Switch an enrolled second factor on and return the recovery codes, shown once.

    Raises TotpNotEnrolled, TotpAlreadyOn or SecondFactorInvalid.
    """
    user_id = user_of(scope)
    row = await db.run(None, lambda uow: access_store.totp_of(uow, user_id), label="identity.totp")
    if row is None:
        raise TotpNotEnrolled("enrol first")
    if row.confirmed_at is not None:
        raise TotpAlreadyOn("it is on already")
    await sign_in.require_second_factor(db, identity, user_id, code)
    fresh = codes.new_recovery_codes()
    hashes = await identity.hasher.hash_codes(fresh)

    async def keep(uow: UnitOfWork) -> None:
        await access_store.confirm_totp(uow, user_id, machine_now())
        await access_store.put_recovery_codes(uow, user_id, hashes)
        await access_store.end_sessions(uow, user_id, "second_factor_on", machine_now(), but=scope.session_id)
        await audit.record(uow, action="user.totp_on", subject=("user", str(user_id)))

    await db.run(scope, keep, label="identity.confirm_totp")
    return fresh


async def disable_totp(db: Database, identity: Identity, scope: Scope, code: str) -> None:
    """Switch the second factor off with a last code. Raises TotpNotEnrolled or SecondFactorInvalid."""
    user_id = user_of(scope)
    if not (await _user(db, user_id)).totp_enabled:
        raise TotpNotEnrolled("there is none")
    await sign_in.require_second_factor(db, identity, user_id, code)

    async def remove(uow: UnitOfWork) -> None:
        await access_store.remove_totp(uow, user_id)
        await audit.record(uow, action="user.totp_off", subject=("user", str(user_id)))

    await db.run(scope, remove, label="identity.disable_totp")


async def step_up(db: Database, identity: Identity, scope: Scope, *, password: str, code: str | None) -> str | None:
    """Show once more who one is: password, and code where a second factor is on.

    The session counts as fresh for five minutes; a browser's cookie is replaced and its new secret returned.
    Raises CredentialsInvalid, SecondFactorRequired, SecondFactorInvalid or RateLimited.
    """
    user_id = user_of(scope)
    user = await _user(db, user_id)
    await _require_password(db, identity, scope, user, password)
    if user.totp_enabled:
        await sign_in.require_second_factor(db, identity, user_id, code)
    session_id = scope.session_id
    if session_id is None:
        return None
    secret = text_of(secrets.token_bytes(32))

    async def note(uow: UnitOfWork) -> str | None:
        is_browser = any(
            one.id == session_id and one.kind == "browser"
            for one in await access_store.sessions_of(uow, user_id, machine_now())
        )
        fresh = {"digest": identity.keys.token_digest(secret)} if is_browser else {}
        await access_store.change_session(uow, session_id, {"step_up_at": machine_now(), **fresh})
        await audit.record(uow, action="session.step_up", subject=("session", str(session_id)))
        return secret if is_browser else None

    return await db.run(scope, note, label="identity.step_up")
