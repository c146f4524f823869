"""API keys: shown once, stored as a digest, ended at once, and cheap to refuse."""

import re
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request

from specie.identity import keys, remembering
from specie.identity.authenticator import IdentityAuthenticator
from specie.identity.errors import (
    AddressNotAllowed,
    ApiKeyExpired,
    ApiKeyInvalid,
    ApiKeyRevoked,
    RoleTooHigh,
    TokenInvalid,
)
from specie.identity.key_text import new_key, read_key
from specie.identity.keys import KeyEnded, NewKey
from specie.identity.scopes import system_scope
from specie.kernel.clock import BusinessClock, monotonic
from specie.kernel.errors import InvalidField, SpecieError, Unauthenticated
from specie.kernel.ids import ApiKeyId
from specie.kernel.permissions import Permission
from specie.kernel.scope import Mode, Scope
from specie.platform.db import Database
from tests.identity.people import Installation, install
from tests.support.scopes import fresh_scope

READ = frozenset({Permission.PAYMENTS_READ})


@pytest.fixture
async def at(database: Database, tmp_path: Path) -> Installation:
    return await install(database, tmp_path)


@dataclass
class NoDatabase:
    """Fails the test when it is asked anything."""

    asked: list[str] = field(default_factory=list)

    async def ask(self, *_: Any) -> Any:
        raise AssertionError("the database was asked")


def request(*headers: tuple[str, str], address: str = "203.0.113.7") -> Request:
    raw = [(name.lower().encode(), value.encode()) for name, value in headers]
    return Request({"type": "http", "method": "GET", "path": "/", "headers": raw, "client": (address, 1), "state": {}})


def bearer(token: str, address: str = "203.0.113.7") -> Request:
    return request(("Authorization", f"Bearer {token}"), address=address)


async def make(at: Installation, scope: Scope | None = None, **more: Any) -> tuple[ApiKeyId, str]:
    acting = scope or system_scope(at.tenant)
    async with at.db.begin(acting) as uow:
        key, text = await keys.create_api_key(uow, at.identity, NewKey("till", READ, **more))
    return ApiKeyId(key.id), text.full


async def let_in(at: Installation, incoming: Request) -> Scope:
    return await IdentityAuthenticator(at.db, at.identity).authenticate(incoming)


async def test_a_key_acts_in_its_tenant_with_its_permissions_only(at: Installation) -> None:
    key_id, text = await make(at)
    scope = await let_in(at, bearer(text))
    assert (scope.tenant_id, scope.permissions, scope.actor.id) == (at.tenant.id, READ, str(key_id))
    assert re.fullmatch(r"spc_live_[0-9A-Za-z]{49}", text)


def test_every_changed_character_breaks_the_checksum() -> None:
    text = new_key(Mode.SANDBOX).full
    assert read_key(text) is not None
    for index in range(9, len(text)):
        other = "a" if text[index] != "a" else "b"
        assert read_key(text[:index] + other + text[index + 1 :]) is None


async def test_a_wrong_checksum_costs_no_database_query(at: Installation) -> None:
    text = new_key(Mode.LIVE).full
    typo = text[:-1] + ("a" if text[-1] != "a" else "b")
    with pytest.raises(ApiKeyInvalid):
        await IdentityAuthenticator(NoDatabase(), at.identity).authenticate(bearer(typo))  # type: ignore[arg-type]


async def test_an_unknown_key_is_refused(at: Installation) -> None:
    with pytest.raises(ApiKeyInvalid):
        await let_in(at, bearer(new_key(Mode.LIVE).full))


async def test_a_revoked_key_is_refused_at_once(at: Installation) -> None:
    key_id, text = await make(at)
    async with at.db.begin(system_scope(at.tenant)) as uow:
        await keys.revoke_api_key(uow, key_id)
    with pytest.raises(ApiKeyRevoked):
        await let_in(at, bearer(text))


async def test_a_key_from_outside_its_networks_is_refused(at: Installation) -> None:
    _, text = await make(at, networks=("198.51.100.0/24",))
    await let_in(at, bearer(text, "198.51.100.9"))
    with pytest.raises(AddressNotAllowed):
        await let_in(at, bearer(text, "203.0.113.7"))


async def test_a_rotated_key_ends_with_its_overlap_and_its_successor_is_valid_at_once(at: Installation) -> None:
    key_id, old = await make(at)
    async with at.db.begin(system_scope(at.tenant)) as uow:
        _, fresh = await keys.rotate_api_key(uow, at.identity, key_id, overlap_hours=0)
    assert (await let_in(at, bearer(fresh.full))).permissions == READ
    with pytest.raises(ApiKeyExpired):
        await let_in(at, bearer(old))
    with pytest.raises(KeyEnded):
        async with at.db.begin(system_scope(at.tenant)) as uow:
            await keys.rotate_api_key(uow, at.identity, key_id, overlap_hours=0)


async def test_a_key_runs_out(at: Installation) -> None:
    scope = system_scope(at.tenant)
    past = Scope(
        scope.tenant_id,
        scope.mode,
        scope.actor,
        scope.permissions,
        BusinessClock(scope.clock.zone, offset=timedelta(days=-3)),
    )
    _, text = await make(at, past, days=1)
    with pytest.raises(ApiKeyExpired):
        await let_in(at, bearer(text))


async def test_nobody_gives_a_key_more_than_they_may_do(at: Installation) -> None:
    limited = fresh_scope(at.tenant.id)
    limited = Scope(limited.tenant_id, Mode.LIVE, limited.actor, READ)
    with pytest.raises(RoleTooHigh):
        async with at.db.begin(limited) as uow:
            await keys.create_api_key(uow, at.identity, NewKey("x", frozenset({Permission.LEDGER_POST})))


async def test_a_key_never_holds_a_person_s_own_account(at: Installation) -> None:
    with pytest.raises(InvalidField):
        async with at.db.begin(system_scope(at.tenant)) as uow:
            await keys.create_api_key(uow, at.identity, NewKey("x", frozenset({Permission.ACCOUNT_SELF})))


@pytest.mark.parametrize(
    ("headers", "refusal"),
    [
        ([], Unauthenticated),
        ([("Authorization", "Bearer ")], Unauthenticated),
        ([("Authorization", "Basic abc")], Unauthenticated),
        ([("Authorization", "Bearer a"), ("Authorization", "Bearer b")], Unauthenticated),
        ([("Authorization", "Bearer not.a.token")], TokenInvalid),
        ([("Authorization", "Bearer eyJhbGciOiJub25lIn0.e30.")], TokenInvalid),
    ],
)
async def test_what_is_no_credential_is_refused(
    at: Installation, headers: list[tuple[str, str]], refusal: type[SpecieError]
) -> None:
    with pytest.raises(refusal):
        await let_in(at, request(*headers))


async def test_a_key_is_remembered_for_half_a_minute_and_for_its_address(
    at: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    door, (_, text) = IdentityAuthenticator(at.db, at.identity), await make(at)
    assert door.remembered(bearer(text)) is None
    scope = await door.authenticate(bearer(text))
    known = door.remembered(bearer(text))
    assert known is not None
    assert replace(known.scope, request_id=scope.request_id) == scope
    assert door.remembered(bearer(text, address="203.0.113.8")) is None
    assert door.remembered(request(("Authorization", f"Basic {text}"))) is None
    monkeypatch.setattr(remembering, "monotonic", lambda: monotonic() + 30)
    assert door.remembered(bearer(text)) is None


async def test_a_key_that_is_not_let_in_is_not_remembered(at: Installation) -> None:
    door, (_, text) = IdentityAuthenticator(at.db, at.identity), await make(at, networks=("198.51.100.0/24",))
    with pytest.raises(AddressNotAllowed):
        await door.authenticate(bearer(text))
    assert door.remembered(bearer(text)) is None
