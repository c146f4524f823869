"""A caller who is remembered: the next transfer knows whatever has changed, and only transfers do without asking."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx2
import psycopg
import pytest

from specie.identity.authenticator import IdentityAuthenticator
from specie.kernel.ids import uuid7
from specie.platform.config import Settings
from tests.app.callers import sandbox_key
from tests.app.till import TRANSFERS, Till, rupiah

Change = Callable[[str], None]


@pytest.fixture
def key(settings: Settings) -> str:
    """A key of a tenant of its own."""
    return asyncio.run(sandbox_key(settings, f"known-{uuid7().hex[-8:]}"))


@pytest.fixture
def till(client: httpx2.Client, key: str) -> Till:
    """A till whose caller has just sent something, so that the process remembers who it is."""
    made = Till(client, key)
    made.send()
    return made


@pytest.fixture
def change(superuser_connection: psycopg.Connection, till: Till) -> Change:
    """Change the row of the till's key, as another process would."""
    where = "where tenant_id = (select tenant_id from specie.wallet where id = specie.id_uuid(%s))"

    def do(assignment: str) -> None:
        superuser_connection.execute(f"update specie.api_key set {assignment} {where}", [till.payer["id"]])

    return do


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths of the requests for which it was found out who asks."""
    paths: list[str] = []
    authenticate = IdentityAuthenticator.authenticate

    async def noting(self: IdentityAuthenticator, request: Any) -> Any:
        paths.append(request.scope["path"])
        return await authenticate(self, request)

    monkeypatch.setattr(IdentityAuthenticator, "authenticate", noting)
    return paths


def test_who_sent_a_moment_ago_is_not_looked_up_again(till: Till, asked: list[str]) -> None:
    till.send()
    till.send()
    assert asked == []
    assert till.available(till.payee) == 30


def test_a_revoked_key_sends_nothing_more(till: Till, change: Change) -> None:
    change("revoked_at = now()")
    assert till.send(status=401)["code"] == "api_key_revoked"
    change("revoked_at = null")
    assert till.available(till.payee) == 10


def test_an_expired_key_sends_nothing_more(till: Till, change: Change) -> None:
    change("expires_at = now()")
    assert till.send(status=401)["code"] == "api_key_expired"
    change("expires_at = now() + interval '1 day'")
    assert till.available(till.payee) == 10


def test_a_key_that_lost_the_permission_sends_nothing_more(till: Till, change: Change) -> None:
    change("permissions = array_remove(permissions, 'transfers:create')")
    refused = till.send(status=403)
    assert (refused["code"], refused["permission"]) == ("missing_scope", "transfers:create")
    assert till.available(till.payee) == 10


def test_a_key_that_is_bound_to_other_addresses_sends_nothing_more(till: Till, change: Change) -> None:
    change("networks = '{203.0.113.0/24}'")
    assert till.send(status=403)["code"] == "ip_not_allowed"
    change("networks = '{}'")
    assert till.available(till.payee) == 10


def test_a_revoked_key_hears_no_earlier_answer(till: Till, change: Change) -> None:
    till.send(key="once")
    till.send(key="too-much", amount=rupiah(10_000), status=422)
    change("revoked_at = now()")
    assert till.send(key="once", status=401)["code"] == "api_key_revoked"
    assert till.send(key="too-much", amount=rupiah(10_000), status=401)["code"] == "api_key_revoked"


def test_the_next_transfer_follows_the_sandbox_s_clock(till: Till, superuser_connection: psycopg.Connection) -> None:
    before = till.send()
    superuser_connection.execute(
        "insert into specie.tenant_clock (tenant_id, offset_seconds)"
        " select tenant_id, 40 * 86400 from specie.wallet where id = specie.id_uuid(%s)",
        [till.payer["id"]],
    )
    days = datetime.fromisoformat(till.send()["effective_at"]) - datetime.fromisoformat(before["effective_at"])
    assert days.days == 40


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (TRANSFERS, {"amount": rupiah(10_000)}, 422),
        (TRANSFERS, {"amount": rupiah(-1)}, 422),
        (TRANSFERS, {"to": {"wallet_id": "wal_00000000000000000000000000"}}, 404),
        (TRANSFERS, {"scheduled_for": "2000-01-01T00:00:00Z"}, 422),
        (f"{TRANSFERS}?dry_run=true", {}, 200),
    ],
)
def test_what_is_not_posted_is_answered_as_to_a_stranger(
    till: Till, path: str, body: dict[str, Any], status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = uuid7().hex
    known = till.send(path, key=key, status=status, **body)
    monkeypatch.setattr(IdentityAuthenticator, "remembered", lambda *_: None)
    strange = till.send(path, key=uuid7().hex, status=status, **body)
    own = {"request_id", "instance", "id", "entry_id", "effective_at"}
    assert {k: v for k, v in known.items() if k not in own} == {k: v for k, v in strange.items() if k not in own}


def test_a_repeated_transfer_is_answered_as_before(till: Till) -> None:
    first = till.send(key="twice")
    assert till.send(key="twice") == first
    assert till.available(till.payee) == 20


def test_each_request_counts_once_against_the_key_s_limit(till: Till, client: httpx2.Client, key: str) -> None:
    def left(amount: int) -> int:
        body = {"from_wallet_id": till.payer["id"], "to": {"wallet_id": till.payee["id"]}}
        headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": uuid7().hex}
        asked = body | {"amount": rupiah(amount)}
        return int(
            client.post(TRANSFERS, json=asked, headers=headers).headers["ratelimit"].split("r=")[1].split(";")[0]
        )

    posted, refused = left(10), left(10_000)
    assert (posted - refused, refused - left(10)) == (1, 1)
