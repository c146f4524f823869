"""Signing in: what is wrong counts and tells nothing; what is right starts a session that can be ended."""

import asyncio
from pathlib import Path
from uuid import UUID

import pyotp
import pytest

from specie.identity import access_store, account, sign_in
from specie.identity.access_store import SessionAccess
from specie.identity.errors import (
    CredentialsInvalid,
    NoMembership,
    PasswordTooWeak,
    ResetInvalid,
    SecondFactorInvalid,
    SecondFactorRequired,
    SessionRevoked,
)
from specie.identity.model import Caller
from specie.identity.scopes import session_scope
from specie.identity.sign_in import Started, Tokens
from specie.kernel.clock import machine_now, machine_timestamp
from specie.kernel.errors import RateLimited
from specie.kernel.ids import RequestId, TenantId
from specie.kernel.scope import Scope
from specie.platform.db import Database
from tests.identity.people import LAPTOP, PASSWORD, Installation, Person, attempt, has_second_factor, install, person


@pytest.fixture
async def at(database: Database, tmp_path: Path) -> Installation:
    return await install(database, tmp_path)


async def enter(at: Installation, who: Person, kind: str = "browser", **more: str) -> Started:
    return await sign_in.sign_in(at.db, at.identity, attempt(who, **more), kind)  # type: ignore[arg-type]


async def session_by(at: Installation, session_id: UUID | None, digest: bytes | None) -> SessionAccess | None:
    return (await access_store.ask_sessions(at.db, machine_now(), [(session_id, digest)])).get((session_id, digest))


async def scope_of(at: Installation, started: Started) -> Scope:
    digest = at.identity.keys.token_digest(started.secret)
    access = await session_by(at, None, digest)
    assert access is not None
    return session_scope(access, started.membership.role, RequestId.new())


async def is_running(at: Installation, started: Started) -> bool:
    digest = at.identity.keys.token_digest(started.secret)
    access = await session_by(at, None, digest)
    return access is not None and not access.is_ended


async def test_the_right_password_starts_a_session(at: Installation) -> None:
    who = await person(at)
    started = await enter(at, who)
    assert started.membership.tenant_id == at.tenant.id
    assert await is_running(at, started)


@pytest.mark.parametrize("known", [True, False])
async def test_a_wrong_password_and_an_unknown_address_read_alike(at: Installation, known: bool) -> None:
    who = await person(at)
    with pytest.raises(CredentialsInvalid) as refusal:
        await sign_in.sign_in(
            at.db, at.identity, attempt(who if known else "nobody@example.com", "wrong password!"), "browser"
        )
    assert refusal.value.detail == "check the e-mail address and the password"
    assert refusal.value.facts == {}


async def test_five_failures_close_the_account_for_a_minute(at: Installation) -> None:
    who = await person(at)
    for number in range(5):
        with pytest.raises(CredentialsInvalid):
            await sign_in.sign_in(
                at.db,
                at.identity,
                attempt(who, "wrong password!", caller=Caller(f"198.51.100.{number}", "x")),
                "browser",
            )
    with pytest.raises(RateLimited) as refusal:
        await enter(at, who)
    assert 0 < int(refusal.value.headers["Retry-After"]) <= 61


async def test_a_tenant_one_does_not_belong_to_cannot_be_entered(at: Installation) -> None:
    who = await person(at)
    with pytest.raises(NoMembership):
        await sign_in.sign_in(at.db, at.identity, attempt(who, tenant_id=TenantId.new()), "browser")


async def test_an_ended_session_is_over_at_once(at: Installation) -> None:
    started = await enter(at, await person(at))
    scope = await scope_of(at, started)
    async with at.db.begin(scope) as uow:
        await account.end_session(uow, started.session_id, "test")
    assert not await is_running(at, started)


async def test_a_new_password_ends_every_other_session(at: Installation) -> None:
    who = await person(at)
    here, elsewhere = await enter(at, who), await enter(at, who)
    await account.change_password(at.db, at.identity, await scope_of(at, here), PASSWORD, "another fine pass phrase")
    assert await is_running(at, here)
    assert not await is_running(at, elsewhere)
    with pytest.raises(CredentialsInvalid):
        await enter(at, who)


@pytest.mark.parametrize("weak", ["short", "passwordpassword", "aaaaaaaaaaaaaaaa", "x" * 129])
async def test_a_weak_password_is_refused_and_the_old_one_stays(at: Installation, weak: str) -> None:
    who = await person(at)
    started = await enter(at, who)
    with pytest.raises(PasswordTooWeak):
        await account.change_password(at.db, at.identity, await scope_of(at, started), PASSWORD, weak)
    await enter(at, who)


async def test_a_reset_link_works_once_and_ends_all_sessions(at: Installation, tmp_path: Path) -> None:
    who = await person(at)
    started = await enter(at, who)
    await account.request_reset(at.db, at.identity, who.email.upper())
    await account.request_reset(at.db, at.identity, "nobody@example.com")
    token = token_in_the_only_mail(tmp_path)
    await account.reset_password(at.db, at.identity, token, "another fine pass phrase")
    assert not await is_running(at, started)
    with pytest.raises(ResetInvalid):
        await account.reset_password(at.db, at.identity, token, "yet another pass phrase")
    await enter(at, who, password="another fine pass phrase")


def token_in_the_only_mail(folder: Path) -> str:
    [mail] = [path for path in folder.rglob("*") if path.is_file()]
    text = mail.read_text().replace("=\n", "").replace("=3D", "=")
    return text.split("token=", 1)[1].split()[0]


async def tokens_of(at: Installation, who: Person) -> Tokens:
    return await sign_in.issue_tokens(at.db, at.identity, await enter(at, who, "token"))


async def refresh(at: Installation, token: str, caller: Caller = LAPTOP) -> Tokens:
    return await sign_in.refresh_tokens(at.db, at.identity, token, caller, RequestId.new())


async def test_an_access_token_names_its_running_session(at: Installation) -> None:
    who = await person(at)
    claims = at.identity.signer.read((await tokens_of(at, who)).access, machine_timestamp())
    access = await session_by(at, claims.session_id.uuid, None)
    assert claims.user_id == who.id
    assert access is not None
    assert access.user_id == who.id.uuid


async def test_twenty_refreshes_at_once_have_one_successor_and_log_nobody_out(at: Installation) -> None:
    first = await tokens_of(at, await person(at))
    found = await asyncio.gather(*(refresh(at, first.refresh) for _ in range(20)))
    assert len({tokens.refresh for tokens in found}) == 1
    assert (await refresh(at, found[0].refresh)).refresh != found[0].refresh


async def test_a_used_token_from_another_client_ends_the_family(at: Installation) -> None:
    first = await tokens_of(at, await person(at))
    second = await refresh(at, first.refresh)
    with pytest.raises(SessionRevoked):
        await refresh(at, first.refresh, Caller("198.51.100.99", "a thief"))
    with pytest.raises(SessionRevoked):
        await refresh(at, second.refresh)


@pytest.mark.parametrize("token", ["", "made up", "é"])
async def test_a_made_up_refresh_token_is_refused(at: Installation, token: str) -> None:
    with pytest.raises(SessionRevoked):
        await refresh(at, token)


async def protected(at: Installation) -> tuple[Person, str, list[str]]:
    """Somebody with a second factor on, its seed and recovery codes."""
    who = await person(at)
    scope = await scope_of(at, await enter(at, who))
    enrolment = await account.enrol_totp(at.db, at.identity, scope)
    assert not await has_second_factor(at, who)
    recovery = await account.confirm_totp(at.db, at.identity, scope, code_of(enrolment.seed, -1))
    assert await has_second_factor(at, who)
    return who, enrolment.seed, recovery


def code_of(seed: str, step: int = 0) -> str:
    return str(pyotp.TOTP(seed).at(machine_timestamp() + 30 * step))


async def test_with_a_second_factor_the_password_alone_is_not_enough(at: Installation) -> None:
    who, seed, _ = await protected(at)
    with pytest.raises(SecondFactorRequired):
        await enter(at, who)
    with pytest.raises(SecondFactorInvalid):
        await enter(at, who, code="000000")
    await enter(at, who, code=code_of(seed))


async def test_a_code_works_once_even_twenty_times_at_once(at: Installation) -> None:
    who, seed, _ = await protected(at)
    code = code_of(seed)

    async def once() -> bool:
        try:
            await sign_in.require_second_factor(at.db, at.identity, who.id, code)
        except SecondFactorInvalid:
            return False
        return True

    assert sum(await asyncio.gather(*(once() for _ in range(20)))) == 1


async def test_a_recovery_code_works_once(at: Installation) -> None:
    who, _, recovery = await protected(at)
    await enter(at, who, code=recovery[3])
    with pytest.raises(SecondFactorInvalid):
        await enter(at, who, code=recovery[3])
    await enter(at, who, code=recovery[4])
