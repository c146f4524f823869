"""Where money is real, staff sets up a second factor before doing anything else."""

import psycopg
import pyotp
import pytest
from fastapi import FastAPI

from specie.identity.model import SECOND_FACTOR_ROLES, Role
from specie.platform.config import Settings
from tests.identity.callers import Visitor, code
from tests.identity.people import PASSWORD, Installation, person
from tests.support.server import DatabaseUrls
from tests.support.settings import unhurried

SETUP = (403, "second_factor_setup_required")


@pytest.fixture(scope="module")
def settings(database_urls: DatabaseUrls, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """An installation for real money."""
    return unhurried(
        database_urls,
        tmp_path_factory.mktemp("state"),
        environment="production",
        base_url="https://pay.example",
        secret_key="s" * 48,
        master_key="QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=",
    )


async def at_work(app: FastAPI, house: Installation, role: Role) -> Visitor:
    visitor = Visitor(app)
    assert (await visitor.log_in(await person(house, role))).status_code == 200
    return visitor


@pytest.mark.parametrize("role", [role for role in Role if not role.is_limited_to_party])
async def test_staff_without_a_second_factor_gets_only_their_own_account(
    app: FastAPI, house: Installation, role: Role
) -> None:
    visitor = await at_work(app, house, role)
    is_asked = role in SECOND_FACTOR_ROLES
    me = await visitor.get("/me")
    assert (me.status_code, me.json()["second_factor_missing"]) == (200, is_asked)
    tenant = await visitor.get("/tenant")
    assert (code(tenant) == SETUP) if is_asked else (tenant.status_code == 200)


async def test_the_refusal_says_what_to_do_and_doing_it_opens_everything(app: FastAPI, house: Installation) -> None:
    owner = await at_work(app, house, Role.OWNER)
    refusal = (await owner.get("/tenant")).json()
    assert "POST /auth/totp/enrol" in refusal["detail"]
    seed = (await owner.write("POST", "/auth/totp/enrol", {})).json()["seed"]
    confirmed = await owner.write("POST", "/auth/totp/confirm", {"code": pyotp.TOTP(seed).now()})
    assert len(confirmed.json()["recovery_codes"]) == 10
    assert (await owner.get("/me")).json()["second_factor_missing"] is False
    assert (await owner.get("/tenant")).status_code == 200


async def test_no_write_gets_through_before(
    app: FastAPI, house: Installation, superuser_connection: psycopg.Connection
) -> None:
    owner = await at_work(app, house, Role.OWNER)
    keys = "select count(*) from specie.api_key"
    before = superuser_connection.execute(keys).fetchone()
    made = await owner.write("POST", "/api-keys", {"name": "till", "permissions": ["payments:read"]})
    assert code(made) == SETUP
    assert superuser_connection.execute(keys).fetchone() == before


async def test_an_access_token_is_asked_as_a_browser_is(app: FastAPI, house: Installation) -> None:
    visitor, who = Visitor(app), await person(house, Role.FINANCE)
    tokens = await visitor.send("POST", "/auth/token", {"email": who.email, "password": PASSWORD})
    answer = await visitor.with_bearer("GET", "/tenant", tokens.json()["access_token"])
    assert code(answer) == SETUP


async def test_a_sandbox_asks_nobody(app: FastAPI, house: Installation) -> None:
    owner = await at_work(app, house, Role.OWNER)
    switched = await owner.write("POST", "/me/tenant", {"tenant_id": str(house.tenant.twin_id)})
    assert (switched.json()["tenant"]["mode"], switched.json()["second_factor_missing"]) == ("sandbox", False)
    assert (await owner.get("/tenant")).status_code == 200
    back = await owner.write("POST", "/me/tenant", {"tenant_id": str(house.tenant.id)})
    assert back.json()["second_factor_missing"] is True


async def test_a_platform_admin_makes_no_tenants_from_a_sandbox_without_one(app: FastAPI, house: Installation) -> None:
    admin = await at_work(app, house, Role.PLATFORM_ADMIN)
    switched = await admin.write("POST", "/me/tenant", {"tenant_id": str(house.tenant.twin_id)})
    assert (switched.json()["tenant"]["mode"], switched.json()["second_factor_missing"]) == ("sandbox", True)
    assert code(await admin.get("/tenants")) == SETUP
    assert code(await admin.write("POST", "/tenants", {"name": "Susu", "slug": "susu"})) == SETUP


async def test_a_sandboxs_provider_has_shown_nothing_for_live(
    app: FastAPI, house: Installation, superuser_connection: psycopg.Connection
) -> None:
    visitor, who = Visitor(app), await person(house, Role.OWNER)
    await visitor.log_in(who)
    superuser_connection.execute(
        "update specie.session set sso_tenant = %s where user_id = %s", [house.tenant.twin_id.uuid, who.id.uuid]
    )
    assert (await visitor.get("/me")).json()["second_factor_missing"] is True
    assert code(await visitor.get("/tenant")) == SETUP


async def test_who_came_through_the_organisations_own_provider_has_shown_it_there(
    app: FastAPI, house: Installation, superuser_connection: psycopg.Connection
) -> None:
    visitor, who = Visitor(app), await person(house, Role.OWNER)
    assert (await visitor.log_in(who)).json()["second_factor_missing"] is True
    superuser_connection.execute(
        "update specie.session set sso_tenant = current_tenant where user_id = %s", [who.id.uuid]
    )
    assert (await visitor.get("/me")).json()["second_factor_missing"] is False
    assert (await visitor.get("/tenant")).status_code == 200
