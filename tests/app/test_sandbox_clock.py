"""Moving a sandbox's clock: what falls due on the way happens, in its order, at its own time."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI, Request
from sqlalchemy import text

from specie.app.wiring import build
from specie.identity import scopes, service
from specie.identity.model import Tenant
from specie.identity.scopes import system_scope
from specie.identity.service import NewTenant
from specie.kernel.ids import RequestId
from specie.kernel.scope import Scope
from specie.parties import PartyKind, create_party
from specie.platform.config import Settings
from specie.platform.db import Database


@pytest.fixture(scope="module")
async def tenants(settings: Settings, database: Database) -> tuple[Tenant, Tenant]:
    services = build(settings)
    async with services.db.begin(None) as uow:
        made = await service.create_tenant(uow, NewTenant("Clockwork", "clockwork", "Asia/Jakarta"))
    await services.db.close()
    return made


class Caller:
    """Lets everybody in as Specie itself, in one tenant, with its clock as it stands."""

    def __init__(self, database: Database, tenant: Tenant) -> None:
        self._database = database
        self._tenant = tenant

    async def authenticate(self, request: Request) -> Scope:
        return await scopes.scope_for_job(self._database, self._tenant.id, "test", RequestId.new())


@pytest.fixture
def sandbox(app: FastAPI, client: httpx2.Client, tenants: tuple[Tenant, Tenant]) -> Iterator[httpx2.Client]:
    before = app.state.authenticator
    app.state.authenticator = Caller(app.state.db, tenants[1])
    yield client
    app.state.authenticator = before


async def a_merchant(settings: Settings, database: Database, tenant: Tenant) -> str:
    services = build(settings)
    async with database.begin(system_scope(tenant)) as uow:
        known = {"name": "Kedai"}
        party = await create_party(uow, services.vault, kind=PartyKind.COMPANY, roles=["merchant"], known=known)
    await services.db.close()
    return str(party.id)


def pay(client: httpx2.Client, merchant: str, reference: str, expires_in: int) -> dict[str, Any]:
    body = {
        "merchant_id": merchant,
        "reference": reference,
        "amount": {"amount": 1500, "currency": "JPY"},
        "expires_in": expires_in,
    }
    answer = client.post("/api/v1/payments", json=body, headers={"Idempotency-Key": reference})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_what_falls_due_on_the_way_happens_at_its_own_time(
    sandbox: httpx2.Client, settings: Settings, database: Database, tenants: tuple[Tenant, Tenant]
) -> None:
    merchant = await a_merchant(settings, database, tenants[1])
    soon, later, never = (pay(sandbox, merchant, f"order-{hours}", hours * 3600) for hours in (1, 2, 48))
    answer = sandbox.post("/api/v1/sandbox/clock/advance", json={"seconds": 86_400})
    assert answer.status_code == 200, answer.text
    assert answer.json()["done"] == 2
    assert 86_400 <= answer.json()["ahead_seconds"] <= 86_410
    shown = [sandbox.get(f"/api/v1/payments/{one['id']}").json() for one in (soon, later, never)]
    assert [one["status"] for one in shown] == ["expired", "expired", "created"]
    for payment, one in zip((soon, later), shown, strict=False):
        expired = next(step for step in one["timeline"] if step["status"] == "expired")
        late = datetime.fromisoformat(expired["at"]) - datetime.fromisoformat(payment["expires_at"])
        assert timedelta(0) <= late < timedelta(seconds=5)
    clock = sandbox.get("/api/v1/sandbox/clock").json()
    assert clock["ahead_seconds"] == answer.json()["ahead_seconds"]
    # The worker is left nothing of it: a question done twice would plan the next one twice, and so on.
    async with database.system() as uow:
        queued = text("select count(*) from procrastinate_jobs where task_name = 'payments.expire'")
        assert (await uow.execute(queued)).scalar_one() == 0


@pytest.mark.parametrize("seconds", [0, -5, 1.5, "60", 10**9])
def test_a_clock_goes_forward_by_whole_seconds_and_not_too_far(sandbox: httpx2.Client, seconds: object) -> None:
    before = sandbox.get("/api/v1/sandbox/clock").json()["ahead_seconds"]
    assert sandbox.post("/api/v1/sandbox/clock/advance", json={"seconds": seconds}).status_code == 422
    assert sandbox.get("/api/v1/sandbox/clock").json()["ahead_seconds"] == before


def test_a_live_clock_cannot_be_moved(app: FastAPI, sandbox: httpx2.Client, tenants: tuple[Tenant, Tenant]) -> None:
    app.state.authenticator = Caller(app.state.db, tenants[0])
    answer = sandbox.post("/api/v1/sandbox/clock/advance", json={"seconds": 60})
    assert (answer.status_code, answer.json()["code"]) == (409, "clock_is_real")
    assert sandbox.get("/api/v1/sandbox/clock").json()["ahead_seconds"] == 0


def test_a_clock_moved_under_a_key_moves_once(sandbox: httpx2.Client) -> None:
    headers = {"Idempotency-Key": "an-hour-on"}
    first, again = (
        sandbox.post("/api/v1/sandbox/clock/advance", json={"seconds": 3600}, headers=headers) for _ in range(2)
    )
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json() == first.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    after = sandbox.get("/api/v1/sandbox/clock").json()["ahead_seconds"]
    assert after == first.json()["ahead_seconds"]
