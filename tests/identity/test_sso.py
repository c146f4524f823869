"""Single sign-on against a provider that is a process of its own: who is let in, and every lie that is not believed."""

import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
import pytest_asyncio
from fastapi import FastAPI

from specie.identity import sso_store, store
from specie.identity.model import Role, Tenant
from specie.identity.scopes import system_scope
from specie.identity.service import NewTenant, add_member, create_tenant, memberships
from specie.identity.sso_model import SsoProvider
from specie.kernel.ids import TenantId, UserId
from specie.platform.db import Database
from specie.platform.outbound import DEVELOPMENT
from tests.identity.callers import Visitor
from tests.identity.people import Installation, Person, person
from tests.support.oidc_provider import CLIENT, SECRET

SITE = "https://pay.example"
COOKIE = "__Host-specie"


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """The provider's process."""
    command = [sys.executable, "-m", "tests.support.oidc_provider"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.terminate()


@dataclass
class Door:
    """A tenant with its provider, and a browser before it."""

    app: FastAPI
    db: Database
    installation: Installation
    tenant: Tenant
    issuer: str

    async def trust(self, domains: tuple[str, ...] = (), role: Role | None = None) -> None:
        """Let the tenant trust the provider."""
        known = SsoProvider("Sign in with Kopi", self.issuer, CLIENT, SECRET, domains, role, True, 1)
        async with self.db.begin(system_scope(self.tenant)) as uow:
            await sso_store.save_provider(uow, self.installation.identity.keys.ring, known)

    async def tell(self, fault: str = "", **person: Any) -> None:
        """Say whom the provider recognises, and how it lies."""
        known = {"sub": "kopi|1", "email_verified": True, "name": "Sri Wahyuni"} | person
        async with httpx2.AsyncClient(trust_env=False) as client:
            await client.post(f"{self.issuer}/control", json={"person": known, "fault": fault})

    def browser(self) -> httpx2.AsyncClient:
        """A browser without cookies."""
        transport = httpx2.ASGITransport(app=self.app)
        return httpx2.AsyncClient(transport=transport, base_url=SITE)

    async def go(self, browser: httpx2.AsyncClient) -> httpx2.URL:
        """From the button to where the provider sends the browser back to."""
        start = await browser.get(f"/api/v1/auth/sso/start?tenant={self.tenant.slug}")
        assert start.status_code == 303, start.text
        async with httpx2.AsyncClient(trust_env=False) as outside:
            there = await outside.get(start.headers["location"])
        assert there.status_code == 302, there.text
        return httpx2.URL(there.headers["location"])

    async def sign_in(self) -> tuple[str, httpx2.AsyncClient]:
        """The whole way; where it ends, and the browser with its cookies."""
        browser = self.browser()
        back = await self.go(browser)
        answer = await browser.get(f"{back.path}?{back.query.decode()}")
        assert answer.status_code == 303
        return answer.headers["location"], browser


@pytest_asyncio.fixture(loop_scope="session")
async def door(app: FastAPI, house: Installation, issuer: str) -> AsyncIterator[Door]:
    """A fresh tenant that trusts the provider."""
    outbound = app.state.services["outbound"]
    before, outbound.tenant_policy = outbound.tenant_policy, DEVELOPMENT
    async with house.db.begin(None) as uow:
        live, _ = await create_tenant(uow, NewTenant("Kopi", f"sso-{TenantId.new().uuid.hex[-10:]}"))
    made = Door(app, house.db, Installation(house.db, house.identity, live), live, issuer)
    await made.trust()
    yield made
    outbound.tenant_policy = before


async def member(door: Door, role: Role = Role.SALES) -> Person:
    return await person(door.installation, role)


async def test_a_member_is_recognised_by_the_verified_address_and_then_by_the_subject(door: Door) -> None:
    sri = await member(door)
    await door.tell(email=sri.email.upper())
    where, browser = await door.sign_in()
    assert (where, COOKIE in browser.cookies) == ("/", True)
    me = (await browser.get("/api/v1/me")).json()
    assert (me["user"]["email"], me["tenant"]["id"]) == (sri.email, str(door.tenant.id))
    await door.tell(email="sri.new.name@example.com")
    where, browser = await door.sign_in()
    assert (await browser.get("/api/v1/me")).json()["user"]["email"] == sri.email
    # The address has been given to somebody else at the provider: that is another person.
    await door.tell(email=sri.email, sub="kopi|2")
    where, browser = await door.sign_in()
    assert (where, COOKIE in browser.cookies) == ("/login/?sso=subject", False)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("nonce", "nonce"),
        ("issuer", "issuer"),
        ("discovery_issuer", "issuer"),
        ("audience", "audience"),
        ("audiences", "audience"),
        ("expired", "expired"),
        ("early", "expired"),
        ("none", "algorithm"),
        ("public_key_as_secret", "algorithm"),
        ("signature", "signature"),
        ("unverified", "email"),
        ("text_verified", "email"),
    ],
)
async def test_no_lie_of_the_provider_opens_a_session(door: Door, fault: str, reason: str) -> None:
    sri = await member(door)
    await door.tell(email=sri.email)
    browser = door.browser()
    back = await door.go(browser)
    await door.tell(fault, email=sri.email)
    answer = await browser.get(f"{back.path}?{back.query.decode()}")
    assert answer.headers["location"] == f"/login/?sso={reason}"
    assert COOKIE not in browser.cookies
    assert (await browser.get("/api/v1/me")).status_code == 401


async def test_the_answer_counts_once_and_only_in_the_browser_that_asked(door: Door) -> None:
    sri = await member(door)
    await door.tell(email=sri.email)
    browser, other = door.browser(), door.browser()
    back = await door.go(browser)
    path = f"{back.path}?{back.query.decode()}"
    query = parse_qs(back.query.decode())
    stolen = await other.get(path)
    assert stolen.headers["location"] == "/login/?sso=state"
    forged = await browser.get(f"{back.path}?code={query['code'][0]}&state=made-up")
    assert forged.headers["location"] == "/login/?sso=state"
    browser = door.browser()
    back = await door.go(browser)
    kept = dict(browser.cookies)
    path = f"{back.path}?{back.query.decode()}"
    assert (await browser.get(path)).headers["location"] == "/"
    again = door.browser()
    again.cookies.update(kept)
    assert (await again.get(path)).headers["location"] == "/login/?sso=state"
    unknown = door.browser()
    back = await door.go(unknown)
    answer = await unknown.get(f"{back.path}?code=made-up&state={parse_qs(back.query.decode())['state'][0]}")
    assert answer.headers["location"] == "/login/?sso=code"


async def test_who_comes_from_a_named_domain_becomes_a_member_and_nobody_else_does(door: Door) -> None:
    address = f"new-{door.tenant.slug}@kopi.example"
    await door.tell(email=address, sub="kopi|new")
    assert (await door.sign_in())[0] == "/login/?sso=unknown_person"
    await door.trust(("kopi.example",), Role.VIEWER)
    await door.tell(email=f"new-{door.tenant.slug}@kopi.example.evil.example", sub="kopi|evil")
    assert (await door.sign_in())[0] == "/login/?sso=unknown_person"
    await door.tell(email=address, sub="kopi|new")
    where, browser = await door.sign_in()
    me = (await browser.get("/api/v1/me")).json()
    assert (where, me["role"], me["user"]["name"]) == ("/", "viewer", "Sri Wahyuni")


async def test_a_provider_decides_about_people_of_its_own_tenant_only(door: Door, neighbour: Installation) -> None:
    await door.trust(("example.com",), Role.VIEWER)
    elsewhere = await person(neighbour)
    await door.tell(email=elsewhere.email, sub="kopi|elsewhere")
    assert (await door.sign_in())[0] == "/login/?sso=elsewhere"
    sri = await member(door)
    await door.tell(email=sri.email, sub="kopi|sri")
    where, browser = await door.sign_in()
    assert where == "/"
    async with door.db.begin(system_scope(neighbour.tenant)) as uow:
        await add_member(uow, sri.id, Role.OWNER)
    token = (await browser.get("/api/v1/me")).json()["csrf_token"]
    headers = {"x-csrf-token": token, "origin": SITE}
    refused = await browser.post("/api/v1/me/tenant", json={"tenant_id": str(neighbour.tenant.id)}, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "no_membership")
    twin = await browser.post("/api/v1/me/tenant", json={"tenant_id": str(door.tenant.twin_id)}, headers=headers)
    assert twin.status_code == 200, twin.text
    async with door.db.begin(None) as uow:
        assert len(await memberships(uow, sri.id)) == 4


async def test_a_sandboxs_provider_opens_nothing_for_those_who_work_in_live(door: Door) -> None:
    async with door.db.begin(None) as uow:
        sandbox = await store.tenant_by_id(uow, door.tenant.twin_id.uuid)
    assert sandbox is not None
    trial = replace(door, tenant=sandbox)
    await trial.trust(("kopi.example",), Role.VIEWER)
    owner = await member(door, Role.OWNER)
    await trial.tell(email=owner.email, sub="trial|owner")
    assert (await trial.sign_in())[0] == "/login/?sso=elsewhere"
    address = f"trial-{door.tenant.slug}@kopi.example"
    await trial.tell(email=address, sub="trial|new")
    where, browser = await trial.sign_in()
    me = (await browser.get("/api/v1/me")).json()
    assert (where, me["tenant"]["mode"]) == ("/", "sandbox")
    # Invited to live afterwards, the session still works where its provider speaks.
    async with door.db.begin(system_scope(door.tenant)) as uow:
        await add_member(uow, UserId.parse(me["user"]["id"]), Role.OWNER)
    headers = {"x-csrf-token": me["csrf_token"], "origin": SITE}
    live = await browser.post("/api/v1/me/tenant", json={"tenant_id": str(door.tenant.id)}, headers=headers)
    assert (live.status_code, live.json()["code"]) == (403, "no_membership")


async def test_the_log_in_page_learns_of_the_button_and_a_tenant_without_provider_has_none(
    door: Door, neighbour: Installation
) -> None:
    async with door.browser() as browser:
        [offered] = (await browser.get(f"/api/v1/auth/sso?tenant={door.tenant.slug}")).json()["data"]
        none = (await browser.get(f"/api/v1/auth/sso?tenant={neighbour.tenant.slug}")).json()["data"]
        nobody = (await browser.get("/api/v1/auth/sso?tenant=no-such-tenant")).json()["data"]
        start = await browser.get(f"/api/v1/auth/sso/start?tenant={neighbour.tenant.slug}")
    assert offered == {"name": "Sign in with Kopi", "url": f"/api/v1/auth/sso/start?tenant={door.tenant.slug}"}
    assert (none, nobody, start.status_code, start.json()["code"]) == ([], [], 404, "sso_not_configured")


async def test_those_in_charge_set_the_provider_up_and_its_secret_stays_with_its_issuer(door: Door) -> None:
    owner = Visitor(door.app)
    await owner.log_in(await member(door, Role.OWNER))
    body = {"name": "Kopi", "issuer": door.issuer, "client_id": CLIENT, "client_secret": SECRET}
    made = await owner.write("PUT", "/sso", body)
    assert made.status_code == 200, made.text
    assert (made.json()["redirect_uri"], "client_secret" in made.json()) == (f"{SITE}/api/v1/auth/sso/callback", False)
    kept = await owner.write("PUT", "/sso", {k: v for k, v in body.items() if k != "client_secret"})
    half = await owner.write("PUT", "/sso", body | {"domains": ["kopi.example"]})
    checked = await owner.write("POST", "/sso/check", {})
    assert (checked.status_code, checked.json()["keys"]) == (200, 1), checked.text
    await door.tell("discovery_issuer", email="x@example.com")
    liar = await owner.write("PUT", "/sso", body)
    unwell = await owner.write("POST", "/sso/check", {})
    # Whoever lies can still be switched off.
    off = await owner.write("PUT", "/sso", body | {"is_enabled": False})
    assert (off.status_code, off.json()["is_enabled"]) == (200, False)
    assert [(one.status_code, one.json()["param"]) for one in (liar, unwell)] == [(422, "issuer")] * 2
    gone = await owner.write("DELETE", "/sso")
    assert (kept.status_code, half.json()["code"], liar.json()["code"]) == (200, "sso_invalid", "sso_invalid")
    assert gone.status_code == 204
    async with door.db.begin(system_scope(door.tenant)) as uow:
        assert await sso_store.provider(uow, door.installation.identity.keys.ring) is None
        assert await store.tenant_by_id(uow, door.tenant.id.uuid) is not None
    assert urlsplit(door.issuer).hostname == "127.0.0.1"


async def test_an_admin_changes_the_sign_on_of_the_sandbox_only(door: Door) -> None:
    admin = Visitor(door.app)
    await admin.log_in(await member(door, Role.ADMIN))
    await door.tell()
    body = {"name": "Mine", "issuer": door.issuer, "client_id": "mine", "client_secret": SECRET}
    refusals = [await admin.write("PUT", "/sso", body), await admin.write("DELETE", "/sso")]
    assert [(one.status_code, one.json()["code"]) for one in refusals] == [(403, "role_too_high")] * 2
    async with door.db.begin(system_scope(door.tenant)) as uow:
        kept = await sso_store.provider(uow, door.installation.identity.keys.ring)
    assert kept is not None
    assert kept.client_id == CLIENT
    await admin.write("POST", "/me/tenant", {"tenant_id": str(door.tenant.twin_id)})
    assert (await admin.write("PUT", "/sso", body)).status_code == 200
