"""Every route by which a party moves money says which verification of that party it needs, and is held to it."""

import inspect
import re
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx2
import psycopg
import pytest_asyncio

from specie import parties
from specie.app.routers import ROUTERS
from specie.app.wiring import Services, build
from specie.identity.model import ROLE_PERMISSIONS, Role, Tenant
from specie.identity.scopes import system_scope
from specie.kernel.ids import PartyId
from specie.kernel.permissions import Verification
from specie.parties import PartyKind
from specie.platform.config import Settings
from specie.platform.http import SpecieRoute
from specie.platform.metrics import API
from tests.app import things
from tests.app.callers import api_key, organisation

ROUTES = [route for router in ROUTERS for route in router.routes if isinstance(route, SpecieRoute)]
BY_PARTIES = ROLE_PERMISSIONS[Role.MERCHANT] | ROLE_PERMISSIONS[Role.CUSTOMER]
NEEDY = [route for route in ROUTES if route.verification is Verification.APPROVED]
MOVES_MONEY = re.compile(r"\bedge\.(money|require_key)\(")


def source(function: Callable[..., Any], depth: int = 2) -> str:
    """What a function says, and the helpers of its module that it calls."""
    text = inspect.getsource(function)
    called = {function.__globals__.get(name) for name in re.findall(r"\b(_\w+)\(", text)} if depth else set()
    return text + "".join(source(each, depth - 1) for each in called if inspect.isfunction(each))


def test_every_route_by_which_a_party_moves_money_declares_what_it_needs() -> None:
    by_parties = [route for route in ROUTES if route.permission in BY_PARTIES]
    moving = [route for route in by_parties if MOVES_MONEY.search(source(route.endpoint))]
    assert len(moving) > 15
    assert [route.path for route in moving if route.verification is None] == []


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def services(settings: Settings) -> AsyncIterator[Services]:
    made = build(settings)
    yield made
    await made.db.close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def tenant(services: Services) -> Tenant:
    return (await organisation(services, "verified")).sandbox


async def customer(services: Services, tenant: Tenant) -> tuple[PartyId, str]:
    """Somebody nobody has verified, and a key that acts for them alone."""
    known = {"name": "Sri Wahyuni"}
    async with services.db.begin(system_scope(tenant)) as uow:
        made = await parties.create_party(uow, services.vault, kind=PartyKind.PERSON, roles=["customer"], known=known)
    return made.id, await api_key(services, tenant, made.id)


def asked(client: httpx2.Client, key: str) -> dict[str, tuple[int, str]]:
    """What each route that needs a verified party answers to an empty request."""
    # A signed route proves the request first; what comes after that is the same.
    plain = [route for route in NEEDY if type(route) is SpecieRoute]
    headers = {"Authorization": f"Bearer {key}"}
    answers = {
        route.path: client.post(f"{API}{route.path.format_map(things.unknown())}", json={}, headers=headers)
        for route in plain
    }
    return {path: (answer.status_code, answer.json().get("code", "")) for path, answer in answers.items()}


async def test_a_party_nobody_has_verified_takes_no_money_out(
    client: httpx2.Client, services: Services, tenant: Tenant, superuser_connection: psycopg.Connection
) -> None:
    party_id, key = await customer(services, tenant)
    entries = "select count(*) from specie.journal_entry"
    before = superuser_connection.execute(entries).fetchone()
    refused = asked(client, key)
    assert len(refused) >= 3
    assert set(refused.values()) == {(403, "kyc_required")}
    assert superuser_connection.execute(entries).fetchone() == before
    # The state is the reviewer's; how it comes about is told in tests/parties.
    superuser_connection.execute("update specie.party set kyc_state = 'approved' where id = %s", [party_id.uuid])
    assert (403, "kyc_required") not in asked(client, key).values()


async def test_staff_acts_for_others_and_is_not_asked(
    client: httpx2.Client, services: Services, tenant: Tenant
) -> None:
    assert (403, "kyc_required") not in asked(client, await api_key(services, tenant)).values()
